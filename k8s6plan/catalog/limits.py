"""The limits that ship, of providers and of software, and their names."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal
from functools import cache
from typing import TYPE_CHECKING, Literal, NamedTuple

from k8s6plan.catalog._files import load, provider_file, provider_names
from k8s6plan.catalog.prices import Mark, marks_of

if TYPE_CHECKING:
    from k8s6plan.catalog.schema import _providers as schema

Over = Literal["no", "quota", "hard"]


class Limit(NamedTuple):
    """A quota, which can be raised, or a limit, which cannot.

    ``default``: what holds unless it is raised, None where no figure is published. ``most``: what
    it can be raised to, None where nobody says. ``measure``: what of a design it bounds; "" for
    rows that are shown and not checked, and ``unchecked`` says why.
    """

    owner: str
    key: str
    title: str
    default: Decimal | None
    most: Decimal | None
    adjustable: str
    unit: str
    source: str
    as_of: str
    confidence: str
    measure: str = ""
    variants: tuple[str, tuple[str, ...]] | None = None
    note: str = ""
    avoid: str = ""
    unchecked: str = ""
    yours: str = ""

    @property
    def name(self) -> str:
        """The name by which a fleet file raises it."""
        return f"{self.owner}.{self.key}"

    @property
    def said(self) -> str:
        """What holds, with its unit, and whether it can be raised."""
        if self.default is None:
            return "no figure published"
        held = amount(self.default, self.unit)
        if self.yours:
            return f"raised to {held}"
        return f"{held} by default" if self.raisable else f"{held}, fixed"

    @property
    def ceiling(self) -> str:
        """What it can be raised to, with its unit; "" where nobody says, or it cannot be raised."""
        if not self.raisable or self.most is None:
            return ""
        return f"{amount(self.most, self.unit)} at most"

    @property
    def short(self) -> str:
        """The limit in a few words."""
        return f"{self.owner}: {self.title} ({self.said})"

    @property
    def hard(self) -> str:
        """The limit in a few words, as far as it can be raised."""
        return f"{self.owner}: {self.title} ({self.ceiling or self.said})"

    @property
    def raisable(self) -> bool:
        """Say whether the quota can be raised at all."""
        return not self.adjustable.startswith("no") and (
            self.most is None or self.most != self.default
        )

    @property
    def marks(self) -> tuple[Mark, ...]:
        """What a reader should know of the row."""
        return ("yours",) if self.yours else marks_of(self.as_of, self.confidence)

    @property
    def never_above(self) -> Decimal | None:
        """What cannot be exceeded, however often one asks; None where nobody says."""
        return self.most if self.raisable else self.default

    def over(self, value: Decimal) -> Over:
        """Say what ``value`` exceeds: nothing, the quota in force, or what it can be raised to."""
        hard = self.never_above
        if hard is not None and value > hard:
            return "hard"
        return "quota" if self.default is not None and value > self.default else "no"


_SINGULAR = {"entries": "entry", "prefixes": "prefix", "addresses": "address"}
_NO_PLURAL = ("Gbps", "Mbps", "pps", "NAU")


def amount(value: Decimal, unit: str) -> str:
    """Return a value with its unit: "20 rules", "1 gateway", "1.25 Gbps"."""
    whole = value == value.to_integral_value()
    number = f"{value:,.0f}" if whole else f"{value:,.2f}"
    if value == 1 and unit not in _NO_PLURAL:
        unit = _SINGULAR.get(unit, unit.removesuffix("s"))
    return f"{number} {unit}"


def software() -> dict[str, schema.Software]:
    """Return the software that bounds something, by name."""
    found: dict[str, schema.Software] = load("software.yaml")
    return found


def owners() -> tuple[str, ...]:
    """Return the providers and the software of which limits are known."""
    return (*(name for name in provider_names() if _rows(name)), *software())


@cache
def _rows(owner: str) -> dict[str, schema.Limit]:
    if owner in software():
        return software()[owner]["limits"]
    file = provider_file(owner)
    return {} if file is None else file.get("limits", {})


def rows(owner: str, *, measured: bool = False) -> Iterator[Limit]:
    """Yield the limits of one owner as they ship; ``measured``: only those that are checked."""
    for key, row in _rows(owner).items():
        if measured and "measure" not in row:
            continue
        variants = row.get("variants")
        yield Limit(
            owner=owner,
            key=key,
            title=row["title"],
            default=_figure(row["default"]),
            most=_figure(row["max"]),
            adjustable=_word(row["adjustable"]),
            unit=row["unit"],
            source=row["source"],
            as_of=row["as_of"],
            confidence=row["confidence"],
            measure=row.get("measure", ""),
            variants=None if variants is None else (variants["of"], tuple(variants["are"])),
            note=row.get("note", ""),
            avoid=row["avoid"],
            unchecked=row.get("unchecked", ""),
        )


def _figure(value: int | str | None) -> Decimal | None:
    return None if value is None else Decimal(value)


def _word(adjustable: bool | str) -> str:
    return adjustable if isinstance(adjustable, str) else "yes" if adjustable else "no"
