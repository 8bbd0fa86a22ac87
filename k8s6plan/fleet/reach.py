"""Whether pods are reached from outside their cluster: one answer for all who ask.

1. What the cluster says of itself (`pods_routed`) counts before all else.
2. A platform with one family for its life (EKS) has pods of that one, once any are pinned.
3. The table says how it is for its platform, CNI and mode, by family. A CNI or a mode that it
   does not know there is as none: what is usual there counts. An overlay that the file speaks of is
   one on every platform. Where nothing decides, pods are taken to be reached, and the sheet says
   what it took.
4. An IPv6 prefix of one's own reaches nobody at a provider that takes none.
5. ULA is not routed on the internet (RFC 4193): where flat IPv6 runs over it, a site with ULA
   meets its own provider's sites alone, if that one joins them by IPv6. Of what a provider assigns
   the fleet file does not say what it is; where it is ULA as a rule, the sheet says so, and a plan
   that holds it is told.

``inside`` asks for gateways that are nodes of the clusters themselves, and know their overlays.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from functools import lru_cache
from ipaddress import IPv6Network
from typing import NamedTuple

from k8s6plan import catalog
from k8s6plan.catalog.reachability import Reach, Reaching, is_known, open_modes, reach
from k8s6plan.fleet.model import Cluster, Family, Fleet, family_of
from k8s6plan.io.words import number

_ULA = IPv6Network("fc00::/7")
_ANY_IPV6 = "a prefix of the provider's or of your own (`ipv6: provider`, or a prefix)"
_EXTERNAL = "external prefixes of the provider, or a prefix of your own"
_MOST_NAMES = 8  # clusters that a sentence names
_TITLES = {"ipv4": "IPv4", "ipv6": "IPv6"}


class Reached(NamedTuple):
    """Whether pods are reached; ``why`` not, in words, and who says so.

    ``open``: they are taken to be, and what the file would have to say for that to be sure.
    """

    reached: bool
    why: str = ""
    source: str = ""
    open: str = ""


def reach_of(fleet: Fleet, cluster: Cluster, family: Family, *, inside: bool = False) -> Reached:
    """Return whether pods of ``cluster`` are reached at their own address of ``family``."""
    pinned = ""
    if cluster.addresses.model_fields_set:  # seldom, and worth the short cut
        pinned = ",".join(sorted(_families(cluster)))
    owned = fleet.ipv6_of(cluster) if family == "ipv6" else None
    return _reach(
        (cluster.platform, cluster.cni, cluster.cni_mode, cluster.pods_routed),
        cluster.provider,
        pinned,
        isinstance(owned, IPv6Network) and not owned.subnet_of(_ULA),
        family,
        inside=inside,
    )


def _families(cluster: Cluster) -> set[Family]:
    """Return the families that are pinned for pods, or else for services."""
    pods = {family_of(prefix) for prefix in cluster.pinned("pods")}
    return pods or {family_of(prefix) for prefix in cluster.pinned("services")}


@lru_cache(maxsize=1 << 12)
def _reach(
    kind: tuple[str | None, str | None, str | None, bool | None],
    provider: str,
    pinned: str,
    owned: bool,
    family: Family,
    *,
    inside: bool,
) -> Reached:
    platform, cni, mode, routed = kind
    if routed is False:  # 1
        return Reached(False, "their pods are not routed, as the fleet file says (pods_routed)")
    both = catalog.dual_stack(platform)
    if both is not None and not both.value and pinned and family not in pinned.split(","):  # 2
        has = _TITLES["ipv6" if family == "ipv4" else "ipv4"]
        why = f"{platform} has one family for its life, and theirs is pinned to {has}"
        return Reached(False, why, both.source)
    if routed is None:  # 3
        row = reach(platform, cni, mode, "inside" if inside else family)
        if row is not None and not row.reached:
            return Reached(False, row.why + _hint(row), row.source)
    own = catalog.takes_owned_ipv6(provider)
    if owned and own is not None and not own.value:  # 4
        why = f"{provider} takes no IPv6 prefix of one's own ({own.source})"
        return Reached(False, why, own.source)
    return Reached(True, open=_open(platform, cni, mode, "inside" if inside else family, routed))


def _open(
    platform: str | None, cni: str | None, mode: str | None, way: Reaching, routed: bool | None
) -> str:
    """Say what is not known: how the CNI runs, where that decides and no way is usual."""
    if routed is not None:
        return ""
    reached, not_so = open_modes(platform, cni, mode, way)
    if not reached:
        return ""
    say = " or ".join(f"`cni_mode: {mode}`" for mode in reached)
    say_not = " or ".join(f"`cni_mode: {mode}`" for mode in not_so)
    why = f"as {cni} can" if is_known(platform, cni) else f"as nothing is known of {_kind(cni)}"
    return f"taken to be routed, {why}; say {say} where it is so, {say_not} where not"


def _kind(cni: str | None) -> str:
    return "how their CNI runs" if cni is None else f"how {cni} runs there"


def _hint(row: Reach) -> str:
    """Say what was assumed, and what to say where it is otherwise."""
    if row.said:
        return ""
    modes = "".join(f"`cni_mode: {other}` or " for other in row.others)
    return f" ({row.mode} is assumed; say {modes}`pods_routed: true` where it is so)"


def pods_inside_nodes(cluster: Cluster, family: Family) -> bool:
    """Say whether pods of ``cluster`` take addresses out of their nodes' own prefix."""
    return catalog.pods_inside_nodes(cluster.platform, cluster.cni, family, cluster.cni_mode)


def hides_pods(cluster: Cluster) -> bool:
    """Say whether nobody outside ``cluster`` ever reaches its pods, in whatever design.

    Their prefix may then be the same in every cluster: AWS and Microsoft advise it.
    """
    if cluster.pods_routed is not None:
        return not cluster.pods_routed
    row = reach(cluster.platform, cluster.cni, cluster.cni_mode, "inside")
    return row is not None and not row.reached


# --- of a fleet ----------------------------------------------------------------------------------


def alike(fleet: Fleet) -> list[list[Cluster]]:
    """Return the clusters in groups for which all answers here are the same.

    Most fleets have a few kinds of clusters, and thousands of each.
    """
    found: dict[tuple[object, ...], list[Cluster]] = defaultdict(list)
    for one in fleet.clusters:
        pinned = one.name if one.addresses.model_fields_set else ""
        key = (one.provider, one.platform, one.cni, one.cni_mode, one.pods_routed, one.ipv6, pinned)
        found[key].append(one)
    return list(found.values())


def hidden(fleet: Fleet) -> tuple[str, ...]:
    """Name the clusters whose pods nobody outside ever reaches, by the reason."""
    named: dict[str, list[str]] = defaultdict(list)
    for first, *more in alike(fleet):
        if hides_pods(first):
            why = reach_of(fleet, first, "ipv4", inside=True).why
            named[why] += [cluster.name for cluster in (first, *more)]
    return _sentences(named)


def unreached(fleet: Fleet, family: Family, *, inside: bool = False) -> tuple[str, ...]:
    """Name the clusters whose pods are not reached from other sites, by the reason.

    With demands, who is sent nothing need not be reached by IPv4: what it sends has the address of
    its node, wherever its pods are not seen. There is no such way out by IPv6. Who shares no
    cluster set with anybody elsewhere need not be reached at all.
    """
    if len(fleet.members) < 2:
        return ()  # there is no outside
    heard = _receivers(fleet) if family == "ipv4" and fleet.demands else meeting(fleet)
    named: dict[str, list[str]] = defaultdict(list)
    for clusters in alike(fleet):
        found = reach_of(fleet, clusters[0], family, inside=inside)
        names = [one.name for one in clusters if heard is None or one.name in heard]
        if not found.reached and names:
            named[found.why] += names
    return _sentences(named)


def taken_as_reached(fleet: Fleet, family: Family, *, inside: bool = False) -> tuple[str, ...]:
    """Name the clusters of which the file does not say enough, by what it would have to say."""
    if len(fleet.members) < 2:
        return ()
    named: dict[str, list[str]] = defaultdict(list)
    far = (
        family == "ipv6"
        and not inside
        and len({_network(fleet, site) for site in fleet.members}) > 1
    )
    for clusters in alike(fleet):
        found = reach_of(fleet, clusters[0], family, inside=inside)
        waits = _waits_for_ula(fleet, clusters[0]) if far and found.reached else ""
        for why in filter(None, (found.open, waits)):
            named[why] += [cluster.name for cluster in clusters]
    return _sentences(named)


def _waits_for_ula(fleet: Fleet, cluster: Cluster) -> str:
    """Say what the provider assigns to a cluster that waits for it, if that is ULA as a rule."""
    row = catalog.assigns_ula(cluster.provider)
    pinned = "ipv6" in _families(cluster) or cluster.external("pods")
    if row is None or pinned or fleet.ipv6_of(cluster) != "provider":
        return ""
    return (
        f"taken to have external IPv6: what {cluster.provider} assigns to a VPC is ULA "
        f"({row}), which does not cross the internet"
    )


class Reaches(NamedTuple):
    """Sentences on a fleet: whose pods are ``unreached``, by how they are asked for.

    ``taken``: those of which the file does not say enough. ``off_the_internet``: sites that flat
    IPv6 cannot join.
    """

    unreached: Mapping[Reaching, tuple[str, ...]]
    taken: Mapping[Reaching, tuple[str, ...]]
    off_the_internet: tuple[str, ...]


def reaches_of(fleet: Fleet) -> Reaches:
    """Return what designs ask of a fleet."""
    return Reaches(
        unreached={
            "ipv4": unreached(fleet, "ipv4"),
            "ipv6": unreached(fleet, "ipv6"),
            "inside": unreached(fleet, "ipv4", inside=True),
        },
        taken={
            "ipv4": taken_as_reached(fleet, "ipv4"),
            "ipv6": taken_as_reached(fleet, "ipv6"),
            "inside": taken_as_reached(fleet, "ipv4", inside=True),
        },
        off_the_internet=off_the_internet(fleet),
    )


def _receivers(fleet: Fleet) -> set[str]:
    """Return the clusters that some demand ends at."""
    ends = {index for demand in fleet.demands for index in fleet.selected[demand.target]}
    return {fleet.clusters[index].name for index in ends}


def meeting(fleet: Fleet) -> set[str] | None:
    """Return the clusters with another of a cluster set of theirs elsewhere; None for all."""
    if not fleet.divided:
        return None
    return _apart(fleet, [cluster.site_name for cluster in fleet.clusters])


def _apart(fleet: Fleet, places: list[str]) -> set[str]:
    """Return the clusters that share a set with one in another place; ``places``: of each."""
    where: dict[int, set[str]] = defaultdict(set)
    for sets, place in zip(fleet.sets, places, strict=True):
        for own in sets:
            where[own].add(place)
    return {
        cluster.name
        for cluster, sets in zip(fleet.clusters, fleet.sets, strict=True)
        if any(len(where[own]) > 1 for own in sets)
    }


def _sentences(named: Mapping[str, Iterable[str]]) -> tuple[str, ...]:
    return tuple(f"{_listed(names)}: {why}" for why, names in sorted(named.items()))


def off_the_internet(fleet: Fleet) -> tuple[str, ...]:
    """Name the sites with ULA that have to cross the internet to another (rule 5)."""
    private = [clusters for clusters in alike(fleet) if _has_ula(fleet, clusters[0])]
    sites = {cluster.site_name for clusters in private for cluster in clusters}
    return _across(fleet, sites, _ANY_IPV6)


def assigned_ula(fleet: Fleet, assigned: Mapping[str, IPv6Network]) -> tuple[str, ...]:
    """Name the sites whose provider ``assigned`` ULA to them, and that lie across the internet."""
    sites = {
        site
        for site in assigned.keys() & fleet.members.keys()
        if assigned[site].subnet_of(_ULA)
        and any(fleet.ipv6_of(cluster) == "provider" for cluster in fleet.members[site])
    }
    return _across(fleet, sites, _EXTERNAL)


def pinned_ula(fleet: Fleet) -> tuple[str, ...]:
    """Name the sites whose pods are pinned to ULA that their provider assigned, likewise."""
    sites = {
        cluster.site_name
        for clusters in alike(fleet)
        if catalog.assigns_ula(clusters[0].provider) and fleet.ipv6_of(clusters[0]) == "provider"
        if _has_ula(fleet, clusters[0])
        for cluster in clusters
    }
    return _across(fleet, sites, _EXTERNAL)


def _across(fleet: Fleet, sites: Iterable[str], better: str) -> tuple[str, ...]:
    """Say of sites with ULA that they cannot meet the others, where the internet lies between."""
    private = set(sites)
    networks = {_network(fleet, site) for site in fleet.members} if private else set()
    if len(networks) < 2:
        return ()
    crossing = [cluster for cluster in fleet.clusters if cluster.site_name in private]
    if fleet.divided:
        apart = _apart(fleet, [_network(fleet, cluster.site_name) for cluster in fleet.clusters])
        crossing = [cluster for cluster in crossing if cluster.name in apart]
    named = sorted({cluster.site_name for cluster in crossing})
    if not named:
        return ()
    return (
        f"{_listed(named)}: ULA is not routed on the internet (RFC 4193), which lies between "
        f"{number(len(networks), 'network')}; give {'it' if len(named) == 1 else 'them'} {better}",
    )


def _network(fleet: Fleet, site: str) -> str:
    """Name the network in which a site meets others by IPv6 without the internet."""
    provider, _ = fleet.region_of(site)
    joined = fleet.connect.same_provider == "native"
    native = joined and catalog.native_links_carry_ipv6(provider)
    return f"(provider) {provider}" if native else site


def _has_ula(fleet: Fleet, cluster: Cluster) -> bool:
    """Say whether pods of ``cluster`` have IPv6 addresses of ULA and of nothing else."""
    pinned = [p for p in cluster.pinned("pods") if isinstance(p, IPv6Network)]
    if pinned:
        return all(prefix.subnet_of(_ULA) for prefix in pinned)
    if cluster.external("pods"):
        return False  # nobody says of which kind they are
    owned = fleet.ipv6_of(cluster)
    return owned == "ula" or (isinstance(owned, IPv6Network) and owned.subnet_of(_ULA))


def _listed(names: Iterable[str]) -> str:
    every = sorted(names)
    more = len(every) - _MOST_NAMES
    return ", ".join(every[:_MOST_NAMES]) + (f" and {more:,} more" if more > 0 else "")
