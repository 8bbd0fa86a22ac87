"""``k8s6plan prices``: the price book that ships, row by row, with sources."""

from __future__ import annotations

from collections.abc import Iterator
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from k8s6plan.cli._common import PricesPath, put, to_json

if TYPE_CHECKING:
    from k8s6plan.catalog.prices import Price

HELP = """Show the price book: every row with unit, source, date and confidence.

Example: k8s6plan prices aws --region eu-west-1
"""


class Format(StrEnum):
    """The forms of a table."""

    table = "table"
    json = "json"


def prices(
    provider: Annotated[
        str | None, typer.Argument(help="A provider.  [default: all of them]")
    ] = None,
    *,
    region: Annotated[
        str | None, typer.Option("--region", help="Only what holds there, as it is priced there.")
    ] = None,
    item: Annotated[
        str | None, typer.Option("--item", help="Only items whose name holds this.")
    ] = None,
    prices: PricesPath = None,
    output_format: Annotated[Format, typer.Option("--format", "-f")] = Format.table,
) -> None:
    """See HELP."""
    from k8s6plan import catalog
    from k8s6plan.catalog.prices import GENERAL
    from k8s6plan.errors import did_you_mean
    from k8s6plan.views.lines import row_text

    known = [*catalog.provider_names(), GENERAL]
    if provider is not None and provider not in known:
        raise typer.BadParameter(
            f'no provider is named "{provider}"' + did_you_mean(provider, known),
            param_hint="PROVIDER",
        )
    _check_region(provider, region)
    found = list(_rows(provider, region, item, prices))
    if not found:
        raise typer.BadParameter("no row is like that; leave an option out", param_hint="--item")
    if output_format is Format.json:
        rows = [_to_json(price) for price in found]
        text = to_json({"version": 1, "book": catalog.book_date(), "prices": rows}, "prices")
    else:
        lines = [f"Price book of {catalog.book_date()}, list prices without tax"]
        for price in found:
            lines += row_text(_head(price), _below(price), price.marks)
        text = "\n".join(lines) + "\n"
    put(text, None, "prices", force=False)


def _check_region(provider: str | None, region: str | None) -> None:
    """Refuse a region that no provider asked for has. One without regions has none to be wrong."""
    from k8s6plan.catalog.prices import rows
    from k8s6plan.catalog.regions import regions
    from k8s6plan.errors import did_you_mean

    known = {name for owner, name in regions() if provider in (None, owner)}
    known |= {name for price in rows(provider) for name in (*price.regions, *price.to)}
    if region is None or not known or region in known:
        return
    whose = "no provider has" if provider is None else f"{provider} has no"
    raise typer.BadParameter(
        f'{whose} region "{region}"' + did_you_mean(region, sorted(known)), param_hint="--region"
    )


def _rows(
    provider: str | None, region: str | None, item: str | None, book: Path | None
) -> Iterator[Price]:
    """Yield the rows that are asked for; with a region or a book as they are in force."""
    from k8s6plan.catalog.prices import covers, plain, rows
    from k8s6plan.evaluation.cost.book import PriceBook
    from k8s6plan.fleet.file import load_book

    own = PriceBook(file=None if book is None else load_book(book))
    seen: set[tuple[str, ...]] = set()
    for price in rows(provider):
        if item is not None and plain(item) not in plain(price.name):
            continue
        if region is None:
            yield own.in_force(price)
            continue
        key = (price.provider, price.item, price.variant, *price.to)
        if covers(price, region) and key not in seen:
            seen.add(key)
            yield own.in_force(price, region)


def _head(price: Price) -> str:
    return f"{price.name}{_places(price)}: {_figures(price)} {price.currency} per {price.unit}"


def _places(price: Price) -> str:
    where = f" in {', '.join(price.regions)}" if price.regions else ""
    return where + (f" to {', '.join(price.to)}" if price.to else "")


def _figures(price: Price) -> str:
    if not price.known:
        return "unknown"
    parts = [f"first {price.free:,f} free"] if price.free else []
    for tier in price.tiers:
        bound = "" if tier.up_to is None else f" up to {tier.up_to:,f}"
        parts.append(f"{tier.price.normalize():f}{bound}")
    return ", ".join(parts)


def _below(price: Price) -> str:
    parts = [price.title, price.note, price.yours, price.source, price.as_of, price.confidence]
    return "; ".join(part for part in parts if part)


def _to_json(price: Price) -> dict[str, Any]:
    return {
        "provider": price.provider,
        "item": price.item,
        "variant": price.variant or None,
        "title": price.title,
        "unit": price.unit,
        "currency": price.currency,
        "regions": list(price.regions) or None,
        "to": list(price.to) or None,
        "free": float(price.free),
        "tiers": [
            {"up_to": None if t.up_to is None else float(t.up_to), "price": float(t.price)}
            for t in price.tiers
        ]
        or None,
        "source": price.source,
        "as_of": price.as_of,
        "confidence": price.confidence,
        "marks": list(price.marks),
        "note": price.note,
    }
