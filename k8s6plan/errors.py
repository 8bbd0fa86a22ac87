"""Everything that can go wrong on purpose.

::

    K8s6planError                 shown as plain lines, exit code 2
    ├── InvalidInput              a fleet or plan file with faults, all of them at once
    │   ├── InvalidFleet
    │   ├── InvalidPlan
    │   ├── InvalidBook           a price book, a bill of materials, kept figures
    │   └── InvalidInstance       places and links of the OR-Library
    ├── Overlap                   pinned prefixes that share addresses: no plan can be made
    ├── UnknownName               a design that does not exist
    ├── InvalidStack              encapsulations that cannot stand one in the other
    ├── NoPlacement               hubs cannot be chosen: a fact is missing, or limits exclude all
    └── FileRefused               a file that cannot be read, or must not be written

Any other exception is a defect of this program. `K8s6planWarning` is no fault: names that no table
knows, demands that can be read in two ways.
"""

from __future__ import annotations

import difflib
import heapq
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import lru_cache


@dataclass(frozen=True, order=True)
class Fault:
    """One thing that is wrong in one file, with the line and the way to mend it.

    ``line`` counts from 1; 0 says that the fault has no line of its own.
    """

    file: str
    line: int
    message: str

    def __str__(self) -> str:
        place = f"{self.file}:{self.line}" if self.line else self.file or "the plan"
        return f"{place}: {self.message}"


class K8s6planError(Exception):
    """The root: ``lines`` are what the user reads, one fault a line."""

    def __init__(self, *lines: str) -> None:
        super().__init__("\n".join(lines))
        self.lines = lines


class K8s6planWarning(UserWarning):
    """What is to be known of a file and is no fault, as one line; from Python only.

    The commands write these lines to stderr.
    """


class InvalidInput(K8s6planError):
    """A file with faults. ``faults`` holds them all, by line."""

    def __init__(self, faults: Iterable[Fault]) -> None:
        self.faults = tuple(sorted(faults))
        super().__init__(*(str(fault) for fault in self.faults))


class InvalidFleet(InvalidInput):
    """The fleet file breaks its format, or names something that is not there."""


class InvalidPlan(InvalidInput):
    """The plan file is damaged, or belongs to another fleet."""


class InvalidBook(InvalidInput):
    """A price book, a bill of materials or kept figures that break their format."""


class InvalidInstance(InvalidInput):
    """A file of places and links that is not in the format of the OR-Library."""


class Overlap(K8s6planError):
    """Pinned prefixes overlap, so that no plan without overlaps exists."""


class UnknownName(K8s6planError):
    """A name that is in none of our tables; the message offers the nearest one."""


class InvalidStack(K8s6planError):
    """Encapsulations that do not fit into each other, or leave nothing of a packet."""


class NoPlacement(K8s6planError):
    """No hubs can be chosen: a place or a price is not known, or the limits leave no choice."""


class FileRefused(K8s6planError):
    """A file that cannot be read or written, or that is not ours to overwrite."""


def printable(text: str) -> str:
    """Return ``text`` as one line without control characters: they could steer a terminal."""
    if text.isprintable():
        return text
    return "".join(
        char if char.isprintable() else char.encode("unicode_escape").decode() for char in text
    )


_CANDIDATES = 30
_MOST_NAMES = 5000
_LONGEST = 100


@lru_cache(maxsize=_MOST_NAMES)
def _pairs(name: str) -> frozenset[str]:
    """Return the pairs of neighbouring letters in ``name``: near names share most of them."""
    return frozenset(name[at : at + 2] for at in range(len(name) - 1))


def did_you_mean(wrong: str, known: Sequence[str], *, show: int = 12) -> str:
    """Return `; did you mean "x"?`, or the known names where none is near.

    ``show`` bounds the list, so that a fleet of thousands gives a message of one line.
    """
    near = nearest(wrong, known)
    if near is not None:
        return f'; did you mean "{near}"?'
    if not known:
        return ""
    more = f" and {len(known) - show} more" if len(known) > show else ""
    return f"; known: {', '.join(known[:show])}{more}"


def nearest(wrong: str, known: Sequence[str]) -> str | None:
    """Return the name that ``wrong`` may be a slip of the pen for; None where none is near."""
    wrong = wrong[:_LONGEST]
    candidates = known
    if len(known) > _CANDIDATES:  # difflib takes a tenth of a second for thousands of names
        pairs = _pairs(wrong)
        candidates = heapq.nlargest(
            _CANDIDATES, known[:_MOST_NAMES], key=lambda name: len(pairs & _pairs(name[:_LONGEST]))
        )
    near = difflib.get_close_matches(wrong, candidates, n=1, cutoff=0.6)
    return near[0] if near else None
