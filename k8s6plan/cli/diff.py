"""``k8s6plan diff``: what a new plan means for clusters that run."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from k8s6plan.cli._common import read_fleet, read_plan, say, show
from k8s6plan.cli._options import AsText, TextFormat

if TYPE_CHECKING:
    from k8s6plan.fleet.model import Fleet

HELP = """Grade the changes between two plans.

A change is free, disruptive, or a rebuild. Ends with 1 where a cluster would have to be rebuilt.
With both fleet files it also says whose pods are reached from outside no longer, or from now on.

Example: k8s6plan diff old.plan.yaml new.plan.yaml
"""


def diff(
    old: Annotated[Path, typer.Argument(metavar="OLD", help="The plan that is in force.")],
    new: Annotated[Path, typer.Argument(metavar="NEW", help="The plan that is to come.")],
    *,
    old_fleet: Annotated[
        Path | None, typer.Option("--old-fleet", help="The fleet file that OLD was made from.")
    ] = None,
    new_fleet: Annotated[
        Path | None, typer.Option("--new-fleet", help="The fleet file that NEW was made from.")
    ] = None,
    output_format: AsText = TextFormat.text,
) -> None:
    """See HELP."""
    from k8s6plan.addressing.diff import GRADES, compare_plans

    fleets = _fleets(old_fleet, new_fleet)
    names = [None, None] if fleets is None else [fleet.fleet for fleet in fleets]
    plans = [read_plan(path, name) for path, name in zip((old, new), names, strict=True)]
    changes = compare_plans(plans[0], plans[1], fleets)
    counts = {grade: sum(c.grade == grade for c in changes) for grade in GRADES}
    data = {"fleet": plans[1].fleet, "counts": counts, "changes": changes}
    show(data, map(str, changes), output_format, "diff")
    say(", ".join(f"{number} {grade}" for grade, number in counts.items()))
    rebuilt = sorted({c.cluster for c in changes if c.grade == "rebuild"})
    if rebuilt:
        say(f"to be rebuilt: {', '.join(rebuilt)}")
        raise typer.Exit(1)


def _fleets(old: Path | None, new: Path | None) -> tuple[Fleet, Fleet] | None:
    """Return the fleets before and after; None where neither file is named.

    Raises:
        typer.BadParameter: one of them is missing.

    """
    if old is None and new is None:
        return None
    if old is None or new is None:
        missing = "--old-fleet" if old is None else "--new-fleet"
        raise typer.BadParameter("name both fleet files, or neither", param_hint=missing)
    return read_fleet(old), read_fleet(new)
