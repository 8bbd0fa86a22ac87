"""Time two commands against each other, so that the figure is a ratio and not a machine's speed.

The two run in turn, A B A B ..., so that a slow spell of the machine hits both; the ratio of each
pair is taken, and the median of these is the result. A process is timed from its start to its end,
by the clock and by the processor time (user and system) of it and its children.
"""

from __future__ import annotations

import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

ROUNDS = 9
ROOT = Path(__file__).resolve().parents[2]


@dataclass(frozen=True)
class Pair:
    """Arguments to Python for two commands: the first may take ``bound`` times the second."""

    name: str
    command: Sequence[str]
    baseline: Sequence[str]
    bound: float


@dataclass(frozen=True)
class Timing:
    """What one process took, in seconds."""

    wall: float
    cpu: float


@dataclass(frozen=True)
class Result:
    """The ratios of a pair; the worse of the two is held against the bound."""

    name: str
    wall: float
    cpu: float
    bound: float
    seconds: float

    @property
    def ratio(self) -> float:
        """The worse of the two ratios."""
        return max(self.wall, self.cpu)

    def __str__(self) -> str:
        over = " over" if self.ratio > self.bound else ""
        return (
            f"{self.name}: ratio {self.ratio:.2f} (bound {self.bound:.2f}){over}"
            f"  [wall {self.wall:.2f}, cpu {self.cpu:.2f}; {self.seconds:.2f} s]"
        )


def k8s6plan(*arguments: str) -> tuple[str, ...]:
    """Return the arguments to Python that run the program."""
    return ("-m", "k8s6plan", *arguments)


def measure(pair: Pair, rounds: int = ROUNDS) -> Result:
    """Run both commands once unmeasured, then ``rounds`` times in turn."""
    run(pair.command)
    run(pair.baseline)
    timings = [(run(pair.command), run(pair.baseline)) for _ in range(rounds)]
    return Result(
        name=pair.name,
        wall=statistics.median(ours.wall / theirs.wall for ours, theirs in timings),
        cpu=statistics.median(ours.cpu / theirs.cpu for ours, theirs in timings),
        bound=pair.bound,
        seconds=statistics.median(ours.wall for ours, _ in timings),
    )


def run(arguments: Sequence[str]) -> Timing:
    """Run this Python with the arguments, in the project's folder, and time it.

    Raises:
        RuntimeError: it failed: the time of a failure says nothing.
    """
    with tempfile.TemporaryFile("w+") as errors:
        start = time.perf_counter()
        process = subprocess.Popen(
            [sys.executable, *arguments],
            cwd=ROOT,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=errors,
        )
        _, status, usage = os.wait4(process.pid, 0)
        wall = time.perf_counter() - start
        process.returncode = os.waitstatus_to_exitcode(status)
        if process.returncode:
            errors.seek(0)
            command = " ".join(["python", *arguments])
            message = f"{command}: exit code {process.returncode}\n{errors.read()}"
            raise RuntimeError(message)
    return Timing(wall=wall, cpu=usage.ru_utime + usage.ru_stime)
