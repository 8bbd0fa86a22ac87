"""Addresses in and out: strict when read, and printed as RFC 5952 has it."""

from __future__ import annotations

from ipaddress import IPv4Address, IPv6Address, ip_network

from k8s6plan.io.addresses import ipv4_text, ipv6_text

MAPPED = 0xFFFF  # what stands before the last 32 bits of ::ffff:0:0/96 (RFC 4291 s2.5.5.2)


def parse(text: str) -> tuple[int, int, int]:
    """Return (version, first address, length) of an address or a prefix.

    Raises:
        ValueError: it is neither, or has bits set right of its length; then with what is right.

    """
    version = 6 if ":" in text else 4
    try:
        if "/" not in text:
            # A zone ("fe80::1%eth0") says on which link; whose the address is does not hang on it.
            if version == 4:
                return 4, int(IPv4Address(text)), 32
            return 6, int(IPv6Address(text)), 128
        prefix = ip_network(text, strict=False)
    except ValueError:
        raise ValueError(f'"{_printable(text)}" is no address or prefix') from None
    start, length = _start_of(text), prefix.prefixlen
    if start != int(prefix.network_address):
        right = text_of(version, int(prefix.network_address), length)
        raise ValueError(f'"{text}" has host bits set; the prefix is "{right}"')
    return version, start, length


def _start_of(text: str) -> int:
    """Return the address before the slash of a valid prefix, as an integer."""
    address = text.partition("/")[0]
    return int(IPv6Address(address) if ":" in address else IPv4Address(address))


def text_of(version: int, start: int, length: int) -> str:
    """Return an address, or a prefix where it is shorter than one, as RFC 5952 writes it.

    IPv4-mapped addresses keep their dots (RFC 5952 s5), which Python takes away.
    """
    if version == 4:
        text, whole = ipv4_text(start), 32
    elif start >> 32 == MAPPED:
        text, whole = f"::ffff:{ipv4_text(start & 0xFFFF_FFFF)}", 128
    else:
        text, whole = ipv6_text(start), 128
    return text if length == whole else f"{text}/{length}"


def _printable(text: str, longest: int = 60) -> str:
    """Return ``text`` fit for a message: no control characters, and not endless."""
    clean = "".join(char if char.isprintable() else "?" for char in text)
    return clean if len(clean) <= longest else clean[: longest - 3] + "..."
