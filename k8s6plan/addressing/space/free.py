"""Free space: what is left of a family, and the next prefix out of a part of it.

There is one ``Space`` for all that is cut out of the same addresses, whatever it is cut from:
pools, aggregates inside aggregates, the ranges of ULA. A ``FreeSpace`` looks at one block of it and
takes from there, so two that overlap never hand out one prefix twice.

Free blocks are kept as a buddy system: each free block is aligned to its size and its sibling is
never free as well (else both would be one block). So taking, and telling how far a prefix can grow,
are walks over lengths, of which a family has 32 or 128.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right, insort
from collections import defaultdict
from collections.abc import Iterable, Sequence

from k8s6plan.addressing.space.blocks import Block, Intervals, intervals, size_of, subtract
from k8s6plan.addressing.space.strategy import Strategy, part_at

# A strategy's order that meets so many taken parts in a row has no gap worth looking for.
_MOST_TURNS = 4096


class Space:
    """The free blocks of ``block``, by default of a whole family, without the ``used`` ones."""

    def __init__(self, bits: int, used: Sequence[tuple[int, int]], block: Block = (0, 0)) -> None:
        self.bits, self.block = bits, block
        self._free: dict[int, list[int]] = defaultdict(list)  # length -> first addresses, sorted
        self._length: dict[int, int] = {}  # of each free block, by its first address
        for start, length in subtract(block, used, bits):
            self._free[length].append(start)  # they come by address
            self._length[start] = length

    def above(self, start: int, length: int, top: int) -> int | None:
        """Return the length of the free block that holds this one; none is looked for past ``top``.

        None where it is not free as a whole.
        """
        size = size_of(length, self.bits)
        for at in range(length, top - 1, -1):
            if self._length.get(start & -size) == at:
                return at
            size <<= 1
        return None

    def claim(self, start: int, length: int, top: int = 0) -> bool:
        """Take just this prefix; False where it is not free, and nothing is taken then."""
        at = self.above(start, length, top)
        if at is None:
            return False
        size = size_of(at, self.bits)
        del self._free[at][bisect_left(self._free[at], start & -size)]
        del self._length[start & -size]
        for below in range(at + 1, length + 1):
            size >>= 1
            rest = start & -size ^ size
            insort(self._free[below], rest)
            self._length[rest] = below
        return True

    def remove(self, start: int, length: int) -> None:
        """Take what is free of this prefix."""
        if not self.claim(start, length):
            for at in range(length, self.bits + 1):
                held, end = self._free[at], start + size_of(length, self.bits)
                inside = slice(bisect_left(held, start), bisect_left(held, end))
                for taken in held[inside]:
                    del self._length[taken]
                del held[inside]

    def starts(self, length: int, within: Block) -> list[int]:
        """Return the first addresses of the free blocks of just this length in ``within``."""
        held, end = self._free[length], within[0] + size_of(within[1], self.bits)
        return held[bisect_left(held, within[0]) : bisect_left(held, end)]

    def first(self, length: int, within: Block) -> int | None:
        """Return the first free block of just this length in ``within``."""
        held = self._free[length]
        at = bisect_left(held, within[0])
        if at == len(held) or held[at] >= within[0] + size_of(within[1], self.bits):
            return None
        return held[at]

    def is_free(self, start: int, length: int) -> bool:
        """Say whether just this block is free, and its sibling is not."""
        return self._length.get(start) == length


class FreeSpace:
    """What is free of one block, and the next prefix out of it, in the order of a strategy.

    ``space``: the free space of the family, which others take from as well; by default the block
    has one of its own, without the intervals that are ``used``.
    """

    def __init__(
        self,
        block: Block,
        used: Sequence[tuple[int, int]],
        bits: int,
        strategy: Strategy = "rightmost",
        *,
        space: Space | None = None,
    ) -> None:
        self.block = block
        self.bits = bits
        self.strategy = strategy
        self._space = Space(bits, used, block) if space is None else space
        self._turns: dict[int, int] = defaultdict(int)  # length -> the next turn of its order
        # Free as a whole and inside a larger free block; once part of it is taken, never again.
        self._untouched = self.block[1] > self._space.block[1]

    def take(self, length: int) -> int | None:
        """Take a free prefix of ``length`` and return its first address; None if none is left."""
        if length < self.block[1] or self._smallest(length) is None:
            return None
        if self.strategy != "rightmost":
            start = self._next_in_turn(length)
            if start is not None:
                return start
        start = self._smallest(length)
        return start if start is not None and self.claim(start, length) else None

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
        return self._space.claim(start, length, self._top())

    def _top(self) -> int:
        """Return the length of the largest free block that can hold a part of this block."""
        if self._untouched:
            above = self._space.above(*self.block, self._space.block[1])
            if above is not None:
                return above
            self._untouched = False
        return self.block[1]

    def _smallest(self, length: int) -> int | None:
        """Return the first of the smallest free blocks that hold it: large ones stay whole."""
        for at in range(length, self.block[1] - 1, -1):
            start = self._space.first(at, self.block)
            if start is not None:
                return start
        return self.block[0] if self._top() < self.block[1] else None

    def grows_to(self, start: int, length: int) -> int:
        """Return the shortest length to which a taken prefix can be widened where it stands.

        Every wider prefix must consist of it and free space. No two prefixes are promised the
        same space: a free block has one sibling only.
        """
        while length > self.block[1]:
            if not self._space.is_free(start ^ size_of(length, self.bits), length):
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
        if self._top() < self.block[1]:
            return [self.block]
        lengths = range(self.block[1], self.bits + 1)
        return sorted((start, at) for at in lengths for start in self._space.starts(at, self.block))

    def largest(self) -> int | None:
        """Return the length of the largest free block, None where nothing is free."""
        return min((length for _, length in self.free_blocks()), default=None)

    def free_addresses(self) -> int:
        """Return how many addresses are free."""
        return sum(size_of(length, self.bits) for _, length in self.free_blocks())


class Taken:
    """The intervals of a family that are in use, for the question whether a prefix is free.

    It knows nothing of pools and blocks, and so sees what lies across them.
    """

    def __init__(self, bits: int, blocks: Iterable[Block]) -> None:
        self.bits = bits
        held: Intervals = intervals(blocks, bits)
        self._starts = [start for start, _ in held]
        self._ends = [end for _, end in held]

    def is_free(self, start: int, length: int) -> bool:
        """Say whether nothing in use shares addresses with this prefix."""
        return self._touching(start, start + size_of(length, self.bits)) is not None

    def add(self, start: int, length: int) -> bool:
        """Enter a prefix; False where it is not free, and nothing is entered then."""
        end = start + size_of(length, self.bits)
        at = self._touching(start, end)
        if at is None:
            return False
        self._starts.insert(at, start)
        self._ends.insert(at, end)
        return True

    def _touching(self, start: int, end: int) -> int | None:
        """Return the place of an interval in the order, None where another one is in its way."""
        at = bisect_right(self._ends, start)
        return None if at < len(self._starts) and self._starts[at] < end else at

    def room(self, start: int, length: int, top: int) -> int:
        """Return the length to which a prefix in use can be widened, /``top`` at most."""
        size, end = size_of(top, self.bits), start + size_of(length, self.bits)
        around = start & -size
        if (
            self._touching(around, start) is not None
            and self._touching(end, around + size) is not None
        ):
            return min(length, top)  # nearly always there is nobody else
        while length > top:
            sibling = start ^ size_of(length, self.bits)
            if not self.is_free(sibling, length):
                break
            length -= 1
            start &= -size_of(length, self.bits)
        return length

    def widen(self, start: int, length: int, to: int) -> bool:
        """Enter what a prefix in use needs to become a /``to`` where it stands, or nothing."""
        if self.room(start, length, to) > to:
            return False
        for at in range(length, to, -1):
            size = size_of(at, self.bits)
            self.add(start & -size ^ size, at)
        return True
