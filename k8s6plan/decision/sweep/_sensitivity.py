"""Which assumptions move the answer most: each by a fifth, one at a time."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal

from k8s6plan import catalog
from k8s6plan.decision.metrics import Case
from k8s6plan.decision.metrics.paths import why_not

FIFTH = Decimal("0.2")
_NUMBERS = ("month_hours", "cross_zone_share")


@dataclass(frozen=True)
class Swing:
    """What one assumption does to the cost of each design, a fifth less and a fifth more.

    ``costs``: None for a design of whose cost nothing is known. ``swing``: the widest change of
    any design. ``cheapest``: the design that is cheapest with less and with more, as far as that
    is sure: None where one that joins every cluster may be cheaper, its cost being known in part.
    """

    assumption: str
    base: Decimal | None
    costs: dict[str, tuple[Decimal, Decimal] | None]
    swing: Decimal
    cheapest: tuple[str | None, str | None]


def swings(cases: Mapping[str, Case], *, most: int = 5) -> list[Swing]:
    """Return the assumptions that move any design's known cost most, the widest first.

    Moved are: each row of the price book that the designs use, the traffic, the number of
    clusters, the hours of the month, and the share that crosses zones.
    """
    base = {name: case.total[0] for name, case in cases.items()}
    able = [name for name, case in cases.items() if not why_not(case)]
    found = []
    for assumption, value, moved in _assumptions(cases):
        less, more = moved(1 - FIFTH), moved(1 + FIFTH)
        costs = {name: _both(less[name], more[name]) for name in cases}
        swing = max((_widest(base[name], costs[name]) for name in cases), default=Decimal(0))
        if swing:
            cheapest = (_cheapest(less, able), _cheapest(more, able))
            found.append(Swing(assumption, value, costs, swing, cheapest))
    found.sort(key=lambda swing: (-swing.swing, swing.assumption))
    return found[:most]


def _both(less: Case, more: Case) -> tuple[Decimal, Decimal] | None:
    low, high = less.total[0], more.total[0]
    return None if low is None or high is None else (low, high)


def _widest(base: Decimal | None, moved: tuple[Decimal, Decimal] | None) -> Decimal:
    if base is None or moved is None:
        return Decimal(0)
    return max(abs(cost - base) for cost in moved)


def _cheapest(cases: Mapping[str, Case], able: Sequence[str]) -> str | None:
    """Return the cheapest of the designs in ``able``, where no other one may be cheaper still."""
    known = {name: cost for name in able if (cost := cases[name].total[0]) is not None}
    first = min(known, key=lambda name: (known[name], name), default=None)
    return first if first is not None and cases[first].total[1] else None


Moved = Callable[[Decimal], dict[str, Case]]


def _assumptions(cases: Mapping[str, Case]) -> Iterator[tuple[str, Decimal | None, Moved]]:
    """Yield (name, value, the cases with it times a factor) of each assumption."""
    names = sorted({line.price.name for c in cases.values() for line in c.bill.lines if line.cost})
    for name in names:
        if not name.startswith("work."):
            yield f"price of {name}", None, _price(cases, name)
    first = next(iter(cases.values()))
    if first.outline.flows:
        yield "traffic", None, _traffic(cases)
    if first.terms.growth is not None:
        clusters = first.outline.clusters
        yield "number of clusters", Decimal(clusters), _clusters(cases)
    for name in _NUMBERS:
        value = catalog.assumed(name, first.outline.assumptions)
        yield name, value, _assumption(cases, name, value)


def _price(cases: Mapping[str, Case], name: str) -> Moved:
    def moved(factor: Decimal) -> dict[str, Case]:
        first = next(iter(cases.values()))
        terms = first.terms.with_book(first.terms.book.times(name, factor))
        return {
            key: replace(case, terms=terms) if _uses(case, name) else case
            for key, case in cases.items()
        }

    return moved


def _uses(case: Case, name: str) -> bool:
    return any(line.price.name == name for line in case.bill.lines)


def _traffic(cases: Mapping[str, Case]) -> Moved:
    def moved(factor: Decimal) -> dict[str, Case]:
        found = {}
        for key, case in cases.items():
            flows = tuple(
                flow._replace(gb_per_month=flow.gb_per_month * factor)
                for flow in case.outline.flows
            )
            there = replace(case.outline, flows=flows)
            found[key] = replace(case, outline=there)
        return found

    return moved


def _clusters(cases: Mapping[str, Case]) -> Moved:
    def moved(factor: Decimal) -> dict[str, Case]:
        found = {}
        for key, case in cases.items():
            wanted = round(case.outline.clusters * factor)
            found[key] = case.at(max(1, wanted))
        return found

    return moved


def _assumption(cases: Mapping[str, Case], name: str, value: Decimal) -> Moved:
    def moved(factor: Decimal) -> dict[str, Case]:
        found = {}
        for key, case in cases.items():
            assumed = {**case.outline.assumptions, name: str(value * factor)}
            found[key] = replace(case, outline=replace(case.outline, assumptions=assumed))
        return found

    return moved
