"""What is wrong with the addresses of a fleet or a plan: findings, each by a rule with a source.

The rules are rows of ``data/rules.yaml``; a fleet switches one off with ``rules: {name: false}``.
A figure that the fleet file does not state is not held against it: where only a default of ours is
missed, the finding is a note, which does not count. Each file here holds one subject.
"""

from __future__ import annotations

from k8s6plan.addressing.check import overlap, platform, sizes, special
from k8s6plan.addressing.check._finding import Finding, finding, in_order
from k8s6plan.addressing.overlap import held_by
from k8s6plan.addressing.plan import make_plan
from k8s6plan.addressing.plan_file import Plan
from k8s6plan.fleet.model import Fleet
from k8s6plan.fleet.overlaps import conflicts


def check_fleet(fleet: Fleet) -> list[Finding]:
    """Return the findings on the fleet's own prefixes and pools, gravest first."""
    overlapping = list(overlap.of_fleet(fleet))
    found = [
        *overlapping,
        *special.of_fleet(fleet),
        *sizes.of_fleet(fleet),
        *platform.of_fleet(fleet),
    ]
    if not any(one.severity == "error" for one in overlapping):
        found += [finding("fits", message) for message in make_plan(fleet)[1].findings]
    return in_order(found, fleet.rules)


def check_plan(plan: Plan) -> list[Finding]:
    """Return the findings on what a plan holds, tombstones included.

    Pods inside their nodes' prefix were pinned so, and judged with the fleet: no overlap here.
    """
    held = held_by(plan)
    named = ((holding.owner, holding.prefix) for holding in held)
    found = overlap.of_conflicts(conflicts(held, services_routed=False))
    return in_order([*found, *special.of_prefixes(named), *special.of_blocks(plan)], {})


__all__ = ["Finding", "check_fleet", "check_plan"]
