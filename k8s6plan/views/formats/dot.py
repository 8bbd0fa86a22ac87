"""Graphviz: a graph with a frame for each provider and region."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import TYPE_CHECKING, Any

from k8s6plan.topology.graph import UNDERLAY
from k8s6plan.topology.joins import LinkKind
from k8s6plan.views.diagram._theme import LIGHT
from k8s6plan.views.diagram._words import counts, title_of
from k8s6plan.views.formats._graph import is_hub, key_of, links_of, places_of, rows_of

if TYPE_CHECKING:
    import networkx as nx

_STYLE: dict[LinkKind, str] = {
    "tunnel": "solid",
    "peering": "dashed",
    "attachment": "bold",
    "routed": "dotted",
}
_HUB, _PLAIN = LIGHT.shapes["hub site"], LIGHT.shapes["site"]


def write(graph: nx.Graph[str], mark: str, cost: str | None = None) -> str:
    """Return a Graphviz graph; ``mark`` is a comment on its first line, ``cost`` in its title."""
    title = [title_of(graph), counts(graph), *filter(None, [cost]), *key_of(graph)]
    lines = [
        f"// {mark}",
        f"graph {_quoted(title_of(graph))} {{",
        f"  graph [label={_quoted(*title)},",
        # With the older way of ranking, Graphviz 2.43 loses edges of a mesh between frames.
        '    labelloc=t, rankdir=LR, newrank=true, ranksep=2, fontname="DejaVu Sans"]',
        f'  node [shape=box, style="rounded,filled", fillcolor="{_PLAIN.fill}",',
        '    fontname="DejaVu Sans", fontsize=10]',
        '  edge [fontname="DejaVu Sans", fontsize=9]',
        *_boxes(graph),
    ]
    for kind, one, other, text in links_of(graph):
        label = f", label={_quoted(text)}" if text else ""
        colour = LIGHT.strokes[kind].colour
        attributes = f'style={_STYLE[kind]}, color="{colour}", tooltip={kind}{label}'
        lines.append(f"  {_quoted(one)} -- {_quoted(other)} [{attributes}]")
    return "\n".join([*lines, "}"]) + "\n"


def _boxes(graph: nx.Graph[str]) -> Iterator[str]:
    for nth, (provider, regions) in enumerate(places_of(graph).items()):
        yield f"  subgraph cluster_{nth} {{"
        yield f"    label={_quoted(provider)}"
        for mth, (region, names) in enumerate(regions.items()):
            if region:
                yield f"    subgraph cluster_{nth}_{mth} {{"
                yield f"      label={_quoted(region)}"
            for name in names:
                yield f"      {_vertex(name, graph.nodes[name])}"
            if region:
                yield "    }"
        yield "  }"
    if UNDERLAY in graph:
        yield f"  {_vertex(UNDERLAY, graph.nodes[UNDERLAY])}"


def _vertex(name: str, data: Mapping[str, Any]) -> str:
    hub = f', fillcolor="{_HUB.fill}", penwidth=2.5' if is_hub(data) else ""
    shape = ", shape=ellipse" if data["kind"] == "underlay" else ""
    return f"{_quoted(name)} [label={_quoted(*rows_of(name, data))}{hub}{shape}]"


def _quoted(*rows: str) -> str:
    """Return a quoted string of DOT, of one line or several."""
    return '"' + "\\n".join(_escaped(rows)) + '"'


def _escaped(rows: Iterable[str]) -> Iterator[str]:
    return (row.replace("\\", "\\\\").replace('"', '\\"') for row in rows)
