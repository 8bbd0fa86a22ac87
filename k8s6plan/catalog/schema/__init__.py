"""What the data files may hold, and every fault of a file that holds something else.

The types say it, for mypy as for pydantic: a row has ``source``, ``as_of`` and ``confidence``, a
figure a ``unit`` too, and a key that no type names is refused. A number is a number; money and
shares of time are decimals in quotes, since YAML would make floats of them.

The types are dicts. A file whose check is known to have passed is used as the YAML reader made it,
and nothing of this package is imported then (decision 80).
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterator
from functools import cache
from typing import Any

from pydantic import TypeAdapter, ValidationError
from pydantic_core import ErrorDetails

from k8s6plan.catalog.schema._agreement import disagreements
from k8s6plan.catalog.schema._providers import General, Provider, Software
from k8s6plan.catalog.schema._tables import (
    Assumptions,
    DocumentKinds,
    Encapsulations,
    IcmpTypes,
    Latency,
    Platforms,
    Reachability,
    ReadinessRows,
    Rules,
    SpecialPrefixes,
)
from k8s6plan.catalog.schema._values import Figure, Name
from k8s6plan.errors import Fault, did_you_mean
from k8s6plan.io.documents import Document
from k8s6plan.io.lines import KeyPath
from k8s6plan.io.remarks import Remark, at, cut, real_path, said

# By the path under data/; all others are a provider's.
TYPES: dict[str, Any] = {
    "assumptions.yaml": Assumptions,
    "documents.yaml": DocumentKinds,
    "encapsulations.yaml": Encapsulations,
    "general.yaml": General,
    "icmpv6.yaml": IcmpTypes,
    "ipv6_readiness.yaml": ReadinessRows,
    "latency.yaml": Latency,
    "platforms.yaml": Platforms,
    "reachability.yaml": Reachability,
    "rules.yaml": Rules,
    "software.yaml": dict[Name, Software],
    "special_prefixes.yaml": SpecialPrefixes,
}


@cache
def _checker(file: str) -> TypeAdapter[Any]:
    return TypeAdapter(TYPES.get(file, Provider))


def faults_of(document: Document, data: dict[str, Any]) -> list[Fault]:
    """Return all that is wrong in a data file, each with its line, row and field."""
    try:
        _checker(document.file).validate_python(data)
        remarks = list(disagreements(document.file, data))
    except ValidationError as error:
        remarks = list(_remarks(error, data))
    return [_fault(document, remark) for remark in remarks]


def _remarks(error: ValidationError, data: dict[str, Any]) -> Iterator[Remark]:
    found: dict[KeyPath, list[ErrorDetails]] = defaultdict(list)
    for detail in error.errors(include_url=False):
        found[real_path(detail["loc"], detail["type"], data)].append(detail)
    missing = {path for path, (detail, *_) in found.items() if detail["type"] == "missing"}
    unknown = {path for path, (detail, *_) in found.items() if detail["type"] == "extra_forbidden"}
    for path in sorted(unknown, key=str):
        # A key that is misspelt is one fault, not a key too many and one that is missing.
        near = did_you_mean(str(path[-1]), [str(p[-1]) for p in missing if p[:-1] == path[:-1]])
        if near.startswith("; did"):
            missing.discard((*path[:-1], near.split('"')[1]))
        else:
            near = "; mend its name, or remove it"
        yield Remark(path, f'unknown field "{cut(path[-1])}"{near}', of_holder=True)
    for path in sorted(missing, key=str):
        yield Remark(path, f'"{path[-1]}" is missing', of_holder=True)
    for path, details in found.items():
        if details[0]["loc"][-1] == "[key]":
            yield Remark(path, f"a name here {said(details, path[-1])}", of_holder=True)
        elif details[0]["type"] not in ("missing", "extra_forbidden"):
            yield Remark(path, said(details, at(data, path)))


def _fault(document: Document, remark: Remark) -> Fault:
    place = remark.path[:-1] if remark.of_holder else remark.path
    where = ""
    for step in place:
        where += f"[{step + 1}]" if isinstance(step, int) else f".{step}" if where else str(step)
    return document.fault(remark.path, f"{where}: {remark.message}" if where else remark.message)


def matrix_faults(file: str, columns: list[str], rows: list[list[str]]) -> list[Fault]:
    """Return all that is wrong in a CSV file of times between places, from row to column."""
    faults = []
    if len(set(columns)) < len(columns):
        faults.append(Fault(file, 1, "names a column twice; keep one"))
    for line, row in enumerate(rows, 2):
        name, *cells = row or [""]
        if name not in columns:
            faults.append(
                Fault(file, line, f'"{cut(name)}" is no column{did_you_mean(name, columns)}')
            )
        if len(cells) != len(columns):
            faults.append(Fault(file, line, f"has {len(cells)} cells for {len(columns)} columns"))
        for column, cell in zip(columns, cells, strict=False):
            if cell and not re.fullmatch(r"\d+(\.\d+)?", cell):
                wanted = f'must be a number of milliseconds, or empty, got "{cut(cell)}"'
                faults.append(Fault(file, line, f"{name}, {column}: {wanted}"))
    return faults


__all__ = ["TYPES", "Figure", "faults_of", "matrix_faults"]
