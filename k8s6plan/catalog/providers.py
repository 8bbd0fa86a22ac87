"""What is known of providers: of their networks, their addresses, and what they promise."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from functools import cache
from typing import TYPE_CHECKING, Any, Literal

from k8s6plan.catalog._files import Figure, figure, provider_file, provider_names

if TYPE_CHECKING:
    from k8s6plan.catalog.schema._values import Family


@cache
def is_cloud(provider: str) -> bool:
    """Say whether ``provider`` is a cloud that the catalogue knows."""
    file = provider_file(provider)
    return file is not None and file["kind"] == "cloud"


@cache
def has_native_links(provider: str) -> bool:
    """Say whether two sites of ``provider`` can be joined by its own peering or transit."""
    file = provider_file(provider)
    return file is not None and file["native_links"]


@cache
def native_links_carry_ipv6(provider: str) -> bool:
    """Say whether IPv6 between two sites of ``provider`` stays in its own network."""
    file = provider_file(provider)
    row = None if file is None else file["ipv6"].get("native")
    return has_native_links(provider) and (row is None or row["value"])


@cache
def assigns_ula(provider: str) -> str | None:
    """Return who says that the prefix that ``provider`` assigns to a VPC is ULA, else None."""
    file = provider_file(provider)
    row = None if file is None else file["ipv6"].get("assigned_is_ula")
    return row["source"] if row is not None and row["value"] else None


@cache
def has_managed_hubs(provider: str) -> bool:
    """Say whether ``provider`` sells transit of its own, which joins the sites of a region."""
    file = provider_file(provider)
    return file is not None and "managed_hubs" in file and file["managed_hubs"]["value"]


@cache
def areas(provider: str) -> dict[str, frozenset[str]]:
    """Return the regions of each area that the prices of ``provider`` name."""
    file = provider_file(provider)
    rows = {} if file is None else file.get("areas", {})
    return {name: frozenset(regions) for name, regions in rows.items()}


@cache
def provider_length(provider: str, family: Family, key: str) -> Figure[int] | None:
    """Return a prefix length, or a step of one in bits, of ``provider``; None: not known.

    ``key``: one of those of Ipv4 or Ipv6 in the schema, such as ``subnet_prefixlen``.
    """
    file = provider_file(provider)
    rows: Mapping[str, Any] = {} if file is None else file.get(family, {})
    return figure(rows.get(key))


def runs_ipv6_alone(provider: str) -> Figure[bool] | None:
    """Say whether machines of ``provider`` can do without IPv4; None: not known."""
    file = provider_file(provider)
    return figure(None if file is None else file["ipv6"].get("alone"))


def takes_owned_ipv6(provider: str) -> Figure[bool] | None:
    """Say whether ``provider`` routes an IPv6 prefix that the user owns; None: not known."""
    file = provider_file(provider)
    return figure(None if file is None else file["ipv6"].get("owned"))


def services_range(provider: str) -> str | None:
    """Return where ``provider`` takes the IPv6 services of a cluster from; None: not known."""
    file = provider_file(provider)
    row = None if file is None else file["ipv6"].get("services_range")
    return None if row is None else row["value"]


def private_blocks(provider: str) -> Figure[tuple[str, ...]] | None:
    """Return the IPv4 blocks of which a VPC takes its prefixes from one only; None: not known."""
    file = provider_file(provider)
    row = None if file is None else file.get("ipv4", {}).get("private_blocks")
    return None if row is None else Figure(tuple(row["value"]), row["source"])


@cache
def provider_mtu(provider: str, key: str) -> Figure[int] | None:
    """Return the row ``key`` of the MTUs of ``provider``, in bytes; None: not known."""
    file = provider_file(provider)
    return figure(None if file is None else file.get("mtu", {}).get(key))


@cache
def reserved_in_tunnels() -> tuple[str, ...]:
    """Return the prefixes that some provider refuses inside a tunnel."""
    files = [provider_file(name) for name in provider_names()]
    rows = [file["tunnels"].get("reserved") for file in files if file and "tunnels" in file]
    return tuple(prefix for row in rows if row for prefix in row["value"])


@cache
def ula_range(provider: str) -> str:
    """Return the range that ULA prefixes must come from at ``provider`` (RFC 4193: fd00::/8)."""
    file = provider_file(provider)
    row = None if file is None else file["ipv6"].get("ula_range")
    return "fd00::/8" if row is None else row["value"]


def assigned_prefixlen(provider: str) -> int:
    """Return the length of the IPv6 prefix that ``provider`` assigns to a VPC; /56 by default."""
    row = provider_length(provider, "ipv6", "assigned_prefixlen")
    return 56 if row is None else row.value


@cache
def availability(
    provider: str, what: Literal["gateway", "transit", "region"]
) -> Figure[Decimal] | None:
    """Return the share of time that ``provider`` promises for ``what``; None: nobody says."""
    file = provider_file(provider)
    row = None if file is None else file.get("availability", {}).get(what)
    if row is None or row["value"] is None:
        return None
    return Figure(Decimal(row["value"]), row["source"])
