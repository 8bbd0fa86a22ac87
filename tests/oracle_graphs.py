"""The graph of each design, built by hand site by site: what its joins are held against.

Nothing here knows of classes: each design is said again in its plainest form, over single sites.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable
from itertools import combinations, combinations_with_replacement, product
from random import Random

import networkx as nx

from k8s6plan import catalog
from k8s6plan.fleet.model import Cluster, Fleet
from k8s6plan.topology.graph import UNDERLAY
from k8s6plan.topology.groups import outline_of, parted
from k8s6plan.topology.hubs import hub_sites, is_native, main_regions_of, region_hub_sites
from k8s6plan.topology.joins import (
    ATTACHMENT,
    PEERING,
    TUNNEL,
    Design,
    Draft,
    ManagedHub,
    Topology,
    Vertex,
)


def site_graph(fleet: Fleet, hubs: Iterable[str] = ()) -> nx.Graph[str]:
    chosen = set(hubs)
    graph: nx.Graph[str] = nx.Graph(fleet=fleet.fleet)
    for site, members in fleet.members.items():
        provider, region = fleet.region_of(site)
        graph.add_node(
            site,
            kind="site",
            provider=provider,
            region=region,
            clusters=tuple(cluster.name for cluster in members),
            gateways=fleet.site(site).gateways,
            hub=site in chosen,
        )
    return graph


def join(graph: nx.Graph[str], fleet: Fleet, one: str, other: str, native: str) -> None:
    """Join two sites: by ``native`` inside one cloud provider, else by a tunnel."""
    provider = graph.nodes[one]["provider"]
    if provider == graph.nodes[other]["provider"] and is_native(fleet, provider):
        graph.add_edge(one, other, kind=native, tunnels=0)
    else:
        graph.add_edge(one, other, kind="tunnel", tunnels=fleet.connect.tunnels_per_link)


def hub_and_spoke(fleet: Fleet) -> nx.Graph[str]:
    hubs = hub_sites(fleet)
    graph = site_graph(fleet, hubs)
    for one, other in combinations(graph.nodes, 2):
        if one in hubs or other in hubs:
            join(graph, fleet, one, other, "attachment")
    return graph


def optimized(fleet: Fleet) -> nx.Graph[str]:
    hubs = hub_sites(fleet)
    graph = site_graph(fleet, hubs)
    for one, other in combinations(sorted(hubs), 2):
        join(graph, fleet, one, other, "attachment")
    for spoke in graph.nodes:
        if spoke not in hubs:
            for hub in sorted(fleet.homes.get(spoke) or hubs):
                join(graph, fleet, spoke, hub, "attachment")
    return graph


def full_mesh(fleet: Fleet) -> nx.Graph[str]:
    graph = site_graph(fleet)
    for one, other in combinations(graph.nodes, 2):
        join(graph, fleet, one, other, "peering")
    return graph


def flat_ipv6(fleet: Fleet) -> nx.Graph[str]:
    graph = site_graph(fleet)
    sites = list(graph.nodes)
    graph.add_node(UNDERLAY, kind="underlay")
    for site in sites:
        graph.add_edge(site, UNDERLAY, kind="routed", tunnels=0)
    return graph


def regional_hubs(fleet: Fleet) -> nx.Graph[str]:
    hubs = region_hub_sites(fleet)
    graph = site_graph(fleet, hubs)
    for one, other in combinations(sorted(hubs), 2):
        join(graph, fleet, one, other, "attachment")
    for hub, sites in zip(hubs, fleet.regions.values(), strict=True):
        for site in sites:
            if site != hub:
                join(graph, fleet, site, hub, "attachment")
    return graph


def managed_hub(fleet: Fleet) -> nx.Graph[str]:
    graph = site_graph(fleet)
    tunnels = fleet.connect.tunnels_per_link
    outer: list[str] = []
    hubs: dict[str, list[str]] = defaultdict(list)
    for site in list(graph.nodes):
        provider, region = fleet.region_of(site)
        if not (is_native(fleet, provider) and catalog.has_managed_hubs(provider)):
            outer.append(site)
            continue
        hub = f"({provider} {region})"
        if hub not in graph:
            graph.add_node(hub, kind="transit", provider=provider, region=region, gateways=1)
            hubs[provider].append(hub)
        graph.add_edge(site, hub, kind="attachment", tunnels=0)
    for names in hubs.values():
        graph.add_edges_from(combinations(names, 2), kind="attachment", tunnels=0)
    for one, other in combinations(outer, 2):
        join(graph, fleet, one, other, "peering")
    regions = main_regions_of(fleet)
    mains = [f"({provider} {regions[provider][1]})" for provider in hubs]
    graph.add_edges_from(product(mains, outer), kind="tunnel", tunnels=tunnels)
    graph.add_edges_from(combinations(mains, 2), kind="tunnel", tunnels=tunnels)
    return graph


def overlay_mesh(fleet: Fleet) -> nx.Graph[str]:
    graph = site_graph(fleet)
    tunnels = fleet.connect.tunnels_per_link
    graph.add_edges_from(combinations(list(graph.nodes), 2), kind="tunnel", tunnels=tunnels)
    return graph


def as_demanded(fleet: Fleet) -> nx.Graph[str]:
    graph = site_graph(fleet)
    chosen = {
        end: sorted({fleet.clusters[index].site_name for index in indices})
        for end, indices in fleet.selected.items()
    }
    for demand in fleet.demands:
        for one, other in product(chosen[demand.source], chosen[demand.target]):
            if one != other:
                join(graph, fleet, one, other, "peering")
    return graph


BUILD: dict[str, Callable[[Fleet], nx.Graph[str]]] = {
    "hub-and-spoke": hub_and_spoke,
    "full-mesh": full_mesh,
    "flat-ipv6": flat_ipv6,
    "regional-hubs": regional_hubs,
    "managed-hub": managed_hub,
    "overlay-mesh": overlay_mesh,
    "as-demanded": as_demanded,
    "optimized": optimized,
}


def graph_of(design: str, fleet: Fleet) -> nx.Graph[str]:
    """Return the graph of a design, by hand, without what cluster sets leave nothing to carry."""
    graph = BUILD[design](fleet)
    graph.graph["design"] = design
    if fleet.divided and design != "flat-ipv6":
        seen = seen_by(design, fleet)
        idle = [(one, other) for one, other in graph.edges if not seen[one] & seen[other]]
        graph.remove_edges_from(idle)
        lone = [v for v, data in graph.nodes(data=True) if data["kind"] == "transit"]
        graph.remove_nodes_from([vertex for vertex in lone if not graph.degree[vertex]])
    return graph


def sets_of(fleet: Fleet, cluster: Cluster) -> set[str]:
    """Return the names of the sets that a cluster is in."""
    if not fleet.cluster_sets:
        return {"(all)"}
    return {
        name
        for name, members in fleet.cluster_sets.items()
        for one in members
        if one.name in ("all", cluster.name)
        or (one.name is None and dict(one.labels).items() <= cluster.labels.items())
    }


def seen_by(design: str, fleet: Fleet) -> dict[str, set[str]]:
    """Return the sets that each vertex sees: its clusters', and what it carries for two sites."""
    graph = BUILD[design](fleet)
    own: dict[str, set[str]] = {vertex: set() for vertex in graph}
    for cluster in fleet.clusters:
        own[cluster.site_name] |= sets_of(fleet, cluster)
    seen = {vertex: set(sets) for vertex, sets in own.items()}
    carriers = {v for v, d in graph.nodes(data=True) if d["kind"] == "transit" or d.get("hub")}
    for one, other in combinations(fleet.members, 2):
        common = own[one] & own[other]
        if not common or graph.has_edge(one, other):
            continue
        ways: nx.Graph[str] = nx.Graph()
        ways.add_nodes_from((one, other))
        for a, b, data in graph.subgraph({*carriers, one, other}).edges(data=True):
            if data["kind"] != "peering":
                ways.add_edge(a, b)
        if nx.has_path(ways, one, other):
            for way in nx.all_shortest_paths(ways, one, other):
                for carrier in way[1:-1]:
                    seen[carrier] |= common
    return seen


# --- any joins at all -----------------------------------------------------------------------------

_KINDS = (None, None, TUNNEL, TUNNEL, PEERING, ATTACHMENT)


def any_topology(fleet: Fleet, seed: int, *, apart: bool) -> Topology:
    """Return a fleet whose classes are joined as chance has it, by sites and managed hubs.

    ``apart``: each site is a class of its own.
    """

    def join(draft: Draft) -> None:
        chance = Random(seed)  # noqa: S311
        sites = draft.classes(*chance.choice(((), ("hub",), ("gateways", "members"))))
        providers = sorted({(c.provider, c.region) for c in sites if c.provider and c.region})
        hubs = [ManagedHub(*place) for place in providers[: chance.choice((0, 0, 1, 2))]]
        for here, there in combinations_with_replacement(sites, 2):
            if kind := chance.choice(_KINDS):
                draft.join(here, there, kind)
        ends: list[tuple[Vertex, Vertex]] = [*product(sites, hubs), *combinations(hubs, 2)]
        for one, other in ends:
            if kind := chance.choice((None, TUNNEL, ATTACHMENT)):
                draft.join(one, other, kind)
        draft.carry([*(c for c in sites if chance.random() < 0.3), *hubs])

    outline = outline_of(fleet)
    design = Design("any", "Any", "asks nothing", join)
    if apart:
        return design.of(parted(outline, str), apart=lambda group: group)
    return design.of(outline)


def graph_of_joins(topology: Topology, fleet: Fleet) -> nx.Graph[str]:
    """Return the graph of a topology that is no flat one, pair by pair of its vertices."""
    class_of = {site: topology.class_of[g] for site, g in topology.outline.group_of.items()}
    graph = site_graph(fleet, [site for site, held in class_of.items() if topology.carries(held)])
    vertex_of: dict[str, Vertex] = {**class_of, **{str(hub): hub for hub in topology.hubs}}
    for hub in topology.hubs:
        place = {"provider": hub.provider, "region": hub.region}
        graph.add_node(str(hub), kind="transit", gateways=1, **place)
    for one, other in combinations(vertex_of, 2):
        made = topology.near[vertex_of[one]].get(vertex_of[other])
        if made is not None:
            tunnels = fleet.connect.tunnels_per_link if made.kind == "tunnel" else 0
            graph.add_edge(one, other, kind=made.kind, tunnels=tunnels)
    return graph
