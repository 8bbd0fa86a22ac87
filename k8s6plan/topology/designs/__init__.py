"""The ways to join sites. A new one is a file here and a line in ``DESIGNS``."""

from __future__ import annotations

from collections.abc import Iterable

from k8s6plan.errors import UnknownName, did_you_mean
from k8s6plan.topology.designs.as_demanded import AS_DEMANDED
from k8s6plan.topology.designs.flat_ipv6 import FLAT_IPV6
from k8s6plan.topology.designs.full_mesh import FULL_MESH
from k8s6plan.topology.designs.hub_and_spoke import HUB_AND_SPOKE
from k8s6plan.topology.designs.managed_hub import MANAGED_HUB
from k8s6plan.topology.designs.optimized import OPTIMIZED
from k8s6plan.topology.designs.overlay_mesh import OVERLAY_MESH
from k8s6plan.topology.designs.regional_hubs import REGIONAL_HUBS
from k8s6plan.topology.groups import Outline
from k8s6plan.topology.joins import Design

DESIGNS: dict[str, Design] = {
    design.name: design
    for design in (
        HUB_AND_SPOKE,
        FULL_MESH,
        FLAT_IPV6,
        REGIONAL_HUBS,
        MANAGED_HUB,
        OVERLAY_MESH,
        AS_DEMANDED,
        OPTIMIZED,
    )
}


def wanted_designs(outline: Outline, named: Iterable[str] | None = None) -> list[str]:
    """Return the designs of ``named``, each once; where none is named, those the fleet is for.

    Raises:
        UnknownName: there is no design of a name; the message offers the nearest.

    """
    usual = (name for name, design in DESIGNS.items() if design.suits(outline))
    return [design_named(name).name for name in dict.fromkeys(named or usual)]


def design_named(name: str) -> Design:
    """Return the design called ``name``.

    Raises:
        UnknownName: there is none; the message offers the nearest.

    """
    if name not in DESIGNS:
        raise UnknownName(f'no design is named "{name}"' + did_you_mean(name, sorted(DESIGNS)))
    return DESIGNS[name]


__all__ = ["DESIGNS", "Design", "design_named", "wanted_designs"]
