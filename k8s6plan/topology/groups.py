"""The fleet in outline: groups of like sites, which is all that counting needs.

Every closed form is a sum over groups, so 100,000 clusters that are alike cost as much as ten.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Hashable, Mapping
from dataclasses import dataclass, field, replace
from decimal import Decimal
from functools import cached_property
from typing import TYPE_CHECKING, Literal, NamedTuple

from k8s6plan.fleet.sets import ONE_SET, Sets
from k8s6plan.topology.flows import Ends, Exchange, Flow, Talker, ends_of, talker_of
from k8s6plan.topology.hubs import hub_sites, is_native, main_regions_of, region_hub_sites
from k8s6plan.topology.sets import (
    Crowd,
    Seen,
    crowd_of,
    crowd_of_sites,
    meetings,
    pairs_among,
    sets_of,
)

if TYPE_CHECKING:
    from k8s6plan.fleet.model import Fleet
    from k8s6plan.fleet.reach import Reaches

Carries = Literal["ipv4", "ipv6", "dual-stack"]
Scalar = str | int | float | bool


class Member(NamedTuple):
    """One cluster of a site, as far as traffic, lists and tables need it.

    ``sends`` and ``hears``: the demands, by index, whose source or target the cluster is.
    ``routes``: its IPv4 pod prefixes. ``sources``: the IPv6 prefixes that it sends from.
    ``flat``: its pods can be reached by flat IPv6. ``sets``: the cluster sets that it is in, and
    ``sources_ipv4``: as ``sources``, where such sets keep some clusters from others.
    """

    sends: tuple[int, ...] = ()
    hears: tuple[int, ...] = ()
    routes: int = 1
    sources: int = 1
    flat: bool = True
    sets: Sets = ONE_SET
    sources_ipv4: int = 2


@dataclass(frozen=True)
class SiteKey:
    """All by which counting tells a site apart.

    ``provider`` is None where every site of the group has a provider and a region of its own
    (what ``-n`` stands for); ``region`` is None where every site is a region of its own.
    ``native``: sites of this provider reach each other by its peering or transit, not by VPN.
    ``hub``: the name of the hub of hub-and-spoke that the site is; "" where it is none, and
    ANY_HUB for several without names. ``region_hub``: hub of its region in regional-hubs.
    ``main``: in the region of its provider that has the provider's links to the others.
    ``homes``: the hubs that `connect.homes` joins it to; () means all of them.
    """

    provider: str | None
    region: str | None
    native: bool
    gateways: int
    hub: str
    region_hub: bool
    main: bool
    members: tuple[Member, ...]
    homes: tuple[str, ...] = ()

    @property
    def flat(self) -> bool:
        """Say whether every cluster of the site can be reached by flat IPv6."""
        return all(member.flat for member in self.members)

    @property
    def sets(self) -> Seen:
        """The sets that its clusters are in."""
        return sets_of(self.members)

    @property
    def order(
        self,
    ) -> tuple[str, str, bool, int, str, bool, bool, tuple[Member, ...], tuple[str, ...]]:
        """What groups are sorted by."""
        return (
            self.region or "",
            self.provider or "",
            self.native,
            self.gateways,
            self.hub,
            self.region_hub,
            self.main,
            self.members,
            self.homes,
        )


@dataclass(frozen=True, eq=False)
class SiteGroup(SiteKey):
    """``sites`` sites of one key: counting cannot tell them apart.

    A group is one object of its outline, and is known by that: keys are large to compare.
    """

    sites: int = 1

    __eq__ = object.__eq__
    __hash__ = object.__hash__

    @cached_property
    def clusters(self) -> int:
        """Clusters in each site."""
        return len(self.members)

    @cached_property
    def prefixes(self) -> int:
        """IPv4 pod prefixes of each site."""
        return sum(member.routes for member in self.members)


ANY_HUB = "(hub)"  # no site can be named so


@dataclass(frozen=True)
class Outline:
    """A fleet reduced to what the closed forms need.

    ``hubs_wanted`` is what the fleet file asks for; hubs in force are min(hubs_wanted, sites).
    ``routes``: the fullest table of pod prefixes of other sites (IPv4, not summarised).
    ``allow_pools`` and ``allow_prefixes``: most ingress entries of a cluster, for tunnel designs
    and for flat IPv6. ``owned``: all clusters share an IPv6 aggregate that the user owns.
    ``conflicts_ipv4`` and ``conflicts_ipv6`` name clusters of different sites whose pinned
    prefixes overlap; ``reaches``: whose pods are not reached from other sites.
    ``carries``: the families inside tunnels. ``nodes``: of each provider. ``assumptions``: those
    of the fleet file. ``group_of``: the group of each site of a fleet file, by its name.
    ``empty``: what there is no site of, and is at other sizes of the same fleet. ``divided``: its
    cluster sets keep some from others.
    """

    name: str
    clusters: int
    sites: int
    groups: tuple[SiteGroup, ...]
    hubs_wanted: int
    tunnels_per_link: int
    encapsulation: str
    routes: int
    allow_pools: int
    allow_prefixes: int
    owned: bool
    conflicts_ipv4: tuple[str, ...] = ()
    conflicts_ipv6: tuple[str, ...] = ()
    reaches: Reaches | None = None
    flows: tuple[Flow, ...] = ()
    carries: Carries = "ipv4"
    cnis: tuple[tuple[str, str, int], ...] = ()
    nodes: tuple[tuple[str, int], ...] = ()
    assumptions: Mapping[str, Scalar] = field(default_factory=dict)
    group_of: Mapping[str, SiteGroup] = field(default_factory=dict, repr=False)
    empty: tuple[SiteKey, ...] = ()
    divided: bool = False

    @cached_property
    def talkers(self) -> dict[SiteGroup, Talker]:
        """What each group sends and hears."""
        return {group: talker_of(group.members) for group in self.groups}

    @cached_property
    def sharers(self) -> tuple[int, ...]:
        """Among how many pairs of clusters the figures of each flow are shared; 0 without any."""
        if not self.flows:
            return ()  # and no fleet file was read, perhaps
        from k8s6plan.fleet.model import sharers

        found = zip(self.flows, self._ends, strict=True)
        return tuple(
            sharers(flow.per, ends.senders, ends.receivers, ends.both) for flow, ends in found
        )

    @cached_property
    def exchange(self) -> Exchange:
        """What crosses from site to site, by all demands."""
        gb, pairs = Decimal(0), 0
        for flow, ends, among in zip(self.flows, self._ends, self.sharers, strict=True):
            across = ends.senders * ends.receivers - ends.inside
            pairs += across
            gb += flow.gb_per_month * across / (among or 1)
        return Exchange(gb, len({flow.demand for flow in self.flows}), pairs)

    @cached_property
    def _ends(self) -> list[Ends]:
        """How many clusters send and hear each flow."""
        return ends_of(self.groups, self.talkers, len(self.flows))

    @property
    def pairs(self) -> int:
        """Pairs of clusters in different sites that have to reach each other."""
        if self.divided:
            return pairs_among((crowd_of(group.members), group.sites) for group in self.groups)
        return self.all_pairs

    @property
    def all_pairs(self) -> int:
        """Pairs of clusters in different sites."""
        inside = sum(g.sites * _pairs_of(g.clusters) for g in self.groups)
        return _pairs_of(self.clusters) - inside

    @cached_property
    def crowd(self) -> Crowd:
        """How many clusters are in which sets."""
        return crowd_of_sites((group.members, group.sites) for group in self.groups)

    @cached_property
    def usual_sets(self) -> Sets:
        """The sets that most clusters are in; of as many the first in the file."""
        if not self.divided:
            return ONE_SET
        return min(self.crowd, key=lambda own: (not own, -self.crowd[own], own))

    @cached_property
    def most_met(self) -> int:
        """The most clusters that reach each other by way of one of them, itself included."""
        if not self.divided:
            return self.clusters
        return max(meetings({own: 1}, self.crowd) for own in self.crowd)

    @property
    def named(self) -> bool:
        """Say whether the providers have names, and so perhaps prices and limits."""
        return all(group.provider is not None for group in self.groups)

    @cached_property
    def main_regions(self) -> dict[str, str]:
        """The main region of each provider whose sites need no VPN among themselves."""
        found = (g for g in self.groups if g.main and g.native)
        return {group.provider or "": group.region or "" for group in found}


def _pairs_of(count: int) -> int:
    return count * (count - 1) // 2


def outline_of_count(
    clusters: int, *, hubs: int = 1, tunnels_per_link: int = 1, encapsulation: str = "ipsec-aes-gcm"
) -> Outline:
    """Return the outline of ``clusters`` clusters, each in a provider, region and site of its own.

    Every pair needs a tunnel then, and every site is the hub of its region.
    """
    in_force = min(hubs, clusters)
    groups = [
        SiteGroup(None, None, False, 1, hub, True, True, (Member(),), sites=sites)
        for hub, sites in ((ANY_HUB, in_force), ("", clusters - in_force))
        if sites
    ]
    others = max(0, clusters - 1)
    return Outline(
        name=f"{clusters} clusters",
        clusters=clusters,
        sites=clusters,
        groups=tuple(groups),
        hubs_wanted=hubs,
        tunnels_per_link=tunnels_per_link,
        encapsulation=encapsulation,
        routes=others,
        allow_pools=min(2, 2 * others),  # the default pools of nodes and pods
        allow_prefixes=others,
        owned=False,
    )


def outline_of(fleet: Fleet) -> Outline:
    """Return the outline of ``fleet``. Linear in its clusters."""
    from k8s6plan.fleet import demands as senders
    from k8s6plan.fleet.overlaps import overlaps_between_sites
    from k8s6plan.fleet.reach import reaches_of

    conflicts = overlaps_between_sites(fleet)
    return replace(
        counted_of(fleet),
        routes=senders.fullest_table(fleet),
        allow_pools=senders.most_pools(fleet),
        allow_prefixes=senders.most_prefixes(fleet),
        owned=senders.share_aggregate(fleet),
        conflicts_ipv4=conflicts["ipv4"],
        conflicts_ipv6=conflicts["ipv6"],
        reaches=reaches_of(fleet),
    )


def counted_of(fleet: Fleet) -> Outline:
    """Return the outline of ``fleet`` as far as links and traffic are counted by it.

    It says nothing of tables and allow lists, and of what keeps clusters from being joined.
    """
    keys = site_keys(fleet)
    groups = groups_of(Counter(keys.values()))
    wanted = fleet.connect.hubs
    return Outline(
        name=fleet.fleet,
        clusters=len(fleet.clusters),
        sites=len(fleet.members),
        groups=tuple(groups.values()),
        hubs_wanted=wanted if isinstance(wanted, int) else len(hub_sites(fleet)),
        tunnels_per_link=fleet.connect.tunnels_per_link,
        encapsulation=fleet.connect.encapsulation,
        routes=0,
        allow_pools=0,
        allow_prefixes=0,
        owned=False,
        flows=tuple(
            Flow(
                traffic.demand.gb_per_month,
                traffic.demand.peak_mbps or Decimal(0),
                traffic.per,
                traffic.demand.source.name == "all",
                traffic.demand.target.name == "all",
                traffic.number,
            )
            for traffic in fleet.traffic
        ),
        carries=fleet.connect.carries,
        cnis=_cnis(fleet),
        nodes=_nodes(fleet),
        assumptions=fleet.assumptions,
        group_of={site: groups[key] for site, key in keys.items()},
        divided=fleet.divided,
    )


def groups_of(counted: Mapping[SiteKey, int]) -> dict[SiteKey, SiteGroup]:
    """Return the groups of so many sites each, in their order."""
    ordered = sorted(counted, key=lambda key: key.order)
    return {key: SiteGroup(**vars(key), sites=counted[key]) for key in ordered if counted[key]}


def parted(outline: Outline, by: Callable[[str], Hashable]) -> Outline:
    """Return the outline with sites in one group only where ``by`` says the same of their names."""
    counted: dict[tuple[SiteGroup, Hashable], list[str]] = {}
    for site, group in outline.group_of.items():
        counted.setdefault((group, by(site)), []).append(site)
    group_of: dict[str, SiteGroup] = {}
    for (group, _), sites in counted.items():
        group_of |= dict.fromkeys(sites, replace(group, sites=len(sites)))
    return replace(outline, groups=tuple(dict.fromkeys(group_of.values())), group_of=group_of)


def with_newcomer(outline: Outline) -> tuple[Outline, SiteGroup]:
    """Return the fleet with one cluster more, in a provider, region and site of its own.

    It sends and hears what all clusters do, and is in the sets that most clusters are in.
    """
    sends = tuple(number for number, flow in enumerate(outline.flows) if flow.from_all)
    hears = tuple(number for number, flow in enumerate(outline.flows) if flow.to_all)
    member = Member(sends, hears, sets=outline.usual_sets)
    newcomer = SiteGroup(None, None, False, 1, "", True, True, (member,))
    return replace(outline, groups=(*outline.groups, newcomer)), newcomer


def site_keys(fleet: Fleet, *, whole: bool = False) -> dict[str, SiteKey]:
    """Return what counting needs to know of each site: the fields of its group.

    ``whole``: name each region that is known, also where its name makes no difference yet.
    """
    from k8s6plan import catalog

    regions = fleet.regions
    region_of = {site: key for key, sites in regions.items() for site in sites}
    hubs, region_hubs = set(hub_sites(fleet)), set(region_hub_sites(fleet))
    main_regions = main_regions_of(fleet)
    native = {cluster.provider: False for cluster in fleet.clusters}
    native = {provider: is_native(fleet, provider) for provider in native}
    members = members_of(fleet)
    found: dict[str, SiteKey] = {}
    for site, clusters in fleet.members.items():
        provider, key = clusters[0].provider, region_of[site]
        # Where nothing has a price and nobody shares the region, its name tells nothing.
        named = key[0] and (whole or len(regions[key]) > 1 or catalog.is_cloud(provider))
        found[site] = SiteKey(
            provider,
            key[1] if named else None,
            native[provider],
            fleet.site(site).gateways,
            site if site in hubs else "",
            site in region_hubs,
            main_regions[provider] == key,
            tuple(sorted(members[cluster.name] for cluster in clusters)),
            () if site in hubs else tuple(sorted(fleet.homes.get(site, ()))),
        )
    return found


def members_of(fleet: Fleet) -> dict[str, Member]:
    """Return what counting needs to know of each cluster."""
    from k8s6plan.fleet import demands as senders
    from k8s6plan.fleet.reach import alike, reach_of

    sends: dict[int, list[int]] = defaultdict(list)
    hears: dict[int, list[int]] = defaultdict(list)
    for number, traffic in enumerate(fleet.traffic):
        for index in traffic.senders:
            sends[index].append(number)
        for index in traffic.receivers:
            hears[index].append(number)
    plain = Member()
    kinds = alike(fleet)
    walled = [clusters for clusters in kinds if not reach_of(fleet, clusters[0], "ipv6").reached]
    not_flat = {cluster.name for clusters in walled for cluster in clusters}
    found = {}
    for index, cluster in enumerate(fleet.clusters):
        flat = cluster.name not in not_flat
        pinned = bool(cluster.addresses.model_fields_set)
        if not pinned and not fleet.demands and not fleet.divided:
            found[cluster.name] = plain if flat else plain._replace(flat=False)
            continue
        found[cluster.name] = Member(
            tuple(sends[index]),
            tuple(hears[index]),
            senders.pod_prefixes(cluster),
            len(senders.sources(fleet, cluster, 6)) if pinned else 1,
            flat,
            fleet.sets[index] if fleet.divided else ONE_SET,
            len(senders.sources(fleet, cluster, 4)) if fleet.divided else 2,
        )
    return found


def _nodes(fleet: Fleet) -> tuple[tuple[str, int], ...]:
    """Return (provider, nodes)."""
    counted: Counter[str] = Counter()
    for cluster in fleet.clusters:
        counted[cluster.provider] += cluster.nodes
    return tuple(sorted(counted.items()))


def _cnis(fleet: Fleet) -> tuple[tuple[str, str, int], ...]:
    """Return (CNI, platform, clusters) for the CNIs that the fleet file names."""
    counted = Counter(
        (cluster.cni, cluster.platform or "") for cluster in fleet.clusters if cluster.cni
    )
    return tuple((cni, platform, count) for (cni, platform), count in sorted(counted.items()))
