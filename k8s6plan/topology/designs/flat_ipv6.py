"""Flat IPv6: pods have public IPv6 addresses; routing is the internet's, walls are filters."""

from k8s6plan.topology.joins import Design, Draft


def join(draft: Draft) -> None:
    """Route every site to the underlay, which is no hop and never fails.

    There are no tunnels; every pair is one hop apart, over the underlay.

    A new cluster changes no link, but every site's allow list, unless the fleet has one aggregate.
    """
    draft.classes()
    draft.route()


FLAT_IPV6 = Design(
    name="flat-ipv6",
    title="Flat IPv6",
    asks="asks for filters and TLS in place of tunnels: any pod can be reached unless filtered",
    join=join,
)
