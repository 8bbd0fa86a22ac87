"""Prefixes that lie inside each other or apart, cut into segments, and found by bisection."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections import defaultdict
from collections.abc import Iterable, Sequence

from k8s6plan.addressing.lookup._claims import Claim, Owner, Pods


class Group:
    """One prefix and its owners. ``pods`` is the allocation whose node blocks lie in it."""

    __slots__ = ("end", "length", "owners", "parent", "pods", "start")

    def __init__(self, start: int, length: int, bits: int) -> None:
        self.start, self.length, self.end = start, length, start + (1 << (bits - length))
        self.owners: tuple[Owner, ...] = ()
        self.parent: Group | None = None
        self.pods: Pods | None = None


class Space:
    """The claims of one family, cut into segments with one innermost prefix each."""

    def __init__(self, claims: Sequence[Claim], bits: int) -> None:
        self.bits = bits
        groups = _groups(claims, bits)
        self._starts: list[int] = [0]
        self._groups: list[Group | None] = [None]
        open_groups: list[Group] = []
        for group in groups:
            self._close(open_groups, group.start)
            group.parent = open_groups[-1] if open_groups else None
            self._cut(group.start, group)
            open_groups.append(group)
        self._close(open_groups, 1 << bits)
        self._held = [g.start for g in groups if any(o.role and o.cluster for o in g.owners)]

    def _close(self, open_groups: list[Group], at: int) -> None:
        while open_groups and open_groups[-1].end <= at:
            end = open_groups.pop().end
            self._cut(end, open_groups[-1] if open_groups else None)

    def _cut(self, at: int, group: Group | None) -> None:
        if self._starts[-1] == at:
            self._groups[-1] = group
        else:
            self._starts.append(at)
            self._groups.append(group)

    def group_of(self, start: int, length: int) -> Group | None:
        """Return the longest prefix that holds all of what is asked."""
        group = self._groups[bisect_right(self._starts, start) - 1]
        while group is not None and group.length > length:
            group = group.parent
        return group

    def held_in(self, start: int, length: int) -> int:
        """Return how many prefixes of clusters lie inside of what is asked."""
        end = start + (1 << (self.bits - length))
        return bisect_left(self._held, end) - bisect_left(self._held, start)


def _groups(claims: Iterable[Claim], bits: int) -> list[Group]:
    """Return one group for each prefix, the outer before the inner."""
    of_prefix: dict[tuple[int, int], list[Claim]] = defaultdict(list)
    for claim in claims:
        of_prefix[int(claim.prefix.network_address), claim.prefix.prefixlen].append(claim)
    found = []
    for (start, length), equal in sorted(of_prefix.items()):
        group = Group(start, length, bits)
        found.append(group)
        if len(equal) == 1:  # nearly always, and worth the short cut
            group.owners, group.pods = (equal[0].owner,), equal[0].pods
            continue
        best = min(claim.rank for claim in equal)
        counted = [claim for claim in equal if claim.rank == best]
        owners = dict.fromkeys(claim.owner for claim in counted)
        group.owners = tuple(
            sorted(owners, key=lambda o: (o.cluster or "", o.role or "", o.site or ""))
        )
        # Where several clusters pinned one prefix for pods, no node block is any one's.
        pods = {claim.owner: claim.pods for claim in counted if claim.pods is not None}
        group.pods = next(iter(pods.values())) if len(pods) == 1 else None
    return found
