"""Overlaps: which prefixes share addresses, found in one sorted pass.

Sorted by address and length, a prefix that overlaps an earlier one lies inside it (prefixes never
cross), so a stack of the prefixes that are still open holds all its overlaps. Prefixes that stand
alone are passed over as plain integers first, so that a hundred thousand take a fraction of a
second.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from ipaddress import IPv4Network
from itertools import groupby
from operator import attrgetter

from k8s6plan import catalog
from k8s6plan.fleet.model import ADDRESS_BITS, Cluster, Family, Fleet, Prefix, Role, family_of


@dataclass(frozen=True)
class Holding:
    """A prefix and who holds it.

    ``kin``: two holdings of the same kin may share addresses (the nodes of one site, pods of EKS
    in their VPC). ``cluster`` is None for an exclusion.
    """

    prefix: Prefix
    owner: str
    cluster: str | None
    site: str | None
    role: Role | None
    kin: str

    def __str__(self) -> str:
        return f"{self.prefix} of {self.owner}"


@dataclass(frozen=True)
class Conflict:
    """Prefixes that share addresses: ``outer`` holds, or equals, all of ``inner``.

    ``services_only``: both are service prefixes of different clusters, which matters only where
    services are routed.
    """

    outer: tuple[Holding, ...]
    inner: tuple[Holding, ...]
    services_only: bool

    def __str__(self) -> str:
        inner, outer = _names(self.inner), _names(self.outer)
        one, other = self.inner[0].prefix, self.outer[0].prefix
        if not self.outer or self.outer is self.inner:
            return f"{one} is held by {inner}"
        if one == other:
            return f"{one} is held by {_names((*self.outer, *self.inner))}"
        return f"{one} of {inner} lies inside {other} of {outer}"

    @property
    def family(self) -> Family:
        """The address family of the prefixes."""
        return family_of(self.inner[0].prefix)

    @property
    def between_sites(self) -> bool:
        """Say whether clusters of different sites are party to it, so that no route can be."""
        held = (*self.outer, *self.inner)
        return len({h.site for h in held if h.site is not None and h.role != "services"}) > 1

    @property
    def clusters(self) -> tuple[str, ...]:
        """The clusters that are party to it."""
        held = (*self.outer, *self.inner)
        return tuple(sorted({h.cluster for h in held if h.cluster is not None}))


def _names(holdings: tuple[Holding, ...], show: int = 4) -> str:
    owners = list(dict.fromkeys(holding.owner for holding in holdings))
    more = len(owners) - show
    if more > 0:
        return ", ".join(owners[:show]) + f" and {more:,} more"
    return " and ".join(owners) if len(owners) < 3 else ", ".join(owners)


def holding(cluster: Cluster, role: Role, prefix: Prefix) -> Holding:
    """Return the holding of ``cluster`` for ``role``."""
    inside = role == "pods" and catalog.pods_inside_nodes(
        cluster.platform, cluster.cni, family_of(prefix)
    )
    if role == "nodes" or inside:
        kin = f"nodes of site {cluster.site_name}"
    else:
        kin = f"{role} of {cluster.name}"
    return Holding(prefix, f"{cluster.name} ({role})", cluster.name, cluster.site_name, role, kin)


def pinned(fleet: Fleet) -> list[Holding]:
    """Return what the fleet file pins and excludes."""
    held = [
        holding(cluster, role, prefix)
        for cluster in fleet.clusters
        for role in ("nodes", "pods", "services")
        for prefix in dict.fromkeys(cluster.pinned(role))
    ]
    # Exclusions are kin of each other: an excluded network may well hold another one.
    held += [
        Holding(e.prefix, _excluded(e.name), None, None, None, "excluded") for e in fleet.exclude
    ]
    return held


def _excluded(name: str) -> str:
    return "an exclusion" if name == "excluded" else f"{name} (excluded)"


def conflicts(holdings: Iterable[Holding]) -> list[Conflict]:
    """Return every conflict among ``holdings``, by address; equal prefixes are one conflict.

    Each holding is compared with all that enclose it, so nothing is missed: an exact duplicate, a
    prefix two levels down, one in an exclusion.
    """
    found: list[Conflict] = []
    held = list(holdings)
    four = [h for h in held if isinstance(h.prefix, IPv4Network)]
    six = [] if len(four) == len(held) else [h for h in held if h.prefix.version == 6]
    for mine, bits in ((four, ADDRESS_BITS["ipv4"]), (six, ADDRESS_BITS["ipv6"])):
        for run in _runs(mine, bits):
            found += _conflicts(mine, run, bits)
    return found


Place = tuple[int, int, int]  # first address, prefix length, index of the holding


def _runs(holdings: list[Holding], bits: int) -> Iterator[list[Place]]:
    """Yield the prefixes that share addresses with another, run by run: one prefix and all in it.

    Most prefixes of a fleet stand alone, so this loop works on plain integers: address, length and
    index are one number, which sorts by address and then by length.
    """
    width = len(holdings).bit_length()
    prefixes = [holding.prefix for holding in holdings]
    starts = map(int, map(attrgetter("network_address"), prefixes))
    lengths = map(attrgetter("prefixlen"), prefixes)
    keys = [
        (start << 8 | length) << width | index
        for index, (start, length) in enumerate(zip(starts, lengths, strict=True))
    ]
    keys.sort()
    sizes = [1 << (bits - length) for length in range(bits + 1)]
    index_mask, shift = (1 << width) - 1, width + 8
    run: list[Place] = []
    first = end = 0
    for key in keys:
        start = key >> shift
        if start >= end:
            if run:
                yield run
                run = []
            first, end = key, start + sizes[key >> width & 255]
            continue
        if not run:
            run = [(first >> shift, first >> width & 255, first & index_mask)]
        run.append((start, key >> width & 255, key & index_mask))
    if run:
        yield run


def _conflicts(holdings: list[Holding], run: list[Place], bits: int) -> Iterator[Conflict]:
    open_groups: list[tuple[int, tuple[Holding, ...]]] = []  # (end, holders of one prefix)
    for (start, length), items in groupby(run, key=lambda place: place[:2]):
        group = tuple(holdings[index] for _, _, index in items)
        while open_groups and open_groups[-1][0] <= start:
            open_groups.pop()
        if len(group) > 1:
            group = tuple(sorted(group, key=lambda holding: holding.owner))
            yield from _judge(group, group)
        for _, outer in open_groups:
            yield from _judge(outer, group)
        open_groups.append((start + (1 << (bits - length)), group))


def _judge(outer: tuple[Holding, ...], inner: tuple[Holding, ...]) -> Iterator[Conflict]:
    """Yield the conflict between two groups of equal prefixes, or within one, if it is one."""
    if len(outer) == len(inner) == 1 and outer is not inner:
        if outer[0].kin != inner[0].kin:
            yield Conflict(outer, inner, _services(outer, inner))
        return
    services = tuple(h for h in {*outer, *inner} if h.role == "services")
    others = [h for h in (*outer, *inner) if h.role != "services"]
    if len({h.kin for h in (*outer, *inner)}) < 2:
        return
    if not others:
        if len({h.cluster for h in services}) > 1:
            yield Conflict(outer, inner, services_only=True)
    elif len({h.kin for h in others}) > 1 or services:
        yield Conflict(outer, inner, services_only=False)


def _services(outer: tuple[Holding, ...], inner: tuple[Holding, ...]) -> bool:
    return outer[0].role == inner[0].role == "services" and outer[0].cluster != inner[0].cluster
