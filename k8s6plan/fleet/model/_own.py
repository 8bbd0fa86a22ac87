"""Figures of the user's own: prices, quotas that were raised, hours of work."""

from __future__ import annotations

from decimal import Decimal

from pydantic import Field

from k8s6plan.fleet.model._noun import Noun
from k8s6plan.fleet.model._values import Amount, Count, FreeText


class PriceOverride(Noun):
    """A price of the user's own in place of a row of the catalogue."""

    price: Amount = Field(description="Per unit.")
    unit: FreeText | None = Field(None, description="What is paid for.")
    currency: FreeText | None = Field(None, description="Of the price.")
    source: FreeText | None = Field(None, description="Where the figure comes from.")
    as_of: FreeText | None = Field(None, description="The day on which it was so.")
    free: Amount | None = Field(None, description="Units a month that cost nothing.")


class LimitOverride(Noun):
    """A quota that the user has raised in place of a row of the catalogue."""

    default: Count | None = Field(None, description="The quota in force.")
    max: Count | None = Field(None, description="What it can be raised to.")
    source: FreeText | None = Field(None, description="Where the figure comes from.")


def parse_price(value: object) -> object:
    """Return the fields of a price: one that stands alone is the price."""
    return value if isinstance(value, (dict, PriceOverride)) else {"price": value}


def parse_limit(value: object) -> object:
    """Return the fields of a quota: one that stands alone is the quota in force."""
    return value if isinstance(value, (dict, LimitOverride)) else {"default": value}


class Hours(Noun):
    """Hours of work on one thing: once, and in every month."""

    build: Amount = Field(Decimal(0), description="Hours, once.")
    keep: Amount = Field(Decimal(0), description="Hours a month.")


class Work(Noun):
    """What work costs. Nothing is assumed: without these lines it has no price."""

    usd_per_hour: Amount = Field(description="In the currency of the price book.")
    tunnel: Hours = Field(Hours(), description="For each tunnel.")
    peering: Hours = Field(Hours(), description="For each peering or attachment.")
    firewall_entry: Hours = Field(Hours(), description="For each entry of each cluster's list.")
    gateway: Hours = Field(Hours(), description="For each gateway.")
    key_rotation: Amount = Field(Decimal(0), description="Hours for each rotation of a key.")
