"""``k8s6plan list``: the names that the tables know."""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated

import typer

from k8s6plan.cli._common import put, to_json

HELP = """List the names that a fleet file can use, and what else is read for each.

Any other provider, region, platform or CNI is taken too, with a warning: no table knows it.

Example: k8s6plan list regions --provider azure
"""


class Kind(StrEnum):
    """What can be listed."""

    providers = "providers"
    regions = "regions"
    platforms = "platforms"
    cnis = "cnis"
    designs = "designs"
    encapsulations = "encapsulations"


class Format(StrEnum):
    """The forms of a listing."""

    table = "table"
    json = "json"
    md = "md"
    csv = "csv"


def list_(
    kind: Annotated[Kind, typer.Argument(help="What to list.")],
    *,
    provider: Annotated[
        str | None, typer.Option("--provider", help="Only the regions of this provider.")
    ] = None,
    output_format: Annotated[Format, typer.Option("--format", "-f")] = Format.table,
) -> None:
    """See HELP."""
    from k8s6plan.io.marks import mark
    from k8s6plan.views.names import (
        listing,
        listing_csv,
        listing_data,
        listing_lines,
        listing_markdown,
    )

    found = listing(kind.value, _owner(kind, provider))
    if output_format is Format.json:
        text = to_json(listing_data(found), "list")
    elif output_format is Format.md:
        text = listing_markdown(found, mark("list"))
    elif output_format is Format.csv:
        text = listing_csv(found, mark("list"))
    else:
        text = "".join(f"{line}\n" for line in listing_lines(found))
    put(text, None, "list", force=False)


def _owner(kind: Kind, provider: str | None) -> str | None:
    """Return the provider that is asked for, by its name in the data."""
    from k8s6plan.catalog import names, provider_names
    from k8s6plan.errors import did_you_mean

    if provider is None:
        return None
    if kind is not Kind.regions:
        raise typer.BadParameter("goes with regions", param_hint="--provider")
    found = names.name_of("provider", provider)
    if found is None:
        raise typer.BadParameter(
            f'no provider is named "{provider}"' + did_you_mean(provider, provider_names()),
            param_hint="--provider",
        )
    return found
