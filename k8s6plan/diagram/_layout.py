"""Where everything stands in a picture. Pure: a graph in, plain numbers out.

1. Clusters stand in their site, sites in their region, regions in their provider, providers in
   one of two columns. Vertices alone decide, never links or hubs: a site stands at the same place
   in every design of a fleet, so that pictures compare.
2. Each site has a port, in the middle of its edge that faces the space between the columns. Lines
   run from port to port, leave it at a right angle and stay within that space: none can touch a
   box or a name.
3. The underlay of flat IPv6 stands in the middle of that space, as high as the columns.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from typing import TYPE_CHECKING

from k8s6plan.designs import UNDERLAY, design_named
from k8s6plan.designs._links import LINK_KINDS, LinkKind
from k8s6plan.diagram._boxes import FRAME_PAD, Column, column_width
from k8s6plan.diagram._columns import DENSE, ROOMY, ROOMY_SITES, columns, providers_of, stack_height
from k8s6plan.diagram._parts import (
    Box,
    Curve,
    Frame,
    Label,
    Layout,
    LegendEntry,
    Line,
    SiteBox,
    Underlay,
)
from k8s6plan.diagram._text import shorten, width_of, wrap

if TYPE_CHECKING:
    import networkx as nx

# Sizes of text in points, all else in inches.
_MARGIN = 0.35
_NARROWEST_PICTURE = 7.2
_TITLE_PT, _TITLE = 16.0, 0.34
_SUBTITLE_PT, _SUBTITLE = 10.5, 0.26
_BELOW_TITLE = 0.25
_SHORTEST_COLUMN, _MOST_OFF_HALFWAY = 0.9, 0.15
_OPEN_PER_HEIGHT, _OPEN_MIN, _OPEN_MAX = 0.6, 2.6, 12.0
_SHALLOWEST, _DEEPEST_SHARE = 0.3, 0.65  # how far an arc's controls lie from the column
_MIDDLE_PT, _MIDDLE_ROW, _UNDERLAY_SHARE, _UNDERLAY_MIN = 11.0, 0.26, 0.36, 1.9
_LEGEND_PT, _LEGEND_ROW, _LEGEND_GAP, _SAMPLE, _ABOVE_LEGEND = 9.0, 0.26, 0.35, 0.5, 0.22
_NOTE_PT, _NOTE_ROW, _NOTE_LINES = 8.5, 0.19, 6

_MEANING: dict[LinkKind, str] = {
    "tunnel": "tunnel",
    "peering": "peering inside one provider",
    "attachment": "attachment to the provider's transit",
    "routed": "routed IPv6, no tunnel",
}


def layout(graph: nx.Graph[str], *, remarks: Sequence[str] = ()) -> Layout:
    """Return where everything in the picture of ``graph`` stands.

    Args:
        graph: a topology as ``design.build`` makes it.
        remarks: what the reader should know besides, written under the legend.

    """
    providers = providers_of(graph)
    site_count = sum(len(region.sites) for provider in providers for region in provider.regions)
    spacing = ROOMY if site_count <= ROOMY_SITES else DENSE
    left, right = columns(providers, spacing)
    left_width, right_width = column_width(left, spacing), column_width(right, spacing)
    left_frame = left_width + 2 * FRAME_PAD if left else 0.0
    right_frame = right_width + 2 * FRAME_PAD if right else 0.0
    height = max(stack_height(left, spacing), stack_height(right, spacing), _SHORTEST_COLUMN)
    open_width = min(max(_OPEN_PER_HEIGHT * height, _OPEN_MIN), _OPEN_MAX)
    width = max(2 * _MARGIN + left_frame + open_width + right_frame, _NARROWEST_PICTURE)

    top = _MARGIN + _TITLE + _SUBTITLE + _BELOW_TITLE
    space = Box(_MARGIN + left_frame, top, width - 2 * _MARGIN - left_frame - right_frame, height)
    frames: list[Frame] = []
    sites: list[SiteBox] = []
    left_column = Column(left, _MARGIN + FRAME_PAD, left_width, True, spacing)
    right_column = Column(right, space.right + FRAME_PAD, right_width, False, spacing)
    for column, other in ((left_column, right_column), (right_column, left_column)):
        for part in column.parts(top + _drop(column, other, height)):
            if isinstance(part, Frame):
                frames.append(part)
            else:
                sites.append(part)
    underlay = _underlay(space) if sites and UNDERLAY in graph else None
    lines = tuple(_lines(graph, sites, underlay, space))
    below = space.bottom + _ABOVE_LEGEND
    legend = tuple(_legend(lines, width, below))
    below = legend[-1].label.room.bottom if legend else below
    notes = list(_foot(remarks, width, below))
    below = notes[-1].room.bottom if notes else below
    if not lines:
        notes += _nothing_to_join(site_count, space)
    title, subtitle = _titles(graph, width)
    return Layout(
        width=width,
        height=below + _MARGIN,
        title=title,
        subtitle=subtitle,
        frames=tuple(frames),
        sites=tuple(sites),
        underlay=underlay,
        lines=lines,
        legend=legend,
        notes=tuple(notes),
    )


def _drop(column: Column, other: Column, height: float) -> float:
    """Return how far below the top ``column`` begins: halfway, or a little off where it helps.

    With the ports of both columns as high on the mean, the lines of a small picture run level.
    """
    halfway = (height - column.height) / 2
    level = other.mean_port - column.mean_port
    reach = min(halfway, _MOST_OFF_HALFWAY)
    return min(max(level, halfway - reach), halfway + reach)


# --- the space between the columns -------------------------------------------------------------


def _underlay(space: Box) -> Underlay:
    width = max(_UNDERLAY_SHARE * space.width, _UNDERLAY_MIN)
    box = Box(space.middle[0] - width / 2, space.top, width, space.height)
    words = ("public IPv6 internet", "(underlay)")
    return Underlay(box, tuple(_middle_rows(words, box)))


def _nothing_to_join(site_count: int, space: Box) -> Iterator[Label]:
    words = "One site: its clusters need no link." if site_count else "No clusters in this fleet."
    rows = wrap(words, space.width, _MIDDLE_PT)
    return _middle_rows(rows, space)


def _middle_rows(words: Sequence[str], box: Box) -> Iterator[Label]:
    top = box.middle[1] - len(words) * _MIDDLE_ROW / 2
    for index, text in enumerate(words):
        room = Box(box.left, top + index * _MIDDLE_ROW, box.width, _MIDDLE_ROW)
        yield Label(text, room, _MIDDLE_PT, "center")


def _lines(
    graph: nx.Graph[str], sites: Iterable[SiteBox], underlay: Underlay | None, space: Box
) -> Iterator[Line]:
    """Yield the links of ``graph``: by kind, then by the names of their ends."""
    placed = {site.name: site for site in sites}
    edges = [(data["kind"], *sorted(ends), data["tunnels"]) for *ends, data in graph.edges.data()]
    for kind, one, other, tunnels in sorted(edges, key=_by_kind):
        if underlay and UNDERLAY in (one, other):
            site = placed[one if other == UNDERLAY else other]
            yield Line(site.name, UNDERLAY, kind, tunnels, _curve_to(underlay, site))
        else:
            curve = _curve(placed[one], placed[other], space)
            yield Line(one, other, kind, tunnels, curve)


def _by_kind(edge: tuple[LinkKind, str, str, int]) -> tuple[int, str, str]:
    return LINK_KINDS.index(edge[0]), edge[1], edge[2]


def _curve(one: SiteBox, other: SiteBox, space: Box) -> Curve:
    """Return the curve between two ports: an S across the open space, or an arc beside a column.

    An arc is the deeper the further it reaches, so that the arcs of a column nest.
    """
    (x0, y0), (x1, y1) = one.port, other.port
    if one.box.left != other.box.left:
        middle = (x0 + x1) / 2
        return (x0, y0), (middle, y0), (middle, y1), (x1, y1)
    share = (abs(y1 - y0) / space.height) ** 0.8
    depth = _SHALLOWEST + share * (_DEEPEST_SHARE * space.width - _SHALLOWEST)
    x = x0 + (depth if x0 == one.box.right else -depth)
    return (x0, y0), (x, y0), (x, y1), (x1, y1)


def _curve_to(underlay: Underlay, site: SiteBox) -> Curve:
    x, y = site.port
    edge = underlay.box.left if x < underlay.box.left else underlay.box.right
    third = (edge - x) / 3
    return (x, y), (x + third, y), (edge - third, y), (edge, y)


# --- words -------------------------------------------------------------------------------------


def _titles(graph: nx.Graph[str], width: float) -> tuple[Label, Label]:
    """Return the title (fleet and design) and the line under it (what there is to count)."""
    room = Box(_MARGIN, _MARGIN, width - 2 * _MARGIN, _TITLE)
    design = design_named(graph.graph["design"]).title
    for_fleet = room.width - width_of(f": {design}", _TITLE_PT, bold=True)
    fleet = shorten(graph.graph["fleet"], for_fleet, _TITLE_PT, bold=True)
    title = Label(f"{fleet}: {design}", room, _TITLE_PT, bold=True)
    room = Box(_MARGIN, room.bottom, room.width, _SUBTITLE)
    words = shorten(_counts(graph), room.width, _SUBTITLE_PT)
    return title, Label(words, room, _SUBTITLE_PT, tone="quiet")


def _counts(graph: nx.Graph[str]) -> str:
    """Return "12 clusters in 11 sites; 38 tunnels, 9 peerings"."""
    sites = [data for _, data in graph.nodes(data=True) if data["kind"] == "site"]
    clusters = sum(len(site["clusters"]) for site in sites)
    links: Counter[str] = Counter()
    for _, _, data in graph.edges(data=True):
        links[data["kind"]] += data["tunnels"] or 1
    counted = [
        _number(links[kind], kind) for kind in LINK_KINDS if links[kind] and kind != "routed"
    ]
    if not counted:
        counted = ["no tunnels, routed by the underlay" if links["routed"] else "no links"]
    return f"{_number(clusters, 'cluster')} in {_number(len(sites), 'site')}; {', '.join(counted)}"


def _number(count: int, thing: str) -> str:
    return f"{count:,} {thing}" if count == 1 else f"{count:,} {thing}s"


def _legend(lines: Sequence[Line], width: float, top: float) -> Iterator[LegendEntry]:
    """Yield an entry for each kind of line present, as many in a row as there is room for."""
    left = _MARGIN
    for kind in LINK_KINDS:
        redundancy = sorted({line.tunnels for line in lines if line.kind == kind})
        if not redundancy:
            continue
        text = _MEANING[kind]
        if redundancy[-1] > 1:
            least = f"x{redundancy[0]} to " if len(redundancy) > 1 else ""
            text += f", {least}x{redundancy[-1]} on each link"
        words = width_of(text, _LEGEND_PT)
        if left > _MARGIN and left + _SAMPLE + 0.1 + words > width - _MARGIN:
            left, top = _MARGIN, top + _LEGEND_ROW
        room = Box(left + _SAMPLE + 0.1, top, words, _LEGEND_ROW)
        yield LegendEntry(kind, Box(left, top, _SAMPLE, _LEGEND_ROW), Label(text, room, _LEGEND_PT))
        left = room.right + _LEGEND_GAP


def _foot(remarks: Iterable[str], width: float, top: float) -> Iterator[Label]:
    """Yield the lines of the remarks; those that find no room are told by an ellipsis."""
    room = width - 2 * _MARGIN
    rows = [row for remark in remarks for row in wrap(remark, room, _NOTE_PT)]
    if len(rows) > _NOTE_LINES:
        rows = [*rows[: _NOTE_LINES - 1], "…"]
    for index, row in enumerate(rows):
        box = Box(_MARGIN, top + 0.08 + index * _NOTE_ROW, room, _NOTE_ROW)
        yield Label(row, box, _NOTE_PT, tone="quiet")
