"""``k8s6plan failures``: what every failure takes down, design by design."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from enum import StrEnum
from typing import TYPE_CHECKING, Annotated, Any, Literal, cast

import typer

from k8s6plan.cli._common import Designs, FleetPath, progress, put, read_fleet, to_json

if TYPE_CHECKING:
    from decimal import Decimal

    from k8s6plan.evaluation.failures import (
        Availability,
        Downtime,
        Effect,
        Failures,
        Loss,
        Losses,
        Overload,
    )
    from k8s6plan.evaluation.latency import Place
    from k8s6plan.fleet.model import Fleet

HELP = """Show what every failure takes down.

Each gateway, tunnel, cluster, site, region, provider and risk group fails alone, or with --depth 2
any two at once. Lists the pairs of clusters that survive and are cut off, worst first.

Example: k8s6plan failures fleet.yaml --design hub-and-spoke --depth 2
"""
_SHOWN = 10  # rows of a table
_OVERLOADS = 3  # sites that one failure overloads
_NAME = 50  # characters of what fails, in a table of 80


class Format(StrEnum):
    """The forms of the report."""

    table = "table"
    json = "json"


def failures(
    fleet: FleetPath = None,
    *,
    design: Designs = None,
    depth: Annotated[
        int, typer.Option("--depth", min=1, max=2, help="How many fail at once, at the most.")
    ] = 1,
    top: Annotated[
        int | None,
        typer.Option(
            "--top",
            min=1,
            help="How many failures to list, worst first.  [default: 10; JSON: all, and 50 double]",
        ),
    ] = None,
    output_format: Annotated[Format, typer.Option("--format", "-f")] = Format.table,
) -> None:
    """See HELP."""
    from k8s6plan.evaluation.failures import failures_of
    from k8s6plan.evaluation.limits import capacity_of
    from k8s6plan.topology.designs import wanted_designs
    from k8s6plan.topology.groups import outline_of

    described = read_fleet(fleet)
    names = wanted_designs(outline_of(described), design)
    listed = top or (_SHOWN if output_format is Format.table else None)
    peaks = any(demand.peak_mbps for demand in described.demands)
    with progress("failing one thing after another"):
        reports = [
            failures_of(
                name,
                described,
                depth=cast(Literal[1, 2], depth),
                top=listed,
                latency=_latency(described),
                capacity_mbps=capacity_of(described) if peaks else None,
            )
            for name in names
        ]
    if output_format is Format.json:
        text = to_json(_data(described, reports), "failures")
    else:
        text = "".join(f"{line.rstrip()}\n" for line in _tables(described, reports))
    put(text, None, "failures", force=False)


def _latency(fleet: Fleet) -> Callable[[str, str], float | None]:
    """Return the milliseconds of a link between two vertices of a topology; None: not known."""
    from k8s6plan.evaluation.latency import place_of, rtt_ms, site_places

    places = site_places(fleet)

    def place(vertex: str) -> Place | None:
        if vertex in places:
            return places[vertex]
        provider, _, region = vertex.strip("()").partition(" ")  # a managed hub
        return place_of(provider, region) if region else None

    def latency(one: str, other: str) -> float | None:
        here, there = place(one), place(other)
        found = rtt_ms(here, there) if here is not None and there is not None else None
        return None if found is None else found.ms

    return latency


# --- JSON ----------------------------------------------------------------------------------------


def _data(fleet: Fleet, reports: Iterable[Failures]) -> dict[str, Any]:
    return {
        "version": 1,
        "fleet": fleet.fleet,
        "designs": {report.design: _design(report) for report in reports},
    }


def _design(report: Failures) -> dict[str, Any]:
    resilience = report.resilience
    found: dict[str, Any] = {
        "pairs": resilience.pairs,
        "components": resilience.components,
        "single_points": list(resilience.single_points),
        "survive_any_single": resilience.survive_any_single,
        "worst_single": _loss(resilience.worst_single),
        "worst_double": _loss(resilience.worst_double),
        "node_connectivity": report.node_connectivity,
        "edge_connectivity": report.edge_connectivity,
        "cutting": {"single": report.singles.cutting},
        "truncated": {"single": report.singles.left_out},
        "overloaded": _overloads(report.overloaded),
        "single": [_effect(effect) for effect in report.single],
    }
    if report.doubles is not None:
        found["cutting"]["double"] = report.doubles.cutting
        found["truncated"]["double"] = report.doubles.cutting - len(report.doubles.worst)
        found["double"] = [_effect(effect) for effect in report.double or ()]
    return found | {"availability": _availability(report.availability)}


def _loss(loss: Loss | None) -> dict[str, Any] | None:
    if loss is None:
        return None
    alone = len(loss.fails) == 1
    return {
        "fails": loss.fails[0] if alone else list(loss.fails),
        "kind": loss.kinds[0] if alone else list(loss.kinds),
        "pairs_lost": loss.pairs_lost,
        "share": loss.share,
    }


def _effect(effect: Effect) -> dict[str, Any]:
    detours = effect.detours
    return {
        **(_loss(effect.loss) or {}),
        "gb_per_month_lost": float(effect.gb_per_month),
        "detours": None
        if detours is None
        else {
            "pairs": detours.pairs,
            "hops_mean": detours.hops_mean,
            "hops_max": detours.hops_max,
            "ms_max": detours.ms_max,
        },
        "overloads": _overloads(effect.overloads),
    }


def _overloads(found: Iterable[Overload] | None) -> list[dict[str, Any]] | None:
    if found is None:
        return None
    return [
        {
            "site": over.site,
            "load_mbps": over.load_mbps,
            "capacity_mbps": over.capacity_mbps,
            "links": list(over.links),
        }
        for over in found
    ]


def _availability(found: Availability) -> dict[str, Any]:
    return {
        "unit": "minutes a year",
        "mean": _downtime(found.mean, known=found.known),
        "worst": _downtime(found.worst, known=found.known),
        "worst_pair": None if found.worst_pair is None else list(found.worst_pair),
        "unknown": list(found.missing),
        "note": found.note,
    }


def _downtime(downtime: Downtime | None, *, known: bool) -> dict[str, Any] | None:
    if downtime is None:
        return None
    return {
        "value": downtime.minutes if known else None,
        "at_least": downtime.minutes or None if not known else downtime.minutes,
        "neglected": downtime.rest if known else None,
    }


# --- table, 80 columns ---------------------------------------------------------------------------


def _tables(fleet: Fleet, reports: Iterable[Failures]) -> Iterator[str]:
    clusters, sites = len(fleet.clusters), len(fleet.members)
    yield f"{fleet.fleet}: {_some(clusters, 'cluster')} in {_some(sites, 'site')}"
    for report in reports:
        yield ""
        yield from _table(report)


def _table(report: Failures) -> Iterator[str]:
    resilience = report.resilience
    pairs, components = resilience.pairs, resilience.components
    yield f"{report.design}: {_some(pairs, 'pair')} can talk, {_some(components, 'component')}"
    if resilience.survive_any_single is None:
        return
    singles, doubles = report.singles, report.doubles
    yield f"  Single points of failure     {singles.cutting:,}"
    yield f"  Pairs that survive any one   {_percent(resilience.survive_any_single)}"
    links = report.edge_connectivity
    least = f"{report.node_connectivity:,}, or {'any number' if links is None else f'{links:,}'}"
    yield f"  Sites, or links, to cut one  {least}"
    if report.longest_detour is not None and report.longest_detour.detours is not None:
        more = _some(report.longest_detour.detours.hops_max, "more link")
        yield f"  Longest detour               {more}, {_named(report.longest_detour.loss)}"
    for number, over in enumerate((report.overloaded or ())[:_SHOWN]):
        words = "" if number else "Too small with all well"
        yield f"  {words:<28} {over.site}: {_too_much(over)}"
    yield from _downtimes(report.availability)
    yield from _losses(report.single, singles, "ONE FAILS")
    yield from _overloading(report)
    if doubles is not None and report.double is not None:
        yield from _losses(report.double, doubles, "TWO FAIL")
        yield from _without(report.double)


def _downtimes(found: Availability) -> Iterator[str]:
    if found.mean is None or found.worst is None or found.worst_pair is None:
        yield f"  Minutes a year cut off       unknown: {found.note}"
        return
    pair = " - ".join(found.worst_pair)
    mean, worst = (_minutes(each, known=found.known) for each in (found.mean, found.worst))
    yield f"  Minutes a year cut off       {mean}, mean"
    yield f"                               {worst}, {pair}"
    for what in found.missing:
        yield f"    unknown: {what}"


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
    yield _row(title, "PAIRS LOST", "SHARE", "GB/MONTH")
    for effect in cutting:
        loss = effect.loss
        lost, share = f"{loss.pairs_lost:,}", _percent(loss.share)
        yield _row(_named(loss), lost, share, _amount(effect.gb_per_month))
    if losses.cutting > len(cutting):
        yield f"  ... and {losses.cutting - len(cutting):,} more, none of them worse (--top)"


def _overloading(report: Failures) -> Iterator[str]:
    """Say whose gateways a single failure makes too small, or more so."""
    if not report.overloading:
        return
    yield ""
    yield "  ONE FAILS, AND GATEWAYS ARE TOO SMALL, OR MORE SO"
    yield from _without(report.overloading)


def _without(effects: Iterable[Effect]) -> Iterator[str]:
    for effect in effects:
        for over in (effect.overloads or ())[:_OVERLOADS]:
            yield f"  without {_named(effect.loss)}, {over.site} {_too_much(over)}"
        more = len(effect.overloads or ()) - _OVERLOADS
        if more > 0:
            yield f"  without {_named(effect.loss)}, {_some(more, 'more site')} as well"


def _too_much(over: Overload) -> str:
    return f"has to carry {over.load_mbps:,.0f} Mbps and can {over.capacity_mbps:,.0f}"


def _named(loss: Loss) -> str:
    return " + ".join(f"{kind} {name}" for kind, name in zip(loss.kinds, loss.fails, strict=True))


def _row(fails: str, lost: str, share: str, amount: str) -> str:
    return f"  {fails:<{_NAME}} {lost:>10} {share:>6} {amount:>9}"


def _amount(amount: Decimal) -> str:
    return f"{amount.normalize():,f}" if amount else "-"


def _percent(share: float) -> str:
    return "<1%" if 0 < share < 0.01 else ">99%" if 0.99 < share < 1 else f"{share:.0%}"


def _some(number: int, what: str) -> str:
    return f"{number:,} {what}{'s' * (number != 1)}"
