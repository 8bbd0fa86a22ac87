"""How long a round trip takes along the paths of a design, by classes of like sites.

A path has the fewest links; of those, the least round-trip time; then the names of what it runs
through. Which ways have the fewest links the topology says.
"""

from __future__ import annotations

from collections.abc import Iterator
from heapq import nsmallest
from itertools import pairwise
from math import fsum
from typing import NamedTuple

from k8s6plan.evaluation.latency._places import Location, place_of
from k8s6plan.evaluation.latency._survey import Survey
from k8s6plan.topology.joins import SiteClass, Topology, Vertex


class Trip(NamedTuple):
    """A path: its round-trip time, infinite where a place on it is unknown, and its middle."""

    ms: float
    via: tuple[str, ...]
    estimated: bool


class Meeting(NamedTuple):
    """All pairs of clusters in two different sites, one of each of two classes, or both of one.

    ``trip``: the same for all of them; None where the design does not join the two.
    """

    one: SiteClass
    other: SiteClass
    pairs: int
    trip: Trip | None

    @property
    def classes(self) -> frozenset[SiteClass]:
        """The two classes, or the one."""
        return frozenset((self.one, self.other))


class Timetable:
    """The sites of a survey joined as those of a topology are, and the best paths between them.

    Its own ``topology`` has sites of different places in different classes. ``places``: of each
    vertex, by number.
    """

    def __init__(self, topology: Topology, survey: Survey) -> None:
        places = survey.place_of
        self.topology = topology.design.of(survey.outline, apart=lambda group: places[group])
        self._survey = survey
        self.places = [self._place(vertex) for vertex in self.topology.vertices]
        self._names = [self._name(vertex) for vertex in self.topology.vertices]
        self._least: dict[SiteClass, list[str]] = {}

    def _place(self, vertex: Vertex) -> Location | None:
        if isinstance(vertex, SiteClass):
            return self._survey.place_of[vertex.groups[0]]
        return place_of(vertex.provider, vertex.region)

    def _name(self, vertex: Vertex) -> str:
        """Return the name of a carrier; of sites that are joined alike, the first."""
        if isinstance(vertex, SiteClass):
            return min(self._survey.sites_of[group][0] for group in vertex.groups)
        return str(vertex)

    def meetings(self) -> Iterator[Meeting]:
        """Yield what meets, each two classes once."""
        between = self.topology.shape.between
        for number, one in enumerate(self.topology.classes):
            for far, other in enumerate(self.topology.classes[number:], number):
                if pairs := one.cluster_pairs(other):
                    way = between(number, far)
                    trips = [self._trip(number, *chain, far) for chain in way.chains] if way else ()
                    yield Meeting(one, other, pairs, min(trips, default=None))

    def _trip(self, *stops: int) -> Trip:
        places, span = self.places, self._survey.span
        spans = [span(places[here], places[there]) for here, there in pairwise(stops)]
        if len(spans) == 1:
            return Trip(spans[0].ms, (), spans[0].estimated)
        return Trip(
            fsum([each.ms for each in spans]),
            tuple([self._names[vertex] for vertex in stops[1:-1]]),
            any(each.estimated for each in spans),
        )

    def ends(self, meeting: Meeting) -> tuple[Location | None, Location | None]:
        """Return where the two lie."""
        number = self.topology.number
        return self.places[number[meeting.one]], self.places[number[meeting.other]]

    def clusters(self, meeting: Meeting) -> tuple[str, str]:
        """Return the clusters of least names that meet, one of each class."""
        if meeting.one.divided:
            return self._of_shared_set(meeting)
        one, other = self._first(meeting.one), self._first(meeting.other)
        return one[0], other[meeting.one is meeting.other]

    def _of_shared_set(self, meeting: Meeting) -> tuple[str, str]:
        """Return the same where not all clusters of two sites meet."""
        fleet, sites_of = self._survey.fleet, self._survey.sites_of
        ones, others = (
            sorted(
                (cluster.name, site)
                for group in sites.groups
                for site in sites_of[group]
                for cluster in fleet.members[site]
            )
            for sites in (meeting.one, meeting.other)
        )
        return next(
            (one, other)
            for one, site in ones
            for other, far in others
            if site != far and fleet.may_talk(one, other)
        )

    def _first(self, sites: SiteClass) -> list[str]:
        """Return the least names of clusters in different sites of a class, two at most."""
        if sites not in self._least:
            members, sites_of = self._survey.fleet.members, self._survey.sites_of
            names = (members[site][0].name for group in sites.groups for site in sites_of[group])
            self._least[sites] = nsmallest(2, names)
        return self._least[sites]
