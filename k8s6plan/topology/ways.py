"""The shortest ways between the sites of a topology, by its vertices."""

from __future__ import annotations

from typing import NamedTuple

from k8s6plan.topology.joins import Join, Leg, Path, Topology, Vertex


class Way(NamedTuple):
    """The shortest ways between two sites: see ``shape.Way``."""

    hops: int
    chains: tuple[tuple[Vertex, ...], ...]


class Ways:
    """The shortest ways of one topology: those of its shape."""

    def __init__(self, topology: Topology) -> None:
        self._shape, self._number = topology.shape, topology.number
        self._vertices = topology.vertices
        self._legs: dict[tuple[int, int], Leg] = {}

    def between(self, one: Vertex, other: Vertex) -> Way | None:
        """Return the shortest ways from a site of ``one`` to another of ``other``.

        None where no way leads there. The two may be the same class.
        """
        way = self._shape.between(self._number[one], self._number[other])
        if way is None:
            return None
        chains = (tuple(self._vertices[carrier] for carrier in chain) for chain in way.chains)
        return Way(way.hops, tuple(chains))

    def paths(self, one: Vertex, other: Vertex) -> list[Path]:
        """Return the shortest paths from a site of ``one`` to another of ``other``."""
        first, last = self._number[one], self._number[other]
        way = self._shape.between(first, last)
        return [] if way is None else [self.path(first, chain, last) for chain in way.chains]

    def path(self, first: int, chain: tuple[int, ...], last: int) -> Path:
        """Return the path over the carriers of ``chain``, all by number."""
        legs, at = [], first
        for there in (*chain, last):
            leg = self._legs.get((at, there))
            legs.append(self._leg(at, there) if leg is None else leg)
            at = there
        return tuple(legs)

    def _leg(self, one: int, other: int) -> Leg:
        join = self._shape.link(one, other)
        leg = self._legs[one, other] = Leg(join, self._vertices[one], self._vertices[other])
        return leg

    def link(self, one: Vertex, other: Vertex) -> Join:
        """Return what joins two vertices that are one link apart."""
        return self._shape.link(self._number[one], self._number[other])
