"""Who sends to whom, and what that asks of route tables and allow lists.

Everything is counted by group: clusters that hear from the same senders are handled together,
never pair by pair.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Hashable, Iterator
from ipaddress import IPv4Network, IPv6Network, collapse_addresses

from k8s6plan.fleet.model import Cluster, Fleet, Prefix, Role
from k8s6plan.fleet.reach import hides_pods
from k8s6plan.fleet.sets import Sets, most_seen, share

# Pods and nodes send; services are only ever answered from inside their own cluster.
_SENDING: tuple[Role, Role] = ("nodes", "pods")


def sending_roles(cluster: Cluster) -> tuple[Role, ...]:
    """Return which addresses of ``cluster`` others see: those of its pods too, unless hidden.

    What hidden pods send has the address of their node.
    """
    return ("nodes",) if hides_pods(cluster) else _SENDING


def fullest_table(fleet: Fleet) -> int:
    """Return the most IPv4 pod prefixes that lie in other sites, over all sites.

    A cluster has one planned prefix, or as many as it has pinned. Cluster sets leave out those that
    no cluster of the site has to reach.
    """
    if fleet.divided:
        return _fullest_of_sets(fleet)
    held = {
        site: sum(pod_prefixes(cluster) for cluster in members)
        for site, members in fleet.members.items()
    }
    return sum(held.values()) - min(held.values()) if held else 0


def _fullest_of_sets(fleet: Fleet) -> int:
    held: Counter[Sets] = Counter()
    at_site: dict[str, Counter[Sets]] = defaultdict(Counter)
    for cluster, sets in zip(fleet.clusters, fleet.sets, strict=True):
        held[sets] += pod_prefixes(cluster)
        at_site[cluster.site_name][sets] += pod_prefixes(cluster)
    sites = at_site.values()
    return most_seen(held, (({n for sets in own for n in sets}, own) for own in sites))


def pod_prefixes(cluster: Cluster) -> int:
    """Return how many IPv4 pod prefixes ``cluster`` has: what it has pinned, else one planned."""
    return max(1, sum(prefix.version == 4 for prefix in cluster.pinned("pods")))


def most_pools(fleet: Fleet) -> int:
    """Return the most IPv4 ingress entries of a cluster behind tunnels.

    The entries are the pools of nodes and pods, and pinned prefixes outside them, merged. Demands
    that come from fewer prefixes narrow the list. Where cluster sets keep some from others, entries
    are the prefixes of those that are let in: a pool would let in all.
    """
    if fleet.divided:
        return _most_sources(fleet, 4)
    return min(merged_pools(fleet), _most_sources(fleet, 4))


def merged_pools(fleet: Fleet) -> int:
    """Return how many IPv4 prefixes hold all pools and pins of nodes and pods, merged."""
    prefixes = {*fleet.pools.nodes, *fleet.pools.pods}
    for cluster in fleet.clusters:
        for role in sending_roles(cluster):
            prefixes.update(cluster.pinned(role))
    merged = collapse_addresses(p for p in prefixes if isinstance(p, IPv4Network))
    return sum(1 for _ in merged)


def most_prefixes(fleet: Fleet) -> int:
    """Return the most IPv6 ingress entries of a cluster in the flat design.

    A cluster of another site is one entry (its block holds nodes and pods), or what it has pinned;
    clusters inside one aggregate that the user owns are one entry together.
    """
    return _most_sources(fleet, 6)


def share_aggregate(fleet: Fleet) -> bool:
    """Say whether all clusters lie inside one IPv6 aggregate that the user owns, and may talk."""
    if fleet.divided:
        return False
    owned = {fleet.ipv6_of(cluster) for cluster in fleet.clusters}
    (aggregate,) = owned if len(owned) == 1 else (None,)
    return isinstance(aggregate, IPv6Network) and all(
        _inside(prefix, aggregate)
        for cluster in fleet.clusters
        for role in _SENDING
        for prefix in _pinned(cluster, role, 6)
    )


def sources(fleet: Fleet, cluster: Cluster, version: int) -> list[Hashable]:
    """Return what ``cluster`` sends from, in one family: prefixes, or what stands for them.

    What is pinned counts as it is. What is still planned is one IPv4 prefix a role, and one IPv6
    block for both, unless IPv6 pools keep them apart. An aggregate that the user owns stands for
    all that lies inside it, unless cluster sets keep some from others.
    """
    name = cluster.name
    owned = fleet.ipv6_of(cluster) if version == 6 and not fleet.divided else None
    planned: dict[Role, Hashable] = {
        role: owned if isinstance(owned, IPv6Network) else (name, role if version == 4 else "block")
        for role in _SENDING
    }
    if version == 6:
        planned |= {role: (name, role) for role in _SENDING if _has_ipv6_pool(fleet, role)}
    roles = sending_roles(cluster)
    if not cluster.addresses.model_fields_set:  # nearly always, and worth the short cut
        return list(dict.fromkeys(planned[role] for role in roles))
    found: list[Hashable] = []
    for role in roles:
        pinned = _pinned(cluster, role, version)
        found += [owned if _inside(p, owned) else p for p in pinned]
        if not pinned and not cluster.external(role):
            found.append(planned[role])
    return list(dict.fromkeys(found)) or [(name, "elsewhere")]


def _inside(prefix: Prefix, owned: object) -> bool:
    return isinstance(owned, IPv6Network) and prefix.version == 6 and prefix.subnet_of(owned)


def _has_ipv6_pool(fleet: Fleet, role: Role) -> bool:
    pools: tuple[Prefix, ...] = getattr(fleet.pools, role)
    return any(pool.version == 6 for pool in pools)


def _pinned(cluster: Cluster, role: Role, version: int) -> list[Prefix]:
    held = cluster.pinned(role)
    return [prefix for prefix in held if prefix.version == version]


def _most_sources(fleet: Fleet, version: int) -> int:
    """Return the most entries that one cluster needs for its senders in other sites."""
    most = 0
    pools = any(_has_ipv6_pool(fleet, role) for role in _SENDING)
    planned = 2 if version == 4 or pools else 1  # by a cluster that shares none with another
    for senders, receivers in conversations(fleet):
        only_at: dict[Hashable, str | None] = {}  # the one site that has it, None where several
        at_site: Counter[str | None] = Counter()
        for cluster in senders:
            site = cluster.site_name
            owned = version == 6 and isinstance(fleet.ipv6_of(cluster), IPv6Network)
            owned = owned and not fleet.divided
            if not owned and not cluster.addresses.model_fields_set:  # nearly always
                at_site[site] += min(planned, len(sending_roles(cluster)))
                continue
            for source in sources(fleet, cluster, version):
                if only_at.setdefault(source, site) != site:
                    only_at[source] = None
        at_site.update(only_at.values())
        total = at_site.total()
        for site in {cluster.site_name for cluster in receivers}:
            most = max(most, total - at_site[site])
    return most


def conversations(fleet: Fleet) -> Iterator[tuple[list[Cluster], list[Cluster]]]:
    """Yield (senders, receivers): receivers that hear from the same senders stand together.

    Without demands every cluster is a sender to every other that shares a cluster set with it.
    """
    if not fleet.demands and fleet.divided:
        of_sets: dict[Sets, list[Cluster]] = defaultdict(list)
        for cluster, sets in zip(fleet.clusters, fleet.sets, strict=True):
            of_sets[sets].append(cluster)
        for own, receivers in of_sets.items():
            yield [c for sets, held in of_sets.items() if share(own, sets) for c in held], receivers
        return
    if not fleet.demands:
        yield list(fleet.clusters), list(fleet.clusters)
        return
    heard: dict[int, list[int]] = defaultdict(list)  # cluster -> the traffic that ends there
    for number, traffic in enumerate(fleet.traffic):
        for index in traffic.receivers:
            heard[index].append(number)
    alike: dict[tuple[int, ...], list[int]] = defaultdict(list)
    for index, numbers in sorted(heard.items()):
        alike[tuple(numbers)].append(index)
    for ending, hearing in alike.items():
        senders = set[int]().union(*{fleet.traffic[number].senders for number in ending})
        yield [fleet.clusters[i] for i in sorted(senders)], [fleet.clusters[i] for i in hearing]
