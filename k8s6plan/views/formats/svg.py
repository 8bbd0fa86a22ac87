"""SVG: its text stays text, and a screen reader is told what there is to see."""

from __future__ import annotations

from io import BytesIO
from typing import TYPE_CHECKING
from xml.sax.saxutils import escape

if TYPE_CHECKING:
    from matplotlib.figure import Figure

    from k8s6plan.views.formats import About


def save(figure: Figure, about: About) -> bytes:
    """Return the file, without a date."""
    buffer = BytesIO()
    said = {"Title": about.title, "Creator": about.mark, "Date": None}
    figure.savefig(buffer, format="svg", metadata=said)
    return _accessible(buffer.getvalue(), about.description)


def _accessible(svg: bytes, description: str) -> bytes:
    """Return ``svg`` with what a screen reader reads: a role, and ids for title and description."""
    text = svg.decode()
    text = text.replace("<svg ", '<svg role="img" aria-labelledby="title desc" ', 1)
    text = text.replace("<title>", '<title id="title">', 1)
    described = f'</title>\n <desc id="desc">{escape(description)}</desc>'
    return text.replace("</title>", described, 1).encode()
