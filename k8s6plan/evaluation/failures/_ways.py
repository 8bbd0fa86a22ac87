"""Ways between the two ends of a pair, once something has failed."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterator
from typing import NamedTuple

from k8s6plan.evaluation.failures._elements import Elements, Ends
from k8s6plan.evaluation.failures._net import NOTHING, Damage, Net, first_of

Seen = Callable[[int], Hashable]  # an element, as ``Elements.seen_from`` has it


class Ways:
    """Ways between two vertices. What holds for two ends holds for others that are joined alike.

    It does as long as failures strike both alike, and an end of the one pair can be no step on the
    way of the other: it was not to choose from, or comes later by name than what was chosen.
    """

    def __init__(self, net: Net, elements: Elements) -> None:
        self._net, self._elements = net, elements
        self._known: dict[Hashable, _Way | None] = {}
        self._cut: dict[Hashable, list[Hashable]] = {}

    def between(self, ends: Ends, seen: Seen = int, element: int = -1) -> tuple[int, ...] | None:
        """Return a way with fewest links, once an element has failed; None where there is none.

        A peering is the whole way. Before any failure only pairs that meet have one.
        """
        here, there = (self._net.linkage_of[end] for end in ends)
        if element < 0 and not self._net.meets[here] >> ends[1] & 1:
            return None
        key = (here, there, seen(element))
        known = self._known.get(key)
        if known is None and key in self._known:
            return None
        if known is None or not known.serves(ends):
            damage = NOTHING if element < 0 else self._elements.all[element].damage
            known = self._known[key] = _way(self._net, *ends, damage)
        return None if known is None else (ends[0], *known.inner, ends[1])

    def cut_too(
        self, ends: Ends, seen: Seen, element: int, others: frozenset[int]
    ) -> Iterator[int]:
        """Yield the elements that leave no way between two vertices once another has failed."""
        by_sight = {seen(other): other for other in others}
        here, there = (self._net.linkage_of[end] for end in ends)
        key = (here, there, seen(element), frozenset(by_sight))
        if key not in self._cut:
            every = self._elements.all
            self._cut[key] = [
                sight
                for sight, other in by_sight.items()
                if _is_cut(self._net, ends, every[element].damage | every[other].damage)
            ]
        return (by_sight[sight] for sight in self._cut[key])


class _Way(NamedTuple):
    """The steps between two ends, and all there were to choose them from."""

    ends: Ends
    inner: tuple[int, ...]
    choice: int

    def serves(self, ends: Ends) -> bool:
        """Say whether it is the way between two other ends that are joined alike, too."""
        if not (self.choice >> ends[0] | self.choice >> ends[1]) & 1:
            return True
        last = max(self.inner)
        return last < min(self.ends) and ends[0] not in self.inner and ends[1] not in self.inner


def _way(net: Net, one: int, other: int, damage: Damage) -> _Way | None:
    """Return a way with fewest links between two living vertices, of those first by name."""
    if net.peers(one) >> other & 1:
        return _Way((one, other), (), 0)
    if _is_cut(net, (one, other), damage):  # found sooner from both ends
        return None
    near = net.neighbours(other, damage)
    left = net.everything & ~damage.dead
    layer, layers = 1 << one, list[int]()
    while True:
        left &= ~layer
        if layer & near:
            inner, choice = [], 0
            for before in reversed([*layers, layer][1:]):
                steps = near & before
                choice |= steps
                inner.append(first_of(steps))
                near = net.neighbours(inner[-1], damage)
            return _Way((one, other), tuple(reversed(inner)), choice)
        layers.append(layer)
        # One link from the end it is enough to know what of its neighbours is reached.
        layer = net.beyond(layer, left & near, damage) or net.beyond(layer, left, damage)


def _is_cut(net: Net, ends: Ends, damage: Damage) -> bool:
    """Say whether no way is left between two living vertices, looking from both."""
    seen = [1 << end for end in ends]
    border = [*seen]
    while border[0] and border[1]:
        side = border[1].bit_count() < border[0].bit_count()
        left = net.everything & ~damage.dead & ~seen[side]
        border[side] = net.beyond(border[side], left, damage)
        if border[side] & seen[not side]:
            return False
        seen[side] |= border[side]
    return True
