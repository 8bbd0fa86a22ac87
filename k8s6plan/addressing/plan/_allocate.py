"""What is still owed: prefixes out of the pools, and out of the sites' IPv6 blocks."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterator
from ipaddress import IPv4Network, IPv6Network

from k8s6plan.addressing.plan._state import State
from k8s6plan.addressing.plan_file import is_layout
from k8s6plan.addressing.space import sizes
from k8s6plan.addressing.space.blocks import FreeSpace, bits_for, intervals, size_of, touching
from k8s6plan.addressing.space.pools import Pools, block_of, prefix_of
from k8s6plan.addressing.space.site_blocks import SiteBlocks
from k8s6plan.fleet.model import ROLES, Cluster, Family, Prefix, Role

PoolsOfFamilies = dict[Family, Pools]

# (prefix length with the room that is kept, role, site, cluster): the order of planning.
Wanted = tuple[int, Role, str, str]


def make_pools(state: State, family: Family) -> Pools:
    """Return the free space of the fleet's pools in one family."""
    pools: dict[str, tuple[Prefix, ...]] = {
        role: getattr(state.fleet.pools, role) for role in ROLES
    }
    used = state.used(family) + state.used_by_sites(family)
    return Pools(family, pools, used, state.strategy)


def from_pools(state: State, family: Family, pools: Pools) -> None:
    """Plan every role that has a pool in this family: the largest first, then by site and name.

    Clusters that share a site get their pods from one prefix of the site, where it fits, so that
    the site is one route.
    """
    wanted = sorted(_wanted(state, family, pools))
    site_space = _SitePools(state, family, pools, wanted)
    for length, role, _, name in wanted:
        cluster = state.cluster(name)
        prefix = site_space.take(cluster, role, length) or pools.take(role, length)
        if prefix is None:
            state.misses[family, role].append(f"{name} needs a /{length}")
            continue
        needed = sizes.length_needed(cluster, role, family)
        place = prefix_of(int(prefix.network_address), needed, family)
        state.enter(cluster, role, family, place, reserved=length)


def _wanted(state: State, family: Family, pools: Pools) -> Iterator[Wanted]:
    for cluster in state.fleet.clusters:
        for role in state.owed(cluster, family):
            if family == "ipv4" or pools.has(role):
                length = sizes.length_reserved(cluster, role, family)
                yield length, role, cluster.site_name, cluster.name


class _SitePools:
    """The prefix of each site out of which its clusters take their IPv4 pods."""

    def __init__(self, state: State, family: Family, pools: Pools, wanted: list[Wanted]) -> None:
        self.state, self.family, self.pools = state, family, pools
        self.waiting: dict[str, list[int]] = defaultdict(list)
        for length, role, site, _ in wanted:
            if role == "pods" and family == "ipv4":
                self.waiting[site].append(length)
        self._spaces: dict[str, FreeSpace | None] = {}
        self._used = intervals(state.used("ipv4"), 32) if self.waiting else []

    def take(self, cluster: Cluster, role: Role, length: int) -> Prefix | None:
        """Return a prefix out of the site's own; None where the site has none, or no room."""
        site = cluster.site_name
        if role != "pods" or self.family != "ipv4":
            return None
        if site not in self._spaces:
            self._spaces[site] = self._open(site)
        space = self._spaces[site]
        start = None if space is None else space.take(length)
        return None if start is None else IPv4Network((start, length))

    def _open(self, site: str) -> FreeSpace | None:
        kept = self.state.site_pools.get(site, {}).get("pods")
        if kept is None and len(self.waiting[site]) > 1:
            addresses = sum(size_of(length, 32) for length in self.waiting[site])
            kept = self.pools.take("pods", 32 - bits_for(addresses))
            if kept is not None:
                self.state.site_pools.setdefault(site, {})["pods"] = kept
        if kept is None:
            return None
        return FreeSpace(block_of(kept), touching(self._used, kept), 32, self.state.strategy)


def from_site_blocks(state: State, pools: Pools) -> None:
    """Plan the roles that have no IPv6 pool, inside the IPv6 blocks of their sites."""
    wanted = []
    for cluster in state.fleet.clusters:
        roles = [role for role in state.owed(cluster, "ipv6") if not pools.has(role)]
        if roles:
            wanted.append((sizes.block_length(cluster), cluster.site_name, cluster.name, roles))
    if not wanted:
        return
    wanted.sort(key=lambda item: item[:3])
    used = state.used("ipv6")
    space = SiteBlocks(
        state.fleet,
        seed=state.seed or "",
        sites=state.sites,
        used=intervals(used, 128),
        used_by_sites=intervals(used + state.used_by_sites("ipv6"), 128),
        waiting=Counter(site for _, site, _, _ in wanted),
        strategy=state.strategy,
    )
    for length, _, name, roles in wanted:
        cluster = state.cluster(name)
        block = space.take(cluster)
        if block is None:
            inside = str(state.fleet.ipv6_of(cluster))
            state.misses["ipv6", f"block from {inside}"].append(f"{name} needs a /{length}")
            continue
        for role in roles:
            _enter_part(state, cluster, role, block)


def _enter_part(state: State, cluster: Cluster, role: Role, block: IPv6Network) -> None:
    """Enter the place of ``role`` in its cluster's block; pods may mirror their IPv4 prefix."""
    part, mask = sizes.part_of(block, role, cluster), None
    ipv4 = state.held[cluster.name].get("pods", {}).get("ipv4")
    if role == "pods" and state.fleet.ipv6_mapping == "embed-ipv4" and ipv4 is not None:
        prefix, ipv4_mask = ipv4.prefix, ipv4.node_mask
        if prefix is not None and ipv4_mask is not None:
            base = int(part.network_address) | int(prefix.network_address)
            part, mask = IPv6Network((base, 96 + prefix.prefixlen)), 96 + ipv4_mask
    state.enter(cluster, role, "ipv6", part, known=not is_layout(block), node_mask=mask)
