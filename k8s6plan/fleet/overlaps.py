"""Which prefixes of a fleet share addresses, and where that does harm: one rule for all who ask.

1. Prefixes that share addresses are in conflict, unless their holders are kin: the nodes of one
   site, and pods that live among them (EKS), may share a prefix; exclusions may hold each other.
2. What nobody outside its cluster reaches is hidden: services, unless they are routed, and pods
   that no design can join (`pods_routed: false`, and where the table has no way to them at all). A
   conflict of hidden prefixes alone is harmless, unless one cluster has both for different uses.
3. A conflict keeps clusters from being joined where prefixes that are not hidden lie in different
   sites: no route can lead to both. Inside one site, and with networks outside the fleet, it is a
   fault all the same, but not one of the design.

All conflicts are found in one sorted pass: a prefix that overlaps an earlier one lies inside it
(prefixes never cross), so a stack of the prefixes that are still open holds all its overlaps.
Prefixes that stand alone are passed over as plain integers first, so that a hundred thousand take
a fraction of a second.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import chain, groupby
from operator import attrgetter
from typing import NamedTuple

from k8s6plan.fleet.model import (
    ADDRESS_BITS,
    FAMILIES,
    ROLES,
    Cluster,
    Exclusion,
    Family,
    Fleet,
    Prefix,
    Role,
    family_of,
)
from k8s6plan.fleet.reach import hides_pods, pods_inside_nodes

_MOST_NAMES = 4  # holders of one prefix that a sentence names


class Holding(NamedTuple):
    """A prefix and who holds it.

    ``kin``: two holdings of the same kin may share addresses (rule 1). ``cluster`` is None for an
    exclusion, ``site`` also for a cluster that is gone. ``hidden``: pods that nobody outside
    reaches (rule 2).
    """

    prefix: Prefix
    owner: str
    cluster: str | None
    site: str | None
    role: Role | None
    kin: str
    hidden: bool = False

    def __str__(self) -> str:
        return f"{self.prefix} of {self.owner}"


@dataclass(frozen=True)
class Side:
    """Everyone who holds one prefix, by name; never nobody."""

    holdings: tuple[Holding, ...]

    @property
    def prefix(self) -> Prefix:
        """The prefix that all of them hold."""
        return self.holdings[0].prefix

    @cached_property
    def names(self) -> str:
        """The first few of them in words, and how many more."""
        owners = list(dict.fromkeys(holding.owner for holding in self.holdings))
        if len(owners) > _MOST_NAMES:
            return f"{', '.join(owners[:_MOST_NAMES])} and {len(owners) - _MOST_NAMES:,} more"
        return " and ".join(owners) if len(owners) < 3 else ", ".join(owners)


@dataclass(frozen=True)
class Conflict:
    """Prefixes that share addresses: that of ``outer`` holds, or equals, that of ``inner``.

    Of equal prefixes all holders are one conflict, and both sides are the same.
    """

    outer: Side
    inner: Side
    services_routed: bool

    def __str__(self) -> str:
        inner, outer = self.inner, self.outer
        if self.equal:
            return f"{inner.prefix} is held by {inner.names}"
        return f"{inner.prefix} of {inner.names} lies inside {outer.prefix} of {outer.names}"

    @property
    def equal(self) -> bool:
        """Say whether all hold the same prefix."""
        return self.outer.prefix == self.inner.prefix

    @property
    def holdings(self) -> Iterator[Holding]:
        """Each holding once."""
        sides = (self.inner,) if self.equal else (self.outer, self.inner)
        return chain.from_iterable(side.holdings for side in sides)

    @property
    def family(self) -> Family:
        """The address family of the prefixes."""
        return family_of(self.inner.prefix)

    @property
    def clusters(self) -> tuple[str, ...]:
        """The clusters that are party to it."""
        return tuple(sorted({h.cluster for h in self.holdings if h.cluster is not None}))

    @property
    def harmless(self) -> bool:
        """Say whether nothing comes of it (rule 2)."""
        return not any(map(self.is_routed, self.holdings)) and not self.within_one

    @property
    def within_one(self) -> bool:
        """Say whether one cluster has the addresses for different uses."""
        kins: dict[str, str] = {}
        held = (holding for holding in self.holdings if holding.cluster is not None)
        return any(kins.setdefault(str(one.cluster), one.kin) != one.kin for one in held)

    @property
    def between_sites(self) -> bool:
        """Say whether it keeps clusters of different sites from being joined (rule 3)."""
        routed = filter(self.is_routed, self.holdings)
        sites = (holding.site for holding in routed if holding.site is not None)
        first = next(sites, None)
        return any(site != first for site in sites)

    def is_routed(self, holding: Holding) -> bool:
        """Say whether other clusters reach what is in the prefix of ``holding``."""
        return not holding.hidden and (self.services_routed or holding.role != "services")


# --- of a fleet ----------------------------------------------------------------------------------


class Pin(NamedTuple):
    """A prefix that the fleet file pins or excludes; ``role`` is None for an exclusion."""

    prefix: Prefix
    holder: Cluster | Exclusion
    role: Role | None = None

    def holding(self) -> Holding:
        """Return it with its holder's name and kin."""
        prefix, holder, role = self
        if not isinstance(holder, Cluster):
            name = "an exclusion" if holder.name == "excluded" else f"{holder.name} (excluded)"
            return Holding(prefix, name, None, None, None, "excluded")
        kin = f"{role} of {holder.name}"
        if role == "nodes" or (role == "pods" and pods_inside_nodes(holder, family_of(prefix))):
            kin = f"nodes of site {holder.site_name}"
        owner = f"{holder.name} ({role})"
        hidden = role == "pods" and hides_pods(holder)
        return Holding(prefix, owner, holder.name, holder.site_name, role, kin, hidden)


def pins_of(fleet: Fleet) -> list[Pin]:
    """Return what the fleet file pins and excludes."""
    pins = [
        Pin(prefix, cluster, role)
        for cluster in fleet.clusters
        if cluster.addresses.model_fields_set  # seldom, and worth the short cut
        for role in ROLES
        for prefix in dict.fromkeys(cluster.pinned(role))
    ]
    return pins + [Pin(exclusion.prefix, exclusion) for exclusion in fleet.exclude]


def conflicts_of(fleet: Fleet) -> list[Conflict]:
    """Return every conflict of what the fleet file pins and excludes, the harmless ones too."""
    pins = pins_of(fleet)
    return conflicts_among(
        [pin.prefix for pin in pins],
        lambda number: pins[number].holding(),
        services_routed=fleet.services_routed,
    )


def overlaps_of(fleet: Fleet) -> list[Conflict]:
    """Return the conflicts of a fleet that do harm: `check` fails on them, `plan` refuses them."""
    return [conflict for conflict in conflicts_of(fleet) if not conflict.harmless]


def overlaps_between_sites(fleet: Fleet) -> dict[Family, tuple[str, ...]]:
    """Return, of each family, what keeps clusters of a fleet from being joined, in words."""
    found: dict[Family, list[str]] = {family: [] for family in FAMILIES}
    for conflict in overlaps_of(fleet):
        if conflict.between_sites:
            found[conflict.family].append(str(conflict))
    return {family: tuple(words) for family, words in found.items()}


# --- among any holdings --------------------------------------------------------------------------


def conflicts(holdings: Iterable[Holding], *, services_routed: bool) -> list[Conflict]:
    """Return every conflict among ``holdings``, the harmless ones too, by family and address.

    Each holding is compared with all that enclose it, so nothing is missed: an exact duplicate, a
    prefix two levels down, one in an exclusion.
    """
    held = list(holdings)
    return conflicts_among(
        [h.prefix for h in held], held.__getitem__, services_routed=services_routed
    )


def conflicts_among(
    prefixes: Sequence[Prefix], holding_of: Callable[[int], Holding], *, services_routed: bool
) -> list[Conflict]:
    """Return the conflicts of ``prefixes``; ``holding_of`` says who holds one, by its number."""
    found = []
    for family in FAMILIES:
        for run in _runs(prefixes, family):
            for outer, inner in _nested(run, holding_of, ADDRESS_BITS[family]):
                conflict = conflict_of(outer, inner, services_routed=services_routed)
                if conflict is not None:
                    found.append(conflict)
    return found


def conflict_of(outer: Side, inner: Side, *, services_routed: bool) -> Conflict | None:
    """Return the conflict of the holders of two nested prefixes, or of one, if it is one.

    With two kins there always is a holder on each side that are none.
    """
    kin = inner.holdings[0].kin
    if all(holding.kin == kin for holding in chain(inner.holdings, outer.holdings)):
        return None
    return Conflict(outer, inner, services_routed)


class Place(NamedTuple):
    """The first address and the length of a prefix, and the number of who holds it."""

    start: int
    length: int
    number: int


def _runs(prefixes: Sequence[Prefix], family: Family) -> Iterator[list[Place]]:
    """Yield the prefixes that share addresses with another, run by run: one prefix and all in it.

    Most prefixes of a fleet stand alone, so this loop works on plain integers: address, length and
    number are one integer, which sorts by address and then by length.
    """
    bits, version = ADDRESS_BITS[family], 4 if family == "ipv4" else 6
    width = len(prefixes).bit_length()
    keys = [
        (int(prefix.network_address) << 8 | prefix.prefixlen) << width | number
        for number, prefix in enumerate(prefixes)
        if prefix.version == version
    ]
    keys.sort()
    sizes = [1 << (bits - length) for length in range(bits + 1)]
    number_mask, shift = (1 << width) - 1, width + 8
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
            run = [Place(first >> shift, first >> width & 255, first & number_mask)]
        run.append(Place(start, key >> width & 255, key & number_mask))
    if run:
        yield run


def _nested(
    run: list[Place], holding_of: Callable[[int], Holding], bits: int
) -> Iterator[tuple[Side, Side]]:
    """Yield (outer, inner): the holders of equal prefixes, and of each prefix and each around."""
    around: list[tuple[int, Side]] = []  # (end, holders of one prefix)
    for (start, length), places in groupby(run, key=attrgetter("start", "length")):
        holdings = sorted((holding_of(p.number) for p in places), key=attrgetter("owner"))
        inner = Side(tuple(holdings))
        while around and around[-1][0] <= start:
            around.pop()
        if len(holdings) > 1:
            yield inner, inner
        for _, outer in around:
            yield outer, inner
        around.append((start + (1 << (bits - length)), inner))
