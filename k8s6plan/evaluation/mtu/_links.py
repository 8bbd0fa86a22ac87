"""Which kinds of link a design has, without building its graph where places and hubs suffice."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable
from itertools import combinations, combinations_with_replacement
from typing import TYPE_CHECKING, NamedTuple

from k8s6plan.fleet.demands import demands_of_sites
from k8s6plan.topology.designs import design_named
from k8s6plan.topology.graph import expand
from k8s6plan.topology.groups import hub_sites, is_native, region_hub_sites, regions_of

if TYPE_CHECKING:
    import networkx as nx

    from k8s6plan.fleet.model import Fleet

INTERNET = "internet"


class End(NamedTuple):
    """One end of a link: the provider and the region of a site or a managed hub."""

    provider: str
    region: str


class Link(NamedTuple):
    """Links that no MTU tells apart. ``one`` and ``other``: providers, or INTERNET.

    ``between_regions``: of a peering; also where a region is unknown.
    """

    kind: str
    one: str
    other: str
    between_regions: bool


Links = Counter[Link]


def links_of(design: str, fleet: Fleet) -> Links:
    """Return how many links of each kind ``design`` has for ``fleet``.

    Raises:
        UnknownName: there is no such design.

    """
    chosen = design_named(design)
    if design in SHORT_ROADS:
        return SHORT_ROADS[design](fleet)
    return of_graph(expand(chosen, fleet))


def of_graph(graph: nx.Graph[str]) -> Links:
    """Return how many links of each kind the graph of a design has."""
    found: Links = Counter()
    for one, other, data in graph.edges(data=True):
        ends = [graph.nodes[vertex] for vertex in (one, other)]
        if data["kind"] == "routed":
            (site,) = (end for end in ends if end["kind"] != "underlay")
            found[Link("routed", site["provider"], INTERNET, False)] += 1
        else:
            here, there = (End(end["provider"], end["region"] or "") for end in ends)
            found[_link(data["kind"], here, there)] += 1
    return found


def _link(kind: str, one: End, other: End) -> Link:
    first, second = sorted((one, other))
    apart = kind == "peering" and (first != second or not first.region)
    return Link(kind, first.provider, second.provider, apart)


# --- roads that need no graph --------------------------------------------------------------------


def _ends(fleet: Fleet, sites: Iterable[str]) -> Counter[End]:
    found: Counter[End] = Counter()
    for site in sites:
        provider, region = fleet.region_of(site)
        found[End(provider, region or "")] += 1
    return found


def _join(fleet: Fleet, one: End, other: End, native: str) -> Link:
    """Return the link between two sites: ``native`` inside one cloud provider, else a tunnel."""
    same = one.provider == other.provider and is_native(fleet, one.provider)
    return _link(native if same else "tunnel", one, other)


def _meshed(fleet: Fleet, ends: Counter[End], native: str) -> Links:
    found: Links = Counter()
    for end, sites in ends.items():
        if sites > 1:
            found[_join(fleet, end, end, native)] += sites * (sites - 1) // 2
    for one, other in combinations(ends, 2):
        found[_join(fleet, one, other, native)] += ends[one] * ends[other]
    return found


def _full_mesh(fleet: Fleet) -> Links:
    return _meshed(fleet, _ends(fleet, fleet.members), "peering")


def _hub_and_spoke(fleet: Fleet) -> Links:
    chosen = set(hub_sites(fleet))
    hubs = _ends(fleet, chosen)
    spokes = _ends(fleet, (site for site in fleet.members if site not in chosen))
    found = _meshed(fleet, hubs, "attachment")
    for hub, count in hubs.items():
        for spoke, sites in spokes.items():
            found[_join(fleet, hub, spoke, "attachment")] += count * sites
    return found


def _regional_hubs(fleet: Fleet) -> Links:
    hubs = region_hub_sites(fleet)
    found = _meshed(fleet, _ends(fleet, hubs), "attachment")
    for hub, sites in zip(hubs, regions_of(fleet).values(), strict=True):
        (top,) = _ends(fleet, [hub])
        for end, count in _ends(fleet, (site for site in sites if site != hub)).items():
            found[_join(fleet, top, end, "attachment")] += count
    return found


def _flat_ipv6(fleet: Fleet) -> Links:
    found: Links = Counter()
    for end, sites in _ends(fleet, fleet.members).items():
        found[Link("routed", end.provider, INTERNET, False)] += sites
    return found


def _overlay_mesh(fleet: Fleet) -> Links:
    found: Links = Counter()
    for link, count in _full_mesh(fleet).items():
        found[Link("tunnel", link.one, link.other, False)] += count
    return found


def _as_demanded(fleet: Fleet) -> Links:
    demands = demands_of_sites(fleet)
    groups: Counter[tuple[End, frozenset[int], frozenset[int]]] = Counter()
    for site, (sends, hears) in demands.items():
        (end,) = _ends(fleet, [site])
        groups[end, sends, hears] += 1
    found: Links = Counter()
    for one, other in combinations_with_replacement(groups, 2):
        if one[1].isdisjoint(other[2]) and other[1].isdisjoint(one[2]):
            continue
        count = groups[one] * groups[other]
        if one == other:
            count = groups[one] * (groups[one] - 1) // 2
        if count:
            found[_join(fleet, one[0], other[0], "peering")] += count
    return found


SHORT_ROADS: dict[str, Callable[[Fleet], Links]] = {
    "hub-and-spoke": _hub_and_spoke,
    "full-mesh": _full_mesh,
    "regional-hubs": _regional_hubs,
    "overlay-mesh": _overlay_mesh,
    "flat-ipv6": _flat_ipv6,
    "as-demanded": _as_demanded,
}
