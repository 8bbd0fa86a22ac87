"""Who sends to whom, and what that asks of route tables and allow lists.

Everything is counted by group: clusters that hear from the same senders are handled together,
never pair by pair.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterator
from ipaddress import IPv4Network, IPv6Network, collapse_addresses

from k8s6plan.model import Cluster, Fleet, Prefix, Role, Selector

# Pods and nodes send; services are only ever answered from inside their own cluster.
_SENDING: tuple[Role, Role] = ("nodes", "pods")


def fullest_table(fleet: Fleet) -> int:
    """Return the most IPv4 pod prefixes that lie in other sites, over all sites.

    A cluster has one planned prefix, or as many as it has pinned.
    """
    held = {
        site: sum(max(1, sum(p.version == 4 for p in c.pinned("pods"))) for c in members)
        for site, members in fleet.members.items()
    }
    return sum(held.values()) - min(held.values()) if held else 0


def most_pools(fleet: Fleet) -> int:
    """Return the most IPv4 ingress entries of a cluster behind tunnels.

    The entries are the pools of nodes and pods, and pinned prefixes outside them, merged. Demands
    that come from fewer prefixes narrow the list.
    """
    prefixes = {*fleet.pools.nodes, *fleet.pools.pods}
    for cluster in fleet.clusters:
        for role in _SENDING:
            prefixes.update(cluster.pinned(role))
    merged = collapse_addresses(p for p in prefixes if isinstance(p, IPv4Network))
    return min(sum(1 for _ in merged), _most_sources(fleet, 4))


def most_prefixes(fleet: Fleet) -> int:
    """Return the most IPv6 ingress entries of a cluster in the flat design.

    A cluster of another site is one entry (its block holds nodes and pods), or what it has pinned;
    clusters inside one aggregate that the user owns are one entry together.
    """
    return _most_sources(fleet, 6)


def share_aggregate(fleet: Fleet) -> bool:
    """Say whether all clusters lie inside one IPv6 aggregate that the user owns."""
    aggregates = {_aggregate(fleet, cluster) for cluster in fleet.clusters}
    return len(aggregates) == 1 and None not in aggregates


def select(fleet: Fleet, selector: Selector) -> list[int]:
    """Return the indices of the clusters that ``selector`` means."""
    if selector.name == "all":
        return list(range(len(fleet.clusters)))
    if selector.name is not None:
        index = fleet.index.get(selector.name)
        return [] if index is None else [index]
    return [
        index
        for index, cluster in enumerate(fleet.clusters)
        if all(cluster.labels.get(key) == value for key, value in selector.labels)
    ]


def _entries(cluster: Cluster, version: int) -> int:
    """Return how many prefixes of one family ``cluster`` sends from.

    What is pinned counts as it is. What is still planned is one IPv4 prefix a role, and one IPv6
    block for both.
    """
    if not cluster.addresses.model_fields_set:  # nearly always, and worth the short cut
        return len(_SENDING) if version == 4 else 1
    pinned = {p for role in _SENDING for p in _pinned(cluster, role, version)}
    planned = sum(
        not cluster.external(role) and not _pinned(cluster, role, version) for role in _SENDING
    )
    return max(1, len(pinned) + (planned if version == 4 else min(1, planned)))


def _pinned(cluster: Cluster, role: Role, version: int) -> list[Prefix]:
    held = cluster.pinned(role)
    return [prefix for prefix in held if prefix.version == version]


def _aggregate(fleet: Fleet, cluster: Cluster) -> IPv6Network | None:
    """Return the aggregate of the user's that holds all IPv6 of ``cluster``, if any."""
    source = fleet.ipv6_of(cluster)
    if isinstance(source, str):
        return None
    pinned = [p for role in _SENDING for p in _pinned(cluster, role, 6)]
    return source if all(p.subnet_of(source) for p in pinned) else None  # type: ignore[arg-type]


def _most_sources(fleet: Fleet, version: int) -> int:
    """Return the most entries that one cluster needs for its senders in other sites."""
    most = 0
    for senders, receivers in _conversations(fleet):
        total = 0
        at_site: Counter[str] = Counter()
        aggregates: Counter[IPv6Network] = Counter()
        aggregates_at: dict[str, Counter[IPv6Network]] = defaultdict(Counter)
        for cluster in senders:
            aggregate = _aggregate(fleet, cluster) if version == 6 else None
            if aggregate is not None:
                aggregates[aggregate] += 1
                aggregates_at[cluster.site_name][aggregate] += 1
            else:
                entries = _entries(cluster, version)
                total += entries
                at_site[cluster.site_name] += entries
        for site in {cluster.site_name for cluster in receivers}:
            here: Counter[IPv6Network] = aggregates_at.get(site, Counter())
            elsewhere = sum(count > here.get(a, 0) for a, count in aggregates.items())
            most = max(most, total - at_site[site] + elsewhere)
    return most


def _conversations(fleet: Fleet) -> Iterator[tuple[list[Cluster], list[Cluster]]]:
    """Yield (senders, receivers): receivers that hear from the same senders stand together.

    Without demands every cluster is a sender to every other.
    """
    if not fleet.demands:
        yield list(fleet.clusters), list(fleet.clusters)
        return
    chosen: dict[Selector, list[int]] = {}
    heard: dict[int, list[int]] = defaultdict(list)  # cluster -> the demands that end there
    for number, demand in enumerate(fleet.demands):
        for selector in (demand.source, demand.target):
            if selector not in chosen:
                chosen[selector] = select(fleet, selector)
        for index in chosen[demand.target]:
            heard[index].append(number)
    alike: dict[tuple[int, ...], list[int]] = defaultdict(list)
    for index, numbers in sorted(heard.items()):
        alike[tuple(numbers)].append(index)
    for demands, receivers in alike.items():
        senders: set[int] = set()
        for selector in {fleet.demands[number].source for number in demands}:
            senders.update(chosen[selector])
        yield [fleet.clusters[i] for i in sorted(senders)], [fleet.clusters[i] for i in receivers]
