"""What of a design a limit can bound, counted for each group of sites, region and provider.

A row of data/providers names one of these as its ``measure``:

- of a site: ``own_pairs`` (tunnel pairs on its own gateway), ``site_tunnels`` (on each gateway),
  ``site_sold_tunnels`` (as pairs are sold), ``site_gateways`` (that end tunnels),
  ``site_peerings``, ``site_links`` (and attachments), ``peering_ranges`` (subnet ranges of a site
  and its peers), ``table_routes`` (over peerings and transit), ``relayed_routes`` (over
  attachments, beyond a hub), ``entries`` (of the longest allow list);
- of a site, in prefixes: ``own_prefixes`` (learned by its own gateway), ``own_told`` and
  ``own_sent`` (of these by one tunnel link, each way), ``gateway_told`` (by one, its gateway
  being its own or not), ``peered_prefixes`` (learned by tunnels where it has peers);
- of a site or a managed hub, in prefixes: ``learned_prefixes`` (by all tunnels), ``link_told`` (by
  one link), ``transit_told`` and ``transit_sent`` (by one link on transit, each way);
- of the routed peak of a site or a managed hub: ``tunnel_mbps`` (the busiest tunnel, in its busier
  direction) and ``tunnel_pps`` (its packets), ``tunnel_both_mbps`` and ``tunnel_both_pps`` (both
  directions together); of a site ``gateway_mbps`` (a gateway, both), ``own_gateway_out_mbps``
  (sent by its own gateway);
- of a region: ``region_pairs``, ``region_own_gateways``, ``region_remotes`` (other ends),
  ``transit_attachments``, ``transit_peerings``, ``transit_routes`` (prefixes that its transit
  knows), ``far_prefixes`` (that tunnels on transit in other regions learn);
- of a managed hub: ``hub_sites`` (and hubs), ``hub_pairs``, ``hub_routes``, ``hub_mbps``,
  ``hub_pair_mbps`` (two tunnels as full as its busiest), ``hub_router_mbps`` (between the sites of
  its provider);
- of a provider: ``attached_sites``;
- of the mesh software: ``mesh_clusters``, ``mesh_clusters_on_eni``.
"""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal

from k8s6plan.evaluation.limits._mesh import of_mesh
from k8s6plan.evaluation.limits._reading import OF_GATEWAYS, OF_TUNNELS, Ground, Reading
from k8s6plan.evaluation.limits._regions import of_regions
from k8s6plan.topology.counts import Ends
from k8s6plan.topology.ends import Side
from k8s6plan.topology.groups import SiteGroup
from k8s6plan.topology.tables import NATIVE, TUNNEL

_RANGES = 3  # of a cluster: nodes, pods and services
_OF_TABLES = (
    *("table_routes", "learned_prefixes", "peered_prefixes", "link_told", "gateway_told"),
    *("transit_told", "transit_sent", "own_prefixes", "own_told", "own_sent"),
)


def readings(ground: Ground) -> Iterator[Reading]:
    """Yield the values of all measures that the design has."""
    topology = ground.topology
    for group, ends in topology.count.of_group.items():
        if group.provider is not None:
            for measure, value in _of_site(ground, group, ends):
                yield Reading(measure, group.provider, group, value)
    if topology.software:
        yield from of_mesh(topology.outline)
    elif topology.outline.named and not topology.routed:
        yield from of_regions(ground)


def _of_site(ground: Ground, group: SiteGroup, ends: Ends) -> Iterator[tuple[str, int | Decimal]]:
    topology, outline = ground.topology, ground.topology.outline
    yield "entries", outline.allow_prefixes if topology.family == "ipv6" else outline.allow_pools
    if topology.software or not any(ends):
        return
    tables = topology.tables
    if ends.peerings:
        yield "site_peerings", ends.peerings
        if ground.asks("peering_ranges"):
            yield "peering_ranges", (group.clusters + tables.peers(group)) * _RANGES
    if ends.peerings or ends.attachments:
        yield "site_links", ends.peerings + ends.attachments
    relaying = ends.attachments and not topology.managed  # managed hubs tell all that they know
    if relaying and ground.asks("relayed_routes"):
        yield "relayed_routes", tables.relayed(group)
    if not ends.tunnels:
        if ground.asks("table_routes"):
            yield "table_routes", tables.reached(group, NATIVE)
        return
    r = outline.tunnels_per_link
    yield "site_tunnels", -(-ends.tunnels * r // group.gateways)
    yield "site_sold_tunnels", 2 * ends.tunnels * ground.pairs
    yield "site_gateways", group.gateways
    if ground.asks(*_OF_TABLES):
        yield from _prefixes(ground, group, ends)
    if ends.tunnels and ground.asks("own_pairs"):
        yield from _own_pairs(ground, group, ends)
    asked = ground.asks(*OF_TUNNELS, *OF_GATEWAYS)
    load = ground.traffic.loads.places.get(group) if asked else None
    if load is not None:
        yield from ground.of_tunnels(group)
        yield from ground.of_gateways(group, load)


def _own_pairs(ground: Ground, group: SiteGroup, ends: Ends) -> Iterator[tuple[str, int]]:
    """Yield the tunnel pairs on the own gateway of a site, where it ends any."""
    own = ends.tunnels - _side(ground, group).least
    if own and not ground.on_transit(group):
        yield "own_pairs", -(-own * ground.pairs * ground.families // group.gateways)


def _side(ground: Ground, group: SiteGroup) -> Side:
    return ground.sides.get(group) or Side(group, (), among=False)


def _prefixes(ground: Ground, group: SiteGroup, ends: Ends) -> Iterator[tuple[str, int]]:
    """Yield what the tunnels of a site teach it, by where they end: gateway or transit."""
    tables, families = ground.topology.tables, ground.families
    learned, told = tables.reached(group, TUNNEL), tables.told(group)
    yield "learned_prefixes", learned * families
    yield "link_told", told * families
    yield "gateway_told", told * families
    if ends.peerings:
        yield "peered_prefixes", learned * families
    # On transit a family takes a connection of its own, so that a link tells one at a time.
    if ground.on_transit(group):
        yield "table_routes", tables.reached(group, (*NATIVE, *TUNNEL))
        yield "transit_told", told
        yield "transit_sent", tables.sent(group)
        return
    side = _side(ground, group)
    # Of sites that are such a side for each other, the first has most on transit, the last least.
    own = tables.of_site(group, group)
    beyond = sum(other.sites * tables.of_site(other, group) for other in side.others)
    among = (group.sites - 1) * own if side.among else 0
    yield "table_routes", tables.reached(group, NATIVE) + beyond + among
    if side.most:
        tellers = [*side.others, *([group] if side.among else [])]
        yield "transit_told", max(tables.of_site(other, group) for other in tellers)
        yield "transit_sent", own
    if ends.tunnels > side.least:
        yield "own_prefixes", learned - beyond
        yield "own_told", tables.told(group, skip=side.others)
        yield "own_sent", own
