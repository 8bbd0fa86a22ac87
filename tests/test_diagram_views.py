"""Large fleets, failures, highlights, labels, sheets and themes of pictures."""

from __future__ import annotations

import io
from collections import Counter
from collections.abc import Iterator
from itertools import combinations, pairwise
from typing import Any

import networkx as nx
import pytest
from hypothesis import given, settings
from PIL import Image

from k8s6plan.addressing.plan import make_plan
from k8s6plan.errors import K8s6planError, UnknownName
from k8s6plan.fleet.model import Fleet
from k8s6plan.topology.designs import DESIGNS
from k8s6plan.topology.graph import UNDERLAY, expand
from k8s6plan.topology.groups import outline_of
from k8s6plan.views.diagram import (
    Extras,
    Layout,
    Told,
    View,
    draw,
    layout,
    pinned_lines,
    prefix_lines,
)
from k8s6plan.views.diagram import _collapse as collapsing
from k8s6plan.views.diagram import _draw as drawing
from k8s6plan.views.diagram import _emphasis as emphasising
from k8s6plan.views.diagram._lines import LineKey, point_on
from k8s6plan.views.diagram._parts import Box
from k8s6plan.views.diagram._sheet import sheet
from k8s6plan.views.diagram._theme import THEMES, Theme
from tests.strategies import apart, fleets, for_each_design
from tests.test_diagram import EXAMPLES, box_faults, layouts, line_faults, made, one_fleet
from tests.test_diagram import text_faults as label_faults

CLOUDS = EXAMPLES["three-clouds"]


def picture_of(fleet: Fleet, design: str, **view: Any) -> Layout:
    graph, emphasis, _ = drawing._picture_graph(fleet, DESIGNS[design], View(**view))
    return layout(graph, Extras(emphasis=emphasis))


def collapsed(fleet: Fleet, design: str, level: collapsing.Level) -> nx.Graph[str]:
    groups = collapsing.groups_of(fleet, level)
    graph, weights = collapsing.build(fleet, DESIGNS[design], groups)
    return collapsing.collapse(graph, fleet, groups, level, weights)


# --- large fleets ------------------------------------------------------------------------------


def plain_bundles(fleet: Fleet, design: str, level: collapsing.Level) -> dict[Any, Any]:
    """Count links between groups from the whole graph, one by one: the oracle."""
    groups = collapsing.groups_of(fleet, level)
    graph = expand(DESIGNS[design], fleet)
    name_of = {site: group.name for site, group in groups.items()}
    for vertex, data in graph.nodes(data=True):
        if data["kind"] == "transit":  # where the sites of its region are
            place = (data["provider"], data["region"])
            (name_of[vertex],) = {
                group.name for site, group in groups.items() if fleet.region_of(site) == place
            }
    found: Counter[Any] = Counter()
    for one, other, data in graph.edges(data=True):
        ends = frozenset(name_of.get(end, end) for end in (one, other))
        found[ends, data["kind"], "links"] += 1
        found[ends, data["kind"], "tunnels"] += data["tunnels"]
    return {key: count for key, count in found.items() if count}


def bundles(graph: nx.Graph[str]) -> dict[Any, Any]:
    found: dict[Any, int] = {}
    for one, other, data in graph.edges(data=True):
        for kind, (links, tunnels) in data["bundle"].items():
            ends = frozenset((one, other))
            found |= {(ends, kind, "links"): links, (ends, kind, "tunnels"): tunnels}
    return {key: count for key, count in found.items() if count}


@pytest.mark.slow
@pytest.mark.parametrize("level", ["region", "provider"])
@given(fleet=fleets(most=25))
@settings(max_examples=12)
@for_each_design
def test_bundles_are_what_the_whole_graph_has(
    design: str, level: collapsing.Level, fleet: Fleet
) -> None:
    wanted = plain_bundles(fleet, design, level)
    inside = {key: count for key, count in wanted.items() if len(key[0]) == 1}
    between = {key: count for key, count in wanted.items() if len(key[0]) == 2}
    whole = collapsed(fleet, design, level)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(collapsing, "MOST_LINKS_BUILT", -1)  # even the smallest is stood in for
        smaller = collapsed(fleet, design, level)
    for graph in (whole, smaller):
        assert bundles(graph) == between
        links = graph.graph["links"]
        assert {kind: total for kind, (total, _) in links.items()} == {
            kind: sum(n for (_, k, what), n in wanted.items() if (k, what) == (kind, "links"))
            for kind in links
        }
    assert {name: whole.nodes[name] for name in whole} == dict(smaller.nodes)
    assert whole.graph == smaller.graph
    assert all(whole.nodes[next(iter(ends))]["lines"][1].endswith("inside") for ends, *_ in inside)


@pytest.mark.slow
@pytest.mark.parametrize("design", DESIGNS)
def test_a_smaller_fleet_stands_for_thousands(design: str) -> None:
    fleet = made(2500, hubs=3)
    graph, weights = collapsing.build(fleet, DESIGNS[design], collapsing.groups_of(fleet, "region"))
    count = DESIGNS[design].of(outline_of(fleet)).count
    totals = collapsing.totals_of(graph, weights)
    assert totals.get("tunnel", (0, 0)) == (count.tunnel_links, 2 * count.tunnel_links)
    assert totals.get("peering", (0, 0))[0] == count.peerings
    assert totals.get("attachment", (0, 0))[0] == count.attachments
    vertices = Counter(data["kind"] for _, data in graph.nodes(data=True))
    assert vertices["site"] <= 2500
    assert vertices["underlay"] <= 1


def test_a_design_that_no_smaller_fleet_stands_for_is_built_whole(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    fleet = made(60)
    monkeypatch.setattr(collapsing, "MOST_LINKS_BUILT", 10)
    monkeypatch.setattr(collapsing, "totals_of", lambda *_: {})  # no longer what the formula says
    groups = collapsing.groups_of(fleet, "region")
    graph, weights = collapsing.build(fleet, DESIGNS["full-mesh"], groups)
    assert weights is collapsing.ALONE
    assert graph.number_of_edges() == 60 * 59 / 2
    monkeypatch.setattr(collapsing, "MOST_LINKS_EVER", 100)
    with pytest.raises(K8s6planError, match="full-mesh joins 60 sites by 1,770 links"):
        collapsing.build(fleet, DESIGNS["full-mesh"], groups)


def spread(count: int, providers: int, regions: int) -> Fleet:
    """Return clusters over so many providers, with so many regions each."""
    return one_fleet(
        [
            {
                "name": f"c{n}",
                "provider": f"p{n % providers}",
                "region": f"r{n // providers % regions}",
            }
            for n in range(count)
        ]
    )


@pytest.mark.slow
@pytest.mark.parametrize(
    ("fleet", "level", "boxes"),
    [
        (made(60), "none", 60),
        (made(61), "region", 8),
        (made(300), "region", 8),
        (made(2500), "region", 8),
        (spread(300, 3, 5), "region", 15),
        (spread(300, 3, 6), "provider", 3),
        (apart(70), "provider", collapsing.MOST_GROUPS),
        (apart(2500), "provider", collapsing.MOST_GROUPS),
    ],
)
def test_past_sixty_sites_groups_are_drawn(fleet: Fleet, level: str, boxes: int) -> None:
    assert collapsing.level_for(fleet, "auto") == level
    if len(fleet.members) <= 300:
        for design in DESIGNS:
            held = [v for v in picture_of(fleet, design).vertices if v.kind != "transit"]
            assert len(held) == boxes


@pytest.mark.slow
@pytest.mark.parametrize("design", DESIGNS)
@pytest.mark.parametrize(
    ("fleet", "level"),
    [
        (made(300, hubs=3), "region"),
        (made(300), "provider"),
        (spread(320, 4, 4), "region"),
        (apart(90), "auto"),
        (made(1), "region"),
        (made(0), "region"),
        (CLOUDS, "region"),
    ],
    ids=["region", "provider", "16 regions", "others", "one", "none", "three-clouds"],
)
def test_collapsed_pictures_are_in_order(fleet: Fleet, level: str, design: str) -> None:
    picture = picture_of(fleet, design, collapse=level)
    assert box_faults(picture) == []
    assert label_faults(picture) == []
    ports = {vertex.name: vertex for vertex in picture.vertices}
    for line in picture.lines:  # each end on the edge of its box that faces the middle
        for end, name in ((0, line.one), (3, line.other)):
            if name != UNDERLAY:
                box, (x, y) = ports[name].box, line.curve[end]
                assert x == ports[name].port[0]
                assert box.top < y < box.bottom
    unnumbered = [line for line in picture.lines if line.links > 1 and line.label is None]
    assert unnumbered == []
    numbers = Counter(line.label.text for line in picture.lines if line.label)
    assert numbers == Counter(f"{line.links:,}" for line in picture.lines if line.links > 1)


def test_a_group_tells_what_it_holds() -> None:
    picture = picture_of(CLOUDS, "full-mesh", collapse="region")
    told = {
        (vertex.label.text if vertex.label else ""): [detail.text for detail in vertex.details]
        for vertex in picture.vertices
    }
    assert told["eu-west-1"] == ["2 clusters in 2 sites", "1 peering inside"]
    assert told["no region given"] == ["2 clusters in 1 site", ""]
    marks = [
        v.name for v in picture_of(CLOUDS, "hub-and-spoke", collapse="region").vertices if v.hub
    ]
    assert marks == ["[aws eu-west-1]"]
    assert picture.subtitle[0].text == layouts(CLOUDS)["full-mesh"].subtitle[0].text


@pytest.mark.slow
@pytest.mark.parametrize("level", ["region", "provider"])
def test_a_group_stands_at_the_same_place_in_every_design(level: str) -> None:
    first, *others = (
        {
            v.name: (v.box, v.port, v.label)
            for v in picture_of(made(300), d, collapse=level).vertices
        }
        for d in DESIGNS
    )
    assert all(other == first for other in others)


@pytest.mark.slow
def test_thousands_of_clusters_give_a_picture() -> None:
    image = Image.open(io.BytesIO(draw(made(2500), "full-mesh", fmt="png")))
    assert max(image.size) < 3000


# --- managed hubs ------------------------------------------------------------------------------


def with_transits(fleet: Fleet) -> nx.Graph[str]:
    """Return what a design with managed hubs builds: one in each cloud region, all joined."""
    graph = expand(DESIGNS["flat-ipv6"], fleet)
    graph.remove_node(UNDERLAY)
    places: dict[tuple[str, str], list[str]] = {}
    for site, data in graph.nodes(data=True):
        if data["region"] is not None:
            places.setdefault((data["provider"], data["region"]), []).append(site)
    hubs = []
    for (provider, region), sites in places.items():
        hub = f"({provider} {region})"
        graph.add_node(hub, kind="transit", provider=provider, region=region, gateways=1)
        graph.add_edges_from((site, hub, {"kind": "attachment", "tunnels": 0}) for site in sites)
        hubs.append(hub)
    for one, other in combinations(hubs, 2):
        graph.add_edge(one, other, kind="tunnel", tunnels=1)
    graph.graph["design"] = "hub-and-spoke"
    return graph


@pytest.mark.parametrize("fleet", [CLOUDS, made(40), made(100)], ids=["clouds", "40", "100"])
def test_managed_hubs_stand_in_their_region_and_move_nothing(fleet: Fleet) -> None:
    graph = with_transits(fleet)
    picture = layout(graph)
    assert box_faults(picture) == []
    assert label_faults(picture) == []
    if len(graph) < 60:
        assert line_faults(picture) == []
    regions = {(f.name, f.box) for f in picture.frames if f.kind == "region"}
    hubs = [vertex for vertex in picture.vertices if vertex.kind == "transit"]
    assert len(hubs) == sum(data["kind"] == "transit" for _, data in graph.nodes(data=True))
    for hub in hubs:
        region = graph.nodes[hub.name]["region"]
        assert any(name == region and box.holds(hub.box) for name, box in regions)
    sites = {v.name: v.box for v in picture.vertices if v.kind == "site"}
    assert sites == {v.name: v.box for v in layouts(fleet)["full-mesh"].vertices}
    words = [entry.label.text for entry in picture.legend]
    assert "hub, managed by the provider" in words


def test_managed_hubs_go_into_their_group() -> None:
    fleet = made(80)
    groups = collapsing.groups_of(fleet, "region")
    graph = with_transits(fleet)
    small = collapsing.collapse(graph, fleet, groups, "region", collapsing.ALONE)
    assert {data["kind"] for _, data in small.nodes(data=True)} == {"group"}
    assert small.nodes["[aws us-east-1]"]["hubs"] == 1
    assert small.nodes["[aws us-east-1]"]["lines"][1] == "10 attachments inside"


def test_many_lone_providers_share_a_frame_and_lose_no_hub() -> None:
    clusters = [{"name": f"c{n}", "provider": f"p{n}", "region": "r"} for n in range(60)]
    graph = with_transits(one_fleet(clusters))
    picture = layout(graph)
    assert {frame.name for frame in picture.frames} == {"one site each"}
    names = {c.label.text for v in picture.vertices for c in v.clusters}
    assert names == {f"c{n}, p{n} r" for n in range(60)}
    assert sum(vertex.kind == "transit" for vertex in picture.vertices) == 60
    assert box_faults(picture) + label_faults(picture) == []
    plain = {v.name: v.box for v in layouts(one_fleet(clusters))["full-mesh"].vertices}
    assert {v.name: v.box for v in picture.vertices if v.kind == "site"} == plain


def test_a_provider_wide_hub_stands_beside_the_providers_name() -> None:
    graph = expand(DESIGNS["full-mesh"], CLOUDS)
    graph.add_node("(gcp)", kind="transit", provider="gcp", region=None, gateways=1)
    graph.add_edge("(gcp)", "ml-usc1", kind="attachment", tunnels=0)
    picture = layout(graph)
    assert box_faults(picture) + line_faults(picture) + label_faults(picture) == []


# --- failures and highlights -------------------------------------------------------------------


def roads_between(graph: nx.Graph[str], one: str, other: str) -> nx.Graph[str]:
    """Return what a way between two sites can be made of: inner vertices are hubs, or no sites."""
    inner = {name for name, data in graph.nodes(data=True) if data["kind"] != "site" or data["hub"]}
    roads = nx.Graph([e[:2] for e in graph.edges(data=True) if e[2]["kind"] != "peering"])
    roads.add_nodes_from((one, other))
    return roads.subgraph(inner | {one, other})


def plain_reach(graph: nx.Graph[str], gone: set[str]) -> dict[str, set[str]]:
    """Say whom each site reaches, one pair at a time: the oracle."""
    left = graph.subgraph(set(graph) - gone)
    sites = [name for name, data in left.nodes(data=True) if data["kind"] == "site"]
    return {
        one: {
            other
            for other in sites
            if other != one
            and (
                left.has_edge(one, other)
                or nx.has_path(roads_between(left, one, other), one, other)
            )
        }
        for one in sites
    }


@given(fleet=fleets(most=9))
@settings(max_examples=12)
@for_each_design
def test_what_a_failure_cuts_off_is_grey(design: str, fleet: Fleet) -> None:
    graph = expand(DESIGNS[design], fleet)
    before = plain_reach(graph, set())
    providers = sorted({cluster.provider for cluster in fleet.clusters})
    for name in [*providers, *(cluster.name for cluster in fleet.clusters)]:
        sites, what = emphasising.failing(fleet, name)
        if what == "cluster" and len(fleet.members[sites[0]]) > 1:
            shown = emphasising.fail(graph, fleet, name)
            assert (shown.vertices, shown.clusters) == ({}, {name: "failed"})
            continue
        hubs = [name for name, data in graph.nodes(data=True) if data["kind"] == "transit"]
        with_it = {
            hub for hub in hubs if what == "provider" and graph.nodes[hub]["provider"] == name
        }
        gone = {*sites, *with_it}
        after = plain_reach(graph, gone)
        cut = {site for site in after if 2 * len(after[site]) < len(before[site] - gone)}
        shown = emphasising.fail(graph, fleet, name)
        assert {v for v, state in shown.vertices.items() if state == "failed"} == gone
        assert {v for v, state in shown.vertices.items() if state == "cut"} == cut


def test_the_failure_of_the_hub_cuts_off_everybody() -> None:
    picture = picture_of(CLOUDS, "hub-and-spoke", fail="prod-euw1")
    states = Counter(vertex.state for vertex in picture.vertices)
    assert states == {"failed": 1, "cut": 10}
    assert {line.state for line in picture.lines} == {"failed"}
    (hub,) = (vertex for vertex in picture.vertices if vertex.state == "failed")
    assert hub.mark
    assert hub.mark.text == "down"
    words = " ".join(note.text for note in picture.notes)
    assert (
        "Down: cluster prod-euw1 (1 site). Cut off from most of the others by that: 10 sites."
        in words
    )
    assert [entry.label.text for entry in picture.legend][-2:] == ["down", "cut off"]


@pytest.mark.parametrize(
    ("name", "failed"),
    [
        ("aws/us-east-1", {"prod-use1", "stg-use1"}),
        ("aws", {"prod-use1", "stg-use1", "prod-euw1", "data-euw1"}),
        ("frankfurt", {"frankfurt"}),
        ("ml-usc1", {"ml-usc1"}),
    ],
)
def test_a_failure_is_named_by_cluster_site_region_or_provider(name: str, failed: set[str]) -> None:
    picture = picture_of(CLOUDS, "full-mesh", fail=name)
    assert {v.name for v in picture.vertices if v.state == "failed"} == failed
    assert not any(v.state == "cut" for v in picture.vertices)


def test_a_cluster_that_shares_its_site_fails_alone() -> None:
    picture = picture_of(CLOUDS, "full-mesh", fail="core-fra")
    (site,) = (v for v in picture.vertices if v.name == "frankfurt")
    assert site.state == "plain"
    assert {c.name: c.state for c in site.clusters} == {"batch-fra": "plain", "core-fra": "failed"}
    assert [entry.label.text for entry in picture.legend][-1] == "down"


def test_unknown_names_get_the_nearest() -> None:
    with pytest.raises(UnknownName, match='did you mean "aws/us-east-1"'):
        picture_of(CLOUDS, "full-mesh", fail="aws/us-east1")
    with pytest.raises(UnknownName, match='no cluster is named "prod-use"; did you mean "prod-'):
        picture_of(CLOUDS, "full-mesh", highlight="prod-use")


def test_managed_hubs_fail_with_their_region() -> None:
    graph = with_transits(CLOUDS)
    shown = emphasising.fail(graph, CLOUDS, "aws/us-east-1")
    assert {v for v, s in shown.vertices.items() if s == "failed"} == {
        "(aws us-east-1)",
        "prod-use1",
        "stg-use1",
    }


@given(fleet=fleets(most=9))
@settings(max_examples=12)
@for_each_design
def test_ways_are_the_shortest(design: str, fleet: Fleet) -> None:
    graph = expand(DESIGNS[design], fleet)
    for cluster in fleet.clusters:
        site = cluster.site_name
        shown = emphasising.highlight(graph, fleet, cluster.name)
        own = {emphasising.ends(site, other) for other in graph.adj[site]}
        assert {pair for pair, state in shown.links.items() if state == "strong"} == own
        on_way: set[tuple[str, str]] = set()
        for other in fleet.members:
            roads = roads_between(graph, site, other)
            if other == site or graph.has_edge(site, other) or not nx.has_path(roads, site, other):
                continue
            for path in nx.all_shortest_paths(roads, site, other):
                on_way.update(emphasising.ends(*step) for step in pairwise(path))
        assert {pair for pair, state in shown.links.items() if state == "plain"} == on_way - own


@pytest.mark.slow
def test_failures_and_highlights_reach_collapsed_pictures() -> None:
    fleet = made(300)
    for patched in (collapsing.MOST_LINKS_BUILT, 0):
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(collapsing, "MOST_LINKS_BUILT", patched)
            down = picture_of(fleet, "full-mesh", fail="aws/us-east-1")
            shown = picture_of(fleet, "full-mesh", highlight="prod-us-east-1-00")
        states = {v.name: v.state for v in down.vertices if v.state != "plain"}
        assert states == {"[aws us-east-1]": "failed"}
        assert {
            line.state for line in down.lines if "[aws us-east-1]" in (line.one, line.other)
        } == {"failed"}
        assert {v.name for v in shown.vertices if v.state == "strong"} == {"[aws us-east-1]"}
        strong = {line.one for line in shown.lines if line.state == "strong"}
        strong |= {line.other for line in shown.lines if line.state == "strong"}
        assert len(strong) == 8
        assert sum(line.state == "strong" for line in shown.lines) == 7


# --- labels ------------------------------------------------------------------------------------


@pytest.mark.slow
@pytest.mark.parametrize("name", ["three-clouds", "wikimedia", "three-clusters-redundant"])
@pytest.mark.parametrize("design", DESIGNS)
def test_prefixes_stand_under_the_names(name: str, design: str) -> None:
    fleet = EXAMPLES[name]
    plan, _ = make_plan(fleet) if name != "wikimedia" else (None, None)
    lines = prefix_lines(plan) if plan else pinned_lines(fleet)
    picture = layout(expand(DESIGNS[design], fleet), Extras(prefixes=lines))
    shown = {
        cluster.name: tuple(detail.text for detail in cluster.details)
        for vertex in picture.vertices
        for cluster in vertex.clusters
    }
    assert shown == {cluster.name: lines[cluster.name] for cluster in fleet.clusters}
    assert any(line.startswith("pods ") for line in shown[fleet.clusters[0].name])
    assert box_faults(picture) + line_faults(picture) + label_faults(picture) == []


def test_ula_of_a_seed_that_is_lost_is_left_out() -> None:
    fleet = one_fleet(
        [{"name": "a", "provider": "on-prem", "site": "s", "addresses": {"nodes": "10.9.0.0/24"}}]
    )
    plan, changes = make_plan(fleet)
    assert changes.new_seed
    assert [line.split()[0] for line in prefix_lines(plan)["a"]] == ["nodes", "pods", "pods"]
    assert prefix_lines(plan, without_ula=True)["a"] == prefix_lines(plan)["a"][:2]
    assert prefix_lines(plan)["a"][0] == "nodes 10.9.0.0/24"


def texts_on(graph: nx.Graph[str]) -> Iterator[tuple[LineKey, str]]:
    for number, (one, other, data) in enumerate(sorted(graph.edges(data=True), key=str)):
        text = f"{number + 100} USD\n{number * 7} GB, {number} Mbps"
        yield (*emphasising.ends(one, other), data["kind"]), text


@pytest.mark.slow
@pytest.mark.parametrize("design", DESIGNS)
def test_texts_on_links_keep_apart(design: str) -> None:
    graph = expand(DESIGNS[design], CLOUDS)
    texts = dict(texts_on(graph))
    picture = layout(graph, Extras(texts=texts, labelled=True))
    found = {
        (*emphasising.ends(line.one, line.other), line.kind): line.label.text
        for line in picture.lines
        if line.label
    }
    assert found.items() <= texts.items()
    lost = len(texts) - len(found)
    assert any("found no room" in note.text for note in picture.notes) == (lost > 0)
    assert lost <= len(texts) // 4
    assert label_faults(picture) == []
    for line in picture.lines:
        if line.label:
            x, y = line.label.room.middle
            near = min(
                abs(px - x) + abs(py - y)
                for px, py in (point_on(line.curve, share / 100) for share in range(101))
            )
            assert near < 0.1
            assert lines_under(picture, line.label.room) <= 8  # nobody could tell whose it is


def lines_under(picture: Layout, room: Box) -> int:
    """Count the lines that run through ``room``."""
    return sum(
        any(
            room.left < x < room.right and room.top < y < room.bottom
            for x, y in (point_on(line.curve, share / 200) for share in range(201))
        )
        for line in picture.lines
        if line.state != "pale"
    )


def test_costs_stand_in_the_title() -> None:
    told = Told(costs={"full-mesh": "at least 1,234 USD a month"})
    svg = draw(CLOUDS, "full-mesh", fmt="svg", told=told).decode()
    assert ">at least 1,234 USD a month</text>" in svg
    assert "at least 1,234 USD a month." in svg.split("<desc", 1)[1].split("</desc>")[0]
    assert "USD" not in draw(CLOUDS, "hub-and-spoke", fmt="svg", told=told).decode()


def test_labels_of_single_things_are_left_out_of_groups() -> None:
    told = Told(prefixes={"prod-use1": ("pods 10.0.0.0/8",)})
    svg = draw(CLOUDS, "full-mesh", fmt="svg", told=told, view=View(collapse="region")).decode()
    assert "10.0.0.0/8" not in svg
    assert "Labels of single clusters are left out" in svg


# --- sheets and themes -------------------------------------------------------------------------


def test_a_sheet_holds_its_pictures_apart() -> None:
    pictures = list(layouts(CLOUDS).values())
    for count in range(1, 5):
        page = sheet("three-clouds", pictures[:count])
        places = [Box(left, top, held.width, held.height) for left, top, held in page.pictures]
        assert len(places) == count
        assert not any(a.overlaps(b) for a, b in combinations(places, 2))
        assert all(box.right <= page.width + 1e-6 and box.bottom <= page.height for box in places)
        assert all(box.top >= page.title.room.bottom for box in places)


@pytest.mark.slow
@pytest.mark.parametrize("fmt", ["png", "svg", "pdf"])
def test_several_designs_stand_on_one_sheet(fmt: Any) -> None:
    page = draw(CLOUDS, list(DESIGNS), fmt=fmt)
    assert page == draw(CLOUDS, list(DESIGNS), fmt=fmt)
    if fmt == "svg":
        text = page.decode()
        for design in DESIGNS.values():
            assert f">{design.title}</text>" in text
        assert '<title id="title">three-clouds</title>' in text
    if fmt == "png":
        image = Image.open(io.BytesIO(page))
        assert image.info["k8s6plan"] == f"fleet=three-clouds design={','.join(DESIGNS)}"


def luminance(colour: str) -> float:
    """Return the relative luminance of WCAG 2.1."""
    parts = [int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5)]
    red, green, blue = (c / 12.92 if c <= 0.03928 else ((c + 0.055) / 1.055) ** 2.4 for c in parts)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(one: str, other: str) -> float:
    light, dark = sorted((luminance(one), luminance(other)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


@pytest.mark.parametrize("theme", THEMES.values(), ids=THEMES)
def test_words_and_lines_can_be_told_from_the_paper(theme: Theme) -> None:
    sites = ("site", "group", "cluster", "hub site", "hub group", "hub cluster", "hub transit")
    fills = [theme.shapes[name].fill for name in (*sites, "provider", "region", "underlay")]
    for fill in [*fills, theme.paper]:
        assert contrast(fill, theme.tones["plain"]) >= 4.5
    for name in ("site", "cluster", "group", "hub cluster", "hub group"):
        assert contrast(theme.shapes[name].fill, theme.tones["quiet"]) >= 4.5
    assert contrast(theme.shapes["mark"].fill, theme.tones["inverse"]) >= 4.5
    for name in ("cut", "cut cluster", "failed", "failed cluster", "pale"):
        assert contrast(theme.shapes[name].fill, theme.faded) >= 3.0
    for stroke in theme.strokes.values():
        assert contrast(stroke.colour, theme.paper) >= 2.8


def test_dark_pictures_are_dark() -> None:
    image = Image.open(io.BytesIO(draw(CLOUDS, "full-mesh", fmt="png", view=View(theme="dark"))))
    assert image.convert("L").tobytes()[0] < 40
