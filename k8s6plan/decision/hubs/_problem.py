"""What every objective comes to: choose hubs, home every other site on them, pay the least.

The cost of a choice is the sum of

- ``hub_costs[j]`` for each hub j,
- ``mesh_costs[j, k]`` for each two hubs, for hubs are meshed,
- ``costs[i, j]`` for each home j of each site i that is no hub. A hub needs no home.

Sites are numbers here, in the order of their names, so that ties fall to the first name.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

Matrix = npt.NDArray[np.float64]
Integers = npt.NDArray[np.int64]
Mask = npt.NDArray[np.bool_]

# Without whole numbers two sums that differ by less than this share are the same sum.
TOLERANCE = 1e-6


@dataclass(frozen=True)
class Gateways:
    """``room[j]``: tunnels that site j can end; ``ends[i, j]``: tunnels of a link between i and j.

    The same number for every tunnel link, 0 for a link that needs none.
    """

    room: Integers
    ends: Integers


@dataclass(frozen=True)
class Problem:
    """One question to the optimiser; see the top of this file.

    ``fewest`` and ``most``: how many hubs there may be. ``homing``: hubs that each other site is
    joined to. ``groups[j]``: the provider of hub j as a number, where the homes of a site must be
    of different ones. ``gateways``: the tunnels that they can end, where that is limited.
    """

    costs: Matrix
    hub_costs: Matrix
    mesh_costs: Matrix | None
    fewest: int
    most: int
    homing: int = 1
    groups: Integers | None = None
    gateways: Gateways | None = None

    @property
    def sites(self) -> int:
        """The number of sites."""
        return len(self.costs)

    @property
    def step(self) -> float:
        """The least that two values can differ by: 1 where every cost is a whole number, else 0."""
        parts = [self.costs, self.hub_costs]
        if self.mesh_costs is not None:
            parts.append(self.mesh_costs)
        whole = all(bool(np.all(part == np.floor(part))) for part in parts)
        return 1.0 if whole else 0.0


@dataclass(frozen=True)
class Placement:
    """The answer: which sites are hubs, where each site is homed, and how sure that is.

    ``assignment[i]``: the homes of site i, the nearest first; a hub is its own. No choice of hubs
    has a value below ``bound``; ``proved`` says that none has one below ``value`` (in exact
    numbers where all costs are whole, else to a millionth).
    """

    hubs: tuple[int, ...]
    assignment: tuple[tuple[int, ...], ...]
    value: float
    bound: float
    proved: bool

    @property
    def gap(self) -> float:
        """How far the value can be above the optimum, as a share of the value."""
        return max(0.0, self.value - self.bound) / self.value if self.value else 0.0


@dataclass(frozen=True)
class Progress:
    """What is known while the search goes on."""

    value: float
    bound: float
    hubs: tuple[int, ...]


Watch = Callable[[Progress], None]


def fixed_number(costs: Matrix, hubs: int) -> Problem:
    """Return the plain problem: ``hubs`` hubs that cost nothing, one home for each site."""
    return Problem(costs, np.zeros(len(costs)), None, hubs, hubs)
