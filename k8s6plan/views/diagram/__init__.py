"""Pictures of a topology: which sites there are, where each stands, and what joins them.

    fleet, design -> graph -> (collapsed, where it is large) -> Layout -> image | text

``draw`` goes all the way to the bytes of a file, ``picture_of`` to the ``Layout`` and the picture
in words, ``layout`` from a graph to where everything stands. A ``View`` says how a picture is
wanted, ``Told`` what is written into it besides: the cost of the design, of its links, prefixes.
``chart`` draws a sweep. The kinds of files are in ``views.formats``; only ``_render``, ``chart``
and the image formats know matplotlib.
"""

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
