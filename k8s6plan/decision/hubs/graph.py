"""The topology of chosen hubs: hubs meshed, every other site joined to its homes."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import combinations
from typing import TYPE_CHECKING

from k8s6plan.topology.designs._links import join, site_graph

if TYPE_CHECKING:
    import networkx as nx

    from k8s6plan.fleet.model import Fleet

NAME = "optimized"


def optimized_graph(
    fleet: Fleet, hubs: Sequence[str], homes: Mapping[str, Sequence[str]]
) -> nx.Graph[str]:
    """Return the graph, by the contract at the top of ``designs/_links.py``.

    ``homes``: the hubs that each site is joined to. A site without an entry is joined to all.
    """
    graph = site_graph(fleet, NAME, hubs)
    for one, other in combinations(sorted(hubs), 2):
        join(graph, fleet, one, other, native="attachment")
    for spoke in fleet.members:
        if spoke not in hubs:
            for hub in sorted(homes.get(spoke, hubs)):
                join(graph, fleet, spoke, hub, native="attachment")
    return graph
