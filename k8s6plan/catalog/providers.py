"""What is known of providers, and of software that is sold like one: prices, limits, ranges."""

from __future__ import annotations

from decimal import Decimal
from functools import cache
from typing import Any, Literal

from k8s6plan.catalog._files import (
    Figure,
    entries,
    parsed,
    provider_data,
    provider_names,
    provider_part,
    read,
)


def is_cloud(provider: str) -> bool:
    """Say whether ``provider`` is a cloud that the catalogue knows."""
    return bool(provider_data(provider).get("kind") == "cloud")


@cache
def has_native_links(provider: str) -> bool:
    """Say whether two sites of ``provider`` can be joined by its own peering or transit."""
    return bool(provider_data(provider).get("native_links", False))


@cache
def has_managed_hubs(provider: str) -> bool:
    """Say whether ``provider`` sells transit of its own, which joins the sites of a region."""
    row = provider_data(provider).get("managed_hubs")
    return row is not None and bool(row["value"])


def price_names(provider: str) -> tuple[str, ...]:
    """Return the priced items of ``provider``; one that nobody knows has those of on-prem."""
    if provider == "general":
        return tuple(read("general.yaml")["prices"])
    return tuple(entries(_known_or_own(provider), "prices"))


@cache
def price_item(provider: str, item: str) -> dict[str, Any]:
    """Return one priced item of ``provider``: title, unit, currency and rows."""
    if provider == "general":
        return dict(read("general.yaml")["prices"][item])
    name = _known_or_own(provider)
    return dict(parsed(entries(name, "prices")[item], name)[item])


@cache
def tariff(provider: str) -> dict[str, Any]:
    """Return which items ``provider`` bills for what; of an unknown one, those of on-prem."""
    if provider == "general":
        return dict(read("general.yaml")["tariff"])
    return provider_part(_known_or_own(provider), "tariff")


def _known_or_own(provider: str) -> str:
    return provider if provider in provider_names() else "on-prem"


@cache
def limit_rows(owner: str, *, measured: bool = False) -> dict[str, Any]:
    """Return the limits of a provider or a software, by key; ``measured``: only those checked."""
    if owner in software_names():
        return dict(_software()[owner].get("limits", {}))
    found = {}
    for key, text in entries(owner, "limits").items():
        if not measured or "\n    measure: " in text:
            found[key] = parsed(text, owner)[key]
    return found


def has_limits(provider: str) -> bool:
    """Say whether any limit of ``provider`` is known."""
    return bool(entries(provider, "limits"))


@cache
def included_per_node(provider: str) -> dict[str, int]:
    """Return what each node includes of an item in a month, in the item's unit."""
    allowances = provider_data(provider).get("allowances", {})
    named = tariff(provider).get("included_per_node", {})
    return {item: int(allowances[key]["value"]) for item, key in named.items()}


@cache
def carries(provider: str, what: str) -> Figure | None:
    """Return the families that tunnels or managed hubs of ``provider`` carry; None: not known."""
    row = tariff(provider).get(f"{what.replace(' ', '_')}_carry")
    return None if row is None else Figure(row["value"], str(row["source"]))


@cache
def areas(provider: str) -> dict[str, frozenset[str]]:
    """Return the regions of each area that the prices of ``provider`` name."""
    rows = provider_part(provider, "areas")
    return {name: frozenset(regions) for name, regions in rows.items()}


@cache
def provider_figure(provider: str, family: Literal["ipv4", "ipv6"], key: str) -> Figure | None:
    """Return the figure ``key`` of ``provider`` for one family; None: not known."""
    row = provider_data(provider).get(family, {}).get(key)
    return None if row is None else Figure(row["value"], str(row["source"]))


@cache
def provider_mtu(provider: str, key: str) -> Figure | None:
    """Return the row ``key`` of the MTUs of ``provider``, in bytes; None: not known."""
    row = provider_part(provider, "mtu").get(key)
    return None if row is None else Figure(int(row["value"]), str(row["source"]))


@cache
def reserved_in_tunnels() -> tuple[str, ...]:
    """Return the prefixes that some provider refuses inside a tunnel."""
    rows = (provider_data(name).get("tunnels", {}).get("reserved") for name in provider_names())
    return tuple(prefix for row in rows if row for prefix in row["value"])


def ula_range(provider: str) -> str:
    """Return the range that ULA prefixes must come from at ``provider`` (RFC 4193: fd00::/8)."""
    row = provider_data(provider).get("ipv6", {}).get("ula_range")
    return str(row["value"]) if row else "fd00::/8"


def assigned_prefixlen(provider: str) -> int:
    """Return the length of the IPv6 prefix that ``provider`` assigns to a VPC; /56 by default."""
    row = provider_data(provider).get("ipv6", {}).get("assigned_prefixlen")
    return int(str(row["value"]).lstrip("/")) if row else 56


@cache
def _availability() -> dict[str, dict[str, Any]]:
    rows: dict[str, dict[str, Any]] = read("availability.yaml")["availability"]
    return rows


@cache
def availability(provider: str, what: str) -> Figure | None:
    """Return the share of time that ``provider`` promises for ``what``; None: nobody says.

    ``what``: gateway, transit (a managed hub), or region. The value is a Decimal.
    """
    row = _availability().get(provider, {}).get(what)
    if row is None or row["value"] is None:
        return None
    return Figure(Decimal(row["value"]), str(row["source"]))


@cache
def _software() -> dict[str, Any]:
    return read("software.yaml")


@cache
def software_names() -> tuple[str, ...]:
    """Return the software of which limits are known."""
    return tuple(_software())
