"""Demands as an outline holds them: flows, and who sends and hears each."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from functools import cached_property, lru_cache
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from k8s6plan.fleet.model import Per
    from k8s6plan.topology.groups import Member, SiteGroup


class Flow(NamedTuple):
    """A demand, or a part of it, as far as counting needs it.

    Its figures hold ``per`` pair, sender or receiver, or in all. ``from_all`` and ``to_all``: that
    end is every cluster there is, the next one included. ``demand``: its place in the file.
    """

    gb_per_month: Decimal
    peak_mbps: Decimal
    per: Per
    from_all: bool
    to_all: bool
    demand: int


class Exchange(NamedTuple):
    """Traffic between sites: 10^9 bytes a month, of so many demands.

    ``pairs``: those of each demand added up, a sender and a receiver in different sites.
    """

    gb_per_month: Decimal
    demands: int
    pairs: int


class Ends(NamedTuple):
    """Clusters that send a flow, and receive it, or ``both``.

    ``inside``: pairs of a sender and a receiver in one site, also of a cluster with itself.
    """

    senders: int
    receivers: int
    both: int
    inside: int


@dataclass(frozen=True, eq=False)
class Talker:
    """The demands that a site sends and hears, by index, each with so many of its clusters."""

    sends: Mapping[int, int]
    hears: Mapping[int, int]

    @cached_property
    def demands(self) -> tuple[frozenset[int], frozenset[int]]:
        """The demands that it sends, and those that it hears."""
        return frozenset(self.sends), frozenset(self.hears)


@lru_cache(maxsize=1 << 16)
def talker_of(members: tuple[Member, ...]) -> Talker:
    """Return what a site with these clusters sends and hears.

    There is one object for all that are alike in this.
    """
    sends = Counter(demand for member in members for demand in member.sends)
    hears = Counter(demand for member in members for demand in member.hears)
    return _talker(tuple(sorted(sends.items())), tuple(sorted(hears.items())))


@lru_cache(maxsize=1 << 16)
def _talker(sends: tuple[tuple[int, int], ...], hears: tuple[tuple[int, int], ...]) -> Talker:
    return Talker(dict(sends), dict(hears))


def ends_of(
    groups: Iterable[SiteGroup], talkers: Mapping[SiteGroup, Talker], flows: int
) -> list[Ends]:
    """Return how many clusters send and hear each of so many flows."""
    senders, receivers, both, inside = (Counter[int]() for _ in range(4))
    for group in groups:
        for member, times in Counter(group.members).items():
            senders.update(dict.fromkeys(member.sends, times * group.sites))
            receivers.update(dict.fromkeys(member.hears, times * group.sites))
            again = {*member.sends} & {*member.hears}
            both.update(dict.fromkeys(again, times * group.sites))
    for group, talker in talkers.items():
        for number in talker.sends.keys() & talker.hears.keys():
            inside[number] += group.sites * talker.sends[number] * talker.hears[number]
    return [Ends(senders[n], receivers[n], both[n], inside[n]) for n in range(flows)]
