"""What a plan holds, and what it keeps free for its own: prefixes, each with its owner."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Literal, NamedTuple

from k8s6plan.addressing.plan_file import Allocation, Held, Plan, is_layout
from k8s6plan.fleet.model import ROLES, Family, Prefix, Role
from k8s6plan.io.addresses import prefix_text

State = Literal["held", "removed", "reserved"]

_OWN, _ROOM, _BLOCK, _SITE = range(4)  # ranks: the role's own, room for it, the cluster's, a site's


class Owner(NamedTuple):
    """Who holds a prefix.

    ``cluster`` None: the site keeps it for its clusters. ``role`` None: it is for any role.
    ``state``: held; removed (a tombstone keeps the space); reserved (room to grow into).
    """

    cluster: str | None
    role: Role | None
    site: str | None
    prefix: str
    state: State


class Pods(NamedTuple):
    """What the answer on pods needs besides their owner. ``other``: base of the other family."""

    node_mask: int | None
    other: int | None
    why_none: str | None


class Claim(NamedTuple):
    """One owner of one prefix; of equal prefixes the owners with the lowest rank count."""

    prefix: Prefix
    rank: int
    owner: Owner
    pods: Pods | None = None


def claims_of(plan: Plan) -> Iterator[Claim]:
    """Yield everything that a plan holds or keeps, in both families."""
    site_of = {
        name: site
        for site, blocks in plan.sites.items()
        for block in blocks.values()
        for name in block.clusters
    }
    site_of |= {name: site for site, names in plan.members.items() for name in names}
    for name, held in plan.clusters.items():
        yield from _of_cluster(name, held, site_of.get(name), "held")
    for name, held in plan.tombstones.items():
        yield from _of_cluster(name, held, site_of.get(name), "removed")
    for site, blocks in plan.sites.items():
        for block in blocks.values():
            yield from _of_site(site, None, () if block.prefix is None else (block.prefix,))
            for name, part in block.clusters.items():
                if not is_layout(part):
                    kept: State = "removed" if name in plan.tombstones else "reserved"
                    owner = Owner(name, None, site, prefix_text(part), kept)
                    yield Claim(part, _BLOCK, owner)
    for site, pools in plan.site_pools.items():
        for role, pool in pools.items():
            yield from _of_site(site, role, (pool,))


def _of_site(site: str, role: Role | None, prefixes: Iterable[Prefix]) -> Iterator[Claim]:
    for prefix in prefixes:
        yield Claim(prefix, _SITE, Owner(None, role, site, prefix_text(prefix), "reserved"))


def _of_cluster(name: str, held: Held, site: str | None, state: State) -> Iterator[Claim]:
    for role in ROLES:
        families = held.get(role, {})
        for allocation in families.values():
            for number, prefix in enumerate(allocation.prefixes):
                owner = Owner(name, role, site, prefix_text(prefix), state)
                pods = None
                if role == "pods":
                    pods = _pods(families, allocation, prefix, main=number == 0)
                yield Claim(prefix, _OWN, owner, pods)
            if allocation.prefix is not None and allocation.reserved is not None:
                room = allocation.prefix.supernet(new_prefix=allocation.reserved)
                kept: State = "removed" if state == "removed" else "reserved"
                yield Claim(room, _ROOM, Owner(name, role, site, prefix_text(room), kept))


def _pods(
    families: Mapping[Family, Allocation], allocation: Allocation, prefix: Prefix, *, main: bool
) -> Pods:
    """Pair a prefix of pods with the one of the other family, where one was derived from both."""
    other = families.get("ipv6" if prefix.version == 4 else "ipv4")
    if other is None:
        return Pods(allocation.node_mask, None, "no counterpart")
    if other.prefix is None:
        return Pods(allocation.node_mask, None, "no counterpart: IPv6 not assigned yet")
    one, two = (prefix, other.prefix) if prefix.version == 4 else (other.prefix, prefix)
    if not main or not is_embedded(one, two):
        return Pods(allocation.node_mask, None, "no counterpart")
    return Pods(allocation.node_mask, int(other.prefix.network_address), None)


def is_embedded(ipv4: Prefix, ipv6: Prefix) -> bool:
    """Say whether ``ipv6`` was derived from ``ipv4``: 96 bits longer, and ending in its bits."""
    low = int(ipv6.network_address) & 0xFFFF_FFFF
    return ipv6.prefixlen == 96 + ipv4.prefixlen and low == int(ipv4.network_address)
