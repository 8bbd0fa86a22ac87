"""How much of a packet is left inside encapsulations, one in the other."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

from k8s6plan import catalog
from k8s6plan.errors import InvalidStack, UnknownName, did_you_mean
from k8s6plan.fleet.model import FAMILIES, Family


class Layer(NamedTuple):
    """One encapsulation: its name, the family of its outer header, and whether NAT-T is on."""

    encapsulation: str
    outer: Family = "ipv4"
    nat_t: bool = False


@dataclass(frozen=True)
class Inside:
    """What is left inside a stack of encapsulations, in bytes; ``layers`` outermost first.

    ``mtu``: the largest IP packet inside; ``overhead_bytes``: what such a packet grows by on the
    underlay; ``carries``: the families of the packet inside; ``findings``: where IPv6 breaks.
    """

    underlay: int
    layers: tuple[Layer, ...]
    mtu: int
    overhead_bytes: int
    carries: tuple[Family, ...]
    findings: tuple[str, ...]

    @property
    def overhead_share(self) -> float:
        """The part of a full packet on the underlay that is not the packet inside."""
        return self.overhead_bytes / (self.overhead_bytes + self.mtu)

    def mss(self, family: Family) -> int | None:
        """Return the TCP segment to clamp to, without TCP options; None: not carried."""
        return mss(self.mtu, family) if family in self.carries else None


def mss(mtu: int, family: Family) -> int:
    """Return the largest TCP segment in a packet of ``mtu`` bytes: less 40 (IPv4), 60 (IPv6)."""
    headers = catalog.header_bytes()
    return mtu - headers[family] - headers["tcp"]


def stack(
    encapsulations: Sequence[str],
    *,
    outer: Family | Sequence[Family] = "ipv4",
    nat_t: bool = False,
) -> tuple[Layer, ...]:
    """Return the layers of ``encapsulations``, the one that is nearest to the underlay first.

    ``outer``: the family of all outer headers, or of each. ``nat_t``: a NAT lies on the underlay,
    so the outermost, which must be IPsec, is carried in UDP.

    Raises:
        UnknownName: the table has no such encapsulation.
        InvalidStack: the layers do not fit into each other.

    """
    families = [outer] * len(encapsulations) if isinstance(outer, str) else list(outer)
    if len(families) == 1:
        families *= len(encapsulations)
    if len(families) != len(encapsulations):
        raise InvalidStack(
            f"{len(encapsulations)} encapsulations and {len(families)} outer families; give one "
            "family for all, or one for each"
        )
    layers = [Layer(*layer) for layer in zip(encapsulations, families, strict=True)]
    _check(layers)
    if nat_t:
        if not layers or not is_ipsec(layers[0].encapsulation):
            raise InvalidStack(
                "NAT-T is for IPsec, and the outermost encapsulation is none; leave it out"
            )
        layers[0] = layers[0]._replace(nat_t=True)
    return tuple(layers)


def inner_mtu(
    underlay: int,
    encapsulations: Sequence[str],
    *,
    outer: Family | Sequence[Family] = "ipv4",
    nat_t: bool = False,
) -> Inside:
    """Return what is left of ``underlay`` bytes inside ``encapsulations``, outermost first.

    The formulas stand in data/encapsulations.yaml. ``outer`` and ``nat_t`` as for ``stack``.

    Raises:
        UnknownName: the table has no such encapsulation.
        InvalidStack: the layers do not fit into each other, or nothing is left inside.

    """
    return inside(underlay, stack(encapsulations, outer=outer, nat_t=nat_t))


def inside(underlay: int, layers: Sequence[Layer]) -> Inside:
    """Return what is left of ``underlay`` bytes inside ``layers`` that fit into each other.

    Raises:
        InvalidStack: nothing is left inside.

    """
    mtu = underlay
    findings = []
    least = catalog.least_mtu("ipv6")
    for layer in layers:
        if layer.outer == "ipv6" and mtu < least:
            findings.append(
                f"{layer.encapsulation} over IPv6 has {mtu} bytes to run on, and IPv6 needs {least}"
            )
        mtu = _peel(mtu, layer)
        if mtu < catalog.least_mtu("ipv4"):
            raise InvalidStack(
                f"an underlay of {underlay} bytes is too small for {_names(layers)}: "
                f"{max(mtu, 0)} bytes are left inside; take a larger one"
            )
    carries = _carried(layers)
    if "ipv6" in carries and mtu < least:
        where = f" inside {_names(layers)}" if layers else ""
        findings.append(f"{mtu} bytes are left{where}, and IPv6 needs {least}")
    return Inside(
        underlay, tuple(layers), mtu, wire_bytes(mtu, layers) - mtu, carries, tuple(findings)
    )


def wire_bytes(packet: int, layers: Sequence[Layer]) -> int:
    """Return the bytes on the underlay of a packet of ``packet`` bytes inside ``layers``."""
    for layer in reversed(layers):
        row = catalog.encapsulation_bytes(layer.encapsulation)
        if row.fixed:
            packet += row.fixed[layer.outer]
        else:
            padded = -(-(packet + catalog.header_bytes()["trailer"]) // row.align) * row.align
            packet = padded + _around(layer)
    return packet


def is_ipsec(encapsulation: str) -> bool:
    """Say whether a row of the encapsulation table pads to blocks, as IPsec does."""
    return not catalog.encapsulation_bytes(encapsulation).fixed


def _peel(mtu: int, layer: Layer) -> int:
    """Return the largest packet inside one layer that ``mtu`` bytes carry."""
    row = catalog.encapsulation_bytes(layer.encapsulation)
    if row.fixed:
        return mtu - row.fixed[layer.outer]
    blocks = (mtu - _around(layer)) // row.align
    return blocks * row.align - catalog.header_bytes()["trailer"]


def _around(layer: Layer) -> int:
    """Return what IPsec puts around its padded blocks."""
    row, headers = catalog.encapsulation_bytes(layer.encapsulation), catalog.header_bytes()
    udp = headers["nat_t"] if layer.nat_t else 0
    return headers[layer.outer] + udp + headers["esp"] + row.iv + row.icv


def _check(layers: Sequence[Layer]) -> None:
    """Refuse encapsulations that are not known, and those that cannot carry one another."""
    known = catalog.encapsulations()
    carried: tuple[Family, ...] = FAMILIES
    holder = ""
    for layer in layers:
        name, outer, _ = layer
        if name not in known:
            raise UnknownName(
                f'no encapsulation is named "{name}"' + did_you_mean(name, sorted(known))
            )
        row = catalog.encapsulation_bytes(name)
        if row.fixed and outer not in row.fixed:
            raise InvalidStack(
                f"{name} has no {_TITLES[outer]} header outside; take "
                f"{_TITLES[next(iter(row.fixed))]}"
            )
        if outer not in carried:
            raise InvalidStack(
                f"{holder} carries no {_TITLES[outer]}, which {name} has outside; take "
                f"{_TITLES[carried[0]]} for {name}"
            )
        carried, holder = row.carries, name


_TITLES: dict[Family, str] = {"ipv4": "IPv4", "ipv6": "IPv6"}


def _carried(layers: Sequence[Layer]) -> tuple[Family, ...]:
    if not layers:
        return FAMILIES
    return catalog.encapsulation_bytes(layers[-1].encapsulation).carries


def _names(layers: Sequence[Layer]) -> str:
    """Return the stack in words, innermost first: "vxlan over wireguard"."""
    return " over ".join(layer.encapsulation for layer in reversed(layers))
