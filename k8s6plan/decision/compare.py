"""Every design x every metric -> Comparison. Prints nothing."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from functools import cached_property
from typing import TYPE_CHECKING

from k8s6plan.decision.metrics import METRICS, Case, Measure, Metric
from k8s6plan.decision.terms import Terms
from k8s6plan.io.words import number
from k8s6plan.topology.designs import DESIGNS, wanted_designs
from k8s6plan.topology.groups import Outline

if TYPE_CHECKING:
    from k8s6plan.evaluation.limits import Reach

# Up to so many sites a mesh stays small enough to be written by hand. A rule of thumb, not a
# limit: at five sites it has ten links, and the next one brings five.
SMALL_MESH_SITES = 5


@dataclass(frozen=True)
class Comparison:
    """The decision sheet: ``table[design][metric]``, the best designs of each metric, advice."""

    outline: Outline
    table: dict[str, dict[str, Measure]]
    best: dict[str, tuple[str, ...]]
    advice: tuple[str, ...]
    rows: dict[str, Metric]
    cases: dict[str, Case]
    terms: Terms

    @property
    def fleet(self) -> str:
        """The name of the fleet."""
        return self.outline.name

    @property
    def clusters(self) -> int:
        """How many clusters it has."""
        return self.outline.clusters

    @property
    def sites(self) -> int:
        """How many sites it has."""
        return self.outline.sites

    @property
    def currency(self) -> str:
        """The currency of every sum of money."""
        return self.terms.currency

    @property
    def overridden(self) -> tuple[str, ...]:
        """The rows of price that the user put in place of those that ship."""
        return self.terms.overridden

    @property
    def told(self) -> dict[str, Metric]:
        """The rows for a reader: those about work only where the fleet file says what it takes."""
        silent = self.terms.work is None
        return {key: m for key, m in self.rows.items() if not (silent and m.of_work)}

    def title(self, metric: Metric) -> str:
        """Return the title of a row for a reader: of money, with its currency."""
        return f"{metric.title}, {self.currency}" if metric.money else metric.title

    @cached_property
    def doubtful(self) -> tuple[str, ...]:
        """The rows of price in use that are old, undated or below high confidence, by name."""
        if not any(case.outline.named for case in self.cases.values()):
            return ()
        used = (line.price for case in self.cases.values() for line in case.bill.lines)
        return tuple(sorted({price.name for price in used if price.marks and not price.yours}))

    @property
    def exceeded(self) -> dict[str, tuple[Reach, ...]]:
        """The limits that each design exceeds, the worst first."""
        return {
            name: tuple(reach for reach in case.reaches if reach.over != "no")
            for name, case in self.cases.items()
        }


def compare(
    outline: Outline,
    designs: Sequence[str] = (),
    terms: Terms | None = None,
    *,
    full: bool = False,
) -> Comparison:
    """Compare ``designs`` for the fleet of ``outline``, on ``terms``: all, where none is named.

    ``full``: with the rows that take a moment, of failures, latency and MTU.

    A design that needs demands, or homes, is left out where there are none, unless it is named.

    Raises:
        UnknownName: a design that does not exist.

    """
    terms = terms or Terms()
    rows = {key: metric for key, metric in METRICS.items() if full or not metric.full}
    cases: dict[str, Case] = {}
    table: dict[str, dict[str, Measure]] = {}
    for design in (DESIGNS[name] for name in wanted_designs(outline, designs)):
        case = cases[design.name] = Case(design, outline, terms)
        table[design.name] = {key: metric.measure(case) for key, metric in rows.items()}
    return Comparison(
        outline=outline,
        table=table,
        best=best_of(table, rows),
        advice=tuple(_advice(outline, table, cases)),
        rows=rows,
        cases=cases,
        terms=terms,
    )


def best_of(
    table: Mapping[str, Mapping[str, Measure]], rows: Mapping[str, Metric]
) -> dict[str, tuple[str, ...]]:
    """Return the designs with the best value of each row, ties all.

    Money is best only where it buys something: with a design that joins every cluster.
    """
    able = {name for name, column in table.items() if column["feasible"].value}
    return {
        key: metric.best({n: c[key] for n, c in table.items() if not metric.money or n in able})
        for key, metric in rows.items()
    }


# --- the sentences under the table -------------------------------------------------------------


def _advice(
    outline: Outline, table: dict[str, dict[str, Measure]], cases: Mapping[str, Case]
) -> list[str]:
    lines = [f"{DESIGNS[name].title} {DESIGNS[name].asks}." for name in table]
    if not outline.pairs:
        return [*lines, "No two clusters lie in different sites: there is nothing to join yet."]
    if len(table) > 1:
        lines.append(_widest_gap(table))
        if _value(table, "regional-hubs") == _value(table, "full-mesh") is not None:
            lines.append("Regional hubs equal the full mesh here: no two sites share a region.")
    lines.append(_first_look(outline, table, cases))
    return lines


def _value(table: dict[str, dict[str, Measure]], design: str) -> object:
    """Return what tells two columns apart: the links and the hops."""
    column = table.get(design)
    keys = ("tunnels", "peerings", "attachments", "max_hops")
    if column is None:
        return None
    values = [column[key].value for key in keys]
    return (values[0], sum(int(v or 0) for v in values[1:3]), values[3])


def _widest_gap(table: dict[str, dict[str, Measure]]) -> str:
    """Name the metric with the widest ratio between designs (0 counted as 1, ties by order)."""
    widest, chosen = 1.0, None
    for key in next(iter(table.values())):
        metric = METRICS[key]
        values = {
            name: column[key].value
            for name, column in table.items()
            if isinstance(column[key].value, (int, float, Decimal))
        }
        if metric.better != "less" or len(values) < 2 or metric.group in ("Money", "Failures"):
            continue
        numbers = {name: float(value or 0) for name, value in values.items()}
        ratio = max(*numbers.values(), 1) / max(min(numbers.values()), 1)
        if ratio > widest:
            widest, chosen = ratio, (metric, numbers)
    if chosen is None:
        return "They differ little in numbers for this fleet; choose by what each asks of you."
    metric, numbers = chosen
    most, least = max(numbers, key=numbers.__getitem__), min(numbers, key=numbers.__getitem__)
    return (
        f"They differ most in {metric.title.lower()}: {numbers[most]:,.10g} with {most}, "
        f"{numbers[least]:,.10g} with {least}."
    )


def _first_look(
    outline: Outline, table: dict[str, dict[str, Measure]], cases: Mapping[str, Case]
) -> str:
    """Say which design to look at first, by the rules of docs/explanation/first-look.md.

    1. A design that cannot join every cluster is out.
    2. Flat IPv6, where the fleet owns its aggregate: the next cluster changes nothing.
    3. The full mesh, up to five sites: few links, and nobody carries another's traffic.
    4. Of the rest the one to which the next cluster adds fewest links; ties by tunnels.
    """
    open_to = [name for name, column in table.items() if column["feasible"].value]
    if not open_to:
        return "None of these designs can join every cluster; the row `feasible` says why."
    if "flat-ipv6" in open_to and outline.owned:
        return (
            "Look at flat-ipv6 first: the fleet owns one IPv6 aggregate, so the next cluster "
            "changes no link and no allow list; every application must bring its own encryption."
        )
    if "full-mesh" in open_to and outline.sites <= SMALL_MESH_SITES:
        column = table["full-mesh"]
        tunnels = int(column["tunnels"].value or 0)
        return (
            f"Look at full-mesh first: {outline.sites} sites need {number(tunnels, 'tunnel')}, and "
            "no site carries another's traffic; look again when the fleet grows."
        )
    # A design that joins less than the others do is no choice between them.
    all_pairs = outline.pairs
    joining = [n for n in open_to if cases[n].count.joined_pairs == all_pairs] or open_to
    tunnelled = [n for n in joining if cases[n].topology.family == "ipv4"] or joining

    def burden(name: str) -> tuple[float, float]:
        column = table[name]
        return (
            float(column["links_added_by_next_cluster"].value or 0),
            float(column["tunnels"].value or 0),
        )

    first = min(tunnelled, key=burden)
    added, kept = burden(first)
    sentence = (
        f"Look at {first} first: the next cluster adds {number(added, 'link')}, and there "
        f"{'is' if kept == 1 else 'are'} {number(kept, 'tunnel')} to keep."
    )
    if "flat-ipv6" in open_to and first != "flat-ipv6":
        entries = table["flat-ipv6"]["firewall_entries_per_cluster"].value
        until = "" if outline.divided else " until the fleet owns an IPv6 aggregate"
        sentence += (
            f" Then flat-ipv6: no tunnels, but {entries:,} firewall entries a cluster{until}, and "
            "no encryption below the application."
        )
    return sentence
