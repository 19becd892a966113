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
      [ "$fault" = signal=SIGKILL ] || grep -q "m.dnn: No space left on device" "$work/output" || fail "a full disk is not named"
      rm -f "$work"/folder/.mnistinfer-*
    done
  done
  echo "interrupted writing at 4 steps in 2 ways"
}

# Every figure of a model's evaluation is the one that scikit-learn has for the same answers.
check_figures() {
  dnn-eval --json --csv "$work/answers.csv" --data "$data" "$1" > "$work/evaluation.json"
  dnn-eval --report "$work/report.html" --data "$data" "$1" > "$work/evaluation.txt"
  if ! $python -c 'import sklearn' 2> /dev/null; then
    echo "SKIPPED: figures beside those of scikit-learn, because $python has none"
    return
  fi
  $python -B Tests/evaluation.py "$work/evaluation.json" "$work/answers.csv" "$work/report.html" "$work/evaluation.txt"
}

# The command that a report gives trains the same file again.
train_again() {
  local command
  dnn-train --quiet --data synthetic --out "$work/again.dnn" --report "$work/run.html" "$@"
  command=$(python3 -c 'import html, re, sys; print(html.unescape(re.search("<pre><code>(.*?)</code>", sys.stdin.read())[1]))' \
    < "$work/run.html")
  cp "$work/again.dnn" "$work/first.dnn"
  (cd "$work" && eval "$command --quiet")
  cmp "$work/first.dnn" "$work/again.dnn" || fail "$command does not train the same network"
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
assert [line["images"] for line in lines[3:]] == ["held-out", "test"], lines
lines = lines[:3]
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
  # The command that a report gives trains the same network, though the file says nothing of a search then.
  local command
  dnn-eval --data synthetic --csv "$work/found.csv" --report "$work/search.html" "$work/best.dnn" > "$work/output"
  command=$(python3 -c 'import html, re, sys; print(html.unescape(re.search("<pre><code>(.*?)</code>", sys.stdin.read())[1]))' \
    < "$work/search.html")
  (cd "$work" && eval "$command --quiet")
  dnn-eval --data synthetic --csv "$work/again.csv" "$work/best.dnn" > "$work/output"
  cmp "$work/found.csv" "$work/again.csv" || fail "$command does not train the network that the search found"
  expect 2 "give what to search" dnn-train search --recipe lenet5 --data synthetic --out "$work/x.dnn"
  expect 2 "is searched by logarithms" dnn-train search --recipe lenet5 --data synthetic --out "$work/x.dnn" lr=0..1
  expect 2 "cannot be searched: take some of" dnn-train search --recipe lenet5 --data synthetic --out "$work/x.dnn" speed=1..2
  expect 2 "--lr 1000" dnn-train search --recipe lenet5 --data synthetic --out "$work/x.dnn" lr=1000
  expect 2 "is searched, so --lr" dnn-train search --recipe lenet5 --lr 1 --data synthetic --out "$work/x.dnn" lr=0.1..1
  expect 2 "dropout layers" dnn-train search --recipe lenet5 --data synthetic --out "$work/x.dnn" dropout=0.1..0.2
}

# A recipe's last layer follows the data.
own_pictures() {
  local digit command
  for digit in 3 7; do
    mkdir -p "$work/two/$digit"
    for copy in a b c d; do cp "$work/prepared.png" "$work/two/$digit/$copy.png"; done
  done
  cp Examples/digits/3.png "$work/two/3/e.jpg"
  dnn-train --recipe mlp-8 --epochs 1 --data "$work/two" --out "$work/two.dnn" --report "$work/two.html" 2> "$work/output"
  grep -qF "only .png files are read: $work/two/3/e.jpg is left out" "$work/output" || fail "a JPEG is left out and not named"
  expect 0 "2 classes: 3, 7" dnn-info "$work/two.dnn"
  command="dnn-train --recipe mlp-8 --data two --epochs 1 --held-out 1 --out two.dnn"
  grep -qF "$command" "$work/two.html" || fail "the report does not give the command"
  ! dnn-eval --data "$work/two" "$work/two.dnn" | grep -q "likeliest two" || fail "of two classes, both are the likeliest"
}

# Data that are not right are answered with the file and what to do.
bad_data() {
  python3 - "$work/bad" << 'END'
import gzip, pathlib, struct, sys, zlib
root = pathlib.Path(sys.argv[1])
def write(path, content):
    (root / path).parent.mkdir(parents=True, exist_ok=True)
    (root / path).write_bytes(content)
def png(height, width):
    chunk = lambda name, body: struct.pack(">I", len(body)) + name + body + struct.pack(">I", zlib.crc32(name + body))
    rows = zlib.compress(bytes((width + 1) * height))
    return (b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, 8, 0, 0, 0, 0))
            + chunk(b"IDAT", rows) + chunk(b"IEND", b""))
images = struct.pack(">4I", 0x803, 20, 4, 4) + bytes(range(256)) + bytes(64)
labels = struct.pack(">2I", 0x801, 20) + bytes([0, 1] * 10)
for folder in ("cut", "damaged", "label", "count"):
    write(f"{folder}/train-images-idx3-ubyte", images)
    write(f"{folder}/train-labels-idx1-ubyte", labels)
write("cut/train-images-idx3-ubyte", images[:-1])
packed = bytearray(gzip.compress(images))
packed[len(packed) // 2] ^= 0xff
(root / "damaged/train-images-idx3-ubyte").unlink()
write("damaged/train-images-idx3-ubyte.gz", bytes(packed))
write("label/train-labels-idx1-ubyte", labels[:-1] + b"\7")
write("count/train-labels-idx1-ubyte", struct.pack(">2I", 0x801, 19) + bytes(19))
write("sizes/a/1.png", png(4, 4))
write("sizes/b/2.png", png(4, 5))
write("empty/a/1.png", png(4, 4))
(root / "empty/b").mkdir()
write("text/a/1.png", png(4, 4))
write("text/b/2.png", b"no picture")
write("column.csv", b"label,p,p,p,p\n0,1,2,3,4\n1,1,2,3\n")
END
  local name file advice
  while IFS='|' read -r name file advice; do
    expect 1 "$work/bad/$file" dnn-train --arch "dense 2" --data "$work/bad/$name" --out "$work/x.dnn"
    grep -qF -- "$advice" "$work/output" || fail "$name: no advice like '$advice': $(cat "$work/output")"
  done << 'END'
cut|cut/train-images-idx3-ubyte: ends after 335 of 336 bytes|fetch the file again
damaged|damaged/train-images-idx3-ubyte.gz|fetch the file again
label|label/train-labels-idx1-ubyte: labels go up to 7|give the last layer 8 outputs
count|count/train-labels-idx1-ubyte has 19 labels|take both from the same data set
sizes|sizes/b/2.png: the picture is 4x5|bring all to one size
empty|empty/b: no .png file|add some or remove the folder
text|text/b/2.png|not a usable PNG picture
column.csv|column.csv, line 3: it has 4 columns and others 5|write a label and as many pixels
END
}

# A disk that is full when the model is written: the training is not lost.
full_disk() {
  local train=(dnn-train --quiet --arch "maxpool 7; dense 10" --data synthetic --epochs 2 --out "$work/disk.dnn")
  if ! strace -qq -o /dev/null true; then
    echo "SKIPPED: a full disk, because strace does not run here"
    return
  fi
  # The second file that is renamed is the model; the first is the checkpoint.
  expect 1 "No space left on device; $work/disk.dnn.checkpoint holds the training" \
    strace -f -qq -o /dev/null -e trace=rename -e inject=rename:error=ENOSPC:when=2 "${train[@]}"
  "${train[@]}" --resume
  expect 0 "self-test: passed" dnn-info --verify "$work/disk.dnn"
}

# A training that is ended by a signal leaves a checkpoint, which is a model; Tests/resume.sh goes on from such ones.
end_training() {
  local train=(dnn-train --quiet --arch "conv 4 5x5 relu; maxpool 4; dense 10" --data synthetic) moment process status=0
  "${train[@]}" --epochs 10000 --out "$work/long.dnn" --report "$work/long.html" & process=$!
  for moment in {1..100}; do [ -e "$work/long.html" ] || sleep 0.2; done
  grep -q "of 10,000.</strong> While training goes on" "$work/long.html" || fail "no report while training goes on"
  kill -INT $process
  wait $process || status=$?
  [ $status = 130 ] || fail "SIGINT ended dnn-train with status $status instead of 130"
  grep -q "Training stopped after epoch" "$work/long.html" || fail "the report does not say that training stopped"
  # The page's model is the one in the checkpoint, without the state of training.
  ! grep -qF "$(stat -c %s "$work/long.dnn.checkpoint" | sed 's/...$/,&/') bytes" "$work/long.html" ||
    fail "the report gives the size of the checkpoint as the model's"
  expect 0 "self-test: passed" dnn-info --verify "$work/long.dnn.checkpoint"
  expect 1 "it was made with epochs 10000, which now is 6" "${train[@]}" --epochs 6 --resume --out "$work/long.dnn"
  # One that is started instead says so, and does not replace it for less than an epoch.
  cp "$work/long.dnn.checkpoint" "$work/stopped"
  "${train[@]/--quiet/--epochs=2}" --batch 1 --threads 1 --out "$work/long.dnn" 2> "$work/output" & process=$! status=0
  until grep -q "/2: loss\|, seed 1, 1 threads" "$work/output"; do sleep 0.01; done
  kill -INT $process
  wait $process || status=$?
  [ $status = 130 ] || fail "SIGINT ended dnn-train with status $status instead of 130"
  grep -qF "$work/long.dnn.checkpoint holds a training that was stopped" "$work/output" || fail "a stopped training goes unsaid"
  cmp "$work/stopped" "$work/long.dnn.checkpoint" || fail "less than an epoch replaced a stopped training"
}

echo "== dnn-classify"
for digit in 0 1 2 3 4 5 6 7 8 9; do expect 0 ": $digit (" dnn-classify Examples/digits/$digit.png; done
expect 0 '"class":7,"file":"Examples/digits/7.png","label":"7","probability":' dnn-classify --json Examples/digits/7.png
dnn-classify - < Examples/digits/3.png | grep -q '^-: 3 (' || fail "standard input"
dnn-classify - < README.md 2> "$work/output" && fail "a text on standard input is a picture"
grep -qF -- "dnn-classify: -: not a usable PNG picture" "$work/output" || fail "no name for standard input: $(cat "$work/output")"
dnn-classify --top 3 Examples/digits/3.png | wc -l | grep -qx 4 || fail "--top 3"
expect 2 "give a PNG file" dnn-classify
mkdir -p "$work/pictures/more"
cp Examples/digits/[123].png "$work/pictures/more"
cp Examples/digits/4.png "$work/pictures"
expect 0 "pictures/4.png: 4 (" dnn-classify "$work/pictures"
dnn-classify --plain "$work/pictures/" | cut -f 2,3 | tr '\n\t' ' =' | grep -qx "class=4 class=1 class=2 class=3 " ||
  fail "a folder is not classified in order: $(dnn-classify --plain "$work/pictures/")"
expect 3 "no PNG files in this folder" dnn-classify Sources
# A picture in one colour, written without any help.
python3 - "$work/blank.png" <<'PYTHON'
import struct, sys, zlib
def chunk(kind, data): return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))
header = struct.pack(">IIBBBBB", 60, 50, 8, 0, 0, 0, 0)
rows = zlib.compress((b"\0" + b"\xf0" * 60) * 50)
open(sys.argv[1], "wb").write(
    b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", rows) + chunk(b"IEND", b""))
PYTHON
expect 0 "blank.png: nothing to see" dnn-classify "$work/blank.png"
expect 0 '"label":null,"probability":null,"reason":"nothing","top":[]}' dnn-classify --json "$work/blank.png"
dnn-classify --json --min-confidence 1 Examples/digits/1.png "$work/blank.png" Examples/digits/2.png | python3 -c '
import json, sys
for line in sys.stdin:
    answer = json.loads(line)
    assert (answer["label"] is None) == ("reason" in answer), line
    assert answer["reason"] in ("nothing", "uncertain") if answer["label"] is None else answer["probability"] >= 1, line
' || fail "--min-confidence in JSON"
expect 2 "--min-confidence 1.5" dnn-classify --min-confidence 1.5 x.png
expect 2 "not both" dnn-classify --json --plain x.png
expect 2 "takes one picture" dnn-classify --save-prepared "$work/x.png" Examples/digits/1.png Examples/digits/2.png
# What the network saw is a picture that it sees the same way.
expect 0 ": 5 (" dnn-classify --save-prepared "$work/prepared.png" Examples/digits/5.png
dnn-classify --show Examples/digits/5.png | tail -n +2 > "$work/shown"
[ "$(wc -l < "$work/shown")" = 14 ] || fail "--show has $(wc -l < "$work/shown") lines"
dnn-classify --show "$work/prepared.png" | tail -n +2 | cmp - "$work/shown" || fail "a prepared picture is seen otherwise"
! dnn-classify --show Examples/digits/5.png | grep -q "$(printf '\033')" || fail "colours without a terminal"
dnn-classify Examples/digits/?.png "$work/blank.png" none.png > "$work/many" 2> "$work/summary" && fail "a missing picture is no error"
grep -q "12 pictures: 10 classified (0 × 1, .*); 1 with nothing to see; 1 could not be read" "$work/summary" ||
  fail "no summary: $(cat "$work/summary")"
[ "$(wc -l < "$work/many")" = 11 ] || fail "not all pictures are answered: $(cat "$work/many")"
expect 2 "--top 0" dnn-classify --top 0 x.png
expect 3 "cannot open none.png" dnn-classify none.png
expect 3 "Examples/classify.c: not a usable PNG picture" dnn-classify Examples/classify.c
expect 3 "digits/1.png: 1 (" dnn-classify none.png Examples/digits/1.png
expect 4 "README.md: not a .dnn model" dnn-classify --model README.md Examples/digits/1.png
expect 4 "is a folder" dnn-classify --model Examples Examples/digits/1.png
mkdir "$work/many-files"
python3 -B Tests/classify.py "$TOOLS/dnn-classify" "$work/many-files"

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
cp $model "$work/own.dnn"
ln -s own.dnn "$work/link.dnn"
for path in own.dnn link.dnn; do
  expect 1 "--out $work/$path: is the model itself" dnn-quantize "$work/own.dnn" --data synthetic --out "$work/$path" --force
done
cmp $model "$work/own.dnn" || fail "dnn-quantize replaced its model"
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
expect 0 "66,410 parameters" dnn-train --list-recipes
expect 2 "--arch: column 9: expected" dnn-train --arch "dense 5 softmax" --data synthetic --out "$work/x.dnn"
expect 2 "dnn-train search --help shows how" dnn-train search --recipe cnn --data synthetic --out "$work/x.dnn" --nonsense
expect 2 "--data is missing" dnn-train --recipe convnet --out "$work/x.dnn"
expect 2 "did you mean convnet?" dnn-train --recipe convnte --data . --out "$work/x.dnn"
expect 2 "--arch" dnn-train --arch "conv 3 3x" --data . --out "$work/x.dnn"
expect 1 "no/such/folder" dnn-train --recipe convnet --data no/such/folder --out "$work/x.dnn"
expect 2 "--optimizer lion: take one of adam," dnn-train --recipe convnet --optimizer lion --data synthetic --out "$work/x.dnn"
expect 2 "give a number from" dnn-train --recipe convnet --label-smoothing 2 --data synthetic --out "$work/x.dnn"
expect 2 "--augmentation" dnn-train --recipe convnet --augmentation "turn 3" --data synthetic --out "$work/x.dnn"
for change in shift rotate scale shear elastic smooth stroke erase mixup; do expect 0 "$change X" dnn-train --help; done
expect 1 "no layer pool1 to freeze" dnn-train --init-from $model --freeze pool1 --data synthetic --out "$work/x.dnn"
train_again --recipe mlp-8 --epochs 2
train_again --recipe digits --epochs 1 --held-out 10000
! grep -q -- "--optimizer" "$work/run.html" || fail "the report's command says again what the recipe does"
train_again --recipe lenet5 --epochs 1 --optimizer sgd --nesterov --momentum 0.5 --schedule "step 1 0.5" \
  --augmentation "shift 1, rotate 5" --held-out 300 --held-out-seed 3 --seed 7
train_again --arch "conv 4 5x5 relu; maxpool 4; dense 10" --epochs 2 --optimizer adamw --warm-up 1 --clip 0.5 --batch 64 \
  --label-smoothing 0.1 --average 0.9 --best-epoch --freeze conv1 --augment
train_again --arch "dense 10" --epochs 3 --patience 1 --weight-decay 0.1
expect 1 "--report $work/none/run.html: the folder" dnn-train --recipe mlp-8 --data synthetic --out "$work/x.dnn" \
  --report "$work/none/run.html"
own_pictures
bad_data
end_training
full_disk
TOOLS=$TOOLS bash Tests/resume.sh 12 KILL INT TERM
data=${DNN_DATA:-../shared/data}/mnist
fetch_data
history_files
search
if [ -d "$data" ]; then
  expect 1 "does not exist" dnn-train --recipe convnet --data "$data" --out "$work/none/x.dnn"
  for threads in 1 2; do
    dnn-train --arch "conv 4 5x5 relu; maxpool 4; dense 10" --epochs 1 --threads $threads --data "$data" \
      --out "$work/$threads.dnn" 2>&1 | tee "$work/output"
    [ "$(grep -c "the written file and the trainer agree on all" "$work/output")" = 2 ] || fail "trainer and runtime differ"
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
  expect 0 "$model and $model: the answers are the same" dnn-eval --data "$data" $model $model
  expect 0 "the difference is more than chance" dnn-eval --data "$data" $model "$work/1.dnn"
  dnn-eval --json --data "$data" $model "$work/1.dnn" | python3 -c 'import json, sys; json.load(sys.stdin)["comparisons"][0]' ||
    fail "dnn-eval --json of two models is not JSON"
  check_figures $model
  check_figures "$work/1.dnn"
  expect 0 "test images" dnn-eval --data "$data" --report "$work/comparison.html" $model "$work/1.dnn"
  python3 -B Tests/report.py "$work/report.html" "$work/comparison.html"
  dnn-eval --data "$data" --samples "$work/samples.png" || fail "samples of data alone"
  expect 0 "test images" dnn-eval --data "$data" --samples "$work/answers.png" $model
  # They are PNGs, if not of one digit.
  expect 0 "answers.png: nothing to see" dnn-classify "$work/samples.png" "$work/answers.png"
else
  echo "SKIPPED: evaluating on MNIST, because $data is not there; set DNN_DATA"
fi
echo "== another package"
swift build -c release --package-path Examples/swift --scratch-path .build/example
expect 0 "learned a slope of 0." .build/example/release/custom-layer "$work/custom.dnn"
expect 0 "self-test: passed" dnn-info --verify "$work/custom.dnn"
expect 0 ": 7 (" dnn-classify --model "$work/custom.dnn" Examples/digits/7.png
echo "tools: passed"
