#!/bin/sh
# Installs what is missing of the named groups: packages.sh [libraries] [kcat] [promtool] [curl] [pip] [venv] [chromium]
# What counts is that a thing can be used, not that Debian's package brought it: other systems and own builds do.
set -eu

missing=""

has_header() {
  for compiler in clang cc; do
    command -v "$compiler" >/dev/null || continue
    # A compiler that fails before it reads breaks the pipe, which is its answer and no message of ours.
    printf '#if !__has_include(<%s>)\n#error\n#endif\n' "$1" 2>/dev/null | "$compiler" -E -x c++ - >/dev/null 2>&1 && return 0
    return 1
  done
  [ "$(dpkg-query -W -f '${db:Status-Status}' "$2" 2>/dev/null)" = installed ]
}

# SwiftPM asks pkg-config for librdkafka's place, and warns that it is missing where only pkg-config is.
need_libraries() {
  command -v pkg-config >/dev/null || missing="$missing pkg-config"
  has_header librdkafka/rdkafka.h librdkafka-dev || pkg-config --exists rdkafka 2>/dev/null || missing="$missing librdkafka-dev"
  has_header simdjson.h libsimdjson-dev || missing="$missing libsimdjson-dev"
  has_header re2/re2.h libre2-dev || missing="$missing libre2-dev"
  has_header jemalloc/jemalloc.h libjemalloc-dev || missing="$missing libjemalloc-dev"
}

need_kcat() {
  command -v kcat >/dev/null || missing="$missing kcat"
}

# Prometheus' own check of metrics comes with Prometheus.
need_promtool() {
  command -v promtool >/dev/null || missing="$missing prometheus"
}

need_curl() {
  command -v curl >/dev/null || missing="$missing curl"
}

need_pip() {
  python3 -m pip --version >/dev/null 2>&1 || missing="$missing python3-pip"
}

need_venv() {
  python3 -c 'import ensurepip' >/dev/null 2>&1 || missing="$missing python3-venv"
}

# Where a test looks at the dashboard.
need_chromium() {
  [ -x /usr/bin/chromium ] || missing="$missing chromium"
}

fail() {
  echo "error: $1" >&2
  exit 1
}

for group in "$@"; do
  "need_$group"
done
[ -n "$missing" ] || exit 0

if ! command -v apt-get >/dev/null; then
  if command -v dnf >/dev/null; then
    fail "missing:$missing; type: sudo dnf install$(echo "$missing" | sed 's/ lib\(simdjson\|re2\|jemalloc\)/ \1/g; s/-dev/-devel/g; s/pkg-config/pkgconf-pkg-config/')"
  fi
  fail "missing, by Debian's names:$missing; there is no apt-get here: install them, headers included, and type make again"
fi

sudo=""
if [ "$(id -u)" -ne 0 ]; then
  command -v sudo >/dev/null || fail "missing:$missing; there is no sudo here: as root, type: apt-get install$missing"
  # sudo drops the proxy's address, and apt-get then can't reach its mirror.
  sudo="sudo${http_proxy:+ --preserve-env=http_proxy,https_proxy,no_proxy}"
fi

apt() {
  # shellcheck disable=SC2086 # words on purpose
  $sudo apt-get -qq -o DPkg::Lock::Timeout=120 -o Dpkg::Use-Pty=0 "$@" </dev/null >/dev/null
}

echo "Installing$missing"
# An index that can't be renewed may still do; the install decides.
apt update || true
# shellcheck disable=SC2086
apt install -y --no-install-recommends $missing ||
  fail "apt-get could not install what is missing; type: ${sudo:+sudo }apt-get update && ${sudo:+sudo }apt-get install$missing"
