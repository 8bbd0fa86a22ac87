"""What a design needs of each provider in each region: things by the hour, and gigabytes.

A need names a driver, a word that the tariffs of all providers share. Which items a provider bills
for it is the tariff's to say (``tariff`` in data/providers); docs/explanation/costing.md has all
of them.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping
from decimal import Decimal
from typing import NamedTuple

from k8s6plan.topology.designs import Design, Ends, Leg, LinkCount, LinkKind, ManagedHub
from k8s6plan.topology.ends import ends_on_transit, needs_one_side, sold_pairs, transit_sides
from k8s6plan.topology.groups import Outline, SiteGroup
from k8s6plan.topology.traffic import Stream

UNNAMED = ""  # the provider of sites that have a provider each, which `-n` stands for


class LinksOf(NamedTuple):
    """The links that a need is for, in equal parts: those of ``kind``.

    - ``at``: that a managed hub, or the sites of a group, end; each end has a part.
    - ``others``: of these alone those that lead there, each link with one part.
    - ``regions``: that join two regions of a provider.
    """

    kind: LinkKind
    at: SiteGroup | ManagedHub | None = None
    others: tuple[SiteGroup, ...] = ()
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


def _need(driver: str, group: SiteGroup, each: int, links: LinkKind | None = None) -> Need:
    """Return what each site of a group needs, for its links of a kind."""
    return Need(
        driver,
        group.provider or UNNAMED,
        group.region,
        Decimal(each),
        group.sites,
        group.gateways,
        links=None if links is None else LinksOf(links, group),
    )


# --- what stands there, traffic or not -----------------------------------------------------------


def standing(
    design: Design, outline: Outline, count: LinkCount, loads: Mapping[ManagedHub, Decimal]
) -> Iterator[Need]:
    """Yield what is paid with no traffic at all. ``loads``: the peak of each managed hub, Mbps."""
    if design.family == "ipv6":
        yield from _flat(outline)
        return
    for group, ends in count.ends.items():
        if not design.software:
            yield from _site(design, outline, group, ends)
        elif ends.tunnels:
            yield _need("software_gateway", group, group.gateways)
    yield from _inside(design, outline, count)
    yield from _hubs(count, outline.tunnels_per_link, loads)
    peering = "managed_peering" if design.managed else "transit_peering"
    for regions in count.transit_pairs:
        provider, *both = regions
        links = LinksOf("attachment", regions=regions)
        for region in both:
            yield Need(peering, provider, region, Decimal(1), links=links)


def _flat(outline: Outline) -> Iterator[Need]:
    """Yield what flat IPv6 needs at each site: filters, addresses, a way to what is IPv4-only."""
    wanted = outline.assumptions.get("nat64", "auto")
    walled = outline.assumptions.get("managed_firewall") is True
    v4_only = any(not member.flat for group in outline.groups for member in group.members)
    for group in outline.groups:
        yield _need("filter", group, outline.allow_prefixes * group.clusters)
        if walled:
            yield _need("firewall", group, 1)
        yield _need("ipv6", group, 1)
        flat = any(member.flat for member in group.members)
        if flat and (wanted == "always" or (wanted == "auto" and v4_only)):
            yield _need("nat64", group, 1)


def _site(design: Design, outline: Outline, group: SiteGroup, ends: Ends) -> Iterator[Need]:
    """Yield what the links of each site of ``group`` need at its end."""
    r, hub = outline.tunnels_per_link, design.carries(group)
    on_transit = ends.tunnels > 0 and ends_on_transit(design, outline, group)
    end = "transit_" if on_transit else ""
    if ends.tunnels:
        yield _need(f"{end}tunnel", group, ends.tunnels * r, "tunnel")
        yield _need(f"{end}tunnel_pair", group, ends.tunnels * sold_pairs(r), "tunnel")
        yield _need(f"{end}gateway", group, group.gateways)
    elif hub and ends.attachments:
        yield _need("transit_gateway", group, group.gateways)
    if ends.attachments or on_transit:
        spoke = ends.attachments > 0 and not hub  # a hub's own attachment is no link to anywhere
        driver = "managed_site" if design.managed else "transit_site"
        yield _need(driver, group, 1, "attachment" if spoke else None)
    if ends.peerings:  # each has two ends, and neither region is nearer to it
        both = _need("peering", group, ends.peerings, "peering")
        yield both._replace(each=both.each / 2, region=None)


def _inside(design: Design, outline: Outline, count: LinkCount) -> Iterator[Need]:
    """Yield what tunnels inside a provider need where its own gateways cannot end both sides."""
    pairs = sold_pairs(outline.tunnels_per_link)
    for group, side in transit_sides(design, outline, count).items():
        yield _need("transit_site", group, 1)._replace(sites=side.sites)
        links = LinksOf("tunnel", group, (*side.others, *([group] if side.among else [])))
        pair = _need("inside_tunnel_pair", group, side.links * pairs)
        yield pair._replace(sites=1, links=links)


def _hubs(count: LinkCount, r: int, loads: Mapping[ManagedHub, Decimal]) -> Iterator[Need]:
    """Yield what managed hubs need."""
    for hub, ends in count.hub_ends.items():
        place = (hub.provider, hub.region)
        yield Need("managed_hub", *place, Decimal(1))
        if ends.tunnels:
            pairs, links = sold_pairs(r), LinksOf("tunnel", hub)
            yield Need("managed_tunnel", *place, Decimal(ends.tunnels * r), links=links)
            yield Need("managed_tunnel_pair", *place, Decimal(ends.tunnels * pairs), links=links)
            yield Need("managed_gateway", *place, Decimal(1), mbps=loads.get(hub, Decimal(0)))


# --- what the traffic needs ----------------------------------------------------------------------


Place = tuple[str | None, str | None, bool, bool]
Way = tuple[tuple[Place, str], ...]


def ways(design: Design, found: list[Stream]) -> dict[Way, tuple[Stream, Decimal]]:
    """Return the traffic in GB a month by ways that look alike to a tariff, with one of each."""
    known: dict[int, Place] = {}  # by identity: groups are large to hash

    def place(at: SiteGroup | ManagedHub) -> Place:
        found = known.get(id(at))
        if found is None:
            if isinstance(at, ManagedHub):
                found = (at.provider, at.region, True, False)
            else:
                found = (at.provider, at.region, design.carries(at), _is_flat(at))
            known[id(at)] = found
        return found

    first: dict[Way, Stream] = {}
    totals: dict[Way, Decimal] = defaultdict(Decimal)
    for stream in found:
        way = tuple([(place(leg.source), leg.kind) for leg in stream.path])
        key = (*way, (place(stream.target), ""))
        if key not in first:
            first[key] = stream
        totals[key] += stream.gb_per_month
    return {key: (first[key], volume) for key, volume in totals.items() if volume}


class OfLeg(NamedTuple):
    """What a gigabyte needs on a way, and for which leg of it: None for none in particular.

    ``end``: where on the leg.
    """

    need: Need
    leg: Leg | None = None
    end: SiteGroup | ManagedHub | None = None


def per_gb(design: Design, outline: Outline, stream: Stream) -> list[Need]:
    """Return what one gigabyte from ``source`` to ``target`` needs on its path."""
    return [each.need for each in per_leg(design, outline, stream)]


def per_leg(design: Design, outline: Outline, stream: Stream) -> list[OfLeg]:
    """Return what one gigabyte from ``source`` to ``target`` needs on each leg of its path.

    1. Each leg: egress at the sender, ingress at the receiver where the provider bills it.
    2. Entering a provider's transit, from a site or by a tunnel, is processed once; going on
       inside it, to another region or another site, is not.
    3. In flat IPv6 a way between a cluster that has IPv6 and one that has not is translated, and
       where managed firewalls are wanted both ends have one.
    4. What flat IPv6 leaves to the application is encrypted there.
    """
    found: list[OfLeg] = []
    inside: str | None = None  # the provider in whose transit the traffic is
    for leg in stream.path:
        found += of_leg(design, leg)
        if leg.kind == "attachment" or _on_transit(design, outline, leg.source, leg):
            if inside != leg.source.provider:
                found.append(OfLeg(_entry(design, leg.source), leg, leg.source))
            inside = leg.source.provider
        if leg.kind != "attachment":
            inside = None
            if _on_transit(design, outline, leg.target, leg):
                found.append(OfLeg(_entry(design, leg.target), leg, leg.target))
                inside = leg.target.provider
        found += [OfLeg(need, leg) for need in _one_side(design, outline, leg)]
    if design.family == "ipv6" and found:
        needs = _translated(stream)
        if outline.assumptions.get("managed_firewall") is True:
            needs += [_gb("firewall_gb", end, None) for end in (stream.source, stream.target)]
        needs.append(Need("application_tls", "general", None, Decimal(1)))
        found += map(OfLeg, needs)
    return found


def of_leg(design: Design, leg: Leg) -> list[OfLeg]:
    """Return what a gigabyte needs on one link, at its two ends, wherever it goes from there."""
    one, other = leg.source, leg.target
    if one.provider is None or one.provider != other.provider:
        relation = "internet"
    else:
        relation = "region" if one.region and one.region == other.region else "provider"
    kind = "managed" if design.managed and leg.kind == "attachment" else leg.kind
    needs = []
    for end, place, to in (("out", one, other.region), ("in", other, None)):
        hub = "hub_" if kind == "managed" and isinstance(place, ManagedHub) else ""
        far = to if relation == "provider" else None
        needs.append(OfLeg(_gb(f"{kind}.{relation}.{hub}{end}", place, far), leg, place))
    return needs


def _on_transit(design: Design, outline: Outline, place: SiteGroup | ManagedHub, leg: Leg) -> bool:
    """Say whether a tunnel ends at transit there, and not at a gateway of the site's own."""
    if leg.kind != "tunnel" or design.software:
        return False
    if isinstance(place, ManagedHub):
        return True
    return ends_on_transit(design, outline, place)


def _entry(design: Design, place: SiteGroup | ManagedHub) -> Need:
    return _gb("managed_in" if design.managed else "transit_in", place, None)


def _one_side(design: Design, outline: Outline, leg: Leg) -> list[Need]:
    """Return the processing of a tunnel inside a provider that ends on transit on one side."""
    ends = (leg.source, leg.target)
    if leg.kind != "tunnel" or design.software or leg.source.provider != leg.target.provider:
        return []
    if leg.source.provider is None or any(_on_transit(design, outline, e, leg) for e in ends):
        return []
    if not needs_one_side(leg.source.provider):
        return []
    return [_entry(design, min(ends, key=lambda end: end.region or ""))]


def _is_flat(group: SiteGroup) -> bool:
    """Say whether every cluster of a site can be reached by flat IPv6."""
    return all(member.flat for member in group.members)


def _translated(stream: Stream) -> list[Need]:
    """Return the NAT64 that the way needs, at the end that has IPv6."""
    flat = [group for group in (stream.source, stream.target) if _is_flat(group)]
    return [_gb("nat64_gb", flat[0], None)] if len(flat) == 1 else []


def _gb(driver: str, place: SiteGroup | ManagedHub, to: str | None) -> Need:
    return Need(driver, place.provider or UNNAMED, place.region, Decimal(1), to=to)
