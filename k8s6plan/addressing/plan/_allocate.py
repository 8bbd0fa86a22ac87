"""What is still owed: prefixes out of the pools, and out of the sites' IPv6 blocks."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from ipaddress import IPv4Network, IPv6Network
from typing import NamedTuple

from k8s6plan.addressing.plan._state import Owed, State
from k8s6plan.addressing.space import sizes
from k8s6plan.addressing.space.blocks import bits_for, size_of
from k8s6plan.addressing.space.pools import Pools, prefix_of
from k8s6plan.addressing.space.site_blocks import SiteBlocks
from k8s6plan.fleet.model import ROLES, Cluster, Family, Prefix, Role

PoolsOfFamilies = dict[Family, Pools]


def make_pools(state: State, family: Family) -> Pools:
    """Return the free space of the fleet's pools in one family."""
    pools: dict[str, tuple[Prefix, ...]] = {
        role: getattr(state.fleet.pools, role) for role in ROLES
    }
    return Pools(family, pools, state.outer(family), state.strategy)


def open_sites(state: State) -> None:
    """Find out what is free of the sites' own pools."""
    for site, pools in state.site_pools.items():
        if "pods" in pools:
            state.open_site(site, pools["pods"])


class _Wanted(NamedTuple):
    """A prefix to be planned, in the order of planning; ``length`` is that of the room kept."""

    length: int
    role: Role
    site: str
    name: str


def from_pools(state: State, owed: Iterable[Owed], pools: Pools) -> None:
    """Plan every role that has a pool in this family: the largest first, then by site and name.

    Clusters that share a site get their pods from one prefix of the site, where it fits, so that
    the site is one route.
    """
    family = pools.family
    wanted = sorted(
        _Wanted(sizes.length_reserved(cluster, role, family), role, cluster.site_name, cluster.name)
        for cluster, role, family_owed in owed
        if family_owed == family and (family == "ipv4" or pools.has(role))
    )
    waiting: dict[str, list[int]] = defaultdict(list)
    for length, role, site, _ in wanted:
        if role == "pods" and family == "ipv4":
            waiting[site].append(length)
    for length, role, site, name in wanted:
        cluster, prefix = state.cluster(name), None
        if role == "pods" and family == "ipv4":
            _open_site(state, pools, site, waiting.pop(site, []))
            prefix = _from_site(state, site, length)
        prefix = prefix or pools.take(role, length)
        needed = sizes.length_needed(cluster, role, family)
        if prefix is not None and needed != length:
            prefix = prefix_of(int(prefix.network_address), needed, family)
        if prefix is None or not state.enter(cluster, role, family, prefix, reserved=length):
            state.misses[family, role].append(f"{name} needs a /{length}")


def _open_site(state: State, pools: Pools, site: str, lengths: Sequence[int]) -> None:
    """Take a pool for a site of which several clusters want prefixes of these lengths."""
    if len(lengths) > 1 and "pods" not in state.site_pools.get(site, {}):
        addresses = sum(size_of(length, 32) for length in lengths)
        pool = pools.take("pods", 32 - bits_for(addresses))
        if pool is not None:
            state.site_pools.setdefault(site, {})["pods"] = pool
            state.open_site(site, pool)


def _from_site(state: State, site: str, length: int) -> Prefix | None:
    """Return an IPv4 prefix out of the site's own pool; None where it has none, or no room."""
    space = state.site_spaces.get(site)
    start = None if space is None else space.take(length)
    return None if start is None else IPv4Network((start, length))


def from_site_blocks(state: State, owed: Iterable[Owed], pools: Pools) -> None:
    """Plan the roles that have no IPv6 pool, inside the IPv6 blocks of their sites."""
    roles: dict[str, list[Role]] = defaultdict(list)
    for cluster, role, family in owed:
        if family == "ipv6" and not pools.has(role):
            roles[cluster.name].append(role)
    if not roles:
        return
    waiting = [state.cluster(name) for name in roles]
    space = SiteBlocks(
        state.fleet,
        seed=state.seed or "",
        sites=state.sites,
        outer=state.outer("ipv6"),
        inner=state.inner("ipv6"),
        waiting=Counter(cluster.site_name for cluster in waiting),
        strategy=state.strategy,
    )
    wanted = sorted((sizes.block_length(c), c.site_name, c.name) for c in waiting)
    for length, _, name in wanted:
        cluster = state.cluster(name)
        found = space.take(cluster)
        if found is None:
            inside = str(state.fleet.ipv6_of(cluster))
            tight = max(length, sizes.tight_block_length(cluster))
            state.misses["ipv6", f"block from {inside}"].append(f"{name} needs a /{tight}")
            continue
        for role in roles[name]:
            _enter_part(state, cluster, role, *found)


def _enter_part(
    state: State, cluster: Cluster, role: Role, block: IPv6Network, known: bool
) -> None:
    """Enter the place of ``role`` in its cluster's block; pods may mirror their IPv4 prefix."""
    part, mask = sizes.part_of(block, role, cluster), None
    ipv4 = state.held[cluster.name].get("pods", {}).get("ipv4")
    if role == "pods" and state.fleet.ipv6_mapping == "embed-ipv4" and ipv4 is not None:
        prefix, ipv4_mask = ipv4.prefix, ipv4.node_mask
        if prefix is not None and ipv4_mask is not None:
            base = int(part.network_address) | int(prefix.network_address)
            part, mask = IPv6Network((base, 96 + prefix.prefixlen)), 96 + ipv4_mask
    if not state.enter(cluster, role, "ipv6", part, known=known, node_mask=mask):
        state.misses["ipv6", role].append(f"{cluster.name} needs {part}, which is in use")
