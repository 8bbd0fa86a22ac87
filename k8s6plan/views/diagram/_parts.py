"""The parts of a picture: plain numbers, in inches from its top left corner, and words."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

from k8s6plan.topology.joins import LinkKind

Point = tuple[float, float]
Curve = tuple[Point, Point, Point, Point]  # a cubic Bézier curve: end, two controls, end

# How a vertex or a link is shown. strong: what was asked for; pale: what has no part in it;
# failed: what is down; cut: what has lost its way to most of the others by that.
State = Literal["plain", "strong", "pale", "failed", "cut"]
VertexKind = Literal["site", "transit", "group"]
# What an entry of the legend explains.
Meaning = LinkKind | Literal["hub", "strong", "failed", "cut"]


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
    """A text, of one row or several, and the ``room`` that it keeps to, in its middle.

    ``plate``: the text lies on lines, and hides them in its room.
    """

    text: str
    room: Box
    size_pt: float
    align: Literal["left", "center", "right"] = "left"
    bold: bool = False
    tone: Literal["plain", "quiet", "inverse"] = "plain"
    plate: bool = False


@dataclass(frozen=True)
class ClusterBox:
    """A cluster inside its site; ``details``: its prefixes, where they are shown."""

    name: str
    box: Box
    label: Label
    details: tuple[Label, ...] = ()
    state: State = "plain"


@dataclass(frozen=True)
class VertexBox:
    """A vertex: a site with its clusters, a provider's managed hub, or a group of sites.

    ``label`` is None where a site is called as its only cluster. ``mark``: the word that tells a
    hub, on the box's upper edge. ``details``: what a group holds. Lines end at ``port``.
    """

    name: str
    kind: VertexKind
    box: Box
    port: Point
    label: Label | None = None
    clusters: tuple[ClusterBox, ...] = ()
    mark: Label | None = None
    details: tuple[Label, ...] = ()
    state: State = "plain"

    @property
    def hub(self) -> bool:
        """Whether the design makes the vertex a hub."""
        return self.mark is not None or self.kind == "transit"

    def labels(self) -> Iterator[Label]:
        """Yield its texts."""
        yield from filter(None, (self.label, self.mark))
        yield from self.details
        for cluster in self.clusters:
            yield cluster.label
            yield from cluster.details


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
    """Links of one kind, as a cubic Bézier curve from the port of ``one`` to that of ``other``.

    ``links``: how many it stands for; ``tunnels``: those of all of them together.
    """

    one: str
    other: str
    kind: LinkKind
    tunnels: int
    curve: Curve
    links: int = 1
    label: Label | None = None
    state: State = "plain"


@dataclass(frozen=True)
class LegendEntry:
    """What a line or a box means: a sample of it in ``sample``, and words."""

    meaning: Meaning
    sample: Box
    label: Label


@dataclass(frozen=True)
class Layout:
    """A whole picture. Lines come by kind, everything else from the top left."""

    width: float
    height: float
    title: Label
    subtitle: tuple[Label, ...]
    frames: tuple[Frame, ...]
    vertices: tuple[VertexBox, ...]
    underlay: Underlay | None
    lines: tuple[Line, ...]
    legend: tuple[LegendEntry, ...]
    notes: tuple[Label, ...]

    def labels(self) -> Iterator[Label]:
        """Yield every text of the picture, in one fixed order."""
        yield self.title
        yield from self.subtitle
        for frame in self.frames:
            yield frame.label
        for vertex in self.vertices:
            yield from vertex.labels()
        if self.underlay:
            yield from self.underlay.labels
        for line in self.lines:
            if line.label:
                yield line.label
        for entry in self.legend:
            yield entry.label
        yield from self.notes
