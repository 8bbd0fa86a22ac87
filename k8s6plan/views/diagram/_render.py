"""A layout becomes a picture: the only place that knows matplotlib."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from math import log10
from typing import TYPE_CHECKING

from k8s6plan import __version__
from k8s6plan.topology.joins import LINK_KINDS, LinkKind
from k8s6plan.views.diagram._canvas import canvas
from k8s6plan.views.diagram._parts import Box, Curve, Label, Layout, LegendEntry, Line, State
from k8s6plan.views.diagram._sheet import Sheet
from k8s6plan.views.diagram._theme import Shape, Stroke, Theme
from k8s6plan.views.formats import About, image_file

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure
    from matplotlib.path import Path

DPI = 150
_MARK = f"k8s6plan {__version__}"

# The first ships with matplotlib, and the layout knows its widths. The others are for readers of
# an SVG who lack it; they are no wider.
_FONTS = ["DejaVu Sans", "Verdana", "Arial"]
_SETTINGS = {
    "svg.hashsalt": "k8s6plan",
    "svg.fonttype": "none",  # text stays text: it can be searched and copied
    "pdf.fonttype": 42,  # the same, in a PDF
    "font.sans-serif": _FONTS,
}


def image(
    page: Layout | Sheet,
    theme: Theme,
    *,
    fmt: str,
    facts: dict[str, str],
    description: str,
    dpi: int = DPI,
) -> bytes:
    """Return the picture as a file. Same input, same bytes.

    Args:
        page: one picture, or several on a sheet.
        theme: its colours.
        fmt: one of ``IMAGES``.
        facts: fleet and designs, which the file carries besides.
        description: the picture in words.
        dpi: pixels per inch, where there are pixels.

    """
    with canvas(_SETTINGS):
        figure = figure_of(page, theme, dpi=dpi)
        about = About(_MARK, page.title.text, facts, description)
        return image_file(fmt).save(figure, about)


# --- from parts to shapes ----------------------------------------------------------------------


def figure_of(page: Layout | Sheet, theme: Theme, *, dpi: int = DPI) -> Figure:
    """Return the matplotlib figure of a page; its texts come in the order of ``labels()``."""
    from matplotlib.figure import Figure

    figure = Figure(figsize=(page.width, page.height), dpi=dpi, facecolor=theme.paper)
    if isinstance(page, Layout):
        _draw(_axes(figure, Box(0, 0, page.width, page.height)), page, theme)
        return figure
    axes = _axes(figure, Box(0, 0, page.width, page.height))
    for label in page.labels():
        _add_text(axes, label, theme)
    for left, top, picture in page.pictures:
        _draw(_axes(figure, Box(left, top, picture.width, picture.height)), picture, theme)
    return figure


def _axes(figure: Figure, place: Box) -> Axes:
    """Return axes at ``place``, in inches from its top left corner, as in the layout."""
    width, height = figure.get_size_inches()
    axes = figure.add_axes(
        (place.left / width, 1 - place.bottom / height, place.width / width, place.height / height)
    )
    axes.set_axis_off()
    axes.set_xlim(0, place.width)
    axes.set_ylim(place.height, 0)
    return axes


def _draw(axes: Axes, picture: Layout, theme: Theme) -> None:
    shapes = theme.shapes
    for kind in ("provider", "region"):
        _add_boxes(
            axes, [frame.box for frame in picture.frames if frame.kind == kind], shapes[kind]
        )
    boxes: dict[Shape, list[Box]] = {}
    inner: dict[Shape, list[Box]] = {}
    for vertex in picture.vertices:
        shape = theme.shape(vertex.kind, vertex.state, hub=vertex.hub)
        boxes.setdefault(shape, []).append(vertex.box)
        for cluster in vertex.clusters:
            if cluster.box == vertex.box:
                continue
            look = theme.shape("cluster", cluster.state, hub=vertex.hub)
            inner.setdefault(look, []).append(cluster.box)
    for shape, held in (*boxes.items(), *inner.items()):
        _add_boxes(axes, held, shape)
    marks = [vertex.mark.room for vertex in picture.vertices if vertex.mark]
    if picture.underlay:
        _add_boxes(axes, [picture.underlay.box], shapes["underlay"])
    _add_lines(axes, picture.lines, theme)
    _add_boxes(axes, marks, shapes["mark"])
    plates = [line.label.room for line in picture.lines if line.label]
    _add_boxes(axes, plates, shapes["plate"])
    _add_samples(axes, picture.legend, theme)
    faded = _faded(picture)
    for label in picture.labels():
        _add_text(axes, label, theme, faded=label in faded)


def _faded(picture: Layout) -> set[Label]:
    """Return the labels of what has no part in what is shown."""
    weak = ("pale", "failed", "cut")
    found: set[Label] = set()
    for vertex in picture.vertices:
        if vertex.state in weak:
            found.update(label for label in vertex.labels() if label != vertex.mark)
        for cluster in vertex.clusters:
            if cluster.state in weak:
                found.update((cluster.label, *cluster.details))
    return found


def _rounded(box: Box, radius: float) -> Path:
    """Return the outline of ``box`` with round corners."""
    from matplotlib.path import Path

    r = min(radius, box.height / 2, box.width / 2)
    left, top, right, bottom = box.left, box.top, box.right, box.bottom
    points = [
        *((left + r, top), (right - r, top), (right, top), (right, top + r)),
        *((right, bottom - r), (right, bottom), (right - r, bottom), (left + r, bottom)),
        *((left, bottom), (left, bottom - r), (left, top + r), (left, top), (left + r, top)),
        (left + r, top),
    ]
    line, bend = Path.LINETO, Path.CURVE3
    codes = [Path.MOVETO, *([line, bend, bend] * 4), Path.CLOSEPOLY]
    return Path(points, codes)


def _add_boxes(axes: Axes, boxes: Sequence[Box], shape: Shape) -> None:
    """Draw boxes that look alike as one collection."""
    from matplotlib.collections import PathCollection

    if not boxes:
        return
    axes.add_collection(
        PathCollection(
            [_rounded(box, shape.radius) for box in boxes],
            facecolors=shape.fill,
            edgecolors=shape.border,
            linewidths=shape.width_pt,
            linestyles=[(0, (3.0, 2.0) if shape.dashed else None)],
            clip_on=False,
        ),
        autolim=False,
    )


_LAST: dict[State, int] = {"failed": 0, "cut": 1, "pale": 2, "plain": 3, "strong": 4}


def _add_lines(axes: Axes, lines: Iterable[Line], theme: Theme) -> None:
    """Draw one collection for each kind and state; the more lines, the thinner and the fainter.

    Kinds with many lines come first, so that they do not cover those with few; what is stressed
    comes last.
    """
    groups: dict[tuple[State, LinkKind], list[Line]] = {}
    lines = list(lines)
    for line in lines:
        groups.setdefault((line.state, line.kind), []).append(line)
    most = max((line.links for line in lines), default=1)
    bundle_pt = max(2.0, 4.5 * (max(len(lines), 12) / 12) ** -0.4)  # the width of the largest

    def order(key: tuple[State, LinkKind]) -> tuple[int, int, int]:
        state, kind = key
        return _LAST[state], -len(groups[key]), LINK_KINDS.index(kind)

    for state, kind in sorted(groups, key=order):
        held = groups[state, kind]
        crowd = max(1.0, len(held) / 40)
        width_pt, alpha = max(0.45, 1.7 * crowd**-0.3), max(0.12, 0.9 * crowd**-0.42)
        stroke = theme.strokes[kind]
        if state in ("failed", "cut"):
            stroke, alpha = Stroke(theme.grey, stroke.dashes, 0.8), max(alpha, 0.5)
        elif state == "pale":
            width_pt, alpha = 0.7 * width_pt, 0.25 * alpha
        elif state == "strong":
            width_pt, alpha = 1.7 * max(width_pt, 1.2), 1.0
        widths = [width_pt * stroke.strength]
        if most > 1:
            wide = max(bundle_pt - width_pt, 0.0) / log10(most)
            widths = [width_pt + wide * log10(line.links) for line in held]
            alpha *= 0.8
        _add_curves(axes, [line.curve for line in held], stroke, widths, alpha)


def _add_curves(
    axes: Axes, curves: Sequence[Curve], stroke: Stroke, widths_pt: Sequence[float], alpha: float
) -> None:
    from matplotlib.collections import PathCollection
    from matplotlib.path import Path

    codes = (Path.MOVETO, Path.CURVE4, Path.CURVE4, Path.CURVE4)
    axes.add_collection(
        PathCollection(
            [Path(curve, codes) for curve in curves],
            facecolors="none",
            edgecolors=stroke.colour,
            linestyles=[(0, stroke.dashes or None)],
            linewidths=widths_pt,
            alpha=alpha,
            capstyle="butt",
            clip_on=False,
        ),
        autolim=False,
    )


def _add_samples(axes: Axes, legend: Iterable[LegendEntry], theme: Theme) -> None:
    for entry in legend:
        stroke = theme.strokes.get(entry.meaning)
        if stroke:
            y = entry.sample.middle[1]
            left, right = (entry.sample.left, y), (entry.sample.right, y)
            _add_curves(axes, [(left, left, right, right)], stroke, [1.8 * stroke.strength], 1.0)
        elif entry.meaning == "hub":
            _add_boxes(axes, [entry.sample], theme.shapes["hub site"])
        else:
            _add_boxes(axes, [entry.sample], theme.shapes[entry.meaning])


def _add_text(axes: Axes, label: Label, theme: Theme, *, faded: bool = False) -> None:
    x, y = label.room.middle
    if label.align != "center":
        x = label.room.left if label.align == "left" else label.room.right
    axes.text(
        x,
        y,
        label.text,
        color=theme.faded if faded else theme.tones[label.tone],
        family="sans-serif",
        fontsize=label.size_pt,
        fontweight="bold" if label.bold else "normal",
        horizontalalignment=label.align,
        verticalalignment="center" if "\n" in label.text else "center_baseline",
        linespacing=1.15,
        parse_math=False,
    )
