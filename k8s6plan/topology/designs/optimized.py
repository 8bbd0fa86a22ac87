"""Optimized: hubs meshed, every other site on the hubs that `connect.homes` names for it."""

from __future__ import annotations

from collections import defaultdict
from itertools import combinations, combinations_with_replacement
from typing import TYPE_CHECKING

from k8s6plan.topology.designs._links import (
    Design,
    Ends,
    LinkCount,
    Path,
    along,
    ends_between,
    gateway_load,
    join,
    link_kind,
    pairs,
    plus,
    site_graph,
)
from k8s6plan.topology.groups import hub_sites

if TYPE_CHECKING:
    import networkx as nx

    from k8s6plan.fleet.model import Fleet
    from k8s6plan.topology.groups import Outline, SiteGroup


def count(outline: Outline) -> LinkCount:
    """Count h(h-1)/2 links among h hubs, and those of every other site to its homes.

    Two sites with a home in common are two hops apart, others three. Hubs and homes are few, so
    groups are looked at pair by pair.
    """
    ends: dict[SiteGroup, Ends] = dict.fromkeys(outline.groups, Ends())
    links: dict[str, int] = defaultdict(int)
    apart: set[tuple[str, str, str]] = set()  # (provider, region, region) of transits that meet
    for one, other in _joined(outline):
        kind = link_kind(one, other, native="attachment")
        if kind == "attachment" and one.region != other.region:
            low, high = sorted((one.region or "", other.region or ""))
            apart.add((one.provider or "", low, high))
        same = one is other
        links[kind] += pairs(one.sites) if same else one.sites * other.sites
        ends[one] = plus(
            ends[one], ends_between(one, other, other.sites - same, native="attachment")
        )
        if not same:
            ends[other] = plus(
                ends[other], ends_between(other, one, one.sites, native="attachment")
            )
    gateways, busiest = gateway_load(ends, outline.tunnels_per_link)
    hop_sum = max_hops = tunnelled = 0
    for one, other in combinations_with_replacement(outline.groups, 2):
        sites = pairs(one.sites) if one is other else one.sites * other.sites
        met = sites * one.clusters * other.clusters
        if met:
            found = paths(outline, one, other)
            hop_sum += met * len(found[0])
            max_hops = max(max_hops, len(found[0]))
            tunnelled += met * all(leg.kind == "tunnel" for path in found for leg in path)
    added = min(outline.hubs_wanted, outline.sites)  # a newcomer has no homes yet: all hubs
    return LinkCount(
        tunnel_links=links["tunnel"],
        peerings=0,
        attachments=links["attachment"],
        gateways=gateways,
        busiest=busiest,
        links_added=added,
        sites_touched=added,
        hop_sum=hop_sum,
        max_hops=max_hops,
        tunnel_pairs=tunnelled,
        joined_pairs=outline.pairs,
        ends=ends,
        transit_pairs=tuple(sorted(apart)),
    )


def _homes(outline: Outline, group: SiteGroup) -> list[SiteGroup]:
    """Return the hubs that sites of ``group`` are joined to: its homes, else all."""
    return [hub for hub in outline.hubs if not group.homes or hub.hub in group.homes]


def _joined(outline: Outline) -> list[tuple[SiteGroup, SiteGroup]]:
    """Return the pairs of groups whose sites are joined each to each."""
    spokes = [group for group in outline.groups if not group.hub]
    return [
        *combinations_with_replacement(outline.hubs, 2),
        *((spoke, hub) for spoke in spokes for hub in _homes(outline, spoke)),
    ]


def paths(outline: Outline, one: SiteGroup, other: SiteGroup) -> list[Path]:
    """Return the shortest ways: direct, by a hub, or by two hubs, in the order of their names."""
    near = [] if one.hub else _homes(outline, one)
    far = [] if other.hub else _homes(outline, other)
    if (one.hub and other.hub) or one in far or other in near:
        return [along(one, other, native="attachment")]
    if one.hub or other.hub:  # from a hub to a site elsewhere: by the homes of that site
        return [along(one, hub, other, native="attachment") for hub in (far or near)]
    shared = [hub for hub in near if hub in far]
    if shared:
        return [along(one, hub, other, native="attachment") for hub in shared]
    return [
        along(one, first, second, other, native="attachment") for first in near for second in far
    ]


def build(fleet: Fleet) -> nx.Graph[str]:
    """Return the graph: hubs meshed, every other site joined to its homes."""
    hubs = hub_sites(fleet)
    homes = fleet.homes
    graph = site_graph(fleet, OPTIMIZED.name, hubs)
    for one, other in combinations(sorted(hubs), 2):
        join(graph, fleet, one, other, native="attachment")
    for spoke in graph.nodes:
        if spoke not in hubs:
            for hub in sorted(homes.get(spoke) or hubs):
                join(graph, fleet, spoke, hub, native="attachment")
    return graph


OPTIMIZED = Design(
    name="optimized",
    title="Optimized",
    asks="asks you to join each site to the homes that were chosen for it, and to choose anew",
    family="ipv4",
    count=count,
    build=build,
    paths=paths,
    carries=lambda group: bool(group.hub),
    needs_homes=True,
)
