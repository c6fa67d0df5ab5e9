"""Runs a guide: its shell commands in one shell, in order, and compares what they print with what it says.

A block ```sh is run; the block ```json or ```text behind it is what it prints, with … for anything.
Blocks ```sh terminal start what the test has started itself, and other blocks are not run.
"""

import os
import re
import signal
import subprocess
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent.parent
BLOCK = re.compile(r"^```(\S*)([^\n]*)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
END_OF_BLOCK = "end of block 4711"
TIMEOUT_S = 240


def blocks_of(text):
    """What to run, and what it should print, or None when the guide does not say; with the line."""
    steps = []
    for match in BLOCK.finditer(text):
        language, info, content = match.groups()
        if language == "sh" and info.strip() != "terminal":
            steps.append([text.count("\n", 0, match.start()) + 1, content, None])
        elif language in ("json", "text") and steps:
            steps[-1][2] = content
    return steps


def matches(expected, printed):
    pattern = ".*?".join(re.escape(part) for part in expected.strip().split("…"))
    return re.fullmatch(pattern, printed.strip(), re.DOTALL) is not None


def run(script, variables):
    """The exit code of the shell, what it said and what it complained of. What it leaves running is ended."""
    with tempfile.TemporaryFile("w+") as said, tempfile.TemporaryFile("w+") as complained:
        # Into files: who is left running would keep a pipe open.
        with subprocess.Popen(["bash", "-c", script], cwd=ROOT, env={**os.environ, **variables}, stdout=said,
                              stderr=complained, stdin=subprocess.DEVNULL, start_new_session=True) as shell:
            try:
                code = shell.wait(timeout=TIMEOUT_S)
            except subprocess.TimeoutExpired:
                code = None
            finally:
                try:
                    os.killpg(shell.pid, signal.SIGTERM if shell.returncode is not None else signal.SIGKILL)
                except ProcessLookupError:
                    pass
        said.seek(0)
        complained.seek(0)
        return code, said.read(), complained.read()


def problems_of(guide, variables):
    """What does not hold, one text each, and how many blocks there are. `variables` are the shell's."""
    steps = blocks_of(guide)
    script = "set -euo pipefail\n" + "".join(f"{commands}\necho '{END_OF_BLOCK}'\n" for _, commands, _ in steps)
    code, said, complained = run(script, variables)
    printed = said.split(f"{END_OF_BLOCK}\n")
    problems = []
    for (line, _, expected), text in zip(steps, printed):
        if expected is not None and not matches(expected, text):
            problems.append(f"line {line} says\n{expected}but prints\n{text}")
    if code != 0:
        at = steps[len(printed) - 1][0]
        problems.append(f"line {at} {'never ends' if code is None else f'exits with {code}'}: {complained}")
    return problems, len(steps)


def check_that_lies_are_found():
    for text, problems in (("```sh\necho a\n```\n```text\nb\n```\n", 1), ("```sh\nfalse\n```\n", 1),
                           ("```sh\necho abc\n```\n```text\na…c\n```\n", 0), ("```sh terminal\nfalse\n```\n", 0)):
        assert len(problems_of(text, {})[0]) == problems, text


def check(path, variables):
    """Ends the test when the guide at `path` does not hold."""
    check_that_lies_are_found()
    problems, steps = problems_of(Path(path).read_text(encoding="utf-8"), variables)
    assert steps > 5, "the guide has no commands"
    if problems:
        sys.exit("\n".join(f"{path}: {problem}" for problem in problems))
    print(f"{steps} blocks of commands print what the guide says")
