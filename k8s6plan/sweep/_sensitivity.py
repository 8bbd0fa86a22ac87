"""Which assumptions move the answer most: each by a fifth, one at a time."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from decimal import Decimal

from k8s6plan import catalog
from k8s6plan.metrics import Case

FIFTH = Decimal("0.2")
_NUMBERS = ("month_hours", "cross_zone_share")


@dataclass(frozen=True)
class Swing:
    """What one assumption does to the cost of each design, a fifth less and a fifth more.

    ``swing``: the widest change of any design. ``cheapest``: the cheapest design, less and more.
    """

    assumption: str
    base: Decimal | None
    costs: dict[str, tuple[Decimal, Decimal]]
    swing: Decimal
    cheapest: tuple[str, str]


def swings(cases: Mapping[str, Case], *, most: int = 5) -> list[Swing]:
    """Return the assumptions that move any design's known cost most, the widest first.

    Moved are: each row of the price book that the designs use, the traffic, the number of
    clusters, the hours of the month, and the share that crosses zones.
    """
    base = {name: _cost(case) for name, case in cases.items()}
    found = []
    for assumption, value, moved in _assumptions(cases):
        less, more = moved(1 - FIFTH), moved(1 + FIFTH)
        costs = {name: (_cost(less[name]), _cost(more[name])) for name in cases}
        swing = max(
            max(abs(low - base[name]), abs(high - base[name]))
            for name, (low, high) in costs.items()
        )
        cheapest = tuple(
            min(cases, key=lambda name, side=side: (costs[name][side], name))  # type: ignore[misc]
            for side in (0, 1)
        )
        if swing:
            found.append(Swing(assumption, value, costs, swing, (cheapest[0], cheapest[1])))
    found.sort(key=lambda swing: (-swing.swing, swing.assumption))
    return found[:most]


def _cost(case: Case) -> Decimal:
    return case.total[0] or Decimal(0)


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
        value = Decimal(str(catalog.assumption(name, first.outline.assumptions)))
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
            found[key] = replace(case, outline=there, terms=case.terms.without_traffic())
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
