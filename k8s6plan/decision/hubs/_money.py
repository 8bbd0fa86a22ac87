"""What hubs and links cost in a month: by the price book, as the designs are priced.

A placement adds up: so much for a hub, so much for a link, so much for a gigabyte over it. What
does not add up is taken at its first step: volume tiers and free amounts at the first price, ten
tunnels of an Azure gateway as if they were used up, a peering of two transit gateways for each
link that crosses regions. So it only proposes choices; ``_exact`` bills them.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from decimal import Decimal
from typing import TYPE_CHECKING, NamedTuple

from k8s6plan.errors import NoPlacement
from k8s6plan.evaluation.cost import Need, PerGb, items_of, of_leg, open_till
from k8s6plan.evaluation.cost.book import PriceBook
from k8s6plan.topology.designs import design_named
from k8s6plan.topology.ends import gateway_lacks, sold_pairs
from k8s6plan.topology.groups import Member, SiteGroup, SiteKey, outline_of
from k8s6plan.topology.hubs import is_native
from k8s6plan.topology.joins import ATTACHMENT, TUNNEL, Leg, Near, SiteClass, Topology

if TYPE_CHECKING:
    from k8s6plan.fleet.model import Fleet

LinkCost = Callable[[str, str], Decimal | None]
_HUBS = design_named("hub-and-spoke")


@dataclass(frozen=True)
class Money:
    """Prices a month: of a hub, of a link between two sites, and of a GB over one."""

    currency: str
    hub: Callable[[str], Decimal]
    link: LinkCost
    gb: LinkCost


@dataclass(frozen=True)
class Least:
    """What a choice costs at the least: each hub, link and GB, whatever else there is.

    ``gb``: of the link from one site to another, at the cheapest tier. ``given``: what all free
    amounts are worth that were met so far.
    """

    hub: Callable[[str], Decimal]
    link: LinkCost
    mesh: LinkCost
    gb: LinkCost
    given: Callable[[], Decimal]


def money_of(fleet: Fleet, *, book: PriceBook | None = None) -> Money:
    """Return the prices of the price book, with the rows of the fleet file laid over it.

    Each function raises NoPlacement where a price is not known: unknown is not zero.
    """
    return _Prices(fleet, book or PriceBook(fleet.prices)).money()


def least_of(fleet: Fleet, homing: int) -> Least:
    """Return what a choice costs at the least.

    ``homing``: the homes of a site, which share its gateway. Peerings of transits, what enters
    transit and traffic between hubs are left out: two links may share them.
    """
    prices = _Prices(fleet, PriceBook(fleet.prices))

    def link(spoke: str, hub: str) -> Decimal | None:
        return prices.least_link(spoke, hub, homing)

    return Least(prices.hub, link, prices.least_mesh, prices.least_gb, prices.given)


class _Prices:
    """The price of each thing, once it was worked out for a provider and a region."""

    def __init__(self, fleet: Fleet, book: PriceBook) -> None:
        self._fleet, self._book = fleet, book
        self._outline = outline_of(fleet)
        self._known: dict[object, Decimal] = {}
        self._given: dict[object, Decimal] = {}

    def money(self) -> Money:
        return Money(self._book.currency, self.hub, self.link, self.gb)

    def _end(self, site: str, *, hub: bool = False) -> SiteGroup:
        provider, region = self._fleet.region_of(site)
        native = is_native(self._fleet, provider)
        gateways = self._fleet.site(site).gateways
        name = site if hub else ""
        return SiteGroup(provider, region, native, gateways, name, False, False, (Member(),))

    def hub(self, site: str) -> Decimal:
        """Return what a site costs by being a hub: its gateways, and its place on transit."""
        end = self._end(site, hub=True)
        gateways = _need("transit_gateway", end, end.gateways)
        return self._sum(("hub", _place(end)), [gateways, _need("transit_site", end, 1)])

    def link(self, spoke: str, hub: str) -> Decimal | None:
        """Return what a link costs at both of its ends, without traffic."""
        if spoke == hub:
            return Decimal(0)
        one, other = self._end(spoke), self._end(hub, hub=True)
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
        return self._sum(("link", _place(one), _place(other)), needs)

    def least_link(self, spoke: str, hub: str, homing: int) -> Decimal | None:
        """Return what a link to a home costs at the least: see ``least_of``."""
        if spoke == hub:
            return Decimal(0)
        one, other = self._end(spoke), self._end(hub, hub=True)
        if one.native and one.provider == other.provider:
            shared, own = [_need("transit_site", one, 1)], []
        else:
            r = self._fleet.connect.tunnels_per_link
            pairs = sold_pairs(r)
            own = [_need("transit_tunnel", other, r), _need("transit_tunnel_pair", other, pairs)]
            shared = []
            if not gateway_lacks(one, self._outline):  # else its tunnels end on transit
                own += [_need("tunnel", one, r), _need("tunnel_pair", one, pairs)]
                shared = [_need("gateway", one, one.gateways)]
        places = (_place(one), _place(other))
        return self._sum(("own", *places), own) + self._sum(("shared", *places), shared) / homing

    def least_mesh(self, one: str, other: str) -> Decimal | None:
        """Return what a link between two hubs costs at the least: see ``least_of``."""
        here, there = self._end(one, hub=True), self._end(other, hub=True)
        if one == other or (here.native and here.provider == there.provider):
            return Decimal(0)
        r = self._fleet.connect.tunnels_per_link
        needs = []
        for end in (here, there):
            needs += [_need("transit_tunnel", end, r)]
            needs += [_need("transit_tunnel_pair", end, sold_pairs(r))]
        return self._sum(("mesh", _place(here), _place(there)), needs)

    def least_gb(self, source: str, target: str) -> Decimal | None:
        """Return what a gigabyte over a link costs at the least, at its two ends."""
        if source == target:
            return Decimal(0)
        one, other = self._end(source, hub=True), self._end(target, hub=True)
        key = ("least", _place(one), _place(other))
        if key not in self._known:
            leg = _link(one, other).leg
            till, total = open_till(self._outline, self._book), Decimal(0)
            for item in items_of((part.need for part in of_leg(leg)), self._outline):
                where = (item.provider, item.item, item.region, item.to, item.variant)
                price = self._book.find(*where) if item.item else None
                if price is None or not price.known:
                    continue  # at the least it is nothing
                units = till.in_unit(price, item.quantity)
                prices = [tier.price for tier in price.tiers]
                total += self._book.in_currency(min(prices) * units, price.currency) or 0
                worth = self._book.in_currency(max(prices) * till.given(price), price.currency)
                self._given[price.name, item.region] = worth or Decimal(0)
            self._known[key] = total
        return self._known[key]

    def given(self) -> Decimal:
        """Return what the free amounts are worth of all prices of a gigabyte that were met."""
        return sum(self._given.values(), Decimal(0))

    def gb(self, spoke: str, hub: str) -> Decimal | None:
        """Return what a gigabyte between a site and its hub costs, the mean of both directions."""
        if spoke == hub:
            return Decimal(0)
        one, other = self._end(spoke), self._end(hub, hub=True)
        total = Decimal(0)
        for source, target in ((one, other), (other, one)):
            link = _link(source, target)
            join = link.leg.join
            near: Near = {link.one: {link.other: join}, link.other: {link.one: join}}
            centre = link.other if target is other else link.one
            topology = Topology(_HUBS, self._outline, (link.one, link.other), near, (centre,))
            needs = PerGb(topology).needs(link.one, link.other, (link.leg,))
            total += self._sum(("gb", _place(source), _place(target)), needs, first=True)
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


class _Link(NamedTuple):
    """A link from one site to another."""

    one: SiteClass
    other: SiteClass
    leg: Leg


def _link(one: SiteGroup, other: SiteGroup) -> _Link:
    """Return the link between two sites: by transit inside one cloud provider, else a tunnel."""
    native = one.native and one.provider == other.provider
    source, target = SiteClass(one, (one,)), SiteClass(other, (other,))
    return _Link(source, target, Leg(ATTACHMENT if native else TUNNEL, source, target))


def _place(end: SiteGroup) -> SiteKey:
    """Return what sets the prices of a site apart: all but whether it is a hub."""
    return SiteKey(end.provider, end.region, end.native, end.gateways, "", False, False, ())


def _need(driver: str, group: SiteGroup, each: int) -> Need:
    return Need(driver, group.provider or "", group.region, Decimal(each))


def _unknown(provider: str, item: str, region: str | None) -> NoPlacement:
    name = f"{provider}.{item}" + (f"@{region}" if region else "")
    return NoPlacement(
        f"the price {name} is not known, and unknown is not zero",
        f'write it in the fleet file, like `prices: {{"{name}": "0.05"}}`',
    )
