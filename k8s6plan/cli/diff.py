"""``k8s6plan diff``: what a new plan means for clusters that run."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from k8s6plan.cli._common import read_plan, say, show
from k8s6plan.cli._options import AsText, TextFormat

HELP = """Grade the changes between two plans.

A change is free, disruptive, or a rebuild. Ends with 1 where a cluster would have to be rebuilt.

Example: k8s6plan diff old.plan.yaml new.plan.yaml
"""


def diff(
    old: Annotated[Path, typer.Argument(metavar="OLD", help="The plan that is in force.")],
    new: Annotated[Path, typer.Argument(metavar="NEW", help="The plan that is to come.")],
    *,
    output_format: AsText = TextFormat.text,
) -> None:
    """See HELP."""
    from k8s6plan.addressing.diff import GRADES, compare_plans

    plans = [read_plan(path) for path in (old, new)]
    changes = compare_plans(*plans)
    counts = {grade: sum(c.grade == grade for c in changes) for grade in GRADES}
    data = {"fleet": plans[1].fleet, "counts": counts, "changes": changes}
    show(data, map(str, changes), output_format, "diff")
    say(", ".join(f"{number} {grade}" for grade, number in counts.items()))
    rebuilt = sorted({c.cluster for c in changes if c.grade == "rebuild"})
    if rebuilt:
        say(f"to be rebuilt: {', '.join(rebuilt)}")
        raise typer.Exit(1)
