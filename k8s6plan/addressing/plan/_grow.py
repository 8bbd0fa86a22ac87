"""Growth: widen a prefix where it stands, else add a second one, else say that it is a rebuild."""

from __future__ import annotations

from dataclasses import replace
from ipaddress import IPv6Network
from typing import cast

from k8s6plan import catalog
from k8s6plan.addressing.plan._state import State
from k8s6plan.addressing.plan_file import Allocation
from k8s6plan.addressing.space import sizes
from k8s6plan.addressing.space.pools import Pools, lies_in
from k8s6plan.fleet.model import ADDRESS_BITS, FAMILIES, Cluster, Family, Prefix, Role


def grow(state: State, pools: dict[Family, Pools]) -> None:
    """Give every cluster that has outgrown a planned prefix what it needs now."""
    for cluster in sorted(state.fleet.clusters, key=lambda cluster: cluster.name):
        if cluster.name not in state.old.clusters and cluster.name not in state.renamed:
            continue
        for role, families in state.held[cluster.name].items():
            for family, allocation in list(families.items()):
                if allocation.source != "pinned" and _is_too_small(cluster, role, allocation):
                    families[family] = _grown(state, pools[family], cluster, role, allocation)
        pods = state.held[cluster.name].get("pods", {})
        before = state.old.clusters.get(cluster.formerly or cluster.name, {})
        before = state.old.clusters.get(cluster.name, before)
        _follow(state, cluster, before.get("pods", {}).get("ipv4"), pods)


def _follow(
    state: State, cluster: Cluster, was: Allocation | None, pods: dict[Family, Allocation]
) -> None:
    """Widen pods' IPv6 that embed IPv4 along with the IPv4 prefix: they share the low 32 bits."""
    now, six = pods.get("ipv4"), pods.get("ipv6")
    if was is None or was.prefix is None or now is None or now.prefix is None or six is None:
        return
    place = _place(six)
    low = int(place.network_address) & 0xFFFF_FFFF
    embedded = place.prefixlen == 96 + was.prefix.prefixlen
    if now.prefix == was.prefix or not embedded or low != int(was.prefix.network_address):
        return
    wide = cast("IPv6Network", place.supernet(new_prefix=96 + now.prefix.prefixlen))
    state.wider.append(f"{cluster.name} (pods): {place} to {wide}")
    known = six.prefix is not None
    pods["ipv6"] = replace(
        six,
        prefix=wide if known else None,
        layout=None if known else wide,
        grows_to=wide.prefixlen,
    )


def _place(allocation: Allocation) -> Prefix:
    return allocation.prefix or cast("IPv6Network", allocation.layout)


def _family(allocation: Allocation) -> Family:
    return "ipv4" if _place(allocation).version == 4 else "ipv6"


def _is_too_small(cluster: Cluster, role: Role, allocation: Allocation) -> bool:
    """Say whether all prefixes of an allocation hold fewer blocks or addresses than needed."""
    family = _family(allocation)
    if role == "pods" and allocation.node_mask != sizes.node_blocks(cluster, family).mask:
        return False  # embedded IPv4, or another mask than today's: not ours to judge
    needed = sizes.length_needed(cluster, role, family)
    bits = ADDRESS_BITS[family]
    held = sum(1 << bits - p.prefixlen for p in (_place(allocation), *allocation.also))
    return held < 1 << bits - needed and _place(allocation).prefixlen > needed


def _grown(
    state: State, pools: Pools, cluster: Cluster, role: Role, allocation: Allocation
) -> Allocation:
    """Return ``allocation`` widened, or with a second prefix, or as it is where neither can be."""
    family, place = _family(allocation), _place(allocation)
    owner = f"{cluster.name} ({role})"
    needed = sizes.length_needed(cluster, role, family)
    shortest = sizes.shortest_length(cluster, role, family)
    if needed >= max(shortest, reach(state, pools, cluster, role, allocation)):
        wide = place.supernet(new_prefix=needed)
        block = state.block_of(cluster.name) if family == "ipv6" else None
        inside = block is not None and lies_in(wide, block)
        reserved = allocation.reserved is not None and needed >= allocation.reserved
        if inside or reserved or _widen(state, pools, cluster, role, place, needed):
            state.wider.append(f"{owner}: {place} to {wide}")
            if allocation.prefix is None:
                return replace(allocation, layout=cast("IPv6Network", wide), grows_to=needed)
            return replace(allocation, prefix=wide, grows_to=needed)
    if _takes_a_second(cluster, role) and allocation.prefix is not None and pools.has(role):
        bits = ADDRESS_BITS[family]
        held = sum(1 << bits - p.prefixlen for p in allocation.prefixes)
        missing = (1 << bits - needed) - held
        second = pools.take(role, bits - max(0, (missing - 1).bit_length()))
        if second is not None:
            state.extended.append(f"{owner}: {second} beside {place}")
            return replace(allocation, also=(*allocation.also, second))
    state.rebuilds.append(
        f"{owner} has outgrown {place}: it needs a /{needed}, can be widened to "
        f"/{reach(state, pools, cluster, role, allocation)} only, and takes no second prefix; "
        "that means a rebuild under a new name"
    )
    return allocation


def _widen(
    state: State, pools: Pools, cluster: Cluster, role: Role, place: Prefix, length: int
) -> bool:
    """Take the room round ``place``, out of the site's own pool or the fleet's."""
    space = state.site_space(cluster.site_name, place) if role == "pods" else None
    if space is None:
        return pools.widen(role, place, length)
    return space.widen(int(place.network_address), place.prefixlen, length)


def _takes_a_second(cluster: Cluster, role: Role) -> bool:
    """Say whether a running cluster can be given a second prefix for ``role``.

    Nodes can: one more subnet. Pods can where the CNI has its own IPAM (Calico, Cilium pools) or
    the platform has discontiguous ranges; services cannot, short of the ServiceCIDR API of 1.33.
    """
    if role == "nodes":
        return True
    return role == "pods" and catalog.has_own_ipam(cluster.platform, cluster.cni)


def reach(state: State, pools: Pools, cluster: Cluster, role: Role, allocation: Allocation) -> int:
    """Return the length to which an allocation can be widened where it stands."""
    family, place = _family(allocation), _place(allocation)
    block = state.block_of(cluster.name) if family == "ipv6" else None
    if block is not None and lies_in(place, block):
        room = block.prefixlen + (1 if role == "pods" else 2)
    else:
        kept = (
            place if allocation.reserved is None else place.supernet(new_prefix=allocation.reserved)
        )
        space = state.site_space(cluster.site_name, kept) if role == "pods" else None
        if space is None:
            room = pools.grows_to(role, kept)
        else:
            room = space.grows_to(int(kept.network_address), kept.prefixlen)
    return min(place.prefixlen, max(room, sizes.shortest_length(cluster, role, family)))


def measure(state: State, pools: dict[Family, Pools]) -> None:
    """Fill ``grows_to`` of all that we planned."""
    for cluster in state.fleet.clusters:
        for role, families in state.held[cluster.name].items():
            for family in FAMILIES:
                allocation = families.get(family)
                if allocation is None or allocation.source == "pinned":
                    continue
                grows_to = reach(state, pools[family], cluster, role, allocation)
                if allocation.grows_to != grows_to:
                    families[family] = replace(allocation, grows_to=grows_to)
