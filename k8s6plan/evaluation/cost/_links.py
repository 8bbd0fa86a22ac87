"""Which part of a bill belongs to which link, and what each link carries.

The sites of a group are alike, and so are the links between two groups: those of one kind between
the same two are a *class*, and each link of it has an equal part of what belongs to the class.

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
from k8s6plan.evaluation.cost._needs import LinksOf, per_leg, standing
from k8s6plan.evaluation.cost._tariff import Item, items_of
from k8s6plan.topology.designs import UNDERLAY, Design, Leg, LinkCount, LinkKind, ManagedHub
from k8s6plan.topology.groups import Outline, SiteGroup
from k8s6plan.topology.traffic import Stream, tunnel_loads

# Where a link ends: at a site of a group (by index), at a managed hub, or at the underlay.
End = int | ManagedHub | str
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
    design: Design,
    outline: Outline,
    count: LinkCount,
    till: Till,
    routed: list[Stream],
    links: Mapping[LinkClass, int],
    *,
    work: Decimal = Decimal(0),
) -> LinkShares:
    """Return what each link of a design costs and carries.

    Args:
        design: how the sites are joined.
        outline: the fleet.
        count: the links of the design.
        till: a month that has just begun.
        routed: the traffic with the paths that it takes.
        links: how many links there are of each class.
        work: what work costs, which is no link's.

    """
    ends = _Ends(outline)
    cost: dict[Key, Fraction] = defaultdict(Fraction)
    unknown: set[Key] = set()
    standing_charges = _standing(design, outline, count, routed, links, ends)
    _share(till, "baseline", list(standing_charges), cost, unknown)
    _share(till, "usage", list(_usage(design, outline, routed, ends)), cost, unknown)
    cost[None] += Fraction(work)
    gb, mbps = _loads(routed, ends)
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
    among: dict[int, Mapping[Key, int]] = {id(charge.item): charge.among for charge in charges}
    for alike in grouped(charge.item for charge in charges).values():
        total = sum((item.quantity for item in alike), Decimal(0))
        if not total:
            continue
        held: dict[Key, Fraction] = defaultdict(Fraction)
        for item in alike:
            weights = among[id(item)]
            whole = sum(weights.values())
            for key, weight in weights.items():
                held[key] += Fraction(item.quantity) * weight / whole
        price = till.line(alike[0]._replace(quantity=total), part).cost
        for key, quantity in held.items():
            if price is not None:
                cost[key] += Fraction(price) * quantity / Fraction(total)
            elif quantity:
                unknown.add(key)


# --- what is for which links -------------------------------------------------------------------

_REST: Mapping[Key, int] = {None: 1}


class _Ends:
    """Where links end, by group or managed hub."""

    def __init__(self, outline: Outline) -> None:
        self.groups = outline.groups
        self._by_id = {id(group): index for index, group in enumerate(outline.groups)}
        self._by_group = {group: index for index, group in enumerate(outline.groups)}

    def of(self, place: SiteGroup | ManagedHub) -> End:
        """Return the end that ``place`` is."""
        if isinstance(place, ManagedHub):
            return place
        found = self._by_id.get(id(place))  # groups are large to hash
        return self._by_group[place] if found is None else found

    def region(self, end: End) -> tuple[str, str]:
        """Return (provider, region) of an end."""
        held = self.groups[end] if isinstance(end, int) else end
        return ("", "") if isinstance(held, str) else (held.provider or "", held.region or "")


def _standing(
    design: Design,
    outline: Outline,
    count: LinkCount,
    routed: list[Stream],
    links: Mapping[LinkClass, int],
    ends: _Ends,
) -> Iterator[_Charge]:
    loads = tunnel_loads(routed).places if count.hub_ends else {}
    hubs = {place: load.both for place, load in loads.items() if isinstance(place, ManagedHub)}
    for need in standing(design, outline, count, hubs):
        among = _REST if need.links is None else _among(need.links, links, ends)
        for item in items_of([need], outline):
            yield _Charge(item, among)


def _among(wanted: LinksOf, links: Mapping[LinkClass, int], ends: _Ends) -> Mapping[Key, int]:
    """Return the classes that share a need, each as often as it has such ends or links."""
    found: dict[Key, int] = {}
    at = None if wanted.at is None else ends.of(wanted.at)
    others = {ends.of(other) for other in wanted.others}
    for key, many in links.items():
        kind, pair = key
        if kind != wanted.kind:
            continue
        if at is None:
            provider, *regions = wanted.regions or ("", "", "")
            if {ends.region(end) for end in pair} == {(provider, region) for region in regions}:
                found[key] = many
        elif at in pair:
            inside = len(pair) == 1
            if not others:
                found[key] = many * (2 if inside else 1)
            elif others & (pair if inside else pair - {at}):
                found[key] = many
    return found or _REST


def _usage(
    design: Design, outline: Outline, routed: list[Stream], ends: _Ends
) -> Iterator[_Charge]:
    for stream in routed:
        volume = stream.gb_per_month
        if not volume:
            continue
        for need, leg, end in per_leg(design, outline, stream):
            among: Mapping[Key, int] = {_class_of(leg, end, ends) if leg else None: 1}
            for item in items_of([need], outline):
                yield _Charge(item._replace(quantity=item.quantity * volume), among)


def _class_of(leg: Leg, end: SiteGroup | ManagedHub | None, ends: _Ends) -> LinkClass:
    """Return the class of a leg. Routed IPv6 has a link at each end, from there to the underlay."""
    if leg.kind == "routed":
        return leg.kind, frozenset((ends.of(end or leg.source), UNDERLAY))
    return leg.kind, frozenset((ends.of(leg.source), ends.of(leg.target)))


def _loads(routed: list[Stream], ends: _Ends) -> tuple[dict[Key, Fraction], dict[Key, Fraction]]:
    """Return GB a month and the peak in Mbps of the links of each class together."""
    gb: dict[Key, Fraction] = defaultdict(Fraction)
    peaks: dict[LinkClass, dict[object, Fraction]] = defaultdict(lambda: defaultdict(Fraction))
    for stream in routed:
        volume = Fraction(stream.gb_per_month)
        peak = Fraction(stream.each.peak_mbps) * stream.pairs
        for leg in stream.path:
            source, target = ends.of(leg.source), ends.of(leg.target)
            if leg.kind == "routed":
                legs: list[tuple[SiteGroup | ManagedHub, object]] = [
                    (leg.source, "out"),
                    (leg.target, "in"),
                ]
            else:
                legs = [(leg.source, source)]
            for end, way in legs:
                key = _class_of(leg, end, ends)
                gb[key] += volume
                # Inside a group half of it goes one way on each link, and half the other.
                inside = leg.kind != "routed" and source == target
                peaks[key][way] += peak / 2 if inside else peak
    return gb, {key: max(ways.values()) for key, ways in peaks.items()}
