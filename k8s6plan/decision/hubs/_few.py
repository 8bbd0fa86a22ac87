"""Where few choices are left, look at each: quicker than splitting them by their bounds."""

from __future__ import annotations

from itertools import chain, combinations
from math import comb

import numpy as np

from k8s6plan.decision.hubs._assign import INFINITE, Assignment, assign
from k8s6plan.decision.hubs._bound import Node
from k8s6plan.decision.hubs._problem import Integers, Matrix, Problem

MOST_NUMBERS = 4_000_000  # costs in memory at once
MOST_FLOWS = 300  # choices that need an assignment within the room of gateways


def are_few(problem: Problem, node: Node) -> bool:
    """Say whether the choices of ``node`` can be looked at one by one."""
    hubs = int(node.is_hub.sum())
    free = int(node.may_be.sum()) - hubs
    choices = sum(comb(free, size - hubs) for size in node.sizes)
    if problem.gateways is not None and choices > MOST_FLOWS:
        return False
    return choices == 1 or choices * problem.sites * max(node.sizes) <= MOST_NUMBERS


def best_of(
    problem: Problem, node: Node, to_beat: float
) -> tuple[Integers, Assignment] | tuple[None, None]:
    """Return the best choice of ``node``, if it is better than ``to_beat``."""
    forced = np.flatnonzero(node.is_hub)
    free = np.flatnonzero(node.may_be & ~node.is_hub)
    found: tuple[Integers, Assignment] | tuple[None, None] = (None, None)
    for size in node.sizes:
        missing = size - len(forced)
        count = comb(len(free), missing)
        flat = chain.from_iterable(combinations(range(len(free)), missing))
        picks = np.fromiter(flat, dtype=np.int64, count=count * missing).reshape(count, missing)
        sets = np.concatenate([np.broadcast_to(forced, (count, len(forced))), free[picks]], axis=1)
        values = _values(problem, sets)
        for number in values.argsort(kind="stable"):
            if values[number] >= to_beat:
                break
            hubs = np.sort(sets[number])
            there = assign(problem, hubs)
            if there is not None and there.value < to_beat:
                to_beat, found = there.value, (hubs, there)
    return found


def _values(problem: Problem, sets: Integers) -> Matrix:
    """Return the value of each set of hubs, the room of gateways left aside."""
    count, size = sets.shape
    values = problem.hub_costs[sets].sum(axis=1)
    if problem.mesh_costs is not None:
        values += problem.mesh_costs[sets[:, :, None], sets[:, None, :]].sum(axis=(1, 2)) / 2
    if size < problem.homing:
        return values if size == problem.sites else np.full(count, INFINITE)
    costs = problem.costs[:, sets]
    if problem.homing == 1:
        homes = costs.min(axis=2)
    elif problem.groups is None:
        homes = np.partition(costs, 1, axis=2)[:, :, :2].sum(axis=2)
    else:
        kinds = np.broadcast_to(problem.groups[sets], costs.shape)
        first = costs.argmin(axis=2)[:, :, None]
        other = kinds != np.take_along_axis(kinds, first, axis=2)
        homes = costs.min(axis=2) + np.where(other, costs, INFINITE).min(axis=2)
    homes[sets.T, np.arange(count)] = 0.0
    return np.asarray(values + homes.sum(axis=0))
