"""What the path between two clusters is like: hops, encryption, and whether there is one."""

from __future__ import annotations

from typing import TYPE_CHECKING

from k8s6plan import catalog
from k8s6plan.catalog.tariffs import tariff
from k8s6plan.decision.metrics._measure import Case, Measure, Metric

if TYPE_CHECKING:
    from k8s6plan.catalog.reachability import Reaching

_NO_PAIRS = "no two clusters lie in different sites"


def _why_no_pairs(case: Case) -> str:
    return "no two sites have a demand between them" if case.outline.pairs else _NO_PAIRS


def mean_hops(case: Case) -> Measure:
    """Links on the path, mean over pairs of clusters in different sites that are joined."""
    joined = case.count.joined_pairs
    if not joined:
        return Measure(None, "links", _why_no_pairs(case))
    left = case.outline.pairs - joined
    note = f"over {joined} pairs; {left} without a demand are not joined" if left else ""
    return Measure(case.count.hop_sum / joined, "links", note)


def max_hops(case: Case) -> Measure:
    """Links on the longest path."""
    if not case.count.joined_pairs:
        return Measure(None, "links", _why_no_pairs(case))
    return Measure(case.count.max_hops, "links")


def encrypted(case: Case) -> Measure:
    """How many pairs are encrypted below the application: all, some or none."""
    joined = case.count.joined_pairs
    if not joined:
        return Measure(None, "pairs", _why_no_pairs(case))
    row = catalog.encapsulations()[case.topology.encapsulation]
    covered = case.count.tunnel_pairs if row.encrypted else 0
    if covered == joined:
        return Measure("all", "pairs", row.name)
    if not covered:
        if case.topology.routed:
            return Measure("none", "pairs", "the application brings TLS")
        why = "every path has a part outside tunnels" if row.encrypted else f"{row.name} is not"
        return Measure("none", "pairs", why)
    note = f"{covered} of {joined}; peerings and attachments are not counted as encrypted"
    return Measure("some", "pairs", note)


def feasible(case: Case) -> Measure:
    """Say whether every cluster can be joined so, else which cannot and why."""
    reasons = why_not(case)
    reaches = case.outline.reaches
    taken = () if reaches is None else reaches.taken[_asked(case)]
    return Measure(not reasons, "", "; ".join(reasons or taken))


def why_not(case: Case) -> list[str]:
    """Return what keeps clusters from being joined so, each with its reason."""
    outline = case.outline
    if case.topology.why_not:
        return [case.topology.why_not]
    reaches = outline.reaches
    unreached = () if reaches is None else reaches.unreached[_asked(case)]
    if case.topology.family == "ipv6":
        strangers = () if reaches is None else reaches.off_the_internet
        return [*unreached, *strangers, *outline.conflicts_ipv6]
    return [*unreached, *outline.conflicts_ipv4, *_no_transit(case), *_wrong_family(case)]


def _asked(case: Case) -> Reaching:
    """Return how a design asks for pods: from gateways inside the clusters, or by their address."""
    if case.topology.software:
        return "inside"
    if case.topology.family == "ipv6":
        return "ipv6"
    return "ipv6" if case.outline.carries == "ipv6" else "ipv4"


def _no_transit(case: Case) -> list[str]:
    """Name providers whose links would have to carry transit, and are not known to."""
    attached = {g.provider or "" for g, ends in case.count.of_group.items() if ends.attachments}
    return [
        f"{provider}: nothing is known there that carries the traffic of others"
        for provider in sorted(attached)
        if not catalog.has_managed_hubs(provider)
    ]


def _wrong_family(case: Case) -> list[str]:
    """Name providers whose tunnels or managed hubs do not carry the family that is wanted."""
    if case.outline.carries == "ipv4" or case.topology.software:
        return []
    found = []
    tunnelled = {g.provider or "" for g, ends in case.count.of_group.items() if ends.tunnels}
    hubs = {hub.provider for hub in case.topology.hubs}
    for what, providers in (("tunnels", tunnelled), ("managed hubs", hubs)):
        for provider in sorted(providers):
            known = tariff(provider)
            row = known.tunnels_carry if what == "tunnels" else known.managed_hubs_carry
            if row is not None and "ipv6" not in row.value:
                found.append(f"{provider}: {what} carry IPv4 only ({row.source})")
    return found


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
