"""What a failure does to traffic: demands that are lost, and ways that get longer.

A demand stands for each pair of a sender and a receiver in different sites, with the whole of its
``gb_per_month`` and ``peak_mbps``. Demands are held and summed by group, never pair by pair.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from decimal import Decimal
from typing import TYPE_CHECKING, NamedTuple

from k8s6plan.evaluation.failures._net import NOTHING, Damage, Net, Weights, bits, weights

if TYPE_CHECKING:
    from k8s6plan.fleet.model import Fleet

Latency = Callable[[str, str], float | None]


class Flow(NamedTuple):
    """A demand by vertices: how many clusters send and receive at each."""

    gb_per_month: Decimal
    peak_mbps: Decimal
    senders: frozenset[tuple[int, str]]
    receivers: frozenset[tuple[int, str]]


def flows_of(net: Net, fleet: Fleet) -> tuple[Flow, ...]:
    """Return the demands of ``fleet`` on its net."""
    ends = [
        (net.index[cluster.site_name], cluster.name) for cluster in fleet.clusters
    ]  # by place in the file
    return tuple(
        Flow(
            traffic.gb_per_pair,
            traffic.mbps_per_pair,
            frozenset(ends[index] for index in traffic.senders),
            frozenset(ends[index] for index in traffic.receivers),
        )
        for traffic in fleet.traffic
    )


def _count(clusters: frozenset[tuple[int, str]], damage: Damage) -> Weights:
    return weights(Counter(vertex for vertex, _ in clusters - damage.clusters).items())


def traffic_lost(net: Net, flows: tuple[Flow, ...], damage: Damage) -> Decimal:
    """Return the GB a month of demands between surviving clusters that are cut off."""
    splits = list(net.splits(damage))
    total = Decimal(0)
    for flow in flows:
        if not splits or not flow.gb_per_month:
            continue
        sends, hears = _count(flow.senders, damage), _count(flow.receivers, damage)
        pairs = 0
        for part, rest in splits:
            if net.meets is None:
                pairs += sends.of(part) * hears.of(rest) + hears.of(part) * sends.of(rest)
            for vertex in bits(part & net.sites):
                # All but the peers, or where a design joins less, what it joins.
                near, here = net.peers[vertex] & rest, 1 << vertex
                sign = -1
                if net.meets is not None:
                    near, sign = net.parted(vertex, rest), 1
                if near:
                    met = sends.of(here) * hears.of(near) + hears.of(here) * sends.of(near)
                    pairs += sign * met
        total += pairs * flow.gb_per_month
    return total


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


def detours(net: Net, damage: Damage, latency: Latency | None = None) -> Detours:
    """Return which pairs go a longer way after ``damage``, by fewest links.

    ``latency``: milliseconds over the link between two vertices by name, the same way each time;
    of ways with as few links the quickest is taken. None of it is unknown.
    """
    alive = net.sites & ~damage.dead
    gone = net.gone(damage)
    pairs = added = 0
    most = 0
    ms: float | None = None if latency is None else 0.0
    for source in bits(alive):
        here = len(net.clusters[source]) - gone.get(source, 0)
        longer = _longer(net, source, damage)
        for hops, mask in enumerate(longer, 1):
            there = net.weights.of(mask & alive)
            there -= sum(count for vertex, count in gone.items() if mask & alive >> vertex & 1)
            added += here * there
            if hops == 1:
                pairs += here * there
            if here * there:
                most = max(most, hops)
        if latency is not None and ms is not None and longer:
            before = _times(net, source, NOTHING, latency)
            after = _times(net, source, damage, latency)
            for vertex in bits(longer[0] & alive):
                old, new = before[vertex], after[vertex]
                ms = None if old is None or new is None or ms is None else max(ms, new - old)
    return Detours(pairs // 2, added / pairs if pairs else 0.0, most, ms)


def _longer(net: Net, source: int, damage: Damage) -> list[int]:
    """Return the sites whose way from ``source`` grows by 1 link or more, by 2 or more, ..."""
    before, after = net.distances[source], tuple(net.levels(source, damage))
    if before == after:
        return []
    reached = 0
    for mask in after:
        reached |= mask
    at_least: list[int] = []
    within_old = within_new = 0
    for step in range(len(after)):
        within_old |= before[step] if step < len(before) else 0
        within_new |= after[step]
        late = within_old & reached & ~within_new & net.sites
        if net.meets is not None:
            late &= net.meets[source]
        grown = [mask & late for mask in [late, *at_least]]
        at_least = [old | new for old, new in zip([*at_least, 0], grown, strict=True)]
    return [mask for mask in at_least if mask]


def _times(net: Net, source: int, damage: Damage, latency: Latency) -> dict[int, float | None]:
    """Return the milliseconds from ``source`` to all that it reaches, by fewest links."""
    transit: dict[int, float | None] = {source: 0.0}
    found: dict[int, float | None] = {}
    for level in net.levels(source, damage):
        for vertex in bits(level):
            near = [step for step in bits(net.neighbours(vertex, damage)) if step in transit]
            if not near:  # a peer of the source
                found[vertex] = latency(net.names[source], net.names[vertex])
                continue
            ways = [
                _sum(transit[step], latency(net.names[step], net.names[vertex])) for step in near
            ]
            known = [way for way in ways if way is not None]
            transit[vertex] = min(known) if len(known) == len(ways) else None
            found.setdefault(vertex, transit[vertex])
    return found


def _sum(one: float | None, other: float | None) -> float | None:
    return None if one is None or other is None else one + other
