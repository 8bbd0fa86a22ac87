"""Pictures of a topology: ``layout`` says where everything stands, ``draw`` makes it visible."""

from __future__ import annotations

from k8s6plan.diagram._draw import draw
from k8s6plan.diagram._layout import layout
from k8s6plan.diagram._parts import Layout

__all__ = ["Layout", "draw", "layout"]
