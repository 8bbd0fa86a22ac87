"""``k8s6plan capacity``: what is used and free, when it is full, and how much more fits."""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from k8s6plan.cli._common import progress, read_fleet, read_plan, show
from k8s6plan.cli._options import AsTable, FleetPath, TableFormat

if TYPE_CHECKING:
    from k8s6plan.addressing.plan_file import Plan
    from k8s6plan.fleet.model import Fleet

HELP = """Show what is used and free, and how long it lasts.

By pool, site and cluster, with how many clusters more would fit.

Example: k8s6plan capacity fleet.yaml --plan plan.yaml --from 2027-01
"""
_MONTH = re.compile(r"(\d{4})-(0[1-9]|1[0-2])")


def capacity(
    fleet: FleetPath = None,
    *,
    plan: Annotated[
        Path | None,
        typer.Option("--plan", help="The plan file; without it a plan is made for this once."),
    ] = None,
    start: Annotated[
        str | None,
        typer.Option("--from", metavar="YYYY-MM", help="The month to count from. [default: now]"),
    ] = None,
    size: Annotated[
        list[int] | None,
        typer.Option("--size", min=1, help="Nodes of a further cluster. [default: 10, 100, 1000]"),
    ] = None,
    output_format: AsTable = TableFormat.table,
) -> None:
    """See HELP."""
    from k8s6plan.addressing.capacity import measure
    from k8s6plan.views.capacity import capacity_lines

    month = _start(start)
    described = read_fleet(fleet)
    with progress("measuring capacity"):
        report = measure(
            described, _plan(described, plan), start=month, node_counts=size or (10, 100, 1000)
        )
    show(report, capacity_lines(report), output_format, "capacity")


def _start(text: str | None) -> tuple[int, int]:
    from datetime import UTC, datetime

    if text is None:
        today = datetime.now(UTC)
        return today.year, today.month
    match = _MONTH.fullmatch(text)
    if match is None:
        raise typer.BadParameter(f'"{text}" is no month like 2027-01', param_hint="--from")
    return int(match[1]), int(match[2])


def _plan(fleet: Fleet, path: Path | None) -> Plan:
    """Return what `plan` would make now: the plan file's prefixes, and those still owed."""
    from k8s6plan.addressing.plan import make_plan

    old = None if path is None else read_plan(path)
    if old is None and fleet.ula_seed is None:
        # Which ULA prefixes a seed gives changes no figure; a fixed one makes the report the same.
        fleet = fleet.model_copy(update={"ula_seed": fleet.fleet})
    return make_plan(fleet, old, old_file=str(path or ""))[0]
