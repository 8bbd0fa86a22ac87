"""The lines behind a figure, and what changed, as text and as JSON."""

from __future__ import annotations

import sys
from collections.abc import Iterable, Iterator
from textwrap import wrap
from typing import TYPE_CHECKING

from k8s6plan.io.words import amount
from k8s6plan.views.as_json import MEASURE, pick
from k8s6plan.views.tables import csv_of
from k8s6plan.views.words import in_markdown, in_words, sum_of

if TYPE_CHECKING:
    from k8s6plan.decision.baseline import Change, Plain
    from k8s6plan.decision.compare import Comparison
    from k8s6plan.decision.explain import Entry
    from k8s6plan.decision.metrics import Metric

_PARTS = {
    "baseline": "Without traffic",
    "usage": "For traffic",
    "work": "Work",
    "hard": "Exceeds what cannot be raised",
    "quota": "Exceeds a quota that can be raised",
    "no": "Within",
    "count": "",
}


def lines_data(comparison: Comparison, metric: Metric) -> dict[str, object]:
    """Return the measure of each design with the lines behind it, for JSON."""
    from k8s6plan.decision.explain import entries, meaning

    measures = {name: column[metric.key] for name, column in comparison.table.items()}
    return {
        "fleet": comparison.fleet,
        "metric": metric.key,
        "meaning": meaning(metric),
        "designs": {
            name: {**pick(measures[name], MEASURE), "lines": entries(case, metric)}
            for name, case in comparison.cases.items()
        },
    }


def lines_text(comparison: Comparison, metric: Metric) -> str:
    """Return the lines behind ``metric`` as text, as wide as the terminal."""
    from k8s6plan.decision.explain import entries, meaning

    lines = [f"{metric.title}: {meaning(metric)}", ""]
    for name, case in comparison.cases.items():
        measure = comparison.table[name][metric.key]
        found = entries(case, metric)
        value = in_words(measure.value, measure.unit, at_least=measure.at_least)
        lines.append(f"{name}: {measure.shown or value}")
        if measure.note:
            lines += _wrapped(f"  {measure.note}", 2)
        part = None
        for entry in found:
            if entry.part != part:
                part = entry.part
                lines += [f"  {_PARTS[part]}"] if _PARTS.get(part) else []
            lines += _entry(entry)
        lines.append("")
    overridden = comparison.overridden
    if overridden:
        lines += _wrapped(f"Yours: {', '.join(overridden)}", 2)
    return "\n".join(lines).rstrip() + "\n"


def lines_csv(comparison: Comparison, metric: Metric, mark: str) -> str:
    """Return the lines behind ``metric`` as CSV; the last row names the program."""
    from k8s6plan.decision.explain import entries
    from k8s6plan.io.words import plain

    head = ("design", "part", "quantity", "unit", "where", "title", "cost", "currency", "row")
    rows = [
        (
            *(name, entry.part, plain(entry.quantity), entry.unit, entry.where, entry.title),
            *("" if entry.cost is None else plain(entry.cost), entry.currency, entry.item),
            *(entry.note, entry.source, entry.as_of, " ".join(entry.marks)),
        )
        for name, case in comparison.cases.items()
        for entry in entries(case, metric)
    ]
    return csv_of((*head, "note", "source", "as_of", "marks"), rows, mark)


def lines_markdown(comparison: Comparison, metric: Metric, mark: str) -> str:
    """Return the lines behind ``metric`` as a Markdown document, a table a design."""
    from k8s6plan.decision.explain import entries, meaning

    lines = [f"<!-- {mark} -->", f"# {metric.title}", "", in_markdown(meaning(metric)), ""]
    for name, case in comparison.cases.items():
        measure = comparison.table[name][metric.key]
        value = in_words(measure.value, measure.unit, at_least=measure.at_least)
        lines += [f"## {name}: {in_markdown(measure.shown or value)}", ""]
        lines += [in_markdown(measure.note), ""] if measure.note else []
        found = entries(case, metric)
        if found:
            lines += ["| | | what | row | source | as of |", "|---:|---|---|---|---|---|"]
        for entry in found:
            if entry.currency:
                first = "unknown" if entry.cost is None else f"{entry.cost:,.2f}"
                second = entry.currency
            else:
                first, second = amount(entry.quantity), entry.unit
            what = f"{entry.where}: {entry.title}"
            what += f", {sum_of(entry)}" if entry.currency else ""
            cells = (first, second, what, entry.item, entry.source, entry.as_of)
            lines.append(f"| {' | '.join(in_markdown(cell or '') for cell in cells)} |")
        lines.append("")
    return "\n".join(lines).rstrip() + "\n"


def _entry(entry: Entry) -> Iterator[str]:
    """Yield one line behind a figure, and below it where it comes from."""
    if entry.currency:
        cost = "unknown" if entry.cost is None else f"{entry.cost:,.2f}"
        head = f"    {cost:>12}  {entry.where}: {entry.title}, {sum_of(entry)}"
    else:
        head = f"    {amount(entry.quantity):>12} {entry.unit}, {entry.where}: {entry.title}"
    yield from _wrapped(head, 18)
    below = [entry.note, entry.item]
    below += [entry.source, entry.as_of] if entry.source else []
    said = "; ".join(part for part in below if part)
    marks = f" [{', '.join(entry.marks)}]" if entry.marks else ""
    yield from _wrapped(" " * 18 + said + marks, 18)


def row_text(head: str, below: str, marks: Iterable[str]) -> list[str]:
    """Return one row of a table of ours: what it says, and below it where that comes from."""
    said = f" [{', '.join(marks)}]" if marks else ""
    indent = len(head) - len(head.lstrip()) + 4
    return [*_wrapped(head, indent), *_wrapped(" " * indent + below + said, indent)]


def _wrapped(line: str, indent: int) -> list[str]:
    from k8s6plan.views.sheet import width_of

    body = line.lstrip()
    first = line[: len(line) - len(body)]
    width = min(max(60, width_of(sys.stdout)), 140)
    return wrap(
        body,
        width,
        initial_indent=first,
        subsequent_indent=" " * indent,
        break_on_hyphens=False,
        break_long_words=False,
    )


def changes_text(found: Iterable[Change], base: str) -> str:
    """Return what changed since figures were kept, one line a figure."""
    from k8s6plan.decision.metrics import METRICS

    lines = []
    for change in found:
        if change.metric == "design":
            lines.append(f"{change.design}: {'new' if change.before is None else 'gone'}")
            continue
        title = METRICS[change.metric].title.lower()
        least = [
            "at least " if known_in_part else ""
            for known_in_part in (change.before_at_least, change.after_at_least)
        ]
        mark = "  (grew)" if change.grew else ""
        if change.lost:
            mark = "  (grew: not known whole any more)"
        difference = _difference(change)
        lines.append(
            f"{change.design}: {title}: {least[0]}{_shown(change.before)} -> "
            f"{least[1]}{_shown(change.after)}{difference}{mark}"
        )
    return "".join(f"{line}\n" for line in lines) or f"nothing changed since {base}\n"


def changes_csv(found: Iterable[Change], mark: str) -> str:
    """Return what changed since figures were kept as CSV; the last row names the program."""
    rows = [
        (
            *(change.design, change.metric, _bare(change.before), _bare(change.after)),
            *(str(word).lower() for word in (change.before_at_least, change.after_at_least)),
            str(change.grew).lower(),
        )
        for change in found
    ]
    head = ("design", "metric", "before", "after", "before_at_least", "after_at_least", "grew")
    return csv_of(head, rows, mark)


def changes_markdown(found: Iterable[Change], base: str, mark: str) -> str:
    """Return what changed since figures were kept as a Markdown list."""
    said = changes_text(found, base).splitlines()
    return "".join([f"<!-- {mark} -->\n", *(f"- {in_markdown(line)}\n" for line in said)])


def _bare(value: Plain) -> str:
    return "" if value is None else str(value).lower() if isinstance(value, bool) else str(value)


def _difference(change: Change) -> str:
    before, after = change.before, change.after
    if change.before_at_least != change.after_at_least:
        return ""  # of two different sums
    if isinstance(before, bool) or isinstance(after, bool):
        return ""
    if isinstance(before, (int, float)) and isinstance(after, (int, float)):
        return f" ({after - before:+,.10g})"
    return ""


def _shown(value: Plain) -> str:
    if value is None:
        return "unknown"
    if isinstance(value, bool):
        return "yes" if value else "no"
    return f"{value:,.10g}" if isinstance(value, (int, float)) else value
