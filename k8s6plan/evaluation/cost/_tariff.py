"""Needs become items of a provider's price list, by its tariff.

A tariff names, for each driver, the items that are billed: none where the provider asks nothing.
An item may say more:

- ``times``: so many units for each thing (a disk of 20 GB, two tunnel-hours a tunnel pair);
- ``beyond``: so many of a site's things, for each of its gateways, cost nothing;
- ``per_family``: one for each address family that is carried;
- ``share``: an assumption, by name, that says which part of the traffic is billed;
- ``unit_mbps``: sold in units of so much throughput, at least one;
- ``variant``: which sort of the thing, by a name under ``variants`` that a fleet file can set.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from decimal import ROUND_CEILING, Decimal
from typing import Any, NamedTuple

from k8s6plan import catalog
from k8s6plan.catalog.tariffs import entries_of, variants_of
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
        entries = entries_of(need.provider, need.driver)
        if entries is None:
            quantity = need.each * need.sites
            yield Item(need.driver, need.provider, "", "", need.region, need.to, quantity)
            continue
        for entry in entries:
            yield Item(
                need.driver,
                need.provider,
                entry["item"],
                _variant(need.provider, entry, outline.assumptions),
                need.region,
                need.to,
                _quantity(need, entry, outline),
            )


def _variant(provider: str, entry: Mapping[str, Any], assumptions: Mapping[str, object]) -> str:
    name = entry.get("variant")
    if name is None:
        return ""
    return str(assumptions.get(f"{provider}.{name}", variants_of(provider)[name]))


def _quantity(need: Need, entry: Mapping[str, Any], outline: Outline) -> Decimal:
    each = need.each
    if "beyond" in entry:
        each = max(Decimal(0), each - int(entry["beyond"]) * need.gateways)
    if "unit_mbps" in entry:
        units = (need.mbps / int(entry["unit_mbps"])).to_integral_value(ROUND_CEILING)
        each *= max(Decimal(1), units)
    if entry.get("per_family"):
        each *= _FAMILIES[outline.carries]
    if "share" in entry:
        each *= Decimal(str(catalog.assumption(entry["share"], outline.assumptions)))
    return each * need.sites * Decimal(str(entry.get("times", 1)))
