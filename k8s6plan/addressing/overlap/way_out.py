"""The way out of overlaps: the cheapest set of clusters to renumber.

Two clusters that conflict are an edge of a graph, and to renumber one end mends it: a vertex cover.
A cluster costs its nodes; of sets with as many nodes the one of fewest clusters is taken, and of
these the one whose last name comes first, so that one input has one answer.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass

from k8s6plan.addressing.overlap.cover import bits, cheapest_cover, mask_of
from k8s6plan.fleet.overlaps import Conflict, Holding, Side, conflict_of


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
    costs = [nodes.get(name, 1) for name in names]
    kept = mask_of(vertex for vertex, name in enumerate(names) if name in keep)
    forced = must & ~kept
    for vertex in bits(kept):
        forced |= neighbours[vertex] & ~kept
    free = (1 << len(names)) - 1 & ~(kept | forced)
    cover = cheapest_cover(
        [near & free if free >> vertex & 1 else 0 for vertex, near in enumerate(neighbours)], costs
    )
    sure = sum(costs[vertex] for vertex in bits(forced))
    found = [names[vertex] for vertex in bits(forced | cover.vertices)]
    return WayOut(
        renumber=tuple(found),
        nodes=sure + cover.cost,
        bound=sure + cover.bound,
        left=tuple(_left(conflicts, set(found))) if keep else (),
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
            against = _Side(others, number, conflict)
            for holding in mine.holdings:
                if holding.cluster is not None:
                    vertex = number[holding.cluster]
                    met, excluded = against.met_by(holding, routed=conflict.is_routed(holding))
                    neighbours[vertex] |= met & ~(1 << vertex)
                    must |= (met & 1 << vertex) | (excluded << vertex)
    return names, neighbours, must


class _Side:
    """One side of a conflict, so that each holding of the other side meets it in a few steps."""

    def __init__(self, side: Side, number: Mapping[str, int], conflict: Conflict) -> None:
        self.excluded = False
        self.of_kin: dict[str, int] = defaultdict(int)
        self.number = number
        self.all = self.several = self.routed = 0
        for holding in side.holdings:
            if holding.cluster is None:
                self.excluded = True
                continue
            bit = 1 << number[holding.cluster]
            if not self.of_kin[holding.kin] & bit:
                self.several |= self.all & bit  # it holds the prefix for more than one purpose
            self.of_kin[holding.kin] |= bit
            self.all |= bit
            if conflict.is_routed(holding):
                self.routed |= bit

    def met_by(self, holding: Holding, *, routed: bool) -> tuple[int, bool]:
        """Return the clusters that ``holding`` is in conflict with, and whether an exclusion is."""
        met = self.all & ~self.of_kin.get(holding.kin, 0) | self.several
        if not routed:  # what is hidden, and of another cluster, does no harm
            own = 0 if holding.cluster is None else 1 << self.number[holding.cluster]
            met &= self.routed | own
        return met, self.excluded


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
