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
from itertools import combinations, combinations_with_replacement, pairwise
from typing import TYPE_CHECKING, NamedTuple

from k8s6plan import catalog
from k8s6plan.evaluation.failures._components import Component, Parts, like
from k8s6plan.evaluation.failures._net import NOTHING, Damage, Link, Net, bits, first_of, is_one

if TYPE_CHECKING:
    from k8s6plan.fleet.model import Fleet

MINUTES_A_YEAR = 525_600  # 365 days
MOST_PAIRS = 20_000  # pairs of unlike clusters looked at
_WAYS = 6  # ways of a pair whose being up at once is worked out: 2^6 terms


class Element(NamedTuple):
    """What fails as one. ``down`` is its unavailability, None where it is not known."""

    damage: Damage
    down: float | None
    key: str


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
    elements = _Elements(parts, fleet)
    alike = like(net, elements.marks)
    ends: dict[tuple[int, Hashable], list[tuple[int, str]]] = defaultdict(list)
    for vertex in bits(net.sites):
        for cluster in net.clusters[vertex]:
            ends[alike[vertex], elements.groups_of[cluster]].append((vertex, cluster))
    kinds = sorted(ends.values())
    if len(kinds) * (len(kinds) + 1) // 2 > MOST_PAIRS:
        note = f"more than {MOST_PAIRS:,} pairs of unlike clusters"
        return Availability(None, None, None, note=note)
    ways = _Ways(net, elements)
    total = rest = 0.0
    worst: tuple[float, float, tuple[str, str]] | None = None
    for one, other in combinations_with_replacement(kinds, 2):
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


End = tuple[int, str]


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


def _downtime(ways: _Ways, elements: _Elements, one: End, other: End) -> Downtime | None:
    """Return the downtime of one pair; None where it cannot talk in the first place."""
    aside = elements.taking(one) | elements.taking(other)
    ends = (one[0], other[0])
    first = ways.between(ends)
    if first is None:
        return None
    found = [frozenset(elements.along(first) - aside)]
    cuts: set[int] = set()
    further: dict[int, frozenset[int]] = {}
    for element in sorted(found[0]):
        way = ways.between(ends, element)
        if way is None:
            cuts.add(element)
        else:
            further[element] = frozenset(elements.along(way) - aside)
    double: set[tuple[int, int]] = set()
    for element, way_round in further.items():
        if way_round not in found:
            found.append(way_round)
        for second in way_round - cuts:
            if ways.is_cut(ends, element, second):
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


Ends = tuple[int, int]


class _Ways:
    """Ways between two vertices. What holds for two ends holds for others that are joined alike.

    It does as long as the failures strike both alike, and no end of the one pair is on the way of
    the other, nor would be for being first by name.
    """

    def __init__(self, net: Net, elements: _Elements) -> None:
        self._net, self._elements = net, elements
        self._inner: dict[Hashable, tuple[int, ...] | None] = {}
        self._cut: dict[Hashable, bool] = {}

    def between(self, ends: Ends, element: int | None = None) -> tuple[int, ...] | None:
        """Return a way with fewest links, once an element has failed; None where there is none.

        A peering is the whole way. Before any failure only pairs that meet have one.
        """
        here, there = (self._net.linkage_of[end] for end in ends)
        if element is None and not self._net.meets[here] >> ends[1] & 1:
            return None
        key = (here, there, None if element is None else self._elements.seen_from(ends, element))
        if key in self._inner:
            inner = self._inner[key]
            if inner is None:
                return None
            if ends[0] not in inner and ends[1] not in inner:
                return ends[0], *inner, ends[1]
        damage = NOTHING if element is None else self._elements.all[element].damage
        way = _way(self._net, *ends, damage)
        if way is None or max(way[1:-1], default=-1) < min(ends):
            self._inner[key] = None if way is None else way[1:-1]
        return way

    def is_cut(self, ends: Ends, one: int, other: int) -> bool:
        """Say whether no way is left between two vertices once two elements have failed."""
        here, there = (self._net.linkage_of[end] for end in ends)
        seen = self._elements.seen_from
        key = (here, there, seen(ends, one), seen(ends, other))
        if key not in self._cut:
            every = self._elements.all
            damage = every[one].damage | every[other].damage
            self._cut[key] = _way(self._net, *ends, damage) is None
        return self._cut[key]


def _way(net: Net, one: int, other: int, damage: Damage) -> tuple[int, ...] | None:
    """Return a way with fewest links between two living vertices, of those first by name."""
    if net.peers(one) >> other & 1:
        return one, other
    near = net.neighbours(other, damage)
    left = net.everything & ~damage.dead
    layer, layers = 1 << one, []
    while layer:
        layers.append(layer)
        left &= ~layer
        if layer & near:
            way = [other]
            for before in reversed(layers):
                way.append(first_of(net.neighbours(way[-1], damage) & before))
            return tuple(way[::-1])
        layer = net.beyond(layer, left, damage)
    return None


# --- elements and what is known of them ----------------------------------------------------------


class _Elements:
    """The elements of a net by number, with what takes down which vertex."""

    def __init__(self, parts: Parts, fleet: Fleet) -> None:
        self.net, self.fleet = parts.net, fleet
        self.all: list[Element] = []
        self.missing: set[str] = set()
        self.gateways: dict[int, int] = {}
        self.links: dict[Link, int] = {}
        self.vertices: dict[int, tuple[int, ...]] = {}  # of what is of one vertex, or of a link
        self.kill: dict[int, set[int]] = defaultdict(set)  # vertex -> what takes it down
        self.kill_cluster: dict[str, set[int]] = defaultdict(set)
        self.groups_of: dict[str, tuple[int, ...]] = defaultdict(tuple)
        for component in parts.single:
            self._add(component)
        for vertex, count in enumerate(self.net.gateways):
            if count and self.net.tunnels(vertex):
                down = self._down("gateway", self.net.names[vertex], self.net.places[vertex][0])
                self.gateways[vertex] = self._put(Damage(cut=1 << vertex), down, count)
        self.underlays = {
            vertex: self._put(
                Damage(off=1 << vertex),
                self._down("underlay", self.net.names[vertex], self.net.places[vertex][0]),
                1,
            )
            for vertex in bits(self.net.routed)
        }
        self.vertices |= {number: (vertex,) for vertex, number in self.gateways.items()}
        self.vertices |= {number: (vertex, vertex) for vertex, number in self.underlays.items()}

    def _add(self, component: Component) -> None:
        kind, name, damage, _ = component
        if kind == "cluster" or (kind == "gateway" and not damage.dead):
            return
        vertex = first_of(damage.dead)
        provider = "" if kind == "group" else self.net.places[vertex][0]
        what = "transit" if kind == "gateway" else kind
        number = self._put(damage, self._down(what, name, provider), 1)
        for dead in bits(damage.dead):
            self.kill[dead].add(number)
        for _, cluster in sorted(damage.clusters):
            self.kill_cluster[cluster].add(number)
            self.groups_of[cluster] += (number,)

    def _put(self, damage: Damage, known: tuple[float | None, str], count: int) -> int:
        down, key = known
        self.all.append(Element(damage, None if down is None else down**count, key))
        return len(self.all) - 1

    def _down(self, what: str, name: str, provider: str) -> tuple[float | None, str]:
        """Return (unavailability, what to give where it is unknown).

        It is the user's own for the thing, its provider or its kind, else what the provider says.
        """
        own = self.fleet.availability
        for key in (f"{what}.{name}", f"{what}.{provider}", what):
            if key in own:
                return float(1 - own[key]), ""
        share = catalog.availability(provider, what)
        where = f" at {provider}" if provider and what not in ("provider", "group") else ""
        named = f" {name}" if what in ("provider", "group") else ""
        hint = f"{what}{named}{where}; give availability.{what}"
        return (None if share is None else float(1 - share.value)), hint

    def _link(self, link: Link) -> int:
        """Return the element of a tunnel link, made when it is first asked for."""
        if link not in self.links:
            damage = Damage(links=frozenset((link,)))
            number = self._put(damage, self._tunnel(link), self.net.tunnels_per_link)
            self.links[link], self.vertices[number] = number, link
        return self.links[link]

    def _tunnel(self, link: Link) -> tuple[float | None, str]:
        """Return the unavailability of one tunnel, as ``_down``.

        It is the worse of the user's own for its two ends, by site, else by provider, else by kind.
        """
        own = self.fleet.availability
        sites = [f"tunnel.{self.net.names[vertex]}" for vertex in link]
        providers = [f"tunnel.{self.net.places[vertex][0]}" for vertex in link]
        for keys in (sites, providers, ["tunnel"]):
            given = [own[key] for key in keys if key in own]
            if given:
                return float(1 - min(given)), ""
        return None, "tunnel; give availability.tunnel"

    @property
    def marks(self) -> dict[int, Hashable]:
        """What sets vertices apart: the figures of what they share, and of their own."""
        found: dict[int, Hashable] = {}
        for vertex, name in enumerate(self.net.names):
            gateway, underlay = self.gateways.get(vertex), self.underlays.get(vertex)
            found[vertex] = (
                None if underlay is None else self.all[underlay][1:],
                self.fleet.availability.get(f"tunnel.{name}"),
                self.fleet.availability.get(f"tunnel.{self.net.places[vertex][0]}"),
                None if gateway is None else self.all[gateway][1:],
                tuple(self._shared(number) for number in sorted(self.kill[vertex])),
                tuple(self.groups_of[cluster] for cluster in self.net.clusters[vertex]),
            )
        return found

    def _shared(self, number: int) -> Hashable:
        dead = self.all[number].damage
        alone = not dead.clusters and is_one(dead.dead)
        return self.all[number][1:] if alone else number

    def taking(self, end: End) -> set[int]:
        """Return the elements whose failure takes an end of the pair."""
        return self.kill[end[0]] | self.kill_cluster[end[1]]

    def seen_from(self, ends: Ends, number: int) -> Hashable:
        """Return an element as it is for all pairs whose ends are joined alike."""
        if number not in self.vertices:
            return number
        seen = [ends.index(v) - 2 if v in ends else v for v in self.vertices[number]]
        return tuple(sorted(seen))

    def along(self, way: tuple[int, ...]) -> set[int]:
        """Return the elements that a way needs; a peering needs but its two sites."""
        found: set[int] = set()
        for vertex in way:
            found |= self.kill[vertex]
        for one, other in pairwise(way):
            if self.net.tunnels(one) >> other & 1:
                found.add(self._link((min(one, other), max(one, other))))
                found |= {self.gateways[v] for v in (one, other) if v in self.gateways}
            elif not self.net.peers(one) >> other & 1 and one in self.underlays:
                found |= {self.underlays[one], self.underlays[other]}
        return found

    def downs(self, numbers: frozenset[int]) -> dict[int, float]:
        """Return the unavailabilities, unknown ones as 0: the sum is a floor then, and said so."""
        found = {}
        for number in sorted(numbers):
            down, key = self.all[number][1:]
            if down is None:
                self.missing.add(key)
            found[number] = down or 0.0
        return found


__all__ = ["MINUTES_A_YEAR", "Availability", "Downtime", "availability_of"]
