"""How much each site sends to and receives from others: the weight of its way to the hub."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

    from k8s6plan.fleet.model import Fleet


def traffic_by_site(fleet: Fleet) -> dict[str, float]:
    """Return the GB a month that each site exchanges with others."""
    return {site: out + into for site, (out, into) in traffic_ways(fleet).items()}


def traffic_ways(fleet: Fleet) -> dict[str, tuple[float, float]]:
    """Return the GB a month that each site sends to others, and hears from them.

    What stays within a site does not count.
    """
    found = dict.fromkeys(fleet.members, (0.0, 0.0))
    for traffic in fleet.traffic:
        sources, targets = _by_site(fleet, traffic.senders), _by_site(fleet, traffic.receivers)
        all_sources, all_targets = sources.total(), targets.total()
        each = float(traffic.gb_per_pair)
        for site in sorted(set(sources) | set(targets)):
            out, into = found[site]
            out += each * sources[site] * (all_targets - targets[site])
            into += each * targets[site] * (all_sources - sources[site])
            found[site] = out, into
    return found


def _by_site(fleet: Fleet, clusters: Sequence[int]) -> Counter[str]:
    """Return how many of the clusters are in each site."""
    return Counter(fleet.clusters[index].site_name for index in clusters)
