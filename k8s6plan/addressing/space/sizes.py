"""How long each prefix must be: a figure of nodes, pods and services turned into a length."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from ipaddress import IPv6Network

from k8s6plan import catalog
from k8s6plan.addressing.space.blocks import bits_for, size_of
from k8s6plan.fleet.model import ADDRESS_BITS, Cluster, Family, Role

# AWS keeps the first four and the last address of every subnet (VPC guide), the others fewer.
RESERVED_IN_SUBNET = 5
# The smallest VPC subnet (AWS VPC guide), and the only IPv6 subnet that all clouds know.
SMALLEST_SUBNET = {"ipv4": 28, "ipv6": 64}
# Up to Kubernetes 1.33 only the lower /112 of a larger IPv6 service range is used (KEP-1880).
IPV6_SERVICES = 112
SPARED_OF_SERVICES = 2  # the network's first and last address


@dataclass(frozen=True)
class NodeBlocks:
    """The blocks that nodes take out of a pods prefix: ``per_node`` of length ``mask`` each.

    ``fixed``: a node has exactly one block, whatever its pods; else (Calico) as many as it needs.
    """

    mask: int
    per_node: int
    fixed: bool


def node_blocks(cluster: Cluster, family: Family) -> NodeBlocks:
    """Return the node blocks of ``cluster``: by its file, its CNI, its platform, its provider."""
    own_mask = cluster.node_masks.ipv4 if family == "ipv4" else cluster.node_masks.ipv6
    return _node_blocks(
        cluster.platform, cluster.cni, cluster.provider, family, own_mask, cluster.pods_per_node
    )


@cache
def _node_blocks(
    platform: str | None,
    cni: str | None,
    provider: str,
    family: Family,
    own_mask: int | None,
    pods_per_node: int,
) -> NodeBlocks:
    known = catalog.node_blocks(platform, cni, provider, family)
    mask = own_mask or known.mask
    if not known.many:
        return NodeBlocks(mask, 1, fixed=True)
    per_block = size_of(mask, ADDRESS_BITS[family])
    return NodeBlocks(mask, -(-pods_per_node // per_block), fixed=False)


def length_reserved(cluster: Cluster, role: Role, family: Family) -> int:
    """Return the length of the room that is kept for ``role``: its need, or its `reserve`."""
    reserve = cluster.reserve
    if not reserve.model_fields_set:
        return length_needed(cluster, role, family)
    wide = cluster.model_copy(
        update={
            "nodes": max(cluster.nodes, reserve.nodes or 0),
            "services": max(cluster.services, reserve.services or 0),
        }
    )
    return length_needed(wide, role, family)


def length_needed(cluster: Cluster, role: Role, family: Family) -> int:
    """Return the prefix length that ``role`` of ``cluster`` needs at peak.

    - pods: a block for each node (with Calico as many as its pods fill);
    - nodes: an address each and what a subnet keeps for itself; IPv6 a /64;
    - services: an address each, the network's first and last spared; IPv6 a /112 at least.
    """
    bits = ADDRESS_BITS[family]
    if role == "pods":
        blocks = node_blocks(cluster, family)
        return max(0, blocks.mask - bits_for(cluster.nodes * blocks.per_node))
    if role == "nodes":
        if family == "ipv6":
            return SMALLEST_SUBNET["ipv6"]
        return min(SMALLEST_SUBNET["ipv4"], bits - bits_for(cluster.nodes + RESERVED_IN_SUBNET))
    return services_length(cluster, family)


def services_length(cluster: Cluster, family: Family) -> int:
    """Return the length for so many services, or the shortest that the cluster's release uses."""
    length = ADDRESS_BITS[family] - bits_for(cluster.services + SPARED_OF_SERVICES)
    shortest = shortest_length(cluster, "services", family)
    if family == "ipv4":
        return max(length, shortest)
    least = min(IPV6_SERVICES, max(usable_services(cluster, family), shortest))
    return max(min(IPV6_SERVICES, length), least)


def usable_services(cluster: Cluster, family: Family) -> int:
    """Return the length of what the cluster's release uses of a larger services prefix; 0: all."""
    key = f"service_prefixlen_usable_{family}"
    usable = catalog.platform_figure(cluster.platform, key, cluster.kubernetes)
    return 0 if usable is None else int(usable.value)


def shortest_length(cluster: Cluster, role: Role, family: Family) -> int:
    """Return the shortest length (largest prefix) that the platform and CNI take for ``role``.

    Most have the node mask within 16 bits of the pods prefix, and services of 20 bits at most.
    """
    if role == "services":
        length = catalog.platform_figure(
            cluster.platform, f"service_prefixlen_shortest_{family}", cluster.kubernetes
        )
        return 0 if length is None else int(length.value)
    if role == "pods":
        apart = catalog.node_bits_max(cluster.platform, cluster.cni, family)
        return 0 if apart is None else max(0, node_blocks(cluster, family).mask - int(apart.value))
    return 0


# --- the IPv6 block of a cluster: nodes, services, and pods in the upper half --------------------


def ipv6_pods_length(cluster: Cluster) -> int:
    """Return the length of a cluster's IPv6 pods prefix: a /64 or larger, where masks allow it."""
    return _ipv6_pods(cluster, length_needed(cluster, "pods", "ipv6"))


def _ipv6_pods(cluster: Cluster, needed: int) -> int:
    needed = min(SMALLEST_SUBNET["ipv6"], needed)
    return max(needed, shortest_length(cluster, "pods", "ipv6"))


def block_length(cluster: Cluster) -> int:
    """Return the length of a cluster's block: twice its pods at least, on a nibble boundary."""
    reserved = _ipv6_pods(cluster, length_reserved(cluster, "pods", "ipv6"))
    pods = min(SMALLEST_SUBNET["ipv6"], reserved)
    return nibble(min(nibble(pods) - 1, 62))


def tight_block_length(cluster: Cluster) -> int:
    """Return the longest block that still holds the cluster: no nibbles, no room to grow."""
    return min(ipv6_pods_length(cluster) - 1, 62)


def nibble(length: int) -> int:
    """Return the next nibble boundary at or above ``length``: 57 -> 56."""
    return max(0, length - length % 4)


def part_of(block: IPv6Network, role: Role, cluster: Cluster) -> IPv6Network:
    """Return the prefix of ``role`` in a cluster's block.

    Nodes begin the first quarter, services the second, pods the upper half: each can be widened
    to the end of its part.
    """
    start, quarter = int(block.network_address), 1 << (126 - block.prefixlen)
    if role == "nodes":
        return IPv6Network((start, SMALLEST_SUBNET["ipv6"]))
    if role == "services":
        return IPv6Network((start + quarter, services_length(cluster, "ipv6")))
    return IPv6Network((start + 2 * quarter, ipv6_pods_length(cluster)))
