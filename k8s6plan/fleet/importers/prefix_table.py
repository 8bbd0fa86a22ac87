"""Registers of prefixes as CSV (comma, semicolon, tab or bar), and NetBox's export as CSV or JSON.

The header is the first line with a column of prefixes; what stands above it is told. A record may
span lines where a quote is open, but not many: a quote that is never closed costs one line.
"""

from __future__ import annotations

import csv
import re
from collections.abc import Iterator
from typing import Any

from k8s6plan.fleet.importers._columns import Columns, columns_of
from k8s6plan.fleet.importers._documents import is_json, parts
from k8s6plan.fleet.importers._found import Findings, Source, dig, lines_of, plain, text_at
from k8s6plan.fleet.importers._rows import read_rows

TITLE = "prefix table"
TITLE_NETBOX = "NetBox prefixes"

_DELIMITERS = ",;\t|"
_HEADER_WITHIN = 30  # lines
_MOST_LINES = 50  # of one record
# A line of YAML, or of a file of variables: such files are never tables.
_SETTING = re.compile(r"""\s*(?:- )?["']?[\w.-]+["']?(?::(?:\s|$)|\s*=\s)""")
# The columns that NetBox's JSON is read into, and where each lies.
_NETBOX = (
    ("prefix", (("prefix",), ("display",))),
    ("cluster", (("custom_fields", "cluster", "name"), ("custom_fields", "cluster"))),
    ("role", (("role", "slug"), ("role", "name"), ("role",))),
    ("description", (("description",),)),
    ("tenant", (("tenant", "slug"), ("tenant", "name"), ("tenant",))),
    ("vrf", (("vrf", "name"), ("vrf",))),
    ("status", (("status", "value"), ("status",))),
)


def recognises(text: str) -> bool:
    """Say whether ``text`` looks like a table with a column of prefixes."""
    return not is_json(text) and _header(lines_of(text)) is not None


def recognises_netbox(text: str) -> bool:
    """Say whether ``text`` looks like prefixes out of NetBox."""
    if is_json(text):
        return '"prefix"' in text
    header = _header(lines_of(text))
    return header is not None and {"vrf", "status"} <= header[2].others.keys()


def read(source: Source) -> Findings:
    """Return the rows of ``source``."""
    found = Findings()
    if is_json(source.text):
        _read_json(source, found)
        return found
    lines = lines_of(source.text)
    header = _header(lines)
    if header is None:
        message = "no header with a column of prefixes (such as prefix, cidr, network or subnet)"
        found.tell("unread", source, message, 1)
        return found
    at, delimiter, _ = header
    for number, line in enumerate(lines[:at], 1):
        if line.strip(" \t,;|") and not line.startswith("#"):
            message = f'above the header, not read: "{plain(line, 60)}"'
            found.tell("note", source, message, number)
    titles = next(csv.reader([lines[at]], delimiter=delimiter))
    records = _records(lines, at + 1, delimiter, source, found)
    read_rows(titles, records, source, found, line=at + 1)
    return found


def _header(lines: list[str]) -> tuple[int, str, Columns] | None:
    """Return (index of the header's line, delimiter, columns) by the most columns known."""
    for index, line in enumerate(lines[:_HEADER_WITHIN]):
        if _SETTING.match(line):
            continue
        best: tuple[int, str, Columns] | None = None
        most = 0
        for delimiter in _DELIMITERS:
            try:
                titles = next(csv.reader([line], delimiter=delimiter), [])
            except csv.Error:
                continue
            columns = columns_of(titles)
            known = len(columns.prefixes) + len(columns.others)
            if columns.prefixes and known > most:
                best, most = (index, delimiter, columns), known
        if best is not None:
            return best
    return None


def _records(
    lines: list[str], start: int, delimiter: str, source: Source, found: Findings
) -> Iterator[tuple[int, str, list[str]]]:
    at = start
    while at < len(lines):
        ahead = (f"{line}\n" for line in lines[at : at + _MOST_LINES])
        reader = csv.reader(ahead, delimiter=delimiter, strict=True, skipinitialspace=True)
        try:
            cells = next(reader, [])
            taken = max(reader.line_num, 1)
        except csv.Error:
            message = "a quote is not closed, or not doubled inside quotes; read without quotes"
            found.tell("note", source, message, at + 1)
            cells, taken = lines[at].replace('"', "").split(delimiter), 1
        if not (cells and cells[0].startswith("#")):
            yield at + 1, "", cells
        at += taken


def _read_json(source: Source, found: Findings) -> None:
    for part in parts(source, found):
        results = part.data if isinstance(part.data, list) else dig(part.data, "results")
        if not isinstance(results, list):
            found.tell("unread", source, "JSON without a list of results")
            continue
        total = dig(part.data, "count")
        if dig(part.data, "next") or (isinstance(total, int) and total > len(results)):
            message = f"one page only, {len(results)} of {plain(str(total))}; ask with ?limit=0"
            found.tell("unread", source, message)
        records = []
        for index, item in enumerate(results):
            if isinstance(item, dict):
                records.append((0, f"results[{index}]", _cells(item)))
            else:
                found.tell("unread", source, f"results[{index}]: not a prefix of NetBox")
        titles = [*(title for title, _ in _NETBOX), "site", "region"]
        read_rows(titles, records, source, found)


def _cells(item: dict[str, Any]) -> list[str]:
    """Return what NetBox says of one prefix, in the order of the columns."""
    cells = [
        next(filter(None, (text_at(item, *path) for path in places)), "") for _, places in _NETBOX
    ]
    # Up to 4.1 a prefix has a site; since then a scope, which may be a region or something else.
    scope = text_at(item, "scope", "slug") or text_at(item, "scope", "name")
    kind = text_at(item, "scope_type")
    site = text_at(item, "site", "slug") or text_at(item, "site", "name") or text_at(item, "site")
    if kind in ("dcim.site", "dcim.location") and not site:
        site = scope
    return [*cells, site, scope if kind == "dcim.region" else ""]
