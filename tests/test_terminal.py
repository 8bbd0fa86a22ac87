"""What a person sees: in a terminal of so many columns, in a pipe, and while it takes a moment."""

from __future__ import annotations

import os
import pty
import re
import struct
import subprocess
import sys
import termios
from fcntl import ioctl
from pathlib import Path

import pytest

from k8s6plan.decision.metrics import METRICS

ROOT = Path(__file__).resolve().parents[1]
CLOUDS = ROOT / "examples" / "three-clouds.yaml"
THREE = ("hub-and-spoke", "full-mesh", "flat-ipv6")
ALL = (*THREE, "regional-hubs", "managed-hub", "overlay-mesh", "as-demanded")
ESCAPE = re.compile(r"\x1b\[[0-9;?]*[A-Za-z]")
COLOUR = re.compile(r"\x1b\[(?:[0-9;]*;)?(?:3[0-9]|4[0-9]|9[0-7])(?:;[0-9;]*)?m")


def in_terminal(columns: int, *command: object, **environment: str) -> str:
    """Return what a program writes to a terminal that is so wide."""
    mine, its = pty.openpty()
    ioctl(its, termios.TIOCSWINSZ, struct.pack("HHHH", 50, columns, 0, 0))
    clean = {k: v for k, v in os.environ.items() if k not in ("COLUMNS", "NO_COLOR", "FORCE_COLOR")}
    clean |= {"TERM": "xterm-256color", "PYTHONPATH": str(ROOT), **environment}
    words = [sys.executable, *map(str, command)]
    with subprocess.Popen(words, stdin=its, stdout=its, stderr=its, env=clean) as process:
        os.close(its)
        found = b""
        while True:
            try:
                part = os.read(mine, 65536)
            except OSError:  # the other side is closed
                break
            if not part:
                break
            found += part
    os.close(mine)
    assert process.returncode == 0, found
    return found.decode().replace("\r\n", "\n")


def compared(columns: int, designs: tuple[str, ...] = (), **environment: str) -> str:
    chosen = [word for name in designs for word in ("-d", name)]
    return in_terminal(columns, "-m", "k8s6plan", "compare", CLOUDS, *chosen, **environment)


def headings(text: str) -> list[list[str]]:
    """Return the designs of each table."""
    lines = text.splitlines()
    return [lines[at - 1].split() for at, line in enumerate(lines) if line.startswith("───")]


@pytest.mark.slow
@pytest.mark.parametrize("columns", [80, 160, 240])
def test_three_designs_stand_in_one_table(columns: int) -> None:
    text = ESCAPE.sub("", compared(columns, THREE))
    assert headings(text) == [list(THREE)]
    assert max(map(len, text.splitlines())) <= columns


@pytest.mark.slow
@pytest.mark.parametrize(("columns", "tables"), [(60, 4), (80, 2), (160, 1), (240, 1)])
def test_all_designs_go_into_as_few_tables_as_have_room(columns: int, tables: int) -> None:
    text = ESCAPE.sub("", compared(columns))
    found = headings(text)
    assert [name for names in found for name in names] == list(ALL)
    assert len(found) == tables
    assert max(map(len, text.splitlines())) <= columns
    assert text.count(f"\n {METRICS['cost_per_month'].title}, USD ") == tables


@pytest.mark.slow
def test_a_wide_terminal_has_wide_text() -> None:
    longest = {
        columns: max(map(len, ESCAPE.sub("", compared(columns, THREE)).splitlines()))
        for columns in (80, 160, 240)
    }
    assert longest[80] <= 80
    assert 120 < longest[160] == longest[240] <= 160


@pytest.mark.slow
def test_colour_is_for_terminals_that_want_it() -> None:
    assert COLOUR.search(compared(80, THREE))
    assert not COLOUR.search(compared(80, THREE, NO_COLOR="1"))
    assert not ESCAPE.search(compared(80, THREE, TERM="dumb"))
    words = [sys.executable, "-m", "k8s6plan", "compare", str(CLOUDS)]
    clean = {k: v for k, v in os.environ.items() if k != "FORCE_COLOR"}
    done = subprocess.run(
        words, capture_output=True, text=True, check=True, env={**clean, "PYTHONPATH": str(ROOT)}
    )
    assert "\x1b" not in done.stdout + done.stderr
    assert "Cost a month" in done.stdout


SLOW = """
import time
from k8s6plan.cli._common import progress
with progress("thinking hard"):
    time.sleep({seconds})
print("done")
"""


def test_what_takes_a_moment_says_that_it_is_at_work() -> None:
    shown = in_terminal(80, "-c", SLOW.format(seconds=1.6))
    assert "thinking hard" in shown
    assert ESCAPE.sub("", shown).strip().endswith("done")
    assert shown.index("thinking hard") < shown.index("\x1b[2K")  # and wipes it away
    assert "thinking hard" not in in_terminal(80, "-c", SLOW.format(seconds=0.1))
    words = [sys.executable, "-c", SLOW.format(seconds=1.3)]
    done = subprocess.run(
        words,
        capture_output=True,
        text=True,
        check=True,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
    )
    assert (done.stdout, done.stderr) == ("done\n", "")
