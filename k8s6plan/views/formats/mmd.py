"""Mermaid: a flowchart."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING

from k8s6plan.topology.graph import UNDERLAY
from k8s6plan.topology.joins import LINK_KINDS, LinkKind
from k8s6plan.views.diagram._theme import LIGHT
from k8s6plan.views.diagram._words import counts, title_of
from k8s6plan.views.formats._graph import is_hub, key_of, links_of, places_of, rows_of

if TYPE_CHECKING:
    import networkx as nx

_LINK: dict[LinkKind, str] = {
    "tunnel": "---",
    "peering": "-.-",
    "attachment": "===",
    "routed": "-.-",
}
_HUB = LIGHT.shapes["hub site"]


def write(graph: nx.Graph[str], mark: str, cost: str | None = None) -> str:
    """Return a Mermaid flowchart; ``mark`` is a comment in its head, ``cost`` goes to its title.

    A vertex is called n and a number, so that no name can be a word of Mermaid's.
    """
    ids = {name: f"n{index}" for index, name in enumerate(sorted(graph.nodes))}
    links = list(links_of(graph))
    key = "<br/>".join(map(_text, key_of(graph)))
    lines = [
        "---",
        f"# {mark}",
        f"title: {json.dumps(', '.join(filter(None, (title_of(graph), cost))))}",
        "---",
        "flowchart LR",
        f"  accTitle: {_text(title_of(graph))}",
        f"  accDescr: {_text('; '.join(filter(None, (counts(graph), cost))))}",
        *_boxes(graph, ids),
        *([f'  key["{key}"]'] if key else []),
    ]
    for kind, one, other, text in links:
        label = f"|{_text(text)}|" if text else ""
        lines.append(f"  {ids[one]} {_LINK[kind]}{label} {ids[other]}")
    for kind in LINK_KINDS:
        numbers = [str(number) for number, link in enumerate(links) if link[0] == kind]
        if numbers:
            colour = LIGHT.strokes[kind].colour
            lines.append(f"  linkStyle {','.join(numbers)} stroke:{colour},stroke-width:2px")
    hubs = [ids[name] for name in sorted(graph) if is_hub(graph.nodes[name])]
    if hubs:
        style = f"fill:{_HUB.fill},stroke:{_HUB.border},stroke-width:3px,color:#1b2330"
        lines += [f"  classDef hub {style}", f"  class {','.join(hubs)} hub"]
    return "\n".join(lines) + "\n"


def _boxes(graph: nx.Graph[str], ids: Mapping[str, str]) -> Iterator[str]:
    for nth, (provider, regions) in enumerate(places_of(graph).items()):
        yield f'  subgraph p{nth}["{_text(provider)}"]'
        for mth, (region, names) in enumerate(regions.items()):
            if region:
                yield f'    subgraph p{nth}r{mth}["{_text(region)}"]'
            for name in names:
                text = "<br/>".join(map(_text, rows_of(name, graph.nodes[name])))
                yield f'      {ids[name]}["{text}"]'
            if region:
                yield "    end"
        yield "  end"
    if UNDERLAY in graph:
        text = "<br/>".join(map(_text, rows_of(UNDERLAY, graph.nodes[UNDERLAY])))
        yield f'  {ids[UNDERLAY]}(["{text}"])'


def _text(text: str) -> str:
    """Return ``text`` with all but the plainest characters as Mermaid's entity codes."""
    return re.sub(r"[^A-Za-z0-9 ._/,:()-]", lambda found: f"#{ord(found[0])};", text)
