"""Round-trip times of a fleet: what each design makes of the distance between its clusters.

Every figure is measured, or an estimate and marked so, or unknown: never zero for want of a place.
"""

from __future__ import annotations

from k8s6plan.evaluation.latency._ground import Ground, survey
from k8s6plan.evaluation.latency._places import (
    Place,
    Rtt,
    distance_km,
    place_of,
    rtt_ms,
    site_places,
)
from k8s6plan.evaluation.latency._report import (
    Latency,
    Pair,
    Spread,
    Told,
    latencies,
    latency_of,
    measures,
)
from k8s6plan.evaluation.latency._roads import SHORT_ROADS

__all__ = [
    "SHORT_ROADS",
    "Ground",
    "Latency",
    "Pair",
    "Place",
    "Rtt",
    "Spread",
    "Told",
    "distance_km",
    "latencies",
    "latency_of",
    "measures",
    "place_of",
    "rtt_ms",
    "site_places",
    "survey",
]
