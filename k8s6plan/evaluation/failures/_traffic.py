"""What a failure does to traffic: demands that are lost, and ways that get longer.

A demand stands for each pair of a sender and a receiver in different sites, with the whole of its
``gb_per_month`` and ``peak_mbps``. Demands are held and summed by group, never pair by pair.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from decimal import Decimal
from functools import cached_property
from itertools import islice
from typing import TYPE_CHECKING

from k8s6plan.evaluation.failures._net import NOTHING, Damage, Net, bits
from k8s6plan.evaluation.failures._weights import Weights, weights_of

if TYPE_CHECKING:
    from k8s6plan.fleet.model import Fleet

LinkTime = Callable[[str, str], float | None]


@dataclass(frozen=True)
class Talk:
    """A demand by vertices: the clusters that send it, and those that hear it."""

    gb_per_month: Decimal
    peak_mbps: Decimal
    senders: frozenset[tuple[int, str]]
    receivers: frozenset[tuple[int, str]]

    @cached_property
    def sends(self) -> Weights:
        """How many clusters send at each vertex."""
        return weights_of(Counter(vertex for vertex, _ in self.senders).items())

    @cached_property
    def hears(self) -> Weights:
        """How many clusters hear at each vertex."""
        return weights_of(Counter(vertex for vertex, _ in self.receivers).items())

    def left(self, damage: Damage) -> Talk:
        """Return the same without the clusters that fail while their site goes on."""
        gone = damage.clusters
        if self.senders.isdisjoint(gone) and self.receivers.isdisjoint(gone):
            return self
        ends = (self.senders - gone, self.receivers - gone)
        return Talk(self.gb_per_month, self.peak_mbps, *ends)


def talks_of(net: Net, fleet: Fleet) -> tuple[Talk, ...]:
    """Return the demands of ``fleet`` on its net."""
    ends = [
        (net.index[cluster.site_name], cluster.name) for cluster in fleet.clusters
    ]  # by place in the file
    return tuple(
        Talk(
            traffic.gb_per_pair,
            traffic.mbps_per_pair,
            frozenset(ends[index] for index in traffic.senders),
            frozenset(ends[index] for index in traffic.receivers),
        )
        for traffic in fleet.traffic
    )


def traffic_lost(net: Net, talks: tuple[Talk, ...], damage: Damage) -> Decimal:
    """Return the GB a month of demands between surviving clusters that are cut off."""
    talks = tuple(talk.left(damage) for talk in talks if talk.gb_per_month)
    pairs = [0] * len(talks)
    for part, rest in net.splits(damage) if talks else ():
        for own, here in net.within(part):
            if there := net.parted(own, rest):
                for number, talk in enumerate(talks):
                    pairs[number] += talk.sends.of(here) * talk.hears.of(there)
                    pairs[number] += talk.hears.of(here) * talk.sends.of(there)
    return sum(
        (talk.gb_per_month * many for talk, many in zip(talks, pairs, strict=True)), Decimal(0)
    )


# --- longer ways ---------------------------------------------------------------------------------


@dataclass(frozen=True)
class Detours:
    """Pairs of clusters that still talk over more links than before, and what that adds.

    ``hops_mean`` and ``hops_max`` are links added, over these pairs; ``ms_max`` the most latency
    added, None where no latency is known.
    """

    pairs: int
    hops_mean: float
    hops_max: int
    ms_max: float | None = None


def detours(net: Net, damage: Damage, link_time: LinkTime | None = None) -> Detours:
    """Return which pairs go a longer way after ``damage``, by fewest links.

    ``link_time``: milliseconds over the link between two vertices by name, the same way each time;
    of ways with as few links the quickest is taken. None of it is unknown.
    """
    alive = net.sites & ~damage.dead
    left = net.left(damage)
    pairs = added = 0
    most = 0
    slower = _Slower(net, damage, link_time)
    for _, sources in net.apart(alive, damage):
        # What holds for one of them holds for each, with the two exchanged.
        longer = _longer(net, sources.bit_length() - 1, damage)
        for hops, mask in enumerate(longer, 1):
            there = mask & alive
            many = left.pairs(sources, there & ~sources)
            if there & sources:
                many += 2 * left.among(sources)
            added += many
            pairs += many if hops == 1 else 0
            most = max(most, hops) if many else most
        if longer:
            slower.look(sources, longer[0] & alive)
    return Detours(pairs // 2, added / pairs if pairs else 0.0, most, slower.most)


def _longer(net: Net, source: int, damage: Damage) -> list[int]:
    """Return the sites whose way from ``source`` grows by 1 link or more, by 2 or more, ..."""
    before, after = net.levels_at_rest(source), tuple(net.levels(source, damage))
    if before == after:
        return []
    reached = 0
    for mask in after:
        reached |= mask
    met = reached & net.meets[net.linkage_of[source]]
    at_least: list[int] = []
    within_old = within_new = 0
    for step in range(len(after)):
        within_old |= before[step] if step < len(before) else 0
        within_new |= after[step]
        late = within_old & met & ~within_new
        grown = [mask & late for mask in [late, *at_least]]
        at_least = [old | new for old, new in zip([*at_least, 0], grown, strict=True)]
    return [mask for mask in at_least if mask]


class _Slower:
    """How much slower the longer ways are, at the most; ``most`` is None where it is not known."""

    def __init__(self, net: Net, damage: Damage, link_time: LinkTime | None) -> None:
        self._net, self._damage, self._link_time = net, damage, link_time
        self.most = None if link_time is None else 0.0

    def look(self, sources: int, longer: int) -> None:
        """Look at the ways from each of some sites that are alike to those of ``longer``."""
        among = sources if longer & sources else 0
        for source in bits(sources):
            if self.most is None or self._link_time is None:
                return
            before = _Times(self._net, source, NOTHING, self._link_time)
            after = _Times(self._net, source, self._damage, self._link_time)
            for target in bits((longer | among) & ~(1 << source)):
                old, new = before.to(target), after.to(target)
                if old is None or new is None:
                    self.most = None
                    return
                self.most = max(self.most, new - old)


class _Times:
    """The milliseconds from one vertex to others, by fewest links."""

    def __init__(self, net: Net, source: int, damage: Damage, link_time: LinkTime) -> None:
        self._net, self._source, self._damage = net, source, damage
        self._link_time = link_time
        levels = net.levels_at_rest(source) if damage == NOTHING else net.levels(source, damage)
        beside = net.neighbours(source, damage) & ~damage.dead  # and not peers
        self._layers = [1 << source, beside, *islice(levels, 1, None)]
        self._known: dict[int, float | None] = {source: 0.0}

    def to(self, vertex: int) -> float | None:
        """Return the milliseconds to a vertex that is reached; None where they are not known."""
        if self._net.peers(self._source) >> vertex & 1:
            return self._over(self._source, vertex)
        return self._by_transit(vertex)

    def _by_transit(self, vertex: int) -> float | None:
        if vertex not in self._known:
            near = self._net.neighbours(vertex, self._damage)
            steps = next(near & layer for layer in self._layers if near & layer)
            ways = [
                None if (first := self._by_transit(step)) is None or last is None else first + last
                for step in bits(steps)
                for last in [self._over(step, vertex)]
            ]
            known = [way for way in ways if way is not None]
            self._known[vertex] = min(known) if len(known) == len(ways) else None
        return self._known[vertex]

    def _over(self, one: int, other: int) -> float | None:
        return self._link_time(self._net.names[one], self._net.names[other])
