"""What fails as one on the ways of a pair, and what is known of how often it is down.

The gateways of a site are one element, and the tunnels of a link are: all of them must be down.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Hashable
from itertools import pairwise
from typing import TYPE_CHECKING, NamedTuple

from k8s6plan import catalog
from k8s6plan.evaluation.failures._components import Component, Parts
from k8s6plan.evaluation.failures._net import Damage, Link, bits, first_of, is_one

if TYPE_CHECKING:
    from k8s6plan.fleet.model import Fleet

End = tuple[int, str]  # (vertex, cluster)
Ends = tuple[int, int]


class Element(NamedTuple):
    """What fails as one. ``down`` is its unavailability, None where it is not known."""

    damage: Damage
    down: float | None
    key: str


class Elements:
    """The elements of a net by number, with what takes down which vertex."""

    def __init__(self, parts: Parts, fleet: Fleet) -> None:
        self.net, self.fleet = parts.net, fleet
        self.all: list[Element] = []
        self.missing: set[str] = set()
        self.gateways: dict[int, int] = {}
        self.links: dict[Link, int] = {}
        self._links: dict[Link, frozenset[int]] = {}
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

    def kind(self, vertex: int) -> Hashable:
        """Return what ways from a vertex hang on: its links, and the figures of all that it needs.

        What it shares with other vertices is that and no other; the rest goes by its figures.
        """
        own = self.fleet.availability
        gateway, underlay = self.gateways.get(vertex), self.underlays.get(vertex)
        return (
            self.net.linkage_of[vertex],
            None if underlay is None else self.all[underlay][1:],
            own.get(f"tunnel.{self.net.names[vertex]}"),
            own.get(f"tunnel.{self.net.places[vertex][0]}"),
            None if gateway is None else self.all[gateway][1:],
            tuple(self._shared(number) for number in sorted(self.kill[vertex])),
        )

    def _shared(self, number: int) -> Hashable:
        damage = self.all[number].damage
        alone = not damage.clusters and is_one(damage.dead)
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

    def along(self, way: tuple[int, ...]) -> frozenset[int]:
        """Return the elements that a way needs between its ends; a peering needs none."""
        links = [self._on_link(one, other) for one, other in pairwise(way)]
        return frozenset().union(*links, *[self.kill[vertex] for vertex in way[1:-1]])

    def _on_link(self, one: int, other: int) -> frozenset[int]:
        """Return the elements that a link needs, besides what takes its ends along."""
        if (one, other) not in self._links:
            found: set[int] = set()
            if self.net.tunnels(one) >> other & 1:
                found.add(self._link((min(one, other), max(one, other))))
                found |= {self.gateways[v] for v in (one, other) if v in self.gateways}
            elif not self.net.peers(one) >> other & 1 and one in self.underlays:
                found |= {self.underlays[one], self.underlays[other]}
            self._links[one, other] = frozenset(found)
        return self._links[one, other]

    def downs(self, numbers: frozenset[int]) -> dict[int, float]:
        """Return the unavailabilities, unknown ones as 0: the sum is a floor then, and said so."""
        found = {}
        for number in sorted(numbers):
            down, key = self.all[number][1:]
            if down is None:
                self.missing.add(key)
            found[number] = down or 0.0
        return found
