"""The plan as YAML, for people to read and for the next run to keep."""

from __future__ import annotations

import re
from typing import Any

from k8s6plan.addressing.plan_file._records import Allocation, Held, Plan, SiteSummary
from k8s6plan.addressing.plan_file._state import next_stamp, state_line
from k8s6plan.fleet.model import FAMILIES, ROLES, Prefix
from k8s6plan.io.addresses import prefix_text
from k8s6plan.io.documents import dump


def to_yaml(plan: Plan, written_by: str) -> str:
    """Return the plan as YAML, with the line and the sums of it. Same plan, same bytes."""
    header = (
        f"{written_by}. The addressing plan of {plan.fleet}, and its lock:",
        "keep it beside the fleet file and under version control. The next",
        "`k8s6plan plan -o` of this file changes nothing that stands here.",
    )
    top = {"version": 1, "fleet": plan.fleet}
    data = {key: value for key, value in _data(plan).items() if value or key == "clusters"}
    whole = {**top, **data}
    stamp, sums = next_stamp(whole, plan.stamp)
    ends = re.sub(r"(?m)(?<=: )([0-9a-f]{16})$", r'"\1"', dump({"sums": sums}))
    return dump(top, header=header) + state_line(whole, stamp) + dump(data) + ends


def _data(plan: Plan) -> dict[str, Any]:
    data: dict[str, Any] = {}
    if plan.ula_seed is not None:
        data["ula_seed"] = plan.ula_seed
    if plan.notes:
        data["notes"] = list(plan.notes)
    data["clusters"] = {name: _held(plan.clusters[name]) for name in sorted(plan.clusters)}
    data["sites"] = {site: _site(plan, site) for site in sorted({*plan.members, *plan.sites})}
    data["tunnels"] = {
        pair: [{f: prefix_text(t.prefixes[f]) for f in FAMILIES if f in t.prefixes} for t in held]
        for pair, held in sorted(plan.tunnels.items())
    }
    data["summaries"] = {site: _summary(plan.summaries[site]) for site in sorted(plan.summaries)}
    data["routes"] = _routes(plan)
    data["allow"] = {
        name: {f: [prefix_text(p) for p in plan.allow[name][f]] for f in FAMILIES if f in lists}
        for name, lists in sorted(plan.allow.items())
    }
    data["free"] = {role: list(free) for role, free in plan.free.items()}
    data["tombstones"] = {name: _held(plan.tombstones[name]) for name in sorted(plan.tombstones)}
    return data


def _summary(summary: SiteSummary) -> dict[str, Any]:
    return {
        f: [prefix_text(p) for p in summary.prefixes[f]] for f in FAMILIES if f in summary.prefixes
    }


def _routes(plan: Plan) -> dict[str, Any]:
    """Return how many routes a peer needs for the whole fleet, with and without summarising."""
    return {
        family: {
            "summarised": sum(len(s.prefixes.get(family, ())) for s in plan.summaries.values()),
            "unsummarised": sum(s.unsummarised.get(family, 0) for s in plan.summaries.values()),
        }
        for family in FAMILIES
        if any(family in summary.prefixes for summary in plan.summaries.values())
    }


def _site(plan: Plan, site: str) -> dict[str, Any]:
    data: dict[str, Any] = {"clusters": list(plan.members.get(site, ()))}
    blocks = {
        source: {
            "prefix": _text(block.prefix),
            "length": block.length,
            "clusters": {
                name: prefix_text(block.clusters[name]) for name in sorted(block.clusters)
            },
        }
        for source, block in sorted(plan.sites.get(site, {}).items())
    }
    pools = plan.site_pools.get(site, {})
    if pools:
        data["ipv4"] = {role: str(pools[role]) for role in ROLES if role in pools}
    if blocks:
        data["ipv6"] = blocks
    return data


def _held(held: Held) -> dict[str, Any]:
    return {
        role: {f: _allocation(held[role][f]) for f in FAMILIES if f in held[role]}
        for role in ROLES
        if role in held
    }


def _allocation(allocation: Allocation) -> dict[str, Any]:
    data: dict[str, Any] = {"prefix": _text(allocation.prefix)}
    if allocation.layout is not None:
        data["layout"] = prefix_text(allocation.layout)
    if allocation.node_mask is not None:
        data["node_mask"] = allocation.node_mask
    data["grows_to"] = allocation.grows_to
    if allocation.reserved is not None:
        data["reserved"] = allocation.reserved
    data["source"] = allocation.source
    if allocation.also:
        data["also"] = [prefix_text(prefix) for prefix in allocation.also]
    if not allocation.routed:
        data["routed"] = False
    return data


def _text(prefix: Prefix | None) -> str | None:
    return None if prefix is None else prefix_text(prefix)
