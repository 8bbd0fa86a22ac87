"""What the software of an overlay mesh bounds."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal

from k8s6plan import catalog
from k8s6plan.evaluation.limits._reading import Reading
from k8s6plan.topology.groups import Outline


def of_mesh(outline: Outline) -> Iterator[Reading]:
    """Yield what the software of an overlay mesh bounds."""
    software = mesh_software(outline)
    if software is None:
        return
    where = "the largest of the cluster sets" if outline.divided else "the whole mesh"
    yield Reading("mesh_clusters", software, where, Decimal(outline.most_met))
    on_eni = sum(
        count
        for _, platform, count in outline.cnis
        if catalog.pods_inside_nodes(platform, None, "ipv4")
    )
    if on_eni:
        whole = sum(count for _, _, count in outline.cnis)
        share = Decimal(outline.most_met) * on_eni / whole if whole else Decimal(0)
        yield Reading("mesh_clusters_on_eni", software, where, share.to_integral_value())


def mesh_software(outline: Outline) -> str | None:
    """Return whose limits hold for an overlay mesh: as assumed, else the CNI that all have."""
    named = str(catalog.assumption("overlay_software", outline.assumptions))
    if named != "none":
        return named
    cnis = {cni for cni, _, _ in outline.cnis}
    whole = sum(count for _, _, count in outline.cnis)
    return "cilium" if cnis == {"cilium"} and whole >= outline.clusters else None
