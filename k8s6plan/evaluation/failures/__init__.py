"""What a failure takes down: every component of a design failed alone, and two at once.

``failures_of`` is the report, ``resilience_of`` the figures of it that compare designs.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from decimal import Decimal
from typing import TYPE_CHECKING, Literal

from k8s6plan.evaluation.failures._components import Kind, Parts, parts_of
from k8s6plan.evaluation.failures._connectivity import edge_connectivity, node_connectivity
from k8s6plan.evaluation.failures._loads import Capacity, Loads, Overload
from k8s6plan.evaluation.failures._losses import Loss, Losses, double, fragile_pairs, single
from k8s6plan.evaluation.failures._net import NOTHING, Damage, net_of
from k8s6plan.evaluation.failures._traffic import (
    Detours,
    Flow,
    Latency,
    detours,
    flows_of,
    traffic_lost,
)
from k8s6plan.evaluation.failures.availability import Availability, Downtime, availability_of
from k8s6plan.topology.designs import design_named
from k8s6plan.topology.graph import expand

if TYPE_CHECKING:
    from k8s6plan.fleet.model import Fleet

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


def resilience_of(design_name: str, fleet: Fleet, *, depth: Depth = 1) -> Resilience:
    """Return how well a design bears failures in ``fleet``.

    It builds the design's graph: linear in its links, and seconds at half a million of them.

    Raises:
        UnknownName: there is no such design.

    """
    parts = _parts(design_name, fleet)
    singles = single(parts)
    doubles = double(parts, 1) if depth == 2 else None
    return _resilience(design_name, parts, singles, doubles)


def failures_of(
    design_name: str,
    fleet: Fleet,
    *,
    depth: Depth = 1,
    top: int | None = None,
    latency: Latency | None = None,
    capacity_mbps: Capacity | None = None,
) -> Failures:
    """Return what every failure takes down in a design of ``fleet``.

    ``depth`` 2: any two components at once as well. ``top``: how many failures are listed, the
    worst first; by default 20,000 single and 50 double ones. Counts are over all of them.
    ``latency(one, other)``: milliseconds over the link between two vertices by name, or None.
    ``capacity_mbps(site)``: what one gateway of the site carries, in Mbit/s, or None.

    Raises:
        UnknownName: there is no such design.

    """
    parts = _parts(design_name, fleet)
    singles = single(parts)
    doubles = double(parts, top or MOST_DOUBLE) if depth == 2 else None
    flows = flows_of(parts.net, fleet)
    loads = None if capacity_mbps is None else Loads(parts.net, flows, capacity_mbps)
    report = _Effects(parts, flows, latency, loads)
    effects = report.of(singles)
    return Failures(
        design_name,
        _resilience(design_name, parts, singles, doubles),
        node_connectivity(parts),
        edge_connectivity(parts),
        effects[:top],
        singles,
        _longest(effects),
        None if doubles is None else report.of(doubles),
        doubles,
        availability_of(parts, fleet),
        None if loads is None else loads.before,
        _overloading(effects)[:top],
    )


def _parts(design_name: str, fleet: Fleet) -> Parts:
    return parts_of(net_of(expand(design_named(design_name), fleet)), fleet)


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
        flows: tuple[Flow, ...],
        latency: Latency | None,
        loads: Loads | None,
    ) -> None:
        self.parts, self.flows, self.latency, self.loads = parts, flows, latency, loads
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
        return damage if self.latency else self.parts.class_of(damage)

    def _effect(self, loss: Loss, key: object) -> Effect:
        net, damage = self.parts.net, loss.damage
        lost = traffic_lost(net, self.flows, damage) if loss.pairs_lost else Decimal(0)
        if key is not None and key not in self.known:
            self.known[key] = detours(net, damage, self.latency)
        over = None
        if self.loads is not None:
            over = self.loads.after(damage, self._gateways(loss))
        return Effect(loss, lost, None if key is None else self.known[key], over)

    def _gateways(self, loss: Loss) -> Counter[int]:
        """Return how many gateways have failed at each site."""
        found: Counter[int] = Counter()
        for kind, name in zip(loss.kinds, loss.fails, strict=True):
            vertex = self.parts.net.index.get(name.partition(" (")[0])
            if kind == "gateway" and vertex is not None:
                found[vertex] += 1
        return found


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
    "Latency",
    "Loss",
    "Losses",
    "Overload",
    "Resilience",
    "failures_of",
    "resilience_of",
]
