"""What metrics share: one value of one design, and how a row of them is read."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

from k8s6plan.designs import Design, LinkCount
from k8s6plan.outline import Outline

Value = int | float | str | bool | None


@dataclass(frozen=True)
class Measure:
    """One metric's value for one design. ``value`` None is unknown, and ``note`` says why."""

    value: Value
    unit: str
    note: str = ""


@dataclass(frozen=True)
class Metric:
    """One row of the decision sheet.

    ``better``: "less" or "more" of a number is better; a tuple ranks words, best first; None where
    no value is better than another.
    """

    key: str
    title: str
    group: str
    better: Literal["less", "more"] | tuple[Value, ...] | None
    measure: Callable[[Design, Outline, LinkCount], Measure]

    def best(self, values: dict[str, Value]) -> tuple[str, ...]:
        """Return the designs with the best value, ties all; unknown is never best."""
        known = {name: value for name, value in values.items() if value is not None}
        if self.better is None or not known:
            return ()
        if isinstance(self.better, tuple):
            order = self.better
            ranks: dict[str, float] = {name: order.index(value) for name, value in known.items()}
        else:
            sign = 1 if self.better == "less" else -1
            ranks = {name: sign * float(value) for name, value in known.items()}
        top = min(ranks.values())
        return tuple(name for name, rank in ranks.items() if rank == top)
