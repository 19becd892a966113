"""What the tools do when files go wrong: no fault may cost more than the run that met it.

usage: faults.py FOLDER LIBRARY [long]

FOLDER has the tools, LIBRARY is Tests/faults.c compiled. Every call of a tool that opens, creates, reads, writes, brings to the disk
or renames a file goes wrong once, in every way that is there for it: the n-th call for every n, until the tool runs through. Each
time a tool either does all it should, or says which file it is about and ends with a status of its own; under every name there is
then the old file or the new one, whole, and no other file is left. Then the tools are killed before each of these calls: what is
left of a training is a model, and the same command with --resume, or without, ends with the very same files and leaves no other.
`long` takes more ways and more data.
"""

import errno
import gzip
import os
import pathlib
import random
import struct
import subprocess
import sys
import tempfile
import zlib

TOOLS, LIBRARY = pathlib.Path(sys.argv[1]).resolve(), pathlib.Path(sys.argv[2]).resolve()
IS_LONG = "long" in sys.argv[3:]
ROOT = pathlib.Path(__file__).resolve().parents[1]

# What each call can meet. An interrupted call and one that did a part only are no faults: nothing may come of them.
HARMLESS = ["short", errno.EINTR]
WAYS = {
    "open": [errno.EACCES, errno.EMFILE, errno.EIO] if IS_LONG else [errno.EACCES],
    "read": HARMLESS + [errno.EIO, "truncate", "remove"],
    "create": [errno.ENOSPC, errno.EROFS, errno.EDQUOT] if IS_LONG else [errno.ENOSPC],
    "write": HARMLESS + [errno.ENOSPC] + ([errno.EIO, errno.EFBIG] if IS_LONG else []),
    "sync": [errno.EIO, errno.ENOSPC] if IS_LONG else [errno.EIO],
    "rename": [errno.EIO, errno.EROFS] if IS_LONG else [errno.EIO],
}


def chunk(kind, data):
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))


def png(rows):
    header = struct.pack(">IIBBBBB", len(rows[0]), len(rows), 8, 0, 0, 0, 0)
    return (b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header)
            + chunk(b"IDAT", zlib.compress(b"".join(b"\0" + bytes(row) for row in rows))) + chunk(b"IEND", b""))


class Data:
    """Two classes of 4x4 pixels that are easy to tell apart, in every form that data have."""

    def __init__(self, folder, count):
        folder.mkdir()
        draw = random.Random(1)
        images = [[draw.randrange(100) + 150 * ((place % 4 < 2) == (image % 2 == 0)) for place in range(16)]
                  for image in range(count)]
        self.csv, self.idx, self.pngs = folder / "data.csv", folder / "idx", folder / "pngs"
        self.csv.write_text("".join(f"{image % 2},{','.join(map(str, pixels))}\n" for image, pixels in enumerate(images)))
        self.idx.mkdir()
        for part in ["train", "t10k"]:
            packed = struct.pack(">4I", 0x803, count, 4, 4) + bytes(sum(images, []))
            (self.idx / f"{part}-images-idx3-ubyte.gz").write_bytes(gzip.compress(packed, mtime=0))
            (self.idx / f"{part}-labels-idx1-ubyte").write_bytes(
                struct.pack(">2I", 0x801, count) + bytes(image % 2 for image in range(count)))
        for image, pixels in enumerate(images[:12]):
            (self.pngs / str(image % 2)).mkdir(parents=True, exist_ok=True)
            (self.pngs / str(image % 2) / f"{image}.png").write_bytes(png([pixels[row:row + 4] for row in (0, 4, 8, 12)]))


class Scenario:
    """One call of a tool, the files that it writes, those of them that grow while it runs, what it may end with, and the files
    beside its outputs that it may leave for --resume."""

    def __init__(self, words, outputs=(), statuses=(1,), growing=(), may_leave=()):
        self.words, self.outputs, self.statuses, self.growing, self.may_leave = words, outputs, statuses, growing, may_leave


class Failed(Exception):
    pass


def run(words, work, call="", number=0, fault="", record="/dev/null"):
    faults = {"LD_PRELOAD": str(LIBRARY), "FAULTS_FOLDER": str(work), "FAULTS_CALL": call, "FAULTS_NUMBER": str(number),
              "FAULTS_ERROR": str(fault), "FAULTS_RECORD": str(record)} if call else {}
    return subprocess.run([TOOLS / words[0], *map(str, words[1:])], capture_output=True, stdin=subprocess.DEVNULL,
                          env={**os.environ, "SWIFT_BACKTRACE": "enable=no", **faults}, timeout=100)


def files(folder):
    return {path: path.read_bytes() for path in sorted(folder.rglob("*")) if path.is_file()}


def is_whole(path, content, expected, grows):
    """Reports say how long something took, and are whole when they end. What grows epoch by epoch or trial by trial has all its
    columns in every line."""
    if path.suffix == ".html":
        return content.endswith(b"</html>\n")
    if not grows:
        return content == expected
    lines = content.split(b"\r\n")
    columns = {line.count(b",") for line in lines[:-1]}
    return lines[-1] == b"" and lines[0] == expected.split(b"\r\n")[0] and len(columns) == 1


def restore(work, before):
    for path in files(work):
        if path not in before:
            path.unlink()
    for path, content in before.items():
        if not path.exists() or path.read_bytes() != content:
            path.write_bytes(content)
    for path in sorted(work.rglob("*.search"), reverse=True):
        path.rmdir()


def check(scenario, work, before, after, result, call, fault, struck):
    """What must be so after a fault, whatever it was."""
    text = result.stderr.decode(errors="replace")
    is_harmless = fault in HARMLESS
    if result.returncode not in (0, *scenario.statuses):
        raise Failed(f"status {result.returncode}: {text}")
    # zlib, which reads IDX files, gives an interrupted read back as an error; no signal handler of the tools lets one come to that.
    if is_harmless and result.returncode != 0 and not (fault == errno.EINTR and "ubyte" in struck):
        raise Failed(f"what is no fault ended the run: {text}")
    # What is cut short or gone in the middle may have been read already, or may be missed only when it is opened again.
    if not is_harmless and fault not in ["truncate", "remove"] and result.returncode == 0:
        raise Failed("nobody noticed")
    if result.returncode != 0 and str(work) not in text:
        raise Failed(f"no file is named: {text}")
    now = files(work)
    for path in scenario.outputs:
        if fault in ["truncate", "remove"] and struck.endswith(f" {path}"):
            continue
        content, old = now.get(path), before.get(path)
        if content == old and result.returncode != 0:
            continue
        if content is None or not is_whole(path, content, after[path], path in scenario.growing):
            raise Failed(f"{path.name} is neither the old file nor the new one")
    for path in now:
        if path not in before and path not in scenario.outputs and path not in scenario.may_leave:
            raise Failed(f"{path} is left")
    for path in before:
        if path not in scenario.outputs and now.get(path) != before[path] and not struck.endswith(f" {path}"):
            raise Failed(f"{path} was changed")


def sweep(name, scenario, work, record):
    """Lets every call go wrong in every way.

    Returns the number of faults for each kind of call."""
    before = files(work)
    result = run(scenario.words, work)
    if result.returncode != 0:
        sys.exit(f"FAILED: {name} does not run even without faults: {result.stderr.decode()}")
    after = files(work)
    restore(work, before)
    counts = {}
    for call, ways in WAYS.items():
        for fault in ways:
            for number in range(1, 1000):
                record.write_text("")
                result = run(scenario.words, work, call, number, fault, record)
                struck = record.read_text().strip()
                if not struck:
                    break
                counts[call] = counts.get(call, 0) + 1
                try:
                    check(scenario, work, before, after, result, call, fault, struck)
                except Failed as failure:
                    what = errno.errorcode.get(fault, fault)
                    sys.exit(f"FAILED: {name}: call {number} of {struck} met {what}: {failure}")
                restore(work, before)
    return counts


def kill(name, scenario, work, record):
    """Kills the tool before every call, and has it go on.

    Returns how often."""
    before = files(work)
    run(scenario.words, work)
    after = files(work)
    restore(work, before)
    for number in range(1, 1000):
        record.write_text("")
        result = run(scenario.words, work, "any", number, "kill", record)
        struck = record.read_text().strip()
        if not struck:
            return number - 1
        where = f"{name}: killed before call {number}, {struck}"
        if result.returncode != -9:
            sys.exit(f"FAILED: {where}: it ended with {result.returncode}")
        now = files(work)
        for path in scenario.outputs:
            is_old = now.get(path) == before.get(path)
            if not is_old and not is_whole(path, now.get(path, b""), after[path], path in scenario.growing):
                sys.exit(f"FAILED: {where}: {path.name} is neither the old file nor the new one")
        for path in scenario.may_leave:
            if path in now and run(["dnn-info", "--verify", path], work).returncode != 0:
                sys.exit(f"FAILED: {where}: {path.name} is no model: {run(['dnn-info', '--verify', path], work).stderr}")
        result = run(scenario.words + (["--resume"] if scenario.may_leave else []), work)
        end = files(work)
        if result.returncode != 0:
            sys.exit(f"FAILED: {where}: it does not go on: {result.stderr.decode()}")
        if set(end) != set(after):
            sys.exit(f"FAILED: {where}: files left or missing afterwards: {set(end) ^ set(after)}")
        different = [path.name for path in end if path.suffix != ".html" and end[path] != after[path]]
        if different:
            sys.exit(f"FAILED: {where}: afterwards {different} are other files")
        restore(work, before)
    sys.exit(f"FAILED: {name}: more calls than there can be")


def scenarios(work):
    data = Data(work / "data", 200 if IS_LONG else 60)
    model, other, small = work / "model.dnn", work / "other.dnn", work / "small.dnn"
    history, report, table = work / "history.csv", work / "report.html", work / "table.csv"
    sheet, seen, digit = work / "sheet.png", work / "seen.png", work / "digit.png"
    digit.write_bytes((ROOT / "Examples/digits/3.png").read_bytes())
    for path in [history, report, table, sheet, seen, small]:
        path.write_bytes(b"the old file\n")
    train = ["dnn-train", "--quiet", "--arch", "dense 4 relu; dropout 0.1; dense 2", "--batch", 8, "--threads", 1, "--epochs", 2]
    for path in [model, other]:
        if run([*train, "--data", data.csv, "--out", path], work).returncode != 0:
            sys.exit("FAILED: the first training")
    checkpoint = work / "other.dnn.checkpoint"
    return {
        "dnn-train with history and report": Scenario(
            [*train, "--data", data.csv, "--out", other, "--history", history, "--report", report, "--seed", 2],
            [other, history, report], growing=[history], may_leave=[checkpoint]),
        "dnn-train on IDX files, from a model": Scenario(
            ["dnn-train", "--quiet", "--init-from", model, "--data", data.idx, "--out", other, "--epochs", 1], [other],
            (1, 2), may_leave=[checkpoint]),
        "dnn-train on PNGs": Scenario(
            ["dnn-train", "--quiet", "--arch", "dense 2", "--data", data.pngs, "--out", other, "--epochs", 1], [other],
            may_leave=[checkpoint]),
        "dnn-train search": Scenario(
            ["dnn-train", "search", *train[1:], "--data", data.csv, "--out", other, "--results", table, "--trials", 3,
             "dropout=0.1..0.5"], [other, table], growing=[table],
            may_leave=[work / f"other.dnn.search/{number}.checkpoint" for number in (1, 2, 3)]),
        "dnn-quantize": Scenario(
            ["dnn-quantize", model, "--data", data.csv, "--out", small, "--force", "--threads", 1], [small], (1, 4)),
        "dnn-eval": Scenario(
            ["dnn-eval", model, "--data", data.idx, "--csv", table, "--samples", sheet, "--report", report],
            [table, sheet, report], (1, 4)),
        "dnn-classify": Scenario(
            ["dnn-classify", "--save-prepared", seen, "--model", model, digit], [seen], (1, 3, 4)),
        "dnn-info": Scenario(["dnn-info", "--verify", model], [], (1, 4)),
    }


def main():
    total, kills = {}, 0
    with tempfile.TemporaryDirectory() as folder:
        work = pathlib.Path(folder).resolve() / "work"
        work.mkdir()
        for name, scenario in scenarios(work).items():
            counts = sweep(name, scenario, work, work.parent / "record")
            print(f"{name}: {sum(counts.values())} faults ({', '.join(f'{call} {count}' for call, count in counts.items())})")
            for call, count in counts.items():
                total[call] = total.get(call, 0) + count
            if scenario.outputs and (IS_LONG or "history" in name or "search" in name):
                count = kill(name, scenario, work, work.parent / "record")
                print(f"{name}: killed before each of {count} calls")
                kills += count
    if set(total) != set(WAYS):
        sys.exit(f"FAILED: no fault at all of {set(WAYS) - set(total)}")
    print(f"faults of files: {sum(total.values())}, and {kills} kills; none cost a file")


main()
