"""``k8s6plan failures``: what every failure takes down, design by design."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Annotated, Literal, cast

import typer

from k8s6plan.cli._common import progress, read_fleet, show
from k8s6plan.cli._options import AsTable, Designs, FleetPath, TableFormat

if TYPE_CHECKING:
    from k8s6plan.evaluation.latency import Location
    from k8s6plan.fleet.model import Fleet

HELP = """Show what every failure takes down.

Each gateway, tunnel, cluster, site, region, provider and risk group fails alone, or with --depth 2
any two at once. Lists the pairs of clusters that survive and are cut off, worst first.

Example: k8s6plan failures fleet.yaml --design hub-and-spoke --depth 2
"""
_SHOWN = 10  # rows of a table


def failures(
    fleet: FleetPath = None,
    *,
    design: Designs = None,
    depth: Annotated[
        int, typer.Option("--depth", min=1, max=2, help="How many fail at once, at the most.")
    ] = 1,
    top: Annotated[
        int | None,
        typer.Option(
            "--top",
            min=1,
            help="How many failures to list, worst first.  [default: 10; JSON: all, and 50 double]",
        ),
    ] = None,
    output_format: AsTable = TableFormat.table,
) -> None:
    """See HELP."""
    from k8s6plan.evaluation.failures import failures_of
    from k8s6plan.evaluation.limits import capacity_of
    from k8s6plan.topology.designs import DESIGNS, wanted_designs
    from k8s6plan.topology.groups import outline_of
    from k8s6plan.views.failures import failures_lines

    described = read_fleet(fleet)
    outline = outline_of(described)
    names = wanted_designs(outline, design)
    listed = top or (_SHOWN if output_format is TableFormat.table else None)
    peaks = any(demand.peak_mbps for demand in described.demands)
    with progress("failing one thing after another"):
        reports = [
            failures_of(
                DESIGNS[name].of(outline),
                described,
                depth=cast(Literal[1, 2], depth),
                top=listed,
                link_time=_link_time(described),
                capacity_mbps=capacity_of(described) if peaks else None,
            )
            for name in names
        ]
    data = {"fleet": described.fleet, "designs": {report.design: report for report in reports}}
    show(data, failures_lines(outline, reports), output_format, "failures")


def _link_time(fleet: Fleet) -> Callable[[str, str], float | None]:
    """Return the milliseconds of a link between two vertices of a topology; None: not known."""
    from k8s6plan.evaluation.latency import place_of, rtt_ms, site_places

    places = site_places(fleet)

    def place(vertex: str) -> Location | None:
        if vertex in places:
            return places[vertex]
        provider, _, region = vertex.strip("()").partition(" ")  # a managed hub
        return place_of(provider, region) if region else None

    def milliseconds(one: str, other: str) -> float | None:
        here, there = place(one), place(other)
        found = rtt_ms(here, there) if here is not None and there is not None else None
        return None if found is None else found.ms

    return milliseconds
