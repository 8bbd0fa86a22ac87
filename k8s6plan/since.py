"""What changed since figures were kept: money, tunnels and limits, design by design."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from k8s6plan.compare import Comparison
from k8s6plan.errors import Fault, InvalidBook
from k8s6plan.metrics import METRICS

# What a review asks about first, and of which more is worse.
WATCHED = ("cost_per_month", "tunnels", "limits_exceeded")

Plain = int | float | str | bool | None


@dataclass(frozen=True)
class Change:
    """One figure of one design then and now; a design that is new, or gone, has None at one end."""

    design: str
    metric: str
    before: Plain
    after: Plain
    at_least: bool = False

    @property
    def grew(self) -> bool:
        """Say whether a watched figure is larger than it was, or is not known any more."""
        if self.metric not in WATCHED:
            return False
        if isinstance(self.before, (int, float)) and isinstance(self.after, (int, float)):
            return self.after > self.before
        return self.before is not None and self.after is None and self.metric != "design"

    def to_json(self) -> dict[str, Plain]:
        """Return the change as JSON has it."""
        return {
            "design": self.design,
            "metric": self.metric,
            "before": self.before,
            "after": self.after,
            "grew": self.grew,
        }


def read_base(text: str, file: str) -> dict[str, dict[str, Plain]]:
    """Return the kept figures: ``values[design][metric]``.

    Raises:
        InvalidBook: the file is not what `compare --save` wrote.

    """
    try:
        data = json.loads(text)
        return {
            str(design): {str(key): _value(measure) for key, measure in column.items()}
            for design, column in data["designs"].items()
        }
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError):
        message = "is not what `k8s6plan compare --save` writes; keep the figures again"
        raise InvalidBook([Fault(file, 0, message)]) from None


def _value(measure: Mapping[str, Any]) -> Plain:
    value = measure["value"]
    if value is not None and not isinstance(value, (int, float, str, bool)):
        raise TypeError
    return value


def changes(base: Mapping[str, Mapping[str, Plain]], now: Comparison) -> list[Change]:
    """Return every figure that is another one now, watched ones first in each design."""
    after: dict[str, Any] = now.to_json()["designs"]  # type: ignore[assignment]
    found: list[Change] = []
    order = [*WATCHED, *(key for key in METRICS if key not in WATCHED)]
    for design in [*after, *sorted(set(base) - set(after))]:
        if design not in base or design not in after:
            there = "compared"
            state = (None, there) if design in after else (there, None)
            found.append(Change(design, "design", *state))
            continue
        for key in (key for key in order if key in base[design] and key in after[design]):
            before, value = base[design][key], after[design][key]["value"]
            if before != value:
                found.append(Change(design, key, before, value, after[design][key]["at_least"]))
    return found
