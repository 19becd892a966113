"""Training and tools: the same input gives the same bytes.

usage: determinism.py FOLDER WORK [long]

FOLDER has the tools; WORK is an empty folder but for `locales`, which has the locale de_DE.UTF-8, and gets the models that were
trained. `long` trains on the 12,000 images of `--data synthetic` in place of 400.
"""

import hashlib
import os
import pathlib
import random
import re
import shutil
import subprocess
import sys

TOOLS, WORK = pathlib.Path(sys.argv[1]).resolve(), pathlib.Path(sys.argv[2]).resolve()
IS_LONG = "long" in sys.argv[3:]
ROOT = pathlib.Path(__file__).resolve().parents[1]

PLAIN = {"LC_ALL": "C.UTF-8", "TZ": "UTC0"}
# A quarter of an hour east of everything whole, and the other decimal point.
OTHER = {"LC_ALL": "de_DE.UTF-8", "LANG": "de_DE.UTF-8", "LOCPATH": str(WORK / "locales"), "TZ": "XYZ-5:45"}


def run(words, folder, surroundings=PLAIN, standard_input=subprocess.DEVNULL, status=0):
    settings = {**{key: value for key, value in os.environ.items() if not key.startswith("LC_")}, **surroundings}
    result = subprocess.run([TOOLS / words[0], *map(str, words[1:])], cwd=folder, env=settings, stdin=standard_input,
                            capture_output=True, timeout=600)
    if result.returncode != status:
        sys.exit(f"FAILED: {' '.join(map(str, words))} ended with {result.returncode}: {result.stderr.decode()}")
    return result


def write_images(path, count):
    """Ten classes of bright bars on noise, each image with its bar moved a little."""
    draw = random.Random(7)
    with open(path, "w") as file:
        for image in range(count):
            label = image % 10
            first, by_rows = 4 + 4 * (label % 5) + draw.randrange(2), label < 5
            pixels = [draw.randrange(60) + 190 * (first <= (place // 28 if by_rows else place % 28) < first + 4)
                      for place in range(784)]
            file.write(f"{label},{','.join(map(str, pixels))}\n")


def expect_same(name, makers):
    """Each of the named runs makes a file; all are the same."""
    digests = {case: hashlib.sha256(make()).hexdigest() for case, make in makers.items()}
    if len(set(digests.values())) != 1:
        sys.exit(f"FAILED: {name}: " + ", ".join(f"{case} {digest[:12]}" for case, digest in digests.items()))
    return next(iter(digests.values()))


def check_trainings(data):
    """Twice, and on one, two and three threads."""
    cases = {"one thread": 1, "two threads": 2, "two threads again": 2, "three threads": 3}

    def train(recipe, threads):
        run(["dnn-train", "--quiet", "--recipe", recipe, "--data", data, "--epochs", 1, "--threads", threads,
             "--out", f"{recipe}.dnn"], WORK)
        return (WORK / f"{recipe}.dnn").read_bytes()

    def quantize(threads):
        run(["dnn-quantize", "convnet.dnn", "--data", data, "--finetune", 1, "--force", "--threads", threads, "--out", "small.dnn"],
            WORK)
        return (WORK / "small.dnn").read_bytes()

    for recipe in ["mlp-8", "convnet", "resnet-small", "digits"]:
        digest = expect_same(recipe, {case: lambda: train(recipe, threads) for case, threads in cases.items()})
        print(f"{recipe}: {len(cases)} trainings, one file, {digest[:12]}")
    digest = expect_same("dnn-quantize", {case: lambda: quantize(threads) for case, threads in cases.items()})
    print(f"dnn-quantize --finetune: {len(cases)} runs, one file, {digest[:12]}")


# What a clock says, in any output: numbers in front of these units, in the fields of these names, and last in the lines of tables.
TIMES = [
    (rb"[0-9.,]+( images/s|/s,| s;| s\n)", rb"#\1"),
    (rb'("imagesPerSecond" ?: ?|"seconds" ?: ?)[0-9.e-]+', rb"\1#"),
    (rb"<dt>speed</dt><dd>[0-9,]+", b"<dt>speed</dt><dd>#"),
    (rb"<td>[0-9,]+</td></tr>", b"<td>#</td></tr>"),
    (rb" +([0-9,]+|images/s)\n", b" #\n"),
]


def without_times(output):
    for pattern, replacement in TIMES:
        output = re.sub(pattern, replacement, output)
    return output


def check_surroundings():
    """Every tool, in a folder of its own for each surrounding: output, messages and files are the same."""
    model, images = "model.dnn", "images.csv"
    train = ["dnn-train", "--arch", "maxpool 4; dropout 0.1; dense 10", "--epochs", 2, "--lr", "0.0125", "--threads", 1]
    commands = [
        ["dnn-train", "--help"], ["dnn-train", "--manual"], ["dnn-train", "--list-recipes"],
        [*train, "--data", images, "--out", model, "--history", "history.csv", "--report", "training.html", "--augment",
         "--schedule", "step 1 0.5", "--weight-decay", "0.001"],
        [*train, "--data", images, "--out", "lines.dnn", "--json"],
        ["dnn-train", "search", *train[1:3], "--epochs", 1, "--data", images, "--out", "best.dnn", "--results", "trials.csv",
         "--trials", 3, "--threads", 1, "weight-decay=0.0001..0.1", "dropout=0.1..0.5"],
        ["dnn-quantize", model, "--data", images, "--out", "small.dnn", "--force"],
        ["dnn-quantize", model, "--data", images, "--out", "small.dnn", "--force", "--json"],
        ["dnn-eval", model, "--data", images, "--csv", "answers.csv", "--samples", "samples.png", "--report", "report.html"],
        ["dnn-eval", "--json", model, "--data", images],
        ["dnn-eval", model, "small.dnn", "--data", images, "--report", "comparison.html"],
        ["dnn-info", "--verify", model], ["dnn-info", "--json", "--verify", "small.dnn"],
        ["dnn-classify", "3.png", "7.png"], ["dnn-classify", "--plain", "--top", 3, "3.png"],
        ["dnn-classify", "--json", "--min-confidence", "0.5", "3.png"],
        ["dnn-classify", "--show", "--save-prepared", "seen.png", "3.png"],
    ]
    results = {}
    for name, surroundings in [("plain", PLAIN), ("other", OTHER)]:
        folder = WORK / name
        folder.mkdir()
        shutil.copy(WORK / "images.csv", folder)
        for digit in (3, 7):
            shutil.copy(ROOT / f"Examples/digits/{digit}.png", folder)
        outputs = {}
        for words in commands:
            result = run(words, folder, surroundings)
            for kind, output in [("output", result.stdout), ("messages", result.stderr)]:
                outputs[f"{kind} of {' '.join(map(str, words))}"] = without_times(output)
        for path in folder.iterdir():
            outputs[path.name] = without_times(path.read_bytes())
        results[name] = outputs
    plain, other = results["plain"], results["other"]
    different = [name for name in plain.keys() | other.keys() if plain.get(name) != other.get(name)]
    if different:
        sys.exit(f"FAILED: a German locale and another time zone change {different}")
    # All that dnn-bench says are times, so only how they are written can be looked at.
    bench = run(["dnn-bench", "--batch", 8, "model.dnn"], WORK / "other", OTHER).stdout.decode()
    numbers = re.findall(r"(?<![\w.,])[0-9][0-9.,]*(?![\w])", bench)
    wrong = [number for number in numbers if not re.fullmatch(r"([0-9]+|[0-9]{1,3}(,[0-9]{3})+)(\.[0-9]+)?[.,]?", number)]
    if len(numbers) < 10 or wrong:
        sys.exit(f"FAILED: dnn-bench writes {wrong} under a German locale: {bench}")
    print(f"another locale and time zone: {len(plain)} outputs and files of {len(commands)} calls are the same")


def main():
    write_images(WORK / "images.csv", 400)
    check_surroundings()
    check_trainings("synthetic" if IS_LONG else "images.csv")


main()
