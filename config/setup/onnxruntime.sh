#!/bin/sh
# Puts ONNX Runtime's library into .onnxruntime/, out of its wheel: from PyPI, or the file given: onnxruntime.sh [WHEEL]
# .onnxruntime/VERSION is written last, so an interrupted run starts over.
set -eu

requirement='onnxruntime>=1.17,<2'
setup=$(dirname -- "$0")
root=$(CDPATH='' cd -- "$setup/../.." && pwd)
home="$root/.onnxruntime"
wheel=${1:-}

fail() {
  echo "error: $1" >&2
  exit 1
}

if [ -z "$wheel" ] && [ -s "$home/VERSION" ] && [ -e "$home/libonnxruntime.so" ]; then
  exit 0
fi

mkdir -p "$home"
work=$(mktemp -d "$home/unpack.XXXXXX")
trap 'rm -rf "$work"' EXIT
trap 'exit 130' INT TERM HUP

command -v python3 >/dev/null || "$setup/packages.sh" pip

if [ -z "$wheel" ]; then
  python=python3
  if ! python3 -m pip --version >/dev/null 2>&1; then
    if python3 -m venv "$work/venv" >/dev/null 2>&1; then
      python="$work/venv/bin/python3"
    else
      "$setup/packages.sh" pip
    fi
  fi

  echo "Downloading ONNX Runtime (about 25 MB)"
  # The library inside is the same for every Python, so where this one has no wheel, another one's will do.
  for tags in '' '--python-version=3.12 --implementation=cp'; do
    # shellcheck disable=SC2086
    "$python" -m pip download -q --no-deps --only-binary=:all: $tags -d "$work" "$requirement" </dev/null 2>"$work/errors" && break
  done
  for wheel in "$work"/onnxruntime-*.whl; do :; done
  if [ ! -f "$wheel" ]; then
    reason=$(tail -n 1 "$work/errors")
    fail "no wheel of $requirement from pip (${reason:-it gave no reason}); with one at hand, type: config/setup/onnxruntime.sh WHEEL"
  fi
fi

python3 - "$wheel" "$work" "$home" 2>"$work/errors" <<'PYTHON' || fail "$wheel: $(tail -n 1 "$work/errors"); with another one at hand, type: config/setup/onnxruntime.sh WHEEL"
import os, sys, zipfile

wheel, work, home = sys.argv[1:]
prefix = "onnxruntime/capi/libonnxruntime.so"
notices = ("onnxruntime/LICENSE", "onnxruntime/ThirdPartyNotices.txt")
try:
    with zipfile.ZipFile(wheel) as archive:
        found = [name for name in archive.namelist() if name.startswith(prefix)]
        if len(found) != 1:
            sys.exit("it holds no " + prefix)
        for old in os.listdir(home):
            if old.startswith("libonnxruntime.so") or old == "VERSION":
                os.remove(os.path.join(home, old))
        for name in archive.namelist():
            if name == found[0] or name in notices:
                os.replace(archive.extract(name, work), os.path.join(home, os.path.basename(name)))
    library = os.path.basename(found[0])
    if library != "libonnxruntime.so":
        os.symlink(library, os.path.join(home, "libonnxruntime.so"))
    with open(os.path.join(home, "VERSION"), "w") as stamp:
        stamp.write((library[len("libonnxruntime.so.") :] or "unknown") + "\n")
except (OSError, zipfile.BadZipFile) as fault:
    sys.exit(str(fault))
PYTHON

echo "ONNX Runtime $(cat "$home/VERSION") is in .onnxruntime"
