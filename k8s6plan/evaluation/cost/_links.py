"""Which part of a bill belongs to which link, and what each link carries.

The sites of a class are alike, and so are the links between two classes: those of one kind between
the same two are a *link class*, and each link of it has an equal part of what belongs to all.

1. Every item of the bill is for links (``Need.links``, ``OfLeg.leg``) or for none in particular.
2. The items of a line are priced together, as in the bill: free amounts and tiers are no link's
   own. Each class has the part of the line's cost that it has of the line's quantity.
3. What belongs to no link is the rest: gateways, the hubs' own attachments, machines, filters,
   translation, firewalls and TLS of flat IPv6, and work. Links and rest are the whole bill.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from typing import NamedTuple

from k8s6plan.evaluation.cost._bill import Part, Till, grouped
from k8s6plan.evaluation.cost._needs import LinksOf, PerGb, standing
from k8s6plan.evaluation.cost._tariff import Item, items_of
from k8s6plan.topology.joins import Leg, LinkKind, ManagedHub, Topology, Vertex
from k8s6plan.topology.loads import Loads
from k8s6plan.topology.traffic import Stream

UNDERLAY = "(underlay)"  # where routed links end; no site can be named so
# Where a link ends: at a site of a class, at a managed hub, or at the underlay.
End = Vertex | str
LinkClass = tuple[LinkKind, frozenset[End]]


class LinkShare(NamedTuple):
    """What links cost and carry in a month.

    ``cost``: what is known of it, in the currency of the bill; ``complete``: that is all of it.
    ``gb``: in both directions together. ``mbps``: in the busier one, all demands at their peak.
    """

    cost: Fraction = Fraction(0)
    complete: bool = True
    gb: Fraction = Fraction(0)
    mbps: Fraction = Fraction(0)

    def plus(self, other: LinkShare, times: int = 1) -> LinkShare:
        """Return this and so many times the other."""
        return LinkShare(
            self.cost + times * other.cost,
            self.complete and other.complete,
            self.gb + times * other.gb,
            self.mbps + times * other.mbps,
        )


@dataclass(frozen=True)
class LinkShares:
    """Shares by link: ``each`` for every link of a class, ``rest`` for what is no link's."""

    each: Mapping[LinkClass, LinkShare]
    rest: LinkShare


Key = LinkClass | None  # None: the rest


class _Charge(NamedTuple):
    """So much of an item, and the classes that share it, by weight."""

    item: Item
    among: Mapping[Key, int]


def link_shares(
    topology: Topology,
    till: Till,
    routed: list[Stream],
    links: Mapping[LinkClass, int],
    *,
    work: Decimal = Decimal(0),
) -> LinkShares:
    """Return what each link of a design costs and carries.

    Args:
        topology: the fleet as it is joined, each group of sites a class of its own.
        till: a month that has just begun.
        routed: the traffic with the paths that it takes.
        links: how many links there are of each class.
        work: what work costs, which is no link's.

    """
    cost: dict[Key, Fraction] = defaultdict(Fraction)
    unknown: set[Key] = set()
    _share(till, "baseline", list(_standing(topology, routed, links)), cost, unknown)
    _share(till, "usage", list(_usage(topology, routed)), cost, unknown)
    cost[None] += Fraction(work)
    gb, mbps = _loads(routed)
    each = {
        key: LinkShare(
            cost[key] / many,
            key not in unknown,
            gb.get(key, Fraction(0)) / many,
            mbps.get(key, Fraction(0)) / many,
        )
        for key, many in links.items()
    }
    return LinkShares(each, LinkShare(cost[None], None not in unknown))


def _share(
    till: Till,
    part: Part,
    charges: list[_Charge],
    cost: dict[Key, Fraction],
    unknown: set[Key],
) -> None:
    """Add to ``cost`` what each class has of the lines of ``charges``."""
    for alike in grouped(charges, lambda charge: charge.item).values():
        total = sum((charge.item.quantity for charge in alike), Decimal(0))
        if not total:
            continue
        held: dict[Key, Fraction] = defaultdict(Fraction)
        for charge in alike:
            whole = sum(charge.among.values())
            for key, weight in charge.among.items():
                held[key] += Fraction(charge.item.quantity) * weight / whole
        price = till.line(alike[0].item._replace(quantity=total), part).cost
        for key, quantity in held.items():
            if price is not None:
                cost[key] += Fraction(price) * quantity / Fraction(total)
            elif quantity:
                unknown.add(key)


# --- what is for which links -------------------------------------------------------------------

_REST: Mapping[Key, int] = {None: 1}


def _region(end: End) -> tuple[str, str]:
    """Return (provider, region) of an end."""
    return ("", "") if isinstance(end, str) else (end.provider or "", end.region or "")


def _standing(
    topology: Topology, routed: list[Stream], links: Mapping[LinkClass, int]
) -> Iterator[_Charge]:
    places = Loads(topology, routed).places.items() if topology.hubs else ()
    hubs = {place: load.both for place, load in places if isinstance(place, ManagedHub)}
    for need in standing(topology, hubs):
        among = _REST if need.links is None else _among(need.links, links)
        for item in items_of([need], topology.outline):
            yield _Charge(item, among)


def _among(wanted: LinksOf, links: Mapping[LinkClass, int]) -> Mapping[Key, int]:
    """Return the classes that share a need, each as often as it has such ends or links."""
    found: dict[Key, int] = {}
    at, others = wanted.at, set(wanted.others)
    for key, many in links.items():
        kind, pair = key
        if kind != wanted.kind:
            continue
        if at is None:
            provider, *regions = wanted.regions or ("", "", "")
            if {_region(end) for end in pair} == {(provider, region) for region in regions}:
                found[key] = many
        elif at in pair:
            inside = len(pair) == 1
            if not others:
                found[key] = many * (2 if inside else 1)
            elif others & (pair if inside else pair - {at}):
                found[key] = many
    return found or _REST


def _usage(topology: Topology, routed: list[Stream]) -> Iterator[_Charge]:
    per_gb = PerGb(topology)
    for stream in routed:
        volume = stream.volume.gb_per_month
        if not volume:
            continue
        for need, leg, end in per_gb.legs(stream.source, stream.target, stream.path):
            among: Mapping[Key, int] = {_class_of(leg, end) if leg else None: 1}
            for item in items_of([need], topology.outline):
                yield _Charge(item._replace(quantity=item.quantity * volume), among)


def _class_of(leg: Leg, end: Vertex | None) -> LinkClass:
    """Return the class of a leg. Routed IPv6 has a link at each end, from there to the underlay."""
    if leg.kind == "routed":
        return leg.kind, frozenset((end or leg.source, UNDERLAY))
    return leg.kind, frozenset((leg.source, leg.target))


def _loads(routed: list[Stream]) -> tuple[dict[Key, Fraction], dict[Key, Fraction]]:
    """Return GB a month and the peak in Mbps of the links of each class together."""
    gb: dict[Key, Fraction] = defaultdict(Fraction)
    peaks: dict[LinkClass, dict[object, Fraction]] = defaultdict(lambda: defaultdict(Fraction))
    for stream in routed:
        volume, peak = Fraction(stream.volume.gb_per_month), Fraction(stream.volume.peak_mbps)
        for leg in stream.path:
            ends: list[tuple[Vertex, object]] = [(leg.source, leg.source)]
            if leg.kind == "routed":
                ends = [(leg.source, "out"), (leg.target, "in")]
            for end, way in ends:
                key = _class_of(leg, end)
                gb[key] += volume
                # Inside a class half of it goes one way on each link, and half the other.
                inside = leg.kind != "routed" and leg.source is leg.target
                peaks[key][way] += peak / 2 if inside else peak
    return gb, {key: max(ways.values()) for key, ways in peaks.items()}
