"""``k8s6plan latency``: the round-trip times that each design makes of the fleet's places."""

from __future__ import annotations

from typing import Annotated

import typer

from k8s6plan.cli._common import progress, read_fleet, show
from k8s6plan.cli._options import AsTable, Designs, FleetPath, TableFormat

HELP = """Estimate round-trip times between clusters, along the paths of each design.

From times measured between regions where there are any, else from the distance.

Example: k8s6plan latency fleet.yaml --design hub-and-spoke --pairs 5
"""


def latency(
    fleet: FleetPath = None,
    *,
    design: Designs = None,
    pairs: Annotated[
        int, typer.Option("--pairs", min=0, metavar="N", help="List the N worst pairs of each.")
    ] = 0,
    output_format: AsTable = TableFormat.table,
) -> None:
    """See HELP."""
    from k8s6plan.evaluation.latency import latency_of, survey
    from k8s6plan.topology.designs import DESIGNS, wanted_designs
    from k8s6plan.topology.groups import outline_of
    from k8s6plan.views.latency import latency_lines

    described = read_fleet(fleet)
    with progress("estimating round-trip times"):
        outline = outline_of(described)
        places = survey(described, outline)
        reports = [
            latency_of(DESIGNS[name].of(outline), places, show=max(1, pairs))
            for name in wanted_designs(outline, design)
        ]
    data = {
        "fleet": described.fleet,
        "unit": "ms",
        "designs": {report.design: report for report in reports},
    }
    show(data, latency_lines(outline, reports, pairs), output_format, "latency")
