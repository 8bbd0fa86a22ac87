"""Where sites lie, and the round-trip time between two places."""

from __future__ import annotations

from functools import cache
from math import asin, cos, inf, radians, sin, sqrt
from typing import TYPE_CHECKING, NamedTuple

from k8s6plan.catalog.regions import estimate, measured_by, measured_ms, regions_of

if TYPE_CHECKING:
    from k8s6plan.fleet.model import Fleet

MOST_PLACES = 500  # that coordinates of a fleet file may make before near ones are taken as one
FINEST_GRID = 0.25  # degrees
EARTH_RADIUS_KM = 6371.0088  # the mean radius of the ellipsoid (IUGG)


class Location(NamedTuple):
    """A point on Earth, in degrees; a region of a provider where both are named."""

    latitude: float
    longitude: float
    provider: str = ""
    region: str = ""


class Rtt(NamedTuple):
    """A round-trip time, and whether it was measured or is estimated from the distance."""

    ms: float
    measured: bool
    source: str


class Span(NamedTuple):
    """The round-trip time over one link: infinite where a place is unknown."""

    ms: float
    estimated: bool


UNKNOWN = Span(inf, True)


def place_of(provider: str, region: str | None) -> Location | None:
    """Return where a region of a provider lies, or None."""
    found = regions_of(provider).get(region or "")
    return found and Location(found.latitude, found.longitude, provider, found.region)


def site_places(fleet: Fleet) -> dict[str, Location | None]:
    """Return where each site lies: its coordinates in the fleet file, else its region's.

    A site with coordinates of its own is no longer taken for its region, so nothing measured
    holds for it. None: nobody says where the site lies.
    """
    found: dict[str, Location | None] = {}
    for site in fleet.members:
        own = fleet.site(site).coordinates
        found[site] = Location(*own) if own is not None else place_of(*fleet.region_of(site))
    return found


def on_grid(places: dict[str, Location | None]) -> tuple[dict[str, Location | None], float]:
    """Return the places with near ones as one, and the grid's step in degrees; 0: as they are.

    Coordinates of a fleet file are rounded only where there are more than 500 of them, to the
    finest grid that leaves no more: what is paired off grows with the square of the places. A step
    of one degree moves a place by 79 km at most.
    """
    own = {place for place in places.values() if place is not None and not place.provider}
    step, merged = 0.0, {place: place for place in own}
    while len(set(merged.values())) > MOST_PLACES:
        step = 2 * step or FINEST_GRID
        merged = {
            place: Location(
                step * round(place.latitude / step), step * round(place.longitude / step)
            )
            for place in own
        }
    if not step:
        return places, step
    return {site: place and merged.get(place, place) for site, place in places.items()}, step


def distance_km(one: Location, other: Location) -> float:
    """Return the great-circle distance (haversine on a sphere of the mean radius)."""
    north, south = radians(one.latitude), radians(other.latitude)
    rise = sin((south - north) / 2) ** 2
    turn = sin(radians(other.longitude - one.longitude) / 2) ** 2
    return 2 * EARTH_RADIUS_KM * asin(min(1.0, sqrt(rise + cos(north) * cos(south) * turn)))


def rtt_ms(one: Location | None, other: Location | None) -> Rtt | None:
    """Return the round-trip time between two places, in milliseconds; None: one is unknown.

    Two regions of one provider that were measured have their measured time, a region with itself
    too where the matrix has it. All others are estimated: 1.7 ms for each 100 km of the great
    circle, and 2 ms at least (data/latency.yaml).
    """
    if one is None or other is None:
        return None
    ms, estimated = span(one, other)
    if estimated:
        return Rtt(ms, False, estimate("ms_per_100_km").source)
    return Rtt(ms, True, measured_by(one.provider))


def span(one: Location | None, other: Location | None) -> Span:
    """Return the same as ``rtt_ms``, without its source and faster; infinite where unknown."""
    if one is None or other is None:
        return UNKNOWN
    if one.provider and one.provider == other.provider:
        ms = measured_ms(one.provider).get((one.region, other.region))
        if ms is not None:
            return Span(ms, False)
    slope, least = _estimate()
    return Span(max(least, slope * distance_km(one, other) / 100), True)


@cache
def _estimate() -> tuple[float, float]:
    """Return the milliseconds for each 100 km, and the fewest in all."""
    return estimate("ms_per_100_km").value, estimate("near_ms").value
