"""From a fleet and the names of designs to a file: what is built, stressed and told."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, NamedTuple

from k8s6plan.decision.metrics import METRICS, Case
from k8s6plan.decision.terms import Terms
from k8s6plan.errors import K8s6planError, UnknownName, did_you_mean
from k8s6plan.topology.designs import Design, design_named
from k8s6plan.topology.graph import expand
from k8s6plan.topology.groups import Outline, outline_of
from k8s6plan.views.diagram import _collapse as collapsing
from k8s6plan.views.diagram import _emphasis as emphasising
from k8s6plan.views.diagram._collapse import Collapse
from k8s6plan.views.diagram._emphasis import NOTHING, Emphasis
from k8s6plan.views.diagram._figures import (
    LinkFigures,
    LinkLabel,
    cost_words,
    link_figures,
    notes_of,
    texts_of,
)
from k8s6plan.views.diagram._layout import Extras, layout
from k8s6plan.views.diagram._render import DPI, image
from k8s6plan.views.diagram._sheet import sheet
from k8s6plan.views.diagram._theme import THEMES, ThemeName
from k8s6plan.views.diagram._words import counts, title_of
from k8s6plan.views.formats import FORMATS, text_file

if TYPE_CHECKING:
    import networkx as nx

    from k8s6plan.fleet.model import Fleet
    from k8s6plan.views.diagram._parts import Layout

MOST_SITES_APART = 500
MOST_LINKS_APART = 20_000


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
    """What is written into the picture besides the topology.

    Args:
        terms: prices and traffic, by which the cost of a design stands in its title.
        costs: what a design costs a month, in words, by design, where others worked it out.
        labels: what is written on the links, by ``terms``: their cost, their traffic.
        prefixes: lines under the name of a cluster.

    """

    terms: Terms | None = None
    costs: Mapping[str, str] = field(default_factory=dict)
    labels: Sequence[LinkLabel] = ()
    prefixes: Mapping[str, Sequence[str]] = field(default_factory=dict)

    def case(self, design: Design) -> Case | None:
        """Return the design on these terms."""
        return None if self.terms is None else Case(design, self.terms.start, self.terms)

    def cost(self, design: Design) -> str | None:
        """Return what a design costs, in words; None where nobody asked."""
        case = self.case(design)
        known = self.costs.get(design.name)
        return known if known is not None or case is None else cost_words(case)


def draw(
    fleet: Fleet,
    designs: str | Sequence[str],
    *,
    fmt: str = "png",
    view: View | None = None,
    told: Told | None = None,
    mark: str = "",
) -> bytes:
    """Return the picture of ``fleet`` joined by one design, or by several side by side.

    ``fmt``: one of ``FORMATS``. Same input, same bytes. An image names the program, a text carries
    ``mark``: so a file of this program is known again.

    Raises:
        UnknownName: no such design, format, cluster or other name.
        K8s6planError: more sites or links than one picture can show; several designs in a format
            that holds one graph.

    """
    view, told = view or View(), told or Told()
    chosen = [design_named(name) for name in ([designs] if isinstance(designs, str) else designs)]
    if fmt not in FORMATS:
        raise UnknownName(f'no format is called "{fmt}"' + did_you_mean(fmt, list(FORMATS)))
    if not FORMATS[fmt].image:
        if len(chosen) != 1:
            raise K8s6planError(f"a .{fmt} file holds one design; draw each into a file of its own")
        return _source(fleet, chosen[0], fmt, view, mark, told.cost(chosen[0])).encode()
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
        fmt=fmt,
        facts={"fleet": fleet.fleet, "design": ",".join(design.name for design in chosen)},
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
    graph, emphasis, figures = _picture_graph(fleet, design, view, told)
    remarks, cost = _remarks(outline_of(fleet), design), told.cost(design)
    remarks += notes_of(figures, told.labels)
    extras = Extras(
        remarks=remarks,
        cost=cost,
        prefixes=told.prefixes,
        texts=texts_of(figures, told.labels),
        labelled=bool(told.labels),
        emphasis=emphasis,
        name_fleet=name_fleet,
    )
    said = (title_of(graph), counts(graph), cost, emphasis.note.removesuffix("."))
    return layout(graph, extras), ". ".join(filter(None, said)) + "."


def _source(fleet: Fleet, design: Design, fmt: str, view: View, mark: str, cost: str | None) -> str:
    """Return the graph as text for other programs."""
    level, most = collapsing.level_for(fleet, view.collapse), FORMATS[fmt].most_links
    if view.collapse == "auto" and most is None:
        level = "none"
    elif view.collapse == "auto" and level == "none" and _links(fleet, design) > (most or 0):
        level = "region"
    if level == "none":
        collapsing.check_links(fleet, design)
    graph = _graph(fleet, design, level)
    if remarks := _remarks(outline_of(fleet), design):
        graph.graph["remarks"] = remarks
    return text_file(fmt).write(graph, mark, cost)


def _graph(fleet: Fleet, design: Design, level: collapsing.Level) -> nx.Graph[str]:
    if level == "none":
        return expand(design, fleet)
    groups = collapsing.groups_of(fleet, level)
    graph, weights = collapsing.build(fleet, design, groups)
    return collapsing.collapse(graph, fleet, groups, level, weights)


class _Picture(NamedTuple):
    graph: nx.Graph[str]
    emphasis: Emphasis
    figures: LinkFigures


def _picture_graph(fleet: Fleet, design: Design, view: View, told: Told | None = None) -> _Picture:
    """Return what is drawn, collapsed where it must be, what is stressed in it, and its figures."""
    case = told.case(design) if told is not None and told.labels else None
    level = collapsing.level_for(fleet, view.collapse)
    figures = LinkFigures()
    if level == "none":
        _check_size(fleet, design)
        graph = expand(design, fleet)
        if case is not None:
            figures = link_figures(case, graph, collapsing.ALONE)
        return _Picture(graph, _emphasis(graph, fleet, view, collapsing.ALONE), figures)
    groups = collapsing.groups_of(fleet, level)
    graph, weights = collapsing.build(
        fleet, design, groups, _apart(fleet, view), by_traffic=case is not None
    )
    emphasis = _emphasis(graph, fleet, view, weights)
    name_of = {vertex: collapsing.group_of(graph, vertex, groups) for vertex in graph}
    small = collapsing.collapse(graph, fleet, groups, level, weights)
    if emphasis is not NOTHING:
        emphasis = emphasising.lifted(emphasis, graph, name_of)
    if case is not None:
        figures = link_figures(case, graph, weights, name_of)
    return _Picture(small, emphasis, figures)


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
    feasible = METRICS["feasible"].measure(Case(design, outline, Terms()))
    return () if feasible.value else (f"Some clusters cannot be joined this way: {feasible.note}.",)
