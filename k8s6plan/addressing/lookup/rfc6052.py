"""IPv4 addresses inside IPv6 ones, as NAT64 carries them (RFC 6052).

The IPv4 address stands right behind the translator's prefix, and steps over bits 64 to 71 (the
"u" octet), which are zero in every such address (s2.2)::

    /32  prefix(32) v4(32)        u  suffix(56)
    /40  prefix(40) v4(24)        u  v4(8)  suffix(48)
    /48  prefix(48) v4(16)        u  v4(16) suffix(40)
    /56  prefix(56) v4(8)         u  v4(24) suffix(32)
    /64  prefix(64)               u  v4(32) suffix(24)
    /96  prefix(96) v4(32)        (bits 64 to 71 are the prefix's own)
"""

from __future__ import annotations

from functools import cache
from ipaddress import IPv4Address, IPv4Network, IPv6Network

from k8s6plan import catalog

WELL_KNOWN = IPv6Network("64:ff9b::/96")
LENGTHS = (32, 40, 48, 56, 64, 96)

_U_OCTET = 0xFF << 56  # bits 64 to 71, counted from the left as RFC 6052 does
# Not global either, though clusters take their prefixes there; the rest is in the catalogue.
_PRIVATE = (
    ("10.0.0.0/8", "private, RFC 1918"),
    ("172.16.0.0/12", "private, RFC 1918"),
    ("192.168.0.0/16", "private, RFC 1918"),
    ("100.64.0.0/10", "shared address space, RFC 6598"),
)


def why_no_prefix(prefix: IPv6Network) -> str | None:
    """Return why a translator cannot have ``prefix``, or None where it can (RFC 6052 s2.2)."""
    if prefix.prefixlen not in LENGTHS:
        lengths = ", ".join(f"/{length}" for length in LENGTHS)
        return f"{prefix} is no NAT64 prefix: its length must be one of {lengths} (RFC 6052 s2.2)"
    if int(prefix.network_address) & _U_OCTET:
        return f"{prefix} is no NAT64 prefix: its bits 64 to 71 must be zero (RFC 6052 s2.2)"
    return None


def extract(address: int, prefix: IPv6Network) -> int | None:
    """Return the IPv4 address inside an IPv6 ``address``, both as integers.

    None where it does not begin with ``prefix``, or its "u" octet is not zero. The suffix is
    reserved for what may come and ignored (s2.2: it should be zero).
    """
    host_bits = 128 - prefix.prefixlen
    if address >> host_bits != int(prefix.network_address) >> host_bits or address & _U_OCTET:
        return None
    if host_bits == 32:
        return address & 0xFFFF_FFFF
    behind = prefix.prefixlen - 32  # bits of the IPv4 address that stand behind the "u" octet
    before = (address & ((1 << host_bits) - 1)) >> 64
    return before << behind | (address >> (56 - behind)) & ((1 << behind) - 1)


def why_not_global(address: IPv4Address) -> str | None:
    """Return what ``address`` is that is not global, or None where it is.

    RFC 6052 s3.1: the well-known prefix must not carry such an address, and translators drop it.
    """
    number = int(address)
    for first, last, what in _not_global():
        if first <= number <= last:
            return what
    return None


@cache
def _not_global() -> tuple[tuple[int, int, str], ...]:
    special = ((row.prefix, row.name) for row in catalog.special_prefixes() if "." in row.prefix)
    named = [(IPv4Network(prefix), what) for prefix, what in (*_PRIVATE, *special)]
    return tuple((int(p.network_address), int(p.broadcast_address), what) for p, what in named)
