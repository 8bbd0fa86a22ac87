"""Regional hubs: a hub in each region, its sites joined to it, the hubs meshed."""

from k8s6plan.topology.joins import ATTACHMENT, Design, Draft


def join(draft: Draft) -> None:
    """Mesh the regional hubs, and join every other site to the hub of its region.

    These are R(R-1)/2 links between R regional hubs, and one for each other site.

    A pair's hops: one for each end that is no hub, and one more between regions.
    """
    sites = draft.classes("region_hub")
    hubs = [site for site in sites if site.first.region_hub]
    draft.mesh(hubs, native=ATTACHMENT)
    hub_of = {(hub.provider, hub.region): hub for hub in hubs}
    for site in sites:
        if not site.first.region_hub:
            draft.star([site], [hub_of[site.provider, site.region]], native=ATTACHMENT)
    draft.carry(hubs)


REGIONAL_HUBS = Design(
    name="regional-hubs",
    title="Regional hubs",
    asks="ask for a hub in each region, whose failure cuts off the other sites there",
    join=join,
)
