"""Hub placement on a matrix of numbers: p-median and p-center, as the literature has them."""

from __future__ import annotations

import numpy as np

from k8s6plan.decision.hubs._branch import solve
from k8s6plan.decision.hubs._center import solve_center
from k8s6plan.decision.hubs._problem import Matrix, Placement, Watch, fixed_number
from k8s6plan.errors import NoPlacement


def p_median(
    distances: Matrix,
    weights: Matrix,
    p: int,
    *,
    time_limit: float | None = None,
    watch: Watch | None = None,
) -> Placement:
    """Return the ``p`` hubs with the least sum of ``weights[i] * distances[i, nearest hub]``.

    ``distances`` is square, not negative, zero from a site to itself. Without ``time_limit`` (in
    seconds) the answer is proved. ``watch`` is told of each better choice and bound.

    Raises:
        NoPlacement: the numbers are no such matrix, or ``p`` is not between 1 and the sites.

    """
    _check(distances, p)
    if np.shape(weights) != (len(distances),) or not np.all(np.isfinite(weights) & (weights >= 0)):
        raise NoPlacement(f"{len(distances)} sites need as many weights, none of them negative")
    found = solve(fixed_number(distances * weights[:, None], p), time_limit=time_limit, watch=watch)
    assert found is not None  # noqa: S101  without limits any p sites will do
    return found


def p_center(
    distances: Matrix,
    p: int,
    *,
    time_limit: float | None = None,
    watch: Watch | None = None,
) -> Placement:
    """Return the ``p`` hubs with the least distance between a hub and the site furthest from it.

    Raises:
        NoPlacement: as in `p_median`.

    """
    _check(distances, p)
    found = solve_center(fixed_number(distances, p), time_limit=time_limit, watch=watch)
    assert found is not None  # noqa: S101
    return found


def _check(distances: Matrix, p: int) -> None:
    if distances.ndim != 2 or distances.shape[0] != distances.shape[1]:
        raise NoPlacement(f"distances are a square matrix, got {distances.shape}")
    if not 1 <= p <= len(distances):
        raise NoPlacement(f"{len(distances)} sites can have 1 to {len(distances)} hubs, not {p}")
    if not np.all(np.isfinite(distances) & (distances >= 0)) or np.diagonal(distances).any():
        raise NoPlacement("distances are finite, not negative, and 0 from a site to itself")
