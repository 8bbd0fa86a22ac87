"""Needs become items of a provider's price list, by its tariff.

A tariff names, for each driver, the items that are billed: none where the provider asks nothing.
``catalog.tariffs.Entry`` says what more an item may say.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from decimal import ROUND_CEILING, Decimal
from typing import NamedTuple

from k8s6plan import catalog
from k8s6plan.catalog.tariffs import Entry, tariff
from k8s6plan.evaluation.cost._needs import Need
from k8s6plan.topology.groups import Outline

GENERAL = "general"
_FAMILIES = {"ipv4": 1, "ipv6": 1, "dual-stack": 2}


class Item(NamedTuple):
    """So much of one item of a price list; no item: the tariff does not know the driver."""

    driver: str
    provider: str
    item: str
    variant: str
    region: str | None
    to: str | None
    quantity: Decimal


def items_of(needs: Iterable[Need], outline: Outline) -> Iterator[Item]:
    """Yield the items that the providers bill for ``needs``."""
    for need in needs:
        entries = tariff(need.provider).bills.get(need.driver)
        if entries is None:
            quantity = need.each * need.sites
            yield Item(need.driver, need.provider, "", "", need.region, need.to, quantity)
            continue
        for entry in entries:
            yield Item(
                need.driver,
                need.provider,
                entry.item,
                _variant(need.provider, entry, outline.assumptions),
                need.region,
                need.to,
                _quantity(need, entry, outline),
            )


def _variant(provider: str, entry: Entry, assumptions: Mapping[str, object]) -> str:
    if not entry.variant:
        return ""
    chosen = assumptions.get(f"{provider}.{entry.variant}")
    return tariff(provider).variants[entry.variant] if chosen is None else str(chosen)


def _quantity(need: Need, entry: Entry, outline: Outline) -> Decimal:
    each = need.each
    if entry.beyond:
        each = max(Decimal(0), each - entry.beyond * need.gateways)
    if entry.unit_mbps:
        units = (need.mbps / entry.unit_mbps).to_integral_value(ROUND_CEILING)
        each *= max(Decimal(1), units)
    if entry.per_family:
        each *= _FAMILIES[outline.carries]
    if entry.share:
        each *= catalog.assumed(entry.share, outline.assumptions)
    return each * need.sites * entry.times
