"""Demands, summed by classes of like sites, with the paths that they take.

A site sends a demand as often as it has senders, times the receivers at the other site. Each of
these pairs carries what the demand says of a pair, or its part of what is said of more. Nothing is
counted inside a site. Volumes are held for each ordered pair of classes, never site by site.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterator
from decimal import Decimal
from typing import NamedTuple

from k8s6plan.topology.joins import ROUTED, Leg, Path, SiteClass, Topology
from k8s6plan.topology.shape import Chain

_NONE = Decimal(0)


class Volume(NamedTuple):
    """Traffic in one direction; at its peak all demands run at once."""

    gb_per_month: Decimal = _NONE
    peak_mbps: Decimal = _NONE


class Stream(NamedTuple):
    """The traffic from all sites of one class to all others of another, and its path.

    ``path`` is empty where none leads there.
    """

    source: SiteClass
    target: SiteClass
    volume: Volume
    path: Path


def volumes(
    topology: Topology, *, peaks: bool = False
) -> Iterator[tuple[SiteClass, SiteClass, Volume]]:
    """Yield the traffic from the sites of one class to those of another, together.

    ``peaks``: only that of the demands which have a peak.
    """
    flows, sharers = topology.outline.flows, topology.outline.sharers
    sending, hearing = _ends(topology)
    for source in topology.classes:
        gb: dict[SiteClass, Decimal] = {}
        mbps: dict[SiteClass, Decimal] = {}
        for number, senders in sending[source].items():
            flow = flows[number]
            if peaks and not flow.peak_mbps:
                continue
            for target, hearers in hearing[number].items():
                times = senders * hearers
                if source is target:
                    times -= _inside(topology, source, number)
                if not times:
                    continue
                sent = flow.gb_per_month * times / sharers[number]
                gb[target] = gb[target] + sent if target in gb else sent
                if flow.peak_mbps:
                    peak = flow.peak_mbps * times / sharers[number]
                    mbps[target] = mbps[target] + peak if target in mbps else peak
        for target in topology.classes:
            if target in gb:
                yield source, target, Volume(gb[target], mbps.get(target, _NONE))


def _ends(
    topology: Topology,
) -> tuple[dict[SiteClass, dict[int, int]], dict[int, dict[SiteClass, int]]]:
    """Return how often each class sends each demand, and how often each demand is heard by each."""
    sending: dict[SiteClass, dict[int, int]] = defaultdict(lambda: defaultdict(int))
    hearing: dict[int, dict[SiteClass, int]] = defaultdict(lambda: defaultdict(int))
    for group, talker in topology.outline.talkers.items():
        sites = topology.class_of[group]
        for demand, times in talker.sends.items():
            sending[sites][demand] += times * group.sites
        for demand, times in talker.hears.items():
            hearing[demand][sites] += times * group.sites
    return sending, hearing


def _inside(topology: Topology, sites: SiteClass, demand: int) -> int:
    """Return the pairs of a sender and a hearer of a demand inside one site, over a class."""
    talkers = topology.outline.talkers
    return sum(
        group.sites * talkers[group].sends.get(demand, 0) * talkers[group].hears.get(demand, 0)
        for group in sites.groups
    )


PathOf = Callable[[SiteClass, SiteClass], Path]


def streams(topology: Topology, path_of: PathOf, *, peaks: bool = False) -> list[Stream]:
    """Return the traffic with the paths that it takes, as ``path_of`` has them for two classes.

    ``peaks``: only that of the demands which have a peak.
    """
    return [
        Stream(source, target, volume, path_of(source, target))
        for source, target, volume in volumes(topology, peaks=peaks)
    ]


Rank = Callable[[SiteClass, SiteClass, Path], tuple[int, Decimal]]
Choices = dict[tuple[int, int], Chain | None]


class Paths:
    """The path that traffic takes between two classes.

    1. Of all paths the shortest, in links.
    2. Of these the least by ``rank`` (its price).
    3. Of these the first by the names of the carriers on it.

    ``choices``: what was chosen before, for topologies of the same shape.
    """

    def __init__(self, topology: Topology, rank: Rank, choices: Choices | None = None) -> None:
        """Take what ranks the paths of the topology."""
        self._topology, self._rank = topology, rank
        self._choices = {} if choices is None else choices

    def __call__(self, source: SiteClass, target: SiteClass) -> Path:
        """Return the path from a site of ``source`` to another of ``target``; () for none."""
        topology = self._topology
        join = ROUTED if topology.routed else topology.near[source].get(target)
        if join is not None:
            return (Leg(join, source, target),)
        number = topology.number
        ends = (number[source], number[target])
        if ends not in self._choices:
            self._choices[ends] = self._choose(source, target, ends)
        chain = self._choices[ends]
        return () if chain is None else self._topology.ways.path(ends[0], chain, ends[1])

    def _choose(self, source: SiteClass, target: SiteClass, ends: tuple[int, int]) -> Chain | None:
        way = self._topology.shape.between(*ends)
        if way is None:
            return None
        if len(way.chains) == 1:
            return way.chains[0]
        path = self._topology.ways.path
        return min(way.chains, key=lambda c: self._rank(source, target, path(ends[0], c, ends[1])))
