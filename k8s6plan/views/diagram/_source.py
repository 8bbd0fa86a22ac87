"""A topology as text for other programs: Mermaid, Graphviz, and networkx's node-link JSON."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator, Mapping
from typing import TYPE_CHECKING, Any

from k8s6plan.topology.graph import UNDERLAY
from k8s6plan.topology.joins import LINK_KINDS, LinkKind
from k8s6plan.views.diagram._theme import LIGHT
from k8s6plan.views.diagram._words import MEANING, counts, title_of

if TYPE_CHECKING:
    import networkx as nx

_MERMAID_LINK: dict[LinkKind, str] = {
    "tunnel": "---",
    "peering": "-.-",
    "attachment": "===",
    "routed": "-.-",
}
_DOT_STYLE: dict[LinkKind, str] = {
    "tunnel": "solid",
    "peering": "dashed",
    "attachment": "bold",
    "routed": "dotted",
}
_LINE_OF: dict[LinkKind, str] = {
    "tunnel": "thin line",
    "peering": "dashed line",
    "attachment": "thick line",
    "routed": "dotted line",
}
_HUB, _PLAIN = LIGHT.shapes["hub site"], LIGHT.shapes["site"]
# (provider, region) -> names of vertices; "" is none.
Places = dict[str, dict[str, list[str]]]


def places_of(graph: nx.Graph[str]) -> Places:
    """Return the vertices by provider and region, all by name; the underlay is nowhere."""
    found: Places = {}
    for name in sorted(graph.nodes):
        data = graph.nodes[name]
        if data["kind"] == "underlay":
            continue
        region = "" if data["kind"] == "group" else data["region"] or ""
        found.setdefault(data["provider"], {}).setdefault(region, []).append(name)
    return {provider: dict(sorted(found[provider].items())) for provider in sorted(found)}


def links_of(graph: nx.Graph[str]) -> Iterator[tuple[LinkKind, str, str, str]]:
    """Yield (kind, end, end, text) by kind and names; the text is "x2", or how many links it is."""
    found = []
    for first, second, data in graph.edges(data=True):
        one, other = sorted((first, second))
        if "bundle" in data:
            found += [(kind, one, other, f"{data['bundle'][kind][0]:,}") for kind in data["bundle"]]
        else:
            text = f"x{data['tunnels']}" if data["tunnels"] > 1 else ""
            found.append((data["kind"], one, other, text))
    return iter(sorted(found, key=lambda link: (LINK_KINDS.index(link[0]), *link[1:])))


def _rows(name: str, data: Mapping[str, Any]) -> list[str]:
    """Return the lines of text that stand for a vertex, its name first."""
    if data["kind"] == "group":
        return [data["title"], *filter(None, data["lines"])]
    if data["kind"] == "transit":
        return ["managed hub"]
    if data["kind"] == "underlay":
        return ["public IPv6 internet", "(underlay)"]
    clusters = sorted(data["clusters"])
    return clusters if clusters == [name] else [name, *clusters]


def _key(graph: nx.Graph[str]) -> list[str]:
    """Return what the lines mean, one line of text for each kind."""
    kinds = {link[0] for link in links_of(graph)}
    return [f"{_LINE_OF[kind]}: {MEANING[kind]}" for kind in LINK_KINDS if kind in kinds]


def _is_hub(data: Mapping[str, Any]) -> bool:
    return data["kind"] == "transit" or bool(data.get("hub") or data.get("hubs"))


# --- Mermaid -----------------------------------------------------------------------------------


def mermaid(graph: nx.Graph[str], mark: str, cost: str | None = None) -> str:
    """Return a Mermaid flowchart; ``mark`` is a comment in its head, ``cost`` goes to its title.

    A vertex is called n and a number, so that no name can be a word of Mermaid's.
    """
    ids = {name: f"n{index}" for index, name in enumerate(sorted(graph.nodes))}
    links = list(links_of(graph))
    key = "<br/>".join(map(_mermaid_text, _key(graph)))
    lines = [
        "---",
        f"# {mark}",
        f"title: {json.dumps(', '.join(filter(None, (title_of(graph), cost))))}",
        "---",
        "flowchart LR",
        f"  accTitle: {_mermaid_text(title_of(graph))}",
        f"  accDescr: {_mermaid_text('; '.join(filter(None, (counts(graph), cost))))}",
        *_mermaid_boxes(graph, ids),
        *([f'  key["{key}"]'] if key else []),
    ]
    for kind, one, other, text in links:
        label = f"|{_mermaid_text(text)}|" if text else ""
        lines.append(f"  {ids[one]} {_MERMAID_LINK[kind]}{label} {ids[other]}")
    for kind in LINK_KINDS:
        numbers = [str(number) for number, link in enumerate(links) if link[0] == kind]
        if numbers:
            colour = LIGHT.strokes[kind].colour
            lines.append(f"  linkStyle {','.join(numbers)} stroke:{colour},stroke-width:2px")
    hubs = [ids[name] for name in sorted(graph) if _is_hub(graph.nodes[name])]
    if hubs:
        style = f"fill:{_HUB.fill},stroke:{_HUB.border},stroke-width:3px,color:#1b2330"
        lines += [f"  classDef hub {style}", f"  class {','.join(hubs)} hub"]
    return "\n".join(lines) + "\n"


def _mermaid_boxes(graph: nx.Graph[str], ids: Mapping[str, str]) -> Iterator[str]:
    for nth, (provider, regions) in enumerate(places_of(graph).items()):
        yield f'  subgraph p{nth}["{_mermaid_text(provider)}"]'
        for mth, (region, names) in enumerate(regions.items()):
            if region:
                yield f'    subgraph p{nth}r{mth}["{_mermaid_text(region)}"]'
            for name in names:
                text = "<br/>".join(map(_mermaid_text, _rows(name, graph.nodes[name])))
                yield f'      {ids[name]}["{text}"]'
            if region:
                yield "    end"
        yield "  end"
    if UNDERLAY in graph:
        text = "<br/>".join(map(_mermaid_text, _rows(UNDERLAY, graph.nodes[UNDERLAY])))
        yield f'  {ids[UNDERLAY]}(["{text}"])'


def _mermaid_text(text: str) -> str:
    """Return ``text`` with all but the plainest characters as Mermaid's entity codes."""
    return re.sub(r"[^A-Za-z0-9 ._/,:()-]", lambda found: f"#{ord(found[0])};", text)


# --- Graphviz ----------------------------------------------------------------------------------


def dot(graph: nx.Graph[str], mark: str, cost: str | None = None) -> str:
    """Return a Graphviz graph; ``mark`` is a comment on its first line, ``cost`` in its title."""
    title = [title_of(graph), counts(graph), *filter(None, [cost]), *_key(graph)]
    lines = [
        f"// {mark}",
        f"graph {_quoted(title_of(graph))} {{",
        f"  graph [label={_quoted(*title)},",
        # With the older way of ranking, Graphviz 2.43 loses edges of a mesh between frames.
        '    labelloc=t, rankdir=LR, newrank=true, ranksep=2, fontname="DejaVu Sans"]',
        f'  node [shape=box, style="rounded,filled", fillcolor="{_PLAIN.fill}",',
        '    fontname="DejaVu Sans", fontsize=10]',
        '  edge [fontname="DejaVu Sans", fontsize=9]',
        *_dot_boxes(graph),
    ]
    for kind, one, other, text in links_of(graph):
        label = f", label={_quoted(text)}" if text else ""
        colour = LIGHT.strokes[kind].colour
        attributes = f'style={_DOT_STYLE[kind]}, color="{colour}", tooltip={kind}{label}'
        lines.append(f"  {_quoted(one)} -- {_quoted(other)} [{attributes}]")
    return "\n".join([*lines, "}"]) + "\n"


def _dot_boxes(graph: nx.Graph[str]) -> Iterator[str]:
    for nth, (provider, regions) in enumerate(places_of(graph).items()):
        yield f"  subgraph cluster_{nth} {{"
        yield f"    label={_quoted(provider)}"
        for mth, (region, names) in enumerate(regions.items()):
            if region:
                yield f"    subgraph cluster_{nth}_{mth} {{"
                yield f"      label={_quoted(region)}"
            for name in names:
                yield f"      {_dot_vertex(name, graph.nodes[name])}"
            if region:
                yield "    }"
        yield "  }"
    if UNDERLAY in graph:
        yield f"  {_dot_vertex(UNDERLAY, graph.nodes[UNDERLAY])}"


def _dot_vertex(name: str, data: Mapping[str, Any]) -> str:
    hub = f', fillcolor="{_HUB.fill}", penwidth=2.5' if _is_hub(data) else ""
    shape = ", shape=ellipse" if data["kind"] == "underlay" else ""
    return f"{_quoted(name)} [label={_quoted(*_rows(name, data))}{hub}{shape}]"


def _quoted(*rows: str) -> str:
    """Return a quoted string of DOT, of one line or several."""
    return '"' + "\\n".join(_escaped(rows)) + '"'


def _escaped(rows: Iterable[str]) -> Iterator[str]:
    return (row.replace("\\", "\\\\").replace('"', '\\"') for row in rows)


# --- JSON --------------------------------------------------------------------------------------


def node_link(graph: nx.Graph[str], mark: str) -> str:
    """Return networkx's node-link form, sorted; ``networkx.node_link_graph`` reads it back."""
    import networkx as nx

    whole: dict[str, Any] = nx.node_link_data(graph)
    whole["nodes"].sort(key=lambda vertex: vertex["id"])
    for edge in whole["edges"]:
        edge["source"], edge["target"] = sorted((edge["source"], edge["target"]))
    whole["edges"].sort(key=lambda edge: (edge["source"], edge["target"]))
    whole["written_by"] = mark.removeprefix("Written by ")
    return json.dumps(whole, indent=2, ensure_ascii=False) + "\n"
