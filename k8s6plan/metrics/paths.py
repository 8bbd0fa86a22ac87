"""What the path between two clusters is like: hops, encryption, and whether there is one."""

from __future__ import annotations

from k8s6plan import catalog
from k8s6plan.designs import Design, LinkCount
from k8s6plan.metrics._measure import Measure, Metric
from k8s6plan.outline import Outline

_NO_PAIRS = "no two clusters lie in different sites"


def mean_hops(design: Design, outline: Outline, count: LinkCount) -> Measure:
    """Links on the path, mean over pairs of clusters in different sites."""
    if not outline.pairs:
        return Measure(None, "links", _NO_PAIRS)
    return Measure(count.hop_sum / outline.pairs, "links")


def max_hops(design: Design, outline: Outline, count: LinkCount) -> Measure:
    """Links on the longest path."""
    if not outline.pairs:
        return Measure(None, "links", _NO_PAIRS)
    return Measure(count.max_hops, "links")


def encrypted(design: Design, outline: Outline, count: LinkCount) -> Measure:
    """How many pairs are encrypted below the application: all, some or none."""
    if not outline.pairs:
        return Measure(None, "pairs", _NO_PAIRS)
    row = catalog.encapsulations()[outline.encapsulation]
    covered = count.tunnel_pairs if row.encrypted else 0
    if covered == outline.pairs:
        return Measure("all", "pairs", outline.encapsulation)
    if not covered:
        if design.family == "ipv6":
            return Measure("none", "pairs", "the application brings TLS")
        why = "all run inside one provider" if row.encrypted else f"{outline.encapsulation} is not"
        return Measure("none", "pairs", why)
    note = f"{covered} of {outline.pairs}; peerings and attachments are not counted as encrypted"
    return Measure("some", "pairs", note)


def feasible(design: Design, outline: Outline, count: LinkCount) -> Measure:
    """Say whether every cluster can be joined so, else which cannot and why."""
    if design.family == "ipv6":
        reasons = (*outline.not_flat, *outline.conflicts_ipv6)
    else:
        reasons = outline.conflicts_ipv4
    return Measure(not reasons, "", "; ".join(reasons))


METRICS = (
    Metric("mean_hops", "Mean hops", "Paths", "less", mean_hops),
    Metric("max_hops", "Longest path", "Paths", "less", max_hops),
    Metric(
        "encrypted",
        "Encrypted below application",
        "Paths",
        ("all", "some", "none"),
        encrypted,
    ),
    Metric("feasible", "Feasible", "Paths", (True, False), feasible),
)
