"""Flat IPv6: pods have public IPv6 addresses; routing is the internet's, walls are filters."""

from __future__ import annotations

from typing import TYPE_CHECKING

from k8s6plan.topology.designs._links import UNDERLAY, Design, Leg, LinkCount, Path, site_graph

if TYPE_CHECKING:
    import networkx as nx

    from k8s6plan.fleet.model import Fleet
    from k8s6plan.topology.groups import Outline, SiteGroup


def count(outline: Outline) -> LinkCount:
    """Count no tunnels; every pair is one hop apart, over the underlay.

    A new cluster changes no link, but every site's allow list, unless the fleet has one aggregate.
    """
    return LinkCount(
        tunnel_links=0,
        peerings=0,
        attachments=0,
        gateways=0,
        busiest=0,
        links_added=0,
        sites_touched=0 if outline.owned else outline.sites,
        hop_sum=outline.pairs,
        max_hops=min(1, outline.pairs),
        tunnel_pairs=0,
        joined_pairs=outline.pairs,
    )


def paths(outline: Outline, one: SiteGroup, other: SiteGroup) -> list[Path]:
    """Return the way over the underlay, which is one link long."""
    return [(Leg("routed", one, other),)]


def build(fleet: Fleet) -> nx.Graph[str]:
    """Return the graph: every site routed to the underlay, which is no hop and never fails."""
    graph = site_graph(fleet, FLAT_IPV6.name)
    sites = list(graph.nodes)
    graph.add_node(UNDERLAY, kind="underlay")
    for site in sites:
        graph.add_edge(site, UNDERLAY, kind="routed", tunnels=0)
    return graph


FLAT_IPV6 = Design(
    name="flat-ipv6",
    title="Flat IPv6",
    asks="asks for filters and TLS in place of tunnels: any pod can be reached unless filtered",
    family="ipv6",
    count=count,
    build=build,
    paths=paths,
)
