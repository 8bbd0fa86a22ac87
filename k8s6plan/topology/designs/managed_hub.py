"""Managed hubs: the providers' own transit in every region, VPN between the providers."""

from itertools import combinations

from k8s6plan import catalog
from k8s6plan.topology.joins import (
    ATTACHMENT,
    PEERING,
    TUNNEL,
    Design,
    Draft,
    ManagedHub,
    SiteClass,
)


def join(draft: Draft) -> None:
    """Attach each site of a provider with managed hubs to that of its region; mesh its hubs.

    Each such provider has one hub with links to the others, in its main region; a site elsewhere
    has its own. With D providers with hubs and S other sites these are (D+S)(D+S-1)/2 links, less
    the pairs of other sites inside one cloud provider, which are peerings.

    A pair's hops: 2 in a region, 3 in a provider; else 1, and 1 or 2 more at an end with hubs.
    """
    hubs: dict[ManagedHub, None] = {}
    outer = []
    for site in draft.classes():
        hub = _hub_of(site)
        if hub is None:
            outer.append(site)
        else:
            draft.join(site, hub, ATTACHMENT)
            hubs[hub] = None
    for one, other in combinations(hubs, 2):
        if one.provider == other.provider:
            draft.join(one, other, ATTACHMENT)
    main_regions = draft.outline.main_regions
    mains = [hub for hub in hubs if main_regions[hub.provider] == hub.region]
    draft.mesh(outer, native=PEERING)
    draft.star(outer, mains, native=TUNNEL)
    for one, other in combinations(mains, 2):
        draft.join(one, other, TUNNEL)
    draft.carry(hubs)
    if not hubs:
        draft.remark = "no provider's hub is used here, so sites meet as in full-mesh"


def _hub_of(site: SiteClass) -> ManagedHub | None:
    """Return the managed hub of a site's region; None where its provider has none to offer."""
    if site.native and site.provider is not None and catalog.has_managed_hubs(site.provider):
        return ManagedHub(site.provider, site.region or "")
    return None


MANAGED_HUB = Design(
    name="managed-hub",
    title="Managed hubs",
    asks="ask for the providers' own transit in every region, which is paid by the hour and the GB",
    join=join,
)
