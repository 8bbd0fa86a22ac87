"""The parts of the report, and the months in it."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal

from k8s6plan.fleet.model import Family, Prefix, Role

Month = tuple[int, int]  # year, month from 1


@dataclass(frozen=True)
class Space:
    """The addresses of a pool, or of a site.

    Of a pool ``used`` is what clusters have been given, of a site what they fill of that. What is
    ``reserved`` nobody else is given. ``largest_free`` is a prefix length. ``full`` is the month in
    which it runs out (a site: the first prefix of its clusters); None: not within thirty years, or
    no growth is stated.
    """

    name: str
    family: Family
    roles: tuple[str, ...]
    total: int
    used: int
    reserved: int
    free: int
    largest_free: int | None
    full: str | None


@dataclass(frozen=True)
class Room:
    """What one prefix of a cluster holds, counted in blocks of ``unit`` (a prefix length).

    ``reserved`` is kept for it beside the prefix. Not ``stated``: the number of nodes is our
    default. ``full_widened``: the month in which it is full once it is widened in place as far as
    the plan promises.
    """

    cluster: str
    site: str
    role: Role
    family: Family
    prefixes: tuple[Prefix, ...]
    unit: int
    total: int
    used: int
    reserved: int
    free: int
    largest_free: int | None
    stated: bool
    full: str | None
    full_widened: str | None


@dataclass(frozen=True)
class Further:
    """How many further clusters of so many nodes fit; None: nothing here limits the family."""

    nodes: int
    ipv4: int | None
    ipv6: int | None
    limited_by: str | None

    @property
    def clusters(self) -> int | None:
        """How many fit in both families."""
        return min((n for n in (self.ipv4, self.ipv6) if n is not None), default=None)


@dataclass(frozen=True)
class Capacity:
    """The whole report. ``like`` describes the further clusters: as most of the fleet are."""

    fleet: str
    start: str
    growth: dict[str, Decimal]
    pools: tuple[Space, ...]
    sites: tuple[Space, ...]
    clusters: tuple[Room, ...]
    like: str
    further: tuple[Further, ...]


def month_after(start: Month, months: int | None) -> str | None:
    """Return the month that lies ``months`` after ``start``, as YYYY-MM."""
    if months is None:
        return None
    year, month = divmod(start[0] * 12 + start[1] - 1 + months, 12)
    return f"{year:04}-{month + 1:02}"
