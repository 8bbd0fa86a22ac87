"""Where clusters send from: their own prefixes, their blocks, their aggregate."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from ipaddress import IPv6Network

from k8s6plan.addressing.allow._entries import SENDING
from k8s6plan.addressing.plan_file import Allocation, Plan
from k8s6plan.fleet.model import Cluster, Family, Fleet, Prefix

_VERSION: Mapping[Family, int] = {"ipv4": 4, "ipv6": 6}
Blocks = Mapping[str, Sequence[IPv6Network]]


@dataclass
class Claim:
    """A prefix that somebody sends from (None: not known), with its owners and their sites."""

    prefix: Prefix | None
    owners: dict[str, None]
    sites: set[str]
    why: str = ""


def claims_of(
    fleet: Fleet,
    plan: Plan,
    blocks: Blocks,
    sending: Iterable[Cluster],
    family: Family,
) -> Iterator[Claim]:
    """Yield where each of the senders sends from (rules 2 to 4)."""
    inside: dict[IPv6Network, list[Claim]] = defaultdict(list)
    for cluster in sending:
        owned = fleet.ipv6_of(cluster) if family == "ipv6" else None
        for claim in _own(plan, blocks, cluster, family):
            if isinstance(owned, IPv6Network) and _lies_in(claim.prefix, owned):
                inside[owned].append(claim)
            else:
                yield claim
    for aggregate, claims in inside.items():
        if fleet.demands and len(claims) == 1 and claims[0].prefix is not None:
            yield claims[0]
            continue
        sites = {site for claim in claims for site in claim.sites}
        yield Claim(aggregate, {"aggregate of the fleet": None}, sites)


def _lies_in(prefix: Prefix | None, aggregate: IPv6Network) -> bool:
    """Say whether a prefix lies in the aggregate; one that is still owed will."""
    return prefix is None or (isinstance(prefix, IPv6Network) and prefix.subnet_of(aggregate))


def _own(plan: Plan, blocks: Blocks, cluster: Cluster, family: Family) -> Iterator[Claim]:
    """Yield the prefixes from which one cluster sends: its block of IPv6, or role by role."""
    held = plan.clusters.get(cluster.name, {})
    found: dict[Prefix, str] = {}
    missing: dict[str, str] = {}  # of whom -> why
    for role in SENDING:
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
        yield Claim(prefix, {of: None}, {cluster.site_name})
    for of, why in missing.items():
        yield Claim(None, {of: None}, {cluster.site_name}, why)


def _why_missing(
    allocation: Allocation | None, blocks: Sequence[IPv6Network], family: Family
) -> str:
    if allocation is None or allocation.layout is None:
        return f"no {'IPv4' if family == 'ipv4' else 'IPv6'} prefix in the plan"
    place = _block_around(allocation.layout, blocks) or allocation.layout
    return f"IPv6 not assigned yet (layout {place})"


def _block_around(prefix: Prefix, blocks: Iterable[IPv6Network]) -> IPv6Network | None:
    """Return the cluster's block that ``prefix`` lies in, if it is one of IPv6."""
    if not isinstance(prefix, IPv6Network):
        return None
    return next((block for block in blocks if prefix.subnet_of(block)), None)


def blocks_of(plan: Plan) -> dict[str, list[IPv6Network]]:
    """Return the IPv6 blocks of each cluster; one that moved between kinds of IPv6 has several."""
    found: dict[str, list[IPv6Network]] = defaultdict(list)
    for blocks in plan.sites.values():
        for block in blocks.values():
            for name, part in block.clusters.items():
                found[name].append(part)
    return found


def merged(claims: Iterable[Claim]) -> list[Claim]:
    """Return the claims by address, equal ones as one, without those inside another (rule 5).

    An inner prefix must stay where the outer one is all of another site's: that site leaves the
    outer one out of its list.
    """
    known: dict[Prefix, Claim] = {}
    unknown = []
    for claim in claims:
        if claim.prefix is None:
            unknown.append(claim)
            continue
        other = known.setdefault(claim.prefix, claim)
        if other is not claim:
            other.owners |= claim.owners
            other.sites |= claim.sites
    kept: list[Claim] = []
    outer: list[tuple[int, Claim]] = []  # (last address, claim) of the prefixes that are open
    for prefix in sorted(known, key=lambda p: (int(p.network_address), p.prefixlen)):
        claim = known[prefix]
        while outer and outer[-1][0] < int(prefix.network_address):
            outer.pop()
        for _, wide in outer:
            if len(wide.sites) > 1 or wide.sites >= claim.sites:
                wide.sites |= claim.sites
                break
        else:
            kept.append(claim)
            outer.append((int(prefix.broadcast_address), claim))
    return kept + sorted(unknown, key=lambda claim: list(claim.owners))
