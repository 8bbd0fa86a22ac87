"""The search with a proof: good hubs first, then branch and bound until nothing better is left.

1. A choice from greedy and swaps is the value to beat.
2. The bound over all choices is climbed; choices that come up on the way are improved in turn.
   What the bound rules out is never looked at again; nothing is left out without a bound.
3. Where bound and value do not meet, all choices are split by one site, hub or not, and each half
   has its own bound; the half with the lowest bound is next. No half left: the value is proved.
"""

from __future__ import annotations

import heapq
import math
import time
from dataclasses import replace

import numpy as np

from k8s6plan.decision.hubs._assign import INFINITE, Assignment
from k8s6plan.decision.hubs._bound import Bounder, Climb, Node
from k8s6plan.decision.hubs._few import are_few, best_of
from k8s6plan.decision.hubs._problem import (
    TOLERANCE,
    Integers,
    Matrix,
    Placement,
    Problem,
    Progress,
    Watch,
)
from k8s6plan.decision.hubs._search import improve, start

ROOT_STEPS = 2000
FRUITLESS = 10  # choices of the bound that led to nothing better: then no more are tried
NODE_STEPS = 60
SIZES_AT_ONCE = 4


class Search:
    """One run: the best choice so far, and the nodes that may hold a better one."""

    def __init__(self, problem: Problem, time_limit: float | None, watch: Watch | None) -> None:
        self.problem = problem
        self.ends_at = INFINITE if time_limit is None else time.monotonic() + time_limit
        self.watch = watch
        self.bounder = Bounder(problem)
        self.step = problem.step
        self.hubs: Integers | None = None
        self.best: Assignment | None = None
        self.tried: set[bytes] = set()
        self.bound = 0.0
        self.ceiling = _ceiling(problem)

    # --- what is known ---------------------------------------------------------------------------

    @property
    def value(self) -> float:
        """The best value found, or infinite."""
        return INFINITE if self.best is None else self.best.value

    @property
    def to_beat(self) -> float:
        """The value from which on a choice is no better than the best one."""
        if self.best is None:
            return self.ceiling
        if self.step:
            return self.value - self.step + TOLERANCE
        return self.value - TOLERANCE * abs(self.value)

    def late(self) -> bool:
        """Say whether the time is over."""
        return time.monotonic() >= self.ends_at

    def offer(self, hubs: Integers, found: Assignment | None) -> None:
        """Keep ``hubs`` if they are the best so far."""
        if found is not None and found.value < self.value:
            self.hubs, self.best = hubs, found
            self.tell()

    def tell(self) -> None:
        """Let the watcher know how far we are."""
        if self.watch is not None and self.hubs is not None:
            bound = min(self.bound, self.value)
            self.watch(Progress(self.value, bound, tuple(map(int, self.hubs))))

    # --- the search ------------------------------------------------------------------------------

    def run(self) -> Placement | None:
        """Return the best placement, or None where no choice is within the limits."""
        problem = self.problem
        everything = np.arange(problem.sites)
        self._down_from(start(problem, everything), everything)
        root = self._climb_root()
        heap: list[tuple[float, int, Node, Matrix]] = []
        count = 0
        pending = [root]
        while True:
            for climb in pending:
                if climb.node.bound < self.to_beat:
                    heapq.heappush(heap, (climb.node.bound, count, climb.node, climb.often))
                    count += 1
            pending = []
            if not heap or heap[0][0] >= self.to_beat:
                return self._placement(None)
            if self.late():
                return self._placement(heap[0][0])
            if heap[0][0] > self.bound:
                self.bound = heap[0][0]
                self.tell()
            _, _, node, often = heapq.heappop(heap)
            if are_few(problem, node):
                hubs, found = best_of(problem, node, self.to_beat)
                if hubs is not None:
                    self.offer(hubs, found)
                continue
            for child in self._children(node, often):
                pending.append(self.bounder.climb(child, self.to_beat, NODE_STEPS, stop=self.late))

    def _down_from(self, hubs: Integers, candidates: Integers) -> None:
        if hubs.tobytes() not in self.tried:
            self.tried.add(hubs.tobytes())
            self.offer(*improve(self.problem, hubs, candidates, self.late))

    def _climb_root(self) -> Climb:
        """Raise the bound over everything; improve the choices that come up on the way."""
        fruitless = 0

        def visit(chosen: Integers, candidates: Integers, bound: float) -> float:
            nonlocal fruitless
            before, self.bound = self.value, max(self.bound, bound)
            if fruitless < FRUITLESS:
                self._down_from(np.sort(chosen), candidates)
            fruitless = 0 if self.value < before else fruitless + 1
            self.tell()
            return self.to_beat

        climb = self.bounder.climb(
            self.bounder.root(), self.to_beat, ROOT_STEPS, visit=visit, stop=self.late
        )
        self.bound = max(self.bound, climb.node.bound)
        self.tell()
        return climb

    def _children(self, node: Node, often: Matrix) -> list[Node]:
        """Return the parts of ``node``: by the number of hubs first, then by one site."""
        if len(node.sizes) > SIZES_AT_ONCE:
            half = len(node.sizes) // 2
            return [replace(node, sizes=node.sizes[:half]), replace(node, sizes=node.sizes[half:])]
        if len(node.sizes) > 1:
            return [replace(node, sizes=(size,)) for size in node.sizes]
        free = np.flatnonzero(node.may_be & ~node.is_hub)
        site = int(free[np.abs(often[free] - 0.5).argmin()])
        chosen, closed = node.is_hub.copy(), node.may_be.copy()
        chosen[site], closed[site] = True, False
        return [replace(node, is_hub=chosen), replace(node, may_be=closed)]

    def _placement(self, bound: float | None) -> Placement | None:
        """Return the best choice with its bound; None: the search is through."""
        if self.hubs is None or self.best is None:
            return None
        value = self.best.value
        if bound is None:
            bound = value
        elif self.step:
            bound = math.ceil(bound - TOLERANCE)
        bound = min(bound, value)
        return Placement(
            hubs=tuple(map(int, self.hubs)),
            assignment=tuple(tuple(dict.fromkeys(map(int, row))) for row in self.best.homes),
            value=value,
            bound=bound,
            proved=bound >= value,
        )


def _ceiling(problem: Problem) -> float:
    """Return more than any choice can cost."""
    mesh = 0.0 if problem.mesh_costs is None else float(problem.mesh_costs.sum()) / 2
    homes = problem.homing * float(problem.costs.max(axis=1).sum())
    return 1.0 + homes + mesh + float(problem.hub_costs.sum())


def solve(
    problem: Problem, *, time_limit: float | None = None, watch: Watch | None = None
) -> Placement | None:
    """Return the best placement, with its bound; None where no choice is within the limits.

    ``time_limit`` in seconds; after it the best choice so far is returned, with a bound below its
    value. ``watch`` is told of every better choice and bound.
    """
    return Search(problem, time_limit, watch).run()
