"""Rows of the limit tables, with the quotas that the user has raised in their place."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from decimal import Decimal
from typing import TYPE_CHECKING, Any, Literal, NamedTuple

from k8s6plan import catalog
from k8s6plan.catalog.prices import Mark, marks_of, plain

if TYPE_CHECKING:
    from k8s6plan.fleet.model import LimitOverride

Over = Literal["no", "quota", "hard"]


class Limit(NamedTuple):
    """A quota, which can be raised, or a limit, which cannot.

    ``default``: what holds unless it is raised, None where no figure is published. ``most``: what
    it can be raised to, None where nobody says. ``measure``: what of a design it bounds; "" for
    rows that are shown and not checked. ``plus``: what the provider counts besides.
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
    plus: Decimal = Decimal(0)
    variants: tuple[str, tuple[str, ...]] | None = None
    note: str = ""
    avoid: str = ""
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


class LimitBook:
    """All limits in force for one run."""

    def __init__(self, overrides: Mapping[str, LimitOverride] | None = None) -> None:
        """Lay the user's quotas over what ships."""
        self._own = {plain(name): row for name, row in (overrides or {}).items()}
        self._held: dict[str, dict[str, list[Limit]]] = {}

    def of(self, owner: str) -> dict[str, list[Limit]]:
        """Return the limits of a provider or a software, by what they bound."""
        if owner not in self._held:
            held: dict[str, list[Limit]] = {}
            for limit in rows(owner, measured=True):
                held.setdefault(limit.measure, []).append(self._overridden(limit))
            self._held[owner] = held
        return self._held[owner]

    def _overridden(self, limit: Limit) -> Limit:
        row = self._own.get(plain(limit.name))
        if row is None:
            return limit
        where = "the fleet file"
        return limit._replace(
            default=limit.default if row.default is None else Decimal(row.default),
            most=limit.most if row.max is None else Decimal(row.max),
            source=row.source or where,
            confidence="yours",
            yours=where,
        )


_SINGULAR = {"entries": "entry", "prefixes": "prefix", "addresses": "address"}
_NO_PLURAL = ("Gbps", "Mbps", "pps", "NAU")


def amount(value: Decimal, unit: str) -> str:
    """Return a value with its unit: "20 rules", "1 gateway", "1.25 Gbps"."""
    whole = value == value.to_integral_value()
    number = f"{value:,.0f}" if whole else f"{value:,.2f}"
    if value == 1 and unit not in _NO_PLURAL:
        unit = _SINGULAR.get(unit, unit.removesuffix("s"))
    return f"{number} {unit}"


def owners() -> tuple[str, ...]:
    """Return the providers and the software of which limits are known."""
    found = [name for name in catalog.provider_names() if catalog.has_limits(name)]
    return (*found, *catalog.software_names())


def rows(owner: str, *, measured: bool = False) -> Iterator[Limit]:
    """Yield the limits of one owner as they ship; ``measured``: only those that are checked."""
    for key, row in catalog.limit_rows(owner, measured=measured).items():
        variants = row.get("variants")
        yield Limit(
            owner=owner,
            key=key,
            title=str(row["title"]),
            default=_figure(row["default"]),
            most=_figure(row["max"]),
            adjustable=_word(row["adjustable"]),
            unit=str(row["unit"]),
            source=str(row["source"]),
            as_of=str(row["as_of"]),
            confidence=str(row["confidence"]),
            measure=str(row.get("measure", "")),
            plus=Decimal(row.get("plus", 0)),
            variants=None if variants is None else (variants["of"], tuple(variants["are"])),
            note=str(row.get("note", "")),
            avoid=str(row.get("avoid", "")),
        )


def _figure(value: Any) -> Decimal | None:
    return None if value is None else Decimal(str(value))


def _word(value: object) -> str:
    if isinstance(value, bool):
        return "yes" if value else "no"
    return "not known" if value is None else str(value)
