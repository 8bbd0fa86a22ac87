"""``k8s6plan quote``: any list of items, priced by the engine that prices designs."""

from __future__ import annotations

from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from k8s6plan.cli._common import PricesPath, put, say, to_json

HELP = """Price a bill of materials: a list of items with provider, region and quantity.

Example: k8s6plan quote bom.yaml --format json
"""


class Format(StrEnum):
    """The forms of a quote."""

    table = "table"
    json = "json"


def quote(
    bom: Annotated[Path, typer.Argument(metavar="BOM", help="The items, as YAML or JSON.")],
    *,
    prices: PricesPath = None,
    output_format: Annotated[Format, typer.Option("--format", "-f")] = Format.table,
) -> None:
    """See HELP."""
    from k8s6plan.evaluation.cost.book import PriceBook
    from k8s6plan.evaluation.cost.quote import quote as price_items
    from k8s6plan.evaluation.cost.quote import read_bom
    from k8s6plan.fleet.file import load_book
    from k8s6plan.io.documents import read_text
    from k8s6plan.views.lines import row_text
    from k8s6plan.views.words import amount

    items = read_bom(read_text(bom), str(bom))
    found = price_items(items, PriceBook(file=None if prices is None else load_book(prices)))
    if output_format is Format.json:
        text = to_json(found.to_json(), "quote")
    else:
        lines: list[str] = []
        for line in found.lines:
            price = line.price
            cost = "unknown" if line.cost is None else f"{line.cost:,.2f}"
            parts = [f"{amount(s.quantity)} x {s.price.normalize():f}" for s in line.steps]
            how = f"{' + '.join(parts)} {price.unit}"
            if not parts or line.cost is None:
                how = f"{line.given['quantity']} {price.unit}: {line.why}"
            place = " ".join(str(p) for p in (price.provider, line.given.get("region")) if p)
            head = f"{cost:>12}  {place}: {price.title}, {how}"
            said = (price.source, price.as_of, price.confidence)
            below = "; ".join(part for part in said if part)
            lines += row_text(head, below, price.marks)
        total = f"{'' if found.complete else 'at least '}{found.total:,.2f} {found.currency}"
        text = "\n".join([*lines, f"Total: {total}"]) + "\n"
    put(text, None, "quote", force=False)
    if not found.complete:
        say("some prices are unknown: the total leaves them out")
