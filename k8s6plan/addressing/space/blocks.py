"""Free space: what is left of the pools, and the next prefix out of it.

Addresses are plain integers here, a prefix is (start, length): ten thousand clusters are planned
in the time that a hundred ``ip_network`` subtractions take. Free blocks are kept as a buddy
system: each free block is aligned to its size and its sibling is never free as well (else both
would be one block). So taking, and telling how far a prefix can grow, are walks over lengths.
"""

from __future__ import annotations

import heapq
from bisect import bisect_left
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from ipaddress import IPv4Network, IPv6Network

from k8s6plan.addressing.space.strategy import Strategy, part_at

Block = tuple[int, int]  # first address, prefix length
Intervals = list[tuple[int, int]]  # [start, end), sorted, none touching the next

# A strategy's order that meets so many taken parts in a row has no gap worth looking for.
_MOST_TURNS = 4096


def size_of(length: int, bits: int) -> int:
    """Return the number of addresses of a prefix of ``length`` in a family of ``bits``."""
    return 1 << (bits - length)


def inside(block: Block, other: Block, bits: int) -> bool:
    """Say whether ``block`` lies in ``other``."""
    return block[1] >= other[1] and block[0] & -size_of(other[1], bits) == other[0]


def bits_for(count: int) -> int:
    """Return how many bits tell ``count`` things apart: ceil(log2(count)), 0 for one or none."""
    return max(0, count - 1).bit_length()


def aligned(start: int, end: int, bits: int) -> Iterator[Block]:
    """Yield the largest aligned blocks that fill the interval [start, end)."""
    while start < end:
        by_alignment = (start & -start).bit_length() - 1 if start else bits
        by_room = (end - start).bit_length() - 1
        free_bits = min(by_alignment, by_room)
        yield start, bits - free_bits
        start += 1 << free_bits


def subtract(block: Block, used: Sequence[tuple[int, int]], bits: int) -> Iterator[Block]:
    """Yield what is left of ``block`` without the ``used`` intervals [start, end), sorted."""
    at, end = block[0], block[0] + size_of(block[1], bits)
    for first, last in used:
        if last <= at:
            continue
        if first >= end:
            break
        if first > at:
            yield from aligned(at, first, bits)
        at = last
    if at < end:
        yield from aligned(at, end, bits)


def touching(used: Intervals, prefix: IPv4Network | IPv6Network) -> Intervals:
    """Return the used intervals that touch ``prefix``."""
    start, end = int(prefix.network_address), int(prefix.broadcast_address) + 1
    first = max(0, bisect_left(used, (start, start)) - 1)
    last = bisect_left(used, (end, end))
    return [(a, b) for a, b in used[first:last] if b > start]


def intervals(blocks: Iterable[Block], bits: int) -> list[tuple[int, int]]:
    """Return ``blocks`` as sorted intervals [start, end) that do not touch each other."""
    merged: list[tuple[int, int]] = []
    for start, end in sorted((start, start + size_of(length, bits)) for start, length in blocks):
        if merged and start <= merged[-1][1]:
            merged[-1] = (merged[-1][0], max(end, merged[-1][1]))
        else:
            merged.append((start, end))
    return merged


class FreeSpace:
    """What is free of one block, and the next prefix out of it, in the order of a strategy."""

    def __init__(
        self,
        block: Block,
        used: Sequence[tuple[int, int]],
        bits: int,
        strategy: Strategy = "rightmost",
    ) -> None:
        self.block = block
        self.bits = bits
        self.strategy = strategy
        self._turns: dict[int, int] = defaultdict(int)  # length -> the next turn of its order
        self._free: dict[int, set[int]] = defaultdict(set)
        self._heaps: dict[int, list[int]] = defaultdict(list)
        for start, length in subtract(block, used, bits):
            self._give(start, length)

    def take(self, length: int) -> int | None:
        """Take a free prefix of ``length`` and return its first address; None if none is left."""
        if not any(held for at, held in self._free.items() if at <= length):
            return None
        if self.strategy != "rightmost":
            start = self._next_in_turn(length)
            if start is not None:
                return start
        return self._densest(length)

    def _next_in_turn(self, length: int) -> int | None:
        """Take the first free part in the strategy's order; give up after some thousand.

        What is taken stays taken for the whole run, so each turn is tried once for each length.
        """
        bits = length - self.block[1]
        for turn in range(self._turns[length], min(1 << bits, self._turns[length] + _MOST_TURNS)):
            part = part_at(turn, bits, self.strategy)
            start = self.block[0] + part * size_of(length, self.bits)
            self._turns[length] = turn + 1
            if self.claim(start, length):
                return start
        return None

    def claim(self, start: int, length: int) -> bool:
        """Take just this prefix; False where it is not free."""
        free, size = self._free, size_of(length, self.bits)
        for at in range(length, self.block[1] - 1, -1):
            above = start & -size
            if above in free[at]:
                free[at].remove(above)
                for below in range(at + 1, length + 1):
                    size >>= 1
                    self._give(start & -size ^ size, below)
                return True
            size <<= 1
        return False

    def _densest(self, length: int) -> int | None:
        """Split the smallest free block that holds it, so that large blocks stay whole."""
        for from_length in range(length, self.block[1] - 1, -1):
            start = self._pop(from_length)
            if start is not None:
                for at in range(from_length + 1, length + 1):
                    self._give(start + size_of(at, self.bits), at)
                return start
        return None

    def grows_to(self, start: int, length: int) -> int:
        """Return the shortest length to which a taken prefix can be widened where it stands.

        Every wider prefix must consist of it and free space. No two prefixes are promised the
        same space: a free block has one sibling only.
        """
        while length > self.block[1]:
            sibling = start ^ size_of(length, self.bits)
            if sibling not in self._free[length]:
                break
            length -= 1
            start &= -size_of(length, self.bits)
        return length

    def widen(self, start: int, length: int, to: int) -> bool:
        """Take the free space that a taken prefix needs to become a /``to`` where it stands."""
        if self.grows_to(start, length) > to:
            return False
        for at in range(length, to, -1):
            self.claim(start & -size_of(at, self.bits) ^ size_of(at, self.bits), at)
        return True

    def free_blocks(self) -> list[Block]:
        """Return the free blocks by address."""
        return sorted((start, length) for length, held in self._free.items() for start in held)

    def largest(self) -> int | None:
        """Return the length of the largest free block, None where nothing is free."""
        return min((length for length, held in self._free.items() if held), default=None)

    def free_addresses(self) -> int:
        """Return how many addresses are free."""
        return sum(len(held) * size_of(length, self.bits) for length, held in self._free.items())

    def _give(self, start: int, length: int) -> None:
        self._free[length].add(start)
        heapq.heappush(self._heaps[length], start)

    def _pop(self, length: int) -> int | None:
        held, heap = self._free[length], self._heaps[length]
        while held:
            start = heapq.heappop(heap)
            if start in held:  # else it was claimed by its address in the meantime
                held.remove(start)
                return start
        return None
