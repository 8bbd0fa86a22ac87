"""Which sites are hubs: of the whole fleet, of their region, of their provider."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from k8s6plan.fleet.model import Fleet, RegionKey


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


def region_hub_sites(fleet: Fleet) -> tuple[str, ...]:
    """Return the hub of each region: the hub named first that lies there, else most nodes."""
    named = {} if isinstance(fleet.connect.hubs, int) else _ranks(hub_sites(fleet))
    found = []
    for sites in fleet.regions.values():
        here = [site for site in sites if site in named]
        best = min(here, key=named.__getitem__) if here else _by_nodes(fleet, sites)[0]
        found.append(best)
    return tuple(found)


def main_regions_of(fleet: Fleet) -> dict[str, RegionKey]:
    """Return the main region of each provider: with the hub named first, else with most nodes.

    Ties go by name. A provider's managed hub there has its links to the other providers.
    """
    named = {} if isinstance(fleet.connect.hubs, int) else _ranks(hub_sites(fleet))
    best: dict[str, tuple[int, int, RegionKey]] = {}
    for key, sites in fleet.regions.items():
        rank = min((named[site] for site in sites if site in named), default=len(named))
        nodes = sum(cluster.nodes for site in sites for cluster in fleet.members[site])
        provider = fleet.members[sites[0]][0].provider
        found = (rank, -nodes, key)
        best[provider] = min(best.get(provider, found), found)
    return {provider: key for provider, (_, _, key) in best.items()}


def _ranks(names: Iterable[str]) -> dict[str, int]:
    return {name: rank for rank, name in enumerate(names)}


def _by_nodes(fleet: Fleet, sites: Iterable[str]) -> list[str]:
    """Return ``sites`` with most nodes first, ties by name."""
    nodes = {site: sum(cluster.nodes for cluster in fleet.members[site]) for site in sites}
    return sorted(nodes, key=lambda site: (-nodes[site], site))
