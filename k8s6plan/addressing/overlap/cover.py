"""The cheapest vertex cover of a graph: the fewest weights that touch every edge.

Vertices are bits of plain integers, which makes a neighbourhood one number. A component is first
made small by rules that lose no best cover (1 to 3), and then searched by branch and bound:

1. A vertex whose neighbours weigh no more than itself, all together, stays out of the cover.
2. A vertex whose neighbours all touch each other (a leaf, a clique): the neighbours that weigh no
   more are in the cover; from the heavier ones its own weight is taken off, and when the rest is
   known it is in exactly if one of those is out (Frank's rule, which solves every chordal graph).
3. A vertex that touches all that its neighbour touches, and weighs no more than it, is in.

The search counts its steps. When they run out, the best cover so far stands, which is never more
than twice the weight of the bound (the local ratio of Bar-Yehuda and Even).
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

MOST_STEPS = 4_000
# Each level is two calls deep, and Python allows a thousand.
_MOST_LEVELS = 200
# Rules 2 and 3 look at every pair of neighbours: not worth it round a vertex with very many.
_MOST_NEIGHBOURS = 512


@dataclass(frozen=True)
class Cover:
    """A cover (the bits of its vertices), its weight, and a weight that no cover goes below."""

    vertices: int
    weight: int
    bound: int


def cheapest_cover(
    neighbours: Sequence[int], weights: Sequence[int], *, most_steps: int = MOST_STEPS
) -> Cover:
    """Return the cheapest cover of a graph; ``neighbours[v]`` holds a bit for each neighbour of v.

    It is a cheapest one where ``weight`` equals ``bound``.
    """
    vertices = weight = bound = 0
    for part in _components((1 << len(weights)) - 1, neighbours):
        if part & (part - 1):
            cover = _Search(neighbours, most_steps).solve(part, list(weights))
            vertices |= cover.vertices
            weight += cover.weight
            bound += cover.bound
    return Cover(vertices, weight, bound)


def bits(mask: int) -> Iterator[int]:
    """Yield the places of the bits of ``mask``, from the right."""
    while mask:
        low = mask & -mask
        yield low.bit_length() - 1
        mask ^= low


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


class _Search:
    """The search in one component."""

    def __init__(self, neighbours: Sequence[int], most_steps: int) -> None:
        self.neighbours = neighbours
        self.steps_left = most_steps
        self.level = 0

    def solve(self, alive: int, weights: list[int]) -> Cover:
        """Return the cheapest cover of ``alive``, or the best within the steps."""
        vertices, bound = self._local_ratio(alive, weights)
        spent = sum(weights[v] for v in bits(vertices))
        better = self._below(alive, weights, spent)
        if better is not None:
            vertices = better
            spent = sum(weights[v] for v in bits(vertices))
        return Cover(vertices, spent, spent if self.steps_left > 0 else bound)

    def _below(self, alive: int, weights: Sequence[int], limit: int) -> int | None:
        """Return the cheapest cover of ``alive`` that weighs less than ``limit``, None for none."""
        self.steps_left -= 1
        if self.steps_left <= 0:
            return None
        weights = list(weights)
        alive, cover, spent, folds = self._reduce(alive, weights)
        parts = list(_components(alive, self.neighbours))
        bounds = [self._clique_bound(part, weights) for part in parts]
        spent += sum(bounds)
        if spent >= limit:
            return None
        for part, bound in sorted(zip(parts, bounds, strict=True)):
            found = self._branch(part, weights, limit - spent + bound)
            if found is None:
                return None
            cover |= found
            spent += sum(weights[v] for v in bits(found)) - bound
        for vertex, heavier in reversed(folds):
            if heavier & ~cover:
                cover |= 1 << vertex
        return cover

    def _branch(self, part: int, weights: Sequence[int], limit: int) -> int | None:
        """Try the vertex with most neighbours: out of the cover, then in it."""
        most = max(bits(part), key=lambda v: ((self.neighbours[v] & part).bit_count(), weights[v]))
        best = None
        near = self.neighbours[most] & part
        self.level += 1
        if self.level > _MOST_LEVELS:
            self.steps_left = 0
        for chosen, rest in ((near, part & ~near & ~(1 << most)), (1 << most, part & ~(1 << most))):
            spent = sum(weights[v] for v in bits(chosen))
            found = self._below(rest, weights, limit - spent) if spent < limit else None
            if found is not None:
                best = chosen | found
                limit = sum(weights[v] for v in bits(best))
        self.level -= 1
        return best

    def _reduce(
        self, alive: int, weights: list[int]
    ) -> tuple[int, int, int, list[tuple[int, int]]]:
        """Apply the rules while they help; return what is left, the cover, its weight, and folds.

        ``weights`` changes: rule 2 takes weight off.
        """
        cover = spent = 0
        folds: list[tuple[int, int]] = []
        todo = alive
        while todo:
            vertex = (todo & -todo).bit_length() - 1
            todo &= todo - 1
            near = self.neighbours[vertex] & alive
            own = weights[vertex]
            gone = 0
            if sum(weights[v] for v in bits(near)) <= own:  # rule 1; also where none is left
                cover |= near
                spent += sum(weights[v] for v in bits(near))
                gone = near | 1 << vertex
            elif near.bit_count() <= _MOST_NEIGHBOURS:
                light, heavier = self._dominated(vertex, near, alive, weights)
                cover |= light
                spent += sum(weights[v] for v in bits(light))
                gone = light
                if heavier:  # rule 2
                    for other in bits(heavier):
                        weights[other] -= own
                    spent += own * heavier.bit_count()
                    folds.append((vertex, heavier))
                    gone |= 1 << vertex
            if gone:
                touched = gone
                for other in bits(gone):
                    touched |= self.neighbours[other]
                alive &= ~gone
                # Rule 3 may now hold two steps away, so the neighbours' neighbours are due too.
                for other in bits(touched & alive):
                    touched |= self.neighbours[other]
                todo = (todo | touched) & alive
        return alive, cover, spent, folds

    def _dominated(
        self, vertex: int, near: int, alive: int, weights: Sequence[int]
    ) -> tuple[int, int]:
        """Return the neighbours that are in the cover by rules 2 and 3, and the rest of a clique.

        The second is 0 where the neighbours do not all touch each other.
        """
        light = 0
        clique = True
        around = near | 1 << vertex
        for other in bits(near):
            if around & ~(self.neighbours[other] | 1 << other):
                clique = False
            elif weights[other] <= weights[vertex]:
                # One at a time: what is left round the vertex decides about the next.
                light |= 1 << other
                around &= ~(1 << other)
        if not clique and light:
            rest = (near & alive) & ~light
            clique = all(not rest & ~(self.neighbours[v] | 1 << v) for v in bits(rest))
        return light, near & ~light if clique else 0

    def _clique_bound(self, part: int, weights: Sequence[int]) -> int:
        """Return a weight below no cover: of each clique, all but the heaviest are in."""
        bound = 0
        for vertex in sorted(bits(part), key=lambda v: (self.neighbours[v] & part).bit_count()):
            if part >> vertex & 1:
                part &= ~(1 << vertex)
                total = heaviest = weights[vertex]
                rest = self.neighbours[vertex] & part
                while rest:
                    other = max(bits(rest), key=weights.__getitem__)
                    part &= ~(1 << other)
                    rest &= self.neighbours[other]
                    total += weights[other]
                    heaviest = max(heaviest, weights[other])
                bound += total - heaviest
        return bound

    def _local_ratio(self, alive: int, weights: Sequence[int]) -> tuple[int, int]:
        """Return a cover of at most twice the cheapest, without idle vertices, and its bound.

        Each edge takes from both its ends what the lighter one has left; who has nothing left is
        in. What was taken is a bound: the edges share no weight.
        """
        left = list(weights)
        cover = bound = 0
        for vertex in bits(alive):
            for other in bits(self.neighbours[vertex] & alive & ~cover):
                if not left[vertex]:
                    break
                paid = min(left[vertex], left[other])
                left[vertex] -= paid
                left[other] -= paid
                bound += paid
                if not left[other]:
                    cover |= 1 << other
            if not left[vertex] and self.neighbours[vertex] & alive:
                cover |= 1 << vertex
        for vertex in sorted(bits(cover), key=lambda v: (-weights[v], v)):
            if not self.neighbours[vertex] & alive & ~cover:
                cover &= ~(1 << vertex)
        return cover, max(bound, self._clique_bound(alive, weights))
