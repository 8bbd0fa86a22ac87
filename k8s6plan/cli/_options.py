"""The options that several commands have, each said once."""

from __future__ import annotations

from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

DEFAULT_FLEET = Path("fleet.yaml")
MOST = 10_000_000  # of whatever is counted, as in a fleet file


class TableFormat(StrEnum):
    """The forms of an answer that is a table."""

    table = "table"
    json = "json"


class TextFormat(StrEnum):
    """The forms of an answer in sentences."""

    text = "text"
    json = "json"


def complete_design(incomplete: str) -> list[str]:
    """Return the designs that begin with ``incomplete``, for the shell."""
    from k8s6plan.topology.designs import DESIGNS

    return [name for name in DESIGNS if name.startswith(incomplete)]


FleetPath = Annotated[
    Path | None, typer.Argument(metavar="FLEET", help="The fleet file.  [default: fleet.yaml]")
]
PricesPath = Annotated[
    Path | None,
    typer.Option("--prices", metavar="BOOK", help="A price book of your own, laid over ours."),
]
MonthHours = Annotated[
    int | None,
    typer.Option("--month-hours", min=1, max=744, help="Hours in a month.  [default: 730]"),
]
Designs = Annotated[
    list[str] | None,
    typer.Option(
        "--design",
        "-d",
        help="A design; may be repeated.  [default: all]",
        autocompletion=complete_design,
    ),
]
AsTable = Annotated[TableFormat, typer.Option("--format", "-f")]
AsText = Annotated[TextFormat, typer.Option("--format", "-f")]
Force = Annotated[bool, typer.Option("--force", help="Overwrite a file that is not ours.")]
