"""What the figures assume, by name: the default, or what the fleet file sets in its place."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from k8s6plan import catalog
from k8s6plan.fleet.model import Fleet


class Assumption(NamedTuple):
    """``says`` and ``source`` are empty for a name of the fleet file that no row is about."""

    name: str
    value: object
    default: object
    unit: str
    says: str
    source: str
    as_of: str
    confidence: str

    @property
    def yours(self) -> bool:
        """Say whether the fleet file sets it."""
        return self.source == "the fleet file"

    @property
    def shown(self) -> str:
        """The value in words; the unit of a word lists the words that may stand there."""
        if isinstance(self.value, bool):
            return "yes" if self.value else "no"
        return (
            str(self.value) if isinstance(self.value, str) else f"{self.value} {self.unit}".rstrip()
        )


def assumptions_of(fleet: Fleet) -> Iterator[Assumption]:
    """Yield every assumption in force, those of the catalogue first."""
    known = catalog.assumptions()
    for name, row in known.items():
        own = name in fleet.assumptions
        yield Assumption(
            name,
            fleet.assumptions[name] if own else row["value"],
            row["value"],
            str(row["unit"]),
            str(row["says"]),
            "the fleet file" if own else str(row["source"]),
            "" if own else str(row["as_of"]),
            "" if own else str(row["confidence"]),
        )
    for name in sorted(set(fleet.assumptions) - set(known)):
        yield Assumption(name, fleet.assumptions[name], None, "", "", "the fleet file", "", "")
