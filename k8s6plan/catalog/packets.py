"""What is known of packets: encapsulations, headers, the least MTU."""

from __future__ import annotations

from functools import cache
from typing import Literal, NamedTuple

from k8s6plan.catalog._files import load


class Encapsulation(NamedTuple):
    """A row of the encapsulation table, as far as comparing needs it."""

    name: str
    encrypted: bool
    key_per: Literal["tunnel", "gateway", "none"]


class EncapsulationBytes(NamedTuple):
    """What an encapsulation adds to a packet, in bytes.

    ``carries``: the families of the packet inside. ``fixed``: the sum by outer family, empty for
    IPsec, which has ``iv``, ``icv`` and ``align`` instead (0 for the others).
    """

    carries: tuple[Literal["ipv4", "ipv6"], ...]
    fixed: dict[Literal["ipv4", "ipv6"], int]
    iv: int
    icv: int
    align: int


@cache
def encapsulations() -> dict[str, Encapsulation]:
    """Return the encapsulation table by name."""
    rows = load("encapsulations.yaml")["encapsulations"]
    return {
        name: Encapsulation(name, bool(row["encrypted"]), row["key_per"])
        for name, row in rows.items()
    }


@cache
def header_bytes() -> dict[str, int]:
    """Return the bytes of each header that an encapsulation may add, and of TCP's own."""
    return {name: int(row["value"]) for name, row in load("encapsulations.yaml")["headers"].items()}


@cache
def least_mtu(family: Literal["ipv4", "ipv6"]) -> int:
    """Return the smallest MTU, in bytes, that every link must carry in ``family``."""
    return int(load("encapsulations.yaml")["least_mtu"][family]["value"])


@cache
def encapsulation_bytes(name: str) -> EncapsulationBytes:
    """Return what the encapsulation ``name`` adds to a packet.

    Raises:
        KeyError: the table has no such row.

    """
    row = load("encapsulations.yaml")["encapsulations"][name]
    fixed = {family: int(entry["value"]) for family, entry in row.get("overhead_bytes", {}).items()}
    iv, icv, align = (
        int(row[key]["value"]) if key in row else 0
        for key in ("iv_bytes", "icv_bytes", "align_bytes")
    )
    return EncapsulationBytes(tuple(row["carries"]), fixed, iv, icv, align)
