"""``k8s6plan report``: what a review board reads, as one page, as Markdown or as JSON."""

from __future__ import annotations

import gc
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from k8s6plan.cli._common import ask, keep_apart, progress, put, read_plan, to_json
from k8s6plan.cli._options import Designs, FleetPath, Force, MonthHours, PricesPath

if TYPE_CHECKING:
    from k8s6plan.views.report import Report

HELP = """Write all that a review asks into one file. Its ending says in which form: .html, a page
that needs no network; .md, short, for a pull request; .json.

Example: k8s6plan report fleet.yaml -o report.html
"""

FORMS = (".html", ".md", ".json")


def report(
    fleet: FleetPath = None,
    *,
    output: Annotated[
        Path, typer.Option("--output", "-o", help="The report: .html, .md or .json.")
    ],
    design: Designs = None,
    plan: Annotated[
        Path | None,
        typer.Option("--plan", help="The addressing plan in force; else one is made to show."),
    ] = None,
    prices: PricesPath = None,
    month_hours: MonthHours = None,
    force: Force = False,
) -> None:
    """See HELP."""
    form = output.suffix.lower()
    if form not in FORMS:
        raise typer.BadParameter(
            f'"{output.name}" ends in none of {", ".join(FORMS)}', param_hint="-o"
        )
    keep_apart(output, fleet)
    terms = ask(fleet, prices=prices, month_hours=month_hours)
    held = None if plan is None else read_plan(plan, terms.start.name)
    gc.enable()  # graphs are circles of large things
    with progress("working out the report"):
        from k8s6plan.views.report import report_of

        found = report_of(terms.start, design or (), terms, held)
        text = _text(found, form)
    put(text, output, "report", force=force)


def _text(found: Report, form: str) -> str:
    from k8s6plan.io.marks import mark
    from k8s6plan.views import report as forms

    if form == ".json":
        return to_json(forms.to_json(found), "report")
    if form == ".md":
        return forms.markdown(found, mark("report"))
    return forms.page(found, mark("report"))
