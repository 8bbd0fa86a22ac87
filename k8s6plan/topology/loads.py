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

from k8s6plan.topology.groups import SiteGroup, Talker
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

    def or_(self, link: Load) -> Busiest:
        """Return the same with one link more."""
        return Busiest(
            max(self.out, link.out),
            max(self.one_way, link.out, link.into),
            max(self.both, link.both),
        )


class _Beyond:
    """Who lies beyond a link: the classes that are sent to over it, and those heard from."""

    def __init__(self, heard: list[SiteClass], sent: list[SiteClass]) -> None:
        self.heard, self.sent = heard, sent

    def together(self, totals: dict[SiteClass, Talker]) -> Talker:
        """Return what all of them send and hear together."""
        sends: Counter[int] = Counter()
        hears: Counter[int] = Counter()
        for sites in self.heard:
            for demand, times in totals[sites].hears.items():
                hears[demand] += times
        for sites in self.sent:
            for demand, times in totals[sites].sends.items():
                sends[demand] += times
        return Talker(sends, hears)


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
        self._beyond: dict[tuple[SiteClass, Vertex], _Beyond] = {}
        self._transit: dict[tuple[Vertex, Vertex], Decimal] = defaultdict(Decimal)
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
        ends = (0, len(stream.path) - 1)
        for number, leg in enumerate(stream.path):
            if leg.kind != "tunnel":
                continue
            if number == ends[0]:
                self._link(stream.source, leg.target).heard.append(stream.target)
            if number == ends[1]:
                self._link(stream.target, leg.source).sent.append(stream.source)
            if number not in ends:
                self._transit[leg.source, leg.target] += stream.volume.peak_mbps

    def _link(self, sites: SiteClass, other: Vertex) -> _Beyond:
        return self._beyond.setdefault((sites, other), _Beyond([], []))

    @cached_property
    def _totals(self) -> dict[SiteClass, Talker]:
        """What all sites of a class send and hear together."""
        found = {}
        for sites in self._topology.classes:
            sends: Counter[int] = Counter()
            hears: Counter[int] = Counter()
            for group in sites.groups:
                talker = self._talkers[group]
                for total, own in ((sends, talker.sends), (hears, talker.hears)):
                    for demand, times in own.items():
                        total[demand] += times * group.sites
            found[sites] = Talker(sends, hears)
        return found

    def _is_hub(self, vertex: Vertex) -> bool:
        """Say whether a vertex carries for others; of sites alone in their regions nobody asks."""
        alone = isinstance(vertex, SiteClass) and vertex.sites > 1
        return self._topology.carries(vertex) and not alone

    # --- one site ---------------------------------------------------------------------------

    def _with(self, one: Talker, other: Talker) -> Load:
        """Return what one site exchanges with another."""
        return Load(
            sum((self._peaks[d] * n * other.hears.get(d, 0) for d, n in one.sends.items()), _NONE),
            sum((self._peaks[d] * n * other.sends.get(d, 0) for d, n in one.hears.items()), _NONE),
        )

    def _over(self, sites: SiteClass, link: _Beyond) -> Iterator[tuple[SiteGroup, Load]]:
        """Yield what each site of a class, by its group, exchanges with all beyond a link."""
        others = link.together(self._totals)
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
            self.busiest[place] = self.busiest.get(place, Busiest()).or_(link)

    # --- all of them ------------------------------------------------------------------------

    def _of_spokes(self) -> None:
        """Add the links between hubs and sites that carry for nobody."""
        for (sites, hub), link in self._beyond.items():
            if self._is_hub(hub) and not self._is_hub(sites):
                for group, load in self._over(sites, link):
                    self._put(group, load)
                    self._put(_place(hub), load.turned, group.sites)

    def _of_hubs(self) -> None:
        """Add the links between two hubs: what each sends itself, and what passes both."""
        links = {frozenset(link): link for link in self._transit}
        links |= {frozenset(link): link for link in self._beyond if all(map(self._is_hub, link))}
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
        meshed: dict[SiteClass, list[_Beyond]] = defaultdict(list)
        for (sites, other), link in self._beyond.items():
            if not self._is_hub(sites) and not self._is_hub(other):
                meshed[sites].append(link)
        meetings: dict[tuple[SiteClass, ...], _Meeting] = {}
        for sites, links in meshed.items():
            heard = [other for link in links for other in link.heard]
            sent = [other for link in links for other in link.sent]
            near = tuple(dict.fromkeys((*heard, *sent)))
            if near not in meetings:
                meetings[near] = _Meeting(near, self._talkers)
            for group, load in self._over(sites, _Beyond(heard, sent)):
                if any(load):
                    self.places[group] = self.places.get(group, Load()).plus(load)
                    own = self._talkers[group]
                    alone = own if sites in near else None
                    busiest = self.busiest.get(group, Busiest())
                    for met in meetings[near].of(own, alone):
                        busiest = busiest.or_(self._with(own, met))
                    self.busiest[group] = busiest

    def links(self, group: SiteGroup) -> Iterator[tuple[Place, Load]]:
        """Yield the tunnel links of a site, group by group of other ends: those that carry."""
        here = self._topology.class_of[group]
        for (sites, other), link in self._beyond.items():
            if sites is not here:
                continue
            if self._is_hub(other):
                yield _place(other), dict(self._over(sites, link))[group]
            elif isinstance(other, SiteClass):
                for end in other.groups:
                    load = self._with(self._talkers[group], self._talkers[end])
                    if any(load) and (end is not group or group.sites > 1):
                        yield end, load


def _place(vertex: Vertex) -> Place:
    """Return a carrier as a place: a hub is one site."""
    return vertex.groups[0] if isinstance(vertex, SiteClass) else vertex


class _Meeting:
    """The talkers among some classes, by the demands that they share with others."""

    def __init__(self, classes: Iterable[SiteClass], talkers: dict[SiteGroup, Talker]) -> None:
        self._sites: Counter[Talker] = Counter()
        self._by_demand: dict[int, dict[Talker, None]] = defaultdict(dict)
        for sites in classes:
            for group in sites.groups:
                talker = talkers[group]
                self._sites[talker] += group.sites
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
