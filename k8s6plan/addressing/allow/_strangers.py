"""Pins that open the lists of all others, and those that are more than the fleet has.

A list lets in what the fleet file says that clusters send from. So one slip of the pen in one
cluster, ``8.0.0.0/7`` for ``8.0.0.0/17``, opens the edge of every other one.

A pinned prefix of nodes or pods is undeclared unless it lies in a pool of the fleet, or in an
aggregate that the file names (``ipv6``). What is undeclared is a stranger, whom no list lets in,
unless it lies

1. in IPv4 that the internet does not route;
2. in what one site is given at most, a /24 or a /48: those are the longest prefixes that the
   internet routes, and the shortest that a provider assigns to a network of its customer.
"""

from __future__ import annotations

from collections.abc import Iterable
from ipaddress import IPv4Network, IPv6Network
from typing import NamedTuple

from k8s6plan.addressing.space.pools import lies_in
from k8s6plan.fleet.demands import sending_roles
from k8s6plan.fleet.model import ROLES, Family, Fleet, Prefix, Role, family_of

# RFC 7454 s6.1.3 (longer ones are not taken from neighbours); RFC 6177 s1: a /48 a site at most.
_OF_ONE_SITE: dict[Family, int] = {"ipv4": 24, "ipv6": 48}
# RFC 1918; RFC 6598; RFC 2544, which AWS recommends for pods; RFC 1112 s4, which GKE takes.
_NOT_ROUTED = tuple(
    IPv4Network(text)
    for text in (
        *("10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16"),
        *("100.64.0.0/10", "198.18.0.0/15", "240.0.0.0/4"),
    )
)
_ULA = IPv6Network("fc00::/7")


class Pin(NamedTuple):
    """A pinned prefix of nodes or pods that the fleet has not declared, and whose it is."""

    cluster: str
    role: Role
    prefix: Prefix

    @property
    def named(self) -> str:
        """The prefix with its owner."""
        return f"{self.prefix} of {self.cluster} ({self.role})"

    @property
    def is_routed(self) -> bool:
        """Whether the internet routes it, or a part of it."""
        not_routed: tuple[Prefix, ...] = (*_NOT_ROUTED, _ULA)
        return not any(lies_in(self.prefix, around) for around in not_routed)

    @property
    def is_stranger(self) -> bool:
        """Whether it is more than one site is given, and not of IPv4 that nobody routes."""
        wide = self.prefix.prefixlen < _OF_ONE_SITE[family_of(self.prefix)]
        return wide and not any(lies_in(self.prefix, around) for around in _NOT_ROUTED)

    def __str__(self) -> str:
        """Return why it is a stranger, and the way to mend it."""
        length = _OF_ONE_SITE[family_of(self.prefix)]
        return (
            f"{self.named} lies in no pool or aggregate of "
            f"the fleet, and is more than the /{length} that one site is given; every other "
            "cluster would let all of it in; mend it, or declare it as a pool or as `ipv6`"
        )


def undeclared(fleet: Fleet) -> list[Pin]:
    """Return the pins outside of all pools and aggregates, by cluster, role and place."""
    pinning = [c for c in fleet.clusters if c.addresses.model_fields_set]
    if not pinning:  # nearly always
        return []
    declared: list[Prefix] = [p for role in ROLES for p in getattr(fleet.pools, role)]
    owned = (fleet.ipv6, *(cluster.ipv6 for cluster in fleet.clusters))
    declared += [prefix for prefix in dict.fromkeys(owned) if isinstance(prefix, IPv6Network)]
    return [
        Pin(cluster.name, role, prefix)
        for cluster in sorted(pinning, key=lambda cluster: cluster.name)
        for role in sending_roles(cluster)
        for prefix in dict.fromkeys(cluster.pinned(role))
        if not any(lies_in(prefix, around) for around in declared)
    ]


def strangers(fleet: Fleet) -> list[Pin]:
    """Return the pins that no list may be opened to."""
    return [pin for pin in undeclared(fleet) if pin.is_stranger]


def admitted(found: Iterable[Pin], prefixes: Iterable[Prefix]) -> list[Pin]:
    """Return those of the strangers whom a list of ``prefixes`` lets in."""
    listed = list(prefixes)
    return [one for one in found if any(lies_in(one.prefix, prefix) for prefix in listed)]
