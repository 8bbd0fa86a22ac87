"""The shape of a topology: what is joined to what, whatever the number of sites in each class.

A fleet that grows keeps its shape, so what follows from it alone - ways, and which classes are
reached over which link - is found once for all sizes, by the numbers of the vertices.

Traffic from one site to another takes

1. the link between the two, or the underlay, where there is one;
2. else the fewest links over carriers, by tunnels and attachments only.

Which carriers lie between two sites depends on their classes alone, and of a class only on the
carriers beside it; so ways are found once for all classes beside the same carriers.
"""

from __future__ import annotations

import itertools
from functools import cached_property, lru_cache
from typing import NamedTuple

from k8s6plan.topology.joins import CARRYING, ROUTED, Join, LinkKind, Topology
from k8s6plan.topology.sets import Seen

Chain = tuple[int, ...]


class Way(NamedTuple):
    """The shortest ways between two sites.

    ``hops``: the links of each. ``chains``: the carriers of each, in the order of their names; one
    empty chain where the sites are joined directly.
    """

    hops: int
    chains: tuple[Chain, ...]


class Hop(NamedTuple):
    """The first link of some ways: its kind, what is at its other end, and where they lead."""

    kind: LinkKind
    to: int
    targets: tuple[int, ...]


class Beside(NamedTuple):
    """What a vertex is joined to, by kind; ``inside``: by tunnels inside its own provider."""

    tunnels: tuple[int, ...]
    inside: tuple[int, ...]
    peerings: tuple[int, ...]
    attachments: tuple[int, ...]


_DIRECT = Way(1, ((),))


class Shape:
    """Vertices by number, classes of sites first. Two topologies of one shape share one object."""

    def __init__(
        self,
        joins: tuple[tuple[tuple[int, Join], ...], ...],
        providers: tuple[str | None, ...],
        classes: int,
        carriers: tuple[int, ...],
        routed: bool,
        sets: tuple[Seen, ...] = (),
        sees: tuple[Seen, ...] = (),
    ) -> None:
        """Take what is joined to each vertex; the first ``classes`` of them are classes.

        ``sets``: the cluster sets of each class; ``sees``: those that each vertex sees. Both are ()
        where every cluster reaches every other.
        """
        self.near = tuple(dict(near) for near in joins)
        self.classes = classes
        self._providers = providers
        self._routed = routed
        self._sets, self._sees = sets, sees
        self._rank = {carrier: rank for rank, carrier in enumerate(carriers)}
        self._carriers_beside: dict[int, Chain] = {}
        self._from: dict[int, dict[int, Way]] = {}
        self._from_beside: dict[Chain, dict[int, Way]] = {}
        self._known: dict[int | Chain, dict[int, Way | None]] = {}
        self._hops: dict[int, tuple[Hop, ...]] = {}
        self._relayed: dict[int, tuple[int, ...]] = {}
        self._targets: dict[tuple[int, tuple[LinkKind, ...]], tuple[int, ...]] = {}

    def link(self, one: int, other: int) -> Join:
        """Return what joins two vertices that are one link apart."""
        return ROUTED if self._routed else self.near[one][other]

    @cached_property
    def beside(self) -> tuple[Beside, ...]:
        """What each vertex is joined to, by kind."""
        return tuple(self._beside(vertex) for vertex in range(len(self.near)))

    def _beside(self, vertex: int) -> Beside:
        near, here = self.near[vertex], self._providers[vertex]
        by: dict[str, list[int]] = {"tunnel": [], "peering": [], "attachment": []}
        for other, join in near.items():
            by[join.kind].append(other)
        own = [v for v in by["tunnel"] if here is not None and self._providers[v] == here]
        found = (by["tunnel"], own, by["peering"], by["attachment"])
        return Beside(*(tuple(vertices) for vertices in found))

    @cached_property
    def attached(self) -> tuple[tuple[int, int], ...]:
        """The pairs of vertices that an attachment joins."""
        every = enumerate(self.beside)
        return tuple((one, other) for one, near in every for other in near.attachments)

    # --- ways -------------------------------------------------------------------------------------

    def between(self, one: int, other: int) -> Way | None:
        """Return the shortest ways from a site of ``one`` to another of ``other``.

        None where no way leads there. The two may be the same class.
        """
        if other in self.near[one] or self._routed:
            return _DIRECT
        # From all sites beside the same carriers the ways to a vertex are the same.
        alone = one in self._rank and one != other
        known = self._known.setdefault(one if alone else self._carriers(one), {})
        if other not in known:
            row = self._row(one) if alone else self._beyond(one)
            known[other] = self._shortest(row, other)
        return known[other]

    def _shortest(self, row: dict[int, Way], other: int) -> Way | None:
        """Return the shortest ways to a vertex, of those to the carriers beside it.

        Those to a carrier stand in the row themselves.
        """
        found = row.get(other)
        if found is not None:
            return found if len(found.chains) == 1 else self._in_order(found)
        fewest = 0
        chains: list[Chain] = []
        for last in self._carriers(other):
            way = row.get(last)
            if way is not None and (not fewest or way.hops <= fewest):
                if way.hops != fewest:
                    fewest, chains = way.hops, []
                chains += [(*chain, last) for chain in way.chains]
        if not fewest:
            return None
        way = Way(fewest + 1, tuple(chains))
        return way if len(chains) == 1 else self._in_order(way)

    def _in_order(self, way: Way) -> Way:
        """Return a way with its chains in the order of their names."""
        ranked = sorted(way.chains, key=lambda chain: [self._rank[carrier] for carrier in chain])
        return Way(way.hops, tuple(ranked))

    def _carriers(self, vertex: int) -> Chain:
        """Return the carriers to which a vertex has a link that carries transit, by their names."""
        found = self._carriers_beside.get(vertex)
        if found is None:
            near, rank = self.near[vertex], self._rank
            carriers = [v for v, join in near.items() if v in rank and join.kind in CARRYING]
            found = tuple(sorted(carriers, key=rank.__getitem__))
            self._carriers_beside[vertex] = found
        return found

    def _row(self, start: int) -> dict[int, Way]:
        """Return the ways from a carrier to every other; their chains leave out both ends."""
        found = self._from.get(start)
        if found is None:
            layer = dict.fromkeys(self._carriers(start), _DIRECT)
            found = self._from[start] = self._spread(layer, {start})
        return found

    def _beyond(self, site: int) -> dict[int, Way]:
        """Return the ways from a site that is no carrier; their chains leave out the last."""
        beside = self._carriers(site)
        found = self._from_beside.get(beside)
        if found is None:
            found = self._spread(dict.fromkeys(beside, _DIRECT), set())
            self._from_beside[beside] = found
        return found

    def _spread(self, layer: dict[int, Way], seen: set[int]) -> dict[int, Way]:
        """Return the ways to all carriers, from those one link away, by layers."""
        found: dict[int, Way] = {}
        hops = 1
        while layer:
            found |= layer
            seen |= layer.keys()
            if len(seen) == len(self._rank):  # there is no carrier further away
                break
            hops += 1
            reached: dict[int, list[Chain]] = {}
            for vertex, way in layer.items():
                for other in self._carriers(vertex):
                    if other not in seen:
                        chains = [(*chain, vertex) for chain in way.chains]
                        reached.setdefault(other, []).extend(chains)
            layer = {vertex: Way(hops, tuple(chains)) for vertex, chains in reached.items()}
        return found

    @cached_property
    def ways(self) -> tuple[tuple[int, int, int, bool], ...]:
        """(class, class, hops, by tunnels only) of each two between which there is a way, once.

        Also of a class and itself: between two of its sites.
        """
        found = []
        for one in range(self.classes):
            for other in range(one, self.classes):
                way = self.between(one, other)
                if way is not None:
                    found.append((one, other, way.hops, self._by_tunnel(one, other, way)))
        return tuple(found)

    def _by_tunnel(self, one: int, other: int, way: Way) -> bool:
        """Say whether every way from one to the other runs through tunnels only."""
        if way is _DIRECT:
            return self.link(one, other).kind == "tunnel"
        return all(
            self.near[here][there].kind == "tunnel"
            for chain in way.chains
            for here, there in itertools.pairwise((one, *chain, other))
        )

    # --- tables -----------------------------------------------------------------------------------

    def hops(self, vertex: int) -> tuple[Hop, ...]:
        """Return the first links of the ways from a vertex to all classes, and where they lead."""
        if vertex not in self._hops:
            self._find_hops(vertex)
        return self._hops[vertex]

    def targets(self, vertex: int, kinds: tuple[LinkKind, ...]) -> tuple[int, ...]:
        """Return the classes to which some way from a vertex begins with a link of these kinds."""
        key = (vertex, kinds)
        if key not in self._targets:
            lists = [hop.targets for hop in self.hops(vertex) if hop.kind in kinds]
            self._targets[key] = tuple(dict.fromkeys(itertools.chain.from_iterable(lists)))
        return self._targets[key]

    def relayed(self, vertex: int) -> tuple[int, ...]:
        """Return the classes that some way by attachments reaches beyond the neighbours."""
        if vertex not in self._relayed:
            self._find_hops(vertex)
        return self._relayed[vertex]

    def _find_hops(self, vertex: int) -> None:
        hops: dict[int, list[int]] = {}
        relayed: dict[int, None] = {}
        near, by_attachment = self.near[vertex], self._by_attachment[vertex]
        for target in range(self.classes):
            if not self._tells((vertex,), target):
                continue
            if target in near or self._routed:
                hops.setdefault(target, []).append(target)
                continue
            way = self.between(vertex, target)
            for chain in () if way is None else way.chains:
                if not self._tells((vertex, *chain), target):
                    continue
                targets = hops.setdefault(chain[0], [])
                if not targets or targets[-1] != target:  # another way begins with the same link
                    targets.append(target)
                if chain[0] in by_attachment and self._attached(chain, target):
                    relayed[target] = None
        self._relayed[vertex] = tuple(relayed)
        self._hops[vertex] = tuple(
            Hop(self.link(vertex, to).kind, to, tuple(targets)) for to, targets in hops.items()
        )

    def _tells(self, chain: Chain, target: int) -> bool:
        """Say whether all of ``chain`` see a set of ``target``, so that its routes go along it."""
        if not self._sees:
            return True
        return bool(self._sets[target].intersection(*(self._sees[vertex] for vertex in chain)))

    @cached_property
    def _by_attachment(self) -> tuple[frozenset[int], ...]:
        return tuple(frozenset(beside.attachments) for beside in self.beside)

    def _attached(self, chain: Chain, target: int) -> bool:
        """Say whether a way over ``chain`` runs through attachments only from its first carrier."""
        here = chain[0]
        for there in (*chain[1:], target):
            if there not in self._by_attachment[here]:
                return False
            here = there
        return True

    @cached_property
    def tellers(self) -> dict[int, list[tuple[int, tuple[int, ...]]]]:
        """For each vertex the others with tunnels to it, and the classes that they reach by it."""
        found: dict[int, list[tuple[int, tuple[int, ...]]]] = {}
        for vertex in range(len(self.near)):
            for hop in self.hops(vertex):
                if hop.kind == "tunnel":
                    found.setdefault(hop.to, []).append((vertex, hop.targets))
        return found


class _Said(NamedTuple):
    """All that a shape is made of, as its key: to be told apart from others by less."""

    joins: tuple[tuple[tuple[int, Join], ...], ...]
    providers: tuple[str | None, ...]
    classes: int
    carriers: tuple[int, ...]
    routed: bool
    sets: tuple[Seen, ...] = ()
    sees: tuple[Seen, ...] = ()

    def __hash__(self) -> int:
        """Return a hash that looks at no join: there are very many."""
        return hash((tuple(map(len, self.joins)), *self[1:]))


@lru_cache(maxsize=64)
def _shape(said: _Said) -> Shape:
    return Shape(*said)


def shape_of(topology: Topology) -> Shape:
    """Return the shape of a topology."""
    number = topology.number
    return _shape(
        _Said(
            tuple(
                tuple([(number[other], join) for other, join in near.items()])
                for near in topology.near.values()
            ),
            tuple(vertex.provider for vertex in topology.near),
            len(topology.classes),
            tuple(number[carrier] for carrier in topology.carriers),
            topology.routed,
            tuple(sites.sets for sites in topology.classes) if topology.sees else (),
            topology.sees,
        )
    )
