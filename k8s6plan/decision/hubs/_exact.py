"""The cost of a choice as `compare` has it, and a search on that cost.

A placement problem adds up; a bill does not: volume tiers, free amounts, tunnels that a gateway
includes, traffic between hubs. So the problem proposes, and the bill decides:

1. Where there are few choices, each is billed: the cheapest is proved.
2. Else the best choice of the problem, the hubs of the fleet file and those of the designs are
   billed, and the cheapest is improved by moving a hub or the homes of a site while that helps.
   What is sure of the others is a bound: each hub, link and gigabyte at the least it can cost.
"""

from __future__ import annotations

import time
from collections.abc import Iterable, Iterator
from decimal import Decimal
from itertools import combinations, product
from math import comb
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from k8s6plan.decision.hubs._assign import assign, fits
from k8s6plan.decision.hubs._problem import Placement, Problem
from k8s6plan.decision.hubs._search import neighbours
from k8s6plan.decision.metrics import Case
from k8s6plan.decision.terms import Terms
from k8s6plan.evaluation.cost.book import PriceBook
from k8s6plan.topology.designs import design_named
from k8s6plan.topology.groups import outline_of

if TYPE_CHECKING:
    from k8s6plan.fleet.model import Fleet

FEW = 2_000  # choices that are all billed
STARTS = 3  # choices that are improved, the cheapest first
TRIED = 40  # neighbours of a choice that are billed, the most promising by the problem first
Hubs = tuple[int, ...]
Homes = tuple[tuple[int, ...], ...]  # of each site; a hub has none


class Choice(NamedTuple):
    """Hubs, and the homes of each site."""

    hubs: Hubs
    homes: Homes


class Cost(NamedTuple):
    """What a choice costs a month. In this order, what is known whole comes first."""

    in_part: bool
    total: Decimal


Billed = tuple[Cost, Choice]


def _rank(billed: Billed) -> tuple[Cost, int, Choice]:
    """Order choices: the cheaper, of equals the one with fewer hubs, then by name."""
    cost, choice = billed
    return cost, len(choice.hubs), choice


def with_hubs(fleet: Fleet, hubs: Iterable[str], homes: dict[str, tuple[str, ...]]) -> Fleet:
    """Return ``fleet`` with other hubs and homes, whose names it has."""
    connect = fleet.connect.model_copy(update={"hubs": tuple(hubs), "homes": homes})
    # Made anew: a copy would keep what was worked out from the hubs of before.
    return type(fleet).model_construct(**{**dict(fleet), "connect": connect})


class Bills:
    """What choices cost, each worked out once."""

    def __init__(self, fleet: Fleet, sites: tuple[str, ...]) -> None:
        self._fleet, self._sites = fleet, sites
        self._book = PriceBook(fleet.prices)
        self._known: dict[Choice, Cost] = {}

    def cost(self, choice: Choice) -> Cost:
        """Return what `compare` has for the design ``optimized`` with these hubs and homes."""
        found = self._known.get(choice)
        if found is None:
            found = self._known[choice] = self._billed(choice)
        return found

    def _billed(self, choice: Choice) -> Cost:
        names = self._sites
        homes = {
            names[site]: tuple(names[hub] for hub in there)
            for site, there in enumerate(choice.homes)
            if there
        }
        fleet = with_hubs(self._fleet, (names[hub] for hub in choice.hubs), homes)
        terms = Terms(book=self._book, work=fleet.work, fleet=fleet)
        total, complete = Case(design_named("optimized"), outline_of(fleet), terms).total
        return Cost(not complete, total or Decimal(0))


def search(
    problem: Problem, bills: Bills, starts: Iterable[Hubs], floor: float, ends_at: float | None
) -> tuple[Placement, bool] | None:
    """Return the cheapest choice that was found, and whether its cost is known in part only.

    ``starts``: hubs to begin with; ``floor``: no choice costs less. None: no choice is within the
    limits of ``problem``.
    """
    few = are_few(problem)
    seen = _all(problem) if few else filter(None, (assigned(problem, hubs) for hubs in starts))
    found: set[Billed] = set()
    cut_short = False
    for choice in seen:
        if found and _over(ends_at):
            cut_short = True
            break
        found.add((bills.cost(choice), choice))
    if not found:
        return None
    best = min(found, key=_rank)
    if not few or cut_short:
        first = sorted(found, key=_rank)[:STARTS]
        best = min((improve(problem, bills, one, ends_at) for one in first), key=_rank)
    (in_part, total), choice = best
    value = float(total)
    proved = few and not cut_short and not in_part
    bound = value if proved else min(value, floor)
    homes = tuple(there or (site,) for site, there in enumerate(choice.homes))
    nearest = tuple(
        tuple(sorted(there, key=lambda hub, site=site: (problem.costs[site, hub], hub)))  # type: ignore[misc]
        for site, there in enumerate(homes)
    )
    return Placement(choice.hubs, nearest, value, bound, proved or bound == value), in_part


def improve(
    problem: Problem,
    bills: Bills,
    best: Billed,
    ends_at: float | None,
    *,
    hubs_too: bool = True,
) -> Billed:
    """Return what ``best`` becomes by moving hubs and homes while a bill falls."""
    while True:
        _, here = best
        moves: list[Iterator[Choice]] = [_rehomed(problem, here)]
        if hubs_too:
            moves.insert(0, _moved(problem, here))
        for choices in moves:
            for choice in choices:
                if _over(ends_at):
                    return best
                best = min(best, (bills.cost(choice), choice), key=_rank)
            if best[1] != here:
                break
        if best[1] == here:
            return best


def assigned(problem: Problem, hubs: Hubs) -> Choice | None:
    """Return the choice of these hubs with the homes that the problem finds best."""
    there = assign(problem, np.array(sorted(hubs), dtype=np.int64))
    if there is None:
        return None
    return Choice(tuple(sorted(hubs)), _without_hubs(there.homes.tolist(), hubs))


def _without_hubs(homes: list[list[int]], hubs: Hubs) -> Homes:
    return tuple(() if i in hubs else tuple(sorted(there)) for i, there in enumerate(homes))


def _moved(problem: Problem, here: Choice) -> Iterator[Choice]:
    """Yield the choices one hub away, the most promising by the problem first."""
    sites = np.arange(problem.sites)
    hubs = np.array(here.hubs, dtype=np.int64)
    table = neighbours(problem, hubs, sites)
    for flat in table.ravel().argsort(kind="stable")[:TRIED]:
        row, column = divmod(int(flat), table.shape[1])
        if not np.isfinite(table[row, column]):
            return
        kept = [hub for at, hub in enumerate(here.hubs) if at != row]
        come = [column] if column < problem.sites else []
        choice = assigned(problem, (*kept, *come))
        if choice is not None:
            yield choice


def _rehomed(problem: Problem, here: Choice) -> Iterator[Choice]:
    """Yield the choices in which one site has other homes."""
    options = list(_options(problem, here.hubs))
    for site, there in enumerate(here.homes):
        for homes in options:
            if there and homes != there:
                choice = here._replace(homes=(*here.homes[:site], homes, *here.homes[site + 1 :]))
                if _fits(problem, choice):
                    yield choice


def _options(problem: Problem, hubs: Hubs) -> Iterator[tuple[int, ...]]:
    """Yield the homes that a site can have among ``hubs``."""
    for homes in combinations(hubs, problem.homing):
        kinds = set() if problem.groups is None else {int(problem.groups[hub]) for hub in homes}
        if problem.groups is None or len(kinds) == len(homes):
            yield homes


def _fits(problem: Problem, choice: Choice) -> bool:
    if problem.gateways is None:
        return True
    homes = [list(there) or [site] * problem.homing for site, there in enumerate(choice.homes)]
    hubs = np.array(choice.hubs, dtype=np.int64)
    return fits(problem.gateways, hubs, np.array(homes, dtype=np.int64))


def are_few(problem: Problem) -> bool:
    """Say whether all choices can be billed, limits aside."""
    total, sites = 0, problem.sites
    for hubs in range(problem.fewest, problem.most + 1):
        spokes, options = sites - hubs, comb(hubs, problem.homing)
        ways = options**spokes if spokes * max(0, options - 1) < FEW else FEW + 1
        total += comb(sites, hubs) * ways
        if total > FEW:
            return False
    return True


def _all(problem: Problem) -> Iterator[Choice]:
    """Yield every choice within the limits."""
    for count in range(problem.fewest, problem.most + 1):
        for hubs in combinations(range(problem.sites), count):
            options = list(_options(problem, hubs))
            spokes = [site for site in range(problem.sites) if site not in hubs]
            for taken in product(options, repeat=len(spokes)):
                homes: list[tuple[int, ...]] = [()] * problem.sites
                for site, there in zip(spokes, taken, strict=True):
                    homes[site] = there
                choice = Choice(hubs, tuple(homes))
                if _fits(problem, choice):
                    yield choice


def _over(ends_at: float | None) -> bool:
    return ends_at is not None and time.monotonic() >= ends_at
