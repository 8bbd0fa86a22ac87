"""``python -m tests.benchmarks.overlaps``: overlaps of 100,000 prefixes, against `ipaddress`.

The baseline sorts the networks and compares each with its neighbour, which is the least that one
can do with `ipaddress`, and misses what lies two levels down. Both run in this process, in turn,
on the same networks, exact duplicates included; each must find every pair that was put there.
"""

from __future__ import annotations

import random
import statistics
import time
from collections.abc import Callable, Sequence
from ipaddress import IPv4Network, IPv6Network
from itertools import pairwise
from typing import Any

from k8s6plan.fleet import overlaps
from k8s6plan.fleet.overlaps import Holding
from tests.benchmarks._pairs import ROUNDS, Result

PREFIXES = 100_000
DUPLICATES = 1_000
BOUND = 0.2
SEED = 20


def results() -> list[Result]:
    """Return one result for each family."""
    return [measure("IPv4", _ipv4()), measure("IPv6", _ipv6())]


def measure(family: str, networks: Sequence[Any]) -> Result:
    """Time ours and theirs in turn; the ratio is the median of the rounds.

    Raises:
        RuntimeError: one of them missed a pair: the time of a wrong answer says nothing.
    """
    held = [
        Holding(network, f"c{n} (pods)", f"c{n}", f"c{n}", "pods", f"pods of c{n}")
        for n, network in enumerate(networks)
    ]
    timings = []
    for _ in range(ROUNDS + 1):
        ours, mine = _timed(lambda: len(overlaps.conflicts(held, services_routed=False)))
        theirs, others = _timed(lambda: _neighbours(networks))
        if mine != DUPLICATES or others != DUPLICATES:
            message = f"{family}: {mine:,} and {others:,} of {DUPLICATES:,} pairs found"
            raise RuntimeError(message)
        timings.append((ours, theirs))
    timings = timings[1:]  # the first of each warms up
    return Result(
        name=f"overlaps of {PREFIXES:,} {family} prefixes",
        wall=statistics.median(ours[0] / theirs[0] for ours, theirs in timings),
        cpu=statistics.median(ours[1] / theirs[1] for ours, theirs in timings),
        bound=BOUND,
        seconds=statistics.median(ours[0] for ours, _ in timings),
    )


def _timed(work: Callable[[], int]) -> tuple[tuple[float, float], int]:
    """Return (seconds by the clock, of the processor) and the answer."""
    wall, cpu = time.perf_counter(), time.process_time()
    answer = work()
    return (time.perf_counter() - wall, time.process_time() - cpu), answer


def _neighbours(networks: Sequence[Any]) -> int:
    return sum(one.overlaps(other) for one, other in pairwise(sorted(networks)))


def _numbers(most: int) -> list[int]:
    """Return distinct numbers and some of them again, in no order, the same in each run."""
    dice = random.Random(SEED)
    numbers = dice.sample(range(most), PREFIXES - DUPLICATES)
    numbers += dice.sample(numbers, DUPLICATES)
    dice.shuffle(numbers)
    return numbers


def _ipv4() -> list[IPv4Network]:
    return [IPv4Network((10 << 24 | number << 4, 28)) for number in _numbers(1 << 20)]


def _ipv6() -> list[IPv6Network]:
    return [IPv6Network((0xFD << 120 | number << 64, 64)) for number in _numbers(1 << 40)]


if __name__ == "__main__":
    for result in results():
        print(result, flush=True)
