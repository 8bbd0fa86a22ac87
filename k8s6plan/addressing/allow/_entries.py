"""What an allow list is made of: entries, and views that leave some of them out."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import NamedTuple, TypeVar, overload

from k8s6plan.fleet.model import Prefix, Role

T = TypeVar("T")
SENDING: tuple[Role, Role] = ("nodes", "pods")  # services are only ever answered from inside


class Entry(NamedTuple):
    """One line of an allow list; ``prefix`` None: ``of`` sends, but from where is not known."""

    prefix: Prefix | None
    of: str
    why: str = ""


class Others(Sequence[T]):
    """A shared tuple without a few of its items: one site's view of what all sites send."""

    __slots__ = ("_items", "_left_out")

    def __init__(self, items: tuple[T, ...], left_out: Sequence[int]) -> None:
        self._items, self._left_out = items, left_out

    @classmethod
    def of(cls, items: tuple[T, ...], left_out: Sequence[int]) -> Sequence[T]:
        """Return ``items`` without those at the indices ``left_out``, which are sorted."""
        return cls(items, left_out) if left_out else items

    def __len__(self) -> int:
        return len(self._items) - len(self._left_out)

    def __iter__(self) -> Iterator[T]:
        at = 0
        for index in (*self._left_out, len(self._items)):
            yield from self._items[at:index]
            at = index + 1

    @overload
    def __getitem__(self, index: int) -> T: ...
    @overload
    def __getitem__(self, index: slice) -> tuple[T, ...]: ...
    def __getitem__(self, index: int | slice) -> T | tuple[T, ...]:
        if isinstance(index, slice):
            return tuple(self)[index]
        at = range(len(self))[index]
        for left_out in self._left_out:
            at += left_out <= at
        return self._items[at]


def listed(names: Iterable[str], most: int = 4) -> str:
    """Return the names, of many the first few and how many more."""
    given = list(names)
    more = len(given) - most
    return ", ".join(given[:most]) + (f" and {more:,} more" if more > 0 else "")
