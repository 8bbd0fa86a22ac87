"""Capacity: what pools, sites and clusters hold, when they are full, and how much more fits.

Pods are counted by the blocks that nodes take: a /24 of the controller manager each, or as many
/26 of Calico as their pods fill. Growth is the fleet file's (`growth: {nodes_per_year: 20%}`),
compound by the month.
"""

from __future__ import annotations

from collections.abc import Sequence

from k8s6plan.addressing.capacity._report import Capacity, Further, Month, Room, Space, month_after
from k8s6plan.addressing.capacity.clusters import owners_of
from k8s6plan.addressing.capacity.further import describe, further_of, typical
from k8s6plan.addressing.capacity.spaces import pools_of, sites_of
from k8s6plan.addressing.plan_file import Plan
from k8s6plan.fleet.model import Fleet


def measure(
    fleet: Fleet, plan: Plan, *, start: Month, node_counts: Sequence[int] = (10, 100, 1000)
) -> Capacity:
    """Return the capacity of ``fleet`` with the prefixes of ``plan``, seen from ``start``."""
    owners = list(owners_of(fleet, plan))
    rooms = tuple(owner.room(start) for owner in owners)
    model = typical(fleet)
    return Capacity(
        fleet=fleet.fleet,
        start=month_after(start, 0) or "",
        growth=dict(fleet.growth),
        pools=tuple(pools_of(fleet, plan, owners, start)),
        sites=tuple(sites_of(fleet, plan, rooms)),
        clusters=rooms,
        like=describe(model),
        further=tuple(further_of(fleet, plan, model, node_counts)),
    )


__all__ = ["Capacity", "Further", "Month", "Room", "Space", "measure"]
