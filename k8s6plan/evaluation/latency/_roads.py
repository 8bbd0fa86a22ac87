"""The path of each pair of sites under a design, for classes of like sites.

A path has the fewest links; of those, the least round-trip time; then the names of what it runs
through. Only hubs, and providers' managed hubs, carry the traffic of others, and only over tunnels
and attachments: a peering carries its two ends, and so does the internet of flat IPv6.

The designs whose paths follow from the places alone need no graph; any other is read from its own.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from operator import add
from typing import TYPE_CHECKING, NamedTuple

from k8s6plan.evaluation.latency._ground import Alike, Ground, Volumes, classes_of, volumes_of
from k8s6plan.evaluation.latency._places import Leg, Place, leg, place_of, site_places
from k8s6plan.fleet.demands import demands_of_sites

if TYPE_CHECKING:
    import networkx as nx

    from k8s6plan.fleet.model import Fleet

_CARRYING = ("tunnel", "attachment")
_HERE = Leg(0.0, False)


class Way(NamedTuple):
    """A path: its round-trip time, infinite where a place on it is unknown, and its middle."""

    ms: float
    via: tuple[str, ...]
    estimated: bool


@dataclass(frozen=True)
class Road:
    """The classes of sites, what they exchange, and the path between a site of one and of another.

    ``way`` takes the numbers of two classes, which may be the same; None: the design joins no such
    two sites.
    """

    classes: tuple[Alike, ...]
    volumes: Volumes
    way: Callable[[int, int], Way | None]


def _straight(one: Place | None, other: Place | None) -> Way:
    ms, estimated = leg(one, other)
    return Way(ms, (), estimated)


# --- roads that need no graph --------------------------------------------------------------------


def direct(ground: Ground) -> Road:
    """Every pair of sites has a link, or the internet, to itself."""
    classes = ground.classes

    def way(one: int, other: int) -> Way:
        return _straight(classes[one].place, classes[other].place)

    return Road(classes, ground.volumes, way)


def by_hubs(ground: Ground) -> Road:
    """Every site has a link to each hub; two other sites take the hub that is nearest to both."""
    classes = ground.classes
    first_at: dict[Place | None, str] = {}
    for hub in ground.hubs:
        first_at.setdefault(ground.places[hub], hub)
    names = list(first_at.values())
    hubs = set(ground.hubs)
    is_hub = [alike.sites[0] in hubs for alike in classes]
    legs = [[leg(alike.place, place) for place in first_at] for alike in classes]
    times = [[ms for ms, _ in row] for row in legs]

    def way(one: int, other: int) -> Way:
        if is_hub[one] or is_hub[other]:
            return _straight(classes[one].place, classes[other].place)
        sums = list(map(add, times[one], times[other]))
        ms = min(sums)
        best = sums.index(ms)
        estimated = legs[one][best].estimated or legs[other][best].estimated
        return Way(ms, (names[best],), estimated)

    return Road(classes, ground.volumes, way)


def by_regional_hubs(ground: Ground) -> Road:
    """Every site has a link to the hub of its region; the hubs are meshed."""
    classes = ground.classes
    hubs = ground.region_hubs
    at = [ground.places[hub] for hub in hubs]
    via = [
        () if alike.sites[0] == hub else (hub,) for alike, hub in zip(classes, hubs, strict=True)
    ]
    up = [
        leg(alike.place, place) if middle else _HERE
        for alike, place, middle in zip(classes, at, via, strict=True)
    ]

    def way(one: int, other: int) -> Way:
        near = hubs[one] == hubs[other]
        if not (via[one] or via[other]) or (near and not (via[one] and via[other])):
            return _straight(classes[one].place, classes[other].place)
        here, there = up[one], up[other]
        across, middle = _HERE, via[one]
        if not near:
            across, middle = leg(at[one], at[other]), (*via[one], *via[other])
        estimated = here.estimated or across.estimated or there.estimated
        return Way(here.ms + across.ms + there.ms, middle, estimated)

    return Road(classes, ground.volumes, way)


def by_demands(ground: Ground) -> Road:
    """Two sites have a link to each other where one of them sends to the other."""
    fleet = ground.fleet
    demands = demands_of_sites(fleet)
    classes = classes_of(fleet, ground.places, demands.__getitem__)
    sends, hears = ([demands[alike.sites[0]][end] for alike in classes] for end in (0, 1))

    def way(one: int, other: int) -> Way | None:
        if sends[one].isdisjoint(hears[other]) and sends[other].isdisjoint(hears[one]):
            return None
        return _straight(classes[one].place, classes[other].place)

    return Road(classes, volumes_of(fleet, classes), way)


SHORT_ROADS: dict[str, Callable[[Ground], Road]] = {
    "hub-and-spoke": by_hubs,
    "full-mesh": direct,
    "regional-hubs": by_regional_hubs,
    "overlay-mesh": direct,
    "flat-ipv6": direct,
    "as-demanded": by_demands,
}


# --- the road of any graph -----------------------------------------------------------------------


def of_graph(graph: nx.Graph[str], fleet: Fleet) -> Road:
    """Read the paths from the graph of a design."""
    places = site_places(fleet)
    for vertex, data in graph.nodes(data=True):
        if data["kind"] == "transit":
            places[vertex] = place_of(data["provider"], data["region"])
    carriers = {v for v, data in graph.nodes(data=True) if _carries(data)}
    near = {
        vertex: sorted(
            other
            for other, data in graph.adj[vertex].items()
            if other in carriers and data["kind"] in _CARRYING
        )
        for vertex in places
    }
    links = {
        site: frozenset((other, data["kind"]) for other, data in graph.adj[site].items())
        for site in fleet.members
    }
    classes = classes_of(fleet, places, links.__getitem__)
    between = {carrier: _from_carrier(carrier, near, places) for carrier in sorted(carriers)}
    routed = {site for site, ends in links.items() if any(kind == "routed" for _, kind in ends)}

    def way(one: int, other: int) -> Way | None:
        here, there = classes[one].sites[0], classes[other].sites[-1]
        if graph.has_edge(here, there) or {here, there} <= routed:
            return _straight(places[here], places[there])
        return _over_carriers(here, there, near, places, between)

    return Road(classes, volumes_of(fleet, classes), way)


def _carries(data: dict[str, object]) -> bool:
    return data["kind"] == "transit" or bool(data.get("hub"))


_Found = tuple[int, Way]  # links, and the path with its ends in `via`


def _from_carrier(
    start: str, near: dict[str, list[str]], places: dict[str, Place | None]
) -> dict[str, _Found]:
    """Return the best path from one carrier to each other, by layers of equally many links."""
    found: dict[str, _Found] = {start: (0, Way(0.0, (start,), False))}
    layer = [start]
    links = 0
    while layer:
        links += 1
        reached: dict[str, Way] = {}
        for vertex in layer:
            so_far = found[vertex][1]
            for other in near[vertex]:
                if other in found:
                    continue
                ms, estimated = leg(places[vertex], places[other])
                way = Way(so_far.ms + ms, (*so_far.via, other), so_far.estimated or estimated)
                if other not in reached or way < reached[other]:
                    reached[other] = way
        found |= {vertex: (links, way) for vertex, way in reached.items()}
        layer = sorted(reached)
    return found


def _over_carriers(
    here: str,
    there: str,
    near: dict[str, list[str]],
    places: dict[str, Place | None],
    between: dict[str, dict[str, _Found]],
) -> Way | None:
    """Return the best path through carriers; an end that carries itself is one of them."""
    best: _Found | None = None
    for first in [here] if here in between else near[here]:
        up = _up(here, first, places)
        for last in [there] if there in between else near[there]:
            if last not in between[first]:
                continue
            links, middle = between[first][last]
            down = _up(there, last, places)
            links += (first != here) + (last != there)
            via = tuple(vertex for vertex in middle.via if vertex not in (here, there))
            estimated = up.estimated or middle.estimated or down.estimated
            found = (links, Way(up.ms + middle.ms + down.ms, via, estimated))
            best = found if best is None else min(best, found)
    return best and best[1]


def _up(end: str, carrier: str, places: dict[str, Place | None]) -> Leg:
    return _HERE if end == carrier else leg(places[end], places[carrier])
