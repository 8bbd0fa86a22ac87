"""``python -m tests.benchmarks.hubs``: hub placement and proof, against HiGHS on the plain model.

The plain model is the p-median's as textbooks have it: a variable for each hub and for each pair of
site and hub, and a row for each pair (x[i, j] <= y[j]). HiGHS solves it in this process with its
own settings, one thread, to a gap of 0. Ours runs before and after it, and the slower run counts.
Instances are made here: links of random length between random places, as those of the OR-Library.
HiGHS is given a limit; where it needs longer the ratio is at least what is printed.
"""

from __future__ import annotations

import sys
import time

import numpy as np

from k8s6plan.decision.hubs import p_median, read_instance
from k8s6plan.decision.hubs._problem import Matrix
from k8s6plan.io.solver import Row, minimise
from tests.benchmarks._pairs import Result

BOUND = 0.05  # twenty times faster at least
LIMIT_S = 300.0
CASES = [(200, 800, 5), (200, 800, 20), (300, 1800, 5), (300, 1800, 30)]


def results() -> list[Result]:
    """Return one result for each case."""
    return [measure(*case) for case in CASES]


def measure(places: int, links: int, hubs: int) -> Result:
    """Time ours and HiGHS on one instance; the ratio is ours as a share of HiGHS's.

    Raises:
        RuntimeError: the two do not agree: the time of a wrong answer says nothing.

    """
    distances = read_instance(_instance(places, links, hubs), "benchmark").distances
    _ours(distances, hubs)  # warms up
    ours, value = _ours(distances, hubs)
    costs, rows = _plain(distances, hubs)
    wall, cpu = time.perf_counter(), time.process_time()
    theirs = _optimum(costs, rows)
    wall, cpu = time.perf_counter() - wall, time.process_time() - cpu
    again, _ = _ours(distances, hubs)
    if theirs is not None and abs(theirs - value) > 0.5:
        message = f"{places} places: {value} is ours and {theirs} is that of HiGHS"
        raise RuntimeError(message)
    ours = max(ours, again)
    late = "" if theirs is not None else f" (stopped after {LIMIT_S:.0f} s)"
    name = f"{hubs} hubs among {places} places, against HiGHS{late}"
    return Result(name=name, wall=ours[0] / wall, cpu=ours[1] / cpu, bound=BOUND, seconds=ours[0])


def _ours(distances: Matrix, hubs: int) -> tuple[tuple[float, float], float]:
    wall, cpu = time.perf_counter(), time.process_time()
    found = p_median(distances, np.ones(len(distances)), hubs)
    if not found.proved:
        message = "not proved"
        raise RuntimeError(message)
    return (time.perf_counter() - wall, time.process_time() - cpu), found.value


def _plain(distances: Matrix, hubs: int) -> tuple[Matrix, list[Row]]:
    """Return the plain model."""
    count = len(distances)
    costs = np.concatenate([np.zeros(count), distances.ravel()])
    x = count + np.arange(count * count).reshape(count, count)
    ones = np.ones(count)
    rows = [Row(np.arange(count), ones, hubs, hubs), *(Row(row, ones, 1.0, 1.0) for row in x)]
    pair = np.array([1.0, -1.0])
    rows += [
        Row(np.array([x[i, j], j]), pair, -np.inf, 0.0) for i in range(count) for j in range(count)
    ]
    return costs, rows


def _optimum(costs: Matrix, rows: list[Row]) -> float | None:
    """Return the optimum by HiGHS, or None where the limit came first."""
    found = minimise(costs, rows, seconds=LIMIT_S)
    if found.values is None:
        return None
    value = float(costs @ found.values)
    return value if found.bound >= value - 0.5 else None


def _instance(places: int, links: int, hubs: int) -> str:
    """Return the text of an instance: a path through all places, and random links."""
    dice = np.random.default_rng(places + hubs)
    ends = dice.integers(1, places + 1, (links, 2))
    ends[: places - 1] = [(place, place + 1) for place in range(1, places)]
    lengths = dice.integers(1, 101, links)
    lines = [f"{a} {b} {cost}" for (a, b), cost in zip(ends.tolist(), lengths, strict=True)]
    return "\n".join([f"{places} {links} {hubs}", *lines]) + "\n"


if __name__ == "__main__":
    for case in CASES[: int(sys.argv[1]) if len(sys.argv) > 1 else None]:
        print(measure(*case), flush=True)
