"""What a limit can bound of a region, of its transit, and of a provider's managed hubs."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterator
from decimal import Decimal
from typing import NamedTuple

from k8s6plan.evaluation.limits._reading import OF_TUNNELS, Ground, Reading
from k8s6plan.topology.counts import Ends
from k8s6plan.topology.groups import SiteGroup
from k8s6plan.topology.joins import ManagedHub, SiteClass
from k8s6plan.topology.loads import Place
from k8s6plan.topology.tables import TUNNEL

_OF_TABLES = ("transit_routes", "hub_routes", "far_prefixes")
_OF_HUB_TABLES = ("learned_prefixes", "link_told", "transit_told", "transit_sent")


class _Region(NamedTuple):
    """A region of a provider."""

    provider: str
    name: str


Known = dict[SiteClass | SiteGroup, None]  # classes, or groups of others; in order


class _Seen:
    """What is counted in one region."""

    def __init__(self) -> None:
        self.totals: dict[str, int] = defaultdict(int)
        self.ends: list[Place] = []  # where tunnels end
        self.attached: dict[SiteClass, None] = {}  # the classes that are attached
        self.on_transit: dict[SiteClass, None] = {}  # those whose tunnels end on transit
        self.known: Known = {}  # what its transit knows
        self.learned: Known = {}  # of these what its own tunnels teach it


def of_regions(ground: Ground) -> Iterator[Reading]:
    """Yield what is counted in each region, at each managed hub, and over a provider."""
    count = ground.topology.count
    regions: dict[_Region, _Seen] = defaultdict(_Seen)
    attached: dict[str, int] = defaultdict(int)
    for group, ends in count.of_group.items():
        if group.provider is not None and group.region is not None:
            _add_site(ground, group, ends, regions[_Region(group.provider, group.region)])
            on_transit = ends.attachments or (ends.tunnels and ground.on_transit(group))
            attached[group.provider] += group.sites if on_transit else 0
    for provider, one, other in count.transit_pairs:
        for name in (one, other):
            regions[_Region(provider, name)].totals["transit_attachments"] += 1
            regions[_Region(provider, name)].totals["transit_peerings"] += 1
    for hub, ends in count.of_hub.items():
        _add_hub(ground, hub, ends, regions[_Region(*hub)])
    for seen in regions.values() if ground.asks(*_OF_TABLES) else ():
        _add_tables(ground, seen)
    far = _far(regions)
    for region in sorted(regions):
        for measure, value in _of_region(ground, regions[region], far[region.provider]):
            if value:
                where = f"{region.provider} {region.name}"
                yield Reading(measure, region.provider, where, value)
    for provider, sites in sorted(attached.items()):
        if sites:
            yield Reading("attached_sites", provider, provider, sites)
    yield from _of_hubs(ground)


def _prefixes(ground: Ground, known: Known) -> int:
    """Return the prefixes of all sites that are known, each once."""
    class_of = ground.topology.class_of
    total = 0
    for what in known:
        if isinstance(what, SiteClass):
            total += what.prefixes
        elif class_of[what] not in known:
            total += what.prefixes * what.sites
    return total


def _add_site(ground: Ground, group: SiteGroup, ends: Ends, seen: _Seen) -> None:
    """Count the sites of a group: their tunnels, and what of theirs is on transit."""
    totals, pairs = seen.totals, ground.pairs * ground.families
    here = ground.topology.class_of[group]
    on_transit = ends.tunnels > 0 and ground.on_transit(group)
    totals["region_pairs"] += group.sites * ends.tunnels * pairs
    if ends.tunnels:
        seen.ends.append(group)
    if ends.attachments or on_transit:
        totals["transit_attachments"] += group.sites
        totals["hub_sites"] += group.sites
        seen.attached[here] = None
    if on_transit:
        totals["transit_attachments"] += group.sites * ends.tunnels * pairs
        seen.on_transit[here] = None
    elif ends.tunnels:
        side = ground.sides.get(group)
        with_gateway = group.sites
        if side is not None:
            totals["transit_attachments"] += side.sites + side.links * ground.pairs
            seen.known |= dict.fromkeys((group, *side.others))
            if side.most == ends.tunnels:  # the first of them, or all where they have the same
                with_gateway = group.sites - 1 if side.among else 0
        totals["region_own_gateways"] += with_gateway * group.gateways


def _add_hub(ground: Ground, hub: ManagedHub, ends: Ends, seen: _Seen) -> None:
    """Count a managed hub: all hubs of a provider stand in one network with its sites."""
    totals, pairs = seen.totals, ground.pairs * ground.families
    tables = ground.topology.tables
    hubs = sum(other.provider == hub.provider for other in ground.topology.hubs)
    totals["hub_sites"] += hubs
    if ground.asks(*_OF_TABLES):
        seen.known |= dict.fromkeys(tables.targets(hub, ("attachment", *TUNNEL)))
        seen.learned |= dict.fromkeys(tables.targets(hub, TUNNEL))
    if ends.tunnels:
        seen.ends.append(hub)
        totals["transit_attachments"] += ends.tunnels * pairs
        totals["region_pairs"] += ends.tunnels * pairs
        totals["hub_pairs"] += ends.tunnels * pairs


def _add_tables(ground: Ground, seen: _Seen) -> None:
    """Note what the sites of a region bring to its transit: once for all of a class."""
    tables = ground.topology.tables
    for sites in seen.attached:
        seen.known |= dict.fromkeys((sites, *tables.targets(sites.groups[0], ("attachment",))))
    for sites in seen.on_transit:
        learned: Known = dict.fromkeys(tables.targets(sites.groups[0], TUNNEL))
        seen.known |= learned
        seen.learned |= learned


def _far(regions: dict[_Region, _Seen]) -> dict[str, Counter[SiteClass | SiteGroup]]:
    """Return in how many regions of each provider tunnels on transit learn what."""
    found: dict[str, Counter[SiteClass | SiteGroup]] = defaultdict(Counter)
    for region, seen in regions.items():
        found[region.provider].update(seen.learned.keys())
    return found


def _of_region(
    ground: Ground, seen: _Seen, far: Counter[SiteClass | SiteGroup]
) -> Iterator[tuple[str, int]]:
    managed = ground.topology.managed
    for measure, total in sorted(seen.totals.items()):
        if measure != "hub_sites" or managed:
            yield measure, total
    if ground.asks("region_remotes"):
        yield "region_remotes", ground.topology.tables.remotes(seen.ends, ground.pairs)
    if not ground.asks(*_OF_TABLES):
        return
    known = _prefixes(ground, seen.known) * ground.families
    yield "transit_routes", known
    if managed:
        yield "hub_routes", known
    if seen.totals["transit_peerings"]:
        learned = {what: None for what, many in far.items() if many > (what in seen.learned)}
        yield "far_prefixes", _prefixes(ground, learned) * ground.families


def _of_hubs(ground: Ground) -> Iterator[Reading]:
    """Yield what the tunnels of a managed hub teach it, what they carry, and its router."""
    topology, families = ground.topology, ground.families
    through: dict[ManagedHub, Decimal] = defaultdict(Decimal)
    asked = topology.hubs and ground.asks("hub_router_mbps")
    for stream in ground.traffic.peaks if asked else ():
        if all(leg.kind == "attachment" for leg in stream.path):
            hubs = (leg.target for leg in stream.path if isinstance(leg.target, ManagedHub))
            for hub in dict.fromkeys(hubs):
                through[hub] += stream.volume.peak_mbps
    for hub, ends in topology.count.of_hub.items():
        found: list[tuple[str, int | Decimal]] = []
        if through[hub]:
            found.append(("hub_router_mbps", through[hub]))
        if ends.tunnels:
            found.append(("site_sold_tunnels", 2 * ends.tunnels * ground.pairs))
            if ground.asks(*_OF_HUB_TABLES):
                told = topology.tables.told(hub)
                found += [
                    ("learned_prefixes", topology.tables.reached(hub, TUNNEL) * families),
                    ("link_told", told * families),
                    ("transit_told", told),
                    ("transit_sent", topology.tables.sent(hub)),
                ]
            asked = ground.asks("hub_mbps", "hub_pair_mbps", *OF_TUNNELS)
            load = ground.traffic.loads.places.get(hub) if asked else None
            if load is not None:
                found.append(("hub_mbps", load.both))
                found += ground.of_tunnels(hub)
                # A pair is sold as two tunnels of equal throughput: neither carries for the other.
                found.append(("hub_pair_mbps", 2 * dict(ground.of_tunnels(hub))["tunnel_mbps"]))
        for measure, value in found:
            yield Reading(measure, hub.provider, f"hub in {hub.region}", value)
