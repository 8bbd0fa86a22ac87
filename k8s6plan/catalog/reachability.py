"""Whether pods are reached from outside their cluster: rows of platform x CNI x mode x family."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache
from typing import TYPE_CHECKING, Literal, NamedTuple

from k8s6plan.catalog._files import load

if TYPE_CHECKING:
    from k8s6plan.catalog.schema._tables import Reachability, ReachRow

Reaching = Literal["ipv4", "ipv6", "inside"]


class Reach(NamedTuple):
    """A row of the table, as far as one way of reaching pods goes.

    ``why``: what keeps others out, where something does. ``mode``: how the CNI runs, which is
    ``said`` of the cluster or else assumed; ``others``: the modes in which pods are reached so.
    """

    reached: bool
    why: str
    mode: str
    said: bool
    others: tuple[str, ...]
    source: str
    confidence: str


def _table() -> Reachability:
    found: Reachability = load("reachability.yaml")
    return found


def cni_modes() -> tuple[str, ...]:
    """Return how a CNI can run."""
    return tuple(_table()["modes"])


def reachability() -> list[ReachRow]:
    """Return every row of the table, in its order."""
    return _table()["reachability"]


@cache
def rows_for(platform: str | None, cni: str | None) -> tuple[ReachRow, ...]:
    """Return the rows for a platform with a CNI: the first of these that there are.

    1. The platform's with this CNI; all of the platform's, where no CNI is named.
    2. Those of the CNI, whatever the platform. Where a platform's usual pods are reached by nobody,
       its network takes no routes from nodes: no CNI opens it, and only overlays are taken.
    3. All of the platform's: of such a CNI nothing is known, and the platform's way is likely.
    4. Those of the CNI on other platforms.
    5. Those that hold whatever runs.
    """
    rows = reachability()
    own = tuple(row for row in rows if platform in row.get("platforms", ()))
    of_cni = tuple(row for row in rows if cni in row.get("cnis", ()))
    closed = any(row.get("usual") and not row["inside"] for row in own)
    return (
        tuple(row for row in own if cni is None or row in of_cni)
        or tuple(row for row in of_cni if "platforms" not in row and not (closed and row["ipv4"]))
        or own
        or of_cni
        or _whatever_runs()
    )


def _whatever_runs() -> tuple[ReachRow, ...]:
    return tuple(row for row in reachability() if "cnis" not in row)


def _usual(rows: Sequence[ReachRow]) -> str | None:
    """Return the mode that is assumed where none is said: the usual one, or the only one."""
    found = (row["mode"] for row in rows if row.get("usual") or len(rows) == 1)
    return next(found, None)


@cache
def _row_of(platform: str | None, cni: str | None, mode: str | None) -> ReachRow | None:
    """Return the row of a mode that is said: also one that only says what no CNI runs otherwise.

    An overlay is one on every platform: the cluster says it against itself.
    """
    rows = rows_for(platform, cni)
    if mode == "overlay":
        own = tuple(row for row in reachability() if platform in row.get("platforms", ()))
        rows = (*rows, *own, *_whatever_runs())
    return next((row for row in rows if row["mode"] == mode), None)


@cache
def open_modes(
    platform: str | None, cni: str | None, mode: str | None, way: Reaching
) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Return the modes in which pods are reached so, and those in which not, if nothing decides.

    Empty where the mode that is said or the usual one does, or where all modes say the same.
    """
    rows = rows_for(platform, cni)
    decided = _row_of(platform, cni, mode) is not None or _usual(rows) is not None
    if decided or len({row[way] for row in rows}) < 2:
        return (), ()
    modes = (tuple(r["mode"] for r in rows if r[way] is reached) for reached in (True, False))
    return next(modes), next(modes)


def is_known(platform: str | None, cni: str | None) -> bool:
    """Say whether some row is about the platform or the CNI, and not about whatever runs."""
    return "cnis" in rows_for(platform, cni)[0]


@cache
def reach(platform: str | None, cni: str | None, mode: str | None, way: Reaching) -> Reach | None:
    """Return how the table says that pods are reached; None where nothing decides it.

    A mode that the platform or CNI does not have is as none: what is usual there counts.
    ``way``: at their address of a family, or from ``inside``, by a gateway among the nodes.
    """
    rows = rows_for(platform, cni)
    row = _row_of(platform, cni, mode) or _row_of(platform, cni, _usual(rows))
    if row is None:
        return None
    others = tuple(dict.fromkeys(other["mode"] for other in rows if other[way]))
    said = row["mode"] == mode
    return Reach(
        row[way], row.get("why", ""), row["mode"], said, others, row["source"], row["confidence"]
    )
