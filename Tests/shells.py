"""What shells complete: each answers lines as typed, for a tool whose completion it has read. And what terminals show."""

import fcntl
import os
import pty
import re
import select
import signal
import struct
import subprocess
import sys
import termios
import time


class Bash:
    name = "bash"

    def complete(self, tool, lines, folder):
        """bash has no way to ask for completions, so this does what it does before and after calling the function."""
        script = [f"source <({tool} --completion bash)",
                  f"function=$(complete -p {tool} | sed 's/.*-F \\([^ ]*\\).*/\\1/')"]
        for line in lines:
            # bash takes words apart at spaces and equals signs.
            words = [word for word in re.split("( |=)", line) if word not in ("", " ")]
            if line[-1] in " =":
                words.append("")
            array = " ".join(f"'{word}'" for word in words)
            script.append(f"COMP_WORDS=({array}); COMP_CWORD={len(words) - 1}; COMPREPLY=(); $function")
            script.append("echo '= '; printf '%s\\n' \"${COMPREPLY[@]}\"")
        result = subprocess.run(["bash", "--norc", "-c", "\n".join(script)], cwd=folder, capture_output=True, text=True)
        if result.stderr:
            sys.exit(f"FAILED: {tool} in bash: {result.stderr}")
        answers = result.stdout.split("= \n")[1:]
        return {line: set(filter(None, answer.split("\n"))) for line, answer in zip(lines, answers, strict=True)}


class Fish:
    name = "fish"

    def complete(self, tool, lines, folder):
        script = [f"{tool} --completion fish | source"]
        for line in lines:
            script += ["echo '= '", f"complete -C '{line}'"]
        result = subprocess.run(["fish", "--no-config", "-c", "\n".join(script)], cwd=folder, capture_output=True, text=True)
        if result.stderr:
            sys.exit(f"FAILED: {tool} in fish: {result.stderr}")
        answers = result.stdout.split("= \n")[1:]
        found = {}
        for line, answer in zip(lines, answers, strict=True):
            words = [row.split("\t")[0] for row in answer.splitlines()]
            found[line] = {word.removeprefix(line.split(" ")[-1]) if line[-1] == "=" else word for word in words}
        return found


class Zsh:
    name = "zsh"

    def complete(self, tool, lines, folder):
        """zsh completes only what somebody types on a terminal; so the tab key is pressed, and the list it shows is read."""
        process, terminal = pty.fork()
        if process == 0:
            os.chdir(folder)
            os.environ.update(TERM="dumb", PS1=PROMPT)
            os.execvp("zsh", ["zsh", "-f", "-i"])
        # So large that everything fits.
        fcntl.ioctl(terminal, termios.TIOCSWINSZ, struct.pack("HHHH", 1000, 300, 0, 0))
        send(terminal, "unsetopt prompt_sp; autoload -Uz compinit; compinit -u -D")
        # Shows a lone candidate too, in place of inserting it.
        send(terminal, "only_list() { compstate[insert]=; compstate[list]='list force'; comppostfuncs=(only_list) }")
        send(terminal, f"comppostfuncs=(only_list); source <({tool} --completion zsh)")
        answers = {line: candidates(send(terminal, line + "\t"), line) for line in lines}
        os.close(terminal)
        os.kill(process, signal.SIGKILL)
        os.waitpid(process, 0)
        return answers


PROMPT = "ready> "


def send(terminal, text):
    """Types text, and waits until zsh has done all of it and waits for more."""
    # Ctrl-U clears the line. Quotes keep the marker from being seen as it is typed.
    clear, marker = ("\x15", str(time.monotonic_ns())) if text.endswith("\t") else ("; ", str(time.monotonic_ns()))
    os.write(terminal, f"{text}{clear}echo e''nd{marker}\n".encode())
    output = ""
    while not re.search(f"^end{marker}\\s+{PROMPT}", output, re.MULTILINE):
        if not select.select([terminal], [], [], 60)[0]:
            sys.exit(f"FAILED: zsh does not answer to {text!r}: {output}")
        output += os.read(terminal, 65536).decode()
    return output


def candidates(output, line):
    """The list below the line, up to where zsh shows the line again; it does not without a list."""
    shown = output.partition(line)[2].rpartition(line)[0]
    rows = [row.split(" -- ")[0].strip() for row in shown.splitlines()]
    return {word for row in rows for word in re.split("  +", row) if word and word != PROMPT.strip()}


def on_terminal(command, settings, messages=None):
    """What a program shows on a terminal, with these variables of the environment; its messages, too, or where `messages` says."""
    terminal, end = pty.openpty()
    environment = {name: value for name, value in os.environ.items() if name not in ("TERM", "NO_COLOR")} | settings
    process = subprocess.Popen(command, stdout=end, stdin=end, stderr=end if messages is None else messages, env=environment)
    os.close(end)
    output = b""
    while True:
        try:
            part = os.read(terminal, 65536)
        except OSError:  # Nobody writes any more.
            part = b""
        if not part:
            break
        output += part
    process.wait()
    os.close(terminal)
    return output.decode()


all = [Bash(), Fish(), Zsh()]
