"""The lines under the name of a cluster: where its nodes and pods are."""

from __future__ import annotations

from collections.abc import Iterator
from ipaddress import IPv6Network
from typing import TYPE_CHECKING

from k8s6plan.fleet.model import Family, Role
from k8s6plan.io.addresses import prefix_text

if TYPE_CHECKING:
    from k8s6plan.addressing.plan_file import Plan
    from k8s6plan.fleet.model import Fleet

_SHOWN: tuple[tuple[Role, Family], ...] = (("nodes", "ipv4"), ("pods", "ipv4"), ("pods", "ipv6"))
_ULA = IPv6Network("fc00::/7")


def prefix_lines(plan: Plan, *, without_ula: bool = False) -> dict[str, tuple[str, ...]]:
    """Return "nodes 10.0.0.0/20" and the like for each cluster of ``plan``.

    ``without_ula`` leaves out planned ULA prefixes: those of a seed that is lost afterwards.
    """
    return {name: tuple(_planned(plan, name, without_ula)) for name in sorted(plan.clusters)}


def _planned(plan: Plan, name: str, without_ula: bool) -> Iterator[str]:
    for role, family in _SHOWN:
        held = plan.clusters[name].get(role, {}).get(family)
        if held is None or held.prefix is None:
            continue
        ula = isinstance(held.prefix, IPv6Network) and held.prefix.subnet_of(_ULA)
        if not (without_ula and ula and held.source != "pinned"):
            yield f"{role} {prefix_text(held.prefix)}"


def pinned_lines(fleet: Fleet) -> dict[str, tuple[str, ...]]:
    """Return the same from what the fleet file pins alone, the first prefix of each kind."""
    found: dict[str, tuple[str, ...]] = {}
    for cluster in fleet.clusters:
        lines = []
        for role, family in _SHOWN:
            pins = [p for p in cluster.pinned(role) if p.version == (4 if family == "ipv4" else 6)]
            lines += [f"{role} {prefix_text(pin)}" for pin in pins[:1]]
        found[cluster.name] = tuple(lines)
    return found
