"""Minutes a year in which two clusters that both run cannot talk, out of availabilities.

For a pair of clusters, with q the unavailability of an element (a component, or the redundant
gateways of a site, or tunnels of a link, as one: the product of theirs):

1. A shortest way is looked up, and another for each element of it that may fail. Elements that take
   one of the two clusters along are left aside: the pair is not counted then.
2. All states with at most two failed elements, out of those of these ways, are summed exactly.
   Every cut of one or two elements is among them: it must hit the first way, and then the second.
3. The rest lies between 0 and what all the ways being down at once leaves over:
   1 - P(one of the ways is up), by inclusion and exclusion, less 2.

Failures are taken to be independent. Peerings and attachments do not fail by themselves. That the
underlay never fails holds for what failures are listed; the way of a site to it has an availability
like anything else, which nobody is known to promise.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Hashable, Iterator
from dataclasses import dataclass
from functools import cache, partial
from itertools import combinations, combinations_with_replacement
from typing import TYPE_CHECKING

from k8s6plan.evaluation.failures._components import Parts
from k8s6plan.evaluation.failures._elements import Elements, End
from k8s6plan.evaluation.failures._net import bits
from k8s6plan.evaluation.failures._ways import Ways

if TYPE_CHECKING:
    from k8s6plan.fleet.model import Fleet

MINUTES_A_YEAR = 525_600  # 365 days
MOST_PAIRS = 20_000  # pairs of unlike clusters looked at
_WAYS = 6  # ways of a pair whose being up at once is worked out: 2^6 terms


@dataclass(frozen=True)
class Downtime:
    """Minutes a year: ``minutes`` by at most two failures, and up to ``rest`` more by others."""

    minutes: float
    rest: float


@dataclass(frozen=True)
class Availability:
    """What a design comes to. ``known``: no figure is missing; else the minutes are a floor.

    ``worst_pair`` is the first by name of those with the most minutes. ``missing`` says what to
    give in the fleet file. All None where no two clusters can talk, or ``note`` says why.
    """

    mean: Downtime | None
    worst: Downtime | None
    worst_pair: tuple[str, str] | None
    missing: tuple[str, ...] = ()
    note: str = ""

    @property
    def known(self) -> bool:
        """Say whether every availability that matters is known."""
        return self.mean is not None and not self.missing


def availability_of(parts: Parts, fleet: Fleet) -> Availability:
    """Return the downtime of pairs of clusters, mean and worst."""
    net = parts.net
    if not net.pairs:
        return Availability(None, None, None, note="no two clusters in different sites can talk")
    elements = Elements(parts, fleet)
    ends: dict[Hashable, list[End]] = defaultdict(list)
    for vertex in bits(net.sites):
        kind = elements.kind(vertex)
        for cluster, sets in zip(net.clusters[vertex], net.sets[vertex], strict=True):
            ends[kind, elements.groups_of[cluster], sets].append((vertex, cluster))
    kinds = sorted(ends.values())
    if len(kinds) * (len(kinds) + 1) // 2 > MOST_PAIRS:
        note = f"more than {MOST_PAIRS:,} pairs of unlike clusters"
        return Availability(None, None, None, note=note)
    ways = Ways(net, elements)
    total = rest = 0.0
    worst: tuple[float, float, tuple[str, str]] | None = None
    for one, other in combinations_with_replacement(kinds, 2):
        if not net.share_set(one[0], other[0]):
            continue
        for pair, count in _samples(one, other):
            found = _downtime(ways, elements, *pair)
            if found is None:
                continue
            total += count * found.minutes
            rest += count * found.rest
            first, second = sorted(cluster for _, cluster in pair)
            entry = (-round(found.minutes, 9), -round(found.rest, 9), (first, second))
            worst = entry if worst is None else min(worst, entry)
    assert worst is not None  # noqa: S101  there are pairs that can talk
    return Availability(
        Downtime(total / net.pairs, rest / net.pairs),
        Downtime(-worst[0], -worst[1]),
        worst[2],
        tuple(sorted(elements.missing)),
    )


def _samples(one: list[End], other: list[End]) -> Iterator[tuple[tuple[End, End], int]]:
    """Yield one pair of ends for all that are like it, with their number; never inside a site."""
    if one is not other:
        sites = Counter(vertex for vertex, _ in one)
        inside = sum(sites[vertex] for vertex, _ in other)
        pairs = ((a, b) for a in one for b in other if a[0] != b[0])
        count = len(one) * len(other) - inside
    else:
        inside = sum(n * (n - 1) // 2 for n in Counter(vertex for vertex, _ in one).values())
        pairs = ((a, b) for a, b in combinations(one, 2) if a[0] != b[0])
        count = len(one) * (len(one) - 1) // 2 - inside
    first = next(pairs, None)
    if first is not None:
        yield first, count


def _downtime(ways: Ways, elements: Elements, one: End, other: End) -> Downtime | None:
    """Return the downtime of one pair; None where it cannot talk in the first place."""
    aside = elements.taking(one) | elements.taking(other)
    ends = (one[0], other[0])
    seen = cache(partial(elements.seen_from, ends))
    first = ways.between(ends)
    if first is None:
        return None
    found = [elements.along(first) - aside]
    cuts: set[int] = set()
    further: dict[int, frozenset[int]] = {}
    for element in sorted(found[0]):
        way = ways.between(ends, seen, element)
        if way is None:
            cuts.add(element)
        else:
            further[element] = elements.along(way) - aside
    double: set[tuple[int, int]] = set()
    for element, way_round in further.items():
        if way_round not in found:
            found.append(way_round)
        for second in ways.cut_too(ends, seen, element, way_round - cuts):
            double.add((min(element, second), max(element, second)))
    return _sum(elements.downs(frozenset().union(*found)), found[:_WAYS], cuts, double)


def _sum(
    downs: dict[int, float],
    ways: list[frozenset[int]],
    cuts: set[int],
    double: set[tuple[int, int]],
) -> Downtime:
    """Return the minutes of a pair, by rules 2 and 3 at the top of this file.

    ``downs``: unavailability of the elements on the ``ways``; ``cuts`` and ``double``: the cuts of
    one element and of two.
    """
    up = 1.0
    for down in downs.values():
        up *= 1 - down
    odds = {element: down / (1 - down) for element, down in downs.items()}
    every, certain = sum(odds.values()), sum(odds[element] for element in sorted(cuts))
    squares = sum(odd * odd for odd in odds.values())
    others = squares - sum(odds[element] ** 2 for element in sorted(cuts))
    # Two failures, one of them at least a cut by itself: all pairs, less those without any.
    mixed = (every**2 - squares - ((every - certain) ** 2 - others)) / 2
    found = up * (certain + mixed + sum(odds[a] * odds[b] for a, b in sorted(double)))
    some_way = 0.0
    for size in range(1, len(ways) + 1):
        for chosen in combinations(ways, size):
            term = 1.0
            for element in sorted(frozenset().union(*chosen)):
                term *= 1 - downs[element]
            some_way += term if size % 2 else -term
    rest = max(0.0, 1 - some_way - found)
    return Downtime(found * MINUTES_A_YEAR, rest * MINUTES_A_YEAR)


__all__ = ["MINUTES_A_YEAR", "Availability", "Downtime", "availability_of"]
