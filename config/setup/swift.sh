#!/bin/sh
# Stops with one line where Swift is missing or too old to read Package.swift.
set -eu

fail() {
  echo "error: $1; install Swift 6.2 or newer: https://www.swift.org/install" >&2
  exit 1
}

command -v swift >/dev/null || fail "there is no swift on the PATH"
answer=$(swift --version 2>&1) || true
version=$(printf '%s\n' "$answer" | sed -n 's/.*Swift version \([0-9][0-9.]*\).*/\1/p')
[ -n "$version" ] || fail "'swift --version' answers '$(printf '%s\n' "$answer" | tail -n 1)'"

major=${version%%.*}
minor=${version#*.}
minor=${minor%%.*}
if [ "$major" -lt 6 ] || { [ "$major" -eq 6 ] && [ "$minor" -lt 2 ]; }; then
  fail "Swift $version is too old"
fi
