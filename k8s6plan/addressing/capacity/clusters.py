"""What each prefix of a cluster holds: node blocks, or addresses."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal

from k8s6plan.addressing.capacity._report import Month, Room, month_after
from k8s6plan.addressing.capacity.needs import Need
from k8s6plan.addressing.plan_file import Allocation, Plan
from k8s6plan.addressing.space import sizes
from k8s6plan.fleet.model import ADDRESS_BITS, FAMILIES, ROLES, Cluster, Family, Fleet, Prefix, Role
from k8s6plan.fleet.reach import pods_inside_nodes


@dataclass(frozen=True)
class Owner:
    """A cluster's allocation for one role and family, and what it needs."""

    cluster: Cluster
    role: Role
    family: Family
    allocation: Allocation
    unit: int
    need: Need

    def room(self, start: Month) -> Room:
        """Return what is taken and free of it, and when it is full."""
        held, need = self.allocation, self.need
        kept = 0
        if held.reserved is not None:
            kept = (1 << self.unit - held.reserved) - (1 << self.unit - self.length)
        return Room(
            cluster=self.cluster.name,
            site=self.cluster.site_name,
            role=self.role,
            family=self.family,
            prefixes=held.prefixes,
            unit=self.unit,
            total=need.units,
            used=need.used,
            reserved=kept,
            free=need.units - need.used,
            largest_free=self._largest_free(),
            stated="nodes" in self.cluster.model_fields_set or self.role == "services",
            full=month_after(start, need.full_after()),
            full_widened=month_after(start, need.full_after(max(0, self.length - held.grows_to))),
        )

    def _largest_free(self) -> int | None:
        """Return the length of the largest free block, at best: taken from the beginning on."""
        left = self.need.used
        found: list[int] = []
        for length in (self.length, *(prefix.prefixlen for prefix in self.allocation.also)):
            units = 1 << max(0, self.unit - length)
            free = max(0, units - left)
            left = max(0, left - units)
            if free and length <= self.unit:
                found.append(self.unit - (free.bit_length() - 1))
        return min(found, default=None)

    @property
    def length(self) -> int:
        """The length of its first prefix, or of the place that it will have."""
        first = self.allocation.prefix or self.allocation.layout
        return first.prefixlen if first is not None else self.unit


def owners_of(fleet: Fleet, plan: Plan) -> Iterator[Owner]:
    """Yield every allocation of the fleet's clusters of which one can say how full it is.

    Of a pinned service prefix that is so only where the file states how many services there are.
    """
    sharing = _nodes_sharing(fleet, plan)
    for cluster in sorted(fleet.clusters, key=lambda cluster: cluster.name):
        for role in ROLES:
            for family in FAMILIES:
                held = plan.clusters.get(cluster.name, {}).get(role, {}).get(family)
                if held is not None and not (role == "services" and _unstated(cluster, held)):
                    unit, need = _need(fleet, cluster, role, family, held, sharing)
                    yield Owner(cluster, role, family, held, unit, need)


def _unstated(cluster: Cluster, held: Allocation) -> bool:
    return held.source == "pinned" and "services" not in cluster.model_fields_set


Sharing = dict[tuple[str, Family, Prefix | None], int]


def _nodes_sharing(fleet: Fleet, plan: Plan) -> Sharing:
    """Return how many nodes fill each nodes prefix: clusters of one site may share it."""
    found: Sharing = defaultdict(int)
    for cluster in fleet.clusters:
        for family, held in plan.clusters.get(cluster.name, {}).get("nodes", {}).items():
            if held.prefix is not None:
                found[cluster.site_name, family, held.prefix] += cluster.nodes
    return found


def _need(
    fleet: Fleet, cluster: Cluster, role: Role, family: Family, held: Allocation, sharing: Sharing
) -> tuple[int, Need]:
    """Return the length of what is counted (node blocks, addresses), and the need of it."""
    bits = ADDRESS_BITS[family]
    rate = fleet.growth.get("nodes_per_year", Decimal(0))
    first = held.prefix or held.layout
    lengths = [p.prefixlen for p in (*([] if first is None else [first]), *held.also)]
    within = pods_inside_nodes(cluster, family)
    if role == "pods" and (family == "ipv6" or not within):
        blocks = sizes.node_blocks(cluster, family)
        unit = held.node_mask or blocks.mask
        a_block = 1 << bits - unit
        # Of a pinned prefix nothing is assumed that the file does not state: a block each.
        stated = held.source != "pinned" or "pods_per_node" in cluster.model_fields_set
        per = 1 if blocks.fixed or not stated else -(-cluster.pods_per_node // a_block)
        units = sum(1 << unit - length for length in lengths if length <= unit)
        return unit, Need(cluster.nodes, per, units, a_block, rate)
    units = sum(1 << bits - length for length in lengths)
    if role == "pods":
        return bits, Need(cluster.nodes, cluster.pods_per_node, units, 1, rate)
    if role == "nodes":
        nodes = sharing.get((cluster.site_name, family, held.prefix), cluster.nodes)
        return bits, Need(nodes, 1, units, 1, rate, sizes.RESERVED_IN_SUBNET)
    rate = fleet.growth.get("services_per_year", Decimal(0))
    usable = sizes.usable_services(cluster, family)
    units = sum(1 << bits - max(length, usable) for length in lengths)
    return bits, Need(cluster.services, 1, units, 1, rate, sizes.SPARED_OF_SERVICES)
