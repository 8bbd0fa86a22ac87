"""Pictures: the layout is held as numbers; of the drawing, where its texts really come to stand."""

from __future__ import annotations

import io
import os
import subprocess
import sys
from collections import Counter
from dataclasses import replace
from functools import cache
from hashlib import sha256
from itertools import combinations
from math import comb
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import matplotlib as mpl
import networkx as nx
import numpy as np
import pytest
from hypothesis import given, settings
from matplotlib.backends.backend_agg import FigureCanvasAgg, RendererAgg
from matplotlib.collections import PathCollection
from matplotlib.figure import Figure
from PIL import Image

from k8s6plan import __version__
from k8s6plan.errors import K8s6planError, UnknownName
from k8s6plan.fleet import file as fleet
from k8s6plan.fleet.model import Fleet
from k8s6plan.topology.designs import DESIGNS
from k8s6plan.topology.graph import UNDERLAY, expand
from k8s6plan.views.diagram import Extras, Layout, View, draw, layout
from k8s6plan.views.diagram._parts import Box, Label
from k8s6plan.views.diagram._render import DPI, figure_of
from k8s6plan.views.diagram._text import ELLIPSIS, POINTS_PER_INCH, shorten, width_of, wrap
from k8s6plan.views.diagram._theme import LIGHT
from k8s6plan.views.formats import FORMATS
from tests.strategies import apart, fleets

ROOT = Path(__file__).resolve().parents[1]
EXAMPLES = {path.stem: fleet.load(path) for path in sorted((ROOT / "examples").glob("*.yaml"))}
REGIONS = {
    "aws": ("us-east-1", "eu-west-1"),
    "gcp": ("us-central1", "europe-west1"),
    "azure": ("eastus", "westeurope"),
    "on-prem": ("frankfurt", None),
}
LONG = "payments-production-customer-facing-eu-west-1-primary-blue-0123"


def made(count: int, *, hubs: int = 1, long_names: bool = False) -> Fleet:
    """Return ``count`` clusters over four providers and eight places, one a site."""
    clusters = []
    for index in range(count):
        provider = list(REGIONS)[index % 4]
        region = REGIONS[provider][index // 4 % 2]
        name = f"{('prod', 'staging', 'data')[index % 3]}-{region or 'edge'}-{index:02}"
        if long_names:
            name = f"{LONG[:60]}-{index:02}"
        site = name if provider != "on-prem" else f"dc-{index}"
        clusters.append({"name": name, "provider": provider, "region": region, "site": site})
    return one_fleet(clusters, connect={"hubs": hubs, "tunnels_per_link": 2})


def one_fleet(clusters: list[dict[str, Any]], **fields: Any) -> Fleet:
    return Fleet.model_validate({"fleet": "made", "clusters": clusters} | fields)


def layouts(described: Fleet) -> dict[str, Layout]:
    return {name: layout(expand(design, described)) for name, design in DESIGNS.items()}


FLEETS = {
    **EXAMPLES,
    "none": made(0),
    "one": made(1),
    "forty": made(40),
    "forty, three hubs": made(40, hubs=3),
    "hundred": made(100),
    "long names": made(12, long_names=True),
    "apart": apart(30),
    "one provider": one_fleet(
        [{"name": f"c{n}", "provider": "aws", "region": f"r{n % 3}"} for n in range(9)]
    ),
    "a full site": one_fleet(
        [{"name": f"c{n}", "provider": "on-prem", "site": "dc"} for n in range(64)]
    ),
}


# --- where things stand ------------------------------------------------------------------------


def box_faults(picture: Layout) -> list[str]:
    """Say which boxes leave what holds them, or touch what they should not."""
    page = Box(0, 0, picture.width, picture.height)
    providers = [frame.box for frame in picture.frames if frame.kind == "provider"]
    regions = [frame.box for frame in picture.frames if frame.kind == "region"]
    held = [(box, [page]) for box in providers] + [(box, providers) for box in regions]
    apart_groups = [providers, regions, [site.box for site in picture.vertices]]
    for site in picture.vertices:
        held.append((site.box, providers or [page]))  # a whole provider has no frame
        held += [(inner.box, [site.box]) for inner in site.clusters]
        apart_groups.append([inner.box for inner in site.clusters])
    if picture.underlay:
        held.append((picture.underlay.box, [page]))
        apart_groups.append([picture.underlay.box, *providers])
    faults = [f"{box} is out" for box, outer in held if not any(o.holds(box) for o in outer)]
    for group in apart_groups:
        faults += [f"{a} overlaps {b}" for a, b in combinations(group, 2) if a.overlaps(b)]
    return faults


# Of each of 33 places along a curve of Bézier, how much of its four points is in it.
_ALONG = np.linspace(0, 1, 33)[:, None]
_WEIGHTS = np.hstack(
    [comb(3, n) * _ALONG**n * (1 - _ALONG) ** (3 - n) for n in range(4)]
)  # fmt: skip
SPECK = 3e-6  # inches; smaller than a pixel, so that an end may lie on the edge of its box


def line_faults(picture: Layout) -> list[str]:
    """Say which lines leave the page, miss their ports, or run over a box or a text."""
    ports = {site.name: site.port for site in picture.vertices}
    walls = [site.box for site in picture.vertices] + [
        label.room for label in picture.labels() if not label.plate
    ]
    walls += [picture.underlay.box] if picture.underlay else []
    low = np.array([(wall.left, wall.top) for wall in walls]) + SPECK
    high = np.array([(wall.right, wall.bottom) for wall in walls]) - SPECK
    faults = []
    for line in picture.lines:
        name = f"{line.one} - {line.other}"
        for end, site in ((0, line.one), (3, line.other)):
            if site != UNDERLAY and line.curve[end] != ports[site]:
                faults.append(f"{name} misses its port")
        points = _WEIGHTS @ np.array(line.curve)
        page = np.array((picture.width, picture.height))
        if (points < -SPECK).any() or (points > page + SPECK).any():
            faults.append(f"{name} leaves the page")
        inside = ((low <= points[:, None]) & (points[:, None] <= high)).all(axis=2).any(axis=0)
        faults += [f"{name} runs over {walls[n]}" for n in np.flatnonzero(inside)]
    return faults


@pytest.mark.slow
@pytest.mark.parametrize("name", sorted(FLEETS.keys() - {"forty", "hundred"}))
def test_boxes_and_lines_keep_apart(name: str) -> None:
    for picture in layouts(FLEETS[name]).values():
        assert box_faults(picture) == []
        assert line_faults(picture) == []


@pytest.mark.slow
@given(fleets(most=30))
@settings(max_examples=40, deadline=None)
def test_boxes_and_lines_keep_apart_in_any_fleet(described: Fleet) -> None:
    for picture in layouts(described).values():
        assert box_faults(picture) == []
        assert line_faults(picture) == []


def test_what_stands_wrong_is_found() -> None:
    picture = layouts(made(12))["full-mesh"]
    first, second, *rest = picture.vertices
    both_at_once = (first, replace(second, box=first.box), *rest)
    assert any("overlaps" in fault for fault in box_faults(replace(picture, vertices=both_at_once)))
    above = replace(first, box=replace(first.box, top=-1.0))
    assert any("is out" in fault for fault in box_faults(replace(picture, vertices=(above,))))
    x, y = first.clusters[0].box.middle
    stray = replace(picture.lines[0], curve=((0.0, y), (0.0, y), (x, y), (x, y)))
    faults = line_faults(replace(picture, lines=(stray,)))
    assert any("misses" in fault for fault in faults)
    assert any("runs over" in fault for fault in faults)


def places(picture: Layout) -> dict[str, object]:
    found: dict[str, object] = {"width": picture.width}
    for site in picture.vertices:
        if site.kind != "transit":
            found[site.name] = (site.box, site.label, site.port, site.clusters)
    return found | {f"{frame.kind} {frame.box}": frame for frame in picture.frames}


@pytest.mark.parametrize("name", FLEETS)
def test_a_site_stands_at_the_same_place_in_every_design(name: str) -> None:
    first, *others = (places(picture) for picture in layouts(FLEETS[name]).values())
    assert all(other == first for other in others)


@given(fleets())
@settings(max_examples=30, deadline=None)
def test_the_order_of_vertices_and_links_changes_nothing(described: Fleet) -> None:
    for design in DESIGNS.values():
        graph = expand(design, described)
        turned: nx.Graph[str] = nx.Graph(**graph.graph)
        for name in reversed(list(graph.nodes)):
            vertex = graph.nodes[name]
            clusters = {"clusters": vertex["clusters"][::-1]} if "clusters" in vertex else {}
            turned.add_node(name, **vertex | clusters)
        for one, other, data in reversed(list(graph.edges(data=True))):
            turned.add_edge(other, one, **data)
        assert layout(turned) == layout(graph)


@pytest.mark.parametrize("name", FLEETS)
def test_the_layout_shows_the_whole_graph(name: str) -> None:
    for design in DESIGNS.values():
        graph = expand(design, FLEETS[name])
        picture = layout(graph)
        links = Counter(
            (frozenset((one, other)), data["kind"], data["tunnels"])
            for one, other, data in graph.edges(data=True)
        )
        drawn = (
            (frozenset((line.one, line.other)), line.kind, line.tunnels) for line in picture.lines
        )
        assert Counter(drawn) == links
        shown = {
            site.name: (tuple(inner.name for inner in site.clusters), site.hub)
            for site in picture.vertices
            if site.kind == "site"
        }
        hubs = [vertex.name for vertex in picture.vertices if vertex.kind == "transit"]
        assert set(hubs) == {n for n, data in graph.nodes(data=True) if data["kind"] == "transit"}
        assert shown == {
            name: (tuple(sorted(data["clusters"])), data["hub"])
            for name, data in graph.nodes(data=True)
            if data["kind"] == "site"
        }
        framed = Counter(frame.name for frame in picture.frames if frame.kind == "provider")
        providers = {data.get("provider") for _, data in graph.nodes(data=True)} - {None}
        assert framed.keys() == providers


def test_columns_are_alike_and_a_large_provider_fills_both() -> None:
    picture = layouts(FLEETS["one provider"])["full-mesh"]
    titles = [frame.label.text for frame in picture.frames if frame.kind == "provider"]
    assert titles == ["aws (1 of 2)", "aws (2 of 2)"]
    regions = [frame.name for frame in picture.frames if frame.kind == "region"]
    assert regions == ["r0", "r1", "r2"]  # none is cut
    twelve = [{"name": f"c{n:02}", "provider": "aws", "region": "r"} for n in range(12)]
    at_home = {"name": "home", "provider": "on-prem", "site": "home"}
    picture = layouts(one_fleet([*twelve, at_home]))["full-mesh"]
    on_left = [site.name for site in picture.vertices if site.port[0] < picture.width / 2]
    assert on_left == [f"c{n:02}" for n in range(7)]


def test_the_underlay_is_reached_straight_from_every_site() -> None:
    picture = layouts(EXAMPLES["three-clouds"])["flat-ipv6"]
    assert picture.underlay is not None
    assert [label.text for label in picture.underlay.labels] == [
        "public IPv6 internet",
        "(underlay)",
    ]
    box = picture.underlay.box
    assert len(picture.lines) == 11
    for line in picture.lines:
        assert len({y for _, y in line.curve}) == 1
        assert line.curve[-1][0] in (box.left, box.right)
        assert box.top < line.curve[-1][1] < box.bottom


# --- words -------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("design", "title", "counts", "legend"),
    [
        (
            "hub-and-spoke",
            "three-clouds: Hub and spoke",
            "12 clusters in 11 sites; 14 tunnels, 3 attachments",
            ["tunnel, x2 on each link", "attachment to the provider's transit", "hub"],
        ),
        (
            "full-mesh",
            "three-clouds: Full mesh",
            "12 clusters in 11 sites; 86 tunnels, 12 peerings",
            ["tunnel, x2 on each link", "peering inside one provider"],
        ),
        (
            "regional-hubs",
            "three-clouds: Regional hubs",
            "12 clusters in 11 sites; 36 tunnels, 7 attachments",
            ["tunnel, x2 on each link", "attachment to the provider's transit", "hub"],
        ),
        (
            "flat-ipv6",
            "three-clouds: Flat IPv6",
            "12 clusters in 11 sites; no tunnels, routed by the underlay",
            ["routed IPv6, no tunnel"],
        ),
    ],
)
def test_words_of_the_three_clouds(design: str, title: str, counts: str, legend: list[str]) -> None:
    picture = layouts(EXAMPLES["three-clouds"])[design]
    assert picture.title.text == title
    assert picture.subtitle[0].text == counts
    assert [entry.label.text for entry in picture.legend] == legend


@pytest.mark.slow
def test_one_and_many_are_told_apart() -> None:
    assert layouts(apart(2))["full-mesh"].subtitle[0].text == "2 clusters in 2 sites; 1 tunnel"
    assert [entry.label.text for entry in layouts(apart(2))["full-mesh"].legend] == ["tunnel"]
    many = layouts(apart(100))["full-mesh"].subtitle[0].text
    assert many == "100 clusters in 100 sites; 4,950 tunnels"


def test_a_legend_of_many_kinds_takes_two_rows() -> None:
    graph = expand(DESIGNS["full-mesh"], apart(4))
    kinds = [("tunnel", 3), ("peering", 0), ("attachment", 0), ("tunnel", 1)]
    for (one, other), (kind, tunnels) in zip(graph.edges, kinds, strict=False):
        graph.edges[one, other].update(kind=kind, tunnels=tunnels)
    picture = layout(graph)
    words = [entry.label.text for entry in picture.legend]
    assert words[0] == "tunnel, x1 to x3 on each link"
    assert [entry.meaning for entry in picture.legend] == ["tunnel", "peering", "attachment"]
    assert len({entry.sample.top for entry in picture.legend}) == 2
    page = Box(0, 0, picture.width, picture.height)
    assert all(page.holds(entry.label.room) for entry in picture.legend)


@pytest.mark.parametrize("design", DESIGNS)
def test_an_empty_fleet_says_so(design: str) -> None:
    picture = layouts(made(0))[design]
    assert [note.text for note in picture.notes] == ["No clusters in this fleet."]
    assert picture.subtitle[0].text == "0 clusters in 0 sites; no links"
    assert Image.open(io.BytesIO(draw(made(0), design, fmt="png"))).format == "PNG"


def test_a_single_site_says_so() -> None:
    pictures = layouts(FLEETS["a full site"])
    for design in ("hub-and-spoke", "full-mesh", "regional-hubs"):
        words = [note.text for note in pictures[design].notes]
        assert words == ["One site: its clusters need no link."]
        assert pictures[design].subtitle[0].text == "64 clusters in 1 site; no links"
    assert pictures["flat-ipv6"].notes == ()
    assert len(pictures["flat-ipv6"].lines) == 1


def test_long_names_lose_their_middle() -> None:
    picture = layouts(made(12, long_names=True))["full-mesh"]
    for site in picture.vertices:
        (inner,) = site.clusters
        head, tail = inner.label.text.split(ELLIPSIS)
        assert len(head) >= 10
        assert len(tail) >= 10
        assert inner.name.startswith(head)
        assert inner.name.endswith(tail)
    assert shorten("short", 5.0, 9) == "short"
    assert shorten("long", 0.01, 9) == ELLIPSIS


@pytest.mark.parametrize("bold", [False, True])
def test_widths_are_never_too_small(bold: bool) -> None:
    names = [chr(code) for code in range(32, 127)]
    names += [label.text for label in layouts(made(40))["full-mesh"].labels()]
    names += [LONG, "Ünïcode"]
    renderer: Any = renderer_of(figure_of(layouts(made(0))["full-mesh"], LIGHT))
    font = mpl.font_manager.FontProperties(family="DejaVu Sans", weight="bold" if bold else 400)
    font.set_size(72)
    for name in names:
        pixels, _, _ = renderer.get_text_width_height_descent(name, font, ismath=False)
        inches = pixels / DPI
        assert inches <= width_of(name, 72, bold=bold) * 1.001, name
        if len(name) > 6 and name.isascii() and not bold:
            assert width_of(name, 72) <= 1.1 * inches, name
    assert POINTS_PER_INCH == 72


def test_remarks_are_wrapped_and_bounded() -> None:
    words = "a remark of many words " * 60
    graph = expand(DESIGNS["full-mesh"], made(3))
    picture = layout(graph, Extras(remarks=[words, "and another"]))
    assert len(picture.notes) == 6
    assert picture.notes[-1].text == ELLIPSIS
    assert picture.notes[-1].room.bottom < picture.height
    assert " ".join(wrap(words, 3.0, 9)) == words.strip()


def test_what_a_design_cannot_join_is_said() -> None:
    svg = draw(EXAMPLES["three-clouds"], "flat-ipv6", fmt="svg").decode()
    why = "Some clusters cannot be joined this way: prod-eus, prod-weu, stg-weu"
    assert why in svg
    for fmt in ("mmd", "dot", "json"):
        assert why in draw(EXAMPLES["three-clouds"], "flat-ipv6", fmt=fmt).decode()
        assert (
            "cannot be joined" not in draw(EXAMPLES["three-clouds"], "full-mesh", fmt=fmt).decode()
        )
    assert "cannot be joined" not in draw(EXAMPLES["three-clouds"], "full-mesh", fmt="svg").decode()


# --- the drawing -------------------------------------------------------------------------------


def renderer_of(figure: Figure) -> RendererAgg:
    canvas: Any = FigureCanvasAgg(figure)  # it has no type for what it renders with
    renderer: RendererAgg = canvas.get_renderer()
    return renderer


def drawn_texts(picture: Layout) -> list[tuple[Label, Box]]:
    """Return each label with the box, in inches, that its ink really takes."""
    figure = figure_of(picture, LIGHT)
    renderer = renderer_of(figure)
    found = []
    for label, text in zip(picture.labels(), figure.axes[0].texts, strict=True):
        assert text.get_text() == label.text
        extent = text.get_window_extent(renderer)
        width, height = extent.width / DPI, extent.height / DPI
        found.append((label, Box(extent.x0 / DPI, picture.height - extent.y1 / DPI, width, height)))
    return found


def text_faults(picture: Layout) -> list[str]:
    """Say which texts, as drawn, leave their room, or touch another text or a strange box."""
    texts = drawn_texts(picture)
    boxes = [site.box for site in picture.vertices]
    boxes += [inner.box for site in picture.vertices for inner in site.clusters]
    boxes += [site.mark.room for site in picture.vertices if site.mark]
    boxes += [entry.sample for entry in picture.legend]
    boxes += [picture.underlay.box] if picture.underlay else []
    marked = {site.mark: site.box for site in picture.vertices}  # a mark lies on its site's edge
    faults = []
    for label, ink in texts:
        # Sideways: its ink may not leave its room. Up and down: rooms stand close, ink may not.
        if not (label.room.left - 0.01 <= ink.left and ink.right <= label.room.right + 0.01):
            faults.append(f"{label.text} leaves its room")
        middle = Box(*label.room.middle, 0, 0)
        faults += [
            f"{label.text} touches a box"
            for box in boxes
            if ink.overlaps(box) and not box.holds(middle) and box != marked.get(label)
        ]
    faults += [
        f"{one.text} touches {other.text}"
        for (one, here), (other, there) in combinations(texts, 2)
        if here.overlaps(there)
    ]
    return faults


@pytest.mark.slow
@pytest.mark.parametrize("design", DESIGNS)
@pytest.mark.parametrize(
    "name", ["three-clouds", "wikimedia", "forty", "forty, three hubs", "long names", "a full site"]
)
def test_no_text_touches_another_or_a_strange_box(name: str, design: str) -> None:
    graph = expand(DESIGNS[design], FLEETS[name])
    assert text_faults(layout(graph, Extras(remarks=["a remark of some words " * 9]))) == []


def test_texts_that_touch_are_found() -> None:
    picture = layouts(made(12))["hub-and-spoke"]
    first, second, *rest = picture.vertices
    ((one,), (other,)) = first.clusters, second.clusters
    wide = replace(one, label=replace(one.label, text=one.label.text * 3))
    faults = text_faults(
        replace(picture, vertices=(replace(first, clusters=(wide,)), second, *rest))
    )
    assert any("leaves its room" in fault for fault in faults)
    same = replace(other, label=one.label)
    faults = text_faults(
        replace(picture, vertices=(first, replace(second, clusters=(same,)), *rest))
    )
    assert any("touches" in fault for fault in faults)
    edge = Box(first.box.left, first.box.top - 0.06, 1.0, 0.1)
    low = replace(picture.title, room=edge)
    assert any("touches a box" in fault for fault in text_faults(replace(picture, title=low)))


def test_kinds_of_line_differ_in_colour_and_in_dashes() -> None:
    strokes = LIGHT.strokes.values()
    assert len({stroke.colour for stroke in strokes}) == len(strokes) == 4
    assert len({stroke.dashes for stroke in strokes}) == 4


def lines_drawn(picture: Layout) -> list[PathCollection]:
    """Return the collections of lines: what has no fill."""
    (axes,) = figure_of(picture, LIGHT).axes
    drawn = [held for held in axes.collections if isinstance(held, PathCollection)]
    assert len(drawn) == len(axes.collections)
    return [held for held in drawn if not len(held.get_facecolor())]


def test_each_kind_is_one_collection() -> None:
    picture = layouts(made(100))["full-mesh"]
    sizes = Counter(len(held.get_paths()) for held in lines_drawn(picture))
    assert sizes == {4050: 1, 900: 1, 1: len(picture.legend)}


def test_hubs_look_different() -> None:
    pictures = layouts(EXAMPLES["three-clouds"])
    hubs = [site for site in pictures["hub-and-spoke"].vertices if site.hub]
    assert [(hub.name, hub.mark.text if hub.mark else "") for hub in hubs] == [("prod-euw1", "hub")]
    assert not any(site.hub for site in pictures["full-mesh"].vertices)

    box = hubs[0].box
    bounds = (box.left, box.top, box.width, box.height)

    def look(design: str) -> tuple[float, tuple[float, ...]]:
        """Return border and fill of the collection whose boxes include that of prod-euw1."""
        (axes,) = figure_of(pictures[design], LIGHT).axes
        drawn: list[Any] = list(axes.collections)
        (found,) = (
            held
            for held in drawn
            if any(path.get_extents().bounds == pytest.approx(bounds) for path in held.get_paths())
        )
        return found.get_linewidths()[0], tuple(found.get_facecolor()[0])

    hub, plain = look("hub-and-spoke"), look("full-mesh")
    assert hub[0] >= 2 * plain[0]
    assert hub[1] != plain[1]


def test_names_are_drawn_as_they_are() -> None:
    odd = made(2).model_copy(update={"fleet": "<b>&$x_1$\\alpha"})
    svg = draw(odd, "full-mesh", fmt="svg")
    root = ElementTree.fromstring(svg)  # noqa: S314 - our own text, made a line above
    texts = [
        "".join(element.itertext()) for element in root.iter("{http://www.w3.org/2000/svg}text")
    ]
    assert "<b>&$x_1$\\alpha: Full mesh" in texts


# --- the file ----------------------------------------------------------------------------------


def test_a_png_carries_our_mark_and_its_size() -> None:
    image = Image.open(io.BytesIO(draw(EXAMPLES["three-clouds"], "full-mesh", fmt="png")))
    assert image.info["Title"] == "three-clouds: Full mesh"
    assert image.info["Software"] == f"k8s6plan {__version__}"
    assert image.info["k8s6plan"] == "fleet=three-clouds design=full-mesh"
    picture = layouts(EXAMPLES["three-clouds"])["full-mesh"]
    assert image.size == pytest.approx((picture.width * DPI, picture.height * DPI), abs=1)


def test_an_svg_carries_our_mark_and_its_texts() -> None:
    svg = draw(EXAMPLES["wikimedia"], "full-mesh", fmt="svg").decode()
    assert f"<dc:title>k8s6plan {__version__}</dc:title>" in svg
    assert '<title id="title">wikimedia: Full mesh</title>' in svg
    assert 'role="img" aria-labelledby="title desc"' in svg
    assert '<desc id="desc">wikimedia: Full mesh. 9 clusters in ' in svg
    assert "<dc:date>" not in svg
    for cluster in EXAMPLES["wikimedia"].clusters:
        assert f">{cluster.name}</text>" in svg


PROGRAM = """
import sys
from hashlib import sha256
from pathlib import Path
from k8s6plan.fleet import file
from k8s6plan.views import diagram
early = [name for name in sys.modules if name.startswith("matplotlib")]
described = file.load(Path("examples/three-clouds.yaml"))
for fmt in sys.argv[1:]:
    print(sha256(diagram.draw(described, "regional-hubs", fmt=fmt)).hexdigest())
assert early == [], early
assert "matplotlib.pyplot" not in sys.modules
"""


@cache
def digests(seed: str) -> dict[str, str]:
    """Return the digest of a picture in each format, as another process draws it."""
    done = subprocess.run(
        [sys.executable, "-c", PROGRAM, *FORMATS],
        cwd=ROOT,
        env=os.environ | {"PYTHONHASHSEED": seed, "PYTHONPATH": str(ROOT)},
        check=True,
        capture_output=True,
        text=True,
    )
    return dict(zip(FORMATS, done.stdout.split(), strict=True))


@pytest.mark.slow
@pytest.mark.parametrize("fmt", FORMATS)
def test_same_fleet_same_bytes(fmt: str) -> None:
    here = sha256(draw(EXAMPLES["three-clouds"], "regional-hubs", fmt=fmt)).hexdigest()
    assert digests("1")[fmt] == digests("2")[fmt] == here


def test_settings_of_the_user_change_nothing_and_are_kept() -> None:
    before = draw(made(3), "full-mesh", fmt="svg")
    own: Any = {"font.size": 30.0, "svg.fonttype": "path", "savefig.bbox": "tight"}
    with mpl.rc_context(own):
        settings_before = dict(mpl.rcParams)
        assert draw(made(3), "full-mesh", fmt="svg") == before
        assert dict(mpl.rcParams) == settings_before


def test_what_no_picture_can_show_is_refused() -> None:
    apart_ones = View(collapse="none")
    with pytest.raises(K8s6planError, match="501 sites, and one picture holds at most 500"):
        draw(apart(501), "hub-and-spoke", fmt="png", view=apart_ones)
    with pytest.raises(K8s6planError, match="full-mesh joins 300 sites by 44,850 links"):
        draw(apart(300), "full-mesh", fmt="png", view=apart_ones)
    with pytest.raises(UnknownName, match='did you mean "full-mesh"'):
        draw(made(3), "fullmesh", fmt="png")
