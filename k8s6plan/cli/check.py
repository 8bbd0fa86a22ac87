"""``k8s6plan check``: findings on the addresses of a fleet or a plan."""

from __future__ import annotations

from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from k8s6plan.cli._common import DEFAULT_FLEET, progress, put, say, to_json

HELP = """Find overlaps, prefixes outside the pools, too small, or in special-purpose ranges.

Ends with 1 where an error or a warning is found.

Example: k8s6plan check fleet.yaml
"""


class Format(StrEnum):
    """The forms of the findings."""

    text = "text"
    json = "json"


def check(
    file: Annotated[
        Path | None,
        typer.Argument(
            metavar="FLEET|PLAN", help="A fleet file, or a plan of ours.  [default: fleet.yaml]"
        ),
    ] = None,
    output_format: Annotated[Format, typer.Option("--format", "-f")] = Format.text,
) -> None:
    """See HELP."""
    from k8s6plan.check import check_fleet, check_plan
    from k8s6plan.fleet import parse
    from k8s6plan.plan_file import from_yaml, looks_like_plan
    from k8s6plan.yaml_io import read_text

    path = file or DEFAULT_FLEET
    text = read_text(path)
    with progress("checking addresses"):
        if looks_like_plan(text):
            plan = from_yaml(text, str(path))
            name, findings = plan.fleet, check_plan(plan)
        else:
            fleet = parse(text, str(path))
            name, findings = fleet.fleet, check_fleet(fleet)
    counted = [finding for finding in findings if finding.counts]
    if output_format is Format.json:
        rows = [
            {"rule": f.rule, "severity": f.severity, "message": f.message, "source": f.source}
            for f in findings
        ]
        put(
            to_json({"version": 1, "fleet": name, "findings": rows}, "check"),
            None,
            "check",
            force=False,
        )
    else:
        put("".join(f"{finding}\n" for finding in findings), None, "check", force=False)
    errors = sum(finding.severity == "error" for finding in counted)
    notes = len(findings) - len(counted)
    say(f"{path}: {errors} errors, {len(counted) - errors} warnings, {notes} notes")
    if counted:
        raise typer.Exit(1)
