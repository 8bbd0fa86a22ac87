"""A built graph as bit masks, on which "who still reaches whom" is a matter of microseconds.

Vertex i is bit ``1 << i`` of a mask; a set of vertices is one integer. Two kinds of links matter:

- those that carry transit (tunnel, attachment, routed): ``carry``;
- peerings, which carry the traffic of their two ends only: ``peers``.

So two sites reach each other where they are peered, or lie in one piece of the graph of ``carry``.
That is what routing can find after a failure. While nothing fails a design means less: ways lead
over its hubs alone (``meets``), and a pair that it does not mean to join is no pair to lose.
The underlay never fails and is no hop: sites that are routed to it count as linked directly.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Hashable, Iterable, Iterator
from dataclasses import dataclass
from functools import cached_property, partial
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    import networkx as nx

Link = tuple[int, int]  # (lower vertex, higher vertex)


class Weights(NamedTuple):
    """A whole number for each vertex, such as its clusters, as (number, mask of those with it)."""

    by: tuple[tuple[int, int], ...]

    def of(self, mask: int) -> int:
        """Return the sum over the vertices of ``mask``."""
        return sum(number * (mask & having).bit_count() for number, having in self.by)

    def squares(self, mask: int) -> int:
        """Return the sum of squares over the vertices of ``mask``."""
        return sum(number * number * (mask & having).bit_count() for number, having in self.by)


def weights(numbers: Iterable[tuple[int, int]]) -> Weights:
    """Return the weights out of (vertex, number); vertices that are not named have 0."""
    masks: dict[int, int] = defaultdict(int)
    for vertex, number in numbers:
        if number:
            masks[number] |= 1 << vertex
    return Weights(tuple(sorted(masks.items())))


@dataclass(frozen=True)
class Damage:
    """What is gone.

    ``dead`` vertices with all their links, all tunnels of the ``cut`` sites, ``links`` one by one,
    ``clusters`` as (vertex, cluster), whose site goes on without them, and the ways of the sites
    ``off`` to the underlay (for availability alone: no component does this).
    """

    dead: int = 0
    cut: int = 0
    links: frozenset[Link] = frozenset()
    clusters: frozenset[tuple[int, str]] = frozenset()
    off: int = 0

    def __or__(self, other: Damage) -> Damage:
        return Damage(
            self.dead | other.dead,
            self.cut | other.cut,
            self.links | other.links,
            self.clusters | other.clusters,
            self.off | other.off,
        )


NOTHING = Damage()


def bits(mask: int) -> Iterator[int]:
    """Yield the vertices of ``mask``, lowest first."""
    while mask:
        low = mask & -mask
        yield low.bit_length() - 1
        mask ^= low


@dataclass(frozen=True)
class Net:
    """What a failure can act on. Vertices are the sites and transit hubs of a graph, by name.

    ``clusters``: names at each vertex, none at a transit hub. ``gateways``: how many end its
    tunnels; 0 at a transit hub, which ends them itself. ``tunnels``: neighbours by tunnel, part of
    ``carry``. ``redundancy``: tunnels of each tunnel link. ``routed``: sites on the underlay.
    ``hubs``: the vertices that a design means to carry the traffic of others.
    """

    names: tuple[str, ...]
    index: dict[str, int]
    clusters: tuple[tuple[str, ...], ...]
    gateways: tuple[int, ...]
    places: tuple[tuple[str, str | None], ...]  # (provider, region)
    carry: tuple[int, ...]
    peers: tuple[int, ...]
    tunnels: tuple[int, ...]
    redundancy: dict[Link, int]
    routed: int
    hubs: int

    @cached_property
    def sites(self) -> int:
        """The mask of the vertices that are sites; the others are transit hubs."""
        return sum(1 << vertex for vertex, held in enumerate(self.clusters) if held)

    @cached_property
    def weights(self) -> Weights:
        """The clusters at each vertex."""
        return weights((vertex, len(held)) for vertex, held in enumerate(self.clusters))

    @cached_property
    def pieces(self) -> tuple[int, ...]:
        """The pieces of the graph of ``carry`` while nothing fails."""
        return tuple(self.broken((1 << len(self.names)) - 1, NOTHING))

    @cached_property
    def meets(self) -> tuple[int, ...] | None:
        """The sites that the design joins with each vertex; None: all that it can reach.

        They are its neighbours, and what is reached over hubs alone.
        """
        over: dict[int, int] = {}  # hub -> what its piece of the hubs reaches
        for piece in self.broken(self.hubs, Damage(dead=~self.hubs & (1 << len(self.names)) - 1)):
            reached = piece
            for hub in bits(piece):
                reached |= self.carry[hub]
            over |= dict.fromkeys(bits(piece), reached)
        found = []
        for vertex, near in enumerate(self.carry):
            reached = near | self.peers[vertex]
            for hub in bits((near | 1 << vertex) & self.hubs):
                reached |= over[hub]
            found.append(reached & self.sites & ~(1 << vertex))
        every = {v: piece for piece in self.pieces for v in bits(piece)}
        if all(
            every[v] & self.sites & ~(1 << v) & ~mask == 0
            for v, mask in enumerate(found)
            if self.sites >> v & 1
        ):
            return None
        return tuple(found)

    @cached_property
    def pairs(self) -> int:
        """Pairs of clusters in different sites that the design joins, while nothing fails."""
        if self.meets is not None:
            return (
                sum(
                    len(self.clusters[v]) * self.weights.of(mask)
                    for v, mask in enumerate(self.meets)
                )
                // 2
            )
        inside = sum(
            self.weights.of(piece) ** 2 - self.weights.squares(piece) for piece in self.pieces
        )
        return inside // 2 + sum(self._peered(p, self.sites & ~p) for p in self.pieces) // 2

    def neighbours(self, vertex: int, damage: Damage) -> int:
        """Return the neighbours over what carries transit and is left; dead ones included."""
        found = self.carry[vertex]
        if damage.cut:
            lost = self.tunnels[vertex]
            found &= ~(lost if damage.cut >> vertex & 1 else lost & damage.cut)
        if damage.off and self.routed >> vertex & 1:
            lost = self.routed & ~self.tunnels[vertex]
            found &= ~(lost if damage.off >> vertex & 1 else lost & damage.off)
        for one, other in damage.links:
            if vertex == one:
                found &= ~(1 << other)
            elif vertex == other:
                found &= ~(1 << one)
        return found

    def near(self, damage: Damage) -> Callable[[int], int]:
        """Return ``neighbours`` for one damage."""
        if damage.cut or damage.links or damage.off:
            return partial(self.neighbours, damage=damage)
        return self.carry.__getitem__

    def levels(self, source: int, damage: Damage) -> Iterator[int]:
        """Yield the vertices that are 1, 2, ... links away from ``source``.

        A peer is one link away; it comes a second time where ways for transit reach it.
        """
        near = self.near(damage)
        left = (1 << len(self.names)) - 1 & ~damage.dead & ~(1 << source)
        peers = self.peers[source] & left  # from there it goes no further
        border = near(source) & left
        while border or peers:
            yield border | peers
            left &= ~border
            peers = 0
            border = self.beyond(near, border, left)

    @staticmethod
    def beyond(near: Callable[[int], int], border: int, left: int) -> int:
        """Return what of ``left`` is next to ``border``: either looks for the other, the fewer."""
        reached = 0
        if left.bit_count() < border.bit_count():
            return sum(1 << vertex for vertex in bits(left) if near(vertex) & border)
        for vertex in bits(border):
            reached |= near(vertex)
            if not left & ~reached:
                break
        return reached & left

    @cached_property
    def distances(self) -> tuple[tuple[int, ...], ...]:
        """The levels around every vertex while nothing fails."""
        return tuple(tuple(self.levels(v, NOTHING)) for v in range(len(self.names)))

    def broken(self, alive: int, damage: Damage) -> list[int]:
        """Return the pieces into which ``alive`` falls, by lowest vertex."""
        found = []
        near = self.near(damage)
        while alive:
            seen = border = alive & -alive
            left = alive ^ seen
            while border and left:
                border = self.beyond(near, border, left)
                seen |= border
                left &= ~border
            found.append(seen)
            alive = left
        return found

    def splits(self, damage: Damage) -> Iterator[tuple[int, int]]:
        """Yield (part, rest) until every two sites that were joined and are not are on two sides.

        ``rest`` is what is left of the piece after all earlier parts. Peered sites on two sides
        still reach each other.
        """
        touched = damage.dead | damage.cut
        for one, other in damage.links:
            touched |= 1 << one | 1 << other
        for piece in self.pieces:
            if not piece & touched:
                continue
            alive = piece & ~damage.dead
            parts = self.broken(alive, damage)
            # The largest part comes last: it is weighed as what is left, never walked over.
            for part in sorted(parts, key=int.bit_count)[:-1]:
                alive ^= part
                yield part, alive

    def gone(self, damage: Damage) -> dict[int, int]:
        """Return how many clusters each living site has lost."""
        lost: dict[int, int] = defaultdict(int)
        for vertex, _ in damage.clusters:
            if not damage.dead >> vertex & 1:
                lost[vertex] += 1
        return lost

    def lost(self, damage: Damage) -> tuple[int, int]:
        """Return (pairs cut off, pairs whose two clusters survive)."""
        gone = self.gone(damage)
        cut_off = 0
        for part, rest in self.splits(damage):
            inside = _left(self.weights, part, gone)
            if inside and self.meets is not None:
                cut_off += self._met(part, rest, gone)
            elif inside:
                cut_off += inside * _left(self.weights, rest, gone) - self._peered(part, rest, gone)
        alive = self.sites & ~damage.dead
        surviving = _left(self.weights, alive, gone) ** 2 - self.weights.squares(alive)
        for vertex, count in gone.items():
            here = len(self.clusters[vertex])
            surviving += here * here - (here - count) ** 2
        return cut_off, surviving // 2

    def _met(self, part: int, rest: int, gone: dict[int, int]) -> int:
        """Return the pairs of clusters between two sides that are joined, and not peered."""
        total = 0
        for vertex in bits(part & self.sites):
            here = len(self.clusters[vertex]) - gone.get(vertex, 0)
            total += here * _left(self.weights, self.parted(vertex, rest), gone)
        return total

    def parted(self, vertex: int, rest: int) -> int:
        """Return the sites of ``rest`` that a site no longer reaches, once no way leads there."""
        joined = self.sites if self.meets is None else self.meets[vertex]
        return rest & joined & ~self.peers[vertex]

    def _peered(self, part: int, rest: int, gone: dict[int, int] | None = None) -> int:
        """Return the pairs of clusters between ``part`` and ``rest`` that are peered."""
        total = 0
        for vertex in bits(part & self.sites):
            peers = self.peers[vertex] & rest
            if peers:
                here = len(self.clusters[vertex]) - (gone or {}).get(vertex, 0)
                total += here * _left(self.weights, peers, gone or {})
        return total


def _left(of: Weights, mask: int, gone: dict[int, int]) -> int:
    return of.of(mask) - sum(count for vertex, count in gone.items() if mask >> vertex & 1)


def net_of(graph: nx.Graph[str]) -> Net:
    """Return the net of a graph that keeps the contract of ``k8s6plan.topology.designs``."""
    names = tuple(sorted(v for v, data in graph.nodes(data=True) if data["kind"] != "underlay"))
    index = {name: vertex for vertex, name in enumerate(names)}
    carry, peers, tunnels = ([0] * len(names) for _ in range(3))
    redundancy: dict[Link, int] = {}
    routed = 0
    bit_of = {name: 1 << vertex for name, vertex in index.items()}
    for name, near in graph.adjacency():  # plain dicts: half a million links are read
        if name not in index:
            continue
        here = index[name]
        for other, data in near.items():
            bit, kind = bit_of.get(other, 0), data["kind"]
            if not bit:
                routed |= bit_of[name]
            elif kind == "peering":
                peers[here] |= bit
            else:
                carry[here] |= bit
            if kind == "tunnel":
                tunnels[here] |= bit
                there = bit.bit_length() - 1
                if here < there:
                    redundancy[here, there] = data["tunnels"]
    for vertex in bits(routed):
        carry[vertex] |= routed & ~(1 << vertex)
    data_of = [graph.nodes[name] for name in names]
    return Net(
        names,
        index,
        tuple(tuple(sorted(data.get("clusters") or ())) for data in data_of),
        tuple(data["gateways"] if data["kind"] == "site" else 0 for data in data_of),
        tuple((data["provider"], data["region"]) for data in data_of),
        tuple(carry),
        tuple(peers),
        tuple(tunnels),
        dict(sorted(redundancy.items())),
        routed,
        sum(
            1 << vertex
            for vertex, data in enumerate(data_of)
            if data["kind"] == "transit" or data.get("hub")
        ),
    )


def alike(net: Net, marks: dict[int, Hashable]) -> list[int]:
    """Return for each vertex the lowest one that it may change places with.

    Two vertices are alike where they have the same number of clusters and gateways, the same
    ``marks`` (what else sets a vertex apart), and the same links to every third vertex: exchanging
    them changes nothing but names.
    """
    links: list[dict[tuple[str, int], int]] = [defaultdict(int) for _ in net.names]
    for vertex in range(len(net.names)):
        plain = net.carry[vertex] & ~net.tunnels[vertex]
        for kind, mask in (("carry", plain), ("peer", net.peers[vertex])):
            if mask:
                links[vertex][kind, 0] = mask
    for (one, other), count in net.redundancy.items():
        links[one]["tunnel", count] |= 1 << other
        links[other]["tunnel", count] |= 1 << one
    own = [
        (len(net.clusters[v]), net.gateways[v], marks.get(v), net.sites >> v & 1, net.hubs >> v & 1)
        for v in range(len(net.names))
    ]
    first: dict[Hashable, int] = {}
    found = []
    apart: dict[Hashable, int] = defaultdict(int)
    keys = [tuple(sorted(kinds.items())) for kinds in links]
    for vertex, key in enumerate(keys):
        apart[own[vertex], key] += 1
    for vertex, key in enumerate(keys):
        if apart[own[vertex], key] > 1:  # not linked with each other
            found.append(first.setdefault((own[vertex], key), vertex))
            continue
        # Linked with each other, by one kind: they agree once each is its own neighbour.
        closed = [
            (own[vertex], kind, tuple(sorted({**links[vertex], kind: mask | 1 << vertex}.items())))
            for kind, mask in sorted(links[vertex].items())
        ]
        near = [first[entry] for entry in closed if entry in first]
        here = min(near, default=vertex)
        if here == vertex:
            for entry in closed:
                first[entry] = vertex
        found.append(here)
    return found
