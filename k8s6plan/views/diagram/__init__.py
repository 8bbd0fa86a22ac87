"""Pictures of a topology: ``layout`` says where everything stands, ``draw`` makes it visible."""

from __future__ import annotations

from k8s6plan.views.diagram._collapse import Collapse
from k8s6plan.views.diagram._draw import Told, View, draw, picture_of
from k8s6plan.views.diagram._figures import LINK_LABELS, LinkLabel, cost_words
from k8s6plan.views.diagram._layout import Extras, layout
from k8s6plan.views.diagram._parts import Layout, Line, VertexBox
from k8s6plan.views.diagram._prefixes import pinned_lines, prefix_lines
from k8s6plan.views.diagram._theme import THEMES, Theme, ThemeName

__all__ = [
    "LINK_LABELS",
    "THEMES",
    "Collapse",
    "Extras",
    "Layout",
    "Line",
    "LinkLabel",
    "Theme",
    "ThemeName",
    "Told",
    "VertexBox",
    "View",
    "cost_words",
    "draw",
    "layout",
    "picture_of",
    "pinned_lines",
    "prefix_lines",
]
