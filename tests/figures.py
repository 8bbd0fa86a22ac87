"""The figures of links as plain data, to hold one count against another."""

from __future__ import annotations

from typing import Any

from k8s6plan.topology.counts import LinkCount

FIGURES = (
    "tunnel_links",
    "peerings",
    "attachments",
    "gateways",
    "busiest",
    "links_added",
    "sites_touched",
    "hop_sum",
    "max_hops",
    "tunnel_pairs",
    "joined_pairs",
    "transit_pairs",
)


def figures(count: LinkCount) -> dict[str, Any]:
    """Return every figure of a count."""
    return {key: getattr(count, key) for key in FIGURES}
