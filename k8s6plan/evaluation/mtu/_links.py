"""The links of a topology, counted by what an MTU depends on."""

from __future__ import annotations

from collections import Counter
from typing import NamedTuple

from k8s6plan.topology.joins import LinkKind, Topology, links_between, pairs_of

INTERNET = "internet"


class LinkClass(NamedTuple):
    """Links that no MTU tells apart. ``one`` and ``other``: providers, or INTERNET.

    ``between_regions``: of a peering; also where a region is unknown. ``encapsulation``: that of
    the join; "" stands for the fleet's.
    """

    kind: LinkKind
    one: str
    other: str
    between_regions: bool = False
    encapsulation: str = ""


def links_of(topology: Topology) -> Counter[LinkClass]:
    """Return how many links of each class a topology has; over the underlay, one for each site."""
    found: Counter[LinkClass] = Counter()
    for one, other, join in pairs_of(topology.near):
        first, second = sorted((one.provider or "", other.provider or ""))
        apart = join.kind == "peering" and (one.region != other.region or one.region is None)
        link = LinkClass(join.kind, first, second, apart, join.encapsulation)
        found[link] += links_between(one, other)
    for sites in topology.classes if topology.routed else ():
        found[LinkClass("routed", sites.provider or "", INTERNET)] += sites.sites
    return +found
