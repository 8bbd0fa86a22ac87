"""The way in from Python: what ``import k8s6plan`` offers to a notebook or a script.

    fleet = load("fleet.yaml")
    compare(fleet) -> DecisionSheet    plan(fleet) -> AddressPlan
    draw(fleet, "full-mesh") -> Drawing    report(fleet) -> ReviewReport

Each result holds the typed records that the command of the same name prints, and gives them as
``rows()``, plain dicts, and as ``to_frame()``, a pandas DataFrame, where pandas is installed.
"""

from __future__ import annotations

import warnings
from abc import ABC, abstractmethod
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from k8s6plan.addressing.plan import Changes, make_plan
from k8s6plan.addressing.plan_file import Plan, from_yaml, to_yaml
from k8s6plan.decision import compare as comparing
from k8s6plan.decision.explain import entries, metric_named
from k8s6plan.decision.metrics import METRICS, Measure, Value
from k8s6plan.decision.terms import Terms, terms_of
from k8s6plan.errors import Fault, K8s6planError, K8s6planWarning, UnknownName, did_you_mean
from k8s6plan.fleet import file as fleet_file
from k8s6plan.fleet.model import Fleet
from k8s6plan.io.documents import MAX_PLAN_BYTES, read_text
from k8s6plan.io.marks import mark
from k8s6plan.views import report as reporting
from k8s6plan.views import sheet
from k8s6plan.views.as_json import Json, as_json, document, pick
from k8s6plan.views.diagram import Collapse, ThemeName, Told, View
from k8s6plan.views.diagram import draw as draw_topology

if TYPE_CHECKING:
    from pandas import DataFrame

    from k8s6plan.decision.compare import Comparison
    from k8s6plan.views.report import Report

Row = dict[str, Json]

# What `import k8s6plan` offers, besides its version.
__all__ = [
    "AddressPlan",
    "DecisionSheet",
    "Drawing",
    "Fleet",
    "K8s6planError",
    "K8s6planWarning",
    "ReviewReport",
    "compare",
    "draw",
    "load",
    "plan",
    "report",
]


_LINE = "part item title where quantity unit unit_price cost currency source as_of confidence note"


class Tabular(ABC):
    """A result that is a table."""

    @abstractmethod
    def rows(self) -> list[Row]:
        """Return the rows as plain dicts, all with the same keys; None is unknown."""

    def to_frame(self) -> DataFrame:
        """Return the rows as a pandas DataFrame.

        Raises:
            ImportError: pandas is not installed.

        """
        try:
            from pandas import DataFrame
        except ImportError:
            message = "to_frame() needs pandas: install it, or take rows(), which are plain dicts"
            raise ImportError(message) from None
        return DataFrame(self.rows())


@dataclass(frozen=True)
class CostLines(Tabular):
    """The lines behind one metric, those of every design, each with its source."""

    metric: str
    lines: tuple[Row, ...]

    def rows(self) -> list[Row]:
        """Return a row for each line: its design, and what ``--explain`` prints of it."""
        return list(self.lines)


@dataclass(frozen=True, repr=False)
class DecisionSheet(Tabular):
    """The designs of a fleet side by side; ``comparison`` holds everything that is known of them.

    It shows itself as the command line does, in a notebook as Markdown.
    """

    comparison: Comparison

    @property
    def designs(self) -> tuple[str, ...]:
        """The designs that are compared, by name."""
        return tuple(self.comparison.table)

    @property
    def metrics(self) -> tuple[str, ...]:
        """The metrics that each design has, by key."""
        return tuple(self.comparison.rows)

    @property
    def advice(self) -> tuple[str, ...]:
        """The sentences under the sheet."""
        return self.comparison.advice

    def measure(self, design: str, metric: str) -> Measure:
        """Return a figure with its unit and note.

        Raises:
            UnknownName: there is no such design or metric here.

        """
        column = self.comparison.table.get(design)
        if column is None:
            raise UnknownName(f'no design "{design}" here' + did_you_mean(design, self.designs))
        if metric not in column:
            raise UnknownName(f'no metric "{metric}" here' + did_you_mean(metric, self.metrics))
        return column[metric]

    def value(self, design: str, metric: str) -> Value:
        """Return a figure alone; None is unknown. Money is a Decimal."""
        return self.measure(design, metric).value

    def lines(self, metric: str = "cost") -> CostLines:
        """Return the lines behind a metric, each with quantity, price and source.

        Raises:
            UnknownName: there is no such metric.

        """
        found = metric_named(metric)
        if found is None:
            raise UnknownName(f'no metric "{metric}"' + did_you_mean(metric, list(METRICS)))
        rows = [
            {"design": name, **pick(entry, _LINE)}
            for name, case in self.comparison.cases.items()
            for entry in entries(case, found)
        ]
        return CostLines(found.key, tuple(rows))

    def rows(self) -> list[Row]:
        """Return a row for each design: its name, and the value of every metric."""
        return [
            {"design": name, **{key: as_json(measure.value) for key, measure in column.items()}}
            for name, column in self.comparison.table.items()
        ]

    def to_json(self) -> dict[str, Any]:
        """Return what ``compare --format json`` prints."""
        return document(self.comparison, "compare")

    def __repr__(self) -> str:
        return sheet.plain(self.comparison)

    def _repr_markdown_(self) -> str:
        return sheet.markdown(self.comparison, mark("compare"))


@dataclass(frozen=True)
class AddressPlan(Tabular):
    """The addressing plan of a fleet, and what a run changed in the plan that was there."""

    fleet: Fleet = field(repr=False)
    plan: Plan = field(repr=False)
    changes: Changes

    def rows(self) -> list[Row]:
        """Return a row for each prefix of each cluster; a prefix of None is not known yet."""
        found = reporting.addresses_of(self.fleet, self.plan).held
        return [pick(row, "cluster site role family prefix state note") for row in found]

    def to_yaml(self) -> str:
        """Return the plan file, which ``k8s6plan plan -o`` takes for its own."""
        return to_yaml(self.plan, mark("plan"))


@dataclass(frozen=True)
class Drawing:
    """A picture: the bytes of a file in the format ``fmt``. A notebook shows an SVG and a PNG."""

    content: bytes = field(repr=False)
    fmt: str

    def _repr_svg_(self) -> str | None:
        return self.content.decode() if self.fmt == "svg" else None

    def _repr_png_(self) -> bytes | None:
        return self.content if self.fmt == "png" else None


@dataclass(frozen=True)
class ReviewReport:
    """All that a review asks of a fleet; ``report`` holds the records."""

    report: Report = field(repr=False)

    def to_html(self) -> str:
        """Return the page that asks no network for anything."""
        return reporting.page(self.report, mark("report"))

    def to_markdown(self) -> str:
        """Return the short form, for a pull request."""
        return reporting.markdown(self.report, mark("report"))

    def to_json(self) -> dict[str, Any]:
        """Return what ``report -o report.json`` writes."""
        return reporting.to_json(self.report)


def load(path: str | Path) -> Fleet:
    """Return the fleet that a fleet file describes.

    What is to be known and is no fault, such as a provider that no table knows, is warned of, each
    as one `K8s6planWarning`.

    Raises:
        FileRefused: the file cannot be read.
        InvalidFleet: with all its faults.

    """
    remarks: list[Fault] = []
    fleet = fleet_file.load(Path(path), remarks.append)
    for remark in remarks:
        warnings.warn(str(remark), K8s6planWarning, stacklevel=2)
    return fleet


def _terms(fleet: Fleet, prices: str | Path | None = None) -> Terms:
    """Return what designs of ``fleet`` are held against."""
    return terms_of(fleet, None if prices is None else fleet_file.load_book(Path(prices)))


def compare(
    fleet: Fleet,
    designs: Sequence[str] = (),
    *,
    full: bool = False,
    prices: str | Path | None = None,
) -> DecisionSheet:
    """Compare designs for ``fleet``: all, where none is named.

    Args:
        fleet: as ``load`` returns it.
        designs: their names.
        full: with failures, latency and MTU, which take a moment.
        prices: the file of a price book of your own, laid over the one that ships.

    Raises:
        UnknownName: a design that does not exist.

    """
    terms = _terms(fleet, prices)
    return DecisionSheet(comparing.compare(terms.start, tuple(designs), terms, full=full))


def plan(fleet: Fleet, old: str | Path | None = None) -> AddressPlan:
    """Make the addressing plan of ``fleet``; what the plan file ``old`` has handed out stays.

    Raises:
        Overlap: pinned prefixes overlap.
        InvalidPlan: the old plan is another fleet's, or damaged.

    """
    name = "" if old is None else str(old)
    held = None if old is None else from_yaml(read_text(Path(old), most=MAX_PLAN_BYTES), name)
    return AddressPlan(fleet, *make_plan(fleet, held, old_file=name))


def draw(
    fleet: Fleet,
    designs: str | Sequence[str] = "full-mesh",
    *,
    fmt: str = "svg",
    collapse: Collapse = "auto",
    highlight: str | None = None,
    fail: str | None = None,
    theme: ThemeName = "light",
) -> Drawing:
    """Draw one design of ``fleet``, or several side by side.

    Args:
        fleet: as ``load`` returns it.
        designs: a name, or several.
        fmt: png, svg or pdf; mmd (Mermaid), dot (Graphviz) or json (networkx) for one design.
        collapse: what becomes one box: none, region, provider; auto: by the size of the fleet.
        highlight: a cluster whose links and ways are stressed.
        fail: a cluster, site, region ("aws/us-east-1") or provider that is down.
        theme: light or dark paper.

    Raises:
        UnknownName: no such design, format, cluster or other name.
        K8s6planError: more than one picture can show.

    """
    view = View(collapse=collapse, highlight=highlight, fail=fail, theme=theme)
    told = Told(terms=_terms(fleet))
    content = draw_topology(fleet, designs, fmt=fmt, view=view, told=told, mark=mark("diagram"))
    return Drawing(content, fmt)


def report(fleet: Fleet, designs: Sequence[str] = ()) -> ReviewReport:
    """Gather all that a review asks of ``fleet``; it takes some seconds.

    Raises:
        UnknownName: a design that does not exist.

    """
    terms = _terms(fleet)
    return ReviewReport(reporting.report_of(terms.start, tuple(designs), terms))
