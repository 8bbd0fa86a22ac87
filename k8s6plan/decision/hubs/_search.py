"""Good hubs fast: add, drop and swap one hub at a time while that helps.

Every neighbour of a choice is priced at once, in a table with a row for each hub that may go (and
one for none) and a column for each site that may come (and one for none).
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from k8s6plan.decision.hubs._assign import INFINITE, Assignment, assign
from k8s6plan.decision.hubs._problem import TOLERANCE, Integers, Matrix, Problem

TRIES = 30  # neighbours that are assigned within the room of gateways before the search gives up


def start(problem: Problem, candidates: Integers) -> Integers:
    """Return a first choice: one hub after the other, each the one that helps most."""
    one = problem.costs[:, candidates].sum(axis=0) + problem.hub_costs[candidates]
    hubs = candidates[[int(one.argmin())]]
    while len(hubs) < problem.most:
        table = neighbours(problem, hubs, candidates)
        site = int(table[-1, :-1].argmin())
        grows = len(hubs) < max(problem.fewest, problem.homing)
        here = assign(problem, hubs)
        if not grows and here is not None and table[-1, site] >= here.value:
            break
        if table[-1, site] == INFINITE and not grows:
            break
        hubs = np.sort(np.append(hubs, candidates[site]))
    return hubs


def improve(
    problem: Problem, hubs: Integers, candidates: Integers, stop: Callable[[], bool]
) -> tuple[Integers, Assignment | None]:
    """Return the best choice on the way down from ``hubs`` through ``candidates``."""
    best = assign(problem, hubs)
    while not stop():
        limit = INFINITE if best is None else best.value - TOLERANCE * abs(best.value)
        table = neighbours(problem, hubs, candidates)
        found = None
        for flat in _most_promising(table, 1 if problem.gateways is None else TRIES):
            row, column = divmod(int(flat), table.shape[1])
            if table[row, column] >= limit:
                break
            moved = _moved(hubs, candidates, row, column)
            there = assign(problem, moved)
            if there is not None and there.value < limit:
                found = moved, there
                break
        if found is None:
            return hubs, best
        hubs, best = found
    return hubs, best


def _most_promising(table: Matrix, count: int) -> Integers:
    flat = table.ravel()
    if count == 1:
        return np.array([flat.argmin()])
    count = min(count, len(flat))
    first = np.argpartition(flat, count - 1)[:count]
    return first[np.lexsort((first, flat[first]))]


def _moved(hubs: Integers, candidates: Integers, row: int, column: int) -> Integers:
    kept = np.delete(hubs, row) if row < len(hubs) else hubs
    added = [candidates[column]] if column < len(candidates) else []
    return np.sort(np.append(kept, np.array(added, dtype=np.int64)))


def neighbours(problem: Problem, hubs: Integers, candidates: Integers) -> Matrix:
    """Return the value of every neighbour of ``hubs``, its gateways' room left aside.

    ``table[r, c]``: hub r gone (the last row: none), candidate c come (the last column: none).
    Infinite where that is no choice, or breaks the number of hubs.
    """
    if problem.homing == 1:
        table = _single(problem.costs, hubs, candidates)
    else:
        table = _double(problem, hubs, candidates)
    table += _fixed_costs(problem, hubs, candidates)
    table[:, :-1][:, np.isin(candidates, hubs)] = INFINITE
    table[-1, -1] = INFINITE
    if len(hubs) >= problem.most:
        table[-1, :-1] = INFINITE
    if len(hubs) <= max(problem.fewest, 1):
        table[:-1, -1] = INFINITE
    return table


def _fixed_costs(problem: Problem, hubs: Integers, candidates: Integers) -> Matrix:
    """Return what the hubs of every neighbour cost, and the mesh between them."""
    gone = np.append(problem.hub_costs[hubs], 0.0)
    come = np.append(problem.hub_costs[candidates], 0.0)
    table = problem.hub_costs[hubs].sum() - gone[:, None] + come
    mesh = problem.mesh_costs
    if mesh is not None:
        to_hubs = mesh[:, hubs].sum(axis=1)
        table += to_hubs[hubs].sum() / 2
        table[:-1] -= to_hubs[hubs][:, None]
        table[:, :-1] += to_hubs[candidates]
        table[:-1, :-1] -= mesh[np.ix_(hubs, candidates)]
    return np.asarray(table)


def _single(costs: Matrix, hubs: Integers, candidates: Integers) -> Matrix:
    """Return the homing costs of all neighbours, for one home: the fast interchange of Whitaker.

    A site loses its home only with the hub that is its nearest, and falls back on the second or on
    the new one; so one pass over the matrix prices all swaps.
    """
    to_hubs = costs[:, hubs]
    nearest = to_hubs.argmin(axis=1)
    first = to_hubs.min(axis=1)
    if len(hubs) > 1:
        second = np.partition(to_hubs, 1, axis=1)[:, 1]
    else:
        second = np.full(len(costs), INFINITE)
    order = nearest.argsort(kind="stable")
    new = costs[order][:, candidates]
    first, second = first[order], second[order]
    starts = np.searchsorted(nearest[order], np.arange(len(hubs)))
    gains = np.maximum(first[:, None] - new, 0.0).sum(axis=0)
    fall = np.minimum(second[:, None], new)
    fall -= first[:, None]
    np.maximum(fall, 0.0, out=fall)
    table = np.empty((len(hubs) + 1, len(candidates) + 1))
    here = first.sum()
    table[-1, :-1] = here - gains
    table[:-1, :-1] = here - gains + _sums(fall, starts)
    table[:-1, -1] = here + _sums((second - first)[:, None], starts)[:, 0]
    table[-1, -1] = here
    return table


def _sums(values: Matrix, starts: Integers) -> Matrix:
    """Return the sum of each block of rows; a block may be empty."""
    ends = np.append(starts[1:], len(values))
    full = ends > starts
    sums = np.zeros((len(starts), values.shape[1]))
    if full.any():
        sums[full] = np.add.reduceat(values, starts[full], axis=0)
    return sums


def _double(problem: Problem, hubs: Integers, candidates: Integers) -> Matrix:
    """Return the homing costs of all neighbours, for two homes.

    With hub k gone, a site's new pair is either without the newcomer, or the newcomer (or what is
    nearer in its group) and the nearest hub of another group.
    """
    costs, groups = problem.costs, problem.groups
    table = np.empty((len(hubs) + 1, len(candidates) + 1))
    new = costs[:, candidates]
    for row in range(len(hubs) + 1):
        kept = np.delete(hubs, row) if row < len(hubs) else hubs
        spokes = np.setdiff1d(np.arange(problem.sites), kept)
        if groups is None:
            near = np.sort(np.column_stack([costs[:, kept], np.full((len(costs), 2), INFINITE)]))
            pair = near[:, 0] + near[:, 1]
            with_new = np.minimum(new + near[:, [0]], pair[:, None])
        else:
            pair, with_new = _double_by_group(costs, groups, kept, candidates)
        own = with_new[candidates, np.arange(len(candidates))]
        sums = with_new[spokes].sum(axis=0)
        free = np.isfinite(sums)
        table[row, :-1] = np.where(free, sums - np.where(free, own, 0.0), INFINITE)
        table[row, :-1][~free] = _finite_rest(with_new, spokes, candidates[~free], ~free)
        table[row, -1] = pair[spokes].sum()
    return table


def _finite_rest(
    with_new: Matrix, spokes: Integers, candidates: Integers, columns: np.typing.NDArray[np.bool_]
) -> Matrix:
    """Return the sums over all spokes but the newcomer itself, where its own is infinite."""
    part = with_new[np.ix_(spokes, np.flatnonzero(columns))].copy()
    part[spokes[:, None] == candidates] = 0.0
    return np.asarray(part.sum(axis=0))


def _double_by_group(
    costs: Matrix, groups: Integers, kept: Integers, candidates: Integers
) -> tuple[Matrix, Matrix]:
    """Return the cheapest pair of homes in two groups: as it is, and with each candidate."""
    count = int(groups.max()) + 1
    nearest = np.full((len(costs), max(count, 3)), INFINITE)
    for kind in np.unique(groups[kept]):
        nearest[:, kind] = costs[:, kept[groups[kept] == kind]].min(axis=1)
    order = nearest.argsort(axis=1, kind="stable")
    ranked = np.take_along_axis(nearest, order, axis=1)
    one, two, three = ranked[:, 0], ranked[:, 1], ranked[:, 2]
    other = np.repeat(one[:, None], count, axis=1)
    without = np.repeat((one + two)[:, None], count, axis=1)
    for kind in range(count):
        is_one, is_two = order[:, 0] == kind, order[:, 1] == kind
        other[is_one, kind] = two[is_one]
        without[is_one, kind] = (two + three)[is_one]
        without[is_two, kind] = (one + three)[is_two]
    kinds = groups[candidates]
    mine = np.minimum(costs[:, candidates], nearest[:, kinds])
    return one + two, np.minimum(mine + other[:, kinds], without[:, kinds])
