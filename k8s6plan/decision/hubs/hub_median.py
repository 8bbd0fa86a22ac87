"""Hubs for traffic between pairs: what they cost when the way between two hubs counts too.

Traffic from i to j goes by two hubs k and l, or one, and costs for each unit

    collection * d[i, k] + transfer * d[k, l] + distribution * d[l, j]

`multiple` allocation: each pair takes its best way. `single`: each site has one home, which all of
its traffic passes (O'Kelly 1987). A hub is its own home.

Every set of hubs is priced, many at once; those whose ways from sites to hubs alone cost more than
the best known are dropped before. A set costs no less with single homes than with multiple ones;
so only the sets that this bound lets through get the exact program (Ernst and Krishnamoorthy 1996).
"""

from __future__ import annotations

import time
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import combinations, islice
from typing import Literal

import numpy as np

from k8s6plan.decision.hubs._problem import TOLERANCE, Integers, Matrix, Placement, Progress, Watch
from k8s6plan.errors import NoPlacement
from k8s6plan.io.solver import Row, minimise

INFINITE = float("inf")
MOST_NUMBERS = 2_000_000  # costs in memory at once

Allocation = Literal["single", "multiple"]


@dataclass(frozen=True)
class Ways:
    """Distances, flows, and the factors of the three parts of a way; prices of hubs."""

    distances: Matrix
    flows: Matrix
    hub_costs: Matrix
    collection: float
    transfer: float
    distribution: float

    @property
    def ends(self) -> Matrix:
        """What a unit of distance to its home costs each site, with all of its traffic."""
        sent, received = self.flows.sum(axis=1), self.flows.sum(axis=0)
        return np.asarray(self.collection * sent + self.distribution * received)


def hub_median(  # noqa: PLR0913  the factors of the literature
    distances: Matrix,
    flows: Matrix,
    p: int | None,
    *,
    allocation: Allocation = "single",
    collection: float = 1.0,
    transfer: float = 1.0,
    distribution: float = 1.0,
    hub_costs: Matrix | None = None,
    time_limit: float | None = None,
    watch: Watch | None = None,
) -> Placement:
    """Return the ``p`` hubs (None: as many as are best) with the least cost of all flows.

    ``flows[i, j]``: units from i to j. With multiple allocation each site is assigned to all hubs.

    Raises:
        NoPlacement: the numbers are no such matrices, or ``p`` is not between 1 and the sites.

    """
    count = len(distances)
    if distances.shape != (count, count) or flows.shape != (count, count):
        raise NoPlacement("distances and flows are square matrices of one size")
    if not all(np.all(np.isfinite(m) & (m >= 0)) for m in (distances, flows)):
        raise NoPlacement("distances and flows are finite, and not negative")
    if p is not None and not 1 <= p <= count:
        raise NoPlacement(f"{count} sites can have 1 to {count} hubs, not {p}")
    prices = np.zeros(count) if hub_costs is None else hub_costs
    ways = Ways(distances, flows, prices, collection, transfer, distribution)
    return _Search(ways, allocation, time_limit, watch).run(p)


class _Search:
    """One run: the best hubs so far."""

    def __init__(
        self, ways: Ways, allocation: Allocation, time_limit: float | None, watch: Watch | None
    ) -> None:
        self.ways = ways
        self.single = allocation == "single"
        self.ends_at = INFINITE if time_limit is None else time.monotonic() + time_limit
        self.watch = watch
        self.value = INFINITE
        self.hubs: Integers = np.array([0])
        self.homes: Integers | None = None
        everywhere = np.arange(len(ways.distances))[None, :]
        self.least = float((_multiple(ways, everywhere) - ways.hub_costs.sum())[0])

    def run(self, p: int | None) -> Placement:
        """Try the numbers of hubs in turn, each with all of its sets."""
        count = len(self.ways.distances)
        cheapest = np.cumsum(np.sort(self.ways.hub_costs))
        done = True
        for size in range(1, count + 1) if p is None else [p]:
            if self.least + cheapest[size - 1] < self._to_beat():
                self._climb(size)
        for size in range(1, count + 1) if p is None else [p]:
            if done and self.least + cheapest[size - 1] < self._to_beat():
                done = self._every(size)
        first = cheapest[0] if p is None else cheapest[p - 1]
        bound = self.value if done else min(self.value, self.least + float(first))
        homes = self.homes
        return Placement(
            hubs=tuple(map(int, self.hubs)),
            assignment=tuple(
                (site,)
                if site in self.hubs
                else tuple(map(int, self.hubs if homes is None else homes[[site]]))
                for site in range(count)
            ),
            value=self.value,
            bound=bound,
            proved=done,
        )

    def _to_beat(self) -> float:
        return self.value - TOLERANCE * abs(self.value) if self.value < INFINITE else INFINITE

    def _offer(self, hubs: Integers, value: float, homes: Integers | None) -> None:
        if value < self.value:
            self.value, self.hubs, self.homes = value, hubs, homes
            if self.watch is not None:
                self.watch(Progress(value, min(value, self.least), tuple(map(int, hubs))))

    def _climb(self, size: int) -> None:
        """Swap hubs while that helps, from those with the most traffic."""
        count = len(self.ways.distances)
        hubs = np.sort(np.argsort(-self.ways.ends, kind="stable")[:size])
        value = float(_multiple(self.ways, hubs[None, :])[0])
        while time.monotonic() < self.ends_at:
            others = np.setdiff1d(np.arange(count), hubs)
            near = np.repeat(hubs[None, :], size * len(others), axis=0)
            if not len(near):
                break
            near[np.arange(len(near)), np.repeat(np.arange(size), len(others))] = np.tile(
                others, size
            )
            values = np.concatenate([_multiple(self.ways, part) for part in _parts(near, count)])
            best = int(values.argmin())
            if values[best] >= value - TOLERANCE * abs(value):
                break
            hubs, value = np.sort(near[best]), float(values[best])
        if self.single:
            self._offer(hubs, *_single_by_moves(self.ways, hubs))
        else:
            self._offer(hubs, value, None)

    def _every(self, size: int) -> bool:
        """Look at every set of ``size`` hubs; False: time is over."""
        ways, count = self.ways, len(self.ways.distances)
        sets = combinations(range(count), size)
        chunk = max(1, MOST_NUMBERS // (count * count))
        while (part := _next(sets, chunk, size)) is not None:
            if time.monotonic() >= self.ends_at:
                return False
            near = ways.distances[:, part].min(axis=2)
            floor = ways.ends @ near + ways.hub_costs[part].sum(axis=1)
            part = part[floor < self._to_beat()]
            values = _multiple(ways, part)
            if self.single:
                part = part[values < self._to_beat()]
                values = _single_floor(ways, part)
            for number in values.argsort(kind="stable"):
                if values[number] >= self._to_beat():
                    break
                if time.monotonic() >= self.ends_at:
                    return False
                self._look_at(part[number], float(values[number]))
        return True

    def _look_at(self, hubs: Integers, value: float) -> None:
        if not self.single:
            self._offer(hubs, value, None)
            return
        self._offer(hubs, *_single_by_moves(self.ways, hubs))
        if value < self._to_beat():
            exact = _single_exact(self.ways, hubs)
            if exact is not None:
                self._offer(hubs, _price(self.ways, hubs, exact), exact)


def _next(sets: Iterator[tuple[int, ...]], chunk: int, size: int) -> Integers | None:
    part = list(islice(sets, chunk))
    return np.array(part, dtype=np.int64).reshape(-1, size) if part else None


def _parts(sets: Integers, count: int) -> Iterator[Integers]:
    chunk = max(1, MOST_NUMBERS // (count * count))
    for start in range(0, len(sets), chunk):
        yield sets[start : start + chunk]


def _multiple(ways: Ways, sets: Integers) -> Matrix:
    """Return what each set of hubs costs where every pair takes its best way."""
    d = ways.distances
    size = sets.shape[1]
    first = ways.collection * d[:, sets]  # site, set, hub
    cost = np.full((len(d), len(sets), len(d)), INFINITE)
    for last in range(size):
        to_last = np.full(first.shape[:2], INFINITE)
        for hub in range(size):
            between = ways.transfer * d[sets[:, hub], sets[:, last]]
            np.minimum(to_last, first[:, :, hub] + between, out=to_last)
        way = to_last[:, :, None] + ways.distribution * d[sets[:, last]][None, :, :]
        np.minimum(cost, way, out=cost)
    paid = np.einsum("imj,ij->m", cost, ways.flows)
    return np.asarray(paid + ways.hub_costs[sets].sum(axis=1))


def _single_floor(ways: Ways, sets: Integers) -> Matrix:
    """Return less than each set of hubs costs with single homes, and more than with multiple ones.

    Each site pays half of its traffic in both directions. It must choose one home for all of it;
    the other end, unless it is a hub, may choose its home for this pair alone.
    """
    d, count, size = ways.distances, len(ways.distances), sets.shape[1]
    numbers = np.arange(len(sets))
    least = np.full((len(sets), count), INFINITE)
    for home in range(size):
        rest = np.full((len(sets), count, count), INFINITE)  # set, site, other end
        for other in range(size):
            between = ways.transfer * d[sets[:, home], sets[:, other]]
            back = ways.transfer * d[sets[:, other], sets[:, home]]
            near, far = d[sets[:, other]], d[:, sets[:, other]].T  # from and to that hub
            there = ways.flows * (between[:, None, None] + ways.distribution * near[:, None, :])
            there += ways.flows.T * (back[:, None, None] + ways.collection * far[:, None, :])
            for hub in range(size):  # a hub is its own home
                if hub != other:
                    there[numbers, :, sets[:, hub]] = INFINITE
            np.minimum(rest, there, out=rest)
        cost = rest.sum(axis=2) + ways.ends * d[:, sets[:, home]].T
        for hub in range(size):
            if hub != home:
                cost[numbers, sets[:, hub]] = INFINITE
        np.minimum(least, cost, out=least)
    return np.asarray(least.sum(axis=1) / 2 + ways.hub_costs[sets].sum(axis=1))


def _price(ways: Ways, hubs: Integers, homes: Integers) -> float:
    """Return what ``hubs`` cost with these homes."""
    legs = ways.ends * ways.distances[np.arange(len(homes)), homes]
    between = ways.flows * ways.distances[np.ix_(homes, homes)]
    return float(legs.sum() + ways.transfer * between.sum() + ways.hub_costs[hubs].sum())


def _single_by_moves(ways: Ways, hubs: Integers) -> tuple[float, Integers]:
    """Return good homes: the nearest, then one site moved at a time while that helps."""
    homes = hubs[ways.distances[:, hubs].argmin(axis=1)]
    homes[hubs] = hubs
    spokes = np.setdiff1d(np.arange(len(homes)), hubs)
    value, better = _price(ways, hubs, homes), True
    while better:
        better = False
        for site in spokes:
            for hub in hubs:
                moved = homes.copy()
                moved[site] = hub
                there = _price(ways, hubs, moved)
                if there < value - TOLERANCE * abs(value):
                    homes, value, better = moved, there, True
    return value, homes


def _single_exact(ways: Ways, hubs: Integers) -> Integers | None:
    """Return the best homes for ``hubs``, by a program in whole numbers.

    Variables: x[i, k], site i has home k; y[i, k, l], the share of the traffic of i that goes from
    hub k to hub l. Row: what of i's traffic leaves k is what i brings there, less what ends there.
    """
    count, size = len(ways.distances), len(hubs)
    x = np.arange(count * size).reshape(count, size)
    y = count * size + np.arange(count * size * size).reshape(count, size, size)
    sent = ways.flows.sum(axis=1)
    shares = np.divide(
        ways.flows, sent[:, None], out=np.zeros_like(ways.flows), where=sent[:, None] > 0
    )
    legs = ways.ends[:, None] * ways.distances[:, hubs]
    between = ways.transfer * sent[:, None, None] * ways.distances[np.ix_(hubs, hubs)]
    rows = [Row(row, np.ones(size), 1.0, 1.0) for row in x]
    rows += [Row(x[hub, [k]], np.ones(1), 1.0, 1.0) for k, hub in enumerate(hubs)]
    for site in np.flatnonzero(sent):
        for k in range(size):
            brought = np.bincount(x[:, k], -shares[site], count * size)
            brought[x[site, k]] += 1.0
            at = np.flatnonzero(brought)
            others = np.delete(np.arange(size), k)
            out, back = y[site, k, others], y[site, others, k]
            columns = np.concatenate([out, back, at])
            factors = np.concatenate([np.ones(size - 1), -np.ones(size - 1), -brought[at]])
            rows.append(Row(columns, factors, 0.0, 0.0))
    found = minimise(np.concatenate([legs.ravel(), between.ravel()]), rows, whole=x.size)
    if found.values is None:
        return None
    return np.asarray(hubs[found.values[: x.size].reshape(count, size).argmax(axis=1)])
