"""What a failure takes down: every component of a design failed alone, and two at once.

``failures_of`` is the report, ``resilience_of`` the figures of it that compare designs.
"""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from typing import TYPE_CHECKING, Literal

from k8s6plan.evaluation.failures._components import Kind, Parts, parts_of
from k8s6plan.evaluation.failures._connectivity import edge_connectivity, node_connectivity
from k8s6plan.evaluation.failures._losses import Loss, Losses, double, fragile_pairs, single
from k8s6plan.evaluation.failures._net import NOTHING, Damage, net_of
from k8s6plan.evaluation.failures._overloads import Capacity, Overload, Overloads
from k8s6plan.evaluation.failures._traffic import (
    Detours,
    LinkTime,
    Talk,
    detours,
    talks_of,
    traffic_lost,
)
from k8s6plan.evaluation.failures.availability import Availability, Downtime, availability_of

if TYPE_CHECKING:
    from k8s6plan.fleet.model import Fleet
    from k8s6plan.topology.joins import Topology

Depth = Literal[1, 2]
MOST_DOUBLE = 50
MOST_DETOURS = 50_000  # failures that are unlike, times sites


@dataclass(frozen=True)
class Resilience:
    """How well a design bears failures, in the figures that compare it with others.

    ``pairs``: pairs of clusters in different sites that can talk while nothing fails.
    ``components``: what can fail. ``single_points``: kind and name of each component whose loss
    cuts off surviving pairs, worst first. ``survive_any_single``: share of ``pairs`` that no single
    failure cuts off while their two clusters survive; None without pairs. ``worst_single`` and
    ``worst_double``: None where nothing can fail, or where two at once were not asked for.
    """

    design: str
    pairs: int
    components: int
    single_points: tuple[str, ...]
    survive_any_single: float | None
    worst_single: Loss | None
    worst_double: Loss | None


@dataclass(frozen=True)
class Effect:
    """One failure with what it does to traffic.

    ``gb_per_month``: demands lost. ``overloads``: sites whose gateways it makes too small, or more
    so than before. ``detours`` and ``overloads`` are None where they were not worked out: too many
    cases, or no throughput was asked for.
    """

    loss: Loss
    gb_per_month: Decimal
    detours: Detours | None = None
    overloads: tuple[Overload, ...] | None = None


@dataclass(frozen=True)
class Failures:
    """The report of one design. ``double`` is None at depth 1.

    ``single`` and ``double`` are listed worst first. ``longest_detour``: the single failure that
    adds most links to a way that is left; None where none does, or it was not worked out.
    ``overloaded``: sites whose gateways are too small while nothing fails; None where no throughput
    was asked for, or there are too many ways. ``overloading``: the single failures that make some
    too small, or more so, the most Mbit/s too much first. ``node_connectivity`` and
    ``edge_connectivity``: the fewest sites, or links, whose loss cuts off a pair; None without
    pairs.
    """

    design: str
    resilience: Resilience
    node_connectivity: int | None
    edge_connectivity: int | None
    single: tuple[Effect, ...]
    singles: Losses
    longest_detour: Effect | None
    double: tuple[Effect, ...] | None
    doubles: Losses | None
    availability: Availability
    overloaded: tuple[Overload, ...] | None
    overloading: tuple[Effect, ...]


def resilience_of(topology: Topology, fleet: Fleet, *, depth: Depth = 1) -> Resilience:
    """Return how well ``fleet``, joined so, bears failures."""
    parts = parts_of(net_of(topology, fleet), fleet)
    doubles = double(parts, 1) if depth == 2 else None
    return _resilience(topology.design.name, parts, single(parts), doubles)


def failures_of(
    topology: Topology,
    fleet: Fleet,
    *,
    depth: Depth = 1,
    top: int | None = None,
    link_time: LinkTime | None = None,
    capacity_mbps: Capacity | None = None,
) -> Failures:
    """Return what every failure takes down in ``fleet``, joined so.

    ``depth`` 2: any two components at once as well. ``top``: how many failures are listed, the
    worst first; by default 20,000 single and 50 double ones. Counts are over all of them.
    ``link_time(one, other)``: milliseconds over the link between two vertices by name, or None.
    ``capacity_mbps(site)``: what one gateway of the site carries, in Mbit/s, or None.
    """
    net = net_of(topology, fleet)
    parts = parts_of(net, fleet)
    singles = single(parts)
    doubles = double(parts, top or MOST_DOUBLE) if depth == 2 else None
    talks = talks_of(net, fleet)
    overloads = None if capacity_mbps is None else Overloads(net, talks, capacity_mbps)
    report = _Effects(parts, talks, link_time, overloads)
    effects = report.of(singles)
    return Failures(
        topology.design.name,
        _resilience(topology.design.name, parts, singles, doubles),
        node_connectivity(net),
        edge_connectivity(net),
        effects[:top],
        singles,
        _longest(effects),
        None if doubles is None else report.of(doubles),
        doubles,
        availability_of(parts, fleet),
        None if overloads is None else overloads.before,
        _overloading(effects)[:top],
    )


def _resilience(design: str, parts: Parts, singles: Losses, doubles: Losses | None) -> Resilience:
    pairs = parts.net.pairs
    return Resilience(
        design,
        pairs,
        parts.count,
        tuple(f"{loss.kinds[0]} {loss.fails[0]}" for loss in singles.worst if loss.pairs_lost),
        1 - fragile_pairs(parts) / pairs if pairs else None,
        next(iter(singles.worst), None),
        None if doubles is None else next(iter(doubles.worst), None),
    )


def _longest(effects: tuple[Effect, ...]) -> Effect | None:
    """Return the failure with the longest detour, then with most pairs on one."""
    with_any = [effect for effect in effects if effect.detours is not None and effect.detours.pairs]
    return max(with_any, key=lambda e: (e.detours.hops_max, e.detours.pairs), default=None)  # type: ignore[union-attr]


def _overloading(effects: tuple[Effect, ...]) -> tuple[Effect, ...]:
    """Return the failures that overload gateways, the most Mbit/s too much first."""

    def worst(effect: Effect) -> float:
        return max(over.load_mbps - over.capacity_mbps for over in effect.overloads or ())

    return tuple(sorted((e for e in effects if e.overloads), key=worst, reverse=True))


class _Effects:
    """Works out what failures do to traffic; like damage once."""

    def __init__(
        self,
        parts: Parts,
        talks: tuple[Talk, ...],
        link_time: LinkTime | None,
        overloads: Overloads | None,
    ) -> None:
        self.parts, self.talks, self.link_time, self.overloads = parts, talks, link_time, overloads
        self.known: dict[object, Detours] = {}

    def of(self, losses: Losses) -> tuple[Effect, ...]:
        keys = {loss.damage: self._key(loss.damage) for loss in losses.worst}
        sites = self.parts.net.sites.bit_count()
        few = len(set(keys.values())) * sites <= MOST_DETOURS
        return tuple(
            self._effect(loss, keys[loss.damage] if few else None) for loss in losses.worst
        )

    def _key(self, damage: Damage) -> object:
        # Latency sets like sites apart; without it, like damage makes like detours.
        return damage if self.link_time else self.parts.class_of(damage)

    def _effect(self, loss: Loss, key: object) -> Effect:
        net, damage = self.parts.net, loss.damage
        lost = traffic_lost(net, self.talks, damage) if loss.pairs_lost else Decimal(0)
        if key is not None and key not in self.known:
            self.known[key] = detours(net, damage, self.link_time)
        over = None if self.overloads is None else self.overloads.after(damage, loss.sites)
        return Effect(loss, lost, None if key is None else self.known[key], over)


__all__ = [
    "NOTHING",
    "Availability",
    "Capacity",
    "Depth",
    "Detours",
    "Downtime",
    "Effect",
    "Failures",
    "Kind",
    "LinkTime",
    "Loss",
    "Losses",
    "Overload",
    "Resilience",
    "failures_of",
    "resilience_of",
]
