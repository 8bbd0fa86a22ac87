"""Demands as traffic between clusters: what a figure that holds for many pairs is to each."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from decimal import Decimal
from typing import TYPE_CHECKING, Literal, NamedTuple

if TYPE_CHECKING:
    from k8s6plan.fleet.model import Demand

Per = Literal["pair", "sender", "receiver", "total"]


def sharers(per: Per, senders: int, receivers: int, both: int) -> int:
    """Return how many pairs share a figure that holds ``per`` pair, sender, receiver, or in all.

    ``both``: clusters that send and receive; none sends to itself. Of a figure per sender, either
    all senders receive as well or none does, and so for one per receiver: ``parts`` sees to it.
    """
    itself = int(both > 0)
    return {
        "pair": 1,
        "sender": receivers - itself,
        "receiver": senders - itself,
        "total": senders * receivers - both,
    }[per]


class Traffic(NamedTuple):
    """A demand, or a part of it, of which each pair of clusters carries as much.

    ``number``: its place in `demands`. ``per``: what its figures are taken for. ``senders`` and
    ``receivers`` are places in `clusters`, ascending.
    """

    number: int
    demand: Demand
    per: Per
    senders: tuple[int, ...]
    receivers: tuple[int, ...]

    @property
    def pairs(self) -> int:
        """Ordered pairs of two clusters, a sender and a receiver."""
        return len(self.senders) * len(self.receivers) - self._both

    @property
    def gb_per_pair(self) -> Decimal:
        """10^9 bytes a month of each pair."""
        return self._each(self.demand.gb_per_month)

    @property
    def mbps_per_pair(self) -> Decimal:
        """The highest rate of each pair, in 10^6 bits a second."""
        return self._each(self.demand.peak_mbps or Decimal(0))

    @property
    def _both(self) -> int:
        return len(set(self.senders) & set(self.receivers))

    def _each(self, figure: Decimal) -> Decimal:
        among = sharers(self.per, len(self.senders), len(self.receivers), self._both)
        return figure / among if among else Decimal(0)


def parts(
    number: int, demand: Demand, senders: Sequence[int], receivers: Sequence[int]
) -> Iterator[Traffic]:
    """Yield the demand as traffic: in two parts where pairs differ, else as one.

    A sender that is among the receivers has one pair fewer than one that is not, and so the more
    on each of its pairs, if the figure is per sender. With receivers it is likewise.
    """
    per = _plainly(demand)
    ends = {"sender": (senders, receivers), "receiver": (receivers, senders)}
    counted, others = ends.get(per, ((), ()))
    among = set(others)
    apart = tuple(end for end in counted if end not in among)
    if not apart or len(apart) == len(counted):
        yield Traffic(number, demand, per, tuple(senders), tuple(receivers))
        return
    for part in (tuple(end for end in counted if end in among), apart):
        if per == "sender":
            yield Traffic(number, demand, per, part, tuple(receivers))
        else:
            yield Traffic(number, demand, per, tuple(senders), part)


def _plainly(demand: Demand) -> Per:
    """Return what the figures hold for, in the simplest words: of one sender, its own is the total.

    So a larger fleet, where a copy of that one does not send, is divided in the same way.
    """
    if demand.source.one:
        return _FROM_ONE.get(demand.per, demand.per)
    if demand.target.one:
        return _TO_ONE.get(demand.per, demand.per)
    return demand.per


_FROM_ONE: dict[Per, Per] = {"sender": "total", "receiver": "pair"}
_TO_ONE: dict[Per, Per] = {"sender": "pair", "receiver": "total"}
