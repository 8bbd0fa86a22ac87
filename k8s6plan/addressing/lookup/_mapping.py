"""``ipv6_mapping: embed-ipv4``: each pod's IPv4 address and IPv6 address tell each other.

The pods' IPv6 prefix has 96 bits more than their IPv4 prefix, and its last 32 bits are that
prefix: 10.8.0.0/14 becomes fd00:1::a08:0/110. So node masks keep their distance (a /24 becomes a
/120), and the last 32 bits of a pod's IPv6 address are its IPv4 address.
"""

from __future__ import annotations

from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network

from k8s6plan.fleet.model import Prefix


def to_ipv6(address: IPv4Address, ipv4: IPv4Network, ipv6: IPv6Network) -> IPv6Address:
    """Return the counterpart in ``ipv6`` of an ``address`` in ``ipv4``: the same host part.

    The host part is the last 32-p bits of a prefix of length p; it fits where ``ipv6`` has as many
    bits left. What lies between them is the prefix's own, from ``ipv6``.

    Raises:
        ValueError: ``address`` lies outside ``ipv4``, or its host part does not fit.

    """
    _check_room(ipv4, ipv6)
    if address not in ipv4:
        raise ValueError(f"{address} does not lie in {ipv4}")
    return IPv6Address(int(ipv6.network_address) + int(address) - int(ipv4.network_address))


def to_ipv4(address: IPv6Address, ipv4: IPv4Network, ipv6: IPv6Network) -> IPv4Address:
    """Return the counterpart in ``ipv4`` of an ``address`` in ``ipv6``: ``to_ipv6`` backwards.

    Raises:
        ValueError: ``address`` is the counterpart of none, or the host part does not fit.

    """
    _check_room(ipv4, ipv6)
    host = int(address) - int(ipv6.network_address)
    if not 0 <= host < ipv4.num_addresses:
        raise ValueError(f"{address} is the counterpart of no address in {ipv4}")
    return IPv4Address(int(ipv4.network_address) + host)


def _check_room(ipv4: IPv4Network, ipv6: IPv6Network) -> None:
    if 128 - ipv6.prefixlen < 32 - ipv4.prefixlen:
        raise ValueError(f"the {32 - ipv4.prefixlen} host bits of {ipv4} do not fit into {ipv6}")


def is_embedded(ipv4: Prefix, ipv6: Prefix) -> bool:
    """Say whether ``ipv6`` was derived from ``ipv4``: 96 bits longer, and ending in its bits."""
    low = int(ipv6.network_address) & 0xFFFF_FFFF
    return ipv6.prefixlen == 96 + ipv4.prefixlen and low == int(ipv4.network_address)
