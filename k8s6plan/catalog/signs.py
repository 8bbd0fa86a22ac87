"""By what providers, platforms and CNIs are known in what is imported.

Each is a row of the data, called ``signs``: who brings a provider brings its signs along. Where
several would do, the first by name counts, so that the order of a file never matters.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable
from functools import cache
from typing import TYPE_CHECKING

from k8s6plan.catalog._files import load, provider_file, provider_names

if TYPE_CHECKING:
    from k8s6plan.catalog.schema._providers import Signs
    from k8s6plan.catalog.schema._tables import NodeSigns


def provider_of_id(identity: str) -> str | None:
    """Return the provider of a node by its spec.providerID; None where that tells nothing.

    A scheme that is in no file names the provider itself: ``linode://123``.
    """
    for name in provider_names():
        if _begins((identity,), _of_provider(name).get("provider_ids", ())):
            return name
    scheme, found, _ = identity.partition("://")
    return scheme if found and scheme else None


def provider_of_labels(labels: Iterable[str]) -> str | None:
    """Return the provider that alone puts such labels on nodes."""
    known = list(labels)
    for name in provider_names():
        if _begins(known, _of_provider(name).get("labels", ())):
            return name
    return None


def region_of_id(identity: str) -> str:
    """Return the region that a node's spec.providerID names, "" where it names none."""
    patterns = (_of_provider(name).get("region_in_provider_id") for name in provider_names())
    found = (re.match(pattern, identity) for pattern in patterns if pattern)
    return next((match[1] for match in found if match), "")


def platform_of(labels: Collection[str], version: str, annotations: Collection[str]) -> str:
    """Return the platform of a node, "" where nothing tells.

    Labels count before the kubelet's version, and that before annotations: a managed platform may
    be built with the tools below it.
    """
    known = _on_nodes("platforms")
    for name, signs in known.items():
        if _begins(labels, signs.get("labels", ())):
            return name
    for name, signs in known.items():
        if any(part in version for part in signs.get("versions", ())):
            return name
    for name, signs in known.items():
        if _begins(annotations, signs.get("annotations", ())):
            return name
    return ""


def cnis_of(marks: Collection[str]) -> list[str]:
    """Return the CNIs that have left a mark among labels and annotations, the main one first."""
    known = _on_nodes("cnis")
    found = [name for name, signs in known.items() if _begins(marks, signs.get("marks", ()))]

    def behind(name: str) -> int:
        return sum(name in known[other].get("before", ()) for other in found)

    return sorted(found, key=lambda name: (behind(name), name))


def cluster_labels() -> tuple[str, ...]:
    """Return the labels of nodes that name their cluster."""
    signs = _on_nodes("platforms").values()
    return tuple(label for row in signs for label in row.get("cluster_labels", ()))


def platform_names() -> tuple[str, ...]:
    """Return the names of the platforms that the catalogue knows."""
    return tuple(sorted(load("platforms.yaml")["platforms"]))


@cache
def _of_provider(name: str) -> Signs:
    file = provider_file(name)
    none: Signs = {}  # type: ignore[typeddict-item]
    return none if file is None else file.get("signs", none)


@cache
def _on_nodes(table: str) -> dict[str, NodeSigns]:
    """Return the signs of all platforms, or of all CNIs, by name."""
    rows = load("platforms.yaml")[table]
    return {name: rows[name]["signs"] for name in sorted(rows) if "signs" in rows[name]}


def _begins(texts: Iterable[str], starts: Iterable[str]) -> bool:
    return any(text.startswith(start) for start in starts for text in texts)
