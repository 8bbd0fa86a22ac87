"""``python -m tests.benchmarks pictures``: a full mesh of 100 clusters, against bare matplotlib.

The baseline draws the same curves and the same words, at the same places on paper of the same
size, and nothing else: no boxes, no layout, no graph. It is told where everything stands. Both
run in this process, in turn.
"""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable
from io import BytesIO

from k8s6plan.topology.designs import DESIGNS
from k8s6plan.topology.graph import expand
from k8s6plan.views.diagram import View, draw, layout
from k8s6plan.views.diagram._parts import Layout
from k8s6plan.views.diagram._render import DPI
from tests.benchmarks._pairs import Result
from tests.strategies import apart

ROUNDS = 5
BOUND = 2.0


def results() -> list[Result]:
    """Return one result: the PNG of 4,950 links and 100 names."""
    fleet = apart(100)
    picture = layout(expand(DESIGNS["full-mesh"], fleet))
    if len(picture.lines) != 4950:
        message = f"{len(picture.lines)} lines drawn, not 4,950"
        raise RuntimeError(message)
    timings = []
    for _ in range(ROUNDS + 1):
        ours = _timed(lambda: draw(fleet, "full-mesh", fmt="png", view=View(collapse="none")))
        theirs = _timed(lambda: _bare(picture))
        timings.append((ours, theirs))
    timings = timings[1:]  # the first of each warms up
    return [
        Result(
            name="pictures of 100 clusters in full mesh",
            wall=statistics.median(ours[0] / theirs[0] for ours, theirs in timings),
            cpu=statistics.median(ours[1] / theirs[1] for ours, theirs in timings),
            bound=BOUND,
            seconds=statistics.median(ours[0] for ours, _ in timings),
        )
    ]


def _bare(picture: Layout) -> bytes:
    from matplotlib.collections import PathCollection
    from matplotlib.figure import Figure
    from matplotlib.path import Path

    figure = Figure(figsize=(picture.width, picture.height), dpi=DPI)
    axes = figure.add_axes((0, 0, 1, 1))
    axes.set_axis_off()
    axes.set_xlim(0, picture.width)
    axes.set_ylim(picture.height, 0)
    codes = (Path.MOVETO, Path.CURVE4, Path.CURVE4, Path.CURVE4)
    paths = [Path(line.curve, codes) for line in picture.lines]
    axes.add_collection(
        PathCollection(paths, facecolors="none", edgecolors="blue", linewidths=0.45, alpha=0.12)
    )
    for label in picture.labels():
        axes.text(*label.room.middle, label.text, fontsize=label.size_pt, ha="center")
    buffer = BytesIO()
    figure.savefig(buffer, format="png")
    return buffer.getvalue()


def _timed(work: Callable[[], object]) -> tuple[float, float]:
    """Return the seconds that ``work`` takes by the clock, and of the processor."""
    wall, cpu = time.perf_counter(), time.process_time()
    work()
    return time.perf_counter() - wall, time.process_time() - cpu
