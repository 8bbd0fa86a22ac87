"""What the texts for other programs read out of the graph of a topology."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any

from k8s6plan.topology.joins import LINK_KINDS, LinkKind
from k8s6plan.views.diagram._words import MEANING

if TYPE_CHECKING:
    import networkx as nx

_LINE_OF: dict[LinkKind, str] = {
    "tunnel": "thin line",
    "peering": "dashed line",
    "attachment": "thick line",
    "routed": "dotted line",
}
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


def rows_of(name: str, data: Mapping[str, Any]) -> list[str]:
    """Return the lines of text that stand for a vertex, its name first."""
    if data["kind"] == "group":
        return [data["title"], *filter(None, data["lines"])]
    if data["kind"] == "transit":
        return ["managed hub"]
    if data["kind"] == "underlay":
        return ["public IPv6 internet", "(underlay)"]
    clusters = sorted(data["clusters"])
    return clusters if clusters == [name] else [name, *clusters]


def key_of(graph: nx.Graph[str]) -> list[str]:
    """Return what the lines mean, one line of text for each kind, and what they do not."""
    kinds = {link[0] for link in links_of(graph)}
    lines = [f"{_LINE_OF[kind]}: {MEANING[kind]}" for kind in LINK_KINDS if kind in kinds]
    return [*lines, *graph.graph.get("remarks", ())]


def is_hub(data: Mapping[str, Any]) -> bool:
    """Say whether a vertex is a hub, or holds one."""
    return data["kind"] == "transit" or bool(data.get("hub") or data.get("hubs"))
