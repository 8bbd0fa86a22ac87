"""The fleet in outline: groups of like sites, which is all that counting needs.

Every closed form is a sum over groups, so 100,000 clusters that are alike cost as much as ten.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from k8s6plan.model import Fleet

RegionKey = tuple[str, str]  # (provider, region), or ("", site) for a site of no known region


@dataclass(frozen=True)
class SiteGroup:
    """``sites`` sites that counting cannot tell apart.

    ``provider`` is None where every site of the group has a provider and a region of its own
    (what ``-n`` stands for); ``region`` is None where every site is a region of its own.
    ``native``: sites of this provider reach each other by its peering or transit, not by VPN.
    ``hub``: hubs of hub-and-spoke; ``region_hub``: hubs of their region in regional-hubs.
    """

    provider: str | None
    region: str | None
    native: bool
    clusters: int
    gateways: int
    hub: bool
    region_hub: bool
    sites: int


@dataclass(frozen=True)
class Outline:
    """A fleet reduced to what the closed forms need.

    ``hubs_wanted`` is what the fleet file asks for; hubs in force are min(hubs_wanted, sites).
    ``routes``: the fullest table of pod prefixes of other sites (IPv4, not summarised).
    ``allow_pools`` and ``allow_prefixes``: most ingress entries of a cluster, for tunnel designs
    and for flat IPv6. ``owned``: all clusters share an IPv6 aggregate that the user owns.
    ``conflicts_ipv4`` and ``conflicts_ipv6`` name clusters of different sites whose pinned
    prefixes overlap; ``not_flat`` names those that flat IPv6 cannot reach, with the reason.
    """

    name: str
    clusters: int
    sites: int
    groups: tuple[SiteGroup, ...]
    hubs_wanted: int
    tunnels_per_link: int
    encapsulation: str
    routes: int
    allow_pools: int
    allow_prefixes: int
    owned: bool
    conflicts_ipv4: tuple[str, ...] = ()
    conflicts_ipv6: tuple[str, ...] = ()
    not_flat: tuple[str, ...] = ()

    @property
    def pairs(self) -> int:
        """Pairs of clusters in different sites."""
        inside = sum(g.sites * _pairs_of(g.clusters) for g in self.groups)
        return _pairs_of(self.clusters) - inside


def _pairs_of(count: int) -> int:
    return count * (count - 1) // 2


def outline_of_count(
    clusters: int, *, hubs: int = 1, tunnels_per_link: int = 1, encapsulation: str = "ipsec-aes-gcm"
) -> Outline:
    """Return the outline of ``clusters`` clusters, each in a provider, region and site of its own.

    Every pair needs a tunnel then, and every site is the hub of its region.
    """
    in_force = min(hubs, clusters)
    groups = [
        SiteGroup(None, None, False, 1, 1, hub, True, sites)
        for hub, sites in ((True, in_force), (False, clusters - in_force))
        if sites
    ]
    others = max(0, clusters - 1)
    return Outline(
        name=f"{clusters} clusters",
        clusters=clusters,
        sites=clusters,
        groups=tuple(groups),
        hubs_wanted=hubs,
        tunnels_per_link=tunnels_per_link,
        encapsulation=encapsulation,
        routes=others,
        allow_pools=min(2, 2 * others),  # the default pools of nodes and pods
        allow_prefixes=others,
        owned=False,
    )


def outline_of(fleet: Fleet) -> Outline:
    """Return the outline of ``fleet``. Linear in its clusters."""
    from k8s6plan import senders

    regions = regions_of(fleet)
    hubs, region_hubs = set(hub_sites(fleet)), set(region_hub_sites(fleet))
    region_of = {site: key for key, sites in regions.items() for site in sites}
    counted: Counter[tuple[str, str | None, bool, int, int, bool, bool]] = Counter()
    for site, members in fleet.members.items():
        provider, region = members[0].provider, region_of[site]
        shared = len(regions[region]) > 1
        counted[
            provider,
            region[1] if shared else None,
            is_native(fleet, provider),
            len(members),
            fleet.site(site).gateways,
            site in hubs,
            site in region_hubs,
        ] += 1
    groups = [
        SiteGroup(*key, sites)
        for key, sites in sorted(counted.items(), key=lambda item: (item[0][1] or "", item[0]))
    ]
    wanted = fleet.connect.hubs
    return Outline(
        name=fleet.fleet,
        clusters=len(fleet.clusters),
        sites=len(fleet.members),
        groups=tuple(groups),
        hubs_wanted=wanted if isinstance(wanted, int) else len(hubs),
        tunnels_per_link=fleet.connect.tunnels_per_link,
        encapsulation=fleet.connect.encapsulation,
        routes=senders.fullest_table(fleet),
        allow_pools=senders.most_pools(fleet),
        allow_prefixes=senders.most_prefixes(fleet),
        owned=senders.share_aggregate(fleet),
        not_flat=_not_flat(fleet),
    )


# --- hubs and regions --------------------------------------------------------------------------


def is_native(fleet: Fleet, provider: str) -> bool:
    """Say whether sites of ``provider`` are joined by its peering or transit, not by VPN."""
    from k8s6plan import catalog

    return fleet.connect.same_provider == "native" and catalog.has_native_links(provider)


def hub_sites(fleet: Fleet) -> tuple[str, ...]:
    """Return the hubs in force: the named sites, or the sites with most nodes (ties by name)."""
    wanted = fleet.connect.hubs
    if isinstance(wanted, int):
        return tuple(sorted(_by_nodes(fleet, fleet.members)[:wanted]))
    site_of = {cluster.name: cluster.site_name for cluster in fleet.clusters}
    named = (name if name in fleet.members else site_of[name] for name in wanted)
    return tuple(dict.fromkeys(named))


def regions_of(fleet: Fleet) -> dict[RegionKey, tuple[str, ...]]:
    """Return the sites of each region: same provider and region, or the site itself."""
    found: dict[RegionKey, list[str]] = {}
    for site in fleet.members:
        provider, region = fleet.region_of(site)
        found.setdefault((provider, region) if region else ("", site), []).append(site)
    return {key: tuple(found[key]) for key in sorted(found)}


def region_hub_sites(fleet: Fleet) -> tuple[str, ...]:
    """Return the hub of each region: the hub named first that lies there, else most nodes."""
    named = {} if isinstance(fleet.connect.hubs, int) else _ranks(hub_sites(fleet))
    found = []
    for sites in regions_of(fleet).values():
        here = [site for site in sites if site in named]
        best = min(here, key=named.__getitem__) if here else _by_nodes(fleet, sites)[0]
        found.append(best)
    return tuple(found)


def _ranks(names: Iterable[str]) -> dict[str, int]:
    return {name: rank for rank, name in enumerate(names)}


def _by_nodes(fleet: Fleet, sites: Iterable[str]) -> list[str]:
    """Return ``sites`` with most nodes first, ties by name."""
    nodes = {site: sum(cluster.nodes for cluster in fleet.members[site]) for site in sites}
    return sorted(nodes, key=lambda site: (-nodes[site], site))


def _not_flat(fleet: Fleet) -> tuple[str, ...]:
    """Name the clusters that flat IPv6 cannot reach, with the reason of their platform."""
    from k8s6plan import catalog

    named: dict[str, list[str]] = defaultdict(list)
    for cluster in sorted(fleet.clusters, key=lambda cluster: cluster.name):
        why = catalog.why_not_flat(cluster.platform)
        if why:
            named[why].append(cluster.name)
    return tuple(f"{', '.join(names)}: {why}" for why, names in sorted(named.items()))
