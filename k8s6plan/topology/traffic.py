"""Demands, summed by groups of like sites, and routed over the paths of a design.

Sites of a group send and hear alike, so the traffic between two of them depends on their groups
only. It is held for each ordered pair of groups, never pair by pair.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable
from decimal import Decimal
from typing import Any, NamedTuple

from k8s6plan.topology.designs import Design, ManagedHub, Path
from k8s6plan.topology.groups import Outline, SiteGroup

Place = SiteGroup | ManagedHub


class Volume(NamedTuple):
    """Traffic in one direction; at its peak all demands run at once."""

    gb_per_month: Decimal
    peak_mbps: Decimal


class Stream(NamedTuple):
    """The traffic from each site of one group to each other site of another, and its path.

    ``pairs``: how many such pairs of sites there are. ``path`` is empty where none leads there.
    """

    source: SiteGroup
    target: SiteGroup
    each: Volume
    pairs: int
    path: Path

    @property
    def gb_per_month(self) -> Decimal:
        """The volume of all pairs together."""
        return self.each.gb_per_month * self.pairs


def volumes(outline: Outline) -> dict[tuple[int, int], Volume]:
    """Return the traffic from a site of one group to one of another, by the groups' indices.

    A demand holds for each sender and each receiver that it means, so a site sends it as often as
    it has senders times receivers at the other site. Nothing is counted inside a site.
    """
    sending: dict[int, list[tuple[int, int]]] = defaultdict(list)
    hearing: dict[int, list[tuple[int, int]]] = defaultdict(list)
    for index, group in enumerate(outline.groups):
        for demand, times in Counter(d for m in group.members for d in m.sends).items():
            sending[demand].append((index, times))
        for demand, times in Counter(d for m in group.members for d in m.hears).items():
            hearing[demand].append((index, times))
    gb: dict[tuple[int, int], Decimal] = defaultdict(Decimal)
    mbps: dict[tuple[int, int], Decimal] = defaultdict(Decimal)
    alone = {index for index, group in enumerate(outline.groups) if group.sites == 1}
    for demand, flow in enumerate(outline.flows):
        for source, senders in sending[demand]:
            for target, hearers in hearing[demand]:
                if source == target and source in alone:
                    continue
                gb[source, target] += flow.gb_per_month * (senders * hearers)
                mbps[source, target] += flow.peak_mbps * (senders * hearers)
    return {pair: Volume(gb[pair], mbps[pair]) for pair in sorted(gb)}


def streams(
    outline: Outline,
    design: Design,
    rank: Callable[[Path], Any],
    held: dict[tuple[int, int], Volume] | None = None,
) -> list[Stream]:
    """Return the traffic with the paths that it takes under ``design``.

    1. Of all paths the shortest, in links: the design names them.
    2. Of these the least by ``rank`` (its price).
    3. Of these the first by the names of the sites on it.
    """
    found = []
    for (source, target), each in (volumes(outline) if held is None else held).items():
        one, other = outline.groups[source], outline.groups[target]
        pairs = one.sites * (other.sites - (source == target))
        paths = design.paths(outline, one, other)
        path = min(paths, key=rank) if len(paths) > 1 else paths[0] if paths else ()
        found.append(Stream(one, other, each, pairs, path))
    return found


class Load(NamedTuple):
    """The peak that the tunnels of one place carry, in Mbps, in each direction."""

    out: Decimal = Decimal(0)
    into: Decimal = Decimal(0)

    @property
    def both(self) -> Decimal:
        """Both directions together."""
        return self.out + self.into


class Loads(NamedTuple):
    """The peak on tunnels, in Mbps.

    ``places``: of all tunnels of a site of a group, or of a managed hub, together. ``links``: of
    each single link from a site of the first group to one of the second, in that direction.
    """

    places: dict[Place, Load]
    links: dict[tuple[Place, Place], Decimal]


def tunnel_loads(found: list[Stream]) -> Loads:
    """Return the peak that tunnels carry: those of a place together, and those of each link.

    A site that is neither end of a stream carries all of its pairs: only hubs do, each of which is
    a group by itself. So of the pairs of a stream a link has

    1. one, where it joins the two ends themselves;
    2. those of its own end, where the other side of it is a hub;
    3. all of them, between two hubs.
    """
    out: dict[object, Decimal] = defaultdict(Decimal)
    into: dict[object, Decimal] = defaultdict(Decimal)
    links: dict[tuple[object, object], Decimal] = defaultdict(Decimal)
    places: dict[object, Place] = {}
    for stream in found:
        peak = stream.each.peak_mbps
        if not peak:
            continue
        twice = stream.source == stream.target
        to_all, from_all = stream.target.sites - twice, stream.source.sites - twice
        for leg in stream.path:
            if leg.kind != "tunnel":
                continue
            starts, ends = leg.source is stream.source, leg.target is stream.target
            at_source = to_all if starts else stream.pairs
            at_target = from_all if ends else stream.pairs
            one, other = _key(leg.source), _key(leg.target)
            places[one], places[other] = leg.source, leg.target
            out[one] += peak * at_source
            into[other] += peak * at_target
            on_link = 1 if starts and ends else at_source if starts else at_target
            links[one, other] += peak * on_link
    return Loads(
        {place: Load(out[key], into[key]) for key, place in places.items()},
        {(places[one], places[other]): peak for (one, other), peak in links.items()},
    )


def _key(place: Place) -> object:
    """Return what a place is known by: groups are large to hash, and there is one object of each.

    A managed hub is made anew for each path.
    """
    return place if isinstance(place, ManagedHub) else id(place)
