"""From a fleet and the names of designs to a file: what is built, stressed and told."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Literal

from k8s6plan.compare import compare
from k8s6plan.designs import Design, design_named
from k8s6plan.diagram import _collapse as collapsing
from k8s6plan.diagram import _emphasis as emphasising
from k8s6plan.diagram._collapse import Collapse
from k8s6plan.diagram._emphasis import NOTHING, Emphasis, Ends
from k8s6plan.diagram._layout import Extras, layout
from k8s6plan.diagram._render import DPI, ImageFormat, image
from k8s6plan.diagram._sheet import sheet
from k8s6plan.diagram._source import dot, mermaid, node_link
from k8s6plan.diagram._theme import THEMES, ThemeName
from k8s6plan.diagram._words import counts, title_of
from k8s6plan.errors import K8s6planError
from k8s6plan.outline import Outline, outline_of

if TYPE_CHECKING:
    import networkx as nx

    from k8s6plan.diagram._parts import Layout
    from k8s6plan.model import Fleet

SourceFormat = Literal["mmd", "dot", "json"]
Format = ImageFormat | SourceFormat
IMAGES: tuple[ImageFormat, ...] = ("png", "svg", "pdf")
SOURCES: tuple[SourceFormat, ...] = ("mmd", "dot", "json")

MOST_SITES_APART = 500
MOST_LINKS_APART = 20_000
MOST_EDGES_OF_MERMAID = 500  # mermaid's own bound, which a diagram cannot lift


@dataclass(frozen=True)
class View:
    """How a picture is wanted.

    Args:
        collapse: draw the sites of a region or a provider as one box; ``auto`` does so past
            sixty sites, ``none`` never.
        highlight: a cluster, whose links and ways are stressed.
        fail: a cluster, site, region ("aws/us-east-1") or provider that is down.
        theme: light or dark paper.
        dpi: pixels per inch of a PNG.

    """

    collapse: Collapse = "auto"
    highlight: str | None = None
    fail: str | None = None
    theme: ThemeName = "light"
    dpi: int = DPI


@dataclass(frozen=True)
class Told:
    """What others have worked out, to be written into the picture.

    Args:
        costs: what a design costs a month, in words ("at least 1,234 USD a month"), by design.
        prefixes: lines under the name of a cluster.
        texts: texts on links (a cost, a load), one mapping for each; by design, then by the names
            of the link's two sites, sorted.

    """

    costs: Mapping[str, str] = field(default_factory=dict)
    prefixes: Mapping[str, Sequence[str]] = field(default_factory=dict)
    texts: Sequence[Mapping[str, Mapping[Ends, str]]] = ()

    def on_links(self, design: str) -> dict[Ends, str]:
        """Return the texts on the links of a design, those of one link joined by a comma."""
        found: dict[Ends, list[str]] = {}
        for kind in self.texts:
            for pair, text in kind.get(design, {}).items():
                found.setdefault(pair, []).append(text)
        return {pair: ", ".join(texts) for pair, texts in found.items()}


def draw(
    fleet: Fleet,
    designs: str | Sequence[str],
    *,
    fmt: Format,
    view: View | None = None,
    told: Told | None = None,
    mark: str = "",
) -> bytes:
    """Return the picture of ``fleet`` joined by one design, or by several side by side.

    Same input, same bytes. A PNG carries the key ``k8s6plan``, an SVG and a PDF the Creator
    "k8s6plan <version>": so a file of this program is known again. The text formats carry ``mark``.

    Raises:
        UnknownName: no such design, cluster or other name.
        K8s6planError: more sites or links than one picture can show; several designs in a format
            that holds one graph.

    """
    view, told = view or View(), told or Told()
    chosen = [design_named(name) for name in ([designs] if isinstance(designs, str) else designs)]
    if fmt in SOURCES:
        if len(chosen) != 1:
            raise K8s6planError(f"a .{fmt} file holds one design; draw each into a file of its own")
        return _source(fleet, chosen[0], fmt, view, mark).encode()
    single = len(chosen) == 1
    pages: list[Layout] = []
    words: list[str] = []
    for design in chosen:
        page, about = picture_of(fleet, design.name, view, told, name_fleet=single)
        pages.append(page)
        words.append(about)
    return image(
        pages[0] if single else sheet(fleet.fleet, pages),
        THEMES[view.theme],
        fmt=fmt,  # type: ignore[arg-type]
        about={"fleet": fleet.fleet, "design": ",".join(design.name for design in chosen)},
        description=" ".join(words),
        dpi=view.dpi,
    )


def picture_of(
    fleet: Fleet,
    design_name: str,
    view: View | None = None,
    told: Told | None = None,
    *,
    name_fleet: bool = True,
) -> tuple[Layout, str]:
    """Return where everything in the picture of one design stands, and the picture in words.

    Raises:
        UnknownName: no such design, cluster or other name.
        K8s6planError: more sites or links than one picture can show.

    """
    view, told, design = view or View(), told or Told(), design_named(design_name)
    graph, emphasis = _picture_graph(fleet, design, view)
    extras = Extras(
        remarks=_remarks(outline_of(fleet), design),
        cost=told.costs.get(design.name),
        prefixes=told.prefixes,
        texts=told.on_links(design.name),
        emphasis=emphasis,
        name_fleet=name_fleet,
    )
    words = f"{title_of(graph)}. {counts(graph)}. {emphasis.note}".rstrip()
    return layout(graph, extras), words


def _source(fleet: Fleet, design: Design, fmt: SourceFormat, view: View, mark: str) -> str:
    """Return the graph as text for other programs."""
    level = collapsing.level_for(fleet, view.collapse)
    if view.collapse == "auto" and fmt == "json":
        level = "none"
    elif (
        view.collapse == "auto"
        and level == "none"
        and _links(fleet, design) > MOST_EDGES_OF_MERMAID
    ):
        level = "region"
    if level == "none":
        collapsing.check_links(fleet, design)
    graph = _graph(fleet, design, level)
    return {"mmd": mermaid, "dot": dot, "json": node_link}[fmt](graph, mark)


def _graph(fleet: Fleet, design: Design, level: collapsing.Level) -> nx.Graph[str]:
    if level == "none":
        return design.build(fleet)
    groups = collapsing.groups_of(fleet, level)
    graph, weights = collapsing.build(fleet, design, groups)
    return collapsing.collapse(graph, fleet, groups, level, weights)


def _picture_graph(fleet: Fleet, design: Design, view: View) -> tuple[nx.Graph[str], Emphasis]:
    """Return what is drawn, collapsed where it must be, and what is stressed in it."""
    level = collapsing.level_for(fleet, view.collapse)
    if level == "none":
        _check_size(fleet, design)
        graph = design.build(fleet)
        return graph, _emphasis(graph, fleet, view, collapsing.ALONE)
    groups = collapsing.groups_of(fleet, level)
    graph, weights = collapsing.build(fleet, design, groups, _apart(fleet, view))
    emphasis = _emphasis(graph, fleet, view, weights)
    name_of = {vertex: collapsing.group_of(graph, vertex, groups) for vertex in graph}
    small = collapsing.collapse(graph, fleet, groups, level, weights)
    if emphasis is not NOTHING:
        emphasis = emphasising.lifted(emphasis, graph, name_of)
    return small, emphasis


def _apart(fleet: Fleet, view: View) -> set[str]:
    """Return the sites that must not go unnamed in a smaller fleet."""
    found: set[str] = set()
    if view.fail is not None:
        found.update(emphasising.failing(fleet, view.fail)[0])
    if view.highlight is not None:
        found.update(c.site_name for c in fleet.clusters if c.name == view.highlight)
    return found


def _emphasis(
    graph: nx.Graph[str], fleet: Fleet, view: View, weights: collapsing.Weights
) -> Emphasis:
    if view.fail is not None:
        return emphasising.fail(graph, fleet, view.fail, weights)
    if view.highlight is not None:
        return emphasising.highlight(graph, fleet, view.highlight)
    return NOTHING


def _links(fleet: Fleet, design: Design) -> int:
    return sum(collapsing.counted(fleet, design).values())


def _check_size(fleet: Fleet, design: Design) -> None:
    """Refuse what nobody could read, before time and memory go into it."""
    sites, links = len(fleet.members), _links(fleet, design)
    if sites > MOST_SITES_APART:
        raise K8s6planError(
            f"{fleet.fleet} has {sites:,} sites, and one picture holds at most "
            f"{MOST_SITES_APART:,} one by one; leave out `--collapse none`"
        )
    if links > MOST_LINKS_APART:
        raise K8s6planError(
            f"{design.name} joins {sites:,} sites by {links:,} links, and one picture "
            f"holds at most {MOST_LINKS_APART:,} one by one; leave out `--collapse none`"
        )


def _remarks(outline: Outline, design: Design) -> tuple[str, ...]:
    """Say which clusters the design cannot join, though the picture draws their lines."""
    feasible = compare(outline, [design.name]).table[design.name]["feasible"]
    return () if feasible.value else (f"Some clusters cannot be joined this way: {feasible.note}.",)
