"""A layout becomes a picture: the only place that knows matplotlib, and how a part looks."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from io import BytesIO
from typing import TYPE_CHECKING, Literal

from k8s6plan import __version__
from k8s6plan.compare import compare
from k8s6plan.designs import Design, design_named
from k8s6plan.designs._links import LINK_KINDS, LinkKind
from k8s6plan.diagram._layout import layout
from k8s6plan.diagram._parts import Box, Curve, Label, Layout
from k8s6plan.errors import K8s6planError
from k8s6plan.outline import Outline, outline_of

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

    from k8s6plan.model import Fleet

DPI = 150
MOST_SITES = 500
MOST_LINKS = 20_000

# The first ships with matplotlib, and the layout knows its widths. The others are for readers of
# an SVG who lack it; they are no wider.
_FONTS = ["DejaVu Sans", "Verdana", "Arial"]
_PAPER = "#ffffff"
_TONES = {"plain": "#1b2330", "quiet": "#566170", "inverse": _PAPER}
_MARK = f"k8s6plan {__version__}"


@dataclass(frozen=True)
class _Shape:
    """How one sort of box looks; ``width_pt`` is that of its border."""

    fill: str
    border: str
    width_pt: float
    radius: float  # inches


_PROVIDER = _Shape("#f3f5f8", "#c3cad4", 1.0, 0.1)
_REGION = _Shape("#fbfcfd", "#d5dbe3", 0.8, 0.07)
_SITE = _Shape("#ffffff", "#7d8897", 1.0, 0.06)
_HUB = _Shape("#ffe8b3", "#1b2330", 2.4, 0.06)
_HUB_MARK = _Shape("#1b2330", "#1b2330", 0.5, 0.06)
_CLUSTER = _Shape("#e8edf4", "#b4bfcd", 0.6, 0.04)
_HUB_CLUSTER = _Shape("#fff6e0", "#b4945a", 0.6, 0.04)
_UNDERLAY = _Shape("#fbf3f8", "#cc79a7", 1.2, 0.25)


@dataclass(frozen=True)
class _Stroke:
    """How one kind of line looks. ``dashes``: on and off, in widths of the line."""

    colour: str
    dashes: tuple[float, ...]
    strength: float  # of its width, against that of the other kinds


# The colours are Okabe and Ito's, which colour-blind readers tell apart; the dashes do it alone.
_STROKES: Mapping[LinkKind, _Stroke] = {
    "tunnel": _Stroke("#0072b2", (), 1.0),
    "peering": _Stroke("#009e73", (4.0, 1.8), 1.0),
    "attachment": _Stroke("#d55e00", (6.0, 1.6, 1.2, 1.6), 1.1),
    "routed": _Stroke("#cc79a7", (1.4, 1.2), 1.3),
}


def draw(fleet: Fleet, design_name: str, *, fmt: Literal["png", "svg"]) -> bytes:
    """Return the picture of ``fleet`` joined by one design. Same input, same bytes.

    A PNG carries the key ``k8s6plan``, an SVG the Creator "k8s6plan <version>": so a file of
    this program is known again.

    Raises:
        UnknownName: no such design.
        K8s6planError: more sites or links than one picture can show.

    """
    from matplotlib import rc_context, rcdefaults, rcParams

    design = design_named(design_name)
    outline = outline_of(fleet)
    _check_size(outline, design)
    picture = layout(design.build(fleet), remarks=_remarks(outline, design))
    buffer = BytesIO()
    with rc_context():
        rcdefaults()  # a matplotlibrc of the user's must not change the picture
        rcParams["svg.hashsalt"] = "k8s6plan"
        rcParams["svg.fonttype"] = "none"  # text stays text: it can be searched and copied
        rcParams["font.sans-serif"] = _FONTS
        figure = figure_of(picture)
        metadata: dict[str, str | None] = {"Title": picture.title.text}
        if fmt == "png":
            metadata["Software"] = _MARK
            metadata["k8s6plan"] = f"fleet={fleet.fleet} design={design.name}"
            # Level 3 of 9: on the fine lines of a mesh as small as higher ones, in half the time.
            settle = {"compress_level": 3}
            figure.savefig(buffer, format="png", metadata=metadata, pil_kwargs=settle)
        else:
            metadata |= {"Creator": _MARK, "Date": None}
            figure.savefig(buffer, format="svg", metadata=metadata)
    return buffer.getvalue()


def _check_size(outline: Outline, design: Design) -> None:
    """Refuse what nobody could read, before time and memory go into it."""
    count = design.count(outline)
    links = count.tunnel_links + count.peerings + count.attachments
    if outline.sites > MOST_SITES:
        raise K8s6planError(
            f"{outline.name} has {outline.sites:,} sites, and one picture holds at most "
            f"{MOST_SITES:,}; draw a part of the fleet"
        )
    if links > MOST_LINKS:
        raise K8s6planError(
            f"{design.name} joins {outline.sites:,} sites by {links:,} links, and one picture "
            f"holds at most {MOST_LINKS:,}; draw a design with hubs, or a part of the fleet"
        )


def _remarks(outline: Outline, design: Design) -> tuple[str, ...]:
    """Say which clusters the design cannot join, though the picture draws their lines."""
    feasible = compare(outline, [design.name]).table[design.name]["feasible"]
    return () if feasible.value else (f"Some clusters cannot be joined this way. {feasible.note}.",)


# --- from parts to shapes ----------------------------------------------------------------------


def figure_of(picture: Layout) -> Figure:
    """Return the matplotlib figure of a layout; its texts come in the order of ``labels()``."""
    from matplotlib.figure import Figure

    figure = Figure(figsize=(picture.width, picture.height), dpi=DPI, facecolor=_PAPER)
    axes = figure.add_axes((0, 0, 1, 1))
    axes.set_axis_off()
    axes.set_xlim(0, picture.width)
    axes.set_ylim(picture.height, 0)  # inches from the top, as in the layout
    for frame in picture.frames:
        _add_box(axes, frame.box, _PROVIDER if frame.kind == "provider" else _REGION)
    for site in picture.sites:
        _add_box(axes, site.box, _HUB if site.hub else _SITE)
        for cluster in site.clusters:
            _add_box(axes, cluster.box, _HUB_CLUSTER if site.hub else _CLUSTER)
        if site.mark:
            _add_box(axes, site.mark.room, _HUB_MARK)
    if picture.underlay:
        _add_box(axes, picture.underlay.box, _UNDERLAY)
    _add_lines(axes, picture)
    for entry in picture.legend:
        y = entry.sample.middle[1]
        left, right = (entry.sample.left, y), (entry.sample.right, y)
        _add_curves(
            axes, [(left, left, right, right)], _STROKES[entry.kind], width_pt=1.8, alpha=1.0
        )
    for label in picture.labels():
        _add_text(axes, label)
    return figure


def _add_box(axes: Axes, box: Box, shape: _Shape) -> None:
    from matplotlib.patches import FancyBboxPatch

    radius = min(shape.radius, box.height / 2, box.width / 2)
    axes.add_patch(
        FancyBboxPatch(
            (box.left, box.top),
            box.width,
            box.height,
            boxstyle=f"round,pad=0,rounding_size={radius}",
            facecolor=shape.fill,
            edgecolor=shape.border,
            linewidth=shape.width_pt,
            clip_on=False,
        )
    )


def _add_lines(axes: Axes, picture: Layout) -> None:
    """Draw one collection for each kind; the more lines it has, the thinner and the fainter.

    Kinds with many lines come first, so that they do not cover those with few.
    """
    curves = {
        kind: [line.curve for line in picture.lines if line.kind == kind] for kind in LINK_KINDS
    }
    for kind in sorted(LINK_KINDS, key=lambda kind: -len(curves[kind])):
        crowd = max(1.0, len(curves[kind]) / 40)
        width_pt, alpha = max(0.45, 1.7 * crowd**-0.3), max(0.12, 0.9 * crowd**-0.42)
        if curves[kind]:
            _add_curves(axes, curves[kind], _STROKES[kind], width_pt=width_pt, alpha=alpha)


def _add_curves(
    axes: Axes, curves: Sequence[Curve], stroke: _Stroke, *, width_pt: float, alpha: float
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
            linewidths=width_pt * stroke.strength,
            alpha=alpha,
            capstyle="butt",
            clip_on=False,
        ),
        autolim=False,
    )


def _add_text(axes: Axes, label: Label) -> None:
    x, y = label.room.middle
    axes.text(
        x if label.align == "center" else label.room.left,
        y,
        label.text,
        color=_TONES[label.tone],
        family="sans-serif",
        fontsize=label.size_pt,
        fontweight="bold" if label.bold else "normal",
        horizontalalignment=label.align,
        verticalalignment="center_baseline",
        parse_math=False,
    )
