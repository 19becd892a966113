#!/usr/bin/env bash
# Ends trainings at random moments and goes on with them: the file must be that of a training that nobody ended.
#   bash Tests/resume.sh [COUNT [SIGNAL…]]     50 times by SIGKILL unless told otherwise; several signals take turns
set -euo pipefail
cd "$(dirname "$0")/.."
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

count=${1:-50}
signals=("${@:2}")
[ ${#signals[@]} -gt 0 ] || signals=(KILL)

# TOOLS may name the folder where it is installed.
if [ -z "${TOOLS:-}" ]; then
  swift build -c release --product dnn-train > /dev/null
  TOOLS=$(swift build -c release --show-bin-path)
fi
train=("$TOOLS/dnn-train" --quiet --arch "conv 4 5x5 relu; maxpool 4; dropout 0.2; dense 10"
  --augment --epochs 12 --data synthetic)

now() { date +%s%3N; }
start=$(now)
"${train[@]}" --threads 1 --out "$work/whole.dnn"
# Up to a quarter of the training: an end before the first checkpoint, in the middle of an epoch, while a file is written.
longest=$((($(now) - start) / 4))

ended=0 finished=0
while [ $ended -lt "$count" ]; do
  "${train[@]}" --threads $((1 + ended % 3)) --resume --out "$work/cut.dnn" & process=$!
  moment=$(((RANDOM * 32768 + RANDOM) % longest))
  sleep "$(printf '%d.%03d' $((moment / 1000)) $((moment % 1000)))"
  signal=${signals[ended % ${#signals[@]}]}
  kill -"$signal" $process 2> "$work/messages" || true
  status=0
  wait $process 2> "$work/messages" || status=$?
  case $status in
    137 | 130 | 143) ended=$((ended + 1)) ;;
    0) ;;
    *) echo "FAILED: dnn-train ended with status $status after SIG$signal" >&2; exit 1 ;;
  esac
  if [ -e "$work/cut.dnn" ]; then
    cmp "$work/whole.dnn" "$work/cut.dnn" || { echo "FAILED: after $ended ends the file is another" >&2; exit 1; }
    finished=$((finished + 1))
    rm -f "$work/cut.dnn" "$work/cut.dnn.checkpoint"
  fi
done
"${train[@]}" --resume --out "$work/cut.dnn"
cmp "$work/whole.dnn" "$work/cut.dnn" || { echo "FAILED: after $ended ends the file is another" >&2; exit 1; }
[ ! -e "$work/cut.dnn.checkpoint" ] || { echo "FAILED: the checkpoint is left" >&2; exit 1; }
echo "resumed after $ended ends by ${signals[*]}; $((finished + 1)) trainings were the same"
