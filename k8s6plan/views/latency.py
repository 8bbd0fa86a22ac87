"""Round-trip times of each design as lines of text."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

from k8s6plan.io.words import listed, number, percent
from k8s6plan.views.tables import Column, rows_of
from k8s6plan.views.words import traffic

if TYPE_CHECKING:
    from k8s6plan.evaluation.latency import Latency, Pair, Spread
    from k8s6plan.topology.groups import Outline

_NAMED = 5  # sites of unknown place that are named


def latency_lines(outline: Outline, reports: Sequence[Latency], pairs: int) -> Iterator[str]:
    """Yield the times of every design, and of each the worst ``pairs``."""
    first = reports[0]
    if not first.pairs:
        yield f"{outline.name}: no two clusters lie in different sites"
        return
    some = number(first.pairs, "pair")
    yield f"{outline.name}: round trips in ms, over {some} of clusters in different sites"
    yield from traffic(outline)
    yield ""
    yield from _table(reports, "DESIGN", ("STRETCH", "MAX", "WORST PAIR"), _pairs_cells(reports))
    yield ""
    if first.demand_gb:
        volume = f"of {first.demand_gb:,.10g} GB a month"
        yield from _table(reports, "BY DEMAND", ("", "", volume), _demand_cells(reports))
        yield ""
    told: dict[str, list[str]] = {}
    for report in reports:
        told.setdefault(_scope(report), []).append(report.design)
    yield from (f"{', '.join(names)}: {scope}" for scope, names in told.items())
    if first.unplaced:
        names = listed(first.unplaced, _NAMED)
        yield f"Unknown place: {names}. Write sites.<name>.coordinates: [latitude, longitude]."
    for report in reports if pairs else ():
        yield ""
        yield f"{report.design}, worst pairs:"
        for pair in report.worst:
            yield f"  {_pair(pair)}"


def _table(
    reports: Sequence[Latency],
    title: str,
    titles: tuple[str, str, str],
    rows: Iterator[tuple[str, ...]],
) -> list[str]:
    stretch, most, last = titles
    columns = [
        Column(title, max(14, *(len(report.design) for report in reports))),
        *(Column(name, 7, right=True) for name in ("MEAN", "P95", "WORST")),
        Column(stretch, 8, right=True),
        Column(most, 7, right=True),
        Column(f" {last}"),
    ]
    return rows_of(columns, rows)


def _pairs_cells(reports: Sequence[Latency]) -> Iterator[tuple[str, ...]]:
    for report in reports:
        worst = f" {report.worst[0].one} - {report.worst[0].other}" if report.worst else ""
        stretch = (_times(report.stretch_mean), _times(report.stretch_max))
        yield (report.design, *_spread(report.ms), *stretch, worst)


def _demand_cells(reports: Sequence[Latency]) -> Iterator[tuple[str, ...]]:
    for report in reports:
        part = float(report.known_gb / report.demand_gb)
        known = "" if part == 1 else f" speaks of {percent(part)} of it"
        yield (report.design, *_spread(report.by_demand), "", "", known)


def _spread(spread: Spread | None) -> tuple[str, str, str]:
    if spread is None:
        return ("unknown",) * 3
    return _ms(spread.mean), _ms(spread.p95), _ms(spread.worst)


def _ms(time: float) -> str:
    return f"{time:.1f}" if time < 10 else f"{time:,.0f}"


def _times(stretch: float | None) -> str:
    return "unknown" if stretch is None else f"{stretch:.2f}"


def _scope(report: Latency) -> str:
    """Say what the figures of a design rest on."""
    parts = [f"pairs measured {report.measured:,}", f"estimated {report.estimated:,}"]
    if report.unknown:
        parts.append(f"unknown {report.unknown:,}")
    if report.unjoined:
        parts.append(f"without a path {report.unjoined:,}")
    if report.note:
        parts.append(report.note)
    return ", ".join(parts)


def _pair(pair: Pair) -> str:
    kind = "measured" if pair.measured else "estimate"
    via = f", via {', '.join(pair.via)}" if pair.via else ""
    alike = f", and {pair.alike - 1:,} more alike" if pair.alike > 1 else ""
    direct = f", {_times(pair.stretch)} x direct" if pair.via else ""
    return f"{pair.one} - {pair.other}: {_ms(pair.ms)} ms ({kind}){direct}{via}{alike}"
