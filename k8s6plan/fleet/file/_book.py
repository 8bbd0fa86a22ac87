"""A price book of the user's own: read like a fleet file, every fault at once with its line."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from pydantic import ValidationError

from k8s6plan.catalog import limits, names, prices
from k8s6plan.errors import Fault, InvalidBook, did_you_mean
from k8s6plan.fleet.file._fields import field_remarks
from k8s6plan.io.documents import Document, read_text
from k8s6plan.io.remarks import Remark, cut

if TYPE_CHECKING:
    from k8s6plan.fleet.model.book import PriceBook


def load_book(path: Path) -> PriceBook:
    """Return the price book that the file at ``path`` holds.

    Raises:
        FileRefused: the file cannot be read.
        InvalidBook: with all its faults.

    """
    from k8s6plan.fleet.model.book import PriceBook

    document = Document(read_text(path), str(path))
    data = document.data(InvalidBook)
    remarks: list[Remark] = []
    book: PriceBook | None = None
    try:
        book = PriceBook.model_validate(data)
    except ValidationError as error:
        remarks.extend(field_remarks(error, data, noun=PriceBook))
    remarks.extend(price_remarks(data.get("prices"), ("prices",)))
    remarks.extend(_discount_remarks(data.get("discounts")))
    remarks.extend(_rate_remarks(data.get("rates")))
    if book is not None and not remarks:
        return book
    raise InvalidBook({_fault(document, remark) for remark in remarks})


def _fault(document: Document, remark: Remark) -> Fault:
    place = remark.path[:-1] if remark.of_holder else remark.path
    where = ".".join(map(str, place))
    return document.fault(remark.path, f"{where}: {remark.message}" if where else remark.message)


def price_remarks(data: object, path: tuple[str, ...]) -> Iterator[Remark]:
    """Every row that is overridden is one of ours; a provider that nobody knows has on-prem's."""
    first: dict[str, str] = {}
    for name, row in data.items() if isinstance(data, Mapping) else ():
        if not isinstance(name, str):
            continue
        if not prices.is_row(name):
            message = f'"{cut(name)}" is no row of the price book'
            message += did_you_mean(name.casefold(), prices.row_names(name), show=4)
            yield Remark((*path, name), message, of_holder=True)
            continue
        before = first.setdefault(prices.own_key(name), name)
        if before != name:
            message = f'"{cut(name)}" is the row "{cut(before)}" by another spelling; keep one'
            yield Remark((*path, name), message, (*path, before), of_holder=True)
        unit, given = prices.unit_of(name), row.get("unit") if isinstance(row, Mapping) else None
        if isinstance(given, str) and not {given} & _alike(unit):
            message = f'"{cut(given)}" is not the unit of {cut(name)}; give the price per {unit}'
            yield Remark((*path, name, "unit"), message)


def _alike(unit: str) -> set[str]:
    """Return the units that a price by ``unit`` can be converted from."""
    return set(prices.PER_GB) if unit in prices.PER_GB else {unit}


def limit_remarks(data: object) -> Iterator[Remark]:
    """Every quota that is raised is one of ours."""
    known: list[str] = []
    for name in data if isinstance(data, Mapping) else ():
        known = known or [limit.name for owner in limits.owners() for limit in limits.rows(owner)]
        if isinstance(name, str) and prices.own_key(name) not in map(prices.plain, known):
            message = f'"{cut(name)}" is in no table of limits'
            yield Remark(
                ("limits", name), message + did_you_mean(name, known, show=4), of_holder=True
            )


def _rate_remarks(data: Any) -> Iterator[Remark]:
    for name, rate in data.items() if isinstance(data, Mapping) else ():
        if not isinstance(rate, bool) and isinstance(rate, (int, float)) and not rate:
            message = f"one {cut(str(name))} is worth something; write how much, or leave it out"
            yield Remark(("rates", str(name)), message)


def _discount_remarks(data: Any) -> Iterator[Remark]:
    for name in data if isinstance(data, Mapping) else ():
        known = isinstance(name, str) and (
            names.name_of("provider", name) is not None or prices.is_row(name)
        )
        if not known:
            message = f'"{cut(name)}" is neither a provider nor a row of the price book'
            yield Remark(("discounts", str(name)), message, of_holder=True)
