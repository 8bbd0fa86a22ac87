"""What failures take down, design by design, as lines of text for 80 columns."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING

from k8s6plan.io.words import amount, number, percent
from k8s6plan.views.tables import Column, facts, rows_of
from k8s6plan.views.words import title, traffic

if TYPE_CHECKING:
    from k8s6plan.evaluation.failures import (
        Availability,
        Downtime,
        Effect,
        Failures,
        Loss,
        Losses,
        Overload,
    )
    from k8s6plan.topology.groups import Outline

_SHOWN = 10  # sites that are too small with all well
_OVERLOADS = 3  # sites that one failure overloads
_NAME = 50  # characters of what fails
_WORDS = 29  # characters before a figure


def failures_lines(outline: Outline, reports: Iterable[Failures]) -> Iterator[str]:
    """Yield the report of each design."""
    yield title(outline)
    yield from traffic(outline)
    for report in reports:
        yield ""
        yield from _design(report)


def _design(report: Failures) -> Iterator[str]:
    pairs, components = report.resilience.pairs, report.resilience.components
    yield f"{report.design}: {number(pairs, 'pair')} can talk, {number(components, 'component')}"
    if report.resilience.survive_any_single is None:
        return
    yield from (f"  {line}" for line in facts(_facts(report), _WORDS))
    yield from (f"    unknown: {what}" for what in report.availability.missing)
    yield from _losses(report.single, report.singles, "ONE FAILS")
    if report.overloading:
        yield ""
        yield "  ONE FAILS, AND GATEWAYS ARE TOO SMALL, OR MORE SO"
        yield from _without(report.overloading)
    if report.doubles is not None and report.double is not None:
        yield from _losses(report.double, report.doubles, "TWO FAIL")
        yield from _without(report.double)


def _facts(report: Failures) -> Iterator[tuple[str, str]]:
    links = report.edge_connectivity
    yield "Single points of failure", f"{report.singles.cutting:,}"
    yield "Pairs that survive any one", percent(report.resilience.survive_any_single or 0.0)
    least = f"{report.node_connectivity:,}, or {'any number' if links is None else f'{links:,}'}"
    yield "Sites, or links, to cut one", least
    longest = report.longest_detour
    if longest is not None and longest.detours is not None:
        more = number(longest.detours.hops_max, "more link")
        yield "Longest detour", f"{more}, {_named(longest.loss)}"
    for at, over in enumerate((report.overloaded or ())[:_SHOWN]):
        yield "" if at else "Too small with all well", f"{over.site}: {_too_much(over)}"
    yield from _downtimes(report.availability)


def _downtimes(found: Availability) -> Iterator[tuple[str, str]]:
    title = "Minutes a year cut off"
    if found.mean is None or found.worst is None or found.worst_pair is None:
        yield title, f"unknown: {found.note}"
        return
    yield title, f"{_minutes(found.mean, known=found.known)}, mean"
    yield "", f"{_minutes(found.worst, known=found.known)}, {' - '.join(found.worst_pair)}"


def _minutes(downtime: Downtime, *, known: bool) -> str:
    if not known:
        return f"at least {downtime.minutes:,.2f}" if downtime.minutes >= 0.005 else "unknown"
    rest = f" (up to {downtime.rest:,.2g} more)" if downtime.rest >= 0.005 else ""
    return f"{downtime.minutes:,.2f}{rest}"


def _losses(effects: Iterable[Effect], losses: Losses, title: str) -> Iterator[str]:
    cutting = [effect for effect in effects if effect.loss.pairs_lost]
    yield ""
    if not cutting:
        yield f"  {title}: no pair is cut off."
        return
    columns = [
        Column(title, _NAME),
        Column("PAIRS LOST", right=True),
        Column("SHARE", 6, right=True),
        Column("GB/MONTH", 9, right=True),
    ]
    rows = [
        (
            _named(effect.loss),
            f"{effect.loss.pairs_lost:,}",
            percent(effect.loss.share),
            amount(effect.gb_per_month) if effect.gb_per_month else "-",
        )
        for effect in cutting
    ]
    yield from rows_of(columns, rows, indent=2)
    if losses.cutting > len(cutting):
        yield f"  ... and {losses.cutting - len(cutting):,} more, none of them worse (--top)"


def _without(effects: Iterable[Effect]) -> Iterator[str]:
    for effect in effects:
        overloads = effect.overloads or ()
        for over in overloads[:_OVERLOADS]:
            yield f"  without {_named(effect.loss)}, {over.site} {_too_much(over)}"
        more = len(overloads) - _OVERLOADS
        if more > 0:
            yield f"  without {_named(effect.loss)}, {number(more, 'more site')} as well"


def _too_much(over: Overload) -> str:
    return f"has to carry {over.load_mbps:,.0f} Mbps and can {over.capacity_mbps:,.0f}"


def _named(loss: Loss) -> str:
    return " + ".join(f"{kind} {name}" for kind, name in zip(loss.kinds, loss.fails, strict=True))
