"""``k8s6plan diagram``: the topology as a picture."""

from __future__ import annotations

import gc
from pathlib import Path
from typing import Annotated, Literal

import typer

from k8s6plan.cli._common import FleetPath, Force, complete_design, progress, read_fleet, say

HELP = """Draw the topology of one design as PNG or SVG.

Example: k8s6plan diagram fleet.yaml --design hub-and-spoke -o fleet.png
"""


def diagram(
    fleet: FleetPath = None,
    *,
    design: Annotated[
        str,
        typer.Option("--design", "-d", help="The design to draw.", autocompletion=complete_design),
    ] = "full-mesh",
    output: Annotated[Path, typer.Option("--output", "-o", help="The picture; .png or .svg.")],
    force: Force = False,
) -> None:
    """See HELP."""
    from k8s6plan.addressing import overlaps
    from k8s6plan.designs import design_named
    from k8s6plan.files import write

    kinds: dict[str, Literal["png", "svg"]] = {".png": "png", ".svg": "svg"}
    kind = kinds.get(output.suffix.lower())
    if kind is None:
        raise typer.BadParameter(
            f'"{output.name}" ends in none of {", ".join(kinds)}', param_hint="-o"
        )
    name = design_named(design).name
    described = read_fleet(fleet)
    for conflict in overlaps.conflicts(overlaps.pinned(described)):
        if not conflict.services_only:
            say(f"warning: {conflict}; see `k8s6plan check`")
    gc.enable()  # matplotlib makes circles of large things
    with progress("drawing"):
        from k8s6plan.diagram import draw

        picture = draw(described, name, fmt=kind)
    write(output, picture, "diagram", force=force)
    say(f"wrote {output}")
