"""The shortest ways between sites, by classes.

Traffic from one site to another takes

1. the link between the two, or the underlay, where there is one;
2. else the fewest links over carriers, by tunnels and attachments only.

Which carriers lie between two sites depends on their classes alone, and of a class only on the
carriers beside it; so ways are found once for all classes beside the same carriers.
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import pairwise
from typing import NamedTuple

from k8s6plan.topology.joins import (
    CARRYING,
    ROUTED,
    Join,
    Leg,
    Path,
    SiteClass,
    Topology,
    Vertex,
)

Chain = tuple[Vertex, ...]


class Way(NamedTuple):
    """The shortest ways between two sites.

    ``hops``: the links of each. ``chains``: the carriers of each, in the order of their names; one
    empty chain where the sites are joined directly.
    """

    hops: int
    chains: tuple[Chain, ...]


_DIRECT = Way(1, ((),))


class Ways:
    """The shortest ways of one topology."""

    def __init__(self, topology: Topology) -> None:
        self._near, self._routed = topology.near, topology.routed
        self._classes = topology.classes
        self._rank = {carrier: rank for rank, carrier in enumerate(topology.carriers)}
        self._beside: dict[Vertex, Chain] = {}
        self._from: dict[Vertex, dict[Vertex, Way]] = {}
        self._from_beside: dict[Chain, dict[Vertex, Way]] = {}

    def between(self, one: Vertex, other: Vertex) -> Way | None:
        """Return the shortest ways from a site of ``one`` to another of ``other``.

        None where no way leads there. The two may be the same class.
        """
        if other in self._near[one] or self._routed:
            return _DIRECT
        row = self._row(one) if one in self._rank and one is not other else self._beyond(one)
        fewest = 0
        chains: list[Chain] = []
        for last in self.beside(other):
            way = row.get(last)
            if way is not None and (not fewest or way.hops <= fewest):
                if way.hops != fewest:
                    fewest, chains = way.hops, []
                chains += [(*chain, last) for chain in way.chains]
        if len(chains) > 1:
            chains.sort(key=lambda chain: [self._rank[carrier] for carrier in chain])
        return Way(fewest + 1, tuple(chains)) if fewest else None

    def beside(self, vertex: Vertex) -> Chain:
        """Return the carriers to which a vertex has a link that carries transit, by their names."""
        found = self._beside.get(vertex)
        if found is None:
            near, rank = self._near[vertex], self._rank
            carriers = [v for v, join in near.items() if v in rank and join.kind in CARRYING]
            found = self._beside[vertex] = tuple(sorted(carriers, key=rank.__getitem__))
        return found

    def _row(self, start: Vertex) -> dict[Vertex, Way]:
        """Return the ways from a carrier to every other; their chains leave out both ends."""
        found = self._from.get(start)
        if found is None:
            layer = dict.fromkeys(self.beside(start), _DIRECT)
            found = self._from[start] = self._spread(layer, {start})
        return found

    def _beyond(self, site: Vertex) -> dict[Vertex, Way]:
        """Return the ways from a site that is no carrier; their chains leave out the last."""
        beside = self.beside(site)
        found = self._from_beside.get(beside)
        if found is None:
            found = self._spread(dict.fromkeys(beside, _DIRECT), set())
            self._from_beside[beside] = found
        return found

    def _spread(self, layer: dict[Vertex, Way], seen: set[Vertex]) -> dict[Vertex, Way]:
        """Return the ways to all carriers, from those one link away, by layers."""
        found: dict[Vertex, Way] = {}
        hops = 1
        while layer:
            found |= layer
            seen |= layer.keys()
            hops += 1
            reached: dict[Vertex, list[Chain]] = {}
            for vertex, way in layer.items():
                for other in self.beside(vertex):
                    if other not in seen:
                        chains = [(*chain, vertex) for chain in way.chains]
                        reached.setdefault(other, []).extend(chains)
            layer = {vertex: Way(hops, tuple(chains)) for vertex, chains in reached.items()}
        return found

    def paths(self, one: Vertex, other: Vertex) -> list[Path]:
        """Return the shortest paths from a site of ``one`` to another of ``other``."""
        way = self.between(one, other)
        return [] if way is None else [self._legs((one, *chain, other)) for chain in way.chains]

    def _legs(self, stops: Chain) -> Path:
        return tuple(Leg(self.link(here, there), here, there) for here, there in pairwise(stops))

    def link(self, one: Vertex, other: Vertex) -> Join:
        """Return what joins two vertices that are one link apart."""
        return ROUTED if self._routed else self._near[one][other]

    def by_tunnel(self, one: Vertex, other: Vertex, way: Way) -> bool:
        """Say whether every way from one to the other runs through tunnels only."""
        return all(
            self.link(here, there).kind == "tunnel"
            for chain in way.chains
            for here, there in pairwise((one, *chain, other))
        )

    def pairs(self) -> Iterator[tuple[SiteClass, SiteClass, Way]]:
        """Yield each two classes between whose sites there is a way, once; also a class itself."""
        for number, one in enumerate(self._classes):
            for other in self._classes[number:]:
                if one is not other or one.sites > 1:
                    way = self.between(one, other)
                    if way is not None:
                        yield one, other, way
