"""Which functions of the library hold instructions that end the process, and why they are never reached.

    python3 Tests/traps.py LIBRARY

Swift puts one behind every sum and index that it cannot prove to be in range. They stay as the last line of defence: where a
mistake would otherwise write to memory, it ends there. But nothing from outside may lead to one, so each function that has some was
looked at, and Tests/traps.txt says what its numbers are bounded by. A function that is not there fails the test: see what bounds it,
and add it to its reason. One that has none at the moment may stay there: what the compiler inlines where changes with any line.
"""
import collections
import pathlib
import re
import subprocess
import sys

LIST = pathlib.Path(__file__).with_name("traps.txt")


def functions(library):
    """The demangled names of functions with a trap, without the types of what they are specialized for."""
    text = subprocess.run(["objdump", "-d", "--no-show-raw-insn", library], capture_output=True, text=True, check=True).stdout
    found, name = set(), None
    for line in text.splitlines():
        if line.endswith(">:"):
            name = line[line.index("<") + 1:-2]
        elif line.rstrip().endswith("\tud2"):
            found.add(name)
    names = subprocess.run(
        ["swift", "demangle", "--simplified", "--compact"], input="\n".join(sorted(found)), capture_output=True, text=True,
        check=True).stdout
    return {re.sub(r"^specialized |<[^>]*>", "", line.strip()) for line in names.splitlines()}


def reviewed():
    """The names in the list: lines that start with two blanks; what starts without is a reason."""
    return collections.Counter(line.strip() for line in LIST.read_text().splitlines() if line.startswith("  "))


def main(library):
    found, listed = functions(library), reviewed()
    problems = [f"not reviewed: {name}" for name in sorted(found - set(listed))]
    problems += [f"twice in the list: {name}" for name, count in listed.items() if count > 1]
    print(*problems, sep="\n", end="\n" if problems else "")
    print(f"{len(found)} functions with traps, of {len(listed)} that were looked at")
    return 1 if problems or not found else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1]))
