"""What nobody else may be given: what clusters hold, the room kept for it, and sites' blocks."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping

from k8s6plan.addressing.plan_file import Allocation, BlockSource, Held, SiteBlock
from k8s6plan.addressing.space.blocks import Block
from k8s6plan.addressing.space.pools import block_of
from k8s6plan.fleet.model import Family, Fleet, Prefix, Role, family_of


def held_blocks(clusters: Iterable[Held], family: Family) -> list[Block]:
    """Return the prefixes that clusters hold."""
    return [block_of(prefix) for a in _allocations(clusters, family) for prefix in a.prefixes]


def kept_blocks(clusters: Iterable[Held], family: Family) -> list[Block]:
    """Return the prefixes that clusters hold, and the room that is reserved for these."""
    return [block for a in _allocations(clusters, family) for block in kept_by(a)]


def _allocations(clusters: Iterable[Held], family: Family) -> Iterator[Allocation]:
    for held in clusters:
        for families in held.values():
            if family in families:
                yield families[family]


def kept_by(allocation: Allocation) -> list[Block]:
    """Return what one allocation keeps from others."""
    blocks = [block_of(prefix) for prefix in allocation.prefixes]
    room = allocation.room
    if room is not None and room is not allocation.prefix:
        blocks.append(block_of(room))
    return blocks


def excluded_blocks(fleet: Fleet, family: Family) -> list[Block]:
    """Return what the fleet file excludes."""
    return [block_of(e.prefix) for e in fleet.exclude if family_of(e.prefix) == family]


def site_blocks(
    family: Family,
    sites: Iterable[Mapping[BlockSource, SiteBlock]],
    site_pools: Iterable[Mapping[Role, Prefix]],
) -> list[Block]:
    """Return the blocks that are kept for sites, as far as they are known."""
    if family == "ipv4":
        return [block_of(pool) for pools in site_pools for pool in pools.values()]
    return [
        block_of(block.prefix)
        for blocks in sites
        for block in blocks.values()
        if block.prefix is not None
    ]
