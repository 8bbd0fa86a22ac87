"""The decision sheet at other sizes and with other traffic: the stops of two sliders."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from itertools import combinations, pairwise

from k8s6plan.decision.compare import best_of
from k8s6plan.decision.metrics import METRICS, Case, Measure, Value

MOST_CLUSTERS = 20_000
# How many times the traffic; a fleet of many clusters has fewer stops, each takes its time.
TIMES = ("0", "0.5", "1", "2", "5", "10")
FEW_TIMES = ("0", "1", "4")
LARGE = 150  # clusters; each stop of a fleet of many kinds takes its time


@dataclass(frozen=True)
class Stop:
    """The sheet at one number of clusters with one amount of traffic.

    ``gb_per_month``: between sites, of all demands; None without demands.
    """

    clusters: int
    times: Decimal
    gb_per_month: Decimal | None
    table: dict[str, dict[str, Measure]]
    best: dict[str, tuple[str, ...]]


@dataclass(frozen=True)
class Grid:
    """Every number of clusters with every amount of traffic; ``stops`` by clusters, then times."""

    clusters: tuple[int, ...]
    times: tuple[Decimal, ...]
    rows: tuple[str, ...]
    stops: tuple[Stop, ...]

    def at(self, clusters: int, times: Decimal) -> Stop:
        """Return one stop."""
        place = self.clusters.index(clusters) * len(self.times) + self.times.index(times)
        return self.stops[place]


def grid(cases: Mapping[str, Case]) -> Grid:
    """Return the sheet of ``cases`` at other sizes and with other traffic.

    Rows that take a moment are left out, and the breaking points, which hang on no size.
    """
    rows = [key for key, metric in METRICS.items() if not metric.full and _varies(key)]
    start = next(iter(cases.values())).outline
    sizes = tuple(_sizes(start.clusters))
    large = start.clusters > LARGE
    times = tuple(map(Decimal, (FEW_TIMES if large else TIMES) if start.flows else ("1",)))
    stops = [
        stop
        for size in sizes
        for stop in _stops({n: case.at(size) for n, case in cases.items()}, size, times, rows)
    ]
    return Grid(sizes, times, tuple(rows), tuple(stops))


def _varies(key: str) -> bool:
    return key not in ("first_quota_at", "first_limit_at")


def _sizes(start: int) -> Iterator[int]:
    """Yield round numbers of clusters, and ``start``: up to ten times that, at least a hundred."""
    most = min(max(100, 10 * start), MOST_CLUSTERS)
    steps = (1, 2, 5) if start > LARGE else (1, 2, 3, 4, 5, 6, 8) if start <= 50 else (1, 2, 3, 5)
    least = 10 if start > LARGE else 1
    powers = [10**power for power in range(5)]
    round_numbers = {step * power for power in powers for step in steps}
    yield from sorted({n for n in round_numbers if least <= n <= most} | {max(1, start)})


def _stops(
    cases: Mapping[str, Case], size: int, times: Sequence[Decimal], rows: Sequence[str]
) -> Iterator[Stop]:
    """Yield the stops at one size."""
    plain = {
        name: {key: METRICS[key].measure(case) for key in rows} for name, case in cases.items()
    }
    of_traffic = [key for key in rows if METRICS[key].money]  # limits bound peaks, which stay
    sent = None
    if next(iter(cases.values())).outline.flows:
        streams = next(iter(cases.values())).costs.streams
        sent = sum((stream.volume.gb_per_month for stream in streams), Decimal(0))
    metrics = {key: METRICS[key] for key in rows}
    for amount in times:
        table = plain
        if amount != 1:
            table = {}
            for name, case in cases.items():
                other = case.carrying(amount)
                changed = {key: METRICS[key].measure(other) for key in of_traffic}
                table[name] = {**plain[name], **changed}
        gb = None if sent is None else sent * amount
        yield Stop(size, amount, gb, table, best_of(table, metrics))


def turns(cases: Mapping[str, Case], found: Grid) -> Iterator[tuple[str, str, int]]:
    """Yield (cheaper, than, clusters): where the order of two known costs has turned.

    Between two stops it is looked for by halving, which finds one of several turns. Equal costs
    are no turn; where they part again, that is.
    """
    costs = {
        (name, size): found.at(size, Decimal(1)).table[name]["cost_per_month"].value
        for name in cases
        for size in found.clusters
    }
    for one, other in combinations(cases, 2):
        signs = [(n, _sign(costs[one, n], costs[other, n])) for n in found.clusters]
        parted = [(n, sign) for n, sign in signs if sign]
        for (low, before), (high, after) in pairwise(parted):
            if before == after:
                continue
            least = _least(cases[one], cases[other], low, high, after)
            cheaper, than = (one, other) if after < 0 else (other, one)
            yield cheaper, than, least


def _least(one: Case, other: Case, low: int, high: int, sign: int) -> int:
    """Return the fewest clusters, above ``low`` and up to ``high``, at which the order is so."""
    while high - low > 1:
        middle = (low + high) // 2
        if _sign(one.at(middle).total[0], other.at(middle).total[0]) == sign:
            high = middle
        else:
            low = middle
    return high


def _sign(one: Value, other: Value) -> int:
    if not isinstance(one, Decimal) or not isinstance(other, Decimal):
        return 0
    return (one > other) - (one < other)
