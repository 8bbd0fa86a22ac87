"""Line charts as plain numbers: where lines, ticks and marks stand. The template draws them."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from math import ceil, floor, log10
from statistics import median_low
from typing import NamedTuple

WIDTH, HEIGHT = 640.0, 330.0
_LEFT, _RIGHT, _TOP, _BOTTOM = 92.0, 20.0, 26.0, 44.0
_DWARFS = 4  # times the middle one of what the designs come to in the end
_WIDE = 200  # times the least x: beyond it the axis is logarithmic
_TICKS = 6


class Tick(NamedTuple):
    """A place on an axis, and what it is called."""

    at: float
    label: str


class Curve(NamedTuple):
    """The line of one series; ``number`` chooses its colour and dashes."""

    number: int
    name: str
    path: str


class Dot(NamedTuple):
    """A mark on a line, with its meaning for who points at it."""

    x: float
    y: float
    number: int
    kind: str
    title: str


@dataclass(frozen=True)
class Chart:
    """A chart of ``WIDTH`` by ``HEIGHT``. ``stops``: the x of every stop of the slider.

    ``logarithmic``: its y axis is, and has no place for 0. ``zero``: the series that are 0 all
    along, and so have no line there. ``least``: those of which a part is unknown.
    """

    key: str
    title: str
    x_label: str
    y_label: str
    x_ticks: tuple[Tick, ...]
    y_ticks: tuple[Tick, ...]
    curves: tuple[Curve, ...]
    dots: tuple[Dot, ...]
    stops: tuple[float, ...]
    now: float | None
    logarithmic: bool
    zero: tuple[str, ...]
    least: frozenset[str]

    width, height = WIDTH, HEIGHT
    left, right, top, bottom = _LEFT, WIDTH - _RIGHT, _TOP, HEIGHT - _BOTTOM


Series = Mapping[str, Sequence[tuple[float, float | None]]]
Told = tuple[str, float, str, str]  # the series, the x, what sort of mark, and its title


def chart(
    series: Series,
    *,
    key: str,
    title: str,
    labels: tuple[str, str],
    stops: Iterable[float] = (),
    now: float | None = None,
    told: Iterable[Told] = (),
    least_of: Iterable[str] = (),
) -> Chart | None:
    """Return the chart of ``series``, points of x and y by name; None without anything to draw.

    A y of None is unknown: the line leaves it out. ``labels``: of the axes. ``now``: the x of the
    fleet as it is. ``least_of``: series that are at least so much.
    """
    known = {name: [(x, y) for x, y in ps if y is not None] for name, ps in series.items()}
    xs = [x for points in known.values() for x, _ in points]
    ys = [y for points in known.values() for _, y in points]
    if not xs or max(xs) <= min(xs) or max(ys) <= 0:
        return None
    last = [points[-1][1] for points in known.values() if points and points[-1][1] > 0]
    steep = len(last) > 1 and max(last) > _DWARFS * median_low(last)
    zero = [name for name, points in known.items() if points and steep and not _above(points)]
    if steep:
        known = {name: _above(points) for name, points in known.items()}
    least = max(min(y for y in ys if y > 0), max(ys) / 10_000) if steep else 0.0
    x_of = _scale(min(xs), max(xs), _LEFT, WIDTH - _RIGHT, log=min(xs) > 0 and _is_wide(xs))
    y_ticks = list(_logarithmic(least, max(ys)) if steep else _linear(max(ys)))
    floor_y, top_y = min(least, y_ticks[0]) if steep else 0.0, max(y_ticks[-1], *ys)
    y_of = _scale(floor_y, top_y, HEIGHT - _BOTTOM, _TOP, log=steep)
    numbers = {name: number for number, name in enumerate(series)}
    dots = []
    for name, x, kind, meaning in told:
        y = _value(known.get(name, ()), x)
        if y is not None and y >= floor_y:
            dots.append(Dot(x_of(x), y_of(y), numbers[name], kind, meaning))
    return Chart(
        key=key,
        title=title,
        x_label=labels[0],
        y_label=labels[1],
        x_ticks=tuple(Tick(x_of(x), f"{x:,.10g}") for x in _round(xs)),
        y_ticks=tuple(Tick(y_of(y), f"{y:,.10g}") for y in y_ticks),
        curves=tuple(
            Curve(numbers[name], name, _path(points, x_of, y_of, floor_y))
            for name, points in known.items()
            if points
        ),
        dots=tuple(dots),
        stops=tuple(round(x_of(x), 1) for x in stops),
        now=None if now is None else x_of(now),
        logarithmic=steep,
        zero=tuple(zero),
        least=frozenset(least_of),
    )


def _above(points: Sequence[tuple[float, float]]) -> list[tuple[float, float]]:
    """Return the points above nothing, which a logarithmic axis has a place for."""
    return [(x, y) for x, y in points if y > 0]


def _is_wide(xs: Sequence[float]) -> bool:
    return max(xs) > _WIDE * min(xs)


def _scale(
    low: float, high: float, start: float, end: float, *, log: bool
) -> Callable[[float], float]:
    def place(value: float) -> float:
        if log:
            share = log10(max(value, low) / low) / log10(high / low) if high > low else 0.0
        else:
            share = (value - low) / (high - low) if high > low else 0.0
        return round(start + share * (end - start), 1)

    return place


def _path(
    points: Sequence[tuple[float, float]],
    x_of: Callable[[float], float],
    y_of: Callable[[float], float],
    floor_y: float,
) -> str:
    shown = [f"{x_of(x):g},{y_of(max(y, floor_y)):g}" for x, y in points]
    return "M" + "L".join(shown)


def _value(points: Sequence[tuple[float, float]], x: float) -> float | None:
    """Return the y at ``x``, on the straight line between two points."""
    for (x0, y0), (x1, y1) in pairwise(points):
        if x0 <= x <= x1:
            return y0 + (y1 - y0) * (x - x0) / (x1 - x0)
    return None


def _linear(most: float) -> Iterator[float]:
    """Yield round numbers from 0 to the first that is not below ``most``."""
    if most <= 0:
        yield from (0.0, 1.0)
        return
    step = _step(most)
    for index in range(ceil(most / step - 1e-9) + 1):
        yield round(index * step, 10)


def _step(most: float) -> float:
    rough = most / _TICKS
    power = 10.0 ** floor(log10(rough))
    return next(size * power for size in (1, 2, 5, 10) if size * power >= rough)


def _logarithmic(least: float, most: float) -> Iterator[float]:
    """Yield the powers of ten from the last below ``least`` to the first above ``most``."""
    for power in range(floor(log10(least)), ceil(log10(most)) + 1):
        yield 10.0**power


def _round(xs: Sequence[float]) -> list[float]:
    """Return round places on the x axis."""
    low, high = min(xs), max(xs)
    if low > 0 and _is_wide(xs):
        return [x for x in _logarithmic(low, high) if low <= x <= high]
    step = _step(high)
    return [round(step * n, 10) for n in range(int(high / step) + 1) if step * n >= low]
