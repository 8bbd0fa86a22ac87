"""IPv4 inside IPv6: the worked examples of RFC 6052, and all prefix lengths both ways."""

from __future__ import annotations

from ipaddress import IPv4Address, IPv6Address, IPv6Network

import pytest
from hypothesis import given
from hypothesis import strategies as st

from k8s6plan.addressing.lookup.rfc6052 import (
    LENGTHS,
    WELL_KNOWN,
    extract,
    why_no_prefix,
    why_not_global,
)

CARRIED = IPv4Address("192.0.2.33")

# RFC 6052 s2.4, tables 1 and 2: prefix, and 192.0.2.33 behind it.
EXAMPLES = [
    ("2001:db8::/32", "2001:db8:c000:221::"),
    ("2001:db8:100::/40", "2001:db8:1c0:2:21::"),
    ("2001:db8:122::/48", "2001:db8:122:c000:2:2100::"),
    ("2001:db8:122:300::/56", "2001:db8:122:3c0:0:221::"),
    ("2001:db8:122:344::/64", "2001:db8:122:344:c0:2:2100::"),
    ("2001:db8:122:344::/96", "2001:db8:122:344::192.0.2.33"),
    ("64:ff9b::/96", "64:ff9b::192.0.2.33"),
]


@pytest.mark.parametrize(("prefix", "address"), EXAMPLES)
def test_worked_examples_of_the_rfc(prefix: str, address: str) -> None:
    network, written = IPv6Network(prefix), IPv6Address(address)
    assert by_octets(CARRIED, network) == written
    assert extract(int(written), network) == int(CARRIED)


def by_octets(address: IPv4Address, prefix: IPv6Network) -> IPv6Address:
    """Write ``address`` behind ``prefix``, octet by octet, as the figure of s2.2 draws it."""
    octets = bytearray(prefix.network_address.packed)
    at = prefix.prefixlen // 8
    for octet in address.packed:
        if at == 8:  # the "u" octet
            at += 1
        octets[at] = octet
        at += 1
    return IPv6Address(bytes(octets))


@st.composite
def prefixes(draw: st.DrawFn) -> IPv6Network:
    """Return a prefix that a translator can have."""
    length = draw(st.sampled_from(LENGTHS))
    number = draw(st.integers(0, (1 << length) - 1)) << (128 - length)
    return IPv6Network((number & ~(0xFF << 56), length))


@given(address=st.integers(0, 2**32 - 1).map(IPv4Address), prefix=prefixes(), suffix=st.integers(0))
def test_every_length_there_and_back(
    address: IPv4Address, prefix: IPv6Network, suffix: int
) -> None:
    assert why_no_prefix(prefix) is None
    made = by_octets(address, prefix)
    assert extract(int(made), prefix) == int(address)
    # What stands behind the IPv4 address is reserved, and ignored.
    room = {32: 56, 40: 48, 48: 40, 56: 32, 64: 24, 96: 0}[prefix.prefixlen]
    assert extract(int(made) | suffix % (1 << room), prefix) == int(address)


@given(address=st.integers(0, 2**32 - 1), prefix=prefixes())
def test_u_octet_and_prefix_must_be_right(address: int, prefix: IPv6Network) -> None:
    made = int(by_octets(IPv4Address(address), prefix))
    assert extract(made | 1 << 56, prefix) is None
    assert extract(made ^ 1 << 127, prefix) is None


@pytest.mark.parametrize("text", ["64:ff9b::/95", "2001:db8::/52", "::/0", "64:ff9b::1/128"])
def test_other_lengths_are_refused(text: str) -> None:
    prefix = IPv6Network(text)
    assert "must be one of /32, /40, /48, /56, /64, /96" in (why_no_prefix(prefix) or "")


def test_bits_64_to_71_of_a_prefix_are_zero() -> None:
    assert "bits 64 to 71" in (why_no_prefix(IPv6Network("2001:db8:0:0:100::/96")) or "")
    assert why_no_prefix(IPv6Network("2001:db8:0:0:ff::/96")) is None
    assert why_no_prefix(WELL_KNOWN) is None


@pytest.mark.parametrize(
    ("address", "word"),
    [
        ("10.255.255.255", "RFC 1918"),
        ("172.16.0.0", "RFC 1918"),
        ("172.31.255.255", "RFC 1918"),
        ("192.168.0.1", "RFC 1918"),
        ("100.64.0.0", "RFC 6598"),
        ("100.127.255.255", "RFC 6598"),
        ("0.1.2.3", "this network"),
        ("127.0.0.1", "loopback"),
        ("169.254.1.1", "link-local"),
        ("192.0.0.1", "IETF"),
        ("192.0.2.33", "documentation"),
        ("192.88.99.1", "6to4"),
        ("198.18.0.1", "benchmarking"),
        ("198.51.100.1", "documentation"),
        ("203.0.113.1", "documentation"),
        ("224.0.0.1", "multicast"),
        ("255.255.255.255", "reserved"),
    ],
)
def test_not_global(address: str, word: str) -> None:
    """All of RFC 1918, and of RFC 5735 s3 that RFC 6052 s3.1 refers to; RFC 6598 came later."""
    assert word in (why_not_global(IPv4Address(address)) or "")


@pytest.mark.parametrize(
    "address",
    ["8.8.8.8", "9.255.255.255", "11.0.0.0", "100.63.255.255", "100.128.0.0", "172.32.0.0"],
)
def test_global(address: str) -> None:
    assert why_not_global(IPv4Address(address)) is None
