"""The way out of overlaps: the cheapest set of clusters to renumber.

Two clusters that conflict are an edge of a graph, and to renumber one end mends it: a vertex cover.
A cluster costs its nodes; of sets with as many nodes the one of fewest clusters is taken, and of
these the one whose last name comes first, so that one input has one answer.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass

from k8s6plan.addressing.overlap.cover import bits, cheapest_cover
from k8s6plan.fleet.overlaps import Conflict, Holding, Side, conflict_of

# Names break ties as the lowest bits of a weight, one for each cluster; beyond this many clusters
# the numbers would grow too long, and the search goes by name as far as it can.
_MOST_TIES = 1_000


@dataclass(frozen=True)
class WayOut:
    """Which clusters to renumber, so that no overlap is left but those of kept clusters.

    ``nodes``: what it costs. ``bound``: no other set has fewer nodes than this; ``exact`` where
    both are equal. ``left``: the conflicts that stay because of kept clusters.
    """

    renumber: tuple[str, ...]
    nodes: int
    bound: int
    left: tuple[Conflict, ...] = ()

    @property
    def exact(self) -> bool:
        """Say whether no other set has fewer nodes."""
        return self.nodes == self.bound


def cheapest_way_out(
    conflicts: Collection[Conflict],
    nodes: Mapping[str, int],
    *,
    keep: Collection[str] = (),
) -> WayOut:
    """Return the clusters with the fewest ``nodes`` whose renumbering leaves no conflict.

    A cluster that overlaps an exclusion, or itself, is always among them, unless it is one to
    ``keep``; so is a cluster that overlaps a kept one.
    """
    names, neighbours, must = _graph(conflicts)
    kept = _mask(names, keep)
    forced = must & ~kept
    for vertex in bits(kept):
        forced |= neighbours[vertex] & ~kept
    free = [v for v in range(len(names)) if not (kept | forced) >> v & 1]
    place = {vertex: number for number, vertex in enumerate(free)}
    inner = [
        sum(1 << place[other] for other in bits(neighbours[vertex]) if other in place)
        for vertex in free
    ]
    # Twins (neighbours with the same neighbours) form cliques, of which one stays: the dearest.
    costs = [nodes.get(names[vertex], 1) for vertex in free]
    twins = _twins(inner, costs)
    apart = [v for v in range(len(free)) if not twins >> v & 1]
    again = {vertex: number for number, vertex in enumerate(apart)}
    small = [sum(1 << again[o] for o in bits(inner[v] & ~twins)) for v in apart]
    cover = cheapest_cover(small, _weights([costs[v] for v in apart]))
    chosen = forced | sum(1 << free[v] for v in bits(twins))
    chosen |= sum(1 << free[apart[v]] for v in bits(cover.vertices))
    sure = sum(nodes.get(names[v], 1) for v in bits(forced)) + sum(costs[v] for v in bits(twins))
    least = cover.bound >> _tie_bits(len(apart))
    found = {names[v] for v in bits(chosen)}
    return WayOut(
        renumber=tuple(sorted(found)),
        nodes=sum(nodes.get(name, 1) for name in found),
        bound=sure + least,
        left=tuple(_left(conflicts, found)) if keep else (),
    )


def _graph(conflicts: Iterable[Conflict]) -> tuple[list[str], list[int], int]:
    """Return the clusters by name, the neighbours of each, and those that must be renumbered."""
    names = sorted({name for conflict in conflicts for name in conflict.clusters})
    number = {name: place for place, name in enumerate(names)}
    neighbours = [0] * len(names)
    must = 0
    for conflict in conflicts:
        if conflict.equal:
            sides = [(conflict.outer, conflict.outer)]
        else:
            sides = [(conflict.outer, conflict.inner), (conflict.inner, conflict.outer)]
        for mine, others in sides:
            against = _Side(others, number)
            for holding in mine.holdings:
                if holding.cluster is not None:
                    vertex = number[holding.cluster]
                    met, excluded = against.met_by(holding, routed=conflict.is_routed(holding))
                    neighbours[vertex] |= met & ~(1 << vertex)
                    must |= (met & 1 << vertex) | (excluded << vertex)
    return names, neighbours, must


class _Side:
    """One side of a conflict, so that each holding of the other side meets it in a few steps."""

    def __init__(self, side: Side, number: Mapping[str, int]) -> None:
        self.excluded = False
        self.of_kin: dict[str, int] = defaultdict(int)
        self.all = self.several = self.not_services = 0
        for holding in side.holdings:
            if holding.cluster is None:
                self.excluded = True
                continue
            bit = 1 << number[holding.cluster]
            if not self.of_kin[holding.kin] & bit:
                self.several |= self.all & bit  # it holds the prefix for more than one purpose
            self.of_kin[holding.kin] |= bit
            self.all |= bit
            if holding.role != "services":
                self.not_services |= bit

    def met_by(self, holding: Holding, *, routed: bool) -> tuple[int, bool]:
        """Return the clusters that ``holding`` is in conflict with, and whether an exclusion is."""
        met = self.all & ~self.of_kin.get(holding.kin, 0) | self.several
        if not routed:
            met &= self.not_services
        return met, self.excluded


def _twins(neighbours: list[int], costs: list[int]) -> int:
    """Return of all twins but the dearest: each is in a cheapest cover."""
    groups: dict[int, list[int]] = defaultdict(list)
    for vertex, near in enumerate(neighbours):
        groups[near | 1 << vertex].append(vertex)
    found = 0
    for group in groups.values():
        stays = max(group, key=lambda vertex: (costs[vertex], vertex))
        found |= sum(1 << vertex for vertex in group if vertex != stays)
    return found


def _tie_bits(count: int) -> int:
    """Return how many low bits of a weight break ties: one a cluster, and room for their count."""
    return (count if count <= _MOST_TIES else 0) + count.bit_length()


def _weights(costs: list[int]) -> list[int]:
    """Return weights that compare by nodes, then by the number of clusters, then by name."""
    by_name = len(costs) if len(costs) <= _MOST_TIES else 0
    high = _tie_bits(len(costs))
    return [
        (cost << high) + (1 << by_name) + ((1 << number) if by_name else 0)
        for number, cost in enumerate(costs)
    ]


def _mask(names: list[str], chosen: Collection[str]) -> int:
    return sum(1 << number for number, name in enumerate(names) if name in chosen)


def _left(conflicts: Iterable[Conflict], renumbered: set[str]) -> Iterator[Conflict]:
    """Yield what is left of the conflicts once ``renumbered`` are gone."""

    def staying(side: Side) -> Side:
        return Side(tuple(h for h in side.holdings if h.cluster not in renumbered))

    for conflict in conflicts:
        outer, inner = staying(conflict.outer), staying(conflict.inner)
        if outer.holdings and inner.holdings:
            left = conflict_of(outer, inner, services_routed=conflict.services_routed)
            if left is not None and not left.harmless:
                yield left
