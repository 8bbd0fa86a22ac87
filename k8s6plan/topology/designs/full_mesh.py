"""Full mesh: every site has a link to every other, N(N-1)/2 in all."""

from k8s6plan.topology.joins import PEERING, Design, Draft


def join(draft: Draft) -> None:
    """Join each two sites by a peering or a tunnel.

    These are N(N-1)/2 links; those inside a cloud provider are peerings, the rest tunnels.
    """
    draft.mesh(draft.classes(), native=PEERING)


FULL_MESH = Design(
    name="full-mesh",
    title="Full mesh",
    asks="asks for a link for each pair of sites, so a new site is configured on all there are",
    join=join,
)
