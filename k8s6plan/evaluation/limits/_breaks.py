"""At how many clusters a design first exceeds a quota, and a limit: found by guess and proof."""

from __future__ import annotations

from collections.abc import Iterable
from decimal import Decimal
from math import ceil, isqrt, log
from typing import TYPE_CHECKING, Literal, NamedTuple, Protocol

from k8s6plan.catalog.limits import Limit
from k8s6plan.topology.groups import Outline

if TYPE_CHECKING:
    from k8s6plan.evaluation.limits import Reach

Kind = Literal["quota", "hard"]


class Break(NamedTuple):
    """The fewest clusters at which a limit is exceeded, and how."""

    clusters: int
    reach: Reach

    @property
    def limit(self) -> Limit:
        """The limit."""
        return self.reach.limit

    @property
    def value(self) -> Decimal:
        """The value reached."""
        return self.reach.value

    @property
    def where(self) -> str:
        """Where it is reached."""
        return self.reach.where


class Breaks(NamedTuple):
    """The breaking points of a design; None where nothing known breaks up to the horizon."""

    quota: Break | None
    hard: Break | None


class Grows(Protocol):
    """A fleet at any number of clusters."""

    start: Outline

    def at(self, clusters: int) -> Outline:
        """Return the fleet at so many clusters."""
        ...

    def counted(self, clusters: int) -> Outline:
        """Return the same without tables and allow lists."""
        ...


class Probe(Protocol):
    """What is reached at a number of clusters, as far as these measures say; None for all."""

    def __call__(self, clusters: int, measures: frozenset[str] | None) -> Iterable[Reach]:
        """Return how far each limit is reached into, the worst first."""
        ...


def find_breaks(probe: Probe, start: int, horizon: int) -> Breaks:
    """Return the breaking points: the least number of clusters at which ``probe`` exceeds.

    Looked for from ``start`` to ``horizon``, or below ``start`` where the fleet breaks there
    already. It is exact as long as nothing that is exceeded is kept again by a larger fleet, which
    holds for counts. So of a smaller fleet only those limits are asked for that a larger exceeds.
    """
    sizes = _Sizes(probe)
    quota = _first(sizes, "quota", max(1, start), horizon)
    if quota is None:
        return Breaks(None, None)  # what cannot be raised is a quota too
    return Breaks(quota, _first(sizes, "hard", max(1, start), horizon, quota.clusters))


class _Size(NamedTuple):
    """The worst reach of each kind at one size, and how far each limit is used: 1 is all of it.

    ``exceeded``: the measures of the limits that are exceeded.
    """

    quota: Reach | None
    hard: Reach | None
    quota_used: dict[str, float]
    hard_used: dict[str, float]
    exceeded: frozenset[str]

    def over(self, kind: Kind) -> Reach | None:
        """Return what is exceeded, if anything is."""
        return self.quota if kind == "quota" else self.hard

    def used(self, kind: Kind) -> dict[str, float]:
        """Return how much is used of each limit, by its name."""
        return self.quota_used if kind == "quota" else self.hard_used


class _Sizes:
    """What is reached at each size that was asked for, each worked out once."""

    def __init__(self, probe: Probe) -> None:
        self._probe = probe
        self._seen: dict[int, _Size] = {}

    def at(self, clusters: int, larger: int | None = None) -> _Size:
        """Return what is reached at so many clusters: of what a ``larger`` fleet exceeds."""
        if clusters not in self._seen:
            asked = None if larger is None else self._seen[larger].exceeded
            found = tuple(self._probe(clusters, asked))
            self._seen[clusters] = _Size(
                next((reach for reach in found if reach.over != "no"), None),
                next((reach for reach in found if reach.over == "hard"), None),
                {reach.limit.name: reach.used for reach in found},
                {reach.limit.name: reach.hard_used for reach in found},
                frozenset(reach.limit.measure for reach in found if reach.over != "no"),
            )
        return self._seen[clusters]

    def within(self, kind: Kind, below: int, above: int) -> tuple[int, int]:
        """Return the two sizes between them that were asked for and lie closest to the break."""
        seen = [n for n in self._seen if below < n < above]
        over = [n for n in seen if self._seen[n].over(kind)]
        above = min(over, default=above)
        return max([n for n in seen if n < above], default=below), above


def _first(sizes: _Sizes, kind: Kind, start: int, horizon: int, least: int = 1) -> Break | None:
    """Return the least number of clusters, from ``least`` on, that exceed something of ``kind``.

    1. Where the fleet breaks already, it does between there and nothing; else by the horizon, or
       not at all.
    2. What limits bound grows about as a power of the size, so that the place where each is met is
       guessed, and the first of these is looked at.
    3. Where guesses move the same end again and again, the step is doubled each time, up to the
       middle by ratio, so that the other end moves too.
    """
    if sizes.at(start).over(kind):
        below, above = least - 1, max(start, least)
    else:
        below, above = max(start, least - 1), max(horizon, least)
    if sizes.at(above).over(kind) is None:
        return None
    below, above = sizes.within(kind, below, above)
    lower, again = False, 0  # the end that was moved last, and how often again
    while above - below > 1:
        guess, step = _guess(sizes, kind, below, above), 1 << max(0, again - 1)
        middle = max(below + 1, isqrt(below * above))
        if lower:
            at = min(below + (guess - below) * step, max(guess, middle))
        else:
            at = max(above - (above - guess) * step, min(guess, middle))
        was, lower = lower, sizes.at(at, above).over(kind) is None
        again = again + 1 if lower == was else 0
        below, above = (at, above) if lower else (below, at)
    found = sizes.at(above).over(kind)
    return None if found is None else Break(above, found)


def _guess(sizes: _Sizes, kind: Kind, below: int, above: int) -> int:
    """Return about the size at which the first limit is met, between two sizes."""
    little = sizes.at(below).used(kind) if below else {}
    met = [
        _met(below, little.get(name, 0.0), above, much)
        for name, much in sizes.at(above).used(kind).items()
        if much > 1
    ]
    # By so little too much that a float does not show it: then by ratio.
    guess = ceil(min(met)) if met else isqrt(below * above)
    return min(max(guess, below + 1), above - 1)


def _met(below: int, little: float, above: int, much: float) -> float:
    """Return about the size at which all of a limit is used, by its use at two sizes."""
    if not 0 < little <= 1:  # it grows in proportion, or as the pairs do
        return float(above / much**0.75)
    power = log(much / little) / log(above / below)
    return float(above * (1 / much) ** (1 / power))
