"""What hubs and links cost in a month. The only place that knows prices.

They are rows of `prices` in the fleet file, each a price for a month:

- ``hub_month``: what one gateway of a hub costs more than that of another site;
- ``tunnel_month``: a tunnel, both ends together;
- ``attachment_month``: an attachment to the provider's transit;
- ``link_gb``: a GB over a link between a site and its hub.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from decimal import Decimal
from typing import TYPE_CHECKING

from k8s6plan.errors import NoPlacement
from k8s6plan.outline import is_native

if TYPE_CHECKING:
    from k8s6plan.model import Fleet

LinkCost = Callable[[str, str], Decimal | None]


@dataclass(frozen=True)
class Money:
    """Prices a month: of a hub, of a link between two sites, and of a GB over one."""

    currency: str
    hub: Callable[[str], Decimal]
    link: LinkCost
    gb: Decimal


def money_of(fleet: Fleet, *, traffic: bool, mesh: bool) -> Money:
    """Return the prices that the fleet file gives.

    ``traffic``: a price for a GB is needed; ``mesh``: links are needed at all.

    Raises:
        NoPlacement: a price that is needed is not there (unknown is not zero), or they are in
            several currencies.

    """
    native = {
        provider for provider in (m[0].provider for m in fleet.members.values())
        if is_native(fleet, provider)
    }  # fmt: skip
    providers = [fleet.region_of(site)[0] for site in fleet.members]
    shared = any(providers.count(provider) > 1 for provider in native)
    tunnels = len(set(providers)) > 1 or not shared
    needed = {
        "hub_month": True,
        "tunnel_month": mesh and tunnels,
        "attachment_month": mesh and shared,
        "link_gb": traffic,
    }
    missing = [row for row, needs in needed.items() if needs and row not in fleet.prices]
    if missing:
        raise NoPlacement(
            *(f"prices.{row} is not known, and unknown is not zero" for row in missing),
            "write them in the fleet file, like `prices: {" + f"{missing[0]}: 36.50" + "}`",
        )
    rows = {name: fleet.prices[name] for name, needs in needed.items() if needs}
    currencies = sorted({row.currency or "USD" for row in rows.values()})
    if len(currencies) > 1:
        raise NoPlacement(f"prices are in {' and '.join(currencies)}; give them in one currency")

    def price(row: str) -> Decimal:
        return rows[row].price if row in rows else Decimal(0)

    def hub(site: str) -> Decimal:
        return price("hub_month") * fleet.site(site).gateways

    def link(one: str, other: str) -> Decimal:
        provider = fleet.region_of(one)[0]
        if provider == fleet.region_of(other)[0] and provider in native:
            return price("attachment_month")
        return price("tunnel_month") * fleet.connect.tunnels_per_link

    return Money(currencies[0], hub, link, price("link_gb"))
