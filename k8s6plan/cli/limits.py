"""``k8s6plan limits``: quotas and limits, and who is ready for IPv6, with sources."""

from __future__ import annotations

from typing import Annotated

import typer

from k8s6plan.cli._common import show
from k8s6plan.cli._options import AsTable, TableFormat

HELP = """Show quotas and limits of providers and software, or their readiness for IPv6.

Example: k8s6plan limits aws
"""


def limits(
    owner: Annotated[
        str | None,
        typer.Argument(
            metavar="PROVIDER", help="A provider, or software such as cilium.  [default: all]"
        ),
    ] = None,
    *,
    ipv6: Annotated[
        bool, typer.Option("--ipv6", help="Readiness for IPv6 and dual-stack instead.")
    ] = False,
    output_format: AsTable = TableFormat.table,
) -> None:
    """See HELP."""
    from k8s6plan import catalog
    from k8s6plan.evaluation.limits import owners, rows
    from k8s6plan.views.rows import limit_lines, readiness_lines

    if ipv6:
        ready = catalog.readiness()
        known = (str(row[key]) for key in ("subject", "group") for row in ready)
        chosen = _chosen(owner, list(dict.fromkeys(known)))
        ready = [row for row in ready if row["subject"] in chosen or row["group"] in chosen]
        show({"readiness": ready}, readiness_lines(ready), output_format, "limits")
    else:
        found = [limit for name in _chosen(owner, list(owners())) for limit in rows(name)]
        show({"limits": found}, limit_lines(found), output_format, "limits")


def _chosen(owner: str | None, known: list[str]) -> list[str]:
    from k8s6plan.catalog import names
    from k8s6plan.errors import did_you_mean

    if owner is not None and owner not in known:
        kinds = (names.name_of(kind, owner) for kind in names.KINDS)
        owner = next((name for name in kinds if name in known), owner)
    if owner is not None and owner not in known:
        raise typer.BadParameter(
            f'nothing is known of "{owner}"' + did_you_mean(owner, known), param_hint="PROVIDER"
        )
    return known if owner is None else [owner]
