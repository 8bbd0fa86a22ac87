"""Provider limits against designs: what is exceeded now, and at how many clusters it begins."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from functools import cached_property
from typing import TYPE_CHECKING, NamedTuple, Protocol

from k8s6plan.catalog.tariffs import variants_of
from k8s6plan.evaluation.limits._gateways import gateway_capacity
from k8s6plan.evaluation.limits._measures import readings
from k8s6plan.evaluation.limits._mesh import mesh_software
from k8s6plan.evaluation.limits._reading import Ground, Reading
from k8s6plan.evaluation.limits._rows import Limit, LimitBook, Over, amount, owners, rows
from k8s6plan.topology.groups import Outline
from k8s6plan.topology.joins import Topology
from k8s6plan.topology.loads import Loads
from k8s6plan.topology.traffic import Stream

if TYPE_CHECKING:
    from k8s6plan.fleet.model import Fleet

_ONE = Decimal(1)
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
    return str(chosen or variants_of(limit.owner).get(name)) in sorts


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

    The number is doubled until something breaks, from ``start``, or from 1 where the fleet breaks
    there already; then the last step is halved. It is exact
    as long as nothing that is exceeded is kept again by a larger fleet, which holds for counts.
    """
    seen: dict[int, dict[str, Reach]] = {}

    def at(clusters: int) -> dict[str, Reach]:
        if clusters not in seen:
            found: dict[str, Reach] = {}
            for reach in probe(clusters):
                if reach.over == "hard":
                    found.setdefault("hard", reach)
                if reach.over != "no":
                    found.setdefault("quota", reach)
            seen[clusters] = found
        return seen[clusters]

    quota = _first(at, "quota", max(1, start), horizon)
    if quota is None:
        return Breaks(None, None)  # what cannot be raised is a quota too
    return Breaks(quota, _first(at, "hard", max(1, start), horizon, quota.clusters))


def _first(
    at: Callable[[int], dict[str, Reach]], kind: str, start: int, horizon: int, least: int = 1
) -> Break | None:
    """Return the least number of clusters, from ``least`` on, that exceed something of ``kind``."""
    # Most breaks come early, and small fleets are looked at faster: from below, if this one breaks.
    below, above = least - 1, least if kind in at(start) else max(start, least)
    while kind not in at(above):
        if above >= horizon:
            return None
        below, above = above, min(2 * above, horizon)
    while above - below > 1:
        middle = (below + above) // 2
        if kind in at(middle):
            above = middle
        else:
            below = middle
    return Break(above, at(above)[kind])


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
