"""Hub-and-spoke: every site has a link to each hub; the hubs are meshed."""

from __future__ import annotations

from itertools import combinations
from typing import TYPE_CHECKING

from k8s6plan.topology.designs._links import (
    Design,
    Ends,
    LinkCount,
    Path,
    along,
    by_native_provider,
    by_provider,
    cluster_pairs,
    count_sites,
    direct,
    ends_to,
    gateway_load,
    join,
    pairs,
    site_graph,
    transit_pairs,
)
from k8s6plan.topology.groups import hub_sites

if TYPE_CHECKING:
    import networkx as nx

    from k8s6plan.fleet.model import Fleet
    from k8s6plan.topology.groups import Outline, SiteGroup


def count(outline: Outline) -> LinkCount:
    """Count h(N-h) + h(h-1)/2 links; those inside a cloud provider are attachments.

    Two spokes are two hops apart, all other pairs one. A pair of spokes counts as joined by
    tunnels only where no hub lies in the provider of either: any hub may carry it.
    """
    hubs = [group for group in outline.groups if group.hub]
    spokes = [group for group in outline.groups if not group.hub]
    hub_count, spoke_count = count_sites(hubs), count_sites(spokes)
    hubs_in, spokes_in = by_native_provider(hubs), by_native_provider(spokes)
    hubs_at, spokes_at = _sites_at(hubs), _sites_at(spokes)
    attachments = sum(
        pairs(hubs_at[provider]) + hubs_at[provider] * spokes_at.get(provider, 0)
        for provider in hubs_in
    )

    def ends_of(group: SiteGroup) -> Ends:
        near_hubs = hubs_at.get(group.provider or "", 0)
        near_spokes = spokes_at.get(group.provider or "", 0)
        if not group.hub:
            return ends_to(group, hub_count, near_hubs, native="attachment")
        near = max(near_hubs, 1) - 1 + near_spokes
        return ends_to(group, hub_count - 1 + spoke_count, near, native="attachment")

    ends = {group: ends_of(group) for group in outline.groups}
    gateways, busiest = gateway_load(ends, outline.tunnels_per_link)
    spoke_pairs = cluster_pairs(spokes)
    # Pairs with a hub at one end or both: direct, and by tunnel unless inside one provider.
    tunnel_pairs = outline.pairs - spoke_pairs
    for provider, groups in hubs_in.items():
        here = spokes_in.get(provider, [])
        tunnel_pairs -= cluster_pairs([*groups, *here]) - cluster_pairs(here)
    tunnel_pairs += cluster_pairs(g for g in spokes if ends[g].tunnels == hub_count)
    return LinkCount(
        tunnel_links=hub_count * spoke_count + pairs(hub_count) - attachments,
        peerings=0,
        attachments=attachments,
        gateways=gateways,
        busiest=busiest,
        links_added=min(outline.hubs_wanted, outline.sites),
        sites_touched=min(outline.hubs_wanted, outline.sites),
        hop_sum=outline.pairs + spoke_pairs,
        max_hops=2 if spoke_pairs else min(1, outline.pairs),
        tunnel_pairs=tunnel_pairs,
        joined_pairs=outline.pairs,
        ends=ends,
        transit_pairs=transit_pairs(hubs_in, by_native_provider(outline.groups)),
    )


def _sites_at(groups: list[SiteGroup]) -> dict[str, int]:
    """Return the sites of ``groups`` at each provider that has a name."""
    return {provider: count_sites(here) for provider, here in by_provider(groups).items()}


def paths(outline: Outline, one: SiteGroup, other: SiteGroup) -> list[Path]:
    """Return the direct link where either is a hub, else the way through each hub, by its name."""
    if one.hub or other.hub:
        return direct(one, other, native="attachment")
    return [along(one, hub, other, native="attachment") for hub in outline.hubs]


def build(fleet: Fleet) -> nx.Graph[str]:
    """Return the graph: hubs meshed, every spoke joined to every hub."""
    hubs = hub_sites(fleet)
    graph = site_graph(fleet, HUB_AND_SPOKE.name, hubs)
    for one, other in combinations(sorted(hubs), 2):
        join(graph, fleet, one, other, native="attachment")
    for spoke in graph.nodes:
        for hub in sorted(hubs):
            if spoke not in hubs:
                join(graph, fleet, spoke, hub, native="attachment")
    return graph


HUB_AND_SPOKE = Design(
    name="hub-and-spoke",
    title="Hub and spoke",
    asks="asks you to size its hubs for all traffic, and to plan for their failure",
    family="ipv4",
    count=count,
    build=build,
    paths=paths,
    carries=lambda group: bool(group.hub),
)
