"""Who may talk to whom: for each cluster and design, the prefixes that its edge lets in.

1. Clusters of other sites send, with demands only those that send to the cluster; they send from
   nodes and pods, and never from services.
2. Designs that route IPv4: the pools of nodes and pods, and pinned prefixes outside of them,
   merged. Where the senders' own prefixes are fewer, these; with demands also where they are no
   more, since they let in less.
3. Flat IPv6: the block of each sender, and what it has pinned. Senders inside an aggregate that the
   fleet owns are that aggregate together; with demands a single one among them is its own block.
4. What is known to send, but not from where (IPv6 that the provider assigns later), is an entry as
   well, without a prefix and with the reason. Addresses that are not ours to plan are told apart.
5. A prefix inside another one is left out. Neighbours are not joined into a larger prefix: each
   entry keeps its owner, and stays as it is when another cluster comes or goes.
6. Where cluster sets keep some clusters from others (2 and 3), only those that share a set with the
   cluster send to it, and the list has their own prefixes: neither pools nor an aggregate, which
   would let in all.
7. Pins outside of all pools and aggregates are told by ``check``, as one note. One that is more
   than a site is given (``_strangers``) is an error, and a list with it is not written unless
   somebody insists.

So the longest list has as many entries as ``compare`` counts. The lists of one set of senders are
views of one tuple, so that they cost as much as the fleet has clusters, and not its square.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

from k8s6plan.addressing.allow._entries import SENDING, Entry, Others, listed
from k8s6plan.addressing.allow._pools import pool_entries
from k8s6plan.addressing.allow._senders import Origin, blocks_of, merged, origins_of
from k8s6plan.addressing.allow._strangers import Pin, admitted, strangers, undeclared
from k8s6plan.addressing.plan_file import Plan
from k8s6plan.fleet import demands as senders
from k8s6plan.fleet.model import Cluster, Family, Fleet, Prefix
from k8s6plan.topology.designs import Design


@dataclass(frozen=True)
class AllowList:
    """What the edge of a cluster lets in, by address; everything else is denied.

    ``entries`` are ``prefixes`` with their owners, and then ``missing``. ``external`` holds (site,
    what sends from there) where the addresses are somebody else's to plan.
    """

    family: Family
    site: str | None = None
    entries: Sequence[Entry] = ()
    prefixes: Sequence[Prefix] = ()
    missing: Sequence[Entry] = ()
    external: tuple[tuple[str, str], ...] = ()

    @property
    def unlisted(self) -> tuple[str, ...]:
        """Who sends from addresses that are somebody else's to plan, so that no list has them."""
        return tuple(what for site, what in self.external if site != self.site)


def allow_lists(fleet: Fleet, plan: Plan, design: Design) -> dict[str, AllowList]:
    """Return the allow list of every cluster, in the family that ``design`` routes.

    Clusters of one site that hear from the same senders share one object, and all lists of the
    pools share their entries.
    """
    family = design.family
    pools = _pool_list(fleet, plan) if family == "ipv4" and not fleet.divided else None
    blocks = blocks_of(plan)
    found: dict[str, AllowList] = {}
    for sending, receiving in senders.conversations(fleet):
        shared = _Shared(family, origins_of(fleet, plan, blocks, sending, family), sending)
        of_site: dict[str, AllowList] = {}
        for cluster in receiving:
            site = cluster.site_name
            if site not in of_site:
                own = shared.without(site)
                if pools is not None and _prefers_pools(own, pools, bool(fleet.demands)):
                    own = replace(pools, site=site, external=shared.external)
                of_site[site] = own
            found[cluster.name] = of_site[site]
    nobody = AllowList(family)
    return {name: found.get(name, nobody) for name in sorted(c.name for c in fleet.clusters)}


def allow_prefixes(
    fleet: Fleet, plan: Plan, design: Design
) -> dict[str, dict[Family, Sequence[Prefix]]]:
    """Return the prefixes that each cluster lets in, by family, for the plan file.

    Lists of one site that are equal are one object, and may be views: `list()` copies one.
    """
    lists = allow_lists(fleet, plan, design)
    return {name: {allowed.family: allowed.prefixes} for name, allowed in lists.items()}


def _pool_list(fleet: Fleet, plan: Plan) -> AllowList:
    entries = pool_entries(fleet, plan)
    prefixes = tuple(entry.prefix for entry in entries if entry.prefix is not None)
    return AllowList("ipv4", None, entries, prefixes)


def _prefers_pools(own: AllowList, pools: AllowList, narrowed: bool) -> bool:
    """Say whether the pools serve better than the senders' own prefixes (rule 2)."""
    if len(own.entries) != len(pools.entries):
        return len(pools.entries) < len(own.entries)
    return not narrowed or len(own.missing) > 0


class _Shared:
    """The entries of one set of senders, and which of them lie in one site alone."""

    def __init__(
        self, family: Family, origins: Iterable[Origin], sending: Iterable[Cluster]
    ) -> None:
        self.family: Family = family
        self.external = _external(sending)
        kept = merged(origins)
        self._entries = tuple(Entry(c.prefix, listed(c.owners), c.why) for c in kept)
        self._prefixes = tuple(e.prefix for e in self._entries if e.prefix is not None)
        self._missing = tuple(e for e in self._entries if e.prefix is None)
        self._only_of: dict[str, list[int]] = defaultdict(list)
        for index, origin in enumerate(kept):
            if len(origin.sites) == 1:
                self._only_of[next(iter(origin.sites))].append(index)

    def without(self, site: str) -> AllowList:
        """Return the list for the clusters of ``site``: what comes from other sites."""
        left_out = self._only_of.get(site, ())
        known = len(self._prefixes)
        return AllowList(
            self.family,
            site,
            Others.of(self._entries, left_out),
            Others.of(self._prefixes, [index for index in left_out if index < known]),
            Others.of(self._missing, [index - known for index in left_out if index >= known]),
            self.external,
        )


def _external(sending: Iterable[Cluster]) -> tuple[tuple[str, str], ...]:
    """Return (site, what) of the senders whose addresses are somebody else's to plan."""
    return tuple(
        (cluster.site_name, f"{cluster.name} {role}")
        for cluster in sorted(sending, key=lambda cluster: cluster.name)
        for role in SENDING
        if cluster.external(role)
    )


__all__ = [
    "AllowList",
    "Entry",
    "Others",
    "Pin",
    "admitted",
    "allow_lists",
    "allow_prefixes",
    "strangers",
    "undeclared",
]
