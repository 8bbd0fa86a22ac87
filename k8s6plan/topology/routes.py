"""Which prefixes each place of a design reaches over which of its links.

Shortest paths say it, as routing by BGP does: what a place reaches by a neighbour is what that
neighbour tells it. The paths of a design depend on the provider, the region and the hubs of a site,
and not on its clusters; so groups are taken together in classes, and there are few of them.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator
from itertools import product
from typing import NamedTuple

from k8s6plan.topology.designs import Design, Leg, ManagedHub, Path
from k8s6plan.topology.groups import Outline, SiteGroup
from k8s6plan.topology.traffic import Place, Stream

Vertex = int | ManagedHub  # a class of groups, by its number, or a managed hub
Hop = tuple[str, Vertex]  # the kind of a link, and what is at its other end
NATIVE = ("peering", "attachment")
TUNNEL = ("tunnel",)


class Class(NamedTuple):
    """Groups whose sites are joined alike.

    ``prefixes``: of all their sites together; ``most``: of the site with most.
    """

    groups: tuple[SiteGroup, ...]
    sites: int
    prefixes: int
    most: int


def _back(path: Path) -> Path:
    """Return the same way in the other direction."""
    return tuple(Leg(leg.kind, leg.target, leg.source) for leg in reversed(path))


class Routes:
    """The routing tables of a design for one fleet, in prefixes of pods, one family."""

    def __init__(self, design: Design, outline: Outline, streams: Iterable[Stream]) -> None:
        """Follow the paths between all classes; as demanded only those that ``streams`` take."""
        # By identity: groups are large to hash.
        self._own = {id(g): sum(m.routes for m in g.members) for g in outline.groups}
        self._class: dict[int, int] = {}
        self.classes = self._classes(design, outline)
        self._hops: dict[Vertex, dict[Hop, set[int]]] = defaultdict(lambda: defaultdict(set))
        self._relayed: dict[int, set[int]] = defaultdict(set)
        self._targets: dict[tuple[Vertex, tuple[str, ...]], set[int]] = {}
        for target, path in self._paths(design, outline, streams):
            self._follow(target, path)
        self._tellers: dict[Vertex, list[tuple[Vertex, set[int]]]] = defaultdict(list)
        for vertex, hops in self._hops.items():
            for (kind, neighbour), targets in hops.items():
                if kind == "tunnel":
                    self._tellers[neighbour].append((vertex, targets))

    def _classes(self, design: Design, outline: Outline) -> list[Class]:
        found: dict[object, list[SiteGroup]] = defaultdict(list)
        for number, group in enumerate(outline.groups):
            alike = number if design.needs_demands else (*group[:3], *group[4:7], group.homes)
            found[alike].append(group)
        classes = []
        for number, groups in enumerate(found.values()):
            self._class.update((id(group), number) for group in groups)
            prefixes = sum(self.own(group) * group.sites for group in groups)
            sites, most = sum(g.sites for g in groups), max(map(self.own, groups))
            classes.append(Class(tuple(groups), sites, prefixes, most))
        return classes

    def _paths(
        self, design: Design, outline: Outline, streams: Iterable[Stream]
    ) -> Iterator[tuple[int, Path]]:
        """Yield the shortest paths, each with the class that it leads to."""
        if design.needs_demands:  # joined are those that talk, and the answer takes the same way
            for stream in streams:
                if stream.path:
                    yield self._class[id(stream.target)], stream.path
                    yield self._class[id(stream.source)], _back(stream.path)
            return
        for (_, first), (number, second) in product(enumerate(self.classes), repeat=2):
            if first is not second or first.sites > 1:
                for path in design.paths(outline, first.groups[0], second.groups[0]):
                    yield number, path

    def _follow(self, target: int, path: Path) -> None:
        for number, leg in enumerate(path):
            # A site that others go through has paths of its own; a managed hub has not.
            if number == 0 or isinstance(leg.source, ManagedHub):
                self._hops[self._at(leg.source)][leg.kind, self._at(leg.target)].add(target)
        if len(path) > 1 and all(leg.kind == "attachment" for leg in path):
            source = self._at(path[0].source)
            if isinstance(source, int):
                self._relayed[source].add(target)

    def _at(self, place: Place) -> Vertex:
        return place if isinstance(place, ManagedHub) else self._class[id(place)]

    # --- prefixes --------------------------------------------------------------------------------

    def own(self, group: SiteGroup) -> int:
        """Return the prefixes of each site of ``group``."""
        return self._own[id(group)]

    def _sum(self, targets: Iterable[int], place: Place) -> int:
        """Return the prefixes of ``targets`` without those of ``place`` itself."""
        total, here = 0, self._at(place)
        for target in targets:
            total += self.classes[target].prefixes
            if target == here and not isinstance(place, ManagedHub):
                total -= self.own(place)
        return total

    def targets(self, place: Place, kinds: tuple[str, ...]) -> set[int]:
        """Return the classes that a place reaches by links of these kinds."""
        key = (self._at(place), kinds)
        if key not in self._targets:  # the same for all groups of a class
            hops = self._hops[key[0]]
            found = (targets for (kind, _), targets in hops.items() if kind in kinds)
            self._targets[key] = set().union(*found)
        return self._targets[key]

    def reached(self, place: Place, kinds: tuple[str, ...]) -> int:
        """Return the prefixes of others that a place reaches by links of these kinds."""
        return self._sum(self.targets(place, kinds), place)

    def relayed(self, group: SiteGroup) -> int:
        """Return the prefixes that a site reaches by attachments only, beyond its neighbours."""
        return self._sum(self._relayed[self._class[id(group)]], group)

    def told(self, place: Place, skip: tuple[SiteGroup, ...] = ()) -> int:
        """Return the most prefixes that the other end of one tunnel link tells a place.

        ``skip``: groups whose links do not count.
        """
        most = 0
        for (kind, vertex), targets in self._hops[self._at(place)].items():
            if kind == "tunnel":
                most = max(most, self._told_by(vertex, targets, place, skip))
        return most

    def _told_by(
        self, vertex: Vertex, targets: set[int], place: Place, skip: tuple[SiteGroup, ...]
    ) -> int:
        """Return the most that one site of ``vertex`` tells: its own, and what lies behind it."""
        if isinstance(vertex, ManagedHub):
            return self._sum(targets, place)
        if not skip and len(targets) == 1 and vertex != self._at(place):  # a site without others
            return self.classes[vertex].most
        tellers = [
            self.own(group)
            for group in self.classes[vertex].groups
            if (group is not place or group.sites > 1) and group not in skip
        ]
        behind = self._sum((target for target in targets if target != vertex), place)
        return max(tellers) + behind if tellers else 0

    def sent(self, place: Place) -> int:
        """Return the most prefixes that a place tells the other end of one tunnel link."""
        here, most = self._at(place), 0
        own = 0 if isinstance(place, ManagedHub) else self.own(place)
        for vertex, targets in self._tellers[here]:
            behind = own
            for target in targets:
                if target != here:
                    behind += self.classes[target].prefixes
                    if target == vertex:  # who hears does not hear of itself
                        behind -= min(self.own(group) for group in self.classes[target].groups)
            most = max(most, behind)
        return most

    def groups(self, targets: Iterable[int]) -> set[int]:
        """Return the groups of ``targets``, by identity."""
        return {id(group) for target in targets for group in self.classes[target].groups}

    def prefixes(self, groups: set[int]) -> int:
        """Return the prefixes of all sites of ``groups``, by identity."""
        every = (group for found in self.classes for group in found.groups)
        return sum(self.own(group) * group.sites for group in every if id(group) in groups)

    # --- neighbours ------------------------------------------------------------------------------

    def peers(self, group: SiteGroup) -> int:
        """Return the clusters in the sites that a site is peered with."""
        hops, here = self._hops[self._class[id(group)]], self._class[id(group)]
        total = 0
        for kind, vertex in hops:
            if kind == "peering" and isinstance(vertex, int):
                total += sum(g.sites * g.clusters for g in self.classes[vertex].groups)
                total -= group.clusters if vertex == here else 0
        return total

    def remotes(self, places: Iterable[Place], pairs: int) -> int:
        """Return the gateways at which tunnels from ``places`` end, each counted once.

        A link is ``pairs`` connections, and each goes to one gateway: the next of the other site,
        as long as it has more.
        """
        links: dict[Vertex, int] = defaultdict(int)
        for number, sites in self._sites_of(places).items():
            for kind, vertex in self._hops[number]:
                if kind == "tunnel":
                    links[vertex] += sites - (number == vertex)
        return sum(self._gateways(vertex, count * pairs) for vertex, count in links.items())

    def _sites_of(self, places: Iterable[Place]) -> dict[Vertex, int]:
        found: dict[Vertex, int] = defaultdict(int)
        for place in places:
            found[self._at(place)] += 1 if isinstance(place, ManagedHub) else place.sites
        return found

    def _gateways(self, vertex: Vertex, connections: int) -> int:
        if isinstance(vertex, ManagedHub):
            return min(1, connections)
        groups = self.classes[vertex].groups
        return sum(group.sites * min(group.gateways, connections) for group in groups)
