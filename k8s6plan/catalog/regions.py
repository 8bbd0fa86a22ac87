"""Where the providers' regions lie, and the round-trip times that were measured between them."""

from __future__ import annotations

from functools import cache
from typing import Literal, NamedTuple

from k8s6plan.catalog._files import Figure, figure, load, load_matrix, provider_file


class Region(NamedTuple):
    """A region of a provider. Degrees: north and east are positive."""

    provider: str
    region: str
    name: str
    city: str
    latitude: float
    longitude: float


@cache
def regions_of(provider: str) -> dict[str, Region]:
    """Return the regions of ``provider`` whose place is known, by name."""
    file = provider_file(provider)
    if file is None or "regions" not in file:
        return {}
    places = file["regions"]["places"]
    return {region: Region(provider, region, **place) for region, place in places.items()}


@cache
def measured_ms(provider: str) -> dict[tuple[str, str], float]:
    """Return the measured round-trip times between regions of ``provider``, in milliseconds.

    A pair holds the mean of its two directions, or the one that was measured; both orders of a
    pair are there. Empty where nothing is known of the provider.
    """
    matrix = _matrix(provider)
    if matrix is None:
        return {}
    found = load_matrix(matrix.value)
    both = {(one, other) for one, other in found} | {(other, one) for one, other in found}
    return {
        (one, other): sum(way) / len(way)
        for one, other in sorted(both)
        for way in [[found[pair] for pair in ((one, other), (other, one)) if pair in found]]
    }


def measured_by(provider: str) -> str:
    """Return who measured the round-trip times between regions of ``provider``; "": nobody."""
    matrix = _matrix(provider)
    return "" if matrix is None else matrix.source


def _matrix(provider: str) -> Figure[str] | None:
    file = provider_file(provider)
    return figure(None if file is None else file.get("rtt"))


def estimate(key: Literal["ms_per_100_km", "near_ms"]) -> Figure[float]:
    """Return a figure by which the round-trip time of other pairs is estimated, by its name."""
    row = load("latency.yaml")["estimate"][key]
    return Figure(float(row["value"]), row["source"])
