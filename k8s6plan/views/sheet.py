"""The decision sheet as text: terminal table, Markdown, CSV."""

from __future__ import annotations

import io
import sys
from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING, TextIO

from k8s6plan.decision.metrics import Measure
from k8s6plan.views.tables import csv_of
from k8s6plan.views.words import cell, in_markdown, markdown_heading, notes, title, traffic

if TYPE_CHECKING:
    from rich.console import Console, RenderableType

    from k8s6plan.decision.compare import Comparison

_MARK = " *"
_WIDEST_TEXT = 160  # in longer lines the eye loses its way
_LEGEND = "* best of its row   ≥ at least: unknown prices are left out"


def terminal(comparison: Comparison) -> str:
    """Return the sheet for stdout: as wide as the terminal, coloured only there."""
    from rich.console import Console

    text = io.StringIO()
    wide = Console(file=sys.stdout)  # only asked what it is; nothing is printed here
    _print(
        comparison,
        Console(file=text, width=wide.width, force_terminal=wide.is_terminal, highlight=False),
    )
    return text.getvalue() if wide.is_terminal else _trimmed(text.getvalue())


def plain(comparison: Comparison, width: int = 100) -> str:
    """Return the sheet as text without colours, for a file."""
    from rich.console import Console

    text = io.StringIO()
    _print(comparison, Console(file=text, width=width, highlight=False, color_system=None))
    return _trimmed(text.getvalue())


def width_of(stream: TextIO) -> int:
    """Return the width of what ``stream`` leads to."""
    from rich.console import Console

    return Console(file=stream).width


def _trimmed(text: str) -> str:
    return "\n".join(line.rstrip() for line in text.split("\n"))


def _print(comparison: Comparison, console: Console) -> None:
    console.print(title(comparison.outline), style="bold", markup=False)
    for line in traffic(comparison.outline):
        console.print(line, highlight=False)
    for designs in _columns(comparison, console.width):
        console.print(_table(comparison, designs))
    console.print(_LEGEND, style="dim")
    for text in notes(comparison):
        _paragraph(console, "- ", text)
    console.print()
    for sentence in comparison.advice:
        _paragraph(console, "", sentence)


def _paragraph(console: Console, bullet: str, text: str) -> None:
    from textwrap import wrap

    width = min(console.width, _WIDEST_TEXT)
    lines = wrap(text, width, initial_indent=bullet, subsequent_indent="  ", break_on_hyphens=False)
    # Wrapped already and without any style: there is nothing left for rich to do.
    console.file.write("\n".join(lines) + "\n")


def _columns(comparison: Comparison, width: int) -> Iterator[list[str]]:
    """Yield the designs that fit side by side; more tables where the terminal is narrow."""
    titles = max(len(comparison.title(metric)) for metric in comparison.told.values()) + 1
    row: list[str] = []
    used = titles
    for name in comparison.table:
        needed = 1 + max(len(name), *(len(cell(m)) + 2 for m in comparison.table[name].values()))
        if row and used + needed > width:
            yield row
            row, used = [], titles
        row.append(name)
        used += needed
    if row:
        yield row


def _table(comparison: Comparison, designs: list[str]) -> RenderableType:
    from rich import box
    from rich.table import Table
    from rich.text import Text

    table = Table(box=box.SIMPLE_HEAD, padding=0, pad_edge=False, show_edge=False)
    table.add_column("", no_wrap=True)
    for name in designs:
        table.add_column(name, justify="right", no_wrap=True)
    group = ""  # cells are Text, in which rich looks for no markup
    for key, metric in comparison.told.items():
        if metric.group != group:
            group = metric.group
            table.add_row(Text(group, "dim"))
        cells = []
        for name in designs:
            best = name in comparison.best[key]
            text = cell(comparison.table[name][key])
            said = Text(text + _MARK, "bold green") if best else Text(text + " " * len(_MARK))
            cells.append(said)
        table.add_row(Text(f" {comparison.title(metric)}"), *cells)
    return table


def markdown(comparison: Comparison, mark: str) -> str:
    """Return the sheet as a Markdown document."""
    lines = [
        f"<!-- {mark} -->",
        *markdown_heading(comparison.outline),
        *markdown_table(comparison, comparison.told),
        "",
        "Bold: best of its row.",
        "",
    ]
    lines += [f"- {in_markdown(note)}" for note in notes(comparison)]
    lines += [""] + [f"{in_markdown(sentence)}\n" for sentence in comparison.advice]
    return "\n".join(lines).rstrip() + "\n"


def markdown_table(comparison: Comparison, keys: Iterable[str]) -> Iterator[str]:
    """Yield the rows of these metrics, where a reader is shown them; the best are bold."""
    names = list(comparison.table)
    yield "| | " + " | ".join(names) + " |"
    yield "|---|" + "---:|" * len(names)
    for key in keys:
        if key not in comparison.told:
            continue
        cells = []
        for name in names:
            text = in_markdown(cell(comparison.table[name][key]))
            cells.append(f"**{text}**" if name in comparison.best[key] else text)
        yield f"| {comparison.title(comparison.told[key])} | " + " | ".join(cells) + " |"


def csv_text(comparison: Comparison, mark: str) -> str:
    """Return the sheet as CSV: one row a metric; the last row names the program."""
    names = list(comparison.table)
    rows = []
    for key, metric in comparison.rows.items():
        measures = [comparison.table[name][key] for name in names]
        values = ["" if m.value is None else _raw(m) for m in measures]
        rows.append([key, metric.title, measures[0].unit, *values])
    return csv_of(["metric", "title", "unit", *names], rows, mark)


def _raw(measure: Measure) -> str:
    value = measure.value
    return str(value).lower() if isinstance(value, bool) else str(value)
