"""What a design means for the round-trip times of a fleet."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Hashable, Iterator, Sequence
from dataclasses import dataclass
from decimal import Decimal
from heapq import nlargest
from math import fsum, inf
from typing import TYPE_CHECKING, NamedTuple

from k8s6plan.evaluation.latency._ground import Alike, Ground, survey
from k8s6plan.evaluation.latency._places import leg, site_places
from k8s6plan.evaluation.latency._roads import SHORT_ROADS, Road, Way, of_graph
from k8s6plan.topology.designs import design_named
from k8s6plan.topology.graph import expand

if TYPE_CHECKING:
    import networkx as nx

    from k8s6plan.fleet.model import Fleet

MOST_SITES_OF_A_GRAPH = 1000
_PERCENTILE = 95


@dataclass(frozen=True)
class Spread:
    """Round-trip times in milliseconds, over weighted pairs.

    ``p95``: the least time that 95 % of the weight does not exceed (nearest rank).
    """

    mean: float
    p95: float
    worst: float


@dataclass(frozen=True)
class Pair:
    """Two clusters in different sites, with the least names of the ``alike`` pairs like them.

    ``ms``: round trip along the path of the design, which leads through the sites of ``via``;
    ``direct_ms``: the same as the crow flies. ``measured``: of every link on the path.
    """

    one: str
    other: str
    ms: float
    direct_ms: float
    measured: bool
    via: tuple[str, ...]
    alike: int

    @property
    def stretch(self) -> float:
        """How many times the direct path the path of the design is."""
        return self.ms / self.direct_ms


@dataclass(frozen=True)
class Latency:
    """Round-trip times of a design, over pairs of clusters in different sites.

    ``pairs`` = ``measured`` + ``estimated`` + ``unknown`` + ``unjoined``: a time measured on every
    link of the path, estimated on one at least, not known since a place is not, and no path by
    design. ``ms`` is over the first two; None where there are none. ``by_demand`` weighs each
    ordered pair by its ``gb_per_month``; ``demand_gb`` is what the pairs exchange in all, and
    ``known_gb`` what of it ``by_demand`` speaks of. ``unplaced``: sites of unknown place. ``note``
    says why nothing was computed, or that near places were taken as one.
    """

    design: str
    pairs: int
    measured: int
    estimated: int
    unknown: int
    unjoined: int
    ms: Spread | None
    stretch_mean: float | None
    stretch_max: float | None
    by_demand: Spread | None
    demand_gb: Decimal
    known_gb: Decimal
    worst: tuple[Pair, ...]
    unplaced: tuple[str, ...]
    note: str = ""

    @property
    def known(self) -> int:
        """The pairs that have a time."""
        return self.measured + self.estimated

    @property
    def joined(self) -> int:
        """The pairs that have a path."""
        return self.pairs - self.unjoined


class Told(NamedTuple):
    """A value for the decision sheet, None where unknown, with its unit and a note."""

    value: float | None
    unit: str
    note: str


def latency_of(
    design: str, fleet: Fleet, *, ground: Ground | None = None, show: int = 1
) -> Latency:
    """Return the round-trip times of ``fleet`` under the design of that name.

    ``ground``: ``survey(fleet)``, to spare it where several designs are asked for. ``show``: how
    many of the worst pairs to keep. Most designs need no graph; of one that does, nothing is
    computed for more than 1,000 sites, and the note says so.

    Raises:
        UnknownName: there is no such design.

    """
    chosen = design_named(design)
    if design not in SHORT_ROADS:
        if len(fleet.members) <= MOST_SITES_OF_A_GRAPH:
            return latencies(expand(chosen, fleet), fleet, show=show)
        note = f"not computed for more than {MOST_SITES_OF_A_GRAPH:,} sites of this design"
        return _nothing(design, fleet, note)
    ground = ground or survey(fleet)
    road = SHORT_ROADS[design](ground)
    degrees = ground.grid
    note = f"places within {degrees:g} degrees are taken as one" if degrees else ""
    return _report(design, road, fleet, ground.unplaced, show=show, note=note)


def latencies(graph: nx.Graph[str], fleet: Fleet, *, show: int = 1) -> Latency:
    """Return the round-trip times along the paths of the graph of a design."""
    road = of_graph(graph, fleet)
    return _report(str(graph.graph["design"]), road, fleet, _unplaced(fleet), show=show)


def measures(report: Latency) -> dict[str, Told]:
    """Return the rows of the decision sheet, by key: mean, 95th percentile, worst, stretch."""
    spread = report.ms
    note = _scope(report)
    values: dict[str, tuple[float | None, str]] = {
        "mean_rtt_ms": (spread.mean if spread else None, "ms"),
        "p95_rtt_ms": (spread.p95 if spread else None, "ms"),
        "worst_rtt_ms": (spread.worst if spread else None, "ms"),
        "stretch": (report.stretch_mean, "times"),
    }
    told = {key: Told(value, unit, note) for key, (value, unit) in values.items()}
    if report.worst:
        worst = report.worst[0]
        between = f"{worst.one} - {worst.other}"
        told["worst_rtt_ms"] = told["worst_rtt_ms"]._replace(
            note=f"{between}; {note}" if note else between
        )
    return told


def _scope(report: Latency) -> str:
    """Say of how many pairs a report speaks, and of how many it only guesses."""
    if not report.pairs:
        return "no two clusters lie in different sites"
    parts = [report.note] if report.note else []
    if report.estimated:
        parts.append(f"estimate for {report.estimated:,} of {report.pairs:,} pairs")
    if report.unknown:
        parts.append(f"unknown for {report.unknown:,} of {report.pairs:,} pairs")
    if report.unjoined:
        parts.append(f"no path for {report.unjoined:,} of {report.pairs:,} pairs")
    return "; ".join(parts)


# --- counting ------------------------------------------------------------------------------------


class _Met(NamedTuple):
    """Two classes, the path between them, and how many pairs of clusters it holds for."""

    one: int
    other: int
    way: Way
    direct_ms: float
    pairs: int


def _report(
    design: str,
    road: Road,
    fleet: Fleet,
    unplaced: tuple[str, ...],
    *,
    show: int,
    note: str = "",
) -> Latency:
    counted: Counter[str] = Counter()
    known: list[_Met] = []
    for one, other, pairs in _met(road.classes):
        way = road.way(one, other)
        if way is None:
            counted["unjoined"] += pairs
        elif way.ms == inf:
            counted["unknown"] += pairs
        else:
            counted["estimated" if way.estimated else "measured"] += pairs
            direct = way.ms
            if way.via:
                direct = leg(road.classes[one].place, road.classes[other].place).ms
            known.append(_Met(one, other, way, direct, pairs))
    stretches = [(met.way.ms / met.direct_ms, met.pairs) for met in known]
    wanted = road.volumes
    heard = [
        (met.way.ms, wanted[met.one, met.other]) for met in known if (met.one, met.other) in wanted
    ]
    spread = _spread([(met.way.ms, met.pairs) for met in known])
    return Latency(
        design=design,
        pairs=counted.total(),
        measured=counted["measured"],
        estimated=counted["estimated"],
        unknown=counted["unknown"],
        unjoined=counted["unjoined"],
        ms=spread,
        stretch_mean=_mean(stretches) if stretches else None,
        stretch_max=max(stretches)[0] if stretches else None,
        by_demand=_spread(heard),
        demand_gb=sum(wanted.values(), Decimal(0)),
        known_gb=sum((gb for _, gb in heard), Decimal(0)),
        worst=_worst(known, road.classes, fleet, show),
        unplaced=unplaced,
        note=note,
    )


def _nothing(design: str, fleet: Fleet, note: str) -> Latency:
    sizes = [len(members) for members in fleet.members.values()]
    pairs = (sum(sizes) ** 2 - sum(size * size for size in sizes)) // 2
    return Latency(
        design=design,
        pairs=pairs,
        measured=0,
        estimated=0,
        unknown=pairs,
        unjoined=0,
        ms=None,
        stretch_mean=None,
        stretch_max=None,
        by_demand=None,
        demand_gb=Decimal(0),
        known_gb=Decimal(0),
        worst=(),
        unplaced=_unplaced(fleet),
        note=note,
    )


def _unplaced(fleet: Fleet) -> tuple[str, ...]:
    return tuple(site for site, place in site_places(fleet).items() if place is None)


def _met(classes: Sequence[Alike]) -> Iterator[tuple[int, int, int]]:
    """Yield two classes, each two once, with the pairs of clusters in different sites of theirs."""
    for one, here in enumerate(classes):
        if here.pairs:
            yield one, one, here.pairs
        for other in range(one + 1, len(classes)):
            yield one, other, here.clusters * classes[other].clusters


def _mean(weighted: Sequence[tuple[float, int | Decimal]]) -> float:
    total = float(sum(weight for _, weight in weighted))
    return fsum(value * float(weight) for value, weight in weighted) / total


def _spread(weighted: Sequence[tuple[float, int | Decimal]]) -> Spread | None:
    if not weighted:
        return None
    ranked = sorted(weighted)
    total: int | Decimal = sum(weight for _, weight in ranked)
    passed: int | Decimal = 0
    p95 = ranked[-1][0]
    for value, weight in ranked:
        passed += weight
        if passed * 100 >= total * _PERCENTILE:
            p95 = value
            break
    return Spread(_mean(ranked), p95, ranked[-1][0])


def _worst(
    known: Sequence[_Met], classes: Sequence[Alike], fleet: Fleet, show: int
) -> tuple[Pair, ...]:
    """Return the pairs with the longest times, ties by name; those alike stand for one another."""
    if not known or show < 1:
        return ()
    least = nlargest(show, {met.way.ms for met in known})[-1]
    alike: dict[Hashable, list[_Met]] = defaultdict(list)
    for met in known:
        if met.way.ms >= least:
            places = sorted((classes[met.one].place or (), classes[met.other].place or ()))
            alike[met.way, *places].append(met)
    pairs = [_pair(mets, classes, fleet) for mets in alike.values()]
    return tuple(sorted(pairs, key=lambda pair: (-pair.ms, pair.one, pair.other))[:show])


def _pair(mets: Sequence[_Met], classes: Sequence[Alike], fleet: Fleet) -> Pair:
    """Return the pair of least names of those that have one path."""
    named: list[tuple[str, str, tuple[str, ...]]] = []
    for met in mets:
        here, there = (
            sorted(fleet.members[site][0].name for site in classes[number].sites)
            for number in (met.one, met.other)
        )
        one, other = here[0], there[met.one == met.other]
        via = met.way.via
        named.append((one, other, via) if one < other else (other, one, via[::-1]))
    one, other, via = min(named)
    ms, estimated = mets[0].way.ms, mets[0].way.estimated
    alike = sum(met.pairs for met in mets)
    return Pair(one, other, ms, mets[0].direct_ms, not estimated, via, alike)
