"""The ground on which every design stands: classes of like sites, and what they exchange."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Hashable, Sequence
from dataclasses import dataclass
from decimal import Decimal
from functools import cached_property
from itertools import product
from typing import TYPE_CHECKING

from k8s6plan.evaluation.latency._places import Place, on_grid, site_places
from k8s6plan.fleet.demands import select
from k8s6plan.topology.groups import hub_sites, region_hub_sites, regions_of

if TYPE_CHECKING:
    from k8s6plan.fleet.model import Fleet, Selector

Volumes = dict[tuple[int, int], Decimal]  # GB a month, by the numbers of two classes, least first


@dataclass(frozen=True)
class Alike:
    """Sites that latency cannot tell apart. ``sites`` are in order of name.

    ``pairs``: pairs of clusters in two different ones of these sites.
    """

    place: Place | None
    sites: tuple[str, ...]
    clusters: int
    pairs: int


@dataclass(frozen=True)
class Ground:
    """The classes of sites of a fleet that no design without a graph of its own tells apart.

    ``hubs`` and ``region_hubs``: the hub sites of hub-and-spoke, and for each class the hub of its
    region. ``grid``: degrees to which coordinates were rounded for ``places``, 0 where they were
    not. ``unplaced``: sites of unknown place.
    """

    fleet: Fleet
    classes: tuple[Alike, ...]
    places: dict[str, Place | None]
    hubs: tuple[str, ...]
    region_hubs: tuple[str, ...]
    grid: float
    unplaced: tuple[str, ...]

    @cached_property
    def volumes(self) -> Volumes:
        """What the pairs of two classes exchange in a month, both ways, in GB."""
        return volumes_of(self.fleet, self.classes)


def survey(fleet: Fleet) -> Ground:
    """Return the ground of ``fleet``: linear in its clusters, and the same for all designs.

    Sites of one place are alike if both or neither are hubs, and if they share the hub of their
    region and both or neither are it. Hubs alone in their region are alike, and so are sites of
    unknown place, for they have no times.
    """
    exact = site_places(fleet)
    places, grid = on_grid(exact)
    hubs = set(hub_sites(fleet))
    hub_of: dict[str, str] = {}
    alone: set[str] = set()
    for hub, sites in zip(region_hub_sites(fleet), regions_of(fleet).values(), strict=True):
        hub_of |= dict.fromkeys(sites, hub)
        alone |= {hub} if len(sites) == 1 else set()

    def key(site: str) -> Hashable:
        if places[site] is None:
            return None
        return site in hubs, site in alone or (hub_of[site], hub_of[site] == site)

    classes = classes_of(fleet, places, key)
    return Ground(
        fleet=fleet,
        classes=classes,
        places=places,
        hubs=tuple(sorted(hubs)),
        region_hubs=tuple(hub_of[alike.sites[0]] for alike in classes),
        grid=grid,
        unplaced=tuple(site for site, place in exact.items() if place is None),
    )


def classes_of(
    fleet: Fleet, places: dict[str, Place | None], key: Callable[[str], Hashable]
) -> tuple[Alike, ...]:
    """Return the classes of sites of one place and one key, by their first names."""
    found: dict[Hashable, list[str]] = {}
    for site in fleet.members:
        found.setdefault((places[site], key(site)), []).append(site)
    classes = []
    for sites in found.values():
        sizes = [len(fleet.members[site]) for site in sites]
        total = sum(sizes)
        pairs = (total * total - sum(size * size for size in sizes)) // 2
        classes.append(Alike(places[sites[0]], tuple(sites), total, pairs))
    return tuple(classes)


def volumes_of(fleet: Fleet, classes: Sequence[Alike]) -> Volumes:
    """Return what the pairs of two classes exchange in a month, both ways, in GB.

    A demand with a selector means each ordered pair of distinct clusters that it matches; those of
    one site do not count. Summed by class: never pair by pair.
    """
    number_of = {site: number for number, alike in enumerate(classes) for site in alike.sites}
    site_of = [cluster.site_name for cluster in fleet.clusters]
    ends = {end: None for demand in fleet.demands for end in (demand.source, demand.target)}
    at_sites = {end: Counter(site_of[index] for index in select(fleet, end)) for end in ends}
    asked: dict[tuple[Selector, Selector], Decimal] = defaultdict(Decimal)
    for demand in fleet.demands:
        asked[demand.source, demand.target] += demand.gb_per_month
    volumes: dict[tuple[int, int], Decimal] = defaultdict(Decimal)
    for (source, target), gb in asked.items():
        sending, hearing = (_by_class(at_sites[end], number_of) for end in (source, target))
        local: Counter[int] = Counter()
        for site, count in at_sites[source].items():
            local[number_of[site]] += count * at_sites[target][site]
        for (one, senders), (other, hearers) in product(sending.items(), hearing.items()):
            pairs = senders * hearers - (local[one] if one == other else 0)
            volumes[min(one, other), max(one, other)] += gb * pairs
    return {key: gb for key, gb in volumes.items() if gb}


def _by_class(at_sites: Counter[str], number_of: dict[str, int]) -> Counter[int]:
    found: Counter[int] = Counter()
    for site, count in at_sites.items():
        found[number_of[site]] += count
    return found
