"""Where two designs cost the same, along more and more traffic: solved exactly.

A bill is a continuous function of the traffic, made of straight pieces: it bends where a free
amount or a tier is used up. It is walked from bend to bend. On each piece, cost and slope are
known, so that a crossing is a quotient of two numbers, not a point of a grid.

The bends are found by pricing with numbers that know their slope: whenever the till compares two
of them, they note where along the axis they would meet.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from decimal import Decimal
from fractions import Fraction
from itertools import combinations, pairwise
from typing import Any

from k8s6plan.decision.metrics import Case
from k8s6plan.evaluation.cost import make_lines, open_till
from k8s6plan.evaluation.cost.book import PriceBook

_MOST_BENDS = 10_000


class Ramp:
    """A number that grows along the axis: its value here, its slope, and where comparisons turn."""

    def __init__(self, value: Fraction, slope: Fraction, bends: list[Fraction]) -> None:
        """Keep the list of bends that all numbers of one walk share."""
        self.value, self.slope, self.bends = value, slope, bends

    def _of(self, other: Any) -> Ramp:
        if isinstance(other, Ramp):
            return other
        return Ramp(Fraction(other), Fraction(0), self.bends)

    def __add__(self, other: Any) -> Ramp:
        """Return the sum."""
        there = self._of(other)
        return Ramp(self.value + there.value, self.slope + there.slope, self.bends)

    __radd__ = __add__

    def __sub__(self, other: Any) -> Ramp:
        """Return the difference."""
        there = self._of(other)
        return Ramp(self.value - there.value, self.slope - there.slope, self.bends)

    def __rsub__(self, other: Any) -> Ramp:
        """Return the difference from a plain number."""
        return self._of(other) - self

    def __mul__(self, other: Any) -> Ramp:
        """Return the product with a plain number."""
        factor = Fraction(other)
        return Ramp(self.value * factor, self.slope * factor, self.bends)

    __rmul__ = __mul__

    def __lt__(self, other: Any) -> bool:
        """Compare, just beyond here: of two that are equal the one of less slope is less."""
        gap = self - other
        if gap.slope and gap.value and (gap.value > 0) != (gap.slope > 0):
            self.bends.append(-gap.value / gap.slope)
        return (gap.value, gap.slope) < (0, 0)

    def __gt__(self, other: Any) -> bool:
        """Compare as ``__lt__`` does."""
        return self._of(other) < self

    def __bool__(self) -> bool:
        """Say whether it is more than nothing, here or just beyond."""
        return bool(self.value or self.slope)


def crossings(
    cases: Mapping[str, Case], book: PriceBook, most: Decimal
) -> list[tuple[str, str, Decimal]]:
    """Return (cheaper, than, times the traffic) wherever two designs change places, up to ``most``.

    Costs are what is known of them.
    """
    pieces = {name: list(_pieces(case, book, Fraction(most))) for name, case in cases.items()}
    found: list[tuple[Fraction, str, str]] = []
    for one, other in combinations(cases, 2):
        found += _between(one, other, pieces[one], pieces[other])
    return [(cheaper, than, _decimal(at)) for at, cheaper, than in sorted(found)]


Piece = tuple[Fraction, Fraction, Fraction, Fraction]  # from, to, cost at from, slope


def _pieces(case: Case, book: PriceBook, most: Fraction) -> Iterator[Piece]:
    """Yield the straight pieces of a bill along the traffic."""
    standing = case.bill.total("baseline") or Decimal(0)
    standing += case.bill.total("work") or Decimal(0)
    at = Fraction(0)
    for _ in range(_MOST_BENDS):
        bends: list[Fraction] = []
        cost = _usage(case, book, at, bends)
        further = [bend for bend in bends if bend > 0]
        end = min([most, *(at + bend for bend in further)])
        yield at, end, cost.value + Fraction(standing), cost.slope
        if end >= most:
            return
        at = end


def _usage(case: Case, book: PriceBook, times: Fraction, bends: list[Fraction]) -> Ramp:
    """Return what the traffic costs at so many times its volume, and how that grows."""
    till = open_till(case.outline, book)
    items = []
    for item in case.costs.usage:
        each = Fraction(item.quantity)
        # The till adds, multiplies and compares: what it is given need not be a Decimal.
        quantity: Any = Ramp(each * times, each, bends)
        items.append(item._replace(quantity=quantity))
    total = Ramp(Fraction(0), Fraction(0), bends)
    for line in make_lines(till, items, "usage"):
        if line.cost is not None:
            total = total + line.cost
    return total


def _between(
    one: str, other: str, mine: list[Piece], theirs: list[Piece]
) -> Iterator[tuple[Fraction, str, str]]:
    """Yield where the costs of two designs change places."""
    before = 0
    for start, end, gap, slope in _gaps(mine, theirs):
        for at, value in ((start, gap), (end, gap + slope * (end - start))):
            sign = (value > 0) - (value < 0)
            if sign and before and sign != before:
                where = start - gap / slope if at == end and slope else at
                cheaper, than = (one, other) if sign < 0 else (other, one)
                yield where, cheaper, than
            before = sign or before


def _gaps(mine: list[Piece], theirs: list[Piece]) -> Iterator[Piece]:
    """Yield the pieces of the difference of two costs."""
    bends = sorted({piece[0] for piece in (*mine, *theirs)} | {mine[-1][1]})
    first = second = 0
    for start, end in pairwise(bends):
        while mine[first][1] <= start:
            first += 1
        while theirs[second][1] <= start:
            second += 1
        a, b = mine[first], theirs[second]
        gap = a[2] + a[3] * (start - a[0]) - b[2] - b[3] * (start - b[0])
        yield start, end, gap, a[3] - b[3]


def _decimal(number: Fraction) -> Decimal:
    return Decimal(number.numerator) / Decimal(number.denominator)
