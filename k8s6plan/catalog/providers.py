"""What is known of providers, and of software that is sold like one: prices, limits, ranges."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from functools import cache
from typing import TYPE_CHECKING, Any, Literal

from k8s6plan.catalog._files import Figure, load, provider_file, provider_names

if TYPE_CHECKING:
    from k8s6plan.catalog.schema._providers import (
        Availability,
        General,
        Limit,
        PriceItem,
        Provider,
        Software,
        Tariff,
    )


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
def has_managed_hubs(provider: str) -> bool:
    """Say whether ``provider`` sells transit of its own, which joins the sites of a region."""
    file = provider_file(provider)
    return file is not None and "managed_hubs" in file and file["managed_hubs"]["value"]


def _book(provider: str) -> Provider | General:
    """Return the file that has the prices of ``provider``; of an unknown one, that of on-prem."""
    if provider == "general":
        general: General = load("general.yaml")
        return general
    own: Provider = provider_file(provider) or load("providers/on-prem.yaml")
    return own


@cache
def price_names(provider: str) -> tuple[str, ...]:
    """Return the priced items of ``provider``; one that nobody knows has those of on-prem."""
    return tuple(_book(provider)["prices"])


def price_item(provider: str, item: str) -> PriceItem:
    """Return one priced item of ``provider``: title, unit, currency and rows."""
    return _book(provider)["prices"][item]


def tariff(provider: str) -> Tariff:
    """Return which items ``provider`` bills for what; of an unknown one, those of on-prem."""
    return _book(provider)["tariff"]


@cache
def limit_rows(owner: str, *, measured: bool = False) -> dict[str, Limit]:
    """Return the limits of a provider or a software, by key; ``measured``: only those checked."""
    file = _software()[owner] if owner in _software() else provider_file(owner)
    rows = file.get("limits", {}) if file is not None else {}
    return {key: row for key, row in rows.items() if not measured or "measure" in row}


def has_limits(provider: str) -> bool:
    """Say whether any limit of ``provider`` is known."""
    return bool(limit_rows(provider))


@cache
def included_per_node(provider: str) -> dict[str, int]:
    """Return what each node includes of an item in a month, in the item's unit."""
    file = provider_file(provider)
    named = {} if file is None else file["tariff"].get("included_per_node", {})
    return {item: file["allowances"][key]["value"] for item, key in named.items()} if file else {}


@cache
def carries(provider: str, what: str) -> Figure | None:
    """Return the families that tunnels or managed hubs of ``provider`` carry; None: not known."""
    given = tariff(provider)
    row = given.get("tunnels_carry") if what == "tunnels" else given.get("managed_hubs_carry")
    return None if row is None else Figure(row["value"], row["source"])


@cache
def areas(provider: str) -> dict[str, frozenset[str]]:
    """Return the regions of each area that the prices of ``provider`` name."""
    file = provider_file(provider)
    rows = {} if file is None else file.get("areas", {})
    return {name: frozenset(regions) for name, regions in rows.items()}


@cache
def provider_figure(provider: str, family: Literal["ipv4", "ipv6"], key: str) -> Figure | None:
    """Return the figure ``key`` of ``provider`` for one family; None: not known."""
    file = provider_file(provider)
    rows: Mapping[str, Any] = {} if file is None else file.get(family, {})
    row = rows.get(key)
    return None if row is None else Figure(row["value"], row["source"])


@cache
def provider_mtu(provider: str, key: str) -> Figure | None:
    """Return the row ``key`` of the MTUs of ``provider``, in bytes; None: not known."""
    file = provider_file(provider)
    row = None if file is None else file.get("mtu", {}).get(key)
    return None if row is None else Figure(row["value"], row["source"])


@cache
def reserved_in_tunnels() -> tuple[str, ...]:
    """Return the prefixes that some provider refuses inside a tunnel."""
    files = [provider_file(name) for name in provider_names()]
    rows = [file["tunnels"].get("reserved") for file in files if file and "tunnels" in file]
    return tuple(prefix for row in rows if row for prefix in row["value"])


def ula_range(provider: str) -> str:
    """Return the range that ULA prefixes must come from at ``provider`` (RFC 4193: fd00::/8)."""
    row = provider_figure(provider, "ipv6", "ula_range")
    return str(row.value) if row else "fd00::/8"


def assigned_prefixlen(provider: str) -> int:
    """Return the length of the IPv6 prefix that ``provider`` assigns to a VPC; /56 by default."""
    row = provider_figure(provider, "ipv6", "assigned_prefixlen")
    return int(row.value) if row else 56


@cache
def availability(provider: str, what: Literal["gateway", "transit", "region"]) -> Figure | None:
    """Return the share of time that ``provider`` promises for ``what``; None: nobody says.

    ``what``: gateway, transit (a managed hub), or region. The value is a Decimal.
    """
    rows: dict[str, Availability] = load("availability.yaml")["availability"]
    row = rows[provider].get(what) if provider in rows else None
    if row is None or row["value"] is None:
        return None
    return Figure(Decimal(row["value"]), row["source"])


def _software() -> dict[str, Software]:
    found: dict[str, Software] = load("software.yaml")
    return found


@cache
def software_names() -> tuple[str, ...]:
    """Return the software of which limits are known."""
    return tuple(_software())
