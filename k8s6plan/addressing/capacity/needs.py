"""How long prefixes last: what an owner needs of them, and how that grows by the month.

All in whole numbers: n nodes that grow by a rate r a year are n * (1 + r)^(m / 12) after m months,
and that is more than a room R exactly if n^12 * (1 + r)^m is more than R^12.
"""

from __future__ import annotations

import heapq
import math
from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal

# What lies further ahead than thirty years is no plan: such a prefix lasts.
MOST_MONTHS = 360


def months_until_full(count: int, room: int, rate: Decimal) -> int | None:
    """Return after how many months ``count``, growing by ``rate`` a year, is more than ``room``.

    0 where it is more already, None where it is not within thirty years.
    """
    if count > room:
        return 0
    if float(1 + rate) <= 1:  # also where it is too little to show
        return None
    more, base = (1 + rate).as_integer_ratio()
    months = max(0, math.floor(12 * (math.log(room) - math.log(count)) / math.log(1 + rate)) - 1)
    while months <= MOST_MONTHS:
        if count**12 * more**months > room**12 * base**months:
            return months
        months += 1
    return None


@dataclass(frozen=True)
class Need:
    """What one owner takes out of ``units`` blocks or addresses: ``per`` for each of ``count``.

    ``spare`` units are never to be had (a subnet's first and last addresses). ``size`` is the
    number of addresses of a unit, ``rate`` the growth of ``count`` a year.
    """

    count: int
    per: int
    units: int
    size: int
    rate: Decimal = Decimal(0)
    spare: int = 0

    @property
    def used(self) -> int:
        """The units that are taken, as far as there are any."""
        return min(self.units, self.count * self.per + self.spare)

    def full_after(self, widened: int = 0) -> int | None:
        """Return the months until it is full, once doubled ``widened`` times."""
        room = ((self.units << widened) - self.spare) // self.per
        return months_until_full(self.count, max(0, room), self.rate)


def pool_full_after(free: int, needs: Iterable[Need]) -> int | None:
    """Return the months until ``free`` addresses are spent; None: not within thirty years.

    Whoever is full takes as much again as it has, in place or as a second prefix.
    """
    due: list[tuple[int, int, int]] = []  # months, number of the need, times doubled
    growing = [need for need in needs if need.units]
    for number, need in enumerate(growing):
        months = need.full_after()
        if months is not None:
            due.append((months, number, 0))
    heapq.heapify(due)
    while due:
        months, number, doubled = heapq.heappop(due)
        need = growing[number]
        free -= (need.units * need.size) << doubled
        if free < 0:
            return months
        after = need.full_after(doubled + 1)
        if after is not None:
            heapq.heappush(due, (after, number, doubled + 1))
    return None
