"""Full mesh: every site has a link to every other."""

from __future__ import annotations

from itertools import combinations
from typing import TYPE_CHECKING

from k8s6plan.topology.designs._links import (
    Design,
    LinkCount,
    Path,
    by_native_provider,
    by_provider,
    cluster_pairs,
    count_sites,
    direct,
    ends_to,
    gateway_load,
    join,
    pairs,
    site_graph,
)

if TYPE_CHECKING:
    import networkx as nx

    from k8s6plan.fleet.model import Fleet
    from k8s6plan.topology.groups import Outline, SiteGroup


def count(outline: Outline) -> LinkCount:
    """Count N(N-1)/2 links; those inside a cloud provider are peerings, the rest tunnels."""
    inside = by_native_provider(outline.groups)
    peerings = sum(pairs(count_sites(groups)) for groups in inside.values())
    here = {provider: count_sites(gs) for provider, gs in by_provider(outline.groups).items()}
    ends = {
        group: ends_to(
            group, outline.sites - 1, here.get(group.provider or "", 1) - 1, native="peering"
        )
        for group in outline.groups
    }
    gateways, busiest = gateway_load(ends, outline.tunnels_per_link)
    native_pairs = sum(cluster_pairs(groups) for groups in inside.values())
    return LinkCount(
        tunnel_links=pairs(outline.sites) - peerings,
        peerings=peerings,
        attachments=0,
        gateways=gateways,
        busiest=busiest,
        links_added=outline.sites,
        sites_touched=outline.sites,
        hop_sum=outline.pairs,
        max_hops=1 if outline.pairs else 0,
        tunnel_pairs=outline.pairs - native_pairs,
        joined_pairs=outline.pairs,
        ends=ends,
    )


def paths(outline: Outline, one: SiteGroup, other: SiteGroup) -> list[Path]:
    """Return the direct link."""
    return direct(one, other, native="peering")


def build(fleet: Fleet) -> nx.Graph[str]:
    """Return the graph: a peering or a tunnel between each two sites."""
    graph = site_graph(fleet, FULL_MESH.name)
    for one, other in combinations(graph.nodes, 2):
        join(graph, fleet, one, other, native="peering")
    return graph


FULL_MESH = Design(
    name="full-mesh",
    title="Full mesh",
    asks="asks for a link for each pair of sites, so a new site is configured on all there are",
    family="ipv4",
    count=count,
    build=build,
    paths=paths,
)
