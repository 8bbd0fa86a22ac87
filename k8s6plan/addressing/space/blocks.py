"""Blocks and intervals of addresses as plain integers; a block is (start, length).

Ten thousand clusters are planned so in the time that a hundred ``ip_network`` subtractions take.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterable, Iterator, Sequence
from ipaddress import IPv4Network, IPv6Network

Block = tuple[int, int]  # first address, prefix length
Intervals = list[tuple[int, int]]  # [start, end), sorted, none touching the next


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
