"""What designs share: the count of links, the kinds of link, and the graph's attributes.

Attributes of a built graph (``check_graph`` holds them):

- graph: ``design``, ``fleet``.
- vertex: ``kind`` one of VERTEX_KINDS.
  - "site": ``provider``, ``region`` (str or None), ``clusters`` (names), ``gateways`` (int >= 1),
    ``hub`` (bool).
  - "transit", a provider's managed hub in a region: ``provider``, ``region``, ``gateways``.
  - "underlay", one vertex in flat IPv6.
- edge: ``kind`` one of LINK_KINDS, ``tunnels`` (int; 0 for every kind but "tunnel").
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from itertools import pairwise
from typing import TYPE_CHECKING, Literal, NamedTuple

from k8s6plan.topology.groups import Outline, SiteGroup, is_native

if TYPE_CHECKING:
    import networkx as nx

    from k8s6plan.fleet.model import Fleet

LinkKind = Literal["tunnel", "peering", "attachment", "routed"]
LINK_KINDS: tuple[LinkKind, ...] = ("tunnel", "peering", "attachment", "routed")
UNDERLAY = "(underlay)"  # no site can be named so


class ManagedHub(NamedTuple):
    """A provider's own transit in one region: transit gateway, Virtual WAN hub, NCC hub."""

    provider: str
    region: str

    def __str__(self) -> str:
        return f"({self.provider} {self.region})"


class Leg(NamedTuple):
    """One link of a path, in the direction of the traffic."""

    kind: LinkKind
    source: SiteGroup | ManagedHub
    target: SiteGroup | ManagedHub


Path = tuple[Leg, ...]


class Ends(NamedTuple):
    """The links that one site of a group ends, by kind; ``inside``: tunnels in its own provider."""

    tunnels: int = 0
    inside: int = 0
    peerings: int = 0
    attachments: int = 0


@dataclass(frozen=True)
class LinkCount:
    """What a design comes to. Links are counted once each, whatever their redundancy.

    ``hop_sum`` and ``max_hops`` are over pairs of clusters in different sites, along shortest
    paths; ``tunnel_pairs`` are those pairs whose every shortest path runs through tunnels only;
    ``joined_pairs`` those that have a path at all. ``busiest`` is the most tunnels that one
    gateway ends. ``ends`` and ``hub_ends`` say where links end; ``transit_pairs`` are the pairs of
    regions of one provider between which its transit carries.
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
    joined_pairs: int
    ends: Mapping[SiteGroup, Ends] = field(compare=False, default_factory=dict)
    hub_ends: Mapping[ManagedHub, Ends] = field(compare=False, default_factory=dict)
    transit_pairs: tuple[tuple[str, str, str], ...] = field(compare=False, default=())


def nobody(_: SiteGroup) -> bool:
    """Say that no site carries the traffic of others."""
    return False


@dataclass(frozen=True)
class Design:
    """One way to join sites: its closed form, its graph, and what it asks of its owner.

    ``family`` is the one that the design routes. ``asks`` is the rest of a sentence that begins
    with the title. ``paths(outline, a, b)`` are the shortest paths from a site of group a to
    another of group b, in the order of the names on them; none where the two are not joined.
    ``carries`` says which sites carry the traffic of others; ``managed``: hubs of the provider do.
    ``needs_demands``, ``needs_homes``: it is one of its own only where the fleet file has them.
    ``software``: gateways are virtual machines that mesh themselves, by ``encapsulation``.
    """

    name: str
    title: str
    asks: str
    family: Literal["ipv4", "ipv6"]
    count: Callable[[Outline], LinkCount]
    build: Callable[[Fleet], nx.Graph[str]]
    paths: Callable[[Outline, SiteGroup, SiteGroup], list[Path]]
    carries: Callable[[SiteGroup], bool] = nobody
    managed: bool = False
    software: bool = False
    encapsulation: str | None = None
    needs_demands: bool = False
    needs_homes: bool = False


# --- counting over groups ------------------------------------------------------------------------


def pairs(count: int) -> int:
    """Return the number of pairs among ``count`` things: n(n-1)/2."""
    return count * (count - 1) // 2


def cluster_pairs(groups: Iterable[SiteGroup]) -> int:
    """Return the pairs of clusters in different sites of ``groups``."""
    groups = list(groups)
    total = sum(group.sites * group.clusters for group in groups)
    return pairs(total) - sum(group.sites * pairs(group.clusters) for group in groups)


def by_provider(groups: Iterable[SiteGroup]) -> dict[str, list[SiteGroup]]:
    """Return the groups of each provider that has a name."""
    found: dict[str, list[SiteGroup]] = defaultdict(list)
    for group in groups:
        if group.provider is not None:
            found[group.provider].append(group)
    return dict(found)


def by_native_provider(groups: Iterable[SiteGroup]) -> dict[str, list[SiteGroup]]:
    """Return the groups of each provider whose sites need no VPN among themselves."""
    return by_provider(group for group in groups if group.native)


def count_sites(groups: Iterable[SiteGroup]) -> int:
    """Return the number of sites in ``groups``."""
    return sum(group.sites for group in groups)


def ends_to(group: SiteGroup, others: int, near: int, *, native: LinkKind) -> Ends:
    """Return the ends of one site that is linked to ``others``, ``near`` of them its provider's."""
    if not group.native:
        return Ends(tunnels=others, inside=near)
    return Ends(tunnels=others - near, **{f"{native}s": near})


def plus(one: Ends, other: Ends) -> Ends:
    """Return the ends of both together."""
    return Ends(*(mine + theirs for mine, theirs in zip(one, other, strict=True)))


def gateway_load(ends: Mapping[SiteGroup, Ends], tunnels_per_link: int) -> tuple[int, int]:
    """Return (gateways of sites that end a tunnel, most tunnels that one gateway ends).

    A site spreads its tunnels over its gateways evenly: ceil(tunnels / gateways).
    """
    gateways = sum(group.sites * group.gateways for group, end in ends.items() if end.tunnels)
    loads = (-(-end.tunnels * tunnels_per_link // group.gateways) for group, end in ends.items())
    return gateways, max(loads, default=0)


def transit_pairs(
    hubs: Mapping[str, Iterable[SiteGroup]], attached: Mapping[str, Iterable[SiteGroup]]
) -> tuple[tuple[str, str, str], ...]:
    """Return (provider, region, region) wherever a hub and what is attached to it lie apart."""
    found: set[tuple[str, str, str]] = set()
    for provider, groups in hubs.items():
        near = {group.region or "" for group in groups}
        far = {group.region or "" for group in attached[provider]}
        found |= {(provider, min(a, b), max(a, b)) for a in near for b in far if a != b}
    return tuple(sorted(found))


def link_kind(one: SiteGroup, other: SiteGroup, *, native: LinkKind) -> LinkKind:
    """Return what joins a site of one group to another of the other: ``native``, or a tunnel."""
    return native if one.native and one.provider == other.provider else "tunnel"


def ends_between(one: SiteGroup, other: SiteGroup, sites: int, *, native: LinkKind) -> Ends:
    """Return the ends of one site of ``one`` that is joined to ``sites`` sites of ``other``."""
    if link_kind(one, other, native=native) == native:
        return Ends(**{f"{native}s": sites})
    near = one.provider is not None and one.provider == other.provider
    return Ends(tunnels=sites, inside=sites if near else 0)


def along(*stops: SiteGroup, native: LinkKind) -> Path:
    """Return the path over sites of these groups, one link from each to the next."""
    return tuple(
        Leg(link_kind(here, there, native=native), here, there) for here, there in pairwise(stops)
    )


def direct(one: SiteGroup, other: SiteGroup, *, native: LinkKind) -> list[Path]:
    """Return the path of one link between two sites."""
    return [along(one, other, native=native)]


# --- building ------------------------------------------------------------------------------------


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


_WANTED = {
    "site": {"kind", "provider", "region", "clusters", "gateways", "hub"},
    "transit": {"kind", "provider", "region", "gateways"},
    "underlay": {"kind"},
}
VERTEX_KINDS = tuple(_WANTED)


def check_graph(graph: nx.Graph[str]) -> None:
    """Hold the attribute contract at the top of this file.

    Raises:
        ValueError: naming every vertex and edge that breaks it; a defect of a design.

    """
    faults = []
    for vertex, data in graph.nodes(data=True):
        if set(data) != _WANTED.get(data.get("kind", "")):
            faults.append(f"vertex {vertex}: {data}")
    for one, other, data in graph.edges(data=True):
        tunnels = data.get("tunnels")
        kind = data.get("kind")
        right = isinstance(tunnels, int) and (tunnels > 0) == (kind == "tunnel")
        if one == other or kind not in LINK_KINDS or not right or set(data) != {"kind", "tunnels"}:
            faults.append(f"edge {one} - {other}: {data}")
    if faults:
        raise ValueError("the graph breaks its contract: " + "; ".join(faults))


def usual(outline: Outline, designs: Mapping[str, Design]) -> list[str]:
    """Return the designs that are compared where none is named: those that the fleet is for."""
    homes = any(group.homes for group in outline.groups)
    return [
        name
        for name, design in designs.items()
        if (outline.flows or not design.needs_demands) and (homes or not design.needs_homes)
    ]
