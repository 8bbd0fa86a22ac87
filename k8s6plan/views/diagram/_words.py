"""The words round a picture: title, counts, legend, remarks."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, Literal

from k8s6plan.io.words import number
from k8s6plan.topology.designs import design_named
from k8s6plan.topology.joins import LINK_KINDS, LinkKind
from k8s6plan.views.diagram._collapse import totals_of
from k8s6plan.views.diagram._parts import Box, Label, LegendEntry, Line, Meaning, VertexBox
from k8s6plan.views.diagram._text import shorten, width_of, wrap

if TYPE_CHECKING:
    import networkx as nx

# Sizes of text in points, all else in inches.
_TITLE_PT, _TITLE = 16.0, 0.34
_SUBTITLE_PT, _SUBTITLE = 10.5, 0.24
_LEGEND_PT, _LEGEND_ROW, _LEGEND_GAP, _SAMPLE = 9.0, 0.26, 0.35, 0.5
_NOTE_PT, _NOTE_ROW, _NOTE_LINES = 8.5, 0.19, 6

MEANING: dict[LinkKind, str] = {
    "tunnel": "tunnel",
    "peering": "peering inside one provider",
    "attachment": "attachment to the provider's transit",
    "routed": "routed IPv6, no tunnel",
}
_STATES: dict[Literal["strong", "failed", "cut"], str] = {
    "strong": "highlighted",
    "failed": "down",
    "cut": "cut off",
}


def title_of(graph: nx.Graph[str]) -> str:
    """Return "three-clouds: Full mesh"."""
    return f"{graph.graph['fleet']}: {design_named(graph.graph['design']).title}"


def titles(
    graph: nx.Graph[str], margin: float, width: float, cost: str | None, *, name_fleet: bool
) -> tuple[Label, tuple[Label, ...]]:
    """Return the title (fleet and design) and the lines under it (what there is to count)."""
    room = Box(margin, margin, width - 2 * margin, _TITLE)
    text = design_named(graph.graph["design"]).title
    if name_fleet:
        for_fleet = room.width - width_of(f": {text}", _TITLE_PT, bold=True)
        text = f"{shorten(graph.graph['fleet'], for_fleet, _TITLE_PT, bold=True)}: {text}"
    rows = [counts(graph)] if cost is None else [counts(graph), cost]
    return Label(text, room, _TITLE_PT, bold=True), tuple(
        Label(
            shorten(row, room.width, _SUBTITLE_PT),
            Box(margin, room.bottom + index * _SUBTITLE, room.width, _SUBTITLE),
            _SUBTITLE_PT,
            tone="quiet",
        )
        for index, row in enumerate(rows)
    )


def counts(graph: nx.Graph[str]) -> str:
    """Return "12 clusters in 11 sites; 38 tunnels, 9 peerings"."""
    clusters = sites = 0
    for _, data in graph.nodes(data=True):
        if data["kind"] == "group":
            clusters, sites = clusters + data["clusters"], sites + data["sites"]
        elif data["kind"] == "site":
            clusters, sites = clusters + len(data["clusters"]), sites + 1
    links = graph.graph["links"] if "links" in graph.graph else totals_of(graph)
    counted = [
        number(links[kind][1] or links[kind][0], kind)
        for kind in LINK_KINDS
        if kind in links and kind != "routed"
    ]
    if not counted:
        counted = ["no tunnels, routed by the underlay" if "routed" in links else "no links"]
    return f"{number(clusters, 'cluster')} in {number(sites, 'site')}; {', '.join(counted)}"


def legend_of(
    lines: Sequence[Line], vertices: Sequence[VertexBox], margin: float, width: float, top: float
) -> list[LegendEntry]:
    """Return an entry for each kind of line and each state, as many in a row as have room."""
    wanted: list[tuple[Meaning, str]] = []
    for kind in LINK_KINDS:
        redundancy = sorted({line.tunnels // line.links for line in lines if line.kind == kind})
        if not redundancy:
            continue
        text = MEANING[kind]
        if redundancy[-1] > 1:
            least = f"x{redundancy[0]} to " if len(redundancy) > 1 else ""
            text += f", {least}x{redundancy[-1]} on each link"
        wanted.append((kind, text))
    if any(vertex.hub for vertex in vertices):
        managed = any(vertex.kind == "transit" for vertex in vertices)
        wanted.append(("hub", "hub, managed by the provider" if managed else "hub"))
    states = {vertex.state for vertex in vertices}
    states |= {cluster.state for vertex in vertices for cluster in vertex.clusters}
    wanted += [(state, words) for state, words in _STATES.items() if state in states]
    left = margin
    found: list[LegendEntry] = []
    for meaning, text in wanted:
        words = width_of(text, _LEGEND_PT)
        if left > margin and left + _SAMPLE + 0.1 + words > width - margin:
            left, top = margin, top + _LEGEND_ROW
        room = Box(left + _SAMPLE + 0.1, top, words, _LEGEND_ROW)
        sample = Box(left, top, _SAMPLE, _LEGEND_ROW)
        if meaning not in LINK_KINDS:
            sample = Box(left, top + 0.05, _SAMPLE, _LEGEND_ROW - 0.1)
        found.append(LegendEntry(meaning, sample, Label(text, room, _LEGEND_PT)))
        left = room.right + _LEGEND_GAP
    return found


def foot(remarks: Iterable[str], margin: float, width: float, top: float) -> list[Label]:
    """Return the lines of the remarks; those that find no room are told by an ellipsis."""
    room = width - 2 * margin
    rows = [row for remark in remarks for row in wrap(remark, room, _NOTE_PT)]
    if len(rows) > _NOTE_LINES:
        rows = [*rows[: _NOTE_LINES - 1], "…"]
    return [
        Label(
            row,
            Box(margin, top + 0.08 + index * _NOTE_ROW, room, _NOTE_ROW),
            _NOTE_PT,
            tone="quiet",
        )
        for index, row in enumerate(rows)
    ]
