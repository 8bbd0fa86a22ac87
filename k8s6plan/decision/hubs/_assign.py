"""Home every site on given hubs, at the least cost."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from k8s6plan.decision.hubs._problem import Gateways, Integers, Problem
from k8s6plan.io.solver import Row, minimise

INFINITE = float("inf")


@dataclass(frozen=True)
class Assignment:
    """``homes[i]``: the homes of site i (a hub's own number, over and over, for a hub)."""

    value: float
    homes: Integers


def assign(problem: Problem, hubs: Integers) -> Assignment | None:
    """Return the cheapest assignment of all sites to ``hubs`` (sorted), or None if there is none.

    Without limits each site goes to its nearest hubs. Where that overloads a gateway, a flow of
    least cost is found; its program has whole optima, so that it is exact.
    """
    spokes = np.setdiff1d(np.arange(problem.sites), hubs)
    fixed = float(problem.hub_costs[hubs].sum())
    if problem.mesh_costs is not None:
        fixed += float(problem.mesh_costs[np.ix_(hubs, hubs)].sum()) / 2
    homes = np.repeat(np.arange(problem.sites)[:, None], problem.homing, axis=1)
    if len(spokes):
        nearest = _nearest(problem, hubs, spokes)
        if nearest is None:
            return None
        homes[spokes] = nearest
    if problem.gateways is not None and not fits(problem.gateways, hubs, homes):
        flow = _flow(problem, problem.gateways, hubs, spokes)
        if flow is None:
            return None
        homes[spokes] = flow
    paid = problem.costs[spokes[:, None], homes[spokes]]
    return Assignment(fixed + float(paid.sum()), homes)


def _nearest(problem: Problem, hubs: Integers, spokes: Integers) -> Integers | None:
    """Return the nearest homes of each spoke: of all hubs, or the nearest of each group."""
    costs = problem.costs[np.ix_(spokes, hubs)]
    if problem.homing == 1:
        return np.asarray(hubs[costs.argmin(axis=1)][:, None])
    if problem.groups is not None:
        kinds = problem.groups[hubs]
        names = np.unique(kinds)
        nearest = np.stack(
            [np.where(kinds == kind, costs, INFINITE).argmin(axis=1) for kind in names], axis=1
        )
        costs, columns = np.take_along_axis(costs, nearest, axis=1), hubs[nearest]
    else:
        columns = np.broadcast_to(hubs, costs.shape)
    if costs.shape[1] < problem.homing:
        return None
    first = costs.argsort(axis=1, kind="stable")[:, : problem.homing]
    return np.asarray(np.take_along_axis(columns, first, axis=1))


def loads(gateways: Gateways, hubs: Integers, homes: Integers) -> Integers:
    """Return the tunnels that each site ends: of its homes, of its spokes, of the mesh."""
    ends = gateways.ends
    load = np.zeros(len(homes), dtype=np.int64)
    load[hubs] += ends[np.ix_(hubs, hubs)].sum(axis=1)
    spokes = np.setdiff1d(np.arange(len(homes)), hubs)
    for home in homes[spokes].T:
        tunnels = ends[spokes, home]
        load[spokes] += tunnels
        np.add.at(load, home, tunnels)
    return load


def fits(gateways: Gateways, hubs: Integers, homes: Integers) -> bool:
    """Say whether every site has room for the tunnels that it ends."""
    return bool(np.all(loads(gateways, hubs, homes) <= gateways.room))


def _flow(
    problem: Problem, gateways: Gateways, hubs: Integers, spokes: Integers
) -> Integers | None:
    """Return the cheapest homes of the spokes within the room of all sites, or None."""
    room, ends = gateways.room, gateways.ends
    left = room[hubs] - ends[np.ix_(hubs, hubs)].sum(axis=1)
    if (left < 0).any():
        return None
    count, width = len(spokes), len(hubs)
    numbers = np.arange(count * width).reshape(count, width)
    tunnels = ends[np.ix_(spokes, hubs)].astype(float)
    rows = [Row(row, np.ones(width), problem.homing, problem.homing) for row in numbers]
    rows += [Row(numbers[:, j], tunnels[:, j], 0, left[j]) for j in range(width)]
    rows += [Row(numbers[i], tunnels[i], 0, room[spokes[i]]) for i in range(count)]
    if problem.groups is not None:
        kinds = problem.groups[hubs]
        for kind in np.unique(kinds):
            rows += [
                Row(row[kinds == kind], np.ones((kinds == kind).sum()), 0, 1) for row in numbers
            ]
    costs = problem.costs[np.ix_(spokes, hubs)]
    values = minimise(costs.ravel(), rows).values
    if values is None:
        return None
    taken = values.reshape(count, width) > 0.5
    order = np.where(taken, costs, INFINITE).argsort(axis=1, kind="stable")
    return hubs[order[:, : problem.homing]]
