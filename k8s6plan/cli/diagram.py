"""``k8s6plan diagram``: the topology as a picture."""

from __future__ import annotations

import gc
from collections.abc import Mapping, Sequence
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from k8s6plan.cli._common import keep_apart, progress, read_fleet, read_plan, say, warn_of_overlaps
from k8s6plan.cli._options import FleetPath, Force, PricesPath, complete_design
from k8s6plan.views.formats import FORMATS, IMAGES, TEXTS, one_of

if TYPE_CHECKING:
    from k8s6plan.fleet.model import Fleet
    from k8s6plan.views.diagram import Told

HELP = f"""Draw the topology of a design. The ending of the file says in which format:
{one_of(IMAGES)}; {one_of(TEXTS)}.

Example: k8s6plan diagram fleet.yaml --design hub-and-spoke -o fleet.png
"""


class Collapse(StrEnum):
    """What is drawn as one box."""

    auto = "auto"
    none = "none"
    region = "region"
    provider = "provider"


class Theme(StrEnum):
    """The paper."""

    light = "light"
    dark = "dark"


def diagram(
    fleet: FleetPath = None,
    *,
    design: Annotated[
        list[str] | None,
        typer.Option(
            "--design",
            "-d",
            help="The design to draw; may be repeated, for one sheet.  [default: full-mesh]",
            autocompletion=complete_design,
        ),
    ] = None,
    output: Annotated[
        Path, typer.Option("--output", "-o", help="The picture; its ending is the format.")
    ],
    compare: Annotated[
        bool,
        typer.Option("--compare", help="All designs, or those of -d, side by side on one sheet."),
    ] = False,
    collapse: Annotated[
        Collapse,
        typer.Option(
            "--collapse",
            help="Draw the sites of a region or a provider as one box; auto: past 60 sites.",
        ),
    ] = Collapse.auto,
    highlight: Annotated[
        str | None,
        typer.Option("--highlight", metavar="CLUSTER", help="Stress its links and ways."),
    ] = None,
    fail: Annotated[
        str | None,
        typer.Option(
            "--fail",
            metavar="NAME",
            help="A cluster, site, region (aws/us-east-1) or provider that is down: what it cuts "
            "off is grey.",
        ),
    ] = None,
    label: Annotated[
        list[str] | None,
        typer.Option(
            "--label",
            metavar="WHAT[,WHAT]",
            help="What to write besides: prefixes of clusters; cost and traffic of links.",
        ),
    ] = None,
    prices: PricesPath = None,
    plan: Annotated[
        Path | None,
        typer.Option("--plan", help="The plan that --label prefixes reads; else it makes one."),
    ] = None,
    theme: Annotated[Theme, typer.Option("--theme")] = Theme.light,
    force: Force = False,
) -> None:
    """See HELP."""
    from k8s6plan.catalog.names import name_of, place_named
    from k8s6plan.io.files import write
    from k8s6plan.io.marks import mark
    from k8s6plan.topology.designs import wanted_designs
    from k8s6plan.topology.groups import outline_of

    fmt = _format(output)
    keep_apart(output, fleet)
    labels = _labels(label or [])
    if highlight is not None and fail is not None:
        raise typer.BadParameter("--highlight and --fail exclude each other", param_hint="--fail")
    if plan is not None and "prefixes" not in labels:
        raise typer.BadParameter("goes with --label prefixes", param_hint="--plan")
    described = read_fleet(fleet)
    if fail is not None and not {fail} & {*described.index, *described.members}:
        fail = name_of("provider", fail) or place_named(fail)
    names = wanted_designs(outline_of(described), design or ([] if compare else ["full-mesh"]))
    _check_source(fmt, names, highlight, fail, labels)
    warn_of_overlaps(described, fleet)
    gc.enable()  # matplotlib makes circles of large things
    with progress("drawing"):
        from k8s6plan.views.diagram import View, draw

        view = View(collapse=collapse.value, highlight=highlight, fail=fail, theme=theme.value)
        told = _told(described, labels, plan, prices)
        picture = draw(described, names, fmt=fmt, view=view, told=told, mark=mark("diagram"))
    write(output, picture, "diagram", force=force)
    say(f"wrote {output}")


def _format(output: Path) -> str:
    """Return the format that the ending of ``output`` names."""
    ending = output.suffix.lower().removeprefix(".")
    if ending not in FORMATS:
        known = ", ".join(f".{name}" for name in FORMATS)
        raise typer.BadParameter(f'"{output.name}" ends in none of {known}', param_hint="-o")
    return ending


def _labels(given: Sequence[str]) -> list[str]:
    """Return what to label with: `--label a,b` is `--label a --label b`."""
    from k8s6plan.views.diagram import LINK_LABELS

    known = ["prefixes", *LINK_LABELS]
    wanted = [word.strip() for text in given for word in text.split(",") if word.strip()]
    for word in wanted:
        if word not in known:
            raise typer.BadParameter(
                f'"{word}" is none of {", ".join(known)}', param_hint="--label"
            )
    return list(dict.fromkeys(wanted))


def _check_source(
    fmt: str,
    names: Sequence[str],
    highlight: str | None,
    fail: str | None,
    labels: Sequence[str],
) -> None:
    """Refuse what a file for other programs has no place for."""
    if FORMATS[fmt].image:
        return
    given = {
        "--highlight": highlight is not None,
        "--fail": fail is not None,
        "--label": bool(labels),
        "more than one design": len(names) > 1,
    }
    for what, used in given.items():
        if used:
            raise typer.BadParameter(
                f"a .{fmt} file has no place for {what}; draw a {one_of(IMAGES)}",
                param_hint="-o",
            )


def _told(fleet: Fleet, labels: Sequence[str], plan: Path | None, prices: Path | None) -> Told:
    """Return what is written into the picture besides the topology."""
    from k8s6plan.decision.terms import terms_of
    from k8s6plan.fleet.file import load_book
    from k8s6plan.views.diagram import LINK_LABELS, Told

    return Told(
        terms=terms_of(fleet, None if prices is None else load_book(prices)),
        labels=[label for label in LINK_LABELS if label in labels],
        prefixes=_prefixes(fleet, plan) if "prefixes" in labels else {},
    )


def _prefixes(fleet: Fleet, plan: Path | None) -> Mapping[str, Sequence[str]]:
    """Return the prefixes of each cluster: of the plan, of a plan made now, or the pins alone."""
    from k8s6plan.addressing.plan import make_plan
    from k8s6plan.errors import Overlap
    from k8s6plan.views.diagram import pinned_lines, prefix_lines

    if plan is not None:
        return prefix_lines(read_plan(plan, fleet.fleet))
    try:
        made, changes = make_plan(fleet)
    except Overlap:
        say("no plan can be made of pins that overlap: only the pins are shown")
        return pinned_lines(fleet)
    if changes.new_seed:
        say("ULA prefixes are left out: they need `ula_seed` in the fleet file, or --plan")
    return prefix_lines(made, without_ula=changes.new_seed)
