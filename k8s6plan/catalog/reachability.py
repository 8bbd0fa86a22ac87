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

    ``why``: what keeps others out, where something does. ``mode``: how the CNI runs;
    ``others``: the modes in which pods are reached so.
    """

    reached: bool
    why: str
    mode: str
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


def rows_for(platform: str | None, cni: str | None) -> tuple[ReachRow, ...]:
    """Return the rows for a platform with a CNI: its own, else those of the CNI anywhere.

    A platform's rows are for clusters that name no CNI, too. Where the platform has rows of its own
    and none for the CNI, those of the CNI hold: it is not the platform's that runs.
    """
    rows = reachability()
    own = tuple(
        row
        for row in rows
        if platform in row.get("platforms", ()) and (cni is None or cni in row["cnis"])
    )
    return own or tuple(row for row in rows if "platforms" not in row and cni in row["cnis"])


def _usual(rows: Sequence[ReachRow]) -> str | None:
    """Return the mode that is assumed where none is said: the usual one, or the only one."""
    found = (row["mode"] for row in rows if row.get("usual") or len(rows) == 1)
    return next(found, None)


@cache
def open_modes(
    platform: str | None, cni: str | None, way: Reaching
) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Return the modes in which pods are reached so, and those in which not, if none is usual.

    Empty where one is, or where all modes say the same.
    """
    rows = rows_for(platform, cni)
    if _usual(rows) is not None or len({row[way] for row in rows}) < 2:
        return (), ()
    modes = (tuple(r["mode"] for r in rows if r[way] is reached) for reached in (True, False))
    return next(modes), next(modes)


@cache
def reach(platform: str | None, cni: str | None, mode: str | None, way: Reaching) -> Reach | None:
    """Return how the table says that pods are reached; None where it has nothing of such clusters.

    ``way``: at their address of a family, or from ``inside``, by a gateway among the nodes.
    """
    rows = rows_for(platform, cni)
    wanted = mode or _usual(rows)
    row = next((row for row in rows if row["mode"] == wanted), None)
    if row is None:
        return None
    others = tuple(dict.fromkeys(other["mode"] for other in rows if other[way]))
    return Reach(
        row[way], row.get("why", ""), row["mode"], others, row["source"], row["confidence"]
    )
