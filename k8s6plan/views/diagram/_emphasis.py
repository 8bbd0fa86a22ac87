"""What a picture stresses: the links and ways of one cluster, or what a failure cuts off."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from k8s6plan.errors import UnknownName, did_you_mean
from k8s6plan.fleet.sets import sets_of_sites, share
from k8s6plan.io.words import number
from k8s6plan.views.diagram._collapse import ALONE, Weights
from k8s6plan.views.diagram._parts import State

if TYPE_CHECKING:
    import networkx as nx

    from k8s6plan.fleet.model import Fleet

Ends = tuple[str, str]  # sorted


@dataclass(frozen=True)
class Emphasis:
    """States of vertices, links and clusters; what is not named is ``otherwise``.

    ``note``: one sentence for the reader.
    """

    vertices: Mapping[str, State] = field(default_factory=dict)
    links: Mapping[Ends, State] = field(default_factory=dict)
    clusters: Mapping[str, State] = field(default_factory=dict)
    links_otherwise: State = "plain"
    note: str = ""

    def link(self, one: str, other: str) -> State:
        """Return the state of the link between two vertices."""
        return self.links.get(ends(one, other), self.links_otherwise)


NOTHING = Emphasis()


def ends(one: str, other: str) -> Ends:
    """Return the two names of a link, in order."""
    return (one, other) if one <= other else (other, one)


# --- ways through a graph ----------------------------------------------------------------------


def _carries(graph: nx.Graph[str], vertex: str) -> bool:
    """Say whether ``vertex`` carries the traffic of others: hubs do, and the underlay."""
    data = graph.nodes[vertex]
    return data["kind"] != "site" or bool(data["hub"])


def _ways_from(graph: nx.Graph[str], site: str) -> nx.DiGraph[str]:
    """Return the links over which traffic of ``site`` can go, away from it.

    A peering carries the traffic of its two ends only, and is no part of a longer way.
    """
    import networkx as nx

    ways: nx.DiGraph[str] = nx.DiGraph()
    ways.add_node(site)
    for one, other, data in graph.edges(data=True):
        if data["kind"] != "peering":
            for here, there in ((one, other), (other, one)):
                if here == site or _carries(graph, here):
                    ways.add_edge(here, there)
    return ways


def _peers(graph: nx.Graph[str], vertex: str, gone: Collection[str] = ()) -> set[str]:
    found = graph.adj[vertex].items()
    return {other for other, data in found if data["kind"] == "peering" and other not in gone}


def highlight(graph: nx.Graph[str], fleet: Fleet, cluster: str) -> Emphasis:
    """Stress the links of ``cluster``'s site; those on its shortest ways to others stay plain.

    Raises:
        UnknownName: no cluster is called so.

    """
    import networkx as nx

    known = {each.name: each.site_name for each in fleet.clusters}
    if cluster not in known:
        raise UnknownName(f'no cluster is named "{cluster}"' + did_you_mean(cluster, sorted(known)))
    site = known[cluster]
    ways, direct = _ways_from(graph, site), _peers(graph, site)
    hops = nx.single_source_shortest_path_length(ways, site)
    on_way = {name for name in hops if name not in direct and graph.nodes[name]["kind"] == "site"}
    if fleet.divided:
        own = fleet.sets[fleet.index[cluster]]
        met = {name for name, sets in sets_of_sites(fleet).items() if share(own, sets)}
        on_way, direct = on_way & met, direct & met
    links: dict[Ends, State] = {}
    for vertex in sorted(hops, key=lambda vertex: -hops[vertex]):
        if vertex not in on_way:
            continue
        for before in ways.predecessors(vertex):
            if before in hops and hops[before] == hops[vertex] - 1:
                on_way.add(before)
                links[ends(before, vertex)] = "plain"
    links |= {ends(site, other): "strong" for other in graph.adj[site]}
    reached = {site, *(on_way if fleet.divided else hops), *direct}
    vertices: dict[str, State] = {vertex: "pale" for vertex in graph if vertex not in reached}
    vertices[site] = "strong"
    note = f"Highlighted: the links of {cluster}; plain: its ways on to the other clusters."
    return Emphasis(vertices, links, {}, "pale", note)


def fail(graph: nx.Graph[str], fleet: Fleet, name: str, weights: Weights = ALONE) -> Emphasis:
    """Take down what ``name`` means (a cluster, site, region or provider), and what that cuts off.

    A site is cut off if it can reach less than half of the other sites that are still there and
    that it reached before; of those with which it shares a cluster set.

    Raises:
        UnknownName: nothing is called so.

    """
    sites, what = failing(fleet, name)
    if what == "cluster" and len(fleet.members[sites[0]]) > 1:
        note = f"Down: cluster {name}. Its site {sites[0]} stays, and so do all links."
        return Emphasis(clusters={name: "failed"}, note=note)
    down = {site for site in sites if site in graph} | _transits(graph, name, what)
    before, after = _reach(graph, set()), _reach(graph, down)
    if fleet.divided:
        sets = sets_of_sites(fleet)
        for reached in (before, after):
            for site, others in reached.items():
                reached[site] = {other for other in others if share(sets[site], sets[other])}
    vertices: dict[str, State] = dict.fromkeys(sorted(down), "failed")
    cut = 0
    for vertex in sorted(before):
        if vertex in down:
            continue
        had = sum(weights.of(other) for other in before[vertex] - down)
        has = sum(weights.of(other) for other in after[vertex])
        if 2 * has < had:
            vertices[vertex] = "cut"
            cut += weights.of(vertex)
    links: dict[Ends, State] = {}
    for one, other in graph.edges():
        states = (vertices.get(one, "plain"), vertices.get(other, "plain"))
        if "failed" in states:
            links[ends(one, other)] = "failed"
        elif "cut" in states:
            links[ends(one, other)] = "cut"
    lost = number(cut, "site") if cut else "no site"
    note = (
        f"Down: {what} {name} ({number(len(sites), 'site')}). "
        f"Cut off from most of the others by that: {lost}."
    )
    return Emphasis(vertices, links, {}, "plain", note)


def failing(fleet: Fleet, name: str) -> tuple[tuple[str, ...], str]:
    """Return the sites that go down with ``name``, and what that is.

    The first of these that is called so: a cluster, a site, a region ("aws/us-east-1"), a provider.

    Raises:
        UnknownName: none is.

    """
    site_of = {cluster.name: cluster.site_name for cluster in fleet.clusters}
    if name in site_of:
        return (site_of[name],), "cluster"
    if name in fleet.members:
        return (name,), "site"
    regions: dict[str, list[str]] = {}
    providers: dict[str, list[str]] = {}
    for site in fleet.members:
        provider, region = fleet.region_of(site)
        providers.setdefault(provider, []).append(site)
        if region is not None:
            regions.setdefault(f"{provider}/{region}", []).append(site)
    for known, what in ((regions, "region"), (providers, "provider")):
        if name in known:
            return tuple(known[name]), what
    names = sorted({*site_of, *fleet.members, *regions, *providers})
    raise UnknownName(
        f'no cluster, site, region or provider is named "{name}"' + did_you_mean(name, names)
    )


def _transits(graph: nx.Graph[str], name: str, what: str) -> set[str]:
    """Return the managed hubs that go down with a region or a provider."""
    found = set()
    for vertex, data in graph.nodes(data=True):
        if data["kind"] != "transit":
            continue
        place = {"provider": data["provider"], "region": f"{data['provider']}/{data['region']}"}
        if place.get(what) == name:
            found.add(vertex)
    return found


def _reach(graph: nx.Graph[str], gone: Collection[str]) -> dict[str, set[str]]:
    """Return the sites that each site reaches, itself left out."""
    import networkx as nx

    left = [vertex for vertex in graph if vertex not in gone]
    sites = {vertex for vertex in left if graph.nodes[vertex]["kind"] == "site"}
    roads: nx.Graph[str] = nx.Graph()
    roads.add_nodes_from(left)
    roads.add_edges_from(
        (one, other)
        for one, other, data in graph.edges(data=True)
        if data["kind"] != "peering" and one not in gone and other not in gone
    )
    carriers = roads.subgraph(vertex for vertex in left if _carries(graph, vertex))
    behind: dict[str, set[str]] = {}  # of a hub: the sites that it and hubs beyond it lead to
    for part in nx.connected_components(carriers):
        found = (part | {other for hub in part for other in roads.adj[hub]}) & sites
        behind |= dict.fromkeys(part, found)
    reached = {}
    for site in sites:
        hubs = [vertex for vertex in (site, *roads.adj[site]) if vertex in behind]
        near = {*roads.adj[site], *_peers(graph, site, gone)} & sites
        reached[site] = near.union(*(behind[hub] for hub in hubs)) - {site}
    return reached


# --- the same for groups -----------------------------------------------------------------------

_BEST: tuple[State, ...] = ("strong", "plain", "pale", "cut", "failed")


def _best(states: Iterable[State]) -> State:
    """Return the state of a whole: that of the part that is best off."""
    return min(states, key=_BEST.index, default="plain")


def lifted(emphasis: Emphasis, graph: nx.Graph[str], name_of: Mapping[str, str]) -> Emphasis:
    """Return the emphasis of ``graph`` for the collapsed graph; ``name_of``: vertex -> group."""
    vertices: dict[str, list[State]] = {}
    links: dict[Ends, list[State]] = {}
    for vertex in graph:
        vertices.setdefault(name_of[vertex], []).append(emphasis.vertices.get(vertex, "plain"))
    for one, other in graph.edges():
        pair = ends(name_of[one], name_of[other])
        if pair[0] != pair[1]:
            links.setdefault(pair, []).append(emphasis.link(one, other))
    return Emphasis(
        {name: _best(states) for name, states in vertices.items()},
        {pair: _best(states) for pair, states in links.items()},
        {},
        emphasis.links_otherwise,
        emphasis.note,
    )
