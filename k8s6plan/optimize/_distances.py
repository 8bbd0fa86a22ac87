"""The round-trip time between two sites. The only place that knows how far sites are apart."""

from __future__ import annotations

from collections.abc import Callable
from math import asin, cos, radians, sin, sqrt
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from k8s6plan.model import Fleet

Distance = Callable[[str, str], float | None]

EARTH_RADIUS_KM = 6371.0088  # the mean radius of the ellipsoid (IUGG)
# An estimate: the median over the pairs of AWS and of Azure regions that were measured (cloudping,
# 2024-04-19; Microsoft's round-trip latency statistics) and are 300 km apart or more.
MS_PER_100_KM = 1.7


def distance_of(fleet: Fleet) -> Distance:
    """Return a function that gives the milliseconds between two sites; None: a place is unknown.

    A place is known by its coordinates in the fleet file.
    """
    places = {site: fleet.site(site).coordinates for site in fleet.members}

    def distance(one: str, other: str) -> float | None:
        here, there = places[one], places[other]
        if here is None or there is None:
            return None
        return MS_PER_100_KM * _km(here, there) / 100

    return distance


def _km(one: tuple[float, float], other: tuple[float, float]) -> float:
    """Return the great-circle distance (haversine on a sphere of the mean radius)."""
    north, south = radians(one[0]), radians(other[0])
    rise = sin((south - north) / 2) ** 2
    turn = sin(radians(other[1] - one[1]) / 2) ** 2
    return 2 * EARTH_RADIUS_KM * asin(min(1.0, sqrt(rise + cos(north) * cos(south) * turn)))
