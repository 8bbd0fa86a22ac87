"""Large fleets: the sites of a region, or of a provider, become one vertex, their links bundles.

A collapsed graph has, in place of sites and managed hubs, vertices of ``kind`` "group" with

- ``provider``, ``region`` (None for a whole provider, and where no region is known), ``title``;
- ``clusters``, ``sites``, ``hubs`` (counts), ``lines`` (what is written in the box),

and edges with ``bundle``: {kind: (links, tunnels)}. Its graph attributes are ``design``,
``fleet``, ``level``, and ``links``: {kind: (links, tunnels)}, those inside groups included.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from k8s6plan.errors import K8s6planError
from k8s6plan.fleet.sets import sets_of_sites
from k8s6plan.io.words import number
from k8s6plan.topology.designs import Design
from k8s6plan.topology.graph import UNDERLAY, expand
from k8s6plan.topology.groups import outline_of, site_keys
from k8s6plan.topology.hubs import hub_sites, region_hub_sites
from k8s6plan.topology.joins import LINK_KINDS, LinkKind

if TYPE_CHECKING:
    import networkx as nx

    from k8s6plan.fleet.model import Fleet

Level = Literal["none", "region", "provider"]
Collapse = Literal["auto", "none", "region", "provider"]
Bundle = dict[LinkKind, tuple[int, int]]

MOST_SITES = 60  # drawn one by one unless the reader asks for it
MOST_GROUPS = 16  # a mesh of so many boxes can still be followed
MOST_BOXES = 40  # in one picture, however it was asked for
MOST_LINKS_BUILT = 60_000
MOST_LINKS_EVER = 600_000
MOST_SITES_EVER = 1_000  # in a smaller fleet; their mesh is as large as that


@dataclass(frozen=True, order=True)
class Group:
    """What becomes one box. ``region`` is "" for a whole provider, and where none is known."""

    provider: str
    region: str
    title: str

    @property
    def name(self) -> str:
        """Its name as a vertex: in brackets, so that no site is called so."""
        if self.title == self.provider:
            return f"[{self.title}]"
        # With spaces in them it would not be plain which words are whose.
        between = "|" if " " in self.provider + self.title else " "
        return f"[{self.provider}{between}{self.title}]"


def level_for(fleet: Fleet, wanted: Collapse) -> Level:
    """Return how far the picture of ``fleet`` is collapsed. The design decides nothing."""
    if wanted != "auto":
        return wanted
    if len(fleet.members) <= MOST_SITES:
        return "none"
    regions = {fleet.region_of(site) for site in fleet.members}
    return "region" if len(regions) <= MOST_GROUPS else "provider"


def groups_of(fleet: Fleet, level: Level) -> dict[str, Group]:
    """Return the group of each site. The smallest go together where there are too many."""
    found: dict[str, Group] = {}
    for site in fleet.members:
        provider, region = fleet.region_of(site)
        if level == "provider":
            found[site] = Group(provider, "", provider)
        else:
            found[site] = Group(provider, region or "", region or "no region given")
    sizes: Counter[Group] = Counter()
    for site, group in found.items():
        sizes[group] += len(fleet.members[site])
    if len(sizes) <= MOST_BOXES:
        return found
    falling = sorted(sizes, key=lambda group: (-sizes[group], group))
    few = MOST_GROUPS if level == "provider" else MOST_BOXES
    kept = set(falling[: few - 1])
    what = "providers" if level == "provider" else "regions"
    others = {
        group: Group("others", "", f"{len(sizes) - len(kept):,} other {what}")
        for group in falling
        if group not in kept
    }
    return {site: others.get(group, group) for site, group in found.items()}


# --- a smaller fleet that stands for the whole -------------------------------------------------


@dataclass(frozen=True)
class Weights:
    """How many sites a site of the built graph stands for, where not for itself alone.

    ``twin``: of a site that stands for several, the one that is like it and stands for itself.
    """

    sites: Mapping[str, int]
    twin: Mapping[str, str]

    def of(self, vertex: str) -> int:
        """Return how many sites ``vertex`` stands for."""
        return self.sites.get(vertex, 1)


ALONE = Weights({}, {})


def build(
    fleet: Fleet,
    design: Design,
    groups: Mapping[str, Group],
    apart: Collection[str] = (),
    *,
    by_traffic: bool = False,
) -> tuple[nx.Graph[str], Weights]:
    """Return the graph of ``fleet``, or where it has too many links one that stands for it.

    1. Sites that no design here tells apart form a class: same group, provider, region, clusters,
       gateways, cluster sets, and the same part as hubs. Those in ``apart`` never share one with
       others; with ``by_traffic`` those neither whose links cost or carry something else.
    2. Two sites of each class are built, and the second stands for all others of the class. Not
       with managed hubs: which of them has the links of its provider depends on all sites.
    3. The links that this comes to must be those of the closed form; else all sites are built.

    Raises:
        K8s6planError: the graph must be built whole, and is too large for that.

    """
    wanted = counted(fleet, design)
    if sum(wanted.values()) <= MOST_LINKS_BUILT:
        return expand(design, fleet), ALONE
    if design.of(outline_of(fleet)).managed:
        check_links(fleet, design)
        return expand(design, fleet), ALONE
    smaller, weights = _smaller(fleet, groups, apart, site_keys(fleet) if by_traffic else {})
    if len(smaller.members) > MOST_SITES_EVER:
        check_links(fleet, design)
    graph = expand(design, smaller)
    totals = totals_of(graph, weights)
    if all(totals.get(kind, (0, 0))[0] == links for kind, links in wanted.items()):
        return graph, weights
    check_links(fleet, design)
    return expand(design, fleet), ALONE


def counted(fleet: Fleet, design: Design) -> dict[LinkKind, int]:
    """Return the links of each kind by the closed form of ``design``, nothing built."""
    count = design.of(outline_of(fleet)).count
    return {
        "tunnel": count.tunnel_links,
        "peering": count.peerings,
        "attachment": count.attachments,
    }


def check_links(fleet: Fleet, design: Design) -> None:
    """Refuse a graph that would take minutes and gigabytes.

    Raises:
        K8s6planError: it has too many links.

    """
    links = sum(counted(fleet, design).values())
    if links > MOST_LINKS_EVER:
        raise K8s6planError(
            f"{design.name} joins {len(fleet.members):,} sites by {links:,} links, and a picture "
            f"is made of at most {MOST_LINKS_EVER:,}; draw a design with hubs, or part of the fleet"
        )


def _smaller(
    fleet: Fleet,
    groups: Mapping[str, Group],
    apart: Collection[str],
    like: Mapping[str, object],
) -> tuple[Fleet, Weights]:
    hubs = hub_sites(fleet)
    flagged, region_hubs = set(hubs), set(region_hub_sites(fleet))
    at_provider = Counter(members[0].provider for members in fleet.members.values())
    at_region = Counter(fleet.region_of(site) for site in fleet.members)
    held = sets_of_sites(fleet) if fleet.divided else {}
    classes: dict[tuple[object, ...], list[str]] = defaultdict(list)
    for site, members in fleet.members.items():
        provider, region = fleet.region_of(site)
        lone_region = region is None or at_region[provider, region] == 1
        key = (
            groups[site],
            provider if at_provider[provider] > 1 else "",
            "" if lone_region else region,
            len(members),
            fleet.site(site).gateways,
            site in flagged,
            site in region_hubs,
            site in apart,
            like.get(site),
            held.get(site),
        )
        classes[key].append(site)
    kept: dict[str, int] = {}
    twin: dict[str, str] = {}
    for first, *rest in classes.values():
        kept[first] = 1
        if rest:
            kept[rest[0]], twin[rest[0]] = len(rest), first
    weights = Weights({site: many for site, many in kept.items() if many > 1}, twin)
    return _part_of(fleet, kept, hubs), weights


def _part_of(fleet: Fleet, sites: Collection[str], hubs: Iterable[str]) -> Fleet:
    """Return the fleet of ``sites`` alone, with the hubs that it has in the whole."""
    from k8s6plan.fleet.model import Fleet as FleetModel

    clusters = [cluster for cluster in fleet.clusters if cluster.site_name in sites]
    gone = {cluster.name for cluster in fleet.clusters if cluster.site_name not in sites}
    nodes = {site: sum(c.nodes for c in members) for site, members in fleet.members.items()}
    left = [hub for hub in hubs if hub in sites]
    if isinstance(fleet.connect.hubs, int):
        left.sort(key=lambda hub: (-nodes[hub], hub))
    changed = {
        "clusters": tuple(clusters),
        "connect": fleet.connect.model_copy(update={"hubs": tuple(left)}),
        "demands": tuple(
            demand
            for demand in fleet.demands
            if demand.source.name not in gone and demand.target.name not in gone
        ),
    }
    fields = {name: getattr(fleet, name) for name in FleetModel.model_fields}
    return FleetModel.model_construct(**fields | changed)


# --- counting and bundling ---------------------------------------------------------------------


def weighed(
    graph: nx.Graph[str], weights: Weights
) -> Iterator[tuple[str, str, LinkKind, int, int]]:
    """Yield (end, end, kind, links, tunnels) of all that the edges stand for."""
    for one, other, data in graph.edges(data=True):
        many = weights.of(one) * weights.of(other)
        yield one, other, data["kind"], many, many * data["tunnels"]
    for site, twin in weights.twin.items():
        if graph.has_edge(site, twin):  # so those that `site` stands for are joined, too
            data = graph.edges[site, twin]
            many = weights.of(site) * (weights.of(site) - 1) // 2
            yield site, site, data["kind"], many, many * data["tunnels"]


def totals_of(graph: nx.Graph[str], weights: Weights = ALONE) -> Bundle:
    """Return {kind: (links, tunnels)} of the whole graph."""
    found: dict[LinkKind, list[int]] = {}
    for _, _, kind, links, tunnels in weighed(graph, weights):
        total = found.setdefault(kind, [0, 0])
        total[0] += links
        total[1] += tunnels
    return _bundle(found)


def _bundle(counted: Mapping[LinkKind, list[int]]) -> Bundle:
    """Return {kind: (links, tunnels)}, the kinds in their order."""
    return {kind: (counted[kind][0], counted[kind][1]) for kind in LINK_KINDS if kind in counted}


def group_of(graph: nx.Graph[str], vertex: str, groups: Mapping[str, Group]) -> str:
    """Return the name of the vertex that stands for ``vertex`` in the collapsed graph."""
    if vertex in groups:
        return groups[vertex].name
    data = graph.nodes[vertex]
    if data["kind"] != "transit":
        return vertex
    place = (data["provider"], data["region"] or "")
    of_provider = sorted({group for group in groups.values() if group.provider == place[0]})
    here = [group for group in of_provider if group.region in (place[1], "")]
    found = here or of_provider or sorted(set(groups.values()))
    return found[0].name


def collapse(
    graph: nx.Graph[str], fleet: Fleet, groups: Mapping[str, Group], level: Level, weights: Weights
) -> nx.Graph[str]:
    """Return the graph of the groups of ``graph``; the attributes are told at the top."""
    import networkx as nx

    joined: dict[tuple[str, str], dict[LinkKind, list[int]]] = {}
    name_of = {vertex: group_of(graph, vertex, groups) for vertex in graph.nodes}
    for one, other, kind, links, tunnels in weighed(graph, weights):
        first, second = sorted((name_of[one], name_of[other]))
        total = joined.setdefault((first, second), {}).setdefault(kind, [0, 0])
        total[0] += links
        total[1] += tunnels
    small: nx.Graph[str] = nx.Graph(
        design=graph.graph["design"],
        fleet=graph.graph["fleet"],
        level=level,
        links=totals_of(graph, weights),
    )
    hubs: Counter[str] = Counter()
    for vertex, data in graph.nodes(data=True):
        if data["kind"] == "transit" or data.get("hub"):
            hubs[name_of[vertex]] += weights.of(vertex)
    sites: Counter[Group] = Counter(groups.values())
    clusters: Counter[Group] = Counter()
    for site, members in fleet.members.items():
        clusters[groups[site]] += len(members)
    for group in sorted(sites):
        inside = joined.get((group.name, group.name), {})
        small.add_node(
            group.name,
            kind="group",
            provider=group.provider if group.title != group.provider else group.title,
            region=group.region or None,
            title=group.title,
            clusters=clusters[group],
            sites=sites[group],
            hubs=hubs[group.name],
            lines=_lines(clusters[group], sites[group], inside, flat=UNDERLAY in graph),
        )
    if UNDERLAY in graph:
        small.add_node(UNDERLAY, kind="underlay")
    for (one, other), kinds in sorted(joined.items()):
        if one != other:
            small.add_edge(one, other, bundle=_bundle(kinds))
    return small


def _lines(
    clusters: int, sites: int, inside: Mapping[LinkKind, list[int]], *, flat: bool
) -> tuple[str, str]:
    """Return what is written in a group's box: always two lines, so that boxes are as high."""
    within = [
        number(inside[kind][1] or inside[kind][0], kind) for kind in LINK_KINDS if kind in inside
    ]
    none = "" if flat or sites == 1 else "no links inside"
    return (
        f"{number(clusters, 'cluster')} in {number(sites, 'site')}",
        f"{', '.join(within)} inside" if within else none,
    )
