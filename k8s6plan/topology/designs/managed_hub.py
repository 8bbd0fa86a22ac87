"""Managed hubs: the providers' own transit in every region, VPN between the providers."""

from __future__ import annotations

from collections import defaultdict
from itertools import combinations, pairwise
from typing import TYPE_CHECKING

from k8s6plan.topology.designs._links import (
    Design,
    Ends,
    Leg,
    LinkCount,
    ManagedHub,
    Path,
    by_provider,
    cluster_pairs,
    count_sites,
    direct,
    ends_to,
    gateway_load,
    join,
    pairs,
    site_graph,
)
from k8s6plan.topology.groups import is_native, main_regions_of

if TYPE_CHECKING:
    import networkx as nx

    from k8s6plan.fleet.model import Fleet
    from k8s6plan.topology.groups import Outline, SiteGroup


def has_hub(provider: str | None, *, native: bool) -> bool:
    """Say whether sites of ``provider`` are attached to managed hubs of its own."""
    from k8s6plan import catalog

    return native and provider is not None and catalog.has_managed_hubs(provider)


def count(outline: Outline) -> LinkCount:
    """Count an attachment for each site of a provider with managed hubs, its hubs meshed.

    Each such provider has one hub with links to the others, in its main region; a site elsewhere
    has its own. With D providers with hubs and S other sites these are (D+S)(D+S-1)/2 links, less
    the pairs of other sites inside one cloud provider, which are peerings.

    A pair's hops: 2 in a region, 3 in a provider; else 1, and 1 or 2 more at an end with hubs.
    """
    attached = [g for g in outline.groups if has_hub(g.provider, native=g.native)]
    alone = [g for g in outline.groups if not has_hub(g.provider, native=g.native)]
    regions: dict[str, set[str]] = defaultdict(set)
    for group in attached:
        regions[group.provider or ""].add(group.region or "")
    hub_pairs = sum(pairs(len(found)) for found in regions.values())
    outer = len(regions) + count_sites(alone)
    here = {provider: count_sites(groups) for provider, groups in by_provider(alone).items()}
    native_alone = _sites_by_native_provider(alone)
    peerings = sum(pairs(sites) for sites in native_alone.values())
    ends = {group: Ends(attachments=1) for group in attached} | {
        group: ends_to(group, outer - 1, here.get(group.provider or "", 1) - 1, native="peering")
        for group in alone
    }
    hub_ends = {
        ManagedHub(provider, region): Ends(
            tunnels=outer - 1 if region == outline.main_regions[provider] else 0,
            attachments=len(found) - 1,
        )
        for provider, found in sorted(regions.items())
        for region in sorted(found)
    }
    gateways, busiest = gateway_load(ends, outline.tunnels_per_link)
    main_hubs = len(regions) if outer > 1 else 0
    if main_hubs:
        busiest = max(busiest, (outer - 1) * outline.tunnels_per_link)
    native_pairs = sum(
        cluster_pairs(g for g in alone if g.native and g.provider == provider)
        for provider in native_alone
    )
    hop_sum, max_hops = _hops(outline, attached, alone)
    return LinkCount(
        tunnel_links=pairs(outer) - peerings,
        peerings=peerings,
        attachments=count_sites(attached) + hub_pairs,
        gateways=gateways + main_hubs,
        busiest=busiest,
        links_added=outer,
        sites_touched=outer,
        hop_sum=hop_sum,
        max_hops=max_hops,
        tunnel_pairs=cluster_pairs(alone) - native_pairs,
        joined_pairs=outline.pairs,
        ends=ends,
        hub_ends=hub_ends,
        transit_pairs=tuple(
            (provider, one, other)
            for provider, found in sorted(regions.items())
            for one, other in combinations(sorted(found), 2)
        ),
    )


def _sites_by_native_provider(groups: list[SiteGroup]) -> dict[str, int]:
    native = by_provider(group for group in groups if group.native)
    return {provider: count_sites(found) for provider, found in native.items()}


def _hops(outline: Outline, attached: list[SiteGroup], alone: list[SiteGroup]) -> tuple[int, int]:
    """Return the sum of the hops over pairs of clusters in different sites, and the most.

    A cluster is ``out`` links away from where its provider's links to others end.
    """
    out = {g: 1 if outline.main_regions[g.provider or ""] == g.region else 2 for g in attached}
    out |= dict.fromkeys(alone, 0)
    total = longest = within_pairs = 0
    for groups in by_provider(attached).values():
        regions: dict[str | None, list[SiteGroup]] = defaultdict(list)
        for group in groups:
            regions[group.region].append(group)
        inside, local = cluster_pairs(groups), sum(map(cluster_pairs, regions.values()))
        total += 3 * inside - local
        within_pairs += inside
        longest = max(longest, 3 if inside > local else 2 if local else 0)
    across = outline.pairs - within_pairs
    total += across
    clusters = {p: sum(g.sites * g.clusters for g in gs) for p, gs in by_provider(attached).items()}
    for group in attached:
        beyond = outline.clusters - clusters[group.provider or ""]
        total += out[group] * group.sites * group.clusters * beyond
    if across:
        longest = max(longest, 1 + _furthest_two(out, attached, alone))
    return total, longest


def _furthest_two(
    out: dict[SiteGroup, int], attached: list[SiteGroup], alone: list[SiteGroup]
) -> int:
    """Return the most that two ends in different providers, or sites alone, are out together."""
    most = [max(out[group] for group in groups) for groups in by_provider(attached).values()]
    return sum(sorted([*most, *(0 for _ in alone), 0])[-2:])


def paths(outline: Outline, one: SiteGroup, other: SiteGroup) -> list[Path]:
    """Return the one way there is: by the hubs of both regions and of both main regions."""
    near, far = _stops(outline, one), _stops(outline, other)
    if not near and not far:
        return direct(one, other, native="peering")
    if near and far and one.provider == other.provider:
        near, far = near[:1], far[:1]
        middle = [*near, *(far if far != near else ())]
    else:
        middle = [*near, *reversed(far)]
    stops = [one, *middle, other]
    legs = []
    for here, there in pairwise(stops):
        same = here.provider is not None and here.provider == there.provider
        legs.append(Leg("attachment" if same else "tunnel", here, there))
    return [tuple(legs)]


def _stops(outline: Outline, group: SiteGroup) -> list[ManagedHub]:
    """Return the managed hubs on the way from a site of ``group`` out of its provider."""
    if not has_hub(group.provider, native=group.native):
        return []
    provider = group.provider or ""
    main = outline.main_regions[provider]
    stops = [ManagedHub(provider, group.region or "")]
    return stops if main == group.region else [*stops, ManagedHub(provider, main)]


def build(fleet: Fleet) -> nx.Graph[str]:
    """Return the graph: a vertex for each managed hub besides those of the sites."""
    graph = site_graph(fleet, MANAGED_HUB.name)
    tunnels = fleet.connect.tunnels_per_link
    outer: list[str] = []
    hubs: dict[str, list[str]] = defaultdict(list)
    for site in list(graph.nodes):
        provider, region = fleet.region_of(site)
        if not has_hub(provider, native=is_native(fleet, provider)):
            outer.append(site)
            continue
        hub = str(ManagedHub(provider, region or ""))
        if hub not in graph:
            graph.add_node(hub, kind="transit", provider=provider, region=region, gateways=1)
            hubs[provider].append(hub)
        graph.add_edge(site, hub, kind="attachment", tunnels=0)
    for provider in sorted(hubs):
        for one, other in combinations(sorted(hubs[provider]), 2):
            graph.add_edge(one, other, kind="attachment", tunnels=0)
    for one, other in combinations(outer, 2):
        join(graph, fleet, one, other, native="peering")
    mains = main_regions_of(fleet)
    main = sorted(str(ManagedHub(*mains[provider])) for provider in hubs)
    for hub in main:
        for site in outer:
            graph.add_edge(hub, site, kind="tunnel", tunnels=tunnels)
    for one, other in combinations(main, 2):
        graph.add_edge(one, other, kind="tunnel", tunnels=tunnels)
    return graph


MANAGED_HUB = Design(
    name="managed-hub",
    title="Managed hubs",
    asks="ask for the providers' own transit in every region, which is paid by the hour and the GB",
    family="ipv4",
    count=count,
    build=build,
    paths=paths,
    managed=True,
)
