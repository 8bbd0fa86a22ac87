"""Rules `overlap`, `default-kept` and `equal-services`."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping

from k8s6plan import catalog
from k8s6plan.addressing.check._finding import Finding, finding, listed
from k8s6plan.fleet import overlaps
from k8s6plan.fleet.model import Cluster, Fleet
from k8s6plan.fleet.overlaps import Conflict


def of_fleet(fleet: Fleet) -> Iterator[Finding]:
    """Yield the overlaps of what the fleet file pins and excludes."""
    clusters = {cluster.name: cluster for cluster in fleet.clusters}
    yield from of_conflicts(overlaps.conflicts_of(fleet), clusters)


def of_conflicts(
    conflicts: Iterable[Conflict], clusters: Mapping[str, Cluster] | None = None
) -> Iterator[Finding]:
    """Yield a finding for each conflict; that of a kept default says so, and is the only one."""
    for conflict in conflicts:
        if conflict.harmless and all(one.role == "pods" for one in conflict.holdings):
            continue  # pods that nobody outside reaches may have one prefix everywhere
        kept = _kept_default(conflict, clusters or {})
        if kept is not None:
            assigned = conflict.harmless and _all_assigned(conflict, clusters or {})
            yield _default(*kept, harmless=conflict.harmless, assigned=assigned)
        elif conflict.harmless:
            yield finding(
                "equal-services",
                f"{conflict}; harmless while services are not routed between clusters",
            )
        else:
            yield finding("overlap", f"{conflict}; {_advice(conflict)}")


def _advice(conflict: Conflict) -> str:
    held = list(conflict.holdings)
    if any(holding.cluster is None for holding in held):
        return f"renumber {listed(conflict.clusters)}"
    if len(conflict.clusters) == 1:
        return "a cluster cannot use an address twice"
    if len(held) == 2:
        return "renumber one of them"
    return "renumber all but one" if conflict.equal else "renumber one side"


def _default(kept: str, source: str, *, harmless: bool, assigned: bool) -> Finding:
    rule = "default-kept"
    if assigned:
        message = f"{kept}, which cannot be changed; do not route it"
        return finding(rule, message, "note", source)
    if harmless:
        message = f"{kept}; harmless while services are not routed between clusters"
        return finding(rule, message, "warning", source)
    return finding(rule, f"{kept}; renumber all but one", source=source)


def _kept_default(conflict: Conflict, clusters: Mapping[str, Cluster]) -> tuple[str, str] | None:
    """Return who kept which default, where the conflict is several clusters with just that.

    With it comes the source of the default.
    """
    held = conflict.inner.holdings
    roles = {holding.role for holding in held}
    if not conflict.equal or len(conflict.clusters) < 2 or len(roles) > 1:
        return None
    role = held[0].role
    if role not in ("pods", "services"):
        return None
    prefix = str(held[0].prefix)
    givers = catalog.default_prefixes(role).get(prefix)
    if givers is None:
        return None
    own: set[str] = set()
    known = True
    for name in conflict.clusters:
        cluster = clusters.get(name)
        stated = {cluster.platform, cluster.cni} if cluster else {None}
        if stated & set(givers):
            own |= {giver for giver in givers if giver in stated}
        elif None in stated:
            known = False
        else:
            return None  # both are stated, and neither gives this prefix: it was chosen
    own = own if known else set(givers)
    both = " both" if len(conflict.clusters) == 2 else ""
    names, who = listed(conflict.clusters), listed(sorted(own))
    if known:
        kept = f"{names}{both} kept the default {prefix} of {who}"
    else:
        kept = f"{names}{both} hold {prefix}, the default of {who}"
    sources = (catalog.default_source(name, role) for name in sorted(own))
    source = "; ".join(dict.fromkeys(text for text in sources if text is not None))
    return kept, source


def _all_assigned(conflict: Conflict, clusters: Mapping[str, Cluster]) -> bool:
    """Say whether all of them got the prefix from platforms that let nobody choose."""
    if conflict.inner.prefix.version == 4:
        return False
    platforms = {clusters[name].platform for name in conflict.clusters if name in clusters}
    return bool(platforms) and all(catalog.assigns_ipv6_services(name) for name in platforms)
