"""What hubs and links cost in a month: by the price book, as the designs are priced.

A placement adds up: so much for a hub, so much for a link, so much for a gigabyte over it. What
does not add up is taken at its first step: volume tiers and free amounts at the first price, ten
tunnels of an Azure gateway as if they were used up, a peering of two transit gateways for each
link that crosses regions. `k8s6plan compare` has the exact sum of the choice.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from decimal import Decimal
from typing import TYPE_CHECKING

from k8s6plan.costing import Need, items_of, open_till, per_gb, sold_pairs
from k8s6plan.designs import Leg, design_named
from k8s6plan.errors import NoPlacement
from k8s6plan.outline import Member, SiteGroup, is_native, outline_of
from k8s6plan.prices import PriceBook
from k8s6plan.traffic import Stream, Volume

if TYPE_CHECKING:
    from k8s6plan.model import Fleet

LinkCost = Callable[[str, str], Decimal | None]
_HUBS = design_named("hub-and-spoke")
_ONE = Decimal(1)


@dataclass(frozen=True)
class Money:
    """Prices a month: of a hub, of a link between two sites, and of a GB over one."""

    currency: str
    hub: Callable[[str], Decimal]
    link: LinkCost
    gb: LinkCost


def money_of(fleet: Fleet, *, book: PriceBook | None = None) -> Money:
    """Return the prices of the price book, with the rows of the fleet file laid over it.

    Each function raises NoPlacement where a price is not known: unknown is not zero.
    """
    return _Prices(fleet, book or PriceBook(fleet.prices)).money()


class _Prices:
    """The price of each thing, once it was worked out for a provider and a region."""

    def __init__(self, fleet: Fleet, book: PriceBook) -> None:
        self._fleet, self._book = fleet, book
        self._outline = outline_of(fleet)
        self._known: dict[object, Decimal] = {}

    def money(self) -> Money:
        return Money(self._book.currency, self.hub, self.link, self.gb)

    def _group(self, site: str, *, hub: bool = False) -> SiteGroup:
        provider, region = self._fleet.region_of(site)
        native = is_native(self._fleet, provider)
        gateways = self._fleet.site(site).gateways
        return SiteGroup(
            provider, region, native, gateways, site if hub else "", False, False, (Member(),), 1
        )

    def hub(self, site: str) -> Decimal:
        """Return what a site costs by being a hub: its gateways, and its place on transit."""
        end = self._group(site, hub=True)
        gateways = _need("transit_gateway", end, end.gateways)
        return self._sum(("hub", *end[:4]), [gateways, _need("transit_site", end, 1)])

    def link(self, spoke: str, hub: str) -> Decimal | None:
        """Return what a link costs at both of its ends, without traffic."""
        if spoke == hub:
            return Decimal(0)
        one, other = self._group(spoke), self._group(hub, hub=True)
        if one.native and one.provider == other.provider:
            needs = [_need("transit_site", one, 1)]
            if one.region != other.region:
                needs += [_need("transit_peering", end, 1) for end in (one, other)]
        else:
            r = self._fleet.connect.tunnels_per_link
            pairs = sold_pairs(r)
            needs = [_need("tunnel", one, r), _need("tunnel_pair", one, pairs)]
            needs += [_need("gateway", one, one.gateways)]
            needs += [_need("transit_tunnel", other, r), _need("transit_tunnel_pair", other, pairs)]
        return self._sum(("link", *one[:4], *other[:4]), needs)

    def gb(self, spoke: str, hub: str) -> Decimal | None:
        """Return what a gigabyte between a site and its hub costs, the mean of both directions."""
        if spoke == hub:
            return Decimal(0)
        one, other = self._group(spoke), self._group(hub, hub=True)
        native = one.native and one.provider == other.provider
        total = Decimal(0)
        for source, target in ((one, other), (other, one)):
            leg = Leg("attachment" if native else "tunnel", source, target)
            stream = Stream(source, target, Volume(_ONE, Decimal(0)), 1, (leg,))
            needs = per_gb(_HUBS, self._outline, stream)
            total += self._sum(("gb", *source[:4], *target[:4]), needs, first=True)
        return total / 2

    def _sum(self, key: object, needs: Iterable[Need], *, first: bool = False) -> Decimal:
        """Return what ``needs`` cost; ``first``: at the first price that is not nought."""
        if key not in self._known:
            till = open_till(self._outline, self._book)
            total = Decimal(0)
            for item in items_of(needs, self._outline):
                where = (item.provider, item.item, item.region, item.to, item.variant)
                price = self._book.find(*where) if item.item else None
                if first and price is not None and price.known:
                    step = next((tier.price for tier in price.tiers if tier.price), Decimal(0))
                    cost = self._book.in_currency(
                        step * till.in_unit(price, item.quantity), price.currency
                    )
                else:
                    cost = till.cost(item, item.quantity)
                if cost is None:
                    raise _unknown(item.provider, item.item, item.region)
                total += cost
            self._known[key] = total
        return self._known[key]


def _need(driver: str, group: SiteGroup, each: int) -> Need:
    return Need(driver, group.provider or "", group.region, Decimal(each))


def _unknown(provider: str, item: str, region: str | None) -> NoPlacement:
    name = f"{provider}.{item}" + (f"@{region}" if region else "")
    return NoPlacement(
        f"the price {name} is not known, and unknown is not zero",
        f'write it in the fleet file, like `prices: {{"{name}": "0.05"}}`',
    )
