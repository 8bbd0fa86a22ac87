"""``k8s6plan capacity``: what is used and free, when it is full, and how much more fits."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, TypeVar

import typer

from k8s6plan.cli._common import FleetPath, progress, put, read_fleet, read_plan, to_json

if TYPE_CHECKING:
    from decimal import Decimal

    from k8s6plan.addressing.capacity import Capacity, Room, Space
    from k8s6plan.addressing.plan_file import Plan
    from k8s6plan.fleet.model import Fleet

HELP = """Show what is used and free, and how long it lasts.

By pool, site and cluster, with how many clusters more would fit.

Example: k8s6plan capacity fleet.yaml --plan plan.yaml --from 2027-01
"""
Row = TypeVar("Row", "Space", "Room")
_MONTH = re.compile(r"(\d{4})-(0[1-9]|1[0-2])")
_SHOWN = 20  # rows of a table; JSON has all
_NAME = 22  # characters of a name in a table of 80


class Format(StrEnum):
    """The forms of the report."""

    table = "table"
    json = "json"


def capacity(
    fleet: FleetPath = None,
    *,
    plan: Annotated[
        Path | None,
        typer.Option("--plan", help="The plan file; without it a plan is made for this once."),
    ] = None,
    start: Annotated[
        str | None,
        typer.Option("--from", metavar="YYYY-MM", help="The month to count from. [default: now]"),
    ] = None,
    size: Annotated[
        list[int] | None,
        typer.Option("--size", min=1, help="Nodes of a further cluster. [default: 10, 100, 1000]"),
    ] = None,
    output_format: Annotated[Format, typer.Option("--format", "-f")] = Format.table,
) -> None:
    """See HELP."""
    from k8s6plan.addressing.capacity import measure

    month = _start(start)
    described = read_fleet(fleet)
    with progress("measuring capacity"):
        report = measure(
            described, _plan(described, plan), start=month, node_counts=size or (10, 100, 1000)
        )
    if output_format is Format.json:
        text = to_json(_data(report), "capacity")
    else:
        text = "".join(f"{line.rstrip()}\n" for line in _table(report))
    put(text, None, "capacity", force=False)


def _start(text: str | None) -> tuple[int, int]:
    from datetime import UTC, datetime

    if text is None:
        today = datetime.now(UTC)
        return today.year, today.month
    match = _MONTH.fullmatch(text)
    if match is None:
        raise typer.BadParameter(f'"{text}" is no month like 2027-01', param_hint="--from")
    return int(match[1]), int(match[2])


def _plan(fleet: Fleet, path: Path | None) -> Plan:
    """Return what `plan` would make now: the plan file's prefixes, and those still owed."""
    from k8s6plan.addressing.plan import make_plan

    old = None if path is None else read_plan(path)
    if old is None and fleet.ula_seed is None:
        # Which ULA prefixes a seed gives changes no figure; a fixed one makes the report the same.
        fleet = fleet.model_copy(update={"ula_seed": fleet.fleet})
    return make_plan(fleet, old, old_file=str(path or ""))[0]


# --- JSON ----------------------------------------------------------------------------------------


def _data(report: Capacity) -> dict[str, Any]:
    return {
        "version": 1,
        "fleet": report.fleet,
        "from": report.start,
        "growth": {name: str(rate) for name, rate in sorted(report.growth.items())},
        "pools": [
            {"pool": space.name, "roles": list(space.roles), **_space(space)}
            for space in report.pools
        ],
        "sites": [{"site": space.name, **_space(space)} for space in report.sites],
        "clusters": [_room(room) for room in report.clusters],
        "further_clusters": {
            "like": report.like,
            "sizes": [
                {
                    "nodes": further.nodes,
                    "clusters": further.clusters,
                    "ipv4": further.ipv4,
                    "ipv6": further.ipv6,
                    "limited_by": further.limited_by,
                }
                for further in report.further
            ],
        },
    }


def _space(space: Space) -> dict[str, Any]:
    return {
        "family": space.family,
        "unit": "addresses",
        "total": space.total,
        "used": space.used,
        "reserved": space.reserved,
        "free": space.free,
        "largest_free": space.largest_free,
        "runs_out": space.full,
    }


def _room(room: Room) -> dict[str, Any]:
    return {
        "cluster": room.cluster,
        "site": room.site,
        "role": room.role,
        "family": room.family,
        "prefixes": [str(prefix) for prefix in room.prefixes],
        "unit": f"/{room.unit}",
        "nodes_stated": room.stated,
        "total": room.total,
        "used": room.used,
        "reserved": room.reserved,
        "free": room.free,
        "largest_free": room.largest_free,
        "runs_out": room.full,
        "runs_out_widened": room.full_widened,
    }


# --- table, 80 columns ---------------------------------------------------------------------------


def _table(report: Capacity) -> Iterator[str]:
    from k8s6plan.fleet.model import ROLES

    rates = [f"{n.replace('_', ' ')} {_percent(r)}" for n, r in sorted(report.growth.items())]
    growth = f"growing by {', '.join(rates)}" if rates else "no growth stated, so nothing runs out"
    yield f"{report.fleet}, from {report.start}, {growth}"
    yield ""
    yield _line("POOL", "FOR", "USED", "RESERVED", "FREE", "LARGEST", "RUNS OUT")
    for space in report.pools:
        roles = "all" if len(space.roles) == len(ROLES) else ", ".join(space.roles)
        yield _space_line(space, roles, report.start)
    yield ""
    yield _line("SITE", "FAMILY", "USED", "RESERVED", "FREE", "LARGEST", "FIRST FULL")
    for space in _soonest(report.sites):
        yield _space_line(space, space.family, report.start)
    yield from _more(len(report.sites), "sites and families")
    yield ""
    yield _room_line("CLUSTER", "PREFIX OF", "USED", "OF", "LARGEST", "RUNS OUT", "WIDENED")
    for room in _soonest(report.clusters):
        per = "" if room.unit in (32, 128) else f" of /{room.unit}"
        yield _room_line(
            room.cluster if room.stated else f"{_short(room.cluster, 17)}*",
            f"{room.role} {room.family}",
            _number(room.used),
            _number(room.total) + per,
            _length(room.largest_free),
            _when(room.full, report.start),
            _when(room.full_widened, report.start),
        )
    yield from _more(len(report.clusters), "prefixes")
    if not all(room.stated for room in report.clusters):
        yield "* the file does not state its nodes; counted with the default"
    yield ""
    yield "FURTHER CLUSTERS that fit, each size by itself, of the kind that most are:"
    yield f"  {report.like}"
    for further in report.further:
        count = "any number" if further.clusters is None else _number(further.clusters)
        limit = f"; then {further.limited_by} runs out" if further.limited_by else ""
        yield f"  {count} of {further.nodes:,} node{'s' * (further.nodes != 1)}{limit}"


def _line(name: str, what: str, *cells: str) -> str:
    used, reserved, free, largest, full = cells
    head = f"{_short(name):<{_NAME}} {what[:14]:<14}"
    return f"{head}{used:>6} {reserved:>9}{free:>6} {largest:>8} {full:>10}"


def _space_line(space: Space, what: str, start: str) -> str:
    shares = [_share(part, space.total) for part in (space.used, space.reserved, space.free)]
    return _line(space.name, what, *shares, _length(space.largest_free), _when(space.full, start))


def _room_line(name: str, what: str, *cells: str) -> str:
    used, total, largest, full, widened = cells
    head = f"{_short(name, 18):<18} {what:<13}"
    return f"{head}{used:>7} {total:>14} {largest:>7} {full:>8} {widened:>8}"


def _soonest(rows: Sequence[Row]) -> list[Row]:
    """Return the rows that are full first; of others those with the least left."""
    ranked = sorted(rows, key=lambda row: (row.full or "9999-99", row.free / max(1, row.total)))
    return ranked[:_SHOWN]


def _more(count: int, what: str) -> Iterator[str]:
    if count > _SHOWN:
        yield f"... and {count - _SHOWN:,} more {what} that last longer (--format json has all)"


def _short(text: str, width: int = _NAME) -> str:
    return text if len(text) <= width else f"{text[: width - 3]}..."


def _number(number: int) -> str:
    return f"{number:,}" if number < 10**7 else f"{number:.1e}".replace("e+", "e")


def _share(part: int, total: int) -> str:
    share = part / total if total else 0
    return "<1%" if 0 < share < 0.01 else ">99%" if 0.99 < share < 1 else f"{share:.0%}"


def _percent(rate: Decimal) -> str:
    return f"{(rate * 100).normalize():f}%"


def _length(length: int | None) -> str:
    return "none" if length is None else f"/{length}"


def _when(month: str | None, start: str) -> str:
    return "-" if month is None else "now" if month == start else month
