"""The report as one page: HTML, style and script in one file that asks no network for anything.

The page works nothing out. What the sliders choose from was computed when it was made, and lies
in it as JSON. Everything is escaped by the templates; the policy of the page allows the one style
and the one script that it holds, by their hashes, and nothing from elsewhere.
"""

from __future__ import annotations

import re
from base64 import b64encode
from collections.abc import Iterable, Iterator
from decimal import Decimal
from hashlib import sha256
from pathlib import Path
from typing import TYPE_CHECKING, Any

from k8s6plan.decision.explain import Entry, entries
from k8s6plan.decision.metrics import METRICS
from k8s6plan.io.words import amount, plain
from k8s6plan.topology.designs import DESIGNS
from k8s6plan.views.report import _markdown as sentences
from k8s6plan.views.report._chart import Chart, Told, chart
from k8s6plan.views.report._picture import PT, pictures, shape_of, theme_css
from k8s6plan.views.words import broken_at, cell, in_words, notes, sum_of, title, traffic

if TYPE_CHECKING:
    from markupsafe import Markup

    from k8s6plan.decision.sweep import Axis, Grid
    from k8s6plan.evaluation.limits import Reach
    from k8s6plan.views.report._addresses import Row
    from k8s6plan.views.report._gather import Report

MOST_LISTED = 300  # clusters in the table of addresses
MOST_SEARCHED = 20_000  # prefixes that the search knows
_NEAR = 3  # limits of a design that are told though nothing exceeds them
_TEMPLATES = Path(__file__).with_name("templates")
_COLUMNS = [(role, family) for family in ("ipv4", "ipv6") for role in ("nodes", "pods", "services")]
_PARTS = {"baseline": "Without traffic", "usage": "For traffic", "work": "Work"}
# A place on the web: a host, and a path.
_WEB = re.compile(r"\b(?:https?://)?((?:[a-z0-9-]+\.)+[a-z]{2,}/[^\s;,()<>\"']+)", re.IGNORECASE)


def page(report: Report, mark: str) -> str:
    """Return the page; ``mark`` says who wrote it. Same report, same text."""
    from jinja2 import Environment, FileSystemLoader, StrictUndefined

    env = Environment(
        loader=FileSystemLoader(_TEMPLATES),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )
    env.policies["json.dumps_kwargs"] = {"separators": (",", ":"), "ensure_ascii": False}
    env.filters |= {"pt": _points, "linked": _linked, "num": "{:,}".format}
    style = _read("page.css") + theme_css()
    script = _read("page.js")
    return env.get_template("page.html.j2").render(
        mark=mark,
        policy=_policy(style, script),
        style=_raw(style),
        script=_raw(script),
        data=_data(report),
        **_sections(report),
    )


def _read(name: str) -> str:
    return (_TEMPLATES / name).read_text("utf-8")


def _raw(text: str) -> Markup:
    """Return style or script of ours, which the templates must not escape."""
    from markupsafe import Markup

    return Markup(text)  # noqa: S704  read from our own files


def _policy(style: str, script: str) -> str:
    def digest(text: str) -> str:
        return b64encode(sha256(text.encode()).digest()).decode()

    return (
        f"default-src 'none'; img-src data:; style-src 'sha256-{digest(style)}'; "
        f"script-src 'sha256-{digest(script)}'; base-uri 'none'; form-action 'none'"
    )


def _points(inches: float) -> str:
    """Return inches as points, to a tenth."""
    return f"{round(inches * PT, 1):g}"


def _linked(text: str) -> Markup:
    """Return a source with its places on the web as links; following one is the reader's choice."""
    from markupsafe import Markup, escape

    parts: list[str] = []
    end = 0
    for found in _WEB.finditer(text):
        address = escape(f"https://{found[1]}")
        link = Markup('<a href="{}" rel="noreferrer">{}</a>').format(address, found[0])
        parts += [escape(text[end : found.start()]), link]
        end = found.end()
    return Markup("").join([*parts, escape(text[end:])])


# --- what the templates show ---------------------------------------------------------------------


def _sections(report: Report) -> dict[str, Any]:
    comparison = report.comparison
    told = comparison.told
    groups: dict[str, list[str]] = {}
    for key, metric in told.items():
        groups.setdefault(metric.group, []).append(key)
    drawn, undrawn = pictures(report.fleet, report.comparison.cases)
    return {
        "report": report,
        "comparison": comparison,
        "heading": title(comparison.outline),
        "traffic": list(traffic(comparison.outline)),
        "designs": report.designs,
        "titles": {name: DESIGNS[name].title for name in report.designs},
        "groups": groups,
        "metrics": told,
        "cell": cell,
        "notes": list(notes(comparison)),
        "grid": report.grid,
        "start": _start(report.grid, comparison.clusters),
        "gb": [_gb(stop.gb_per_month) for stop in report.grid.stops],
        "pictures": drawn,
        "undrawn": undrawn,
        "shape_of": shape_of,
        "costs": {name: _cost(report, name) for name in report.designs},
        "sum_of": sum_of,
        "price": plain,
        "amount": amount,
        "charts": [found for found in _charts(report) if found is not None],
        "turns": {axis: _turns(report, axis) for axis in ("clusters", "traffic")},
        "breaks": list(sentences.breaks(report)),
        "reaches": {name: _near(report, name) for name in report.designs},
        "failures": report.failures,
        "unknown_mtu": {
            name: [f"unknown: {what}" for what in found.unknown]
            for name, found in report.mtu.items()
        },
        "addresses": _table_of_addresses(report),
        "columns": _used(report),
        "most_listed": MOST_LISTED,
    }


def _turns(report: Report, axis: Axis) -> list[str]:
    found = sentences.crossings(report, axis)
    return [sentences.turn(report, crossing, axis) for crossing in found]


def _start(grid: Grid, clusters: int) -> tuple[int, int]:
    """Return the stops of the two sliders at which the fleet stands."""
    return grid.clusters.index(max(1, clusters)), grid.times.index(Decimal(1))


def _gb(amount_gb: Decimal | None) -> str:
    return "" if amount_gb is None else f"{amount_gb:,.0f}"


def _cost(report: Report, name: str) -> dict[str, Any]:
    """Return what a design costs, in words, and its lines by part."""
    case = report.comparison.cases[name]
    measure = report.comparison.table[name]["cost_per_month"]
    parts: dict[str, list[Entry]] = {}
    for entry in entries(case, METRICS["cost_per_month"]):
        parts.setdefault(_PARTS[entry.part], []).append(entry)
    total = in_words(measure.value, measure.unit, at_least=measure.at_least)
    return {"total": total, "note": measure.note, "parts": parts}


def _near(report: Report, name: str) -> list[Reach]:
    """Return the limits that a design exceeds, and the nearest of the others."""
    reaches = report.comparison.cases[name].reaches
    over = [reach for reach in reaches if reach.over != "no"]
    return [*over, *[reach for reach in reaches if reach.over == "no"][:_NEAR]]


# --- charts --------------------------------------------------------------------------------------


def _charts(report: Report) -> Iterator[Chart | None]:
    comparison, grid = report.comparison, report.grid
    one = Decimal(1)

    def along(key: str) -> dict[str, list[tuple[float, float | None]]]:
        found: dict[str, list[tuple[float, float | None]]] = {name: [] for name in report.designs}
        for size in grid.clusters:
            for name, column in grid.at(size, one).table.items():
                found[name].append((float(size), _number(column[key].value)))
        return found

    stops = [float(size) for size in grid.clusters]
    yield chart(
        along("cost_per_month"),
        key="clusters",
        title="Cost by clusters",
        labels=("clusters", f"{comparison.currency} a month"),
        stops=stops,
        now=float(comparison.clusters),
        told=_broken(report),
        least_of=_incomplete(report),
    )
    yield chart(
        along("tunnels"),
        key="clusters",
        title="Tunnels by clusters",
        labels=("clusters", "tunnels"),
        stops=stops,
        now=float(comparison.clusters),
    )
    if report.traffic is not None:
        points = report.traffic.points
        yield chart(
            {name: [(float(p.x), _number(p.cost)) for p in ps] for name, ps in points.items()},
            key="traffic",
            title="Cost by traffic",
            labels=("times the traffic", f"{comparison.currency} a month"),
            stops=[float(times) for times in grid.times],
            now=1.0,
            least_of=[name for name, ps in points.items() if not all(p.complete for p in ps)],
        )


def _incomplete(report: Report) -> set[str]:
    """Return the designs whose cost leaves out a part that is unknown, at some size."""
    return {
        name
        for stop in report.grid.stops
        for name, column in stop.table.items()
        if column["cost_per_month"].at_least
    }


def _number(value: object) -> float | None:
    return float(value) if isinstance(value, (int, float, Decimal)) else None


def _broken(report: Report) -> Iterator[Told]:
    for name, case in report.comparison.cases.items():
        if not case.outline.named:
            continue
        for kind, found in (("quota", case.breaks.quota), ("limit", case.breaks.hard)):
            if found is not None:
                said = f"{broken_at(name, kind, found)}: {found.limit.title}"
                yield name, float(found.clusters), kind, said


# --- addresses -----------------------------------------------------------------------------------


def _used(report: Report) -> list[tuple[str, str]]:
    """Return the roles and families that some cluster holds a prefix for."""
    held = {(row.role, row.family) for row in report.addresses.held}
    return [column for column in _COLUMNS if column in held]


def _table_of_addresses(report: Report) -> list[dict[str, Any]]:
    """Return a row for each cluster, as many as the table lists: its site, and what it holds."""
    held: dict[str, dict[tuple[str, str], list[Row]]] = {}
    for row in report.addresses.held:
        if row.cluster is not None and row.role is not None:
            held.setdefault(row.cluster, {}).setdefault((row.role, row.family), []).append(row)
    listed = sorted(report.fleet.clusters, key=lambda cluster: cluster.name)[:MOST_LISTED]
    return [
        {
            "name": cluster.name,
            "place": " ".join(filter(None, (cluster.provider, cluster.region))),
            "site": cluster.site_name,
            "labels": ", ".join(f"{k}={v}" for k, v in sorted(cluster.labels.items())),
            "held": held.get(cluster.name, {}),
        }
        for cluster in listed
    ]


# --- what the script reads -----------------------------------------------------------------------


def _data(report: Report) -> dict[str, Any]:
    """Return the data of the page: the stops of the sliders, and whose each prefix is."""
    grid = report.grid
    pool: dict[tuple[tuple[str, ...], tuple[int, ...]], int] = {}
    stops = []
    for stop in grid.stops:
        row = []
        for key in grid.rows:
            texts = tuple(cell(stop.table[name][key]) for name in report.designs)
            best = tuple(i for i, name in enumerate(report.designs) if name in stop.best[key])
            row.append(pool.setdefault((texts, best), len(pool)))
        stops.append(row)
    rows = report.addresses.rows[:MOST_SEARCHED]
    return {
        "clusters": list(grid.clusters),
        "times": [f"{times.normalize():f}" for times in grid.times],
        "gb": [_gb(stop.gb_per_month) for stop in grid.stops],
        "start": _start(grid, report.comparison.clusters),
        "rows": list(grid.rows),
        "ranks": {
            key: [cell_word(word) for word in metric.better]
            for key, metric in report.comparison.told.items()
            if isinstance(metric.better, tuple)
        },
        "pool": [[list(texts), list(best)] for texts, best in pool],
        "stops": stops,
        "prefixes": list(_searched(rows)),
        "unsearched": len(report.addresses.rows) - len(rows),
    }


def cell_word(word: object) -> str:
    """Return a word of a ranking as the table shows it."""
    return ("yes" if word else "no") if isinstance(word, bool) else str(word)


def _searched(rows: Iterable[Row]) -> Iterator[list[str]]:
    for row in rows:
        if row.prefix is not None:
            yield [row.prefix, row.cluster or "", row.role or "", row.site or "", row.state]
