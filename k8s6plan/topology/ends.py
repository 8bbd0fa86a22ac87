"""Where a tunnel ends: on the site's own gateway, or on the provider's transit."""

from __future__ import annotations

from collections import defaultdict
from itertools import combinations_with_replacement
from typing import NamedTuple

from k8s6plan.catalog.tariffs import tariff
from k8s6plan.topology.groups import Outline, SiteGroup
from k8s6plan.topology.joins import ManagedHub, SiteClass, Topology, Vertex


def sold_pairs(tunnels: int) -> int:
    """Return how many pairs ``tunnels`` are sold as: AWS and Google sell two at a time."""
    return -(-tunnels // 2)


def gateway_lacks(site: SiteGroup | SiteClass, outline: Outline) -> bool:
    """Say whether a site's own gateway cannot carry the families wanted (AWS: no IPv6)."""
    if outline.carries == "ipv4" or site.provider is None:
        return False
    carried = tariff(site.provider).own_gateway_carries
    return carried is not None and "ipv6" not in carried.value


def ends_on_transit(topology: Topology, vertex: Vertex) -> bool:
    """Say whether all tunnels of a site end on transit: it is a hub, or its gateway lacks IPv6."""
    if topology.software:
        return False
    if isinstance(vertex, ManagedHub) or topology.carries(vertex):
        return True
    return gateway_lacks(vertex, topology.outline)


def needs_one_side(provider: str | None) -> bool:
    """Say whether two own gateways of ``provider`` cannot be joined (AWS)."""
    return provider is not None and tariff(provider).one_side_on_transit


class Side(NamedTuple):
    """The tunnels that sites of a group end on transit for want of it at the other end.

    ``others``: the groups to each of whose sites each site of it has such a tunnel. ``among``:
    among its own sites too, of each two at the first: the first has one to every other, the last
    none.
    """

    group: SiteGroup
    others: tuple[SiteGroup, ...]
    among: bool

    @property
    def least(self) -> int:
        """Such tunnel links of the site with fewest."""
        return sum(other.sites for other in self.others)

    @property
    def most(self) -> int:
        """Such tunnel links of the site with most."""
        return self.least + (self.group.sites - 1 if self.among else 0)

    @property
    def links(self) -> int:
        """Such tunnel links of all its sites together."""
        sites = self.group.sites
        return sites * self.least + (sites * (sites - 1) // 2 if self.among else 0)

    @property
    def sites(self) -> int:
        """How many of its sites have any."""
        return self.group.sites if self.others else self.group.sites - 1


def transit_sides(topology: Topology) -> dict[SiteGroup, Side]:
    """Return where tunnels inside a provider end on transit, since own gateways cannot be joined.

    One side ends on a transit gateway: the one whose region comes first by its name; in a region
    the one with more such tunnels, so that few transit gateways do for many; of equals one of them.
    """
    if topology.software:
        return {}
    inside: dict[str, list[SiteGroup]] = defaultdict(list)
    ends_of = topology.count.of_group
    for group, ends in ends_of.items():
        told = ends.inside and needs_one_side(group.provider)
        if told and not ends_on_transit(topology, topology.class_of[group]):
            inside[group.provider or ""].append(group)
    found: dict[SiteGroup, Side] = {}
    for groups in inside.values():
        ordered = sorted(groups, key=lambda group: (group.region or "", -ends_of[group].inside))
        met: dict[int, list[SiteGroup]] = defaultdict(list)
        for (first, one), (_, other) in combinations_with_replacement(enumerate(ordered), 2):
            if (one is not other or one.sites > 1) and _by_tunnel(topology, one, other):
                met[first].append(other)
        for number, joined in met.items():
            group = ordered[number]
            others = tuple(other for other in joined if other is not group)
            found[group] = Side(group, others, len(others) < len(joined))
    return found


def _by_tunnel(topology: Topology, one: SiteGroup, other: SiteGroup) -> bool:
    """Say whether sites are joined by a tunnel themselves: a way by a hub is no link."""
    join = topology.near[topology.class_of[one]].get(topology.class_of[other])
    return join is not None and join.kind == "tunnel"
