#!/bin/sh
# Makes .build/checkers, with the tools from PyPI that hold deployment files against their schemas; prints the folder of its commands.
# Again is cheap.
set -eu

root=$(CDPATH='' cd -- "$(dirname -- "$0")/../.." && pwd)
home="$root/.build/checkers"
packages='check-jsonschema==0.* kubernetes-validate==1.*'

if [ "$(cat "$home/packages" 2>/dev/null)" != "$packages" ]; then
  python3 -m venv "$home" >&2
  # shellcheck disable=SC2086 # words on purpose
  "$home/bin/pip" install --quiet --disable-pip-version-check $packages >&2
  echo "$packages" >"$home/packages"
fi
echo "$home/bin"
