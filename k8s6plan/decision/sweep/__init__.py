"""How the answer changes: with clusters, with traffic, with redundancy, with each assumption."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from typing import Literal

from k8s6plan.decision.metrics import Case
from k8s6plan.decision.metrics.paths import why_not
from k8s6plan.decision.sweep._grid import LARGE, Grid, Stop, grid, turns
from k8s6plan.decision.sweep._sensitivity import Swing, swings
from k8s6plan.decision.sweep._traffic import crossings
from k8s6plan.decision.terms import Terms
from k8s6plan.evaluation.limits import Breaks
from k8s6plan.topology.designs import DESIGNS, wanted_designs
from k8s6plan.topology.groups import Outline

Axis = Literal["clusters", "traffic", "redundancy"]
AXES: dict[Axis, str] = {
    "clusters": "clusters",
    "traffic": "times the traffic",
    "redundancy": "tunnels per link",
}


@dataclass(frozen=True)
class Point:
    """One design at one place on the axis. ``cost`` None: nothing of it is known."""

    x: Decimal
    cost: Decimal | None
    complete: bool
    tunnels: int


@dataclass(frozen=True)
class Crossing:
    """Where one design becomes cheaper than another, by what is known of both.

    ``at``: on the axis. ``complete``: no price of either is unknown.
    """

    cheaper: str
    than: str
    at: Decimal
    complete: bool


@dataclass(frozen=True)
class Sweep:
    """Points of each design along an axis, where they cross, and where they break.

    ``cases``: the designs for the fleet as it is.
    """

    axis: Axis
    cases: dict[str, Case]
    points: dict[str, list[Point]]
    crossings: tuple[Crossing, ...]
    breaks: dict[str, Breaks]

    @property
    def label(self) -> str:
        """What the axis counts."""
        return AXES[self.axis]

    @property
    def outline(self) -> Outline:
        """The fleet as it is."""
        return next(iter(self.cases.values())).outline

    @property
    def fleet(self) -> str:
        """The name of the fleet."""
        return self.outline.name

    @property
    def terms(self) -> Terms:
        """The prices, limits and hours that all designs share."""
        return next(iter(self.cases.values())).terms

    @property
    def currency(self) -> str:
        """The currency of every cost."""
        return self.terms.currency

    @property
    def unable(self) -> tuple[str, ...]:
        """The designs that cannot join every cluster of the fleet."""
        return tuple(name for name, case in self.cases.items() if why_not(case))


def _cases(outline: Outline, designs: Sequence[str], terms: Terms) -> dict[str, Case]:
    names = wanted_designs(outline, designs)
    return {name: Case(DESIGNS[name], outline, terms) for name in names}


def over_clusters(outline: Outline, designs: Sequence[str], terms: Terms, most: int) -> Sweep:
    """Return every number of clusters from 1 to ``most``; crossings are found at each of them."""
    cases = _cases(outline, designs, terms)
    points: dict[str, list[Point]] = {name: [] for name in cases}
    for clusters in range(1, most + 1):
        for name, case in cases.items():
            points[name].append(_point(case.at(clusters), Decimal(clusters)))
    breaks = {name: case.breaks for name, case in cases.items()}
    return Sweep("clusters", cases, points, tuple(_whole(points)), breaks)


def over_redundancy(outline: Outline, designs: Sequence[str], terms: Terms, most: int) -> Sweep:
    """Return the fleet with 1 to ``most`` tunnels a link."""
    cases = _cases(outline, designs, terms)
    points: dict[str, list[Point]] = {name: [] for name in cases}
    for tunnels in range(1, most + 1):
        there = replace(outline, tunnels_per_link=tunnels)
        for name, found in points.items():
            found.append(_point(Case(DESIGNS[name], there, terms), Decimal(tunnels)))
    return Sweep("redundancy", cases, points, tuple(_whole(points)), {})


def over_traffic(
    outline: Outline, designs: Sequence[str], terms: Terms, most: Decimal, steps: int = 20
) -> Sweep:
    """Return the fleet with 0 to ``most`` times its traffic; crossings are solved, not looked for.

    Peaks, and so what is sold by throughput, stay as they are.
    """
    cases = _cases(outline, designs, terms)
    points: dict[str, list[Point]] = {name: [] for name in cases}
    for step in range(steps + 1):
        times = most * step / steps
        for name, case in cases.items():
            points[name].append(_point(case.carrying(times), times))
    known = {name: case.bill.complete() for name, case in cases.items()}
    found = [
        Crossing(cheaper, than, at, known[cheaper] and known[than])
        for cheaper, than, at in crossings(cases, terms.book, most)
    ]
    return Sweep("traffic", cases, points, tuple(found), {})


def _point(case: Case, x: Decimal) -> Point:
    tunnels = case.count.tunnel_links * case.outline.tunnels_per_link
    return Point(x, *case.total, tunnels)


def _whole(points: dict[str, list[Point]]) -> Iterable[Crossing]:
    """Yield where the order of two designs turns, between one point and the next.

    Equal costs are no turn; where they part again, that is.
    """
    names = list(points)
    for index, one in enumerate(names):
        for other in names[index + 1 :]:
            before = 0
            for mine, theirs in zip(points[one], points[other], strict=True):
                if mine.cost is None or theirs.cost is None:
                    continue
                sign = (mine.cost > theirs.cost) - (mine.cost < theirs.cost)
                if sign and before and sign != before:
                    cheaper, than = (one, other) if sign < 0 else (other, one)
                    yield Crossing(cheaper, than, mine.x, mine.complete and theirs.complete)
                before = sign or before


__all__ = [
    "AXES",
    "LARGE",
    "Axis",
    "Crossing",
    "Grid",
    "Point",
    "Stop",
    "Sweep",
    "Swing",
    "grid",
    "over_clusters",
    "over_redundancy",
    "over_traffic",
    "swings",
    "turns",
]
