"""Gathers what a report tells; what would take too long in a large fleet is left out and told."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import TYPE_CHECKING

from k8s6plan import catalog
from k8s6plan.addressing.check import Finding, check_fleet
from k8s6plan.catalog.prices import Price
from k8s6plan.decision.compare import Comparison, compare
from k8s6plan.decision.sweep import (
    LARGE,
    Crossing,
    Grid,
    Sweep,
    Swing,
    grid,
    over_traffic,
    swings,
    turns,
)
from k8s6plan.evaluation.failures import Failures, failures_of
from k8s6plan.evaluation.limits import Limit
from k8s6plan.evaluation.mtu import PathMtu, mtu_of
from k8s6plan.views.report._addresses import Addresses, addresses_of
from k8s6plan.views.report._assumptions import Assumption, assumptions_of

if TYPE_CHECKING:
    from k8s6plan.addressing.plan_file import Plan
    from k8s6plan.decision.terms import Terms
    from k8s6plan.fleet.model import Fleet
    from k8s6plan.topology.groups import Outline

MOST_SITES_FAILING = 60  # each failure is looked at in each design
MOST_TIMES = 10  # times the traffic, up to which break-even is looked for
_LISTED = 10  # failures of a design


@dataclass(frozen=True)
class Report:
    """All that is told of a fleet.

    ``grid``: the sheet at other sizes and with other traffic. ``turns``: where costs change places
    along the clusters. ``traffic``: the same along the traffic, None without demands or in a large
    fleet. ``failures`` and ``mtu``: by design, empty in a large fleet. ``remarks``: what is left
    out, and how to get it.
    """

    fleet: Fleet
    comparison: Comparison
    grid: Grid
    turns: tuple[Crossing, ...]
    traffic: Sweep | None
    swings: tuple[Swing, ...]
    failures: dict[str, Failures]
    mtu: dict[str, PathMtu]
    findings: tuple[Finding, ...]
    addresses: Addresses
    assumptions: tuple[Assumption, ...]
    remarks: tuple[str, ...]

    @property
    def designs(self) -> tuple[str, ...]:
        """The designs, in the order of the sheet."""
        return tuple(self.comparison.table)

    @property
    def unable(self) -> dict[str, str]:
        """The designs that cannot join every cluster, and why."""
        table = self.comparison.table
        return {n: c["feasible"].note for n, c in table.items() if not c["feasible"].value}

    @property
    def month_hours(self) -> object:
        """The hours of a month."""
        return catalog.assumption("month_hours", self.fleet.assumptions)

    @property
    def horizon(self) -> int:
        """The clusters up to which a breaking point is looked for."""
        return self.comparison.terms.horizon

    @property
    def book_date(self) -> str:
        """The day to which the price book that ships was brought."""
        return catalog.book_date()

    @property
    def mtu_sources(self) -> list[str]:
        """Who says how large packets may be."""
        links = [link for found in self.mtu.values() for link in found.links]
        return sorted({source for link in links for source in link.sources})

    @property
    def price_rows(self) -> list[Price]:
        """The rows of price that some design uses, by name and place."""
        lines = [line for case in self.comparison.cases.values() for line in case.bill.lines]
        found = {(line.price.name, line.price.regions, line.price.to): line.price for line in lines}
        return [found[key] for key in sorted(found) if key[0].strip(".")]

    @property
    def limit_rows(self) -> list[Limit]:
        """The limits that some design is held against, by name."""
        reaches = [reach for case in self.comparison.cases.values() for reach in case.reaches]
        found = {reach.limit.name: reach.limit for reach in reaches}
        return [found[name] for name in sorted(found)]


def report_of(
    outline: Outline, designs: Sequence[str], terms: Terms, plan: Plan | None = None
) -> Report:
    """Return the report on ``designs`` for the fleet of ``terms``: all, where none is named.

    ``plan``: the addressing plan in force; without one, a plan is made and locks nothing.

    Raises:
        UnknownName: a design that does not exist.
        ValueError: ``terms`` are of no fleet file.

    """
    fleet = terms.fleet
    if fleet is None:
        raise ValueError("a report is of a fleet file")
    large = outline.clusters > LARGE
    comparison = compare(outline, designs, terms, full=not large)
    sheet = grid(comparison.cases)
    names = list(comparison.table)
    complete = {name: case.total[1] for name, case in comparison.cases.items()}
    turned = tuple(
        Crossing(cheaper, than, Decimal(at), complete[cheaper] and complete[than])
        for cheaper, than, at in turns(comparison.cases, sheet)
    )
    priced = bool(outline.flows) and not large
    traffic = over_traffic(outline, names, terms, Decimal(MOST_TIMES)) if priced else None
    failing = outline.sites <= MOST_SITES_FAILING
    return Report(
        fleet=fleet,
        comparison=comparison,
        grid=sheet,
        turns=turned,
        traffic=traffic,
        swings=() if large else tuple(swings(comparison.cases)),
        failures={
            name: failures_of(case.topology, fleet, top=_LISTED)
            for name, case in comparison.cases.items()
            if failing
        },
        mtu={} if large else {n: mtu_of(c.topology) for n, c in comparison.cases.items()},
        findings=tuple(check_fleet(fleet)),
        addresses=addresses_of(fleet, plan),
        assumptions=tuple(assumptions_of(fleet)),
        remarks=tuple(_remarks(large=large, failing=failing)),
    )


def _remarks(*, large: bool, failing: bool) -> list[str]:
    """Say what is left out of a large fleet."""
    found = []
    if large:
        found.append(
            f"Beyond {LARGE:,} clusters this report leaves out round trips, packet sizes, "
            "break-even by traffic and what moves a cost most: k8s6plan compare --full, "
            "k8s6plan sweep --over traffic."
        )
    if not failing:
        found.append(
            f"Beyond {MOST_SITES_FAILING} sites single failures are not listed here: "
            "k8s6plan failures."
        )
    return found
