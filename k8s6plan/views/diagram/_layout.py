"""Where everything stands in a picture. Pure: a graph in, plain numbers out.

1. Clusters stand in their site, sites in their region, regions in their provider, providers in
   one of two columns. Sites alone decide, never links or hubs: a site stands at the same place in
   every design of a fleet, so that pictures compare. A provider's managed hub stands beside the
   name of its region, where there is room for it in every design.
2. Each site has a port, in the middle of its edge that faces the space between the columns. Lines
   run from port to port, leave it at a right angle and stay within that space: none can touch a
   box or a name.
3. The underlay of flat IPv6 stands in the middle of that space, as high as the columns.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from k8s6plan.io.words import number
from k8s6plan.topology.graph import UNDERLAY
from k8s6plan.views.diagram._boxes import FRAME_PAD, Column, column_width
from k8s6plan.views.diagram._columns import (
    columns,
    providers_of,
    spacing_for,
    stack_height,
    with_lone_together,
)
from k8s6plan.views.diagram._emphasis import NOTHING, Emphasis, ends
from k8s6plan.views.diagram._lines import LineKey, lines_of, with_texts
from k8s6plan.views.diagram._parts import Box, Frame, Label, Layout, Line, Underlay, VertexBox
from k8s6plan.views.diagram._text import wrap
from k8s6plan.views.diagram._words import foot, legend_of, titles

if TYPE_CHECKING:
    import networkx as nx

# Sizes of text in points, all else in inches.
_MARGIN = 0.35
_NARROWEST_PICTURE = 7.2
_BELOW_TITLE = 0.22
_SHORTEST_COLUMN, _MOST_OFF_HALFWAY = 0.9, 0.15
_OPEN_PER_HEIGHT, _OPEN_MIN, _OPEN_MAX = 0.6, 2.6, 9.0
_OPEN_FOR_NUMBERS, _OPEN_FOR_TEXTS = 4.6, 7.0  # at least, where these stand on lines
_MOST_UNDER = 8  # lines under a text: of more, nobody could tell whose it is
_MIDDLE_PT, _MIDDLE_ROW, _UNDERLAY_SHARE, _UNDERLAY_MIN = 11.0, 0.26, 0.36, 1.9
_ABOVE_LEGEND = 0.22


@dataclass(frozen=True)
class Extras:
    """What a picture tells besides the graph.

    Args:
        remarks: sentences under the legend.
        cost: what the design costs, in words, for the title.
        prefixes: lines under the name of a cluster.
        texts: a text on a line, by the names of its ends (in order) and its kind. Those that come
            first find room first.
        labelled: lines may have texts, in this design or another: there is room for them.
        emphasis: what is stressed, or has failed.
        name_fleet: not on a sheet, whose head names it.

    """

    remarks: Sequence[str] = ()
    cost: str | None = None
    prefixes: Mapping[str, Sequence[str]] = field(default_factory=dict)
    texts: Mapping[LineKey, str] = field(default_factory=dict)
    labelled: bool = False
    emphasis: Emphasis = NOTHING
    name_fleet: bool = True


def layout(graph: nx.Graph[str], extras: Extras | None = None) -> Layout:
    """Return where everything in the picture of ``graph`` stands.

    Args:
        graph: a topology as ``design.build`` makes it, or collapsed.
        extras: what is told besides.

    """
    extras = extras or Extras()
    providers = providers_of(graph, extras.prefixes)
    site_count = sum(len(list(provider.sites)) for provider in providers)
    spacing = spacing_for(site_count)
    left, right = columns(with_lone_together(providers, spacing), spacing)
    left_width, right_width = column_width(left, spacing), column_width(right, spacing)
    left_frame = left_width + 2 * FRAME_PAD if left else 0.0
    right_frame = right_width + 2 * FRAME_PAD if right else 0.0
    height = max(stack_height(left, spacing), stack_height(right, spacing), _SHORTEST_COLUMN)
    numbers = _OPEN_FOR_NUMBERS if "level" in graph.graph else _OPEN_MIN
    least = _OPEN_FOR_TEXTS if extras.labelled else numbers
    open_width = min(max(_OPEN_PER_HEIGHT * height, least), _OPEN_MAX)
    width = max(2 * _MARGIN + left_frame + open_width + right_frame, _NARROWEST_PICTURE)

    title, subtitle = titles(graph, _MARGIN, width, extras.cost, name_fleet=extras.name_fleet)
    top = (subtitle[-1] if subtitle else title).room.bottom + _BELOW_TITLE
    space = Box(_MARGIN + left_frame, top, width - 2 * _MARGIN - left_frame - right_frame, height)
    left_column = Column(left, _MARGIN + FRAME_PAD, left_width, True, spacing)
    right_column = Column(right, space.right + FRAME_PAD, right_width, False, spacing)
    frames: list[Frame] = []
    vertices: list[VertexBox] = []
    for column, other in ((left_column, right_column), (right_column, left_column)):
        for part in column.parts(top + _drop(column, other, height)):
            if isinstance(part, Frame):
                frames.append(part)
            else:
                vertices.append(_in_state(part, extras.emphasis))
    underlay = _underlay(space) if vertices and UNDERLAY in graph else None
    lines, lost = _lines(graph, vertices, underlay, space, extras)
    legend = legend_of(lines, vertices, _MARGIN, width, space.bottom + _ABOVE_LEGEND)
    below = legend[-1].label.room.bottom if legend else space.bottom + _ABOVE_LEGEND
    notes = foot([*extras.remarks, *_notes(graph, extras, lost)], _MARGIN, width, below)
    below = notes[-1].room.bottom if notes else below
    if not lines:
        notes += _nothing_to_join(graph, site_count, space)
    return Layout(
        width=width,
        height=below + _MARGIN,
        title=title,
        subtitle=subtitle,
        frames=tuple(frames),
        vertices=tuple(vertices),
        underlay=underlay,
        lines=tuple(lines),
        legend=tuple(legend),
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


def _in_state(vertex: VertexBox, emphasis: Emphasis) -> VertexBox:
    """Return ``vertex`` and its clusters in the states that ``emphasis`` gives them."""
    state = emphasis.vertices.get(vertex.name, "plain")
    clusters = tuple(
        replace(cluster, state=emphasis.clusters.get(cluster.name, state))
        for cluster in vertex.clusters
    )
    mark = replace(vertex.mark, text="down") if vertex.mark and state == "failed" else vertex.mark
    return replace(vertex, state=state, clusters=clusters, mark=mark)


# --- the space between the columns -------------------------------------------------------------


def _lines(
    graph: nx.Graph[str],
    vertices: Sequence[VertexBox],
    underlay: Underlay | None,
    space: Box,
    extras: Extras,
) -> tuple[list[Line], int]:
    """Return the lines, in their states and with their texts, and how many texts found no room."""
    emphasis = extras.emphasis
    lines = [
        replace(line, state=emphasis.link(line.one, line.other))
        for line in lines_of(graph, vertices, underlay, space)
    ]
    rank = {key: number for number, key in enumerate(extras.texts)}
    keys: list[LineKey] = [(*ends(line.one, line.other), line.kind) for line in lines]
    texts = {
        at: list(_texts(line, extras.texts.get(key)))
        for at, (line, key) in enumerate(zip(lines, keys, strict=True))
        if line.links > 1 or (key in rank and line.state != "pale")
    }
    first = {at: rank.get(keys[at], len(rank)) for at in texts}
    taken = [vertex.box for vertex in vertices] + ([underlay.box] if underlay else [])
    most_under = None if "level" in graph.graph else _MOST_UNDER
    # A short arc beside a column runs over the frames; so may its number.
    return with_texts(
        lines, texts, space, taken, rank=first, beside=FRAME_PAD, most_under=most_under
    )


def _texts(line: Line, text: str | None) -> Iterator[str]:
    """Yield what stands on a line: how many links it is, where several, and a text.

    Where there is no room for both, the number alone.
    """
    many = line.links > 1
    if text:
        yield f"{line.links:,} links\n{text}" if many else text
    if many:
        yield f"{line.links:,}"


def _underlay(space: Box) -> Underlay:
    width = max(_UNDERLAY_SHARE * space.width, _UNDERLAY_MIN)
    box = Box(space.middle[0] - width / 2, space.top, width, space.height)
    words = ("public IPv6 internet", "(underlay)")
    return Underlay(box, tuple(_middle_rows(words, box)))


def _nothing_to_join(graph: nx.Graph[str], site_count: int, space: Box) -> Iterator[Label]:
    words = "No clusters in this fleet."
    if site_count == 1 and "level" not in graph.graph:
        words = "One site: its clusters need no link."
    elif site_count:
        words = "No links to draw."
    return _middle_rows(wrap(words, space.width, _MIDDLE_PT), space)


def _middle_rows(words: Sequence[str], box: Box) -> Iterator[Label]:
    top = box.middle[1] - len(words) * _MIDDLE_ROW / 2
    for index, text in enumerate(words):
        room = Box(box.left, top + index * _MIDDLE_ROW, box.width, _MIDDLE_ROW)
        yield Label(text, room, _MIDDLE_PT, "center")


def _notes(graph: nx.Graph[str], extras: Extras, lost: int) -> Iterable[str]:
    """Yield the sentences that explain the picture."""
    if extras.emphasis.note:
        yield extras.emphasis.note
    level = graph.graph.get("level")
    if level:
        yield f"A box is a {level}; a line with a number stands for so many links."
        if extras.prefixes:
            yield "Labels of single clusters are left out where these are drawn as one."
    if lost:
        thing = "number" if level and not extras.texts else "text"
        yield (
            f"{number(lost, thing)} found no room where it is plain whose line it is"
            f"{'' if level else '; try --highlight or --collapse'}."
        )
