"""Every single and every double failure, and the pairs of clusters that it cuts off.

Like components give like losses (``Parts.class_of``), so one of them stands for all: in a full mesh
of a hundred sites the 12 million pairs of tunnels are a handful of cases.
"""

from __future__ import annotations

import heapq
from collections import defaultdict
from collections.abc import Hashable, Iterator
from dataclasses import dataclass, field
from itertools import chain, combinations, product
from typing import get_args

from k8s6plan.evaluation.failures._components import Component, Kind, Parts
from k8s6plan.evaluation.failures._net import NOTHING, Damage, Net, bits, is_one

_KINDS = {kind: rank for rank, kind in enumerate(get_args(Kind))}
Pairs = tuple[int, int]  # (cut off, surviving)
End = tuple[int, str]  # (vertex, cluster)
MOST_LISTED = 20_000  # single failures; a full mesh of a thousand sites has half a million


@dataclass(frozen=True)
class Loss:
    """What the failure of one component, or of two at once, cuts off.

    ``pairs_lost`` of the ``surviving`` pairs (both clusters survive) could talk, and cannot now.
    ``sites``: the vertices that have lost a gateway, each as often.
    """

    fails: tuple[str, ...]
    kinds: tuple[Kind, ...]
    pairs_lost: int
    surviving: int
    damage: Damage = field(default=NOTHING, repr=False, compare=False)
    sites: tuple[int, ...] = field(default=(), repr=False, compare=False)

    @property
    def share(self) -> float:
        """The pairs lost as a share of the surviving ones."""
        return self.pairs_lost / self.surviving if self.surviving else 0.0

    @property
    def key(self) -> tuple[object, ...]:
        """The place in a list, worst first."""
        ranks = tuple(_KINDS[kind] for kind in self.kinds)
        return (-self.pairs_lost, -self.share, ranks, self.fails)


@dataclass(frozen=True)
class Losses:
    """Failures of one depth. ``worst`` lists them, worst first, ``left_out`` could not be listed.

    ``count``: all there are; ``cutting``: those that cut some pair off.
    """

    worst: tuple[Loss, ...]
    count: int
    cutting: int

    @property
    def left_out(self) -> int:
        """The failures that are not listed; none of them is worse than one that is."""
        return self.count - len(self.worst)


def loss_of(net: Net, *failing: Component, pairs: Pairs | None = None) -> Loss:
    """Return what the failure of these components at once cuts off."""
    damage = NOTHING
    for component in failing:
        damage |= component.damage
    lost, surviving = pairs or net.lost(damage)
    ordered = sorted(failing, key=lambda component: (_KINDS[component.kind], component.name))
    return Loss(
        tuple(component.name for component in ordered),
        tuple(component.kind for component in ordered),
        lost,
        surviving,
        damage,
        tuple(component.site for component in failing if component.site is not None),
    )


def single(parts: Parts, most: int = MOST_LISTED) -> Losses:
    """Return every single failure, the ``most`` worst of them listed.

    Where there are more than MOST_LISTED, tunnels that cut nothing off are counted and not listed.
    """
    net, known = parts.net, parts.known
    found = [loss_of(net, component, pairs=known[component.damage]) for component in parts.single]
    bridges = {component.damage: component for component in parts.bridges}
    cutting = sum(
        known[component.damage][0] > 0 for component in (*parts.single, *bridges.values())
    )
    tunnels = parts.tunnels() if parts.count <= MOST_LISTED else iter(bridges.values())
    untouched = known[NOTHING]
    found += [loss_of(net, tunnel, pairs=known.get(tunnel.damage, untouched)) for tunnel in tunnels]
    found.sort(key=lambda loss: loss.key)
    return Losses(tuple(found[:most]), parts.count, cutting)


def fragile_pairs(parts: Parts) -> int:
    """Return how many pairs of clusters some single failure cuts off, both clusters surviving."""
    net = parts.net
    alone = 0  # sites that some failure parts from all that they meet
    cut_from: dict[int, int] = defaultdict(int)  # sites that one failure or another parts from each
    in_part: set[tuple[End, End]] = set()  # where a group takes a site's clusters in part
    for damage, (lost, _) in parts.known.items():
        for part, rest in net.splits(damage) if lost else ():
            for own, here in net.within(part & net.sites):
                others = net.parted(own, rest)
                if damage.clusters:
                    left = (_clusters(net, mask, damage) for mask in (here, others))
                    pairs = (ends for ends in product(*left) if net.share_set(*ends))
                    in_part |= {(min(ends), max(ends)) for ends in pairs}
                elif is_one(here) and others == net.parted(own, net.everything ^ here):
                    alone |= here
                else:
                    cut_from |= {vertex: cut_from[vertex] | others for vertex in bits(here)}
    total = 0
    for own, here in net.within(alone):
        met, crowd = net.parted(own, net.everything), net.crowd
        total += 2 * crowd.pairs(here, met & ~alone) + crowd.pairs(here, met & alone)
        total -= crowd.inside(here & met)
    total //= 2
    for vertex in [vertex for vertex in cut_from if not alone >> vertex & 1]:
        for other in bits(cut_from[vertex] & ~alone & (1 << vertex) - 1):
            cut_from[other] |= 1 << vertex
    for vertex, mask in cut_from.items():
        cut_from[vertex] = higher = mask & ~alone & -2 << vertex if not alone >> vertex & 1 else 0
        total += net.crowd.pairs(1 << vertex, higher)
    for (low, _), (high, _) in in_part:
        total += not (alone >> low | alone >> high | cut_from[low] >> high) & 1
    return total


def _clusters(net: Net, mask: int, damage: Damage) -> Iterator[End]:
    """Yield the clusters at some vertices that a failure leaves, as (vertex, cluster)."""
    for vertex in bits(mask):
        for cluster in net.clusters[vertex]:
            if (vertex, cluster) not in damage.clusters:
                yield vertex, cluster


# --- two at once ---------------------------------------------------------------------------------


@dataclass(frozen=True)
class _Combination:
    """Failures that are alike: ``count`` pairs of components, each losing ``pairs``.

    ``first`` and ``second`` are what is to be paired to name them all.
    """

    pairs: Pairs
    count: int
    first: tuple[Damage, ...]
    second: tuple[Damage, ...]


def double(parts: Parts, most: int) -> Losses:
    """Return every pair of components that fail together, the ``most`` worst listed.

    Pairs that cut nothing off are counted, and never listed.
    """
    held: dict[Damage, list[Component]] = defaultdict(list)
    for component in (*parts.single, *parts.tunnels()):
        held[component.damage].append(component)
    idle = sorted(held.pop(NOTHING, ()), key=lambda part: (_KINDS[part.kind], part.name))
    twins = list(parts.twins())
    cases = [case for case in _cases(parts, held, len(idle)) if case.pairs[0]]
    of_twins = [loss_of(parts.net, *pair) for pair in twins]
    of_twins = [loss for loss in of_twins if loss.pairs_lost]
    cutting = sum(case.count for case in cases) + len(of_twins)
    floor = _floor(cases, of_twins, most)
    found: Iterator[Loss] = (
        loss
        for case in cases
        if _rank(case.pairs) <= floor
        for loss in _named(parts.net, case, held, idle[:most])
    )
    worst = heapq.nsmallest(most, chain(found, of_twins), key=lambda loss: loss.key)
    return Losses(tuple(worst), parts.count * (parts.count - 1) // 2, cutting)


def _rank(pairs: Pairs) -> tuple[float, float]:
    """Return what orders losses, worst first."""
    lost, surviving = pairs
    return -lost, -lost / surviving if surviving else 0.0


def _floor(cases: list[_Combination], losses: list[Loss], most: int) -> tuple[float, float]:
    """Return the rank down to which cases must be named for the ``most`` worst to be known."""
    ranked = [(_rank(case.pairs), case.count) for case in cases]
    ranked += [(_rank((loss.pairs_lost, loss.surviving)), 1) for loss in losses]
    named = 0
    for rank, count in sorted(ranked):
        named += count
        if named >= most:
            return rank
    return 0.0, 0.0  # all of them


def _cases(parts: Parts, held: dict[Damage, list[Component]], idle: int) -> Iterator[_Combination]:
    """Yield what pairs of components come to; each pair is in exactly one case.

    ``held``: the components that do each damage; ``idle``: how many do none by themselves. Left out
    are pairs of links of which each has two ways round: they cut nothing.
    """
    net = parts.net
    classes: dict[Hashable, list[Damage]] = defaultdict(list)
    for damage in held:
        classes[parts.class_of(damage)].append(damage)
    ordered = [tuple(members) for members in classes.values()]
    size = {damage: len(components) for damage, components in held.items()}
    sizes = {members: sum(size[damage] for damage in members) for members in ordered}
    around = {members: min(net.ways_round(damage) for damage in members) for members in ordered}
    for number, members in enumerate(ordered):
        first = members[0]
        alone, many = net.lost(first), len(members)
        inside = size[first] * (size[first] - 1) // 2 * many
        if inside:
            yield _Combination(alone, inside, members, ())
        if idle:
            yield _Combination(alone, size[first] * many * idle, members, (NOTHING,))
        for others in ordered[number:]:
            same = others is members
            if around[members] > 1 and around[others] > 1:
                continue
            if around[others] > net.strikes(first):  # some way round is left of each
                yield _Combination(alone, size[first] * many * sizes[others], members, others)
                continue
            tally: dict[Pairs, int] = defaultdict(int)
            for other in others[1:] if same else others:
                harmless = around[members] > net.strikes(other)
                found = parts.known[other] if harmless else net.lost(first | other)
                tally[found] += size[first] * size[other] * many
            for pairs, count in tally.items():
                yield _Combination(pairs, count // 2 if same else count, members, others)


def _named(
    net: Net, case: _Combination, held: dict[Damage, list[Component]], idle: list[Component]
) -> Iterator[Loss]:
    """Yield the failures of a case, by name."""
    if not case.second:
        for damage in case.first:
            for one, other in combinations(held[damage], 2):
                yield loss_of(net, one, other, pairs=case.pairs)
        return
    same = case.first is case.second
    for first, second in combinations(case.first, 2) if same else product(case.first, case.second):
        if second == NOTHING or net.lost(first | second) == case.pairs:
            for one, other in product(held[first], held.get(second, idle)):
                yield loss_of(net, one, other, pairs=case.pairs)
