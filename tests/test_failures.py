"""What a failure takes down: the engine against removing, and counting again with networkx.

The oracle (``components``, ``brute``) is written from the definitions, and shares nothing with the
engine: vertices are taken out of a copy of the graph, and every pair of clusters is asked for.
"""

from __future__ import annotations

from collections import Counter
from itertools import combinations
from pathlib import Path
from typing import NamedTuple

import networkx as nx
from hypothesis import given, settings
from hypothesis import strategies as st

from k8s6plan.designs import DESIGNS
from k8s6plan.failures._components import Parts, parts_of
from k8s6plan.failures._losses import Losses, double, fragile_pairs, single
from k8s6plan.failures._net import net_of
from k8s6plan.model import Fleet
from tests.strategies import fleet_files, load

ROOT = Path(__file__).resolve().parents[1]
EXAMPLES = sorted((ROOT / "examples").glob("*.yaml"))
GOLDEN = Path(__file__).parent / "golden" / "failures"
ALL = 10**9
RANK = ("gateway", "tunnel", "cluster", "site", "region", "provider", "group")


# --- the oracle ----------------------------------------------------------------------------------


class Failing(NamedTuple):
    """A component of the oracle, and what it takes."""

    kind: str
    name: str
    vertices: frozenset[str] = frozenset()
    clusters: frozenset[str] = frozenset()
    gateway: str | None = None  # one gateway of this site
    tunnel: tuple[str, str] | None = None  # one tunnel of this link


def ends(graph: nx.Graph[str], site: str) -> bool:
    return any(data["kind"] == "tunnel" for _, _, data in graph.edges(site, data=True))


def sites_of(graph: nx.Graph[str]) -> list[str]:
    return [vertex for vertex, data in graph.nodes(data=True) if data["kind"] == "site"]


def named(name: str, count: int) -> list[str]:
    return [name] if count == 1 else [f"{name} ({i + 1} of {count})" for i in range(count)]


def components(graph: nx.Graph[str], fleet: Fleet) -> list[Failing]:  # noqa: PLR0912
    found = []
    regions: dict[str, set[str]] = {}
    providers: dict[str, set[str]] = {}
    for vertex, data in graph.nodes(data=True):
        if data["kind"] == "underlay":
            continue
        if data["region"] is not None:
            regions.setdefault(f"{data['provider']}/{data['region']}", set()).add(vertex)
        if data["provider"] != "on-prem":
            providers.setdefault(data["provider"], set()).add(vertex)
        if data["kind"] == "transit":
            found.append(Failing("gateway", vertex, frozenset((vertex,))))
            continue
        found.append(Failing("site", vertex, frozenset((vertex,))))
        found += [Failing("cluster", c, clusters=frozenset((c,))) for c in data["clusters"]]
        if ends(graph, vertex):
            found += [
                Failing("gateway", n, gateway=vertex) for n in named(vertex, data["gateways"])
            ]
    for one, other, data in graph.edges(data=True):
        if data["kind"] == "tunnel":
            low, high = sorted((one, other))
            names = named(f"{low} - {high}", data["tunnels"])
            found += [Failing("tunnel", name, tunnel=(low, high)) for name in names]
    found += [Failing("region", name, frozenset(held)) for name, held in regions.items()]
    found += [Failing("provider", name, frozenset(held)) for name, held in providers.items()]
    sites = {cluster.name: cluster.site_name for cluster in fleet.clusters}
    for name, members in fleet.risk_groups.items():
        vertices: set[str] = set()
        clusters = set()
        for member in members:
            if member in fleet.members:
                vertices.add(member)
            elif member in sites:
                clusters.add(member)
            else:
                vertices |= regions[member]
        found.append(Failing("group", name, frozenset(vertices), frozenset(clusters)))
    return found


def damaged(graph: nx.Graph[str], failing: tuple[Failing, ...]) -> tuple[nx.Graph[str], set[str]]:
    """Return what is left of the graph, and the clusters that have failed."""
    left = graph.copy()
    dead = {vertex for part in failing for vertex in part.vertices}
    gone = {cluster for part in failing for cluster in part.clusters}
    for vertex in dead:
        gone |= set(graph.nodes[vertex].get("clusters", ()))
    left.remove_nodes_from(dead)
    for site, count in Counter(part.gateway for part in failing if part.gateway).items():
        if site in left and count == graph.nodes[site]["gateways"]:
            cut = [(a, b) for a, b, d in left.edges(site, data=True) if d["kind"] == "tunnel"]
            left.remove_edges_from(cut)
    for link, count in Counter(part.tunnel for part in failing if part.tunnel).items():
        if left.has_edge(*link) and count == graph.edges[link]["tunnels"]:
            left.remove_edge(*link)
    return left, gone


def talking(graph: nx.Graph[str]) -> set[frozenset[str]]:
    """Return the pairs of sites that reach each other: over one peering, or over transit."""
    sites = sites_of(graph)
    transit: nx.Graph[str] = nx.Graph()
    transit.add_nodes_from(graph)
    transit.add_edges_from((a, b) for a, b, d in graph.edges(data=True) if d["kind"] != "peering")
    return {
        frozenset((a, b))
        for a, b in combinations(sites, 2)
        if nx.has_path(transit, a, b)
        or (graph.has_edge(a, b) and graph.edges[a, b]["kind"] == "peering")
    }


def cluster_pairs(graph: nx.Graph[str], gone: set[str]) -> dict[frozenset[str], frozenset[str]]:
    """Return the pairs of surviving clusters in different sites, with their pair of sites."""
    at = {c: v for v, held in graph.nodes(data="clusters") if held for c in held}
    return {
        frozenset((a, b)): frozenset((at[a], at[b]))
        for a, b in combinations(sorted(set(at) - gone), 2)
        if at[a] != at[b]
    }


def lost_pairs(
    graph: nx.Graph[str], failing: tuple[Failing, ...]
) -> tuple[set[frozenset[str]], int]:
    left, gone = damaged(graph, failing)
    surviving = cluster_pairs(graph, gone)
    before, after = talking(graph), talking(left)
    return {p for p, sites in surviving.items() if sites in before and sites not in after}, len(
        surviving
    )


Row = tuple[tuple[str, ...], tuple[str, ...], int, int]


def row(failing: tuple[Failing, ...], graph: nx.Graph[str]) -> Row:
    lost, surviving = lost_pairs(graph, failing)
    ordered = sorted(failing, key=lambda part: (RANK.index(part.kind), part.name))
    names = tuple(part.name for part in ordered)
    return names, tuple(part.kind for part in ordered), len(lost), surviving


def worst_first(rows: list[Row]) -> list[Row]:
    def key(row: Row) -> tuple[object, ...]:
        names, kinds, lost, surviving = row
        share = lost / surviving if surviving else 0
        return -lost, -share, tuple(RANK.index(kind) for kind in kinds), names

    return sorted(rows, key=key)


def rows_of(losses: Losses) -> list[Row]:
    return [(x.fails, x.kinds, x.pairs_lost, x.surviving) for x in losses.worst]


# --- fleets, and graphs that are more than the designs' ------------------------------------------


@st.composite
def risky(draw: st.DrawFn, most: int = 6) -> Fleet:
    """Return a random fleet with groups that fail together."""
    data = draw(fleet_files(most=most))
    fleet = load(data)
    places = [fleet.region_of(site) for site in fleet.members]
    names = sorted(
        {*fleet.members, *fleet.index} | {f"{p}/{r}" for p, r in places if r is not None}
    )
    if names:
        groups = st.lists(st.sampled_from(names), min_size=1, max_size=4, unique=True)
        data["risk_groups"] = draw(
            st.dictionaries(st.sampled_from(["cable", "power"]), groups, max_size=2)
        )
    return load(data)


@st.composite
def graphs(draw: st.DrawFn, most: int = 6) -> tuple[Fleet, nx.Graph[str]]:
    """Return a fleet and a graph: a design's, thinned out, or with a managed hub in it."""
    fleet = draw(risky(most))
    graph = DESIGNS[draw(st.sampled_from(sorted(DESIGNS)))].build(fleet)
    change = draw(st.sampled_from(["none", "thinned", "hub"]))
    edges = sorted(graph.edges)
    if change == "thinned" and edges:
        dropped = draw(st.lists(st.sampled_from(edges), max_size=8, unique=True))
        graph.remove_edges_from(dropped)
    sites = sites_of(graph)
    if change == "hub" and sites:
        first = graph.nodes[sites[0]]
        hub = f"({first['provider']} {first['region']})"
        place = {"provider": first["provider"], "region": first["region"]}
        graph.add_node(hub, kind="transit", gateways=2, **place)
        for site in draw(st.lists(st.sampled_from(sites), min_size=1, unique=True)):
            native = graph.nodes[site]["provider"] == first["provider"]
            kind, tunnels = ("attachment", 0) if native else ("tunnel", draw(st.integers(1, 2)))
            graph.add_edge(site, hub, kind=kind, tunnels=tunnels)
    return fleet, graph


def parts(fleet: Fleet, graph: nx.Graph[str]) -> Parts:
    return parts_of(net_of(graph), fleet)


# --- the engine agrees ---------------------------------------------------------------------------


@settings(max_examples=300)
@given(given_=graphs())
def test_single_failures_are_those_of_removing_and_counting(
    given_: tuple[Fleet, nx.Graph[str]],
) -> None:
    fleet, graph = given_
    made = parts(fleet, graph)
    expected = worst_first([row((part,), graph) for part in components(graph, fleet)])
    found = single(made, ALL)
    assert rows_of(found) == expected
    assert found.count == len(expected)
    assert found.cutting == sum(lost > 0 for _, _, lost, _ in expected)
    assert rows_of(single(made, 5)) == expected[:5]
    pairs = [p for p, sites in cluster_pairs(graph, set()).items() if sites in talking(graph)]
    assert made.net.pairs == len(pairs)
    cut = [lost_pairs(graph, (part,))[0] for part in components(graph, fleet)]
    assert fragile_pairs(made) == len(set().union(*cut))


@settings(max_examples=120)
@given(given_=graphs(most=4))
def test_double_failures_are_those_of_removing_and_counting(
    given_: tuple[Fleet, nx.Graph[str]],
) -> None:
    fleet, graph = given_
    made = parts(fleet, graph)
    both = list(combinations(components(graph, fleet), 2))
    expected = worst_first([row(pair, graph) for pair in both])
    cutting = [entry for entry in expected if entry[2]]
    found = double(made, ALL)
    assert rows_of(found) == cutting
    assert (found.count, found.cutting) == (len(both), len(cutting))
    for most in (1, 7):
        assert rows_of(double(made, most)) == cutting[:most]
