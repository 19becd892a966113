"""Whether the help, the manual and the completions of each tool say what the tool parses.

usage: commandline.py FOLDER TOOL…

The help is read as people read it; everything else is compared with that: each of its options is given to the tool, found in
the manual as mandoc shows it, and completed in bash, zsh and fish as if somebody typed.
"""

import os
import pathlib
import re
import shutil
import subprocess
import sys
import tempfile

import shells


class Option:
    def __init__(self, name, value):
        self.name, self.value = name, value


class Program:
    """A tool or one of its subcommands, as its help describes it."""

    def __init__(self, words):
        self.words = words
        help = run(words + ["--help"]).stdout
        self.options = {match[1]: Option(match[1], match[2])
                        for match in re.finditer(r"^  (?:-\w, )?(--[a-z-]+)(?: ([A-Z]+))?(?:  |$)", help, re.MULTILINE)}
        section = re.search(r"^commands:\n((?:  .*\n)*)", help, re.MULTILINE)
        self.subcommands = re.findall(r"^  (\w+)", section[1], re.MULTILINE) if section else []
        expect("--help" in self.options, words, "--help lists no options")
        wide = [line for line in help.splitlines() if len(line) > 80]
        expect(not wide, words, f"lines of --help that 80 columns do not hold: {wide}")
        expect(help.index("examples:") < help.index("usage:") < help.index("exit status:"), words, "the order of --help")


def run(command, status=0):
    result = subprocess.run(command, capture_output=True, text=True, stdin=subprocess.DEVNULL)
    expect(result.returncode == status, command, f"ended with {result.returncode}, not {status}: {result.stderr}")
    expect(bool(result.stdout) == (status == 0), command, "results belong on standard output, and messages do not")
    return result


def expect(condition, command, message):
    if not condition:
        sys.exit(f"FAILED: {' '.join(command)}: {message}")


def check_parsing(program):
    for option in program.options.values():
        call = program.words + [option.name]
        if option.value:
            expect(f"needs a value: {option.value}\n" in run(call, 2).stderr, call, "the help says that it takes a value")
        else:
            run(call if option.name == "--help" else call + ["--help"])
            expect("takes no value" in run(program.words + [option.name + "=x"], 2).stderr, call, "takes a value")
        mistyped = option.name + "x"
        expect(f"did you mean {option.name}?" in run(program.words + [mistyped], 2).stderr, program.words + [mistyped], "no suggestion")


def check_terminal(tool):
    """Titles of the help are bold on a terminal that can show it, unless NO_COLOR is set; a pipe gets plain text."""
    for settings, is_bold in [({"TERM": "xterm"}, True), ({"TERM": "xterm", "NO_COLOR": ""}, True),
                              ({"TERM": "xterm", "NO_COLOR": "1"}, False), ({"TERM": "dumb"}, False)]:
        shown = shells.on_terminal([tool, "--help"], settings)
        expect(("\x1b[1m" in shown) == is_bold, [tool, "--help"], f"bold with {settings} is not {is_bold}")
    expect("\x1b" not in run([tool, "--help"]).stdout, [tool, "--help"], "writes codes for a terminal to a pipe")


def check_progress(folder):
    """How far a training is shows on a terminal, in a line that is written over itself, and nowhere else."""
    words = ["dnn-train", "--data", "synthetic", "--arch", "conv 4 5x5 relu; maxpool 4; dense 10", "--epochs", "1",
             "--out", str(folder / "x.dnn")]
    shown = shells.on_terminal(words, {"TERM": "xterm"})
    expect(re.search(r"\repoch 1/1: loss [0-9.]+, [0-9.]+ %; [0-9]+ images/s, [0-9]+ % done", shown), words,
           f"shows no progress on a terminal: {shown!r}")
    piped = subprocess.run(words, capture_output=True).stderr
    expect(b"epoch 1/1: loss" in piped and b"\r" not in piped and b"\x1b" not in piped, words, f"writes to a pipe: {piped!r}")
    wide = [line for line in piped.decode().splitlines() if len(line) > 80]
    expect(not wide, words, f"lines that 80 columns do not hold: {wide}")
    quiet = shells.on_terminal(words + ["--quiet"], {"TERM": "xterm"})
    expect(quiet == "", words, f"is not quiet: {quiet!r}")


def check_manual(tool, programs, folder):
    source = run([tool, "--manual"]).stdout
    path = folder / f"{tool}.1"
    path.write_text(source)
    lint = subprocess.run(["mandoc", "-Tlint", "-Wstyle", path], capture_output=True, text=True).stdout
    # A page without a date is the same whenever it is printed.
    complaints = [line for line in lint.splitlines() if "missing date" not in line]
    expect(not complaints, [tool, "--manual"], "\n".join(complaints))
    shown = run(["mandoc", "-Tutf8", path]).stdout
    text = plain(shown)
    ascii = run(["mandoc", "-Tascii", path]).stdout
    expect("<?>" not in ascii, [tool, "--manual"], "has what ASCII cannot show")
    for title in ["NAME", "SYNOPSIS", "DESCRIPTION", "OPTIONS", "EXIT STATUS", "ENVIRONMENT", "EXAMPLES", "SEE ALSO"]:
        expect(re.search(f"^{title}$", text, re.MULTILINE), [tool, "--manual"], f"has no section {title}")
    # Names are bold, which mandoc prints as each letter twice, and values are underlined.
    name, value = r"((?:-\x08-){2}(?:\S\x08\S)+)", r"((?:_\x08\S)+)"
    rows = re.finditer(rf"^ +(?:-\x08-.\x08., )?{name}(?: {value})?", shown, re.MULTILINE)
    found = [(plain(row[1]), row[2] and plain(row[2])) for row in rows]
    options = [(option.name, option.value) for program in programs for option in program.options.values()]
    expect(sorted(found, key=str) == sorted(options, key=str), [tool, "--manual"],
           f"differs from the help: {set(found) ^ set(options)}")


def plain(shown):
    return re.sub(".\b", "", shown)


def check_completion(shell, tool, programs, folder):
    script = run([tool, "--completion", shell.name]).stdout
    (folder / f"{tool}.{shell.name}").write_text(script)
    subprocess.run([shell.name, "-n", folder / f"{tool}.{shell.name}"], check=True)
    lines = []
    for program in programs:
        lines += [" ".join(program.words) + " --"]
        lines += [" ".join(program.words) + " "] if program.subcommands else []
        lines += [f"{' '.join(program.words)} {option.name} " for option in program.options.values() if option.value]
        lines += [f"{' '.join(program.words)} {option.name}=" for option in program.options.values() if option.value]
    answers = shell.complete(tool, lines, folder / "files")
    for line, candidates in answers.items():
        words = line.split(" ")
        program = next(one for one in reversed(programs) if words[:-1] == one.words or words[:-2] == one.words)
        if words[-1] == "" and words[:-1] == program.words:
            expect(set(program.subcommands) <= candidates, [line], f"{shell.name} completes {candidates}")
        elif words[-1] == "--":
            difference = candidates ^ set(program.options)
            expect(not difference, [line], f"{shell.name} and the help differ in {difference}")
        else:
            check_values(shell, program, line, candidates)


def check_values(shell, program, line, candidates):
    """Files have the ending that the value's name or help says, and words are accepted."""
    files = {one for one in candidates if one.startswith("file") or one.startswith("folder")}
    expect(all(name in ("folder", "folder/") or name.count(".") == 1 for name in files), [line], f"{shell.name}: {files}")
    expect(len(files) in (0, 1, 2), [line], f"{shell.name} completes {files}")
    option = line[len(" ".join(program.words)) + 1:-1]
    if program.options[option].value in ("FILE", "MODEL", "PATH", "FOLDER"):
        expect(files, [line], f"{shell.name} completes no file")
    for word in candidates - files:
        if option != "--completion":
            run(program.words + [option, word, "--help"])


def main():
    folder, *tools = sys.argv[1:]
    os.environ["PATH"] = os.path.abspath(folder) + ":" + os.environ["PATH"]
    with tempfile.TemporaryDirectory() as work:
        work = pathlib.Path(work)
        (work / "files" / "folder").mkdir(parents=True)
        for ending in ["dnn", "png", "csv", "html", "txt"]:
            (work / "files" / f"file.{ending}").touch()
        for tool in tools:
            main_program = Program([tool])
            programs = [main_program] + [Program([tool, word]) for word in main_program.subcommands]
            check_terminal(tool)
            for program in programs:
                check_parsing(program)
            for shell in shells.all:
                if shutil.which(shell.name):
                    check_completion(shell, tool, programs, work)
            if shutil.which("mandoc"):
                check_manual(tool, programs, work)
        if "dnn-train" in tools:
            check_progress(work)
    for name in ["mandoc"] + [shell.name for shell in shells.all]:
        if not shutil.which(name):
            print(f"SKIPPED: what {name} makes of the tools, because it is not there")
    print("help, manual and completion of", ", ".join(tools))


main()
