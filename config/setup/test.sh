#!/usr/bin/env bash
# Builds and runs the tests: test.sh [--filter TESTS] [--skip TESTS]
# Shows suites, skipped tests and failures; .build/test.log holds every line. Fails when a test fails.
# Without flags all tests run, in two halves side by side: they wait for groups and brokers more than they compute.
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

# Tests that a log sees start and not end: one of them took the process down.
unfinished() {
  awk '
    /^◇ Test [^ ]+\) started\.$/ { running[$3] = 1 }
    /^(✔|✘) Test [^ ]+ (with [0-9]+ test cases? )?(passed|failed) after/ { delete running[$3] }
    END { for (test in running) print "  " test }' "$1" | sort
}

# One after the other in a process, into a log of its own: half LOG FLAGS…
half() {
  local log=$1
  shift
  NO_COLOR=1 "$tests" --testing-library swift-testing --no-parallel "$@" 2>&1 | tee "$log" | show && return
  if ! grep -q '^✘ Test run ' "$log"; then
    echo "error: the tests did not end; these were running:" >&2
    unfinished "$log" >&2
  fi
  return 1
}

swift build --build-tests || exit 1
if [ $# -eq 0 ]; then config/setup/reference.sh || exit 1; fi
if [ -n "${CI:-}" ] && python=$(config/setup/docs.sh); then
  # Where these can't be installed, the test of the docs' Python blocks is skipped, and says so.
  export MILLRACE_TEST_PYTHON=$python
fi
tests=$(swift build --show-bin-path)/millracePackageTests.xctest
status=0
if [ $# -gt 0 ]; then
  half "$log" "$@" || status=1
else
  half .build/test-lanes.log --filter '^MillraceTests\.' --skip '^MillraceTests\.FaultTests/' &
  half .build/test-others.log --skip '^MillraceTests\.(?!FaultTests/)' || status=1
  wait $! || status=1
  cat .build/test-lanes.log .build/test-others.log >"$log"
fi
if [ "$status" -ne 0 ]; then
  echo "error: tests failed; the whole output is in $log, and this is what failed:" >&2
  grep -E '^✘ .* recorded an issue|Fatal error: ' "$log" >&2
fi
exit "$status"
