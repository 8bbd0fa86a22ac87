"""What a topology comes to in links: counted by classes, whatever the design."""

from __future__ import annotations

from collections import Counter
from functools import cached_property
from typing import NamedTuple

from k8s6plan.fleet.sets import share
from k8s6plan.topology.groups import SiteGroup, with_newcomer
from k8s6plan.topology.joins import (
    Join,
    ManagedHub,
    SiteClass,
    Topology,
    Vertex,
    sites_of,
)


class Ends(NamedTuple):
    """The links that one site of a class ends, by kind; ``inside``: tunnels in its own provider."""

    tunnels: int = 0
    inside: int = 0
    peerings: int = 0
    attachments: int = 0


class LinkCount:
    """The links of a topology, each counted once, whatever its redundancy."""

    def __init__(self, topology: Topology) -> None:
        self._topology = topology

    @cached_property
    def _links(self) -> Counter[str]:
        found: Counter[str] = Counter()  # each link once at each of its ends
        for vertex, sites in zip(self._topology.vertices, self._sites, strict=True):
            ends = self._ends(vertex)
            for kind, many in (
                ("tunnel", ends.tunnels),
                ("peering", ends.peerings),
                ("attachment", ends.attachments),
            ):
                found[kind] += sites * many
        return found

    @property
    def tunnel_links(self) -> int:
        """Links that are tunnels."""
        return self._links["tunnel"] // 2

    @property
    def peerings(self) -> int:
        """Links inside one provider that carry the traffic of their two ends only."""
        return self._links["peering"] // 2

    @property
    def attachments(self) -> int:
        """Links inside one provider that carry transit."""
        return self._links["attachment"] // 2

    # --- where they end ----------------------------------------------------------------------

    @cached_property
    def of_class(self) -> dict[SiteClass, Ends]:
        """The links that each site of a class ends."""
        return {sites: self._ends(sites) for sites in self._topology.classes}

    @cached_property
    def of_hub(self) -> dict[ManagedHub, Ends]:
        """The links that each managed hub ends."""
        return {hub: self._ends(hub) for hub in self._topology.hubs}

    @cached_property
    def of_group(self) -> dict[SiteGroup, Ends]:
        """The links that each site of a group ends."""
        class_of = self._topology.class_of
        return {group: self.of_class[class_of[group]] for group in self._topology.outline.groups}

    def _ends(self, vertex: Vertex) -> Ends:
        sites, number = self._sites, self._topology.number[vertex]
        beside = self._topology.shape.beside[number]
        return Ends(
            *(sum([sites[other] for other in joined]) - (number in joined) for joined in beside)
        )

    @cached_property
    def _sites(self) -> list[int]:
        return [sites_of(vertex) for vertex in self._topology.vertices]

    @cached_property
    def gateways(self) -> int:
        """Gateways of the sites, and managed hubs, that end a tunnel."""
        of_sites = sum(g.sites * g.gateways for g, ends in self.of_group.items() if ends.tunnels)
        return of_sites + sum(ends.tunnels > 0 for ends in self.of_hub.values())

    @cached_property
    def busiest(self) -> int:
        """The most tunnels that one gateway ends.

        A site spreads its tunnels over its gateways evenly: ceil(tunnels / gateways).
        """
        each = self._topology.outline.tunnels_per_link
        loads = [-(-ends.tunnels * each // g.gateways) for g, ends in self.of_group.items()]
        loads += [ends.tunnels * each for ends in self.of_hub.values()]
        return max(loads, default=0)

    @cached_property
    def transit_pairs(self) -> tuple[tuple[str, str, str], ...]:
        """(provider, region, region) wherever an attachment leads to another region."""
        found = set()
        vertices = self._topology.vertices
        for here, there in self._topology.shape.attached:
            one, other = vertices[here], vertices[there]
            near, far = one.region or "", other.region or ""
            if near < far and self._sites[here] and self._sites[there]:
                found.add((one.provider or "", near, far))
        return tuple(sorted(found))

    # --- how far ------------------------------------------------------------------------------

    @cached_property
    def _hops(self) -> tuple[int, int, int, int]:
        """Hops together, the most, pairs over tunnels only, and pairs that have a way at all."""
        hop_sum = max_hops = tunnel_pairs = joined_pairs = 0
        classes = self._topology.classes
        for one, other, hops, by_tunnel in self._topology.shape.ways:
            pairs = classes[one].cluster_pairs(classes[other])
            if pairs:
                hop_sum += hops * pairs
                joined_pairs += pairs
                max_hops = max(max_hops, hops)
                tunnel_pairs += pairs * by_tunnel
        return hop_sum, max_hops, tunnel_pairs, joined_pairs

    @property
    def hop_sum(self) -> int:
        """Links on the shortest way, over all pairs of clusters in different sites, together."""
        return self._hops[0]

    @property
    def max_hops(self) -> int:
        """Links on the way between the two clusters furthest apart."""
        return self._hops[1]

    @property
    def tunnel_pairs(self) -> int:
        """Pairs of clusters whose every shortest way runs through tunnels only."""
        return self._hops[2]

    @property
    def joined_pairs(self) -> int:
        """Pairs of clusters in different sites that have a way at all."""
        return self._hops[3]

    # --- the next cluster -----------------------------------------------------------------------

    @cached_property
    def _next(self) -> list[tuple[Vertex, Join]]:
        """What joins the next cluster, in a new provider, region and site, to each vertex."""
        outline, newcomer = with_newcomer(self._topology.outline)
        grown = self._topology.design.of(outline, apart=lambda group: group is newcomer)
        here = grown.class_of[newcomer]
        return [(other, join) for other, join in grown.near[here].items() if other is not here]

    @cached_property
    def links_added(self) -> int:
        """Links that the next cluster brings."""
        return sum(sites_of(vertex) for vertex, _ in self._next)

    @cached_property
    def lists_touched(self) -> int:
        """Existing sites whose allow lists change for the next cluster.

        Over the underlay all do, unless the fleet has one aggregate. Lists of pools stay; where
        cluster sets keep some from others, lists name who is let in, so those of its sets change.
        """
        outline = self._topology.outline
        if outline.divided:
            return sum(sites.sites for sites in self._topology.classes if self._hears(sites))
        return outline.sites if self._topology.routed and not outline.owned else 0

    def _hears(self, sites: SiteClass) -> bool:
        """Say whether some cluster of each of these sites has to reach the next cluster."""
        return share(sites.sets, self._topology.outline.usual_sets)

    @cached_property
    def sites_touched(self) -> int:
        """Existing sites whose links or allow lists change for the next cluster.

        Machines of the user's own make their tunnels by themselves.
        """
        linked = [vertex for vertex, join in self._next if not join.software]
        joined = sum(sites_of(vertex) for vertex in linked)
        if not self.lists_touched or not linked:
            return joined + self.lists_touched
        both = [v for v in linked if isinstance(v, SiteClass) and self._hears(v)]
        return joined + self.lists_touched - sum(sites_of(vertex) for vertex in both)
