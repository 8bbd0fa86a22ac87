"""How many further clusters fit, of each size, if they are like most of the fleet."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from ipaddress import IPv6Network

from k8s6plan.addressing.capacity._report import Further
from k8s6plan.addressing.capacity.spaces import taken_blocks
from k8s6plan.addressing.plan_file import Plan
from k8s6plan.addressing.space import sizes
from k8s6plan.addressing.space.blocks import Block, inside, intervals, subtract
from k8s6plan.addressing.space.pools import block_of
from k8s6plan.fleet.model import (
    ADDRESS_BITS,
    ON_PREM,
    ROLES,
    Addresses,
    Cluster,
    Family,
    Fleet,
    Reserve,
    family_of,
)

_SITES = "sites"  # the aggregate out of which sites get their IPv6 blocks


def typical(fleet: Fleet) -> Cluster:
    """Return a cluster without prefixes that is like most of the fleet: provider, platform, CNI.

    Of kinds that are as frequent the one whose first cluster comes first by name.
    """
    ordered = sorted(fleet.clusters, key=lambda cluster: cluster.name)
    if not ordered:
        return Cluster(name="further", provider=ON_PREM, site="further")
    kinds = Counter(map(_kind, ordered))
    most = max(kinds.values())
    model = next(cluster for cluster in ordered if kinds[_kind(cluster)] == most)
    roles = {role: "external" for role in ROLES if model.external(role)}
    bare = Addresses.model_validate(roles)
    return model.model_copy(update={"addresses": bare, "reserve": Reserve(), "formerly": None})


def _kind(cluster: Cluster) -> tuple[object, ...]:
    masks = cluster.node_masks
    kind = (cluster.provider, cluster.platform, cluster.cni, masks.ipv4, masks.ipv6)
    return (*kind, cluster.pods_per_node, cluster.services)


def describe(model: Cluster) -> str:
    """Return what further clusters are like, in words."""
    names = [name for name in (model.provider, model.platform, model.cni) if name]
    return f"{', '.join(names)}, {model.pods_per_node} pods a node, {model.services:,} services"


def further_of(
    fleet: Fleet, plan: Plan, model: Cluster, node_counts: Sequence[int]
) -> list[Further]:
    """Return how many more clusters of each size the pools can hold, each cluster by itself."""
    parts = {family: _parts(fleet, plan, model, family) for family in ADDRESS_BITS}
    found = []
    for nodes in node_counts:
        cluster = model.model_copy(update={"nodes": nodes})
        fits: dict[str, int | None] = {}
        ends: dict[str, str] = {}
        for family, space in parts.items():
            lengths = _lengths(cluster, space, family)
            if not lengths:
                fits[family] = None
                continue
            count, role = space.fitting(lengths)
            fits[family] = count
            ends[family] = f"{family} {role}"
        known = [(count, ends[family]) for family, count in fits.items() if count is not None]
        limit = min(known)[1] if known else None
        found.append(Further(nodes, fits["ipv4"], fits["ipv6"], limit))
    return found


def _parts(fleet: Fleet, plan: Plan, model: Cluster, family: Family) -> Parts:
    pools: dict[str, list[Block]] = {
        role: [block_of(p) for p in getattr(fleet.pools, role) if family_of(p) == family]
        for role in ROLES
    }
    owned = fleet.ipv6_of(model)
    if family == "ipv6" and isinstance(owned, IPv6Network):
        pools[_SITES] = [block_of(owned)]
    bits = ADDRESS_BITS[family]
    return Parts(pools, intervals(taken_blocks(fleet, plan, family), bits), bits)


def _lengths(cluster: Cluster, space: Parts, family: Family) -> dict[str, int]:
    """Return the prefix length that ``cluster`` takes from each pool.

    IPv6 comes from the site's block where no pool holds any: a part of the aggregate that the user
    owns, else a ULA or the provider's, of which there is no end.
    """
    found: dict[str, int] = {
        role: sizes.length_needed(cluster, role, family)
        for role in ROLES
        if not cluster.external(role) and (family == "ipv4" or space.of_role.get(role))
    }
    from_site = [role for role in ROLES if not cluster.external(role) and role not in found]
    if from_site and space.of_role.get(_SITES):
        found[_SITES] = sizes.block_length(cluster)
    return found


class Parts:
    """The free space of pools that several roles may share, as numbers of blocks by length.

    Pools are cut where others begin, so that each part belongs to the same roles all over; a role
    takes from the parts that it has for itself first, as a plan does.
    """

    def __init__(
        self, pools: Mapping[str, Sequence[Block]], taken: Sequence[tuple[int, int]], bits: int
    ) -> None:
        self.free: list[dict[int, int]] = []
        self.of_role: dict[str, list[int]] = {role: [] for role in pools}
        every = sorted({block for blocks in pools.values() for block in blocks})
        sharers: list[int] = []
        for pool in every:
            nested = [b for b in every if b != pool and inside(b, pool, bits)]
            roles = [
                role for role, blocks in pools.items() if any(inside(pool, b, bits) for b in blocks)
            ]
            used = sorted([*taken, *intervals(nested, bits)])
            counts: dict[int, int] = {}
            for _, length in subtract(pool, used, bits):
                counts[length] = counts.get(length, 0) + 1
            for role in roles:
                self.of_role[role].append(len(self.free))
            self.free.append(counts)
            sharers.append(len(roles))
        for parts in self.of_role.values():
            parts.sort(key=lambda part: (sharers[part], part))

    def fitting(self, lengths: Mapping[str, int]) -> tuple[int, str | None]:
        """Return how many owners fit that take one prefix a role, and the role that ends it."""
        low, high = 0, 1
        while self._missing(lengths, high) is None and high < 1 << 128:
            low, high = high, high * 2
        while high - low > 1:
            middle = (low + high) // 2
            if self._missing(lengths, middle) is None:
                low = middle
            else:
                high = middle
        return low, self._missing(lengths, high)

    def _missing(self, lengths: Mapping[str, int], owners: int) -> str | None:
        """Return the role for which there is no room, None where all ``owners`` fit."""
        free = [dict(counts) for counts in self.free]
        for length, role in sorted((length, role) for role, length in lengths.items()):
            wanted = owners
            for part in self.of_role.get(role, ()):
                large = {at: held for at, held in free[part].items() if at <= length}
                units = sum(held << (length - at) for at, held in large.items())
                taken = min(wanted, units)
                # What is left over serves longer prefixes only: cut it to this length.
                free[part] = {at: n for at, n in free[part].items() if at > length}
                free[part][length] = units - taken
                wanted -= taken
            if wanted:
                return role
        return None
