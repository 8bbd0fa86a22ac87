"""The whole of a plan, looked over once more before anybody gets it, and by means of its own.

Neither pools nor free space are asked: whatever is held is sorted by address and swept.

1. No two prefixes share addresses. Pinned ones may as far as the fleet file says so itself
   (``k8s6plan.fleet.overlaps``): nodes of one site, pods among nodes, services that nobody routes.
2. What is new lies in no exclusion.
3. What is new lies where it belongs: IPv4 in a pool of its role or of its site, IPv6 in a pool of
   its role or in its cluster's block, and that block in the site's.
4. The blocks of clusters are apart, and so are the places in a block that is still to come.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from ipaddress import IPv6Network
from typing import NamedTuple

from k8s6plan.addressing.plan._state import State
from k8s6plan.addressing.plan_file import Allocation, Plan
from k8s6plan.addressing.space.pools import lies_in
from k8s6plan.errors import Overlap
from k8s6plan.fleet import overlaps
from k8s6plan.fleet.model import Prefix, Role

_MOST = 20  # faults that one message tells
_DEFECT = (
    "the plan would be wrong, so there is none; the fleet file is not to blame: please report it "
    "with the fleet file and the plan"
)
_OLD = "the plan that is there holds this already: plan one of them anew, with --renumber NAME"


class _Piece(NamedTuple):
    """A prefix that somebody holds; ``allocation`` is None for a tunnel."""

    owner: str
    role: Role | None
    prefix: Prefix
    allocation: Allocation | None
    alive: bool

    @property
    def source(self) -> str:
        return "planned" if self.allocation is None else self.allocation.source


def verify(state: State, plan: Plan) -> None:
    """Refuse a plan that gives an address to two, or something from where it has nothing to give.

    Raises:
        Overlap: with both parties of every fault.

    """
    old = {id(piece.prefix) for piece in _pieces(state.old)}  # what is kept is not even copied
    pieces = list(_pieces(plan))
    new = [p for p in pieces if p.source != "pinned" and id(p.prefix) not in old]
    shared = list(_shared(state, pieces, {id(piece.prefix) for piece in new}))
    misplaced = [*_excluded(state, new), *_outside(state, plan, new)]
    faults = [text for text, _ in shared] + misplaced + [*_blocks(plan), *_layouts(plan)]
    if faults:
        more = [f"and {len(faults) - _MOST:,} more of this kind"] if len(faults) > _MOST else []
        ours = misplaced or any(is_new for _, is_new in shared)
        raise Overlap(*faults[:_MOST], *more, _DEFECT if ours else _OLD)


def _pieces(plan: Plan) -> Iterator[_Piece]:
    for alive, clusters in ((True, plan.clusters), (False, plan.tombstones)):
        for name, roles in clusters.items():
            for role, families in roles.items():
                for allocation in families.values():
                    for prefix in allocation.prefixes:
                        yield _Piece(name, role, prefix, allocation, alive)
    for pair, tunnels in plan.tunnels.items():
        for number, tunnel in enumerate(tunnels):
            for prefix in tunnel.prefixes.values():
                yield _Piece(f"tunnel {number} of {pair}", None, prefix, None, True)


def _holding(state: State, piece: _Piece) -> overlaps.Holding:
    """Return a piece as the rules of the fleet know it; only what is pinned has kin."""
    if piece.role is None:
        return overlaps.Holding(piece.prefix, piece.owner, None, None, None, piece.owner)
    if piece.alive and piece.source == "pinned":
        cluster = state.cluster(piece.owner)
        return overlaps.Pin(piece.prefix, cluster, piece.role).holding()
    removed = "" if piece.alive else ", removed"
    owner = f"{piece.owner} ({piece.role}{removed})"
    kin = f"{piece.prefix} for {owner}" if piece.source != "pinned" else owner
    return overlaps.Holding(piece.prefix, owner, piece.owner, None, piece.role, kin)


def _shared(state: State, pieces: list[_Piece], new: set[int]) -> Iterator[tuple[str, bool]]:
    """Yield what breaks rule 1, and whether the ``new`` prefixes have a part in it."""
    pinned = {id(piece.prefix) for piece in pieces if piece.source == "pinned"}
    for conflict in overlaps.conflicts_among(
        [piece.prefix for piece in pieces],
        lambda number: _holding(state, pieces[number]),
        services_routed=state.fleet.services_routed,
    ):
        held = {id(holding.prefix) for holding in conflict.holdings}
        if not conflict.harmless or not held & pinned:
            yield str(conflict), bool(held & new)


def _excluded(state: State, new: Iterable[_Piece]) -> Iterator[str]:
    """Yield what breaks rule 2; a pin on an exclusion has been told with the fleet file.

    So has one inside what a prefix was before it was widened.
    """
    was = [piece.prefix for piece in _pieces(state.old)]
    held = [overlaps.Pin(e.prefix, e).holding() for e in state.fleet.exclude]
    if held:
        held += [_holding(state, piece) for piece in new]
        for conflict in overlaps.conflicts(held, services_routed=True):
            excluded = [h.prefix for h in conflict.holdings if h.kin == "excluded"]
            given = [h.prefix for h in conflict.holdings if h.kin != "excluded"]
            if excluded and not any(
                lies_in(prefix, wide) and any(lies_in(e, prefix) for e in excluded)
                for wide in given
                for prefix in was
            ):
                yield str(conflict)


def _outside(state: State, plan: Plan, new: Iterable[_Piece]) -> Iterator[str]:
    """Yield what breaks rule 3."""
    parts = state.blocks()
    for piece in new:
        if piece.role is None or not piece.alive:
            continue
        within: list[Prefix] = [*getattr(state.fleet.pools, piece.role)]
        within += [part for part, known in parts.get(piece.owner, ()) if known]
        site = state.cluster(piece.owner).site_name
        within += plan.site_pools.get(site, {}).values()
        if not any(lies_in(piece.prefix, around) for around in within):
            yield f"{piece.prefix} of {piece.owner} ({piece.role}) lies in none of its pools"


def _blocks(plan: Plan) -> Iterator[str]:
    """Yield blocks of clusters that are not apart, or not inside that of their site (3, 4)."""
    found: list[_Place] = []
    for site, blocks in plan.sites.items():
        for block in blocks.values():
            here = [_Place.of(part, name, "block") for name, part in block.clusters.items()]
            if block.prefix is None:
                yield from _crossing(here)
                continue
            found += here
            for name, part in block.clusters.items():
                if not lies_in(part, block.prefix):
                    yield f"{part} of {name} lies outside {block.prefix} of site {site}"
    yield from _crossing(found)


def _layouts(plan: Plan) -> Iterator[str]:
    """Yield places that share addresses in the block that one site waits for (rule 4)."""
    site_of = {
        name: site
        for site, blocks in plan.sites.items()
        for block in blocks.values()
        if block.prefix is None
        for name in block.clusters
    }
    places: dict[str, list[_Place]] = {}
    for clusters in (plan.clusters, plan.tombstones):
        for name, roles in clusters.items():
            site = site_of.get(name)
            for role, families in roles.items() if site is not None else ():
                six = families.get("ipv6")
                if six is not None and six.layout is not None and site is not None:
                    places.setdefault(site, []).append(_Place.of(six.layout, name, role))
    for held in places.values():
        yield from _crossing(held)


class _Place(NamedTuple):
    """Where a block or a layout begins and ends, and whose it is, to be sorted."""

    start: int
    end: int
    owner: str
    what: str
    prefix: IPv6Network

    @classmethod
    def of(cls, prefix: IPv6Network, owner: str, what: str) -> _Place:
        start = int(prefix.network_address)
        return cls(start, start + (1 << 128 - prefix.prefixlen), owner, what, prefix)

    def __str__(self) -> str:
        return f"{self.prefix} of {self.owner} ({self.what})"


def _crossing(held: list[_Place]) -> Iterator[str]:
    """Yield the places that share addresses with one before them."""
    last: _Place | None = None
    for place in sorted(held):
        if last is not None and place.start < last.end:
            yield f"{place} shares addresses with {last}"
        if last is None or place.end > last.end:
            last = place
