"""Arguments, data and files that nobody sane would give: each tool ends with a status of its own and says why, and never by a trap,
by waiting for ever, or by writing what a terminal or a browser would obey.

usage: inputs.py FOLDER

FOLDER has the tools.
"""

import csv
import html.parser
import os
import pathlib
import re
import shutil
import struct
import subprocess
import sys
import tempfile
import zlib

TOOLS = pathlib.Path(sys.argv[1]).resolve()
ROOT = pathlib.Path(__file__).resolve().parents[1]
DIGIT = ROOT / "Examples/digits/3.png"
MODEL = ROOT / "Sources/CDefaultModel/digits.dnn"
STATUSES = {0, 1, 2, 3, 4, 5}
# Values that every option gets, whatever it takes.
VALUES = [b"", b"-1", b"0", b"1e999", b"nan", b"-nan", b"inf", b"18446744073709551616", b"9223372036854775807", b"0x10", b"1,5",
          b"\xff\xfe", "٣".encode(), b"a\x1b]0;title\x07b\nc", b"1" * 5000, b"<script>"]
count = 0


def fail(words, message):
    sys.exit(f"FAILED: {b' '.join(map(os.fsencode, words))!r}: {message}")


def run(words, status=None, text="", tools=TOOLS, **settings):
    """Runs a tool and checks what goes for all calls, then its status and what it says if they are given."""
    global count
    count += 1
    words = [os.fsencode(str(word)) if isinstance(word, (int, pathlib.Path)) else os.fsencode(word) for word in words]
    settings = {"stdin": subprocess.DEVNULL, "stdout": subprocess.PIPE, **settings}
    try:
        result = subprocess.run([tools / os.fsdecode(words[0]), *words[1:]], stderr=subprocess.PIPE, timeout=60,
                                env={**os.environ, "SWIFT_BACKTRACE": "enable=no"}, **settings)
    except subprocess.TimeoutExpired:
        fail(words, "it waits")
    messages = result.stderr.decode()
    if result.returncode not in STATUSES:
        fail(words, f"it ended with {result.returncode}: {messages[-500:]}")
    if result.returncode != 0 and not messages:
        fail(words, "it says nothing")
    for output in [result.stderr, result.stdout or b""]:
        if re.search(rb"[\x00-\x08\x0b-\x1f\x7f]", output.replace(b"\r\n", b"\n")):
            fail(words, f"control characters in the output: {output[:500]!r}")
    if status is not None and (result.returncode != status or text not in messages):
        fail(words, f"it ended with {result.returncode}, not {status} and '{text}': {messages[-500:]}")
    return result


def options(tool):
    """The options that take a value, by the help."""
    help = subprocess.run([TOOLS / tool[0], *tool[1:], "--help"], capture_output=True, text=True).stdout
    return re.findall(r"^  (--[a-z-]+) [A-Z]+", help, re.MULTILINE)


def check_options(work):
    """Every option of every tool with every value, in a call that runs otherwise."""
    data = work / "data.csv"
    calls = [
        (["dnn-train"], {"--arch": "dense 2", "--data": data, "--out": work / "a.dnn", "--epochs": 1, "--batch": 16}, []),
        (["dnn-train", "search"],
         {"--arch": "dense 2", "--data": data, "--out": work / "b.dnn", "--epochs": 1, "--trials": 1}, ["batch=8"]),
        (["dnn-quantize"], {"--data": data, "--out": work / "c.dnn"}, [work / "model.dnn"]),
        (["dnn-eval"], {"--data": data}, [work / "model.dnn"]),
        (["dnn-classify"], {}, [DIGIT]),
        (["dnn-info"], {}, [MODEL]),
        (["dnn-bench"], {}, [work / "none.dnn"]),
    ]
    for tool, usual, arguments in calls:
        for option in options(tool):
            for value in VALUES:
                given = {**usual, option: value}
                if option in ["--recipe", "--init-from"]:
                    given.pop("--arch", None)
                run(tool + [word for pair in given.items() for word in pair] + arguments, cwd=work)
        for value in VALUES:
            run(tool + [word for pair in usual.items() for word in pair] + [value], cwd=work)


def check_texts(work):
    train = ["dnn-train", "--data", work / "data.csv", "--out", work / "d.dnn", "--epochs", 1, "--quiet"]
    cases = [
        ("--arch", "dense 99999999999999999999", 2), ("--arch", "conv 65536 256x256 pad 256; dense 2", 1),
        ("--arch", "conv 1 1x1 stride 0; dense 2", 2), ("--arch", "conv 3 2x2 groups 2; dense 2", 1),
        ("--arch", "dropout 1; dense 2", 2), ("--arch", "dropout nan; dense 2", 2), ("--arch", "maxpool 256; dense 2", 1),
        ("--arch", "from x; dense 2", 2), ("--arch", "add input; dense 2", 0), ("--arch", ";" * 1000, 2),
        ("--arch", "relu; " * 5000 + "dense 2", 1), ("--arch", "dense 65536; dense 65536; dense 2", 1),
        ("--schedule", f"step {2**63 - 1} 0.5", 0), ("--schedule", "step 0 1", 2), ("--schedule", "step 1 1e-320", 0),
        ("--augmentation", "shift 1024, rotate 180, scale 0.9, shear 80, elastic 1000, smooth 32, stroke 8, erase 1, mixup 0.03", 0),
        ("--augmentation", "shift nan", 2), ("--augmentation", "mixup 1e-30", 2), ("--lr", "1e-45", 0), ("--freeze", ",,,", 0),
    ]
    for option, text, status in cases:
        run(train + [option, text] + ([] if option == "--arch" else ["--arch", "dense 2"]), status)
    search = ["dnn-train", "search", "--arch", "dense 2", "--data", work / "data.csv", "--out", work / "d.dnn", "--epochs", 1]
    for text in ["lr=", "lr=..", "lr=1..0", "lr=-1..1", "lr=nan..1", "batch=1.5..2", f"batch={-2**60}..{2**60}", "lr=inf..inf",
                 "lr=0.1,,0.2", "=1", "lr", "lr=0.1..0.2..0.3", "clip=1e308..2e308", "warm-up=-1e308..1e308"]:
        run(search + ["--trials", 2, text], 2)


def chunk(kind, data):
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))


def write_png(path, level):
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", struct.pack(">IIBBBBB", 4, 4, 8, 0, 0, 0, 0))
                     + chunk(b"IDAT", zlib.compress((b"\0" + bytes([level] * 4)) * 4)) + chunk(b"IEND", b""))


def write_pictures(folder, names):
    for index, name in enumerate(names):
        for picture in range(8):
            write_png(folder / name / f"{picture}.png", 30 * index + picture)
    return folder


class Texts(html.parser.HTMLParser):
    """The elements and texts of a page."""

    def __init__(self, page):
        super().__init__()
        self.elements, self.texts = [], []
        self.feed(page)

    def handle_starttag(self, tag, attributes):
        self.elements.append(tag)

    def handle_data(self, data):
        self.texts.append(data)


def check_folders(work):
    train = ["dnn-train", "--quiet", "--arch", "dense 2", "--epochs", 1, "--out", work / "e.dnn", "--data"]
    bad = work / "bad"
    write_pictures(bad / "bytes", ["a", os.fsdecode(b"b\xff")])
    run(train + [bad / "bytes"], 1, "its name is not UTF-8: rename it")
    write_pictures(bad / "control", ["a", "b\x1b[31m"])
    run(train + [bad / "control"], 1, "control character")
    write_pictures(bad / "pipe", ["a", "b"])
    os.mkfifo(bad / "pipe/a/0pipe.png")
    run(train + [bad / "pipe"], 1, "0pipe.png: cannot be read: it is not a regular file")
    write_pictures(bad / "loop", ["a", "b"])
    (bad / "loop/a/0loop.png").symlink_to("0loop.png")
    run(train + [bad / "loop"], 1, "0loop.png: cannot be read: Too many levels of symbolic links")
    write_pictures(bad / "folder", ["a", "b"])
    (bad / "folder/a/0folder.png").mkdir()
    run(train + [bad / "folder"], 1, "0folder.png: cannot be read: it is a folder, not a file")
    (bad / "itself").symlink_to("itself")
    run(train + [bad / "itself"], 1, "it does not exist")
    (bad / "idx").mkdir()
    for kind in ["images-idx3", "labels-idx1"]:
        os.mkfifo(bad / "idx" / f"train-{kind}-ubyte")
    run(train + [bad / "idx"], 1, "it is not a regular file")
    # A class that only test images have.
    (bad / "classes").mkdir()
    for part, last in [("train", 1), ("t10k", 7)]:
        (bad / "classes" / f"{part}-images-idx3-ubyte").write_bytes(struct.pack(">4I", 0x803, 20, 2, 2) + bytes(range(80)))
        (bad / "classes" / f"{part}-labels-idx1-ubyte").write_bytes(struct.pack(">2I", 0x801, 20) + bytes([0, 1] * 9 + [0, last]))
    run(["dnn-eval", "--data", bad / "classes", "--samples", work / "samples.png"], 0)
    run(train + [bad / "classes"], 1, "labels go up to 7 (image 19), but the network has 2 outputs")
    run(["dnn-train", "--quiet", "--init-from", work / "model.dnn", "--data", bad / "classes", "--epochs", 1,
         "--out", work / "classes.dnn", "--report", work / "classes.html"], 0)
    for path in ["/dev/zero", "/dev/null", "/dev/stdin"]:
        run(train + [path], 1, path)
    # The runtime's pictures: folders of files, pipes and what is no PNG.
    (bad / "mixed").mkdir()
    (bad / "mixed/1.png").write_bytes(DIGIT.read_bytes())
    os.mkfifo(bad / "mixed/2.png")
    (bad / "mixed/3\n\x1b[31m.png").write_bytes(b"no picture")
    (bad / "mixed/up").symlink_to("..")
    result = run(["dnn-classify", bad / "mixed"], 3, "2.png is not a regular file")
    if result.stdout.count(b"\n") != 1:
        fail(["dnn-classify", bad / "mixed"], f"not one answer: {result.stdout}")


def check_names(work):
    """What is in the names of folders, classes and files is text wherever it is shown."""
    names = ["<script>alert(1)<", "\"';--,\\", "=1+1", "&amp;", "ä€😀", " "]
    folder = write_pictures(work / "<b>&'\"", names)
    model = work / "<img src=x>.dnn"
    run(["dnn-train", "--quiet", "--arch", "dense 6", "--epochs", 1, "--out", model, "--data", folder,
         "--report", work / "training.html"], 0)
    run(["dnn-eval", model, "--data", folder, "--report", work / "report.html", "--csv", work / "table.csv",
         "--samples", work / "samples.png"], 0)
    for path in [work / "training.html", work / "report.html"]:
        page = Texts(path.read_text())
        if page.elements.count("script") != 1 or {"b", "img src=x"} & set(page.elements):
            fail([path], "a name became part of the page")
        shown = "".join(page.texts)
        missing = [name for name in [*names, folder.name, model.name] if name.strip() not in shown]
        if missing:
            fail([path], f"{missing} are not shown")
    rows = list(csv.reader(open(work / "table.csv", newline="")))
    if {row[2] for row in rows[1:]} != set(names) or {len(row) for row in rows} != {len(rows[0])}:
        fail([work / "table.csv"], "its labels are not those of the data")


def check_outputs(work):
    train = ["dnn-train", "--quiet", "--arch", "dense 2", "--epochs", 1, "--data", work / "data.csv"]
    for path in ["/dev/stdout", "/dev/full", "/dev/null"]:
        run(train + ["--out", path], 1, f"--out {path}: is no regular file")
    run(train + ["--out", b"\xff.dnn"], 1, "the name is not UTF-8")
    run(train + ["--out", work / "f.dnn", "--history", "/dev/full"], 1, "cannot write /dev/full: No space left on device")
    run(train + ["--out", work / "f.dnn", "--report", "/dev/full"], 1, "cannot write /dev/full: No space left on device")
    model = work / "model.dnn"
    for option in ["--csv", "--report", "--samples"]:
        run(["dnn-eval", model, "--data", work / "data.csv", option, "/dev/full"], 1, "cannot write /dev/full: No space left")
        run(["dnn-eval", model, "--data", work / "data.csv", option, work / "none/file"], 1, "does not exist")
    run(["dnn-quantize", model, "--data", work / "data.csv", "--out", "/dev/full", "--force"], 1, "cannot write /dev/full")
    run(["dnn-classify", "--save-prepared", "/dev/full", DIGIT], 1, "cannot write /dev/full: No space left on device")
    run(["dnn-classify", "--save-prepared", work / "none/file.png", DIGIT], 1, "does not exist")
    run(["dnn-train", "search", *train[2:], "--out", work / "f.dnn", "--results", work / "none/file.csv", "batch=8,16"], 1,
        "does not exist")
    # Standard output that is full, and a reader who has seen enough.
    calls = [["dnn-info", MODEL], ["dnn-classify", DIGIT], ["dnn-eval", model, "--data", work / "data.csv", "--json"],
             ["dnn-train", "--help"], ["dnn-train", "--list-recipes"], train + ["--out", work / "f.dnn", "--json"]]
    for words in calls:
        with open("/dev/full", "w") as full:
            run(words, 1, "cannot write standard output: No space left on device", stdout=full)
        reader, writer = os.pipe()
        os.close(reader)
        run(words, 0, stdout=writer)
        os.close(writer)
    # A pipe takes the whole file once for each time that it is written.
    for option, first in [("--csv", b"image,"), ("--report", b"<!DOCTYPE html>")]:
        pipe = work / "pipe"
        os.mkfifo(pipe)
        reader = subprocess.Popen(["cat", pipe], stdout=subprocess.PIPE)
        run(["dnn-eval", model, "--data", work / "data.csv", option, pipe], 0)
        if not reader.communicate()[0].startswith(first):
            fail(["dnn-eval", option, pipe], "the pipe got something else")
        pipe.unlink()
    folder = os.open("/", os.O_RDONLY)
    run(["dnn-classify", "-"], 3, "cannot read standard input: Is a directory", stdin=folder)
    os.close(folder)


def check_rights(work):
    """Folders and files that may not be written or read, to somebody who is not root."""
    tools, locked, secret = work / "bin", work / "locked", work / "secret"
    tools.mkdir()
    for name in ["dnn-train", "dnn-info", "dnn-classify"]:
        shutil.copy(TOOLS / name, tools)
    locked.mkdir()
    secret.mkdir()
    (locked / "model.dnn").write_bytes(MODEL.read_bytes())
    for name in ["model.dnn", "data.csv", "digit.png"]:
        (secret / name).write_bytes(b"secret")
        (secret / name).chmod(0)
    locked.chmod(0o555)
    work.chmod(0o755)
    somebody = {"user": 65534, "group": 65534, "extra_groups": []} if os.geteuid() == 0 else {}
    train = ["dnn-train", "--quiet", "--arch", "dense 2", "--epochs", 1, "--data"]
    cases = [
        (train + [work / "data.csv", "--out", locked / "model.dnn"], 1, f"the folder {locked} cannot be written to"),
        (train + [secret / "data.csv", "--out", "/tmp/x.dnn"], 1, "data.csv: cannot be read: Permission denied"),
        (["dnn-info", secret / "model.dnn"], 4, "model.dnn: Permission denied"),
        (["dnn-classify", "--model", secret / "model.dnn", DIGIT], 4, "model.dnn: Permission denied"),
        (["dnn-classify", secret / "digit.png"], 3, "digit.png: Permission denied"),
        (["dnn-classify", "--save-prepared", locked / "x.png", work / "digit.png"], 1, "cannot be written to"),
    ]
    (work / "digit.png").write_bytes(DIGIT.read_bytes())
    for words, status, text in cases:
        run(words, status, text, tools=tools, **somebody)
    if sorted(os.listdir(locked)) != ["model.dnn"] or (locked / "model.dnn").read_bytes() != MODEL.read_bytes():
        fail([locked], "was written to")


def main():
    with tempfile.TemporaryDirectory() as folder:
        work = pathlib.Path(folder)
        (work / "data.csv").write_text("".join(f"{image % 2},{image},{200 - 100 * (image % 2)},0,9\n" for image in range(60)))
        run(["dnn-train", "--quiet", "--arch", "dense 2", "--epochs", 1, "--data", work / "data.csv", "--out", work / "model.dnn"], 0)
        for check in [check_texts, check_folders, check_names, check_outputs, check_rights, check_options]:
            check(work)
    print(f"inputs: {count} calls ended with a status and a message")


main()
