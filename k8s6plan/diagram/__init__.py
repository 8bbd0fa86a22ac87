"""Pictures of a topology: ``layout`` says where everything stands, ``draw`` makes it visible."""

from __future__ import annotations

from k8s6plan.diagram._collapse import Collapse
from k8s6plan.diagram._draw import IMAGES, SOURCES, Format, Told, View, draw
from k8s6plan.diagram._layout import Extras, layout
from k8s6plan.diagram._parts import Layout
from k8s6plan.diagram._prefixes import pinned_lines, prefix_lines
from k8s6plan.diagram._theme import ThemeName

__all__ = [
    "IMAGES",
    "SOURCES",
    "Collapse",
    "Extras",
    "Format",
    "Layout",
    "ThemeName",
    "Told",
    "View",
    "draw",
    "layout",
    "pinned_lines",
    "prefix_lines",
]
