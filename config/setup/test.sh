#!/usr/bin/env bash
# Builds and runs the tests: test.sh [--filter TESTS] [--skip TESTS]
# Shows suites, skipped tests and failures; .build/test.log holds every line. Fails when a test fails.
# Without flags all tests run, in three parts side by side: they wait for groups and brokers more than they compute.
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

# One after the other in a process, into a log of its own: part LOG FLAGS…
part() {
  local log=$1
  shift
  NO_COLOR=1 "$tests" --testing-library swift-testing --no-parallel "$@" 2>&1 | tee "$log" | show && return
  if ! grep -q '^✘ Test run ' "$log"; then
    echo "error: the tests did not end; these were running:" >&2
    unfinished "$log" >&2
  fi
  return 1
}

# What the mock cluster can't show, against a broker that can. Bounded: a broker that hangs must not hang the tests.
cluster() {
  export tests
  export -f part show unfinished
  # In its groups a member's generation counts up before the members have rejoined; Apache Kafka's and the mock's do not.
  timeout --kill-after=10 600 config/setup/broker.sh bash -c 'part .build/test-cluster.log \
    --filter "^KafkaClientTests\.KafkaClusterTests/" --filter "^MillraceTests\.(ReplayClusterTests|TransactionLaneTests|RedriveTests|DeletedTopicTests)/" \
    --skip "whatIsCommittedWhileBeingRevokedIsWhereTheNextMemberBegins"'
}

swift build --build-tests || exit 1
if [ $# -eq 0 ]; then config/setup/reference.sh || exit 1; fi
# Where these can't be installed, what needs them is skipped, and says so; in CI that is a failure, below.
if checkers=$(config/setup/checkers.sh); then PATH=$checkers:$PATH; fi
if [ -n "${CI:-}" ] && python=$(config/setup/docs.sh); then export MILLRACE_TEST_PYTHON=$python; fi
tests=$(swift build --show-bin-path)/millracePackageTests.xctest
status=0
if [ $# -gt 0 ]; then
  part "$log" "$@" || status=1
else
  # The lanes' suites with an R are replays, redrives, rebalances and routes: with the faults, they take as long as all the others.
  part .build/test-lanes.log --filter '^MillraceTests\.[^R]' --skip '^MillraceTests\.FaultTests/' &
  lanes=$!
  part .build/test-routes.log --filter '^MillraceTests\.(R|FaultTests/)' &
  routes=$!
  part .build/test-others.log --skip '^MillraceTests\.' || status=1
  if [ -n "${MILLRACE_TEST_BROKERS:-}" ]; then
    : # They have had a cluster already.
  elif [ "$(uname -m)" = x86_64 ] || [ -n "${CI:-}" ]; then
    cluster || status=1
  else
    echo "➜ no test broker is known for $(uname -m): what needs a cluster was skipped; MILLRACE_TEST_BROKERS=host:port gives the tests one" >&2
  fi
  wait $lanes || status=1
  wait $routes || status=1
  cat .build/test-{lanes,routes,others,cluster}.log >"$log" 2>/dev/null || true
fi
if [ -n "${CI:-}" ] && grep -E '^➜ .*(not installed|names no Python|there is no )' "$log"; then
  echo "error: these tests were skipped for want of a tool" >&2
  status=1
fi
if [ "$status" -ne 0 ]; then
  echo "error: tests failed; the whole output is in $log, and this is what failed:" >&2
  grep -E '^✘ .* recorded an issue|Fatal error: ' "$log" >&2
fi
exit "$status"
