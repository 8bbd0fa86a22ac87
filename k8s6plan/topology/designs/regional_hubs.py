"""Regional hubs: a hub in each region, its sites joined to it, the hubs meshed."""

from __future__ import annotations

from collections import defaultdict
from itertools import combinations
from typing import TYPE_CHECKING

from k8s6plan.topology.designs._links import (
    Design,
    Ends,
    LinkCount,
    Path,
    along,
    by_native_provider,
    by_provider,
    cluster_pairs,
    count_sites,
    ends_to,
    gateway_load,
    join,
    pairs,
    plus,
    site_graph,
    transit_pairs,
)
from k8s6plan.topology.groups import region_hub_sites, regions_of

if TYPE_CHECKING:
    import networkx as nx

    from k8s6plan.fleet.model import Fleet
    from k8s6plan.topology.groups import Outline, SiteGroup


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
    hubs_at = {provider: count_sites(here) for provider, here in by_provider(hubs).items()}
    spokes = [group for group in outline.groups if not group.region_hub]
    native_spokes = count_sites(group for group in spokes if group.native)
    attachments = native_spokes + sum(pairs(hubs_at[provider]) for provider in hubs_in)
    links = pairs(region_count) + count_sites(spokes)

    def ends_of(group: SiteGroup) -> Ends:
        if not group.region_hub:
            return ends_to(group, 1, 1, native="attachment")
        near = hubs_at.get(group.provider or "", 1) - 1
        own = regions[group.provider, group.region] if group.region is not None else []
        below = count_sites(g for g in own if not g.region_hub)
        to_hubs = ends_to(group, region_count - 1, near, native="attachment")
        return plus(to_hubs, ends_to(group, below, below, native="attachment"))

    ends = {group: ends_of(group) for group in outline.groups}
    gateways, busiest = gateway_load(ends, outline.tunnels_per_link)
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
        joined_pairs=outline.pairs,
        ends=ends,
        transit_pairs=transit_pairs(hubs_in, hubs_in),
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


def paths(outline: Outline, one: SiteGroup, other: SiteGroup) -> list[Path]:
    """Return the one way there is: to the hub of the region, to the other region's, and down."""
    near, far = _hub_of(outline, one), _hub_of(outline, other)
    stops = [one]
    if not one.region_hub and near != other:
        stops.append(near)
    if not other.region_hub and far != stops[-1]:
        stops.append(far)
    stops.append(other)
    return [along(*stops, native="attachment")]


def _hub_of(outline: Outline, group: SiteGroup) -> SiteGroup:
    """Return the group of the hub in the region of ``group``."""
    if group.region_hub:
        return group
    return outline.region_hubs[group.provider, group.region]


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
    paths=paths,
    carries=lambda group: group.region_hub,
)
