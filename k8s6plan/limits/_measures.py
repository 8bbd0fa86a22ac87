"""What of a design a limit can bound, counted for each group of sites, region and provider.

A row of data/providers names one of these as its ``measure``:

- of a site: ``own_pairs`` (tunnel pairs on its own gateway), ``site_tunnels`` (on each gateway),
  ``site_sold_tunnels`` (as pairs are sold), ``site_gateways`` (that end tunnels),
  ``site_peerings``, ``site_links`` (and attachments), ``peering_ranges`` (subnet ranges of a site
  and its peers), ``own_prefixes`` (learned by its own gateway), ``learned_prefixes`` (by any
  tunnel), ``transit_prefixes`` (by tunnels on transit), ``table_routes`` (over peerings and
  attachments), ``entries`` (of the longest allow list); of the routed peak ``tunnel_mbps`` (a
  tunnel, the busier direction), ``tunnel_pps`` (both directions), ``gateway_mbps`` (a gateway,
  both), ``own_gateway_out_mbps`` (sent by its own gateway);
- of a region: ``region_pairs``, ``region_own_gateways``, ``region_remotes`` (other ends),
  ``transit_attachments``, ``transit_peerings``; of a managed hub ``hub_sites``, ``hub_pairs``,
  ``hub_mbps``;
- of a provider: ``transit_routes`` and ``hub_routes`` (prefixes in all), ``attached_sites``;
- of the mesh software: ``mesh_clusters``, ``mesh_clusters_on_eni``.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping
from decimal import Decimal
from typing import NamedTuple

from k8s6plan import catalog
from k8s6plan.costing import gateway_lacks, sold_pairs
from k8s6plan.designs import Design, Ends, LinkCount, ManagedHub
from k8s6plan.outline import Outline, SiteGroup
from k8s6plan.traffic import Load

_BITS = Decimal(1_000_000)
_RANGES = 3  # of a cluster: nodes, pods and services
Loads = Mapping[SiteGroup | ManagedHub, Load]


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


def readings(design: Design, outline: Outline, count: LinkCount, loads: Loads) -> Iterator[Reading]:
    """Yield the values of all measures that the design has."""
    for group in outline.groups:
        if group.provider is not None:
            ends = count.ends.get(group, Ends())
            for measure, value in _of_site(design, outline, group, ends, loads):
                yield Reading(measure, group.provider, group, value)
    if not design.software:
        yield from _of_regions(design, outline, count)
    yield from _of_hubs(design, outline, count, loads)
    yield from _of_mesh(design, outline)


def _site(group: SiteGroup) -> str:
    if group.hub:
        return f"hub {group.hub}"
    place = f"{group.provider} {group.region}" if group.region else str(group.provider)
    return f"each site in {place}"


def _of_site(
    design: Design, outline: Outline, group: SiteGroup, ends: Ends, loads: Loads
) -> Iterator[tuple[str, int | Decimal]]:
    r, families = outline.tunnels_per_link, 2 if outline.carries == "dual-stack" else 1
    prefixes = outline.routes * families
    flat = design.family == "ipv6"
    yield "entries", outline.allow_prefixes if flat else outline.allow_pools
    if ends.peerings or ends.attachments:
        yield "site_peerings", ends.peerings
        yield "site_links", ends.peerings + ends.attachments
        yield "table_routes", outline.routes
        yield "peering_ranges", (ends.peerings + 1) * group.clusters * _RANGES
    if not ends.tunnels or design.software:
        return
    on_transit = design.carries(group) or gateway_lacks(group, outline)
    pairs = ends.tunnels * sold_pairs(r)
    yield "site_tunnels", -(-ends.tunnels * r // group.gateways)
    yield "site_sold_tunnels", 2 * pairs
    yield "site_gateways", group.gateways
    yield "learned_prefixes", prefixes
    if not on_transit:
        yield "own_pairs", -(-pairs * families // group.gateways)
        yield "own_prefixes", outline.routes
    else:
        yield "transit_prefixes", prefixes
    load = loads.get(group)
    if load is not None:
        tunnels = ends.tunnels * r
        yield "gateway_mbps", load.both / group.gateways
        yield "tunnel_mbps", max(load) / tunnels
        size = Decimal(str(catalog.assumption("mean_packet_bytes", outline.assumptions)))
        yield "tunnel_pps", load.both / tunnels * _BITS / 8 / size
        if not on_transit:
            yield "own_gateway_out_mbps", load.out / group.gateways


def _of_regions(design: Design, outline: Outline, count: LinkCount) -> Iterator[Reading]:
    """Yield what is counted in a region: tunnels of all its sites, and its transit."""
    families = 2 if outline.carries == "dual-stack" else 1
    pairs = sold_pairs(outline.tunnels_per_link) * families
    totals: dict[tuple[str, str, str], int] = defaultdict(int)
    for group, ends in count.ends.items():
        if group.provider is None or group.region is None:
            continue
        place = (group.provider, group.region)
        on_transit = design.carries(group) or gateway_lacks(group, outline)
        totals["region_pairs", *place] += group.sites * ends.tunnels * pairs
        most = max(totals["region_remotes", *place], ends.tunnels)
        totals["region_remotes", *place] = most
        if ends.tunnels and not on_transit:
            totals["region_own_gateways", *place] += group.sites
        if ends.attachments or (ends.tunnels and on_transit):
            totals["transit_attachments", *place] += group.sites
            if design.managed:
                totals["hub_sites", *place] += group.sites
        if ends.tunnels and on_transit:
            totals["transit_attachments", *place] += group.sites * ends.tunnels * pairs
    for provider, one, other in count.transit_pairs:
        for region in (one, other):
            totals["transit_attachments", provider, region] += 1
            totals["transit_peerings", provider, region] += 1
    for hub, ends in count.hub_ends.items():
        totals["transit_attachments", hub.provider, hub.region] += ends.tunnels * pairs
        totals["region_pairs", hub.provider, hub.region] += ends.tunnels * pairs
        totals["hub_pairs", hub.provider, hub.region] += ends.tunnels * pairs
    for (measure, provider, region), value in sorted(totals.items()):
        if value:
            yield Reading(measure, provider, f"{provider} {region}", Decimal(value))


def _of_hubs(design: Design, outline: Outline, count: LinkCount, loads: Loads) -> Iterator[Reading]:
    """Yield what is counted over all transit of a provider, and at each managed hub."""
    attached: dict[str, int] = defaultdict(int)
    for group, ends in count.ends.items():
        if ends.attachments:
            attached[group.provider or ""] += group.sites
    families = 2 if outline.carries == "dual-stack" else 1
    prefixes = sum(m.routes * group.sites for group in outline.groups for m in group.members)
    routes = "hub_routes" if design.managed else "transit_routes"
    for provider, sites in sorted(attached.items()):
        yield Reading(routes, provider, provider, Decimal(prefixes * families))
        yield Reading("attached_sites", provider, provider, Decimal(sites))
    for hub, ends in count.hub_ends.items():
        load = loads.get(hub)
        if ends.tunnels and load is not None:
            where = f"hub in {hub.region}"
            yield Reading("hub_mbps", hub.provider, where, load.both)
            tunnels = ends.tunnels * outline.tunnels_per_link
            yield Reading("tunnel_mbps", hub.provider, where, max(load) / tunnels)


def _of_mesh(design: Design, outline: Outline) -> Iterator[Reading]:
    """Yield what the software of an overlay mesh bounds."""
    if not design.software:
        return
    software = mesh_software(outline)
    if software is None:
        return
    where = "the whole mesh"
    yield Reading("mesh_clusters", software, where, Decimal(outline.clusters))
    on_eni = sum(count for cni, platform, count in outline.cnis if platform == "eks")
    if on_eni:
        whole = sum(count for _, _, count in outline.cnis)
        share = Decimal(outline.clusters) * on_eni / whole if whole else Decimal(0)
        yield Reading("mesh_clusters_on_eni", software, where, share.to_integral_value())


def mesh_software(outline: Outline) -> str | None:
    """Return whose limits hold for an overlay mesh: as assumed, else the CNI that all have."""
    named = str(catalog.assumption("overlay_software", outline.assumptions))
    if named != "none":
        return named
    cnis = {cni for cni, _, _ in outline.cnis}
    whole = sum(count for _, _, count in outline.cnis)
    return "cilium" if cnis == {"cilium"} and whole >= outline.clusters else None
