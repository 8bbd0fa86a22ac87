"""Printed addresses are those of RFC 5952, as ipaddress prints them too."""

from __future__ import annotations

from ipaddress import IPv4Network, IPv6Address, IPv6Network, ip_network

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from k8s6plan.io.addresses import ipv6_text, parse_network, prefix_text, subnet_texts

groups = st.one_of(st.just(0), st.integers(0, 0xFFFF))
addresses = st.lists(groups, min_size=8, max_size=8).map(
    lambda parts: int("".join(f"{part:04x}" for part in parts), 16)
)


@pytest.mark.slow
@settings(max_examples=500)
@given(address=addresses)
@example(address=0)
@example(address=1)
@example(address=0x0A40_0000)
@example(address=0xFFFF_0A40_0001)
@example(address=0xFFFF_0000_0A40_0001)
def test_addresses_are_printed_as_ipaddress_does(address: int) -> None:
    assert ipv6_text(address) == str(IPv6Address(address))


@given(address=addresses, length=st.integers(0, 128))
def test_prefixes(address: int, length: int) -> None:
    six = IPv6Network((address, length), strict=False)
    four = IPv4Network((address & 0xFFFF_FFFF, min(length, 32)), strict=False)
    assert prefix_text(six) == str(six)
    assert parse_network(str(six)) == six
    assert parse_network(str(four)) == four
    assert prefix_text(four) == str(four)


@pytest.mark.slow
@settings(max_examples=200)
@given(address=addresses, length=st.integers(0, 128), deeper=st.integers(0, 8))
@example(address=0x2001_0DB8_0000 << 80, length=46, deeper=18 - 8)
@example(address=0x2001 << 112, length=44, deeper=8)
def test_subnets(address: int, length: int, deeper: int) -> None:
    prefix = IPv6Network((address, length), strict=False)
    new = min(128, length + deeper)
    assert list(subnet_texts(prefix, new)) == [str(p) for p in prefix.subnets(new_prefix=new)]


@pytest.mark.slow
@pytest.mark.parametrize(
    ("prefix", "length"), [("2600:1f18:1234::/48", 64), ("2600:0:0::/46", 60), ("10.0.0.0/20", 28)]
)
def test_all_subnets_of_a_site(prefix: str, length: int) -> None:
    network = ip_network(prefix)
    expected = [str(p) for p in network.subnets(new_prefix=length)]
    assert list(subnet_texts(network, length)) == expected


@pytest.mark.parametrize("text", ["", "fd00::/129", "fd00::1/64", "fd00:::/64", "x/8"])
def test_what_is_no_network_is_refused_as_ipaddress_does(text: str) -> None:
    for parse in (ip_network, parse_network):
        with pytest.raises(ValueError, match=r"."):
            parse(text)


@pytest.mark.parametrize(
    ("text", "right"),
    [
        ("fd00::", "fd00::/128"),
        ("10.20.0.0", "10.20.0.0/32"),
        ("fe80::%eth0/64", "fe80::/64"),
        ("fe80::%1", "fe80::"),
        ("10.0.0.0/255.0.0.0", "10.0.0.0/8"),
        ("10.0.0.0/0.0.0.255", "10.0.0.0/24"),
    ],
)
def test_what_may_mean_another_network_is_refused_with_the_probable_one(
    text: str, right: str
) -> None:
    ip_network(text)  # Python takes it
    with pytest.raises(ValueError, match=f'"{text}" has .* write "{right}"'):
        parse_network(text)


def test_no_subnet_is_larger_than_its_prefix() -> None:
    with pytest.raises(ValueError, match="no length of a subnet"):
        list(subnet_texts(ip_network("10.0.0.0/20"), 19))
