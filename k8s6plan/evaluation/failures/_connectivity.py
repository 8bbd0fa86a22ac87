"""How many sites, or links, must go at the least until some pair that could talk cannot.

By Menger's theorem these are the fewest disjoint ways between two sites, which is what flows from
one to the other at the most. Vertices that are joined alike bear like shares of a largest flow, so
a linkage stands as one vertex with the room of all its members, and one pair of each two linkages
is looked at.
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import combinations_with_replacement, islice

from k8s6plan.evaluation.failures._net import NOTHING, Net, bits


def node_connectivity(net: Net) -> int | None:
    """Return the fewest sites or hubs whose loss cuts off a pair of others; None without pairs.

    Two sites with a link between them cannot be cut off so; where all have one, it is the number
    of sites less one, as in a complete graph.
    """
    if not net.pairs:
        return None
    # Cluster sets may leave the fleet in pieces: in each, all others can be lost.
    pieces = [(piece & net.sites).bit_count() for piece in net.pieces] if net.divided else []
    best = min((sites for sites in pieces if sites > 1), default=net.sites.bit_count()) - 1
    for one, other in _pairs(net):
        if (net.linkage_of[one].carry | net.peers(one)) >> other & 1:
            continue
        least = (net.neighbours(one, NOTHING) & net.neighbours(other, NOTHING)).bit_count()
        if least < best and _joined(net, one, other):
            best = min(best, _most_flow(net, one, other, links=False))
        if best == 1:
            break
    return best


def edge_connectivity(net: Net) -> int | None:
    """Return the fewest links whose loss cuts off a pair of sites.

    None where no loss of links does: without pairs, or where all are routed by the underlay.
    """
    best: int | None = None
    for one, other in _pairs(net):
        if net.routed >> one & net.routed >> other & 1:
            continue
        peered = net.peers(one) >> other & 1
        here, there = (net.neighbours(end, NOTHING) for end in (one, other))
        if not _joined(net, one, other):
            best = 1 if peered else best
            continue
        least = peered + (here >> other & 1) + (here & there).bit_count()
        most = peered + min(here.bit_count(), there.bit_count())
        best = most if best is None else min(best, most)
        if least < best:
            best = min(best, peered + _most_flow(net, one, other, links=True))
        if best == 1:
            break
    return best


def _pairs(net: Net) -> Iterator[tuple[int, int]]:
    """Yield a pair of sites that meet for each two linkages, those with few neighbours first."""
    ends = {own: _two(own.members & net.sites) for own in net.linkages}
    met = [
        (ends[one][0], ends[other][one is other])
        for one, other in combinations_with_replacement(net.linkages, 2)
        if ends[one] and len(ends[other]) > (one is other)
    ]
    degree = [net.neighbours(vertex, NOTHING).bit_count() for vertex in range(len(net.names))]
    for one, other in sorted(met, key=lambda pair: (min(degree[v] for v in pair), pair)):
        if net.meets[net.linkage_of[one]] >> other & 1:
            yield one, other


def _two(mask: int) -> list[int]:
    """Return the first two vertices of ``mask``, or those that there are."""
    return list(islice(bits(mask), 2))


def _joined(net: Net, one: int, other: int) -> bool:
    return any(piece >> one & piece >> other & 1 for piece in net.pieces)


def _most_flow(net: Net, one: int, other: int, *, links: bool) -> int:
    """Return how many ways there are between two vertices that share no link, or no vertex.

    Between two groups there are as many links as one has members, times those of the other; what
    flows inside a group comes to nothing.
    """
    import networkx as nx

    ends = 1 << one | 1 << other
    groups = [(1 << end, net.neighbours(end, NOTHING)) for end in (one, other)]
    groups += [(own.members & ~ends, own.carry) for own in net.linkages if own.members & ~ends]
    flow: nx.DiGraph[tuple[int, bool]] = nx.DiGraph()
    for here, (members, near) in enumerate(groups):
        if not links and here > 1:
            flow.add_edge((here, False), (here, True), capacity=members.bit_count())
        for there, (others, _) in enumerate(groups):
            if here != there and near & others:
                room = members.bit_count() * others.bit_count()
                start = (here, not links and here > 1)
                flow.add_edge(start, (there, False), capacity=room)
    return int(nx.maximum_flow_value(flow, (0, False), (1, False)))
