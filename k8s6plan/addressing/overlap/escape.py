"""The way out of the overlaps of a fleet or a plan: whom to renumber, and what to translate."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from dataclasses import dataclass

from k8s6plan.addressing.overlap.translate import Translation, translations
from k8s6plan.addressing.overlap.way_out import WayOut, cheapest_way_out
from k8s6plan.addressing.plan_file import Held, Plan, Source
from k8s6plan.addressing.space.pools import lies_in
from k8s6plan.fleet import overlaps
from k8s6plan.fleet.model import ROLES, Fleet, Prefix, Role
from k8s6plan.fleet.overlaps import Holding


@dataclass(frozen=True)
class Escape:
    """The way out of overlaps: whom to renumber, and translations for what is not renumbered.

    ``names_weigh``: the nodes of the clusters are not known, so each counts as one.
    """

    way_out: WayOut
    translations: tuple[Translation, ...]
    removed: frozenset[str] = frozenset()
    names_weigh: bool = False


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


def held_by(plan: Plan) -> list[Holding]:
    """Return what a plan holds, tombstones included."""
    site_of = {name: site for site, names in plan.members.items() for name in names}
    held: list[Holding] = []
    for title, clusters in (("", plan.clusters), (", removed", plan.tombstones)):
        for name, holds in clusters.items():
            site = site_of.get(name)
            for role, source, routed, prefix in _prefixes(holds):
                within = role == "pods" and source == "pinned" and _in_nodes(prefix, holds)
                at_site = site is not None and (role == "nodes" or within)
                kin = f"nodes of site {site}" if at_site else f"{role} of {name}"
                owner = f"{name} ({role}{title})"
                held.append(Holding(prefix, owner, name, site, role, kin, not routed))
    return held


def _in_nodes(prefix: Prefix, holds: Held) -> bool:
    nodes = holds.get("nodes", {}).values()
    return any(
        lies_in(prefix, other)
        for allocation in nodes
        if allocation.source == "pinned"
        for other in allocation.prefixes
    )


def _prefixes(holds: Held) -> Iterator[tuple[Role, Source, bool, Prefix]]:
    for role in ROLES:
        for allocation in holds.get(role, {}).values():
            for prefix in allocation.prefixes:
                yield role, allocation.source, allocation.routed, prefix
