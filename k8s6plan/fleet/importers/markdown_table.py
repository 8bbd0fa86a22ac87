"""Markdown tables of prefixes, several in one file.

A table is a header line, a line of dashes, and rows, as GitHub draws it. Backticks, emphasis and
links are taken off the cells. A heading above a table may name the cluster.
"""

from __future__ import annotations

import html
import re
from collections.abc import Sequence

from k8s6plan.fleet.importers._columns import columns_of
from k8s6plan.fleet.importers._found import Findings, Source, lines_of, plain
from k8s6plan.fleet.importers._rows import read_rows

TITLE = "Markdown table"

_DASHES = re.compile(r":?-+:?")
_HEADING = re.compile(r"^\s{0,3}#{1,6}\s+(\S.*)$")
_FENCE = re.compile(r"^\s{0,3}(```|~~~)")
# Bounded, so that a line of ten million brackets is no trouble.
_LINK = re.compile(r"!?\[([^][]{0,500})\](?:\([^()]{0,2000}\)|\[[^][]{0,500}\])")


def recognises(text: str) -> bool:
    """Say whether ``text`` has a table."""
    lines = lines_of(text)
    return any(_is_table(lines, index) for index in range(len(lines) - 1))


def read(source: Source) -> Findings:
    """Return the rows of all tables of ``source``."""
    found = Findings()
    lines = lines_of(source.text)
    heading, fence, tables, at = "", "", 0, 0
    while at < len(lines):
        opened = _FENCE.match(lines[at])
        title = _HEADING.match(lines[at])
        if opened and (not fence or opened[1] == fence):
            fence = "" if fence else opened[1]
        elif title and not fence:
            heading = _clean(title[1].rstrip().rstrip("#"))
        elif _is_table(lines, at):
            end = at + 2
            while end < len(lines) and "|" in lines[end] and not _FENCE.match(lines[end]):
                end += 1
            tables += 1
            if fence:
                found.tell("unread", source, "a table inside a block of code", at + 1)
            else:
                _read_table(source, lines, (at, end), heading, found)
            at = end
            continue
        at += 1
    if not tables:
        found.tell("unread", source, "no table in it", 1)
    return found


def _is_table(lines: Sequence[str], at: int) -> bool:
    if at + 1 >= len(lines) or "|" not in lines[at] or "|" not in lines[at + 1]:
        return False
    dashes = lines[at + 1].strip().removeprefix("|").removesuffix("|").split("|")
    return all(_DASHES.fullmatch(cell.strip()) for cell in dashes)


def _read_table(
    source: Source, lines: Sequence[str], place: tuple[int, int], heading: str, found: Findings
) -> None:
    start, end = place
    titles = _cells(lines[start])
    records = [(at + 1, "", _cells(lines[at])) for at in range(start + 2, end)]
    if not columns_of(titles, [cells for _, _, cells in records]).prefixes:
        shown = plain(", ".join(titles), 80)
        message = f"a table without a column of prefixes ({shown}), {end - start - 2} rows"
        found.tell("unread", source, message, start + 1)
        return
    read_rows(titles, records, source, found, heading=heading, line=start + 1)


def _cells(line: str) -> list[str]:
    """Return the cells of one line. A bar inside a cell is written with a backslash."""
    text = line.strip().removeprefix("|")
    if text.endswith("|") and not text.endswith("\\|"):
        text = text[:-1]
    return [_clean(cell.replace("\\|", "|")) for cell in re.split(r"(?<!\\)\|", text)]


def _clean(cell: str) -> str:
    """Return the text of a cell without its Markdown."""
    text = re.sub(r"<br\s*/?>", " ", cell, flags=re.IGNORECASE)
    text = _LINK.sub(r"\1", text)
    text = re.sub(r"</?[A-Za-z][^>]{0,80}>", "", text)
    text = re.sub(r"`|\*\*|__|~~", "", html.unescape(text)).replace("\u00a0", " ")
    return re.sub(r"(?<!\w)[*_]|[*_](?!\w)", "", text).strip()
