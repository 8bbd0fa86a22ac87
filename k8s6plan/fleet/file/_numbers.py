"""Labels that YAML reads as a number, which is then written otherwise: `1.10` as 1.1, `010` as 10.

The label would be another one, without a word. One that comes out as it was typed is kept.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

from k8s6plan.io.documents import Document
from k8s6plan.io.lines import KeyPath
from k8s6plan.io.remarks import Remark, at

# A number that may not come out as it was typed. Most files hold none, and no node is made.
_OTHERWISE = re.compile(
    r"(?<![\w.\"'+-])(?:[+.]\d|-?(?:0\w|\d+\.(?!\d)|\d+\.\d*0(?!\d)|[\d.]+[eE]|\d{17}))"
)


def changed_numbers(document: Document, data: Mapping[str, Any]) -> Iterator[Remark]:
    """Yield each label, of a cluster or of a demand's end, that is not what was typed."""
    if not _OTHERWISE.search(document.text):
        return
    for path in _labels(data):
        for key, value in at(data, path).items():
            number = isinstance(value, int | float) and not isinstance(value, bool)
            typed = document.scalar_at((*path, key)) if number else None
            if typed is not None and typed != str(value):
                message = f"{typed} is read as the number {value}; put it in quotes"
                yield Remark((*path, key), f'{message}: "{typed}"')


def _labels(data: Mapping[str, Any]) -> Iterator[KeyPath]:
    """Yield where labels stand."""
    paths: list[KeyPath] = [("defaults", "labels")]
    for part, fields in (("clusters", ("labels",)), ("demands", ("from", "to"))):
        rows = data.get(part)
        if isinstance(rows, list):
            paths += [(part, number, field) for number in range(len(rows)) for field in fields]
    for path in paths:
        if isinstance(at(data, path), dict):
            yield path
