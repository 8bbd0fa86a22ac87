"""What of a design a limit can bound: a measure, read somewhere."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal
from functools import cached_property
from typing import NamedTuple

from k8s6plan import catalog
from k8s6plan.topology.designs import Design, LinkCount
from k8s6plan.topology.ends import Side, ends_on_transit, sold_pairs, transit_sides
from k8s6plan.topology.groups import Outline, SiteGroup
from k8s6plan.topology.routes import Routes
from k8s6plan.topology.traffic import Load, Loads, Place, Stream, tunnel_loads

_BITS = Decimal(1_000_000)


class Reading(NamedTuple):
    """The value of one measure at one place of one owner of limits."""

    measure: str
    owner: str
    where: SiteGroup | str
    value: int | Decimal

    @property
    def place(self) -> str:
        """Where it was read."""
        return self.where if isinstance(self.where, str) else _site(self.where)


def _site(group: SiteGroup) -> str:
    if group.hub:
        return f"hub {group.hub}"
    place = f"{group.provider} {group.region}" if group.region else str(group.provider)
    return f"each site in {place}"


class LinkEnd(NamedTuple):
    """A tunnel link as one of its ends has it: what is sent there and heard from there, in Mbps."""

    other: Place
    out: Decimal
    into: Decimal


@dataclass(frozen=True)
class Ground:
    """A design, a fleet, and what measures ask of the two: each thing is worked out once."""

    design: Design
    outline: Outline
    count: LinkCount
    streams: list[Stream]

    @cached_property
    def families(self) -> int:
        """How many families the tunnels carry."""
        return 2 if self.outline.carries == "dual-stack" else 1

    @cached_property
    def pairs(self) -> int:
        """Pairs of tunnels that a link is sold as, in one family."""
        return sold_pairs(self.outline.tunnels_per_link)

    @cached_property
    def routes(self) -> Routes:
        """The routing tables."""
        return Routes(self.design, self.outline, self.streams)

    @cached_property
    def sides(self) -> Mapping[SiteGroup, Side]:
        """Where tunnels inside a provider end on transit, since own gateways cannot be joined."""
        return transit_sides(self.design, self.outline, self.count)

    def on_transit(self, group: SiteGroup) -> bool:
        """Say whether all tunnels of a site end on transit."""
        return ends_on_transit(self.design, self.outline, group)

    @cached_property
    def loads(self) -> Loads:
        """The peak on tunnels."""
        return tunnel_loads(self.streams) if self.outline.flows else Loads({}, {})

    @cached_property
    def link_ends(self) -> dict[Place, list[LinkEnd]]:
        """The tunnel links of each place that carry anything, each with its peak."""
        found: dict[Place, list[LinkEnd]] = defaultdict(list)
        links = self.loads.links
        for (one, other), there in links.items():
            back = links.get((other, one))
            found[one].append(LinkEnd(other, there, back or Decimal(0)))
            if back is None:
                found[other].append(LinkEnd(one, Decimal(0), there))
        return found

    @cached_property
    def packet_bytes(self) -> Decimal:
        """The size of a packet."""
        return Decimal(str(catalog.assumption("mean_packet_bytes", self.outline.assumptions)))

    def of_tunnels(self, place: Place) -> Iterator[tuple[str, int | Decimal]]:
        """Yield what the busiest tunnel of a place carries: an even share of the busiest link."""
        ends = self.link_ends.get(place)
        if ends is None:
            return
        r = self.outline.tunnels_per_link
        each = max(max(end.out, end.into) for end in ends) / r
        both = max(end.out + end.into for end in ends) / r
        yield "tunnel_mbps", each
        yield "tunnel_both_mbps", both
        packets = _BITS / 8 / self.packet_bytes
        yield "tunnel_pps", each * packets
        yield "tunnel_both_pps", both * packets

    def of_gateways(self, group: SiteGroup, load: Load) -> Iterator[tuple[str, int | Decimal]]:
        """Yield what the busiest gateway of a site carries.

        Tunnels are spread evenly over gateways, and so is their load; but no gateway has less than
        its tunnels of the busiest link.
        """
        r, ends = self.outline.tunnels_per_link, self.link_ends[group]
        of_link = Decimal(-(-r // group.gateways)) / r
        busiest = max(end.out + end.into for end in ends)
        yield "gateway_mbps", max(load.both / group.gateways, busiest * of_link)
        if self.on_transit(group):
            return
        side = self.sides.get(group)
        others = side.others if side is not None else ()
        elsewhere = sum(
            end.out * other.sites for end in ends for other in others if end.other is other
        )
        own = [end.out for end in ends if end.other not in others]
        if own:  # of sites that have transit for each other it is the last that has none of it
            sent = max((load.out - elsewhere) / group.gateways, max(own) * of_link)
            yield "own_gateway_out_mbps", sent
