"""What a design means for the round-trip times of a fleet."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Hashable, Sequence
from dataclasses import dataclass
from decimal import Decimal
from heapq import nlargest
from math import fsum, inf
from typing import NamedTuple

from k8s6plan.evaluation.latency._survey import Survey
from k8s6plan.evaluation.latency._timetable import Meeting, Timetable, Trip
from k8s6plan.topology.joins import SiteClass, Topology
from k8s6plan.topology.traffic import volumes

_PERCENTILE = 95
Weighted = Sequence[tuple[float, int | Decimal]]  # figures, each with what it counts for


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
    says where near places were taken as one.
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


def latency_of(topology: Topology, survey: Survey, *, show: int = 1) -> Latency:
    """Return the round-trip times of the fleet of ``survey``, joined as those of ``topology`` are.

    ``show``: how many of the worst pairs to keep.
    """
    timetable = Timetable(topology, survey)
    counted: Counter[str] = Counter()
    known: list[_Timed] = []
    for meeting in timetable.meetings():
        trip = meeting.trip
        if trip is None:
            counted["unjoined"] += meeting.pairs
        elif trip.ms == inf:
            counted["unknown"] += meeting.pairs
        else:
            counted["estimated" if trip.estimated else "measured"] += meeting.pairs
            direct = survey.span(*timetable.ends(meeting)).ms if trip.via else trip.ms
            known.append(_Timed(meeting, trip, direct))
    stretches = [(timed.stretch, timed.meeting.pairs) for timed in known]
    wanted = _demanded(timetable.topology)
    heard = [(timed.trip.ms, gb) for timed in known if (gb := wanted.get(timed.meeting.classes, 0))]
    return Latency(
        design=topology.design.name,
        pairs=counted.total(),
        measured=counted["measured"],
        estimated=counted["estimated"],
        unknown=counted["unknown"],
        unjoined=counted["unjoined"],
        ms=_spread([(timed.trip.ms, timed.meeting.pairs) for timed in known]),
        stretch_mean=_mean(stretches) if stretches else None,
        stretch_max=max(stretches)[0] if stretches else None,
        by_demand=_spread(heard),
        demand_gb=sum(wanted.values(), Decimal(0)),
        known_gb=sum((Decimal(gb) for _, gb in heard), Decimal(0)),
        worst=_worst(known, timetable, show),
        unplaced=survey.unplaced,
        note=f"places within {survey.grid:g} degrees are taken as one" if survey.grid else "",
    )


class _Timed(NamedTuple):
    """A meeting whose time is known, and that time without a detour."""

    meeting: Meeting
    trip: Trip
    direct_ms: float

    @property
    def stretch(self) -> float:
        """How many times the direct path the path of the design is."""
        return self.trip.ms / self.direct_ms


def _demanded(topology: Topology) -> dict[frozenset[SiteClass], Decimal]:
    """Return what the sites of two classes exchange in a month, both ways, in GB."""
    found: dict[frozenset[SiteClass], Decimal] = defaultdict(Decimal)
    for source, target, volume in volumes(topology):
        if volume.gb_per_month:
            found[frozenset((source, target))] += volume.gb_per_month
    return found


def _mean(weighted: Weighted) -> float:
    total = float(sum(weight for _, weight in weighted))
    return fsum(value * float(weight) for value, weight in weighted) / total


def _spread(weighted: Weighted) -> Spread | None:
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


def _worst(known: Sequence[_Timed], timetable: Timetable, show: int) -> tuple[Pair, ...]:
    """Return the pairs with the longest times, ties by name; those alike stand for one another."""
    if not known or show < 1:
        return ()
    least = nlargest(show, {timed.trip.ms for timed in known})[-1]
    alike: dict[Hashable, list[_Timed]] = defaultdict(list)
    for timed in known:
        if timed.trip.ms >= least:
            one, other = (place or () for place in timetable.ends(timed.meeting))
            via = timed.trip.via
            path = min((one, other, via), (other, one, via[::-1]))
            alike[path, timed.trip.ms, timed.trip.estimated].append(timed)
    pairs = [_pair(same, timetable) for same in alike.values()]
    return tuple(sorted(pairs, key=lambda pair: (-pair.ms, pair.one, pair.other))[:show])


def _pair(same: Sequence[_Timed], timetable: Timetable) -> Pair:
    """Return the pair of least names of those that have one path."""
    named: list[tuple[str, str, tuple[str, ...]]] = []
    for timed in same:
        one, other = timetable.clusters(timed.meeting)
        via = timed.trip.via
        named.append((one, other, via) if one < other else (other, one, via[::-1]))
    one, other, via = min(named)
    ms, _, estimated = same[0].trip
    alike = sum(timed.meeting.pairs for timed in same)
    return Pair(one, other, ms, same[0].direct_ms, not estimated, via, alike)
