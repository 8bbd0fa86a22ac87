"""A topology site by site, as a networkx graph: where single sites are asked for.

Attributes (``check_graph`` holds them):

- graph: ``design``, ``fleet``.
- vertex: ``kind`` one of VERTEX_KINDS.
  - "site": ``provider``, ``region`` (str or None), ``clusters`` (names), ``gateways`` (int >= 1),
    ``hub`` (bool): it carries the traffic of others.
  - "transit", a provider's managed hub in a region: ``provider``, ``region``, ``gateways``.
  - "underlay", one vertex in flat IPv6.
- edge: ``kind`` one of LINK_KINDS, ``tunnels`` (int; 0 for every kind but "tunnel").
"""

from __future__ import annotations

from itertools import combinations, product
from typing import TYPE_CHECKING

from k8s6plan.topology.groups import outline_of
from k8s6plan.topology.joins import LINK_KINDS, Design, Vertex, pairs_of

if TYPE_CHECKING:
    import networkx as nx

    from k8s6plan.fleet.model import Fleet

UNDERLAY = "(underlay)"  # no site can be named so


def expand(design: Design, fleet: Fleet) -> nx.Graph[str]:
    """Return ``fleet`` joined by ``design``: a vertex for each site and each managed hub."""
    import networkx as nx

    outline = outline_of(fleet)
    topology = design.of(outline)
    names: dict[Vertex, list[str]] = {vertex: [] for vertex in topology.near}
    graph: nx.Graph[str] = nx.Graph(design=design.name, fleet=fleet.fleet)
    for site, group in outline.group_of.items():
        vertex = topology.class_of[group]
        names[vertex].append(site)
        provider, region = fleet.region_of(site)
        graph.add_node(
            site,
            kind="site",
            provider=provider,
            region=region,
            clusters=tuple(cluster.name for cluster in fleet.members[site]),
            gateways=fleet.site(site).gateways,
            hub=topology.carries(vertex),
        )
    for hub in topology.hubs:
        names[hub].append(str(hub))
        graph.add_node(
            str(hub), kind="transit", provider=hub.provider, region=hub.region, gateways=1
        )
    if topology.routed:
        sites = list(graph)
        graph.add_node(UNDERLAY, kind="underlay")
        graph.add_edges_from(((site, UNDERLAY) for site in sites), kind="routed", tunnels=0)
    each = fleet.connect.tunnels_per_link
    for one, other, join in pairs_of(topology.near):
        ends = combinations(names[one], 2) if one is other else product(names[one], names[other])
        tunnels = each if join.kind == "tunnel" else 0
        graph.add_edges_from(ends, kind=join.kind, tunnels=tunnels)
    return graph


_WANTED = {
    "site": {"kind", "provider", "region", "clusters", "gateways", "hub"},
    "transit": {"kind", "provider", "region", "gateways"},
    "underlay": {"kind"},
}
VERTEX_KINDS = tuple(_WANTED)


def check_graph(graph: nx.Graph[str]) -> None:
    """Hold the attribute contract at the top of this file.

    Raises:
        ValueError: naming every vertex and edge that breaks it; a defect of a design.

    """
    faults = []
    for vertex, data in graph.nodes(data=True):
        if set(data) != _WANTED.get(data.get("kind", "")):
            faults.append(f"vertex {vertex}: {data}")
    for one, other, data in graph.edges(data=True):
        tunnels = data.get("tunnels")
        kind = data.get("kind")
        right = isinstance(tunnels, int) and (tunnels > 0) == (kind == "tunnel")
        if one == other or kind not in LINK_KINDS or not right or set(data) != {"kind", "tunnels"}:
            faults.append(f"edge {one} - {other}: {data}")
    if faults:
        raise ValueError("the graph breaks its contract: " + "; ".join(faults))
