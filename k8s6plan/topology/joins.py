"""What designs say: which sites are joined, by what, and who carries the traffic of others.

A design looks at a few fields of a site only (its provider, its region, whether it is a hub), so it
joins *classes* of like sites, never site by site: 100,000 like clusters cost what ten do. What it
says is a ``Topology``; every figure of a design is derived from that.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import combinations_with_replacement
from typing import TYPE_CHECKING, Literal, NamedTuple

from k8s6plan.topology.groups import Outline, SiteGroup, SiteKey, outline_of_count
from k8s6plan.topology.sets import (
    Crowd,
    Seen,
    crowd_of,
    crowd_of_sites,
    meetings,
    pairs_among,
    without_needless,
)

if TYPE_CHECKING:
    from k8s6plan.topology.counts import LinkCount
    from k8s6plan.topology.shape import Shape
    from k8s6plan.topology.tables import Tables
    from k8s6plan.topology.ways import Ways

LinkKind = Literal["tunnel", "peering", "attachment", "routed"]
LINK_KINDS: tuple[LinkKind, ...] = ("tunnel", "peering", "attachment", "routed")
CARRYING: frozenset[LinkKind] = frozenset(("tunnel", "attachment"))


class Join(NamedTuple):
    """What joins two sites.

    ``software``: its ends are machines of the user's own, which make their tunnels by themselves,
    and not the provider's gateways. ``encapsulation``: where it has one of its own; "" stands for
    the fleet's.
    """

    kind: LinkKind
    software: bool = False
    encapsulation: str = ""


TUNNEL = Join("tunnel")
PEERING = Join("peering")
ATTACHMENT = Join("attachment")
ROUTED = Join("routed")


class ManagedHub(NamedTuple):
    """A provider's own transit in one region: transit gateway, Virtual WAN hub, NCC hub."""

    provider: str
    region: str

    def __str__(self) -> str:
        return f"({self.provider} {self.region})"

    @property
    def place(self) -> tuple[str, str, bool]:
        """The provider, the region, and that it carries IPv6."""
        return (*self, True)


@dataclass(frozen=True, eq=False)
class SiteClass:
    """Sites that a design joins alike: of one provider, one region, with IPv6 for pods or without.

    ``first``: what one of them is like, for the fields that the design looked at; their names are
    in ``fields``. There are no ``groups`` where the fleet has such sites at other sizes only.
    ``divided``: cluster sets keep some clusters of the fleet from others; those of a class are then
    of the same sets together.
    """

    first: SiteKey
    groups: tuple[SiteGroup, ...]
    fields: tuple[str, ...] = ()
    divided: bool = False

    @property
    def provider(self) -> str | None:
        """The provider; None where each site has one of its own."""
        return self.first.provider

    @property
    def region(self) -> str | None:
        """The region; None where each site is a region of its own."""
        return self.first.region

    @property
    def native(self) -> bool:
        """Say whether these sites reach others of their provider without a VPN."""
        return self.first.native

    @property
    def flat(self) -> bool:
        """Say whether every cluster of these sites can be reached by flat IPv6."""
        return self.first.flat

    @property
    def place(self) -> tuple[str | None, str | None, bool]:
        """The provider, the region, and whether pods have IPv6: all that prices look at."""
        return self.provider, self.region, self.flat

    @property
    def hub(self) -> str:
        """The name of the hub that the class is; "" where it is none."""
        return self.first.hub if "hub" in self.fields else ""

    @cached_property
    def sites(self) -> int:
        """How many sites there are."""
        return sum(group.sites for group in self.groups)

    @cached_property
    def clusters(self) -> int:
        """How many clusters they have together."""
        return sum(group.sites * group.clusters for group in self.groups)

    @cached_property
    def prefixes(self) -> int:
        """The IPv4 pod prefixes of all these sites together."""
        return sum(group.sites * group.prefixes for group in self.groups)

    @cached_property
    def most_prefixes(self) -> int:
        """The IPv4 pod prefixes of the site that has most."""
        return max((group.prefixes for group in self.groups), default=0)

    @cached_property
    def least_prefixes(self) -> int:
        """The IPv4 pod prefixes of the site that has fewest."""
        return min((group.prefixes for group in self.groups), default=0)

    @property
    def sets(self) -> Seen:
        """The cluster sets that the clusters of each of these sites are in."""
        return self.first.sets

    @cached_property
    def crowd(self) -> Crowd:
        """How many of its clusters are in which sets."""
        return crowd_of_sites((group.members, group.sites) for group in self.groups)

    @cached_property
    def pairs(self) -> int:
        """Pairs of clusters in different sites of the class that have to reach each other."""
        if self.divided:
            return pairs_among((crowd_of(group.members), group.sites) for group in self.groups)
        squares = sum(group.sites * group.clusters**2 for group in self.groups)
        return (self.clusters**2 - squares) // 2

    def cluster_pairs(self, other: SiteClass) -> int:
        """Return the pairs of a cluster here and one in a site of ``other``: see ``pairs``."""
        if other is not self and self.divided:
            return meetings(self.crowd, other.crowd)
        return self.pairs if other is self else self.clusters * other.clusters

    def site_pairs(self, other: SiteClass) -> int:
        """Return the pairs of a site here and another of ``other``."""
        if other is self:
            return self.sites * (self.sites - 1) // 2
        return self.sites * other.sites


Vertex = SiteClass | ManagedHub


def sites_of(vertex: Vertex) -> int:
    """Return how many sites a vertex stands for; a managed hub is one."""
    return vertex.sites if isinstance(vertex, SiteClass) else 1


def links_between(one: Vertex, other: Vertex) -> int:
    """Return the links of a join: those between each of one and each of another, or within one."""
    if isinstance(one, SiteClass) and isinstance(other, SiteClass):
        return one.site_pairs(other)
    return sites_of(one) * sites_of(other)


class Leg(NamedTuple):
    """One link of a path, in the direction of the traffic."""

    join: Join
    source: Vertex
    target: Vertex

    @property
    def kind(self) -> LinkKind:
        """The kind of the link."""
        return self.join.kind


Path = tuple[Leg, ...]
Near = dict[Vertex, dict[Vertex, Join]]


@dataclass(frozen=True, eq=False)
class Topology:
    """A fleet joined in one way.

    ``near``: what joins each site of a class, or a managed hub, to each of another; a class that is
    near to itself is a mesh. ``carriers``: who carries the traffic of others, in the order of their
    names, over tunnels and attachments only: a peering carries its two ends. ``routed``: every site
    reaches every other over the underlay, which is no link between two of them and never fails.
    ``remark``: what a reader of its tunnels should know; ``why_not``: why it joins nothing.
    ``sees``: the cluster sets that each vertex sees, by number (``topology/sets.py``); () where all
    see all.
    """

    design: Design
    outline: Outline
    classes: tuple[SiteClass, ...]
    near: Near
    carriers: tuple[Vertex, ...] = ()
    routed: bool = False
    remark: str = ""
    why_not: str = ""
    sees: tuple[Seen, ...] = ()

    @property
    def family(self) -> Literal["ipv4", "ipv6"]:
        """The family that is routed: IPv6 over the underlay, IPv4 over links."""
        return "ipv6" if self.routed else "ipv4"

    @cached_property
    def hubs(self) -> tuple[ManagedHub, ...]:
        """The managed hubs."""
        return tuple(vertex for vertex in self.near if isinstance(vertex, ManagedHub))

    @cached_property
    def managed(self) -> bool:
        """Say whether transit stands in managed hubs, and not in the sites that are hubs."""
        return any(isinstance(carrier, ManagedHub) for carrier in self.carriers)

    @cached_property
    def software(self) -> bool:
        """Say whether links end on machines of the user's own."""
        return any(join.software for joins in self.near.values() for join in joins.values())

    @cached_property
    def encapsulation(self) -> str:
        """What tunnels are made of: the joins' own, else the fleet's."""
        own = (join.encapsulation for joins in self.near.values() for join in joins.values())
        return next(filter(None, own), self.outline.encapsulation)

    @cached_property
    def class_of(self) -> dict[SiteGroup, SiteClass]:
        """The class of each group of sites, in the order of the outline."""
        found = {group: sites for sites in self.classes for group in sites.groups}
        return {group: found[group] for group in self.outline.groups}

    @cached_property
    def _carriers(self) -> frozenset[Vertex]:
        return frozenset(self.carriers)

    def carries(self, vertex: Vertex) -> bool:
        """Say whether a site, or a managed hub, carries the traffic of others."""
        return vertex in self._carriers

    @cached_property
    def count(self) -> LinkCount:
        """The links, and where they end."""
        from k8s6plan.topology.counts import LinkCount

        return LinkCount(self)

    @cached_property
    def vertices(self) -> tuple[Vertex, ...]:
        """Classes of sites, and then managed hubs."""
        return tuple(self.near)

    @cached_property
    def number(self) -> dict[Vertex, int]:
        """The number of each vertex."""
        return {vertex: number for number, vertex in enumerate(self.near)}

    @cached_property
    def shape(self) -> Shape:
        """What follows from the joins, whatever the number of sites in each class."""
        from k8s6plan.topology.shape import shape_of

        return shape_of(self)

    @cached_property
    def ways(self) -> Ways:
        """The shortest ways."""
        from k8s6plan.topology.ways import Ways

        return Ways(self)

    @cached_property
    def tables(self) -> Tables:
        """The routing tables."""
        from k8s6plan.topology.tables import Tables

        return Tables(self)


@dataclass(frozen=True)
class Design:
    """One way to join sites, and what it asks of its owner.

    ``asks`` is the rest of a sentence that begins with the title. ``join`` says the joins.
    ``suits``: whether a fleet file says what the design needs to be one of its own.
    """

    name: str
    title: str
    asks: str
    join: Callable[[Draft], None]
    suits: Callable[[Outline], bool] = lambda _: True

    @cached_property
    def family(self) -> Literal["ipv4", "ipv6"]:
        """The family that the design routes, whatever the fleet."""
        return self.of(outline_of_count(0)).family

    def of(self, outline: Outline, apart: Callable[[SiteKey], Hashable] | None = None) -> Topology:
        """Return the fleet of ``outline`` joined so; ``apart``: see ``Draft``."""
        draft = Draft(self, outline, apart)
        self.join(draft)
        return draft.topology()


class Draft:
    """A topology in the making: the classes of a fleet, and the joins that a design says.

    ``apart``: sets groups apart besides what designs look at (a place, each site by itself).
    ``remark`` and ``why_not``: see ``Topology``.
    """

    def __init__(
        self, design: Design, outline: Outline, apart: Callable[[SiteKey], Hashable] | None = None
    ) -> None:
        self.outline = outline
        self._design = design
        self._apart = apart
        self._classes: tuple[SiteClass, ...] = ()
        self._near: Near = {}
        self._carriers: list[Vertex] = []
        self._routed = False
        self.remark = ""
        self.why_not = ""

    def classes(
        self, *fields: str, by: Callable[[SiteKey], Hashable] | None = None
    ) -> Sequence[SiteClass]:
        """Return the classes of sites that do not differ in these fields of their groups.

        Provider, region, whether pods have IPv6, and cluster sets set classes apart in any case:
        every figure looks at them. ``by``: what else does.
        """
        found: dict[Hashable, list[SiteGroup]] = {}
        first: dict[Hashable, SiteKey] = {}
        for key in (*self.outline.groups, *self.outline.empty):
            alike = (
                *(key.provider, key.region, key.native, key.flat),
                *(getattr(key, field) for field in fields),
                self.outline.divided and key.sets,
                by and by(key),
                self._apart and self._apart(key),
            )
            first.setdefault(alike, key)
            groups = found.setdefault(alike, [])
            if isinstance(key, SiteGroup):
                groups.append(key)
        divided = self.outline.divided
        self._classes = tuple(
            SiteClass(first[a], tuple(groups), fields, divided) for a, groups in found.items()
        )
        for sites in self._classes:
            self._near[sites] = {}
        return self._classes

    def join(self, one: Vertex, other: Vertex, join: Join) -> None:
        """Join each site of a class to each of another, or a class within itself."""
        self._near.setdefault(one, {})[other] = join
        self._near.setdefault(other, {})[one] = join

    def mesh(self, some: Iterable[Vertex], *, native: Join, tunnel: Join = TUNNEL) -> None:
        """Join every two sites: by ``native`` inside one cloud provider, else by ``tunnel``."""
        for one, other in combinations_with_replacement(tuple(some), 2):
            self.join(one, other, native if is_native(one, other) else tunnel)

    def star(self, some: Iterable[Vertex], hubs: Iterable[Vertex], *, native: Join) -> None:
        """Join every site to every hub: by ``native`` inside one cloud provider, else by tunnel."""
        centre = tuple(hubs)
        for one in some:
            for hub in centre:
                self.join(one, hub, native if is_native(one, hub) else TUNNEL)

    def carry(self, carriers: Iterable[Vertex]) -> None:
        """Let these carry the traffic of others; name them in the order of their names."""
        for carrier in carriers:
            self._near.setdefault(carrier, {})  # joined to nobody, it is there all the same
            self._carriers.append(carrier)

    def route(self) -> None:
        """Let every site reach every other over the underlay."""
        self._routed = True

    def topology(self) -> Topology:
        """Return what was said, without the links that cluster sets leave nothing to carry."""
        said = Topology(
            self._design,
            self.outline,
            self._classes,
            self._near,
            tuple(self._carriers),
            self._routed,
            self.remark,
            self.why_not,
        )
        return without_needless(said) if self.outline.divided else said


def is_native(one: Vertex, other: Vertex) -> bool:
    """Say whether two sites are joined by their provider's own peering or transit."""
    return isinstance(one, SiteClass) and one.native and one.provider == other.provider


def pairs_of(near: Near) -> Iterable[tuple[Vertex, Vertex, Join]]:
    """Yield each join once."""
    order = {vertex: number for number, vertex in enumerate(near)}
    for one, joins in near.items():
        for other, join in joins.items():
            if order[one] <= order[other]:
                yield one, other, join
