"""Round-trip times of a fleet: what each design makes of the distance between its clusters.

Every figure is measured, or an estimate and marked so, or unknown: never zero for want of a place.
"""

from __future__ import annotations

from k8s6plan.evaluation.latency._places import (
    Location,
    Rtt,
    distance_km,
    place_of,
    rtt_ms,
    site_places,
)
from k8s6plan.evaluation.latency._report import Latency, Pair, Spread, latency_of
from k8s6plan.evaluation.latency._survey import Survey, survey

__all__ = [
    "Latency",
    "Location",
    "Pair",
    "Rtt",
    "Spread",
    "Survey",
    "distance_km",
    "latency_of",
    "place_of",
    "rtt_ms",
    "site_places",
    "survey",
]
