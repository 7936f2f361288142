#!/usr/bin/env bash
# Runs tests under a sanitizer: sanitize.sh thread|address [REGULAR EXPRESSION OF TESTS]
# thread: races (ThreadSanitizer); address: memory errors and leaks (AddressSanitizer, LeakSanitizer). Fails when a test fails or there is
# a report of what *-sanitizer.txt doesn't name. The build and its log are in .build/thread or .build/address.
set -uo pipefail

kind=${1:-}
build=$PWD/.build/$kind
reports=$build/reports
setup=$PWD/config/setup
library=$build/$kind-sanitizer.so
log=$build/test.log

fail() {
  echo "error: $1" >&2
  exit 1
}

# What a sanitizer can't judge: the resident memory it takes itself, packages and commands that are built without it, texts alone.
skipped='MemoryTests|DocumentedCommandsTests|ReferencePageTests|TidyTests'
# A sanitizer's report must not change how a process ends: tests look at that. What it wrote is looked at here.
options="exitcode=0 log_path=$reports/report"
case $kind in
  thread)
    tests=${2:-'KafkaClientTests\.|ModelRuntimeTests\.|MillraceTests\.|MillraceOperationsTests\.|MillraceCLITests\.'}
    # One thread each, and slow.
    skipped="$skipped|MillraceTests\\.Configuration|TransactionGeneratorTests|DryRunTableTests"
    source=$setup/thread-sanitizer.c
    # A test asks for more memory than there is.
    export TSAN_OPTIONS="$options allocator_may_return_null=1 suppressions=$setup/thread-sanitizer.txt second_deadlock_stack=1"
    ;;
  address)
    tests=${2:-'.'}
    light='CELTests\.|EventDecodingTests\.|MillraceTests\.Configuration|TransactionGeneratorTests'
    source=$setup/leak-sanitizer.c
    # A test asks for more memory than there is, and Swift catches signals itself.
    export ASAN_OPTIONS="$options abort_on_error=1 detect_leaks=1 allocator_may_return_null=1 handle_segv=0 suppressions=$setup/address-sanitizer.txt"
    export LSAN_OPTIONS="suppressions=$setup/leak-sanitizer.txt print_suppressions=0"
    ;;
  *) fail "which sanitizer? type: config/setup/sanitize.sh thread, or config/setup/sanitize.sh address" ;;
esac
export MILLRACE_FAULT_SEEDS=${MILLRACE_FAULT_SEEDS:-20}

# Without it functions have no names, and what is to be passed over can't be told.
if ! command -v llvm-symbolizer >/dev/null; then
  tools=$(swiftc -print-target-info | sed -n 's|.*"runtimeResourcePath": "\(.*\)/lib/swift".*|\1/bin|p')
  [ -x "$tools/llvm-symbolizer" ] || fail "there is no llvm-symbolizer, neither on the PATH nor with Swift; it comes with LLVM"
  export PATH=$PATH:$tools
fi

swift build --build-tests --sanitize="$kind" --scratch-path "$build" || exit 1
rm -rf "$reports"
mkdir -p "$reports"
clang -O1 -fPIC -shared "$source" -o "$library" || exit 1

status=0
: >"$log"
run() {
  LD_PRELOAD=$library MILLRACE_SANITIZER_REPORTS=$reports "$build/debug/millracePackageTests.xctest" --testing-library swift-testing \
    --no-parallel --filter "$1" --skip "$2" >>"$log" 2>&1 || status=$?
}
if [ "$kind" = address ] && [ -z "${2:-}" ]; then
  # These allocate much, and nothing in the C libraries that are built without frame pointers.
  run "$light" "$skipped"
  skipped="$skipped|$light"
fi
# LeakSanitizer takes for used what it can't tell who allocated, and finds nobody behind librdkafka's functions but so.
export ASAN_OPTIONS="${ASAN_OPTIONS:-} fast_unwind_on_malloc=0"
run "$tests" "$skipped"
grep -aE '^. (Suite|Test run) .* (passed|failed) after|^✘ .* recorded an issue|^fault suite: ' "$log"
grep -aqE '^. Test run .* (passed|failed) after' "$log" || echo "error: the tests did not end (status $status)" >&2

found=$(grep -rhc '^SUMMARY: ' "$reports" | awk '{ sum += $1 } END { print sum + 0 }')
if [ "$found" -gt 0 ]; then
  grep -rlZ '^SUMMARY: ' "$reports" | xargs -0 cat | swift demangle --simplified
  fail "$found reports of the sanitizer, from .build/$kind/reports; the tests' output is in .build/$kind/test.log"
fi
[ "$status" -eq 0 ] || fail "tests failed; their output is in .build/$kind/test.log"
echo "no report of the $kind sanitizer"
