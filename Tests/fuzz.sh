#!/usr/bin/env bash
# Coverage-guided fuzzing of everything that reads bytes from outside: libFuzzer, under the address sanitizer, with Swift's own
# checks. A trap, a broken promise (Tests/Fuzz/Harness/Targets), a leak, a minute or 1 GB for one input are findings.
#   bash Tests/fuzz.sh replay                      every input that is kept, and a few seconds of new ones for each target
#   bash Tests/fuzz.sh run 3600s|1000000 [TARGET…] seconds or executions for each target; all targets unless told
# What it finds goes to .build/fuzz/findings/TARGET, and what teaches it something to .build/fuzz/corpus/TARGET. A finding that is
# put right goes to Tests/Fuzz/Regressions/TARGET under a name that says what it was.
set -euo pipefail
cd "$(dirname "$0")/.."
targets=(model inference rewriting quantizing picture pixels idx csv architecture settings checkpoint)

mode=${1:-}
limit=${2:-}
case $mode:$limit in
  replay:) limits=(-max_total_time=2) ;;
  run:*s) limits=(-max_total_time="${limit%s}") ;;
  run:[1-9]*) limits=(-runs="$limit") ;;
  *) sed -n '2,/^set/{/^# /s/^# //p}' "$0" >&2; exit 2 ;;
esac
shift $(($# < 2 ? $# : 2))
[ $# -eq 0 ] || targets=("$@")

# Optimised, but with the checks of a debug build. libFuzzer has the main function, which swiftc would otherwise write. Of several
# options -sanitize (swift build --sanitize makes one for each) only the last counts. The sanitizers' own symbols are in no version
# script, and the linker says so for each.
build=.build/fuzz
DNN_FUZZ_BUILD=1 swift build -c release --product fuzz --scratch-path $build -Xswiftc -sanitize=fuzzer,address \
  -Xswiftc -enable-testing -Xswiftc -parse-as-library -Xswiftc -assert-config -Xswiftc Debug 2>&1 \
  | grep -v 'Cannot export local symbol'

# Foundation loses a buffer for each empty file it reads.
printf 'leak:libFoundationEssentials\n' > $build/suppressions
export LSAN_OPTIONS=suppressions=$build/suppressions:print_suppressions=0
# Looking for leaks after each input takes most of the time: replaying does it.
options=(-timeout=60 -rss_limit_mb=2000 -malloc_limit_mb=1000 -max_len=6000 -print_final_stats=1)
[ "$mode" = replay ] || options+=(-detect_leaks=0)

status=0 total=0
for target in "${targets[@]}"; do
  work=$build/corpus/$target kept=$build/kept/$target log=$build/$target.log
  rm -rf "$kept"
  mkdir -p "$work" "$kept" "$build/findings/$target"
  $build/release/fuzz --target="$target" --seeds="$kept"
  for folder in Corpus Regressions; do
    [ ! -d "Tests/Fuzz/$folder/$target" ] || cp "Tests/Fuzz/$folder/$target"/* "$kept"
  done
  count=$(find "$kept" -type f | wc -l)
  # Replaying is about what is kept, not about what this machine has found besides.
  folders=("$work" "$kept")
  [ "$mode" = run ] || folders=("$kept")
  dictionary=Tests/Fuzz/Dictionaries/$target.txt
  words=()
  [ ! -f "$dictionary" ] || words=(-dict="$dictionary")
  if ! $build/release/fuzz --target="$target" "${options[@]}" "${limits[@]}" "${words[@]}" \
    -artifact_prefix="$build/findings/$target/" "${folders[@]}" > "$log" 2>&1; then
    tail -n 60 "$log"
    echo "FAILED: $target; the input is in $build/findings/$target"
    status=1
  fi
  # Without counters of the code's edges, it would be fuzzing in the dark.
  counters=$(sed -n 's/^INFO: Loaded 1 modules *(\([0-9]*\) .*/\1/p' "$log")
  [ "$counters" -gt 10000 ] || { echo "FAILED: $target is not instrumented"; status=1; }
  executed=$(sed -n 's/^stat::number_of_executed_units: *//p' "$log")
  total=$((total + executed))
  echo "$target: $count inputs kept, $executed executions"
done
echo "$total executions"
exit $status
