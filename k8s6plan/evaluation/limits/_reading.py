"""What of a design a limit can bound: a measure, read somewhere."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal
from functools import cached_property
from typing import NamedTuple, Protocol

from k8s6plan import catalog
from k8s6plan.topology.ends import Side, ends_on_transit, sold_pairs, transit_sides
from k8s6plan.topology.groups import SiteGroup
from k8s6plan.topology.joins import Topology
from k8s6plan.topology.loads import Load, Loads, Place
from k8s6plan.topology.traffic import Stream

_BITS = Decimal(1_000_000)
OF_TUNNELS = ("tunnel_mbps", "tunnel_both_mbps", "tunnel_pps", "tunnel_both_pps")
OF_GATEWAYS = ("gateway_mbps", "own_gateway_out_mbps")


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


class Traffic(Protocol):
    """The traffic of a topology, worked out when it is asked for: many limits bound none of it."""

    @property
    def peaks(self) -> list[Stream]:
        """The traffic of the demands that have a peak, with its paths."""
        ...

    @property
    def loads(self) -> Loads:
        """The peak on tunnels."""
        ...


@dataclass(frozen=True)
class Ground:
    """A topology with its traffic, and what measures ask of the two: each thing once.

    ``wanted``: the measures that are asked for; None for all of them.
    """

    topology: Topology
    traffic: Traffic
    wanted: frozenset[str] | None = None

    def asks(self, *measures: str) -> bool:
        """Say whether one of these is asked for: what takes a moment is worked out only then."""
        return self.wanted is None or not self.wanted.isdisjoint(measures)

    @cached_property
    def families(self) -> int:
        """How many families the tunnels carry."""
        return 2 if self.topology.outline.carries == "dual-stack" else 1

    @cached_property
    def pairs(self) -> int:
        """Pairs of tunnels that a link is sold as, in one family."""
        return sold_pairs(self.topology.outline.tunnels_per_link)

    @cached_property
    def sides(self) -> dict[SiteGroup, Side]:
        """Where tunnels inside a provider end on transit, since own gateways cannot be joined."""
        return transit_sides(self.topology)

    def on_transit(self, group: SiteGroup) -> bool:
        """Say whether all tunnels of a site end on transit."""
        return ends_on_transit(self.topology, self.topology.class_of[group])

    @cached_property
    def packet_bytes(self) -> Decimal:
        """The size of a packet."""
        assumptions = self.topology.outline.assumptions
        return catalog.assumed("mean_packet_bytes", assumptions)

    def of_tunnels(self, place: Place) -> Iterator[tuple[str, int | Decimal]]:
        """Yield what the busiest tunnel of a place carries: an even share of the busiest link."""
        busiest = self.traffic.loads.busiest.get(place)
        if busiest is None:
            return
        r = self.topology.outline.tunnels_per_link
        each, both = busiest.one_way / r, busiest.both / r
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
        r, busiest = self.topology.outline.tunnels_per_link, self.traffic.loads.busiest[group]
        of_link = Decimal(-(-r // group.gateways)) / r
        yield "gateway_mbps", max(load.both / group.gateways, busiest.both * of_link)
        if self.on_transit(group):
            return
        side = self.sides.get(group)
        out, most = load.out, busiest.out
        if side is not None:  # of sites that have transit for each other the last has none of it
            links = list(self.traffic.loads.links(group))
            own = [link.out for other, link in links if other not in side.others]
            if not own:
                return
            beyond = (
                link.out * other.sites
                for other, link in links
                if isinstance(other, SiteGroup) and other in side.others
            )
            out, most = out - sum(beyond), max(own)
        yield "own_gateway_out_mbps", max(out / group.gateways, most * of_link)
