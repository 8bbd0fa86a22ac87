"""Where the providers' regions lie, and the round-trip times that were measured between them.

The figures are files of ``data/``; ``data/latency.yaml`` says where each comes from.
"""

from __future__ import annotations

import csv
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import NamedTuple

from k8s6plan import catalog

_DATA = Path(__file__).with_name("data")


class Region(NamedTuple):
    """A region of a provider. Degrees: north and east are positive."""

    provider: str
    region: str
    name: str
    city: str
    latitude: float
    longitude: float


@cache
def regions() -> dict[tuple[str, str], Region]:
    """Return the regions whose place is known, by (provider, region)."""
    rows = _rows(str(catalog.latency_figure("files", "regions").value))
    next(rows)
    return {
        (provider, region): Region(provider, region, name, city, float(latitude), float(longitude))
        for provider, region, name, city, latitude, longitude in rows
    }


@cache
def measured_ms(provider: str) -> dict[tuple[str, str], float]:
    """Return the measured round-trip times between regions of ``provider``, in milliseconds.

    A pair holds the mean of its two directions, or the one that was measured; both orders of a
    pair are there. Empty where nothing is known of the provider.
    """
    if provider not in _matrices():
        return {}
    rows = _rows(str(catalog.latency_figure("files", f"rtt_{provider}").value))
    _, *columns = next(rows)
    found = {
        (source, target): float(cell)
        for source, *cells in rows
        for target, cell in zip(columns, cells, strict=True)
        if cell
    }
    both = {(one, other) for one, other in found} | {(other, one) for one, other in found}
    return {
        (one, other): sum(way) / len(way)
        for one, other in sorted(both)
        for way in [[found[pair] for pair in ((one, other), (other, one)) if pair in found]]
    }


@cache
def _matrices() -> frozenset[str]:
    """Return the providers whose regions were measured."""
    return frozenset(file.stem for file in (_DATA / "rtt").glob("*.csv"))


def _rows(name: str) -> Iterator[list[str]]:
    with (_DATA / name).open(encoding="utf-8", newline="") as file:
        yield from csv.reader(file)
