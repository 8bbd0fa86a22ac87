"""Rows of the catalogue as text: prices, limits, readiness for IPv6, a priced list."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import TYPE_CHECKING

from k8s6plan.catalog.prices import marks_of
from k8s6plan.io.words import amount, plain
from k8s6plan.views.lines import row_text

if TYPE_CHECKING:
    from k8s6plan.catalog.prices import Price
    from k8s6plan.evaluation.cost.quote import Quote, Quoted
    from k8s6plan.evaluation.limits import Limit


def price_lines(rows: Iterable[Price]) -> Iterator[str]:
    """Yield the rows of a price book, each with its source below it."""
    for price in rows:
        head = f"{price.name}{_places(price)}: {_figures(price)} {price.currency} per {price.unit}"
        said = (price.title, price.note, price.yours)
        yield from row_text(head, _below(*said, *_origin(price)), price.marks)


def _places(price: Price) -> str:
    where = f" in {', '.join(price.regions)}" if price.regions else ""
    return where + (f" to {', '.join(price.to)}" if price.to else "")


def _figures(price: Price) -> str:
    if not price.known:
        return "unknown"
    parts = [f"first {price.free:,f} free"] if price.free else []
    for tier in price.tiers:
        bound = "" if tier.up_to is None else f" up to {tier.up_to:,f}"
        parts.append(f"{plain(tier.price)}{bound}")
    return ", ".join(parts)


def limit_lines(rows: Iterable[Limit]) -> Iterator[str]:
    """Yield quotas and limits, each with its source below it."""
    for limit in rows:
        default = "no figure published" if limit.default is None else f"{limit.default:,f}"
        most = ""
        if limit.most is not None and limit.most != limit.default:
            most = f", at most {limit.most:,f}"
        kind = "can be raised" if limit.raisable else "fixed"
        head = f"{limit.name}: {limit.title}: {default} {limit.unit}{most} ({kind})"
        yield from row_text(head, _below(limit.note, *_origin(limit)), limit.marks)


def readiness_lines(rows: Iterable[Mapping[str, object]]) -> Iterator[str]:
    """Yield what is ready for IPv6, group by group."""
    group = ""
    for row in rows:
        if row["group"] != group:
            yield from [""] if group else []
            group = str(row["group"])
            yield f"{group}:"
        since = f", since {row['since']}" if row.get("since") else ""
        said = [str(row[key] or "") for key in ("source", "as_of", "confidence")]
        yield from row_text(
            f"  {row['subject']}: {row['what']}: {row['state']}{since}",
            _below(str(row.get("note") or ""), *said),
            marks_of(str(row["as_of"]), str(row["confidence"])),
        )


def quote_lines(found: Quote) -> Iterator[str]:
    """Yield the lines of a priced list, and their sum."""
    for line in found.lines:
        yield from row_text(_quoted(line), _below(*_origin(line.price)), line.price.marks)
    yield f"Total: {'' if found.complete else 'at least '}{found.total:,.2f} {found.currency}"


def _quoted(line: Quoted) -> str:
    price = line.price
    cost = "unknown" if line.cost is None else f"{line.cost:,.2f}"
    parts = [f"{amount(step.quantity)} x {plain(step.price)}" for step in line.steps]
    how = f"{' + '.join(parts)} {price.unit}"
    if not parts or line.cost is None:
        how = f"{line.given['quantity']} {price.unit}: {line.why}"
    place = " ".join(str(part) for part in (price.provider, line.given.get("region")) if part)
    return f"{cost:>12}  {place}: {price.title}, {how}"


def _origin(row: Price | Limit) -> tuple[str, str, str]:
    return row.source, row.as_of, row.confidence


def _below(*parts: str) -> str:
    return "; ".join(part for part in parts if part)
