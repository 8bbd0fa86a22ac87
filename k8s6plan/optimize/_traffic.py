"""How much each site sends to and receives from others: the weight of its way to the hub."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

from k8s6plan.senders import select

if TYPE_CHECKING:
    from k8s6plan.model import Fleet, Selector


def traffic_by_site(fleet: Fleet) -> dict[str, float]:
    """Return the GB a month that each site exchanges with others.

    A demand stands for each ordered pair of distinct clusters that it matches; what stays within
    a site does not count.
    """
    found = dict.fromkeys(fleet.members, 0.0)
    for demand in fleet.demands:
        sources, targets = _by_site(fleet, demand.source), _by_site(fleet, demand.target)
        all_sources, all_targets = sources.total(), targets.total()
        for site in sorted(set(sources) | set(targets)):
            out = sources[site] * (all_targets - targets[site])
            back = targets[site] * (all_sources - sources[site])
            found[site] += float(demand.gb_per_month) * (out + back)
    return found


def _by_site(fleet: Fleet, selector: Selector) -> Counter[str]:
    """Return how many clusters of each site one end of a demand means."""
    return Counter(fleet.clusters[index].site_name for index in select(fleet, selector))
