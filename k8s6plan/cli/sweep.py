"""``k8s6plan sweep``: how the answer changes with clusters, traffic or redundancy."""

from __future__ import annotations

from decimal import Decimal
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from k8s6plan.cli._common import ask, keep_apart, progress, put, say, to_json
from k8s6plan.cli._options import Designs, FleetPath, Force, MonthHours, PricesPath

if TYPE_CHECKING:
    from k8s6plan.decision.sweep import Sweep, Swing

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
    keep_apart(output, fleet)
    most = to or _USUAL[over]
    if most > _MOST[over]:
        raise typer.BadParameter(f"at most {_MOST[over]:,} over {over}", param_hint="--to")
    terms = ask(fleet, prices=prices, month_hours=month_hours)
    if over is Over.traffic and not terms.start.flows:
        raise typer.BadParameter(
            "the fleet file has no demands, so there is no traffic to change", param_hint="--over"
        )
    with progress("sweeping"):
        if over is Over.clusters:
            found = over_clusters(terms.start, design or (), terms, most)
        elif over is Over.traffic:
            found = over_traffic(terms.start, design or (), terms, Decimal(most))
        else:
            found = over_redundancy(terms.start, design or (), terms, most)
        moving = swings(found.cases)
    _write(found, moving, output_format, output, force=force)


def _write(
    found: Sweep, moving: list[Swing], wanted: Format, output: Path | None, *, force: bool
) -> None:
    from k8s6plan.io.files import write
    from k8s6plan.io.marks import mark
    from k8s6plan.views.sweep import sweep_csv, sweep_lines

    kind = "" if output is None else output.suffix.lower()
    if output is not None and kind in _CHARTS:
        from k8s6plan.views.diagram.chart import draw_sweep

        with progress("drawing"):
            picture = draw_sweep(found, fmt="png" if kind == ".png" else "svg")
        write(output, picture, "sweep", force=force)
        say(f"wrote {output}")
        output = None
    elif kind in (".csv", ".json"):
        wanted = Format(kind[1:])
    if wanted is Format.json:
        text = to_json(_data(found, moving), "sweep")
    elif wanted is Format.csv:
        text = sweep_csv(found, mark("sweep"))
    else:
        text = "\n".join(sweep_lines(found, moving)) + "\n"
    put(text, output, "sweep", force=force)


def _data(found: Sweep, moving: list[Swing]) -> dict[str, object]:
    return {
        "fleet": found.fleet,
        "axis": found.axis,
        "currency": found.currency,
        "overridden": found.terms.overridden,
        "designs": {
            name: {
                "feasible": name not in found.unable,
                "points": points,
                "first_quota": found.breaks[name].quota if found.breaks else None,
                "first_limit": found.breaks[name].hard if found.breaks else None,
            }
            for name, points in found.points.items()
        },
        "break_even": found.crossings,
        "sensitivity": moving,
    }
