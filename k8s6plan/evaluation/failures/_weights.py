"""How many there are of a thing at each vertex of a net, and pairs of clusters by that."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping
from itertools import product
from typing import NamedTuple

from k8s6plan.fleet.sets import Sets, share


class Weights(NamedTuple):
    """A whole number for each vertex, as (number, mask of those with it)."""

    by: tuple[tuple[int, int], ...]

    def of(self, mask: int) -> int:
        """Return the sum over the vertices of ``mask``."""
        return sum([number * (mask & having).bit_count() for number, having in self.by])

    def times(self, other: Weights, mask: int) -> int:
        """Return the sum, over the vertices of ``mask``, of this number times the other."""
        if other is self:
            return sum([many * many * (mask & having).bit_count() for many, having in self.by])
        both = product(self.by, other.by)
        return sum(
            [
                many * more * (mask & here & there).bit_count()
                for (many, here), (more, there) in both
            ]
        )

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


class Crowd(NamedTuple):
    """The clusters at each vertex, by the cluster sets that they are in.

    ``held``: those in each of ``sets``. ``meeting``: the places in both of each two that share a
    cluster set, in both orders.
    """

    sets: tuple[Sets, ...]
    held: tuple[Weights, ...]
    meeting: tuple[tuple[int, int], ...]

    def pairs(self, here: int, there: int) -> int:
        """Return the pairs of a cluster here and one there that share a cluster set."""
        held = self.held
        return sum([held[one].of(here) * held[other].of(there) for one, other in self.meeting])

    def inside(self, mask: int) -> int:
        """Return such pairs at one vertex of ``mask``, in both orders, also each with itself."""
        held = self.held
        return sum([held[one].times(held[other], mask) for one, other in self.meeting])

    def among(self, mask: int) -> int:
        """Return such pairs at different vertices of ``mask``, each once."""
        return (self.pairs(mask, mask) - self.inside(mask)) // 2

    def less(self, gone: Mapping[int, Counter[Sets]]) -> Crowd:
        """Return the same with so many fewer at some vertices."""
        held = tuple(
            many.less({at: fewer[own] for at, fewer in gone.items() if fewer[own]})
            for own, many in zip(self.sets, self.held, strict=True)
        )
        return self._replace(held=held)


def crowd_of(sets: Iterable[Iterable[Sets]]) -> Crowd:
    """Return the crowd out of the cluster sets of each cluster at each vertex."""
    held: dict[Sets, Counter[int]] = defaultdict(Counter)
    for vertex, clusters in enumerate(sets):
        for own in clusters:
            held[own][vertex] += 1
    known = tuple(sorted(held))
    pairs = product(enumerate(known), repeat=2)
    meeting = tuple((one, other) for (one, own), (other, far) in pairs if share(own, far))
    return Crowd(known, tuple(weights_of(held[own].items()) for own in known), meeting)
