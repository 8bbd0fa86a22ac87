"""Several designs of one fleet on one sheet, each cluster at the same place in each of them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from math import ceil, sqrt

from k8s6plan.views.diagram._parts import Box, Label, Layout
from k8s6plan.views.diagram._text import shorten

_MARGIN, _TITLE, _TITLE_PT, _GAP = 0.35, 0.4, 18.0, 0.15
_WIDEST = 30.0  # inches; a sheet wider than that is no longer read as one


@dataclass(frozen=True)
class Sheet:
    """A page of pictures; each comes with the left and the top of its place."""

    width: float
    height: float
    title: Label
    pictures: tuple[tuple[float, float, Layout], ...]

    def labels(self) -> Iterator[Label]:
        """Yield the texts that belong to no picture."""
        yield self.title


def sheet(fleet: str, pictures: Sequence[Layout]) -> Sheet:
    """Return ``pictures`` in rows: side by side, about as many across as down."""
    widest = max(picture.width for picture in pictures)
    across = min(len(pictures), max(2, ceil(sqrt(len(pictures)))))
    across = max(1, min(across, int(_WIDEST // widest)))
    placed: list[tuple[float, float, Layout]] = []
    top = _MARGIN + _TITLE
    for start in range(0, len(pictures), across):
        row = pictures[start : start + across]
        placed += [(column * (widest + _GAP), top, picture) for column, picture in enumerate(row)]
        top += max(picture.height for picture in row) + _GAP
    width = across * widest + (across - 1) * _GAP
    room = Box(_MARGIN, _MARGIN, width - 2 * _MARGIN, _TITLE)
    title = Label(shorten(fleet, room.width, _TITLE_PT, bold=True), room, _TITLE_PT, bold=True)
    return Sheet(width, top, title, tuple(placed))
