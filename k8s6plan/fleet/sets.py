"""Who is in which cluster sets: clusters that share one reach each other, others must not."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from itertools import combinations_with_replacement
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from k8s6plan.fleet.model import Fleet

Sets = tuple[int, ...]  # the sets of a cluster by number, ascending
ONE_SET: Sets = (0,)  # of each cluster where the file names no sets: all are one


def share(one: Iterable[int], other: Iterable[int]) -> bool:
    """Say whether two have a set in common."""
    return not frozenset(one).isdisjoint(other)


def are_divided(found: Collection[Sets]) -> bool:
    """Say whether some cluster of these sets must not reach another, or one like itself."""
    if not found or frozenset.intersection(*map(frozenset, found)):
        return False  # nearly always
    return not all(share(*pair) for pair in combinations_with_replacement(found, 2))


def most_seen(
    held: Mapping[Sets, int], seers: Iterable[tuple[Iterable[int], Mapping[Sets, int]]]
) -> int:
    """Return the most of what is ``held`` by all that one of some seers sees at other sites.

    ``seers``: the sets that each sees, and what of it its own site holds.
    """
    most = 0
    for seen, own in seers:
        wanted = frozenset(seen)
        most = max(most, _seen(held, wanted) - _seen(own, wanted))
    return most


def _seen(held: Mapping[Sets, int], wanted: frozenset[int]) -> int:
    return sum(many for sets, many in held.items() if not wanted.isdisjoint(sets))


def sets_of_sites(fleet: Fleet) -> dict[str, frozenset[int]]:
    """Return the sets that the clusters of each site are in."""
    held: dict[str, set[int]] = {site: set() for site in fleet.members}
    for cluster, sets in zip(fleet.clusters, fleet.sets, strict=True):
        held[cluster.site_name].update(sets)
    return {site: frozenset(sets) for site, sets in held.items()}
