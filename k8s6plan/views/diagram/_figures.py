"""What designs and their links cost and carry, in words for a picture."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from fractions import Fraction
from typing import TYPE_CHECKING, Literal

from k8s6plan.decision.metrics import METRICS, Case
from k8s6plan.evaluation.cost import Costs, End, LinkClass, LinkShare, link_shares, open_till
from k8s6plan.topology.joins import ManagedHub, Topology
from k8s6plan.views.diagram._collapse import Weights, weighed
from k8s6plan.views.diagram._lines import LineKey

if TYPE_CHECKING:
    import networkx as nx


LinkLabel = Literal["cost", "traffic"]
LINK_LABELS: tuple[LinkLabel, ...] = ("cost", "traffic")

_WHOLE_FROM = 100  # sums of money from here on are told without cents


@dataclass(frozen=True)
class LinkFigures:
    """What the lines of one picture cost and carry, in ``currency``.

    ``rest``: what is no link's. ``inside``: of links between sites that are drawn as one box.
    ``bundled``: a line may be many links. ``silent``: the fleet has no demands.
    """

    shares: Mapping[LineKey, LinkShare] = field(default_factory=dict)
    currency: str = ""
    rest: LinkShare = field(default_factory=LinkShare)
    inside: LinkShare = field(default_factory=LinkShare)
    bundled: bool = False
    silent: bool = False


def cost_words(case: Case) -> str:
    """Return "at least 7,023 USD a month", the monthly cost of a design as the sheet has it."""
    measure = METRICS["cost_per_month"].measure(case)
    if not isinstance(measure.value, Decimal):
        return "cost unknown"
    least = "at least " if measure.at_least else ""
    silent = "" if case.outline.flows else ", without traffic"
    return f"{least}{_amount(Fraction(measure.value))} {case.terms.currency} a month{silent}"


def link_figures(
    case: Case,
    graph: nx.Graph[str],
    weights: Weights,
    name_of: Mapping[str, str] | None = None,
) -> LinkFigures:
    """Return what the links of ``graph`` cost and carry, line by line.

    Args:
        case: the design for the whole fleet.
        graph: as built, or of the sites that stand for the fleet's.
        weights: how many sites each stands for.
        name_of: the vertex of the picture that each vertex of ``graph`` is part of.

    """
    # Each group of sites is a class of its own, so that links differ as what they carry does.
    fine = case.design.of(case.outline, apart=lambda group: group)
    ends = _ends(fine, graph)
    edges = [
        (one, other, (kind, frozenset((ends[one], ends[other]))), many)
        for one, other, kind, many, _ in weighed(graph, weights)
    ]
    links: Counter[LinkClass] = Counter()
    for _, _, key, many in edges:
        links[key] += many
    found = link_shares(
        fine,
        open_till(case.outline, case.terms.book),
        Costs(fine, case.terms.book).streams,
        links,
        work=case.bill.total("work") or Decimal(0),
    )
    shares: dict[LineKey, LinkShare] = {}
    inside = LinkShare()
    for one, other, key, many in edges:
        first, second = sorted((one, other) if name_of is None else (name_of[one], name_of[other]))
        if first == second:
            inside = inside.plus(found.each[key], many)
            continue
        line = (first, second, key[0])
        shares[line] = shares.get(line, LinkShare()).plus(found.each[key], many)
    return LinkFigures(
        shares,
        case.terms.currency,
        found.rest,
        inside,
        bundled=name_of is not None,
        silent=not case.outline.flows,
    )


def _ends(topology: Topology, graph: nx.Graph[str]) -> dict[str, End]:
    """Return what each vertex is in ``topology``: a class of sites, a hub, the underlay."""
    found: dict[str, End] = {}
    for vertex, data in graph.nodes(data=True):
        if data["kind"] == "site":
            found[vertex] = topology.class_of[topology.outline.group_of[vertex]]
        elif data["kind"] == "transit":
            found[vertex] = ManagedHub(data["provider"], data["region"] or "")
        else:
            found[vertex] = vertex
    return found


def texts_of(figures: LinkFigures, labels: Collection[LinkLabel]) -> dict[LineKey, str]:
    """Return the text of each line, a row for each label, those first that have most to tell.

    A link that carries nothing has no load written on it, so that the others can be read.
    """
    ordered = sorted(
        figures.shares.items(),
        key=lambda item: (-item[1].gb if "traffic" in labels else 0, -item[1].cost, item[0]),
    )
    found = {}
    for line, share in ordered:
        rows = [_link_cost(share, figures)] if "cost" in labels else []
        if "traffic" in labels and (share.gb or share.mbps):
            peak = f", {_amount(share.mbps)} Mbps" if share.mbps and not figures.bundled else ""
            rows.append(f"{_amount(share.gb)} GB{peak}")
        if rows:
            found[line] = "\n".join(rows)
    return found


def _link_cost(share: LinkShare, figures: LinkFigures) -> str:
    """Return what a link costs; what its traffic would cost is unknown without demands."""
    if figures.silent and share.complete and not share.cost:
        return "no fixed cost"
    return _cost(share, figures.currency)


def _cost(share: LinkShare, currency: str) -> str:
    if not share.complete and not share.cost:
        return "cost unknown"
    least = "" if share.complete else "≥ "
    return f"{least}{_amount(share.cost)} {currency}"


def _amount(value: Fraction) -> str:
    """Return a number as a label has it: from 100 on whole, below it with cents where it has any.

    Never 0 for what is more than that.
    """
    if 0 < value < Fraction(1, 200):
        return "<0.01"
    text = f"{float(value):,.0f}" if value >= _WHOLE_FROM else f"{float(value):,.2f}"
    return text.removesuffix(".00")


def notes_of(figures: LinkFigures, labels: Collection[LinkLabel]) -> tuple[str, ...]:
    """Return what a reader must know of the texts on the lines."""
    notes = []
    if "cost" in labels:
        rest = _cost(figures.rest, figures.currency)
        notes.append(
            f"{figures.currency}: what links cost in a month, at both ends. What belongs to no "
            f"link (gateways, machines, filters, work): {rest}."
        )
        if figures.inside.cost or not figures.inside.complete:
            notes.append(f"Links inside boxes: {_cost(figures.inside, figures.currency)}.")
    if "traffic" in labels:
        if figures.silent:
            notes.append("The fleet file has no demands, so the load of links is unknown.")
        else:
            peak = "" if figures.bundled else "; Mbps: the peak of the busier way"
            notes.append(
                f"GB: what is carried in a month, both ways together{peak}. A line that carries "
                "nothing has none."
            )
    if "cost" in labels and figures.silent:
        notes.append("Costs are without traffic: the fleet file has no demands.")
    return tuple(notes)
