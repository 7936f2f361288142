#!/bin/sh
# Makes .build/docs-python, with what the Python blocks of the docs import; prints the path of its interpreter. Again is cheap.
set -eu

root=$(CDPATH='' cd -- "$(dirname -- "$0")/../.." && pwd)
home="$root/.build/docs-python"
# xgboost-cpu is xgboost without the libraries for graphics cards; onnxmltools imports packaging, and doesn't ask for it.
packages='scikit-learn==1.9.* skl2onnx==1.20.* onnxmltools==1.16.* packaging xgboost-cpu==3.* lightgbm==4.*'

if [ "$(cat "$home/packages" 2>/dev/null)" != "$packages" ]; then
  python3 -m venv "$home" >&2
  # shellcheck disable=SC2086 # words on purpose
  "$home/bin/pip" install --quiet --disable-pip-version-check --only-binary=:all: $packages >&2
  echo "$packages" >"$home/packages"
fi
echo "$home/bin/python"
