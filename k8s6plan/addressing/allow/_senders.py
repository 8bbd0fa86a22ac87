"""Where clusters send from: their own prefixes, their blocks, their aggregate."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from ipaddress import IPv6Network

from k8s6plan.addressing.plan_file import Allocation, Plan
from k8s6plan.addressing.space.pools import lies_in
from k8s6plan.fleet.demands import sending_roles
from k8s6plan.fleet.model import Cluster, Family, Fleet, Prefix

_VERSION: Mapping[Family, int] = {"ipv4": 4, "ipv6": 6}
Blocks = Mapping[str, Sequence[IPv6Network]]


@dataclass
class Origin:
    """A prefix that somebody sends from (None: not known), with its owners and their sites."""

    prefix: Prefix | None
    owners: dict[str, None]
    sites: set[str]
    why: str = ""


def origins_of(
    fleet: Fleet,
    plan: Plan,
    blocks: Blocks,
    sending: Iterable[Cluster],
    family: Family,
) -> Iterator[Origin]:
    """Yield where each of the senders sends from (rules 2 to 4)."""
    inside: dict[IPv6Network, list[Origin]] = defaultdict(list)
    for cluster in sending:
        owned = fleet.ipv6_of(cluster) if family == "ipv6" and not fleet.divided else None
        for origin in _own(plan, blocks, cluster, family):
            # One that is still owed will lie in the aggregate.
            if isinstance(owned, IPv6Network) and (
                origin.prefix is None or lies_in(origin.prefix, owned)
            ):
                inside[owned].append(origin)
            else:
                yield origin
    for aggregate, origins in inside.items():
        if fleet.demands and len(origins) == 1 and origins[0].prefix is not None:
            yield origins[0]
            continue
        sites = {site for origin in origins for site in origin.sites}
        yield Origin(aggregate, {"aggregate of the fleet": None}, sites)


def _own(plan: Plan, blocks: Blocks, cluster: Cluster, family: Family) -> Iterator[Origin]:
    """Yield the prefixes from which one cluster sends: its block of IPv6, or role by role."""
    held = plan.clusters.get(cluster.name, {})
    found: dict[Prefix, str] = {}
    missing: dict[str, str] = {}  # of whom -> why
    for role in sending_roles(cluster):
        pinned = [p for p in cluster.pinned(role) if p.version == _VERSION[family]]
        found |= dict.fromkeys(pinned, f"{cluster.name} {role}")
        if pinned or cluster.external(role):
            continue
        allocation = held.get(role, {}).get(family)
        known = () if allocation is None else allocation.prefixes
        for prefix in known:
            block = _block_around(prefix, blocks.get(cluster.name, ()))
            found |= {block: cluster.name} if block else {prefix: f"{cluster.name} {role}"}
        if not known:
            # One block holds nodes and pods of IPv6, so it is one entry that is missing.
            of = cluster.name if family == "ipv6" else f"{cluster.name} {role}"
            missing.setdefault(of, _why_missing(allocation, blocks.get(cluster.name, ()), family))
    if family == "ipv6" and cluster.name in found.values():
        missing.clear()
    if not found and not missing:
        missing[cluster.name] = "its addresses are not ours to plan"
    for prefix, of in found.items():
        yield Origin(prefix, {of: None}, {cluster.site_name})
    for of, why in missing.items():
        yield Origin(None, {of: None}, {cluster.site_name}, why)


def _why_missing(
    allocation: Allocation | None, blocks: Sequence[IPv6Network], family: Family
) -> str:
    if allocation is None or allocation.layout is None:
        return f"no {'IPv4' if family == 'ipv4' else 'IPv6'} prefix in the plan"
    place = _block_around(allocation.layout, blocks) or allocation.layout
    return f"IPv6 not assigned yet (layout {place})"


def _block_around(prefix: Prefix, blocks: Iterable[IPv6Network]) -> IPv6Network | None:
    """Return the cluster's block that ``prefix`` lies in, if it is one of IPv6."""
    return next((block for block in blocks if lies_in(prefix, block)), None)


def blocks_of(plan: Plan) -> dict[str, list[IPv6Network]]:
    """Return the IPv6 blocks of each cluster; one that moved between kinds of IPv6 has several."""
    found: dict[str, list[IPv6Network]] = defaultdict(list)
    for blocks in plan.sites.values():
        for block in blocks.values():
            for name, part in block.clusters.items():
                found[name].append(part)
    return found


def merged(origins: Iterable[Origin]) -> list[Origin]:
    """Return the origins by address, equal ones as one, without those inside another (rule 5).

    An inner prefix must stay where the outer one is all of another site's: that site leaves the
    outer one out of its list.
    """
    known: dict[Prefix, Origin] = {}
    unknown = []
    for origin in origins:
        if origin.prefix is None:
            unknown.append(origin)
            continue
        other = known.setdefault(origin.prefix, origin)
        if other is not origin:
            other.owners |= origin.owners
            other.sites |= origin.sites
    kept: list[Origin] = []
    outer: list[tuple[int, Origin]] = []  # (last address, origin) of the prefixes that are open
    for prefix in sorted(known, key=lambda p: (int(p.network_address), p.prefixlen)):
        origin = known[prefix]
        while outer and outer[-1][0] < int(prefix.network_address):
            outer.pop()
        for _, wide in outer:
            if len(wide.sites) > 1 or wide.sites >= origin.sites:
                wide.sites |= origin.sites
                break
        else:
            kept.append(origin)
            outer.append((int(prefix.broadcast_address), origin))
    return kept + sorted(unknown, key=lambda origin: list(origin.owners))
