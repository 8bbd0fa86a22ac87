"""What one run of the planner knows. Every step adds to ``held``; nothing is taken out again."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field
from ipaddress import IPv6Network

from k8s6plan import catalog
from k8s6plan.addressing.plan_file import Allocation, BlockSource, Held, Plan, SiteBlock, is_layout
from k8s6plan.addressing.space import sizes
from k8s6plan.addressing.space.blocks import Block, FreeSpace, intervals, size_of, touching
from k8s6plan.addressing.space.pools import block_of
from k8s6plan.addressing.space.strategy import Strategy
from k8s6plan.fleet.model import ROLES, Cluster, Family, Fleet, Prefix, Role, family_of

Allocations = dict[str, dict[Role, dict[Family, Allocation]]]


@dataclass
class State:
    """The fleet, the plan that was there, and what has been decided so far.

    ``misses``: (family, what) -> the clusters for which there was no room, in words.
    ``clashes``: prefixes of the old plan that the fleet file excludes by now, in words.
    ``wider``, ``extended``: what has grown, in words; ``rebuilds``: what cannot.
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
    renamed: list[str] = field(default_factory=list)
    revived: list[str] = field(default_factory=list)
    released: list[str] = field(default_factory=list)
    assigned: list[str] = field(default_factory=list)
    wider: list[str] = field(default_factory=list)
    extended: list[str] = field(default_factory=list)
    rebuilds: list[str] = field(default_factory=list)
    clashes: list[str] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    misses: dict[tuple[Family, str], list[str]] = field(default_factory=lambda: defaultdict(list))
    _site_spaces: dict[str, FreeSpace] = field(default_factory=dict)
    _block_index: dict[str, IPv6Network] = field(default_factory=dict)

    def cluster(self, name: str) -> Cluster:
        """Return the cluster of the fleet called ``name``."""
        return self.fleet.clusters[self.fleet.index[name]]

    def index_blocks(self) -> None:
        """Remember the clusters' blocks and the sites' pools as they are filled now."""
        self._block_index = self.blocks()
        taken = intervals(self.used("ipv4"), 32) if self.site_pools else []
        self._site_spaces = {
            site: FreeSpace(block_of(pool), touching(taken, pool), 32, self.strategy)
            for site, pools in self.site_pools.items()
            for role, pool in pools.items()
            if role == "pods"
        }

    def site_space(self, site: str, place: Prefix) -> FreeSpace | None:
        """Return the site's own pool that ``place`` lies in, as of the last ``index_blocks``."""
        space = self._site_spaces.get(site)
        if space is None or place.version != 4:
            return None
        start = int(place.network_address) & -size_of(space.block[1], 32)
        return space if start == space.block[0] else None

    def block_of(self, name: str) -> IPv6Network | None:
        """Return the IPv6 block of a cluster, as of the last ``index_blocks``."""
        return self._block_index.get(name)

    def blocks(self) -> dict[str, IPv6Network]:
        """Return the IPv6 block of each cluster, the removed ones included."""
        return {
            name: part
            for blocks in self.sites.values()
            for block in blocks.values()
            for name, part in block.clusters.items()
        }

    def used(self, family: Family) -> list[Block]:
        """Return every prefix that must not be handed out again, the sites' own blocks apart."""
        found = [
            block
            for held in (*self.held.values(), *self.tombstones.values())
            for families in held.values()
            if family in families
            for block in kept_blocks(families[family])
        ]
        found += [block_of(e.prefix) for e in self.fleet.exclude if family_of(e.prefix) == family]
        if family == "ipv6":
            found += [block_of(block) for block in self.blocks().values() if not is_layout(block)]
        return found

    def used_by_sites(self, family: Family) -> list[Block]:
        """Return the blocks that are kept for sites."""
        if family == "ipv4":
            return [block_of(p) for pools in self.site_pools.values() for p in pools.values()]
        return [
            block_of(block.prefix)
            for blocks in self.sites.values()
            for block in blocks.values()
            if block.prefix is not None
        ]

    def owed(self, cluster: Cluster, family: Family) -> list[Role]:
        """Return the roles of ``cluster`` that still want a prefix."""
        held = self.held[cluster.name]
        return [
            role
            for role in ROLES
            if not cluster.external(role)
            and family not in held.get(role, {})
            and not (role == "services" and family == "ipv6" and self._given(cluster))
        ]

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
    ) -> None:
        """Enter a planned prefix, or (not ``known``) its layout inside a block still to come."""
        if role == "pods" and node_mask is None:
            node_mask = sizes.node_blocks(cluster, family).mask
        self.held[cluster.name].setdefault(role, {})[family] = Allocation(
            prefix=place if known else None,
            grows_to=place.prefixlen,
            source="planned",
            node_mask=node_mask,
            layout=None if known or not isinstance(place, IPv6Network) else place,
            reserved=reserved if reserved is not None and reserved < place.prefixlen else None,
        )

    def note_single_stack(self) -> None:
        """Note the platforms that run one family only: the plan holds both to choose from."""
        for platform in sorted({c.platform for c in self.fleet.clusters if c.platform}):
            both = catalog.dual_stack(platform)
            if both is not None and not both.value:
                self.notes.append(
                    f"{platform} gives pods and services one family, IPv4 or IPv6, for life: use "
                    f"the one you choose ({both.source})"
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


def kept_blocks(allocation: Allocation) -> list[Block]:
    """Return what an allocation keeps from others: its prefixes, and the room reserved for it."""
    blocks = [block_of(prefix) for prefix in allocation.prefixes]
    if allocation.prefix is not None and allocation.reserved is not None:
        blocks.append(block_of(allocation.prefix.supernet(new_prefix=allocation.reserved)))
    return blocks
