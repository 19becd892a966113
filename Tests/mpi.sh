#!/usr/bin/env bash
# The tools in several ranks: files and output must be those of one process, whatever happens to a rank on the way.
#   bash Tests/mpi.sh [COUNT]     kills a rank at COUNT random moments, 3 unless told otherwise
set -euo pipefail
cd "$(dirname "$0")/.."
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
count=${1:-3}

# Apart from the other builds, which need no MPI.
build=(swift build -c release --traits MPI --scratch-path .build/mpi)
for product in dnn-train dnn-eval dnn-classify; do
  "${build[@]}" --product $product > "$work/build" || { cat "$work/build" >&2; exit 1; }
done
tools=$("${build[@]}" --show-bin-path)
# TOOLS may name the folder where those without MPI are installed, which then are what one process is.
alone=${TOOLS:-$tools}
export OMPI_ALLOW_RUN_AS_ROOT=1 OMPI_ALLOW_RUN_AS_ROOT_CONFIRM=1
ranks=(mpirun --oversubscribe -np)

fail() {
  echo "FAILED: $*" >&2
  exit 1
}

# Everything that a batch decides together. 10,000 images in batches of 150 leave shards of 6 images and a last batch of 5 shards.
options=(--quiet --data synthetic --batch 150 --augmentation "shift 2, rotate 10, mixup 0.2" --clip 1 --average 0.9
  --arch "conv 8 5x5; batchnorm relu; maxpool 4; dropout 0.2; dense 64 relu; dense 10")
one=("$alone/dnn-train" "${options[@]}")
train=("$tools/dnn-train" "${options[@]}")

echo "-- the same file"
"${one[@]}" --epochs 1 --out "$work/one.dnn" --threads 1 --history "$work/one.csv"
for number in 2 3 4 8; do
  "${ranks[@]}" $number "${train[@]}" --epochs 1 --out "$work/many.dnn" --history "$work/many.csv"
  cmp "$work/one.dnn" "$work/many.dnn" || fail "$number ranks write another file than one process"
  cmp "$work/one.csv" "$work/many.csv" || fail "$number ranks write another history than one process"
done

search=(search --quiet --data synthetic --arch "conv 4 5x5 relu; maxpool 4; dropout 0.2; dense 10" --epochs 3 --trials 5
  lr=0.001..0.1 dropout=0,0.3)
"$alone/dnn-train" "${search[@]}" --out "$work/one.dnn" --results "$work/one.csv" > "$work/one.text"
"${ranks[@]}" 3 "$tools/dnn-train" "${search[@]}" --out "$work/many.dnn" --results "$work/many.csv" > "$work/many.text"
for kind in dnn csv text; do
  cmp "$work/one.$kind" "$work/many.$kind" || fail "3 ranks find something else than one process"
done

measure=(dnn-eval --data synthetic "$work/one.dnn" --threads 1)
"$alone/${measure[@]}" --csv "$work/one.csv" | grep -v "images/s" > "$work/one.text"
"${ranks[@]}" 3 "$tools/${measure[@]}" --csv "$work/many.csv" | grep -v "images/s" > "$work/many.text"
for kind in csv text; do
  cmp "$work/one.$kind" "$work/many.$kind" || fail "3 ranks measure something else than one process"
done

# Many pictures, some of them none, in an order of their own.
mkdir "$work/pictures"
for number in $(seq 0 99); do cp Examples/digits/$((number % 10)).png "$work/pictures/$number.png"; done
echo "no picture" > "$work/pictures/37.png"
classify=(dnn-classify "$work/pictures" "$work/nothing.png" Examples/digits)
status=0
"$alone/${classify[@]}" > "$work/one.text" 2> "$work/one.errors" || status=$?
for number in 2 3 7; do
  result=0
  "${ranks[@]}" $number "$tools/${classify[@]}" > "$work/many.text" 2> "$work/many.errors" || result=$?
  [ $result = $status ] || fail "$number ranks end with status $result, one process with $status"
  cmp "$work/one.text" "$work/many.text" || fail "$number ranks classify otherwise than one process"
  # mpirun has something to say of the status, too.
  diff "$work/one.errors" <(grep -Fxf "$work/one.errors" "$work/many.errors") || fail "$number ranks report other errors"
done

echo "-- ranks that do not belong together"
# Runs $2… and expects it to end by itself with a message that contains $1.
refuses() {
  local message=$1 status=0
  shift
  timeout 60 "$@" > "$work/output" 2>&1 || status=$?
  [ $status -ne 0 ] && [ $status -ne 124 ] || fail "$* ended with status $status"
  grep -qF "$message" "$work/output" || { cat "$work/output" >&2; fail "$* does not say: $message"; }
}
host=$(hostname)
other=("${train[@]}" --epochs 1 --out "$work/other.dnn")
refuses "rank 2 on $host has seed 7, where rank 0 on $host has seed 1" \
  "${ranks[@]}" 2 "${other[@]}" : -np 1 "${other[@]}" --seed 7
refuses "rank 1 on $host has instruction-set portable" \
  "${ranks[@]}" 1 "${other[@]}" : -np 1 -x DNN_INSTRUCTION_SET=portable "${other[@]}"
refuses "rank 1 on $host: $work/nothing: cannot be read" \
  "${ranks[@]}" 1 "${other[@]}" : -np 1 "$tools/dnn-train" --quiet --recipe mlp-8 --data "$work/nothing" --out "$work/other.dnn"
refuses "dnn-train, rank 0 on $host: cannot write /dev/full" "${ranks[@]}" 2 "${other[@]}" --history /dev/full
refuses "unknown option --ranks" "${ranks[@]}" 3 "${other[@]}" --ranks 3
[ "$(grep -c "unknown option" "$work/output")" = 1 ] || fail "several ranks say what is wrong with the command line"
if [ "$alone" != "$tools" ]; then
  refuses "2 processes were started, but this program was built for one" "${ranks[@]}" 2 "${one[@]}" --out "$work/other.dnn"
fi
[ ! -e "$work/other.dnn" ] || fail "ranks that do not belong together have written a file"

echo "-- ranks that die"
"${one[@]}" --epochs 6 --out "$work/whole.dnn"
now() { date +%s%3N; }
start=$(now)
"${ranks[@]}" 3 "${train[@]}" --epochs 6 --out "$work/cut.dnn"
longest=$((($(now) - start) / 2))
rm "$work/cut.dnn"
ended=0
while [ $ended -lt "$count" ]; do
  number=$((2 + ended % 3))
  "${ranks[@]}" $number "${train[@]}" --epochs 6 --resume --out "$work/cut.dnn" 2> "$work/messages" & process=$!
  moment=$(((RANDOM * 32768 + RANDOM) % longest))
  sleep "$(printf '%d.%03d' $((moment / 1000)) $((moment % 1000)))"
  # On one machine the ranks are mpirun's own.
  mapfile -t processes < <(pgrep -P $process -x dnn-train || true)
  if [ ${#processes[@]} -gt 0 ]; then kill -KILL "${processes[RANDOM % ${#processes[@]}]}" 2> "$work/kill" || true; fi
  status=0
  timeout 60 tail --pid=$process -f /dev/null || fail "ranks go on without one that was killed"
  wait $process || status=$?
  if [ $status -ne 0 ]; then
    ended=$((ended + 1))
    grep -Eq "process rank [0-9]+ .*on node .* exited on signal 9|Process name: .*Exit code" "$work/messages" \
      || { cat "$work/messages" >&2; fail "nobody says which rank was killed"; }
  fi
  if [ -e "$work/cut.dnn" ]; then
    cmp "$work/whole.dnn" "$work/cut.dnn" || fail "after $ended ends the file is another"
    rm -f "$work/cut.dnn" "$work/cut.dnn.checkpoint"
  fi
done
"${one[@]}" --epochs 6 --resume --out "$work/cut.dnn"
cmp "$work/whole.dnn" "$work/cut.dnn" || fail "after $ended ends the file is another"
echo "resumed after $ended killed ranks; the files were the same"
