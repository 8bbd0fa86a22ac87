"""What a design needs of each provider in each region: things by the hour, and gigabytes.

A need names a driver, a word that the tariffs of all providers share. Which items a provider bills
for it is the tariff's to say (``tariff`` in data/providers); docs/explanation/costing.md has all
of them.
"""

from __future__ import annotations

from collections.abc import Hashable, Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal
from functools import lru_cache
from typing import Literal, NamedTuple

from k8s6plan.topology.ends import ends_on_transit, needs_one_side, sold_pairs, transit_sides
from k8s6plan.topology.groups import SiteGroup
from k8s6plan.topology.joins import (
    Join,
    Leg,
    LinkKind,
    ManagedHub,
    Path,
    SiteClass,
    Topology,
    Vertex,
)

UNNAMED = ""  # the provider of sites that have a provider each, which `-n` stands for


class LinksOf(NamedTuple):
    """The links that a need is for, in equal parts: those of ``kind``.

    - ``at``: that a managed hub, or the sites of a class, end; each end has a part.
    - ``others``: of these alone those that lead there, each link with one part.
    - ``regions``: that join two regions of a provider.
    """

    kind: LinkKind
    at: Vertex | None = None
    others: tuple[Vertex, ...] = ()
    regions: tuple[str, str, str] | None = None


class Need(NamedTuple):
    """``sites`` times ``each`` of what ``driver`` names, in one region of one provider.

    ``gateways``: of each site, over which its things are spread. ``to``: the region that traffic
    goes to, where it is the provider's own. ``mbps``: the peak that one of them has to carry.
    ``links``: those that it is for; None where it is for no link in particular.
    """

    driver: str
    provider: str
    region: str | None
    each: Decimal
    sites: int = 1
    gateways: int = 1
    to: str | None = None
    mbps: Decimal = Decimal(0)
    links: LinksOf | None = None


class _Site(NamedTuple):
    """A group of sites, and the class whose links they end."""

    group: SiteGroup
    sites: SiteClass

    def needs(self, driver: str, each: int, links: LinkKind | None = None) -> Need:
        """Return what each site of the group needs, for its links of a kind."""
        return Need(
            driver,
            self.group.provider or UNNAMED,
            self.group.region,
            Decimal(each),
            self.group.sites,
            self.group.gateways,
            links=None if links is None else LinksOf(links, self.sites),
        )


# --- what stands there, traffic or not -----------------------------------------------------------


def standing(topology: Topology, loads: Mapping[ManagedHub, Decimal]) -> Iterator[Need]:
    """Yield what is paid with no traffic at all. ``loads``: the peak of each managed hub, Mbps."""
    if topology.routed:
        yield from _flat(topology)
        return
    for group, sites in topology.class_of.items():
        yield from _site(topology, _Site(group, sites))
    yield from _inside(topology)
    yield from _hubs(topology, loads)
    peering = "managed_peering" if topology.managed else "transit_peering"
    for regions in topology.count.transit_pairs:
        provider, *both = regions
        links = LinksOf("attachment", regions=regions)
        for region in both:
            yield Need(peering, provider, region, Decimal(1), links=links)


def _flat(topology: Topology) -> Iterator[Need]:
    """Yield what flat IPv6 needs at each site: filters, addresses, a way to what is IPv4-only."""
    outline = topology.outline
    wanted = outline.assumptions.get("nat64", "auto")
    walled = outline.assumptions.get("managed_firewall") is True
    v4_only = any(not member.flat for group in outline.groups for member in group.members)
    for group, sites in topology.class_of.items():
        site = _Site(group, sites)
        yield site.needs("filter", outline.allow_prefixes * group.clusters)
        if walled:
            yield site.needs("firewall", 1)
        yield site.needs("ipv6", 1)
        flat = any(member.flat for member in group.members)
        if flat and (wanted == "always" or (wanted == "auto" and v4_only)):
            yield site.needs("nat64", 1)


def _site(topology: Topology, site: _Site) -> Iterator[Need]:
    """Yield what the links of each site of a group need at its end."""
    ends, gateways = topology.count.of_class[site.sites], site.group.gateways
    if topology.software:
        if ends.tunnels:
            yield site.needs("software_gateway", gateways)
        return
    r, hub = topology.outline.tunnels_per_link, topology.carries(site.sites)
    on_transit = ends.tunnels > 0 and ends_on_transit(topology, site.sites)
    end = "transit_" if on_transit else ""
    if ends.tunnels:
        yield site.needs(f"{end}tunnel", ends.tunnels * r, "tunnel")
        yield site.needs(f"{end}tunnel_pair", ends.tunnels * sold_pairs(r), "tunnel")
        yield site.needs(f"{end}gateway", gateways)
    elif hub and ends.attachments:
        yield site.needs("transit_gateway", gateways)
    if ends.attachments or on_transit:
        spoke = ends.attachments > 0 and not hub  # a hub's own attachment is no link to anywhere
        driver = "managed_site" if topology.managed else "transit_site"
        yield site.needs(driver, 1, "attachment" if spoke else None)
    if ends.peerings:  # each has two ends, and neither region is nearer to it
        both = site.needs("peering", ends.peerings, "peering")
        yield both._replace(each=both.each / 2, region=None)


def _inside(topology: Topology) -> Iterator[Need]:
    """Yield what tunnels inside a provider need where its own gateways cannot end both sides."""
    pairs = sold_pairs(topology.outline.tunnels_per_link)
    for group, side in transit_sides(topology).items():
        here = topology.class_of[group]
        site = _Site(group, here)
        yield site.needs("transit_site", 1)._replace(sites=side.sites)
        others = tuple(dict.fromkeys(topology.class_of[other] for other in side.others))
        links = LinksOf("tunnel", here, (*others, *([here] if side.among else [])))
        pair = site.needs("inside_tunnel_pair", side.links * pairs)
        yield pair._replace(sites=1, links=links)


def _hubs(topology: Topology, loads: Mapping[ManagedHub, Decimal]) -> Iterator[Need]:
    """Yield what managed hubs need."""
    r = topology.outline.tunnels_per_link
    for hub, ends in topology.count.of_hub.items():
        place = (hub.provider, hub.region)
        yield Need("managed_hub", *place, Decimal(1))
        if ends.tunnels:
            pairs, links = sold_pairs(r), LinksOf("tunnel", hub)
            yield Need("managed_tunnel", *place, Decimal(ends.tunnels * r), links=links)
            yield Need("managed_tunnel_pair", *place, Decimal(ends.tunnels * pairs), links=links)
            yield Need("managed_gateway", *place, Decimal(1), mbps=loads.get(hub, Decimal(0)))


# --- what the traffic needs ----------------------------------------------------------------------


class OfLeg(NamedTuple):
    """What a gigabyte needs on a way, and for which leg of it: None for none in particular.

    ``end``: where on the leg.
    """

    need: Need
    leg: Leg | None = None
    end: Vertex | None = None


End = Literal["source", "target"]


class Part(NamedTuple):
    """What a gigabyte needs on a leg, whichever of all that are alike it is.

    ``end``: at which end of the leg; None at neither in particular.
    """

    need: Need
    end: End | None = None

    def of(self, leg: Leg) -> OfLeg:
        """Return the same for one leg."""
        ends = {"source": leg.source, "target": leg.target}
        return OfLeg(self.need, leg, ends[self.end] if self.end else None)


@dataclass(frozen=True, eq=False)
class Step:
    """What a gigabyte needs on one leg of a way, coming from where it does; or besides all legs.

    ``inside``: the provider in whose transit it is after the leg.
    """

    parts: tuple[Part, ...]
    inside: str | None = None


class PerGb:
    """What a gigabyte needs in one topology: on each leg of a path, once for all that are alike.

    Legs are alike between the same places, where tunnels end at transit or do not.
    """

    def __init__(self, topology: Topology) -> None:
        """Take the topology, whose ends of tunnels and hubs decide it."""
        self._topology = topology
        self._walled = topology.outline.assumptions.get("managed_firewall") is True
        self._alike: dict[Hashable, int] = {}
        self._kinds: dict[Vertex, int] = {}
        self._known: dict[tuple[Join, int, int, str | None], Step] = {}
        self._beside: dict[tuple[int, int], Step] = {}

    def steps(self, source: SiteClass, target: SiteClass, path: Path) -> list[Step]:
        """Return what one gigabyte from ``source`` to ``target`` needs, leg by leg.

        1. Each leg: egress at the sender, ingress at the receiver where the provider bills it.
        2. Entering a provider's transit, from a site or by a tunnel, is processed once; going on
           inside it, to another region or another site, is not.
        3. In flat IPv6 a way between a cluster that has IPv6 and one that has not is translated,
           and where managed firewalls are wanted both ends have one.
        4. What flat IPv6 leaves to the application is encrypted there.
        """
        found = []
        inside: str | None = None  # the provider in whose transit the traffic is
        for leg in path:
            join, one, other = leg
            key = (join, self._kind(one), self._kind(other), inside)
            step = self._known.get(key)
            if step is None:
                step = self._known[key] = self._leg(leg, inside)
            found.append(step)
            inside = step.inside
        if self._topology.routed and path:
            found.append(self._of_ends(source, target))
        return found

    def _kind(self, vertex: Vertex) -> int:
        """Return a number, which is the same for all vertices whose legs need the same."""
        number = self._kinds.get(vertex)
        if number is None:
            hub = isinstance(vertex, ManagedHub)
            kind = (vertex.place, hub, ends_on_transit(self._topology, vertex))
            number = self._kinds[vertex] = self._alike.setdefault(kind, len(self._alike))
        return number

    def legs(self, source: SiteClass, target: SiteClass, path: Path) -> Iterator[OfLeg]:
        """Yield what one gigabyte from ``source`` to ``target`` needs on each leg of its path."""
        steps = self.steps(source, target, path)
        for leg, step in zip(path, steps, strict=False):
            for part in step.parts:
                yield part.of(leg)
        for step in steps[len(path) :]:
            for part in step.parts:
                yield OfLeg(part.need)

    def needs(self, source: SiteClass, target: SiteClass, path: Path) -> list[Need]:
        """Return what one gigabyte from ``source`` to ``target`` needs on its path."""
        return [part.need for step in self.steps(source, target, path) for part in step.parts]

    def _of_ends(self, source: SiteClass, target: SiteClass) -> Step:
        """Return what flat IPv6 needs besides its legs (rules 3 and 4)."""
        key = (self._kind(source), self._kind(target))
        step = self._beside.get(key)
        if step is None:
            needs = _translated(source, target)
            if self._walled:
                needs += [_gb("firewall_gb", end, None) for end in (source, target)]
            needs.append(Need("application_tls", "general", None, Decimal(1)))
            step = self._beside[key] = Step(tuple(map(Part, needs)))
        return step

    def _leg(self, leg: Leg, inside: str | None) -> Step:
        """Return what a leg needs; ``inside``: the provider in whose transit the traffic is."""
        found = of_leg(leg)
        if leg.kind == "attachment" or self._on_transit(leg.source, leg):
            if inside != leg.source.provider:
                found.append(Part(self._entry(leg.source), "source"))
            inside = leg.source.provider
        if leg.kind != "attachment":
            inside = None
            if self._on_transit(leg.target, leg):
                found.append(Part(self._entry(leg.target), "target"))
                inside = leg.target.provider
        if leg.kind == "tunnel" and leg.source.provider == leg.target.provider:
            found += map(Part, self._one_side(leg))
        return Step(tuple(found), inside)

    def _on_transit(self, vertex: Vertex, leg: Leg) -> bool:
        """Say whether a tunnel ends at transit there, and not at a gateway of the site's own."""
        return leg.kind == "tunnel" and ends_on_transit(self._topology, vertex)

    def _entry(self, vertex: Vertex) -> Need:
        return _gb("managed_in" if self._topology.managed else "transit_in", vertex, None)

    def _one_side(self, leg: Leg) -> list[Need]:
        """Return the processing of a tunnel inside a provider that has one side on transit."""
        ends = (leg.source, leg.target)
        if leg.join.software or leg.source.provider is None:
            return []
        if any(self._on_transit(end, leg) for end in ends):
            return []
        if not needs_one_side(leg.source.provider):
            return []
        return [self._entry(min(ends, key=lambda end: end.region or ""))]


def of_leg(leg: Leg) -> list[Part]:
    """Return what a gigabyte needs on one link, at its two ends, wherever it goes from there."""
    one, other = leg.source, leg.target
    if one.provider is None or one.provider != other.provider:
        relation = "internet"
    else:
        relation = "region" if one.region and one.region == other.region else "provider"
    managed = isinstance(one, ManagedHub) or isinstance(other, ManagedHub)
    kind = "managed" if managed and leg.kind == "attachment" else leg.kind
    from_hub = "hub_" if kind == "managed" and isinstance(one, ManagedHub) else ""
    to_hub = "hub_" if kind == "managed" and isinstance(other, ManagedHub) else ""
    far = other.region if relation == "provider" else None
    return [
        _at_end(f"{kind}.{relation}.{from_hub}out", one.provider, one.region, far, "source"),
        _at_end(f"{kind}.{relation}.{to_hub}in", other.provider, other.region, None, "target"),
    ]


@lru_cache(maxsize=1 << 14)
def _at_end(
    driver: str, provider: str | None, region: str | None, to: str | None, end: End
) -> Part:
    """Return what a gigabyte needs at one end of a leg: one object for all legs."""
    return Part(Need(driver, provider or UNNAMED, region, Decimal(1), to=to), end)


def _translated(source: SiteClass, target: SiteClass) -> list[Need]:
    """Return the NAT64 that the way needs, at the end that has IPv6."""
    flat = [sites for sites in (source, target) if sites.flat]
    return [_gb("nat64_gb", flat[0], None)] if len(flat) == 1 else []


def _gb(driver: str, place: Vertex, to: str | None) -> Need:
    return Need(driver, place.provider or UNNAMED, place.region, Decimal(1), to=to)
