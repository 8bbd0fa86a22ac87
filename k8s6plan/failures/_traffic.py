"""What a failure does to traffic: demands that are lost, ways that get longer, gateways too small.

A demand stands for each pair of a sender and a receiver in different sites, with the whole of its
``gb_per_month`` and ``peak_mbps``. Demands are held and summed by group, never pair by pair.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable
from dataclasses import dataclass
from decimal import Decimal
from typing import TYPE_CHECKING, NamedTuple

from k8s6plan.failures._components import link_name
from k8s6plan.failures._net import NOTHING, Damage, Link, Net, Weights, bits, weights
from k8s6plan.senders import select

if TYPE_CHECKING:
    from k8s6plan.model import Fleet

Latency = Callable[[str, str], float | None]
Capacity = Callable[[str], float | None]


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
            demand.gb_per_month,
            demand.peak_mbps or Decimal(0),
            frozenset(ends[index] for index in select(fleet, demand.source)),
            frozenset(ends[index] for index in select(fleet, demand.target)),
        )
        for demand in fleet.demands
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
            pairs += sends.of(part) * hears.of(rest) + hears.of(part) * sends.of(rest)
            for vertex in bits(part & net.sites):
                near, here = net.peers[vertex] & rest, 1 << vertex
                if near:
                    pairs -= sends.of(here) * hears.of(near) + hears.of(here) * sends.of(near)
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


# --- gateways too small --------------------------------------------------------------------------


@dataclass(frozen=True)
class Overload:
    """A site whose gateways carry more than they can, after rerouting, and its tunnel links."""

    site: str
    load_mbps: float
    capacity_mbps: float
    links: tuple[str, ...]


def overloads(
    net: Net, flows: tuple[Flow, ...], damage: Damage, gateways_lost: Counter[int], can: Capacity
) -> tuple[Overload, ...]:
    """Return the sites whose tunnels carry more than their gateways can, after ``damage``.

    ``can``: the throughput of one gateway at a site, in Mbit/s, both ways together; None is unknown
    and never exceeded. ``gateways_lost``: how many have failed at a site. Demands take a way with
    fewest links; of several the one over the vertex that is first by name.
    """
    loads = _loads(net, flows, damage)
    at_site: dict[int, Decimal] = defaultdict(Decimal)
    over: dict[int, list[str]] = defaultdict(list)
    for link, load in sorted(loads.items()):
        for vertex in link:
            at_site[vertex] += load
            over[vertex].append(link_name(net, link))
    found = []
    for vertex, load in sorted(at_site.items()):
        each = can(net.names[vertex]) if net.clusters[vertex] else None
        if each is None:
            continue
        room = each * (net.gateways[vertex] - gateways_lost[vertex])
        if load > room:
            found.append(Overload(net.names[vertex], float(load), room, tuple(over[vertex])))
    return tuple(found)


def _loads(net: Net, flows: tuple[Flow, ...], damage: Damage) -> dict[Link, Decimal]:
    """Return the Mbit/s on each tunnel link."""
    wanted: dict[int, dict[int, Decimal]] = defaultdict(lambda: defaultdict(Decimal))
    for flow in flows:
        if flow.peak_mbps:
            sends = Counter(vertex for vertex, _ in flow.senders - damage.clusters)
            hears = Counter(vertex for vertex, _ in flow.receivers - damage.clusters)
            for source, some in sends.items():
                for target, others in hears.items():
                    if source != target and not net.peers[source] >> target & 1:
                        wanted[source][target] += some * others * flow.peak_mbps
    loads: dict[Link, Decimal] = defaultdict(Decimal)
    for source, targets in sorted(wanted.items()):
        if damage.dead >> source & 1:
            continue
        carrying = 1 << source
        back: dict[int, int] = {}
        order: list[int] = []
        for level in net.levels(source, damage):
            onward = 0
            for vertex in bits(level):
                near = net.neighbours(vertex, damage) & carrying
                if near:  # else a peering, which no gateway ends
                    back[vertex] = (near & -near).bit_length() - 1
                    onward |= 1 << vertex
                    order.append(vertex)
            carrying = onward
        through: dict[int, Decimal] = defaultdict(Decimal)
        for vertex in reversed(order):
            through[vertex] += targets.get(vertex, Decimal(0))
            step = back[vertex]
            through[step] += through[vertex]
            low, high = sorted((step, vertex))
            if net.tunnels[step] >> vertex & 1 and through[vertex]:
                loads[low, high] += through[vertex]
    return loads
