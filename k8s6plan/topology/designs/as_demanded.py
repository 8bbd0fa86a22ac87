"""As demanded: a link between two sites only where the fleet file says that they talk."""

from __future__ import annotations

from collections import Counter
from itertools import product
from typing import TYPE_CHECKING

from k8s6plan.topology.designs._links import (
    Design,
    Ends,
    LinkCount,
    Path,
    direct,
    ends_between,
    gateway_load,
    join,
    link_kind,
    pairs,
    plus,
    site_graph,
)

if TYPE_CHECKING:
    import networkx as nx

    from k8s6plan.fleet.model import Fleet
    from k8s6plan.topology.groups import Outline, SiteGroup


def count(outline: Outline) -> LinkCount:
    """Count the pairs of sites between which there is a demand, in either direction.

    Sites of a group are alike, so two groups are joined wholly or not at all. A pair of clusters
    is joined where its sites are, and is then one hop apart; other pairs have no path.
    """
    ends: dict[SiteGroup, Ends] = dict.fromkeys(outline.groups, Ends())
    links: Counter[str] = Counter()
    joined = tunnelled = 0
    for first, second in _joined_groups(outline):
        one, other = outline.groups[first], outline.groups[second]
        kind = link_kind(one, other, native="peering")
        sites = pairs(one.sites) if first == second else one.sites * other.sites
        links[kind] += sites
        joined += sites * one.clusters * other.clusters
        tunnelled += sites * one.clusters * other.clusters * (kind == "tunnel")
        ends[one] = plus(
            ends[one], ends_between(one, other, other.sites - (first == second), native="peering")
        )
        if first != second:
            ends[other] = plus(ends[other], ends_between(other, one, one.sites, native="peering"))
    gateways, busiest = gateway_load(ends, outline.tunnels_per_link)
    added = _next_links(outline)
    return LinkCount(
        tunnel_links=links["tunnel"],
        peerings=links["peering"],
        attachments=0,
        gateways=gateways,
        busiest=busiest,
        links_added=added,
        sites_touched=added,
        hop_sum=joined,
        max_hops=min(1, joined),
        tunnel_pairs=tunnelled,
        joined_pairs=joined,
        ends=ends,
    )


def _ends_of_demands(outline: Outline) -> tuple[list[list[int]], list[list[int]]]:
    """Return, for each demand, the groups that send and the groups that hear, by index."""
    sending: list[list[int]] = [[] for _ in outline.flows]
    hearing: list[list[int]] = [[] for _ in outline.flows]
    for index, group in enumerate(outline.groups):
        for demand in {number for member in group.members for number in member.sends}:
            sending[demand].append(index)
        for demand in {number for member in group.members for number in member.hears}:
            hearing[demand].append(index)
    return sending, hearing


def _joined_groups(outline: Outline) -> list[tuple[int, int]]:
    """Return the pairs of groups, by index, whose sites are joined each to each."""
    found: set[tuple[int, int]] = set()
    for senders, hearers in zip(*_ends_of_demands(outline), strict=True):
        found |= {(min(pair), max(pair)) for pair in product(senders, hearers)}
    return sorted(found)


def _next_links(outline: Outline) -> int:
    """Return the sites that a newcomer without labels is joined to: by demands of `all`."""
    met: set[int] = set()
    for flow, senders, hearers in zip(outline.flows, *_ends_of_demands(outline), strict=True):
        met |= set(hearers if flow.from_all else ()) | set(senders if flow.to_all else ())
    return sum(outline.groups[index].sites for index in met)


def paths(outline: Outline, one: SiteGroup, other: SiteGroup) -> list[Path]:
    """Return the direct link where one of the two sends to the other."""
    for here, there in ((one, other), (other, one)):
        sends = {demand for member in here.members for demand in member.sends}
        if any(demand in sends for member in there.members for demand in member.hears):
            return direct(one, other, native="peering")
    return []


def build(fleet: Fleet) -> nx.Graph[str]:
    """Return the graph: a peering or a tunnel wherever a demand leads from site to site."""
    from k8s6plan.fleet.demands import selected

    graph = site_graph(fleet, AS_DEMANDED.name)
    chosen = {
        end: sorted({fleet.clusters[index].site_name for index in indices})
        for end, indices in selected(fleet).items()
    }
    for demand in fleet.demands:
        for one, other in product(chosen[demand.source], chosen[demand.target]):
            if one != other:
                join(graph, fleet, one, other, native="peering")
    return graph


AS_DEMANDED = Design(
    name="as-demanded",
    title="As demanded",
    asks="asks that every new conversation be foreseen: sites without a demand do not meet",
    family="ipv4",
    count=count,
    build=build,
    paths=paths,
    needs_demands=True,
)
