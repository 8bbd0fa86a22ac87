"""What a design costs: needs, by the tariff of each provider items, by the price book money.

    topology -> needs -> items -> lines -> Bill

Money is Decimal; what is unknown stays so.
"""

from __future__ import annotations

from collections import defaultdict
from decimal import Decimal
from functools import cached_property
from typing import TYPE_CHECKING

from k8s6plan import catalog
from k8s6plan.catalog.tariffs import included_per_node
from k8s6plan.evaluation.cost._bill import (
    CENT,
    PARTS,
    Bill,
    Line,
    Part,
    Step,
    Till,
    known_total,
    make_lines,
)
from k8s6plan.evaluation.cost._links import End, LinkClass, LinkShare, LinkShares, link_shares
from k8s6plan.evaluation.cost._needs import Need, PerGb, of_leg, standing
from k8s6plan.evaluation.cost._needs import Step as StepOfWay
from k8s6plan.evaluation.cost._tariff import Item, items_of
from k8s6plan.evaluation.cost._work import build_hours, work_lines
from k8s6plan.evaluation.cost.book import PriceBook
from k8s6plan.topology.groups import Outline
from k8s6plan.topology.joins import ManagedHub, Path, SiteClass, Topology
from k8s6plan.topology.loads import Loads
from k8s6plan.topology.traffic import Choices, Paths, Stream, streams

if TYPE_CHECKING:
    from k8s6plan.fleet.model import Work


class Costs:
    """One topology, priced: each thing is worked out once."""

    def __init__(
        self,
        topology: Topology,
        book: PriceBook,
        work: Work | None = None,
        choices: Choices | None = None,
        times: tuple[Costs, Decimal] | None = None,
    ) -> None:
        """Take the prices in force.

        ``work``: what the fleet file says that work takes. ``choices``: the paths that traffic
        takes, where they were chosen by the same prices for the same shape before. ``times``: with
        so many times the traffic of other costs, on the same ways, and with the same peaks.
        """
        self.topology = topology
        self._book, self._work, self._choices, self._times = book, work, choices, times

    @cached_property
    def streams(self) -> list[Stream]:
        """The traffic with its paths: the shortest, of these the cheapest by list price.

        The price of a path is that of one gigabyte, free amounts and tiers left aside; a path with
        an unknown price comes after those without.
        """
        return streams(self.topology, self._paths)

    @cached_property
    def peaks(self) -> list[Stream]:
        """The traffic of the demands that have a peak, with its paths."""
        if "streams" in vars(self):  # known already, with what has no peak
            return [stream for stream in self.streams if stream.volume.peak_mbps]
        return streams(self.topology, self._paths, peaks=True)

    @cached_property
    def _paths(self) -> Paths:
        return Paths(self.topology, self._rank, self._choices)

    @cached_property
    def loads(self) -> Loads:
        """The peak on tunnels."""
        return Loads(self.topology, self.peaks)

    @cached_property
    def _per_gb(self) -> PerGb:
        return PerGb(self.topology)

    def _rank(self, source: SiteClass, target: SiteClass, path: Path) -> tuple[int, Decimal]:
        """Return (unknown prices, price of a gigabyte at the first tier) of a path."""
        needs = self._per_gb.needs(source, target, path)
        unknown, total = 0, Decimal(0)
        for item in items_of(needs, self.topology.outline):
            cost = self._first_price(item)
            unknown += cost is None
            total += cost or 0
        return unknown, total

    def _first_price(self, item: Item) -> Decimal | None:
        if not item.item:
            return None
        price = self._book.find(item.provider, item.item, item.region, item.to, item.variant)
        if not price.known:
            return None
        first = next((tier.price for tier in price.tiers if tier.price), Decimal(0))
        return self._book.in_currency(first * item.quantity, price.currency)

    @cached_property
    def standing(self) -> list[Item]:
        """What the providers bill without any traffic."""
        if self._times is not None:
            return self._times[0].standing
        places = self.loads.places.items() if self.topology.hubs else ()
        hubs = {place: load.both for place, load in places if isinstance(place, ManagedHub)}
        return list(items_of(standing(self.topology, hubs), self.topology.outline))

    @cached_property
    def usage(self) -> list[Item]:
        """What the providers bill for the traffic."""
        if self._times is not None:
            base, times = self._times
            return [item._replace(quantity=item.quantity * times) for item in base.usage]
        volumes: dict[StepOfWay, Decimal] = defaultdict(Decimal)
        for stream in self.streams:
            volume = stream.volume.gb_per_month
            if volume:
                for step in self._per_gb.steps(stream.source, stream.target, stream.path):
                    volumes[step] += volume
        totals: dict[Need, Decimal] = defaultdict(Decimal)
        for step, volume in volumes.items():
            for part in step.parts:
                totals[part.need] += volume
        outline = self.topology.outline
        return [
            item._replace(quantity=item.quantity * volume)
            for need, volume in totals.items()
            for item in items_of([need], outline)
        ]

    def carrying(self, times: Decimal) -> Costs:
        """Return the same with so many times the traffic, which takes the same ways."""
        return Costs(self.topology, self._book, self._work, self._choices, (self, times))

    @cached_property
    def bill(self) -> Bill:
        """What the design costs in a month."""
        till = open_till(self.topology.outline, self._book)
        lines = make_lines(till, self.standing, "baseline")
        lines += make_lines(till, self.usage, "usage")
        lines += self._work_lines
        return Bill(tuple(lines), self._book.currency, _hours(self.topology.outline))

    @cached_property
    def total(self) -> tuple[Decimal | None, bool]:
        """The sum of the bill, None where nothing of it is known, and whether it is complete.

        The same as ``bill.total()``, without the lines: a sweep asks for thousands.
        """
        till = open_till(self.topology.outline, self._book)
        fixed, known = known_total(till, self.standing)
        usage, also = known_total(till, self.usage)
        work = sum((line.cost or Decimal(0) for line in self._work_lines), Decimal(0))
        total, complete = fixed + usage + work, known and also
        return (total if total or complete else None), complete

    @cached_property
    def _work_lines(self) -> list[Line]:
        if self._work is None:
            return []
        return list(work_lines(self.topology, self._book, self._work))


def open_till(outline: Outline, book: PriceBook) -> Till:
    """Return what prices a month of this fleet: its hours, and what its nodes include."""
    included = {
        (provider, item): Decimal(each * nodes)
        for provider, nodes in outline.nodes
        for item, each in included_per_node(provider).items()
    }
    return Till(book, _hours(outline), included)


def _hours(outline: Outline) -> Decimal:
    return catalog.assumed("month_hours", outline.assumptions)


__all__ = [
    "CENT",
    "PARTS",
    "Bill",
    "Costs",
    "End",
    "Item",
    "Line",
    "LinkClass",
    "LinkShare",
    "LinkShares",
    "Need",
    "Part",
    "PerGb",
    "Step",
    "Till",
    "build_hours",
    "items_of",
    "link_shares",
    "make_lines",
    "of_leg",
    "open_till",
    "standing",
]
