"""Rules `overlap`, `default-kept` and `equal-services`, and the way out of overlaps."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass

from k8s6plan import catalog
from k8s6plan.addressing.check._finding import Finding, finding, inside, listed
from k8s6plan.addressing.overlap.translate import Translation, translations
from k8s6plan.addressing.overlap.way_out import WayOut, cheapest_way_out
from k8s6plan.addressing.plan_file import Held, Plan, Source
from k8s6plan.fleet import overlaps
from k8s6plan.fleet.model import ROLES, Cluster, Fleet, Prefix, Role
from k8s6plan.fleet.overlaps import Conflict, Holding


@dataclass(frozen=True)
class Escape:
    """The way out of overlaps: whom to renumber, and translations for what is not renumbered.

    ``names_weigh``: the nodes of the clusters are not known, so each counts as one.
    """

    way_out: WayOut
    translations: tuple[Translation, ...]
    removed: frozenset[str] = frozenset()
    names_weigh: bool = False


def of_fleet(fleet: Fleet) -> Iterator[Finding]:
    """Yield the overlaps of what the fleet file pins and excludes."""
    clusters = {cluster.name: cluster for cluster in fleet.clusters}
    yield from of_conflicts(overlaps.conflicts_of(fleet), clusters)


def of_conflicts(
    conflicts: Iterable[Conflict], clusters: Mapping[str, Cluster] | None = None
) -> Iterator[Finding]:
    """Yield a finding for each conflict; that of a kept default says so, and is the only one."""
    for conflict in conflicts:
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


# --- a plan's holdings ---------------------------------------------------------------------------


def held_by(plan: Plan) -> list[Holding]:
    """Return what a plan holds, tombstones included."""
    site_of = {name: site for site, names in plan.members.items() for name in names}
    held: list[Holding] = []
    for title, clusters in (("", plan.clusters), (", removed", plan.tombstones)):
        for name, holds in clusters.items():
            site = site_of.get(name)
            for role, source, prefix in _prefixes(holds):
                within = role == "pods" and source == "pinned" and _in_nodes(prefix, holds)
                at_site = site is not None and (role == "nodes" or within)
                kin = f"nodes of site {site}" if at_site else f"{role} of {name}"
                owner = f"{name} ({role}{title})"
                held.append(Holding(prefix, owner, name, site, role, kin))
    return held


def _in_nodes(prefix: Prefix, holds: Held) -> bool:
    nodes = holds.get("nodes", {}).values()
    return any(
        inside(prefix, other)
        for allocation in nodes
        if allocation.source == "pinned"
        for other in allocation.prefixes
    )


def _prefixes(holds: Held) -> Iterator[tuple[Role, Source, Prefix]]:
    for role in ROLES:
        for allocation in holds.get(role, {}).values():
            for prefix in allocation.prefixes:
                yield role, allocation.source, prefix


# --- the way out ---------------------------------------------------------------------------------


def escape_of_fleet(
    fleet: Fleet, *, keep: Collection[str] = (), translate: bool = False
) -> Escape | None:
    """Return the way out of the fleet's overlaps; None where there are none.

    What lies between clusters to ``keep`` is translated; with ``translate`` all overlaps are.
    """
    found = overlaps.overlaps_of(fleet)
    if not found:
        return None
    nodes = {cluster.name: cluster.nodes for cluster in fleet.clusters}
    way_out = cheapest_way_out(found, nodes, keep=keep)
    made = translations(
        found if translate else way_out.left,
        in_use=[pin.prefix for pin in overlaps.pins_of(fleet)],
        pools=[pool for role in ROLES for pool in getattr(fleet.pools, role)],
    )
    return Escape(way_out, tuple(made))


def escape_of_plan(
    plan: Plan, *, keep: Collection[str] = (), translate: bool = False
) -> Escape | None:
    """Return the way out of a plan's overlaps. A plan knows no nodes: each cluster counts as one.

    A tombstone costs nothing: it is released.
    """
    held = held_by(plan)
    found = [c for c in overlaps.conflicts(held, services_routed=False) if not c.harmless]
    if not found:
        return None
    removed = frozenset(plan.tombstones)
    way_out = cheapest_way_out(found, dict.fromkeys(removed, 0), keep=keep)
    made = translations(
        found if translate else way_out.left,
        in_use=[holding.prefix for holding in held],
        pools=(),
    )
    return Escape(way_out, tuple(made), removed, names_weigh=True)
