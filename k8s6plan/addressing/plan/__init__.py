"""The composer of the addressing plan: fleet + old plan -> new plan, and what changed.

Order of things:

1. What the old plan holds stays as it is; a cluster that is gone leaves a tombstone, one that
   comes back gets its prefixes back (``_keep``). What the fleet file pins is taken as it is.
2. Clusters that have outgrown their prefixes are widened in place, where there is room
   (``_grow``).
3. What is still owed is planned (``_allocate``): largest prefixes first, then by site and name,
   so that the order of the file decides nothing.
4. Layouts whose block the provider has assigned by now become addresses.
5. The whole is looked over by means of its own (``_verify``): no prefix is handed out twice.

IPv4 comes from the pools. IPv6 comes from the pools where they hold any, else from the site's
block: a ULA /48, what the provider assigns later, or a part of the aggregate that the user owns.
A cluster fills a block of its own in there: nodes in the first quarter, services in the second,
pods in the upper half, so that each can be widened in place.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from ipaddress import IPv6Network

from k8s6plan.addressing.allow import allow_prefixes, strangers
from k8s6plan.addressing.plan import _allocate, _grow, _keep, _report
from k8s6plan.addressing.plan._report import Changes
from k8s6plan.addressing.plan._state import State
from k8s6plan.addressing.plan._tunnels import plan_tunnels
from k8s6plan.addressing.plan._verify import verify
from k8s6plan.addressing.plan_file import Plan, Tunnel
from k8s6plan.addressing.space import ula
from k8s6plan.addressing.space.strategy import Strategy
from k8s6plan.errors import Fault, InvalidPlan, Overlap
from k8s6plan.fleet.model import FAMILIES, Family, Fleet, Prefix
from k8s6plan.fleet.overlaps import overlaps_of
from k8s6plan.topology.designs import design_named

# Allow lists of more sites than this, squared, are left to `k8s6plan allow`: they would be most of
# the file.
MOST_ALLOWED = 20_000


def make_plan(
    fleet: Fleet,
    old: Plan | None = None,
    *,
    old_file: str = "",
    strategy: Strategy = "leftmost",
    release: Iterable[str] = (),
    renumber: Iterable[str] = (),
    assign: Mapping[str, IPv6Network] | None = None,
    design: str | None = None,
) -> tuple[Plan, Changes]:
    """Return the plan of ``fleet`` that keeps all of ``old``, and what changed.

    ``strategy`` places what is new: with gaps to grow into (leftmost, centermost) or side by side
    (rightmost). ``release`` names tombstones whose space is free again, ``renumber`` clusters that
    get other prefixes than they had. ``assign`` says which IPv6
    prefix a provider gave to a site (or to the site of a cluster). ``design``: give the tunnels of
    this design their addresses as well.

    Raises:
        Overlap: pinned or assigned prefixes overlap, or lie on top of what the plan holds; or the
            old plan holds such.
        InvalidPlan: the old plan is another fleet's, or contradicts a pin or an assignment.
        UnknownName: a name in ``release``, ``renumber``, ``assign`` or ``design`` that is nowhere.

    """
    _check_pins(fleet)
    if old is not None and old.fleet != fleet.fleet:
        message = (
            f'is the plan of fleet "{old.fleet}", not of "{fleet.fleet}"; '
            "write to another file, or give the fleet its former name"
        )
        raise InvalidPlan([Fault(old_file, 0, message)])
    state = State(fleet, old or Plan(fleet.fleet, None, {}), old_file, strategy)
    state.strangers = [str(one) for one in strangers(fleet)]
    _keep.keep(state, release)
    _keep.renumber(state, renumber)
    _keep.pin(state)
    owed = state.owed()
    new_seed = state.seed is None and (design is not None or any(map(state.wants_ula, owed)))
    if new_seed:
        state.seed = ula.new_seed()
    pools = {family: _allocate.make_pools(state, family) for family in FAMILIES}
    _allocate.open_sites(state)
    _grow.grow(state, pools)
    _allocate.from_pools(state, owed, pools["ipv4"])
    _allocate.from_pools(state, owed, pools["ipv6"])
    _allocate.from_site_blocks(state, owed, pools["ipv6"])
    _keep.assign(state, assign or {})
    if state.renumbered:  # nobody was to get it in this run; how far others grow tells it as free
        state.vacate()
        pools = {family: _allocate.make_pools(state, family) for family in FAMILIES}
        _allocate.open_sites(state)
    state.note_single_stack()
    state.note_hidden_pods()
    state.note_cluster_sets()
    _grow.measure(state, pools)
    tunnels = dict(state.old.tunnels) if design is None else plan_tunnels(state, design)
    plan = _compose(state, pools, tunnels)
    verify(state, plan)
    return plan, _report.changes_of(state, new_seed=new_seed)


def _check_pins(fleet: Fleet) -> None:
    wrong = [str(conflict) for conflict in overlaps_of(fleet)]
    if wrong:
        fix = "no plan can be made of prefixes that overlap; renumber one of them, or mend the file"
        raise Overlap(*wrong, fix)


def _compose(
    state: State, pools: _allocate.PoolsOfFamilies, tunnels: Mapping[str, tuple[Tunnel, ...]]
) -> Plan:
    members = state.fleet.members
    plan = Plan(
        fleet=state.fleet.fleet,
        ula_seed=state.seed,
        clusters=state.held,
        members={site: tuple(cluster.name for cluster in members[site]) for site in members},
        site_pools={site: held for site, held in sorted(state.site_pools.items()) if held},
        sites={site: blocks for site, blocks in sorted(state.sites.items()) if blocks},
        tombstones=state.tombstones,
        tunnels=tunnels,
        summaries=_report.summaries(state),
        free=_report.free(pools),
        notes=tuple(sorted(state.notes)),
        stamp=state.old.stamp,
    )
    if len(members) ** 2 > MOST_ALLOWED or state.strangers:
        return plan
    return replace(plan, allow=_allow(state.fleet, plan))


def _allow(fleet: Fleet, plan: Plan) -> dict[str, dict[Family, tuple[Prefix, ...]]]:
    """Return what each cluster's edge lets in: IPv4 behind tunnels, IPv6 in the flat design."""
    found: dict[str, dict[Family, tuple[Prefix, ...]]] = {}
    for design in ("full-mesh", "flat-ipv6"):
        for name, lists in allow_prefixes(fleet, plan, design_named(design)).items():
            for family, prefixes in lists.items():
                if prefixes:
                    found.setdefault(name, {})[family] = tuple(prefixes)
    return found


__all__ = ["Changes", "make_plan"]
