"""What one row of a register says.

1. Its prefixes: one cell may hold several, or a range; a whole number in the column of a role is
   a count.
2. Its role is its column's, else the role column's, else that of words in its name.
3. Its cluster is the cluster column's. Else it may be the one word that is left of the name once
   the words for roles are taken away ("prod-use1 pods", "prod-use1-pod-cidr"); whether there is
   such a cluster is for ``_merge`` to say, which sees all sources.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence

from k8s6plan.fleet.importers._columns import (
    NOTHING,
    Columns,
    columns_of,
    is_free,
    is_retired,
    named_in,
    provider_of,
    role_of,
    speaks_of_kubernetes,
)
from k8s6plan.fleet.importers._found import (
    Findings,
    Kind,
    RowFound,
    Source,
    Value,
    count,
    not_a_network,
    plain,
    prefix_of,
    prefixes_of_range,
)
from k8s6plan.fleet.model import Prefix, Role

# Prefixes of this status hold other prefixes of the register; they are in use by nobody else.
_CONTAINER = "container"


def read_rows(
    header: Sequence[str],
    records: Iterable[tuple[int, str, Sequence[str]]],
    source: Source,
    found: Findings,
    *,
    heading: str = "",
    line: int = 0,
) -> None:
    """Put the rows of one table into ``found``.

    ``records``: (line, where in words, cells). ``heading``: what stands above the table; it may
    name the cluster. ``line``: the header's.
    """
    records = list(records)
    columns = columns_of(header, [cells for _, _, cells in records])
    retired = is_retired(heading, *header)
    if columns.unused:
        shown = ", ".join(columns.unused[:20])
        found.tell("note", source, f"columns not used: {shown}", line)
    for at, where, cells in records:
        clean = ["" if cell.strip().lower() in NOTHING else cell.strip() for cell in cells]
        if any(clean):
            _Row(columns, clean, at, where, source, found, heading, retired=retired).read()


class _Row:
    """Reads one row."""

    def __init__(
        self,
        columns: Columns,
        cells: list[str],
        line: int,
        where: str,
        source: Source,
        found: Findings,
        heading: str,
        *,
        retired: bool = False,
    ) -> None:
        self.columns, self.cells, self.line, self.where = columns, cells, line, where
        self.source, self.found, self.heading = source, found, heading
        self.retired = retired
        self.fields: dict[str, Value] = {}

    def read(self) -> None:
        """Put what the row says into the findings."""
        held = [
            (prefix, role)
            for index, role in self.columns.prefixes
            if index < len(self.cells)
            for prefix in self._prefixes(self.cells[index], role)
        ]
        if any(self.cells[self.columns.width :]):
            self._tell("note", "more cells than the header has columns; those are not read")
        self._read_fields()
        if not held and not self.fields.keys() & {"nodes", "pods_per_node", "services"}:
            if not any(self._cell(index) for index, _ in self.columns.prefixes):
                self._tell("unread", f'no prefix ("{plain(" ".join(self.cells), 60)}")')
            return
        if self._first("status").lower() == _CONTAINER:
            shown = ", ".join(str(prefix) for prefix, _ in held)
            self._tell("unread", f"{shown} is a container of other prefixes; not excluded")
            return
        if held and is_free(*(self._first(m) for m in ("cluster", "name", "status", "text"))):
            shown = ", ".join(str(prefix) for prefix, _ in held)
            self._tell("note", f"{shown} is free, so it is not excluded; it can be a pool")
            return
        for prefix, role in held:
            self._put(prefix, role)
        if not held:
            self._put(None, None)

    def _tell(self, kind: Kind, message: str) -> None:
        where = f"{self.where}: " if self.where else ""
        self.found.tell(kind, self.source, where + message, self.line)

    def _cell(self, index: int) -> str:
        return self.cells[index] if index < len(self.cells) else ""

    def _first(self, *meanings: str) -> str:
        for meaning in meanings:
            for index in self.columns.others.get(meaning, ()):
                if self._cell(index):
                    return self._cell(index)
        return ""

    def _prefixes(self, cell: str, role: Role | None) -> list[Prefix]:
        """Return the prefixes in one cell; of a role's column also take a count."""
        if role in ("nodes", "services") and re.fullmatch("[0-9]+", cell):
            number = count(cell, role)
            if number is None:
                self._tell("unread", f'"{plain(cell)}" is no number of {role}')
            else:
                self.fields[role] = number
            return []
        mask = self._first("mask").lstrip("/")
        result, left = [], []
        for token in filter(None, (t.strip("()[]{}<>`'\"*|·•") for t in _tokens(cell))):
            parsed = prefix_of(token if "/" in token or not mask else f"{token}/{mask}")
            if parsed is not None:
                result.append(parsed[0])
                if parsed[1]:
                    self._tell("refused", not_a_network(token, parsed[0]))
            elif (listed := prefixes_of_range(token)) is not None:
                result += listed
                self._tell("note", f'"{plain(token)}" is written as {_listed(listed)}')
            elif re.search(r"\d\.\d|::|:.*:|\d/\d", token) or not result:
                left.append(token)
            elif token.lower() not in {"and", "+", "&", "ipv4", "ipv6"}:
                self._tell("note", f'"{plain(token)}" beside {result[-1]} is not read')
        if left:
            self._tell("unread", f'"{plain(" ".join(left))}" is no prefix')
        return result

    def _read_fields(self) -> None:
        for meaning, what in (("count nodes", "nodes"), ("count pods_per_node", "pods_per_node")):
            text = self._first(meaning)
            number = count(text, what)
            if number is not None:
                self.fields[what] = number
            elif text:
                self._tell("unread", f'"{plain(text)}" is no number for {what}')
        provider = self._first("provider")
        known = provider_of(provider) or provider_of(self._first("tenant"))
        if known or provider:
            self.fields["provider"] = known or provider
        for meaning in ("region", "site"):
            if self._first(meaning):
                self.fields[meaning] = self._first(meaning)

    def _put(self, prefix: Prefix | None, column_role: Role | None) -> None:
        text = self._first("name", "text")
        role = column_role or role_of(self._first("role")) or role_of(self._first("text"))
        role = role or role_of(self._first("name"))
        cluster = self._first("cluster")
        sure = bool(cluster)
        if not cluster:
            cluster = named_in(self._first("name")) or named_in(self._first("text")) or ""
            # A table with columns for roles has one row a cluster.
            sure = bool(cluster) and (column_role is not None or prefix is None)
        if self.retired:
            cluster, sure = "", False
        elif not cluster and re.fullmatch(r"[a-z0-9]+(-[a-z0-9]+)+", self.heading):
            cluster = self.heading
        kubernetes = speaks_of_kubernetes(f"{self._first('role')} {text}")
        name = text or " ".join(filter(None, (self._first("role"), self._first("site"))))
        if self._first("cluster") and self._first("cluster") not in name:
            name = f"{self._first('cluster')} {name}".strip()
        if self._first("vrf").lower() not in ("", "global"):
            name = f"{name} (VRF {self._first('vrf')})".strip()
        name = plain(name) or plain(f"{self.source.file}, {self.where or f'line {self.line}'}")
        self.found.rows.append(
            RowFound(
                self.source.file,
                self.line,
                prefix,
                name,
                cluster or None,
                role,
                sure or (bool(cluster) and role is not None and kubernetes),
                self.fields,
            )
        )


_DASH = re.compile(r"(?<=[0-9a-fA-F:])\s*[-\u2013]\s*(?=[0-9a-fA-F:]+[.:])")


def _tokens(cell: str) -> list[str]:
    """Return the words of a cell; the two ends of a range are one word."""
    return re.split(r"[\s,;]+", _DASH.sub("-", cell))


def _listed(prefixes: Sequence[Prefix]) -> str:
    more = f" and {len(prefixes) - 4} more" if len(prefixes) > 4 else ""
    return ", ".join(map(str, prefixes[:4])) + more
