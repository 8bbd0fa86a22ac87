"""How far clusters become, and how large a packet may be on the way."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from k8s6plan.decision.metrics._measure import Case, Measure, Metric

if TYPE_CHECKING:
    from k8s6plan.evaluation.latency import Latency
    from k8s6plan.evaluation.mtu import PathMtu

NO_FLEET = "a fleet file says where sites lie; a number does not"


def _times(case: Case) -> Times:
    if case.latency is None:
        return Times(*[Measure(None, unit, NO_FLEET) for unit in ("ms", "ms", "ms", "times")])
    return measures_of_latency(case.latency)


class Times(NamedTuple):
    """The rows of the sheet that are of round-trip times."""

    mean: Measure
    p95: Measure
    worst: Measure
    stretch: Measure


def measures_of_latency(report: Latency) -> Times:
    """Return the round-trip times of a design, and of how many pairs they speak."""
    scope, ms = _scope(report), report.ms
    mean, p95, worst = (ms.mean, ms.p95, ms.worst) if ms else (None, None, None)
    farthest = [f"{pair.one} - {pair.other}" for pair in report.worst[:1]]
    return Times(
        Measure(mean, "ms", scope),
        Measure(p95, "ms", scope),
        Measure(worst, "ms", "; ".join(filter(None, [*farthest, scope]))),
        Measure(report.stretch_mean, "times", scope),
    )


def _scope(report: Latency) -> str:
    """Say of how many pairs a report speaks, and of how many it only guesses."""
    if not report.pairs:
        return "no two clusters lie in different sites"
    parts = [report.note] if report.note else []
    if report.estimated:
        parts.append(f"estimate for {report.estimated:,} of {report.pairs:,} pairs")
    if report.unknown:
        parts.append(f"unknown for {report.unknown:,} of {report.pairs:,} pairs")
    if report.unjoined:
        parts.append(f"no path for {report.unjoined:,} of {report.pairs:,} pairs")
    return "; ".join(parts)


def mean_rtt(case: Case) -> Measure:
    """Round trip between two clusters in different sites, the mean over pairs."""
    return _times(case).mean


def p95_rtt(case: Case) -> Measure:
    """Round trip that 95 of 100 pairs are not above."""
    return _times(case).p95


def worst_rtt(case: Case) -> Measure:
    """Round trip of the pair furthest apart."""
    return _times(case).worst


def stretch(case: Case) -> Measure:
    """How many times the direct way the path of the design is, the mean over pairs."""
    return _times(case).stretch


def path_mtu(case: Case) -> Measure:
    """The largest packet that passes between any two clusters, inside all encapsulations."""
    if case.fleet is None:
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
