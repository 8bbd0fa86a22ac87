"""What pools, sites and clusters hold, and when they are full, as lines of text for 80 columns."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, TypeVar

from k8s6plan.io.words import number, percent, plain
from k8s6plan.views.tables import Column, rows_of

if TYPE_CHECKING:
    from k8s6plan.addressing.capacity import Capacity, Room, Space

Row = TypeVar("Row", "Space", "Room")
_SHOWN = 20  # rows of a table; JSON has all
_NAME, _CLUSTER = 22, 18  # characters of a name


def capacity_lines(report: Capacity) -> Iterator[str]:
    """Yield the pools, the sites and the clusters that are full first, and what more would fit."""
    rates = [f"{n.replace('_', ' ')} {plain(r * 100)}%" for n, r in sorted(report.growth.items())]
    growth = f"growing by {', '.join(rates)}" if rates else "no growth stated, so nothing runs out"
    yield f"{report.fleet}, from {report.start}, {growth}"
    yield ""
    yield from _spaces(("POOL", "FOR"), report.pools, report.start, "RUNS OUT")
    yield ""
    yield from _spaces(("SITE", "FAMILY"), _soonest(report.sites), report.start, "FIRST FULL")
    yield from _more(len(report.sites), "sites and families")
    yield ""
    yield from _rooms(report)
    yield from _more(len(report.clusters), "prefixes")
    if not all(room.stated for room in report.clusters):
        yield "* the file does not state its nodes; counted with the default"
    yield ""
    yield "FURTHER CLUSTERS that fit, each size by itself, of the kind that most are:"
    yield f"  {report.like}"
    for further in report.further:
        count = "any number" if further.clusters is None else _short_number(further.clusters)
        limit = f"; then {further.limited_by} runs out" if further.limited_by else ""
        yield f"  {count} of {number(further.nodes, 'node')}{limit}"


def _spaces(titles: tuple[str, str], spaces: Sequence[Space], start: str, full: str) -> list[str]:
    columns = [
        Column(titles[0], _NAME),
        Column(titles[1], 14),
        Column("USED", 5, right=True),
        Column("RESERVED", 9, right=True),
        Column("FREE", 5, right=True),
        Column("LARGEST", 8, right=True),
        Column(full, 10, right=True),
    ]
    return rows_of(columns, (_space(space, start, titles[1]) for space in spaces))


def _space(space: Space, start: str, what: str) -> tuple[str, ...]:
    from k8s6plan.fleet.model import ROLES

    roles = "all" if len(space.roles) == len(ROLES) else ", ".join(space.roles)
    parts = (space.used, space.reserved, space.free)
    return (
        _short(space.name, _NAME),
        (roles if what == "FOR" else space.family)[:14],
        *(percent(part / space.total if space.total else 0) for part in parts),
        _length(space.largest_free),
        _when(space.full, start),
    )


def _rooms(report: Capacity) -> list[str]:
    columns = [
        Column("CLUSTER", _CLUSTER),
        Column("PREFIX OF", 13),
        Column("USED", 6, right=True),
        Column("OF", 14, right=True),
        Column("LARGEST", 7, right=True),
        Column("RUNS OUT", 8, right=True),
        Column("WIDENED", 8, right=True),
    ]
    return rows_of(columns, (_room(room, report.start) for room in _soonest(report.clusters)))


def _room(room: Room, start: str) -> tuple[str, ...]:
    name, per = room.cluster, "" if room.unit in (32, 128) else f" of /{room.unit}"
    return (
        _short(name, _CLUSTER) if room.stated else f"{_short(name, _CLUSTER - 1)}*",
        f"{room.role} {room.family}",
        _short_number(room.used),
        _short_number(room.total) + per,
        _length(room.largest_free),
        _when(room.full, start),
        _when(room.full_widened, start),
    )


def _soonest(rows: Sequence[Row]) -> list[Row]:
    """Return the rows that are full first; of others those with the least left."""
    ranked = sorted(rows, key=lambda row: (row.full or "9999-99", row.free / max(1, row.total)))
    return ranked[:_SHOWN]


def _more(count: int, what: str) -> Iterator[str]:
    if count > _SHOWN:
        yield f"... and {count - _SHOWN:,} more {what} that last longer (--format json has all)"


def _short(text: str, width: int) -> str:
    return text if len(text) <= width else f"{text[: width - 3]}..."


def _short_number(count: int) -> str:
    return f"{count:,}" if count < 10**7 else f"{count:.1e}".replace("e+", "e")


def _length(length: int | None) -> str:
    return "none" if length is None else f"/{length}"


def _when(month: str | None, start: str) -> str:
    return "-" if month is None else "now" if month == start else month
