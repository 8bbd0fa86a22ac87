"""Demands that can be read in two ways, or join nobody."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal

from k8s6plan.fleet.model import Fleet
from k8s6plan.io.remarks import Remark
from k8s6plan.io.words import amount


def unclear_demands(fleet: Fleet) -> Iterator[Remark]:
    """Yield each demand of no pair, and each of many that does not say what its figures mean."""
    for traffic in fleet.traffic:
        demand, pairs = traffic.demand, traffic.pairs
        if not pairs:
            yield Remark(
                ("demands", traffic.number),
                f"from {demand.source} to {demand.target} joins no two clusters, so nothing of it "
                "is counted; name another cluster",
            )
        if "per" in demand.model_fields_set or pairs < 2:
            continue
        each, unit = demand.gb_per_month, "GB a month"
        if not each:
            each, unit = demand.peak_mbps or Decimal(0), "Mbps"
        yield Remark(
            ("demands", traffic.number),
            f"{amount(each)} {unit} from {demand.source} to {demand.target} is read as of each of "
            f"{pairs:,} pairs, {amount(each * pairs)} in all; write `per: pair` if so, or "
            f"`per: total` for {amount(each)} in all (or `per: sender`, `per: receiver`)",
        )
