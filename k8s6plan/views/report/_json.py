"""The report as JSON: docs/reference/report-json.md names every key."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from k8s6plan.decision.explain import entries
from k8s6plan.decision.metrics import METRICS
from k8s6plan.views.as_json import document

if TYPE_CHECKING:
    from k8s6plan.views.report._gather import Report


def to_json(report: Report) -> dict[str, Any]:
    """Return the documented JSON form; ``comparison`` is that of `compare --format json`."""
    comparison, cost = report.comparison, METRICS["cost_per_month"]
    cases = comparison.cases
    traffic = report.traffic
    parts = {
        "fleet": comparison.fleet,
        "comparison": document(comparison, "compare"),
        "costs": {name: entries(case, cost) for name, case in cases.items()},
        "breaks": {
            name: {"first_quota": case.breaks.quota, "first_limit": case.breaks.hard}
            for name, case in cases.items()
        },
        "scaling": report.grid.stops,
        "break_even": {
            "clusters": report.turns,
            "traffic": None if traffic is None else traffic.crossings,
        },
        "sensitivity": report.swings,
        "failures": report.failures,
        "mtu": report.mtu,
        "findings": report.findings,
        "addresses": {
            "origin": report.addresses.origin,
            "remarks": report.addresses.remarks,
            "prefixes": report.addresses.held,
        },
        "assumptions": report.assumptions,
        "price_rows": report.price_rows,
        "limit_rows": report.limit_rows,
        "remarks": report.remarks,
    }
    return document(parts, "report")
