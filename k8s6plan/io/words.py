"""Numbers in words, for every sentence and table: how many of a thing, a share, a quantity."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal


def number(count: float, thing: str, many: str = "") -> str:
    """Return "1 tunnel" or "45 tunnels"; ``many`` is the plural that no "s" makes."""
    return f"{count:,.0f} {thing if count == 1 else many or f'{thing}s'}"


def percent(share: float, places: int = 0) -> str:
    """Return a share as "12%", never 0% for a little, nor 100% for not quite all."""
    least = 10.0**-places
    if 0 < share * 100 < least:
        return f"<{least:.{places}f}%"
    if 100 - least < share * 100 < 100:
        return f">{100 - least:.{places}f}%"
    return f"{share:.{places}%}"


def amount(quantity: Decimal) -> str:
    """Return a quantity without needless noughts, rounded to a thousandth."""
    rounded = round(quantity, 3)
    return f"{rounded.normalize():,f}" if rounded else plain(quantity)


def plain(figure: Decimal) -> str:
    """Return a figure in full, such as a price, without needless noughts."""
    return f"{figure.normalize():f}"


def listed(names: Sequence[str], most: int) -> str:
    """Return the first ``most`` names, and how many more there are."""
    more = f" and {len(names) - most:,} more" if len(names) > most else ""
    return ", ".join(names[:most]) + more
