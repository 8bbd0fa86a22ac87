"""The parts of a picture: plain numbers, in inches from its top left corner, and words."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

from k8s6plan.designs._links import LinkKind

Point = tuple[float, float]
Curve = tuple[Point, Point, Point, Point]  # a cubic Bézier curve: end, two controls, end


@dataclass(frozen=True)
class Box:
    """A rectangle; ``top`` and ``bottom`` count downwards."""

    left: float
    top: float
    width: float
    height: float

    @property
    def right(self) -> float:
        """The x of its right edge."""
        return self.left + self.width

    @property
    def bottom(self) -> float:
        """The y of its lower edge."""
        return self.top + self.height

    @property
    def middle(self) -> Point:
        """Its middle."""
        return self.left + self.width / 2, self.top + self.height / 2

    def overlaps(self, other: Box) -> bool:
        """Say whether the two share more than an edge."""
        return (
            self.left < other.right
            and other.left < self.right
            and self.top < other.bottom
            and other.top < self.bottom
        )

    def holds(self, other: Box, slack: float = 1e-6) -> bool:
        """Say whether ``other`` lies inside."""
        return (
            self.left - slack <= other.left
            and other.right <= self.right + slack
            and self.top - slack <= other.top
            and other.bottom <= self.bottom + slack
        )


@dataclass(frozen=True)
class Label:
    """One line of text and the ``room`` that it keeps to, vertically in its middle."""

    text: str
    room: Box
    size_pt: float
    align: Literal["left", "center"] = "left"
    bold: bool = False
    tone: Literal["plain", "quiet", "inverse"] = "plain"


@dataclass(frozen=True)
class ClusterBox:
    """A cluster inside its site."""

    name: str
    box: Box
    label: Label


@dataclass(frozen=True)
class SiteBox:
    """A site with its clusters. ``mark``: the word that tells a hub, on the box's upper edge.

    ``label`` is None where the site is called as its only cluster. Lines end at ``port``.
    """

    name: str
    box: Box
    label: Label | None
    clusters: tuple[ClusterBox, ...]
    mark: Label | None
    port: Point

    @property
    def hub(self) -> bool:
        """Whether the design makes the site a hub."""
        return self.mark is not None


@dataclass(frozen=True)
class Frame:
    """What holds the sites of a provider, or of a region. A provider may fill two frames."""

    kind: Literal["provider", "region"]
    name: str
    box: Box
    label: Label


@dataclass(frozen=True)
class Underlay:
    """The network that carries, one wide shape."""

    box: Box
    labels: tuple[Label, ...]


@dataclass(frozen=True)
class Line:
    """A link, drawn as a cubic Bézier curve from the port of ``one`` to that of ``other``."""

    one: str
    other: str
    kind: LinkKind
    tunnels: int
    curve: Curve


@dataclass(frozen=True)
class LegendEntry:
    """What a kind of line means: a sample in ``sample``, and words."""

    kind: LinkKind
    sample: Box
    label: Label


@dataclass(frozen=True)
class Layout:
    """A whole picture. Lines come by kind, everything else from the top left."""

    width: float
    height: float
    title: Label
    subtitle: Label
    frames: tuple[Frame, ...]
    sites: tuple[SiteBox, ...]
    underlay: Underlay | None
    lines: tuple[Line, ...]
    legend: tuple[LegendEntry, ...]
    notes: tuple[Label, ...]

    def labels(self) -> Iterator[Label]:
        """Yield every text of the picture, in one fixed order."""
        yield self.title
        yield self.subtitle
        for frame in self.frames:
            yield frame.label
        for site in self.sites:
            yield from filter(None, (site.label, site.mark))
            for cluster in site.clusters:
                yield cluster.label
        if self.underlay:
            yield from self.underlay.labels
        for entry in self.legend:
            yield entry.label
        yield from self.notes
