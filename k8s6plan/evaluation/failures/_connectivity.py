"""How many sites, or links, must go at the least until some pair that could talk cannot.

By Menger's theorem these are the fewest disjoint ways between two sites. Like sites have like
ways, so that one pair of each kind is looked at; networkx counts where a glance does not settle it.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from itertools import combinations, combinations_with_replacement
from typing import TYPE_CHECKING, Any

from k8s6plan.evaluation.failures._components import Parts
from k8s6plan.evaluation.failures._net import Net, bits

if TYPE_CHECKING:
    import networkx as nx


def node_connectivity(parts: Parts) -> int | None:
    """Return the fewest sites or hubs whose loss cuts off a pair of others; None without pairs.

    Two sites with a link between them cannot be cut off so; where all have one, it is the number
    of sites less one, as in a complete graph.
    """
    from networkx.algorithms.connectivity import (
        build_auxiliary_node_connectivity,
        local_node_connectivity,
    )

    net = parts.net
    if not net.pairs:
        return None
    best = net.sites.bit_count() - 1
    flow = _Flow(net, build_auxiliary_node_connectivity)
    for one, other in _pairs(parts):
        if (net.carry[one] | net.peers[one]) >> other & 1 or not _joined(net, one, other):
            continue
        if (net.carry[one] & net.carry[other]).bit_count() < best:
            ways = local_node_connectivity(flow.graph, one, other, cutoff=best, **flow.shared)
            best = min(best, int(ways))
    return best


def edge_connectivity(parts: Parts) -> int | None:
    """Return the fewest links whose loss cuts off a pair of sites.

    None where no loss of links does: without pairs, or where all are routed by the underlay.
    """
    from networkx.algorithms.connectivity import (
        build_auxiliary_edge_connectivity,
        local_edge_connectivity,
    )

    net = parts.net
    best: int | None = None
    flow = _Flow(net, build_auxiliary_edge_connectivity)
    for one, other in _pairs(parts):
        if net.routed >> one & net.routed >> other & 1:
            continue
        peered = net.peers[one] >> other & 1
        if not _joined(net, one, other):
            best = 1 if peered else best
            continue
        direct = net.carry[one] >> other & 1
        least = peered + direct + (net.carry[one] & net.carry[other]).bit_count()
        most = peered + min(net.carry[one].bit_count(), net.carry[other].bit_count())
        best = most if best is None else min(best, most)
        if least < best:
            ways = local_edge_connectivity(flow.graph, one, other, cutoff=best, **flow.shared)
            best = min(best, peered + int(ways))
    return best


@dataclass(frozen=True)
class _Flow:
    """The graph of what carries transit, and what networkx makes of it, once for all pairs."""

    net: Net
    auxiliary: Callable[[nx.Graph[int]], nx.DiGraph[Any]]

    @cached_property
    def graph(self) -> nx.Graph[int]:
        import networkx as nx

        graph: nx.Graph[int] = nx.Graph()
        graph.add_edges_from(
            (v, near) for v, mask in enumerate(self.net.carry) for near in bits(mask)
        )
        return graph

    @cached_property
    def shared(self) -> dict[str, Any]:
        from networkx.algorithms.flow import build_residual_network

        made = self.auxiliary(self.graph)
        return {"auxiliary": made, "residual": build_residual_network(made, "capacity")}


def _pairs(parts: Parts) -> list[tuple[int, int]]:
    """Return one pair of sites for each two kinds, those with few neighbours first."""
    net = parts.net
    meets = net.meets
    members: dict[int, list[int]] = defaultdict(list)
    for vertex in bits(net.sites):
        if len(members[parts.alike[vertex]]) < 2:
            members[parts.alike[vertex]].append(vertex)
    found = []
    for one, other in combinations_with_replacement(sorted(members), 2):
        if one != other:
            found.append((one, other))
        else:
            found.extend(combinations(members[one], 2))
    if meets is not None:
        found = [pair for pair in found if meets[pair[0]] >> pair[1] & 1]
    return sorted(
        found, key=lambda pair: (min(net.carry[vertex].bit_count() for vertex in pair), pair)
    )


def _joined(net: Net, one: int, other: int) -> bool:
    return any(piece >> one & 1 and piece >> other & 1 for piece in net.pieces)
