"""Colours and strokes, for light and for dark paper.

The colours of lines are Okabe and Ito's, which colour-blind readers tell apart; on dark paper
they are lighter. The dashes do it alone, so a picture can be printed in grey.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

from k8s6plan.views.diagram._parts import State

ThemeName = Literal["light", "dark"]


@dataclass(frozen=True)
class Shape:
    """How one sort of box looks; ``width_pt`` is that of its border."""

    fill: str
    border: str
    width_pt: float
    radius: float  # inches
    dashed: bool = False


@dataclass(frozen=True)
class Stroke:
    """How one kind of line looks. ``dashes``: on and off, in widths of the line."""

    colour: str
    dashes: tuple[float, ...]
    strength: float  # of its width, against that of the other kinds


@dataclass(frozen=True)
class Theme:
    """All colours of a picture. ``grey``: of lines that carry nothing any more."""

    paper: str
    tones: Mapping[Literal["plain", "quiet", "inverse"], str]
    faded: str  # text of what is pale, failed or cut off
    grey: str
    shapes: Mapping[str, Shape]
    strokes: Mapping[str, Stroke]  # by kind of link

    def shape(self, sort: str, state: State, *, hub: bool = False) -> Shape:
        """Return how a "site", "cluster", "group" or "transit" looks in a state."""
        if state in ("failed", "cut", "pale"):
            inner = sort == "cluster"
            return self.shapes[f"{state} cluster" if inner else state]
        if state == "strong":
            return self.shapes["strong" if sort != "cluster" else "hub cluster" if hub else sort]
        return self.shapes[f"hub {sort}" if hub else sort]


def _shapes(colours: Mapping[str, tuple[str, str]]) -> dict[str, Shape]:
    """Return the shapes of a theme from their fills and borders."""
    sizes = {
        "provider": (1.0, 0.1),
        "region": (0.8, 0.07),
        "site": (1.0, 0.06),
        "group": (1.2, 0.06),
        "cluster": (0.6, 0.04),
        "hub site": (2.4, 0.06),
        "hub group": (2.4, 0.06),
        "hub transit": (2.0, 0.05),
        "hub cluster": (0.6, 0.04),
        "mark": (0.5, 0.06),
        "plate": (0.0, 0.05),
        "underlay": (1.2, 0.25),
        "strong": (3.0, 0.06),
        "pale": (0.8, 0.06),
        "pale cluster": (0.5, 0.04),
        "cut": (1.0, 0.06),
        "cut cluster": (0.5, 0.04),
        "failed": (1.6, 0.06),
        "failed cluster": (0.5, 0.04),
    }
    dashed = {"failed", "cut"}
    return {name: Shape(*colours[name], *sizes[name], dashed=name in dashed) for name in sizes}


LIGHT = Theme(
    paper="#ffffff",
    tones={"plain": "#1b2330", "quiet": "#566170", "inverse": "#ffffff"},
    faded="#4f5863",
    grey="#a7aeb8",
    shapes=_shapes(
        {
            "provider": ("#f3f5f8", "#c3cad4"),
            "region": ("#fbfcfd", "#d5dbe3"),
            "site": ("#ffffff", "#7d8897"),
            "group": ("#ffffff", "#5d6878"),
            "cluster": ("#e8edf4", "#b4bfcd"),
            "hub site": ("#ffe8b3", "#1b2330"),
            "hub group": ("#ffe8b3", "#1b2330"),
            "hub transit": ("#ffe8b3", "#1b2330"),
            "hub cluster": ("#fff6e0", "#b4945a"),
            "mark": ("#1b2330", "#1b2330"),
            "plate": ("#ffffff", "#ffffff"),
            "underlay": ("#fbf3f8", "#cc79a7"),
            "strong": ("#dcefff", "#0b5394"),
            "pale": ("#fbfcfd", "#dde2e8"),
            "pale cluster": ("#f6f8fa", "#e3e8ee"),
            "cut": ("#eceef1", "#8d96a2"),
            "cut cluster": ("#e3e6ea", "#c5cbd3"),
            "failed": ("#c9ced6", "#3b4452"),
            "failed cluster": ("#bcc2cb", "#9aa3af"),
        }
    ),
    strokes={
        "tunnel": Stroke("#0072b2", (), 1.0),
        "peering": Stroke("#009e73", (4.0, 1.8), 1.0),
        "attachment": Stroke("#d55e00", (6.0, 1.6, 1.2, 1.6), 1.1),
        "routed": Stroke("#cc79a7", (1.4, 1.2), 1.3),
    },
)

DARK = Theme(
    paper="#12171f",
    tones={"plain": "#e8edf4", "quiet": "#a9b4c2", "inverse": "#12171f"},
    faded="#b9c1cb",
    grey="#565f6c",
    shapes=_shapes(
        {
            "provider": ("#1a212b", "#3a4554"),
            "region": ("#1f2732", "#364150"),
            "site": ("#27313e", "#8794a5"),
            "group": ("#27313e", "#a3b0c0"),
            "cluster": ("#344050", "#536275"),
            "hub site": ("#453409", "#ffd166"),
            "hub group": ("#453409", "#ffd166"),
            "hub transit": ("#453409", "#ffd166"),
            "hub cluster": ("#4d3b0f", "#a98a3c"),
            "mark": ("#ffd166", "#ffd166"),
            "plate": ("#12171f", "#12171f"),
            "underlay": ("#2a1f2a", "#d992bb"),
            "strong": ("#123a5c", "#6cb8ff"),
            "pale": ("#1c232d", "#303946"),
            "pale cluster": ("#212934", "#2d3642"),
            "cut": ("#2a2f37", "#7a8492"),
            "cut cluster": ("#333941", "#4a525e"),
            "failed": ("#40464f", "#c0c7d0"),
            "failed cluster": ("#4b525c", "#6a727e"),
        }
    ),
    strokes={
        "tunnel": Stroke("#56b4e9", (), 1.0),
        "peering": Stroke("#3ecfa3", (4.0, 1.8), 1.0),
        "attachment": Stroke("#ff9d4d", (6.0, 1.6, 1.2, 1.6), 1.1),
        "routed": Stroke("#e6a3c8", (1.4, 1.2), 1.3),
    },
)

THEMES: dict[ThemeName, Theme] = {"light": LIGHT, "dark": DARK}
