"""Provider limits against designs: what is exceeded now, and at how many clusters it begins."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from decimal import Context, Decimal
from functools import cached_property
from typing import TYPE_CHECKING

from k8s6plan.catalog.limits import Limit, Over, amount, owners, rows
from k8s6plan.catalog.tariffs import tariff
from k8s6plan.evaluation.limits._book import LimitBook
from k8s6plan.evaluation.limits._breaks import Break, Breaks, Grows, find_breaks
from k8s6plan.evaluation.limits._gateways import gateway_capacity
from k8s6plan.evaluation.limits._measures import readings
from k8s6plan.evaluation.limits._mesh import mesh_software
from k8s6plan.evaluation.limits._reading import Ground, Reading, Traffic
from k8s6plan.topology.joins import Topology

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
    topology: Topology,
    traffic: Traffic,
    limits: LimitBook,
    measures: frozenset[str] | None = None,
) -> tuple[Reach, ...]:
    """Return how far the design reaches into each limit that it can hit, the worst first.

    ``measures``: those that are asked for; of others there may be less.
    """
    furthest: dict[tuple[str, str], Reading] = {}
    for reading in readings(Ground(topology, traffic, measures)):
        key = (reading.owner, reading.measure)
        known = furthest.get(key)
        if known is None or reading.value > known.value:
            furthest[key] = reading
    found = [
        Reach(limit, _held_against(limit, reading.value), reading.place)
        for (owner, measure), reading in furthest.items()
        for limit in limits.of(owner).get(measure, ())
        if _holds(limit, topology.outline.assumptions)
    ]
    return tuple(sorted(found, key=_rank))


# A third of a figure, three times, is a hair too much in 28 digits: 650.0...01 of 650 Mbps.
_EXACT = Context(prec=20)


def _held_against(limit: Limit, value: int | Decimal) -> Decimal:
    """Return a value as it is held against a limit: in its unit, without what rounding left."""
    return _EXACT.plus(value * _PER_UNIT.get(limit.unit, _ONE))


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
