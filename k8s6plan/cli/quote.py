"""``k8s6plan quote``: any list of items, priced by the engine that prices designs."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from k8s6plan.cli._common import say, show
from k8s6plan.cli._options import AsTable, PricesPath, TableFormat

HELP = """Price a bill of materials: a list of items with provider, region and quantity.

Example: k8s6plan quote bom.yaml --format json
"""


def quote(
    bom: Annotated[Path, typer.Argument(metavar="BOM", help="The items, as YAML or JSON.")],
    *,
    prices: PricesPath = None,
    output_format: AsTable = TableFormat.table,
) -> None:
    """See HELP."""
    from k8s6plan.evaluation.cost.book import PriceBook
    from k8s6plan.evaluation.cost.quote import quote as price_items
    from k8s6plan.evaluation.cost.quote import read_bom
    from k8s6plan.fleet.file import load_book
    from k8s6plan.io.documents import read_text
    from k8s6plan.views.rows import quote_lines

    items = read_bom(read_text(bom), str(bom))
    found = price_items(items, PriceBook(file=None if prices is None else load_book(prices)))
    show(found, quote_lines(found), output_format, "quote")
    if not found.complete:
        say("some prices are unknown: the total leaves them out")
