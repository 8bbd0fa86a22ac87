"""The round-trip time between two sites. The only place that knows how far sites are apart."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from k8s6plan.evaluation.latency import rtt_ms, site_places

if TYPE_CHECKING:
    from k8s6plan.fleet.model import Fleet

Distance = Callable[[str, str], float | None]


def distance_of(fleet: Fleet) -> Distance:
    """Return a function that gives the milliseconds between two sites; None: a place is unknown.

    A site lies where the fleet file says, else in its region: measured, else by the distance.
    """
    places = site_places(fleet)

    def distance(one: str, other: str) -> float | None:
        here, there = places[one], places[other]
        if here is None or there is None:
            return None
        found = rtt_ms(here, there)
        return None if found is None else found.ms

    return distance
