"""The IPv6 block of each site, and the clusters' blocks in it.

A site's block is a ULA /48 (a hash of seed and site), what the provider assigns later (laid out
from ``::`` until then), or a part of the aggregate that the user owns.
"""

from __future__ import annotations

from collections import Counter
from ipaddress import IPv6Network
from typing import cast

from k8s6plan import catalog
from k8s6plan.addressing.plan_file import BlockSource, SiteBlock
from k8s6plan.addressing.space import sizes, ula
from k8s6plan.addressing.space.blocks import bits_for, intervals
from k8s6plan.addressing.space.free import FreeSpace, Space
from k8s6plan.addressing.space.pools import block_of, lies_in
from k8s6plan.addressing.space.strategy import Strategy
from k8s6plan.fleet.model import Cluster, Fleet

_BITS = 128
# Of 2**28 prefixes and more, so many in a row are taken only where nearly all are.
_MOST_HASHES = 64


class SiteBlocks:
    """Hands out blocks to clusters; ``sites`` is filled as it does.

    ``outer`` is the free space of the family, out of which sites' blocks are cut, ``inner`` what is
    free inside of these. ``waiting`` counts the clusters of each site that still want a block: a
    site's part of an aggregate depends on it.
    """

    def __init__(
        self,
        fleet: Fleet,
        *,
        seed: str,
        sites: dict[str, dict[BlockSource, SiteBlock]],
        outer: Space,
        inner: Space,
        waiting: Counter[str],
        strategy: Strategy,
    ) -> None:
        self.fleet, self.seed, self.sites = fleet, seed, sites
        self.outer, self.inner, self.waiting = outer, inner, waiting
        self.strategy: Strategy = strategy
        self._spaces: dict[tuple[str, BlockSource], FreeSpace] = {}
        self._aggregates: dict[IPv6Network, FreeSpace] = {}

    def take(self, cluster: Cluster) -> tuple[IPv6Network, bool] | None:
        """Return the block of ``cluster``, taken now unless it has one, and whether it is known.

        None: there is no room. A block is not known while that of its site is still to come.
        It lies on a nibble boundary with room to grow, or is as small as can be where that does
        not fit.
        """
        source = self._source(cluster)
        block = self._site_block(cluster, source)
        if block is None:
            return None
        if cluster.name not in block.clusters:
            space = self._space(cluster.site_name, source, block)
            tight = sizes.tight_block_length(cluster)
            lengths = [sizes.block_length(cluster), tight]
            if cluster.site is None and block.length <= tight:
                lengths.insert(1, block.length)  # nobody else is to share the block
            for length in lengths:
                start = space.take(length) if length >= block.length else None
                if start is not None:
                    block.clusters[cluster.name] = IPv6Network((start, length))
                    break
        part = block.clusters.get(cluster.name)
        return None if part is None else (part, block.prefix is not None)

    def _source(self, cluster: Cluster) -> BlockSource:
        """Return the name of the block that the cluster wants a part of, among those of its site.

        A site has one block of each aggregate out of which its clusters are to have their prefixes.
        """
        wanted = self.fleet.ipv6_of(cluster)
        if isinstance(wanted, str):
            return wanted
        of_site = self.sites.get(cluster.site_name, {})
        names = ["owned", *(f"owned-{number}" for number in range(2, len(of_site) + 2))]
        for name in names:
            block = of_site.get(name)
            if block is not None and block.prefix is not None and lies_in(block.prefix, wanted):
                return name
        return next(name for name in names if name not in of_site)

    def _site_block(self, cluster: Cluster, source: BlockSource) -> SiteBlock | None:
        of_site = self.sites.setdefault(cluster.site_name, {})
        if source not in of_site:
            make = {"provider": self._coming_block, "ula": self._ula_block}
            made = make.get(source, self._owned_block)(cluster)
            if made is None:
                return None
            of_site[source] = made
        return of_site[source]

    def _coming_block(self, cluster: Cluster) -> SiteBlock | None:
        return SiteBlock(catalog.assigned_prefixlen(cluster.provider), None)

    def _ula_block(self, cluster: Cluster) -> SiteBlock | None:
        """Take the /48 that seed and site give; the next candidate where it is in use.

        Where nearly all are in use, the first that is free; None where none is.
        """
        within = IPv6Network(catalog.ula_range(cluster.provider))
        for attempt in range(_MOST_HASHES):
            prefix = ula.site_prefix(self.seed, cluster.site_name, within, attempt)
            if self.outer.claim(*block_of(prefix)):
                return SiteBlock(ula.SITE_LENGTH, prefix)
        rest = FreeSpace(block_of(within), (), _BITS, space=self.outer)
        start = rest.take(ula.SITE_LENGTH)
        if start is None:
            return None
        return SiteBlock(ula.SITE_LENGTH, IPv6Network((start, ula.SITE_LENGTH)))

    def _owned_block(self, cluster: Cluster) -> SiteBlock | None:
        """Take the site's part of its aggregate: with room to grow while the sites allow it.

        A part is at most 1/(2 x sites) of the aggregate, so that the first do not starve the rest.
        """
        aggregate = cast("IPv6Network", self.fleet.ipv6_of(cluster))
        if aggregate not in self._aggregates:
            self._aggregates[aggregate] = FreeSpace(
                block_of(aggregate), (), _BITS, self.strategy, space=self.outer
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
            laid_out = intervals(map(block_of, block.clusters.values()), _BITS)
            self._spaces[site, source] = FreeSpace(
                block_of(place),
                laid_out,
                _BITS,
                self.strategy,
                space=None if block.prefix is None else self.inner,
            )
        return self._spaces[site, source]
