"""Which items of its price list a provider bills for what a design needs."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from typing import TYPE_CHECKING, Literal, NamedTuple

from k8s6plan.catalog._files import Figure, provider_file
from k8s6plan.catalog.prices import price_file

if TYPE_CHECKING:
    from k8s6plan.catalog.schema._providers import Billed, Traffic
    from k8s6plan.catalog.schema._values import Carried, Family

# What a tariff says besides what is billed.
_FACTS = frozenset(
    (
        *("source", "variants", "included_per_node", "own_gateway_carries", "tunnels_carry"),
        *("managed_hubs_carry", "one_side_on_transit", "traffic"),
    )
)


class Entry(NamedTuple):
    """An item that is billed: so many for each thing that is needed (``times``).

    ``variant``: which sort of the thing, by its name among the tariff's. ``beyond``: so many of a
    site's things, for each of its gateways, cost nothing. ``per_family``: one for each address
    family that is carried. ``share``: the assumption that says which part is billed.
    ``unit_mbps``: sold in units of so much throughput, at least one; 0: it is not.
    """

    item: str
    variant: str = ""
    times: int = 1
    beyond: int = 0
    per_family: bool = False
    share: str = ""
    unit_mbps: int = 0


class Tariff(NamedTuple):
    """What a provider bills, by driver; a driver that is not there is one it does not know.

    A driver of traffic on links is like ``tunnel.region.out``: the kind of the link, where its two
    ends lie, and the end. ``variants``: the sort of each thing that is taken, unless the fleet file
    names another. ``one_side_on_transit``: two own gateways of the provider cannot be joined.
    """

    bills: Mapping[str, tuple[Entry, ...]]
    variants: Mapping[str, str]
    own_gateway_carries: Figure[tuple[Family, ...]] | None
    tunnels_carry: Figure[tuple[Family, ...]] | None
    managed_hubs_carry: Figure[tuple[Family, ...]] | None
    one_side_on_transit: bool


@cache
def tariff(provider: str) -> Tariff:
    """Return what ``provider`` bills for what; of one that nobody knows, what on-prem does."""
    data = price_file(provider)["tariff"]
    lists: Mapping[str, Billed] = {k: v for k, v in data.items() if k not in _FACTS}  # type: ignore[misc]
    bills = {driver: _entries(billed) for driver, billed in lists.items()}
    one_side = data.get("one_side_on_transit")
    return Tariff(
        bills=bills | _of_links(data.get("traffic", {})),
        variants={name: row["value"] for name, row in data.get("variants", {}).items()},
        own_gateway_carries=_carried(data.get("own_gateway_carries")),
        tunnels_carry=_carried(data.get("tunnels_carry")),
        managed_hubs_carry=_carried(data.get("managed_hubs_carry")),
        one_side_on_transit=one_side is not None and one_side["value"],
    )


def _of_links(traffic: Traffic) -> dict[str, tuple[Entry, ...]]:
    """Return what is billed of traffic on links; where a relation is known, so are all ends."""
    return {
        f"{kind}.{relation}.{end}": _entries(ends.get(end, []))
        for kind, relations in traffic.items()
        for relation, ends in relations.items()
        for end in _ENDS
    }


_ENDS: tuple[Literal["out", "in", "hub_out", "hub_in"], ...] = ("out", "in", "hub_out", "hub_in")


def _entries(billed: Billed) -> tuple[Entry, ...]:
    return tuple(Entry(row) if isinstance(row, str) else Entry(**row) for row in billed)


def _carried(row: Carried | None) -> Figure[tuple[Family, ...]] | None:
    return None if row is None else Figure(tuple(row["value"]), row["source"])


@cache
def included_per_node(provider: str) -> dict[str, int]:
    """Return what each node includes of an item in a month, in the item's unit."""
    file = provider_file(provider)
    if file is None:
        return {}
    named = file["tariff"].get("included_per_node", {})
    return {item: file["allowances"][key]["value"] for item, key in named.items()}
