"""``k8s6plan plan``: the addressing plan."""

from __future__ import annotations

from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from k8s6plan.cli._common import FleetPath, Force, progress, put, read_fleet, say, to_json

if TYPE_CHECKING:
    from k8s6plan.plan import Changes
    from k8s6plan.plan_file import Plan

HELP = """Make the addressing plan, dual-stack. With -o, a plan that is there is kept as it is.

Example: k8s6plan plan fleet.yaml -o plan.yaml
"""


class Format(StrEnum):
    """The forms of the result on stdout."""

    yaml = "yaml"
    json = "json"


class Placement(StrEnum):
    """The strategies of RFC 3531."""

    leftmost = "leftmost"
    centermost = "centermost"
    rightmost = "rightmost"


def plan(
    fleet: FleetPath = None,
    output: Annotated[
        Path | None,
        typer.Option("--output", "-o", help="The plan file; without it the plan goes to stdout."),
    ] = None,
    output_format: Annotated[
        Format, typer.Option("--format", "-f", help="json: print what changed, as JSON.")
    ] = Format.yaml,
    strategy: Annotated[
        Placement,
        typer.Option("--strategy", help="Where new prefixes go: with gaps to grow, or dense."),
    ] = Placement.leftmost,
    force: Force = False,
) -> None:
    """See HELP."""
    from k8s6plan.files import mark
    from k8s6plan.plan import make_plan
    from k8s6plan.plan_file import to_yaml

    described = read_fleet(fleet)
    with progress("planning addresses"):
        old = _old(output, force=force)
        made, changes = make_plan(
            described, old, old_file=str(output or ""), strategy=strategy.value
        )
        text = to_yaml(made, mark("plan"))
    if output is not None:
        put(text, output, "plan", force=force)
    if output_format is Format.json:
        report = {"version": 1, "fleet": made.fleet, **_report(changes)}
        put(to_json(report, "plan"), None, "plan", force=force)
    elif output is None:
        put(text, None, "plan", force=force)
    _tell(made, changes, output)


def _old(output: Path | None, *, force: bool) -> Plan | None:
    """Return the plan that is there already: the lock."""
    from k8s6plan.errors import FileRefused
    from k8s6plan.files import is_ours
    from k8s6plan.plan_file import from_yaml
    from k8s6plan.yaml_io import read_text

    if output is None or not output.is_file() or output.stat().st_size == 0:
        return None
    text = read_text(output)
    if is_ours(output, "plan"):
        return from_yaml(text, str(output))
    if force:
        return None
    raise FileRefused(
        f"{output}: exists, and `k8s6plan plan` did not write it; "
        "choose another name, or overwrite it with --force"
    )


def _report(changes: Changes) -> dict[str, Any]:
    return {
        "changed": changes.changed,
        "added": list(changes.added),
        "tombstoned": list(changes.tombstoned),
        "revived": list(changes.revived),
        "renamed": list(changes.renamed),
        "findings": list(changes.findings),
    }


def _tell(made: Plan, changes: Changes, output: Path | None) -> None:
    """Say what the run did, and what it could not do."""
    parts = [f"{changes.changed} existing prefixes changed"]
    for names, word in (
        (changes.added, "added"),
        (changes.tombstoned, "tombstoned"),
        (changes.revived, "back from their tombstones"),
        (changes.renamed, "renamed"),
    ):
        if names or word in ("added", "tombstoned"):
            shown = f" ({', '.join(names[:5])}{', ...' if len(names) > 5 else ''})" if names else ""
            parts.append(f"{len(names)} cluster{'s' * (len(names) != 1)} {word}{shown}")
    say("; ".join(parts))
    if changes.new_seed:
        where = f"kept in {output}" if output else "lost unless you save this plan with -o"
        say(f"made a ULA seed, {where}; `ula_seed: {made.ula_seed}` in the fleet file fixes it")
    for finding in changes.findings:
        say(finding)
