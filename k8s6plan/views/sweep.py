"""How the answer changes along an axis: as lines of text, and as CSV."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from k8s6plan.io.words import plain
from k8s6plan.views.tables import Column, csv_of, rows_of
from k8s6plan.views.words import broken_at, traffic

if TYPE_CHECKING:
    from k8s6plan.decision.sweep import Point, Sweep, Swing

_ACROSS = 4  # designs in one table
_ROWS = 12


def sweep_lines(found: Sweep, moving: list[Swing]) -> Iterator[str]:
    """Yield the costs at round places of the axis, and what a review wants to hear of them."""
    yield f"{found.fleet}: cost a month in {found.currency} (≥ at least), by {found.label}"
    yield from traffic(found.outline)
    names = list(found.points)
    width = max(11, *map(len, names))
    points = found.points[names[0]]
    for start in range(0, len(names), _ACROSS):
        shown = names[start : start + _ACROSS]
        # One space more lies between the axis and the first design.
        columns = [Column(name, width + (name == shown[0]), right=True) for name in shown]
        rows = [
            (plain(points[at].x), *(_cell(found.points[name][at]) for name in shown))
            for at in _round_places(points)
        ]
        yield ""
        yield from rows_of([Column(found.axis, 10, right=True), *columns], rows)
    yield ""
    yield from _breaks(found)
    yield from _turns(found)
    if found.terms.overridden:
        yield f"Prices of yours: {', '.join(found.terms.overridden)}"
    if moving:
        yield ""
        yield "A fifth less or more of each assumption, the five that move a cost most:"
        yield from (_swing(swing, found.currency) for swing in moving)


def _cell(point: Point) -> str:
    if point.cost is None:
        return "unknown"
    return f"{'' if point.complete else '≥ '}{point.cost:,.0f}"


def _round_places(points: list[Point]) -> list[int]:
    """Return the indices of a table's points: the first, the last, and round ones."""
    if len(points) <= _ROWS:
        return list(range(len(points)))
    sizes = (size * 10**power for power in range(5) for size in (1, 2, 5))
    step = next(size for size in sizes if len(points) <= size * (_ROWS - 2))
    whole = points[0].x == 1  # counts from 1, or parts of the traffic from 0
    found = [at for at in range(len(points)) if (at + whole) % step == 0]
    return sorted({0, *found, len(points) - 1})


def _breaks(found: Sweep) -> Iterator[str]:
    for name, breaks in found.breaks.items():
        for kind, broken in (("quota", breaks.quota), ("hard limit", breaks.hard)):
            if broken is not None:
                said = broken.limit.hard if kind == "hard limit" else broken.limit.short
                at = broken_at(name, kind, broken)
                yield f"{at}: {broken.reach.amount} of {said}, {broken.where}; {broken.reach.avoid}"


def _turns(found: Sweep) -> Iterator[str]:
    for crossing in found.crossings:
        unsure = "" if crossing.complete else " (by the prices that are known)"
        at = f"{crossing.at:,.6g}" if found.axis == "traffic" else f"{crossing.at:,f}"
        if crossing.cheaper in found.unable:
            unsure += f"; but {crossing.cheaper} cannot join every cluster"
        turn = f"{crossing.cheaper} becomes cheaper than {crossing.than}"
        yield f"{turn} at {at} {found.label}{unsure}"


def _swing(swing: Swing, currency: str) -> str:
    known = {name: costs for name, costs in swing.costs.items() if costs}
    most = max(known, key=lambda name: abs(known[name][1] - known[name][0]))
    low, high = known[most]
    less, more = swing.cheapest
    turned = f" and turns which is cheapest: {less}, {more}" if less and more != less else ""
    return f"- {swing.assumption}: {most} costs {low:,.0f} to {high:,.0f} {currency}{turned}"


def sweep_csv(found: Sweep, mark: str) -> str:
    """Return every point as a row; the last row names the program."""
    rows = []
    for name, points in found.points.items():
        for point in points:
            cost = "" if point.cost is None else f"{point.cost:.2f}"
            rows.append([plain(point.x), name, cost, str(point.complete).lower(), point.tunnels])
    return csv_of([found.axis, "design", "cost", "complete", "tunnels"], rows, mark)
