"""What lies between two plans: which changes are free, which disturb, which mean a rebuild.

Kubernetes fixes pod and service prefixes, and the node mask, for a cluster's life (kubeadm
ClusterConfiguration networking; KEP-2593, several cluster CIDRs, is withdrawn). Nodes can be
replaced one by one, so their prefixes can move, with a disturbance.

Whether pods are reached from outside their cluster hangs on its platform, its CNI and how that
runs, and no prefix shows it. So the two fleet files are asked, by the one table; without them the
plans say whose pods nobody reaches, and no more.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

from k8s6plan.addressing.plan_file import Allocation, Held, Plan
from k8s6plan.addressing.space.pools import lies_in
from k8s6plan.fleet.model import FAMILIES, ROLES, Family, Fleet, Prefix, Role
from k8s6plan.fleet.reach import reach_of

Grade = Literal["free", "disruptive", "rebuild"]
GRADES: tuple[Grade, ...] = ("rebuild", "disruptive", "free")
# How pods may be reached: (family, whether by gateways inside, in words).
_WAYS: tuple[tuple[Family, bool, str], ...] = (
    ("ipv4", False, "IPv4"),
    ("ipv6", False, "IPv6"),
    ("ipv4", True, "gateways among their own nodes"),
)


@dataclass(frozen=True)
class Change:
    """One difference: whose, what, how grave, and why."""

    grade: Grade
    cluster: str
    what: str
    why: str

    def __str__(self) -> str:
        return f"{self.grade}: {self.cluster}: {self.what}; {self.why}"


def compare_plans(old: Plan, new: Plan, fleets: tuple[Fleet, Fleet] | None = None) -> list[Change]:
    """Return every change from ``old`` to ``new``, gravest first, then by cluster.

    ``fleets``: the fleets of which they are the plans, for what no plan says of reachability.
    """
    reached = _hidden(old, new) if fleets is None else _reached(*fleets)
    found = [*_clusters(old, new), *reached, *_space(old, new)]
    return sorted(found, key=lambda c: (GRADES.index(c.grade), c.cluster, c.what))


def _clusters(old: Plan, new: Plan) -> Iterator[Change]:
    renamed = _renamed(old, new)
    for name, was in old.clusters.items():
        now_called = renamed.get(name, name)
        if now_called in new.clusters:
            if now_called != name:
                yield Change("free", now_called, f"was {name}", "the prefixes are the same")
            yield from _holdings(now_called, was, new.clusters[now_called])
        elif name in new.tombstones:
            yield Change("free", name, "is removed", "its space is kept until it is released")
        else:
            yield Change("free", name, "is removed", "its space is free again")
    for name in new.clusters:
        if name in old.clusters or name in renamed.values():
            continue
        back = name in old.tombstones
        what = "is back from its tombstone" if back else "is added"
        yield Change("free", name, what, "nobody else is touched")


def _renamed(old: Plan, new: Plan) -> dict[str, str]:
    """Return old name -> new name where a new cluster holds just what an old one held."""
    gone = {
        name: _prefixes(held) for name, held in old.clusters.items() if name not in new.clusters
    }
    by_prefixes = {prefixes: name for name, prefixes in gone.items() if prefixes}
    return {
        by_prefixes[prefixes]: name
        for name, held in new.clusters.items()
        if name not in old.clusters and (prefixes := _prefixes(held)) in by_prefixes
    }


def _prefixes(held: Held) -> frozenset[Prefix]:
    return frozenset(
        prefix
        for families in held.values()
        for allocation in families.values()
        for prefix in allocation.prefixes
    )


def _holdings(name: str, was: Held, now: Held) -> Iterator[Change]:
    for role in ROLES:
        for family in FAMILIES:
            before = was.get(role, {}).get(family)
            after = now.get(role, {}).get(family)
            if before is None and after is not None:
                yield _gained(name, role, family, was, after)
            elif before is not None and after is None:
                grade: Grade = "disruptive" if role == "nodes" else "rebuild"
                what = f"{role} lose {before.prefix or before.layout}"
                yield Change(grade, name, what, _why(role))
            elif before is not None and after is not None:
                yield from _allocation(name, role, before, after)


def _gained(name: str, role: Role, family: Family, was: Held, after: Allocation) -> Change:
    place = after.prefix or after.layout
    if role == "nodes" or not was.get(role):
        return Change("free", name, f"{role} gain {place}", "there was none")
    return Change(
        "disruptive",
        name,
        f"{role} gain {place} ({family})",
        "a second family is switched on with a restart of the control plane",
    )


def _allocation(name: str, role: Role, before: Allocation, after: Allocation) -> Iterator[Change]:
    if before.prefix is None and after.prefix is not None:
        what = f"{role} are assigned {after.prefix}"
        yield Change("free", name, what, f"it was the layout {before.layout} until now")
    elif (before.prefix, before.layout) != (after.prefix, after.layout):
        yield _moved(name, role, before, after)
    if before.node_mask != after.node_mask:
        what = f"node mask /{before.node_mask} becomes /{after.node_mask}"
        yield Change("rebuild", name, what, "the node mask is fixed for a cluster's life")
    for prefix in after.also:
        if prefix not in before.prefixes:
            grade: Grade = "free" if role == "nodes" else "disruptive"
            yield Change(grade, name, f"{role} gain {prefix} as well", "nothing moves")
    for prefix in before.also:
        if prefix not in after.prefixes:
            grade = "disruptive" if role == "nodes" else "rebuild"
            yield Change(grade, name, f"{role} lose {prefix}", _why(role))


def _moved(name: str, role: Role, before: Allocation, after: Allocation) -> Change:
    was, now = before.prefix or before.layout, after.prefix or after.layout
    widened = was is not None and now is not None and lies_in(was, now)
    if widened and role == "nodes":
        return Change("free", name, f"nodes widen from {was} to {now}", "every node keeps its own")
    verb = "widen" if widened else "move"
    grade: Grade = "disruptive" if role == "nodes" else "rebuild"
    return Change(grade, name, f"{role} {verb} from {was} to {now}", _why(role))


def _why(role: Role) -> str:
    if role == "nodes":
        return "nodes have to be replaced one by one"
    return f"the {role[:-1]} prefix is fixed for a cluster's life"


def _hidden(old: Plan, new: Plan) -> Iterator[Change]:
    """Yield what the plans alone say of pods that nobody reaches (``routed``)."""
    renamed = _renamed(old, new)
    for name, was in old.clusters.items():
        now_called = renamed.get(name, name)
        before, after = was.get("pods", {}), new.clusters.get(now_called, {}).get("pods", {})
        both = [
            (before[family].routed, after[family].routed) for family in before if family in after
        ]
        if (True, False) in both:
            why = "no design joins them, and others may hold the same prefix"
            yield Change("disruptive", now_called, "pods are no longer reached from outside", why)
        elif (False, True) in both:
            why = "nobody reached them before"
            yield Change("free", now_called, "pods are reached from outside from now on", why)


def _reached(old: Fleet, new: Fleet) -> Iterator[Change]:
    """Yield what the table of reachability says before and after, by family and from inside."""
    for cluster in new.clusters:
        name = cluster.name if cluster.name in old.index else cluster.formerly
        if name is None or name not in old.index:
            continue
        was = old.clusters[old.index[name]]
        found: dict[tuple[Grade, str], list[str]] = {}
        for family, inside, way in _WAYS:
            before = reach_of(old, was, family, inside=inside)
            after = reach_of(new, cluster, family, inside=inside)
            if before.reached and not after.reached:
                found.setdefault(("disruptive", after.why), []).append(way)
            elif after.reached and not before.reached:
                found.setdefault(("free", f"before: {before.why}"), []).append(way)
        for (grade, why), ways in found.items():
            verb, end = ("are no longer", "") if grade == "disruptive" else ("are", " from now on")
            by = " and ".join(ways)
            yield Change(grade, cluster.name, f"pods {verb} reached by {by}{end}", why)


def _space(old: Plan, new: Plan) -> Iterator[Change]:
    for name in old.tombstones:
        if name not in new.tombstones and name not in new.clusters:
            yield Change("free", name, "is released", "its space is free again")
