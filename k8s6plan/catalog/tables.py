"""The smaller tables: rules of `check`, special prefixes, ICMPv6, assumptions."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from functools import cache
from typing import TYPE_CHECKING, Literal, NamedTuple

from k8s6plan.catalog._files import load

if TYPE_CHECKING:
    from k8s6plan.catalog.schema._tables import Assumption


class Rule(NamedTuple):
    """A rule of `check`: what it says, how grave breaking it is, and who says so."""

    name: str
    says: str
    severity: Literal["error", "warning", "note"]
    source: str


class SpecialPrefix(NamedTuple):
    """A range that no cluster may take its prefix from."""

    prefix: str
    name: str
    use: str
    source: str


class IcmpType(NamedTuple):
    """ICMPv6 messages that must pass a filter. ``codes`` empty: all of them.

    ``where``: in transit from anywhere, or only ever from the local link.
    """

    type: int
    codes: tuple[int, ...]
    name: str
    where: Literal["transit", "link"]
    why: str
    source: str


@cache
def rules() -> dict[str, Rule]:
    """Return the rules of `check` by name."""
    rows = load("rules.yaml")["rules"]
    return {
        name: Rule(name, row["says"], row["severity"], row["source"]) for name, row in rows.items()
    }


@cache
def special_prefixes() -> tuple[SpecialPrefix, ...]:
    """Return the ranges that no cluster may take its prefix from."""
    rows = load("special_prefixes.yaml")["special_prefixes"]
    return tuple(
        SpecialPrefix(row["prefix"], row["name"], row["use"], row["source"]) for row in rows
    )


@cache
def icmpv6_types() -> tuple[IcmpType, ...]:
    """Return the ICMPv6 messages that must pass a filter, by type (RFC 4890)."""
    return tuple(
        IcmpType(
            row["type"],
            () if row["codes"] == "all" else tuple(row["codes"]),
            row["name"],
            row["where"],
            row["why"],
            row["source"],
        )
        for row in load("icmpv6.yaml")["icmpv6"]
    )


@cache
def assumptions() -> dict[str, Assumption]:
    """Return the rows of the assumptions that a fleet file can set, by name."""
    rows: dict[str, Assumption] = load("assumptions.yaml")["assumptions"]
    return rows


def assumption(name: str, own: Mapping[str, object]) -> object:
    """Return an assumption: the fleet file's ``own`` where it has one, else the default."""
    return own[name] if name in own else assumptions()[name]["value"]


def assumed(name: str, own: Mapping[str, object]) -> Decimal:
    """Return an assumption that is a number, in the unit of its row."""
    return Decimal(str(assumption(name, own)))


@cache
def book_date() -> str:
    """Return the day to which the price book that ships was brought."""
    return str(load("general.yaml")["book"]["as_of"])
