"""Demands, summed by classes of like sites, with the paths that they take.

A demand holds for each sender and each receiver that it means, so a site sends it as often as it
has senders, times the receivers at the other site. Nothing is counted inside a site. Volumes are
held for each ordered pair of classes, never site by site.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable
from decimal import Decimal
from typing import NamedTuple

from k8s6plan.topology.joins import Path, SiteClass, Topology

_NONE = Decimal(0)
Rank = tuple[int, Decimal]  # of a path: the prices in it that are unknown, and what a GB costs


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


def volumes(topology: Topology) -> dict[tuple[SiteClass, SiteClass], Volume]:
    """Return the traffic from the sites of one class to those of another, together."""
    sending, hearing = _ends(topology)
    gb: dict[tuple[SiteClass, SiteClass], Decimal] = defaultdict(Decimal)
    mbps: dict[tuple[SiteClass, SiteClass], Decimal] = defaultdict(Decimal)
    for number, flow in enumerate(topology.outline.flows):
        for source, senders in sending[number].items():
            for target, hearers in hearing[number].items():
                times = senders * hearers
                if source is target:
                    times -= _inside(topology, source, number)
                if times:
                    gb[source, target] += flow.gb_per_month * times
                    if flow.peak_mbps:
                        mbps[source, target] += flow.peak_mbps * times
    order = {sites: number for number, sites in enumerate(topology.classes)}
    ordered = sorted(gb, key=lambda pair: (order[pair[0]], order[pair[1]]))
    return {pair: Volume(gb[pair], mbps.get(pair, _NONE)) for pair in ordered}


Counts = dict[int, dict[SiteClass, int]]  # of each demand, the clusters of each class at one end


def _ends(topology: Topology) -> tuple[Counts, Counts]:
    """Return who sends and who hears each demand."""
    sending: Counts = defaultdict(lambda: defaultdict(int))
    hearing: Counts = defaultdict(lambda: defaultdict(int))
    for group, talker in topology.outline.talkers.items():
        sites = topology.class_of[group]
        for demand, times in talker.sends.items():
            sending[demand][sites] += times * group.sites
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


def streams(topology: Topology, rank: Callable[[SiteClass, SiteClass, Path], Rank]) -> list[Stream]:
    """Return the traffic with the paths that it takes.

    1. Of all paths the shortest, in links.
    2. Of these the least by ``rank`` (its price).
    3. Of these the first by the names of the carriers on it.
    """
    found = []
    for (source, target), volume in volumes(topology).items():
        paths = topology.ways.paths(source, target)
        path: Path = paths[0] if paths else ()
        if len(paths) > 1:
            ranks = [rank(source, target, path) for path in paths]
            path = paths[ranks.index(min(ranks))]
        found.append(Stream(source, target, volume, path))
    return found
