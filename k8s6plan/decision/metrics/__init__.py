"""The rows of the decision sheet. A new one is a function in a file here, and a ``Metric``."""

from __future__ import annotations

from k8s6plan.decision.metrics import burden, ceilings, distance, links, money, paths, resilience
from k8s6plan.decision.metrics._measure import Case, Measure, Metric, Value

METRICS: dict[str, Metric] = {
    metric.key: metric
    for metric in (
        *links.METRICS,
        *money.METRICS,
        *ceilings.METRICS,
        *burden.METRICS,
        *paths.METRICS,
        *distance.METRICS,
        *resilience.METRICS,
    )
}

__all__ = ["METRICS", "Case", "Measure", "Metric", "Value"]
