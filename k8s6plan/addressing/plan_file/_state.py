"""The line and the sums by which a plan file is known to be whole, and by which two differ.

``state`` is one line near the top: serial, lineage, number of allocations, and a digest of all. Two
branches that each change a plan both change this line, so git does not merge them in silence.
``sums``, at the end, has a digest of each cluster, tombstone and site, and of each other key, so
that a fault has a name. All digests are of what the file says, not of how it is written: comments
and line ends are the reader's.

- The digest of the line covers serial, lineage and number, ``fleet``, ``ula_seed`` and the sums.
- The lineage is the digest of the first plan; each plan made out of it keeps it, and counts on.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple

from k8s6plan.errors import Fault
from k8s6plan.io.documents import Document
from k8s6plan.io.lines import KeyPath

_BY_NAME = {"clusters": "cluster", "tombstones": "the tombstone of", "sites": "site"}
_MADE_ANEW = ("notes", "summaries", "routes", "allow", "free")
_OF_THE_LINE = ("version", "fleet", "ula_seed")
_DIGITS = 16  # of a sum and of a lineage: against accidents, not against people
_MOST = 20  # faults of one kind that a message tells
_HELP = "take the file from version control or its backup"
_AFTER_MERGE = "take the plan of the branch that is merged into, and run `k8s6plan plan -o` again"
_MERGED = f"after a merge, {_AFTER_MERGE}"
_OTHER_LINE = f"this line belongs to another plan than what stands below it; {_MERGED}"


# One encoder for all: to make it takes longer than to use it.
_encode = json.JSONEncoder(sort_keys=True, separators=(",", ":"), default=str).encode


class Stamp(NamedTuple):
    """Which plan of a line of plans it is: ``content`` is the digest of all that it says."""

    serial: int
    lineage: str
    content: str


def _digest(data: Any) -> str:
    try:
        text = _encode(data)
    except TypeError:  # keys of several kinds: never ours, so any digest will do
        text = repr(data)
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()


def sums_of(data: Mapping[str, Any]) -> dict[str, Any]:
    """Return the sums of what a plan file holds, by key, and where things have names, by name."""
    sums: dict[str, Any] = {}
    for key, value in data.items():
        if key in (*_OF_THE_LINE, "state", "sums"):
            continue
        if key in _BY_NAME and isinstance(value, dict):
            sums[key] = {str(name): _digest(value[name])[:_DIGITS] for name in value}
        else:
            sums[str(key)] = _digest(value)[:_DIGITS]
    return sums


def allocations_in(data: Mapping[str, Any]) -> int:
    """Return how many prefixes and layouts clusters and tombstones have in a plan file."""
    return sum(
        1 + (len(allocation["also"]) if isinstance(allocation.get("also"), list) else 0)
        for key in ("clusters", "tombstones")
        for roles in _values(data.get(key))
        for families in _values(roles)
        for allocation in _values(families)
        if isinstance(allocation, dict)
    )


def _values(data: Any) -> list[Any]:
    return list(data.values()) if isinstance(data, dict) else []


def next_stamp(data: Mapping[str, Any], before: Stamp | None) -> tuple[Stamp, dict[str, Any]]:
    """Return the stamp and the sums of a plan file that is to be written.

    ``before``: the stamp of the plan that it was made of, kept where nothing has changed.
    """
    sums = sums_of(data)
    content = _content(data, sums)
    if before is None:
        return Stamp(1, content[:_DIGITS], content), sums
    if before.content == content:
        return before, sums
    return Stamp(before.serial + 1, before.lineage, content), sums


def _content(data: Mapping[str, Any], sums: Mapping[str, Any]) -> str:
    return _digest([[data.get(key) for key in _OF_THE_LINE], sums])


def state_line(data: Mapping[str, Any], stamp: Stamp) -> str:
    """Return the line, with what it covers in its digest."""
    count = allocations_in(data)
    total = _digest([stamp.serial, stamp.lineage, count, stamp.content])
    return (
        f'state: {{serial: {stamp.serial}, lineage: "{stamp.lineage}", allocations: {count}, '
        f'sha256: "{total}"}}\n'
    )


class Verification:
    """Holds a plan file against its line and its sums.

    ``but``: clusters that are to be planned anew, so that what stands there need not be right, nor
    what is made anew with them.
    ``damaged`` then has the (key, name) of what is not: it must not be read.
    """

    def __init__(self, document: Document, data: dict[str, Any], but: frozenset[str]) -> None:
        self.document, self.data, self.but = document, data, but
        self.damaged: list[tuple[str, str]] = []
        self._sums = sums_of(data)

    def stamp(self) -> Stamp | None:
        """Return the stamp of a file without faults; None: it is older than these."""
        state = self.data.get("state")
        if state is None:
            return None
        return Stamp(state["serial"], state["lineage"], _content(self.data, self._sums))

    def faults(self) -> list[Fault]:
        """Return all that is not as it was written."""
        state, sums = self.data.get("state"), self.data.get("sums")
        if state is None and sums is None:
            return []  # older than both: `faults_of_an_older_file`
        if not isinstance(sums, dict):
            return [self._fault(("sums",), f'is cut off: "sums" at its end is missing; {_HELP}')]
        if not _is_state(state):
            message = f'"state" is missing or no line of ours, and "sums" are there; {_HELP}'
            return [self._fault(("state",), message)]
        assert isinstance(state, dict)  # noqa: S101  _is_state has seen to it
        found = [*self._wrong_parts(sums)]
        if not found:
            content = _content(self.data, sums)
            parts = [state["serial"], state["lineage"], state["allocations"], content]
            if _digest(parts) != state["sha256"]:
                found.append(self._fault(("state",), _OTHER_LINE))
            elif not self.damaged and allocations_in(self.data) != state["allocations"]:
                found.append(self._fault(("state",), f"counts other allocations; {_HELP}"))
        return found

    def _fault(self, path: KeyPath, message: str) -> Fault:
        return self.document.fault(path, message)

    def _wrong_parts(self, written: Mapping[str, Any]) -> Iterator[Fault]:
        """Yield a fault for each part that is not as its sum says, is missing, or has no sum."""
        found = self._sums
        for key in dict.fromkeys((*found, *written)):
            now, then = found.get(key), written.get(key)
            if now == then or (self.but and key in _MADE_ANEW):
                continue
            if isinstance(now, dict) and isinstance(then, dict):
                yield from self._wrong_names(key, now, then)
            elif now is None:
                yield self._fault((key,), f'"{key}" is missing; {_HELP}')
            elif then is None:
                message = f'"{key}" was not written by k8s6plan, or the file is cut off; {_HELP}'
                yield self._fault((key,), message)
            else:
                message = f'what "{key}" holds is not as it was written; {_HELP}; {_MERGED}'
                yield self._fault((key,), message)

    def _wrong_names(
        self, key: str, now: Mapping[str, str], then: Mapping[str, str]
    ) -> Iterator[Fault]:
        what = _BY_NAME.get(key, key)
        wrong = [name for name in sorted({*now, *then}) if now.get(name) != then.get(name)]
        kept = []
        for name in wrong:
            if self._is_planned_anew(key, name):
                self.damaged.append((key, name))
            else:
                kept.append(name)
        for name in kept[:_MOST]:
            if name not in now:
                yield self._fault((key,), f"{what} {name} is missing; {_HELP}")
            elif name not in then:
                message = f"{what} {name} was not written by k8s6plan, or a merge brought it here"
                yield self._fault((key, name), f"{message}; {_AFTER_MERGE}")
            else:
                message = f"{what} {name} is not as it was written; {_HELP}"
                yield self._fault((key, name), message + self._or_anew(key, name))
        if len(kept) > _MOST:
            yield self._fault((key,), f"and {len(kept) - _MOST:,} more under {key}")

    def _is_planned_anew(self, key: str, name: str) -> bool:
        return key == "clusters" and name in self.but if key != "sites" else self._empties(name)

    def _empties(self, site: str) -> bool:
        """Say whether all clusters of a site are planned anew, and the site with them."""
        given = self.data.get("sites", {}).get(site)
        names = given.get("clusters") if isinstance(given, dict) else None
        return isinstance(names, list) and bool(names) and {*map(str, names)} <= self.but

    def _or_anew(self, key: str, name: str) -> str:
        if key == "tombstones":
            return ""
        if key == "sites":
            return ", or plan its clusters anew, each with `--renumber NAME`"
        return f", or plan it anew with `k8s6plan plan -o {self.document.file} --renumber {name}`"

    def faults_of_an_older_file(self) -> Iterator[Fault]:
        """Yield what shows that a plan without line and sums is cut off: as far as it can be seen.

        Such a plan ends with what is free, or with tombstones.
        """
        clusters, sites = self.data.get("clusters"), self.data.get("sites")
        if self.data.get("state") is not None or not isinstance(clusters, dict) or not clusters:
            return
        if not isinstance(sites, dict) or "free" not in self.data:
            yield self._fault(("clusters",), f'is cut off: "free" at its end is missing; {_HELP}')
            return
        placed = {
            str(name)
            for site in sites.values()
            if isinstance(site, dict) and isinstance(site.get("clusters"), list)
            for name in site["clusters"]
        }
        for name in sorted({*map(str, clusters)} ^ placed)[:_MOST]:
            where = "no site" if name not in placed else "a site, and not among the clusters"
            yield self._fault(("clusters", name), f"{name} stands in {where}; {_HELP}")


def _is_state(state: Any) -> bool:
    kinds = {"serial": int, "lineage": str, "allocations": int, "sha256": str}
    return (
        isinstance(state, dict)
        and set(state) == set(kinds)
        and all(type(state[key]) is kind for key, kind in kinds.items())
    )
