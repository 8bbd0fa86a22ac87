"""Instances of the OR-Library: places and links in a text file, to check the optimiser against.

The first line holds the number of places n, the number of links, and p. Each further line is a
link: `i j cost`. The distance of two places is the shortest path between them. A link given twice
has its last cost, as with its author (J. E. Beasley, "A note on solving large p-median problems",
European Journal of Operational Research 21, 1985).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from k8s6plan.decision.hubs._problem import Matrix
from k8s6plan.errors import Fault, InvalidInstance

MOST_PLACES = 5000


@dataclass(frozen=True)
class Instance:
    """Distances between all places, and the number of hubs that the file asks for."""

    distances: Matrix
    hubs: int

    @property
    def weights(self) -> Matrix:
        """All places weigh the same."""
        return np.ones(len(self.distances))


def read_instance(text: str, file: str) -> Instance:
    """Return the instance in ``text``.

    Raises:
        InvalidInstance: it is no such file, or some places cannot be reached.

    """
    words = text.split()
    numbers = []
    try:
        numbers = [int(word) for word in words]
    except ValueError:
        wrong = next(word for word in words if not word.lstrip("-").isdigit())
        raise _invalid(file, f'"{wrong[:40]}" is no whole number') from None
    if len(numbers) < 3:
        raise _invalid(file, "it does not begin with the numbers of places, links and hubs")
    places, links, hubs = numbers[:3]
    if not 1 <= places <= MOST_PLACES or not 1 <= hubs <= places:
        raise _invalid(
            file,
            f"{places} places and {hubs} hubs; there can be 1 to {MOST_PLACES:,} places, "
            "and 1 hub to as many as places",
        )
    given = numbers[3:]
    if len(given) != 3 * links:
        raise _invalid(file, f"{links} links are {3 * links} numbers, got {len(given)}")
    distances = np.full((places, places), np.inf)
    np.fill_diagonal(distances, 0.0)
    for one, other, cost in zip(given[::3], given[1::3], given[2::3], strict=True):
        if not (1 <= one <= places and 1 <= other <= places) or cost < 0:
            raise _invalid(file, f"the link {one} {other} {cost}: places are 1 to {places}")
        if one != other:
            distances[one - 1, other - 1] = distances[other - 1, one - 1] = cost
    shortest = shortest_paths(distances)
    if np.isinf(shortest).any():
        far = int(np.flatnonzero(np.isinf(shortest[0]))[0]) + 1
        raise _invalid(file, f"no path joins the places 1 and {far}")
    return Instance(shortest, hubs)


def _invalid(file: str, message: str) -> InvalidInstance:
    return InvalidInstance([Fault(file, 0, f"{message}; write n, links and p, then `i j cost`")])


def shortest_paths(distances: Matrix) -> Matrix:
    """Return the lengths of the shortest paths between all places (Floyd 1962, Warshall 1962)."""
    found = distances.copy()
    for place in range(len(found)):
        np.minimum(found, found[:, [place]] + found[[place]], out=found)
    return found
