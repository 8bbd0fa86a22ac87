"""How far clusters become, and how large a packet may be on the way."""

from __future__ import annotations

from typing import TYPE_CHECKING

from k8s6plan.decision.metrics._measure import Case, Measure, Metric

if TYPE_CHECKING:
    from k8s6plan.evaluation.mtu import PathMtu

NO_FLEET = "a fleet file says where sites lie; a number does not"


def _latency(case: Case, key: str) -> Measure:
    told = case.latency
    if told is None:
        return Measure(None, "times" if key == "stretch" else "ms", NO_FLEET)
    value, unit, note = told[key]
    return Measure(value, unit, note or ("" if value is not None else "no place is known"))


def mean_rtt(case: Case) -> Measure:
    """Round trip between two clusters in different sites, the mean over pairs."""
    return _latency(case, "mean_rtt_ms")


def p95_rtt(case: Case) -> Measure:
    """Round trip that 95 of 100 pairs are not above."""
    return _latency(case, "p95_rtt_ms")


def worst_rtt(case: Case) -> Measure:
    """Round trip of the pair furthest apart."""
    return _latency(case, "worst_rtt_ms")


def stretch(case: Case) -> Measure:
    """How many times the direct way the path of the design is, the mean over pairs."""
    return _latency(case, "stretch")


def path_mtu(case: Case) -> Measure:
    """The largest packet that passes between any two clusters, inside all encapsulations."""
    if case.terms.fleet is None:
        return Measure(None, "bytes", NO_FLEET)
    from k8s6plan.evaluation.mtu import mtu_of

    return measure_of_mtu(mtu_of(case.topology))


def measure_of_mtu(report: PathMtu) -> Measure:
    """Return the smallest path MTU, with what is not known of it and where IPv6 breaks."""
    if not report.links:
        return Measure(None, "bytes", "no two clusters lie in different sites")
    notes = []
    if report.unknown:
        unknown = f"unknown: {', '.join(report.unknown)}"
        notes.append(unknown if report.mtu is None else f"at most; {unknown}")
    return Measure(report.mtu, "bytes", "; ".join([*notes, *report.findings]))


METRICS = (
    Metric("mean_rtt_ms", "Mean round trip, ms", "Distance", "less", mean_rtt, full=True),
    Metric("p95_rtt_ms", "Round trip of 95 %, ms", "Distance", "less", p95_rtt, full=True),
    Metric("worst_rtt_ms", "Worst round trip, ms", "Distance", "less", worst_rtt, full=True),
    Metric("stretch", "Stretch of the way", "Distance", "less", stretch, full=True),
    Metric("path_mtu", "Path MTU, bytes", "Distance", "more", path_mtu, full=True),
)
