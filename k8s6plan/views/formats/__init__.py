"""The formats of pictures. Each is a file here, called as the files that it writes end, and a line.

An image has ``save(figure, about)``, the bytes of a drawn page; a text for other programs has
``write(graph, mark, cost)``. The command line, ``views.diagram`` and the tests take them from here.
A format's file is imported when it is written, so that naming them all costs nothing.
"""

from __future__ import annotations

from collections.abc import Iterable
from importlib import import_module
from typing import TYPE_CHECKING, NamedTuple, Protocol, cast

if TYPE_CHECKING:
    import networkx as nx
    from matplotlib.figure import Figure


class Format(NamedTuple):
    """One format, by the ending of its files.

    ``reader``: who reads it, where the ending does not say so. ``image``: it shows a page; else it
    is the graph of one design as text. ``most_links``: by itself such a text holds so many links at
    the most, and those of a larger fleet by region; None: any number.
    """

    ending: str
    reader: str = ""
    image: bool = False
    most_links: int | None = None

    def __str__(self) -> str:
        return f".{self.ending} ({self.reader})" if self.reader else f".{self.ending}"


class About(NamedTuple):
    """What an image carries besides what it shows.

    ``mark``: the words by which the program knows its files. ``facts``: fleet and designs.
    ``description``: the picture in words.
    """

    mark: str
    title: str
    facts: dict[str, str]
    description: str


class ImageFile(Protocol):
    """The file of an image format."""

    def save(self, figure: Figure, about: About) -> bytes:
        """Return the file of a page that is drawn. Same input, same bytes."""


class TextFile(Protocol):
    """The file of a text format."""

    def write(self, graph: nx.Graph[str], mark: str, cost: str | None = None) -> str:
        """Return the graph of a design; ``mark`` says who wrote it, ``cost`` what it costs."""


_MERMAIDS_OWN = 500  # links that mermaid takes; a diagram cannot lift its bound

FORMATS: dict[str, Format] = {
    made.ending: made
    for made in (
        Format("png", image=True),
        Format("svg", image=True),
        Format("pdf", image=True),
        Format("mmd", "Mermaid", most_links=_MERMAIDS_OWN),
        Format("dot", "Graphviz", most_links=_MERMAIDS_OWN),
        Format("json", "networkx"),
    )
}
IMAGES = tuple(name for name, made in FORMATS.items() if made.image)
TEXTS = tuple(name for name, made in FORMATS.items() if not made.image)


def image_file(ending: str) -> ImageFile:
    """Return what writes an image."""
    return cast(ImageFile, import_module(f"{__name__}.{ending}"))


def text_file(ending: str) -> TextFile:
    """Return what writes a text."""
    return cast(TextFile, import_module(f"{__name__}.{ending}"))


def one_of(endings: Iterable[str]) -> str:
    """Return formats as a choice: ".mmd (Mermaid), .dot (Graphviz) or .json (networkx)"."""
    *names, last = (str(FORMATS[ending]) for ending in endings)
    return f"{', '.join(names)} or {last}"
