"""Cluster sets in a topology: who must reach whom, and what is joined for nobody.

A cluster reaches those that share a set with it. A site sees the sets of its clusters, and of what
it carries for others: on the shortest ways between two sites that share a set. A link between two
that see no set in common carries nothing, and is left out; so is a site that sees nobody.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import replace
from functools import lru_cache
from itertools import combinations_with_replacement, product
from typing import TYPE_CHECKING

from k8s6plan.fleet.sets import Sets, share

if TYPE_CHECKING:
    from k8s6plan.topology.groups import Member
    from k8s6plan.topology.joins import Near, Topology

Seen = frozenset[int]  # the sets that a vertex sees, by number
Crowd = Mapping[Sets, int]  # how many clusters are in which sets


@lru_cache(maxsize=1 << 16)
def sets_of(members: tuple[Member, ...]) -> Seen:
    """Return the sets that the clusters of a site are in."""
    return frozenset(number for member in members for number in member.sets)


@lru_cache(maxsize=1 << 16)
def crowd_of(members: tuple[Member, ...]) -> Crowd:
    """Return how many clusters of a site are in which sets."""
    return Counter(member.sets for member in members)


def crowd_of_sites(sites: Iterable[tuple[tuple[Member, ...], int]]) -> Crowd:
    """Return how many clusters are in which sets, of so many sites with these members each."""
    found: Counter[Sets] = Counter()
    for members, many in sites:
        for own, clusters in crowd_of(members).items():
            found[own] += clusters * many
    return found


def meetings(one: Crowd, other: Crowd) -> int:
    """Return the pairs of a cluster of one and a cluster of the other that share a set."""
    return sum(
        many * more
        for (here, many), (there, more) in product(one.items(), other.items())
        if share(here, there)
    )


def pairs_among(sites: Iterable[tuple[Crowd, int]]) -> int:
    """Return the pairs of clusters in different sites that share a set.

    ``sites``: what clusters one of them has, and how many sites are alike.
    """
    total: Counter[Sets] = Counter()
    inside = 0
    for crowd, many in sites:
        inside += many * meetings(crowd, crowd)
        for own, clusters in crowd.items():
            total[own] += many * clusters
    return (meetings(total, total) - inside) // 2


def prefixes_seen(members: Iterable[Member], seen: Seen) -> int:
    """Return the IPv4 pod prefixes of the clusters that are in a set of ``seen``."""
    return sum(member.routes for member in members if not seen.isdisjoint(member.sets))


def sees_of(topology: Topology) -> tuple[Seen, ...]:
    """Return what each vertex sees, by number: its own sets, and those that it carries."""
    classes, shape = topology.classes, topology.shape
    found = [set(sites.sets) for sites in classes] + [set[int]() for _ in topology.hubs]
    pairs = combinations_with_replacement(range(len(classes)), 2)
    for one, other in pairs if topology.carriers else ():  # else each sees its own alone
        here, there = classes[one], classes[other]
        common = here.sets & there.sets
        if not common or not here.site_pairs(there):
            continue
        way = shape.between(one, other)
        for chain in () if way is None else way.chains:
            for carrier in chain:
                found[carrier] |= common
    return tuple(map(frozenset, found))


def without_needless(topology: Topology) -> Topology:
    """Return a topology with joins between those alone that see a set in common.

    A managed hub that is joined to nobody is not there at all.
    """
    sees = dict(zip(topology.vertices, sees_of(topology), strict=True))
    near: Near = {
        vertex: {
            other: join for other, join in joins.items() if not sees[vertex].isdisjoint(sees[other])
        }
        for vertex, joins in topology.near.items()
    }
    classes = frozenset(topology.classes)
    near = {vertex: joins for vertex, joins in near.items() if joins or vertex in classes}
    carriers = tuple(carrier for carrier in topology.carriers if carrier in near)
    seen = tuple(sees[vertex] for vertex in near)
    return replace(topology, near=near, carriers=carriers, sees=seen)
