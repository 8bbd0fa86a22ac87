"""What the reader of a plan wants to know: summaries, routes, free space, findings."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from k8s6plan.addressing.plan._state import State
from k8s6plan.addressing.plan_file import Held, SiteSummary, assigned_to
from k8s6plan.addressing.space import sizes
from k8s6plan.addressing.space.pools import Pools, lies_in, summarise
from k8s6plan.fleet.model import ADDRESS_BITS, FAMILIES, ROLES, Family, Prefix, Role, family_of
from k8s6plan.fleet.reach import assigned_ula

_TITLES: dict[Family, str] = {"ipv4": "IPv4", "ipv6": "IPv6"}
_ROUTED: tuple[Role, Role] = ("nodes", "pods")  # services are not routed between clusters


@dataclass(frozen=True)
class Changes:
    """What a run did to the plan that was there: names, and findings as sentences.

    ``changed`` counts prefixes that stood in the old plan and neither stand in the new one nor
    lie in what they were widened to: 0, but for clusters that are ``renumbered``, which are asked
    for. ``prefixes_added`` and ``prefixes_tombstoned``
    count prefixes and layouts as well; the others name clusters or sites. ``widened``,
    ``extended`` and ``rebuilds`` tell of clusters that have outgrown what they hold.
    """

    changed: int
    prefixes_added: int
    prefixes_tombstoned: int
    added: tuple[str, ...]
    tombstoned: tuple[str, ...]
    released: tuple[str, ...]
    revived: tuple[str, ...]
    renamed: tuple[str, ...]
    renumbered: tuple[str, ...]
    assigned: tuple[str, ...]
    widened: tuple[str, ...]
    extended: tuple[str, ...]
    rebuilds: tuple[str, ...]
    findings: tuple[str, ...]
    new_seed: bool


def changes_of(state: State, *, new_seed: bool) -> Changes:
    """Compare what is held now with the old plan."""
    old = state.old
    kept = {*old.tombstones, *state.released}
    known = {*old.clusters, *state.renamed, *state.revived}
    return Changes(
        changed=sum(1 for _ in _moved(state)),
        prefixes_added=_count(state.held.values())
        + _count(held for name, held in state.tombstones.items() if name not in kept)
        - _count(old.clusters.values())
        + _count(state.renumbered.values())
        - _count(old.tombstones[name] for name in state.revived),
        prefixes_tombstoned=_count(
            held for name, held in state.tombstones.items() if name not in kept
        ),
        added=tuple(sorted(set(state.held) - known - set(state.renumbered))),
        tombstoned=tuple(sorted(set(state.tombstones) - set(old.tombstones))),
        released=tuple(sorted(state.released)),
        revived=tuple(sorted(state.revived)),
        renamed=tuple(sorted(state.renamed)),
        renumbered=tuple(sorted(state.renumbered)),
        assigned=tuple(sorted(state.assigned)),
        widened=tuple(state.wider),
        extended=tuple(state.extended),
        rebuilds=tuple(state.rebuilds),
        findings=tuple(_findings(state)),
        new_seed=new_seed,
    )


def _count(held: Iterable[Held]) -> int:
    """Return how many prefixes and layouts there are."""
    return sum(
        1 + len(allocation.also)
        for roles in held
        for families in roles.values()
        for allocation in families.values()
    )


def _moved(state: State) -> Iterator[tuple[str, Role, Family]]:
    """Yield what the old plan held and the new one does not hold, or not in a wider prefix."""
    former = {c.formerly: c.name for c in state.fleet.clusters if c.name in state.renamed}
    for name, roles in (*state.old.clusters.items(), *state.old.tombstones.items()):
        if name in state.released:
            continue
        now = state.held.get(former.get(name, name)) or state.tombstones.get(name, {})
        for role, families in roles.items():
            for family, was in families.items():
                held = now.get(role, {}).get(family)
                if held is None or not (
                    _covers(held.prefix, was.prefix)
                    if was.prefix is not None
                    else held.prefix is not None or _covers(held.layout, was.layout)
                ):
                    yield name, role, family
                elif was.source != "pinned":
                    yield from (
                        (name, role, family) for prefix in was.also if prefix not in held.prefixes
                    )


def _covers(wide: Prefix | None, prefix: Prefix | None) -> bool:
    if wide is prefix:  # nearly always: what is kept is not even copied
        return wide is not None
    return wide is not None and prefix is not None and lies_in(prefix, wide)


def summaries(state: State) -> dict[str, SiteSummary]:
    """Return, for each site, the fewest prefixes that stand for it, and how many without."""
    found: dict[str, SiteSummary] = {}
    blocks = state.blocks()
    for site, members in state.fleet.members.items():
        of_site: dict[Family, tuple[Prefix, ...]] = {}
        single: dict[Family, int] = {}
        for family in FAMILIES:
            prefixes: list[Prefix] = [
                prefix
                for cluster in members
                for role in _ROUTED
                if family in state.held[cluster.name].get(role, {})
                for prefix in state.held[cluster.name][role][family].prefixes
            ]
            single[family] = len(set(prefixes))
            wide = [*prefixes, *_kept_for(state, site, family)]
            wide += [
                part
                for cluster in members
                if family == "ipv6" and prefixes
                for part, known in blocks.get(cluster.name, ())
                if known
            ]
            if prefixes:
                of_site[family] = tuple(summarise(wide))
        if of_site:
            found[site] = SiteSummary(of_site, {f: single[f] for f in of_site})
    return found


def _kept_for(state: State, site: str, family: Family) -> list[Prefix]:
    """Return the prefixes that are kept for the clusters of ``site``, today's and later ones."""
    if family == "ipv4":
        return list(state.site_pools.get(site, {}).values())
    return [
        block.prefix
        for block in state.sites.get(site, {}).values()
        if block.prefix is not None and block.clusters
    ]


def free(pools: dict[Family, Pools]) -> dict[str, list[dict[str, object]]]:
    """Return what is left of the pools, by role."""
    return {role: [f for family in FAMILIES for f in pools[family].free(role)] for role in ROLES}


def _short_of_services(state: State) -> Iterator[str]:
    """Yield the clusters that ask for more services than their release of Kubernetes can number."""
    for cluster in state.fleet.clusters:
        for family, allocation in state.held[cluster.name].get("services", {}).items():
            usable = sizes.usable_services(cluster, family)
            lengths = [max(p.prefixlen, usable) for p in (allocation.place, *allocation.also)]
            bits = ADDRESS_BITS[family]
            room = sum(1 << bits - length for length in lengths) - sizes.SPARED_OF_SERVICES
            if allocation.source != "planned" or room >= cluster.services:
                continue
            longer = sizes.services_length(cluster, family) < allocation.place.prefixlen
            why = (
                "it is fixed for the cluster's life" if longer else "its release uses no larger one"
            )
            yield (
                f"{cluster.name} (services) asks for {cluster.services:,}, and its "
                f"/{allocation.place.prefixlen} ({_TITLES[family]}) has room for {room:,}: {why}"
            )


def _findings(state: State) -> Iterator[str]:
    yield from state.clashes
    yield from state.rebuilds
    yield from (f"no allow lists: {one}" for one in state.strangers)
    yield from _short_of_services(state)
    yield from assigned_ula(state.fleet, assigned_to(state.sites))
    total = len(state.fleet.clusters)
    for (family, what), missed in sorted(state.misses.items()):
        pools = getattr(state.fleet.pools, what, ())
        where = ", ".join(str(p) for p in pools if family_of(p) == family)
        room = f"; no room is left in {where}" if where else ""
        other = "; IPv6 fits" if all(missing == "ipv4" for missing, _ in state.misses) else ""
        yield (
            f"{_TITLES[family]} does not fit: {what} of {len(missed):,} of {total:,} clusters "
            f"(first: {missed[0]}){room}{other}"
        )
