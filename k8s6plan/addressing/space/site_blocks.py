"""The IPv6 block of each site, and the clusters' blocks in it.

A site's block is a ULA /48 (a hash of seed and site), what the provider assigns later (laid out
from ``::`` until then), or a part of the aggregate that the user owns.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from functools import cached_property
from ipaddress import IPv6Network
from typing import cast

from k8s6plan import catalog
from k8s6plan.addressing.plan_file import BlockSource, SiteBlock
from k8s6plan.addressing.space import sizes, ula
from k8s6plan.addressing.space.blocks import (
    Block,
    FreeSpace,
    Intervals,
    bits_for,
    intervals,
    touching,
)
from k8s6plan.addressing.space.pools import block_of
from k8s6plan.addressing.space.strategy import Strategy
from k8s6plan.fleet.model import Cluster, Fleet

_BITS = 128


class SiteBlocks:
    """Hands out blocks to clusters; ``sites`` is filled as it does.

    ``used`` holds what is in use, ``used_by_sites`` the sites' own blocks. ``waiting`` counts the
    clusters of each site that still want a block: a site's part of an aggregate depends on it.
    """

    def __init__(
        self,
        fleet: Fleet,
        *,
        seed: str,
        sites: dict[str, dict[BlockSource, SiteBlock]],
        used: Iterable[Block],
        used_by_sites: Iterable[Block],
        waiting: Counter[str],
        strategy: Strategy,
    ) -> None:
        self.fleet, self.seed, self.sites = fleet, seed, sites
        self.used, self.used_by_sites, self.waiting = [*used], [*used_by_sites], waiting
        self.strategy: Strategy = strategy
        self._spaces: dict[tuple[str, BlockSource], FreeSpace] = {}
        self._aggregates: dict[IPv6Network, FreeSpace] = {}
        self._ulas: set[IPv6Network] = set()

    @cached_property
    def _used(self) -> Intervals:
        return intervals(self.used, _BITS)

    @cached_property
    def _taken(self) -> Intervals:
        return intervals(self.used + self.used_by_sites, _BITS)

    def take(self, cluster: Cluster) -> IPv6Network | None:
        """Return the block of ``cluster``, taken now unless it has one; None: no room.

        It lies on a nibble boundary with room to grow, or is as small as can be where that does
        not fit.
        """
        wanted = self.fleet.ipv6_of(cluster)
        source: BlockSource = wanted if isinstance(wanted, str) else "owned"
        block = self._site_block(cluster, source)
        if block is None:
            return None
        if cluster.name not in block.clusters:
            space = self._space(cluster.site_name, source, block)
            lengths = [sizes.block_length(cluster), sizes.tight_block_length(cluster)]
            if cluster.site is None:
                lengths.insert(1, block.length)  # nobody else is to share the block
            for length in lengths:
                start = space.take(length) if length >= block.length else None
                if start is not None:
                    block.clusters[cluster.name] = IPv6Network((start, length))
                    break
        return block.clusters.get(cluster.name)

    def _site_block(self, cluster: Cluster, source: BlockSource) -> SiteBlock | None:
        of_site = self.sites.setdefault(cluster.site_name, {})
        if source not in of_site:
            made = {
                "provider": self._coming_block,
                "ula": self._ula_block,
                "owned": self._owned_block,
            }[source](cluster)
            if made is None:
                return None
            of_site[source] = made
        return of_site[source]

    def _coming_block(self, cluster: Cluster) -> SiteBlock:
        return SiteBlock(catalog.assigned_prefixlen(cluster.provider), None)

    def _ula_block(self, cluster: Cluster) -> SiteBlock:
        """Take the /48 that seed and site give; the next candidate where it is in use."""
        within = IPv6Network(catalog.ula_range(cluster.provider))
        attempt = 0
        while True:
            prefix = ula.site_prefix(self.seed, cluster.site_name, within, attempt)
            if prefix not in self._ulas and not touching(self._taken, prefix):
                self._ulas.add(prefix)
                return SiteBlock(ula.SITE_LENGTH, prefix)
            attempt += 1

    def _owned_block(self, cluster: Cluster) -> SiteBlock | None:
        """Take the site's part of its aggregate: with room to grow while the sites allow it.

        A part is at most 1/(2 x sites) of the aggregate, so that the first do not starve the rest.
        """
        aggregate = cast("IPv6Network", self.fleet.ipv6_of(cluster))
        if aggregate not in self._aggregates:
            taken = touching(self._taken, aggregate)
            self._aggregates[aggregate] = FreeSpace(
                block_of(aggregate), taken, _BITS, self.strategy
            )
        clusters = bits_for(max(1, self.waiting[cluster.site_name]))
        needed = sizes.block_length(cluster) - clusters
        share = aggregate.prefixlen + bits_for(2 * max(1, len(self.waiting)))
        roomy = max(sizes.nibble(needed) - 4, sizes.nibble(share + 3))
        tight = max(0, sizes.tight_block_length(cluster) - clusters)
        for length in (min(roomy, sizes.nibble(needed)), sizes.nibble(needed), needed, tight):
            if length >= aggregate.prefixlen:
                start = self._aggregates[aggregate].take(length)
                if start is not None:
                    return SiteBlock(length, IPv6Network((start, length)))
        return None

    def _space(self, site: str, source: BlockSource, block: SiteBlock) -> FreeSpace:
        if (site, source) not in self._spaces:
            # In a block that is still to come, only its own clusters can lie.
            place = block.prefix or IPv6Network((0, block.length))
            taken = intervals(map(block_of, block.clusters.values()), _BITS)
            if block.prefix is not None:
                taken = touching(self._used, block.prefix)
            self._spaces[site, source] = FreeSpace(block_of(place), taken, _BITS, self.strategy)
        return self._spaces[site, source]
