"""Where renumbering is out: a translation for each IPv4 prefix that overlaps.

Two forms are offered for each prefix; either will do:

- NAT: another IPv4 prefix of the same length, address by address (1:1, as NETMAP does it). Both
  ends of a conflict need one: who keeps its own prefix takes the other's packets for local ones.
- 4via6: the IPv4 address in the last 32 bits of an IPv6 address (RFC 6052), behind a /96 of the
  owner's own inside 64:ff9b:1::/48, the range that RFC 8215 sets aside for translators within a
  network (64:ff9b::/96 must not carry private addresses). Its 40 free bits are a hash of the
  owner's name (bits 64 to 71 stay zero), so that it depends on nothing else.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass
from ipaddress import IPv4Network, IPv6Network

from k8s6plan.addressing.space.blocks import aligned, intervals
from k8s6plan.addressing.space.free import FreeSpace
from k8s6plan.addressing.space.pools import block_of
from k8s6plan.fleet.model import Prefix
from k8s6plan.fleet.overlaps import Conflict, Holding

SHARED_SPACE = IPv4Network("100.64.0.0/10")  # RFC 6598: made to stand between two translators
TRANSLATORS = IPv6Network("64:ff9b:1::/48")  # RFC 8215
SCHEME = (
    "64:ff9b:1::/48 (RFC 8215), 16 bits of the SHA-256 of the owner's name, 8 zero bits, its next "
    "24 bits, then the IPv4 address (RFC 6052, /96)"
)
_BITS = 32


@dataclass(frozen=True)
class Translation:
    """How ``prefix`` of ``owner`` is seen from outside; ``nat`` None: no prefix as large is free.

    ``via6`` is None for an IPv6 prefix, which is renumbered rather than translated.
    """

    owner: str
    prefix: Prefix
    nat: IPv4Network | None
    via6: IPv6Network | None

    def __str__(self) -> str:
        if self.via6 is None:
            return f"{self.prefix} of {self.owner}: IPv6 is not translated; renumber it"
        if self.nat is None:
            return f"{self.prefix} of {self.owner}: no free prefix for NAT; by IPv6 as {self.via6}"
        return f"{self.prefix} of {self.owner}: by NAT as {self.nat}, or by IPv6 as {self.via6}"


def translations(
    conflicts: Iterable[Conflict],
    *,
    in_use: Iterable[Prefix],
    pools: Iterable[Prefix],
) -> list[Translation]:
    """Return a translation for each prefix of a cluster that is party to ``conflicts``.

    NAT prefixes come from 100.64.0.0/10 outside the ``pools``, then from what is free in these,
    again 100.64.0.0/10 first.
    What a cluster does to itself no translation mends, so such a prefix has none; nor have services
    that nobody reaches from outside.
    """
    wanted: dict[tuple[str, Prefix], Holding] = {}
    for conflict in conflicts:
        held = list(conflict.holdings)
        if len({holding.cluster for holding in held}) > 1:
            for one in held:
                if one.cluster is not None and conflict.is_routed(one):
                    wanted.setdefault((one.kin, one.prefix), one)
    spaces = _spaces(in_use, pools)
    found = []
    for holding in sorted(wanted.values(), key=lambda h: (h.prefix.prefixlen, h.owner, h.prefix)):
        prefix = holding.prefix
        if isinstance(prefix, IPv4Network):
            nat = _take(spaces, prefix.prefixlen)
            found.append(Translation(holding.owner, prefix, nat, _via6(holding, prefix)))
        else:
            found.append(Translation(holding.owner, prefix, None, None))
    return sorted(found, key=lambda t: (t.owner, t.prefix.version, int(t.prefix[0])))


def _spaces(in_use: Iterable[Prefix], pools: Iterable[Prefix]) -> list[FreeSpace]:
    four = [block_of(pool) for pool in pools if pool.version == 4]
    used = [block_of(prefix) for prefix in in_use if prefix.version == 4]
    apart = FreeSpace(block_of(SHARED_SPACE), intervals([*used, *four], _BITS), _BITS)
    spaces = [apart]
    shared = int(SHARED_SPACE.network_address), int(SHARED_SPACE.broadcast_address)
    # What lies in 100.64.0.0/10 goes first: there a NAT prefix is not taken for a real one.
    inner_first = sorted(intervals(four, _BITS), key=lambda i: not shared[0] <= i[0] <= shared[1])
    for start, end in inner_first:
        # Pools may lie inside each other: their union is cut anew, so that none counts twice.
        taken = intervals(used, _BITS)
        spaces += [FreeSpace(block, taken, _BITS) for block in aligned(start, end, _BITS)]
    return spaces


def _take(spaces: list[FreeSpace], length: int) -> IPv4Network | None:
    for space in spaces:
        start = space.take(length)
        if start is not None:
            return IPv4Network((start, length))
    return None


def _via6(holding: Holding, prefix: IPv4Network) -> IPv6Network:
    """Return the IPv6 prefix that stands for ``prefix``: 96 bits, then the IPv4 address."""
    owner = holding.site if holding.role == "nodes" else holding.cluster
    digest = hashlib.sha256(str(owner).encode()).digest()
    number = int(TRANSLATORS.network_address)
    number |= int.from_bytes(digest[:2], "big") << 64  # bits 48 to 63
    number |= int.from_bytes(digest[2:5], "big") << 32  # bits 72 to 95
    return IPv6Network((number | int(prefix.network_address), 96 + prefix.prefixlen))
