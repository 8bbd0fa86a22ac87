"""The rows of price that ship, and their names.

A row is found by provider, item, region and, for some, destination and variant. The first row of
an item that matches wins.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from decimal import Decimal
from functools import cache
from typing import TYPE_CHECKING, Literal, NamedTuple

from k8s6plan.catalog import names
from k8s6plan.catalog._files import load, provider_file, provider_names
from k8s6plan.catalog.providers import areas
from k8s6plan.catalog.tables import book_date
from k8s6plan.errors import UnknownName, did_you_mean

if TYPE_CHECKING:
    from k8s6plan.catalog.schema import _providers as schema

GENERAL = "general"  # in place of a provider: prices that belong to none

Mark = Literal["old", "undated", "medium", "low", "unverified", "yours"]

# Traffic is given in GB, 10^9 bytes: what one is in each unit that traffic is billed in.
PER_GB = {
    "GB": Decimal(1),
    "GiB": Decimal(10**9) / Decimal(2**30),
    "TB": Decimal("0.001"),
    "TiB": Decimal(10**9) / Decimal(2**40),
}


class Tier(NamedTuple):
    """What a unit costs up to a cumulative quantity in a month; ``up_to`` None: all beyond."""

    up_to: Decimal | None
    price: Decimal


class Price(NamedTuple):
    """A row of the price book. No tiers: the price is unknown.

    ``free``: the quantity a month that costs nothing, once an account or once a region; tiers
    begin beyond it. ``yours``: what the user put in its place, and where.
    """

    provider: str
    item: str
    title: str
    unit: str
    currency: str
    tiers: tuple[Tier, ...]
    source: str
    as_of: str
    confidence: str
    variant: str = ""
    regions: tuple[str, ...] = ()
    to: tuple[str, ...] = ()
    free: Decimal = Decimal(0)
    free_scope: str = "account"
    note: str = ""
    yours: str = ""

    @property
    def name(self) -> str:
        """The name by which a fleet file or a price book puts another row in its place."""
        return ".".join(part for part in (self.provider, self.item, self.variant) if part)

    @property
    def known(self) -> bool:
        """Say whether there is a price at all."""
        return bool(self.tiers)

    @property
    def marks(self) -> tuple[Mark, ...]:
        """What a reader should know of the row: the user's own, old, or of lesser confidence."""
        if self.yours:
            return ("yours",)
        if not self.known:
            return ()
        return marks_of(self.as_of, self.confidence)


def marks_of(as_of: str, confidence: str) -> tuple[Mark, ...]:
    """Return what a reader should know of a row of this date and confidence."""
    age: list[Mark] = []
    if not as_of[:4].isdigit():
        age = ["undated"]
    elif _is_old(as_of):
        age = ["old"]
    sure: dict[str, Mark] = {"medium": "medium", "low": "low", "unverified": "unverified"}
    return (*age, *(mark for name, mark in sure.items() if name == confidence))


@cache
def _is_old(as_of: str) -> bool:
    """Say whether a row is older than 18 months, as the book that ships is dated.

    Today's date would give the same fleet another sheet every day.
    """
    year, month, _ = (int(part) for part in book_date().split("-"))
    then = [int(part) for part in as_of.split("-")]
    return 12 * (year - then[0]) + month - (then[1] if len(then) > 1 else 12) > _OLD


_OLD = 18  # months: prices and limits are looked over about once a year


@cache
def plain(name: str) -> str:
    """Return a name as names are compared: dots, dashes and underscores are alike."""
    return re.sub(r"[^a-z0-9]+", "_", name.lower()).strip("_")


def own_key(name: str) -> str:
    """Return a row's name as rows are told apart: by provider, item and region, however spelt."""
    item, at, region = name.partition("@")
    owner = owner_of(item)
    place = names.region_named(owner, region) or region
    key = plain(f"{owner}{item[item.find('.') :]}" if "." in item else owner)
    return key + (f"@{plain(place)}" if at else "")


def owner_of(name: str) -> str:
    """Return the provider that a row's name begins with, by its name in the data."""
    owner = name.partition("@")[0].partition(".")[0]
    return names.name_of("provider", owner) or owner


def split_variant(provider: str, item: str, variant: str) -> tuple[str, str]:
    """Return (item, variant) by the names of the book: "nat gateway hour" is nat_gateway.hour."""
    if item in price_names(provider):
        return item, variant  # as tariffs name it: no need to read every other item
    names = _names(provider)
    found = names.get(plain(f"{item}.{variant}" if variant else item))
    if found is None and variant:
        found = names.get(plain(item))
        found = None if found is None else (found[0], variant)
    if found is None:
        message = f'{provider} has no item "{item}"'
        raise UnknownName(message + did_you_mean(item, sorted(price_names(provider))))
    return found


@cache
def _names(provider: str) -> dict[str, tuple[str, str]]:
    found: dict[str, tuple[str, str]] = {}
    for item in price_names(provider):
        for row in rows_of(provider, item):
            found[plain(f"{item}.{row.variant}" if row.variant else item)] = (item, row.variant)
        found.setdefault(plain(item), (item, ""))
    return found


def matches(row: Price, region: str | None, to: str | None, variant: str) -> bool:
    """Say whether a row is of this variant, and holds in ``region`` for traffic ``to`` another."""
    return (
        row.variant == variant
        and _covers(row.provider, row.regions, region)
        and _covers(row.provider, row.to, to)
    )


def _covers(provider: str, places: tuple[str, ...], region: str | None) -> bool:
    """Say whether ``places`` (regions, areas; none: everywhere) hold ``region``."""
    if not places:
        return True
    known = areas(provider)
    return region in places or any(region in known.get(place, ()) for place in places)


def why_unknown(rows: tuple[Price, ...], region: str | None, to: str | None, variant: str) -> str:
    """Say why none of ``rows`` matches."""
    if variant and all(row.variant != variant for row in rows):
        return f'no row for "{variant}"'
    place = f" in {region}" if region else ""
    return f"no price is known{place}" + (f" to {to}" if to else "")


def rows(provider: str | None = None) -> Iterator[Price]:
    """Yield every row that ships, of one provider or of all, in the order of the data."""
    names = (*provider_names(), GENERAL) if provider is None else (provider,)
    for name in names:
        for item in price_names(name):
            yield from rows_of(name, item)


def is_row(name: str) -> bool:
    """Say whether a name, as a fleet file or a price book has it, means a row of the book."""
    item = name.partition("@")[0].partition(".")[2]
    return plain(item) in _names(owner_of(name))


def unit_of(name: str) -> str:
    """Return what the row called ``name`` is priced by; the name means a row of the book."""
    provider, item = owner_of(name), name.partition("@")[0].partition(".")[2]
    found, variant = _names(provider)[plain(item)]
    rows = rows_of(provider, found)
    return next((row for row in rows if row.variant == variant), rows[0]).unit


def row_names(like: str) -> list[str]:
    """Return the names of the rows of the provider that ``like`` begins with, or of all."""
    provider = owner_of(like)
    known = (*provider_names(), GENERAL)
    owners = (provider,) if provider in known else known
    return [f"{owner}.{item}" for owner in owners for item in price_names(owner)]


def covers(price: Price, region: str | None) -> bool:
    """Say whether a row holds in ``region``."""
    return _covers(price.provider, price.regions, region)


def price_file(provider: str) -> schema.Provider | schema.General:
    """Return the file with the prices of ``provider``; one that nobody knows has on-prem's."""
    if provider == GENERAL:
        general: schema.General = load("general.yaml")
        return general
    own: schema.Provider = provider_file(provider) or load("providers/on-prem.yaml")
    return own


@cache
def price_names(provider: str) -> tuple[str, ...]:
    """Return the priced items of ``provider``; one that nobody knows has those of on-prem."""
    return tuple(price_file(provider)["prices"])


@cache
def rows_of(provider: str, item: str) -> tuple[Price, ...]:
    """Return the rows of one item of ``provider``; of one that nobody knows, those of on-prem."""
    data = price_file(provider)["prices"][item]
    return tuple(price for row in data["rows"] for price in _prices(provider, item, data, row))


def _prices(
    provider: str, item: str, data: schema.PriceItem, row: schema.PriceRow
) -> Iterator[Price]:
    """Yield the rows that one row of the data stands for: ``by_region`` holds several."""
    free = data.get("free", {"quantity": "0", "scope": "account"})
    shared = Price(
        provider=provider,
        item=item,
        title=data["title"],
        unit=data["unit"],
        currency=data["currency"],
        tiers=_tiers(row),
        source=row["source"],
        as_of=row["as_of"],
        confidence=row["confidence"],
        variant=row.get("variant", ""),
        regions=_places(row.get("regions", "all")),
        to=_places(row.get("to", "all")),
        free=Decimal(free["quantity"]),
        free_scope=free["scope"],
        note="; ".join(part["note"] for part in (row, data) if "note" in part),
    )
    if "by_region" not in row:
        yield shared
        return
    for region, price in row["by_region"].items():
        yield shared._replace(regions=(region,), tiers=(Tier(None, Decimal(price)),))


def _places(given: str | list[str]) -> tuple[str, ...]:
    return () if isinstance(given, str) else tuple(given)


def _tiers(row: schema.PriceRow) -> tuple[Tier, ...]:
    if "tiers" in row:
        return tuple(
            Tier(None if tier["up_to"] is None else Decimal(tier["up_to"]), Decimal(tier["price"]))
            for tier in row["tiers"]
        )
    price = row.get("price")
    return () if price is None else (Tier(None, Decimal(price)),)
