"""Provider limits against designs: what is exceeded now, and at how many clusters it begins."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from functools import cached_property
from math import ceil, log
from typing import TYPE_CHECKING, Literal, NamedTuple, Protocol

from k8s6plan.catalog.limits import Limit, Over, amount, owners, rows
from k8s6plan.catalog.tariffs import tariff
from k8s6plan.evaluation.limits._book import LimitBook
from k8s6plan.evaluation.limits._gateways import gateway_capacity
from k8s6plan.evaluation.limits._measures import readings
from k8s6plan.evaluation.limits._mesh import mesh_software
from k8s6plan.evaluation.limits._reading import Ground, Reading
from k8s6plan.topology.groups import Outline
from k8s6plan.topology.joins import Topology
from k8s6plan.topology.loads import Loads
from k8s6plan.topology.traffic import Stream

if TYPE_CHECKING:
    from k8s6plan.fleet.model import Fleet

_ONE = Decimal(1)
Kind = Literal["quota", "hard"]
_PER_UNIT = {"Gbps": Decimal("0.001")}  # throughput is measured in Mbps


@dataclass(frozen=True)
class Reach:
    """How far a design reaches into one limit, at the place where it reaches furthest."""

    limit: Limit
    value: Decimal
    where: str

    @cached_property
    def over(self) -> Over:
        """What is exceeded."""
        return self.limit.over(self.value)

    @property
    def used(self) -> float:
        """How much of the quota in force is used: 1 is all of it."""
        return _share(self.value, self.limit.default, self.limit.never_above)

    @property
    def hard_used(self) -> float:
        """How much is used of what it can be raised to at most."""
        return _share(self.value, self.limit.never_above)

    @property
    def amount(self) -> str:
        """The value reached, with its unit."""
        return amount(self.value, self.limit.unit)

    @property
    def short(self) -> str:
        """The finding in a few words."""
        return f"{self.amount} of {self.limit.short}, {self.where}"

    @property
    def avoid(self) -> str:
        """The smallest change that avoids it."""
        limit = self.limit
        if self.over == "no":
            return ""
        raised = f"raise the quota to {self.amount}"
        if self.over == "quota" and limit.raisable:
            return f"{raised}, or {limit.avoid}" if limit.avoid else raised
        return limit.avoid or "choose another design"


def _share(value: Decimal, *limits: Decimal | None) -> float:
    """Return how much of the least of some limits is used; of none nothing is."""
    known = [float(limit) for limit in limits if limit is not None]
    least = min(known, default=0.0)
    return float(value) / least if least else 2.0 * bool(known and value)


def reaches_of(
    topology: Topology, streams: list[Stream], loads: Loads, limits: LimitBook
) -> tuple[Reach, ...]:
    """Return how far the design reaches into each limit that it can hit, the worst first."""
    furthest: dict[tuple[str, str], Reading] = {}
    for reading in readings(Ground(topology, streams, loads)):
        key = (reading.owner, reading.measure)
        known = furthest.get(key)
        if known is None or reading.value > known.value:
            furthest[key] = reading
    found = [
        Reach(limit, reading.value * _PER_UNIT.get(limit.unit, _ONE) + limit.plus, reading.place)
        for (owner, measure), reading in furthest.items()
        for limit in limits.of(owner).get(measure, ())
        if _holds(limit, topology.outline.assumptions)
    ]
    return tuple(sorted(found, key=_rank))


def _rank(reach: Reach) -> tuple[int, Decimal, str]:
    """Order reaches: what is exceeded for good, then quotas, then by how much is used."""
    used = reach.value / reach.limit.default if reach.limit.default else Decimal(0)
    return ("hard", "quota", "no").index(reach.over), -used, reach.limit.name


def _holds(limit: Limit, assumptions: Mapping[str, object]) -> bool:
    """Say whether a limit of certain sorts of a thing is of the sort that the fleet takes."""
    if limit.variants is None:
        return True
    name, sorts = limit.variants
    chosen = assumptions.get(f"{limit.owner}.{name}")
    return str(chosen or tariff(limit.owner).variants.get(name)) in sorts


def capacity_of(fleet: Fleet) -> Callable[[str], float | None]:
    """Return what one gateway of a site carries, in Mbps; None where no limit is known."""
    return gateway_capacity(fleet, lambda limit: _holds(limit, fleet.assumptions))


class Break(NamedTuple):
    """The fewest clusters at which a limit is exceeded, and how."""

    clusters: int
    reach: Reach

    @property
    def limit(self) -> Limit:
        """The limit."""
        return self.reach.limit

    @property
    def value(self) -> Decimal:
        """The value reached."""
        return self.reach.value

    @property
    def where(self) -> str:
        """Where it is reached."""
        return self.reach.where


class Breaks(NamedTuple):
    """The breaking points of a design; None where nothing known breaks up to the horizon."""

    quota: Break | None
    hard: Break | None


class Grows(Protocol):
    """A fleet at any number of clusters."""

    start: Outline

    def at(self, clusters: int) -> Outline:
        """Return the fleet at so many clusters."""
        ...


def find_breaks(probe: Callable[[int], Iterable[Reach]], start: int, horizon: int) -> Breaks:
    """Return the breaking points: the least number of clusters at which ``probe`` exceeds.

    Looked for from ``start`` to ``horizon``, or below ``start`` where the fleet breaks there
    already. It is exact as long as nothing that is exceeded is kept again by a larger fleet, which
    holds for counts.
    """
    sizes = _Sizes(probe)
    quota = _first(sizes, "quota", max(1, start), horizon)
    if quota is None:
        return Breaks(None, None)  # what cannot be raised is a quota too
    return Breaks(quota, _first(sizes, "hard", max(1, start), horizon, quota.clusters))


class _Size(NamedTuple):
    """The worst reach of each kind at one size, and how far it is used: 1 is all that there is."""

    quota: Reach | None
    hard: Reach | None
    quota_used: float
    hard_used: float

    def over(self, kind: Kind) -> Reach | None:
        """Return what is exceeded, if anything is."""
        return self.quota if kind == "quota" else self.hard

    def used(self, kind: Kind) -> float:
        """Return how much is used of what is used most."""
        return self.quota_used if kind == "quota" else self.hard_used


class _Sizes:
    """What is reached at each size that was asked for, each worked out once."""

    def __init__(self, probe: Callable[[int], Iterable[Reach]]) -> None:
        self._probe = probe
        self._seen: dict[int, _Size] = {}

    def at(self, clusters: int) -> _Size:
        """Return what is reached at so many clusters."""
        if clusters not in self._seen:
            found = tuple(self._probe(clusters))
            self._seen[clusters] = _Size(
                next((reach for reach in found if reach.over != "no"), None),
                next((reach for reach in found if reach.over == "hard"), None),
                max((reach.used for reach in found), default=0.0),
                max((reach.hard_used for reach in found), default=0.0),
            )
        return self._seen[clusters]


def _first(sizes: _Sizes, kind: Kind, start: int, horizon: int, least: int = 1) -> Break | None:
    """Return the least number of clusters, from ``least`` on, that exceed something of ``kind``.

    1. Where the fleet breaks already, from below by doubling: smaller fleets are looked at faster.
    2. Else it breaks by the horizon or not at all: a grown fleet costs the same at any size.
    3. What limits bound grows about as a power of the size, so the place where it is met is guessed
       between the two sizes; every second time they are halved, so that it ends.
    """
    if sizes.at(start).over(kind):
        below, above = least - 1, least
        while above < start and not sizes.at(above).over(kind):
            below, above = above, min(2 * above, start)
    else:
        below, above = max(start, least - 1), max(horizon, least)
    found = sizes.at(above).over(kind)
    if found is None:
        return None
    halve = False
    while above - below > 1:
        middle = (below + above) // 2 if halve else _guess(sizes, kind, below, above)
        halve = not halve
        met = sizes.at(middle).over(kind)
        if met is None:
            below = middle
        else:
            above, found = middle, met
    return Break(above, found)


def _guess(sizes: _Sizes, kind: Kind, below: int, above: int) -> int:
    """Return about the size at which all is used, by the power of growth between two sizes."""
    much = sizes.at(above).used(kind)
    little = sizes.at(below).used(kind) if below else 0.0
    if not 0 < little < 1 < much:
        little, below = 0.0, max(1, below)
    power = log(much / little) / log(above / below) if little and above > below else 1.0
    guess = above * (1 / much) ** (1 / power) if power > 0 and much > 0 else (below + above) / 2
    return min(max(ceil(guess), below + 1), above - 1)


__all__ = [
    "Break",
    "Breaks",
    "Grows",
    "Limit",
    "LimitBook",
    "Reach",
    "Reading",
    "amount",
    "capacity_of",
    "find_breaks",
    "mesh_software",
    "owners",
    "reaches_of",
    "rows",
]
