"""What a limit can bound of a region, of its transit, and of a provider's managed hubs."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from decimal import Decimal

from k8s6plan.evaluation.limits._reading import Ground, Reading
from k8s6plan.topology.designs import Ends, ManagedHub
from k8s6plan.topology.groups import SiteGroup
from k8s6plan.topology.routes import TUNNEL
from k8s6plan.topology.traffic import Place

At = tuple[str, str]  # provider and region


class _Region:
    """What is counted in one region of a provider."""

    def __init__(self) -> None:
        self.totals: dict[str, int] = defaultdict(int)
        self.ends: list[Place] = []  # where tunnels end
        self.known: set[int] = set()  # the groups that its transit knows, by identity
        self.learned: set[int] = set()  # of these what its own tunnels teach it


def of_regions(ground: Ground) -> Iterator[Reading]:
    """Yield what is counted in each region, at each managed hub, and over a provider."""
    regions: dict[At, _Region] = defaultdict(_Region)
    attached: dict[str, int] = defaultdict(int)
    for group, ends in ground.count.ends.items():
        if group.provider is not None and group.region is not None:
            _add_site(ground, group, ends, regions[group.provider, group.region])
            on_transit = ends.attachments or (ends.tunnels and ground.on_transit(group))
            attached[group.provider] += group.sites if on_transit else 0
    for provider, one, other in ground.count.transit_pairs:
        for region in (one, other):
            regions[provider, region].totals["transit_attachments"] += 1
            regions[provider, region].totals["transit_peerings"] += 1
    for hub, ends in ground.count.hub_ends.items():
        _add_hub(ground, hub, ends, regions[hub.provider, hub.region])
    for provider, name in sorted(regions):
        for measure, value in _of_region(ground, (provider, name), regions):
            if value:
                yield Reading(measure, provider, f"{provider} {name}", value)
    for provider, sites in sorted(attached.items()):
        if sites:
            yield Reading("attached_sites", provider, provider, sites)
    yield from _of_hubs(ground)


def _add_site(ground: Ground, group: SiteGroup, ends: Ends, region: _Region) -> None:
    """Count the sites of a group: their tunnels, and what of theirs is on transit."""
    totals, routes, pairs = region.totals, ground.routes, ground.pairs * ground.families
    on_transit = ends.tunnels > 0 and ground.on_transit(group)
    totals["region_pairs"] += group.sites * ends.tunnels * pairs
    if ends.tunnels:
        region.ends.append(group)
    if ends.attachments or on_transit:
        totals["transit_attachments"] += group.sites
        totals["hub_sites"] += group.sites
        region.known |= {id(group)} | routes.groups(routes.targets(group, ("attachment",)))
    if on_transit:
        totals["transit_attachments"] += group.sites * ends.tunnels * pairs
        learned = routes.groups(routes.targets(group, TUNNEL))
        region.known |= learned
        region.learned |= learned
    elif ends.tunnels:
        side = ground.sides.get(group)
        with_gateway = group.sites
        if side is not None:
            totals["transit_attachments"] += side.sites + side.links * ground.pairs
            region.known |= {id(other) for other in (group, *side.others)}
            if side.most == ends.tunnels:  # the first of them, or all where they have the same
                with_gateway = group.sites - 1 if side.among else 0
        totals["region_own_gateways"] += with_gateway * group.gateways


def _add_hub(ground: Ground, hub: ManagedHub, ends: Ends, region: _Region) -> None:
    """Count a managed hub: all hubs of a provider stand in one network with its sites."""
    totals, routes, pairs = region.totals, ground.routes, ground.pairs * ground.families
    hubs = sum(other.provider == hub.provider for other in ground.count.hub_ends)
    totals["hub_sites"] += hubs
    region.known |= routes.groups(routes.targets(hub, ("attachment", *TUNNEL)))
    if ends.tunnels:
        region.ends.append(hub)
        region.learned |= routes.groups(routes.targets(hub, TUNNEL))
        totals["transit_attachments"] += ends.tunnels * pairs
        totals["region_pairs"] += ends.tunnels * pairs
        totals["hub_pairs"] += ends.tunnels * pairs


def _of_region(ground: Ground, at: At, regions: dict[At, _Region]) -> Iterator[tuple[str, int]]:
    region = regions[at]
    for measure, total in sorted(region.totals.items()):
        if measure != "hub_sites" or ground.design.managed:
            yield measure, total
    yield "region_remotes", ground.routes.remotes(region.ends, ground.pairs)
    known = ground.routes.prefixes(region.known) * ground.families
    yield "transit_routes", known
    if ground.design.managed:
        yield "hub_routes", known
    if region.totals["transit_peerings"]:
        far = {
            group
            for (provider, name), other in regions.items()
            if provider == at[0] and name != at[1]
            for group in other.learned
        }
        yield "far_prefixes", ground.routes.prefixes(far) * ground.families


def _of_hubs(ground: Ground) -> Iterator[Reading]:
    """Yield what the tunnels of a managed hub teach it, what they carry, and its router."""
    routes, families = ground.routes, ground.families
    through: dict[ManagedHub, Decimal] = defaultdict(Decimal)
    for stream in ground.streams if ground.count.hub_ends else ():
        if all(leg.kind == "attachment" for leg in stream.path):
            hubs = dict.fromkeys(
                leg.target for leg in stream.path if isinstance(leg.target, ManagedHub)
            )
            for hub in hubs:
                through[hub] += stream.each.peak_mbps * stream.pairs
    for hub, ends in ground.count.hub_ends.items():
        found: list[tuple[str, int | Decimal]] = []
        if through[hub]:
            found.append(("hub_router_mbps", through[hub]))
        if ends.tunnels:
            told = routes.told(hub)
            found += [
                ("site_sold_tunnels", 2 * ends.tunnels * ground.pairs),
                ("learned_prefixes", routes.reached(hub, TUNNEL) * families),
                ("link_told", told * families),
                ("transit_told", told),
                ("transit_sent", routes.sent(hub)),
            ]
            load = ground.loads.places.get(hub)
            if load is not None:
                found.append(("hub_mbps", load.both))
                found += ground.of_tunnels(hub)
                # A pair is sold as two tunnels of equal throughput: neither carries for the other.
                found += [
                    ("hub_pair_mbps", 2 * value)
                    for measure, value in found
                    if measure == "tunnel_mbps"
                ]
        for measure, value in found:
            yield Reading(measure, hub.provider, f"hub in {hub.region}", value)
