"""Items are priced: lines, each with quantity, price and source, and their sum."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from functools import cache
from typing import Literal, NamedTuple, TypeVar

from k8s6plan.catalog.prices import PER_GB, Price
from k8s6plan.evaluation.cost._tariff import Item
from k8s6plan.evaluation.cost.book import PriceBook

Part = Literal["baseline", "usage", "work"]
PARTS: tuple[Part, ...] = ("baseline", "usage", "work")
CENT = Decimal("0.01")

# What a driver stands for, where a line is told.
WORDS = {
    "tunnel": "tunnels",
    "tunnel_pair": "tunnels, sold as pairs",
    "gateway": "gateways that end tunnels",
    "transit_tunnel": "tunnels that end on transit",
    "transit_tunnel_pair": "tunnels that end on transit, sold as pairs",
    "transit_gateway": "gateways of hubs",
    "transit_site": "sites attached to transit",
    "transit_peering": "transit joined across regions, each side",
    "inside_tunnel_pair": "tunnels inside the provider, one side on transit",
    "peering": "peerings",
    "managed_hub": "managed hubs",
    "managed_site": "sites attached to managed hubs",
    "managed_peering": "managed hubs joined across regions, each side",
    "managed_tunnel": "tunnels of managed hubs",
    "managed_tunnel_pair": "tunnels of managed hubs, sold as pairs",
    "managed_gateway": "gateways of managed hubs",
    "software_gateway": "gateway machines",
    "nat64": "NAT64 gateways",
    "filter": "entries of allow lists",
    "firewall": "managed firewalls",
    "firewall_gb": "traffic through managed firewalls",
    "ipv6": "IPv6 addresses",
    "transit_in": "traffic into transit",
    "managed_in": "traffic into managed hubs",
    "nat64_gb": "traffic through NAT64",
    "application_tls": "traffic that the application encrypts",
}
_KINDS = {
    "tunnel": "by tunnel",
    "peering": "by peering",
    "attachment": "by transit",
    "managed": "by managed hub",
    "routed": "by public IPv6",
}
_RELATIONS = {
    "region": "inside a region",
    "provider": "between regions",
    "internet": "to other providers",
}


@cache
def words_for(driver: str) -> str:
    """Return what a driver stands for, in words."""
    kind, dot, rest = driver.partition(".")
    if not dot:
        return WORDS.get(driver, driver)
    relation, _, end = rest.partition(".")
    way = "received" if end.endswith("in") else "sent"
    return f"traffic {way} {_KINDS[kind]} {_RELATIONS[relation]}"


class Step(NamedTuple):
    """A part of a quantity that has one price; free where the price is 0."""

    quantity: Decimal
    price: Decimal


@dataclass(frozen=True)
class Line:
    """One component of a cost: a quantity of one row of the price book.

    ``things``: what there is, before the hours of the month; ``quantity`` is in the row's unit.
    ``cost``: in the book's currency, None where it is unknown; ``why`` says why then.
    """

    part: Part
    price: Price
    region: str | None
    to: str | None
    why_needed: str
    things: Decimal
    quantity: Decimal
    steps: tuple[Step, ...]
    cost: Decimal | None
    why: str = ""

    @property
    def place(self) -> str:
        """Where it is paid."""
        place = " ".join(part for part in (self.price.provider, self.region or "") if part)
        return f"{place} to {self.to}" if self.to else place


@dataclass(frozen=True)
class Bill:
    """What a design costs in a month, in ``currency``.

    A sum is None where nothing of it is known; where ``unknown`` lines are left, at least that.
    """

    lines: tuple[Line, ...]
    currency: str
    month_hours: Decimal

    def total(self, part: Part | None = None) -> Decimal | None:
        """Return the sum of the known lines, of one part or of baseline and usage."""
        lines = self.of(part)
        known = [line.cost for line in lines if line.cost is not None]
        if lines and not sum(known) and self.unknown(part):
            return None
        return sum(known, Decimal(0))

    def of(self, part: Part | None = None) -> list[Line]:
        """Return the lines of one part; without one, of all."""
        return [line for line in self.lines if part in (None, line.part)]

    def unknown(self, part: Part | None = None) -> list[Line]:
        """Return the lines whose cost is unknown."""
        return [line for line in self.of(part) if line.cost is None]

    def complete(self, part: Part | None = None) -> bool:
        """Say whether every line is known."""
        return not self.unknown(part)


class Till:
    """Prices items one after another, and keeps what tiers and free amounts are used up.

    Free amounts are taken in the order of the items, once an account or a region, as the row says.
    Tiers count what is billed of an item in one region in a month.
    """

    def __init__(
        self,
        book: PriceBook,
        month_hours: Decimal,
        included: Mapping[tuple[str, str], Decimal] | None = None,
    ) -> None:
        """Begin a month of so many hours; ``included``: free units besides, by (provider, item)."""
        self._book = book
        self._hours = month_hours
        self._included = included or {}
        self._free_used: dict[tuple[str, ...], Decimal] = defaultdict(Decimal)
        self._billed: dict[tuple[str, ...], Decimal] = defaultdict(Decimal)

    def line(self, item: Item, part: Part, *, why_needed: str = "") -> Line:
        """Return the line of one item."""
        if not item.item:
            return self._nameless(item, part, why_needed)
        price = self._book.find(item.provider, item.item, item.region, item.to, item.variant)
        quantity = item.quantity * self._per_thing(price.unit)
        steps = self.steps(price, quantity, item.region)
        cost, why = self.cost_of(price, steps)
        return Line(
            part,
            price,
            item.region,
            item.to if price.to else None,
            why_needed,
            item.quantity,
            quantity,
            steps,
            cost,
            why,
        )

    def cost(self, item: Item, things: Decimal) -> Decimal | None:
        """Return what so many things of an item cost; None where that is unknown."""
        if not item.item:
            return None
        price = self._book.find(item.provider, item.item, item.region, item.to, item.variant)
        steps = self.steps(price, things * self._per_thing(price.unit), item.region)
        return self.cost_of(price, steps)[0]

    def in_unit(self, price: Price, things: Decimal) -> Decimal:
        """Return so many things in the unit that is billed."""
        return things * self._per_thing(price.unit)

    def _nameless(self, item: Item, part: Part, why_needed: str) -> Line:
        """Return the line of what no row of the book is about."""
        note = f"it is not known what {item.provider or 'a provider without a name'} bills for it"
        price = Price(
            provider=item.provider,
            item=item.driver,
            title=why_needed[:1].upper() + why_needed[1:],
            unit="GB" if "." in item.driver else "thing",
            currency=self._book.currency,
            tiers=(),
            source="",
            as_of="",
            confidence="unverified",
            note=note,
        )
        args = (why_needed, item.quantity, item.quantity, ())
        return Line(part, price, item.region, item.to, *args, None, note)

    def _per_thing(self, unit: str) -> Decimal:
        if unit.endswith("-hour"):
            return self._hours
        return PER_GB.get(unit, Decimal(1))

    def given(self, price: Price) -> Decimal:
        """Return how many units a month cost nothing: free ones, and what the nodes include."""
        return price.free + self._included.get((price.provider, price.item), 0)

    def steps(self, price: Price, quantity: Decimal, region: str | None) -> tuple[Step, ...]:
        """Cut a quantity where the price changes: the free amount, then the tiers."""
        if not price.known:
            return ()
        place = (price.provider, price.item, price.variant)
        found: list[Step] = []
        given = self.given(price)
        if given:
            key = place if price.free_scope == "account" else (*place, region or "")
            free = max(Decimal(0), min(quantity, given - self._free_used[key]))
            self._free_used[key] += free
            if free:
                found.append(Step(free, Decimal(0)))
            quantity -= free
        key = (*place, region or "")
        for tier in price.tiers:
            room = None if tier.up_to is None else max(Decimal(0), tier.up_to - self._billed[key])
            taken = quantity if room is None else min(quantity, room)
            if taken:
                found.append(Step(taken, tier.price))
                self._billed[key] += taken
                quantity -= taken
        return tuple(found)

    def cost_of(self, price: Price, steps: tuple[Step, ...]) -> tuple[Decimal | None, str]:
        """Return what the parts of a quantity cost, or why that is unknown."""
        if not price.known:
            return None, price.note
        amount = sum((step.quantity * step.price for step in steps), Decimal(0))
        cost = self._book.in_currency(amount, price.currency)
        if cost is None and not amount:
            return Decimal(0), ""
        why = "" if cost is not None else f"no rate from {price.currency} to {self._book.currency}"
        return cost, why


Key = tuple[str, str, str, str, str]
T = TypeVar("T")


def grouped(things: Iterable[T], item_of: Callable[[T], Item]) -> dict[Key, list[T]]:
    """Return what is for the same row of the price list and place, in the order of its pricing.

    The order is that of provider, item, region and destination: free amounts are used up in it.
    """
    found: dict[Key, list[T]] = defaultdict(list)
    for thing in things:
        item = item_of(thing)
        named = item.item or f"~{item.driver}"
        found[item.provider, named, item.variant, item.region or "", item.to or ""].append(thing)
    return {key: found[key] for key in sorted(found)}


def _itself(item: Item) -> Item:
    return item


def make_lines(till: Till, items: Iterable[Item], part: Part) -> list[Line]:
    """Return a line for each item of the price list, in each place."""
    lines = []
    for alike in grouped(items, _itself).values():
        quantity = sum((item.quantity for item in alike), Decimal(0))
        if quantity:
            words = ", ".join(dict.fromkeys(words_for(item.driver) for item in alike))
            lines.append(till.line(alike[0]._replace(quantity=quantity), part, why_needed=words))
    return lines


def known_total(till: Till, items: Iterable[Item]) -> tuple[Decimal, bool]:
    """Return (what is known of the sum, whether all of it is): a bill without its lines."""
    total, complete = Decimal(0), True
    for alike in grouped(items, _itself).values():
        quantity = sum((item.quantity for item in alike), Decimal(0))
        if quantity:
            cost = till.cost(alike[0], quantity)
            complete = complete and cost is not None
            total += cost or 0
    return total, complete
