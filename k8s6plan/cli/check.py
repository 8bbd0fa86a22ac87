"""``k8s6plan check``: findings on the addresses of a fleet or a plan, and the way out."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import Annotated

import typer

from k8s6plan.cli._common import progress, say, say_if_unverified, show, warn
from k8s6plan.cli._options import DEFAULT_FLEET, AsText, TextFormat

HELP = """Check the addresses of a fleet or a plan.

Finds overlaps, prefixes outside the pools, too small, or not as the platform takes them. Says
which clusters to renumber, so that no overlap is left, at the least cost in nodes. Ends with 1
where an error or a warning is found.

Example: k8s6plan check fleet.yaml --keep prod-eu
"""


def check(
    file: Annotated[
        Path | None,
        typer.Argument(
            metavar="FLEET|PLAN", help="A fleet file, or a plan of ours.  [default: fleet.yaml]"
        ),
    ] = None,
    *,
    keep: Annotated[
        list[str] | None,
        typer.Option(
            "--keep", metavar="CLUSTER", help="May not be renumbered; may be given repeatedly."
        ),
    ] = None,
    nat: Annotated[
        bool, typer.Option("--nat", help="Translations in place of renumbering, for all overlaps.")
    ] = False,
    output_format: AsText = TextFormat.text,
) -> None:
    """See HELP."""
    from k8s6plan.addressing.check import check_fleet, check_plan
    from k8s6plan.addressing.overlap import escape_of_fleet, escape_of_plan
    from k8s6plan.addressing.plan_file import from_yaml, looks_like_plan
    from k8s6plan.fleet.file import NO_FLEET, parse
    from k8s6plan.io.documents import MAX_BYTES, MAX_PLAN_BYTES, read_text
    from k8s6plan.io.files import is_ours
    from k8s6plan.io.words import number
    from k8s6plan.views.findings import finding_data, finding_lines

    path = file or DEFAULT_FLEET
    a_plan = path.is_file() and is_ours(path, "plan")
    text = read_text(path, most=MAX_PLAN_BYTES if a_plan else MAX_BYTES, otherwise=NO_FLEET)
    kept = keep or []
    with progress("checking addresses"):
        if looks_like_plan(text):
            plan = from_yaml(text, str(path))
            say_if_unverified(plan, path)
            _check_names(kept, plan.clusters)
            name, findings = plan.fleet, check_plan(plan)
            escape = escape_of_plan(plan, keep=kept, translate=nat)
        else:
            fleet = parse(text, str(path), warn)
            _check_names(kept, fleet.index)
            name, findings = fleet.fleet, check_fleet(fleet)
            escape = escape_of_fleet(fleet, keep=kept, translate=nat)
    if not any(f.rule in ("overlap", "default-kept") and f.severity == "error" for f in findings):
        escape = None  # none, or the fleet does not want to hear of them
    lines = finding_lines(findings, escape, kept, nat=nat)
    show(finding_data(name, findings, escape), lines, output_format, "check")
    counted = [finding for finding in findings if finding.counts]
    errors = sum(finding.severity == "error" for finding in counted)
    notes = len(findings) - len(counted)
    counts = {"error": errors, "warning": len(counted) - errors, "note": notes}
    say(f"{path}: {', '.join(number(many, word) for word, many in counts.items())}")
    if counted:
        raise typer.Exit(1)


def _check_names(kept: list[str], known: Iterable[str]) -> None:
    unknown = sorted(set(kept) - set(known))
    if unknown:
        raise typer.BadParameter(f'no cluster is called "{unknown[0]}"', param_hint="--keep")
