"""Who owns an address, one answer a line."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

from k8s6plan.views.tables import Column, rows_of

if TYPE_CHECKING:
    from k8s6plan.addressing.lookup import Answer, Owner
    from k8s6plan.addressing.plan_file import Plan

Cells = tuple[str, ...]

_COLUMNS = ("ADDRESS", "CLUSTER", "ROLE", "SITE", "PREFIX", "NODE BLOCK", "COUNTERPART", "NOTE")
_MOST_NAMES = 3  # owners of one prefix that a line names


def owner_table(rows: Iterable[Cells]) -> list[str]:
    """Return answers that are all there in columns as wide as they need to be."""
    return rows_of([Column(title) for title in _COLUMNS], rows, gap=2)


def owner_widths(plan: Plan) -> list[int]:
    """Return widths for answers that are not known yet, by the names and families of the plan."""
    names = (*plan.clusters, *plan.tombstones)
    sites = (*plan.members, *plan.sites)
    widest: list[Iterable[str]] = [
        ["255.255.255.255"],
        ["nobody", *names],
        ["services"],
        ["-", *sites],
        ["255.255.255.255/32"],
        ["255 255.255.255.255/32"],
        ["no counterpart"],
        [""],
    ]
    return [max(map(len, texts)) for texts in widest]


def owner_line(cells: Cells, widths: Iterable[int]) -> str:
    """Return one answer of a stream, which has no end to wait for."""
    return "  ".join(cell.ljust(n) for cell, n in zip(cells, widths, strict=True)).rstrip()


def owner_cells(answer: Answer, error: str | None) -> Cells:
    """Return the columns of one answer; ``error`` says why there is none."""
    if error is not None:
        return (answer.query, *"-" * 6, error)
    note = answer.note or ""
    owners = answer.owners
    if not owners:
        return (answer.query, "nobody", *"-" * 5, note)
    block = answer.node_block
    return (
        answer.query,
        _once(owner.cluster or "-" for owner in owners),
        _once(_role(owner) for owner in owners),
        _once(owner.site or "-" for owner in owners),
        owners[0].prefix,
        "-" if block is None else f"{block.number} {block.prefix}",
        answer.counterpart or answer.why_none or "-",
        note,
    )


def _role(owner: Owner) -> str:
    if owner.state == "held":
        return owner.role or "-"
    return f"{owner.role}, {owner.state}" if owner.role else owner.state


def _once(names: Iterable[str]) -> str:
    """Return the names, each once; of many the first few and how many more."""
    once = list(dict.fromkeys(names))
    more = len(once) - _MOST_NAMES
    return "+".join(once[:_MOST_NAMES]) + (f"+{more} more" if more > 0 else "")
