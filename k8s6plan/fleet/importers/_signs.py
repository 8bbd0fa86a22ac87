"""By which marks on a node its provider, region, platform and CNI are known."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from k8s6plan.catalog import signs
from k8s6plan.fleet.importers._found import dig, text_at
from k8s6plan.fleet.model import ON_PREM

_REGION_LABELS = ("topology.kubernetes.io/region", "failure-domain.beta.kubernetes.io/region")
_ZONE_LABELS = ("topology.kubernetes.io/zone", "failure-domain.beta.kubernetes.io/zone")
CANAL = frozenset({"flannel", "calico"})


def labels(node: Any) -> Mapping[str, Any]:
    """Return the labels of ``node``."""
    found = dig(node, "metadata", "labels")
    return found if isinstance(found, dict) else {}


def notes(node: Any) -> Mapping[str, Any]:
    """Return the annotations of ``node``."""
    found = dig(node, "metadata", "annotations")
    return found if isinstance(found, dict) else {}


def provider(node: Any) -> str:
    """Return the provider of ``node``: by its providerID, else its labels, else on-prem.

    A cloud's controller gives every node a providerID; a node without one runs on nobody's cloud,
    or on a cloud that does not know of it.
    """
    by_id = signs.provider_of_id(text_at(node, "spec", "providerID"))
    return by_id or signs.provider_of_labels(_keys(labels(node))) or ON_PREM


def region(node: Any) -> str:
    """Return the region of ``node``, "" where none shows."""
    named = _first(node, _REGION_LABELS)
    return named or signs.region_of_id(text_at(node, "spec", "providerID"))


def zone(node: Any) -> str:
    """Return the zone of ``node``, "" where none shows."""
    return _first(node, _ZONE_LABELS)


def cluster(node: Any) -> str:
    """Return the name of the cluster of ``node``, "" where no label has it."""
    return _first(node, signs.cluster_labels())


def platform(node: Any) -> str:
    """Return the platform of ``node``, "" where none shows."""
    version = text_at(node, "status", "nodeInfo", "kubeletVersion")
    return signs.platform_of(_keys(labels(node)), version, _keys(notes(node)))


def cnis(node: Any) -> list[str]:
    """Return the CNIs that have left a mark on ``node``, the one that counts first."""
    return signs.cnis_of(_keys({**labels(node), **notes(node)}))


def _first(node: Any, keys: tuple[str, ...]) -> str:
    """Return the first of these labels that ``node`` has, "" where it has none."""
    return next((text for text in (text_at(labels(node), key) for key in keys) if text), "")


def _keys(marks: Mapping[str, Any]) -> list[str]:
    return list(map(str, marks))
