"""Overlay mesh: software gateways on small machines that mesh themselves, as SD-WAN does."""

from __future__ import annotations

from itertools import combinations
from typing import TYPE_CHECKING

from k8s6plan.topology.designs._links import (
    Design,
    Ends,
    Leg,
    LinkCount,
    Path,
    gateway_load,
    pairs,
    site_graph,
)

if TYPE_CHECKING:
    import networkx as nx

    from k8s6plan.fleet.model import Fleet
    from k8s6plan.topology.groups import Outline, SiteGroup


def count(outline: Outline) -> LinkCount:
    """Count N(N-1)/2 tunnels, also inside a provider: the gateways know no peering.

    The next cluster brings a tunnel to each site; its gateway and theirs make them, so that no
    site is touched.
    """
    near = {group: _sites_of(outline, group.provider) - 1 for group in outline.groups}
    ends = {group: Ends(tunnels=outline.sites - 1, inside=inside) for group, inside in near.items()}
    gateways, busiest = gateway_load(ends, outline.tunnels_per_link)
    return LinkCount(
        tunnel_links=pairs(outline.sites),
        peerings=0,
        attachments=0,
        gateways=gateways,
        busiest=busiest,
        links_added=outline.sites,
        sites_touched=0,
        hop_sum=outline.pairs,
        max_hops=min(1, outline.pairs),
        tunnel_pairs=outline.pairs,
        joined_pairs=outline.pairs,
        ends=ends,
    )


def _sites_of(outline: Outline, provider: str | None) -> int:
    """Return the sites of a provider; one where every site has a provider of its own."""
    if provider is None:
        return 1
    return sum(group.sites for group in outline.groups if group.provider == provider)


def paths(outline: Outline, one: SiteGroup, other: SiteGroup) -> list[Path]:
    """Return the tunnel between the two gateways."""
    return [(Leg("tunnel", one, other),)]


def build(fleet: Fleet) -> nx.Graph[str]:
    """Return the graph: a tunnel between each two sites."""
    graph = site_graph(fleet, OVERLAY_MESH.name)
    tunnels = fleet.connect.tunnels_per_link
    graph.add_edges_from(combinations(list(graph.nodes), 2), kind="tunnel", tunnels=tunnels)
    return graph


OVERLAY_MESH = Design(
    name="overlay-mesh",
    title="Overlay mesh",
    asks="asks for gateway machines of your own at every site, to be run and kept up to date",
    family="ipv4",
    count=count,
    build=build,
    paths=paths,
    software=True,
    encapsulation="wireguard",
)
