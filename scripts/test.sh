#!/usr/bin/env bash
# Everything CI asks: set-up, build with warnings as errors, fast tests, slow tests, the same under
# sanitizers for the rooms without LibTorch, lint. Returns non-zero if anything failed; the last line
# counts the test cases.
#   scripts/test.sh [--fast]
#     --fast  the fast tests of the release build only
set -euo pipefail
here=$(cd "$(dirname "$0")/.." && pwd)
. "$here/scripts/lib/say.sh"

fast=0
case ${1:-} in
  '') ;;
  --fast) fast=1 ;;
  -h | --help) usage "$0" && exit 0 ;;
  *) die 2 "unknown argument '$1'; see scripts/test.sh --help" ;;
esac

cd "$here"
passed=0 failed=0 skipped=0
logs=build/test-logs
mkdir -p "$logs"

# tier NAME FOLDER LABEL: runs it, says how it went, adds to the counts
tier() {
  local name=$1 dir=$2 label=$3 log counts p f s start=$SECONDS
  log=$logs/${name// /-}.log
  say "tests: $name"
  ctest --test-dir "$dir" -L "^$label\$" -V > "$log" 2>&1 || true
  counts=$(awk -f scripts/lib/count_tests.awk "$log")
  read -r p f s <<< "$counts"
  if [ "$f" != 0 ]; then
    sed -n 's/^[0-9]*: //p' "$log" | grep -vE '^(Test command|Working Directory|Test timeout)' >&2 || true
  else
    grep -hE 'warning:|skipped:' -A1 "$log" | sed -n 's/^[0-9]*:  *\(skipped:.*\)/    \1/p' | sort | uniq >&2
  fi
  note "$name: $p passed, $f failed, $s skipped, $((SECONDS - start)) s (all of it: $log)"
  passed=$((passed + p)) failed=$((failed + f)) skipped=$((skipped + s))
}

# must WHAT COMMAND...: one more thing that passes or fails
must() {
  local what=$1
  shift
  if "$@"; then passed=$((passed + 1)); else
    failed=$((failed + 1))
    note "$what: FAILED"
  fi
}

finish() {
  printf '\n%s passed, %s failed, %s skipped\n' "$passed" "$failed" "$skipped"
  [ "$failed" = 0 ]
}

"$here/scripts/setup.sh" --test-tools
must "build" "$here/scripts/build.sh" ci --tests
if [ "$failed" != 0 ]; then finish && exit 0 || exit 1; fi
tier "fast" build/release fast
if [ $fast = 1 ]; then finish && exit 0 || exit 1; fi
tier "slow" build/release slow

must "build with sanitizers" "$here/scripts/build.sh" asan
export ASAN_OPTIONS=${ASAN_OPTIONS:-allocator_may_return_null=1} UBSAN_OPTIONS=${UBSAN_OPTIONS:-print_stacktrace=1}
if [ "$failed" = 0 ]; then tier "fast under sanitizers" build/asan fast; fi

must "lint" "$here/scripts/lint.sh"
finish && exit 0 || exit 1
