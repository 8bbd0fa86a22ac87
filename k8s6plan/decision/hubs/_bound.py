"""How good a choice of hubs can be at best: a Lagrangian bound, climbed by subgradients.

Every site must be homed ``homing`` times. Take that rule away, and let each site i pay a price
``u[i]`` for every home it lacks. Then each hub j can be judged by itself: it costs

    hub_costs[j] + its share of the mesh + sum over sites i of min(0, costs[i, j] - u[i])

and the least that all can cost together, ``homing * sum(u)`` plus the cheapest hubs, is a bound on
the true problem for any u >= 0 (Cornuejols, Fisher, Nemhauser 1977). Where the homes of a site must
lie in different groups, ``v[i, g]`` is a price on a second home in group g, in the same manner.
A hub's own site lacks no home: opening it saves ``homing * u[j]``.

A hub's share of the mesh is half of its cheapest links to as many hubs as there are besides it.
A hub takes no more sites by tunnel than its gateways have room for.

The bound also says what must be: a hub without which (or a site with which, as a hub) it passes
the best value known can never change in a better choice.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np

from k8s6plan.decision.hubs._problem import Gateways, Integers, Mask, Matrix, Problem

INFINITE = float("inf")

# How the climb goes: what served best on the OR-Library's p-median instances. The bound is one
# whatever they are.
LENGTH = 1.5  # of the first step, as a share of the way to the best value
MEMORY = 0.6  # of the last direction, carried into the next: it goes straight where others swing
AIM = 2e-4  # beyond the value to beat, as a share of it: aiming at it alone never gets there
PATIENCE = 25  # steps without a better bound until the step is halved
SHORTEST = 0.002  # below this length it has settled
VISIT_EVERY = 10
NARROW_EVERY = 30
SHRUNK = 0.75  # of the columns left: worth a smaller matrix
FADING = 0.95  # of the record of which hubs the bound chose


@dataclass(frozen=True)
class Node:
    """A part of all choices: what is a hub, what may be one, and how many there are.

    ``prices``: the multipliers that gave its ``bound``: u, and behind it v, row by row.
    """

    is_hub: Mask
    may_be: Mask  # includes those that are
    sizes: tuple[int, ...]
    prices: Matrix
    bound: float

    @property
    def leaves_choice(self) -> bool:
        """Say whether more than one set of hubs belongs to it."""
        hubs, may = int(self.is_hub.sum()), int(self.may_be.sum())
        return len(self.sizes) > 1 or hubs < self.sizes[0] < may


@dataclass(frozen=True)
class Climb:
    """A node after its climb, narrowed, and how often the bound chose each site of late."""

    node: Node
    often: Matrix


@dataclass(frozen=True)
class _Valuation:
    """What one choice of prices gives: see the top of this file.

    ``worth``: what each hub costs, without its share of the mesh. ``totals``: the bound for each
    number of hubs. ``slope``: where the bound rises.
    """

    bound: float
    worth: Matrix
    totals: dict[int, float]
    chosen: Integers
    slope: Matrix


class Bounder:
    """The bound of one problem; holds what all its nodes share."""

    def __init__(self, problem: Problem) -> None:
        self.problem = problem
        self.step = problem.step
        self.shares = None if problem.mesh_costs is None else _mesh_shares(problem.mesh_costs)

    def root(self) -> Node:
        """Return the node of all choices. Costs are never negative, so 0 is a bound."""
        problem = self.problem
        everything = np.ones(problem.sites, dtype=bool)
        nearest = np.sort(problem.costs, axis=1)
        prices = nearest[:, min(problem.sites - 1, problem.homing)]
        if problem.groups is not None:
            prices = np.append(prices, np.zeros(problem.sites * (int(problem.groups.max()) + 1)))
        sizes = tuple(range(problem.fewest, problem.most + 1))
        return Node(~everything, everything, sizes, prices, 0.0)

    def climb(
        self,
        node: Node,
        to_beat: float,
        steps: int,
        *,
        visit: Callable[[Integers, Integers, float], float] | None = None,
        stop: Callable[[], bool] = lambda: False,
    ) -> Climb:
        """Raise the bound of ``node`` by at most ``steps`` steps, until it reaches ``to_beat``.

        ``visit`` is given the hubs that the bound chooses, now and then, the sites that may
        still be hubs, and the bound so far; it returns the value to beat. A way to good choices.
        """
        part = _Part(self.problem, self.shares, node)
        prices = top_prices = node.prices
        top: _Valuation | None = None
        direction = np.zeros(len(prices))
        length, idle = LENGTH, 0
        often = np.zeros(self.problem.sites)
        for step in range(1, steps + 1):
            if stop():
                break
            here = part.value(prices)
            often *= FADING
            often[here.chosen] += 1 - FADING
            if top is None or here.bound > top.bound + 1e-9 * abs(top.bound):
                top, top_prices, idle = here, prices, 0
            else:
                idle += 1
            if idle >= PATIENCE:
                length, idle = length / 2, 0
                prices, direction = top_prices, np.zeros(len(prices))
                if length < SHORTEST:
                    break
                continue
            if visit is not None and step % VISIT_EVERY == 0:
                to_beat = visit(here.chosen, part.columns, top.bound)
            if top.bound >= to_beat:
                break
            if step % NARROW_EVERY == 0:
                smaller = part.narrow(top, top_prices, to_beat)
                if smaller.may_be.sum() < SHRUNK * len(part.columns):
                    part, top = _Part(self.problem, self.shares, smaller), None
                    prices = top_prices
                    continue
            direction = here.slope + MEMORY * direction
            squares = float(direction @ direction)
            if squares == 0:
                break
            beyond = max(self.step, AIM * abs(to_beat))
            stride = length * max(to_beat + beyond - here.bound, 0.0) / squares
            prices = np.maximum(prices + stride * direction, 0.0)
        return Climb(part.node if top is None else part.narrow(top, top_prices, to_beat), often)


class _Part:
    """The bound within one node: the columns of the sites that may be hubs there."""

    def __init__(self, problem: Problem, shares: Matrix | None, node: Node) -> None:
        self.problem = problem
        self.node = node
        self.columns = np.flatnonzero(node.may_be)
        is_hub = node.is_hub[self.columns]
        self.forced, self.free = np.flatnonzero(is_hub), np.flatnonzero(~is_hub)
        self.costs = np.ascontiguousarray(problem.costs[:, self.columns])
        self.shares = None if shares is None else shares[self.columns]
        self.kinds = None if problem.groups is None else problem.groups[self.columns]
        self.reduced = np.empty_like(self.costs)
        self.spare = self._spare()

    def value(self, prices: Matrix) -> _Valuation:
        """Return the bound at these prices, and where it rises."""
        problem, columns, reduced = self.problem, self.columns, self.reduced
        u, v = prices[: problem.sites], prices[problem.sites :].reshape(problem.sites, -1)
        np.subtract(self.costs, u[:, None], out=reduced)
        if self.kinds is not None:
            reduced += v[:, self.kinds]
        np.minimum(reduced, 0.0, out=reduced)
        reduced[columns, np.arange(len(columns))] = -problem.homing * u[columns]
        if problem.gateways is not None and self.spare is not None:
            self._drop_crowd(problem.gateways, self.spare)
        worth = problem.hub_costs[columns] + reduced.sum(axis=0)
        constant = problem.homing * float(u.sum()) - float(v.sum())
        choices = self._cheapest(worth)
        totals = {size: constant + total for size, (total, _) in choices.items()}
        size = min(totals, key=lambda size: (totals[size], size))
        chosen = choices[size][1]
        return _Valuation(totals[size], worth, totals, columns[chosen], self._slope(chosen, prices))

    def _slope(self, chosen: Integers, prices: Matrix) -> Matrix:
        """Return a subgradient: homes that sites lack, and homes too many in one group."""
        problem = self.problem
        hubs = self.columns[chosen]
        taken = self.reduced[:, chosen] < 0
        taken[hubs, np.arange(len(hubs))] = False
        lacking = problem.homing - taken.sum(axis=1).astype(float)
        lacking[hubs] -= problem.homing
        if self.kinds is None:
            return np.asarray(lacking)
        v = prices[problem.sites :].reshape(problem.sites, -1)
        crowding = np.full(v.shape, -1.0)
        for kind in np.unique(self.kinds[chosen]):
            crowding[:, kind] += taken[:, self.kinds[chosen] == kind].sum(axis=1)
        crowding[(v <= 0) & (crowding < 0)] = 0.0
        return np.concatenate([lacking, crowding.ravel()])

    def _spare(self) -> Integers | None:
        """Return how many sites each hub can take by tunnel; the mesh comes first."""
        gateways = self.problem.gateways
        if gateways is None:
            return None
        room, ends = gateways.room, gateways.ends
        per_link = max(1, int(ends.max()))
        native = (ends[np.ix_(self.columns, self.columns)] == 0).sum(axis=1) - 1
        mesh = np.maximum(0, min(self.node.sizes) - 1 - native)
        return np.asarray(np.maximum(0, room[self.columns] // per_link - mesh), dtype=np.int64)

    def _drop_crowd(self, gateways: Gateways, spare: Integers) -> None:
        """Leave each hub only its best sites by tunnel, as many as it has room for."""
        tunnels = (gateways.ends[:, self.columns] > 0) & (self.reduced < 0)
        for column in np.flatnonzero(tunnels.sum(axis=0) > spare):
            rows = np.flatnonzero(tunnels[:, column])
            order = self.reduced[rows, column].argsort(kind="stable")
            self.reduced[rows[order[spare[column] :]], column] = 0.0

    def _with_mesh(self, worth: Matrix, size: int) -> Matrix:
        return worth if self.shares is None else worth + self.shares[:, size - 1]

    def _cheapest(self, worth: Matrix) -> dict[int, tuple[float, Integers]]:
        """Return, for each number of hubs, what the cheapest cost, and which they are."""
        found = {}
        order: Integers | None = None
        for size in self.node.sizes:
            here = self._with_mesh(worth, size)
            if order is None or self.shares is not None:
                order = self.free[here[self.free].argsort(kind="stable")]
            chosen = np.concatenate([self.forced, order[: size - len(self.forced)]])
            found[size] = (float(here[chosen].sum()), chosen)
        return found

    def narrow(self, top: _Valuation, prices: Matrix, to_beat: float) -> Node:
        """Return the node without what the bound rules out, its bound raised where all is."""
        node = replace(self.node, prices=prices, bound=max(self.node.bound, top.bound))
        sizes = tuple(size for size in node.sizes if top.totals[size] < to_beat)
        with_it = np.full(len(self.columns), INFINITE)
        without = np.full(len(self.columns), INFINITE)
        for size in sizes:
            here = self._with_mesh(top.worth, size)
            order = self.free[here[self.free].argsort(kind="stable")]
            missing = size - len(self.forced)
            ins, outs = order[:missing], order[missing:]
            total = top.totals[size]
            with_it[ins] = np.minimum(with_it[ins], total)
            without[outs] = np.minimum(without[outs], total)
            if missing:
                with_it[outs] = np.minimum(with_it[outs], total - here[ins[-1]] + here[outs])
            if len(outs):
                without[ins] = np.minimum(without[ins], total - here[ins] + here[outs[0]])
        is_hub, may_be = node.is_hub.copy(), node.may_be.copy()
        is_hub[self.columns[self.free[without[self.free] >= to_beat]]] = True
        may_be[self.columns[self.free[with_it[self.free] >= to_beat]]] = False
        hubs, may = int(is_hub.sum()), int(may_be.sum())
        sizes = tuple(size for size in sizes if hubs <= size <= may)
        if not sizes or (is_hub & ~may_be).any():
            return replace(node, bound=max(node.bound, to_beat))
        return replace(node, is_hub=is_hub, may_be=may_be, sizes=sizes)


def _mesh_shares(mesh: Matrix) -> Matrix:
    """Return half of the cheapest links of each site to k others, for each k from 0 on."""
    others = mesh.copy()
    np.fill_diagonal(others, -INFINITE)
    others.sort(axis=1)
    others[:, 0] = 0.0
    return np.asarray(np.cumsum(others, axis=1) / 2)
