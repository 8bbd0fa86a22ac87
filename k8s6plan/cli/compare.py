"""``k8s6plan compare``: the decision sheet."""

from __future__ import annotations

from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from k8s6plan.cli._common import ask, end_in, form_of, keep_apart, progress, put, to_json
from k8s6plan.cli._options import MOST, Designs, FleetPath, Force, MonthHours, PricesPath

if TYPE_CHECKING:
    from k8s6plan.decision.compare import Comparison
    from k8s6plan.decision.metrics import Metric

HELP = """Compare the ways to join the fleet. One column a design, one row a metric.

Example: k8s6plan compare fleet.yaml --design full-mesh --design flat-ipv6
"""


class Format(StrEnum):
    """The forms of the decision sheet."""

    table = "table"
    json = "json"
    md = "md"
    csv = "csv"


def compare(
    fleet: FleetPath = None,
    *,
    clusters: Annotated[
        int | None,
        typer.Option(
            "-n",
            min=0,
            max=MOST,
            metavar="N",
            help="No file: N clusters, each in a provider, region and site of its own.",
        ),
    ] = None,
    design: Designs = None,
    hubs: Annotated[
        int | None,
        typer.Option("--hubs", min=1, max=MOST, help="How many hubs, in place of the fleet's."),
    ] = None,
    tunnels_per_link: Annotated[
        int | None, typer.Option("--tunnels-per-link", min=1, max=64, help="2 = redundant.")
    ] = None,
    redundant: Annotated[
        bool, typer.Option("--redundant", help="The same as --tunnels-per-link 2.")
    ] = False,
    prices: PricesPath = None,
    month_hours: MonthHours = None,
    full: Annotated[
        bool,
        typer.Option("--full", help="Also failures, latency and MTU, which take a moment."),
    ] = False,
    explain: Annotated[
        str | None,
        typer.Option(
            "--explain",
            metavar="METRIC",
            help="The lines behind a figure, each with its source: cost, limits, or any row.",
        ),
    ] = None,
    output_format: Annotated[
        Format | None,
        typer.Option("--format", "-f", help="[default: as the file of -o ends, else table]"),
    ] = None,
    output: Annotated[
        Path | None, typer.Option("--output", "-o", help="Write here instead of to stdout.")
    ] = None,
    save: Annotated[
        Path | None, typer.Option("--save", metavar="BASE", help="Keep the figures as JSON.")
    ] = None,
    compare_to: Annotated[
        Path | None,
        typer.Option("--compare-to", metavar="BASE", help="What changed since they were kept."),
    ] = None,
    fail_on_increase: Annotated[
        bool,
        typer.Option("--fail-on-increase", help="End with 1 where cost, tunnels or limits grew."),
    ] = False,
    force: Force = False,
) -> None:
    """See HELP."""
    from k8s6plan.decision.compare import compare as compare_designs

    if fleet is not None and clusters is not None:
        raise typer.BadParameter(
            "a fleet file and -n exclude each other; leave one out", param_hint="-n"
        )
    if redundant and tunnels_per_link not in (None, 2):
        raise typer.BadParameter("--redundant means 2", param_hint="--tunnels-per-link")
    if fail_on_increase and compare_to is None:
        raise typer.BadParameter("it needs --compare-to", param_hint="--fail-on-increase")
    if clusters is not None and (prices is not None or month_hours is not None):
        raise typer.BadParameter("providers without names have no prices", param_hint="-n")
    form = form_of(output, output_format, Format.table)
    end_in(save, "json")
    for written in (output, save):
        keep_apart(written, fleet)
    explained = None if explain is None else _metric(explain)
    full = full or (explained is not None and explained.full)
    per_link = 2 if redundant else tunnels_per_link
    with progress("comparing"):
        if clusters is not None:
            from k8s6plan.decision.terms import Terms
            from k8s6plan.topology.growth import CountGrowth

            growth = CountGrowth(clusters, hubs=hubs or 1, tunnels_per_link=per_link or 1)
            terms = Terms(growth)
        else:
            changed = {"hubs": hubs, "tunnels_per_link": per_link}
            terms = ask(fleet, changed, prices=prices, month_hours=month_hours)
        comparison = compare_designs(terms.start, design or (), terms, full=full)
    if explained is not None:
        _explain(comparison, explained, form, output, force=force)
    elif compare_to is None:
        put(_render(comparison, form, output), output, "compare", force=force)
    grown = _since(comparison, compare_to, form, output, force=force)
    if save is not None:
        put(to_json(comparison, "compare"), save, "compare", force=force)
    if fail_on_increase and grown:
        raise typer.Exit(1)


def _metric(name: str) -> Metric:
    """Return the metric of this name."""
    from k8s6plan.decision.explain import metric_named
    from k8s6plan.decision.metrics import METRICS
    from k8s6plan.errors import did_you_mean

    metric = metric_named(name)
    if metric is None:
        raise typer.BadParameter(
            f'no metric is named "{name}"' + did_you_mean(name, ["cost", *METRICS], show=40),
            param_hint="--explain",
        )
    return metric


def _explain(
    comparison: Comparison, metric: Metric, wanted: Format, output: Path | None, *, force: bool
) -> None:
    """Print the lines behind one metric of every design."""
    from k8s6plan.io.marks import mark
    from k8s6plan.views import lines

    if wanted is Format.json:
        text = to_json(lines.lines_data(comparison, metric), "compare")
    elif wanted is Format.csv:
        text = lines.lines_csv(comparison, metric, mark("compare"))
    elif wanted is Format.md:
        text = lines.lines_markdown(comparison, metric, mark("compare"))
    else:
        text = lines.lines_text(comparison, metric)
    put(text, output, "compare", force=force)


def _since(
    comparison: Comparison, base: Path | None, wanted: Format, output: Path | None, *, force: bool
) -> bool:
    """Print what changed since ``base`` was kept; say whether cost, tunnels or limits grew."""
    if base is None:
        return False
    from k8s6plan.decision.baseline import changes, read_base
    from k8s6plan.io.documents import read_text
    from k8s6plan.io.marks import mark
    from k8s6plan.views.lines import changes_csv, changes_markdown, changes_text

    found = changes(read_base(read_text(base), str(base), comparison.currency), comparison)
    if wanted is Format.json:
        text = to_json({"fleet": comparison.fleet, "changes": found}, "compare")
    elif wanted is Format.csv:
        text = changes_csv(found, mark("compare"))
    elif wanted is Format.md:
        text = changes_markdown(found, str(base), mark("compare"))
    else:
        text = changes_text(found, str(base))
    put(text, output, "compare", force=force)
    return any(change.grew for change in found)


def _render(comparison: Comparison, output_format: Format, output: Path | None) -> str:
    from k8s6plan.io.marks import mark
    from k8s6plan.views import sheet as _sheet

    if output_format is Format.json:
        return to_json(comparison, "compare")
    if output_format is Format.csv:
        return _sheet.csv_text(comparison, mark("compare"))
    if output_format is Format.md:
        return _sheet.markdown(comparison, mark("compare"))
    if output is None:
        return _sheet.terminal(comparison)
    return _sheet.plain(comparison) + f"\n{mark('compare')}\n"
