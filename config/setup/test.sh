#!/usr/bin/env bash
# Builds and runs the tests: test.sh [FLAGS OF SWIFT TEST]
# Shows suites, skipped tests and failures; .build/test.log holds every line. Fails when a test fails.
set -uo pipefail

log=.build/test.log

# Lines that follow one of Swift Testing's marks belong to it.
show() {
  local line shown=1
  while IFS= read -r line; do
    case $line in
      "◇ Test run started"*) shown=1 ;;
      "◇ "* | "✔ Test case "* | "↳ Testing Library"* | "↳ Target Platform"*) shown=0 ;;
      "✔ Test run "* | "✔ Suite "*) shown=1 ;;
      "✔ "*) shown=0 ;;
      "✘ "* | "➜ "* | "error: "* | "Fatal error: "* | *": Fatal error: "*) shown=1 ;;
    esac
    if [ "$shown" = 1 ]; then printf '%s\n' "$line"; fi
  done
}

# Tests that the log sees start and not end: one of them took the process down.
unfinished() {
  awk '
    /^◇ Test [^ ]+\) started\.$/ { running[$3] = 1 }
    /^(✔|✘) Test [^ ]+ (with [0-9]+ test cases? )?(passed|failed) after/ { delete running[$3] }
    END { for (test in running) print "  " test }' "$log" | sort
}

swift build --build-tests || exit 1
if [ -n "${CI:-}" ] && python=$(config/setup/docs.sh); then
  # Where these can't be installed, the test of the docs' Python blocks is skipped, and says so.
  export MILLRACE_TEST_PYTHON=$python
fi
swift test --skip-build --no-parallel --disable-xctest "$@" 2>&1 | tee "$log" | show || {
  status=$?
  if ! grep -q '^✘ Test run ' "$log"; then
    echo "error: the tests did not end; these were running:" >&2
    unfinished >&2
  fi
  echo "error: tests failed; the whole output is in $log, and this is what failed:" >&2
  grep -E '^✘ .* recorded an issue|Fatal error: ' "$log" >&2
  exit "$status"
}
