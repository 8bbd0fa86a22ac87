"""Which sites should be hubs: the least latency, the least worst latency, or the least money."""

from __future__ import annotations

from k8s6plan.decision.hubs._problem import Placement, Problem, Progress, Watch
from k8s6plan.decision.hubs._question import Objective, Wish
from k8s6plan.decision.hubs.choice import Choice, Constraint, choose_hubs, value_of
from k8s6plan.decision.hubs.hub_median import hub_median
from k8s6plan.decision.hubs.instance import Instance, read_instance
from k8s6plan.decision.hubs.matrix import p_center, p_median

__all__ = [
    "Choice",
    "Constraint",
    "Instance",
    "Objective",
    "Placement",
    "Problem",
    "Progress",
    "Watch",
    "Wish",
    "choose_hubs",
    "hub_median",
    "p_center",
    "p_median",
    "read_instance",
    "value_of",
]
