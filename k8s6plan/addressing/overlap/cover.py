"""The cheapest vertex cover of a graph: the vertices of least cost that touch every edge.

The neighbours of a vertex are bits of one number. Of covers that cost the same, that with fewest
vertices is taken, and of these the one whose last vertex comes first, so that one graph has one
answer. A graph is first made smaller by two rules that lose no such cover, then each connected
part of it is a program for HiGHS:

1. Neighbours that touch the same vertices form a clique: all but the dearest are in.
2. A vertex whose neighbours cost no more than it does, all together, is out, and they are in.
3. The rest in programs of yes or no: each edge lies in a clique, and of a clique one vertex stays
   out at most. One solution after another minimises the cost, the number of vertices, and then
   looks at the vertices from the last to the first, a few at a time; what was reached is kept.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence
from math import ceil
from typing import NamedTuple

# What HiGHS may branch to prove one minimum. Overlaps of prefixes hardly ever take more than one
# step; a graph with no structure at all may never be proved.
MOST_NODES = 500
# Vertices that one solution decides on: powers of two up to a million are exact for the solver.
_AT_A_TIME = 20
# In a part of more vertices than this the order of names decides no ties: it would take minutes.
_MOST_TIES = 1_000


class Cover(NamedTuple):
    """A cover (the bits of its vertices), its cost, and a cost that no cover goes below."""

    vertices: int
    cost: int
    bound: int


def bits(mask: int) -> Iterator[int]:
    """Yield the places of the bits of ``mask``, from the right."""
    while mask:
        low = mask & -mask
        yield low.bit_length() - 1
        mask ^= low


def mask_of(vertices: Iterator[int] | Sequence[int]) -> int:
    """Return ``vertices`` as the bits of one number."""
    mask = 0
    for vertex in vertices:
        mask |= 1 << vertex
    return mask


def cheapest_cover(
    neighbours: Sequence[int], costs: Sequence[int], *, most_nodes: int = MOST_NODES
) -> Cover:
    """Return the cheapest cover of a graph; ``neighbours[v]`` holds a bit for each neighbour of v.

    It is proved to be the cheapest where ``cost`` equals ``bound``.
    """
    chosen = _twins(neighbours, costs)
    rest, more = _reduced(neighbours, costs, (1 << len(costs)) - 1 & ~chosen)
    chosen |= more
    cost = bound = sum(costs[v] for v in bits(chosen))
    for part in _components(rest, neighbours):
        cover = _Part(part, neighbours, costs, most_nodes).cheapest()
        chosen |= cover.vertices
        cost += cover.cost
        bound += cover.bound
    return Cover(chosen, cost, bound)


def _twins(neighbours: Sequence[int], costs: Sequence[int]) -> int:
    """Return of all twins but the dearest (rule 1)."""
    groups: dict[int, list[int]] = defaultdict(list)
    for vertex, near in enumerate(neighbours):
        groups[near | 1 << vertex].append(vertex)
    found = 0
    for group in groups.values():
        stays = max(group, key=lambda vertex: (costs[vertex], vertex))
        found |= mask_of([vertex for vertex in group if vertex != stays])
    return found


def _reduced(neighbours: Sequence[int], costs: Sequence[int], alive: int) -> tuple[int, int]:
    """Return what rule 2 leaves of ``alive``, and what it puts into the cover."""
    # In one number, so that sums compare by cost, then by how many, then by the last vertex.
    width = len(costs) + len(costs).bit_length()
    weights = [(c << width) + (1 << len(costs)) + (1 << v) for v, c in enumerate(costs)]
    chosen, todo = 0, alive
    while todo:
        vertex = todo.bit_length() - 1
        todo ^= 1 << vertex
        near = neighbours[vertex] & alive
        if sum(weights[v] for v in bits(near)) <= weights[vertex]:
            chosen |= near
            alive &= ~(near | 1 << vertex)
            for gone in bits(near):
                todo |= neighbours[gone]
            todo &= alive
    return alive, chosen


def _components(alive: int, neighbours: Sequence[int]) -> Iterator[int]:
    while alive:
        part = edge = alive & -alive
        while edge:
            reached = 0
            for vertex in bits(edge):
                reached |= neighbours[vertex]
            edge = reached & alive & ~part
            part |= edge
        yield part
        alive &= ~part


class _Part:
    """A connected part of the graph as a program: column n is ``vertices[n]``, 1 where it is in."""

    def __init__(
        self, part: int, neighbours: Sequence[int], costs: Sequence[int], most_nodes: int
    ) -> None:
        from k8s6plan.io.solver import at_least

        self.vertices = list(bits(part))
        self.costs = [costs[vertex] for vertex in self.vertices]
        self.most_nodes = most_nodes
        column = {vertex: n for n, vertex in enumerate(self.vertices)}
        self.near = [[column[v] for v in bits(neighbours[u] & part)] for u in self.vertices]
        self.rows = [
            at_least([column[v] for v in clique], len(clique) - 1)
            for clique in _cliques(part, neighbours)
        ]

    def cheapest(self) -> Cover:
        """Return the cheapest cover of the part (rule 3)."""
        chosen, bound = self._minimise(self.costs)
        cost = self._cost(chosen)
        if bound == cost:
            chosen = self._first_of_equals(chosen)
        vertices = mask_of([v for v, taken in zip(self.vertices, chosen, strict=True) if taken])
        return Cover(vertices, cost, bound)

    def _first_of_equals(self, chosen: list[int]) -> list[int]:
        """Return of all covers that cost as much as ``chosen`` the one that ties fall to."""
        self._hold(self.costs, self._cost(chosen))
        columns = range(len(chosen))
        chosen, _ = self._minimise([1] * len(chosen))
        self._hold([1] * len(chosen), sum(chosen))
        open_columns = list(columns) if len(chosen) <= _MOST_TIES else []
        while open_columns:
            asked = open_columns[-_AT_A_TIME:]
            if any(chosen[n] for n in asked):
                weight = {n: 1 << place for place, n in enumerate(asked)}
                better, _ = self._minimise([weight.get(n, 0) for n in columns])
                if self._cost(better) <= self._cost(chosen):  # by less than the solver can tell
                    chosen = better
            known = set(asked)
            for n in asked:
                known.update(self.near[n] if not chosen[n] else ())
            for n in known.intersection(open_columns):
                self._fix(n, chosen[n])
            open_columns = [n for n in open_columns if n not in known]
        return chosen

    def _cost(self, chosen: Sequence[int]) -> int:
        return sum(cost for cost, taken in zip(self.costs, chosen, strict=True) if taken)

    def _minimise(self, weights: Sequence[int]) -> tuple[list[int], int]:
        """Return the cover of least weight under all that is held so far, and its bound."""
        from k8s6plan.io.solver import minimise

        found = minimise(weights, self.rows, most_nodes=self.most_nodes)
        if found.values is None:
            return [1] * len(weights), 0
        return [round(value) for value in found.values], ceil(found.bound - 1e-6)

    def _hold(self, weights: Sequence[int], most: int) -> None:
        from k8s6plan.io.solver import Row

        self.rows.append(Row(range(len(weights)), weights, most=most))

    def _fix(self, column: int, value: int) -> None:
        from k8s6plan.io.solver import Row

        self.rows.append(Row([column], [1], value, value))


def _cliques(part: int, neighbours: Sequence[int]) -> Iterator[list[int]]:
    """Yield cliques until each edge lies in one: large ones, for they are what makes it easy."""
    left = {vertex: neighbours[vertex] & part for vertex in bits(part)}
    for first in bits(part):
        while left[first]:
            clique, around, new = [first], neighbours[first] & part, left[first]
            while around:
                # An edge that lies in no clique yet goes first.
                vertex = next(bits(around & new or around))
                clique.append(vertex)
                around &= neighbours[vertex]
                new = left[vertex]
            members = mask_of(clique)
            for vertex in clique:
                left[vertex] &= ~members
            yield clique
