"""Regional hubs: a hub in each region, its sites joined to it, the hubs meshed."""

from __future__ import annotations

from collections import defaultdict
from itertools import combinations
from typing import TYPE_CHECKING

from k8s6plan.designs._links import (
    Design,
    LinkCount,
    by_native_provider,
    cluster_pairs,
    count_sites,
    gateway_load,
    join,
    pairs,
    site_graph,
)
from k8s6plan.outline import region_hub_sites, regions_of

if TYPE_CHECKING:
    import networkx as nx

    from k8s6plan.model import Fleet
    from k8s6plan.outline import Outline, SiteGroup


def count(outline: Outline) -> LinkCount:
    """Count R(R-1)/2 links between R regional hubs, and one for each other site.

    A pair's hops: one for each end that is no hub, and one more between regions.
    """
    hubs = [group for group in outline.groups if group.region_hub]
    regions: dict[tuple[str | None, str], list[SiteGroup]] = defaultdict(list)
    for group in outline.groups:
        if group.region is not None:
            regions[group.provider, group.region].append(group)
    region_count = count_sites(hubs)
    hubs_in = by_native_provider(hubs)
    hubs_at = {provider: count_sites(groups) for provider, groups in hubs_in.items()}
    spokes = [group for group in outline.groups if not group.region_hub]
    native_spokes = count_sites(group for group in spokes if group.native)
    attachments = native_spokes + sum(pairs(there) for there in hubs_at.values())
    links = pairs(region_count) + count_sites(spokes)

    def ends(group: SiteGroup) -> int:
        if not group.region_hub:
            return 0 if group.native else 1
        near = hubs_at.get(group.provider or "", 1) if group.native else 1
        own = regions[group.provider, group.region] if group.region is not None else []
        below = 0 if group.native else count_sites(g for g in own if not g.region_hub)
        return region_count - near + below

    gateways, busiest = gateway_load(
        {group: ends(group) for group in outline.groups}, outline.tunnels_per_link
    )
    spoke_ends = sum(g.sites * g.clusters * (outline.clusters - g.clusters) for g in spokes)
    within = sum(cluster_pairs(groups) for groups in regions.values())
    # Only a native spoke, or two hubs of one cloud provider, put a leg outside a tunnel.
    tunnelled = [group for group in outline.groups if group.region_hub or not group.native]
    native_hub_pairs = sum(cluster_pairs(groups) for groups in hubs_in.values())
    return LinkCount(
        tunnel_links=links - attachments,
        peerings=0,
        attachments=attachments,
        gateways=gateways,
        busiest=busiest,
        links_added=region_count,
        sites_touched=region_count,
        hop_sum=spoke_ends + outline.pairs - within,
        max_hops=_longest(outline, list(regions.values())),
        tunnel_pairs=cluster_pairs(tunnelled) - native_hub_pairs,
    )


def _longest(outline: Outline, regions: list[list[SiteGroup]]) -> int:
    """Return the hops of the pair furthest apart."""
    if not outline.pairs:
        return 0
    spokes = [count_sites(g for g in groups if not g.region_hub) for groups in regions]
    with_spokes = sum(count > 0 for count in spokes)
    region_count = count_sites(group for group in outline.groups if group.region_hub)
    between = 1 + min(2, with_spokes) if region_count > 1 else 0
    inside = min(2, max(spokes, default=0))
    return max(between, inside)


def build(fleet: Fleet) -> nx.Graph[str]:
    """Return the graph: regional hubs meshed, every other site joined to its own hub."""
    hubs = region_hub_sites(fleet)
    graph = site_graph(fleet, REGIONAL_HUBS.name, hubs)
    for one, other in combinations(sorted(hubs), 2):
        join(graph, fleet, one, other, native="attachment")
    for hub, sites in zip(hubs, regions_of(fleet).values(), strict=True):
        for site in sites:
            if site != hub:
                join(graph, fleet, site, hub, native="attachment")
    return graph


REGIONAL_HUBS = Design(
    name="regional-hubs",
    title="Regional hubs",
    asks="ask for a hub in each region, whose failure cuts off the other sites there",
    family="ipv4",
    count=count,
    build=build,
)
