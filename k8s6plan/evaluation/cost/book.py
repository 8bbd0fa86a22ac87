"""The price book: the rows that ship, and what the user puts in their place.

A row of the user's own wins over one that ships, the more exact one first:
``aws.nat_gateway.hour@eu-west-1`` before ``aws.nat_gateway.hour``.
"""

from __future__ import annotations

from collections.abc import Mapping
from copy import copy
from decimal import Decimal
from typing import TYPE_CHECKING

from k8s6plan.catalog.prices import (
    Price,
    Tier,
    covers,
    matches,
    own_key,
    plain,
    rows_of,
    split_variant,
    why_unknown,
)

if TYPE_CHECKING:
    from k8s6plan.fleet.model import PriceOverride
    from k8s6plan.fleet.model.book import PriceBook as BookFile

CURRENCY = "USD"


class PriceBook:
    """All prices in force for one run: the rows that ship, and the user's in their place."""

    def __init__(
        self,
        overrides: Mapping[str, PriceOverride] | None = None,
        file: BookFile | None = None,
        *,
        where: str = "the fleet file",
    ) -> None:
        """Lay the rows of a price book over what ships, and those of the fleet file over both."""
        self.currency = file.currency if file is not None else CURRENCY
        self.rates = dict(file.rates) if file is not None else {}
        self._less = dict(file.discounts) if file is not None else {}
        self._discounts = {own_key(name): rate for name, rate in self._less.items()}
        self._own: dict[str, tuple[PriceOverride, str]] = {}
        self._named: dict[str, str] = {}
        if file is not None:
            for name, row in file.prices.items():
                self._put(name, row, file.book)
        for name, row in (overrides or {}).items():
            self._put(name, row, where)
        self._factors: dict[str, Decimal] = {}
        self._found: dict[tuple[str, str, str | None, str | None, str], Price] = {}

    def _put(self, name: str, row: PriceOverride, where: str) -> None:
        self._own[own_key(name)] = (row, where)
        self._named[own_key(name)] = name

    def find(
        self, provider: str, item: str, region: str | None, to: str | None = None, variant: str = ""
    ) -> Price:
        """Return the price of ``item`` in force there; without tiers where it is unknown.

        Raises:
            UnknownName: the provider has no such item; the message offers the nearest.

        """
        asked = (provider, item, region, to, variant)
        if asked not in self._found:
            self._found[asked] = self._look_up(*asked)
        return self._found[asked]

    def _look_up(
        self, provider: str, item: str, region: str | None, to: str | None, variant: str
    ) -> Price:
        item, variant = split_variant(provider, item, variant)
        rows = rows_of(provider, item)
        price = next((row for row in rows if matches(row, region, to, variant)), None)
        if price is None:
            head = rows[0]
            note = why_unknown(rows, region, to, variant)
            price = head._replace(
                tiers=(),
                regions=(region,) if region else (),
                to=(to,) if to else (),
                variant=variant,
                source="",
                as_of="",
                confidence="unverified",
                note=note,
            )
        return self.in_force(price, region)

    def anywhere(self, price: Price, region: str | None) -> Price:
        """Return the one price that an item has from ``region``, where no destination is told."""
        rows = [
            row
            for row in rows_of(price.provider, price.item)
            if row.variant == price.variant and covers(row, region)
        ]
        alike = {(row.tiers, row.free) for row in rows}
        return self.in_force(rows[0], region) if len(alike) == 1 and rows[0].known else price

    def in_force(self, price: Price, region: str | None = None) -> Price:
        """Return a row that ships, or what the user put in its place in ``region``."""
        return self._discounted(self._overridden(price, region))

    def _overridden(self, price: Price, region: str | None) -> Price:
        names = [plain(f"{price.provider}.{price.item}")]
        if price.variant:
            names.insert(0, plain(price.name))
        for name in names:
            for key in (f"{name}@{plain(region or '')}", name):
                if key in self._own:
                    row, where = self._own[key]
                    return _with(price, row, where)
        return price

    def _discounted(self, price: Price) -> Price:
        keys = [price.name, f"{price.provider}.{price.item}", price.provider]
        factor = self._factors.get(plain(price.name))
        if factor is not None:
            tiers = tuple(Tier(tier.up_to, tier.price * factor) for tier in price.tiers)
            price = price._replace(tiers=tiers)
        rate = next((self._discounts[plain(k)] for k in keys if plain(k) in self._discounts), None)
        if not rate or not price.known:
            return price
        tiers = tuple(Tier(tier.up_to, tier.price * (1 - rate)) for tier in price.tiers)
        said = f"less {_percent(rate)}"
        return price._replace(tiers=tiers, yours=f"{price.yours}, {said}" if price.yours else said)

    def times(self, name: str, factor: Decimal) -> PriceBook:
        """Return this book with every price of the rows called ``name`` times ``factor``."""
        other = copy(self)
        other._factors = {**self._factors, plain(name): factor}
        other._found = {}
        return other

    def in_currency(self, amount: Decimal, currency: str) -> Decimal | None:
        """Return an amount in the book's currency; None where no rate is given."""
        if currency == self.currency:
            return amount
        rate = self.rates.get(currency)
        return None if rate is None else amount * rate

    @property
    def overridden(self) -> tuple[str, ...]:
        """What the user put in place of what ships: rows by name, and discounts."""
        discounts = (f"{name} less {_percent(rate)}" for name, rate in self._less.items())
        return (*sorted(self._named.values()), *sorted(discounts))


def _percent(rate: Decimal) -> str:
    return f"{(rate * 100).normalize():f} %"


def _with(price: Price, row: PriceOverride, where: str) -> Price:
    """Return ``price`` with the user's figure in its place."""
    return price._replace(
        tiers=(Tier(None, row.price),),
        unit=row.unit or price.unit,
        currency=row.currency or price.currency,
        source=row.source or where,
        as_of=row.as_of or "undated",
        confidence="yours",
        free=price.free if row.free is None else row.free,
        yours=where,
    )
