"""Lengths: what Kubernetes takes, and whether prefixes hold what the fleet file states.

Rules `mask-distance`, `node-mask`, `too-small`, `nearly-full`, `services-size`, `services-usable`,
`minimum-size` and `one-per-family`.
"""

from __future__ import annotations

from collections.abc import Iterator

from k8s6plan import catalog
from k8s6plan.addressing.check._finding import Finding, finding, listed, pinned
from k8s6plan.addressing.space import sizes
from k8s6plan.fleet.model import ADDRESS_BITS, FAMILIES, Cluster, Family, Fleet, Prefix
from k8s6plan.fleet.reach import pods_inside_nodes
from k8s6plan.io.words import number, percent

# A prefix should bear a fifth more nodes before it is full: rule `nearly-full`.
_HEADROOM = 5
# Platforms whose limits are Kubernetes' own go by the name of the program that refuses.
_KUBERNETES = "kube-apiserver"


def of_fleet(fleet: Fleet) -> Iterator[Finding]:
    """Yield the findings on the lengths that the fleet file pins."""
    for cluster in fleet.clusters:
        for check in (_pods, _node_masks, _nodes, _services, _minimum, _one_per_family):
            yield from check(cluster)
    yield from _unstated_pods(fleet)
    yield from _unstated_services(fleet)


def _pods(cluster: Cluster) -> Iterator[Finding]:
    """Rules `mask-distance`, `too-small` and `nearly-full`, for pods that come in node blocks."""
    for role, family, prefixes in pinned(cluster):
        if role != "pods" or pods_inside_nodes(cluster, family):
            continue
        owner = f"{cluster.name} (pods)"
        blocks = sizes.node_blocks(cluster, family)
        most = catalog.node_bits_max(cluster.platform, cluster.cni, family)
        for prefix in prefixes:
            distance = blocks.mask - prefix.prefixlen
            if most is not None and distance > most.value:
                yield finding(
                    "mask-distance",
                    f"{prefix} of {owner}: node mask /{blocks.mask} is {distance} bits longer, "
                    f"and {most.value} is the most; take a /{blocks.mask - most.value}, or a node "
                    f"mask of /{prefix.prefixlen + most.value}",
                    source=most.source,
                )
        room = sum(1 << blocks.mask - p.prefixlen for p in prefixes if p.prefixlen <= blocks.mask)
        yield from _judge_blocks(cluster, owner, prefixes, blocks, room, ADDRESS_BITS[family])


def _judge_blocks(
    cluster: Cluster,
    owner: str,
    prefixes: list[Prefix],
    blocks: sizes.NodeBlocks,
    room: int,
    bits: int,
) -> Iterator[Finding]:
    """Hold ``room`` blocks of ``prefixes`` against the nodes and pods that the file states."""
    where = f"{', '.join(map(str, prefixes))} of {owner}"
    nodes, pods = cluster.nodes, cluster.pods_per_node
    held = 1 << bits - blocks.mask
    has = f"{number(room, 'block')} of /{blocks.mask}"
    if not room:
        yield finding("too-small", f"{where} holds no /{blocks.mask}, which one node takes")
        return
    stated = cluster.model_fields_set
    if nodes > room:
        message = f"{where} has {has}, and {nodes:,} nodes need one each"
        yield finding("too-small", message, None if "nodes" in stated else "note")
    elif nodes * blocks.per_node > room and "pods_per_node" in stated:
        yield finding(
            "too-small",
            f"{where} has {has}; {nodes:,} nodes with {pods:,} pods each need "
            f"{nodes * blocks.per_node:,}",
        )
    elif nodes * (_HEADROOM + 1) > room * _HEADROOM and "nodes" in stated:
        more = room - nodes
        message = f"{where}: {nodes:,} of {has} are taken ({percent(nodes / room)}), one a node"
        yield finding(
            "nearly-full", f"{message}; {number(more, 'more node fits', 'more nodes fit')}"
        )
    if blocks.fixed and pods > held:
        message = f"a node of {cluster.name} takes a /{blocks.mask}, {held:,} addresses"
        yield finding(
            "too-small",
            f"{message}, and {pods:,} pods are asked for",
            None if "pods_per_node" in stated else "note",
        )


def _unstated_pods(fleet: Fleet) -> Iterator[Finding]:
    """One note on all prefixes that hold fewer pods a node than our default asks for.

    Only of blocks that a node takes on demand: others hold a fixed number anyway.
    """
    rooms = []
    for cluster in fleet.clusters:
        if "pods_per_node" in cluster.model_fields_set:
            continue
        for role, family, prefixes in pinned(cluster):
            blocks = sizes.node_blocks(cluster, family)
            within = pods_inside_nodes(cluster, family)
            if role == "pods" and not blocks.fixed and not within:
                addresses = sum(p.num_addresses for p in prefixes)
                a_node = addresses // cluster.nodes
                # With less than a block a node it is an error already.
                if 1 << ADDRESS_BITS[family] - blocks.mask <= a_node < cluster.pods_per_node:
                    rooms.append(f"{a_node} in {prefixes[0]} of {cluster.name}")
    if rooms:
        default = Cluster.model_fields["pods_per_node"].default
        yield finding(
            "too-small",
            f"room for pods a node: {listed(rooms)}; pods_per_node is {default} by default, which "
            "the file does not state",
            "note",
        )


def _unstated_services(fleet: Fleet) -> Iterator[Finding]:
    """One note on all prefixes that hold fewer services than our default asks for."""
    rooms = []
    for cluster in fleet.clusters:
        if "services" not in cluster.model_fields_set:
            for role, _, prefixes in pinned(cluster):
                room = sum(p.num_addresses for p in prefixes) - 2
                if role == "services" and room < cluster.services:
                    rooms.append(f"{max(0, room):,} in {prefixes[0]} of {cluster.name}")
    if rooms:
        default = Cluster.model_fields["services"].default
        yield finding(
            "too-small",
            f"room for services: {listed(rooms)}; services is {default:,} by default, which the "
            "file does not state",
            "note",
        )


def _node_masks(cluster: Cluster) -> Iterator[Finding]:
    """Rule `node-mask`: Calico's blocks have a shortest length."""
    for family in FAMILIES:
        mask = getattr(cluster.node_masks, family)
        shortest = catalog.own_figure(cluster.platform, cluster.cni, f"node_mask_shortest_{family}")
        if mask is not None and shortest is not None and mask < shortest.value:
            yield finding(
                "node-mask",
                f"{cluster.name} states node blocks of /{mask} ({family}), and "
                f"{cluster.cni or cluster.platform} takes /{shortest.value} to "
                f"/{ADDRESS_BITS[family]}",
                source=shortest.source,
            )


def _nodes(cluster: Cluster) -> Iterator[Finding]:
    """Rule `too-small`, for nodes, and for pods that live in their nodes' prefix."""
    for role, family, prefixes in pinned(cluster):
        within = role == "pods" and pods_inside_nodes(cluster, family)
        if role != "nodes" and not within:
            continue
        addresses = sum(p.num_addresses for p in prefixes)
        needed = cluster.nodes * (cluster.pods_per_node if within else 1)
        needed += sizes.RESERVED_IN_SUBNET * (not within)
        if addresses < needed:
            stated = {"nodes"} | ({"pods_per_node"} if within else set())
            yield finding(
                "too-small",
                f"{', '.join(map(str, prefixes))} of {cluster.name} ({role}) has {addresses:,} "
                f"addresses, and {needed:,} are needed",
                None if stated <= cluster.model_fields_set else "note",
            )


def _services(cluster: Cluster) -> Iterator[Finding]:
    """Rules `services-size` and `services-usable`, and `too-small` for services."""
    for role, family, prefixes in pinned(cluster):
        if role != "services":
            continue
        for prefix in prefixes:
            yield from _services_length(cluster, family, prefix)
        addresses = sum(p.num_addresses for p in prefixes)
        if addresses - 2 < cluster.services and "services" in cluster.model_fields_set:
            yield finding(
                "too-small",
                f"{', '.join(map(str, prefixes))} of {cluster.name} (services) has room for "
                f"{max(0, addresses - 2):,} services, and {cluster.services:,} are asked for",
            )


def _services_length(cluster: Cluster, family: Family, prefix: Prefix) -> Iterator[Finding]:
    if family == "ipv6" and catalog.assigns_ipv6_services(cluster.platform):
        return  # the platform's own choice: rule `services-assigned`
    key, release = f"service_prefixlen_shortest_{family}", _release(cluster)
    shortest = catalog.platform_figure(cluster.platform, key, release)
    own = catalog.own_figure(cluster.platform, None, key, release)
    longest = catalog.own_figure(cluster.platform, None, f"service_prefixlen_longest_{family}")
    key = f"service_prefixlen_usable_{family}"
    usable = catalog.platform_figure(cluster.platform, key, release)
    who = _KUBERNETES if own is None or shortest is None else cluster.platform
    who = f"{who} {cluster.kubernetes or ''}".rstrip()
    what = f"{prefix} of {cluster.name} (services)"
    if shortest is not None and prefix.prefixlen < shortest.value:
        yield finding(
            "services-size",
            f"{what} is larger than the /{shortest.value} that {who} takes",
            source=shortest.source,
        )
    elif longest is not None and prefix.prefixlen > longest.value:
        yield finding(
            "services-size",
            f"{what} is smaller than the /{longest.value} that {cluster.platform} takes",
            source=longest.source,
        )
    elif usable is not None and prefix.prefixlen < usable.value:
        used = 1 << ADDRESS_BITS[family] - usable.value
        short = cluster.services > used - 2
        yield finding(
            "services-usable",
            f"{what}: Kubernetes {release} uses only its first /{usable.value}, {used:,} "
            f"addresses" + (f", and {cluster.services:,} services are asked for" if short else ""),
            "warning" if short else None,
            source=usable.source,
        )


def _release(cluster: Cluster) -> str:
    """Return the release that the file says, else the newest that is known."""
    return cluster.kubernetes or catalog.newest_release()


def _minimum(cluster: Cluster) -> Iterator[Finding]:
    """Rule `minimum-size`: what kubeadm takes at least."""
    for role, _, prefixes in pinned(cluster):
        if role == "nodes":
            continue
        least = catalog.own_figure(cluster.platform, None, f"{role[:-1]}_addresses_min")
        for prefix in prefixes:
            if least is not None and prefix.num_addresses < least.value:
                yield finding(
                    "minimum-size",
                    f"{prefix} of {cluster.name} ({role}) has {prefix.num_addresses:,} "
                    f"address{'es' * (prefix.num_addresses != 1)}, and {cluster.platform} takes "
                    f"{least.value} at least",
                    source=least.source,
                )


def _one_per_family(cluster: Cluster) -> Iterator[Finding]:
    """Rule `one-per-family`: one pods prefix a family, and one for services without ServiceCIDR."""
    own_ipam = catalog.has_own_ipam(cluster.platform, cluster.cni)
    for role, family, prefixes in pinned(cluster):
        if role == "nodes" or (own_ipam and role == "pods"):
            continue
        if role == "pods" and pods_inside_nodes(cluster, family):
            continue  # as many as the VPC has
        if role == "services" and catalog.takes_service_cidrs(_release(cluster)):
            continue
        if len(prefixes) > 1:
            yield finding(
                "one-per-family",
                f"{cluster.name} ({role}) has {len(prefixes)} {family} prefixes "
                f"({', '.join(map(str, prefixes))}); Kubernetes takes one a family",
            )
