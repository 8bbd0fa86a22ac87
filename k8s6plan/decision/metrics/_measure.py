"""What metrics share: the case that they measure, one value of it, and how a row is read."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from decimal import Decimal
from functools import cached_property
from typing import TYPE_CHECKING, Literal

from k8s6plan.topology.counts import LinkCount
from k8s6plan.topology.designs import Design
from k8s6plan.topology.groups import Outline
from k8s6plan.topology.joins import Topology

if TYPE_CHECKING:
    from k8s6plan.decision.terms import Terms
    from k8s6plan.evaluation.cost import Bill, Costs
    from k8s6plan.evaluation.failures import Resilience
    from k8s6plan.evaluation.latency import Latency
    from k8s6plan.evaluation.limits import Breaks, Reach
    from k8s6plan.fleet.model import Fleet

Value = int | float | str | bool | Decimal | None

# Failures of two things are looked at in fleets of at most this many sites.
MOST_SITES_IN_PAIRS = 120


@dataclass(frozen=True)
class Measure:
    """One metric's value for one design. ``value`` None is unknown, and ``note`` says why.

    ``at_least``: a sum that leaves out what is unknown. ``shown``: what a table shows in place of
    the value.
    """

    value: Value
    unit: str
    note: str = ""
    at_least: bool = False
    shown: str = ""


@dataclass(frozen=True)
class Case:
    """One design for one fleet, and what metrics ask of the two: each thing is worked out once."""

    design: Design
    outline: Outline
    terms: Terms
    priced: Costs | None = field(default=None, repr=False, compare=False)

    @cached_property
    def topology(self) -> Topology:
        """The fleet as the design joins it."""
        return self.design.of(self.outline)

    @property
    def count(self) -> LinkCount:
        """The links of the design."""
        return self.topology.count

    @cached_property
    def costs(self) -> Costs:
        """The topology, priced."""
        if self.priced is not None:
            return self.priced
        from k8s6plan.evaluation.cost import Costs

        choices = self.terms.choices(self.topology)
        return Costs(self.topology, self.terms.book, self.terms.work, choices)

    @property
    def bill(self) -> Bill:
        """What the design costs in a month."""
        return self.costs.bill

    @property
    def total(self) -> tuple[Decimal | None, bool]:
        """The sum of the bill, and whether it is complete, without making the bill."""
        return self.costs.total

    @cached_property
    def reaches(self) -> tuple[Reach, ...]:
        """How far the design reaches into each limit of its providers."""
        return self._reaches(None)

    def _reaches(self, measures: frozenset[str] | None) -> tuple[Reach, ...]:
        from k8s6plan.evaluation.limits import reaches_of

        return reaches_of(self.topology, self.costs, self.terms.limits, measures)

    @property
    def fleet(self) -> Fleet | None:
        """The fleet file that says what the sites are; None for any other number of clusters."""
        fleet = self.terms.fleet
        same = fleet is not None and len(fleet.clusters) == self.outline.clusters
        return fleet if same else None

    @cached_property
    def latency(self) -> Latency | None:
        """Round-trip times; None without a fleet file."""
        if self.fleet is None:
            return None
        from k8s6plan.evaluation.latency import latency_of

        return latency_of(self.topology, self.terms.survey)

    @cached_property
    def resilience(self) -> Resilience | None:
        """What failures take down; None without a fleet file."""
        if self.fleet is None:
            return None
        from k8s6plan.evaluation.failures import resilience_of

        small = self.outline.sites <= MOST_SITES_IN_PAIRS
        return resilience_of(self.topology, self.fleet, depth=2 if small else 1)

    @cached_property
    def breaks(self) -> Breaks:
        """At how many clusters the design first exceeds a quota, and a limit."""
        from k8s6plan.evaluation.limits import Breaks, find_breaks

        growth = self.terms.growth
        if growth is None:
            return Breaks(None, None)

        def probe(clusters: int, measures: frozenset[str] | None) -> tuple[Reach, ...]:
            if clusters == self.outline.clusters:
                return self.reaches
            lists = measures is None or "entries" in measures
            outline = growth.at(clusters) if lists else growth.counted(clusters)
            return Case(self.design, outline, self.terms)._reaches(measures)

        return find_breaks(probe, self.outline.clusters, self.terms.horizon)

    def at(self, clusters: int) -> Case:
        """Return the same design for the fleet at another size."""
        if clusters == self.outline.clusters or self.terms.growth is None:
            return self
        return Case(self.design, self.terms.growth.at(clusters), self.terms)

    def carrying(self, times: Decimal) -> Case:
        """Return the same design with so many times the traffic; peaks stay as they are."""
        flows = tuple(f._replace(gb_per_month=f.gb_per_month * times) for f in self.outline.flows)
        there = replace(self.outline, flows=flows)
        return Case(self.design, there, self.terms, self.costs.carrying(times))


@dataclass(frozen=True)
class Metric:
    """One row of the decision sheet.

    ``better``: "less" or "more" of a number is better; a tuple ranks words, best first; None where
    no value is better than another. ``full``: it takes a moment, and is told where asked for.
    ``of_work``: shown to readers where the fleet file says what work takes.
    """

    key: str
    title: str
    group: str
    better: Literal["less", "more"] | tuple[Value, ...] | None
    measure: Callable[[Case], Measure]
    full: bool = False
    of_work: bool = False

    @property
    def money(self) -> bool:
        """Say whether it is money, which buys nothing where the design cannot join a cluster."""
        return self.group == "Money"

    def best(self, measures: dict[str, Measure]) -> tuple[str, ...]:
        """Return the designs with the best value, ties all; unknown is never best, nor is a no.

        A sum that leaves something out is not best either: the rest of it may be anything.
        """
        known = {
            name: m
            for name, m in measures.items()
            if m.value is not None and m.value is not False  # 0 is a value, and may be the best
        }
        if self.better is None or not known:
            return ()
        ranks = {name: self._rank(measure.value) for name, measure in known.items()}
        top = min(ranks.values())
        return tuple(name for name, m in known.items() if ranks[name] == top and not m.at_least)

    def _rank(self, value: Value) -> float:
        """Return a number that is least for the best value."""
        if isinstance(self.better, tuple):
            return self.better.index(value)
        return float(value or 0) * (1 if self.better == "less" else -1)
