"""What the tunnels of a design carry at the peak, and whose gateways a failure makes too small.

Demands take a way with fewest links; of several the one over the vertex that is first by name. So:

1. A way stays as it is while nothing on it fails: only the trees of ways that are touched are
   worked out anew, and only the difference is added up.
2. Sites with the same neighbours, who are not neighbours of each other, have one tree in common,
   for none of them carries for another.
3. Where all neighbours of a site are joined with each other, it carries for nobody. Of two such
   sites with the same neighbours, that are alike in all else, the failure of one does what that of
   the other does, with the two exchanged.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Hashable, Iterable
from dataclasses import dataclass
from decimal import Decimal
from functools import cached_property
from typing import NamedTuple

from k8s6plan.evaluation.failures._components import link_name
from k8s6plan.evaluation.failures._net import NOTHING, Damage, Link, Net, bits
from k8s6plan.evaluation.failures._traffic import Flow

Capacity = Callable[[str], float | None]
MOST_STEPS = 800_000  # vertices walked over, for all failures together: a few seconds
_START = -1  # what comes before the first vertex of a way: the source, whichever it is


@dataclass(frozen=True)
class Overload:
    """A site whose gateways carry more than they can, after rerouting, and its tunnel links."""

    site: str
    load_mbps: float
    capacity_mbps: float
    links: tuple[str, ...]


class _Excess(NamedTuple):
    """The same by vertices."""

    vertex: int
    load: Decimal
    room: Decimal
    links: tuple[Link, ...]


class _Volume(NamedTuple):
    """A flow, by how many clusters of each vertex send and hear."""

    peak: Decimal
    sends: Counter[int]
    hears: Counter[int]


class _Tree(NamedTuple):
    """The ways of the ``members``, sources that share them: what comes before each vertex.

    ``reached``: all of these vertices, ``inner``: those that carry for others. ``loads``: Mbit/s on
    each tunnel link.
    """

    members: int
    peers: int
    back: dict[int, int]
    reached: int
    inner: int
    loads: dict[Link, Decimal]

    def has(self, one: int, other: int) -> bool:
        """Say whether a way leads over the link between two vertices."""
        for here, there in ((one, other), (other, one)):
            before = self.back.get(there)
            if before == here or (before == _START and self.members >> here & 1):
                return True
        return False


class Loads:
    """Works out what failures overload, one after the other, until there were too many cases.

    ``can``: the throughput of one gateway at a site, in Mbit/s, both ways together; None is unknown
    and never exceeded.
    """

    def __init__(self, net: Net, flows: tuple[Flow, ...], can: Capacity) -> None:
        self._net = net
        self._flows = [flow for flow in flows if flow.peak_mbps]
        self._each = [
            None if not held or (each := can(name)) is None else Decimal(str(each))
            for name, held in zip(self._net.names, self._net.clusters, strict=True)
        ]
        self._steps = 0
        self._known: dict[Hashable, tuple[tuple[_Excess, ...], int]] = {}

    @cached_property
    def before(self) -> tuple[Overload, ...] | None:
        """The sites whose gateways are too small while nothing fails; None: too many ways."""
        return None if self._is_too_large else self._named(self._excess.values())

    @cached_property
    def _is_too_large(self) -> bool:
        """Say whether the ways of the design alone would take too long."""
        kinds = {self._net.carry[source] for volume in self._volumes for source in volume.sends}
        return len(kinds) * len(self._net.names) > MOST_STEPS // 3

    def after(self, damage: Damage, lost: Counter[int]) -> tuple[Overload, ...] | None:
        """Return the sites that a failure overloads, or overloads more than they were before.

        ``lost``: how many gateways have failed at a site. None: there were too many cases.
        """
        if self._is_too_large:
            return None
        key, own = self._key(damage, lost)
        if key not in self._known:
            if self._steps > MOST_STEPS:
                return None
            change = {} if damage == NOTHING else self._change(damage)
            self._known[key] = tuple(self._worse(change, lost)), own
        found, first = self._known[key]
        return self._named(found if own == first else _exchanged(found, own, first))

    # --- whose gateways are too small ----------------------------------------------------------

    @cached_property
    def _excess(self) -> dict[int, _Excess]:
        found = (self._at(vertex, {}, Decimal(0), 0) for vertex in range(len(self._net.names)))
        return {excess.vertex: excess for excess in found if excess is not None}

    def _worse(self, change: dict[Link, Decimal], lost: Counter[int]) -> list[_Excess]:
        found = []
        more: dict[int, Decimal] = defaultdict(Decimal)
        for link, load in change.items():
            for end in link:
                more[end] += load
        for vertex in sorted({*more, *lost}):
            now = self._at(vertex, change, more[vertex], lost[vertex])
            old = self._excess.get(vertex)
            if now and (old is None or now.load - now.room > old.load - old.room):
                found.append(now)
        return found

    def _at(
        self, vertex: int, change: dict[Link, Decimal], more: Decimal, lost: int
    ) -> _Excess | None:
        """Return by how much a vertex carries too much; ``more``: the change at it in all."""
        each = self._each[vertex]
        if each is None:
            return None
        total = self._ends_at_rest[vertex] + more
        room = each * (self._net.gateways[vertex] - lost)
        if total <= room:
            return None
        loaded = []
        for other in bits(self._net.tunnels[vertex]):
            link = (min(vertex, other), max(vertex, other))
            if self._at_rest.get(link, 0) + change.get(link, 0):
                loaded.append(link)
        return _Excess(vertex, total, room, tuple(loaded))

    def _named(self, found: Iterable[_Excess]) -> tuple[Overload, ...]:
        names, net = self._net.names, self._net
        return tuple(
            Overload(names[v], float(load), float(room), tuple(link_name(net, x) for x in links))
            for v, load, room, links in found
        )

    # --- what is alike -------------------------------------------------------------------------

    def _key(self, damage: Damage, lost: Counter[int]) -> tuple[Hashable, int]:
        """Return what failures have in common that differ in one vertex, and that vertex."""
        like, dead, cut = self._like, damage.dead, damage.cut
        elsewhere = any(count for vertex, count in lost.items() if not (dead | cut) >> vertex & 1)
        vertices = sum(bool(part) for part in (dead, cut, damage.links, damage.clusters))
        if vertices == 1 and not elsewhere:
            for what, mask in (("dead", dead), ("cut", cut)):
                if mask and not mask & (mask - 1):
                    vertex = mask.bit_length() - 1
                    return (what, like[vertex]), vertex
            if len(damage.links) == 1:
                ((one, other),) = damage.links
                here, there = (other, one) if like[one] == one else (one, other)
                return ("link", like[here], there), here
            if len(damage.clusters) == 1:
                ((vertex, name),) = damage.clusters
                roles = tuple(
                    ((vertex, name) in flow.senders, (vertex, name) in flow.receivers)
                    for flow in self._flows
                )
                return ("cluster", like[vertex], roles), vertex
        return (damage, tuple(sorted(lost.items()))), 0

    @cached_property
    def _like(self) -> list[int]:
        """For each vertex the lowest that rule 3 lets stand for it."""
        net = self._net
        redundancy: dict[int, list[tuple[int, int]]] = defaultdict(list)
        for (one, other), count in net.redundancy.items():
            redundancy[one].append((other, count))
            redundancy[other].append((one, count))
        first: dict[Hashable, int] = {}
        found = []
        for v, near in enumerate(net.carry):
            key: Hashable = v
            if not any(near & ~(net.carry[other] | 1 << other) for other in bits(near)):
                size = (len(net.clusters[v]), net.gateways[v], self._each[v])
                demands = tuple((volume.sends[v], volume.hears[v]) for volume in self._volumes)
                key = (*size, near, net.peers[v], tuple(sorted(redundancy[v])), demands)
            found.append(first.setdefault(key, v))
        return found

    # --- ways, and what they carry -------------------------------------------------------------

    @cached_property
    def _volumes(self) -> list[_Volume]:
        return self._left(NOTHING)

    def _left(self, damage: Damage) -> list[_Volume]:
        """Return the flows between what is left."""
        return [
            _Volume(
                flow.peak_mbps,
                *(
                    Counter(v for v, _ in ends - damage.clusters if not damage.dead >> v & 1)
                    for ends in (flow.senders, flow.receivers)
                ),
            )
            for flow in self._flows
        ]

    @cached_property
    def _trees(self) -> list[_Tree]:
        sources = 0
        for volume in self._volumes:
            for vertex in volume.sends:
                sources |= 1 << vertex
        return self._grown(sources, NOTHING, self._volumes)

    @cached_property
    def _at_rest(self) -> dict[Link, Decimal]:
        """Mbit/s on each tunnel link while nothing fails."""
        found: dict[Link, Decimal] = defaultdict(Decimal)
        for tree in self._trees:
            for link, load in tree.loads.items():
                found[link] += load
        return dict(found)

    @cached_property
    def _ends_at_rest(self) -> dict[int, Decimal]:
        """Mbit/s on all tunnels of each vertex while nothing fails."""
        found: dict[int, Decimal] = defaultdict(Decimal)
        for link, load in self._at_rest.items():
            for end in link:
                found[end] += load
        return found

    def _change(self, damage: Damage) -> dict[Link, Decimal]:
        """Return by how much the load of each tunnel link changes."""
        net = self._net
        found: dict[Link, Decimal] = defaultdict(Decimal)
        gone = damage.dead
        for vertex in bits(damage.cut & ~gone):
            if net.carry[vertex] == net.tunnels[vertex]:
                gone |= 1 << vertex  # no way in or out is left
        leaves = not (damage.links or damage.clusters or damage.cut & ~gone)
        touched = gone | damage.cut
        again = 0
        for tree in self._trees:
            if leaves and not gone & (tree.members | tree.inner):
                self._without(tree, gone, found)
            elif (
                damage.clusters
                or touched & (tree.members | tree.reached)
                or any(tree.has(*link) for link in damage.links)
            ):
                again |= tree.members
                for link, load in tree.loads.items():
                    found[link] -= load
        fewer = damage.clusters or damage.dead
        volumes = self._left(damage) if fewer else self._volumes
        for tree in self._grown(again & ~damage.dead, damage, volumes):
            for link, load in tree.loads.items():
                found[link] += load
        return {link: change for link, change in found.items() if change}

    def _without(self, tree: _Tree, gone: int, found: dict[Link, Decimal]) -> None:
        """Take off what goes to the vertices ``gone``, who carry for nobody."""
        for leaf in bits(gone & tree.reached & ~tree.peers):
            each = [(v, v.peak * v.hears[leaf]) for v in self._volumes if v.hears[leaf]]
            for source in bits(tree.members):
                load = sum((peak * volume.sends[source] for volume, peak in each), Decimal(0))
                vertex = leaf
                while load and vertex != source:
                    before = tree.back[vertex]
                    before = source if before == _START else before
                    if self._net.tunnels[before] >> vertex & 1:
                        found[min(before, vertex), max(before, vertex)] -= load
                    vertex = before

    def _grown(self, sources: int, damage: Damage, volumes: list[_Volume]) -> list[_Tree]:
        """Return the trees of the ways from ``sources``, those with the same neighbours in one."""
        near = self._net.near(damage)
        members: dict[tuple[int, int], int] = defaultdict(int)
        for source in bits(sources):
            members[near(source) & ~damage.dead, self._net.peers[source]] |= 1 << source
        return [
            self._tree(held, first, peers, damage, volumes)
            for (first, peers), held in members.items()
        ]

    def _tree(
        self, members: int, first: int, peers: int, damage: Damage, volumes: list[_Volume]
    ) -> _Tree:
        near = self._net.near(damage)
        left = (1 << len(self._net.names)) - 1 & ~damage.dead & ~members & ~first
        back = dict.fromkeys(bits(first), _START)
        carrying = first
        while border := Net.beyond(near, carrying, left):
            for vertex in bits(border):
                step = near(vertex) & carrying
                back[vertex] = (step & -step).bit_length() - 1
            left &= ~border
            carrying = border
        if members & (members - 1):  # they reach each other by the neighbour that is first by name
            back |= dict.fromkeys(bits(members), (first & -first).bit_length() - 1 if first else 0)
            back = back if first else {}
        inner = 0
        for step in back.values():
            inner |= 0 if step == _START else 1 << step
        self._steps += len(back) + members.bit_count()
        loads = self._loads(members, peers, back, volumes)
        reached = sum(1 << vertex for vertex in back)
        return _Tree(members, peers, back, reached, inner, loads)

    def _loads(
        self, members: int, peers: int, back: dict[int, int], volumes: list[_Volume]
    ) -> dict[Link, Decimal]:
        """Return the Mbit/s on each tunnel link of a tree. Peers need no tunnel."""
        found: dict[Link, Decimal] = defaultdict(Decimal)
        sources = list(bits(members))
        for peak, sends, hears in volumes:
            sending = sum(sends[source] for source in sources)
            if not sending:
                continue
            through: Counter[int] = Counter()  # clusters that hear, from a vertex on
            inside: dict[int, int] = {}
            for vertex, step in reversed(back.items()):
                here = 0 if peers >> vertex & 1 else hears[vertex]
                if members >> vertex & 1:
                    inside[vertex] = step
                    self._add(found, step, vertex, peak * here * (sending - sends[vertex]))
                else:
                    through[vertex] += here
                    self._add(found, step, vertex, peak * through[vertex] * sending)
                    here = through[vertex]
                if step != _START:
                    through[step] += here
            firsts = [vertex for vertex, step in back.items() if step == _START]
            for source in sources:
                for vertex in firsts:
                    heard = through[vertex]
                    if inside.get(source) == vertex:
                        heard -= hears[source]  # not itself
                    self._add(found, source, vertex, peak * heard * sends[source])
        return found

    def _add(self, found: dict[Link, Decimal], one: int, other: int, load: Decimal) -> None:
        if load and one != _START and self._net.tunnels[one] >> other & 1:
            found[min(one, other), max(one, other)] += load


def _exchanged(found: tuple[_Excess, ...], one: int, other: int) -> list[_Excess]:
    """Return the same with two vertices exchanged."""
    swap = {one: other, other: one}

    def link(ends: Link) -> Link:
        low, high = sorted(swap.get(end, end) for end in ends)
        return low, high

    return sorted(
        excess._replace(
            vertex=swap.get(excess.vertex, excess.vertex),
            links=tuple(sorted(map(link, excess.links))),
        )
        for excess in found
    )
