"""A fleet and a wish, turned into the numbers of a problem."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import cached_property
from typing import TYPE_CHECKING, Literal

import numpy as np

from k8s6plan.decision.hubs._distances import Distance, distance_of
from k8s6plan.decision.hubs._exact import Bills
from k8s6plan.decision.hubs._money import LinkCost, Money, least_of, money_of
from k8s6plan.decision.hubs._problem import Gateways, Integers, Matrix, Problem
from k8s6plan.decision.hubs._traffic import traffic_by_site, traffic_ways
from k8s6plan.errors import NoPlacement
from k8s6plan.fleet.reach import meeting
from k8s6plan.topology.hubs import is_native

if TYPE_CHECKING:
    from k8s6plan.fleet.model import Fleet

Objective = Literal["latency", "worst-latency", "cost"]
MOST_NAMED = 20  # sites in one message


@dataclass(frozen=True)
class Wish:
    """What is asked for. ``hubs`` None: the best number. ``max_tunnels``: on each gateway."""

    objective: Objective = "latency"
    hubs: int | None = 1
    homing: int = 1
    across_providers: bool = False
    max_tunnels: int | None = None


class Ground:
    """The facts of one fleet as numbers, each found once, for all the problems that are asked."""

    def __init__(self, fleet: Fleet, distance: Distance | None, money: Money | None) -> None:
        self.fleet = fleet
        self.sites = tuple(fleet.members)
        self._distance = distance
        self._money = money

    @cached_property
    def traffic(self) -> Matrix:
        """GB a month that each site exchanges with others; zeros where no demand says."""
        found = traffic_by_site(self.fleet)
        return np.array([found[site] for site in self.sites])

    @cached_property
    def shares(self) -> Matrix:
        """The weight of each site, one in all: its traffic, or else its clusters.

        Clusters that no cluster set joins with another site have no weight, unless all are so.
        """
        weights, met = self.traffic, meeting(self.fleet)
        if not weights.any() and met is not None:
            members = (self.fleet.members[site] for site in self.sites)
            weights = np.array([float(sum(c.name in met for c in held)) for held in members])
        if not weights.any():
            weights = np.array([float(len(self.fleet.members[site])) for site in self.sites])
        return np.asarray(weights / weights.sum())

    @cached_property
    def distances(self) -> Matrix:
        """Milliseconds between each two sites, the mean of both directions.

        Raises:
            NoPlacement: naming the sites whose place is not known (so that not even the way to
                themselves is).

        """
        distance = self._distance or distance_of(self.fleet)
        found = _matrix(self.sites, distance)
        lost = [
            site for site, own in zip(self.sites, np.diagonal(found), strict=True) if np.isnan(own)
        ]
        if lost:
            raise NoPlacement(*_lost(lost))
        if np.isnan(found).any():
            one, other = np.argwhere(np.isnan(found))[0]
            raise NoPlacement(
                f"the latency between {self.sites[one]} and {self.sites[other]} is not known"
            )
        np.fill_diagonal(found, 0.0)
        return np.asarray((found + found.T) / 2)

    @cached_property
    def money(self) -> Money:
        """The prices; NoPlacement where one is missing."""
        if self._money is not None:
            return self._money
        return money_of(self.fleet)

    @cached_property
    def link_costs(self) -> Matrix:
        """What a link between each two sites costs a month, without its traffic."""
        return self._prices(self.money.link, "a link")

    @cached_property
    def gb_costs(self) -> Matrix:
        """What a gigabyte between each two sites costs."""
        return self._prices(self.money.gb, "a gigabyte")

    @cached_property
    def bills(self) -> Bills | None:
        """What choices cost by the price book; None where the prices are not the fleet's."""
        return Bills(self.fleet, self.sites) if self._money is None else None

    def floor(self, wish: Wish) -> tuple[Problem, float]:
        """Return the problem in which nothing costs more than in any bill, and what to take off.

        Off go the free amounts. Of two homes nobody knows which has the more of the traffic, so it
        is taken to go by the cheaper one; what both share, like the gateway of their site, counts
        half for each. Where cluster sets leave links out, nothing costs anything.
        """
        if self.fleet.divided:
            problem = self.problem(wish)
            free, hubs = np.zeros_like(problem.costs), np.zeros(len(self.sites))
            return replace(problem, costs=free, hub_costs=hubs, mesh_costs=free), 0.0
        least = least_of(self.fleet, wish.homing)
        costs, mesh = self._prices(least.link, "a link"), self._prices(least.mesh, "a link")
        if self.traffic.any():
            gb = self._prices(least.gb, "a gigabyte")
            ways = traffic_ways(self.fleet)
            out, into = (np.array([ways[site][way] for site in self.sites]) for way in (0, 1))
            used = out[:, None] * gb + into[:, None] * gb.T
            if wish.homing > 1:
                np.fill_diagonal(used, np.inf)
                used = np.repeat(used.min(axis=1)[:, None], len(used), axis=1) / wish.homing
                np.fill_diagonal(used, 0.0)
            costs = costs + used
        hubs = np.array([float(least.hub(site)) for site in self.sites])
        problem = replace(self.problem(wish), costs=costs, hub_costs=hubs, mesh_costs=mesh)
        return problem, float(least.given())

    def _prices(self, of: LinkCost, what: str) -> Matrix:
        def price(one: str, other: str) -> float | None:
            cost = of(one, other)
            return None if cost is None else float(cost)

        found = _matrix(self.sites, price)
        np.fill_diagonal(found, 0.0)
        if np.isnan(found).any():
            one, other = np.argwhere(np.isnan(found))[0]
            raise NoPlacement(
                f"the price of {what} between {self.sites[one]} and {self.sites[other]} is not "
                "known, and unknown is not zero; write it under `prices:`"
            )
        return found

    @cached_property
    def providers(self) -> Integers:
        """The provider of each site, as a number."""
        names = [self.fleet.region_of(site)[0] for site in self.sites]
        known = sorted(set(names))
        return np.array([known.index(name) for name in names], dtype=np.int64)

    @cached_property
    def ends(self) -> Integers:
        """Tunnels of a link between each two sites: none where the provider joins them."""
        names = [self.fleet.region_of(site)[0] for site in self.sites]
        native = np.array([is_native(self.fleet, name) for name in names], dtype=bool)
        same = (self.providers[:, None] == self.providers) & native[:, None]
        np.fill_diagonal(same, True)
        return np.where(same, 0, self.fleet.connect.tunnels_per_link).astype(np.int64)

    def problem(self, wish: Wish) -> Problem:
        """Return the problem that ``wish`` comes to. Values are in its unit."""
        count = len(self.sites)
        none = np.zeros(count)
        if wish.objective == "cost":
            costs = self.link_costs.copy()
            if self.traffic.any():
                costs += self.traffic[:, None] * self.gb_costs / wish.homing
            hub_costs = np.array([float(self.money.hub(site)) for site in self.sites])
            base = Problem(costs, hub_costs, self.link_costs, *self._sizes(wish))
        elif wish.objective == "latency":
            costs = self.shares[:, None] * self.distances / wish.homing
            base = Problem(costs, none, None, *self._sizes(wish))
        else:
            base = Problem(self.distances, none, None, *self._sizes(wish))
        gateways = None
        if wish.max_tunnels is not None:
            there = [self.fleet.site(site).gateways for site in self.sites]
            room = np.array(there, dtype=np.int64) * wish.max_tunnels
            gateways = Gateways(room, self.ends)
        groups = self.providers if wish.across_providers else None
        return replace(base, homing=wish.homing, groups=groups, gateways=gateways)

    def _sizes(self, wish: Wish) -> tuple[int, int]:
        count = len(self.sites)
        if wish.hubs is None:
            return 1, count
        return min(wish.hubs, count), min(wish.hubs, count)


def _matrix(sites: tuple[str, ...], entry: Callable[[str, str], float | None]) -> Matrix:
    rows = [
        [np.nan if (value := entry(one, other)) is None else value for other in sites]
        for one in sites
    ]
    return np.array(rows, dtype=float).reshape(len(sites), len(sites))


def _lost(sites: list[str]) -> list[str]:
    lines = [
        f"{site}: nobody says where it lies; give it a place like "
        f"`sites: {{{site}: {{coordinates: [50.11, 8.68]}}}}`"
        for site in sites[:MOST_NAMED]
    ]
    more = len(sites) - MOST_NAMED
    return lines + ([f"and {more} more sites without a place"] if more > 0 else [])
