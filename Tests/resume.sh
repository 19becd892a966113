#!/usr/bin/env bash
# Ends trainings at random moments and goes on with them: the checkpoint that is left must be a model that runs right, and the file
# must be that of a training that nobody ended.
#   bash Tests/resume.sh [COUNT [SIGNAL…]]     50 times by SIGKILL unless told otherwise; several signals take turns
# Half of the ends come to a training with epochs of some tenths of a second, half to one that saves hundreds of times a second.
set -euo pipefail
cd "$(dirname "$0")/.."

count=${1:-50}
signals=("${@:2}")
[ ${#signals[@]} -gt 0 ] || signals=(KILL)

# TOOLS may name the folder where they are installed.
if [ -z "${TOOLS:-}" ]; then
  for tool in dnn-train dnn-info; do swift build -c release --product $tool > /dev/null; done
  TOOLS=$(swift build -c release --show-bin-path)
fi

# In memory, where there is room for it: a disk takes milliseconds for every fsync.
work=$(TMPDIR=${TMPDIR:-$([ ! -w /dev/shm ] || echo /dev/shm)} mktemp -d)
trap 'rm -rf "$work"' EXIT

fail() { echo "FAILED: $*" >&2; exit 1; }

now() { date +%s%3N; }

ended=0 finished=0 writing=0
cut=$work/cut.dnn whole=$work/whole.dnn

# The checkpoint, if there is one, is a model; the file, if the training came to it, is the same as ever.
check_files() {
  if [ -e "$cut.checkpoint" ]; then
    "$TOOLS/dnn-info" --verify "$cut.checkpoint" > "$work/messages" 2>&1 || fail "after $ended ends: $(cat "$work/messages")"
  fi
  if [ ! -e "$cut" ]; then return; fi
  cmp "$whole" "$cut" || fail "after $ended ends the file is another"
  finished=$((finished + 1))
  rm -f "$cut" "$cut.checkpoint"
}

# end_trainings COUNT OPTION…: ends a training with these options so often, and goes on with it each time.
end_trainings() {
  local last=$((ended + $1)) train=("$TOOLS/dnn-train" --quiet "${@:2}") start longest moment signal process status
  start=$(now)
  "${train[@]}" --threads 1 --out "$whole"
  # Up to a quarter of the training: an end before the first checkpoint, in the middle of an epoch, while a file is written.
  longest=$((($(now) - start) / 4))
  while [ $ended -lt $last ]; do
    "${train[@]}" --threads $((1 + ended % 3)) --resume --out "$cut" & process=$!
    moment=$(((RANDOM * 32768 + RANDOM) % longest))
    sleep "$(printf '%d.%03d' $((moment / 1000)) $((moment % 1000)))"
    signal=${signals[ended % ${#signals[@]}]}
    kill -"$signal" $process 2> "$work/messages" || true
    status=0
    wait $process 2> "$work/messages" || status=$?
    case $status in
      137 | 130 | 143) ended=$((ended + 1)) ;;
      0) ;;
      *) fail "dnn-train ended with status $status after SIG$signal" ;;
    esac
    # What it was writing to has no name yet; the next one that writes there removes it.
    if compgen -G "$work/.mnistinfer-*" > "$work/messages"; then writing=$((writing + 1)); fi
    check_files
  done
  "${train[@]}" --resume --out "$cut"
  check_files
  [ "$(cd "$work" && ls -A)" = "$(printf 'images.csv\nmessages\nwhole.dnn')" ] || fail "files are left: $(ls -A "$work")"
}

# 60 images of 16 pixels: an epoch takes less than saving does.
for image in {0..59}; do
  echo "$((image % 2)),$(for pixel in {0..15}; do echo $(((image % 2 * 100 + image * pixel * 7) % 256)); done | paste -sd ,)"
done > "$work/images.csv"
end_trainings $((count / 2)) --arch "dense 8 relu; dropout 0.1; dense 2" --batch 16 --epochs 2000 --data "$work/images.csv"
end_trainings $((count - count / 2)) --arch "conv 4 5x5 relu; maxpool 4; dropout 0.2; dense 10" --augment --epochs 12 \
  --data synthetic
echo "resumed after $ended ends by ${signals[*]}, $writing of them while a file was written; $finished trainings were the same"
