#!/bin/sh
# Makes .build/NAME, a Python environment that holds packages from PyPI; prints its folder. Again is cheap: venv.sh NAME 'PACKAGES'
set -eu

root=$(CDPATH='' cd -- "$(dirname -- "$0")/../.." && pwd)
home="$root/.build/$1"
packages=$2

if [ "$(cat "$home/packages" 2>/dev/null)" != "$packages" ]; then
  python3 -m venv "$home" >&2
  # shellcheck disable=SC2086 # words on purpose
  "$home/bin/pip" install --quiet --disable-pip-version-check --only-binary=:all: $packages >&2
  echo "$packages" >"$home/packages"
fi
echo "$home"
