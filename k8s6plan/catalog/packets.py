"""What is known of packets: encapsulations, headers, the least MTU."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from typing import TYPE_CHECKING, Literal, NamedTuple

from k8s6plan.catalog._files import load

if TYPE_CHECKING:
    from k8s6plan.catalog.schema._tables import Encapsulations
    from k8s6plan.catalog.schema._values import Bytes


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


def _file() -> Encapsulations:
    found: Encapsulations = load("encapsulations.yaml")
    return found


@cache
def encapsulations() -> dict[str, Encapsulation]:
    """Return the encapsulation table by name."""
    rows = _file()["encapsulations"]
    return {n: Encapsulation(n, row["encrypted"], row["key_per"]) for n, row in rows.items()}


@cache
def header_bytes() -> dict[str, int]:
    """Return the bytes of each header that an encapsulation may add, and of TCP's own."""
    headers: Mapping[str, Bytes] = load("encapsulations.yaml")["headers"]
    return {name: row["value"] for name, row in headers.items()}


@cache
def least_mtu(family: Literal["ipv4", "ipv6"]) -> int:
    """Return the smallest MTU, in bytes, that every link must carry in ``family``."""
    return _file()["least_mtu"][family]["value"]


@cache
def encapsulation_bytes(name: str) -> EncapsulationBytes:
    """Return what the encapsulation ``name`` adds to a packet.

    Raises:
        KeyError: the table has no such row.

    """
    row = _file()["encapsulations"][name]
    fixed = {family: part["value"] for family, part in row.get("overhead_bytes", {}).items()}
    if fixed:
        return EncapsulationBytes(tuple(row["carries"]), fixed, 0, 0, 0)
    iv, icv, align = row["iv_bytes"], row["icv_bytes"], row["align_bytes"]
    return EncapsulationBytes(tuple(row["carries"]), {}, iv["value"], icv["value"], align["value"])
