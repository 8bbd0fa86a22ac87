"""Hub-and-spoke: every site has a link to each hub; the hubs are meshed."""

from k8s6plan.topology.joins import ATTACHMENT, Design, Draft


def join(draft: Draft) -> None:
    """Mesh the hubs, and join every spoke to every hub.

    These are h(N-h) + h(h-1)/2 links; those inside a cloud provider are attachments.

    Two spokes are two hops apart, all other pairs one. A pair of spokes counts as joined by tunnels
    only where no hub lies in the provider of either: any hub may carry it.
    """
    sites = draft.classes("hub")
    hubs = sorted((site for site in sites if site.hub), key=lambda site: site.hub)
    draft.mesh(hubs, native=ATTACHMENT)
    draft.star([site for site in sites if not site.hub], hubs, native=ATTACHMENT)
    draft.carry(hubs)


HUB_AND_SPOKE = Design(
    name="hub-and-spoke",
    title="Hub and spoke",
    asks="asks you to size its hubs for all traffic, and to plan for their failure",
    join=join,
)
