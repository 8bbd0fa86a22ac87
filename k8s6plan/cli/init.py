"""``k8s6plan init``: a commented starter file."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from k8s6plan.cli._common import say
from k8s6plan.cli._options import DEFAULT_FLEET, Force

HELP = """Write a commented starter fleet file.

Example: k8s6plan init fleet.yaml
"""


def init(
    output: Annotated[
        Path, typer.Argument(metavar="FILE", help="The file to write.")
    ] = DEFAULT_FLEET,
    force: Force = False,
) -> None:
    """See HELP."""
    from importlib.resources import files

    from k8s6plan.errors import FileRefused
    from k8s6plan.io.files import write

    if output.exists() and not force:
        raise FileRefused(f"{output}: exists; choose another name, or overwrite it with --force")
    text = files("k8s6plan.fleet").joinpath("starter.yaml").read_text("utf-8")
    write(output, text.encode(), "init", force=force)
    say(f"wrote {output}; next: k8s6plan compare {output}")
