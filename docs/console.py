"""Runs the console blocks of a document, and writes what the commands print into it.

A block looks like a terminal: each line after ``$ `` is a command, what follows is its output. The
blocks of one document run in order, in one folder that holds a copy of ``examples/``. A comment
before a block says more:

- ``<!-- keep: "a".."b"; "c".. -->``: of the output show the lines from the first with "a" to the
  next with "b", and those from "c" on; `...` stands for what is left out.
- ``<!-- write: fleet.yaml -->``: the block after it becomes that file.
- ``<!-- insert: fleet.yaml before "sites:" -->``: the block goes before the line that begins so.
"""

from __future__ import annotations

import contextlib
import gc
import io
import os
import re
import shlex
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path
from unittest import mock

from k8s6plan.cli import main

ROOT = Path(__file__).resolve().parents[1]
ELLIPSIS = "..."
# What a block may run: ours, and what shows a file.
COMMANDS = ("k8s6plan", "cat", "cp", "diff", "echo", "grep", "head", "sed")

_BLOCK = re.compile(
    r"(?:^<!-- (?P<verb>keep|write|insert): (?P<what>.*?) -->\n+)?"
    r"^```(?P<language>\w*)\n(?P<body>.*?)^```$",
    re.MULTILINE | re.DOTALL,
)
_INSERT = re.compile(r'(?P<file>\S+) before "(?P<line>.*)"')
_RANGE = re.compile(r'(?:"(?P<first>[^"]*)")?(?P<dots>\.\.)?(?:"(?P<last>[^"]*)")?')
_SHELL = re.compile(r"[|&;<>$*?~`\\(){}#!]")  # what makes a command more than a program's words
_PROGRAM = """#!/bin/sh
start='import sys; sys.argv[0] = "k8s6plan"; from k8s6plan.cli import main; main()'
exec "{python}" -c "$start" "$@"
"""


def documents() -> list[Path]:
    """Return every document of the project, the README first."""
    return [ROOT / "README.md", *sorted((ROOT / "docs").rglob("*.md"))]


def refreshed(text: str) -> str:
    """Return ``text`` with the outputs that its commands have now."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        shutil.copytree(ROOT / "examples", folder / "work" / "examples")
        (folder / "bin").mkdir()
        program = folder / "bin" / "k8s6plan"
        program.write_text(_PROGRAM.format(python=sys.executable), "utf-8")
        program.chmod(0o755)
        return _BLOCK.sub(lambda found: _done(found, folder), text)


def commands(text: str) -> list[str]:
    """Return the commands of the console blocks of ``text``."""
    return [
        line.removeprefix("$ ")
        for block in _BLOCK.finditer(text)
        if block["language"] == "console"
        for line in block["body"].splitlines()
        if line.startswith("$ ")
    ]


def _done(block: re.Match[str], folder: Path) -> str:
    """Do what one block asks for, and return its text."""
    verb, what, body = block["verb"], block["what"], block["body"]
    if verb == "write":
        (folder / "work" / what).write_text(body, "utf-8")
    elif verb == "insert":
        _insert(what, body, folder / "work")
    if block["language"] != "console":
        return block[0]
    said: list[str] = []
    unused = set(what.split("; ")) if verb == "keep" else set()
    for line in body.splitlines():
        if line.startswith("$ "):
            output = _run(line.removeprefix("$ "), folder)
            said += [line, *(_kept(output, what.split("; "), unused) if verb == "keep" else output)]
    if unused:
        raise ValueError(f"no output has {', '.join(sorted(unused))}:\n{block[0]}")
    start, end = block.start("body") - block.start(), block.end("body") - block.start()
    return block[0][:start] + "\n".join(said) + "\n" + block[0][end:]


def _insert(what: str, body: str, folder: Path) -> None:
    wanted = _INSERT.fullmatch(what)
    if wanted is None:
        raise ValueError(f'write it like <!-- insert: fleet.yaml before "sites:" -->: {what}')
    path = folder / wanted["file"]
    lines = path.read_text("utf-8").splitlines(keepends=True)
    at = next(i for i, line in enumerate(lines) if line.startswith(wanted["line"]))
    path.write_text("".join([*lines[:at], body, *lines[at:]]), "utf-8")


def _run(command: str, folder: Path) -> list[str]:
    """Return the lines that ``command`` prints on either stream; 1 is the worst exit code."""
    for part in re.split(r"\s*(?:;|&&|\|)\s*", command):
        if part.split()[0] not in COMMANDS:
            raise ValueError(f"a console block may not run {part}")
    here = command.startswith("k8s6plan ") and not _SHELL.search(command)
    code, said = (_called if here else _started)(command, folder)
    if code > 1 and "exit code" not in command:
        raise ValueError(f"{command} ends with {code}:\n{said}")
    return [line.rstrip() for line in said.splitlines()]


def _surroundings(folder: Path) -> dict[str, str]:
    path = f"{folder / 'bin'}{os.pathsep}{os.environ['PATH']}"
    return {"PATH": path, "PYTHONPATH": str(ROOT), "COLUMNS": "100", "LC_ALL": "C.UTF-8"}


def _called(command: str, folder: Path) -> tuple[int, str]:
    """Call the program in this process: to start one takes longer than most commands do."""
    said = io.StringIO()
    code: object = 0
    with (
        mock.patch.dict(os.environ, _surroundings(folder), clear=True),
        mock.patch.object(sys, "argv", shlex.split(command)),
        contextlib.chdir(folder / "work"),
        contextlib.redirect_stdout(said),
        contextlib.redirect_stderr(said),
    ):
        try:
            main()
        except SystemExit as end:
            code = end.code or 0
        finally:
            gc.enable()  # a run of the program does without
    return (code if isinstance(code, int) else 1), said.getvalue()


def _started(command: str, folder: Path) -> tuple[int, str]:
    """Let a shell run the command."""
    done = subprocess.run(  # noqa: S603  the commands are those of our own documents
        ["/bin/sh", "-c", command],
        cwd=folder / "work",
        env=_surroundings(folder),
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=False,
    )
    return done.returncode, done.stdout


def _kept(lines: list[str], ranges: list[str], unused: set[str]) -> list[str]:
    """Return the lines of ``ranges``, with an ellipsis for each gap; strike them off ``unused``."""
    wanted: set[int] = set()
    for text in ranges:
        found = _RANGE.fullmatch(text)
        if found is None:
            raise ValueError(f"no range of lines: {text}")
        first = _line_with(found["first"], lines, 0) if found["first"] else 0
        if first is None:
            continue
        last: int | None = first
        if found["dots"]:
            last = _line_with(found["last"], lines, first) if found["last"] else len(lines) - 1
        if last is not None:
            wanted.update(range(first, last + 1))
            unused.discard(text)
    kept: list[str] = []
    for number, line in enumerate(lines):
        if number in wanted:
            kept.append(line)
        elif not kept or kept[-1] != ELLIPSIS:
            kept.append(ELLIPSIS)
    return kept


def _line_with(words: str, lines: list[str], start: int) -> int | None:
    return next((n for n in range(start, len(lines)) if words in lines[n]), None)
