"""A sweep becomes a chart: what each design costs along the axis, and where it breaks."""

from __future__ import annotations

from io import BytesIO
from statistics import median_low
from typing import TYPE_CHECKING, Literal

from k8s6plan import __version__
from k8s6plan.views.diagram._canvas import canvas

if TYPE_CHECKING:
    from matplotlib.axes import Axes

    from k8s6plan.decision.sweep import Sweep

# Okabe and Ito's colours, which colour-blind readers tell apart; the dashes do it alone.
_COLOURS = ("#0072b2", "#d55e00", "#009e73", "#cc79a7", "#e69f00", "#56b4e9", "#000000")
_DASHES: tuple[str | tuple[int, tuple[float, ...]], ...] = (
    "-",
    (0, (5, 1.5)),
    (0, (1.5, 1.2)),
    (0, (6, 1.5, 1.5, 1.5)),
    (0, (8, 2)),
    (0, (3, 1, 1, 1, 1, 1)),
    (0, (2, 2)),
)

_DWARFS = 4  # times the middle one of what the designs cost in the end


def draw_sweep(sweep: Sweep, *, fmt: Literal["png", "svg"]) -> bytes:
    """Return the chart of ``sweep``. Same input, same bytes."""
    with canvas({"svg.hashsalt": "k8s6plan", "font.family": "DejaVu Sans"}):
        from matplotlib.backends.backend_agg import FigureCanvasAgg
        from matplotlib.figure import Figure
        from matplotlib.ticker import StrMethodFormatter

        figure = Figure(figsize=(9, 5.4), dpi=150, layout="constrained")
        FigureCanvasAgg(figure)
        axes = figure.subplots()
        _lines(sweep, axes)
        axes.set_xlabel(sweep.label[:1].upper() + sweep.label[1:])
        axes.set_ylabel(f"Cost a month, {sweep.currency}")
        axes.set_title(f"{sweep.fleet}: cost by {sweep.label}", loc="left", fontsize=12)
        axes.set_xlim(left=float(min(p.x for ps in sweep.points.values() for p in ps)))
        _scale(sweep, axes)
        axes.yaxis.set_major_formatter(StrMethodFormatter("{x:,.0f}"))
        axes.grid(visible=True, color="#dde2e8", linewidth=0.7)
        axes.spines[["top", "right"]].set_visible(False)
        buffer = BytesIO()
        mark = f"k8s6plan {__version__} sweep"
        metadata = {"Software": mark} if fmt == "png" else {"Creator": mark, "Date": None}
        figure.savefig(buffer, format=fmt, metadata=metadata)
    return buffer.getvalue()


def _scale(sweep: Sweep, axes: Axes) -> None:
    """Take a logarithmic scale where some designs would press most to the ground."""
    last = [float(p.cost) for p in (ps[-1] for ps in sweep.points.values()) if p.cost]
    if len(last) > 1 and max(last) > _DWARFS * median_low(last):
        least = [float(p.cost) for ps in sweep.points.values() for p in ps if p.cost]
        axes.set_yscale("log")
        axes.set_ylim(bottom=max(min(least), max(last) / 10_000))
        axes.yaxis.set_minor_formatter("")
    else:
        axes.set_ylim(bottom=0)


def _lines(sweep: Sweep, axes: Axes) -> None:
    """Draw a line for each design, and a mark where it first exceeds a quota and a limit."""
    marked: dict[str, str] = {}  # what a mark means
    for index, (name, points) in enumerate(sweep.points.items()):
        known = [(float(p.x), float(p.cost)) for p in points if p.cost is not None]
        if not known:
            continue
        sure = all(point.complete for point in points)
        colour = _COLOURS[index % len(_COLOURS)]
        axes.plot(
            [x for x, _ in known],
            [y for _, y in known],
            color=colour,
            linestyle=_DASHES[index % len(_DASHES)],
            linewidth=1.8,
            label=name if sure else f"{name} (at least)",
        )
        breaks = sweep.breaks.get(name)
        for kind, found, marker in (
            ("first quota exceeded", breaks.quota if breaks else None, "o"),
            ("first hard limit exceeded", breaks.hard if breaks else None, "X"),
        ):
            at = dict(known).get(float(found.clusters)) if found else None
            if found is not None and at is not None:
                marked[kind] = marker
                axes.plot(
                    [found.clusters],
                    [at],
                    marker=marker,
                    markersize=8,
                    color=colour,
                    markeredgecolor="#1b2330",
                    linestyle="none",
                )
    for kind, marker in marked.items():
        axes.plot(
            [], [], marker, markersize=8, color="#9aa3ad", markeredgecolor="#1b2330", label=kind
        )
    axes.legend(frameon=False, fontsize=9, loc="center left", bbox_to_anchor=(1.01, 0.5))
