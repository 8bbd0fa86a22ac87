"""The composer of the addressing plan: fleet + old plan -> new plan, and what changed.

Order of things, for both families:

1. What the fleet file pins is taken as it is; what the old plan holds stays as it is.
2. A cluster that is gone leaves a tombstone; one that comes back gets its prefixes back.
3. What is left is planned: largest prefixes first, then by site and name, so that the order of
   the file decides nothing.

IPv4 comes from the pools. IPv6 comes from the pools where they hold any, else from the site's
block: a ULA /48, what the provider assigns later, or a part of the aggregate that the user owns.
A cluster fills a block of its own in there: nodes in the first quarter, services in the second,
pods in the upper half, so that each can be widened in place.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from ipaddress import IPv6Network
from typing import cast

from k8s6plan import catalog
from k8s6plan.addressing import overlaps, sizes, ula
from k8s6plan.addressing._pools import Pools, block_of, summarise
from k8s6plan.addressing._space import Block, intervals
from k8s6plan.addressing.site_blocks import SiteBlocks
from k8s6plan.addressing.strategy import Strategy
from k8s6plan.errors import Fault, InvalidPlan, Overlap
from k8s6plan.model import FAMILIES, ROLES, Cluster, Family, Fleet, Prefix, Role, family_of
from k8s6plan.plan_file import Allocation, BlockSource, Held, Plan, SiteBlock, is_layout

Allocations = dict[str, dict[Role, dict[Family, Allocation]]]


@dataclass(frozen=True)
class Changes:
    """What a run did to the plan that was there: names of clusters, and findings as sentences.

    ``changed`` counts prefixes that stood in the old plan and differ in the new one: always 0.
    """

    changed: int
    added: tuple[str, ...]
    tombstoned: tuple[str, ...]
    revived: tuple[str, ...]
    renamed: tuple[str, ...]
    findings: tuple[str, ...]
    new_seed: bool


def make_plan(
    fleet: Fleet,
    old: Plan | None = None,
    *,
    old_file: str = "",
    strategy: Strategy = "leftmost",
) -> tuple[Plan, Changes]:
    """Return the plan of ``fleet`` that keeps all of ``old``, and what changed.

    ``strategy`` places what is new: with gaps to grow into (leftmost, centermost) or side by side
    (rightmost).

    Raises:
        Overlap: pinned prefixes overlap.
        InvalidPlan: the old plan is another fleet's, or contradicts a pinned prefix.

    """
    _check_pins(fleet)
    if old is not None and old.fleet != fleet.fleet:
        message = (
            f'is the plan of fleet "{old.fleet}", not of "{fleet.fleet}"; '
            "write to another file, or give the fleet its former name"
        )
        raise InvalidPlan([Fault(old_file, 0, message)])
    return _Planner(fleet, old or Plan(fleet.fleet, None, {}), old_file, strategy).run()


def _check_pins(fleet: Fleet) -> None:
    routed = bool(fleet.assumptions.get("services_routed", False))
    wrong = [
        str(c) for c in overlaps.conflicts(overlaps.pinned(fleet)) if routed or not c.services_only
    ]
    if wrong:
        fix = "no plan can be made of prefixes that overlap; renumber one of them, or mend the file"
        raise Overlap(*wrong, fix)


@dataclass
class _Planner:
    """The state of one run. Every step fills ``held``; nothing is ever taken out of it again."""

    fleet: Fleet
    old: Plan
    old_file: str
    strategy: Strategy
    held: Allocations = field(default_factory=dict)
    sites: dict[str, dict[BlockSource, SiteBlock]] = field(default_factory=dict)
    notes: list[str] = field(default_factory=list)
    clashes: tuple[str, ...] = ()  # prefixes of the old plan that are excluded by now
    misses: dict[tuple[Family, str], list[str]] = field(default_factory=lambda: defaultdict(list))

    def run(self) -> tuple[Plan, Changes]:
        fleet, old = self.fleet, self.old
        self.seed = fleet.ula_seed or old.ula_seed
        self.sites = {
            site: {source: replace(b, clusters=dict(b.clusters)) for source, b in blocks.items()}
            for site, blocks in old.sites.items()
        }
        renamed, revived, tombstones = self._keep()
        before = {name: {role: dict(f) for role, f in h.items()} for name, h in self.held.items()}
        self._pin()
        self._check_pins_against_plan(tombstones)
        new_seed = self.seed is None and any(
            fleet.ipv6_of(cluster) == "ula" and self._unplanned(cluster, "ipv6")
            for cluster in fleet.clusters
        )
        if new_seed:
            self.seed = ula.new_seed()
        pools = {family: self._pools(family, tombstones) for family in FAMILIES}
        self._plan_from_pools("ipv4", pools["ipv4"])
        self._plan_from_pools("ipv6", pools["ipv6"])
        self._plan_ipv6(pools["ipv6"], tombstones)
        self._measure_growth(pools)
        plan = Plan(
            fleet=fleet.fleet,
            ula_seed=self.seed,
            clusters=self.held,
            members={
                site: tuple(cluster.name for cluster in members)
                for site, members in fleet.members.items()
            },
            sites={site: blocks for site, blocks in sorted(self.sites.items()) if blocks},
            tombstones=tombstones,
            summaries=self._summaries(),
            free=self._free(pools),
            notes=tuple(sorted(self.notes)),
        )
        changed = sum(
            allocation.prefixes[:1] != self.held[name][role][family].prefixes[:1]
            or allocation.layout != self.held[name][role][family].layout
            for name, roles in before.items()
            for role, families in roles.items()
            for family, allocation in families.items()
        )
        changes = Changes(
            changed=changed,
            added=tuple(sorted(set(self.held) - set(old.clusters) - set(renamed) - set(revived))),
            tombstoned=tuple(sorted(set(tombstones) - set(old.tombstones))),
            revived=tuple(sorted(revived)),
            renamed=tuple(sorted(renamed)),
            findings=tuple(self._findings()),
            new_seed=new_seed,
        )
        return plan, changes

    # --- what is there already ---------------------------------------------------------------

    def _keep(self) -> tuple[list[str], list[str], dict[str, Held]]:
        """Carry the old plan over; return who was renamed, who came back, and the tombstones."""
        names = {cluster.name for cluster in self.fleet.clusters}
        left = dict(self.old.clusters)
        graves = dict(self.old.tombstones)
        renamed, revived = [], []
        for cluster in sorted(self.fleet.clusters, key=lambda cluster: cluster.name):
            former = cluster.formerly
            key = cluster.name
            if key not in left and former in left and former not in names:
                key = former
                renamed.append(cluster.name)
            found = left.pop(key, None)
            if found is None and cluster.name in graves:
                found = graves.pop(cluster.name)
                revived.append(cluster.name)
            self.held[cluster.name] = {role: dict(f) for role, f in (found or {}).items()}
            if key != cluster.name:
                self._rename_block(key, cluster.name)
        gone = {name: held for name, held in left.items() if held}
        return renamed, revived, {**graves, **gone}

    def _rename_block(self, former: str, name: str) -> None:
        for blocks in self.sites.values():
            for block in blocks.values():
                if former in block.clusters:
                    block.clusters[name] = block.clusters.pop(former)

    def _blocks(self) -> dict[str, IPv6Network]:
        """Return the IPv6 block of each cluster, the removed ones included."""
        return {
            name: part
            for blocks in self.sites.values()
            for block in blocks.values()
            for name, part in block.clusters.items()
        }

    def _pin(self) -> None:
        """Enter what the fleet file pins; it may not contradict the old plan."""
        wrong: list[Fault] = []
        for cluster in self.fleet.clusters:
            for role in ROLES:
                for family in FAMILIES:
                    prefixes = [p for p in cluster.pinned(role) if family_of(p) == family]
                    if not prefixes:
                        continue
                    was = self.held[cluster.name].get(role, {}).get(family)
                    if was is not None and was.prefix != prefixes[0]:
                        wrong.append(Fault(self.old_file, 0, _contradiction(cluster, role, was)))
                        continue
                    first, *more = dict.fromkeys(prefixes)
                    self.held[cluster.name].setdefault(role, {})[family] = Allocation(
                        prefix=first,
                        grows_to=first.prefixlen,
                        source="pinned",
                        node_mask=self._mask(cluster, role, family),
                        also=tuple(more),
                    )
        if wrong:
            raise InvalidPlan(wrong)

    def _check_pins_against_plan(self, tombstones: dict[str, Held]) -> None:
        """Refuse a pin on top of what another cluster was given; tell of exclusions there.

        Raises:
            Overlap: naming both owners.

        """
        if not self.old.clusters and not self.old.tombstones:
            return
        held = [h for h in overlaps.pinned(self.fleet) if h.cluster is None]
        for cluster in self.fleet.clusters:
            for role, families in self.held[cluster.name].items():
                for allocation in families.values():
                    held += [overlaps.holding(cluster, role, p) for p in allocation.prefixes]
        for name, roles in tombstones.items():
            for role, gone in roles.items():
                kin, owner = f"{role} of {name}", f"{name} ({role}, removed)"
                for allocation in gone.values():
                    held += [
                        overlaps.Holding(p, owner, name, None, role, kin)
                        for p in allocation.prefixes
                    ]
        found = [c for c in overlaps.conflicts(held) if not c.services_only]
        between = [str(c) for c in found if len(c.clusters) > 1]
        if between:
            raise Overlap(*between, f"{self.old_file} never renumbers; pin another prefix")
        self.clashes = tuple(str(conflict) for conflict in found)

    def _mask(self, cluster: Cluster, role: Role, family: Family) -> int | None:
        return sizes.node_blocks(cluster, family).mask if role == "pods" else None

    def _used(self, family: Family, tombstones: dict[str, Held]) -> list[Block]:
        """Return every prefix that must not be handed out again, site blocks apart."""
        used = [
            block_of(prefix)
            for held in (*self.held.values(), *tombstones.values())
            for families in held.values()
            if family in families
            for prefix in families[family].prefixes
        ]
        used += [block_of(e.prefix) for e in self.fleet.exclude if family_of(e.prefix) == family]
        if family == "ipv6":
            used += [block_of(block) for block in self._blocks().values() if not is_layout(block)]
        return used

    def _site_prefixes(self) -> list[Block]:
        return [
            block_of(block.prefix)
            for blocks in self.sites.values()
            for block in blocks.values()
            if block.prefix is not None
        ]

    def _unplanned(self, cluster: Cluster, family: Family) -> list[Role]:
        """Return the roles of ``cluster`` for which we owe a prefix."""
        held = self.held[cluster.name]
        return [
            role
            for role in ROLES
            if not cluster.external(role)
            and family not in held.get(role, {})
            and not (role == "services" and family == "ipv6" and self._assigned(cluster))
        ]

    def _assigned(self, cluster: Cluster) -> bool:
        source = catalog.assigns_ipv6_services(cluster.platform)
        if source is None:
            return False
        note = (
            f"{cluster.platform} picks the IPv6 service prefix itself: read it back after "
            f"creation ({source})"
        )
        if note not in self.notes:
            self.notes.append(note)
        return True

    # --- planning ----------------------------------------------------------------------------

    def _pools(self, family: Family, tombstones: dict[str, Held]) -> Pools:
        pools: dict[str, tuple[Prefix, ...]] = {
            role: getattr(self.fleet.pools, role) for role in ROLES
        }
        used = self._used(family, tombstones)
        if family == "ipv6":
            used += self._site_prefixes()
        return Pools(family, pools, used, self.strategy)

    def _plan_from_pools(self, family: Family, pools: Pools) -> None:
        wanted = sorted(
            (sizes.length_needed(cluster, role, family), role, cluster.site_name, cluster.name)
            for cluster in self.fleet.clusters
            for role in self._unplanned(cluster, family)
            if family == "ipv4" or pools.has(role)
        )
        for length, role, _, name in wanted:
            prefix = pools.take(role, length)
            if prefix is None:
                self.misses[family, role].append(f"{name} needs a /{length}")
                continue
            cluster = self.fleet.clusters[self.fleet.index[name]]
            self._enter(cluster, role, family, prefix=prefix)

    def _enter(
        self,
        cluster: Cluster,
        role: Role,
        family: Family,
        *,
        prefix: Prefix | None,
        layout: IPv6Network | None = None,
    ) -> None:
        length = (prefix or cast("IPv6Network", layout)).prefixlen
        self.held[cluster.name].setdefault(role, {})[family] = Allocation(
            prefix=prefix,
            grows_to=length,
            source="planned",
            node_mask=self._mask(cluster, role, family),
            layout=layout,
        )

    def _plan_ipv6(self, pools: Pools, tombstones: dict[str, Held]) -> None:
        """Plan the roles that have no IPv6 pool, inside the blocks of their sites."""
        wanted = []
        for cluster in self.fleet.clusters:
            roles = [role for role in self._unplanned(cluster, "ipv6") if not pools.has(role)]
            if roles:
                wanted.append((sizes.block_length(cluster), cluster.site_name, cluster.name, roles))
        if not wanted:
            return
        wanted.sort(key=lambda item: item[:3])
        used = self._used("ipv6", tombstones)
        space = SiteBlocks(
            self.fleet,
            seed=self.seed or "",
            sites=self.sites,
            used=intervals(used, 128),
            used_by_sites=intervals(used + self._site_prefixes(), 128),
            waiting=Counter(site for _, site, _, _ in wanted),
            strategy=self.strategy,
        )
        for length, _, name, roles in wanted:
            cluster = self.fleet.clusters[self.fleet.index[name]]
            block = space.take(cluster)
            if block is None:
                inside = str(self.fleet.ipv6_of(cluster))
                self.misses["ipv6", f"block from {inside}"].append(f"{name} needs a /{length}")
                continue
            for role in roles:
                part = sizes.part_of(block, role, cluster)
                known = not is_layout(block)
                self._enter(
                    cluster,
                    role,
                    "ipv6",
                    prefix=part if known else None,
                    layout=None if known else part,
                )

    # --- what the reader wants to know -------------------------------------------------------

    def _measure_growth(self, pools: dict[Family, Pools]) -> None:
        """Fill ``grows_to`` of what we planned."""
        blocks = self._blocks()
        for cluster in self.fleet.clusters:
            for role, families in self.held[cluster.name].items():
                for family, allocation in families.items():
                    if allocation.source == "pinned":
                        continue
                    place = allocation.prefix or cast("IPv6Network", allocation.layout)
                    block = blocks.get(cluster.name) if family == "ipv6" else None
                    if block is not None and cast("IPv6Network", place).subnet_of(block):
                        reach = block.prefixlen + (1 if role == "pods" else 2)
                    else:
                        reach = pools[family].grows_to(role, place)
                    shortest = sizes.shortest_length(cluster, role, family)
                    grows_to = min(place.prefixlen, max(reach, shortest))
                    families[family] = replace(allocation, grows_to=grows_to)

    def _summaries(self) -> dict[str, dict[Family, tuple[Prefix, ...]]]:
        found: dict[str, dict[Family, tuple[Prefix, ...]]] = {}
        blocks = self._blocks()
        for site, members in self.fleet.members.items():
            for family in FAMILIES:
                prefixes: list[Prefix] = []
                for cluster in members:
                    block = blocks.get(cluster.name)
                    for role in ROLES[:2]:  # services are not routed
                        allocation = self.held[cluster.name].get(role, {}).get(family)
                        prefixes += allocation.prefixes if allocation else ()
                    if family == "ipv6" and block is not None and not is_layout(block):
                        prefixes.append(block)
                if prefixes:
                    found.setdefault(site, {})[family] = tuple(summarise(prefixes))
        return found

    def _free(self, pools: dict[Family, Pools]) -> dict[str, list[dict[str, object]]]:
        return {
            role: [f for family in FAMILIES for f in pools[family].free(role)] for role in ROLES
        }

    def _findings(self) -> Iterable[str]:
        yield from self.clashes
        total = len(self.fleet.clusters)
        for (family, what), missed in sorted(self.misses.items()):
            name = "IPv4" if family == "ipv4" else "IPv6"
            pools = getattr(self.fleet.pools, what, ())
            where = ", ".join(str(p) for p in pools if family_of(p) == family)
            room = f"; no room is left in {where}" if where else ""
            yield (
                f"{name} does not fit: {what} of {len(missed):,} of {total:,} clusters "
                f"(first: {missed[0]}){room}"
            )
        if {family for family, _ in self.misses} == {"ipv4"}:
            yield f"IPv6 fits: every one of {total:,} clusters has its prefixes"


def _contradiction(cluster: Cluster, role: Role, was: Allocation) -> str:
    return (
        f"{cluster.name} ({role}) holds {was.prefix or was.layout} in the plan, and the fleet file "
        f"pins {', '.join(map(str, cluster.pinned(role)))}; a plan never renumbers: pin what the "
        "plan says, or give the cluster a new name"
    )
