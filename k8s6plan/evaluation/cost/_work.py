"""Work as money: only where the fleet file says what it takes."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal
from typing import TYPE_CHECKING

from k8s6plan import catalog
from k8s6plan.catalog.prices import Price
from k8s6plan.evaluation.cost._bill import Line, Step
from k8s6plan.evaluation.cost.book import PriceBook
from k8s6plan.topology.joins import Topology
from k8s6plan.topology.keys import keys_of

if TYPE_CHECKING:
    from k8s6plan.fleet.model import Hours, Work

_HERE = "the fleet file"


def work_lines(topology: Topology, book: PriceBook, work: Work) -> Iterator[Line]:
    """Yield what keeping the design takes in a month. Building is work done once: see ``build``."""
    for title, things, hours in _counted(topology, work):
        yield _line(title, things, hours.keep * things, book, work)
    assumptions = topology.outline.assumptions
    rotations = catalog.assumed("key_rotations_per_year", assumptions)
    keys = Decimal(keys_of(topology))
    yield _line("rotating keys", keys, keys * rotations / 12 * work.key_rotation, book, work)


def build_hours(topology: Topology, work: Work) -> Decimal:
    """Return the hours that building the design takes, once."""
    counted = _counted(topology, work)
    return sum((hours.build * things for _, things, hours in counted), Decimal(0))


def _counted(topology: Topology, work: Work) -> list[tuple[str, Decimal, Hours]]:
    """Return (what, how many, hours for each). Software makes its tunnels by itself."""
    outline, count = topology.outline, topology.count
    tunnels = 0 if topology.software else count.tunnel_links * outline.tunnels_per_link
    entries = outline.allow_pools if topology.family == "ipv4" else outline.allow_prefixes
    return [
        ("tunnels", Decimal(tunnels), work.tunnel),
        ("peerings and attachments", Decimal(count.peerings + count.attachments), work.peering),
        ("firewall entries", Decimal(entries * outline.clusters), work.firewall_entry),
        ("gateways", Decimal(count.gateways), work.gateway),
    ]


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
