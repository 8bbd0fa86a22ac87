"""``k8s6plan latency``: the round-trip times that each design makes of the fleet's places."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from enum import StrEnum
from typing import TYPE_CHECKING, Annotated, Any

import typer

from k8s6plan.cli._common import Designs, FleetPath, progress, put, read_fleet, to_json

if TYPE_CHECKING:
    from k8s6plan.evaluation.latency import Latency, Pair, Spread
    from k8s6plan.fleet.model import Fleet

HELP = """Estimate round-trip times between clusters, along the paths of each design.

From times measured between regions where there are any, else from the distance.

Example: k8s6plan latency fleet.yaml --design hub-and-spoke --pairs 5
"""
_NAMED = 5  # sites of unknown place that the table names


class Format(StrEnum):
    """The forms of the report."""

    table = "table"
    json = "json"


def latency(
    fleet: FleetPath = None,
    *,
    design: Designs = None,
    pairs: Annotated[
        int, typer.Option("--pairs", min=0, metavar="N", help="List the N worst pairs of each.")
    ] = 0,
    output_format: Annotated[Format, typer.Option("--format", "-f")] = Format.table,
) -> None:
    """See HELP."""
    from k8s6plan.evaluation.latency import latency_of, survey
    from k8s6plan.topology.designs import wanted_designs
    from k8s6plan.topology.groups import outline_of

    described = read_fleet(fleet)
    with progress("estimating round-trip times"):
        ground = survey(described)
        reports = [
            latency_of(name, described, ground=ground, show=max(1, pairs))
            for name in wanted_designs(outline_of(described), design)
        ]
    if output_format is Format.json:
        text = to_json(_data(described, reports), "latency")
    else:
        text = "".join(f"{line.rstrip()}\n" for line in _table(described, reports, pairs))
    put(text, None, "latency", force=False)


# --- JSON ----------------------------------------------------------------------------------------


def _data(fleet: Fleet, reports: Sequence[Latency]) -> dict[str, Any]:
    return {
        "version": 1,
        "fleet": fleet.fleet,
        "unit": "ms",
        "designs": {report.design: _report(report) for report in reports},
    }


def _report(report: Latency) -> dict[str, Any]:
    return {
        "pairs": report.pairs,
        "measured": report.measured,
        "estimated": report.estimated,
        "unknown": report.unknown,
        "no_path": report.unjoined,
        "rtt": _spread(report.ms),
        "stretch": {"mean": _rounded(report.stretch_mean), "max": _rounded(report.stretch_max)},
        "by_demand": {
            "gb_per_month": str(report.demand_gb),
            "known_gb_per_month": str(report.known_gb),
            "rtt": _spread(report.by_demand),
        },
        "worst_pairs": [_pair(pair) for pair in report.worst],
        "unknown_places": list(report.unplaced),
        "note": report.note,
    }


def _spread(spread: Spread | None) -> dict[str, float | None] | None:
    if spread is None:
        return None
    return {key: _rounded(getattr(spread, key)) for key in ("mean", "p95", "worst")}


def _pair(pair: Pair) -> dict[str, Any]:
    return {
        "clusters": [pair.one, pair.other],
        "rtt": _rounded(pair.ms),
        "direct_rtt": _rounded(pair.direct_ms),
        "stretch": _rounded(pair.stretch),
        "measured": pair.measured,
        "via": list(pair.via),
        "pairs_alike": pair.alike,
    }


def _rounded(number: float | None) -> float | None:
    return None if number is None else round(number, 3)


# --- table ---------------------------------------------------------------------------------------


def _table(fleet: Fleet, reports: Sequence[Latency], pairs: int) -> Iterator[str]:
    count = reports[0].pairs
    if not count:
        yield f"{fleet.fleet}: no two clusters lie in different sites"
        return
    some = f"{count:,} pair{'s' * (count != 1)}"
    yield f"{fleet.fleet}: round trips in ms, over {some} of clusters in different sites"
    yield ""
    width = max(14, *(len(report.design) for report in reports))
    yield _line(width, "DESIGN", "MEAN", "P95", "WORST", "STRETCH", "MAX", "WORST PAIR")
    for report in reports:
        stretch = (f"{_times(report.stretch_mean)}", f"{_times(report.stretch_max)}")
        worst = report.worst[0] if report.worst else None
        between = f"{worst.one} - {worst.other}" if worst else ""
        yield _line(width, report.design, *_cells(report.ms), *stretch, between)
    yield ""
    yield from _by_demand(width, reports)
    said: dict[str, list[str]] = {}
    for report in reports:
        said.setdefault(_scope(report), []).append(report.design)
    yield from (f"{', '.join(names)}: {scope}" for scope, names in said.items())
    yield from _unplaced(reports[0].unplaced)
    for report in reports if pairs else ():
        yield ""
        yield f"{report.design}, worst pairs:"
        for pair in report.worst:
            yield f"  {_pair_line(pair)}"


def _by_demand(width: int, reports: Sequence[Latency]) -> Iterator[str]:
    volume = reports[0].demand_gb
    if not volume:
        return
    yield _line(width, "BY DEMAND", "MEAN", "P95", "WORST", "", "", f"of {volume:,.10g} GB a month")
    for report in reports:
        part = report.known_gb / volume
        known = "" if part == 1 else f"speaks of {part:.0%} of it"
        yield _line(width, report.design, *_cells(report.by_demand), "", "", known)
    yield ""


def _line(width: int, name: str, *cells: str) -> str:
    mean, p95, worst, stretch, most, last = cells
    return f"{name:<{width}} {mean:>7} {p95:>7} {worst:>7} {stretch:>8} {most:>7}  {last}"


def _cells(spread: Spread | None) -> tuple[str, str, str]:
    if spread is None:
        return ("unknown",) * 3
    return _ms(spread.mean), _ms(spread.p95), _ms(spread.worst)


def _ms(number: float) -> str:
    return f"{number:.1f}" if number < 10 else f"{number:,.0f}"


def _times(number: float | None) -> str:
    return "unknown" if number is None else f"{number:.2f}"


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


def _unplaced(sites: tuple[str, ...]) -> Iterator[str]:
    if not sites:
        return
    more = f" and {len(sites) - _NAMED:,} more" if len(sites) > _NAMED else ""
    names = ", ".join(sites[:_NAMED])
    yield f"Unknown place: {names}{more}. Write sites.<name>.coordinates: [latitude, longitude]."


def _pair_line(pair: Pair) -> str:
    kind = "measured" if pair.measured else "estimate"
    via = f", via {', '.join(pair.via)}" if pair.via else ""
    alike = f", and {pair.alike - 1:,} more alike" if pair.alike > 1 else ""
    direct = f", {_times(pair.stretch)} x direct" if pair.via else ""
    return f"{pair.one} - {pair.other}: {_ms(pair.ms)} ms ({kind}){direct}{via}{alike}"
