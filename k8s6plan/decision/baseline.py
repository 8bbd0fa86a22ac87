"""What changed since figures were kept: money, tunnels and limits, design by design."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, NamedTuple

from k8s6plan.decision.compare import Comparison
from k8s6plan.decision.metrics import METRICS
from k8s6plan.errors import Fault, InvalidBook

# What a review asks about first, and of which more is worse.
WATCHED = ("cost_per_month", "tunnels", "limits_exceeded")

Plain = int | float | str | bool | None


@dataclass(frozen=True)
class Change:
    """One figure of one design then and now; a design that is new, or gone, has None at one end.

    ``before_at_least``, ``after_at_least``: a sum that leaves out what is unknown.
    """

    design: str
    metric: str
    before: Plain
    after: Plain
    before_at_least: bool = False
    after_at_least: bool = False

    @property
    def lost(self) -> bool:
        """Say whether a figure that was known whole is not any more."""
        known = self.before is not None and not self.before_at_least
        return known and (self.after is None or self.after_at_least)

    @property
    def grew(self) -> bool:
        """Say whether a watched figure is larger than it was, or is not known any more."""
        if self.metric not in WATCHED:
            return False
        if self.lost:
            return True
        if isinstance(self.before, (int, float)) and isinstance(self.after, (int, float)):
            return self.after > self.before
        return self.before is not None and self.after is None


class Kept(NamedTuple):
    """A figure as it was kept."""

    value: Plain
    unit: str
    at_least: bool


Base = dict[str, dict[str, Kept]]


def read_base(text: str, file: str, currency: str) -> Base:
    """Return the kept figures: ``base[design][metric]``.

    Raises:
        InvalidBook: the file is not what `compare --save` wrote, or is in another currency.

    """
    try:
        data = json.loads(text)
        base = {
            str(design): {str(key): _kept(str(key), figure) for key, figure in column.items()}
            for design, column in data["designs"].items()
        }
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError):
        message = "is not what `k8s6plan compare --save` writes; keep the figures again"
        raise InvalidBook([Fault(file, 0, message)]) from None
    if data.get("currency") != currency:
        message = f"was kept in {data.get('currency')}, and costs are in {currency} now; "
        raise InvalidBook([Fault(file, 0, message + "compare in one currency, or keep them again")])
    return base


def _kept(key: str, figure: Mapping[str, Any]) -> Kept:
    value, unit, at_least = figure["value"], figure["unit"], figure["at_least"]
    number = isinstance(value, (int, float)) and not isinstance(value, bool)
    right = value is None or number or (key not in WATCHED and isinstance(value, (str, bool)))
    if not right or not isinstance(unit, str) or not isinstance(at_least, bool):
        raise TypeError
    return Kept(value, unit, at_least)


def changes(base: Base, now: Comparison) -> list[Change]:
    """Return every figure that is another one now, watched ones first in each design."""
    after = now.table
    found: list[Change] = []
    order = [*WATCHED, *(key for key in METRICS if key not in WATCHED)]
    for design in [*after, *sorted(set(base) - set(after))]:
        if design not in base or design not in after:
            there = "compared"
            state = (None, there) if design in after else (there, None)
            found.append(Change(design, "design", *state))
            continue
        for key in (key for key in order if key in base[design] and key in after[design]):
            before, measure = base[design][key], after[design][key]
            # Figures are kept as JSON has them, where money is a number like any other.
            value = float(measure.value) if isinstance(measure.value, Decimal) else measure.value
            if (before.value, before.at_least) != (value, measure.at_least):
                ends = (before.value, value, before.at_least, measure.at_least)
                found.append(Change(design, key, *ends))
    return found
