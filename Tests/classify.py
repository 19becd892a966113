"""dnn-classify on many files at once and on a terminal.

Usage: python3 Tests/classify.py DNN-CLASSIFY FOLDER

DNN-CLASSIFY is the tool, FOLDER one to write in.
"""
import fcntl
import os
import pathlib
import pty
import re
import struct
import subprocess
import sys
import termios

ROOT = pathlib.Path(__file__).resolve().parent.parent
DIGITS = [f"Examples/digits/{digit}.png" for digit in range(10)]


def classify(tool, *arguments):
    """Output and messages together as they came, and the exit status."""
    result = subprocess.run(
        [tool, *arguments], stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, cwd=ROOT)
    return result.stdout.decode(), result.returncode


def check_many(tool, folder):
    """However many threads there are, many files are answered as each one is by itself, in their order."""
    (folder / "cut.png").write_bytes((ROOT / DIGITS[3]).read_bytes()[:150])
    files = DIGITS + [f"{folder}/cut.png", "none.png", "Examples/classify.c"]
    # Far more than threads may be ahead of the output, and what fails at many places.
    many = [files[(7 * place + place // 13) % len(files)] for place in range(250)]
    for options in [], ["--json"], ["--plain", "--top=2"], ["--show"], ["--min-confidence=1", "--top=3"]:
        alone = {file: classify(tool, *options, file) for file in files}
        assert {status for _, status in alone.values()} == {0, 3}, options
        expected = "".join(alone[file][0] for file in many)
        for threads in [[], ["--threads=1"], ["--threads=2"], ["--threads=9"]]:
            text, status = classify(tool, *options, *threads, *many)
            if not {"--json", "--plain"} & set(options):
                text, summary = text[:text.rindex("\n", 0, -1) + 1], text.splitlines()[-1]
                assert summary.startswith("250 pictures: ") and summary.endswith("could not be read"), summary
            assert text == expected, f"{options} {threads}: the output differs from that of one file after another"
            assert status == 3, f"{options} {threads}: status {status}"


def on_terminal(command, columns, **variables):
    """What a terminal of so many columns is sent."""
    terminal, end = pty.openpty()
    fcntl.ioctl(end, termios.TIOCSWINSZ, struct.pack("HHHH", 24, columns, 0, 0))
    environment = {name: value for name, value in os.environ.items() if name != "NO_COLOR"} | variables
    with subprocess.Popen(
            command, stdin=subprocess.DEVNULL, stdout=end, stderr=subprocess.DEVNULL, env=environment, cwd=ROOT):
        os.close(end)
        text = b""
        try:
            while data := os.read(terminal, 65536):
                text += data
        except OSError:    # the other end was closed
            pass
    os.close(terminal)
    return text.decode().replace("\r\n", "\n")


def check_names(tool, folder):
    """A line of --plain has its fields whatever the file's name is, and a folder may be a link to one."""
    (folder / "names").mkdir()
    # An accent makes one character of itself and the tab before it.
    name = "a\\\t\u0301\t\\\u0301\nb.png"
    (folder / "names" / name).write_bytes((ROOT / DIGITS[3]).read_bytes())
    (folder / "link").symlink_to("names")
    for argument in "names", "link":
        line = classify(tool, "--plain", str(folder / argument))[0]
        escaped = name.replace("\\", "\\\\").replace("\t", "\\t").replace("\n", "\\n")
        assert line.startswith(f"{folder}/{argument}/{escaped}\tclass\t3\t"), ascii(line)


def check_terminal(tool, folder):
    """On a terminal answers stand below one another, labels are bold and images have colours; not if nobody wants that."""
    long = folder / ("a" * 60 + ".png")
    long.write_bytes((ROOT / DIGITS[5]).read_bytes())
    files = [DIGITS[3], str(folder / "8.png"), str(long)]
    (folder / "8.png").write_bytes((ROOT / DIGITS[8]).read_bytes())
    plain = classify(tool, *files)[0]
    assert "\x1b" not in plain

    lines = on_terminal([tool, *files], 100, TERM="xterm").splitlines()
    answers = [re.fullmatch(r"(.*:) ( *)\x1b\[1m(\d)\x1b\[m (\(\d+\.\d %\))", line) for line in lines]
    assert all(answers), f"not a bold label and its probability: {lines}"
    # Apart from what sets them below one another, the lines are the same.
    assert "".join(f"{a[1]} {a[3]} {a[4]}\n" for a in answers) == plain, lines
    # The longest name decides where answers stand, up to half the width; what is longer pushes its answer to the right.
    widest = min(max(map(len, files)), 50)
    for file, answer in zip(files, answers):
        assert answer.start(3) - len("\x1b[1m") == max(widest, len(file)) + len(": "), lines

    for variables in {"TERM": "dumb"}, {"TERM": "xterm", "NO_COLOR": "1"}:
        text = on_terminal([tool, *files], 100, **variables)
        assert text == plain, f"{variables}: {text!r}"
    assert "\x1b[1m" in on_terminal([tool, *files], 100, TERM="xterm", NO_COLOR=""), "NO_COLOR counts where it is not empty"

    shown = on_terminal([tool, "--show", files[0]], 100, TERM="xterm").splitlines()[1:]
    cell = r"\x1b\[38;2;\d+;\d+;\d+;48;2;\d+;\d+;\d+m▀"
    assert len(shown) == 14 and all(re.fullmatch(f"(?:{cell}){{28}}\x1b\\[m", line) for line in shown), shown
    # The same image as the one that is saved: two rows of it in each line.
    saved = folder / "seen.png"
    classify(tool, "--save-prepared", str(saved), files[0])
    ground = [re.findall(r"38;2;(\d+);\d+;\d+;48;2;(\d+)", line) for line in shown]
    rows = [[int(pair[half]) for pair in line] for line in ground for half in (0, 1)]
    assert rows == grey_rows(saved), "--show and --save-prepared differ"


def grey_rows(path):
    """The pixels of a PNG in grey without interlace, by the PNG specification, section 9: filters."""
    import zlib
    data, place, packed = path.read_bytes(), 8, b""
    while place < len(data):
        length, kind = struct.unpack(">I4s", data[place:place + 8])
        body = data[place + 8:place + 8 + length]
        if kind == b"IHDR":
            width, height, depth, colour, _, _, interlace = struct.unpack(">IIBBBBB", body)
            assert (depth, colour, interlace) == (8, 0, 0)
        packed += body if kind == b"IDAT" else b""
        place += 12 + length
    data, rows, above = zlib.decompress(packed), [], [0] * width
    for y in range(height):
        kind, *line = data[y * (width + 1):(y + 1) * (width + 1)]
        row = []
        for x, value in enumerate(line):
            left, up, corner = row[x - 1] if x else 0, above[x], above[x - 1] if x else 0
            nearest = min((left, up, corner), key=lambda near: abs(left + up - corner - near))
            row.append((value + (0, left, up, (left + up) // 2, nearest)[kind]) % 256)
        rows.append(row)
        above = row
    return rows


def main():
    if len(sys.argv) != 3:
        sys.exit(__doc__)
    tool, folder = sys.argv[1], pathlib.Path(sys.argv[2])
    check_many(tool, folder)
    check_names(tool, folder)
    check_terminal(tool, folder)
    print("dnn-classify answers many files as it does each; on a terminal it sets them below one another")


if __name__ == "__main__":
    main()
