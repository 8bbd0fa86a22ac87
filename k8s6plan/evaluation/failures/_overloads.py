"""What the tunnels of a design carry at the peak, and whose gateways a failure makes too small.

Demands take a way with fewest links; of several the one over the vertex that is first by name. So:

1. What is reached next, and is joined alike, is reached over one and the same vertex. A tree of
   ways is a few steps, each to all of a linkage at once.
2. Sources that are joined alike have one tree in common, with each other exchanged, but for those
   of them that carry for the others.
3. A way stays as it is while nothing on it fails. A failure that lengthens none takes load away
   only; else the trees that it touches are grown anew, and only vertices that can have more than
   before are weighed: those that carry, and those that a tunnel reaches and did not before.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Hashable, Iterable, Iterator
from dataclasses import dataclass
from decimal import Decimal
from functools import cached_property
from typing import NamedTuple

from k8s6plan.evaluation.failures._components import link_name
from k8s6plan.evaluation.failures._net import (
    NOTHING,
    Damage,
    Link,
    Net,
    bits,
    first_of,
    is_one,
)
from k8s6plan.evaluation.failures._traffic import Talk
from k8s6plan.evaluation.failures._weights import Weights, weights_of

Capacity = Callable[[str], float | None]
MOST_STEPS = 300_000  # of trees grown, and looked at, for all failures together: a few seconds


@dataclass(frozen=True)
class Overload:
    """A site whose gateways carry more than they can, after rerouting, and its tunnel links."""

    site: str
    load_mbps: float
    capacity_mbps: float
    links: tuple[str, ...]


class _Step(NamedTuple):
    """The last link of some ways: to each of ``to``, from the vertex ``over``, or the source.

    ``all``: these, and what is reached beyond them.
    """

    to: int
    over: int | None
    tunnel: bool
    all: int


class _Beyond(NamedTuple):
    """What is reached over a vertex, and what of it by a tunnel from there."""

    all: int
    by_tunnel: int


class _Tree(NamedTuple):
    """The ways from each of ``sources`` to the sites that ``hear`` it.

    ``steps``: the furthest first. ``beyond``: of each vertex that carries. ``first`` and ``last``:
    what hears by a tunnel that is the first, or the last, link of the way. ``reached``: all that is
    next to a tunnel that leads there.
    """

    sources: int
    hear: int
    steps: tuple[_Step, ...]
    beyond: dict[int, _Beyond]
    first: int
    last: int
    reached: int

    def over(self, vertex: int) -> int:
        """Return what is reached over a vertex."""
        return self.beyond[vertex].all if vertex in self.beyond else 0

    def without(self, gone: int, damage: Damage) -> _Tree | None:
        """Return the tree where a failure lengthens none of its ways; else None.

        It is that of the sources that have all their links. ``gone``: who has none.
        """
        if damage.cut & ~gone or any(gone >> vertex & 1 for vertex in self.beyond):
            return None
        for ends in damage.links:
            for here, there in (ends, ends[::-1]):
                if any(step.over == here and step.to >> there & 1 for step in self.steps):
                    return None
        left = self.sources & ~gone & ~damage.struck
        hear, first, last = (mask & ~gone for mask in (self.hear, self.first, self.last))
        return self._replace(sources=left, hear=hear, first=first, last=last)


class _Volume(NamedTuple):
    """A demand with a peak, by how many clusters of each vertex send, hear, and both."""

    peak: Decimal
    sends: Weights
    hears: Weights
    itself: Weights
    senders: int
    hearers: int

    def between(self, sources: int, targets: int) -> int:
        """Return the pairs of a sender and a hearer in two different vertices."""
        if not (self.senders & sources and self.hearers & targets):
            return 0
        many = self.sends.of(sources) * self.hears.of(targets)
        return many - self.itself.of(sources & targets)


def _volumes(talks: tuple[Talk, ...], damage: Damage) -> list[_Volume]:
    found = []
    for talk in talks:
        left = talk.left(damage)
        hearing = Counter(vertex for vertex, _ in left.receivers)
        sending = Counter(vertex for vertex, _ in left.senders)
        both = weights_of((vertex, many * hearing[vertex]) for vertex, many in sending.items())
        found.append(
            _Volume(
                talk.peak_mbps,
                left.sends,
                left.hears,
                both,
                left.sends.having,
                left.hears.having,
            )
        )
    return found


class Overloads:
    """Works out what failures overload, one after the other, until there were too many cases.

    ``can``: the throughput of one gateway at a site, in Mbit/s, both ways together; None is unknown
    and never exceeded.
    """

    def __init__(self, net: Net, talks: tuple[Talk, ...], can: Capacity) -> None:
        self._net = net
        self._talks = tuple(talk for talk in talks if talk.peak_mbps)
        self._each = [
            None if not held or (each := can(name)) is None else Decimal(str(each))
            for name, held in zip(net.names, net.clusters, strict=True)
        ]
        self._steps = 0
        self._known: dict[Hashable, tuple[Overload, ...]] = {}

    @cached_property
    def before(self) -> tuple[Overload, ...] | None:
        """The sites whose gateways are too small while nothing fails; None: too many ways."""
        if self._is_too_large:
            return None
        found = (
            self._overload(vertex, load, room, self._rest)
            for vertex, load in self._at_rest.items()
            if (room := self._room(vertex, 0)) is not None and load > room
        )
        return tuple(found)

    @cached_property
    def _is_too_large(self) -> bool:
        """Say whether the ways of the design alone would take too long."""
        return len(self._net.linkages) ** 2 > MOST_STEPS // 3

    def after(self, damage: Damage, lost: tuple[int, ...]) -> tuple[Overload, ...] | None:
        """Return the sites that a failure overloads, or overloads more than they were before.

        ``lost``: the vertices that lose a gateway, each as often. None: there were too many cases.
        """
        if self._is_too_large:
            return None
        key = (damage, lost)
        if key not in self._known:
            if self._steps > MOST_STEPS:
                return None
            self._known[key] = tuple(self._worse(damage, Counter(lost)))
        return self._known[key]

    def _worse(self, damage: Damage, lost: Counter[int]) -> Iterator[Overload]:
        trees, rise = self._changed(damage)
        volumes = self._rest.volumes
        if damage.clusters and (rise or lost):
            volumes = _volumes(self._talks, damage)
        rest = _Carried(trees, volumes)
        for vertex in bits(rise | sum(1 << vertex for vertex in lost)):
            room, old_room = self._room(vertex, lost[vertex]), self._room(vertex, 0)
            if room is None or old_room is None or damage.dead >> vertex & 1:
                continue
            load = rest.by(vertex)
            if load > room and load - room > max(self._at_rest[vertex] - old_room, Decimal(0)):
                yield self._overload(vertex, load, room, rest)

    def _room(self, vertex: int, lost: int) -> Decimal | None:
        each = self._each[vertex]
        return None if each is None else each * (self._net.gateways[vertex] - lost)

    def _overload(self, vertex: int, load: Decimal, room: Decimal, carried: _Carried) -> Overload:
        net = self._net
        self._steps += sum(len(tree.steps) for tree in carried.trees)
        links: list[Link] = [
            (min(vertex, other), max(vertex, other)) for other in bits(carried.loaded(vertex))
        ]
        names = tuple(link_name(net, link) for link in links)
        return Overload(net.names[vertex], float(load), float(room), names)

    # --- ways ------------------------------------------------------------------------------------

    @cached_property
    def _rest(self) -> _Carried:
        """What is carried while nothing fails."""
        volumes = _volumes(self._talks, NOTHING)
        sources = 0
        for volume in volumes:
            sources |= volume.senders
        return _Carried(list(self._grown(sources, NOTHING)), volumes)

    @cached_property
    def _at_rest(self) -> dict[int, Decimal]:
        """Mbit/s on all tunnels of each site while nothing fails."""
        return {vertex: self._rest.by(vertex) for vertex in bits(self._net.sites)}

    def _changed(self, damage: Damage) -> tuple[list[_Tree], int]:
        """Return the trees after a failure, and the vertices that can have more than before."""
        found: list[_Tree] = []
        rise, gone = 0, damage.dead
        for vertex in bits(damage.cut):
            if not self._net.neighbours(vertex, damage):
                gone |= 1 << vertex
        for tree in self._rest.trees:
            left = tree.without(gone, damage)
            if left is not None and left.sources:
                found.append(left)
            again = tree.sources & ~gone & ~(left.sources if left else 0)
            for grown in self._grown(again, damage):
                found.append(grown)
                rise |= grown.last & ~tree.last
                rise |= sum(1 << vertex for vertex in grown.beyond)
                rise |= grown.sources if grown.first & ~tree.first else 0
        return found, rise

    def _grown(self, sources: int, damage: Damage) -> Iterator[_Tree]:
        """Yield the trees of the ways from ``sources``."""
        for _, alike in self._net.apart(sources, damage):
            tree = self._tree(alike, damage)
            carrying = sum(1 << vertex for vertex in tree.beyond if alike >> vertex & 1)
            if carrying:  # for the others: their own ways are not those
                yield from (self._tree(1 << v, damage) for v in bits(carrying))
                tree = self._tree(alike & ~carrying, damage)
            yield tree

    def _tree(self, sources: int, damage: Damage) -> _Tree:
        """Return the ways from each of ``sources``, who are joined alike.

        They are those from the last of them by name, with the two exchanged: what carries for it,
        and is first by name, carries for all.
        """
        net = self._net
        source = sources.bit_length() - 1
        self._steps += len(net.linkages)
        left = net.everything & ~damage.dead & ~(1 << source)
        layer = net.neighbours(source, damage) & left
        by_tunnel = layer & net.tunnels(source)
        steps: list[tuple[int, int | None, bool]] = [
            (to, None, to == by_tunnel) for to in (by_tunnel, layer & ~by_tunnel) if to
        ]
        while layer:
            left &= ~layer
            border = net.beyond(layer, left, damage)
            for own, to in net.apart(border, damage):
                near = net.near(own, damage)
                if to & damage.struck:
                    near = net.neighbours(first_of(to), damage)
                over = first_of(near & layer)
                steps.append((to, over, bool(own.tunnels >> over & 1)))
            layer = border
        hear = net.sites & ~net.linkage_of[source].peers & ~damage.dead
        return _tree_of(sources, hear, steps)


def _tree_of(sources: int, hear: int, steps: list[tuple[int, int | None, bool]]) -> _Tree:
    """Return the tree of steps as (to, over, tunnel), the nearest first."""
    among = sources if hear & sources else 0  # each of them is reached by the others
    beyond: dict[int, _Beyond] = {}
    first = last = carrying = 0
    found = []
    for others, over, tunnel in reversed(steps):
        every = to = others | among if others & sources else others
        for vertex in bits(to & carrying):
            every |= beyond[vertex].all
        found.append(_Step(to, over, tunnel, every))
        by_tunnel = every if tunnel else 0
        if over is None:
            first |= by_tunnel
        else:
            known = beyond.get(over, _Beyond(0, 0))
            beyond[over] = _Beyond(known.all | every, known.by_tunnel | by_tunnel)
            carrying |= 1 << over
        last |= to if tunnel else 0
    return _Tree(sources, hear, tuple(found), beyond, first & hear, last & hear, last)


class _Carried:
    """What tunnels carry, by the trees of all ways."""

    def __init__(self, trees: list[_Tree], volumes: list[_Volume]) -> None:
        self.trees, self.volumes = trees, volumes

    def _load(self, sources: int, targets: int) -> Decimal:
        """Return what some send to others, in Mbit/s."""
        total = Decimal(0)
        for volume in self.volumes:
            if many := volume.between(sources, targets):
                total += volume.peak * many
        return total

    def by(self, vertex: int) -> Decimal:
        """Return the Mbit/s on all tunnels of a vertex."""
        here, total = 1 << vertex, Decimal(0)
        for tree in self.trees:
            if tree.last & here:
                total += self._load(tree.sources, here)
            if tree.sources & here:
                total += self._load(here, tree.first)
            if vertex in tree.beyond:
                beyond = tree.beyond[vertex]
                total += self._load(tree.sources, beyond.by_tunnel & tree.hear)
                if tree.reached >> vertex & 1:
                    total += self._load(tree.sources, beyond.all & tree.hear)
        return total

    def loaded(self, vertex: int) -> int:
        """Return the vertices at the other end of those tunnels of one that carry something."""
        here, found = 1 << vertex, 0
        for tree in self.trees:
            heard = (tree.over(vertex) | here) & tree.hear
            for step in tree.steps:
                if not step.tunnel:
                    continue
                if step.to & here:
                    sending = self._sending(tree.sources, heard)
                    found |= sending if step.over is None else bool(sending) << step.over
                if step.over is None and tree.sources & here:
                    found |= self._hearing(tree, step, here)
                elif step.over == vertex:
                    found |= self._hearing(tree, step, tree.sources)
        return found & ~here

    def _sending(self, sources: int, targets: int) -> int:
        """Return which of some send something to others."""
        return _other_ends(
            (volume.senders & sources, volume.hearers & targets) for volume in self.volumes
        )

    def _hearing(self, tree: _Tree, step: _Step, sources: int) -> int:
        """Return to what of a step some sources send something."""
        found = _other_ends(
            (volume.hearers & step.to & tree.hear, volume.senders & sources)
            for volume in self.volumes
        )
        for vertex, beyond in tree.beyond.items():
            if step.to >> vertex & 1 and self._sending(sources, beyond.all & tree.hear):
                found |= 1 << vertex
        return found


def _other_ends(ends: Iterable[tuple[int, int]]) -> int:
    """Return what of the one ends has another end than itself."""
    found = 0
    for one, other in ends:
        if other:
            found |= one & ~other if is_one(other) else one
    return found
