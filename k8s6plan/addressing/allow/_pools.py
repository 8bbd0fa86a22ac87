"""The list of designs that route IPv4 to all alike: the pools, and what lies outside of them."""

from __future__ import annotations

from bisect import bisect_right
from collections import defaultdict
from ipaddress import IPv4Network, collapse_addresses

from k8s6plan.addressing.allow._entries import SENDING, Entry, listed
from k8s6plan.addressing.plan_file import Plan
from k8s6plan.fleet.demands import sending_roles
from k8s6plan.fleet.model import Fleet


def pool_entries(fleet: Fleet, plan: Plan) -> tuple[Entry, ...]:
    """Return the IPv4 pools of nodes and pods, merged with prefixes outside of them.

    Such are pinned, or come from an older plan, made while the pools were others.
    """
    named: dict[IPv4Network, dict[str, None]] = defaultdict(dict)
    for role in SENDING:
        for prefix in getattr(fleet.pools, role):
            if prefix.version == 4:
                named[prefix][f"pool of {role}"] = None
    pools = set(named)
    for cluster in sorted(fleet.clusters, key=lambda cluster: cluster.name):
        for role in sending_roles(cluster):
            allocation = plan.clusters.get(cluster.name, {}).get(role, {}).get("ipv4")
            held = () if allocation is None else allocation.prefixes
            for prefix in (*cluster.pinned(role), *held):
                if isinstance(prefix, IPv4Network):
                    named[prefix][f"{cluster.name} {role}"] = None
    merged = sorted(collapse_addresses(named))
    starts = [int(prefix.network_address) for prefix in merged]
    inside: list[list[IPv4Network]] = [[] for _ in merged]
    for prefix in named:
        inside[bisect_right(starts, int(prefix.network_address)) - 1].append(prefix)
    entries = []
    for prefix, parts in zip(merged, inside, strict=True):
        # A prefix inside a pool is no news: the pool's name says it.
        told = [part for part in parts if part in pools] or parts
        entries.append(Entry(prefix, listed(dict.fromkeys(n for p in told for n in named[p]))))
    return tuple(entries)
