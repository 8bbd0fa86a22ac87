"""Growth: widen a prefix where it stands, else add a second one, else say that it is a rebuild."""

from __future__ import annotations

from collections.abc import Mapping
from ipaddress import IPv6Network
from typing import cast

from k8s6plan import catalog
from k8s6plan.addressing.plan._state import State
from k8s6plan.addressing.plan_file import Allocation
from k8s6plan.addressing.space import sizes
from k8s6plan.addressing.space.pools import Pools, block_of, lies_in
from k8s6plan.fleet.model import ADDRESS_BITS, Cluster, Family, Prefix, Role, family_of


def grow(state: State, pools: Mapping[Family, Pools]) -> None:
    """Give every cluster that has outgrown a planned prefix what it needs now."""
    room = _Room(state, pools)
    for cluster in sorted(state.fleet.clusters, key=lambda cluster: cluster.name):
        before = state.old.clusters.get(cluster.name)
        if before is None and cluster.name in state.renamed:
            before = state.old.clusters[cluster.formerly or ""]
        if before is None:
            continue
        for role, families in state.held[cluster.name].items():
            for family, allocation in list(families.items()):
                if allocation.source != "pinned" and _is_too_small(cluster, role, allocation):
                    grown = room.grown(cluster, role, allocation)
                    state.give(cluster.name, role, family, grown)
        _follow(state, cluster, before.get("pods", {}).get("ipv4"))


def _follow(state: State, cluster: Cluster, was: Allocation | None) -> None:
    """Widen pods' IPv6 that embed IPv4 along with the IPv4 prefix: they share the low 32 bits."""
    pods = state.held[cluster.name].get("pods", {})
    now, six = pods.get("ipv4"), pods.get("ipv6")
    if was is None or was.prefix is None or now is None or now.prefix is None or six is None:
        return
    place = six.place
    low = int(place.network_address) & 0xFFFF_FFFF
    embedded = place.prefixlen == 96 + was.prefix.prefixlen
    if now.prefix != was.prefix and embedded and low == int(was.prefix.network_address):
        length = 96 + now.prefix.prefixlen
        if six.prefix is not None and not state.taken("ipv6").widen(*block_of(six.prefix), length):
            return  # another's pin stands in the way
        wide = _widened(state, cluster, "pods", six, length)
        state.give(cluster.name, "pods", "ipv6", wide)


def _widened(
    state: State, cluster: Cluster, role: Role, allocation: Allocation, length: int
) -> Allocation:
    """Return ``allocation`` with its prefix, or its place, widened to ``length``."""
    wide = allocation.place.supernet(new_prefix=length)
    state.wider.append(f"{cluster.name} ({role}): {allocation.place} to {wide}")
    if allocation.prefix is None:
        return allocation._replace(layout=cast("IPv6Network", wide), grows_to=length)
    reserved = allocation.reserved
    if reserved is not None and reserved >= length:
        reserved = None  # it is all in use now
    return allocation._replace(prefix=wide, grows_to=length, reserved=reserved)


def _is_too_small(cluster: Cluster, role: Role, allocation: Allocation) -> bool:
    """Say whether all prefixes of an allocation hold fewer blocks or addresses than needed."""
    family = family_of(allocation.place)
    if role == "pods" and allocation.node_mask != sizes.node_blocks(cluster, family).mask:
        return False  # embedded IPv4, or another mask than today's: not ours to judge
    if role == "services" and family == "ipv6":
        return False  # fixed for the cluster's life; that it is too small is told
    needed = sizes.length_needed(cluster, role, family)
    bits = ADDRESS_BITS[family]
    held = sum(1 << bits - p.prefixlen for p in (allocation.place, *allocation.also))
    return held < 1 << bits - needed and allocation.place.prefixlen > needed


def _takes_a_second(cluster: Cluster, role: Role) -> bool:
    """Say whether a running cluster can be given a second prefix for ``role``.

    Nodes can: one more subnet. Pods can where the CNI has its own IPAM (Calico, Cilium pools) or
    the platform has discontiguous ranges; services can by a ServiceCIDR, in a release that the file
    says to have it.
    """
    if role == "nodes":
        return True
    if role == "services":
        release = cluster.kubernetes
        return release is not None and catalog.takes_service_cidrs(release)
    return catalog.has_own_ipam(cluster.platform, cluster.cni)


class _Room:
    """The room round prefixes: in the cluster's IPv6 block, the site's pool, or the fleet's."""

    def __init__(self, state: State, pools: Mapping[Family, Pools]) -> None:
        self.state, self.pools = state, pools
        self._blocks = state.blocks()

    def grown(self, cluster: Cluster, role: Role, allocation: Allocation) -> Allocation:
        """Return ``allocation`` widened, or with a second prefix, or as it is for want of room."""
        place, state = allocation.place, self.state
        family = family_of(place)
        needed = sizes.length_needed(cluster, role, family)
        reach = self.reach(cluster, role, allocation)
        if needed >= reach and self._widen(cluster, role, allocation, needed):
            return _widened(state, cluster, role, allocation, needed)
        owner, pools = f"{cluster.name} ({role})", self.pools[family]
        if _takes_a_second(cluster, role) and allocation.prefix is not None and pools.has(role):
            bits = ADDRESS_BITS[family]
            held = sum(1 << bits - p.prefixlen for p in allocation.prefixes)
            missing = (1 << bits - needed) - held
            second = pools.take(role, bits - max(0, (missing - 1).bit_length()))
            if second is not None and state.taken(family).add(*block_of(second)):
                state.extended.append(f"{owner}: {second} beside {place}")
                return allocation._replace(also=(*allocation.also, second))
        state.rebuilds.append(
            f"{owner} has outgrown {place}: it needs a /{needed}, can be widened to /{reach} only, "
            "and takes no second prefix; that means a rebuild under a new name"
        )
        return allocation

    def _widen(self, cluster: Cluster, role: Role, allocation: Allocation, length: int) -> bool:
        """Take the room round an allocation, if it is not its own already; False: there is none.

        Whatever room is kept, another's prefix that has been pinned inside stands in the way.
        """
        prefix = allocation.prefix
        if prefix is None:
            return self._is_own(cluster, allocation, length)
        taken, (start, now) = self.state.taken(family_of(prefix)), block_of(prefix)
        return (
            taken.room(start, now, length) <= length
            and (
                self._is_own(cluster, allocation, length)
                or self._take_round(cluster, role, allocation, length)
            )
            and taken.widen(start, now, length)
        )

    def _is_own(self, cluster: Cluster, allocation: Allocation, length: int) -> bool:
        """Say whether a wider prefix lies in the cluster's block, or in what is reserved for it."""
        block = self._block_of(cluster, allocation.place)
        wide = allocation.place.supernet(new_prefix=length)
        room = block if block is not None else allocation.room
        return room is not None and lies_in(wide, room)

    def _take_round(
        self, cluster: Cluster, role: Role, allocation: Allocation, length: int
    ) -> bool:
        """Take the space round an allocation, and round what is reserved for it."""
        room = allocation.room or allocation.place
        space = self.state.site_space(cluster.site_name, room) if role == "pods" else None
        if space is None:
            return self.pools[family_of(room)].widen(role, room, length)
        return space.widen(*block_of(room), length)

    def reach(self, cluster: Cluster, role: Role, allocation: Allocation) -> int:
        """Return the length to which an allocation can be widened where it stands."""
        place = allocation.place
        family, block = family_of(place), self._block_of(cluster, place)
        if block is not None:
            room = block.prefixlen + (1 if role == "pods" else 2)
        else:
            kept = allocation.room or place
            space = self.state.site_space(cluster.site_name, kept) if role == "pods" else None
            if space is None:
                room = self.pools[family].grows_to(role, kept)
            else:
                room = space.grows_to(*block_of(kept))
        room = min(place.prefixlen, max(room, sizes.shortest_length(cluster, role, family)))
        if allocation.prefix is None or room == place.prefixlen:
            return room
        return self.state.taken(family).room(*block_of(place), room)

    def _block_of(self, cluster: Cluster, place: Prefix) -> IPv6Network | None:
        """Return the cluster's own IPv6 block, if ``place`` lies in it."""
        if place.version == 4:
            return None
        blocks = self._blocks.get(cluster.name, ())
        return next((block for block, _ in blocks if lies_in(place, block)), None)


def measure(state: State, pools: Mapping[Family, Pools]) -> None:
    """Fill ``grows_to`` of all that we planned."""
    room = _Room(state, pools)
    for cluster in state.fleet.clusters:
        for role, families in state.held[cluster.name].items():
            for family, allocation in families.items():
                if allocation.source != "pinned":
                    reach = room.reach(cluster, role, allocation)
                    families[family] = allocation._replace(grows_to=reach)
