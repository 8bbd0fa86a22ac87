"""The hubs of a fleet: the best choice for a wish, and what each limit of the wish costs."""

from __future__ import annotations

import time
from bisect import bisect_left
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

from k8s6plan.decision.hubs._assign import assign
from k8s6plan.decision.hubs._branch import solve
from k8s6plan.decision.hubs._center import solve_center
from k8s6plan.decision.hubs._distances import Distance
from k8s6plan.decision.hubs._exact import Hubs, are_few, assigned, improve, search
from k8s6plan.decision.hubs._money import Money
from k8s6plan.decision.hubs._problem import Integers, Placement, Problem, Watch
from k8s6plan.decision.hubs._question import Ground, Wish
from k8s6plan.errors import NoPlacement
from k8s6plan.topology.hubs import hub_sites, region_hub_sites

if TYPE_CHECKING:
    from collections.abc import Sequence

    from k8s6plan.fleet.model import Fleet

MONEY_PLACES, LATENCY_PLACES = 2, 3


@dataclass(frozen=True)
class Constraint:
    """One limit of the wish: how much worse the value is for it. ``proved``: exactly so much."""

    name: str
    says: str
    cost: float
    proved: bool


@dataclass(frozen=True)
class Choice:
    """The answer for a fleet, in names.

    ``value`` and ``bound`` in ``unit``; ``gap``: how far the value can be above the optimum, as a
    share of it. ``at_least``: a price of it is not known. ``assignment``: the homes of each site
    that is no hub, the nearest first. ``present``: the hubs of the fleet file and their value,
    within the same limits; None where they break them. ``connect``: the block for the fleet file.
    """

    fleet: str
    sites: int
    objective: str
    unit: str
    value: float
    bound: float
    gap: float
    proved: bool
    at_least: bool
    hubs: tuple[str, ...]
    homing: int
    assignment: dict[str, tuple[str, ...]]
    present_hubs: tuple[str, ...]
    present_value: float | None
    constraints: tuple[Constraint, ...]
    connect: dict[str, object]


def choose_hubs(
    fleet: Fleet,
    wish: Wish,
    *,
    distance: Distance | None = None,
    money: Money | None = None,
    time_limit: float | None = None,
    watch: Watch | None = None,
) -> Choice:
    """Return the best hubs of ``fleet`` for ``wish``.

    ``distance`` gives the milliseconds between two sites, ``money`` the prices; by default they
    are the fleet's. ``time_limit`` in seconds is for everything: the answer and what limits cost.

    Raises:
        NoPlacement: a place or a price is not known, or the limits leave no choice.

    """
    _check(fleet, wish)
    ground = Ground(fleet, distance, money)
    ends_at = None if time_limit is None else time.monotonic() + time_limit
    looser = _looser(wish)
    answer = _answer(ground, wish, _part(ends_at, 2 if looser else 1), watch)
    if answer is None:
        raise NoPlacement(_no_choice(wish))
    placement, at_least = answer
    constraints = []
    for number, (name, says, freer) in enumerate(looser):
        limit = _part(ends_at, len(looser) - number)
        without = _answer(ground, freer, limit, None, placement.hubs)
        if without is not None:
            constraints.append(_constraint(name, says, placement, without[0], wish))
    present = hub_sites(fleet)
    return Choice(
        fleet=fleet.fleet,
        sites=len(ground.sites),
        objective=wish.objective,
        unit=f"{ground.money.currency} a month" if wish.objective == "cost" else "ms",
        value=_rounded(placement.value, wish),
        bound=_rounded(placement.bound, wish),
        gap=round(placement.gap, 6),
        proved=placement.proved,
        at_least=at_least,
        hubs=tuple(ground.sites[j] for j in placement.hubs),
        homing=wish.homing,
        assignment=_assignment(ground.sites, placement),
        present_hubs=present,
        present_value=_value(ground, wish, present),
        constraints=tuple(constraints),
        connect=_connect(fleet, ground.sites, placement),
    )


def value_of(
    fleet: Fleet,
    wish: Wish,
    hubs: Sequence[str],
    *,
    distance: Distance | None = None,
    money: Money | None = None,
) -> float | None:
    """Return what ``hubs`` come to by the objective of ``wish``, their number left aside.

    None: they break its limits. The sites are homed on them as well as can be.
    """
    return _value(Ground(fleet, distance, money), wish, hubs)


def _value(ground: Ground, wish: Wish, hubs: Sequence[str]) -> float | None:
    problem = ground.problem(replace(wish, hubs=len(hubs)))
    numbers = np.array(sorted(ground.sites.index(hub) for hub in hubs), dtype=np.int64)
    if wish.objective == "worst-latency":
        found = _worst_on(problem, numbers)
        return None if found is None else _rounded(found, wish)
    if wish.objective == "cost" and ground.bills is not None:
        choice = assigned(problem, tuple(numbers.tolist()))
        if choice is None:
            return None
        first = ground.bills.cost(choice), choice
        cost, _ = improve(problem, ground.bills, first, None, hubs_too=False)
        return _rounded(float(cost.total), wish)
    there = assign(problem, numbers)
    return None if there is None else _rounded(there.value, wish)


def _worst_on(problem: Problem, hubs: Integers) -> float | None:
    """Return the least worst cost of a home with these hubs; None: they break the limits."""
    radii = np.unique(problem.costs)
    dear = 1.0 + 2 * problem.sites * float(radii[-1])

    def reach(at: int) -> bool:
        far = np.where(problem.costs > radii[at], problem.costs + dear, problem.costs)
        found = assign(replace(problem, costs=far), hubs)
        return found is not None and found.value < dear

    at = bisect_left(range(len(radii)), True, key=reach)
    return float(radii[at]) if at < len(radii) else None


def _check(fleet: Fleet, wish: Wish) -> None:
    """Refuse what no choice of hubs can satisfy."""
    sites = len(fleet.members)
    if not sites:
        raise NoPlacement("the fleet has no clusters; there is nothing to join")
    if wish.homing not in (1, 2):
        raise NoPlacement(f"a site has one home or two, not {wish.homing}")
    if wish.hubs is not None and not 1 <= wish.hubs <= sites:
        raise NoPlacement(f"{wish.hubs} hubs among {sites} sites; choose 1 to {sites}")
    if wish.across_providers and wish.homing != 2:
        raise NoPlacement("homes of different providers need two homes: add --homing 2")
    spokes = wish.hubs is not None and wish.hubs < sites
    if spokes and wish.homing == 2 and wish.hubs == 1:
        raise NoPlacement("two homes need two hubs at least: add --hubs 2, or --hubs best")
    providers = {members[0].provider for members in fleet.members.values()}
    if spokes and wish.across_providers and len(providers) == 1:
        raise NoPlacement(
            f"every site is of one provider ({min(providers)}); leave --across-providers out"
        )


def _no_choice(wish: Wish) -> str:
    hubs = "any number of hubs" if wish.hubs is None else f"{wish.hubs} hubs"
    limits = f"two homes a site with {hubs}" if wish.homing == 2 else hubs
    if wish.max_tunnels is None:
        return f"no choice of hubs allows {limits}; ask for more hubs"
    return (
        f"no choice of hubs was found that allows {limits} and at most {wish.max_tunnels} tunnels "
        "on a gateway; allow more tunnels, add gateways, or ask for another number of hubs"
    )


def _looser(wish: Wish) -> list[tuple[str, str, Wish]]:
    """Return each limit of the wish: its name, what it buys, and the wish without it."""
    found = []
    if wish.across_providers:
        freer = replace(wish, across_providers=False)
        found.append(("across-providers", "surviving the loss of a provider", freer))
    if wish.homing == 2:
        freer = replace(wish, homing=1, across_providers=False)
        found.append(("homing", "surviving the loss of a hub", freer))
    if wish.max_tunnels is not None:
        freer = replace(wish, max_tunnels=None)
        found.append(
            ("max-tunnels-per-gateway", f"at most {wish.max_tunnels} tunnels on a gateway", freer)
        )
    if wish.hubs is not None and wish.objective == "cost":
        says = "having 1 hub" if wish.hubs == 1 else f"having {wish.hubs} hubs"
        found.append(("hubs", says, replace(wish, hubs=None)))
    return found


def _constraint(
    name: str, says: str, placement: Placement, without: Placement, wish: Wish
) -> Constraint:
    """Return what a limit costs; where a search was cut short, what its best choices differ by."""
    cost = max(0.0, placement.value - without.value)
    return Constraint(name, says, _rounded(cost, wish), placement.proved and without.proved)


def _answer(
    ground: Ground, wish: Wish, time_limit: float | None, watch: Watch | None, known: Hubs = ()
) -> tuple[Placement, bool] | None:
    """Return the best placement, and whether a part of its cost is not known.

    ``known``: hubs that are worth a look.
    """
    problem = ground.problem(wish)
    bills = ground.bills if wish.objective == "cost" else None
    ends_at = None if time_limit is None else time.monotonic() + time_limit
    if bills is None:
        how = solve_center if wish.objective == "worst-latency" else solve
        found = how(problem, time_limit=time_limit, watch=watch)
        return None if found is None else (found, False)
    if are_few(problem):
        return search(problem, bills, (), 0.0, ends_at)
    proposed = solve(problem, time_limit=_part(ends_at, 3), watch=watch)
    if proposed is None:
        return None
    least, off = ground.floor(wish)
    under = solve(least, time_limit=_part(ends_at, 2))
    floor = 0.0 if under is None else max(0.0, under.bound - off)
    starts = [proposed.hubs, known, *_built_in(ground)]
    wanted = [hubs for hubs in starts if problem.fewest <= len(hubs) <= problem.most]
    return search(problem, bills, wanted, floor, ends_at)


def _built_in(ground: Ground) -> list[Hubs]:
    """Return the hubs of the fleet file, those of its regions, and each site alone."""
    number = {site: index for index, site in enumerate(ground.sites)}
    alone = [(site,) for site in ground.sites]
    named = (hub_sites(ground.fleet), region_hub_sites(ground.fleet), *alone)
    return [tuple(sorted(number[site] for site in hubs)) for hubs in named]


def _part(ends_at: float | None, parts: int) -> float | None:
    return None if ends_at is None else max(0.0, ends_at - time.monotonic()) / parts


def _rounded(value: float, wish: Wish) -> float:
    return round(value, MONEY_PLACES if wish.objective == "cost" else LATENCY_PLACES)


def _assignment(sites: tuple[str, ...], placement: Placement) -> dict[str, tuple[str, ...]]:
    return {
        sites[i]: tuple(sites[j] for j in homes)
        for i, homes in enumerate(placement.assignment)
        if i not in placement.hubs
    }


def _connect(fleet: Fleet, sites: tuple[str, ...], placement: Placement) -> dict[str, object]:
    """Return the `connect` block: the fleet's own, with these hubs and homes.

    Homes are left out where every site is on every hub, as in hub-and-spoke.
    """
    kept = fleet.connect.model_dump(mode="json", exclude_unset=True)
    block: dict[str, object] = {"hubs": [sites[j] for j in placement.hubs]}
    homes = _assignment(sites, placement)
    if any(len(homes_of) < len(placement.hubs) for homes_of in homes.values()):
        block["homes"] = {site: list(of) for site, of in homes.items()}
    return block | {key: value for key, value in kept.items() if key not in ("hubs", "homes")}
