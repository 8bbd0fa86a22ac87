"""``k8s6plan prices``: the price book that ships, row by row, with sources."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import chain
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from k8s6plan.cli._common import show
from k8s6plan.cli._options import AsTable, PricesPath, TableFormat

if TYPE_CHECKING:
    from k8s6plan.catalog.prices import Price

HELP = """Show the price book: every row with unit, source, date and confidence.

Example: k8s6plan prices aws --region eu-west-1
"""


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
    output_format: AsTable = TableFormat.table,
) -> None:
    """See HELP."""
    from k8s6plan import catalog
    from k8s6plan.catalog import names
    from k8s6plan.catalog.prices import GENERAL
    from k8s6plan.errors import did_you_mean
    from k8s6plan.views.rows import price_lines

    known = [*catalog.provider_names(), GENERAL]
    provider = provider and (names.name_of("provider", provider) or provider)
    if provider is not None and provider not in known:
        raise typer.BadParameter(
            f'no provider is named "{provider}"' + did_you_mean(provider, known),
            param_hint="PROVIDER",
        )
    region = region and _region(provider, region)
    _check_region(provider, region)
    found = list(_rows(provider, region, item, prices))
    if not found:
        raise typer.BadParameter("no row is like that; leave an option out", param_hint="--item")
    head = f"Price book of {catalog.book_date()}, list prices without tax"
    data = {"book": catalog.book_date(), "prices": found}
    show(data, chain([head], price_lines(found)), output_format, "prices")


def _region(provider: str | None, text: str) -> str:
    """Return the region that ``text`` means at the provider asked for, or at any of them."""
    from k8s6plan.catalog import names, provider_names

    owners = provider_names() if provider is None else (provider,)
    found = (names.region_named(owner, text) for owner in owners)
    return next((code for code in found if code is not None), text)


def _check_region(provider: str | None, region: str | None) -> None:
    """Refuse a region that no provider asked for has. One without regions has none to be wrong."""
    from k8s6plan import catalog
    from k8s6plan.catalog.prices import rows
    from k8s6plan.catalog.regions import regions_of
    from k8s6plan.errors import did_you_mean

    owners = catalog.provider_names() if provider is None else (provider,)
    known = {name for owner in owners for name in regions_of(owner)}
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
