"""``k8s6plan mtu``: what is left of a packet inside encapsulations, or along a design's paths."""

from __future__ import annotations

from enum import StrEnum
from typing import TYPE_CHECKING, Annotated

import typer

from k8s6plan.cli._common import progress, read_fleet, show
from k8s6plan.cli._options import AsTable, Designs, FleetPath, TableFormat

if TYPE_CHECKING:
    from k8s6plan.fleet.model import Family

HELP = """Find the MTU: inside encapsulations, or along the paths of a fleet's designs.

Without FLEET, what is left of an underlay inside one encapsulation, or several in each other.

Example: k8s6plan mtu --underlay 1400 --encapsulation wireguard --encapsulation vxlan --outer ipv6
"""
_UNDERLAY = 1500  # what the options stand for where none is given; any other is one option away


class Outer(StrEnum):
    """The families of an outer header."""

    ipv4 = "ipv4"
    ipv6 = "ipv6"


def mtu(
    fleet: FleetPath = None,
    *,
    design: Designs = None,
    encapsulation: Annotated[
        list[str] | None,
        typer.Option(
            "--encapsulation",
            "-e",
            help="Outermost first; may be repeated.  [default with FLEET: the fleet's]",
        ),
    ] = None,
    underlay: Annotated[
        int | None,
        typer.Option(
            "--underlay",
            min=68,
            max=65535,
            help="Bytes; with FLEET, of providers whose own is not known.  [default: 1500]",
        ),
    ] = None,
    outer: Annotated[
        list[Outer] | None,
        typer.Option("--outer", help="Of all outer headers, or of each.  [default: ipv4]"),
    ] = None,
    nat_t: Annotated[
        bool, typer.Option("--nat-t", help="A NAT lies under the outermost, which is IPsec.")
    ] = False,
    output_format: AsTable = TableFormat.table,
    fail_on_findings: Annotated[
        bool, typer.Option("--fail-on-findings", help="End with 1 where IPv6 does not fit.")
    ] = False,
) -> None:
    """See HELP."""
    from k8s6plan.catalog.names import name_of
    from k8s6plan.views.mtu import inside_lines, path_lines

    families: list[Family] = [family.value for family in outer or [Outer.ipv4]]
    names = [name_of("encapsulation", name) or name for name in encapsulation or []]
    if fleet is None and names and not design:
        from k8s6plan.evaluation.mtu import inner_mtu

        answer = inner_mtu(underlay or _UNDERLAY, names, outer=families, nat_t=nat_t)
        show(answer, inside_lines(answer), output_format, "mtu")
        found = bool(answer.findings)
    else:
        from k8s6plan.evaluation.mtu import mtu_of
        from k8s6plan.topology.designs import DESIGNS, wanted_designs
        from k8s6plan.topology.groups import outline_of

        described = read_fleet(fleet)
        with progress("measuring paths"):
            outline = outline_of(described)
            reports = [
                mtu_of(
                    DESIGNS[name].of(outline),
                    encapsulations=names,
                    outer=families,
                    nat_t=nat_t,
                    underlay=underlay,
                )
                for name in wanted_designs(outline, design)
            ]
        data = {
            "fleet": described.fleet,
            "unit": "bytes",
            "designs": {report.design: report for report in reports},
        }
        show(data, path_lines(described, reports), output_format, "mtu")
        found = any(report.findings for report in reports)
    if found and fail_on_findings:
        raise typer.Exit(1)
