"""What is wrong with the addresses of a fleet or a plan: findings, each by a rule with a source.

The rules are rows of ``data/rules.yaml``; a fleet switches one off with ``rules: {name: false}``.
A figure that the fleet file does not state is not held against it: where only a default of ours is
missed, the finding is a note, which does not count.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from ipaddress import ip_network
from typing import Literal

from k8s6plan import catalog
from k8s6plan.addressing import overlaps, sizes
from k8s6plan.model import (
    ADDRESS_BITS,
    FAMILIES,
    ROLES,
    Cluster,
    Family,
    Fleet,
    Prefix,
    Role,
    family_of,
)
from k8s6plan.plan import make_plan
from k8s6plan.plan_file import Held, Plan, Source

Severity = Literal["error", "warning", "note"]
_ORDER = ("error", "warning", "note")
# A prefix should bear a fifth more nodes before it is full: rule `nearly-full`.
_HEADROOM = 5


@dataclass(frozen=True)
class Finding:
    """One rule broken. Errors and warnings count; a note says what could not be judged."""

    rule: str
    severity: Severity
    message: str
    source: str

    def __str__(self) -> str:
        return f"{self.severity}: {self.message} [{self.rule}]"

    @property
    def counts(self) -> bool:
        """Say whether it makes `check` end with exit code 1."""
        return self.severity != "note"


def check_fleet(fleet: Fleet) -> list[Finding]:
    """Return the findings on the fleet's own prefixes and pools, gravest first."""
    found = [
        *_check_overlaps(overlaps.pinned(fleet), fleet.assumptions.get("services_routed") is True),
        *_check_special(_named_prefixes(fleet)),
        *_check_pools(fleet),
        *(finding for cluster in fleet.clusters for finding in _check_cluster(cluster)),
    ]
    if not any(finding.rule == "overlap" for finding in found):
        found += [_finding("fits", message) for message in make_plan(fleet)[1].findings]
    return _sorted(found, fleet.rules)


def check_plan(plan: Plan) -> list[Finding]:
    """Return the findings on what a plan holds, tombstones included.

    Pods inside their nodes' prefix were pinned so, and judged with the fleet: no overlap here.
    """
    site_of = {name: site for site, names in plan.members.items() for name in names}
    held: list[overlaps.Holding] = []
    for title, clusters in (("", plan.clusters), (", removed", plan.tombstones)):
        for name, holds in clusters.items():
            site = site_of.get(name)
            for role, source, prefix in _prefixes(holds):
                inside = role == "pods" and source == "pinned" and _in_nodes(prefix, holds)
                at_site = site is not None and (role == "nodes" or inside)
                kin = f"nodes of site {site}" if at_site else f"{role} of {name}"
                owner = f"{name} ({role}{title})"
                held.append(overlaps.Holding(prefix, owner, name, site, role, kin))
    named = ((holding.owner, holding.prefix) for holding in held)
    return _sorted([*_check_overlaps(held, services_routed=False), *_check_special(named)], {})


def _in_nodes(prefix: Prefix, holds: Held) -> bool:
    nodes = holds.get("nodes", {}).values()
    return any(
        _inside(prefix, other)
        for allocation in nodes
        if allocation.source == "pinned"
        for other in allocation.prefixes
    )


def _prefixes(holds: Held) -> Iterator[tuple[Role, Source, Prefix]]:
    for role in ROLES:
        for allocation in holds.get(role, {}).values():
            for prefix in allocation.prefixes:
                yield role, allocation.source, prefix


def _finding(rule: str, message: str, severity: Severity | None = None) -> Finding:
    row = catalog.rules()[rule]
    return Finding(rule, severity or row.severity, message, row.source)


def _sorted(found: Iterable[Finding], rules: dict[str, bool]) -> list[Finding]:
    kept = {finding for finding in found if rules.get(finding.rule, True)}
    return sorted(kept, key=lambda f: (_ORDER.index(f.severity), f.rule, f.message))


# --- the rules -----------------------------------------------------------------------------------


def _check_overlaps(held: list[overlaps.Holding], services_routed: bool) -> Iterator[Finding]:
    """Rules `overlap` and `equal-services`."""
    for conflict in overlaps.conflicts(held):
        if conflict.services_only and not services_routed:
            yield _finding(
                "equal-services",
                f"{conflict}; harmless while services are not routed between clusters",
            )
        else:
            yield _finding("overlap", f"{conflict}; renumber one of them")


def _named_prefixes(fleet: Fleet) -> Iterator[tuple[str, Prefix]]:
    for cluster in fleet.clusters:
        for role in ROLES:
            for prefix in cluster.pinned(role):
                yield f"{cluster.name} ({role})", prefix
        source = fleet.ipv6_of(cluster)
        if not isinstance(source, str):
            yield "ipv6", source
    for role in ROLES:
        for prefix in getattr(fleet.pools, role):
            yield f"pool of {role}", prefix


def _check_special(named: Iterable[tuple[str, Prefix]]) -> Iterator[Finding]:
    """Rule `special-purpose`."""
    special = [(ip_network(row.prefix), row) for row in catalog.special_prefixes()]
    for owner, prefix in dict.fromkeys(named):
        for other, row in special:
            # A pool that spans a special range, such as ::/0, is as wrong as one inside it.
            if other.version == prefix.version and other.overlaps(prefix):
                yield _finding(
                    "special-purpose",
                    f"{prefix} of {owner} lies in {row.prefix}, {row.name}: {row.use} "
                    f"({row.source})",
                )


def _check_pools(fleet: Fleet) -> Iterator[Finding]:
    """Rule `outside-pool`: only where the fleet file names pools for the role and family."""
    for role in sorted(fleet.pools.model_fields_set & set(ROLES)):
        pools: tuple[Prefix, ...] = getattr(fleet.pools, role)
        for family in FAMILIES:
            mine = [p for p in pools if family_of(p) == family]
            if not mine:
                continue
            for cluster in fleet.clusters:
                for prefix in cluster.pinned(role):  # type: ignore[arg-type]
                    if family_of(prefix) == family and not any(_inside(prefix, p) for p in mine):
                        yield _finding(
                            "outside-pool",
                            f"{prefix} of {cluster.name} ({role}) lies in no pool of {role} "
                            f"({', '.join(map(str, mine))}); add it to the pools, or move it",
                        )


def _inside(prefix: Prefix, pool: Prefix) -> bool:
    return prefix.version == pool.version and prefix.subnet_of(pool)  # type: ignore[arg-type]


def _check_cluster(cluster: Cluster) -> Iterator[Finding]:
    for check in (_check_pods, _check_nodes, _check_services, _check_one_per_family):
        yield from check(cluster)


def _pinned(cluster: Cluster) -> Iterator[tuple[Role, Family, list[Prefix]]]:
    for role in ROLES:
        for family in FAMILIES:
            prefixes = [p for p in cluster.pinned(role) if family_of(p) == family]
            if prefixes:
                yield role, family, prefixes


def _check_pods(cluster: Cluster) -> Iterator[Finding]:
    """Rules `mask-distance`, `too-small` and `nearly-full`, for pods that come in node blocks."""
    own_ipam = catalog.has_own_ipam(cluster.platform, cluster.cni)
    for role, family, prefixes in _pinned(cluster):
        if role != "pods" or catalog.pods_inside_nodes(cluster.platform, cluster.cni, family):
            continue
        owner = f"{cluster.name} (pods)"
        blocks = sizes.node_blocks(cluster, family)
        for prefix in prefixes:
            if blocks.mask - prefix.prefixlen > sizes.MAX_MASK_DISTANCE and not own_ipam:
                yield _finding(
                    "mask-distance",
                    f"{prefix} of {owner}: node mask /{blocks.mask} is "
                    f"{blocks.mask - prefix.prefixlen} bits longer, and "
                    f"{sizes.MAX_MASK_DISTANCE} is the most; take a "
                    f"/{blocks.mask - sizes.MAX_MASK_DISTANCE}, or a shorter node mask",
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
    has = f"{room:,} block{'' if room == 1 else 's'} of /{blocks.mask}"
    if not room:
        yield _finding("too-small", f"{where} holds no /{blocks.mask}, which one node takes")
        return
    stated = cluster.model_fields_set
    if nodes > room:
        message = f"{where} has {has}, and {nodes:,} nodes need one each"
        yield _finding("too-small", message, None if "nodes" in stated else "note")
    elif nodes * blocks.per_node > room and "pods_per_node" in stated:
        yield _finding(
            "too-small",
            f"{where} has {has}; {nodes:,} nodes with {pods:,} pods each need "
            f"{nodes * blocks.per_node:,}",
        )
    elif nodes * (_HEADROOM + 1) > room * _HEADROOM and "nodes" in stated:
        more = room - nodes
        message = f"{where}: {nodes:,} of {has} are taken ({nodes / room:.0%}), one a node"
        yield _finding("nearly-full", f"{message}; {more:,} more node{'s' * (more != 1)} fit")
    if blocks.fixed and pods > held:
        message = f"a node of {cluster.name} takes a /{blocks.mask}, {held:,} addresses"
        yield _finding(
            "too-small",
            f"{message}, and {pods:,} pods are asked for",
            None if "pods_per_node" in stated else "note",
        )
    elif not blocks.fixed and nodes * pods > room * held and "pods_per_node" not in stated:
        yield _finding(
            "too-small",
            f"{where} has {room * held:,} addresses: {room * held // nodes:,} pods a node; the "
            f"file does not state pods_per_node (by default {pods})",
            "note",
        )


def _check_nodes(cluster: Cluster) -> Iterator[Finding]:
    """Rule `too-small`, for nodes, and for pods that live in their nodes' prefix."""
    for role, family, prefixes in _pinned(cluster):
        inside = role == "pods" and catalog.pods_inside_nodes(cluster.platform, cluster.cni, family)
        if role != "nodes" and not inside:
            continue
        addresses = sum(p.num_addresses for p in prefixes)
        needed = cluster.nodes * (cluster.pods_per_node if inside else 1)
        needed += sizes.RESERVED_IN_SUBNET * (not inside)
        if addresses < needed:
            stated = {"nodes"} | ({"pods_per_node"} if inside else set())
            yield _finding(
                "too-small",
                f"{', '.join(map(str, prefixes))} of {cluster.name} ({role}) has {addresses:,} "
                f"addresses, and {needed:,} are needed",
                None if stated <= cluster.model_fields_set else "note",
            )


def _check_services(cluster: Cluster) -> Iterator[Finding]:
    """Rules `services-size`, and `too-small` for services."""
    for role, family, prefixes in _pinned(cluster):
        if role != "services":
            continue
        owner = f"{cluster.name} (services)"
        shortest = ADDRESS_BITS[family] - sizes.MAX_SERVICE_BITS
        for prefix in prefixes:
            if prefix.prefixlen < shortest:
                yield _finding(
                    "services-size",
                    f"{prefix} of {owner} is larger than the /{shortest} that kube-apiserver takes",
                )
        addresses = sum(p.num_addresses for p in prefixes)
        if addresses - 2 < cluster.services:
            given = "services" in cluster.model_fields_set
            default = "" if given else " by default, which the file does not state"
            yield _finding(
                "too-small",
                f"{', '.join(map(str, prefixes))} of {owner} has room for {addresses - 2:,} "
                f"services, and {cluster.services:,} are asked for{default}",
                None if given else "note",
            )


def _check_one_per_family(cluster: Cluster) -> Iterator[Finding]:
    """Rule `one-per-family`: Kubernetes knows one pods and one service prefix a family."""
    own_ipam = catalog.has_own_ipam(cluster.platform, cluster.cni)
    for role, family, prefixes in _pinned(cluster):
        if len(prefixes) > 1 and role != "nodes" and not (own_ipam and role == "pods"):
            yield _finding(
                "one-per-family",
                f"{cluster.name} ({role}) has {len(prefixes)} {family} prefixes "
                f"({', '.join(map(str, prefixes))}); Kubernetes takes one a family",
            )
