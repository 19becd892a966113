#!/usr/bin/env bash
# The command-line tools as a person uses them: output, messages and exit statuses.
set -euo pipefail
cd "$(dirname "$0")/.."
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

fail() { echo "FAILED: $*" >&2; exit 1; }

tools=(dnn-bench dnn-classify dnn-eval dnn-info dnn-quantize dnn-train)
# TOOLS may name the folder where they are installed.
if [ -z "${TOOLS:-}" ]; then
  for tool in "${tools[@]}"; do swift build -c release --product $tool; done
  TOOLS=$(swift build -c release --show-bin-path)
fi
PATH=$TOOLS:$PATH

# expect STATUS TEXT COMMAND…: the command ends with the status, and its output or messages hold the text.
expect() {
  local status=$1 text=$2 result=0
  shift 2
  "$@" > "$work/output" 2>&1 < /dev/null || result=$?
  [ "$result" = "$status" ] || fail "$* ended with $result, not $status: $(cat "$work/output")"
  grep -qF -- "$text" "$work/output" || fail "$* does not say '$text': $(cat "$work/output")"
}

for tool in "${tools[@]}"; do
  expect 0 "usage: $tool" $tool --help
  expect 0 "$tool 0.1.0" $tool --version
  expect 2 "--nonsense" $tool --nonsense
done
python3 -B Tests/commandline.py "$TOOLS" "${tools[@]}"

# Ends a training at each step of writing its file, by a kill and by a full disk: the old file must still be there, whole.
interrupt_writing() {
  if ! strace -qq -o /dev/null true; then
    echo "SKIPPED: interrupting the writing of a file, because strace does not run here"
    return
  fi
  mkdir "$work/folder"
  local train=(dnn-train --quiet --arch "maxpool 7; dense 10" --epochs 1 --seed 2 --data "$data" --out "$work/folder/m.dnn")
  for call in write fchmod fsync rename; do
    for fault in signal=SIGKILL error=ENOSPC; do
      cp "$work/1.dnn" "$work/folder/m.dnn"
      # A killed strace makes the shell say so, which is no news here.
      { strace -f -qq -o /dev/null -e trace=$call -e inject=$call:$fault:when=1 "${train[@]}"; } > "$work/output" 2>&1 &&
        fail "writing went on after $call met $fault"
      cmp "$work/1.dnn" "$work/folder/m.dnn" || fail "the old file is gone after $call met $fault"
      [ "$fault" = signal=SIGKILL ] || [ "$(ls -A "$work/folder")" = m.dnn ] || fail "$call met $fault: a temporary file is left"
      rm -f "$work"/folder/.mnistinfer-*
    done
  done
  echo "interrupted writing at 4 steps in 2 ways"
}

# Opens a report in a browser, where scripts make its tables sortable. Anything it would fetch, and any script's error, is a
# message on the browser's console.
check_report() {
  local browser
  if ! browser=$(command -v chromium || command -v chromium-browser || command -v google-chrome); then
    echo "SKIPPED: opening a report, because there is no Chromium here"
    return
  fi
  "$browser" --headless --no-sandbox --disable-gpu --user-data-dir="$work/browser" --enable-logging=stderr --dump-dom \
    "file://$1" > "$work/dom" 2> "$work/console" || fail "$browser does not open $1: $(tail -3 "$work/console")"
  ! grep CONSOLE "$work/console" || fail "the report is not free of messages"
  grep -q "<button>accuracy</button>" "$work/dom" || fail "the report's tables are not sortable"
}

# Data sets by name, from a server on loopback and then from the cache.
fetch_data() {
  python3 Tests/mirror.py "$data/.." > "$work/mirror" & local server=$!
  until [ -s "$work/mirror" ]; do sleep 0.1; done
  export no_proxy=127.0.0.1 XDG_CACHE_HOME=$work/cache DNN_MIRROR
  DNN_MIRROR=http://127.0.0.1:$(head -1 "$work/mirror")
  local eval=(dnn-eval --data mnist $model)
  if [ -d "$data" ]; then
    expect 0 "on 10,000 test images of mnist" "${eval[@]}"
    expect 1 "bytes instead of 26421880" dnn-eval --data fashion-mnist $model
  fi
  DNN_MIRROR=$DNN_MIRROR/none expect 1 "404" dnn-eval --data fashion-mnist $model
  { kill $server && wait $server; } 2> "$work/output" || true
  if [ -d "$data" ]; then expect 0 "on 10,000 test images of mnist" "${eval[@]}"; fi
  export XDG_CACHE_HOME=$work/other
  expect 1 "put them into $work/other/mnistinfer/mnist" "${eval[@]}"
  expect 1 "put them into $work/other/mnistinfer/mnist" dnn-quantize $model --data mnist --out "$work/x.dnn"
  expect 1 "put them into $work/other/mnistinfer/mnist" dnn-train --recipe lenet5 --data mnist --out "$work/x.dnn"
  expect 1 "curl is missing: install it" env PATH="$(dirname "$(command -v dnn-eval)")" "${eval[@]}"
  XDG_CACHE_HOME=/dev/null expect 1 "set XDG_CACHE_HOME to another" "${eval[@]}"
  unset XDG_CACHE_HOME DNN_MIRROR
}

# What a training measured, as a CSV file, as lines of JSON, and in the model.
history_files() {
  dnn-train --arch "maxpool 7; dense 10" --data synthetic --epochs 3 --history "$work/history.csv" --json --quiet \
    --out "$work/history.dnn" > "$work/history.json"
  dnn-info --json "$work/history.dnn" > "$work/output"
  python3 - "$work" << 'END' || fail "the history differs between CSV, JSON and the model"
import csv, json, re, sys
work = sys.argv[1]
snake = lambda row: {re.sub("[A-Z]", lambda letter: "_" + letter[0].lower(), key): value for key, value in row.items()}
model = [snake(row) for row in json.load(open(work + "/output"))["history"]]
table = [{key: float(text) for key, text in row.items()} for row in csv.DictReader(open(work + "/history.csv"))]
lines = [snake(json.loads(line)) for line in open(work + "/history.json")]
assert [row["epoch"] for row in table] == [line["epoch"] for line in lines] == [1, 2, 3]
for epoch, row, line in zip(model, table, lines, strict=True):
    assert len(epoch) == 5 and 0 < epoch["held_out_accuracy"] <= 1
    assert all(row[key] == line[key] == value for key, value in epoch.items()), (epoch, row, line)
    assert line["epochs"] == 3 and line["images_per_second"] > 0
END
  expect 0 "held-out loss" dnn-info "$work/history.dnn"
  expect 1 "cannot write /dev/full: No space left on device" dnn-train --arch "dense 10" --data synthetic --epochs 1 \
    --history /dev/full --out "$work/x.dnn"
}

# A search finds the same for any number of threads, ended in the middle too, and writes what its results say is best.
search() {
  local search=(dnn-train search --quiet --arch "maxpool 4; dropout 0.1; dense 10" --data synthetic --epochs 4 --trials 9
    lr=0.0001..0.1 batch=64,128 "dropout=0.1..0.5")
  expect 0 "accuracy" "${search[@]}" --threads 1 --results "$work/search.csv" --out "$work/best.dnn"
  [ ! -e "$work/best.dnn.search" ] || fail "the search's folder is left"
  dnn-info --json "$work/best.dnn" > "$work/output"
  python3 - "$work" << 'END' || fail "the results of the search"
import csv, json, sys
rows = list(csv.DictReader(open(sys.argv[1] + "/search.csv")))
model = json.load(open(sys.argv[1] + "/output"))
assert sorted(int(row["trial"]) for row in rows) == list(range(1, 10)), rows
assert [row["epochs"] for row in rows] == ["4"] * 3 + ["1"] * 6, rows
accuracies = [float(row["held_out_accuracy"]) for row in rows[:3]]
assert accuracies == sorted(accuracies, reverse=True) and model["history"][-1]["heldOutAccuracy"] == accuracies[0]
provenance = model["provenance"]
assert float(provenance["learning-rate"]) == float(rows[0]["lr"]) and provenance["batch"] == rows[0]["batch"]
assert "dropout " + rows[0]["dropout"] in provenance["architecture"] and provenance["search"].startswith("halving, 9 trials")
END
  "${search[@]}" --threads 2 --out "$work/cut.dnn" > "$work/output" & local process=$! status=0
  until [ -e "$work/cut.dnn.search/3.checkpoint" ]; do sleep 0.01; done
  kill -INT $process
  wait $process || status=$?
  [ $status = 130 ] || fail "SIGINT ended the search with status $status instead of 130"
  [ -d "$work/cut.dnn.search" ] || fail "an interrupted search leaves nothing to go on with"
  expect 0 "accuracy" "${search[@]}" --threads 2 --resume --out "$work/cut.dnn"
  cmp "$work/best.dnn" "$work/cut.dnn" || fail "a search that was interrupted found another model"
  expect 2 "give what to search" dnn-train search --recipe lenet5 --data synthetic --out "$work/x.dnn"
  expect 2 "is searched by logarithms" dnn-train search --recipe lenet5 --data synthetic --out "$work/x.dnn" lr=0..1
  expect 2 "cannot be searched: take some of" dnn-train search --recipe lenet5 --data synthetic --out "$work/x.dnn" speed=1..2
  expect 2 "--lr 1000" dnn-train search --recipe lenet5 --data synthetic --out "$work/x.dnn" lr=1000
  expect 2 "is searched, so --lr" dnn-train search --recipe lenet5 --lr 1 --data synthetic --out "$work/x.dnn" lr=0.1..1
  expect 2 "dropout layers" dnn-train search --recipe lenet5 --data synthetic --out "$work/x.dnn" dropout=0.1..0.2
}

# A training that is ended at any moment and gone on with ends with the same file.
resume_after_signals() {
  local train=(dnn-train --quiet --arch "conv 4 5x5 relu; maxpool 4; dropout 0.2; dense 10" --augment --data synthetic)
  local signal moment process status
  "${train[@]}" --epochs 6 --threads 1 --out "$work/whole.dnn"
  for signal in KILL INT TERM; do
    for moment in 0.2 0.4 0.6 0.8 1.0; do
      "${train[@]}" --epochs 6 --threads 2 --resume --out "$work/cut.dnn" & process=$!
      sleep $moment
      kill -$signal $process 2>/dev/null || true
      wait $process || true
    done
    "${train[@]}" --epochs 6 --resume --out "$work/cut.dnn"
    cmp "$work/whole.dnn" "$work/cut.dnn" || fail "a training ended by SIG$signal went on to another file"
    [ ! -e "$work/cut.dnn.checkpoint" ] || fail "the checkpoint is left"
    rm "$work/cut.dnn"
  done
  "${train[@]}" --epochs 10000 --out "$work/long.dnn" & process=$!
  sleep 2
  kill -INT $process
  status=0
  wait $process || status=$?
  [ $status = 130 ] || fail "SIGINT ended dnn-train with status $status instead of 130"
  expect 0 "self-test: passed" dnn-info --verify "$work/long.dnn.checkpoint"
  expect 1 "it was made with epochs 10000, which now is 6" "${train[@]}" --epochs 6 --resume --out "$work/long.dnn"
  echo "resumed after 15 signals"
}

echo "== dnn-classify"
for digit in 0 1 2 3 4 5 6 7 8 9; do expect 0 ": $digit (" dnn-classify Examples/digits/$digit.png; done
expect 0 '"class":7,"file":"Examples/digits/7.png","label":"7","probability":' dnn-classify --json Examples/digits/7.png
dnn-classify - < Examples/digits/3.png | grep -q '^-: 3 (' || fail "standard input"
dnn-classify --top 3 Examples/digits/3.png | wc -l | grep -qx 4 || fail "--top 3"
expect 2 "give a PNG file" dnn-classify
expect 2 "--top 0" dnn-classify --top 0 x.png
expect 3 "cannot open none.png" dnn-classify none.png
expect 3 "Examples/classify.c: not a usable PNG picture" dnn-classify Examples/classify.c
expect 3 "digits/1.png: 1 (" dnn-classify none.png Examples/digits/1.png
expect 4 "README.md: not a .dnn model" dnn-classify --model README.md Examples/digits/1.png
expect 4 "is a folder" dnn-classify --model Examples Examples/digits/1.png

echo "== dnn-info"
model=Sources/CDefaultModel/digits.dnn
expect 0 "self-test: passed" dnn-info --verify $model
expect 0 '"kind" : "convolution"' dnn-info --json $model
integers=Tests/MNISTInferTests/Golden/valid/integer-picture.dnn
expect 0 "computed in 8-bit integers" dnn-info $integers
expect 0 '"zeroPoint" : 128' dnn-info --json $integers
dnn-info --json $model | python3 -c 'import json, sys; json.load(sys.stdin)' || fail "dnn-info --json is not JSON"
dnn-classify --json Examples/digits/?.png | python3 -c 'import json, sys; [json.loads(line) for line in sys.stdin]' ||
  fail "dnn-classify --json is not JSON"
head -c 5000 $model > "$work/short.dnn"
expect 4 "cut short" dnn-info "$work/short.dnn"
{ head -c 8 $model; printf '\002\000'; tail -c +11 $model; } > "$work/newer.dnn"
expect 5 "format version 2.0" dnn-info "$work/newer.dnn"
expect 2 "give one .dnn file" dnn-info

echo "== dnn-bench"
expect 0 "one picture: median" dnn-bench --batch 8 --threads 2 $model
dnn-bench --json --batch 8 $model | python3 -c 'import json, sys; json.load(sys.stdin)' || fail "dnn-bench --json is not JSON"
expect 2 "--batch 0" dnn-bench --batch 0 $model
expect 4 "not a .dnn model" dnn-bench README.md

expect 2 "give one .dnn file" dnn-quantize --data . --out "$work/x.dnn"
expect 2 "--data is missing" dnn-quantize $model --out "$work/x.dnn"
expect 2 "--out is missing" dnn-quantize $model --data .
expect 2 "--finetune 0" dnn-quantize $model --data . --out "$work/x.dnn" --finetune 0
expect 2 "--finetune -1" dnn-quantize $model --data . --out "$work/x.dnn" --finetune -1
expect 2 "--lr is for --finetune" dnn-quantize $model --data . --out "$work/x.dnn" --lr 0.001
expect 2 "--lr 0" dnn-quantize $model --data . --out "$work/x.dnn" --finetune 1 --lr 0
expect 2 "--max-drop -1" dnn-quantize $model --data . --out "$work/x.dnn" --max-drop -1
expect 1 "no/such/folder" dnn-quantize $model --data no/such/folder --out "$work/x.dnn"
python=.build/python/bin/python
[ -x $python ] || python=python3
if $python -c 'import numpy' 2> /dev/null; then
  # The weight of a pixel that is always black takes up the range of 8-bit weights, so that the others become zero.
  PYTHONPATH=Examples/python $python -B - "$work" << 'END'
import sys
import convert, dnnfile
weights = [[1000, 1000], [1, -1], [-1, 1], [0, 0]]
dnnfile.write(convert.Builder((2, 2, 1)).dense(weights).softmax().model(), sys.argv[1] + "/scaled.dnn")
with open(sys.argv[1] + "/scaled.csv", "w") as file:
    file.writelines(f"{label},0,{200 - 100 * label},{100 + 100 * label},0\n" for label in [0, 1] * 300)
END
  scaled=(dnn-quantize "$work/scaled.dnn" --data "$work/scaled.csv" --out "$work/tuned.dnn")
  expect 1 "nothing was written" "${scaled[@]}"
  [ ! -e "$work/tuned.dnn" ] || fail "dnn-quantize wrote a model that it refused"
  expect 0 "wrote $work/tuned.dnn" "${scaled[@]}" --finetune 10 --lr 0.2 --threads 1
  cp "$work/tuned.dnn" "$work/tuned.1.dnn"
  expect 0 "are kept" "${scaled[@]}" --finetune 10 --lr 0.2 --threads 2
  cmp "$work/tuned.dnn" "$work/tuned.1.dnn" || fail "one and two threads train a quantized model differently"
else
  echo "SKIPPED: dnn-quantize --max-drop and --finetune, because $python has no numpy"
fi

echo "== dnn-train"
expect 0 "convnet" dnn-train --list-recipes
expect 2 "--data is missing" dnn-train --recipe convnet --out "$work/x.dnn"
expect 2 "did you mean convnet?" dnn-train --recipe convnte --data . --out "$work/x.dnn"
expect 2 "--arch" dnn-train --arch "conv 3 3x" --data . --out "$work/x.dnn"
expect 1 "no/such/folder" dnn-train --recipe convnet --data no/such/folder --out "$work/x.dnn"
expect 2 "--optimizer lion: take one of adam," dnn-train --recipe convnet --optimizer lion --data synthetic --out "$work/x.dnn"
expect 2 "give a number from" dnn-train --recipe convnet --label-smoothing 2 --data synthetic --out "$work/x.dnn"
expect 2 "--augmentation" dnn-train --recipe convnet --augmentation "turn 3" --data synthetic --out "$work/x.dnn"
expect 1 "no layer pool1 to freeze" dnn-train --init-from $model --freeze pool1 --data synthetic --out "$work/x.dnn"
resume_after_signals
data=${DNN_DATA:-../shared/data}/mnist
fetch_data
history_files
search
if [ -d "$data" ]; then
  expect 1 "does not exist" dnn-train --recipe convnet --data "$data" --out "$work/none/x.dnn"
  for threads in 1 2; do
    dnn-train --arch "conv 4 5x5 relu; maxpool 4; dense 10" --epochs 1 --threads $threads --data "$data" \
      --out "$work/$threads.dnn" 2>&1 | tee "$work/output"
    [ "$(grep -c "trainer and runtime differ on 0" "$work/output")" = 2 ] || fail "trainer and runtime differ"
  done
  cmp "$work/1.dnn" "$work/2.dnn" || fail "one and two threads make different files"
  expect 0 ": 7 (" dnn-classify --model "$work/1.dnn" Examples/digits/7.png
  interrupt_writing
  echo "== dnn-quantize"
  quantize=(dnn-quantize "$work/1.dnn" --data "$data")
  expect 0 "wrote $work/small.dnn" "${quantize[@]}" --out "$work/small.dnn" --threads 1 --max-drop 1
  expect 0 "signal/noise" "${quantize[@]}" --out "$work/again.dnn" --threads 2 --force
  cmp "$work/small.dnn" "$work/again.dnn" || fail "one and two threads quantize differently"
  expect 0 "8-bit integers" dnn-info --verify "$work/small.dnn"
  expect 0 ": 7 (" dnn-classify --model "$work/small.dnn" Examples/digits/7.png
  dnn-quantize --json --weights-only "$work/1.dnn" --data "$data" --out "$work/weights.dnn" --force 2> /dev/null |
    python3 -c 'import json, sys; json.load(sys.stdin)' || fail "dnn-quantize --json is not JSON"
  expect 0 "computed in float32" dnn-info --verify "$work/weights.dnn"
  expect 1 "in integers already" dnn-quantize "$work/small.dnn" --data "$data" --out "$work/x.dnn"
  expect 1 "does not exist" "${quantize[@]}" --out "$work/none/x.dnn"
else
  echo "SKIPPED: training on MNIST, because $data is not there; set DNN_DATA"
fi

echo "== dnn-eval"
expect 2 "--data is missing" dnn-eval $model
expect 2 "give a .dnn file" dnn-eval --data .
expect 2 "--csv takes one" dnn-eval --data . --csv x.csv $model $model
expect 2 "--samples takes one" dnn-eval --data . --samples x.png $model $model
expect 2 "--json needs a .dnn file" dnn-eval --data . --samples x.png --json
expect 1 "compare models of the same classes" dnn-eval --data . $model $integers
expect 1 "no/such/folder" dnn-eval --data no/such/folder $model
for option in --csv --report --samples; do
  expect 1 "$option $work/none/file: the folder" dnn-eval --data no/such/folder $option "$work/none/file" $model
done
expect 4 "not a .dnn model" dnn-eval --data . README.md
expect 5 "format version 2.0" dnn-eval --data . "$work/newer.dnn"
if [ -d "$data" ]; then
  expect 0 "on 10,000 test images of mnist" dnn-eval --data "$data" $model
  expect 1 "tells 3 classes apart" dnn-eval --data "$data" Tests/MNISTInferTests/Golden/valid/integer-colour.dnn
  expect 0 "(McNemar's exact test, p = 1.0000)" dnn-eval --data "$data" $model $model
  expect 0 "the difference is more than chance" dnn-eval --data "$data" $model "$work/1.dnn"
  dnn-eval --json --data "$data" $model "$work/1.dnn" | python3 -c 'import json, sys; json.load(sys.stdin)["comparisons"][0]' ||
    fail "dnn-eval --json of two models is not JSON"
  dnn-eval --json --csv "$work/answers.csv" --data "$data" $model > "$work/evaluation.json"
  python3 Tests/evaluation.py "$work/evaluation.json" "$work/answers.csv" || fail "dnn-eval's figures"
  expect 0 "test images" dnn-eval --data "$data" --report "$work/report.html" $model "$work/1.dnn"
  check_report "$work/report.html"
  dnn-eval --data "$data" --samples "$work/samples.png" || fail "samples of data alone"
  expect 0 "test images" dnn-eval --data "$data" --samples "$work/answers.png" $model
  expect 0 "answers.png: " dnn-classify "$work/samples.png" "$work/answers.png"
else
  echo "SKIPPED: evaluating on MNIST, because $data is not there; set DNN_DATA"
fi
echo "tools: passed"
