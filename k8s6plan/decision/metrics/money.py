"""What a design costs in a month, by list prices and the rows that the user put in their place."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING

from k8s6plan.decision.metrics._measure import Case, Measure, Metric
from k8s6plan.io.words import listed

if TYPE_CHECKING:
    from k8s6plan.evaluation.cost import Part

CENT = Decimal("0.01")


def _sum(case: Case, part: Part | None) -> Measure:
    """Return a sum of the bill, with what it leaves out."""
    bill = case.bill
    unit = f"{bill.currency}/month"
    unknown = sorted({line.price.name for line in bill.unknown(part)})
    total = bill.total(part)
    if total is None:
        return Measure(None, unit, f"no price is known of {_named(unknown)}")
    note = f"without {_named(unknown)}, whose price is unknown" if unknown else ""
    return Measure(total.quantize(CENT), unit, note, at_least=bool(unknown))


def _named(names: list[str]) -> str:
    return listed([name.strip(".") for name in names], 4)


def cost(case: Case) -> Measure:
    """All that is paid in a month."""
    if not case.outline.named:
        return Measure(None, f"{case.terms.currency}/month", "the providers have no names")
    return _sum(case, None)


def baseline(case: Case) -> Measure:
    """What is paid in a month without any traffic."""
    if not case.outline.named:
        return Measure(None, f"{case.terms.currency}/month", "the providers have no names")
    return _without_note(_sum(case, "baseline"))


def usage(case: Case) -> Measure:
    """What the traffic of the demands costs in a month."""
    unit = f"{case.terms.currency}/month"
    if not case.outline.flows:
        return Measure(None, unit, "the fleet file has no demands: traffic is not priced")
    return _without_note(_sum(case, "usage"))


def build(case: Case) -> Measure:
    """What building the design takes, once: hours of work by the fleet file, at its rate."""
    work = case.terms.work
    if work is None:
        return Measure(None, case.terms.currency, "the fleet file does not say what work takes")
    from k8s6plan.evaluation.cost import build_hours

    hours = build_hours(case.topology, work)
    price = hours * work.usd_per_hour
    return Measure(price.quantize(CENT), case.terms.currency, f"{hours.normalize():f} hours, once")


def _without_note(measure: Measure) -> Measure:
    """Leave the names of unknown prices to the row of the whole cost."""
    return Measure(measure.value, measure.unit, at_least=measure.at_least)


METRICS = (
    Metric("cost_per_month", "Cost a month", "Money", "less", cost),
    Metric("baseline_per_month", "Of it without traffic", "Money", "less", baseline),
    Metric("usage_per_month", "Of it for traffic", "Money", "less", usage),
    Metric("build_once", "Work to build, once", "Money", "less", build, of_work=True),
)
