"""Rules `special-purpose`, `outside-pool`, `opens-lists`, `undeclared` and `ula-assigned`.

Where prefixes lie.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable, Iterator
from functools import cache
from ipaddress import IPv6Network, ip_network

from k8s6plan import catalog
from k8s6plan.addressing.allow import undeclared
from k8s6plan.addressing.check._finding import Finding, finding, listed
from k8s6plan.addressing.plan_file import Plan, assigned_to
from k8s6plan.addressing.space.pools import lies_in
from k8s6plan.catalog import SpecialPrefix
from k8s6plan.fleet.model import FAMILIES, ROLES, Fleet, Prefix, family_of
from k8s6plan.fleet.reach import pinned_ula

_ULA = IPv6Network("fc00::/7")

_MOST_TOLD = 3  # ranges of one prefix that are told one by one


def of_fleet(fleet: Fleet) -> Iterator[Finding]:
    """Yield the findings on all prefixes that the fleet file names for us to use."""
    yield from of_prefixes(_named(fleet))
    yield from _outside_pools(fleet)
    yield from _undeclared(fleet)
    yield from (finding("ula-assigned", one) for one in pinned_ula(fleet))


def of_blocks(plan: Plan) -> Iterator[Finding]:
    """Rule `ula-assigned` of a plan, which does not say which sites are one provider's.

    So only what is certain: there are sites with other IPv6 than ULA of a provider.
    """
    given = assigned_to(plan.sites)
    private = {site: prefix for site, prefix in given.items() if lies_in(prefix, _ULA)}
    if not private or not plan.members.keys() - private.keys():
        return
    for site, prefix in private.items():
        yield finding(
            "ula-assigned",
            f"{prefix} of site {site} is ULA, which is not routed on the internet: flat IPv6 joins "
            "it to no site of another provider",
        )


def of_prefixes(named: Iterable[tuple[str, Prefix]]) -> Iterator[Finding]:
    """Yield what lies in ranges with a meaning of their own: rule `special-purpose`."""
    for owner, prefix in dict.fromkeys(named):
        touched = list(_touching(prefix))
        if len(touched) > _MOST_TOLD:
            ranges = listed((f"{row.prefix} ({row.name})" for row in touched), _MOST_TOLD)
            message = f"{prefix} of {owner} holds ranges with a meaning of their own: {ranges}"
            yield finding("special-purpose", message)
            continue
        for row in touched:
            how = "lies in" if prefix.prefixlen >= ip_network(row.prefix).prefixlen else "holds"
            yield finding(
                "special-purpose",
                f"{prefix} of {owner} {how} {row.prefix}, {row.name}: {row.use} ({row.source})",
                source=row.source,
            )


def _touching(prefix: Prefix) -> Iterator[SpecialPrefix]:
    """Yield the special ranges that share addresses with ``prefix``.

    A pool that spans a special range, such as ::/0, is as wrong as one inside it.
    """
    starts, ends, rows = _ranges(prefix.version)
    first = int(prefix.network_address)
    # The ranges are apart, so their ends are in order as well.
    at = bisect_right(ends, first)
    while at < len(rows) and starts[at] < first + prefix.num_addresses:
        yield rows[at]
        at += 1


@cache
def _ranges(version: int) -> tuple[list[int], list[int], list[SpecialPrefix]]:
    """Return the first addresses, the ends and the rows of the special ranges, by address."""
    known = [(ip_network(row.prefix), row) for row in catalog.special_prefixes()]
    mine = [(int(net[0]), int(net[-1]) + 1, row) for net, row in known if net.version == version]
    mine.sort()
    return [m[0] for m in mine], [m[1] for m in mine], [m[2] for m in mine]


def _named(fleet: Fleet) -> Iterator[tuple[str, Prefix]]:
    for cluster in fleet.clusters:
        for role in ROLES:
            for prefix in cluster.pinned(role):
                yield f"{cluster.name} ({role})", prefix
        source = fleet.ipv6_of(cluster)
        if not isinstance(source, str):
            yield "ipv6", source
    for role in ROLES:
        for prefix in getattr(fleet.pools, role):
            yield f"pool of {role}", prefix


def _outside_pools(fleet: Fleet) -> Iterator[Finding]:
    """Rule `outside-pool`: only where the fleet file names pools for the role and family."""
    for role in sorted(fleet.pools.model_fields_set & set(ROLES)):
        pools: tuple[Prefix, ...] = getattr(fleet.pools, role)
        for family in FAMILIES:
            mine = [p for p in pools if family_of(p) == family]
            if not mine:
                continue
            for cluster in fleet.clusters:
                for prefix in cluster.pinned(role):  # type: ignore[arg-type]
                    if family_of(prefix) == family and not any(lies_in(prefix, p) for p in mine):
                        yield finding(
                            "outside-pool",
                            f"{prefix} of {cluster.name} ({role}) lies in no pool of {role} "
                            f"({', '.join(map(str, mine))}); add it to the pools, or move it",
                        )


def _undeclared(fleet: Fleet) -> Iterator[Finding]:
    """Rules `opens-lists` and `undeclared`: pins that others let in, and nothing else speaks for.

    A fleet that exists pins everything, so the second is one note for all of them.
    """
    pins = undeclared(fleet)
    yield from (finding("opens-lists", str(pin)) for pin in pins if pin.is_stranger)
    rest = [pin for pin in pins if not pin.is_stranger]
    if not rest or len(fleet.members) < 2:  # nobody lets them in
        return
    first = sorted(rest, key=lambda pin: not pin.is_routed)
    routed = sum(pin.is_routed for pin in rest)
    lie = "prefix lies" if len(rest) == 1 else "prefixes lie"
    yield finding(
        "undeclared",
        f"{len(rest):,} pinned {lie} in no pool or aggregate of the fleet "
        f"({routed:,} routed on the internet): {listed(pin.named for pin in first)}; "
        "the allow lists of other clusters let them in; "
        "see that they are meant, or declare them as a pool or as `ipv6`",
    )
