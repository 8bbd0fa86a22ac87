"""Which items of its price list a provider bills for what a design needs."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from typing import Any

from k8s6plan import catalog


@cache
def entries_of(provider: str, driver: str) -> list[dict[str, Any]] | None:
    """Return the entries of a driver in a provider's tariff; None where it has none."""
    tariff: Mapping[str, Any] = catalog.tariff(provider)
    kind, dot, rest = driver.partition(".")
    if not dot:
        entries = tariff.get(driver)
    else:
        relation, _, end = rest.partition(".")
        ways = tariff.get("traffic", {}).get(kind, {})
        if relation not in ways:
            return None
        entries = ways[relation].get(end, [])
    if entries is None:
        return None
    return [{"item": entry} if isinstance(entry, str) else entry for entry in entries]


def variants_of(provider: str) -> dict[str, str]:
    """Return the sorts of things that a tariff takes, by the name that a fleet file can set."""
    rows = catalog.tariff(provider).get("variants", {})
    return {name: row["value"] for name, row in rows.items()}
