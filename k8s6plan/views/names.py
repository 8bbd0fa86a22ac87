"""What the tables know by name, as text, CSV, Markdown and data: `k8s6plan list`."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import NamedTuple

from k8s6plan.catalog import names, provider_names
from k8s6plan.catalog.regions import regions_of
from k8s6plan.topology.designs import DESIGNS
from k8s6plan.views.tables import Column, csv_of, rows_of
from k8s6plan.views.words import in_markdown


class Listing(NamedTuple):
    """The rows of one kind; ``titles``: what each of their fields is called."""

    kind: str
    titles: Sequence[str]
    rows: Sequence[Sequence[str | Sequence[str]]]


def _of(kind: names.Kind) -> Iterator[tuple[str | Sequence[str], ...]]:
    for name, row in names.rows(kind).items():
        yield name, str(row["title"]), names.aliases(kind, name)


def _regions() -> Iterator[tuple[str | Sequence[str], ...]]:
    for provider in provider_names():
        places = regions_of(provider)
        for code in sorted(names.region_codes(provider)):
            city = places[code].city if code in places else ""
            yield provider, code, city, names.region_aliases(provider, code)


def _designs() -> Iterator[tuple[str, ...]]:
    for design in DESIGNS.values():
        yield design.name, design.title, design.asks


_NAMED = ("name", "title", "aliases")
KINDS: Mapping[str, tuple[Sequence[str], Callable[[], Iterator[Sequence[str | Sequence[str]]]]]] = {
    "providers": (_NAMED, lambda: _of("provider")),
    "regions": (("provider", "name", "city", "aliases"), _regions),
    "platforms": (_NAMED, lambda: _of("platform")),
    "cnis": (_NAMED, lambda: _of("cni")),
    "designs": (("name", "title", "asks"), _designs),
    "encapsulations": (_NAMED, lambda: _of("encapsulation")),
}


def listing(kind: str, provider: str | None = None) -> Listing:
    """Return what the tables know of a kind; of regions, perhaps those of one ``provider``."""
    titles, rows = KINDS[kind]
    found = [row for row in rows() if provider is None or row[0] == provider]
    return Listing(kind, titles, found)


def _cells(found: Listing) -> list[list[str]]:
    return [[cell if isinstance(cell, str) else ", ".join(cell) for cell in r] for r in found.rows]


def listing_lines(found: Listing) -> list[str]:
    """Return the listing as a table of text."""
    return rows_of([Column(title) for title in found.titles], _cells(found), gap=2)


def listing_markdown(found: Listing, mark: str) -> str:
    """Return the listing as a Markdown table."""
    lines = [f"<!-- {mark} -->", "| " + " | ".join(found.titles) + " |"]
    lines.append("|" + "---|" * len(found.titles))
    lines += ["| " + " | ".join(map(in_markdown, cells)) + " |" for cells in _cells(found)]
    return "\n".join(lines) + "\n"


def listing_csv(found: Listing, mark: str) -> str:
    """Return the listing as CSV; the last row names the program."""
    return csv_of(found.titles, _cells(found), mark)


def listing_data(found: Listing) -> dict[str, object]:
    """Return the listing as data."""
    return {found.kind: [dict(zip(found.titles, row, strict=True)) for row in found.rows]}
