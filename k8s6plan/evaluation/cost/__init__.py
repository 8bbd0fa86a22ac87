"""What a design costs: needs, by the tariff of each provider items, by the price book money.

    design, outline -> needs -> items -> lines -> Bill

Money is Decimal; what is unknown stays so.
"""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING

from k8s6plan import catalog
from k8s6plan.evaluation.cost._bill import (
    CENT,
    PARTS,
    Bill,
    Line,
    Part,
    Step,
    Till,
    known_total,
    make_lines,
)
from k8s6plan.evaluation.cost._links import End, LinkClass, LinkShare, LinkShares, link_shares
from k8s6plan.evaluation.cost._needs import (
    UNNAMED,
    Need,
    of_leg,
    per_gb,
    standing,
    ways,
)
from k8s6plan.evaluation.cost._tariff import Item, items_of
from k8s6plan.evaluation.cost._work import build_hours, work_lines
from k8s6plan.evaluation.cost.book import PriceBook
from k8s6plan.topology.designs import Design, LinkCount, ManagedHub, Path
from k8s6plan.topology.ends import (
    Side,
    ends_on_transit,
    gateway_lacks,
    sold_pairs,
    transit_sides,
)
from k8s6plan.topology.groups import Outline
from k8s6plan.topology.traffic import Stream, Volume, streams, tunnel_loads

if TYPE_CHECKING:
    from k8s6plan.fleet.model import Work

_ONE = Volume(Decimal(1), Decimal(0))


Memo = dict[object, list[Item]]  # what a gigabyte needs on a way, once it was worked out


def bill_of(
    design: Design,
    outline: Outline,
    count: LinkCount,
    book: PriceBook,
    routed: list[Stream],
    *,
    work: Work | None = None,
    memo: Memo | None = None,
) -> Bill:
    """Return what ``design`` costs in a month; ``routed`` is its traffic with the paths it takes.

    ``memo`` may be shared by bills at other sizes and of other designs.
    """
    till = open_till(outline, book)
    lines = make_lines(till, standing_items(design, outline, count, routed), "baseline")
    lines += make_lines(till, usage_items(design, outline, routed, memo), "usage")
    if work is not None:
        lines += work_lines(design, outline, count, book, work)
    return Bill(tuple(lines), book.currency, _hours(outline))


def total_of(
    design: Design,
    outline: Outline,
    count: LinkCount,
    book: PriceBook,
    routed: list[Stream],
    *,
    work: Work | None = None,
    memo: Memo | None = None,
) -> tuple[Decimal | None, bool]:
    """Return the sum of the bill, None where nothing of it is known, and whether it is complete.

    The same as ``bill_of(...).total()``, without the lines: a sweep asks for thousands.
    """
    till = open_till(outline, book)
    standing, known = known_total(till, standing_items(design, outline, count, routed))
    usage, also = known_total(till, usage_items(design, outline, routed, memo))
    total = standing + usage
    if work is not None:
        lines = work_lines(design, outline, count, book, work)
        total += sum((line.cost or Decimal(0) for line in lines), Decimal(0))
    complete = known and also
    return (total if total or complete else None), complete


def open_till(outline: Outline, book: PriceBook) -> Till:
    """Return what prices a month of this fleet: its hours, and what its nodes include."""
    included = {
        (provider, item): Decimal(each * nodes)
        for provider, nodes in outline.nodes
        for item, each in catalog.included_per_node(provider).items()
    }
    return Till(book, _hours(outline), included)


def _hours(outline: Outline) -> Decimal:
    return Decimal(str(catalog.assumption("month_hours", outline.assumptions)))


def standing_items(
    design: Design, outline: Outline, count: LinkCount, routed: list[Stream]
) -> list[Item]:
    """Return what the providers bill without any traffic."""
    loads = tunnel_loads(routed).places if count.hub_ends else {}
    hubs = {place: load.both for place, load in loads.items() if isinstance(place, ManagedHub)}
    return list(items_of(standing(design, outline, count, hubs), outline))


def usage_items(
    design: Design, outline: Outline, routed: list[Stream], memo: Memo | None = None
) -> list[Item]:
    """Return what the providers bill for the traffic."""
    known = {} if memo is None else memo
    shared = (design.name, outline.carries, tuple(sorted(outline.assumptions.items())))
    found = []
    for key, (stream, volume) in ways(design, routed).items():
        items = known.get((shared, key))
        if items is None:
            items = list(items_of(per_gb(design, outline, stream), outline))
            known[shared, key] = items
        found += [item._replace(quantity=item.quantity * volume) for item in items]
    return found


def route(
    design: Design,
    outline: Outline,
    book: PriceBook,
    held: dict[tuple[int, int], Volume] | None = None,
) -> list[Stream]:
    """Return the traffic with its paths: the shortest, of these the cheapest by list price.

    The price of a path is that of one gigabyte, free amounts and tiers left aside; a path with an
    unknown price comes after those without.
    """
    known: dict[Path, tuple[int, Decimal]] = {}

    def rank(path: Path) -> tuple[int, Decimal]:
        if path not in known:
            known[path] = _price_of(design, outline, book, path)
        return known[path]

    return streams(outline, design, rank, held)


def _price_of(design: Design, outline: Outline, book: PriceBook, path: Path) -> tuple[int, Decimal]:
    """Return (unknown prices, price of a gigabyte at the first tier) of a path."""
    ends = (path[0].source, path[-1].target)
    one, other = (end for end in ends if not isinstance(end, ManagedHub))
    stream = Stream(one, other, _ONE, 1, path)
    unknown, total = 0, Decimal(0)
    for item in items_of(per_gb(design, outline, stream), outline):
        price = (
            book.find(item.provider, item.item, item.region, item.to, item.variant)
            if item.item
            else None
        )
        cost = None
        if price is not None and price.known:
            first = next((tier.price for tier in price.tiers if tier.price), Decimal(0))
            cost = book.in_currency(first * item.quantity, price.currency)
        if cost is None:
            unknown += 1
        else:
            total += cost
    return unknown, total


__all__ = [
    "CENT",
    "PARTS",
    "UNNAMED",
    "Bill",
    "End",
    "Item",
    "Line",
    "LinkClass",
    "LinkShare",
    "LinkShares",
    "Need",
    "Part",
    "Side",
    "Step",
    "Till",
    "bill_of",
    "build_hours",
    "ends_on_transit",
    "gateway_lacks",
    "items_of",
    "link_shares",
    "make_lines",
    "of_leg",
    "open_till",
    "per_gb",
    "route",
    "sold_pairs",
    "standing_items",
    "total_of",
    "transit_sides",
    "usage_items",
]
