"""Where a design breaks: the limits it exceeds now, and at how many clusters it meets the first."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

from k8s6plan.decision.metrics._measure import Case, Measure, Metric

if TYPE_CHECKING:
    from k8s6plan.evaluation.limits import Break

_NO_NAMES = "the providers have no names, and so no limits"


def exceeded(case: Case) -> Measure:
    """Quotas and limits that the design exceeds now."""
    if not case.outline.named:
        return Measure(None, "limits", _NO_NAMES)
    broken = [reach for reach in case.reaches if reach.over != "no"]
    note = "; ".join(reach.short for reach in broken[:3])
    more = f"; and {len(broken) - 3} more" if len(broken) > 3 else ""
    return Measure(len(broken), "limits", note + more)


def _break(case: Case, kind: Literal["quota", "hard"]) -> Measure:
    if not case.outline.named:
        return Measure(None, "clusters", _NO_NAMES)
    if case.terms.growth is None:
        return Measure(None, "clusters", "how the fleet grows was not asked")
    found: Break | None = getattr(case.breaks, kind)
    if found is None:
        note = f"none that is known is met up to {case.terms.horizon:,} clusters"
        return Measure(None, "clusters", note, shown="none")
    said = found.limit.hard if kind == "hard" else found.limit.short
    if "old" in found.limit.marks:
        said += f"; the figure is of {found.limit.as_of}"
    return Measure(found.clusters, "clusters", said)


def first_quota(case: Case) -> Measure:
    """Clusters at which the design first exceeds a quota in force."""
    return _break(case, "quota")


def first_limit(case: Case) -> Measure:
    """Clusters at which the design first exceeds a limit that cannot be raised."""
    return _break(case, "hard")


METRICS = (
    Metric("limits_exceeded", "Limits exceeded", "Limits", "less", exceeded),
    Metric("first_quota_at", "First quota exceeded at", "Limits", None, first_quota),
    Metric("first_limit_at", "First limit exceeded at", "Limits", None, first_limit),
)
