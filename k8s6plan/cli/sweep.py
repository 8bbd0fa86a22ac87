"""``k8s6plan sweep``: how the answer changes with clusters, traffic or redundancy."""

from __future__ import annotations

import csv
import io
from decimal import Decimal
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from k8s6plan.cli._common import (
    Designs,
    FleetPath,
    Force,
    MonthHours,
    PricesPath,
    ask,
    progress,
    put,
    say,
    to_json,
)

if TYPE_CHECKING:
    from collections.abc import Iterator

    from k8s6plan.decision.sweep import Point, Sweep, Swing
    from k8s6plan.evaluation.limits import Break

HELP = """Show how cost, tunnels and limits change with the number of clusters, with traffic or with
redundancy: where one design becomes cheaper than another, where each breaks, and which
assumptions move the answer most.

Example: k8s6plan sweep fleet.yaml --to 500 -o scaling.png
"""


class Over(StrEnum):
    """What is changed."""

    clusters = "clusters"
    traffic = "traffic"
    redundancy = "redundancy"


class Format(StrEnum):
    """The forms of a sweep."""

    table = "table"
    json = "json"
    csv = "csv"


_USUAL = {Over.clusters: 100, Over.traffic: 10, Over.redundancy: 4}
_MOST = {Over.clusters: 20_000, Over.traffic: 1_000_000, Over.redundancy: 64}
_CHARTS = (".png", ".svg")
_TABLES = (".csv", ".json", ".txt", "")


def sweep(
    fleet: FleetPath = None,
    *,
    over: Annotated[Over, typer.Option("--over", help="What is changed.")] = Over.clusters,
    to: Annotated[
        int | None,
        typer.Option(
            "--to", min=1, help="How far.  [default: 100 clusters, 10 times the traffic, 4 tunnels]"
        ),
    ] = None,
    design: Designs = None,
    prices: PricesPath = None,
    month_hours: MonthHours = None,
    output_format: Annotated[Format, typer.Option("--format", "-f")] = Format.table,
    output: Annotated[
        Path | None,
        typer.Option("--output", "-o", help="A chart (.png, .svg) or a table (.csv, .json)."),
    ] = None,
    force: Force = False,
) -> None:
    """See HELP."""
    from k8s6plan.decision.sweep import over_clusters, over_redundancy, over_traffic, swings

    if output is not None and output.suffix.lower() not in (*_CHARTS, *_TABLES):
        endings = ", ".join((*_CHARTS, *_TABLES[:-1]))
        raise typer.BadParameter(f"{output} must end in {endings}", param_hint="--output")
    most = to or _USUAL[over]
    if most > _MOST[over]:
        raise typer.BadParameter(f"at most {_MOST[over]:,} over {over}", param_hint="--to")
    asked = ask(fleet, prices=prices, month_hours=month_hours)
    if over is Over.traffic and not asked.outline.flows:
        raise typer.BadParameter(
            "the fleet file has no demands, so there is no traffic to change", param_hint="--over"
        )
    for warning in asked.warnings:
        say(f"warning: {warning}")
    with progress("sweeping"):
        if over is Over.clusters:
            found = over_clusters(asked.outline, design or (), asked.terms, most)
        elif over is Over.traffic:
            found = over_traffic(asked.outline, design or (), asked.terms, Decimal(most))
        else:
            found = over_redundancy(asked.outline, design or (), asked.terms, most)
        moving = swings(found.cases)
    _write(found, moving, output_format, output, force=force)


def _write(
    found: Sweep, moving: list[Swing], wanted: Format, output: Path | None, *, force: bool
) -> None:
    kind = "" if output is None else output.suffix.lower()
    if output is not None and kind in _CHARTS:
        from k8s6plan.io.files import write
        from k8s6plan.views.diagram.chart import draw_sweep

        with progress("drawing"):
            picture = draw_sweep(found, fmt="png" if kind == ".png" else "svg")
        write(output, picture, "sweep", force=force)
        say(f"wrote {output}")
        output = None
    elif kind in (".csv", ".json"):
        wanted = Format(kind[1:])
    if wanted is Format.json:
        text = to_json(_to_json(found, moving), "sweep")
    elif wanted is Format.csv:
        text = _csv(found)
    else:
        text = "\n".join([*_table(found), *_said(found, moving)]) + "\n"
    put(text, output, "sweep", force=force)


def _to_json(found: Sweep, moving: list[Swing]) -> dict[str, Any]:
    return {
        "version": 1,
        "fleet": found.fleet,
        "axis": found.axis,
        "currency": found.currency,
        "overridden": list(found.terms.overridden),
        "designs": {
            name: {
                "feasible": name not in found.unable,
                "points": [
                    {
                        "x": float(point.x),
                        "cost": None if point.cost is None else round(float(point.cost), 2),
                        "complete": point.complete,
                        "tunnels": point.tunnels,
                    }
                    for point in points
                ],
                "first_quota": _break_json(found.breaks[name].quota) if found.breaks else None,
                "first_limit": _break_json(found.breaks[name].hard) if found.breaks else None,
            }
            for name, points in found.points.items()
        },
        "break_even": [
            {
                "cheaper": crossing.cheaper,
                "than": crossing.than,
                "at": float(crossing.at),
                "complete": crossing.complete,
            }
            for crossing in found.crossings
        ],
        "sensitivity": [
            {
                "assumption": swing.assumption,
                "value": None if swing.base is None else float(swing.base),
                "swing": round(float(swing.swing), 2),
                "cheapest": list(swing.cheapest),
                "costs": {
                    name: costs and [round(float(cost), 2) for cost in costs]
                    for name, costs in swing.costs.items()
                },
            }
            for swing in moving
        ],
    }


def _break_json(found: Break | None) -> dict[str, Any] | None:
    if found is None:
        return None
    return {
        "clusters": found.clusters,
        "limit": found.limit.name,
        "value": float(found.value),
        "unit": found.limit.unit,
        "where": found.where,
        "avoid": found.reach.avoid,
        "source": found.limit.source,
    }


def _csv(found: Sweep) -> str:
    from k8s6plan.io.files import mark

    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow([found.axis, "design", "cost", "complete", "tunnels"])
    for name, points in found.points.items():
        for point in points:
            cost = "" if point.cost is None else f"{point.cost:.2f}"
            row = [f"{point.x.normalize():f}", name, cost, str(point.complete).lower()]
            writer.writerow([*row, point.tunnels])
    writer.writerow(["written_by", mark("sweep"), "", "", ""])
    return text.getvalue()


def _table(found: Sweep) -> Iterator[str]:
    """Yield the costs at round places of the axis, a row each; the CSV has every one."""
    names = list(found.points)
    width = max(12, *(len(name) + 1 for name in names))
    yield f"{found.fleet}: cost a month in {found.currency} (≥ at least), by {found.label}"
    for first in range(0, len(names), 4):
        shown = names[first : first + 4]
        yield ""
        yield f"{found.axis:>10} " + "".join(f"{name:>{width}}" for name in shown)
        for index in _round_places(next(iter(found.points.values()))):
            cells = [_cell(found.points[name][index]) for name in shown]
            x = found.points[shown[0]][index].x
            yield f"{x.normalize():>10f} " + "".join(f"{cell:>{width}}" for cell in cells)


def _cell(point: Point) -> str:
    if point.cost is None:
        return "unknown"
    return f"{'' if point.complete else '≥ '}{point.cost:,.0f}"


def _round_places(points: list[Point], most: int = 12) -> list[int]:
    """Return the indices of at most ``most`` points: the first, the last, and round ones."""
    if len(points) <= most:
        return list(range(len(points)))
    sizes = (size * 10**power for power in range(5) for size in (1, 2, 5))
    step = next(size for size in sizes if len(points) <= size * (most - 2))
    whole = points[0].x == 1  # counts from 1, or parts of the traffic from 0
    found = [i for i in range(len(points)) if (i + whole) % step == 0]
    return sorted({0, *found, len(points) - 1})


def _said(found: Sweep, moving: list[Swing]) -> Iterator[str]:
    """Yield what a review wants to hear of it."""
    yield ""
    for name, breaks in found.breaks.items():
        for kind, held in (("quota", breaks.quota), ("hard limit", breaks.hard)):
            if held is not None:
                said = held.limit.hard if kind == "hard limit" else held.limit.short
                at = f"{name}: first {kind} exceeded at {held.clusters:,} clusters"
                yield f"{at}: {held.reach.amount} of {said}, {held.where}; {held.reach.avoid}"
    for crossing in found.crossings:
        unsure = "" if crossing.complete else " (by the prices that are known)"
        at = f"{crossing.at:,.6g}" if found.axis == "traffic" else f"{crossing.at:,f}"
        turn = f"{crossing.cheaper} becomes cheaper than {crossing.than}"
        if crossing.cheaper in found.unable:
            unsure += f"; but {crossing.cheaper} cannot join every cluster"
        yield f"{turn} at {at} {found.label}{unsure}"
    if found.terms.overridden:
        yield f"Prices of yours: {', '.join(found.terms.overridden)}"
    if moving:
        yield ""
        yield "A fifth less or more of each assumption, the five that move a cost most:"
    for swing in moving:
        known = {name: costs for name, costs in swing.costs.items() if costs}
        most = max(known, key=lambda name: abs(known[name][1] - known[name][0]))
        low, high = known[most]
        less, more = swing.cheapest
        turned = f" and turns which is cheapest: {less}, {more}" if less and more != less else ""
        yield (
            f"- {swing.assumption}: {most} costs {low:,.0f} to {high:,.0f} {found.currency}{turned}"
        )
