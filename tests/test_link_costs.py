"""What links cost and carry: the parts are the whole bill, and each is held to another count."""

from __future__ import annotations

from collections import defaultdict
from decimal import Decimal
from fractions import Fraction
from itertools import pairwise
from pathlib import Path
from typing import Any

import networkx as nx
import pytest
from hypothesis import given, settings

from k8s6plan.decision.terms import terms_of
from k8s6plan.fleet import file as fleet_file
from k8s6plan.fleet.model import Fleet
from k8s6plan.topology.designs import DESIGNS
from k8s6plan.topology.graph import UNDERLAY, expand
from k8s6plan.views.diagram import LINK_LABELS, Extras, Told, View, layout
from k8s6plan.views.diagram import _collapse as collapsing
from k8s6plan.views.diagram import _draw as drawing
from k8s6plan.views.diagram._figures import LinkFigures, cost_words, link_figures, texts_of
from tests.strategies import for_each_design, load, priced_fleets
from tests.test_costing import case_of
from tests.test_diagram import box_faults, text_faults

EXAMPLES = sorted((Path(__file__).parent.parent / "examples").glob("*.yaml"))
UNIQUE_WAYS = ["full-mesh", "flat-ipv6", "managed-hub", "overlay-mesh", "as-demanded"]


def figures_of(fleet: Fleet, design: str) -> LinkFigures:
    graph = expand(DESIGNS[design], fleet)
    return link_figures(case_of(fleet, design), graph, collapsing.ALONE)


def check_parts_are_the_whole(fleet: Fleet, design: str) -> None:
    figures = figures_of(fleet, design)
    bill = case_of(fleet, design).bill
    known = sum((Fraction(line.cost) for line in bill.lines if line.cost is not None), Fraction(0))
    parts = [*figures.shares.values(), figures.rest]
    assert sum((part.cost for part in parts), Fraction(0)) == known
    assert all(part.cost >= 0 for part in parts)
    assert all(part.complete for part in parts) == bill.complete()
    graph = expand(DESIGNS[design], fleet)
    ends = {(*sorted((a, b)), data["kind"]) for a, b, data in graph.edges(data=True)}
    assert set(figures.shares) == ends


@pytest.mark.parametrize("design", DESIGNS)
@pytest.mark.parametrize("path", EXAMPLES, ids=lambda path: path.stem)
def test_links_and_rest_are_the_bill(path: Path, design: str) -> None:
    check_parts_are_the_whole(fleet_file.load(path), design)


@pytest.mark.slow
@settings(max_examples=40)
@given(fleet=priced_fleets())
@for_each_design
def test_links_and_rest_are_the_bill_of_any_fleet(design: str, fleet: Fleet) -> None:
    check_parts_are_the_whole(fleet, design)


def test_work_is_no_links() -> None:
    data = two("aws", "us-east-1", "gcp", "us-central1")
    work = {"usd_per_hour": 100, "tunnel": {"keep": 1}}
    plain, worked = (figures_of(load(each), "full-mesh") for each in (data, {**data, "work": work}))
    assert worked.shares == plain.shares
    assert worked.rest.cost == plain.rest.cost + 200


# --- by hand -----------------------------------------------------------------------------------


def two(one: str, here: str, other: str, there: str, **fields: Any) -> dict[str, Any]:
    """Return two clusters, joined by two tunnels."""
    return {
        "version": 1,
        "fleet": "two",
        "clusters": [
            {"name": "a", "provider": one, "region": here},
            {"name": "b", "provider": other, "region": there},
        ],
        "connect": {"tunnels_per_link": 2},
        **fields,
    }


def test_a_tunnel_pays_its_hours_at_both_ends_and_its_data() -> None:
    demands = [{"from": "a", "to": "b", "gb_per_month": 1100, "peak_mbps": 30}]
    data = two("aws", "us-east-1", "gcp", "us-central1", demands=demands)
    ((key, share),) = figures_of(load(data), "full-mesh").shares.items()
    assert key == ("a", "b", "tunnel")
    # AWS: one connection of 730 h at 0.05, and 1,100 GB less 100 free at 0.09. Google: two tunnels.
    assert share.cost == Fraction("36.50") + 1000 * Fraction("0.09") + 2 * Fraction("36.50")
    assert (share.complete, float(share.gb), float(share.mbps)) == (True, 1100, 30)


def test_gateways_are_the_rest_where_they_are_billed() -> None:
    figures = figures_of(load(two("azure", "eastus", "gcp", "us-central1")), "full-mesh")
    ((_, share),) = figures.shares.items()
    assert share.cost == 2 * Fraction("36.50")  # Azure's gateway includes ten tunnels
    gateway = case_of(load(two("azure", "eastus", "gcp", "us-central1")), "full-mesh").bill.total()
    assert figures.rest.cost == Fraction(gateway or Decimal(0)) - share.cost > 0


def test_a_load_is_both_ways_and_a_peak_the_busier_one() -> None:
    demands = [
        {"from": "a", "to": "b", "gb_per_month": 300, "peak_mbps": 30},
        {"from": "b", "to": "a", "gb_per_month": 20, "peak_mbps": 50},
    ]
    figures = figures_of(load(two("aws", "us-east-1", "gcp", "x", demands=demands)), "full-mesh")
    ((_, share),) = figures.shares.items()
    assert (share.gb, share.mbps) == (Fraction(320), Fraction(50))
    flat = figures_of(load(two("aws", "us-east-1", "gcp", "x", demands=demands)), "flat-ipv6")
    assert {(s.gb, s.mbps) for s in flat.shares.values()} == {(Fraction(320), Fraction(50))}


def test_what_is_unknown_is_said_and_never_nought() -> None:
    data = two("elsewhere", "x", "nowhere", "y")
    assert list(texts_of(figures_of(load(data), "full-mesh"), ["cost"]).values()) == [
        "no fixed cost"  # what is unknown is their gateways, which are no link's
    ]
    data["demands"] = [{"from": "a", "to": "b", "gb_per_month": 10}]
    figures = figures_of(load(data), "full-mesh")
    assert list(texts_of(figures, ["cost"]).values()) == ["cost unknown"]
    data = two("elsewhere", "x", "gcp", "us-central1")
    figures = figures_of(load(data), "full-mesh")
    assert list(texts_of(figures, ["cost", "traffic"]).values()) == ["73 USD"]
    assert (
        cost_words(case_of(load(data), "full-mesh")) == "at least 73 USD a month, without traffic"
    )


# --- pair by pair ------------------------------------------------------------------------------


def plain_loads(fleet: Fleet, design: str) -> dict[tuple[str, str], tuple[Fraction, Fraction]]:
    """Walk every pair of clusters of every demand through the graph: the oracle."""
    graph = expand(DESIGNS[design], fleet)
    gb: dict[tuple[str, str], Fraction] = defaultdict(Fraction)
    peaks: dict[tuple[str, str], Fraction] = defaultdict(Fraction)
    for demand in fleet.demands:
        for source in fleet.clusters:
            for target in fleet.clusters:
                one, other = source.site_name, target.site_name
                if one == other or not (
                    means(demand.source, source) and means(demand.target, target)
                ):
                    continue
                inner = {v for v, data in graph.nodes(data=True) if data["kind"] != "site"}
                way = nx.shortest_path(graph.subgraph(inner | {one, other}), one, other)
                for here, there in pairwise(way):
                    gb[here, there] += Fraction(demand.gb_per_month)
                    peaks[here, there] += Fraction(demand.peak_mbps or 0)
    pairs = {tuple(sorted(pair)) for pair in gb}
    return {(a, b): (gb[a, b] + gb[b, a], max(peaks[a, b], peaks[b, a])) for a, b in sorted(pairs)}


def means(selector: Any, cluster: Any) -> bool:
    if selector.name is not None:
        return selector.name in ("all", cluster.name)
    return all(cluster.labels.get(key) == value for key, value in selector.labels)


@pytest.mark.parametrize("design", UNIQUE_WAYS)
@settings(max_examples=40)
@given(fleet=priced_fleets())
def test_loads_are_those_of_every_pair(design: str, fleet: Fleet) -> None:
    found = {
        (one, other): (share.gb, share.mbps)
        for (one, other, _), share in figures_of(fleet, design).shares.items()
        if share.gb or share.mbps
    }
    assert found == plain_loads(fleet, design)


# --- bundles -----------------------------------------------------------------------------------


@pytest.mark.slow
@pytest.mark.parametrize("level", ["region", "provider"])
@settings(max_examples=15)
@given(fleet=priced_fleets())
@for_each_design
def test_bundles_have_the_sums(design: str, level: collapsing.Level, fleet: Fleet) -> None:
    case, graph = case_of(fleet, design), expand(DESIGNS[design], fleet)
    groups = collapsing.groups_of(fleet, level)
    name_of = {vertex: collapsing.group_of(graph, vertex, groups) for vertex in graph}
    sums: dict[Any, Any] = {}
    for (one, other, kind), share in figures_of(fleet, design).shares.items():
        first, second = sorted((name_of[one], name_of[other]))
        key = "inside" if first == second else (first, second, kind)
        held = sums.get(key, (0, True, 0))
        sums[key] = (held[0] + share.cost, held[1] and share.complete, held[2] + share.gb)

    def told(figures: LinkFigures) -> dict[Any, Any]:
        found = {key: (s.cost, s.complete, s.gb) for key, s in figures.shares.items()}
        inside = figures.inside
        return found | ({"inside": inside[:3]} if "inside" in sums else {})

    assert told(link_figures(case, graph, collapsing.ALONE, name_of)) == sums
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(collapsing, "MOST_LINKS_BUILT", -1)  # even the smallest is stood in for
        small, weights = collapsing.build(fleet, DESIGNS[design], groups, by_traffic=True)
    of = {vertex: collapsing.group_of(small, vertex, groups) for vertex in small}
    assert told(link_figures(case, small, weights, of)) == sums


# --- on the picture ----------------------------------------------------------------------------


def forty(count: int = 40) -> Fleet:
    places = [
        ("aws", "us-east-1"),
        ("gcp", "us-central1"),
        ("azure", "eastus"),
        ("aws", "eu-west-1"),
        ("azure", "westeurope"),
    ]
    return load(
        {
            "version": 1,
            "fleet": "forty",
            "clusters": [
                {
                    "name": f"cluster-{n:03d}",
                    "provider": places[n % 5][0],
                    "region": places[n % 5][1],
                    "labels": {"env": "prod" if n % 3 else "test"},
                }
                for n in range(count)
            ],
            "connect": {"hubs": 2, "tunnels_per_link": 2},
            "demands": [
                {"from": "env=test", "to": "env=prod", "gb_per_month": 4000, "peak_mbps": 100},
                {"from": "cluster-000", "to": "all", "gb_per_month": 70},
            ],
        }
    )


@pytest.mark.slow
@pytest.mark.parametrize(
    "view", [{}, {"highlight": "cluster-007"}, {"collapse": "region"}], ids=str
)
@pytest.mark.parametrize("design", DESIGNS)
def test_costs_and_loads_touch_nothing_at_forty_clusters(design: str, view: dict[str, Any]) -> None:
    fleet = forty()
    told = Told(terms=terms_of(fleet), labels=LINK_LABELS)
    graph, emphasis, figures = drawing._picture_graph(fleet, DESIGNS[design], View(**view), told)
    texts = texts_of(figures, LINK_LABELS)
    picture = layout(graph, Extras(texts=texts, labelled=True, emphasis=emphasis))
    assert box_faults(picture) + text_faults(picture) == []
    written = [line for line in picture.lines if line.label]
    if "highlight" in view:  # every link of the cluster itself is told
        assert {line.state for line in written} <= {"strong", "plain"}
        strong = [line for line in picture.lines if line.state == "strong"]
        assert sum(line.label is not None for line in strong) >= 0.9 * len(strong) > 0
    elif design == "flat-ipv6" or "collapse" in view:
        assert len(written) == len(picture.lines)
    elif design in ("hub-and-spoke", "managed-hub", "optimized"):
        assert len(written) >= 0.8 * len(picture.lines)


def test_labels_move_no_site_from_one_design_to_another() -> None:
    fleet = forty(12)
    told = Told(terms=terms_of(fleet), labels=LINK_LABELS)
    places = []
    for design in DESIGNS:
        graph, _, figures = drawing._picture_graph(fleet, DESIGNS[design], View(), told)
        picture = layout(graph, Extras(texts=texts_of(figures, LINK_LABELS), labelled=True))
        places.append({v.name: v.box for v in picture.vertices if v.kind == "site"})
    assert all(held == places[0] for held in places)
    assert UNDERLAY not in places[0]
