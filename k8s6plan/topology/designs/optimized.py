"""Optimized: hubs meshed, every other site on the hubs that `connect.homes` names for it."""

from k8s6plan.topology.joins import ATTACHMENT, Design, Draft


def join(draft: Draft) -> None:
    """Mesh the hubs, and join every other site to its homes; one that has none, to all hubs.

    These are h(h-1)/2 links among h hubs, and those of every other site to its homes.

    Two sites with a home in common are two hops apart, others three.
    """
    sites = draft.classes("hub", "homes")
    hubs = sorted((site for site in sites if site.hub), key=lambda site: site.hub)
    draft.mesh(hubs, native=ATTACHMENT)
    for site in sites:
        if not site.hub:
            homes = [hub for hub in hubs if hub.hub in site.first.homes]
            draft.star([site], homes or hubs, native=ATTACHMENT)
    draft.carry(hubs)


OPTIMIZED = Design(
    name="optimized",
    title="Optimized",
    asks="asks you to join each site to the homes that were chosen for it, and to choose anew",
    join=join,
    suits=lambda outline: any(group.homes for group in outline.groups),
)
