"""A bill of materials is priced by the engine that prices designs.

    [{provider, item, region, quantity, to?, variant?, unit_price?, free_tier?}]

``quantity`` is in the unit that is billed: hours, GB, GiB. The items are one account's month: free
amounts and volume tiers are used up from the first item to the last.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from typing import Any

from k8s6plan import catalog
from k8s6plan.catalog import names, prices
from k8s6plan.catalog.prices import Price, Tier
from k8s6plan.errors import Fault, InvalidBook, UnknownName, did_you_mean
from k8s6plan.evaluation.cost import Step, Till
from k8s6plan.evaluation.cost.book import PriceBook
from k8s6plan.io.documents import Document

_FIELDS = ("provider", "item", "region", "to", "variant", "quantity", "unit_price", "free_tier")
_NEEDED = ("provider", "item", "quantity")
_MOST = 100_000
_LARGEST = Decimal(10**15)


@dataclass(frozen=True)
class Quoted:
    """One item with its cost; None where the price is unknown."""

    given: dict[str, Any]
    price: Price
    steps: tuple[Step, ...]
    cost: Decimal | None
    why: str


@dataclass(frozen=True)
class Quote:
    """All items, in the order given, and their sum."""

    lines: tuple[Quoted, ...]
    currency: str

    @property
    def total(self) -> Decimal:
        """The sum of what is known."""
        return sum((line.cost for line in self.lines if line.cost is not None), Decimal(0))

    @property
    def complete(self) -> bool:
        """Say whether every line is known."""
        return all(line.cost is not None for line in self.lines)


def read_bom(text: str, file: str) -> list[dict[str, Any]]:
    """Return the items of a bill of materials: a list, or a mapping with ``items``.

    Raises:
        InvalidBook: with all its faults.

    """
    # A list on top is wrapped, so that one reader with its bounds serves every file of ours.
    is_list = text.lstrip().startswith(("-", "[")) and not text.lstrip().startswith("---\n{")
    body = text if not is_list else _wrapped(text)
    document = Document(body, file)
    data = document.data(InvalidBook)
    items = data.get("items")
    if not isinstance(items, list) or not items:
        message = "holds no list of items; write `- {provider: aws, item: ..., quantity: 1}`"
        raise InvalidBook([Fault(file, 0, message)])
    shift = 1 if is_list else 0
    faults = []
    for index, item in enumerate(items[:_MOST]):
        line = max(0, document.line_of(("items", index)) - shift)
        faults += [Fault(file, line, f"item {index + 1}: {message}") for message in _faults(item)]
    if faults:
        raise InvalidBook(faults)
    return [_named(item) for item in items]


def _named(item: dict[str, Any]) -> dict[str, Any]:
    """Return an item with its provider and places by the names of the data."""
    owner = _provider(item)
    places = {key: item[key] for key in ("region", "to") if item.get(key)}
    known = {key: names.region_named(owner, text) or text for key, text in places.items()}
    return {**item, "provider": owner, **known}


def _provider(item: Mapping[str, Any]) -> str:
    given = str(item["provider"])
    return names.name_of("provider", given) or given


def _wrapped(text: str) -> str:
    body = text.removeprefix("---\n")
    return "items:\n" + "".join(f"  {line}\n" for line in body.splitlines())


def _faults(item: Any) -> list[str]:
    """Return what is wrong with one item."""
    if not isinstance(item, dict):
        return ["is no mapping; write {provider: aws, item: nat_gateway.hour, quantity: 730}"]
    found = [
        f'unknown field "{key}"' + did_you_mean(str(key), _FIELDS)
        for key in item
        if key not in _FIELDS
    ]
    found += [f'"{key}" is missing' for key in _NEEDED if item.get(key) is None]
    for key in ("provider", "item", "region", "to", "variant"):
        if item.get(key) is not None and not isinstance(item[key], str):
            found.append(f'"{key}" must be a text, got {item[key]}')
    for key in ("quantity", "unit_price"):
        if item.get(key) is not None and _number(item[key]) is None:
            found.append(
                f'"{key}" must be a number from 0 to at most {_LARGEST:,}, got "{item[key]}"'
            )
    free = item.get("free_tier")
    if free is not None and not isinstance(free, bool) and _number(free) is None:
        found.append(f'"free_tier" must be true, false or a quantity, got "{free}"')
    named = all(isinstance(item.get(key), str) for key in ("provider", "item"))
    return found + (_unknown_rows(item) if named else [])


def _unknown_rows(item: Mapping[str, Any]) -> list[str]:
    """Return what no row of the book is about, where no price is given either."""
    if item.get("unit_price") is not None:
        return []
    known = [*catalog.provider_names(), prices.GENERAL]
    provider = _provider(item)
    if provider not in known:
        message = f'no provider is named "{provider}"' + did_you_mean(provider, known)
        return [f"{message}; or give a unit_price"]
    try:
        variant = item.get("variant")
        PriceBook().find(provider, item["item"], None, None, str(variant or ""))
    except UnknownName as error:
        return [f"{error.lines[0]}; or give a unit_price"]
    return []


def _number(value: object) -> Decimal | None:
    if isinstance(value, bool) or not isinstance(value, (int, float, str)):
        return None
    try:
        number = Decimal(str(value))
    except InvalidOperation:
        return None
    return number if number.is_finite() and 0 <= number <= _LARGEST else None


def quote(items: list[dict[str, Any]], book: PriceBook) -> Quote:
    """Return the items priced, in their order; checked by ``read_bom``."""
    till = Till(book, Decimal(1))
    return Quote(tuple(_quoted(item, book, till) for item in items), book.currency)


def _quoted(item: dict[str, Any], book: PriceBook, till: Till) -> Quoted:
    quantity = _number(item["quantity"]) or Decimal(0)
    region = item.get("region")
    price = _priced(item, book)
    free = item.get("free_tier")
    if free is False:
        price = price._replace(free=Decimal(0))
    elif free is not None and free is not True:
        price = price._replace(free=_number(free) or Decimal(0))
    steps = till.steps(price, quantity, region)
    cost, why = till.cost_of(price, steps)
    return Quoted(item, price, steps, cost, why)


def _priced(item: Mapping[str, Any], book: PriceBook) -> Price:
    """Return the row of the book, or what the item itself says in its place."""
    own = _number(item["unit_price"]) if item.get("unit_price") is not None else None
    try:
        price = book.find(
            item["provider"],
            item["item"],
            item.get("region"),
            item.get("to"),
            item.get("variant") or "",
        )
    except UnknownName:
        price = Price(
            provider=item["provider"],
            item=item["item"],
            title=item["item"],
            unit="unit",
            currency=book.currency,
            tiers=(),
            source="the bill of materials",
            as_of="undated",
            confidence="yours",
        )
    if own is None:
        told = price.known or item.get("to") is not None
        return price if told else book.anywhere(price, item.get("region"))
    return price._replace(
        tiers=(Tier(None, own),),
        source="the bill of materials",
        as_of="undated",
        confidence="yours",
        currency=book.currency,
        free=price.free if item.get("free_tier") is True else Decimal(0),
        yours="the bill of materials",
    )
