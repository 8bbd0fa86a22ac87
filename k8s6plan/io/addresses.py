"""Addresses as text, by RFC 5952: lower case, no leading zeros, the longest run of zeros as ::.

``ipaddress`` prints them so too, at some microseconds each. A plan of ten thousand clusters has
fifty thousand prefixes, and a /48 has 65,536 subnets, so they are printed by the C library here.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import suppress
from ipaddress import IPv4Network, IPv6Address, IPv6Network, ip_network
from socket import AF_INET6, inet_ntop, inet_pton


def ipv6_text(address: int) -> str:
    """Return the text of an IPv6 address, given as a number."""
    # C libraries differ in what they do to addresses that look like embedded IPv4.
    if address >> 32 in (0, 0xFFFF, 0xFFFF_0000):
        return str(IPv6Address(address))
    return inet_ntop(AF_INET6, address.to_bytes(16, "big"))


def ipv4_text(address: int) -> str:
    """Return the text of an IPv4 address, given as a number."""
    return f"{address >> 24}.{address >> 16 & 255}.{address >> 8 & 255}.{address & 255}"


def prefix_text(prefix: IPv4Network | IPv6Network) -> str:
    """Return the text of a prefix."""
    address = int(prefix.network_address)
    text = ipv4_text(address) if prefix.version == 4 else ipv6_text(address)
    return f"{text}/{prefix.prefixlen}"


def why_ambiguous(text: str) -> str | None:
    """Return why ``text``, which Python takes for a prefix, may mean another, or None."""
    address, slash, length = text.partition("/")
    if "%" in text:
        zone = text[text.index("%") :].partition("/")[0]
        right = text.replace(zone, "", 1)
        return f'"{text}" has a zone, which means something on one machine only; write "{right}"'
    if not slash:
        whole = f"{address}/{128 if ':' in address else 32}"
        return (
            f'"{text}" has no prefix length; write "{whole}" for this one address, or the length '
            "that is meant"
        )
    if not length.isdecimal():
        right = str(ip_network(text, strict=False))
        return f'"{text}" has a mask in place of a prefix length; write "{right}"'
    return None


def parse_network(text: str) -> IPv4Network | IPv6Network:
    """Return the network that ``text`` holds.

    Raises:
        ValueError: it is none, has bits set right of its length, or may mean another one.

    """
    address, slash, length = text.partition("/")
    if ":" in address and slash and length.isdecimal():
        with suppress(OSError):  # what the C library does not take, Python says what is wrong with
            packed = inet_pton(AF_INET6, address)
            return IPv6Network((int.from_bytes(packed, "big"), int(length)))
    network = ip_network(text)
    wrong = why_ambiguous(text)
    if wrong is not None:
        raise ValueError(wrong)
    return network


def subnet_texts(prefix: IPv4Network | IPv6Network, length: int) -> Iterator[str]:
    """Yield the text of every subnet of ``prefix`` with this prefix length, by address.

    Raises:
        ValueError: ``length`` is shorter than the prefix's own, or longer than an address.

    """
    bits = prefix.max_prefixlen
    if not prefix.prefixlen <= length <= bits:
        raise ValueError(f"/{length} is no length of a subnet of {prefix}")
    step = 1 << bits - length
    first = int(prefix.network_address)
    numbers = range(first, first + (1 << bits - prefix.prefixlen), step)
    if prefix.version == 4:
        for number in numbers:
            yield f"{ipv4_text(number)}/{length}"
    elif 48 < length <= 64 and first >> 112:
        yield from _subnets_of_48(numbers, length)
    else:
        for number in numbers:
            yield f"{ipv6_text(number)}/{length}"


def _subnets_of_48(numbers: range, length: int) -> Iterator[str]:
    """Yield subnets that differ in the fourth group: all the others are printed once a /48.

    The right half is zero, and the first group is not, so the run of zeros that ends in the right
    half is the longest one, and where the fourth group is set it is the right half itself.
    """
    step = numbers.step >> 64
    start, stop = numbers.start >> 64, numbers.stop >> 64
    while start < stop:
        end = min(stop, (start | 0xFFFF) + 1)
        head = f"{start >> 48:x}:{start >> 32 & 0xFFFF:x}:{start >> 16 & 0xFFFF:x}:"
        fourth = range(start & 0xFFFF, (end - 1 & 0xFFFF) + 1, step)
        if not fourth[0]:
            yield f"{ipv6_text(start << 64)}/{length}"
            fourth = fourth[1:]
        tail = f"::/{length}"
        yield from [f"{head}{group:x}{tail}" for group in fourth]
        start = end
