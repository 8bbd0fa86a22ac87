"""The secrets that the tunnels of a topology need."""

from __future__ import annotations

from k8s6plan import catalog
from k8s6plan.topology.joins import Topology


def keys_of(topology: Topology) -> int:
    """Return the secrets to rotate: one a tunnel (IPsec), one a gateway (WireGuard), or none.

    Over the underlay there are none: TLS of the application is not counted.
    """
    if topology.routed:
        return 0
    count = topology.count
    per = catalog.encapsulations()[topology.encapsulation].key_per
    if per == "gateway":
        return count.gateways
    return count.tunnel_links * topology.outline.tunnels_per_link if per == "tunnel" else 0
