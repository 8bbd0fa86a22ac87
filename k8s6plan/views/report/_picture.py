"""Pictures of the designs for the page: the layout of ``views.diagram``, drawn by a template.

So a cluster on the page is something that can be pointed at and that follows the reader's choice
of light or dark, which a picture from matplotlib is not: docs/decisions/0070-the-page-draws.md.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from math import log10
from typing import TYPE_CHECKING, NamedTuple

from k8s6plan.errors import K8s6planError
from k8s6plan.topology.designs import DESIGNS
from k8s6plan.topology.joins import LINK_KINDS, LinkKind
from k8s6plan.views.diagram import THEMES, Layout, Theme, Told, View, cost_words, picture_of

if TYPE_CHECKING:
    from k8s6plan.decision.metrics import Case
    from k8s6plan.fleet.model import Fleet
    from k8s6plan.views.diagram import Line, VertexBox

MOST_SITES_APART = 40  # beyond it, sites are drawn by region: each mesh has 780 lines by then
PT = 72


class Bundle(NamedTuple):
    """Lines that look alike: width and dashes in points, and how they are seen through."""

    kind: LinkKind
    width: str
    opacity: str
    dashes: str
    lines: tuple[Line, ...]


@dataclass(frozen=True)
class Picture:
    """One design drawn. ``about``: the picture in words. ``vertices``: by name, their number."""

    design: str
    title: str
    about: str
    layout: Layout
    bundles: tuple[Bundle, ...]
    numbers: dict[str, int]

    @property
    def dashes(self) -> dict[LinkKind, str]:
        """The dashes of a sample of each kind of line, in points."""
        return {kind: _dashes(kind, 2) for kind in LINK_KINDS}


def pictures(fleet: Fleet, cases: Mapping[str, Case]) -> tuple[list[Picture], list[str]]:
    """Return the picture of each design, with its cost in the title, and why some have none."""
    large = len(fleet.members) > MOST_SITES_APART
    view = View(collapse="region" if large else "none")
    drawn, undrawn = [], []
    for name, case in cases.items():
        try:
            found, about = picture_of(fleet, name, view, Told(costs={name: cost_words(case)}))
        except K8s6planError as error:  # too many links
            undrawn.append(f"No picture: {error}.")
            continue
        numbers = {vertex.name: number for number, vertex in enumerate(found.vertices)}
        numbers |= {name: -1 for line in found.lines for name in (line.one, line.other)
                    if name not in numbers}  # fmt: skip
        bundles = tuple(_bundles(found))
        drawn.append(Picture(name, DESIGNS[name].title, about, found, bundles, numbers))
    return drawn, undrawn


def shape_of(vertex: VertexBox, *, cluster: bool = False) -> str:
    """Return the class of a box."""
    kind = "cluster" if cluster else vertex.kind
    return f"b-hub-{kind}" if vertex.hub else f"b-{kind}"


def _bundles(found: Layout) -> Iterator[Bundle]:
    """Yield the lines of each kind and number of links: many lines are thinner and fainter."""
    groups: dict[tuple[LinkKind, int], list[Line]] = {}
    for line in found.lines:
        groups.setdefault((line.kind, line.links), []).append(line)
    of_kind = {kind: sum(line.kind == kind for line in found.lines) for kind in LINK_KINDS}
    most = max((line.links for line in found.lines), default=1)
    strokes = THEMES["light"].strokes
    for kind, links in sorted(groups, key=lambda k: (-of_kind[k[0]], LINK_KINDS.index(k[0]), k[1])):
        crowd = max(1.0, of_kind[kind] / 40)
        width = max(0.5, 1.7 * crowd**-0.3) * strokes[kind].strength
        if most > 1:
            width += 2.6 * log10(links) / log10(most)
        dashes = _dashes(kind, width)
        opacity = max(0.2, 0.9 * crowd**-0.42)
        lines = tuple(groups[kind, links])
        yield Bundle(kind, f"{width:.2f}", f"{opacity:.2f}", dashes, lines)


def _dashes(kind: LinkKind, width: float) -> str:
    return " ".join(f"{dash * width:.1f}" for dash in THEMES["light"].strokes[kind].dashes)


def theme_css() -> str:
    """Return the colours of pictures on light paper, and on dark paper for screens."""
    dark = _rules(THEMES["dark"])
    return f"{_rules(THEMES['light'])}@media screen and (prefers-color-scheme:dark){{\n{dark}}}\n"


def _rules(theme: Theme) -> str:
    lines = [f".picture{{background:{theme.paper}}}"]
    lines += [f".t-{tone}{{fill:{colour}}}" for tone, colour in theme.tones.items()]
    for name, shape in theme.shapes.items():
        looks = f"fill:{shape.fill};stroke:{shape.border};stroke-width:{shape.width_pt:g}"
        lines.append(f".b-{name.replace(' ', '-')}{{{looks}}}")
    for kind, stroke in theme.strokes.items():
        lines.append(f".l-{kind}{{stroke:{stroke.colour}}}")
    return "".join(f"{line}\n" for line in lines)
