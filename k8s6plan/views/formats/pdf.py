"""PDF: one page, its text as text."""

from __future__ import annotations

from io import BytesIO
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from matplotlib.figure import Figure

    from k8s6plan.views.formats import About


def save(figure: Figure, about: About) -> bytes:
    """Return the file, without a date."""
    buffer = BytesIO()
    said = {"Title": about.title, "Creator": about.mark, "Subject": about.description}
    figure.savefig(buffer, format="pdf", metadata={**said, "CreationDate": None})
    return buffer.getvalue()
