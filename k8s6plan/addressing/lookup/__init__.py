"""Who owns an address, and its counterpart in the other family: a plan, asked backwards.

The prefixes of a plan lie inside each other or apart. One sorted pass cuts the address space where
they begin and end; the owner of an address is then found by bisection. The longest prefix that
holds all of what is asked decides.

Counterparts are told only where a plan maps IPv4 into IPv6 (``ipv6_mapping: embed-ipv4``): the
pods' IPv6 prefix has 96 bits more than their IPv4 prefix, and its last 32 bits are that prefix, so
10.8.0.0/14 becomes fd00:1::a08:0/110. Node masks keep their distance (a /24 becomes a /120), and
the last 32 bits of a pod's IPv6 address are its IPv4 address. Elsewhere equal host parts would be
an accident, since the CNI hands out each family on its own.
"""

from __future__ import annotations

from collections.abc import Iterable
from ipaddress import IPv4Address, IPv6Network
from typing import NamedTuple

from k8s6plan.addressing.lookup import rfc6052
from k8s6plan.addressing.lookup._claims import Claim, Owner, claims_of
from k8s6plan.addressing.lookup._space import Space
from k8s6plan.addressing.lookup._text import MAPPED, parse, text_of
from k8s6plan.addressing.plan_file import Plan
from k8s6plan.fleet.model import Family, family_of


class NodeBlock(NamedTuple):
    """The block of a pods prefix that one node takes; ``number`` counts them from 0."""

    number: int
    prefix: str


class Answer(NamedTuple):
    """What the plan knows of one address or prefix; no ``owners``: it is nobody's.

    ``node_block``: that of the node which it belongs to. ``counterpart``: the same pods in the
    other family; ``why_none`` says why there is none. ``carries``: the IPv4 address inside a NAT64
    or an IPv4-mapped address; then the owners are its. ``note`` and ``warning`` are sentences for
    the reader.
    """

    query: str
    owners: tuple[Owner, ...] = ()
    node_block: NodeBlock | None = None
    counterpart: str | None = None
    why_none: str | None = None
    carries: str | None = None
    note: str | None = None
    warning: str | None = None


class Lookup:
    """The prefixes of a plan, ready to be asked.

    ``nat64`` are further prefixes of translators; the well-known one is always known.
    """

    def __init__(self, plan: Plan, nat64: Iterable[IPv6Network] = ()) -> None:
        known = {*nat64, rfc6052.WELL_KNOWN}
        self._nat64 = sorted(known, key=lambda prefix: (-prefix.prefixlen, prefix))
        claims: dict[Family, list[Claim]] = {"ipv4": [], "ipv6": []}
        for claim in claims_of(plan):
            claims[family_of(claim.prefix)].append(claim)
        self._spaces = {4: Space(claims["ipv4"], 32), 6: Space(claims["ipv6"], 128)}

    def find(self, text: str) -> Answer:
        """Return the answer on an address or a prefix.

        Raises:
            ValueError: ``text`` is neither, or a prefix with host bits; the message says which.

        """
        version, start, length = parse(text)
        if version == 6:
            if start >> 32 == MAPPED and length >= 96:
                inside = self._find(4, start & 0xFFFF_FFFF, length - 96)
                query, note = text_of(6, start, length), f"IPv4-mapped, carries {inside.query}"
                return inside._replace(query=query, carries=inside.query, note=note)
            if length == 128:
                for prefix in self._nat64:
                    carried = rfc6052.extract(start, prefix)
                    if carried is not None:
                        return self._translated(start, carried, prefix)
        return self._find(version, start, length)

    def _find(self, version: int, start: int, length: int) -> Answer:
        space = self._spaces[version]
        group = space.group_of(start, length)
        query = text_of(version, start, length)
        if group is None or group.owners[0].state == "reserved":
            owners = () if group is None else group.owners
            inside = space.held_in(start, length) if length < space.bits else 0
            plural = "es" * (inside != 1)
            return Answer(
                query, owners, note=f"holds {inside:,} prefix{plural}" if inside else None
            )
        pods = group.pods
        if pods is None:
            return Answer(query, group.owners)
        block = None
        if pods.node_mask is not None and group.length <= pods.node_mask <= length:
            shift = space.bits - pods.node_mask
            first = start >> shift << shift
            number = (start - group.start) >> shift
            block = NodeBlock(number, text_of(version, first, pods.node_mask))
        if pods.other is None:
            return Answer(query, group.owners, block, why_none=pods.why_none)
        there, distance = (6, 96) if version == 4 else (4, -96)
        counterpart = text_of(there, pods.other + start - group.start, length + distance)
        return Answer(query, group.owners, block, counterpart)

    def _translated(self, address: int, carried: int, prefix: IPv6Network) -> Answer:
        """Answer on an address out of a translator's prefix: whose is the IPv4 address in it?"""
        inside = self._find(4, carried, 32)
        if not inside.owners:
            inside = self._find(6, address, 128)
        query, ipv4 = text_of(6, address, 128), IPv4Address(carried)
        warning = None
        what = rfc6052.why_not_global(ipv4) if prefix == rfc6052.WELL_KNOWN else None
        if what is not None:
            warning = (
                f"{query} carries {ipv4} ({what}), which {prefix} must not: translators drop it; "
                "take a prefix of your own, or of 64:ff9b:1::/48 (RFC 6052 s3.1, RFC 8215)"
            )
        return inside._replace(
            query=query,
            carries=str(ipv4),
            note=f"NAT64 {prefix}, carries {ipv4}",
            warning=warning,
        )


__all__ = [
    "Answer",
    "Lookup",
    "NodeBlock",
    "Owner",
    "claims_of",
    "parse",
    "text_of",
]
