"""The report for a pull request: what a reviewer must see, and where to read on."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING

from k8s6plan.io.words import number
from k8s6plan.views.sheet import markdown_table
from k8s6plan.views.words import broken_at, in_markdown, markdown_heading, notes

if TYPE_CHECKING:
    from k8s6plan.decision.sweep import Axis, Crossing
    from k8s6plan.views.report._gather import Report

# The rows that a review asks for first; the page and `compare` have all.
MAIN = (
    *("tunnels", "gateways", "cost_per_month", "baseline_per_month", "usage_per_month"),
    *("build_once", "limits_exceeded", "first_quota_at", "first_limit_at"),
    *("firewall_entries_per_cluster", "keys", "links_added_by_next_cluster"),
    *("sites_touched_by_next_cluster", "mean_hops", "mean_rtt_ms", "path_mtu"),
    *("single_points", "encrypted", "feasible"),
)
_MOST_FINDINGS = 20
_MOST_TURNS = 10


def markdown(report: Report, mark: str) -> str:
    """Return the report as Markdown; ``mark`` says who wrote it."""
    lines = [
        f"<!-- {mark} -->",
        *markdown_heading(report.comparison.outline),
        *markdown_table(report.comparison, MAIN),
        "",
        "Bold: best of its row. ≥: at least, for prices that are unknown are left out.",
    ]
    for title, said in (
        ("What to look at", report.comparison.advice),
        ("Where it breaks", breaks(report)),
        ("Break-even", [*_turns(report, "clusters"), *_turns(report, "traffic")]),
        ("What a failure takes down", _failures(report)),
        ("Findings on the addresses", _findings(report)),
        ("Notes", [*_told_notes(report), *report.remarks, *report.addresses.remarks]),
        ("Assumptions", _assumptions(report)),
    ):
        lines += _section(title, said)
    return "\n".join(lines).rstrip() + "\n"


def _section(title: str, said: Iterable[str]) -> list[str]:
    items = [f"- {in_markdown(sentence)}" for sentence in said]
    return ["", f"## {title}", "", *items] if items else []


def breaks(report: Report) -> Iterator[str]:
    """Yield what each design exceeds, and at how many clusters it first does."""
    for name, case in report.comparison.cases.items():
        if not case.outline.named:
            continue
        for reach in case.reaches:
            if reach.over != "no":
                kind = "quota" if reach.over == "quota" else "limit"
                yield f"{name} exceeds a {kind} now: {reach.short}; {reach.avoid}."
        for kind, found in (("quota", case.breaks.quota), ("hard limit", case.breaks.hard)):
            if found is not None:
                said = found.limit.hard if kind == "hard limit" else found.limit.short
                yield f"{broken_at(name, kind, found)}: {said}, {found.where}."


def _turns(report: Report, axis: Axis) -> Iterator[str]:
    found = crossings(report, axis)
    for crossing in found[:_MOST_TURNS]:
        yield turn(report, crossing, axis)
    if len(found) > _MOST_TURNS:
        yield f"And {len(found) - _MOST_TURNS} more by {axis}: k8s6plan sweep --over {axis}."


def crossings(report: Report, axis: Axis) -> list[Crossing]:
    """Return where costs change places along an axis, from its beginning."""
    found = report.turns
    if axis == "traffic":
        found = () if report.traffic is None else report.traffic.crossings
    return sorted(found, key=lambda crossing: (crossing.at, crossing.cheaper, crossing.than))


def turn(report: Report, crossing: Crossing, axis: Axis) -> str:
    """Return where two costs change places, as a sentence."""
    at = f"{crossing.at:,f} clusters"
    if axis == "traffic":
        at = f"{crossing.at:,.4g} times the traffic"
    unsure = "" if crossing.complete else ", by the prices that are known"
    if crossing.cheaper in report.unable:
        unsure += f"; but {crossing.cheaper} cannot join every cluster"
    return f"{crossing.cheaper} becomes cheaper than {crossing.than} at {at}{unsure}."


def _failures(report: Report) -> Iterator[str]:
    for name, found in report.failures.items():
        points = found.resilience.single_points
        worst = found.resilience.worst_single
        if not points or worst is None:
            yield f"{name}: no single failure cuts off a pair of clusters that still run."
            continue
        what = f"{worst.kinds[0]} {worst.fails[0]}"
        share = f"{worst.pairs_lost:,} of {worst.surviving:,} pairs"
        some = number(len(points), "single point of failure", "single points of failure")
        yield f"{name}: {some}; the worst is {what}, which cuts off {share}."


def _findings(report: Report) -> Iterator[str]:
    counted = [finding for finding in report.findings if finding.counts]
    for finding in counted[:_MOST_FINDINGS]:
        yield str(finding)
    if len(counted) > _MOST_FINDINGS:
        yield f"And {len(counted) - _MOST_FINDINGS:,} more: k8s6plan check."


def _told_notes(report: Report) -> Iterator[str]:
    """Yield the notes on the rows that are shown, and on prices."""
    told = report.comparison.told.items()
    # What breaks first has a part of its own.
    titles = [m.title for key, m in told if key not in MAIN or key.startswith("first_")]
    for note in notes(report.comparison):
        if not any(note.startswith(f"{title} (") for title in titles):
            yield note


def _assumptions(report: Report) -> Iterator[str]:
    for assumption in report.assumptions:
        says = f", {assumption.says}" if assumption.says else ""
        whose = "yours" if assumption.yours else "ours"
        yield f"{assumption.name}: {assumption.shown}{says} ({whose})"
