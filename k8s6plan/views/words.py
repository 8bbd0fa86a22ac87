"""How figures and the lines behind them are put into words, in every form of the sheet."""

from __future__ import annotations

import re
from collections.abc import Iterator
from decimal import Decimal
from typing import TYPE_CHECKING

from k8s6plan.decision.metrics import Measure
from k8s6plan.io.words import amount, listed, number, plain

if TYPE_CHECKING:
    from k8s6plan.decision.compare import Comparison
    from k8s6plan.decision.explain import Entry
    from k8s6plan.evaluation.limits import Break
    from k8s6plan.fleet.model import Family
    from k8s6plan.topology.groups import Outline

FAMILY: dict[Family, str] = {"ipv4": "IPv4", "ipv6": "IPv6"}


def title(outline: Outline) -> str:
    """Return "three-clouds: 12 clusters in 11 sites"."""
    clusters, sites = outline.clusters, outline.sites
    if outline.name == f"{clusters} clusters":
        return f"{clusters:,} clusters, each in a provider, region and site of its own"
    return f"{outline.name}: {number(clusters, 'cluster')} in {number(sites, 'site')}"


def traffic(outline: Outline) -> Iterator[str]:
    """Yield what crosses between sites, if anything: "59,250 GB a month: 7 demands, 30 pairs".

    Of cluster sets that keep some from others, how many pairs they leave.
    """
    if outline.divided:
        every = number(outline.all_pairs, "pair of clusters", "pairs of clusters")
        yield f"{outline.pairs:,} of {every} in different sites share a cluster set"
    found = outline.exchange
    if found.demands:
        who = f"{number(found.demands, 'demand')}, {number(found.pairs, 'pair')}"
        yield f"{amount(found.gb_per_month)} GB a month: {who}"


def markdown_heading(outline: Outline) -> Iterator[str]:
    """Yield the heading of a document, and what crosses between sites."""
    yield f"# {in_markdown(title(outline))}"
    yield ""
    for line in traffic(outline):
        yield line
        yield ""


def cell(measure: Measure) -> str:
    """Return a value as the table shows it."""
    value = measure.value
    if measure.shown:
        return measure.shown
    if value is None:
        return "unknown"
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, Decimal):
        return f"{'≥ ' if measure.at_least else ''}{value:,.0f}"
    if isinstance(value, float):
        return f"{value:,.2f}"
    return f"{value:,}" if isinstance(value, int) else value


def notes(comparison: Comparison) -> Iterator[str]:
    """Yield each note once, with the row and the designs that it belongs to."""
    for key, metric in comparison.told.items():
        said: dict[str, list[str]] = {}
        for name, column in comparison.table.items():
            if column[key].note:
                said.setdefault(column[key].note, []).append(name)
        for note, names in said.items():
            who = "all designs" if len(names) == len(comparison.table) > 1 else ", ".join(names)
            yield f"{metric.title} ({who}): {note}"
    if comparison.doubtful:
        few = listed(comparison.doubtful, 3)
        yield f"Prices old, undated or below high confidence (--explain cost has all): {few}"
    if comparison.overridden:
        yield f"Prices of yours: {', '.join(comparison.overridden)}"


def broken_at(name: str, kind: str, found: Break) -> str:
    """Return where a design first breaks: "full-mesh: first quota exceeded at 18 clusters"."""
    return f"{name}: first {kind} exceeded at {found.clusters:,} clusters"


def in_words(value: object, unit: str, *, at_least: bool = False) -> str:
    """Return a value with its unit: "at least 1,234.50 USD/month"."""
    if value is None:
        return "unknown"
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, (Decimal, float)):
        shown = f"{value:,.2f}"
    else:
        shown = f"{value:,}" if isinstance(value, int) else str(value)
    return f"{'at least ' if at_least else ''}{shown} {unit}".rstrip()


def sum_of(entry: Entry) -> str:
    """Return how the cost of a line comes about: "14,600 hours x 0.05 USD"."""
    quantity = f"{amount(entry.quantity)} {entry.unit}"
    if entry.unit_price is not None and len(entry.steps) <= 1:
        return f"{quantity} x {plain(entry.unit_price)} {entry.currency}"
    if entry.steps:
        parts = [f"{amount(step.quantity)} x {plain(step.price)}" for step in entry.steps]
        return f"{quantity}: {' + '.join(parts)} {entry.currency}"
    return f"{quantity} at an unknown price in {entry.currency}"


def in_markdown(text: str) -> str:
    """Return ``text`` so that Markdown shows it as it is."""
    return re.sub(r"([\\`*_\[\]<>|])", r"\\\1", text)
