"""The report as JSON: docs/reference/report-json.md names every key."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING, Any

from k8s6plan.decision.explain import entries
from k8s6plan.decision.metrics import METRICS

if TYPE_CHECKING:
    from k8s6plan.catalog.prices import Price
    from k8s6plan.decision.metrics import Measure
    from k8s6plan.decision.sweep import Crossing, Stop
    from k8s6plan.evaluation.failures import Failures
    from k8s6plan.evaluation.limits import Break, Limit
    from k8s6plan.evaluation.mtu import PathMtu
    from k8s6plan.views.report._gather import Report

# Of each stop of the sliders; the page holds all rows.
_AT_STOPS = ("cost_per_month", "tunnels", "limits_exceeded")


def to_json(report: Report) -> dict[str, Any]:
    """Return the documented JSON form; ``comparison`` is that of `compare --format json`."""
    comparison = report.comparison
    cost = METRICS["cost_per_month"]
    return {
        "version": 1,
        "fleet": comparison.fleet,
        "comparison": comparison.to_json(),
        "costs": {
            name: [entry.to_json() for entry in entries(case, cost)]
            for name, case in comparison.cases.items()
        },
        "breaks": {
            name: {
                "first_quota": _break(case.breaks.quota),
                "first_limit": _break(case.breaks.hard),
            }
            for name, case in comparison.cases.items()
        },
        "scaling": [_stop(stop) for stop in report.grid.stops],
        "break_even": {
            "clusters": [_crossing(crossing) for crossing in report.turns],
            "traffic": None
            if report.traffic is None
            else [_crossing(crossing) for crossing in report.traffic.crossings],
        },
        "sensitivity": [
            {
                "assumption": swing.assumption,
                "value": _plain(swing.base),
                "swing": round(float(swing.swing), 2),
                "cheapest": list(swing.cheapest),
            }
            for swing in report.swings
        ],
        "failures": {name: _failures(found) for name, found in report.failures.items()},
        "mtu": {name: _mtu(found) for name, found in report.mtu.items()},
        "findings": [
            {"rule": f.rule, "severity": f.severity, "message": f.message, "source": f.source}
            for f in report.findings
        ],
        "addresses": {
            "origin": report.addresses.origin,
            "remarks": list(report.addresses.remarks),
            "prefixes": [row._asdict() for row in report.addresses.held],
        },
        "assumptions": [
            {**assumption._asdict(), "value": _plain(assumption.value), "yours": assumption.yours}
            for assumption in report.assumptions
        ],
        "price_rows": [_price(row) for row in report.price_rows],
        "limit_rows": [_limit(row) for row in report.limit_rows],
        "remarks": list(report.remarks),
    }


def _plain(value: object) -> Any:
    return float(value) if isinstance(value, Decimal) else value


def _break(found: Break | None) -> dict[str, Any] | None:
    if found is None:
        return None
    return {
        "clusters": found.clusters,
        "limit": found.limit.name,
        "value": float(found.value),
        "where": found.where,
        "source": found.limit.source,
    }


def _stop(stop: Stop) -> dict[str, Any]:
    def plain(measure: Measure) -> dict[str, Any]:
        return {"value": _plain(measure.value), "at_least": measure.at_least}

    return {
        "clusters": stop.clusters,
        "times": float(stop.times),
        "gb_per_month": _plain(stop.gb_per_month),
        "designs": {
            name: {key: plain(column[key]) for key in _AT_STOPS}
            for name, column in stop.table.items()
        },
    }


def _crossing(crossing: Crossing) -> dict[str, Any]:
    return {
        "cheaper": crossing.cheaper,
        "than": crossing.than,
        "at": float(crossing.at),
        "complete": crossing.complete,
    }


def _failures(found: Failures) -> dict[str, Any]:
    resilience = found.resilience
    return {
        "pairs": resilience.pairs,
        "components": resilience.components,
        "single_points": list(resilience.single_points),
        "survive_any_single": resilience.survive_any_single,
        "worst": [
            {
                "fails": effect.loss.fails[0],
                "kind": effect.loss.kinds[0],
                "pairs_lost": effect.loss.pairs_lost,
                "share": effect.loss.share,
                "gb_per_month_lost": float(effect.gb_per_month),
            }
            for effect in found.single
            if effect.loss.pairs_lost
        ],
    }


def _mtu(found: PathMtu) -> dict[str, Any]:
    return {
        "mtu": found.mtu,
        "at_most": bool(found.unknown),
        "mss": dict(found.mss),
        "unknown": list(found.unknown),
        "findings": list(found.findings),
    }


def _price(row: Price) -> dict[str, Any]:
    return {
        "row": row.name,
        "title": row.title,
        "unit": row.unit,
        "currency": row.currency,
        "tiers": [{"up_to": _plain(t.up_to), "price": float(t.price)} for t in row.tiers],
        **_origin(row),
    }


def _limit(row: Limit) -> dict[str, Any]:
    return {
        "row": row.name,
        "title": row.title,
        "unit": row.unit,
        "default": _plain(row.default),
        "max": _plain(row.most),
        **_origin(row),
    }


def _origin(row: Price | Limit) -> dict[str, Any]:
    return {
        "source": row.source,
        "as_of": row.as_of,
        "confidence": row.confidence,
        "marks": list(row.marks),
        "yours": row.yours,
    }
