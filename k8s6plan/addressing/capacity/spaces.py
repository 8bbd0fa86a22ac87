"""The addresses of pools and of sites: taken, kept, free."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator
from ipaddress import IPv6Network

from k8s6plan.addressing.capacity._report import Month, Room, Space, month_after
from k8s6plan.addressing.capacity.clusters import Owner
from k8s6plan.addressing.capacity.needs import Need, pool_full_after
from k8s6plan.addressing.plan_file import Plan
from k8s6plan.addressing.space.blocks import Block, Intervals, intervals, size_of, subtract
from k8s6plan.addressing.space.pools import block_of, lies_in
from k8s6plan.addressing.space.taken import (
    excluded_blocks,
    held_blocks,
    kept_blocks,
    site_blocks,
)
from k8s6plan.fleet.model import ADDRESS_BITS, FAMILIES, ROLES, Family, Fleet, Prefix, family_of


def taken_blocks(fleet: Fleet, plan: Plan, family: Family) -> list[Block]:
    """Return what nobody is given: prefixes, tombstones, reserves, exclusions, sites' blocks."""
    clusters = (*plan.clusters.values(), *plan.tombstones.values())
    return [
        *kept_blocks(clusters, family),
        *excluded_blocks(fleet, family),
        *site_blocks(family, plan.sites.values(), plan.site_pools.values()),
    ]


def _within(block: Block, taken: Intervals, bits: int) -> Intervals:
    """Return the parts of ``block`` that are taken."""
    first, last = block[0], block[0] + size_of(block[1], bits)
    return [(max(a, first), min(b, last)) for a, b in taken if b > first and a < last]


def _addresses(parts: Intervals) -> int:
    return sum(end - start for start, end in parts)


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
        used = intervals(held_blocks(plan.clusters.values(), family), bits)
        kept = intervals(taken_blocks(fleet, plan, family), bits)
        for pool in sorted(p for p in roles if family_of(p) == family):
            place = block_of(pool)
            taken, in_use = (_addresses(_within(place, part, bits)) for part in (kept, used))
            room = pool.num_addresses - taken
            free = subtract(place, kept, bits)
            yield Space(
                name=str(pool),
                family=family,
                roles=tuple(roles[pool]),
                total=pool.num_addresses,
                used=in_use,
                reserved=taken - in_use,
                free=room,
                largest_free=min((length for _, length in free), default=None),
                full=month_after(start, pool_full_after(room, _growing(owners, pool))),
            )


def _growing(owners: list[Owner], pool: Prefix) -> list[Need]:
    """Return the needs that are met out of ``pool``; a prefix that clusters share counts once."""
    found: dict[tuple[str, Prefix], Need] = {}
    for owner in owners:
        first = owner.allocation.prefix
        if first is not None and lies_in(first, pool):
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
            total = _addresses(intervals(own + held + kept, bits))
            if not total:
                continue
            reserved = total - _addresses(intervals(own + held, bits))
            mine = of_site[site, family]
            used = min(total - reserved, _filled(plan, names, mine, family))
            taken = intervals(held + kept, bits)
            free = [length for block in own for _, length in subtract(block, taken, bits)]
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
    return sum(known.values()) + _addresses(intervals(unknown, bits))


def _blocks_of_site(
    plan: Plan, site: str, names: list[str], family: Family
) -> tuple[list[Block], list[Block], list[Block]]:
    """Return the site's own blocks, what its clusters hold, and what is kept for others."""
    holds = [plan.clusters[name] for name in names]
    held, kept = held_blocks(holds, family), kept_blocks(holds, family)
    held += [
        block_of(families[family].place)
        for hold in holds
        for families in hold.values()
        if family in families and families[family].prefix is None
    ]
    blocks = plan.sites.get(site, {})
    own = site_blocks(family, [blocks], [plan.site_pools.get(site, {})])
    for block in blocks.values() if family == "ipv6" else ():
        if block.prefix is None:
            own.append((0, block.length))  # still to come: laid out from :: on
        kept += [block_of(part) for name, part in block.clusters.items() if name not in names]
    return own, held, kept
