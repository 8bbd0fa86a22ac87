"""The lines behind a figure of the decision sheet, each with quantity, price, source and date."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from decimal import Decimal

from k8s6plan.decision.metrics import METRICS, Case, Metric
from k8s6plan.evaluation.cost import Line, Part, Step
from k8s6plan.evaluation.limits import Reach
from k8s6plan.io.words import amount, number
from k8s6plan.topology.counts import Ends
from k8s6plan.topology.groups import SiteGroup
from k8s6plan.topology.joins import ManagedHub

COUNTED = "counted: docs/explanation/counting.md"


@dataclass(frozen=True)
class Entry:
    """One line behind a figure. ``cost`` None with a ``unit_price`` None: the price is unknown.

    ``steps``: where a quantity has several prices, each part of it with its own.
    """

    part: str
    item: str
    title: str
    where: str
    quantity: Decimal
    unit: str
    unit_price: Decimal | None
    steps: tuple[Step, ...]
    cost: Decimal | None
    currency: str
    source: str
    as_of: str
    confidence: str
    marks: tuple[str, ...]
    note: str


def metric_named(name: str) -> Metric | None:
    """Return the metric with this key; `cost` is that of the whole cost."""
    return METRICS.get({"cost": "cost_per_month", "limits": "limits_exceeded"}.get(name, name))


def meaning(metric: Metric) -> str:
    """Return what a metric says, in one sentence."""
    return (inspect.getdoc(metric.measure) or "").split("\n\n")[0]


def entries(case: Case, metric: Metric) -> list[Entry]:
    """Return the lines behind the value of ``metric`` for one design."""
    explain = _EXPLAINED.get(metric.key)
    return list(explain(case)) if explain else []


# --- money ---------------------------------------------------------------------------------------


def _money(part: Part | None) -> Callable[[Case], Iterator[Entry]]:
    def explain(case: Case) -> Iterator[Entry]:
        if case.outline.named:
            for line in case.bill.of(part):
                yield entry_of(line, case.bill.month_hours)

    return explain


def entry_of(line: Line, month_hours: Decimal) -> Entry:
    """Return a line of a bill as one behind a figure."""
    price = line.price
    paid = [step for step in line.steps if step.price]
    single = paid[0].price if len(paid) == 1 else Decimal(0) if line.steps and not paid else None
    hours = f"{amount(line.things)} x {amount(month_hours)} h, " if _by_hour(price.unit) else ""
    return Entry(
        part=line.part,
        item=price.name.strip("."),
        title=price.title,
        where=line.place,
        quantity=line.quantity,
        unit=price.unit,
        unit_price=single,
        steps=line.steps,
        cost=line.cost,
        currency=price.currency,
        source=price.source,
        as_of=price.as_of,
        confidence=price.confidence,
        marks=price.marks,
        note=f"{hours}{line.why_needed}" + (f"; {line.why}" if line.why else ""),
    )


def _by_hour(unit: str) -> bool:
    return unit.endswith("-hour")


# --- limits --------------------------------------------------------------------------------------


def _exceeded(case: Case) -> Iterator[Entry]:
    if case.outline.named:
        yield from (_reach(reach) for reach in case.reaches)


def _reach(reach: Reach) -> Entry:
    limit = reach.limit
    says = {"no": "within", "quota": "exceeds the quota", "hard": "exceeds the limit"}[reach.over]
    most = f", {limit.ceiling}" if limit.ceiling else ""
    note = f"{says}: {limit.said}{most}"
    return Entry(
        part=reach.over,
        item=limit.name,
        title=limit.title,
        where=reach.where,
        quantity=reach.value,
        unit=limit.unit,
        unit_price=None,
        steps=(),
        cost=None,
        currency="",
        source=limit.source,
        as_of=limit.as_of,
        confidence=limit.confidence,
        marks=limit.marks,
        note=note + (f"; {reach.avoid}" if reach.avoid else ""),
    )


# --- counts --------------------------------------------------------------------------------------


def _ends(kind: str) -> Callable[[Case], Iterator[Entry]]:
    """Return what tells where the links of a kind end; each has two ends."""

    def explain(case: Case) -> Iterator[Entry]:
        r = case.outline.tunnels_per_link if kind == "tunnels" else 1
        for group, ends in case.count.of_group.items():
            links = getattr(ends, kind)
            if links:
                yield _counted(f"ends of {kind}", _site(group), group.sites * links * r, ends)
        for hub, ends in case.count.of_hub.items():
            links = getattr(ends, kind)
            if links:
                yield _counted(f"ends of {kind}", str(hub), links * r, ends)

    return explain


def _site(group: SiteGroup) -> str:
    place = " ".join(part for part in (group.provider, group.region) if part)
    sites = number(group.sites, "site")
    hub = f", hub {group.hub}" if group.hub else ""
    return f"{sites} in {place or 'a provider each'}{hub}"


def _counted(title: str, where: str, quantity: int, ends: Ends) -> Entry:
    found = {key: value for key, value in ends._asdict().items() if value and key != "inside"}
    note = "each ends " + ", ".join(f"{value:,} {key} links" for key, value in found.items())
    return Entry(
        part="count",
        item="",
        title=title,
        where=where,
        quantity=Decimal(quantity),
        unit="ends",
        unit_price=None,
        steps=(),
        cost=None,
        currency="",
        source=COUNTED,
        as_of="",
        confidence="high",
        marks=(),
        note=note,
    )


def _gateways(case: Case) -> Iterator[Entry]:
    places: list[tuple[SiteGroup | ManagedHub, Ends, str, int]] = [
        (group, ends, _site(group), group.sites * group.gateways)
        for group, ends in case.count.of_group.items()
    ]
    places += [(hub, ends, str(hub), 1) for hub, ends in case.count.of_hub.items()]
    for _, ends, where, gateways in places:
        if ends.tunnels:
            yield _counted("gateways that end tunnels", where, gateways, ends)


_EXPLAINED: dict[str, Callable[[Case], Iterator[Entry]]] = {
    "cost_per_month": _money(None),
    "baseline_per_month": _money("baseline"),
    "usage_per_month": _money("usage"),
    "limits_exceeded": _exceeded,
    "first_quota_at": _exceeded,
    "first_limit_at": _exceeded,
    "tunnels": _ends("tunnels"),
    "keys": _ends("tunnels"),
    "key_rotations_per_year": _ends("tunnels"),
    "peerings": _ends("peerings"),
    "attachments": _ends("attachments"),
    "gateways": _gateways,
    "busiest_gateway_tunnels": _gateways,
}
