"""Whether selectors of the fleet file mean anybody, with the nearest name where they do not."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from pydantic_core import PydanticCustomError

from k8s6plan.errors import did_you_mean
from k8s6plan.fleet.model import Selector, parse_selector
from k8s6plan.io.remarks import cut

_MOST_HINTS = 20  # faults whose names are held against those of the fleet, which takes its time


class Selectable:
    """The names and the labels of the clusters in a file's data."""

    def __init__(self, clusters: Iterable[Mapping[str, Any]]) -> None:
        held = list(clusters)
        self._names = {cluster["name"] for cluster in held}
        self._labels = {
            (str(key), str(value).lower() if isinstance(value, bool) else str(value))
            for cluster in held
            if isinstance(cluster.get("labels"), dict)
            for key, value in cluster["labels"].items()
        }
        self._told = 0

    def why_nobody(self, given: object) -> str | None:
        """Say why a selector means no cluster; None where it does, or is none at all."""
        try:
            why = self._unmatched(parse_selector(given))
        except PydanticCustomError:
            return None  # the field's own fault is told already
        self._told += why is not None
        return why

    def _unmatched(self, selector: Selector) -> str | None:
        if selector.name is not None:
            wrong, what = selector.name, "is named"
            if wrong == "all" or wrong in self._names:
                return None
            known = self._names
        else:
            missing = ["=".join(label) for label in selector.labels if label not in self._labels]
            if not missing:
                return None
            wrong, what = missing[0], "has the label"
            known = {"=".join(label) for label in self._labels}
        message = f'no cluster {what} "{cut(wrong)}"'
        return message + (did_you_mean(wrong, sorted(known)) if self._told < _MOST_HINTS else "")
