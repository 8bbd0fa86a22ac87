"""The fleet at any number of clusters, grown in its own proportions.

The sites stand in one order, in which every beginning has about the proportions of the whole. A
smaller fleet is the beginning of it; a larger one is the whole, and then copies of its sites in the
same order, again and again:

1. A copy lies in the provider and region of its site, and has its labels; it is a site of its own.
2. Hubs are those of the fleet: a copy of a hub is none. On premises a copy is a region of its own.
3. Demands by labels and by `all` hold for copies too, those by name do not.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from typing import TYPE_CHECKING

from k8s6plan.outline import (
    Member,
    Outline,
    SiteGroup,
    SiteKey,
    groups_of,
    hub_sites,
    main_regions_of,
    outline_of,
    outline_of_count,
    region_hub_sites,
    regions_of,
    site_keys,
)

if TYPE_CHECKING:
    from k8s6plan.model import Fleet


class Growth:
    """A fleet, and what it is like at any other number of clusters."""

    def __init__(self, fleet: Fleet) -> None:
        """Read what each site is like, and what a copy of it is like."""
        from k8s6plan import senders

        self.start = outline_of(fleet)
        self._pools = senders.merged_pools(fleet)
        keys = site_keys(fleet, whole=True)
        named = {n for n, d in enumerate(fleet.demands) if d.source.name not in ("all", None)}
        heard = {n for n, d in enumerate(fleet.demands) if d.target.name not in ("all", None)}
        order = _order(fleet)
        self._first = [keys[site] for site in order]
        self._copies = [_copy(keys[site], named, heard) for site in order]
        self._last = self.start

    def at(self, clusters: int) -> Outline:
        """Return the outline of the fleet at so many clusters; its cost does not grow with them."""
        if clusters == self.start.clusters:
            return self.start
        if clusters != self._last.clusters:  # all designs ask for one size after another
            self._last = self._grown(clusters)
        return self._last

    def _grown(self, clusters: int) -> Outline:
        counted: Counter[SiteKey] = Counter()
        size = self.start.clusters
        left = _take(self._first, clusters, counted)
        if left and size:
            rounds, left = divmod(left, size)
            for key in self._copies:
                counted[key] += rounds
            _take(self._copies, left, counted)
        groups = groups_of(counted)
        entries = _entries(groups, self.start)
        return replace(
            self.start,
            clusters=clusters,
            sites=sum(group.sites for group in groups),
            groups=tuple(groups),
            hubs_wanted=min(self.start.hubs_wanted, self.start.sites),
            cnis=tuple(
                (cni, platform, -(-n * clusters // max(1, size)))
                for cni, platform, n in self.start.cnis
            ),
            nodes=tuple((p, n * clusters // max(1, size)) for p, n in self.start.nodes),
            routes=_routes(groups),
            allow_pools=min(self._pools, 2 * entries),
            allow_prefixes=min(1, entries) if self.start.owned else entries,
        )


class CountGrowth:
    """N clusters, each in a provider, region and site of its own: what `-n` stands for."""

    def __init__(self, clusters: int, *, hubs: int, tunnels_per_link: int) -> None:
        """Keep what is the same at any number."""
        self._hubs, self._tunnels = hubs, tunnels_per_link
        self.start = self.at(clusters)

    def at(self, clusters: int) -> Outline:
        """Return the outline of so many clusters."""
        return outline_of_count(clusters, hubs=self._hubs, tunnels_per_link=self._tunnels)


def _order(fleet: Fleet) -> list[str]:
    """Return the sites in an order whose beginnings have the proportions of the fleet.

    The i-th of the n sites of a region stands at (i + 1/2) / n. A region's hub is its first site,
    a provider's main region comes before its others, and the hubs of the fleet before all.
    """
    from fractions import Fraction

    region_hubs, mains = set(region_hub_sites(fleet)), set(main_regions_of(fleet).values())
    places: dict[str, tuple[Fraction, bool, str]] = {}
    for key, sites in regions_of(fleet).items():
        ranked = sorted(sites, key=lambda site: (site not in region_hubs, site))
        for index, site in enumerate(ranked):
            first = index == 0 and key in mains
            place = Fraction(0) if first else Fraction(2 * index + 1, 2 * len(ranked))
            places[site] = (place, not first, site)
    hubs = hub_sites(fleet)
    others = set(places) - set(hubs)
    return [*hubs, *sorted(others, key=places.__getitem__)]


def _members(key: SiteKey) -> tuple[Member, ...]:
    return key[7]


def _copy(key: SiteKey, named: set[int], heard: set[int]) -> SiteKey:
    """Return what a copy of a site is like."""
    provider, region, native, gateways, _, _, main, members, homes = key
    copies = tuple(
        sorted(
            member._replace(
                sends=tuple(d for d in member.sends if d not in named),
                hears=tuple(d for d in member.hears if d not in heard),
            )
            for member in members
        )
    )
    return (provider, region, native, gateways, "", region is None, main, copies, homes)


def _take(keys: list[SiteKey], clusters: int, counted: Counter[SiteKey]) -> int:
    """Count sites from the beginning until ``clusters`` are taken; return how many are left."""
    for key in keys:
        if clusters <= 0:
            break
        members = _members(key)
        if len(members) > clusters:  # the last site is begun
            key = (*key[:7], members[:clusters], key[8])  # noqa: PLW2901
        counted[key] += 1
        clusters -= len(_members(key))
    return clusters


def _routes(groups: list[SiteGroup]) -> int:
    """Return the most pod prefixes that lie in other sites."""
    held = [sum(member.routes for member in group.members) for group in groups]
    total = sum(routes * group.sites for routes, group in zip(held, groups, strict=True))
    return total - min(held) if held else 0


def _entries(groups: list[SiteGroup], outline: Outline) -> int:
    """Return the most IPv6 prefixes of senders in other sites that a cluster hears from."""
    if not outline.flows:
        held = [sum(member.sources for member in group.members) for group in groups]
        total = sum(here * group.sites for here, group in zip(held, groups, strict=True))
        return total - min(held) if held else 0
    sending: Counter[tuple[int, ...]] = Counter()
    for group in groups:
        for member in group.members:
            sending[member.sends] += member.sources * group.sites
    most = 0
    for group in groups:
        for hears in {member.hears for member in group.members}:
            wanted = set(hears)
            heard = sum(n for sends, n in sending.items() if not wanted.isdisjoint(sends))
            own = sum(m.sources for m in group.members if not wanted.isdisjoint(m.sends))
            most = max(most, heard - own)
    return most
