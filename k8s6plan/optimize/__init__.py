"""Which sites should be hubs: the least latency, the least worst latency, or the least money."""

from __future__ import annotations

from k8s6plan.optimize._problem import Placement, Problem, Progress, Watch
from k8s6plan.optimize.instance import Instance, read_instance
from k8s6plan.optimize.matrix import p_center, p_median

__all__ = [
    "Instance",
    "Placement",
    "Problem",
    "Progress",
    "Watch",
    "p_center",
    "p_median",
    "read_instance",
]
