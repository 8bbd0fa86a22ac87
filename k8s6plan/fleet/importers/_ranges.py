"""From the prefixes that nodes hold to the ranges that they were cut from; which holds which."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Collection, Iterable
from ipaddress import IPv4Network, IPv6Network

from k8s6plan.fleet.model import Prefix

# A range is believed if it is at most this many bits shorter than the blocks cut from it: 8 bits
# of IPv4 are 256 nodes (a /16 cut into /24s), 16 bits of IPv6 are all that Kubernetes allows.
_BITS_BELIEVED = {4: 8, 6: 16}
# A wider one is believed if at least one sixteenth of it is in use.
_SPARSEST = 16
# Inside one IPv6 subnet nothing is saved by cutting finer.
_IPV6_SUBNET = 64


def span(prefixes: Collection[Prefix]) -> Prefix:
    """Return the smallest aligned prefix that holds all of ``prefixes`` (of one family)."""
    first = min(prefixes, key=lambda prefix: int(prefix.network_address))
    start = int(first.network_address)
    end = max(int(prefix.broadcast_address) for prefix in prefixes)
    bits = first.max_prefixlen
    length = bits - (start ^ end).bit_length()
    return _network(first.version, start, min(length, first.prefixlen))


def gathered(blocks: Collection[Prefix]) -> list[Prefix]:
    """Return the ranges that ``blocks`` (of one family) come from, by address.

    One range where they lie close enough together for one; else the blocks are parted at the
    highest bit in which they differ, and each part is judged likewise.
    """
    whole = span(blocks)
    largest = min(block.prefixlen for block in blocks)
    used = sum(1 << (block.max_prefixlen - block.prefixlen) for block in set(blocks))
    size = 1 << (whole.max_prefixlen - whole.prefixlen)
    near = largest - whole.prefixlen <= _BITS_BELIEVED[whole.version]
    subnet = whole.version == 6 and whole.prefixlen >= _IPV6_SUBNET
    if near or subnet or used * _SPARSEST >= size:
        return [whole]
    middle = int(whole.network_address) + size // 2
    low = [block for block in blocks if int(block.network_address) < middle]
    high = [block for block in blocks if int(block.network_address) >= middle]
    return gathered(low) + gathered(high)


def at_most(prefix: Prefix, length: int) -> Prefix:
    """Return ``prefix``, widened to ``length`` where it is longer than that."""
    return prefix if prefix.prefixlen <= length else prefix.supernet(new_prefix=length)


class Nest:
    """A set of prefixes that is asked which of them lies around another, or inside it.

    Only lengths that occur are looked up, so that registers of 100,000 rows take a second.
    """

    def __init__(self, prefixes: Iterable[Prefix] = ()) -> None:
        self._held: dict[tuple[int, int, int], Prefix] = {}
        self._lengths: dict[int, list[int]] = {4: [], 6: []}
        self._starts: list[tuple[int, int]] = []
        for prefix in prefixes:
            self.add(prefix)
        self._starts.sort()

    def add(self, prefix: Prefix) -> None:
        """Put ``prefix`` in; ``inside`` knows only those that were there from the start."""
        lengths = self._lengths[prefix.version]
        if prefix.prefixlen not in lengths:
            lengths.append(prefix.prefixlen)
            lengths.sort()
        self._held[_key(prefix, prefix.prefixlen)] = prefix
        self._starts.append((prefix.version, int(prefix.network_address)))

    def around(self, prefix: Prefix) -> Prefix | None:
        """Return the widest prefix of the set that holds or equals ``prefix``."""
        for length in self._lengths[prefix.version]:
            if length > prefix.prefixlen:
                break
            if (outer := self._held.get(_key(prefix, length))) is not None:
                return outer
        return None

    def inside(self, prefix: Prefix) -> bool:
        """Say whether a prefix of the set begins in ``prefix``."""
        at = bisect_left(self._starts, (prefix.version, int(prefix.network_address)))
        last = (prefix.version, int(prefix.broadcast_address))
        return at < len(self._starts) and self._starts[at] <= last


def _key(prefix: Prefix, length: int) -> tuple[int, int, int]:
    start = int(prefix.network_address)
    return prefix.version, length, start >> (prefix.max_prefixlen - length)


def _network(version: int, start: int, length: int) -> Prefix:
    kind = IPv4Network if version == 4 else IPv6Network
    return kind((start, length), strict=False)
