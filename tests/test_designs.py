"""Closed forms against formulas written out, and against the graph that the design builds."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from itertools import combinations
from math import ceil
from typing import Any

import networkx as nx
import pytest
from hypothesis import given, settings

from k8s6plan.errors import UnknownName
from k8s6plan.fleet.model import Fleet
from k8s6plan.topology.designs import DESIGNS, design_named
from k8s6plan.topology.graph import UNDERLAY, check_graph, expand
from k8s6plan.topology.groups import outline_of, outline_of_count
from tests.figures import figures
from tests.oracle_graphs import graph_of
from tests.strategies import apart, fleet_files, fleets, for_each_design, homed_fleets, load

SIZES = range(201)
# For what builds a graph of each: every small one, where forms differ, and two large ones.
SOME_SIZES = (*range(13), 50, 200)


def closed_form(design: str, n: int, h: int, r: int) -> int:
    """Tunnels by the formulas of the article, written out again."""
    h = min(h, n)
    return {
        "full-mesh": r * n * (n - 1) // 2,
        "regional-hubs": r * n * (n - 1) // 2,
        "managed-hub": r * n * (n - 1) // 2,
        "overlay-mesh": r * n * (n - 1) // 2,
        "as-demanded": 0,  # `-n` has no demands
        "hub-and-spoke": r * (h * (n - h) + h * (h - 1) // 2),
        "optimized": r * (h * (n - h) + h * (h - 1) // 2),  # without homes, all hubs
        "flat-ipv6": 0,
    }[design]


@pytest.mark.parametrize("design", DESIGNS)
def test_counts_equal_the_closed_forms(design: str) -> None:
    for n in SIZES:
        for h in range(1, 5):
            for r in range(1, 4):
                count = DESIGNS[design].of(outline_of_count(n, hubs=h, tunnels_per_link=r)).count
                assert count.tunnel_links * r == closed_form(design, n, h, r), (n, h, r)
                assert count.peerings == count.attachments == 0


@pytest.mark.slow
@pytest.mark.parametrize("r", [1, 2, 3])
@pytest.mark.parametrize(
    ("design", "hubs"),
    [("hub-and-spoke", h) for h in range(1, 5)]
    + [(design, 1) for design in DESIGNS if design not in ("hub-and-spoke", "optimized")]
    + [("optimized", h) for h in range(1, 5)],
)
def test_counts_equal_the_graph_for_some_sizes(design: str, hubs: int, r: int) -> None:
    for n in SOME_SIZES:
        graph = graph_of(design, apart(n, hubs=hubs, tunnels_per_link=r))
        tunnels = sum(data["tunnels"] for _, _, data in graph.edges(data=True))
        count = DESIGNS[design].of(outline_of_count(n, hubs=hubs, tunnels_per_link=r)).count
        assert tunnels == count.tunnel_links * r == closed_form(design, n, hubs, r)


@pytest.mark.parametrize(
    ("n", "h", "r", "design", "tunnels"),
    [
        (10, 1, 1, "full-mesh", 45),
        (50, 1, 1, "full-mesh", 1225),
        (10, 1, 1, "hub-and-spoke", 9),
        (10, 2, 1, "hub-and-spoke", 17),
        (3, 1, 2, "full-mesh", 6),
        (100_000, 1, 1, "full-mesh", 4_999_950_000),
        (10, 1, 1, "flat-ipv6", 0),
    ],
)
def test_numbers_of_the_article(n: int, h: int, r: int, design: str, tunnels: int) -> None:
    count = DESIGNS[design].of(outline_of_count(n, hubs=h, tunnels_per_link=r)).count
    assert count.tunnel_links * r == tunnels


# --- the oracle: everything counted again on the graph, pair by pair ------------------------------


def pairs_of_clusters(graph: nx.Graph[str]) -> Iterator[tuple[str, str, int]]:
    sites = [v for v, data in graph.nodes(data=True) if data["kind"] == "site"]
    for one, other in combinations(sites, 2):
        yield (
            one,
            other,
            len(graph.nodes[one]["clusters"]) * len(graph.nodes[other]["clusters"]),
        )


def count_on_graph(graph: nx.Graph[str]) -> dict[str, int]:
    """Count links, loads, hops and tunnelled pairs by walking the graph."""
    kinds = Counter(data["kind"] for _, _, data in graph.edges(data=True))
    ends: Counter[str] = Counter()
    for one, other, data in graph.edges(data=True):
        ends[one] += data["tunnels"]
        ends[other] += data["tunnels"]
    flat = UNDERLAY in graph
    hop_sum = max_hops = tunnel_pairs = joined = 0
    for one, other, weight in pairs_of_clusters(graph):
        if not flat and not nx.has_path(strict(graph, one, other), one, other):
            continue
        joined += weight
        hops = 1 if flat else int(nx.shortest_path_length(strict(graph, one, other), one, other))
        hop_sum += hops * weight
        max_hops = max(max_hops, hops)
        tunnelled = all(
            graph.edges[edge]["kind"] == "tunnel"
            for path in nx.all_shortest_paths(strict(graph, one, other), one, other)
            for edge in nx.utils.pairwise(path)
        )
        tunnel_pairs += weight * tunnelled
    return {
        "tunnel_links": kinds["tunnel"],
        "peerings": kinds["peering"],
        "attachments": kinds["attachment"],
        "gateways": sum(graph.nodes[site]["gateways"] for site, n in ends.items() if n),
        "busiest": max(
            (ceil(n / graph.nodes[site]["gateways"]) for site, n in ends.items() if n), default=0
        ),
        "hop_sum": hop_sum,
        "max_hops": max_hops,
        "tunnel_pairs": tunnel_pairs,
        "joined_pairs": joined,
    }


def strict(graph: nx.Graph[str], one: str, other: str) -> nx.Graph[str]:
    """Return the links that may carry a pair: as demanded, sites carry nobody else's traffic."""
    if graph.graph["design"] != "as-demanded":
        return graph
    return graph.subgraph([one, other])


def hold_expanded(design: str, fleet: Fleet, graph: nx.Graph[str]) -> None:
    """Hold the graph of a topology against the one that was built by hand."""
    found = expand(DESIGNS[design], fleet)
    check_graph(found)
    assert {v: found.nodes[v] for v in found} == {v: graph.nodes[v] for v in graph}
    assert nx.utils.edges_equal(found.edges(data=True), graph.edges(data=True))


@pytest.mark.slow
@settings(max_examples=150, deadline=None)
@given(fleet=fleets())
@for_each_design
def test_counts_equal_the_graph_on_random_fleets(design: str, fleet: Fleet) -> None:
    graph = graph_of(design, fleet)
    hold_expanded(design, fleet, graph)
    count = DESIGNS[design].of(outline_of(fleet)).count
    found = count_on_graph(graph)
    assert {key: getattr(count, key) for key in found} == found


@pytest.mark.slow
@settings(max_examples=200, deadline=None)
@given(fleet=homed_fleets())
def test_homes_are_counted_as_the_graph_has_them(fleet: Fleet) -> None:
    graph = graph_of("optimized", fleet)
    hold_expanded("optimized", fleet, graph)
    found = count_on_graph(graph)
    count = DESIGNS["optimized"].of(outline_of(fleet)).count
    assert {key: getattr(count, key) for key in found} == found
    for site, homes in fleet.homes.items():
        assert set(graph[site]) == set(homes)


def transits_that_meet(graph: nx.Graph[str]) -> set[tuple[str, str, str]]:
    """Return (provider, region, region) of each attachment that leads to another region."""
    found = set()
    for one, other, data in graph.edges(data=True):
        here, there = graph.nodes[one], graph.nodes[other]
        if data["kind"] == "attachment" and here["region"] != there["region"]:
            found.add((here["provider"], *sorted((here["region"], there["region"]))))
    return found


@pytest.mark.slow
@settings(max_examples=200, deadline=None)
@given(fleet=homed_fleets())
@for_each_design
def test_transits_are_peered_where_an_attachment_leads_to_another_region(
    design: str, fleet: Fleet
) -> None:
    counted = DESIGNS[design].of(outline_of(fleet)).count.transit_pairs
    assert list(counted) == sorted(transits_that_meet(graph_of(design, fleet)))


@pytest.mark.slow
@settings(max_examples=100, deadline=None)
@given(data=fleet_files())
@for_each_design
def test_next_cluster_is_counted_by_adding_it(design: str, data: dict[str, Any]) -> None:
    before, count = load(data), DESIGNS[design].of(outline_of(load(data))).count
    newcomer = {"name": "zz-next", "provider": "new", "region": "new", "nodes": 1}
    after = load({**data, "clusters": [*data["clusters"], newcomer]})
    old_edges = edges(graph_of(design, before))
    new_edges = edges(graph_of(design, after)) - old_edges
    joined = {e for e in new_edges if UNDERLAY not in e}
    assert count.links_added == len(joined)
    if design == "flat-ipv6":
        owned = outline_of(before).owned
        assert count.sites_touched == (0 if owned else len(before.members))
    elif design == "overlay-mesh":
        assert count.sites_touched == 0  # the gateways find each other
    else:
        assert count.sites_touched == len({site for e in joined for site in e} - {"zz-next"})


def edges(graph: nx.Graph[str]) -> set[frozenset[str]]:
    return {frozenset(edge) for edge in graph.edges}


@settings(max_examples=150, deadline=None)
@given(fleet=fleets())
def test_groups_add_up_to_the_fleet(fleet: Fleet) -> None:
    outline = outline_of(fleet)
    assert sum(group.sites for group in outline.groups) == outline.sites == len(fleet.members)
    assert sum(g.sites * g.clusters for g in outline.groups) == len(fleet.clusters)
    weights = [w for *_, w in pairs_of_clusters(graph_of("full-mesh", fleet))]
    assert outline.pairs == sum(weights)


@pytest.mark.parametrize("n", [0, 1, 2, 3, 7])
@pytest.mark.parametrize("hubs", [1, 2, 5])
def test_outline_of_a_number_is_the_outline_of_its_fleet(n: int, hubs: int) -> None:
    by_number = outline_of_count(n, hubs=hubs)
    by_fleet = outline_of(apart(n, hubs=hubs))
    for design in DESIGNS.values():
        numbered, named = (design.of(outline).count for outline in (by_number, by_fleet))
        assert figures(numbered) == figures(named)
    same = ("clusters", "sites", "pairs", "routes", "allow_pools", "allow_prefixes", "owned")
    assert {k: getattr(by_number, k) for k in same} == {k: getattr(by_fleet, k) for k in same}


def test_equal_hubs_are_chosen_by_name_and_named_ones_in_their_region() -> None:
    data: dict[str, Any] = {
        "version": 1,
        "fleet": "f",
        "clusters": [
            {"name": "b", "provider": "aws", "region": "east", "nodes": 5},
            {"name": "a", "provider": "aws", "region": "east", "nodes": 5},
            {"name": "c", "provider": "aws", "region": "east", "nodes": 9},
        ],
    }
    graph = expand(DESIGNS["hub-and-spoke"], load({**data, "connect": {"hubs": 2}}))
    assert {v for v, hub in graph.nodes(data="hub") if hub} == {"a", "c"}
    graph = expand(DESIGNS["regional-hubs"], load({**data, "connect": {"hubs": ["b"]}}))
    assert {v for v, hub in graph.nodes(data="hub") if hub} == {"b"}


def test_unknown_provider_has_tunnels_inside_it() -> None:
    clusters = [{"name": n, "provider": "elsewhere", "region": "r"} for n in ("a", "b")]
    fleet = load({"version": 1, "fleet": "f", "clusters": clusters})
    assert DESIGNS["full-mesh"].of(outline_of(fleet)).count.tunnel_links == 1


def test_unknown_design_offers_the_nearest() -> None:
    with pytest.raises(UnknownName, match='did you mean "full-mesh"'):
        design_named("fullmesh")


@pytest.mark.parametrize(
    "edge", [{"kind": "tunel", "tunnels": 1}, {"kind": "tunnel"}, {"kind": "peering", "tunnels": 2}]
)
def test_graph_contract_finds_a_wrong_edge(edge: dict[str, Any]) -> None:
    graph = expand(DESIGNS["full-mesh"], apart(2))
    graph.add_edge("c000", "c001", **edge)
    if "tunnels" not in edge:
        del graph.edges["c000", "c001"]["tunnels"]
    with pytest.raises(ValueError, match="c000 - c001"):
        check_graph(graph)
