"""The routing tables of a topology: which prefixes each place reaches over which of its links.

Shortest ways say it, as routing by BGP does: what a place reaches by a neighbour is what that
neighbour tells it. Prefixes are those of pods, in one family.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator

from k8s6plan.topology.groups import SiteGroup
from k8s6plan.topology.joins import LinkKind, ManagedHub, SiteClass, Topology, Vertex
from k8s6plan.topology.loads import Place
from k8s6plan.topology.sets import Seen, prefixes_seen
from k8s6plan.topology.shape import Hop

NATIVE: tuple[LinkKind, ...] = ("peering", "attachment")
TUNNEL: tuple[LinkKind, ...] = ("tunnel",)
_Key = tuple[int, tuple[LinkKind, ...]]


class Tables:
    """The routing tables of one topology."""

    def __init__(self, topology: Topology) -> None:
        """Take the shape of the topology, and what prefixes there are in it."""
        self._topology, self._shape = topology, topology.shape
        self._class_of, self._number = topology.class_of, topology.number
        self._prefixes = [sites.prefixes for sites in topology.classes]
        self._seen: dict[tuple[Seen, int], int] = {}  # of these by what of cluster sets is seen
        self._reached: dict[_Key, tuple[int, bool]] = {}  # and whether its own are among them
        self._told: dict[int, tuple[int, tuple[Hop, ...]]] = {}
        self._sent: dict[int, int | None] = {}

    def _at(self, place: Place) -> int:
        return self._number[place if isinstance(place, ManagedHub) else self._class_of[place]]

    # --- prefixes --------------------------------------------------------------------------------

    def _targets(self, vertex: int, kinds: tuple[LinkKind, ...]) -> tuple[int, ...]:
        """Return the classes that a vertex reaches by links of these kinds."""
        found = self._shape.targets(vertex, kinds)
        if vertex in found and self._topology.classes[vertex].sites < 2:
            return tuple(target for target in found if target != vertex)  # there is no other site
        return found

    def _without(self, total: int, reached: bool, place: Place | None) -> int:
        """Return the prefixes of some classes without those of ``place`` itself."""
        if not reached or not isinstance(place, SiteGroup):
            return total
        return total - self._own(place, self._number[self._class_of[place]])

    def of_site(self, group: SiteGroup, seer: SiteGroup) -> int:
        """Return the prefixes of one site of a group that another of ``seer`` sees."""
        return self._own(group, self._at(seer))

    def _own(self, group: SiteGroup, seer: int) -> int:
        """Return the prefixes of one site of a group that a vertex sees."""
        sees = self._topology.sees
        return prefixes_seen(group.members, sees[seer]) if sees else group.prefixes

    def targets(self, place: Place, kinds: tuple[LinkKind, ...]) -> list[SiteClass]:
        """Return the classes that a place reaches by links of these kinds."""
        classes = self._topology.classes
        return [classes[number] for number in self._targets(self._at(place), kinds)]

    def reached(self, place: Place, kinds: tuple[LinkKind, ...]) -> int:
        """Return the prefixes of others that a place reaches by links of these kinds."""
        here = self._at(place)
        key = (here, kinds)
        if key not in self._reached:  # the same for all groups of a class, up to their own
            found = self._targets(here, kinds)
            self._reached[key] = (self._sum(found, here), here in found)
        total, own = self._reached[key]
        return self._without(total, own, place)

    def relayed(self, group: SiteGroup) -> int:
        """Return the prefixes that a site reaches by attachments only, beyond its neighbours."""
        here = self._at(group)
        targets = self._shape.relayed(here)
        return self._without(self._sum(targets, here), here in targets, group)

    def _sum(self, targets: Iterable[int], seer: int) -> int:
        """Return the prefixes of some classes that a vertex sees."""
        if not self._topology.sees:
            return sum([self._prefixes[target] for target in targets])
        return sum([self._of_class(target, self._topology.sees[seer]) for target in targets])

    def _of_class(self, target: int, seen: Seen) -> int:
        key = (seen, target)
        if key not in self._seen:
            groups = self._topology.classes[target].groups
            own = (group.sites * prefixes_seen(group.members, seen) for group in groups)
            self._seen[key] = sum(own)
        return self._seen[key]

    def told(self, place: Place, skip: Collection[SiteGroup] = ()) -> int:
        """Return the most prefixes that the other end of one tunnel link tells a place.

        ``skip``: groups whose links do not count.
        """
        here = self._at(place)
        if skip:
            hops = [hop for hop in self._shape.hops(here) if hop.kind == "tunnel"]
            return max([self._told_by(hop, here, place, skip) for hop in hops], default=0)
        if here not in self._told:
            self._told[here] = self._told_to(here)
        most, hops_of_own = self._told[here]
        return max([most, *(self._told_by(hop, here, place) for hop in hops_of_own)])

    def _told_to(self, here: int) -> tuple[int, tuple[Hop, ...]]:
        """Return the most that a link tells all sites of a class, and those that tell each else."""
        most, own, sees = 0, [], self._topology.sees
        for hop in self._shape.hops(here):
            if hop.kind != "tunnel":
                continue
            if hop.to == here or here in hop.targets:
                own.append(hop)
            elif len(hop.targets) == 1 and hop.to < len(self._prefixes) and not sees:
                most = max(most, self._topology.classes[hop.to].most_prefixes)  # nothing behind it
            else:
                most = max(most, self._told_by(hop, here))
        return most, tuple(own)

    def _told_by(
        self, hop: Hop, here: int, place: Place | None = None, skip: Collection[SiteGroup] = ()
    ) -> int:
        """Return the most that one link tells: what its other end has, and what lies behind it."""
        teller, targets = self._topology.vertices[hop.to], hop.targets
        if isinstance(teller, ManagedHub):
            return self._without(self._sum(targets, here), here in targets, place)
        tellers = [
            self._own(group, here)
            for group in teller.groups
            if (group is not place or group.sites > 1) and group not in skip
        ]
        behind = [target for target in targets if target != hop.to]
        if not tellers:
            return 0
        return max(tellers) + self._without(self._sum(behind, here), here in behind, place)

    def sent(self, place: Place) -> int:
        """Return the most prefixes that a place tells the other end of one tunnel link."""
        here = self._at(place)
        if self._topology.sees:
            return max(self._sent_by(place, here), default=0)
        if here not in self._sent:
            self._sent[here] = max(self._behind(here), default=None)
        own = place.prefixes if isinstance(place, SiteGroup) else 0
        behind = self._sent[here]
        return 0 if behind is None else max(0, own + behind)

    def _behind(self, here: int) -> Iterator[int]:
        """Yield the prefixes that a place tells the other end of each tunnel link, but its own."""
        classes = self._topology.classes
        for vertex, targets in self._shape.tellers.get(here, ()):
            if vertex < len(classes) and classes[vertex].sites <= (vertex == here):
                continue  # nobody is there to hear
            behind = self._sum(targets, vertex) - (self._prefixes[here] if here in targets else 0)
            if vertex in targets and vertex != here:  # who hears does not hear of itself
                behind -= classes[vertex].least_prefixes
            yield behind

    def _sent_by(self, place: Place, here: int) -> Iterator[int]:
        """Yield what a place tells each other end, which hears of the sets that it sees."""
        classes = self._topology.classes
        for vertex, targets in self._shape.tellers.get(here, ()):
            if vertex < len(classes) and classes[vertex].sites <= (vertex == here):
                continue
            told = self._sum([target for target in targets if target != here], vertex)
            if vertex in targets and vertex != here:
                told -= min(self._own(group, vertex) for group in classes[vertex].groups)
            yield told + (self._own(place, vertex) if isinstance(place, SiteGroup) else 0)

    # --- neighbours ------------------------------------------------------------------------------

    def peers(self, group: SiteGroup) -> int:
        """Return the clusters in the sites that a site is peered with."""
        here = self._at(group)
        joined = self._shape.beside[here].peerings
        total = sum([self._topology.classes[other].clusters for other in joined])
        return total - (group.clusters if here in joined else 0)

    def remotes(self, places: Iterable[Place], pairs: int) -> int:
        """Return the gateways at which tunnels from ``places`` end, each counted once.

        A link is ``pairs`` connections, and each goes to one gateway: the next of the other site,
        as long as it has more.
        """
        sites: dict[int, int] = defaultdict(int)
        for place in places:
            sites[self._at(place)] += 1 if isinstance(place, ManagedHub) else place.sites
        links: dict[int, int] = defaultdict(int)
        for vertex, many in sites.items():
            for other in self._shape.beside[vertex].tunnels:
                links[other] += many - (other == vertex)
        vertices = self._topology.vertices
        return sum(_gateways(vertices[other], many * pairs) for other, many in links.items())


def _gateways(vertex: Vertex, connections: int) -> int:
    if isinstance(vertex, ManagedHub):
        return min(1, connections)
    return sum([group.sites * min(group.gateways, connections) for group in vertex.groups])
