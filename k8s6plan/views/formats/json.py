"""networkx's node-link JSON."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import networkx as nx


def write(graph: nx.Graph[str], mark: str, cost: str | None = None) -> str:
    """Return networkx's node-link form, sorted; ``networkx.node_link_graph`` reads it back."""
    import networkx as nx

    whole: dict[str, Any] = nx.node_link_data(graph)
    whole["nodes"].sort(key=lambda vertex: vertex["id"])
    for edge in whole["edges"]:
        edge["source"], edge["target"] = sorted((edge["source"], edge["target"]))
    whole["edges"].sort(key=lambda edge: (edge["source"], edge["target"]))
    whole["written_by"] = mark.removeprefix("Written by ")
    return json.dumps(whole, indent=2, ensure_ascii=False) + "\n"
