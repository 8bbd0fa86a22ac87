"""How many there are of a thing at each vertex of a net, and pairs of clusters by that."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cached_property
from itertools import product
from typing import NamedTuple

from k8s6plan.fleet.sets import Sets, share


class Weights(NamedTuple):
    """A whole number for each vertex, as (number, mask of those with it)."""

    by: tuple[tuple[int, int], ...]

    def of(self, mask: int) -> int:
        """Return the sum over the vertices of ``mask``."""
        return sum([number * (mask & having).bit_count() for number, having in self.by])

    @property
    def having(self) -> int:
        """The vertices that have any."""
        return sum([having for number, having in self.by if number])

    def less(self, gone: Mapping[int, int]) -> Weights:
        """Return the same with so many fewer at some vertices."""
        masks = dict(self.by)
        for vertex, fewer in gone.items():
            bit = 1 << vertex
            number = next(number for number, having in self.by if having & bit)
            masks[number] ^= bit
            masks[number - fewer] = masks.get(number - fewer, 0) | bit
        return Weights(tuple(masks.items())) if gone else self


def weights_of(numbers: Iterable[tuple[int, int]]) -> Weights:
    """Return the weights out of (vertex, number); vertices that are not named have 0."""
    masks: dict[int, int] = defaultdict(int)
    for vertex, number in numbers:
        if number:
            masks[number] |= 1 << vertex
    return Weights(tuple(sorted(masks.items())))


@dataclass(frozen=True, eq=False)
class Crowd:
    """The clusters at each vertex, by the cluster sets that they are in.

    ``inside``: how many pairs at a vertex share one, in both orders, also each with itself.
    """

    held: tuple[tuple[Sets, Weights], ...]
    inside: Weights

    @cached_property
    def _meeting(self) -> list[tuple[Weights, Weights]]:
        """Of each two that share a cluster set, in both orders."""
        pairs = product(self.held, repeat=2)
        return [(one, other) for (own, one), (far, other) in pairs if share(own, far)]

    def pairs(self, here: int, there: int) -> int:
        """Return the pairs of a cluster here and one there that share a cluster set."""
        return sum([one.of(here) * other.of(there) for one, other in self._meeting])

    def among(self, mask: int) -> int:
        """Return such pairs at different vertices of ``mask``, each once."""
        return (self.pairs(mask, mask) - self.inside.of(mask)) // 2

    def less(self, gone: Mapping[int, Counter[Sets]]) -> Crowd:
        """Return the same with so many fewer at some vertices."""
        held = tuple(
            (own, many.less({at: fewer[own] for at, fewer in gone.items() if fewer[own]}))
            for own, many in self.held
        )
        left = Crowd(held, self.inside)
        lost = {at: self.inside.of(1 << at) - left.pairs(1 << at, 1 << at) for at in gone}
        return Crowd(held, self.inside.less({at: fewer for at, fewer in lost.items() if fewer}))


def crowd_of(sets: Iterable[Iterable[Sets]]) -> Crowd:
    """Return the crowd out of the cluster sets of each cluster at each vertex."""
    held: dict[Sets, Counter[int]] = defaultdict(Counter)
    inside: Counter[int] = Counter()
    for vertex, clusters in enumerate(sets):
        counted = Counter(clusters)
        for own, many in counted.items():
            held[own][vertex] = many
            inside[vertex] += many * sum(n for other, n in counted.items() if share(own, other))
    by_sets = ((own, weights_of(counted.items())) for own, counted in sorted(held.items()))
    return Crowd(tuple(by_sets), weights_of(inside.items()))
