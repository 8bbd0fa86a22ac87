"""Time two commands against each other, so that the figure is a ratio and not a machine's speed.

The two run in turn, A B A B ..., so that a slow spell of the machine hits both; the ratio of each
pair is taken, and the median of these is the result. A process is timed from its start to its end,
by the clock and by the processor time (user and system) of it and its children. What it holds in
memory at its peak is told beside it.
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
_MAXRSS_BYTES = 1 if sys.platform == "darwin" else 1024  # the unit of ru_maxrss
ROOT = Path(__file__).resolve().parents[2]


@dataclass(frozen=True)
class Pair:
    """Arguments to Python for two commands: the first may take ``bound`` times the second.

    ``bound_mb``: the memory that it may hold. ``rounds``: how often the two are run.
    """

    name: str
    command: Sequence[str]
    baseline: Sequence[str]
    bound: float
    bound_mb: int | None = None
    rounds: int = ROUNDS


@dataclass(frozen=True)
class Timing:
    """What one process took: seconds, and MB (of 10^6 bytes) at its peak."""

    wall: float
    cpu: float
    mb: float


@dataclass(frozen=True)
class Result:
    """The ratios of a pair; the worse of the two is held against the bound."""

    name: str
    wall: float
    cpu: float
    bound: float
    seconds: float
    mb: float = 0.0
    bound_mb: int | None = None

    @property
    def ratio(self) -> float:
        """The worse of the two ratios."""
        return max(self.wall, self.cpu)

    def __str__(self) -> str:
        over = " over" if self.ratio > self.bound else ""
        return (
            f"{self.name}: ratio {self.ratio:.2f} (bound {self.bound:.2f}){over}"
            f"  [wall {self.wall:.2f}, cpu {self.cpu:.2f}; {self.seconds:.2f} s]{self._memory}"
        )

    @property
    def _memory(self) -> str:
        if self.bound_mb is None:
            return ""
        over = " over" if self.mb > self.bound_mb else ""
        return f", {self.mb:,.0f} MB (bound {self.bound_mb:,}){over}"


def k8s6plan(*arguments: str) -> tuple[str, ...]:
    """Return the arguments to Python that run the program."""
    return ("-m", "k8s6plan", *arguments)


def measure(pair: Pair) -> Result:
    """Run both commands once unmeasured, then some rounds in turn."""
    run(pair.command)
    run(pair.baseline)
    timings = [(run(pair.command), run(pair.baseline)) for _ in range(pair.rounds)]
    return Result(
        name=pair.name,
        wall=statistics.median(ours.wall / theirs.wall for ours, theirs in timings),
        cpu=statistics.median(ours.cpu / theirs.cpu for ours, theirs in timings),
        bound=pair.bound,
        seconds=statistics.median(ours.wall for ours, _ in timings),
        mb=max(ours.mb for ours, _ in timings),
        bound_mb=pair.bound_mb,
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
    cpu = usage.ru_utime + usage.ru_stime
    return Timing(wall=wall, cpu=cpu, mb=usage.ru_maxrss * _MAXRSS_BYTES / 1e6)
