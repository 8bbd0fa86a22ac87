"""The least worst distance: a search over radii, each a question of covering.

Within a radius r the sites can all be homed if hubs cover them. The fewest hubs that do so are a
program in whole numbers; its relaxation is a bound below it. So

1. a radius is good when a cover of at most ``most`` hubs is found,
2. it is ruled out when the relaxation, or the program itself, needs more,
3. the distinct distances are halved between the two: what is left is the optimum, proved.

Of the radii only distances occur (Minieka 1970). The relaxations come first, for they are quick.
"""

from __future__ import annotations

import time
from dataclasses import replace

import numpy as np

from k8s6plan.decision.hubs._assign import INFINITE, Assignment, assign
from k8s6plan.decision.hubs._problem import (
    TOLERANCE,
    Gateways,
    Integers,
    Matrix,
    Placement,
    Problem,
    Progress,
    Watch,
)
from k8s6plan.io.solver import Row, Solution, at_least, minimise


def solve_center(
    problem: Problem, *, time_limit: float | None = None, watch: Watch | None = None
) -> Placement | None:
    """Return the placement with the least worst cost of a home; None where none is within limits.

    The costs of hubs and of the mesh are not looked at.
    """
    return _Search(problem, time_limit, watch).run()


class _Search:
    """One run: the radii that are ruled out and the best hubs so far."""

    def __init__(self, problem: Problem, time_limit: float | None, watch: Watch | None) -> None:
        self.problem = problem
        self.ends_at = INFINITE if time_limit is None else time.monotonic() + time_limit
        self.watch = watch
        self.radii = np.unique(problem.costs)
        self.low = 0  # the least radius that is not ruled out
        self.high = len(self.radii)  # the radius of the best hubs
        self.hubs: Integers | None = None

    def run(self) -> Placement | None:
        """Halve the radii, by relaxation first, then by programs in whole numbers."""
        self._take(_farthest_first(self.problem))
        top = min(self.high, len(self.radii) - 1)
        low = self.low
        while low < top and not self._late():
            middle = (low + top) // 2
            if self._fewest(middle, whole=False).bound > self.problem.most + TOLERANCE:
                low = self.low = middle + 1
            else:
                top = middle
        self._tell()
        at = self.low  # often the optimum itself: ask there first, then halve
        while self.low < self.high and self.low < len(self.radii) and not self._late():
            found = self._fewest(at, whole=True)
            if found.infeasible or found.bound > self.problem.most + TOLERANCE:
                self.low = at + 1
            elif found.values is None:
                break
            else:
                chosen = np.flatnonzero(found.values[: self.problem.sites] > 0.5)
                self._take(_filled(self.problem, chosen), at)
            self._tell()
            at = (self.low + min(self.high, len(self.radii) - 1)) // 2
        return self._placement()

    def _late(self) -> bool:
        return time.monotonic() >= self.ends_at

    def _tell(self) -> None:
        if self.watch is not None and self.hubs is not None:
            bound = float(self.radii[min(self.low, self.high)])
            self.watch(Progress(float(self.radii[self.high]), bound, tuple(map(int, self.hubs))))

    def _take(self, hubs: Integers | None, within: int | None = None) -> None:
        """Keep hubs that reach everybody within less than the best ones do."""
        if hubs is None:
            return
        found = assign(_cut(self.problem, within, self.radii), hubs)
        if found is None:
            return
        worst = _worst(self.problem, hubs, found)
        at = int(np.searchsorted(self.radii, worst))
        if at < self.high:
            self.high, self.hubs = at, hubs

    def _fewest(self, at: int, *, whole: bool | int) -> Solution:
        """Ask for the fewest hubs that reach everybody within radius number ``at``."""
        left = None if self.ends_at == INFINITE else self.ends_at - time.monotonic()
        near = self.problem.costs <= self.radii[at]
        if self.problem.gateways is not None:
            costs, rows = _cover_within_limits(self.problem, near)
        elif self.problem.groups is not None:
            costs, rows = _cover_by_group(self.problem, self.problem.groups, near)
            whole = whole and self.problem.sites  # the rest is whole where the hubs are
        else:
            costs, rows = _cover(self.problem, near)
        return minimise(costs, rows, whole=whole, seconds=left)

    def _placement(self) -> Placement | None:
        if self.hubs is None:
            return None
        found = assign(_cut(self.problem, self.high, self.radii), self.hubs)
        assert found is not None  # noqa: S101  it was taken for being one
        value, low = float(self.radii[self.high]), min(self.low, self.high)
        return Placement(
            hubs=tuple(map(int, self.hubs)),
            assignment=tuple(tuple(dict.fromkeys(map(int, row))) for row in found.homes),
            value=value,
            bound=float(self.radii[low]),
            proved=low == self.high,
        )


def _cut(problem: Problem, within: int | None, radii: Matrix) -> Problem:
    """Return the problem with homes beyond a radius made dearer than all others together."""
    if within is None or within >= len(radii):
        return problem
    far = problem.costs > radii[within]
    dear = 1.0 + 2 * problem.sites * float(radii[-1])
    return replace(problem, costs=np.where(far, problem.costs + dear, problem.costs))


def _worst(problem: Problem, hubs: Integers, found: Assignment) -> float:
    spokes = np.setdiff1d(np.arange(problem.sites), hubs)
    if not len(spokes):
        return 0.0
    return float(problem.costs[spokes[:, None], found.homes[spokes]].max())


def _farthest_first(problem: Problem) -> Integers:
    """Return hubs each as far as can be from those before it (Gonzalez 1985)."""
    hubs = [int(problem.costs.max(axis=1).argmin())]
    while len(hubs) < problem.most:
        far = problem.costs[:, hubs].min(axis=1)
        far[hubs] = -1.0
        hubs.append(int(far.argmax()))
    return np.array(sorted(hubs))


def _filled(problem: Problem, hubs: Integers) -> Integers:
    """Return ``hubs`` with the first other sites, up to the fewest that there must be."""
    missing = max(0, problem.fewest - len(hubs))
    others = np.setdiff1d(np.arange(problem.sites), hubs)
    return np.sort(np.concatenate([hubs, others[:missing]]))


def _cover(problem: Problem, near: np.typing.NDArray[np.bool_]) -> tuple[Matrix, list[Row]]:
    """Return the program: each site is a hub, or has ``homing`` hubs near it."""
    rows = []
    for site in range(problem.sites):
        columns = np.flatnonzero(near[site])
        factors = np.where(columns == site, float(problem.homing), 1.0)
        rows.append(replace(at_least(columns, problem.homing), factors=factors))
    return np.ones(problem.sites), rows


def _cover_by_group(
    problem: Problem, groups: Integers, near: np.typing.NDArray[np.bool_]
) -> tuple[Matrix, list[Row]]:
    """Return the program: each site is a hub, or has hubs near it in ``homing`` groups.

    Variables: ``y[j]``, j is a hub; then ``z[i, g]``, a hub of group g is near i.
    """
    sites, kinds = problem.sites, np.unique(groups)
    z = sites + np.arange(sites * len(kinds)).reshape(sites, len(kinds))
    rows = []
    for site in range(sites):
        for kind, one in zip(kinds, z[site], strict=True):
            hubs = np.flatnonzero(near[site] & (groups == kind))
            hubs = hubs[hubs != site]
            factors = np.append(np.ones(len(hubs)), -1.0)
            rows.append(replace(at_least(np.append(hubs, one), 0.0), factors=factors))
        factors = np.append(np.ones(len(kinds)), float(problem.homing))
        rows.append(replace(at_least(np.append(z[site], site), problem.homing), factors=factors))
    return np.append(np.ones(sites), np.zeros(z.size)), rows


def _cover_within_limits(
    problem: Problem, near: np.typing.NDArray[np.bool_]
) -> tuple[Matrix, list[Row]]:
    """Return the program with a variable for each home, to hold gateways and providers to limits.

    Variables: ``y[j]``, j is a hub; then ``x[i, j]`` for each j near i, i is homed on j.
    """
    sites, homing = problem.sites, problem.homing
    near = near.copy()
    np.fill_diagonal(near, False)
    spoke, hub = np.nonzero(near)
    x = sites + np.arange(len(spoke))
    every = np.arange(sites)
    ones = np.ones(sites)
    rows = [Row(every, ones, problem.fewest, problem.most)]
    rows += [
        Row(np.array([number, j]), np.array([1.0, -1.0]), -INFINITE, 0.0)
        for number, j in zip(x, hub, strict=True)
    ]
    for site in range(sites):
        mine = spoke == site
        columns = np.append(x[mine], site)
        factors = np.append(np.ones(int(mine.sum())), float(homing))
        rows.append(Row(columns, factors, homing, INFINITE))
        if problem.groups is not None:
            for kind in np.unique(problem.groups[hub[mine]]):
                group = x[mine & (problem.groups[hub] == kind)]
                rows.append(Row(group, np.ones(len(group)), 0.0, 1.0))
        if problem.gateways is not None:
            rows += _room_rows(problem.gateways, site, x, spoke, hub)
    return np.concatenate([ones, np.zeros(len(spoke))]), rows


def _room_rows(
    gateways: Gateways, site: int, x: Integers, spoke: Integers, hub: Integers
) -> list[Row]:
    """Return the rows that hold a site to its room: with its mesh if it is a hub, or without."""
    room, ends = gateways.room, gateways.ends
    homed, homes = hub == site, spoke == site
    others = np.delete(np.arange(len(room)), site)
    tunnels = ends[spoke[homed], site].astype(float)
    mesh = ends[others, site].astype(float)
    slack = float(tunnels.sum() + mesh.sum())
    columns = np.concatenate([x[homed], others, [site]])
    factors = np.concatenate([tunnels, mesh, [slack]])
    return [
        Row(columns, factors, -INFINITE, float(room[site]) + slack),
        Row(x[homes], ends[site, hub[homes]].astype(float), -INFINITE, float(room[site])),
    ]
