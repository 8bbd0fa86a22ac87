"""Overlay mesh: software gateways on small machines that mesh themselves, as SD-WAN does."""

from k8s6plan.topology.joins import Design, Draft, Join

_TUNNEL = Join("tunnel", software=True, encapsulation="wireguard")


def join(draft: Draft) -> None:
    """Join each two sites by a tunnel.

    These are N(N-1)/2 tunnels, also inside a provider: the gateways know no peering.

    The next cluster brings a tunnel to each site; its gateway and theirs make them, so that no site
    is touched.
    """
    draft.mesh(draft.classes(), native=_TUNNEL, tunnel=_TUNNEL)


OVERLAY_MESH = Design(
    name="overlay-mesh",
    title="Overlay mesh",
    asks="asks for gateway machines of your own at every site, to be run and kept up to date",
    join=join,
)
