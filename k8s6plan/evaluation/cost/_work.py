"""Work as money: only where the fleet file says what it takes."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal
from typing import TYPE_CHECKING

from k8s6plan import catalog
from k8s6plan.catalog.prices import Price
from k8s6plan.evaluation.cost._bill import Line, Step
from k8s6plan.evaluation.cost.book import PriceBook
from k8s6plan.topology.designs import Design, LinkCount
from k8s6plan.topology.groups import Outline

if TYPE_CHECKING:
    from k8s6plan.fleet.model import Hours, Work

_HERE = "the fleet file"


def work_lines(
    design: Design, outline: Outline, count: LinkCount, book: PriceBook, work: Work
) -> Iterator[Line]:
    """Yield what keeping the design takes in a month. Building is work done once: see ``build``."""
    for title, things, hours in _counted(design, outline, count, work):
        yield _line(title, things, hours.keep * things, book, work)
    rotations = Decimal(str(catalog.assumption("key_rotations_per_year", outline.assumptions)))
    keys = Decimal(keys_of(design, outline, count))
    yield _line("rotating keys", keys, keys * rotations / 12 * work.key_rotation, book, work)


def build_hours(design: Design, outline: Outline, count: LinkCount, work: Work) -> Decimal:
    """Return the hours that building the design takes, once."""
    counted = _counted(design, outline, count, work)
    return sum((hours.build * things for _, things, hours in counted), Decimal(0))


def _counted(
    design: Design, outline: Outline, count: LinkCount, work: Work
) -> list[tuple[str, Decimal, Hours]]:
    """Return (what, how many, hours for each). Software makes its tunnels by itself."""
    tunnels = 0 if design.software else count.tunnel_links * outline.tunnels_per_link
    entries = outline.allow_pools if design.family == "ipv4" else outline.allow_prefixes
    return [
        ("tunnels", Decimal(tunnels), work.tunnel),
        ("peerings and attachments", Decimal(count.peerings + count.attachments), work.peering),
        ("firewall entries", Decimal(entries * outline.clusters), work.firewall_entry),
        ("gateways", Decimal(count.gateways), work.gateway),
    ]


def keys_of(design: Design, outline: Outline, count: LinkCount) -> int:
    """Return the secrets to rotate: one a tunnel (IPsec), one a gateway (WireGuard), or none."""
    if design.family == "ipv6":
        return 0
    row = catalog.encapsulations()[design.encapsulation or outline.encapsulation]
    if row.key_per == "gateway":
        return count.gateways
    return count.tunnel_links * outline.tunnels_per_link if row.key_per == "tunnel" else 0


def _line(title: str, things: Decimal, hours: Decimal, book: PriceBook, work: Work) -> Line:
    price = Price(
        provider="work",
        item="hour",
        title=f"Work on {title}",
        unit="hour",
        currency=book.currency,
        tiers=(),
        source=_HERE,
        as_of="undated",
        confidence="yours",
        yours=_HERE,
    )
    steps = (Step(hours, work.usd_per_hour),)
    cost = hours * work.usd_per_hour
    return Line("work", price, None, None, title, things, hours, steps, cost)
