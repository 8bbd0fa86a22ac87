"""The door to HiGHS, a solver of linear and mixed-integer programs.

Wings that do not know each other ask it: which hubs to choose, which clusters to renumber. It is
heavy to import, so import it where it is used.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import highspy
import numpy as np
import numpy.typing as npt

Floats = Sequence[float] | npt.NDArray[np.float64]
Integers = Sequence[int] | npt.NDArray[np.int64]


@dataclass(frozen=True)
class Row:
    """``least <= sum(factors * variables[columns]) <= most``."""

    columns: Integers
    factors: Floats
    least: float = -highspy.kHighsInf
    most: float = highspy.kHighsInf


@dataclass(frozen=True)
class Solution:
    """``bound``: no solution costs less. ``values`` is None where none is known."""

    values: npt.NDArray[np.float64] | None
    bound: float
    infeasible: bool


class _Silent(highspy.Highs):
    """HiGHS without a word: its constructor would greet on stdout, where our data go."""

    def enableCallbacks(self) -> None:  # noqa: N802  the constructor calls it, after nothing else
        self.silent()
        super().enableCallbacks()  # type: ignore[no-untyped-call]


def at_least(columns: Integers, least: float) -> Row:
    """Return the row: the sum of these variables is ``least`` or more."""
    return Row(columns, np.ones(len(columns)), least)


def minimise(
    costs: Floats,
    rows: Sequence[Row],
    *,
    whole: bool | int = True,
    seconds: float | None = None,
    most_nodes: int | None = None,
) -> Solution:
    """Minimise ``costs @ x`` over x between 0 and 1 under ``rows``.

    ``whole``: x are whole numbers; the first so many of them, where it is a number. ``seconds``
    and ``most_nodes`` (of the search tree: the same on every machine) end it without a proof.
    """
    solver = _Silent()  # type: ignore[no-untyped-call]
    solver.setOptionValue("threads", 1)  # two threads may find another of two equal optima
    solver.setOptionValue("mip_rel_gap", 0.0)
    if seconds is not None:
        solver.setOptionValue("time_limit", max(0.01, seconds))
    if most_nodes is not None:
        solver.setOptionValue("mip_max_nodes", most_nodes)
    solver.passModel(_model(costs, rows, whole=whole))
    solver.run()
    status = solver.getModelStatus()
    if status == highspy.HighsModelStatus.kInfeasible:
        return Solution(None, float("inf"), infeasible=True)
    info = solver.getInfo()
    solved = status == highspy.HighsModelStatus.kOptimal
    found = info.primal_solution_status == highspy.SolutionStatus.kSolutionStatusFeasible
    values = np.array(solver.getSolution().col_value) if found else None
    if solved:
        bound = info.objective_function_value
    else:
        bound = info.mip_dual_bound if whole else float("-inf")
    return Solution(values, bound, infeasible=False)


def _model(costs: Floats, rows: Sequence[Row], *, whole: bool | int) -> highspy.HighsLp:
    model = highspy.HighsLp()
    model.num_col_ = len(costs)
    model.num_row_ = len(rows)
    model.col_cost_ = np.asarray(costs, dtype=np.float64)
    model.col_lower_ = np.zeros(len(costs))
    model.col_upper_ = np.ones(len(costs))
    model.row_lower_ = np.array([row.least for row in rows])
    model.row_upper_ = np.array([row.most for row in rows])
    model.a_matrix_.format_ = highspy.MatrixFormat.kRowwise
    model.a_matrix_.start_ = np.cumsum([0, *(len(row.columns) for row in rows)])
    model.a_matrix_.index_ = np.concatenate([row.columns for row in rows])
    model.a_matrix_.value_ = np.concatenate([row.factors for row in rows])
    if whole:
        first = len(costs) if whole is True else int(whole)
        kinds = [highspy.HighsVarType.kInteger] * first
        model.integrality_ = kinds + [highspy.HighsVarType.kContinuous] * (len(costs) - first)
    return model
