"""The addresses of pools and of sites: taken, kept, free."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator
from ipaddress import IPv6Network

from k8s6plan.addressing.capacity._report import Month, Room, Space, month_after
from k8s6plan.addressing.capacity.clusters import Owner
from k8s6plan.addressing.plan_file import Allocation, Held, Plan
from k8s6plan.addressing.space.blocks import Block, intervals
from k8s6plan.addressing.space.capacity import (
    Need,
    covered,
    free_blocks,
    length_of,
    pool_full_after,
)
from k8s6plan.addressing.space.pools import block_of
from k8s6plan.fleet.model import ADDRESS_BITS, FAMILIES, ROLES, Family, Fleet, Prefix, family_of


def _held_blocks(clusters: Iterable[Held], family: Family) -> list[Block]:
    return [
        block_of(prefix)
        for held in clusters
        for families in held.values()
        if family in families
        for prefix in families[family].prefixes
    ]


def taken_blocks(fleet: Fleet, plan: Plan, family: Family) -> list[Block]:
    """Return what nobody is given: prefixes, tombstones, reserves, exclusions, sites' blocks."""
    kept = _held_blocks([*plan.clusters.values(), *plan.tombstones.values()], family)
    kept += [block_of(e.prefix) for e in fleet.exclude if family_of(e.prefix) == family]
    for held in plan.clusters.values():
        for families in held.values():
            if family in families:
                kept += _reserve(families[family])
    for site in sorted({*plan.site_pools, *plan.sites}):
        kept += _site_blocks(plan, site, family)
    return kept


def _reserve(held: Allocation) -> list[Block]:
    if held.prefix is None or held.reserved is None:
        return []
    return [block_of(held.prefix.supernet(new_prefix=held.reserved))]


def _site_blocks(plan: Plan, site: str, family: Family) -> list[Block]:
    if family == "ipv4":
        return [block_of(prefix) for prefix in plan.site_pools.get(site, {}).values()]
    blocks = plan.sites.get(site, {}).values()
    return [block_of(block.prefix) for block in blocks if block.prefix is not None]


def pools_of(fleet: Fleet, plan: Plan, owners: list[Owner], start: Month) -> Iterator[Space]:
    """Yield the pools, and the IPv6 aggregates that the owner of the fleet has."""
    roles: dict[Prefix, list[str]] = {}
    for role in ROLES:
        for pool in getattr(fleet.pools, role):
            roles.setdefault(pool, []).append(role)
    for cluster in fleet.clusters:
        owned = fleet.ipv6_of(cluster)
        if isinstance(owned, IPv6Network):
            roles.setdefault(owned, ["sites"])
    for family in FAMILIES:
        bits = ADDRESS_BITS[family]
        used = _held_blocks(plan.clusters.values(), family)
        kept = taken_blocks(fleet, plan, family)
        for pool in sorted(p for p in roles if family_of(p) == family):
            place = block_of(pool)
            taken = covered(kept, bits, place)
            free = free_blocks(place, taken, bits)
            room = pool.num_addresses - length_of(taken)
            growing = _growing(owners, pool)
            in_use = length_of(covered(used, bits, place))
            yield Space(
                name=str(pool),
                family=family,
                roles=tuple(roles[pool]),
                total=pool.num_addresses,
                used=in_use,
                reserved=length_of(taken) - in_use,
                free=room,
                largest_free=min((length for _, length in free), default=None),
                full=month_after(start, pool_full_after(room, growing)),
            )


def _growing(owners: list[Owner], pool: Prefix) -> list[Need]:
    """Return the needs that are met out of ``pool``; a prefix that clusters share counts once."""
    found: dict[tuple[str, Prefix], Need] = {}
    for owner in owners:
        first = owner.allocation.prefix
        if first is not None and first.version == pool.version and first.subnet_of(pool):  # type: ignore[arg-type]
            shared = owner.role == "nodes"
            found[owner.cluster.site_name if shared else owner.cluster.name, first] = owner.need
    return list(found.values())


def sites_of(fleet: Fleet, plan: Plan, rooms: Iterable[Room]) -> Iterator[Space]:
    """Yield what each site holds, in its own blocks and elsewhere, and how much of it is filled."""
    of_site: dict[tuple[str, Family], list[Room]] = defaultdict(list)
    for room in rooms:
        of_site[room.site, room.family].append(room)
    for site, members in fleet.members.items():
        names = [cluster.name for cluster in members if cluster.name in plan.clusters]
        for family in FAMILIES:
            bits = ADDRESS_BITS[family]
            own, held, kept = _blocks_of_site(plan, site, names, family)
            total = length_of(intervals(own + held + kept, bits))
            if not total:
                continue
            reserved = total - length_of(intervals(own + held, bits))
            mine = of_site[site, family]
            used = min(total - reserved, _filled(plan, names, mine, family))
            taken = intervals(held + kept, bits)
            free = [length for block in own for _, length in free_blocks(block, taken, bits)]
            free += [room.largest_free for room in mine if room.largest_free is not None]
            yield Space(
                name=site,
                family=family,
                roles=(),
                total=total,
                used=used,
                reserved=reserved,
                free=total - used - reserved,
                largest_free=min(free, default=None),
                full=min((room.full for room in mine if room.full is not None), default=None),
            )


def _filled(plan: Plan, names: list[str], rooms: list[Room], family: Family) -> int:
    """Return how many addresses are filled; a prefix of which nobody knows counts whole."""
    bits = ADDRESS_BITS[family]
    known: dict[object, int] = {}
    for room in rooms:
        shared = room.role == "nodes" and room.prefixes
        key = room.prefixes if shared else (room.cluster, room.role)
        known[key] = room.used << bits - room.unit
    rest = {(room.cluster, room.role) for room in rooms}
    unknown = [
        block_of(prefix)
        for name in names
        for role, families in plan.clusters[name].items()
        if family in families and (name, role) not in rest
        for prefix in families[family].prefixes
    ]
    return sum(known.values()) + length_of(intervals(unknown, bits))


def _blocks_of_site(
    plan: Plan, site: str, names: list[str], family: Family
) -> tuple[list[Block], list[Block], list[Block]]:
    """Return the site's own blocks, what its clusters hold, and what is kept for others."""
    holds = [plan.clusters[name] for name in names]
    held = _held_blocks(holds, family)
    kept = []
    for allocation in (
        families[family] for h in holds for families in h.values() if family in families
    ):
        kept += _reserve(allocation)
        if allocation.prefix is None and allocation.layout is not None:
            held.append(block_of(allocation.layout))
    own = _site_blocks(plan, site, family)
    for block in plan.sites.get(site, {}).values() if family == "ipv6" else ():
        if block.prefix is None:
            own.append((0, block.length))  # still to come: laid out from :: on
        kept += [block_of(part) for name, part in block.clusters.items() if name not in names]
    return own, held, kept
