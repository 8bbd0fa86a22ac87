"""What a failure takes down: alone, and two at once."""

from __future__ import annotations

from typing import TYPE_CHECKING

from k8s6plan.decision.metrics._measure import MOST_SITES_IN_PAIRS, Case, Measure, Metric
from k8s6plan.io.words import listed

if TYPE_CHECKING:
    from k8s6plan.evaluation.failures import Loss

MOST_SITES = 3_000  # beyond it each design takes seconds
_NAMED = 4


def _why_not(case: Case, most: int = MOST_SITES) -> str:
    """Return why failures are not told, or nothing."""
    if case.fleet is None:
        return "a fleet file says what can fail; a number does not"
    if case.outline.sites > most:
        return f"not looked at beyond {most:,} sites; see `k8s6plan failures`"
    return ""


def single_points(case: Case) -> Measure:
    """Things whose failure alone cuts off a pair of clusters that still run."""
    why = _why_not(case)
    found = None if why else case.resilience
    if found is None:
        return Measure(None, "things", why)
    names = found.single_points
    return Measure(len(names), "things", listed(names, _NAMED))


def survives(case: Case) -> Measure:
    """Share of the pairs that talk whatever single thing fails."""
    why = _why_not(case)
    found = None if why else case.resilience
    if found is None or found.survive_any_single is None:
        return Measure(None, "share", why or "no two clusters talk")
    return Measure(found.survive_any_single, "share")


def worst_single(case: Case) -> Measure:
    """Pairs of clusters that the worst failure of one thing cuts off."""
    why = _why_not(case)
    found = None if why else case.resilience
    return _loss(None if found is None else found.worst_single, why)


def worst_double(case: Case) -> Measure:
    """Pairs of clusters that the worst failure of two things cuts off."""
    why = _why_not(case, MOST_SITES_IN_PAIRS)
    found = None if why else case.resilience
    return _loss(None if found is None else found.worst_double, why)


def _loss(loss: Loss | None, why: str) -> Measure:
    if loss is None:
        if why:
            return Measure(None, "pairs", why)
        return Measure(0, "pairs", "no failure cuts off a pair")
    named = " and ".join(
        f"{kind} {name}" for kind, name in zip(loss.kinds, loss.fails, strict=True)
    )
    return Measure(loss.pairs_lost, "pairs", f"{named}: {loss.share:.0%} of those left")


METRICS = (
    Metric(
        "single_points_of_failure", "Single points of failure", "Failures", "less",
        single_points, full=True,
    ),
    Metric(
        "pairs_survive_any_single", "Pairs that survive any one", "Failures", "more",
        survives, full=True,
    ),
    Metric(
        "worst_single_failure", "Pairs lost to worst one", "Failures", "less",
        worst_single, full=True,
    ),
    Metric(
        "worst_double_failure", "Pairs lost to worst two", "Failures", "less",
        worst_double, full=True,
    ),
)  # fmt: skip
