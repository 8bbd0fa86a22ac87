"""How long prefixes last, and how many more fit: growth by the month, free space by the block.

All in whole numbers: n nodes that grow by a rate r a year are n * (1 + r)^(m / 12) after m months,
and that is more than a room R exactly if n^12 * (1 + r)^m is more than R^12.
"""

from __future__ import annotations

import heapq
import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal

from k8s6plan.addressing.space.blocks import Block, intervals, size_of, subtract

# What lies further ahead than thirty years is no plan: such a prefix lasts.
MOST_MONTHS = 360


def months_until_full(count: int, room: int, rate: Decimal) -> int | None:
    """Return after how many months ``count``, growing by ``rate`` a year, is more than ``room``.

    0 where it is more already, None where it is not within thirty years.
    """
    if count > room:
        return 0
    if rate <= 0:
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


def covered(blocks: Iterable[Block], bits: int, within: Block) -> list[tuple[int, int]]:
    """Return the parts of ``within`` that ``blocks`` cover, as sorted intervals [start, end)."""
    first, last = within[0], within[0] + size_of(within[1], bits)
    return [
        (max(start, first), min(end, last))
        for start, end in intervals(blocks, bits)
        if end > first and start < last
    ]


def length_of(parts: Iterable[tuple[int, int]]) -> int:
    """Return how many addresses intervals hold."""
    return sum(end - start for start, end in parts)


def free_blocks(within: Block, taken: Sequence[tuple[int, int]], bits: int) -> list[Block]:
    """Return what is free of ``within``, as the largest blocks."""
    return list(subtract(within, taken, bits))


class Parts:
    """The free space of pools that several roles may share, as numbers of blocks by length.

    Pools are cut where others begin, so that each part belongs to the same roles all over; a role
    takes from the parts that it has for itself first, as a plan does.
    """

    def __init__(
        self, pools: Mapping[str, Sequence[Block]], taken: Sequence[tuple[int, int]], bits: int
    ) -> None:
        self.free: list[dict[int, int]] = []
        self.of_role: dict[str, list[int]] = {role: [] for role in pools}
        every = sorted({block for blocks in pools.values() for block in blocks})
        sharers: list[int] = []
        for pool in every:
            nested = [b for b in every if b != pool and _inside(b, pool, bits)]
            roles = [
                role
                for role, blocks in pools.items()
                if any(_inside(pool, b, bits) for b in blocks)
            ]
            used = sorted([*taken, *intervals(nested, bits)])
            counts: dict[int, int] = {}
            for _, length in subtract(pool, used, bits):
                counts[length] = counts.get(length, 0) + 1
            for role in roles:
                self.of_role[role].append(len(self.free))
            self.free.append(counts)
            sharers.append(len(roles))
        for parts in self.of_role.values():
            parts.sort(key=lambda part: (sharers[part], part))

    def fitting(self, lengths: Mapping[str, int]) -> tuple[int, str | None]:
        """Return how many owners fit that take one prefix a role, and the role that ends it."""
        low, high = 0, 1
        while self._missing(lengths, high) is None and high < 1 << 128:
            low, high = high, high * 2
        while high - low > 1:
            middle = (low + high) // 2
            if self._missing(lengths, middle) is None:
                low = middle
            else:
                high = middle
        return low, self._missing(lengths, high)

    def _missing(self, lengths: Mapping[str, int], owners: int) -> str | None:
        """Return the role for which there is no room, None where all ``owners`` fit."""
        free = [dict(counts) for counts in self.free]
        for length, role in sorted((length, role) for role, length in lengths.items()):
            wanted = owners
            for part in self.of_role.get(role, ()):
                large = {at: held for at, held in free[part].items() if at <= length}
                units = sum(held << (length - at) for at, held in large.items())
                taken = min(wanted, units)
                # What is left over serves longer prefixes only: cut it to this length.
                free[part] = {at: n for at, n in free[part].items() if at > length}
                free[part][length] = units - taken
                wanted -= taken
            if wanted:
                return role
        return None


def _inside(block: Block, other: Block, bits: int) -> bool:
    return block[1] >= other[1] and block[0] & -size_of(other[1], bits) == other[0]
