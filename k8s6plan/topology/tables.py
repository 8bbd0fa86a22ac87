"""The routing tables of a topology: which prefixes each place reaches over which of its links.

Shortest ways say it, as routing by BGP does: what a place reaches by a neighbour is what that
neighbour tells it. Prefixes are those of pods, in one family.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable
from itertools import pairwise
from typing import NamedTuple

from k8s6plan.topology.groups import SiteGroup
from k8s6plan.topology.joins import LinkKind, ManagedHub, SiteClass, Topology, Vertex, sites_of
from k8s6plan.topology.loads import Place

NATIVE: tuple[LinkKind, ...] = ("peering", "attachment")
TUNNEL: tuple[LinkKind, ...] = ("tunnel",)
Targets = dict[SiteClass, None]  # classes, in order


class _Hop(NamedTuple):
    """The first link of some ways: its kind, and what is at its other end."""

    kind: LinkKind
    to: Vertex


class Tables:
    """The routing tables of one topology."""

    def __init__(self, topology: Topology) -> None:
        """Follow the shortest ways between all classes."""
        self._topology = topology
        self._class_of = topology.class_of
        self._hops: dict[Vertex, dict[_Hop, Targets]] = {}
        self._relayed: dict[Vertex, Targets] = defaultdict(dict)
        self._targets: dict[tuple[Vertex, tuple[LinkKind, ...]], Targets] = {}
        for vertex in topology.near:
            self._hops[vertex] = self._hops_of(vertex)
        self._tellers: dict[Vertex, list[tuple[Vertex, Targets]]] = defaultdict(list)
        for vertex, hops in self._hops.items():
            for hop, targets in hops.items():
                if hop.kind == "tunnel":
                    self._tellers[hop.to].append((vertex, targets))

    def _hops_of(self, vertex: Vertex) -> dict[_Hop, Targets]:
        ways = self._topology.ways
        found: dict[_Hop, Targets] = {}
        for target in self._topology.classes:
            way = ways.between(vertex, target) if target is not vertex or target.sites > 1 else None
            for chain in () if way is None else way.chains:
                first = chain[0] if chain else target
                hop = _Hop(ways.link(vertex, first).kind, first)
                found.setdefault(hop, {})[target] = None
                if chain:
                    links = pairwise((vertex, *chain, target))
                    if all(ways.link(*link).kind == "attachment" for link in links):
                        self._relayed[vertex][target] = None
        return found

    def _at(self, place: Place) -> Vertex:
        return place if isinstance(place, ManagedHub) else self._class_of[place]

    # --- prefixes --------------------------------------------------------------------------------

    def _sum(self, targets: Iterable[SiteClass], place: Place) -> int:
        """Return the prefixes of ``targets`` without those of ``place`` itself."""
        total, here = 0, self._at(place)
        for target in targets:
            total += target.prefixes
            if target is here and not isinstance(place, ManagedHub):
                total -= place.prefixes
        return total

    def targets(self, place: Place, kinds: tuple[LinkKind, ...]) -> Targets:
        """Return the classes that a place reaches by links of these kinds."""
        key = (self._at(place), kinds)
        if key not in self._targets:  # the same for all groups of a class
            found: Targets = {}
            for hop, targets in self._hops[key[0]].items():
                if hop.kind in kinds:
                    found |= targets
            self._targets[key] = found
        return self._targets[key]

    def reached(self, place: Place, kinds: tuple[LinkKind, ...]) -> int:
        """Return the prefixes of others that a place reaches by links of these kinds."""
        return self._sum(self.targets(place, kinds), place)

    def relayed(self, group: SiteGroup) -> int:
        """Return the prefixes that a site reaches by attachments only, beyond its neighbours."""
        return self._sum(self._relayed[self._class_of[group]], group)

    def told(self, place: Place, skip: Collection[SiteGroup] = ()) -> int:
        """Return the most prefixes that the other end of one tunnel link tells a place.

        ``skip``: groups whose links do not count.
        """
        most = 0
        for hop, targets in self._hops[self._at(place)].items():
            if hop.kind == "tunnel":
                most = max(most, self._told_by(hop.to, targets, place, skip))
        return most

    def _told_by(
        self, vertex: Vertex, targets: Targets, place: Place, skip: Collection[SiteGroup]
    ) -> int:
        """Return the most that one site of ``vertex`` tells: its own, and what lies behind it."""
        if isinstance(vertex, ManagedHub):
            return self._sum(targets, place)
        if not skip and len(targets) == 1 and vertex is not self._at(place):
            return vertex.most_prefixes  # a site without others behind it
        tellers = [
            group.prefixes
            for group in vertex.groups
            if (group is not place or group.sites > 1) and group not in skip
        ]
        behind = self._sum((target for target in targets if target is not vertex), place)
        return max(tellers) + behind if tellers else 0

    def sent(self, place: Place) -> int:
        """Return the most prefixes that a place tells the other end of one tunnel link."""
        here, most = self._at(place), 0
        own = 0 if isinstance(place, ManagedHub) else place.prefixes
        for vertex, targets in self._tellers[here]:
            behind = own
            for target in targets:
                if target is not here:
                    behind += target.prefixes
                    if target is vertex:  # who hears does not hear of itself
                        behind -= target.least_prefixes
            most = max(most, behind)
        return most

    # --- neighbours ------------------------------------------------------------------------------

    def peers(self, group: SiteGroup) -> int:
        """Return the clusters in the sites that a site is peered with."""
        here, total = self._class_of[group], 0
        for other, join in self._topology.near[here].items():
            if join.kind == "peering" and isinstance(other, SiteClass):
                total += other.clusters - (group.clusters if other is here else 0)
        return total

    def remotes(self, places: Iterable[Place], pairs: int) -> int:
        """Return the gateways at which tunnels from ``places`` end, each counted once.

        A link is ``pairs`` connections, and each goes to one gateway: the next of the other site,
        as long as it has more.
        """
        sites: dict[Vertex, int] = defaultdict(int)
        for place in places:
            sites[self._at(place)] += 1 if isinstance(place, ManagedHub) else place.sites
        links: dict[Vertex, int] = defaultdict(int)
        for vertex, many in sites.items():
            for other, join in self._topology.near[vertex].items():
                if join.kind == "tunnel":
                    links[other] += many - (other is vertex)
        return sum(_gateways(vertex, count * pairs) for vertex, count in links.items())


def _gateways(vertex: Vertex, connections: int) -> int:
    if isinstance(vertex, ManagedHub):
        return min(sites_of(vertex), connections)
    return sum(group.sites * min(group.gateways, connections) for group in vertex.groups)
