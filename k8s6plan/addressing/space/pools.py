"""Pools of several roles may share addresses; no address is ever handed out twice.

The pools of one family are cut into parts that lie in the same pools all over, and a role takes
from the parts of its own pools: those it has for itself first. All parts look at one free space,
that of the family, from which others than pools take as well.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from ipaddress import IPv4Network, IPv6Network
from math import floor

from k8s6plan.addressing.space.blocks import Block, aligned, inside, intervals, size_of
from k8s6plan.addressing.space.free import FreeSpace, Space
from k8s6plan.addressing.space.strategy import Strategy
from k8s6plan.fleet.model import ADDRESS_BITS, FAMILIES, Family, Prefix, family_of


def block_of(prefix: Prefix) -> Block:
    """Return ``prefix`` as integers."""
    return int(prefix.network_address), prefix.prefixlen


def prefix_of(start: int, length: int, family: Family) -> Prefix:
    """Return the network of a block."""
    return IPv4Network((start, length)) if family == "ipv4" else IPv6Network((start, length))


def lies_in(prefix: Prefix, other: Prefix) -> bool:
    """Say whether ``prefix`` lies in ``other``, of whatever family; `subnet_of`, but fast."""
    if prefix.version != other.version or prefix.prefixlen < other.prefixlen:
        return False
    return int(prefix.network_address) & int(other.netmask) == int(other.network_address)


class Pools:
    """What the pools of one family have left of its free ``space``, by role."""

    def __init__(
        self,
        family: Family,
        pools: Mapping[str, Iterable[Prefix]],
        space: Space,
        strategy: Strategy,
    ) -> None:
        self.family: Family = family
        self.bits = ADDRESS_BITS[family]
        self._of_role: dict[str, list[FreeSpace]] = {}
        named = {
            role: [p for p in given if family_of(p) == family] for role, given in pools.items()
        }
        parts = _cut(sorted({p for given in named.values() for p in given}))
        spaces = [FreeSpace(part, (), self.bits, strategy, space=space) for part in parts]
        for role, given in named.items():
            mine = [
                (self._sharers(part.block, named), rank, part.block, part)
                for part in spaces
                for rank, pool in enumerate(given)
                if inside(part.block, block_of(pool), self.bits)
            ]
            self._of_role[role] = [part for *_, part in sorted(mine, key=lambda item: item[:3])]

    def take(self, role: str, length: int) -> Prefix | None:
        """Take a prefix of ``length`` for ``role``; None where its pools have no room."""
        for space in self._of_role.get(role, ()):
            start = space.take(length)
            if start is not None:
                return prefix_of(start, length, self.family)
        return None

    def has(self, role: str) -> bool:
        """Say whether ``role`` has a pool in this family."""
        return bool(self._of_role.get(role))

    def grows_to(self, role: str, prefix: Prefix) -> int:
        """Return how far ``prefix`` can be widened in place inside the pools of ``role``."""
        start, length = block_of(prefix)
        for space in self._of_role.get(role, ()):
            if inside((start, length), space.block, self.bits):
                return space.grows_to(start, length)
        return length

    def widen(self, role: str, prefix: Prefix, length: int) -> bool:
        """Widen a taken prefix in place to ``length``; False where there is no room for it."""
        start, now = block_of(prefix)
        for space in self._of_role.get(role, ()):
            if inside((start, now), space.block, self.bits):
                return space.widen(start, now, length)
        return False

    def free(self, role: str) -> list[dict[str, object]]:
        """Return what is left of each part of the role's pools: percent, largest prefix length."""
        found: list[dict[str, object]] = []
        for space in self._of_role.get(role, ()):
            share = space.free_addresses() / size_of(space.block[1], self.bits)
            found.append(
                {
                    "pool": str(prefix_of(*space.block, self.family)),
                    # Rounded down: only a pool that nobody has touched is free to 100 %.
                    "free_percent": floor(10_000 * share) / 100,
                    "largest_free": space.largest(),
                }
            )
        return found

    def _sharers(self, block: Block, named: Mapping[str, Sequence[Prefix]]) -> int:
        return sum(
            any(inside(block, block_of(pool), self.bits) for pool in given)
            for given in named.values()
        )


def _cut(prefixes: Sequence[Prefix]) -> list[Block]:
    """Cut nested prefixes into parts, so that each part lies in the same prefixes all over."""
    parts: list[Block] = []
    for prefix in prefixes:
        inner = [p for p in prefixes if p != prefix and lies_in(p, prefix)]
        if not inner:  # nearly always, and then the library need not be loaded
            parts.append(block_of(prefix))
            continue
        from netaddr import IPNetwork, IPSet

        rest = IPSet(IPNetwork(str(prefix))) - IPSet(IPNetwork(str(p)) for p in inner)
        parts += [(int(cidr.first), int(cidr.prefixlen)) for cidr in rest.iter_cidrs()]
    return parts


def summarise(prefixes: Iterable[Prefix]) -> list[Prefix]:
    """Return the fewest prefixes that hold exactly the addresses of ``prefixes``, sorted."""
    of_family: dict[Family, list[Block]] = {}
    for prefix in prefixes:
        of_family.setdefault(family_of(prefix), []).append(block_of(prefix))
    return [
        prefix_of(*block, family)
        for family in FAMILIES
        if family in of_family
        for start, end in intervals(of_family[family], ADDRESS_BITS[family])
        for block in aligned(start, end, ADDRESS_BITS[family])
    ]
