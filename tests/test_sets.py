"""Cluster sets: who must reach whom, held against plain loops over pairs of clusters."""

from __future__ import annotations

from collections import Counter
from dataclasses import fields
from decimal import Decimal
from ipaddress import IPv6Network
from itertools import combinations, pairwise
from pathlib import Path
from typing import Any

import netaddr
import networkx as nx
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from k8s6plan.addressing.allow import allow_lists
from k8s6plan.addressing.plan import make_plan
from k8s6plan.decision.compare import compare
from k8s6plan.decision.hubs._question import Ground, Wish
from k8s6plan.decision.metrics import Case
from k8s6plan.decision.terms import terms_of
from k8s6plan.errors import InvalidFleet
from k8s6plan.evaluation.failures import failures_of
from k8s6plan.evaluation.failures._components import parts_of
from k8s6plan.evaluation.failures._connectivity import edge_connectivity, node_connectivity
from k8s6plan.evaluation.failures._losses import fragile_pairs, single
from k8s6plan.evaluation.failures._net import net_of
from k8s6plan.evaluation.latency import latency_of, survey
from k8s6plan.fleet.demands import pod_prefixes
from k8s6plan.fleet.file import parse
from k8s6plan.fleet.file._sets import crossing_demands
from k8s6plan.fleet.model import Cluster, Fleet, parse_selector
from k8s6plan.fleet.model._sets import parse_members
from k8s6plan.topology.designs import DESIGNS
from k8s6plan.topology.graph import expand
from k8s6plan.topology.groups import Outline, outline_of
from k8s6plan.topology.growth import Growth
from k8s6plan.topology.hubs import hub_sites
from k8s6plan.topology.joins import LINK_KINDS, Topology
from k8s6plan.views.diagram import View, draw
from k8s6plan.views.diagram._emphasis import fail, highlight
from tests.conftest import Cli
from tests.figures import figures
from tests.oracle_costs import Walk, priced
from tests.oracle_graphs import graph_of, sets_of
from tests.oracle_limits import Count
from tests.strategies import fleet_files, for_each_design, load, priced_fleets
from tests.test_failures import cluster_pairs, components, damaged, joined, talking
from tests.test_growth import grown_by_hand
from tests.test_limits import read

_NAMES = ("red", "green", "blue")
_MEMBERS = st.sampled_from(["env=prod", "env=test", "all"])


@st.composite
def set_files(draw: st.DrawFn, *, pins: bool = False) -> dict[str, Any]:
    """Return the data of a fleet file with up to three sets, and no demands."""
    data = draw(fleet_files(pins=pins))
    data["demands"] = []
    names = [cluster["name"] for cluster in data["clusters"]]
    known = {f"env={cluster['labels']['env']}" for cluster in data["clusters"]} | {"all"}
    sets: dict[str, Any] = {}
    for name in _NAMES[: draw(st.integers(0, 3))] if names else ():
        if draw(st.booleans()):
            sets[name] = draw(st.lists(st.sampled_from(names), min_size=1, max_size=5))
        else:
            sets[name] = draw(_MEMBERS.filter(known.__contains__))
    data["cluster_sets"] = sets
    return data


def set_fleets(*, pins: bool = False) -> st.SearchStrategy[Fleet]:
    """Return random fleets with sets."""
    return set_files(pins=pins).map(load)


# --- by hand ------------------------------------------------------------------------------------


def must_meet(fleet: Fleet, one: Cluster, other: Cluster) -> bool:
    """Say whether two clusters must reach each other from site to site."""
    apart = one.site_name != other.site_name
    return apart and bool(sets_of(fleet, one) & sets_of(fleet, other))


def meeting_pairs(fleet: Fleet) -> list[tuple[Cluster, Cluster]]:
    """Return the pairs of clusters that must reach each other."""
    return [pair for pair in combinations(fleet.clusters, 2) if must_meet(fleet, *pair)]


def meeting_sites(fleet: Fleet) -> set[frozenset[str]]:
    """Return the pairs of sites with clusters that must reach each other."""
    return {frozenset(one.site_name for one in pair) for pair in meeting_pairs(fleet)}


def topology_of(fleet: Fleet, design: str) -> Topology:
    """Return a fleet joined by a design."""
    return DESIGNS[design].of(outline_of(fleet))


# --- links --------------------------------------------------------------------------------------


@given(set_fleets())
def test_a_mesh_joins_the_sites_that_share_a_set_and_no_others(fleet: Fleet) -> None:
    graph = expand(DESIGNS["full-mesh"], fleet)
    assert {frozenset(link) for link in graph.edges} == meeting_sites(fleet)


@given(set_fleets())
@for_each_design
def test_every_pair_that_must_meet_has_a_way(design: str, fleet: Fleet) -> None:
    if design == "as-demanded":
        return  # there are no demands
    topology = topology_of(fleet, design)
    pairs = meeting_pairs(fleet)
    assert topology.outline.pairs == len(pairs)
    assert topology.count.joined_pairs == len(pairs)


def _without_peerings(graph: nx.Graph[str]) -> nx.Graph[str]:
    kept = [(a, b) for a, b, data in graph.edges(data=True) if data["kind"] != "peering"]
    return graph.edge_subgraph(kept)


@given(set_fleets())
@for_each_design
def test_who_meets_nobody_elsewhere_is_joined_only_to_carry(design: str, fleet: Fleet) -> None:
    if design == "flat-ipv6" or not fleet.divided:
        return
    graph = expand(DESIGNS[design], fleet)
    met = {site for pair in meeting_sites(fleet) for site in pair}
    for site, data in graph.nodes(data=True):
        if data["kind"] == "site" and site not in met and not data["hub"]:
            assert not list(graph.neighbors(site))


def _hops(graph: nx.Graph[str], one: str, other: str) -> int:
    """Return the links on the shortest way: over what carries, or over one link."""
    if graph.has_edge(one, other):
        return 1
    inner = {v for v, data in graph.nodes(data=True) if data["kind"] == "transit" or data["hub"]}
    ways = nx.Graph(
        (a, b)
        for a, b, data in graph.subgraph({*inner, one, other}).edges(data=True)
        if data["kind"] != "peering"
    )
    return int(nx.shortest_path_length(ways, one, other))


@given(set_fleets())
@for_each_design
def test_hops_are_those_of_the_pairs_that_must_meet(design: str, fleet: Fleet) -> None:
    if design in ("flat-ipv6", "as-demanded"):
        return
    graph = expand(DESIGNS[design], fleet)
    hops = [_hops(graph, a.site_name, b.site_name) for a, b in meeting_pairs(fleet)]
    count = topology_of(fleet, design).count
    assert (count.hop_sum, count.max_hops) == (sum(hops), max(hops, default=0))
    kinds = Counter(data["kind"] for _, _, data in graph.edges(data=True))
    counted = (count.tunnel_links, count.peerings, count.attachments)
    assert counted == (kinds["tunnel"], kinds["peering"], kinds["attachment"])


@given(set_fleets())
@for_each_design
def test_every_link_is_on_a_way_of_some_pair_or_a_spare_for_one(design: str, fleet: Fleet) -> None:
    """A link between two that carry the same set may wait for a failure; no other may idle."""
    if design in ("flat-ipv6", "as-demanded") or not fleet.divided:
        return
    topology, graph = topology_of(fleet, design), expand(DESIGNS[design], fleet)
    carrying = {v for v, data in graph.nodes(data=True) if data["kind"] != "site" or data["hub"]}
    used: set[frozenset[str]] = set()
    for pair in meeting_sites(fleet):
        one, other = sorted(pair)
        if graph.has_edge(one, other):
            used.add(pair)
            continue
        ways = _without_peerings(graph.subgraph({*carrying, one, other}))
        for way in nx.all_shortest_paths(ways, one, other):
            used |= set(map(frozenset, pairwise(way)))
    idle = {frozenset(link) for link in graph.edges} - used
    assert all(link & carrying for link in idle)
    if not topology.carriers:
        assert not idle


# --- one set of all, and sets that have nothing in common ------------------------------------


@given(set_files())
def test_one_set_of_all_is_no_set(data: dict[str, Any]) -> None:
    with_set = load(data | {"cluster_sets": {"everything": "all", "some": "all"}})
    without = load(data | {"cluster_sets": {}})
    for size in (3, 20, len(data["clusters"])):
        found = [plain(Growth(fleet).at(size)) for fleet in (with_set, without)]
        assert found[0] == found[1]
    with_sets, none = (
        allow_lists(f, make_plan(f)[0], DESIGNS["full-mesh"]) for f in (with_set, without)
    )
    assert {n: list(a.entries) for n, a in with_sets.items()} == {
        n: list(a.entries) for n, a in none.items()
    }


def plain(outline: Outline) -> dict[str, Any]:
    """Return an outline with its groups as what they hold: each is but equal to itself."""
    told = {field.name: getattr(outline, field.name) for field in fields(outline)}
    groups = [{**vars(group)} for group in outline.groups]
    return told | {"groups": groups, "group_of": sorted(outline.group_of)}


@given(set_files())
def test_two_sets_apart_are_two_fleets(data: dict[str, Any]) -> None:
    sets = {}
    for env in ("prod", "test"):
        if any(cluster["labels"]["env"] == env for cluster in data["clusters"]):
            sets[env] = f"env={env}"
    for cluster in data["clusters"]:  # no site is in both
        if "site" in cluster:
            cluster["site"] += "-" + cluster["labels"]["env"]
    data |= {"sites": {}, "connect": {}, "cluster_sets": sets}
    parts = [
        [cluster for cluster in data["clusters"] if cluster["labels"]["env"] == env] for env in sets
    ]
    whole = load(data)
    apart = [load(data | {"clusters": part, "cluster_sets": {}}) for part in parts]
    for design in ("full-mesh", "overlay-mesh"):
        count = topology_of(whole, design).count
        counts = [topology_of(part, design).count for part in apart]
        for told in ("tunnel_links", "peerings", "gateways", "hop_sum", "joined_pairs"):
            assert getattr(count, told) == sum(getattr(one, told) for one in counts), told
        assert count.busiest == max((one.busiest for one in counts), default=0)
    outline, outlines = outline_of(whole), [outline_of(part) for part in apart]
    for told in ("routes", "allow_prefixes"):
        if told == "routes" or not isinstance(whole.ipv6, IPv6Network):
            largest = max((getattr(one, told) for one in outlines), default=0)
            assert getattr(outline, told) == largest, told


# --- tables -----------------------------------------------------------------------------------


@given(set_fleets(pins=True))
def test_tables_hold_the_prefixes_of_those_that_share_a_set(fleet: Fleet) -> None:
    seen: dict[str, int] = {}
    for site in fleet.members:
        met = {
            other.name
            for own in fleet.members[site]
            for other in fleet.clusters
            if must_meet(fleet, own, other)
        }
        seen[site] = sum(pod_prefixes(fleet.clusters[fleet.index[name]]) for name in met)
    outline = outline_of(fleet)
    assert outline.routes == max(seen.values(), default=0)
    every = LINK_KINDS
    for design in ("full-mesh", "hub-and-spoke", "regional-hubs", "managed-hub"):
        topology = DESIGNS[design].of(outline)
        for site, group in outline.group_of.items():
            if not topology.carries(topology.class_of[group]):
                assert topology.tables.reached(group, every) == seen[site], (design, site)


@given(set_fleets(pins=True))
def test_no_link_tells_more_than_its_reader_sees(fleet: Fleet) -> None:
    outline = outline_of(fleet)
    for design in ("full-mesh", "hub-and-spoke", "regional-hubs"):
        tables = DESIGNS[design].of(outline).tables
        for group in outline.groups:
            assert tables.told(group) <= tables.reached(group, ("tunnel",))
            assert tables.sent(group) >= 0


# --- allow lists ------------------------------------------------------------------------------


@settings(max_examples=60, deadline=None)
@given(set_files(pins=True), st.booleans())
def test_no_list_lets_in_who_shares_no_set(data: dict[str, Any], demanded: bool) -> None:
    if demanded and data["cluster_sets"]:
        wanted = [v for v in data["cluster_sets"].values() if isinstance(v, str) and v != "all"]
        data["demands"] = [{"from": v, "to": v, "gb_per_month": 1, "per": "pair"} for v in wanted]
    fleet = load(data)
    plan, _ = make_plan(fleet)
    outline = outline_of(fleet)
    for design, version in (("full-mesh", 4), ("flat-ipv6", 6)):
        lists = allow_lists(fleet, plan, DESIGNS[design])
        most = outline.allow_pools if version == 4 else outline.allow_prefixes
        assert all(len(allowed.entries) <= most for allowed in lists.values())
        if not fleet.divided:
            continue
        for receiver in fleet.clusters:
            let_in = netaddr.IPSet(str(prefix) for prefix in lists[receiver.name].prefixes)
            for other in fleet.clusters:
                sent = [
                    str(prefix)
                    for role in ("nodes", "pods")
                    for held in plan.clusters[other.name].get(role, {}).values()
                    for prefix in held.prefixes
                    if prefix.version == version
                ]
                if must_meet(fleet, receiver, other):
                    if not fleet.demands:
                        assert netaddr.IPSet(sent) <= let_in
                elif other.site_name != receiver.site_name:
                    assert not netaddr.IPSet(sent) & let_in


def test_a_plan_notes_that_its_routes_are_of_the_whole_fleet() -> None:
    sets = 'cluster_sets: {production: "env=prod"}\n'
    for more, noted in ((sets, 1), ("cluster_sets: {a: all}\n", 0), ("", 0)):
        plan, _ = make_plan(parse(_FLEET + "ula_seed: x\n" + more, "acme.yaml"))
        assert sum("summaries and routes are of the whole fleet" in n for n in plan.notes) == noted


# --- failures ---------------------------------------------------------------------------------


@settings(max_examples=150, deadline=None)
@given(set_fleets(), st.sampled_from(sorted(DESIGNS)))
def test_failures_cut_the_pairs_that_must_meet(fleet: Fleet, design: str) -> None:
    topology, graph = topology_of(fleet, design), expand(DESIGNS[design], fleet)
    clusters = {cluster.name: cluster for cluster in fleet.clusters}
    before = joined(graph)

    def pairs(gone: set[str]) -> dict[frozenset[str], frozenset[str]]:
        found = cluster_pairs(graph, gone)
        return {
            pair: sites
            for pair, sites in found.items()
            if must_meet(fleet, *(clusters[name] for name in sorted(pair)))
        }

    made = parts_of(net_of(topology, fleet), fleet)
    expected = {}
    cut: set[frozenset[str]] = set()
    for failing in components(graph, fleet):
        left, gone = damaged(graph, (failing,))
        after, surviving = talking(left), pairs(gone)
        lost = {p for p, sites in surviving.items() if sites in before and sites not in after}
        expected[failing.kind, failing.name] = (len(lost), len(surviving))
        cut |= lost
    found = {
        (loss.kinds[0], loss.fails[0]): (loss.pairs_lost, loss.surviving)
        for loss in single(made, 10**9).worst
    }
    assert found == expected
    assert made.net.pairs == sum(sites in before for sites in pairs(set()).values())
    assert fragile_pairs(made) == len(cut)


@settings(max_examples=60, deadline=None)
@given(set_fleets(), st.sampled_from(sorted(DESIGNS)))
def test_what_else_fails_is_worked_out(fleet: Fleet, design: str) -> None:
    """Two at once, connectivity, availability and times look at no pair that must not meet."""
    topology = topology_of(fleet, design)
    report = failures_of(topology, fleet, depth=2)
    assert report.resilience.pairs <= len(meeting_pairs(fleet))
    if not meeting_pairs(fleet):
        assert report.node_connectivity is None
    worst = report.availability.worst_pair
    if worst is not None:
        assert must_meet(fleet, *(fleet.clusters[fleet.index[name]] for name in worst))
    times = latency_of(topology, survey(fleet, topology.outline), show=3)
    assert times.pairs == len(meeting_pairs(fleet))
    for pair in times.worst:
        ends = (fleet.clusters[fleet.index[name]] for name in (pair.one, pair.other))
        assert must_meet(fleet, *ends)


@settings(max_examples=60, deadline=None)
@given(set_fleets())
@for_each_design
def test_connectivity_is_of_the_pairs_that_must_meet(design: str, fleet: Fleet) -> None:
    """Each single vertex, and each single link, is taken away."""
    graph = expand(DESIGNS[design], fleet)
    before = joined(graph) & meeting_sites(fleet)
    net = net_of(topology_of(fleet, design), fleet)

    def cuts(left: nx.Graph[str]) -> bool:
        return bool({pair for pair in before if pair <= set(left)} - talking(left))

    nodes, links = node_connectivity(net), edge_connectivity(net)
    if not before or design == "flat-ipv6":
        assert (nodes is None) == (not before)
        return
    without_one = [graph.subgraph(set(graph) - {vertex}) for vertex in graph]
    assert (nodes == 1) >= any(map(cuts, without_one))
    if not any(map(cuts, without_one)) and nodes == 1:  # in a piece of two
        assert fleet.divided or len(fleet.members) == 2
    edges = [graph.edge_subgraph(set(graph.edges) - {edge}).copy() for edge in graph.edges]
    for left in edges:
        left.add_nodes_from(graph.nodes(data=True))
    assert (links == 1) == any(map(cuts, edges))


def test_who_must_not_meet_is_not_cut_off() -> None:
    """One hub lies between test and the spokes of prod; two lie between those."""
    named = {"hub-1": "prod", "hub-2": "prod", "prod-a": "prod", "prod-b": "prod", "test": "test"}
    fleet = load(
        {
            "version": 1,
            "fleet": "f",
            "clusters": [
                {"name": name, "provider": f"p-{name}", "region": "r", "labels": {"env": env}}
                for name, env in named.items()
            ],
            "connect": {"hubs": ["hub-1", "hub-2"]},
            "cluster_sets": {"prod": "env=prod", "test": ["hub-1", "test"]},
        }
    )
    net = net_of(topology_of(fleet, "hub-and-spoke"), fleet)
    assert (node_connectivity(net), edge_connectivity(net)) == (2, 1)


# --- other sizes, and the next cluster ----------------------------------------------------------


_BY_LABEL = st.sampled_from([{"a": "env=prod", "b": "env=test"}, {"a": "env=prod"}])


@st.composite
def priced_sets(draw: st.DrawFn) -> Fleet:
    """Return a fleet in regions with prices, of one or two sets by label, divided by them.

    The clusters of a site are in the same sets, and no demand runs across.
    """
    fleet, sets = draw(priced_fleets(crowded=True)), draw(_BY_LABEL)
    clusters = tuple(
        one if one.site is None else one.model_copy(update={"labels": {"env": _env(one.site)}})
        for one in fleet.clusters
    )
    members = {name: parse_members(selector) for name, selector in sets.items()}
    fleet = fleet.model_copy(update={"clusters": clusters, "cluster_sets": members})
    fleet = fleet.model_copy()  # what was derived of its demands is of no use any more
    crossing = {remark.path[1] for remark in crossing_demands(fleet)}
    kept = tuple(demand for n, demand in enumerate(fleet.demands) if n not in crossing)
    fleet = fleet.model_copy(update={"demands": kept})
    assume(fleet.divided)
    return fleet


def _env(site: str) -> str:
    return "prod" if site[-1] in "024" else "test"


@settings(max_examples=150, deadline=None)
@given(priced_sets())
@for_each_design
def test_each_design_is_the_graph_by_hand_and_costs_what_a_walk_of_it_does(
    design: str, fleet: Fleet
) -> None:
    built, by_hand = expand(DESIGNS[design], fleet), graph_of(design, fleet)
    if design != "as-demanded" or fleet.demands:
        assert dict(built.nodes) == dict(by_hand.nodes)
        assert {frozenset((a, b)): d for a, b, d in built.edges(data=True)} == {
            frozenset((a, b)): d for a, b, d in by_hand.edges(data=True)
        }
    if not Walk(fleet, design).sides_are_told():
        return
    terms = terms_of(fleet)
    found = Case(DESIGNS[design], terms.start, terms).bill
    total, complete = priced(fleet, design)
    known = sum((line.cost for line in found.lines if line.cost is not None), Decimal(0))
    assert known.quantize(Decimal("0.01")) == total.quantize(Decimal("0.01"))
    assert found.complete() == complete


@settings(max_examples=150, deadline=None)
@given(priced_sets())
@for_each_design
def test_limits_are_held_against_what_a_walk_of_the_graph_counts(design: str, fleet: Fleet) -> None:
    outline = outline_of(fleet)
    order = {group: number for number, group in enumerate(outline.groups)}
    rank = {site: order[group] for site, group in outline.group_of.items()}
    assert read(fleet, design) == pytest.approx(Count(fleet, design, rank).found())


@settings(max_examples=40, deadline=None)
@given(priced_fleets(), _BY_LABEL)
def test_a_grown_fleet_counts_as_the_file_would(fleet: Fleet, sets: dict[str, str]) -> None:
    here = {cluster.labels["env"] for cluster in fleet.clusters}
    sets = {name: selector for name, selector in sets.items() if selector[4:] in here}

    def with_sets(plain: Fleet) -> Fleet:
        members = {name: parse_members(selector) for name, selector in sets.items()}
        return plain.model_copy(update={"demands": (), "cluster_sets": members})

    plain = fleet.model_copy(update={"demands": ()})
    divided = with_sets(fleet)
    if not divided.divided:
        return
    size = len(fleet.clusters)
    growth = Growth(divided)
    for clusters in {2 * size, 3 * size}:
        real = outline_of(with_sets(grown_by_hand(plain, clusters)))
        grown = growth.at(clusters)
        for told in ("clusters", "sites", "pairs", "routes", "allow_pools", "allow_prefixes"):
            assert getattr(grown, told) == getattr(real, told), told
        for design in ("full-mesh", "hub-and-spoke", "regional-hubs"):
            assert figures(DESIGNS[design].of(grown).count) == figures(
                DESIGNS[design].of(real).count
            ), design


@given(set_files())
def test_the_next_cluster_is_in_the_sets_of_most(data: dict[str, Any]) -> None:
    fleet = load(data)
    if not fleet.divided:
        return
    counted = Counter(
        fleet.sets[place] for place in range(len(fleet.clusters)) if fleet.sets[place]
    )
    if not counted:
        return
    usual = min(counted, key=lambda own: (-counted[own], own))
    names = list(fleet.cluster_sets)
    sets = {
        name: [*(held if isinstance(held, list) else [held])]
        + (["next"] if names.index(name) in usual else [])
        for name, held in data["cluster_sets"].items()
    }
    newcomer = {"name": "next", "provider": "new", "region": "r", "labels": {"env": "new"}}
    connect = data["connect"] | {"hubs": list(hub_sites(fleet))}
    more = data | {"clusters": [*data["clusters"], newcomer], "connect": connect}
    if any("all" in held for held in sets.values()):
        return  # then it is in that set in any case
    grown = load(more | {"cluster_sets": sets})
    before, after = (topology_of(one, "full-mesh") for one in (fleet, grown))
    links = [t.count.tunnel_links + t.count.peerings for t in (before, after)]
    assert before.count.links_added == links[1] - links[0]
    met = {
        other.site_name for other in grown.clusters if must_meet(grown, grown.clusters[-1], other)
    }
    assert before.count.sites_touched == len(met)
    assert topology_of(fleet, "flat-ipv6").count.sites_touched == len(met)


# --- what is told ---------------------------------------------------------------------------------

_FLEET = """\
version: 1
fleet: acme
clusters:
  - {name: prod-a, provider: aws, region: us-east-1, labels: {env: prod}}
  - {name: prod-b, provider: gcp, region: us-central1, labels: {env: prod}}
  - {name: test-a, provider: azure, region: eastus, labels: {env: test}}
  - {name: ci, provider: aws, region: us-east-2}
"""


def told(more: str) -> list[str]:
    """Return what is told of the file and is no fault."""
    found: list[str] = []
    parse(_FLEET + more, "acme.yaml", lambda fault: found.append(str(fault)))
    return found


@pytest.mark.parametrize(
    ("demand", "says"),
    [
        (
            "{from: prod-a, to: test-a, gb_per_month: 1}",
            "acme.yaml:13: demands[1]: from prod-a to test-a runs across cluster_sets: prod-a "
            "(production, shared) and test-a (testing) share no set; put those that talk into one "
            "set, or narrow the demand (see line 8)",
        ),
        (
            '{from: all, to: "env=test", gb_per_month: 1, per: total}',
            "acme.yaml:13: demands[1]: from all to env=test runs across cluster_sets: 3 of its "
            "pairs share no set, the first is prod-a (production, shared) and test-a (testing); "
            "put those that talk into one set, or narrow the demand (see line 8)",
        ),
        ("{from: ci, to: prod-a, gb_per_month: 1}", ""),
        ('{from: "env=prod", to: "env=prod", gb_per_month: 1, per: pair}', ""),
        ("{from: test-a, to: all, gb_per_month: 1, per: total}", "3 of its pairs share no set"),
    ],
)
def test_a_demand_across_sets_is_a_fault(demand: str, says: str) -> None:
    sets = 'cluster_sets:\n  production: "env=prod"\n  testing: test-a\n  shared: [ci, prod-a]\n'
    text = f"{sets}demands:\n  - {demand}\n"
    if not says:
        told(text)
        return
    with pytest.raises(InvalidFleet) as caught:
        told(text)
    (fault,) = caught.value.faults
    assert says in str(fault)


@given(set_files(), st.data())
def test_just_the_demands_that_cross_are_refused(
    data: dict[str, Any], drawn: st.DataObject
) -> None:
    fleet = load(data)
    names = [cluster.name for cluster in fleet.clusters]
    if not names:
        return
    ends = st.sampled_from([*names, "all", *{f"env={c.labels['env']}" for c in fleet.clusters}])
    demand = {"from": drawn.draw(ends), "to": drawn.draw(ends), "gb_per_month": 1, "per": "pair"}
    source, target = (
        [fleet.clusters[place] for place in fleet.select(parse_selector(demand[end]))]
        for end in ("from", "to")
    )
    crossing = [
        (one, other)
        for one in source
        for other in target
        if one is not other and not sets_of(fleet, one) & sets_of(fleet, other)
    ]
    if not crossing:
        load(data | {"demands": [demand]})
        return
    with pytest.raises(InvalidFleet) as caught:
        load(data | {"demands": [demand]})
    (fault,) = caught.value.faults
    one, other = crossing[0]
    assert f"{one.name} (" in str(fault)
    assert f" and {other.name} (" in str(fault)
    assert len(crossing) == 1 or f"{len(crossing)} of its pairs" in str(fault)


@pytest.mark.parametrize(
    ("sets", "says"),
    [
        ("{a: env=prd}", 'cluster_sets.a: no cluster has the label "env=prd"; did you mean "env='),
        ("{a: [ci, tst-a]}", 'cluster_sets.a[2]: no cluster is named "tst-a"; did you mean "test'),
        ("{a: []}", "cluster_sets.a: a set is a cluster name"),
        ("{a: 7}", "cluster_sets.a: a set is a cluster name"),
        ("{a: [[ci]]}", "cluster_sets.a: a set is a cluster name"),
        ("[a]", "cluster_sets: must be"),
    ],
)
def test_a_set_of_nobody_is_a_fault(sets: str, says: str) -> None:
    with pytest.raises(InvalidFleet) as caught:
        told(f"cluster_sets: {sets}\n")
    (fault,) = caught.value.faults
    assert says in str(fault)


def test_who_is_in_no_set_is_told() -> None:
    (line,) = told('cluster_sets: {production: "env=prod", testing: [{env: test}]}\n')
    assert line == (
        "acme.yaml:8: ci is in no set: it reaches nobody, and nothing is joined for that; add a "
        "set if somebody must be reached"
    )
    assert told("cluster_sets: {production: all}\n") == []


def test_a_site_of_clusters_that_share_no_set_is_told() -> None:
    sets = 'cluster_sets: {production: "env=prod", testing: [test-a, ci]}\n'
    assert told(sets) == []
    in_one_site = _FLEET.replace("azure, region: eastus", "gcp, region: us-central1, site: vpc")
    in_one_site = in_one_site.replace("us-central1, labels", "us-central1, site: vpc, labels")
    found: list[str] = []
    parse(in_one_site + sets, "acme.yaml", lambda fault: found.append(str(fault)))
    assert found == [
        "acme.yaml:8: vpc has clusters that share no set, and nothing here keeps clusters of one "
        "site from each other; give them sites of their own if they lie in networks of their own"
    ]


def test_environments_without_a_word_on_who_needs_whom_are_told_once() -> None:
    (line,) = told("")
    assert line == (
        "acme.yaml:3: 2 environments (env: prod, test), and nothing says who needs whom, so every "
        "two clusters are joined; say who talks in `demands`, or who may reach whom, as in "
        '`cluster_sets: {prod: "env=prod", test: "env=test"}`'
    )
    assert told("demands: [{from: ci, to: prod-a, gb_per_month: 1}]\n") == []
    assert told("cluster_sets: {everything: all}\n") == []


def test_the_sheet_says_how_many_pairs_reach_each_other(cli: Cli, tmp_path: Path) -> None:
    path = tmp_path / "acme.yaml"
    path.write_text(_FLEET + 'cluster_sets: {production: "env=prod", rest: [test-a, ci]}\n')
    result = cli("compare", path)
    assert result.code == 0
    said = "2 of 6 pairs of clusters in different sites share a cluster set"
    assert said in result.out
    assert "an aggregate" not in result.out


# --- pictures -------------------------------------------------------------------------------------

_TWO_REGIONS = """\
version: 1
fleet: acme
connect: {hubs: [hub]}
clusters:
  - {name: hub, provider: aws, region: us-east-1, labels: {env: prod}}
  - {name: prod-a, provider: gcp, region: us-central1, labels: {env: prod}}
  - {name: prod-b, provider: gcp, region: europe-west1, labels: {env: prod}}
  - {name: test-a, provider: azure, region: eastus, labels: {env: test}}
  - {name: test-b, provider: azure, region: westeurope, labels: {env: test}}
cluster_sets: {production: "env=prod", testing: "env=test"}
"""


def test_a_picture_stresses_the_ways_to_those_of_its_sets() -> None:
    fleet = parse(_TWO_REGIONS, "acme.yaml")
    graph = expand(DESIGNS["hub-and-spoke"], fleet)
    shown = highlight(graph, fleet, "test-a")
    assert shown.vertices == {"test-a": "strong", "prod-a": "pale", "prod-b": "pale"}
    # The hub carries it, and is none of those that are cut off: it has nobody to reach there.
    down = fail(graph, fleet, "hub")
    assert {name for name, state in down.vertices.items() if state == "cut"} == {
        *("prod-a", "prod-b", "test-a", "test-b")
    }
    down = fail(graph, fleet, "test-a")
    assert down.vertices == {"test-a": "failed"}


@settings(max_examples=40, deadline=None)
@given(set_fleets(), st.sampled_from(sorted(DESIGNS)), st.sampled_from(["none", "region"]))
def test_every_sheet_and_picture_is_made(fleet: Fleet, design: str, collapse: Any) -> None:
    assert draw(fleet, design, fmt="json", view=View(collapse=collapse))
    found = compare(outline_of(fleet), [design], terms_of(fleet), full=True)
    assert found.table[design]["feasible"].value in (True, False)


# --- hubs -----------------------------------------------------------------------------------------


def test_hubs_are_weighed_by_those_who_have_somebody_to_reach() -> None:
    sets = 'cluster_sets: {production: "env=prod"}\n'
    fleet = parse(_FLEET + sets, "acme.yaml")
    ground = Ground(fleet, lambda one, other: float(one != other), None)
    assert dict(zip(ground.sites, ground.shares, strict=True)) == {
        "ci": 0.0,
        "prod-a": 0.5,
        "prod-b": 0.5,
        "test-a": 0.0,
    }


def test_the_bound_of_a_bill_knows_that_links_may_be_left_out() -> None:
    clusters = [
        {"name": f"c{n}", "provider": "azure", "region": "eastus", "labels": {"env": env}}
        for n, env in enumerate(("prod", "prod", "test"))
    ]
    data = {
        "version": 1,
        "fleet": "f",
        "clusters": clusters,
        "connect": {"same_provider": "tunnel"},
    }
    floors = []
    for sets in ({}, {"production": "env=prod"}):
        problem, _ = Ground(load(data | {"cluster_sets": sets}), None, None).floor(Wish("cost"))
        floors.append(bool(problem.costs.any()))
    assert floors == [True, False]
