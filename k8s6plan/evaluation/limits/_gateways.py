"""What one gateway of a site carries, by the limits of its provider."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal
from typing import TYPE_CHECKING

from k8s6plan.evaluation.limits._book import LimitBook

if TYPE_CHECKING:
    from k8s6plan.catalog.limits import Limit
    from k8s6plan.fleet.model import Fleet

_MEASURES = ("gateway_mbps", "own_gateway_out_mbps")


def gateway_capacity(
    fleet: Fleet, holds: Callable[[Limit], bool], limits: LimitBook | None = None
) -> Callable[[str], float | None]:
    """Return a function from a site, or a vertex of the topology, to Mbps; None: not known."""
    held = limits or LimitBook(fleet.limits)

    def capacity(site: str) -> float | None:
        if site not in fleet.members:
            return None
        rows = held.of(fleet.region_of(site)[0])
        found = [
            limit.default * (1000 if limit.unit == "Gbps" else 1)
            for measure in _MEASURES
            for limit in rows.get(measure, ())
            if limit.default is not None and holds(limit)
        ]
        return float(min(found, default=Decimal(0))) or None

    return capacity
