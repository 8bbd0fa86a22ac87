"""What designs share: the count of links, the kinds of link, and the graph's attributes.

Attributes of a built graph (``check_graph`` holds them):

- graph: ``design``, ``fleet``.
- vertex (a site): ``kind`` "site", ``provider``, ``region`` (str or None), ``clusters`` (names),
  ``gateways`` (int >= 1), ``hub`` (bool). In flat IPv6 one more vertex, ``kind`` "underlay".
- edge: ``kind`` one of LINK_KINDS, ``tunnels`` (int; 0 for every kind but "tunnel").
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from k8s6plan.outline import Outline, SiteGroup, is_native

if TYPE_CHECKING:
    import networkx as nx

    from k8s6plan.model import Fleet

LinkKind = Literal["tunnel", "peering", "attachment", "routed"]
LINK_KINDS: tuple[LinkKind, ...] = ("tunnel", "peering", "attachment", "routed")
UNDERLAY = "(underlay)"  # no site can be named so


@dataclass(frozen=True)
class LinkCount:
    """What a design comes to. Links are counted once each, whatever their redundancy.

    ``hop_sum`` and ``max_hops`` are over pairs of clusters in different sites, along shortest
    paths; ``tunnel_pairs`` are those pairs whose every shortest path runs through tunnels only.
    ``busiest`` is the most tunnels that one gateway ends.
    """

    tunnel_links: int
    peerings: int
    attachments: int
    gateways: int
    busiest: int
    links_added: int
    sites_touched: int
    hop_sum: int
    max_hops: int
    tunnel_pairs: int


@dataclass(frozen=True)
class Design:
    """One way to join sites: its closed form, its graph, and what it asks of its owner.

    ``family`` is the one that the design routes. ``asks`` is the rest of a sentence
    that begins with the title.
    """

    name: str
    title: str
    asks: str
    family: Literal["ipv4", "ipv6"]
    count: Callable[[Outline], LinkCount]
    build: Callable[[Fleet], nx.Graph[str]]


def pairs(count: int) -> int:
    """Return the number of pairs among ``count`` things: n(n-1)/2."""
    return count * (count - 1) // 2


def cluster_pairs(groups: Iterable[SiteGroup]) -> int:
    """Return the pairs of clusters in different sites of ``groups``."""
    groups = list(groups)
    total = sum(group.sites * group.clusters for group in groups)
    return pairs(total) - sum(group.sites * pairs(group.clusters) for group in groups)


def by_native_provider(groups: Iterable[SiteGroup]) -> dict[str, list[SiteGroup]]:
    """Return the groups of each provider whose sites need no VPN among themselves."""
    found: dict[str, list[SiteGroup]] = defaultdict(list)
    for group in groups:
        if group.native and group.provider is not None:
            found[group.provider].append(group)
    return dict(found)


def count_sites(groups: Iterable[SiteGroup]) -> int:
    """Return the number of sites in ``groups``."""
    return sum(group.sites for group in groups)


def gateway_load(ends: Mapping[SiteGroup, int], tunnels_per_link: int) -> tuple[int, int]:
    """Return (gateways of sites that end a tunnel, most tunnels that one gateway ends).

    ``ends``: for each group, how many tunnel links one of its sites ends. A site spreads its
    tunnels over its gateways evenly: ceil(tunnels / gateways).
    """
    gateways = sum(group.sites * group.gateways for group, links in ends.items() if links)
    loads = (-(-links * tunnels_per_link // group.gateways) for group, links in ends.items())
    return gateways, max(loads, default=0)


def site_graph(fleet: Fleet, design: str, hubs: Iterable[str] = ()) -> nx.Graph[str]:
    """Return a graph with a vertex for each site and no edges yet."""
    import networkx as nx

    chosen = set(hubs)
    graph: nx.Graph[str] = nx.Graph(design=design, fleet=fleet.fleet)
    for site, members in fleet.members.items():
        provider, region = fleet.region_of(site)
        graph.add_node(
            site,
            kind="site",
            provider=provider,
            region=region,
            clusters=tuple(cluster.name for cluster in members),
            gateways=fleet.site(site).gateways,
            hub=site in chosen,
        )
    return graph


def join(graph: nx.Graph[str], fleet: Fleet, one: str, other: str, *, native: LinkKind) -> None:
    """Join two sites: by ``native`` inside one cloud provider, else by a tunnel."""
    provider = graph.nodes[one]["provider"]
    same = provider == graph.nodes[other]["provider"]
    if same and is_native(fleet, provider):
        graph.add_edge(one, other, kind=native, tunnels=0)
    else:
        graph.add_edge(one, other, kind="tunnel", tunnels=fleet.connect.tunnels_per_link)


def check_graph(graph: nx.Graph[str]) -> None:
    """Hold the attribute contract at the top of this file.

    Raises:
        ValueError: naming every vertex and edge that breaks it; a defect of a design.

    """
    faults = []
    wanted = {"kind", "provider", "region", "clusters", "gateways", "hub"}
    for vertex, data in graph.nodes(data=True):
        kind = data.get("kind")
        if kind not in ("site", "underlay") or (kind == "site" and set(data) != wanted):
            faults.append(f"vertex {vertex}: {data}")
    for one, other, data in graph.edges(data=True):
        tunnels = data.get("tunnels")
        kind = data.get("kind")
        right = isinstance(tunnels, int) and (tunnels > 0) == (kind == "tunnel")
        if one == other or kind not in LINK_KINDS or not right or set(data) != {"kind", "tunnels"}:
            faults.append(f"edge {one} - {other}: {data}")
    if faults:
        raise ValueError("the graph breaks its contract: " + "; ".join(faults))
