"""What one run of the planner knows. Every step adds to ``held``; nothing is taken out again.

Of each family there is one free space for whatever is cut out of it, in three layers: ``outer``
hands out to pools' roles, sites and tunnels; ``inner`` what lies in the block of a site; and
``taken`` holds every single prefix, wherever it lies: nothing is entered that it has already.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field
from ipaddress import IPv6Network
from typing import NamedTuple

from k8s6plan import catalog
from k8s6plan.addressing.plan_file import Allocation, BlockSource, Held, Plan, SiteBlock
from k8s6plan.addressing.space import sizes
from k8s6plan.addressing.space.blocks import Block, intervals, size_of
from k8s6plan.addressing.space.free import FreeSpace, Space, Taken
from k8s6plan.addressing.space.pools import block_of
from k8s6plan.addressing.space.strategy import Strategy
from k8s6plan.addressing.space.taken import (
    excluded_blocks,
    held_blocks,
    kept_blocks,
    site_blocks,
)
from k8s6plan.fleet.model import (
    ADDRESS_BITS,
    FAMILIES,
    ROLES,
    Cluster,
    Family,
    Fleet,
    Prefix,
    Role,
    family_of,
)
from k8s6plan.fleet.reach import hidden, hides_pods

Allocations = dict[str, dict[Role, dict[Family, Allocation]]]


class Owed(NamedTuple):
    """What a cluster still wants: a prefix for one role in one family."""

    cluster: Cluster
    role: Role
    family: Family


@dataclass
class State:
    """The fleet, the plan that was there, and what has been decided so far.

    ``misses``: (family, what) -> the clusters for which there was no room, in words.
    ``renumbered``: what clusters held that are planned anew; nobody gets it in this run.
    ``clashes``: prefixes of the old plan that the fleet file excludes by now, in words.
    ``strangers``: pins that would open all allow lists, in words.
    ``wider``, ``extended``: what has grown, in words; ``rebuilds``: what cannot.
    ``site_spaces``: what is free of the sites' own pools.
    """

    fleet: Fleet
    old: Plan
    old_file: str
    strategy: Strategy
    seed: str | None = None
    held: Allocations = field(default_factory=dict)
    tombstones: dict[str, Held] = field(default_factory=dict)
    sites: dict[str, dict[BlockSource, SiteBlock]] = field(default_factory=dict)
    site_pools: dict[str, dict[Role, Prefix]] = field(default_factory=dict)
    renumbered: dict[str, Held] = field(default_factory=dict)
    renamed: list[str] = field(default_factory=list)
    revived: list[str] = field(default_factory=list)
    released: list[str] = field(default_factory=list)
    assigned: list[str] = field(default_factory=list)
    wider: list[str] = field(default_factory=list)
    extended: list[str] = field(default_factory=list)
    rebuilds: list[str] = field(default_factory=list)
    clashes: list[str] = field(default_factory=list)
    strangers: list[str] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    misses: dict[tuple[Family, str], list[str]] = field(default_factory=lambda: defaultdict(list))
    site_spaces: dict[str, FreeSpace] = field(default_factory=dict)
    _vacated: dict[str, Held] = field(default_factory=dict)
    _outer: dict[Family, Space] = field(default_factory=dict)
    _inner: dict[Family, Space] = field(default_factory=dict)
    _taken: dict[Family, Taken] = field(default_factory=dict)

    def cluster(self, name: str) -> Cluster:
        """Return the cluster of the fleet called ``name``."""
        return self.fleet.clusters[self.fleet.index[name]]

    def open_site(self, site: str, pool: Prefix) -> None:
        """Keep the free space of the pool out of which the clusters of ``site`` take their pods."""
        inner = self.inner("ipv4")
        self.site_spaces[site] = FreeSpace(block_of(pool), (), 32, self.strategy, space=inner)

    def site_space(self, site: str, place: Prefix) -> FreeSpace | None:
        """Return the site's own pool that ``place`` lies in."""
        space = self.site_spaces.get(site)
        if space is None or place.version != 4:
            return None
        start = int(place.network_address) & -size_of(space.block[1], 32)
        return space if start == space.block[0] else None

    def blocks(self) -> dict[str, list[tuple[IPv6Network, bool]]]:
        """Return the IPv6 blocks of each cluster, the removed ones included, and which are known.

        What is not known is a place in a block still to come.
        """
        found: dict[str, list[tuple[IPv6Network, bool]]] = defaultdict(list)
        for blocks in self.sites.values():
            for block in blocks.values():
                for name, part in block.clusters.items():
                    found[name].append((part, block.prefix is not None))
        return found

    def outer(self, family: Family) -> Space:
        """Return what is free of pools, aggregates and the ranges of ULA."""
        if family not in self._outer:
            used = self._used(family)
            used += site_blocks(family, self.sites.values(), self.site_pools.values())
            self._outer[family] = self._space(family, used)
        return self._outer[family]

    def inner(self, family: Family) -> Space:
        """Return what is free inside the blocks and pools of sites."""
        if family not in self._inner:
            self._inner[family] = self._space(family, self._used(family))
        return self._inner[family]

    def taken(self, family: Family) -> Taken:
        """Return the prefixes that are in use, each by itself and without any room kept for it."""
        if family not in self._taken:
            found = held_blocks((*self.held.values(), *self.tombstones.values()), family)
            found += excluded_blocks(self.fleet, family) + self._tunnels(family)
            found += held_blocks(self._unvacated(), family)
            self._taken[family] = Taken(ADDRESS_BITS[family], found)
        return self._taken[family]

    def _unvacated(self) -> list[Held]:
        """Return what renumbered clusters held, until it is free."""
        return [held for name, held in self.renumbered.items() if name not in self._vacated]

    def vacate(self) -> None:
        """Let what renumbered clusters held be free, as the next run finds it."""
        self._vacated = self.renumbered
        for cached in (self._outer, self._inner, self._taken):
            cached.clear()

    def _space(self, family: Family, used: list[Block]) -> Space:
        bits = ADDRESS_BITS[family]
        return Space(bits, intervals(used, bits))

    def _used(self, family: Family) -> list[Block]:
        """Return all that is held, kept or excluded, the sites' own blocks apart."""
        found = kept_blocks((*self.held.values(), *self.tombstones.values()), family)
        found += excluded_blocks(self.fleet, family) + self._tunnels(family)
        found += held_blocks(self._unvacated(), family)
        if family == "ipv6":
            parts = (part for parts in self.blocks().values() for part in parts)
            found += [block_of(part) for part, known in parts if known]
        return found

    def _tunnels(self, family: Family) -> list[Block]:
        return [
            block_of(tunnel.prefixes[family])
            for tunnels in self.old.tunnels.values()
            for tunnel in tunnels
            if family in tunnel.prefixes
        ]

    def give(self, cluster: str, role: Role, family: Family, allocation: Allocation) -> None:
        """Enter what a cluster holds from now on; its prefixes are ``taken`` already."""
        self.held[cluster].setdefault(role, {})[family] = allocation

    def owed(self) -> list[Owed]:
        """Return what clusters still want: a prefix for a role in a family."""
        return [
            Owed(cluster, role, family)
            for cluster in self.fleet.clusters
            for role in ROLES
            if not cluster.external(role)
            for family in FAMILIES
            if family not in self.held[cluster.name].get(role, {})
            and not (role == "services" and family == "ipv6" and self._given(cluster))
        ]

    def wants_ula(self, owed: Owed) -> bool:
        """Say whether what is owed comes from a ULA prefix, which takes a seed."""
        return owed.family == "ipv6" and self.fleet.ipv6_of(owed.cluster) == "ula"

    def enter(
        self,
        cluster: Cluster,
        role: Role,
        family: Family,
        place: Prefix,
        *,
        known: bool = True,
        reserved: int | None = None,
        node_mask: int | None = None,
    ) -> bool:
        """Enter a planned prefix, or (not ``known``) its layout inside a block still to come.

        False where somebody has a part of that prefix already, and nothing is entered then.
        """
        if known and not self.taken(family_of(place)).add(*block_of(place)):
            return False
        if role == "pods" and node_mask is None:
            node_mask = sizes.node_blocks(cluster, family).mask
        allocation = Allocation(
            prefix=place if known else None,
            grows_to=place.prefixlen,
            source="planned",
            node_mask=node_mask,
            layout=None if known or not isinstance(place, IPv6Network) else place,
            reserved=reserved if reserved is not None and reserved < place.prefixlen else None,
        )
        self.give(cluster.name, role, family, allocation)
        return True

    def note_hidden_pods(self) -> None:
        """Mark and note pods that nobody outside reaches: no design routes their prefixes."""
        for cluster in self.fleet.clusters:
            pods, routed = self.held[cluster.name].get("pods", {}), not hides_pods(cluster)
            for family, allocation in pods.items():
                if allocation.routed is not routed:
                    pods[family] = allocation._replace(routed=routed)
        self.notes += [
            f"{said}; no design routes their prefixes, which may be the same everywhere"
            for said in hidden(self.fleet)
        ]

    def note_single_stack(self) -> None:
        """Note the platforms that run one family only: the plan holds both to choose from."""
        for platform in sorted({c.platform for c in self.fleet.clusters if c.platform}):
            both = catalog.dual_stack(platform)
            if both is not None and not both.value:
                self.notes.append(
                    f"{platform} gives pods and services one family, IPv4 or IPv6, for life: use "
                    f"the one you choose ({both.source})"
                )

    def note_cluster_sets(self) -> None:
        """Note what a plan says of the whole fleet, though not all of it has to be reached."""
        if self.fleet.divided:
            self.notes.append(
                "summaries and routes are of the whole fleet: a site needs those of the clusters "
                "that share a cluster set with its own"
            )

    def _given(self, cluster: Cluster) -> bool:
        """Say whether the platform picks the IPv6 service prefix itself, and note it."""
        source = catalog.assigns_ipv6_services(cluster.platform)
        if source is None:
            return False
        note = (
            f"{cluster.platform} picks the IPv6 service prefix itself: read it back after "
            f"creation ({source})"
        )
        if note not in self.notes:
            self.notes.append(note)
        return True
