"""A topology as bit masks, on which "who still reaches whom" is a matter of microseconds.

Vertices are the sites and the managed hubs, in the order of their names. Vertex i is bit ``1 << i``
of a mask; a set of vertices is one integer. What is joined to what is said by the joins of the
topology, once for all vertices that are joined alike (a ``Linkage``), so that a step from a
thousand of them is one step. What a failure strikes is taken out of its linkage and looked at by
itself; the rest of the linkage stays one.

Two kinds of links matter:

- those that carry transit (tunnel, attachment, routed): ``carry``;
- peerings, which carry the traffic of their two ends only: ``peers``.

So two sites reach each other where they are peered, or lie in one piece of the graph of ``carry``.
That is what routing can find after a failure. While nothing fails a design means less: ways lead
over its carriers alone (``meets``), and a pair that it does not mean to join is no pair to lose.
The underlay never fails and is no hop: sites that are routed by it count as linked directly.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

from k8s6plan.evaluation.failures._weights import Crowd, crowd_of
from k8s6plan.fleet.sets import ONE_SET, Sets, share
from k8s6plan.topology.joins import SiteClass
from k8s6plan.topology.sets import Seen

if TYPE_CHECKING:
    from k8s6plan.fleet.model import Fleet
    from k8s6plan.topology.joins import Topology, Vertex

Link = tuple[int, int]  # (lower vertex, higher vertex)


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

    @cached_property
    def struck(self) -> int:
        """The vertices that have lost some of their links, and may be alive."""
        found = self.cut | self.off
        for one, other in self.links:
            found |= 1 << one | 1 << other
        return found


NOTHING = Damage()


def bits(mask: int) -> Iterator[int]:
    """Yield the vertices of ``mask``, lowest first."""
    while mask:
        low = mask & -mask
        yield low.bit_length() - 1
        mask ^= low


def first_of(mask: int) -> int:
    """Return the first vertex of ``mask`` by name."""
    return (mask & -mask).bit_length() - 1


def is_one(mask: int) -> bool:
    """Say whether there is one vertex in ``mask``."""
    return mask != 0 and not mask & (mask - 1)


@dataclass(frozen=True, eq=False)
class Linkage:
    """Vertices that are joined alike, and the neighbours of each by kind of link.

    Where they are joined with each other they are among their own neighbours. ``tunnels`` is part
    of ``carry``. ``carriers``: the design means them to carry the traffic of others. ``sets``: the
    cluster sets that the clusters of each are in, where these keep some from others.
    """

    members: int
    carry: int
    tunnels: int
    peers: int
    carriers: bool
    sets: Seen = frozenset()


@dataclass(frozen=True)
class Net:
    """What a failure can act on.

    ``clusters``: names at each vertex, none at a managed hub; ``sets``: the cluster sets of each of
    them; ``divided``: these keep some from others. ``gateways``: how many end its
    tunnels; 0 at a managed hub, which ends them itself. ``tunnels_per_link``: how many make up a
    tunnel link. ``linkage_of``: by vertex. ``routed``: the sites that the underlay routes.
    """

    names: tuple[str, ...]
    clusters: tuple[tuple[str, ...], ...]
    sets: tuple[tuple[Sets, ...], ...]
    divided: bool
    gateways: tuple[int, ...]
    places: tuple[tuple[str, str | None], ...]  # (provider, region)
    tunnels_per_link: int
    linkages: tuple[Linkage, ...]
    linkage_of: tuple[Linkage, ...]
    routed: int

    @cached_property
    def index(self) -> dict[str, int]:
        """The vertex of each name."""
        return {name: vertex for vertex, name in enumerate(self.names)}

    @cached_property
    def everything(self) -> int:
        """The mask of all vertices."""
        return (1 << len(self.names)) - 1

    @cached_property
    def sites(self) -> int:
        """The mask of the vertices that are sites; the others are managed hubs."""
        return sum(1 << vertex for vertex, held in enumerate(self.clusters) if held)

    @cached_property
    def crowd(self) -> Crowd:
        """The clusters at each vertex."""
        return crowd_of(self.sets)

    # --- links -----------------------------------------------------------------------------------

    def tunnels(self, vertex: int) -> int:
        """Return the vertices to which one has a tunnel link."""
        return self.linkage_of[vertex].tunnels & ~(1 << vertex)

    def peers(self, vertex: int) -> int:
        """Return the vertices with which one is peered."""
        return self.linkage_of[vertex].peers & ~(1 << vertex)

    @cached_property
    def tunnel_links(self) -> int:
        """How many tunnel links there are."""
        ends = sum(
            own.members.bit_count() * own.tunnels.bit_count()
            - (own.members & own.tunnels).bit_count()
            for own in self.linkages
        )
        return ends // 2

    def links(self) -> Iterator[Link]:
        """Yield every tunnel link."""
        for vertex in range(len(self.names)):
            for other in bits(self.tunnels(vertex) >> vertex << vertex):
                yield vertex, other

    def within(self, mask: int) -> Iterator[tuple[Linkage, int]]:
        """Yield the linkages of the vertices in ``mask``, each with those of them."""
        while mask:
            own = self.linkage_of[first_of(mask)]
            yield own, mask & own.members
            mask &= ~own.members

    def apart(self, mask: int, damage: Damage) -> Iterator[tuple[Linkage, int]]:
        """Yield the same, with those that ``damage`` strikes each by itself."""
        yield from self.within(mask & ~damage.struck)
        for vertex in bits(mask & damage.struck):
            yield self.linkage_of[vertex], 1 << vertex

    # --- what is left of them --------------------------------------------------------------------

    def near(self, own: Linkage, damage: Damage) -> int:
        """Return the neighbours of those in a linkage that are not struck; dead ones included."""
        found = own.carry
        if damage.cut:
            found &= ~(own.tunnels & damage.cut)
        if damage.off and own.members & self.routed:
            found &= ~(self.routed & ~own.tunnels & damage.off)
        return found

    def neighbours(self, vertex: int, damage: Damage) -> int:
        """Return the neighbours over what carries transit and is left; dead ones included."""
        own, here = self.linkage_of[vertex], 1 << vertex
        found = self.near(own, damage) & ~here
        if damage.cut & here:
            found &= ~own.tunnels
        if damage.off & here:
            found &= ~self.routed | own.tunnels
        for one, other in damage.links:
            if vertex == one:
                found &= ~(1 << other)
            elif vertex == other:
                found &= ~(1 << one)
        return found

    def beyond(self, border: int, left: int, damage: Damage) -> int:
        """Return what of ``left`` is next to ``border``."""
        reached, plain = 0, border & ~damage.struck
        while plain and left & ~reached:
            own = self.linkage_of[(plain & -plain).bit_length() - 1]
            reached |= self.near(own, damage)
            plain &= ~own.members
        for vertex in bits(border & damage.struck):
            reached |= self.neighbours(vertex, damage)
        return reached & left

    def levels(self, source: int, damage: Damage) -> Iterator[int]:
        """Yield the vertices that are 1, 2, ... links away from ``source``.

        A peer is one link away; it comes a second time where ways for transit reach it.
        """
        left = self.everything & ~damage.dead & ~(1 << source)
        peers = self.peers(source) & left  # from there it goes no further
        border = self.neighbours(source, damage) & left
        while border or peers:
            yield border | peers
            left &= ~border
            peers = 0
            border = self.beyond(border, left, damage)

    def levels_at_rest(self, source: int) -> tuple[int, ...]:
        """Return the levels around a vertex while nothing fails."""
        if source not in self._at_rest:
            self._at_rest[source] = tuple(self.levels(source, NOTHING))
        return self._at_rest[source]

    @cached_property
    def _at_rest(self) -> dict[int, tuple[int, ...]]:
        return {}

    def broken(self, alive: int, damage: Damage) -> list[int]:
        """Return the pieces into which ``alive`` falls, by lowest vertex."""
        found = []
        while alive:
            seen = alive & -alive
            left = alive ^ seen
            border = self.neighbours(seen.bit_length() - 1, damage) & left
            while border:
                seen |= border
                left &= ~border
                border = self.beyond(border, left, damage) if left else 0
            found.append(seen)
            alive = left
        return found

    @cached_property
    def pieces(self) -> tuple[int, ...]:
        """The pieces of the graph of ``carry`` while nothing fails."""
        return tuple(self.broken(self.everything, NOTHING))

    # --- who meets whom --------------------------------------------------------------------------

    @cached_property
    def meets(self) -> dict[Linkage, int]:
        """The sites that the design joins with each vertex of a linkage, itself put among them.

        They are its neighbours, and what is reached over carriers alone.
        """
        carriers = sum(own.members for own in self.linkages if own.carriers)
        over: dict[int, int] = {}  # carrier -> what its piece of the carriers reaches
        for piece in self.broken(carriers, NOTHING):
            reached = piece
            for own, _ in self.within(piece):
                reached |= own.carry
            over |= dict.fromkeys(bits(piece), reached)
        found = {}
        for own in self.linkages:
            one = own.members & -own.members  # what it reaches besides itself, all of them do
            reached = own.carry | own.peers
            for carrier in bits((own.carry | one) & carriers):
                reached |= over[carrier]
            others = reached & own.members & ~one
            reached = reached | own.members if others else reached & ~own.members
            found[own] = reached & self.sites
            if self.divided:
                found[own] &= self._sharing(own.sets)
        return found

    def share_set(self, *ends: tuple[int, str]) -> bool:
        """Say whether two clusters, each with its vertex, are in one cluster set."""
        if not self.divided:
            return True
        return share(*(self._sets_of(*end) for end in ends))

    def _sets_of(self, vertex: int, cluster: str) -> Sets:
        return self.sets[vertex][self.clusters[vertex].index(cluster)]

    def _sharing(self, sets: Seen) -> int:
        """Return the vertices with clusters that are in one of these cluster sets."""
        alike = (own.members for own in self.linkages if not own.sets.isdisjoint(sets))
        return sum(alike)

    @cached_property
    def pairs(self) -> int:
        """Pairs of clusters in different sites that the design joins, while nothing fails."""
        found = 0
        for own, met in self.meets.items():
            found += self.crowd.pairs(own.members, met)
            found -= self.crowd.inside(own.members & met)
        return found // 2

    def parted(self, own: Linkage, rest: int) -> int:
        """Return the sites of ``rest`` that no way leads to any more, from a vertex elsewhere."""
        return rest & self.meets[own] & ~own.peers

    def splits(self, damage: Damage) -> Iterator[tuple[int, int]]:
        """Yield (part, rest) until every two sites that were joined and are not are on two sides.

        ``rest`` is what is left of the piece after all earlier parts. Peered sites on two sides
        still reach each other.
        """
        touched = damage.dead | damage.struck
        for piece in self.pieces:
            if not piece & touched:
                continue
            alive = piece & ~damage.dead
            parts = self.broken(alive, damage)
            # The largest part comes last: it is weighed as what is left, never walked over.
            for part in sorted(parts, key=int.bit_count)[:-1]:
                alive ^= part
                yield part, alive

    def ways_round(self, damage: Damage) -> int:
        """Return how many ways over one vertex each link has that fails, if that is all; else 0."""
        if not damage.links or damage != Damage(links=damage.links):
            return 0
        return min(
            (self.linkage_of[one].carry & self.linkage_of[other].carry & ~(1 << one | 1 << other))
            .bit_count()
            for one, other in damage.links
        )  # fmt: skip

    def strikes(self, damage: Damage) -> float:
        """Return how many vertices a failure may take ways at; without end where links fail."""
        if damage.links or damage.off:
            return float("inf")
        return (damage.dead | damage.cut).bit_count()

    def left(self, damage: Damage) -> Crowd:
        """Return the clusters at each vertex without those that fail while their site goes on."""
        gone: dict[int, Counter[Sets]] = defaultdict(Counter)
        for vertex, cluster in damage.clusters:
            if not damage.dead >> vertex & 1:
                gone[vertex][self._sets_of(vertex, cluster)] += 1
        return self.crowd.less(gone) if gone else self.crowd

    def lost(self, damage: Damage) -> tuple[int, int]:
        """Return (pairs cut off, pairs whose two clusters survive)."""
        left = self.left(damage)
        cut_off = 0
        for part, rest in self.splits(damage):
            for own, here in self.within(part & self.sites):
                if there := self.parted(own, rest):
                    cut_off += left.pairs(here, there)
        return cut_off, left.among(self.sites & ~damage.dead)


def net_of(topology: Topology, fleet: Fleet) -> Net:
    """Return the net of ``fleet``, joined so."""
    group_of = topology.outline.group_of
    vertex_of: dict[str, Vertex] = {s: topology.class_of[group] for s, group in group_of.items()}
    vertex_of |= {str(hub): hub for hub in topology.hubs}
    names = tuple(sorted(vertex_of))
    masks: dict[Vertex, int] = dict.fromkeys(topology.vertices, 0)
    for number, name in enumerate(names):
        masks[vertex_of[name]] |= 1 << number
    sites = sum(masks[sites] for sites in topology.classes)
    linkages = _linkages(topology, masks, sites if topology.routed else 0)
    linkage_of = {vertex: own for own in linkages for vertex in bits(own.members)}
    found = fleet.sets if fleet.divided else (ONE_SET,) * len(fleet.clusters)
    sets_of = {cluster.name: sets for cluster, sets in zip(fleet.clusters, found, strict=True)}
    hubs = {str(hub): (hub.provider, hub.region) for hub in topology.hubs}
    clusters = tuple(tuple(sorted(c.name for c in fleet.members.get(n, ()))) for n in names)
    return Net(
        names,
        clusters,
        tuple(tuple(sets_of[cluster] for cluster in held) for held in clusters),
        fleet.divided,
        tuple(0 if name in hubs else fleet.site(name).gateways for name in names),
        tuple(hubs[name] if name in hubs else fleet.region_of(name) for name in names),
        topology.outline.tunnels_per_link,
        linkages,
        tuple(linkage_of[vertex] for vertex in range(len(names))),
        sites if topology.routed else 0,
    )


def _linkages(topology: Topology, masks: dict[Vertex, int], routed: int) -> tuple[Linkage, ...]:
    """Return the vertices of ``masks`` by their joins; classes with the same joins are as one."""
    members: dict[tuple[int, int, int, bool, Seen], int] = defaultdict(int)
    hubs = frozenset(topology.hubs)
    for vertex, near in topology.near.items():
        by: dict[str, int] = defaultdict(int)
        for other, join in near.items():
            by[join.kind] |= masks[other]
        carry = by["tunnel"] | by["attachment"] | (0 if vertex in hubs else routed)
        sets = vertex.sets if topology.sees and isinstance(vertex, SiteClass) else Seen()
        key = (carry, by["tunnel"], by["peering"], topology.carries(vertex), sets)
        members[key] |= masks[vertex]
    found = [Linkage(held, *key) for key, held in members.items() if held]
    return tuple(sorted(found, key=lambda own: first_of(own.members)))
