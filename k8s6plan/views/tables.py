"""Tables for other programs: of plain text by rich, as wide as they need to be, and CSV."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterable, Sequence
from typing import Literal, NamedTuple

# Wider than any table: a row is one line, which a terminal may wrap and `grep` may find.
_ENDLESS = 1_000_000
# A spreadsheet takes a cell that begins so for a formula, unless it is a number.
_FORMULA = re.compile(r"[=+\-@\t\r](?![\d.,]*\Z)")


class Column(NamedTuple):
    """The title of a column, its least width in characters, and on which side its cells stand."""

    title: str
    width: int = 0
    right: bool = False


def rows_of(
    columns: Sequence[Column], rows: Iterable[Sequence[str]], *, gap: int = 1, indent: int = 0
) -> list[str]:
    """Return the lines of a table, its titles first; ``gap`` spaces lie between columns."""
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    table = Table(box=None, padding=(0, gap, 0, 0), pad_edge=False, header_style="")
    for title, width, right in columns:
        side: Literal["left", "right"] = "right" if right else "left"
        table.add_column(Text(title), min_width=width, justify=side, no_wrap=True)
    for row in rows:
        table.add_row(*map(Text, row))
    text = io.StringIO()
    Console(file=text, width=_ENDLESS, color_system=None).print(table)
    return [" " * indent + line.rstrip() for line in text.getvalue().splitlines()]


def csv_of(titles: Sequence[str], rows: Iterable[Sequence[object]], mark: str) -> str:
    """Return a table as CSV; its last row names the program.

    What a spreadsheet would take for a formula begins with an apostrophe: names are the user's.
    """
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(titles)
    for row in rows:
        writer.writerow([f"'{cell}" if _FORMULA.match(str(cell)) else cell for cell in row])
    writer.writerow(["written_by", mark, *[""] * (len(titles) - 2)])
    return text.getvalue()


def facts(rows: Iterable[tuple[str, str]], width: int) -> list[str]:
    """Return words with what they stand for, a line each, the latter from column ``width`` on."""
    return [
        f"{word:<{width}}{text}" if len(word) < width else f"{word}  {text}" for word, text in rows
    ]
