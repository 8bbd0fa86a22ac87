"""What a failure takes down: the engine against removing, and counting again with networkx.

The oracle (``components``, ``lost_pairs``) is written from the definitions, and shares nothing with
the engine: vertices are taken out of a copy of the graph, and every pair of clusters is asked for.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterable
from decimal import Decimal
from itertools import combinations, product
from pathlib import Path
from typing import Any, NamedTuple

import networkx as nx
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from k8s6plan.evaluation.failures import Failures, failures_of, resilience_of
from k8s6plan.evaluation.failures._components import Parts, parts_of
from k8s6plan.evaluation.failures._connectivity import edge_connectivity, node_connectivity
from k8s6plan.evaluation.failures._losses import Losses, double, fragile_pairs, single
from k8s6plan.evaluation.failures._net import NOTHING, Damage, net_of
from k8s6plan.evaluation.failures._overloads import Overload, Overloads
from k8s6plan.evaluation.failures._traffic import detours, talks_of, traffic_lost
from k8s6plan.evaluation.failures.availability import MINUTES_A_YEAR, availability_of
from k8s6plan.evaluation.latency import latency_of, survey
from k8s6plan.evaluation.latency._timetable import Timetable
from k8s6plan.fleet.model import Fleet
from k8s6plan.topology.designs import DESIGNS
from k8s6plan.topology.graph import UNDERLAY, expand
from k8s6plan.topology.groups import outline_of
from k8s6plan.topology.hubs import hub_sites
from k8s6plan.topology.joins import Topology
from tests.conftest import Cli, Golden
from tests.oracle_graphs import any_topology, graph_of, graph_of_joins
from tests.strategies import apart, fleet_files, for_each_design, load

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
    off: str | None = None  # the way of this site to the underlay: for availability alone


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
    left.remove_edges_from((part.off, UNDERLAY) for part in failing if part.off)
    return left, gone


def talking(graph: nx.Graph[str]) -> set[frozenset[str]]:
    """Return the pairs of sites that reach each other: over one peering, or over transit."""
    sites = set(sites_of(graph))
    transit: nx.Graph[str] = nx.Graph()
    transit.add_nodes_from(graph)
    found = set()
    for one, other, data in graph.edges(data=True):
        if data["kind"] != "peering":
            transit.add_edge(one, other)
        elif {one, other} <= sites:
            found.add(frozenset((one, other)))
    for together in nx.connected_components(transit):
        found |= set(map(frozenset, combinations(together & sites, 2)))
    return found


def joined(graph: nx.Graph[str]) -> set[frozenset[str]]:
    """Return the pairs of sites that a design means to join: linked, or by hubs and the underlay.

    Inner vertices are hubs, managed hubs and the underlay; links that are left out of a way are
    peerings, unless they are the whole of it (docs/decisions/0031).
    """
    found = set()
    carriers = [
        v for v, data in graph.nodes(data=True) if data["kind"] != "site" or data.get("hub")
    ]
    for one, other in combinations(sites_of(graph), 2):
        allowed = graph.subgraph({*carriers, one, other})
        ways = nx.Graph((a, b) for a, b, d in allowed.edges(data=True) if d["kind"] != "peering")
        ways.add_nodes_from((one, other))
        if graph.has_edge(one, other) or nx.has_path(ways, one, other):
            found.add(frozenset((one, other)))
    return found


def cluster_pairs(graph: nx.Graph[str], gone: set[str]) -> dict[frozenset[str], frozenset[str]]:
    """Return the pairs of surviving clusters in different sites, with their pair of sites."""
    at = {c: v for v, held in graph.nodes(data="clusters") if held for c in held}
    return {
        frozenset((a, b)): frozenset((at[a], at[b]))
        for a, b in combinations(sorted(set(at) - gone), 2)
        if at[a] != at[b]
    }


def lost_pairs(
    graph: nx.Graph[str], failing: tuple[Failing, ...], before: set[frozenset[str]]
) -> tuple[set[frozenset[str]], int]:
    """Return the pairs of clusters that a failure cuts, and how many survive it."""
    left, gone = damaged(graph, failing)
    surviving = cluster_pairs(graph, gone)
    after = talking(left)
    return {p for p, sites in surviving.items() if sites in before and sites not in after}, len(
        surviving
    )


Row = tuple[tuple[str, ...], tuple[str, ...], int, int]


def row(failing: tuple[Failing, ...], graph: nx.Graph[str], before: set[frozenset[str]]) -> Row:
    lost, surviving = lost_pairs(graph, failing, before)
    ordered = sorted(failing, key=lambda part: (RANK.index(part.kind), part.name))
    names = tuple(part.name for part in ordered)
    return names, tuple(part.kind for part in ordered), len(lost), surviving


def worst_first(graph: nx.Graph[str], cases: Iterable[tuple[Failing, ...]]) -> list[Row]:
    before = joined(graph)

    def key(row: Row) -> tuple[object, ...]:
        names, kinds, lost, surviving = row
        share = lost / surviving if surviving else 0
        return -lost, -share, tuple(RANK.index(kind) for kind in kinds), names

    return sorted((row(case, graph, before) for case in cases), key=key)


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
    # Two are the case where both must go; three never fail together.
    data["connect"]["tunnels_per_link"] = draw(st.sampled_from([1, 2]))
    hubs = hub_sites(fleet)
    with_homes: bool = draw(st.booleans())
    if hubs and with_homes:  # what the optimised design is made of
        homes = st.lists(st.sampled_from(hubs), min_size=1, max_size=2, unique=True)
        spokes = [site for site in fleet.members if site not in hubs]
        homes_of: dict[str, list[str]] = {site: draw(homes) for site in spokes}
        data["connect"] |= {"hubs": list(hubs), "homes": homes_of}
    return load(data)


Joined = tuple[Fleet, Topology, "nx.Graph[str]"]


@st.composite
def fleets_joined(draw: st.DrawFn, most: int = 6, design: str | None = None) -> Joined:
    """Return a fleet, joined by ``design``, by any, or as chance has it, and the graph of that."""
    fleet = draw(risky(most))
    name = design or draw(st.sampled_from([*sorted(DESIGNS), None, None, None, None]))
    if name is None:
        made = any_topology(fleet, draw(st.integers(0, 10**6)), apart=draw(st.booleans()))
        return fleet, made, graph_of_joins(made, fleet)
    return fleet, topology_of(name, fleet), graph_of(name, fleet)


def topology_of(design: str, fleet: Fleet) -> Topology:
    return DESIGNS[design].of(outline_of(fleet))


def failed(design: str, fleet: Fleet, **options: Any) -> Failures:
    return failures_of(topology_of(design, fleet), fleet, **options)


def parts(fleet: Fleet, topology: Topology) -> Parts:
    return parts_of(net_of(topology, fleet), fleet)


# --- the engine agrees ---------------------------------------------------------------------------


@pytest.mark.slow
@pytest.mark.parametrize("design", DESIGNS)
def test_each_design_fails_as_removing_and_counting_says(design: str) -> None:
    """And some fleet has gateways in plenty, twin tunnels, a group and a shared site.

    Else the property would not say much about the design.
    """
    seen: Counter[str] = Counter()

    @settings(max_examples=60)
    @given(given_=fleets_joined(most=5, design=design))
    def look(given_: Joined) -> None:
        fleet, topology, graph = given_
        made = parts(fleet, topology)
        failing = components(graph, fleet)
        alone = worst_first(graph, ((part,) for part in failing))
        assert rows_of(single(made, ALL)) == alone
        both = worst_first(graph, combinations(failing, 2))
        assert rows_of(double(made, ALL)) == [entry for entry in both if entry[2]]
        seen["twin gateways"] += any(d.get("gateways") == 2 for _, d in graph.nodes(data=True))
        seen["twin tunnels"] += any(d.get("tunnels") == 2 for _, _, d in graph.edges(data=True))
        seen["groups"] += bool(fleet.risk_groups)
        seen["shared sites"] += any(len(held) > 1 for held in fleet.members.values())
        seen["cutting"] += any(entry[2] for entry in alone)
        seen["homes"] += bool(fleet.homes)

    look()
    never = {"flat-ipv6": {"twin tunnels", "cutting"}}.get(design, set())
    for what in ("twin gateways", "twin tunnels", "groups", "shared sites", "cutting", "homes"):
        assert (seen[what] == 0) == (what in never), what


@pytest.mark.slow
@settings(max_examples=300)
@given(given_=fleets_joined())
def test_single_failures_are_those_of_removing_and_counting(
    given_: Joined,
) -> None:
    fleet, topology, graph = given_
    made = parts(fleet, topology)
    failing = components(graph, fleet)
    expected = worst_first(graph, ((part,) for part in failing))
    found = single(made, ALL)
    assert rows_of(found) == expected
    assert found.count == len(expected)
    assert found.cutting == sum(lost > 0 for _, _, lost, _ in expected)
    assert rows_of(single(made, 5)) == expected[:5]
    before = joined(graph)
    pairs = [p for p, sites in cluster_pairs(graph, set()).items() if sites in before]
    assert made.net.pairs == len(pairs)
    cut = [lost_pairs(graph, (part,), before)[0] for part in failing]
    assert fragile_pairs(made) == len(set().union(*cut))


@pytest.mark.slow
@settings(max_examples=120)
@given(given_=fleets_joined(most=4))
def test_double_failures_are_those_of_removing_and_counting(
    given_: Joined,
) -> None:
    fleet, topology, graph = given_
    made = parts(fleet, topology)
    both = list(combinations(components(graph, fleet), 2))
    expected = worst_first(graph, both)
    cutting = [entry for entry in expected if entry[2]]
    found = double(made, ALL)
    assert rows_of(found) == cutting
    assert (found.count, found.cutting) == (len(both), len(cutting))
    for most in (1, 7):
        assert rows_of(double(made, most)) == cutting[:most]


@pytest.mark.slow
@settings(max_examples=100)
@given(given_=fleets_joined())
def test_connectivity_is_that_of_taking_away_one_by_one(
    given_: Joined,
) -> None:
    """Every set of vertices, and of links, is tried, the small ones first."""
    fleet, topology, graph = given_
    made = parts(fleet, topology)
    before = joined(graph)
    vertices = [v for v, data in graph.nodes(data=True) if data["kind"] != "underlay"]

    def cut_by(left: nx.Graph[str]) -> bool:
        return bool({pair for pair in before if pair <= set(left)} - talking(left))

    def fewest(things: list[Any], *, most: int, links: bool) -> int | None:
        for size in range(1, most + 1):
            for chosen in combinations(things, size):
                left = graph.copy()
                (left.remove_edges_from if links else left.remove_nodes_from)(chosen)
                if cut_by(left):
                    return size
        return None

    found = node_connectivity(made.net)
    if not before:
        assert found is None
        assert edge_connectivity(made.net) is None
        return
    sites = len(sites_of(graph))
    assert found == (fewest(vertices, most=3, links=False) or min(found or 0, sites - 1))
    edges = [edge for edge in graph.edges if UNDERLAY not in edge]
    small = fewest(edges, most=2, links=True)
    edge = edge_connectivity(made.net)
    if UNDERLAY not in graph:
        assert edge == small if small else (edge or 3) > 2


@pytest.mark.slow
@settings(max_examples=60)
@given(fleet=risky())
@for_each_design
def test_failures_latency_and_costs_know_the_same_ways(design: str, fleet: Fleet) -> None:
    """While nothing fails: the same pairs of sites are joined, over as many links (decision 31)."""
    outline = outline_of(fleet)
    topology, graph = DESIGNS[design].of(outline), graph_of(design, fleet)
    net, places = net_of(topology, fleet), survey(fleet, outline)
    timetable = Timetable(topology, places)
    site_class, timed_class = (
        {site: joined.class_of[g] for site, g in joined.outline.group_of.items()}
        for joined in (topology, timetable.topology)
    )
    trips = {meeting.classes: meeting.trip for meeting in timetable.meetings()}
    meeting = joined(graph)
    for one, other in combinations(fleet.members, 2):
        here, there = net.index[one], net.index[other]
        costed = topology.ways.paths(site_class[one], site_class[other])
        timed = trips[frozenset((timed_class[one], timed_class[other]))]
        levels = enumerate(net.levels(here, NOTHING), 1)
        reached = next((hops for hops, level in levels if level >> there & 1), None)
        meets = bool(net.meets[net.linkage_of[here]] >> there & 1)
        assert bool(costed) == (timed is not None) == meets == (frozenset((one, other)) in meeting)
        if costed and timed is not None:
            assert {len(path) for path in costed} == {reached} == {len(timed.via) + 1}
    count = topology.count
    found = latency_of(topology, places)
    assert net.pairs == count.joined_pairs == found.joined


# --- what is meant, on fleets that one can check by hand -----------------------------------------


def fleet_of(*clusters: str, **more: Any) -> Fleet:
    """Return a fleet of clusters given as "name provider region [site]"."""
    keys = ("name", "provider", "region", "site")
    rows = [dict(zip(keys, cluster.split(), strict=False)) for cluster in clusters]
    return load({"version": 1, "fleet": "f", "clusters": rows, **more})


def losses(design: str, fleet: Fleet, depth: int = 1) -> dict[tuple[Any, ...], tuple[int, float]]:
    report = failed(design, fleet, depth=2 if depth == 2 else 1, top=1000)
    effects = report.single if depth == 1 else report.double or ()
    return {
        (*zip(e.loss.kinds, e.loss.fails, strict=True),): (e.loss.pairs_lost, e.loss.share)
        for e in effects
    }


def test_a_peering_carries_the_traffic_of_its_two_ends_only() -> None:
    """Both AWS sites are peered; what one of them loses, the other cannot carry for it."""
    fleet = fleet_of("a aws east", "b aws west", "c gcp east")
    assert expand(DESIGNS["full-mesh"], fleet).edges["a", "b"]["kind"] == "peering"
    found = losses("full-mesh", fleet)
    assert found[("tunnel", "a - c"),] == found[("tunnel", "b - c"),] == (1, 1 / 3)
    assert found[("gateway", "c"),] == (2, 2 / 3)
    assert found[("gateway", "a"),] == (1, 1 / 3)  # a and b stay peered


def test_names_say_which_of_several() -> None:
    fleet = fleet_of(
        "a aws east", "b gcp east", sites={"a": {"gateways": 2}}, connect={"tunnels_per_link": 2}
    )
    names = [f"{x[0][0]} {x[0][1]}" for x in losses("full-mesh", fleet)]
    assert [n for n in names if n.startswith(("gateway", "tunnel"))] == [
        "gateway b",
        "gateway a (1 of 2)",
        "gateway a (2 of 2)",
        "tunnel a - b (1 of 2)",
        "tunnel a - b (2 of 2)",
    ]
    both = losses("full-mesh", fleet, 2)
    assert both[("gateway", "a (1 of 2)"), ("gateway", "a (2 of 2)")] == (1, 1)
    assert both[("tunnel", "a - b (1 of 2)"), ("tunnel", "a - b (2 of 2)")] == (1, 1)


def test_native_links_do_not_end_at_gateways() -> None:
    fleet = fleet_of("h aws east", "s aws west", "g gcp east", connect={"hubs": ["h"]})
    found = losses("hub-and-spoke", fleet)
    assert found[("gateway", "h"),] == (2, 2 / 3)  # g is cut off; h and s still talk
    assert found[("site", "h"),] == (1, 1)
    assert ("gateway", "s") not in {key[0] for key in found}  # it ends no tunnel


def test_data_centres_of_ones_own_have_no_provider_in_common() -> None:
    rows = [{"name": n, "provider": "on-prem", "site": f"dc-{n}"} for n in "abc"]
    fleet = load({"version": 1, "fleet": "f", "clusters": rows})
    kinds = {key[0][0] for key in losses("full-mesh", fleet)}
    assert kinds == {"gateway", "tunnel", "cluster", "site"}


def test_a_risk_group_takes_all_its_members() -> None:
    fleet = fleet_of(
        "a aws east dc",
        "b aws east dc",
        "c gcp west",
        "d azure north",
        connect={"hubs": ["c"]},
        risk_groups={"cable": ["c", "a"], "zone": ["gcp/west"], "both": ["a", "b"]},
    )
    found = losses("hub-and-spoke", fleet)
    assert found[("group", "cable"),] == (1, 1)  # b - d are left, and have no hub
    assert found[("group", "zone"),] == found[("site", "c"),] == (2, 1)
    assert found[("group", "both"),] == (0, 0)  # their site goes on


@pytest.mark.slow
@pytest.mark.parametrize("path", EXAMPLES, ids=lambda path: path.stem)
@pytest.mark.parametrize("design", DESIGNS)
def test_resilience_is_what_the_report_says(design: str, path: Path) -> None:
    from k8s6plan.fleet.file import load as load_file

    fleet = load_file(path)
    report = failed(design, fleet, depth=2)
    assert resilience_of(topology_of(design, fleet), fleet, depth=2) == report.resilience
    assert resilience_of(topology_of(design, fleet), fleet).worst_double is None
    cutting = [effect.loss for effect in report.single if effect.loss.pairs_lost]
    assert len(report.resilience.single_points) == len(cutting) == report.singles.cutting
    short = failed(design, fleet, depth=2, top=1)
    assert short.resilience == report.resilience
    assert len(short.single) == 1


def test_many_alike_are_counted_and_not_listed() -> None:
    report = failed("full-mesh", apart(250))
    assert report.resilience.components == 250 * 249 // 2 + 5 * 250
    assert report.singles.left_out == 250 * 249 // 2
    assert report.singles.cutting == 250
    assert (report.node_connectivity, report.edge_connectivity) == (249, 249)
    assert {effect.loss.kinds[0] for effect in report.single} == {*RANK} - {"tunnel", "group"}


# --- traffic -------------------------------------------------------------------------------------


@pytest.mark.slow
@settings(max_examples=150)
@given(given_=fleets_joined(), number=st.integers(0, 10**6))
def test_traffic_and_detours_are_those_of_every_pair(given_: Joined, number: int) -> None:
    fleet, topology, graph = given_
    made = parts(fleet, topology)
    failing = components(graph, fleet)
    chosen = failing[number % len(failing)] if failing else None
    if chosen is None:
        return
    known = {(c.kind, c.name): c.damage for c in (*made.single, *made.tunnels())}
    damage = known[chosen.kind, chosen.name]  # type: ignore[index]
    met = joined(graph)
    lost, _ = lost_pairs(graph, (chosen,), met)
    total = Decimal(0)
    for demand in fleet.demands:
        for pair in lost:
            for one, other in (tuple(pair), tuple(pair)[::-1]):
                if matches(fleet, demand.source, one) and matches(fleet, demand.target, other):
                    total += demand.gb_per_month
    assert traffic_lost(made.net, talks_of(made.net, fleet), damage) == total
    left, gone = damaged(graph, (chosen,))
    before, after = hops(graph), hops(left)
    grown = [
        after[sites] - before[sites]
        for sites in cluster_pairs(graph, gone).values()
        if sites in after and sites in before and sites in met
    ]
    longer = [more for more in grown if more]
    found = detours(made.net, damage, lambda *_: 1.0)
    assert (found.pairs, found.hops_max) == (len(longer), max(longer, default=0))
    assert found.hops_mean == pytest.approx(sum(longer) / len(longer) if longer else 0)
    assert found.ms_max == found.hops_max  # at a millisecond a link


def matches(fleet: Fleet, selector: Any, name: str) -> bool:
    cluster = next(c for c in fleet.clusters if c.name == name)
    if selector.name is not None:
        return selector.name in ("all", name)
    return all(cluster.labels.get(key) == value for key, value in selector.labels)


def hops(graph: nx.Graph[str]) -> dict[frozenset[str], int]:
    """Return the fewest links between sites: over a peering one, the underlay being none."""
    transit: nx.Graph[str] = nx.Graph()
    transit.add_nodes_from(graph)
    for one, other, data in graph.edges(data=True):
        if data["kind"] != "peering":
            transit.add_edge(one, other, half=1 if UNDERLAY in (one, other) else 2)
    found = {}
    for one, far in nx.all_pairs_dijkstra_path_length(transit, weight="half"):
        for other, half in far.items():
            if one != other and UNDERLAY not in (one, other):
                found[frozenset((one, other))] = int(half) // 2
    for one, other, data in graph.edges(data=True):
        if data["kind"] == "peering":
            found[frozenset((one, other))] = 1
    return found


def test_latency_is_of_the_quickest_of_the_shortest_ways() -> None:
    fleet = apart(4)
    made = parts(fleet, topology_of("full-mesh", fleet))
    damage = Damage(links=frozenset(((0, 1),)))
    cost = {("c000", "c001"): 2.0, ("c000", "c002"): 1.0, ("c001", "c002"): 1.5}

    def latency(one: str, other: str) -> float | None:
        return cost.get((min(one, other), max(one, other)), 10.0)

    assert detours(made.net, damage, latency).ms_max == 1.0 + 1.5 - 2.0
    found = detours(made.net, damage, lambda *_: None)
    assert (found.pairs, found.hops_max, found.ms_max) == (1, 1, None)


def test_gateways_that_are_too_small_after_rerouting_are_named() -> None:
    fleet = load(
        {
            "version": 1,
            "fleet": "f",
            "clusters": [{"name": n, "provider": f"p{n}", "region": "r"} for n in "abc"],
            "demands": [
                {"from": "a", "to": "b", "peak_mbps": 600},
                {"from": "a", "to": "c", "peak_mbps": 500},
            ],
        }
    )

    def one_gigabit(site: str) -> float | None:
        return None if site == "b" else 1000.0

    report = failed("full-mesh", fleet, capacity_mbps=one_gigabit)
    before = report.overloaded or ()
    assert [(over.site, over.load_mbps) for over in before] == [("a", 1100.0)]
    by_name = {(e.loss.kinds[0], e.loss.fails[0]): e.overloads for e in report.single}
    # Without its tunnel, what a sends to b goes through c, whose gateway takes it in and out. That
    # a has too much is no effect of it: it had as much before.
    over = by_name["tunnel", "a - b"] or ()
    assert [(o.site, o.load_mbps, o.links) for o in over] == [("c", 1700.0, ("a - c", "b - c"))]
    assert failed("full-mesh", fleet).single[0].overloads is None
    assert failed("full-mesh", fleet).overloaded is None


def loads_of(graph: nx.Graph[str], fleet: Fleet, failing: tuple[Failing, ...]) -> dict[Any, int]:
    """Return the Mbit/s on each tunnel link, by walking every way of every pair of clusters."""
    left, gone = damaged(graph, failing)
    at = {c.name: c.site_name for c in fleet.clusters if c.name not in gone}
    transit = nx.Graph((a, b, d) for a, b, d in left.edges(data=True) if d["kind"] != "peering")
    transit.add_nodes_from(left)
    far = dict(nx.all_pairs_shortest_path_length(transit))
    found: Counter[Any] = Counter()
    for demand in fleet.demands:
        for one, other in product(at, repeat=2):
            here, there = at[one], at[other]
            peered = left.has_edge(here, there) and left.edges[here, there]["kind"] == "peering"
            sent = matches(fleet, demand.source, one) and matches(fleet, demand.target, other)
            if here == there or peered or not sent or there not in far[here]:
                continue
            while there != here:  # back, over the first by name of those a link nearer
                near = min(v for v in transit[there] if far[here][v] == far[here][there] - 1)
                if transit.edges[near, there]["kind"] == "tunnel":
                    found[tuple(sorted((near, there)))] += int(demand.peak_mbps or 0)
                there = near
    return dict(found)


def too_small(
    graph: nx.Graph[str], loads: dict[Any, int], failing: tuple[Failing, ...], each: int
) -> dict[str, Overload]:
    found = {}
    for site in sites_of(graph):
        on = {link: load for link, load in loads.items() if site in link and load}
        room = each * (graph.nodes[site]["gateways"] - sum(f.gateway == site for f in failing))
        if sum(on.values()) > room:
            names = tuple(" - ".join(link) for link in sorted(on))
            found[site] = Overload(site, sum(on.values()), room, names)
    return found


@st.composite
def busy(draw: st.DrawFn) -> Joined:
    """Return a fleet with peaks, joined by a design with gateways, or as chance has it."""
    data = draw(fleet_files(most=7))
    for demand in data["demands"]:
        demand["peak_mbps"] = draw(st.integers(0, 5))
    fleet = load(data)
    name = draw(st.sampled_from([None, None, *(name for name in DESIGNS if name != "flat-ipv6")]))
    if name is None:
        made = any_topology(fleet, draw(st.integers(0, 10**6)), apart=draw(st.booleans()))
        return fleet, made, graph_of_joins(made, fleet)
    return fleet, topology_of(name, fleet), expand(DESIGNS[name], fleet)


@pytest.mark.slow
@settings(max_examples=200)
@given(given_=busy(), each=st.integers(1, 30))
def test_overloads_are_those_of_walking_every_way(given_: Joined, each: int) -> None:
    fleet, topology, graph = given_
    made = parts(fleet, topology)
    overloads = Overloads(made.net, talks_of(made.net, fleet), lambda _: float(each))
    before = too_small(graph, loads_of(graph, fleet, ()), (), each)
    assert list(overloads.before or ()) == [before[site] for site in sorted(before)]
    known = {(c.kind, c.name): c.damage for c in (*made.single, *made.tunnels())}
    failing = components(graph, fleet)
    cases = [(part,) for part in failing] + list(combinations(failing, 2))[::7]
    for case in cases:
        damage = NOTHING
        for part in case:
            damage |= known[part.kind, part.name]  # type: ignore[index]
        lost = Counter(part.gateway for part in case if part.gateway)
        for site, count in lost.items():
            if count == graph.nodes[site]["gateways"]:
                damage |= Damage(cut=1 << made.net.index[site])
        for link, count in Counter(part.tunnel for part in case if part.tunnel).items():
            if count == graph.edges[link]["tunnels"]:
                ends = [made.net.index[end] for end in link]
                damage |= Damage(links=frozenset(((min(ends), max(ends)),)))
        gone = tuple(made.net.index[part.gateway] for part in case if part.gateway)
        found = overloads.after(damage, gone)
        now = too_small(graph, loads_of(graph, fleet, case), case, each)
        worse = [
            over
            for site, over in sorted(now.items())
            if site not in before
            or over.load_mbps - over.capacity_mbps
            > before[site].load_mbps - before[site].capacity_mbps
        ]
        assert list(found or ()) == worse, case


def test_too_many_ways_are_unknown_and_not_none(monkeypatch: pytest.MonkeyPatch) -> None:
    data = {
        "version": 1,
        "fleet": "f",
        "clusters": [{"name": n, "provider": f"p{n}", "region": "r"} for n in "abcd"],
        "demands": [{"from": "all", "to": "all", "peak_mbps": 600}],
    }
    fleet = load(data)
    monkeypatch.setattr("k8s6plan.evaluation.failures._overloads.MOST_STEPS", 2)
    report = failed("full-mesh", fleet, capacity_mbps=lambda _: 1.0)
    assert report.overloaded is None
    assert {effect.overloads for effect in report.single} == {None}
    monkeypatch.setattr("k8s6plan.evaluation.failures._overloads.MOST_STEPS", 12)
    report = failed("full-mesh", fleet, capacity_mbps=lambda _: 1.0)
    assert report.overloaded
    told = [effect.overloads is None for effect in report.single]
    assert True in told
    assert told == sorted(told)  # the worst are told, the rest are not


# --- availability --------------------------------------------------------------------------------

SHARES = {
    "gateway": "0.95",
    "tunnel": "0.9",
    "site": "0.97",
    "region": "0.98",
    "provider": "0.99",
    "transit": "0.93",
    "group": "0.96",
    "underlay": "0.94",
}


def exact(graph: nx.Graph[str], fleet: Fleet, most: int = 11) -> dict[frozenset[str], float] | None:
    """Return the share of time that each pair is cut off while its clusters run: all states."""
    failing = [part for part in components(graph, fleet) if part.kind != "cluster"]
    routed = sorted(graph[UNDERLAY]) if UNDERLAY in graph else []
    failing += [Failing("underlay", site, off=site) for site in routed]
    if len(failing) > most:
        return None
    before = joined(graph)
    pairs = {p: s for p, s in cluster_pairs(graph, set()).items() if s in before}
    down = {
        part: 1
        - float(SHARES["transit" if part.kind == "gateway" and part.vertices else part.kind])
        for part in failing
    }
    cut, up = Counter[frozenset[str]](), Counter[frozenset[str]]()
    for state in product((False, True), repeat=len(failing)):
        failed = tuple(part for part, is_down in zip(failing, state, strict=True) if is_down)
        chance = 1.0
        for part in failing:
            chance *= down[part] if part in failed else 1 - down[part]
        left, gone = damaged(graph, failed)
        after = talking(left)
        for pair, sites in pairs.items():
            if not pair & gone:
                up[pair] += chance  # type: ignore[assignment]
                cut[pair] += 0 if sites in after else chance  # type: ignore[assignment]
    return {pair: cut[pair] / up[pair] for pair in pairs}


@pytest.mark.slow
@settings(max_examples=60)
@given(given_=fleets_joined(most=3))
def test_availability_holds_what_all_states_come_to(given_: Joined) -> None:
    fleet, topology, graph = given_
    expected = exact(graph, fleet)
    if not expected:
        return
    shares = {key: Decimal(share) for key, share in SHARES.items()}
    fleet = fleet.model_copy(update={"availability": shares})
    found = availability_of(parts(fleet, topology), fleet)
    assert found.known
    assert found.mean is not None
    assert found.worst is not None
    mean = sum(expected.values()) / len(expected) * MINUTES_A_YEAR
    assert found.mean.minutes <= mean + 1e-6
    assert mean <= found.mean.minutes + found.mean.rest + 1e-6
    assert max(expected.values()) * MINUTES_A_YEAR >= found.worst.minutes - 1e-6


@pytest.mark.slow
@pytest.mark.parametrize(
    ("design", "sites", "hubs"), [("full-mesh", 3, 1), ("hub-and-spoke", 4, 2)]
)
def test_availability_of_redundant_ways_holds_all_states(
    design: str, sites: int, hubs: int
) -> None:
    rows = [{"name": f"c{n}", "provider": "on-prem", "site": f"dc{n}"} for n in range(sites)]
    shares = {key: SHARES[key] for key in ("gateway", "tunnel", "site")}
    fleet = load(
        {
            "version": 1,
            "fleet": "f",
            "clusters": rows,
            "connect": {"hubs": hubs},
            "availability": shares,
        }
    )
    expected = exact(expand(DESIGNS[design], fleet), fleet, most=13)
    found = failed(design, fleet).availability
    assert expected
    assert found.mean is not None
    mean = sum(expected.values()) / len(expected) * MINUTES_A_YEAR
    assert found.mean.minutes < mean < found.mean.minutes + found.mean.rest
    assert found.worst is not None
    assert found.worst_pair is not None
    worst = expected[frozenset(found.worst_pair)] * MINUTES_A_YEAR
    assert found.worst.minutes < worst < found.worst.minutes + found.worst.rest


def test_availability_of_a_chain_by_hand() -> None:
    """Spokes a and b, hub h: gateways a, h, b, two tunnels, and all of h's places in between."""
    shares = {"gateway": "99.9%", "tunnel": "99.5%", "site": "99.99%", "region": "99.99%"}
    fleet = fleet_of(
        "h ph r", "a pa r", "b pb r", connect={"hubs": ["h"]}, availability=shares | {"provider": 1}
    )
    found = failed("hub-and-spoke", fleet).availability
    up = 0.999**3 * 0.995**2 * 0.9999**2
    assert found.worst_pair == ("a", "b")
    assert found.worst is not None
    assert found.worst.minutes + found.worst.rest == pytest.approx((1 - up) * MINUTES_A_YEAR)
    assert found.worst.rest < found.worst.minutes / 1000


def test_two_tunnels_fail_less_than_one() -> None:
    shares = {"gateway": 1, "tunnel": "99%"}
    one, two = (
        failed(
            "full-mesh",
            fleet_of("a pa r", "b pb r", availability=shares, connect={"tunnels_per_link": n}),
        ).availability.mean
        for n in (1, 2)
    )
    assert one is not None
    assert two is not None
    assert one.minutes == pytest.approx(0.01 * MINUTES_A_YEAR)
    assert two.minutes == pytest.approx(0.0001 * MINUTES_A_YEAR)


def test_own_figures_go_before_published_ones() -> None:
    def down(**shares: Any) -> float:
        fleet = fleet_of("a aws r", "b gcp r", availability={"tunnel": 1, **shares})
        found = failed("full-mesh", fleet).availability
        assert found.mean is not None
        assert found.known
        return found.mean.minutes / MINUTES_A_YEAR

    assert down() == pytest.approx(1 - 0.9995 * 0.9999)  # AWS and Google, as published
    assert down(gateway="99%") == pytest.approx(1 - 0.99**2)
    assert down(**{"gateway.aws": "99%"}) == pytest.approx(1 - 0.99 * 0.9999)
    assert down(**{"gateway.a": "98%", "gateway.aws": "99%"}) == pytest.approx(1 - 0.98 * 0.9999)
    assert down(**{"tunnel.b": "90%"}) == pytest.approx(1 - 0.9 * 0.9995 * 0.9999)


def test_what_is_unknown_is_named_and_never_taken_for_certain() -> None:
    fleet = fleet_of("a aws r", "b pb r")
    found = failed("full-mesh", fleet).availability
    assert not found.known
    assert found.missing == (
        "gateway at pb; give availability.gateway",
        "tunnel; give availability.tunnel",
    )
    assert found.mean is not None
    assert found.mean.minutes > 0  # AWS' part is known


# --- the command ---------------------------------------------------------------------------------


@pytest.fixture(autouse=True)
def _in_root(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(ROOT)


@pytest.mark.parametrize("form", ["table", "json"])
@pytest.mark.parametrize("path", EXAMPLES, ids=lambda path: path.stem)
def test_the_command_says_what_it_said(path: Path, form: str, cli: Cli, golden: Golden) -> None:
    name = f"examples/{path.name}"
    result = cli("failures", name, "--depth", "2", "--top", "5", "--format", form)
    assert (result.code, result.err) == (0, "")
    golden(GOLDEN / f"{path.stem}.{form}", result.out)


@pytest.mark.parametrize(
    ("tunnel", "told"), [("50%", "at least 262,800.00, mean"), ("", "unknown, mean")]
)
def test_a_floor_is_told_where_there_is_one(
    cli: Cli, tmp_path: Path, tunnel: str, told: str
) -> None:
    """Two data centres of one's own: nobody says anything of gateways. Thousands have a comma."""
    path = tmp_path / "fleet.yaml"
    given_ = f"availability: {{tunnel: {tunnel}}}" if tunnel else ""
    path.write_text(
        "version: 1\nfleet: f\nclusters:\n"
        "  - {name: a, provider: on-prem, site: one}\n  - {name: b, provider: on-prem, site: two}\n"
        f"{given_}\n"
    )
    done = cli("failures", path, "-d", "full-mesh")
    assert (done.code, done.err) == (0, "")
    assert f"  Minutes a year cut off       {told}\n" in done.out
    told_json = json.loads(cli("failures", path, "-d", "full-mesh", "-f", "json").out)
    mean = told_json["designs"]["full-mesh"]["availability"]["mean"]
    assert mean["value"] is None
    assert mean["at_least"] == (pytest.approx(262_800) if tunnel else None)


def test_minutes_of_flat_ipv6_by_hand() -> None:
    """Two sites, each with its own way to the internet; the third has a better one."""
    fleet = fleet_of(
        "a pa r", "b pb r", "c pc r", availability={"underlay": "99.9%", "underlay.c": 1}
    )
    found = failed("flat-ipv6", fleet).availability
    assert found.known
    assert found.worst_pair == ("a", "b")
    assert found.worst is not None
    assert found.mean is not None
    both = 1 - 0.999**2
    assert found.worst.minutes == pytest.approx(both * MINUTES_A_YEAR)
    assert found.mean.minutes == pytest.approx((both + 2 * 0.001) / 3 * MINUTES_A_YEAR)


def test_json_lists_every_component_by_default(cli: Cli) -> None:
    data = json.loads(cli("failures", "examples/three-clouds.yaml", "-f", "json").out)
    assert list(data["designs"]) == [name for name in DESIGNS if name != "optimized"]  # no homes
    for found in data["designs"].values():
        assert len(found["single"]) == found["components"]
        assert found["truncated"] == {"single": 0}
        assert "double" not in found
        for entry in found["single"]:
            assert {"fails", "kind", "pairs_lost", "share"} <= set(entry)
    flat = data["designs"]["flat-ipv6"]["availability"]
    assert flat["mean"] == {"value": None, "at_least": None, "neglected": None}  # nobody says
    assert data["designs"]["full-mesh"]["availability"]["mean"]["value"] is None


@pytest.mark.parametrize("clusters", ["[]", "[{name: a, provider: aws, region: us-east-1}]"])
def test_no_pairs_are_no_traceback(clusters: str, cli: Cli, tmp_path: Path) -> None:
    path = tmp_path / "fleet.yaml"
    path.write_text(f"version: 1\nfleet: f\nclusters: {clusters}\n")
    for form in ("table", "json"):
        result = cli("failures", path, "--depth", "2", "-f", form)
        assert (result.code, result.err) == (0, "")


def test_an_unknown_design_offers_the_nearest(cli: Cli) -> None:
    result = cli("failures", "examples/three-clouds.yaml", "-d", "fullmesh")
    assert (result.code, result.out) == (2, "")
    assert result.said == ['no design is named "fullmesh"; did you mean "full-mesh"?']
