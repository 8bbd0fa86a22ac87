"""Reading the files of ``data/``: each whole, when it is first asked for, and once.

A file is held against its schema, unless ``data/SHA256SUMS`` names it with the very bytes that it
has: those have passed, when the tests wrote the list. So what ships costs no check, and what
somebody has changed or added is checked in every run (decision 80).
"""

from __future__ import annotations

import csv
from functools import cache
from hashlib import sha256
from pathlib import Path
from typing import TYPE_CHECKING, Any, Generic, NamedTuple, TypeVar

from k8s6plan.errors import InvalidInput
from k8s6plan.io.documents import Document, read_again, read_text

if TYPE_CHECKING:
    from k8s6plan.catalog import schema
    from k8s6plan.catalog.schema._providers import Provider

DATA = Path(__file__).parent / "data"
SUMS = DATA / "SHA256SUMS"

Value = TypeVar("Value")


class Figure(NamedTuple, Generic[Value]):
    """A figure of the catalogue, and who says so."""

    value: Value
    source: str


def figure(row: schema.Figure[Value, Any] | None) -> Figure[Value] | None:
    """Return a row of the data as a figure; None where there is none."""
    return None if row is None else Figure(row["value"], row["source"])


@cache
def load(file: str) -> Any:
    """Return the data of one file, by its path under ``data/``; schema.TYPES says of what type.

    Raises:
        InvalidInput: with all its faults.

    """
    text = read_text(DATA / file)
    if _passed().get(file) == sha256(text.encode()).hexdigest():
        return read_again(text)
    from k8s6plan.catalog.schema import faults_of

    document = Document(text, file)
    data = document.data(InvalidInput)
    faults = faults_of(document, data)
    if faults:
        raise InvalidInput(faults)
    return data


@cache
def load_matrix(file: str) -> dict[tuple[str, str], float]:
    """Return the numbers of a CSV file, by the names of row and column; empty cells are left out.

    Raises:
        InvalidInput: with all its faults.

    """
    text = read_text(DATA / file)
    (_, *columns), *rows = csv.reader(text.splitlines())
    if _passed().get(file) != sha256(text.encode()).hexdigest():
        from k8s6plan.catalog.schema import matrix_faults

        faults = matrix_faults(file, columns, rows)
        if faults:
            raise InvalidInput(faults)
    return {
        (row, column): float(cell)
        for row, *cells in rows
        for column, cell in zip(columns, cells, strict=True)
        if cell
    }


@cache
def _passed() -> dict[str, str]:
    """Return the sum of each file that has passed, as `sha256sum` writes them."""
    if not SUMS.exists():
        return {}
    lines = SUMS.read_text("utf-8").splitlines()
    return {file: total for total, _, file in (line.partition("  ") for line in lines)}


@cache
def provider_names() -> tuple[str, ...]:
    """Return the names of the providers that the catalogue knows."""
    return tuple(sorted(file.stem for file in (DATA / "providers").glob("*.yaml")))


def provider_file(name: str) -> Provider | None:
    """Return what is known of a provider; None of one that the catalogue does not know."""
    if name not in provider_names():
        return None
    found: Provider = load(f"providers/{name}.yaml")
    return found
