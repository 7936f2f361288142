#!/usr/bin/env bash
# Runs a command with MILLRACE_TEST_BROKERS set to a broker of its own, which ends with it: broker.sh COMMAND…
#
# The broker is noida-db's, in one binary, with transactions, isolation, time look-ups and limits of size, none of which librdkafka's mock
# cluster has. It is no Apache Kafka: docs/contributing.md says where it differs. Only tests use it.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/../.."

version=0.2.3
case $(uname -m) in
  x86_64) digest=40a2fb15567e3d344e7483df62bb439e7d64ac6fb232f4f223554aed58204f82 ;;
  *)
    echo "error: no test broker is known for $(uname -m); set MILLRACE_TEST_BROKERS to a cluster" >&2
    exit 1
    ;;
esac
home=.build/test-broker
if [ "$(cat "$home/digest" 2>/dev/null)" != "$digest" ]; then
  rm -rf "$home"
  mkdir -p "$home"
  echo "noida-db==$version --hash=sha256:$digest" >"$home/requirements.txt"
  python3 -m pip install --quiet --disable-pip-version-check --no-deps --only-binary=:all: --require-hashes --target "$home/packages" \
    --requirement "$home/requirements.txt" >&2
  chmod +x "$home/packages/noida_db/noida-db"
  echo "$digest" >"$home/digest"
fi

data=$(mktemp -d)
broker=
finish() {
  if [ -n "$broker" ]; then
    kill "$broker" 2>/dev/null || true
    for _ in $(seq 50); do kill -0 "$broker" 2>/dev/null && sleep 0.1 || break; done
    kill -9 "$broker" 2>/dev/null || true
    wait "$broker" 2>/dev/null || true
  fi
  rm -rf "$data"
}
trap finish EXIT
port=$(python3 -c 'import socket; s = socket.socket(); s.bind(("127.0.0.1", 0)); print(s.getsockname()[1])')
"$home/packages/noida_db/noida-db" start --data-dir "$data/log" --only kafka --kafka-port "$port" --host 127.0.0.1 >"$data/output" 2>&1 &
broker=$!
for _ in $(seq 100); do
  if kcat -b "127.0.0.1:$port" -L -m 1 >/dev/null 2>&1; then
    MILLRACE_TEST_BROKERS=127.0.0.1:$port "$@"
    exit
  fi
  kill -0 "$broker" 2>/dev/null || break
  sleep 0.1
done
echo "error: the test broker is not ready; this is what it said:" >&2
cat "$data/output" >&2
exit 1
