#!/usr/bin/env bash
# Installs the benchmark's peers: Python packages into .venv, the C++ loop into .build/peers. Again is cheap.
set -euo pipefail

here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
root=$(cd "$here/../.." && pwd)
venv="$root/.venv"
peers="$root/.build/peers"

if ! cmp -s "$here/requirements.txt" "$venv/requirements.installed"; then
  python=${PYTHON:-python3}
  "$python" -c 'import sys; sys.exit(sys.version_info < (3, 11))' || {
    echo "setup.sh: the peers need Python 3.11 or newer, $python is $("$python" --version); set PYTHON" >&2
    exit 69
  }
  "$python" -m venv "$venv" || {
    echo "setup.sh: no virtual environment; on Debian: apt-get install python3-venv" >&2
    exit 69
  }
  "$venv/bin/pip" install --quiet --disable-pip-version-check --requirement "$here/requirements.txt"
  cp "$here/requirements.txt" "$venv/requirements.installed"
fi

for header in /usr/include/librdkafka/rdkafka.h /usr/include/simdjson.h; do
  [ -e "$header" ] || echo "setup.sh: $header is missing; on Debian: apt-get install g++ make librdkafka-dev libsimdjson-dev" >&2
done
make --silent --directory="$here/peers/cpp_loop" BUILD="$peers"
# The C++ loop looks beside itself, so it and the Python peers run the same ONNX Runtime.
ln -sf "$("$venv/bin/python" -c 'import glob, os, onnxruntime
print(max(glob.glob(os.path.join(os.path.dirname(onnxruntime.__file__), "capi", "libonnxruntime.so*"))))')" "$peers/libonnxruntime.so"

echo "peers: $venv/bin/python $here/peers/*.py, $peers/cpp_loop"
