"""Where the sites of a fleet lie: the same for all designs, and so found once."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING

from k8s6plan.evaluation.latency._places import Location, Span, on_grid, site_places, span
from k8s6plan.topology.groups import Outline, SiteKey, parted

if TYPE_CHECKING:
    from k8s6plan.fleet.model import Fleet


@dataclass(frozen=True)
class Survey:
    """Where the sites of a fleet lie.

    ``outline``: of the fleet, sites of different places apart. ``place_of`` and ``sites_of``: of
    each of its groups the place, None where unknown, and the names. ``span``: between two places.
    ``grid``: degrees to which coordinates were rounded, 0 where they were not. ``unplaced``: sites
    of unknown place.
    """

    fleet: Fleet
    outline: Outline
    place_of: dict[SiteKey, Location | None]
    sites_of: dict[SiteKey, list[str]]
    span: Callable[[Location | None, Location | None], Span]
    grid: float
    unplaced: tuple[str, ...]


def survey(fleet: Fleet, outline: Outline) -> Survey:
    """Return where the sites of ``fleet`` lie: linear in its clusters."""
    exact = site_places(fleet)
    places, grid = on_grid(exact)
    finer = parted(outline, places.__getitem__)
    sites_of: dict[SiteKey, list[str]] = defaultdict(list)
    for site, group in finer.group_of.items():
        sites_of[group].append(site)
    return Survey(
        fleet,
        finer,
        {group: places[sites[0]] for group, sites in sites_of.items()},
        sites_of,
        cache(span),  # forgotten with the survey
        grid,
        tuple(site for site, place in exact.items() if place is None),
    )
