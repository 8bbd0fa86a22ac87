"""What tunnels carry at the peak of all demands: each place together, and its busiest link.

Sites of a class are joined alike, and send and hear unlike. What one of them exchanges with all
that lie beyond a link is its own demands, times those of the classes there together: no pair of
sites is looked at. Only hubs carry the traffic of others, and each of them is one site.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator
from decimal import Decimal
from functools import cached_property
from typing import NamedTuple

from k8s6plan.topology.flows import Talker
from k8s6plan.topology.groups import SiteGroup
from k8s6plan.topology.joins import ManagedHub, SiteClass, Topology, Vertex
from k8s6plan.topology.traffic import Stream

Place = SiteGroup | ManagedHub
_NONE = Decimal(0)


class Load(NamedTuple):
    """A peak in Mbps, in each direction, as one end of it has it."""

    out: Decimal = _NONE
    into: Decimal = _NONE

    @property
    def both(self) -> Decimal:
        """Both directions together."""
        return self.out + self.into

    @property
    def turned(self) -> Load:
        """The same as the other end has it."""
        return Load(self.into, self.out)

    def plus(self, other: Load, times: int = 1) -> Load:
        """Return this and so many times the other."""
        return Load(self.out + other.out * times, self.into + other.into * times)


class Busiest(NamedTuple):
    """The most that any one tunnel link of a place carries, in Mbps.

    ``out``: sent; ``one_way``: in its busier direction; ``both``: in both together.
    """

    out: Decimal = _NONE
    one_way: Decimal = _NONE
    both: Decimal = _NONE

    def more(self, other: Busiest) -> Busiest:
        """Return the same with the links of another besides."""
        return Busiest(*map(max, self, other))


def _busiest(links: Iterable[Load]) -> Busiest:
    """Return the most that any one of some links carries."""
    out = into = both = _NONE
    for link in links:
        out, into, both = max(out, link.out), max(into, link.into), max(both, link.both)
    return Busiest(out, max(out, into), both)


class _Beyond(NamedTuple):
    """Who lies beyond a link: the classes that are sent to over it, and those heard from."""

    heard: list[SiteClass]
    sent: list[SiteClass]


class Loads:
    """The loads of one topology.

    ``places``: of all tunnels of each site of a group, or of a managed hub, together.
    ``busiest``: of their links. Where nothing is carried there is no entry.
    """

    def __init__(self, topology: Topology, routed: Iterable[Stream]) -> None:
        """Follow the traffic over the tunnels."""
        self._topology = topology
        self._talkers = topology.outline.talkers
        outline = topology.outline
        self._peaks = [
            flow.peak_mbps / (among or 1)
            for flow, among in zip(outline.flows, outline.sharers, strict=True)
        ]
        self._beyond: dict[tuple[SiteClass, Vertex], _Beyond] = {}  # by links with a hub
        self._direct: dict[SiteClass, _Beyond] = {}  # by links between sites that carry for nobody
        self._hubs = frozenset(filter(self._is_hub, topology.carriers))
        self._transit: dict[tuple[Vertex, Vertex], Decimal] = defaultdict(Decimal)
        self._together: dict[tuple[tuple[SiteClass, ...], tuple[SiteClass, ...]], Talker] = {}
        self._loads: dict[tuple[Talker, Talker], Load] = {}
        self.places: dict[Place, Load] = {}
        self.busiest: dict[Place, Busiest] = {}
        for stream in routed:
            if stream.volume.peak_mbps:
                self._follow(stream)
        self._of_spokes()
        self._of_hubs()
        self._of_meshes()

    def _follow(self, stream: Stream) -> None:
        """Note who lies beyond the first link and the last, and what is carried between hubs."""
        source, target, path = stream.source, stream.target, stream.path
        if path and path[0].kind == "tunnel":
            self._link(source, path[0].target).heard.append(target)
        if path and path[-1].kind == "tunnel":
            self._link(target, path[-1].source).sent.append(source)
        for leg in path[1:-1]:
            if leg.kind == "tunnel":
                self._transit[leg.source, leg.target] += stream.volume.peak_mbps

    def _link(self, sites: SiteClass, other: Vertex) -> _Beyond:
        """Return what lies beyond a link: beyond all of a site's direct ones together."""
        if sites not in self._hubs and other not in self._hubs:
            if sites not in self._direct:
                self._direct[sites] = _Beyond([], [])
            return self._direct[sites]
        if (sites, other) not in self._beyond:
            self._beyond[sites, other] = _Beyond([], [])
        return self._beyond[sites, other]

    @cached_property
    def _totals(self) -> dict[SiteClass, Talker]:
        """What all sites of a class send and hear together."""
        found = {}
        for sites, talkers in self._talkers_of.items():
            sends: dict[int, int] = defaultdict(int)
            hears: dict[int, int] = defaultdict(int)
            for talker, many in talkers.items():
                for total, own in ((sends, talker.sends), (hears, talker.hears)):
                    for demand, times in own.items():
                        total[demand] += times * many
            found[sites] = Talker(sends, hears)
        return found

    @cached_property
    def _talkers_of(self) -> dict[SiteClass, Counter[Talker]]:
        """How many sites of a class send and hear what."""
        found: dict[SiteClass, Counter[Talker]] = {}
        for sites in self._topology.classes:
            found[sites] = Counter()
            for group in sites.groups:
                found[sites][self._talkers[group]] += group.sites
        return found

    def _is_hub(self, vertex: Vertex) -> bool:
        """Say whether a carrier carries for others; of sites alone in their regions nobody asks."""
        return not (isinstance(vertex, SiteClass) and vertex.sites > 1)

    # --- one site ---------------------------------------------------------------------------

    def _with(self, one: Talker, other: Talker) -> Load:
        """Return what one site exchanges with another."""
        found = self._loads.get((one, other))
        if found is None:
            peaks, sends, hears = self._peaks, other.sends, other.hears
            out = [peaks[d] * (n * hears[d]) for d, n in one.sends.items() if d in hears]
            into = [peaks[d] * (n * sends[d]) for d, n in one.hears.items() if d in sends]
            found = self._loads[one, other] = Load(sum(out, _NONE), sum(into, _NONE))
        return found

    def _beside(self, link: _Beyond) -> Talker:
        """Return what all that lie beyond a link send and hear together."""
        key = (tuple(link.heard), tuple(link.sent))
        found = self._together.get(key)
        if found is None:
            sends: dict[int, int] = defaultdict(int)
            hears: dict[int, int] = defaultdict(int)
            for sites in link.heard:
                for demand, times in self._totals[sites].hears.items():
                    hears[demand] += times
            for sites in link.sent:
                for demand, times in self._totals[sites].sends.items():
                    sends[demand] += times
            found = self._together[key] = Talker(sends, hears)
        return found

    def _over(self, sites: SiteClass, link: _Beyond) -> Iterator[tuple[SiteGroup, Load]]:
        """Yield what each site of a class, by its group, exchanges with all beyond a link."""
        others = self._beside(link)
        inside = (sites in link.heard, sites in link.sent)
        for group in sites.groups:
            own = self._talkers[group]
            load = self._with(own, others)
            if any(inside):
                itself = self._with(own, own)
                load = Load(load.out - itself.out * inside[0], load.into - itself.into * inside[1])
            yield group, load

    def _put(self, place: Place, link: Load, times: int = 1) -> None:
        """Add so many like links to a place."""
        if any(link):
            self.places[place] = self.places.get(place, Load()).plus(link, times)
            one = Busiest(link.out, max(link), link.both)
            known = self.busiest.get(place)
            self.busiest[place] = one if known is None else known.more(one)

    # --- all of them ------------------------------------------------------------------------

    def _of_spokes(self) -> None:
        """Add the links between hubs and sites that carry for nobody."""
        for (sites, hub), link in self._beyond.items():
            if sites not in self._hubs:
                for group, load in self._over(sites, link):
                    self._put(group, load)
                    self._put(_place(hub), load.turned, group.sites)

    def _of_hubs(self) -> None:
        """Add the links between two hubs: what each sends itself, and what passes both."""
        links = {frozenset(link): link for link in self._transit}
        links |= {frozenset(link): link for link in self._beyond if self._hubs.issuperset(link)}
        for one, other in links.values():
            passing = (self._transit.get(link, _NONE) for link in ((one, other), (other, one)))
            load = Load(*passing).plus(self._own(one, other))
            load = load.plus(self._own(other, one, besides=one).turned)
            self._put(_place(one), load)
            self._put(_place(other), load.turned)

    def _own(self, one: Vertex, other: Vertex, besides: Vertex | None = None) -> Load:
        """Return what hub ``one`` itself exchanges over its link to another, ``besides`` a hub."""
        link = self._beyond.get((one, other)) if isinstance(one, SiteClass) else None
        if link is None or not isinstance(one, SiteClass):
            return Load()
        heard = [end for end in link.heard if end is not besides]
        sent = [end for end in link.sent if end is not besides]
        ((_, load),) = self._over(one, _Beyond(heard, sent))
        return load

    def _of_meshes(self) -> None:
        """Add the links between sites that carry for nobody: direct ones."""
        meetings: dict[tuple[SiteClass, ...], _Meeting] = {}
        for sites, link in self._direct.items():
            near = tuple(dict.fromkeys((*link.heard, *link.sent)))
            if near not in meetings:
                meetings[near] = _Meeting([self._talkers_of[other] for other in near])
            busiest: dict[Talker, Busiest] = {}  # the same for all that send and hear alike
            for group, load in self._over(sites, link):
                if any(load):
                    self.places[group] = self.places.get(group, Load()).plus(load)
                    own = self._talkers[group]
                    if own not in busiest:
                        met = meetings[near].of(own, own if sites in near else None)
                        busiest[own] = _busiest(self._with(own, other) for other in met)
                    self.busiest[group] = self.busiest.get(group, Busiest()).more(busiest[own])

    def links(self, group: SiteGroup) -> Iterator[tuple[Place, Load]]:
        """Yield the tunnel links of a site, group by group of other ends: those that carry."""
        here = self._topology.class_of[group]
        for (sites, hub), link in self._beyond.items():
            if sites is here and hub in self._hubs:
                yield _place(hub), dict(self._over(sites, link))[group]
        direct = self._direct.get(here, _Beyond([], []))
        for other in dict.fromkeys((*direct.heard, *direct.sent)):
            for end in other.groups:
                load = self._with(self._talkers[group], self._talkers[end])
                if any(load) and (end is not group or group.sites > 1):
                    yield end, load


def _place(vertex: Vertex) -> Place:
    """Return a carrier as a place: a hub is one site."""
    return vertex.groups[0] if isinstance(vertex, SiteClass) else vertex


class _Meeting:
    """The talkers among some classes, by the demands that they share with others."""

    def __init__(self, classes: Iterable[Counter[Talker]]) -> None:
        self._sites: Counter[Talker] = Counter()
        self._by_demand: dict[int, dict[Talker, None]] = defaultdict(dict)
        for talkers in classes:
            self._sites.update(talkers)
        for talker in self._sites:
            for demand in (*talker.sends, *talker.hears):
                self._by_demand[demand][talker] = None

    def of(self, talker: Talker, alone: Talker | None) -> Iterable[Talker]:
        """Return the talkers of other sites that share a demand with one.

        ``alone``: the talker of a site among these, which does not meet itself.
        """
        found: dict[Talker, None] = {}
        for demand in (*talker.sends, *talker.hears):
            found |= self._by_demand.get(demand, {})
        if alone is not None and self._sites[alone] < 2:
            found.pop(alone, None)
        return found
