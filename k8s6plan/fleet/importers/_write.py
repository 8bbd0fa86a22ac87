"""The fleet file as text: data, what must be changed, and what could not be read."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from typing import Any

from k8s6plan.errors import FileRefused
from k8s6plan.fleet.importers._found import Kind, Remark, plain
from k8s6plan.fleet.importers._places import CHANGE
from k8s6plan.io.documents import MAX_BYTES, dump

MOST_REMARKS = 10_000  # of one kind in the file; all of them are on stderr

_TITLES: tuple[tuple[Kind, str], ...] = (
    ("unread", "Not in this file:"),
    ("note", "Mended, assumed, or worth a look:"),
)
_TO_CHANGE = re.compile(rf"^(\s+(?:- )?(?:provider|region|site): {CHANGE}\S*)$", re.MULTILINE)


def fleet_text(
    data: dict[str, Any], remarks: Sequence[Remark], made_from: Sequence[str], mark: str
) -> str:
    """Return the text of the fleet file.

    Raises:
        FileRefused: it would be larger than a fleet file may be.

    """
    change = [remark for remark in remarks if remark.kind == "change"]
    # The mark is not on the first line: by that, plan files are known.
    header = [
        "A fleet file of what there is.",
        mark,
        "",
        "Made from:",
        *(f"  {line}" for line in made_from),
    ]
    if change:
        header += ["", "Change first:", *_lines(change)]
    body = dump(data, header=header)
    body = _TO_CHANGE.sub(r"\1 # to be changed", body)
    tail: list[str] = []
    for kind, title in _TITLES:
        told = [remark for remark in remarks if remark.kind == kind]
        if told:
            tail += ["", title, *_lines(told)]
    text = body + "".join(f"# {line}".rstrip() + "\n" if line else "\n" for line in tail)
    if len(text.encode()) > MAX_BYTES:
        raise FileRefused(
            f"the fleet file would have more than {MAX_BYTES // 2**20} MiB; import fewer files, "
            "or leave out of the registers what lies outside your pools"
        )
    return text


def _lines(remarks: Iterable[Remark]) -> list[str]:
    lines = [f"  {plain(str(remark), 600)}" for remark in remarks]
    more = len(lines) - MOST_REMARKS
    return lines if more <= 0 else [*lines[:MOST_REMARKS], f"  and {more:,} more"]
