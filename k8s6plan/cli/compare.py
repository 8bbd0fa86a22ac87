"""``k8s6plan compare``: the decision sheet."""

from __future__ import annotations

from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from k8s6plan.cli._common import DEFAULT_FLEET, FleetPath, Force, complete_design, put, say, to_json

if TYPE_CHECKING:
    from k8s6plan.compare import Comparison
    from k8s6plan.outline import Outline

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
            metavar="N",
            help="No file: N clusters, each in a provider, region and site of its own.",
        ),
    ] = None,
    design: Annotated[
        list[str] | None,
        typer.Option(
            "--design",
            "-d",
            help="A design to compare; may be repeated.  [default: all]",
            autocompletion=complete_design,
        ),
    ] = None,
    hubs: Annotated[
        int | None, typer.Option("--hubs", min=1, help="How many hubs, in place of the fleet's.")
    ] = None,
    tunnels_per_link: Annotated[
        int | None, typer.Option("--tunnels-per-link", min=1, max=64, help="2 = redundant.")
    ] = None,
    redundant: Annotated[
        bool, typer.Option("--redundant", help="The same as --tunnels-per-link 2.")
    ] = False,
    output_format: Annotated[Format, typer.Option("--format", "-f")] = Format.table,
    output: Annotated[
        Path | None, typer.Option("--output", "-o", help="Write here instead of to stdout.")
    ] = None,
    force: Force = False,
) -> None:
    """See HELP."""
    from k8s6plan.compare import compare as compare_designs

    if fleet is not None and clusters is not None:
        raise typer.BadParameter(
            "a fleet file and -n exclude each other; leave one out", param_hint="-n"
        )
    if redundant and tunnels_per_link not in (None, 2):
        raise typer.BadParameter("--redundant means 2", param_hint="--tunnels-per-link")
    per_link = 2 if redundant else tunnels_per_link
    if clusters is not None:
        from k8s6plan.outline import outline_of_count

        outline = outline_of_count(clusters, hubs=hubs or 1, tunnels_per_link=per_link or 1)
        warnings: list[str] = []
    else:
        outline, warnings = _read(fleet, hubs, per_link)
    comparison = compare_designs(outline, design or ())
    for warning in warnings:
        say(f"warning: {warning}")
    put(_render(comparison, output_format, output), output, "compare", force=force)


def _read(
    path: Path | None, hubs: int | None, tunnels_per_link: int | None
) -> tuple[Outline, list[str]]:
    """Return the outline of the fleet, with what the options change, and its overlaps."""
    from dataclasses import replace

    from k8s6plan.addressing import overlaps
    from k8s6plan.fleet import load
    from k8s6plan.outline import outline_of

    name = path or DEFAULT_FLEET
    fleet = load(name)
    changed = {"hubs": hubs, "tunnels_per_link": tunnels_per_link}
    if any(changed.values()):
        wanted = {key: value for key, value in changed.items() if value}
        fleet = fleet.model_copy(update={"connect": fleet.connect.model_copy(update=wanted)})
    found = [c for c in overlaps.conflicts(overlaps.pinned(fleet)) if not c.services_only]
    apart = {
        family: tuple(str(c) for c in found if c.family == family and c.between_sites)
        for family in ("ipv4", "ipv6")
    }
    outline = replace(outline_of(fleet), conflicts_ipv4=apart["ipv4"], conflicts_ipv6=apart["ipv6"])
    return outline, [f"{name}: {conflict}; see `k8s6plan check`" for conflict in found]


def _render(comparison: Comparison, output_format: Format, output: Path | None) -> str:
    from k8s6plan.cli import _sheet
    from k8s6plan.files import mark

    if output_format is Format.json:
        return to_json(comparison.to_json(), "compare")
    if output_format is Format.csv:
        return _sheet.csv_text(comparison, mark("compare"))
    if output_format is Format.md:
        return _sheet.markdown(comparison, mark("compare"))
    if output is None:
        return _sheet.terminal(comparison)
    return _sheet.plain(comparison) + f"\n{mark('compare')}\n"
