"""The fleet at any number of clusters, grown in its own proportions.

The sites stand in one order, in which every beginning has about the proportions of the whole. A
smaller fleet is a beginning of it, and is outlined as any fleet is. A larger one is the whole, and
then copies of its sites in the same order, again and again:

1. A copy lies in the provider and region of its site, and has its labels, nodes and homes; it is a
   site of its own. Without a region, as on premises, it is a region of its own.
2. Hubs, region hubs and main regions are those of the fleet: a copy of a hub is none.
3. Demands by labels and by `all` hold for copies too, those by name do not. Of cluster sets a copy
   is in all that its site is in.

Of a site that is begun, the first clusters by name are there.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from functools import cached_property, lru_cache
from typing import TYPE_CHECKING, Literal, NamedTuple

from k8s6plan.fleet.sets import Sets, most_seen, sets_of_sites
from k8s6plan.topology.groups import (
    Member,
    Outline,
    SiteGroup,
    SiteKey,
    counted_of,
    groups_of,
    members_of,
    outline_of,
    outline_of_count,
    site_keys,
)
from k8s6plan.topology.hubs import hub_sites, main_regions_of, region_hub_sites

if TYPE_CHECKING:
    from k8s6plan.fleet.model import Cluster, Fleet


_Counted = Literal["routes", "sources", "sources_ipv4"]  # fields of a member


class _Copy(NamedTuple):
    """A copy of a site: what counting needs to know of it, and its clusters by name."""

    key: SiteKey
    members: tuple[Member, ...]
    clusters: tuple[Cluster, ...]

    def begun(self, clusters: int) -> SiteKey:
        """Return the key of a copy that has so many of the clusters."""
        return replace(self.key, members=tuple(sorted(self.members[:clusters])))


class Growth:
    """A fleet, and what it is like at any other number of clusters."""

    def __init__(self, fleet: Fleet) -> None:
        """Read in which order its sites come, and what a copy of each is like."""
        from k8s6plan.fleet import demands as senders

        self.start = outline_of(fleet)
        self._fleet = fleet
        self._pools = senders.merged_pools(fleet)
        self._order = _order(fleet)
        self._other = lru_cache(maxsize=64)(self._at)  # all designs ask for the same sizes
        self._less = lru_cache(maxsize=64)(self._counted)

    @cached_property
    def _keys(self) -> dict[str, SiteKey]:
        return site_keys(self._fleet, whole=True)

    @cached_property
    def _copies(self) -> list[_Copy]:
        return list(_copies(self._fleet, self._order, self._keys))

    def at(self, clusters: int) -> Outline:
        """Return the outline of the fleet at so many clusters.

        A larger fleet costs no more than this one does; a smaller one costs what it is.
        """
        if clusters == self.start.clusters or not self.start.clusters:
            return self.start  # of nothing there are no copies
        return self._other(clusters)

    def counted(self, clusters: int) -> Outline:
        """Return the same as far as links and traffic are counted by it: see ``counted_of``."""
        return self._less(clusters) if clusters < self.start.clusters else self.at(clusters)

    def _counted(self, clusters: int) -> Outline:
        return counted_of(beginning(self._fleet, clusters, self._order))

    def _at(self, clusters: int) -> Outline:
        if clusters > self.start.clusters:
            return self._grown(clusters)
        return outline_of(beginning(self._fleet, clusters, self._order))

    def _grown(self, clusters: int) -> Outline:
        rounds, left = divmod(clusters, self.start.clusters)
        counted = Counter(self._keys.values())
        nodes = Counter({provider: n * rounds for provider, n in self.start.nodes})
        cnis = Counter({(cni, platform): n * rounds for cni, platform, n in self.start.cnis})
        for copy in self._copies:
            counted[copy.key] += rounds - 1
        for copy in self._copies:
            if not left:
                break
            begun = copy.clusters[:left]
            counted[copy.begun(left)] += 1
            left -= len(begun)
            for cluster in begun:
                nodes[cluster.provider] += cluster.nodes
                if cluster.cni:
                    cnis[cluster.cni, cluster.platform or ""] += 1
        groups = tuple(groups_of(counted).values())
        empty = tuple(key for key, sites in counted.items() if not sites)
        entries = _entries(groups, self.start)
        return replace(
            self.start,
            clusters=clusters,
            sites=sum(group.sites for group in groups),
            groups=groups,
            group_of={},
            empty=empty,
            hubs_wanted=min(self.start.hubs_wanted, self.start.sites),
            cnis=tuple((*key, n) for key, n in sorted(cnis.items())),
            nodes=tuple(sorted(nodes.items())),
            routes=_routes(groups, divided=self.start.divided),
            allow_pools=_entries(groups, self.start, "sources_ipv4")
            if self.start.divided
            else min(self._pools, 2 * entries),
            allow_prefixes=min(1, entries) if self.start.owned else entries,
        )


class CountGrowth:
    """N clusters, each in a provider, region and site of its own: what `-n` stands for."""

    def __init__(self, clusters: int, *, hubs: int, tunnels_per_link: int) -> None:
        """Keep what is the same at any number."""
        self._hubs, self._tunnels = hubs, tunnels_per_link
        self.start = self.at(clusters)

    def counted(self, clusters: int) -> Outline:
        """Return the same: there is no more to it than counting."""
        return self.at(clusters)

    def at(self, clusters: int) -> Outline:
        """Return the outline of so many clusters."""
        return outline_of_count(clusters, hubs=self._hubs, tunnels_per_link=self._tunnels)


def _order(fleet: Fleet) -> list[str]:
    """Return the sites in an order whose beginnings have the proportions of the fleet.

    The i-th of the n sites of a region stands at (i + 1/2) / n; of those in the same cluster sets,
    where these keep some from others. A region's hub is its first site, a provider's main region
    comes before its others, and the hubs of the fleet before all.
    """
    region_hubs, mains = set(region_hub_sites(fleet)), set(main_regions_of(fleet).values())
    places: dict[str, tuple[float, bool, str]] = {}
    held = sets_of_sites(fleet) if fleet.divided else {}
    for key, sites in fleet.regions.items():
        for alike in _of_like_sets(sites, held):
            ranked = sorted(alike, key=lambda site: (site not in region_hubs, site))
            for index, site in enumerate(ranked):
                first = site in region_hubs and key in mains
                of = sites if site in region_hubs else ranked
                place = 0.0 if first else (2 * index + 1) / (2 * len(of))
                places[site] = (place, not first, site)
    hubs = hub_sites(fleet)
    others = set(places) - set(hubs)
    return [*hubs, *sorted(others, key=places.__getitem__)]


def _of_like_sets(
    sites: Sequence[str], held: Mapping[str, frozenset[int]]
) -> Iterable[Sequence[str]]:
    """Return some sites by the cluster sets that are ``held`` there; all at once without any."""
    if not held:
        return (sites,)
    found: dict[frozenset[int], list[str]] = {}
    for site in sites:
        found.setdefault(held[site], []).append(site)
    return found.values()


def beginning(fleet: Fleet, clusters: int, order: list[str] | None = None) -> Fleet:
    """Return the fleet with its first ``clusters`` clusters only, by the order of growth."""
    from k8s6plan.fleet.model import Fleet

    kept: list[Cluster] = []
    for site in order or _order(fleet):
        if len(kept) >= clusters:
            break
        kept += fleet.members[site][: clusters - len(kept)]
    sites = {cluster.site_name for cluster in kept}
    connect = fleet.connect
    if not isinstance(connect.hubs, int):
        hubs = tuple(site for site in hub_sites(fleet) if site in sites)
        homes = {
            site: tuple(home for home in homes if home in sites)
            for site, homes in fleet.homes.items()
            if site in sites
        }
        connect = connect.model_copy(update={"hubs": hubs, "homes": homes})
    index = fleet.index
    there = tuple(sorted(kept, key=lambda cluster: index[cluster.name]))
    # Nothing to validate: every part of it stands in the fleet that was.
    return Fleet.model_construct(**{**dict(fleet), "clusters": there, "connect": connect})


def _copies(fleet: Fleet, order: list[str], keys: Mapping[str, SiteKey]) -> Iterator[_Copy]:
    """Yield what a copy of each site is like."""
    members = members_of(fleet)
    ends = [(traffic.demand.source, traffic.demand.target) for traffic in fleet.traffic]
    named = {n for n, (source, _) in enumerate(ends) if source.one}
    heard = {n for n, (_, target) in enumerate(ends) if target.one}
    for site in order:
        clusters = fleet.members[site]
        anew = tuple(_anew(members[cluster.name], named, heard) for cluster in clusters)
        own = keys[site].region is None
        key = replace(keys[site], hub="", region_hub=own, members=tuple(sorted(anew)))
        yield _Copy(key, anew, clusters)


def _anew(member: Member, named: set[int], heard: set[int]) -> Member:
    """Return a cluster as its copy is: without the demands that name it."""
    return member._replace(
        sends=tuple(demand for demand in member.sends if demand not in named),
        hears=tuple(demand for demand in member.hears if demand not in heard),
    )


def _routes(groups: Sequence[SiteGroup], *, divided: bool) -> int:
    """Return the most pod prefixes that lie in other sites, and that a site has to reach."""
    if divided:
        return _most_of_sets(groups, "routes")
    total = sum(group.prefixes * group.sites for group in groups)
    return total - min((group.prefixes for group in groups), default=0)


def _most_of_sets(groups: Sequence[SiteGroup], what: _Counted) -> int:
    """Return the most that lies in other sites: a site has routes to it, a cluster lets it in."""
    of_sites: list[Counter[Sets]] = []
    held: Counter[Sets] = Counter()
    for group in groups:
        own: Counter[Sets] = Counter()
        for member in group.members:
            own[member.sets] += getattr(member, what)
        of_sites.append(own)
        for sets, many in own.items():
            held[sets] += many * group.sites
    if what == "routes":
        return most_seen(held, ((g.sets, own) for g, own in zip(groups, of_sites, strict=True)))
    return most_seen(held, ((sets, own) for own in of_sites for sets in own))


def _entries(groups: Sequence[SiteGroup], outline: Outline, what: _Counted = "sources") -> int:
    """Return the most prefixes of senders in other sites that a cluster hears from: IPv6."""
    if not outline.flows and outline.divided:
        return _most_of_sets(groups, what)
    if not outline.flows:
        held = [sum(getattr(member, what) for member in group.members) for group in groups]
        total = sum(here * group.sites for here, group in zip(held, groups, strict=True))
        return total - min(held) if held else 0
    sending: Counter[tuple[int, ...]] = Counter()
    for group in groups:
        for member in group.members:
            sending[member.sends] += getattr(member, what) * group.sites
    most = 0
    for group in groups:
        for hears in {member.hears for member in group.members}:
            wanted = set(hears)
            heard = sum(n for sends, n in sending.items() if not wanted.isdisjoint(sends))
            own = sum(getattr(m, what) for m in group.members if not wanted.isdisjoint(m.sends))
            most = max(most, heard - own)
    return most
