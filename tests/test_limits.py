"""Limits are met where the arithmetic says, and designs break where a scan finds it."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given, settings

from k8s6plan.designs import DESIGNS
from k8s6plan.limits import LimitBook, Reach, rows
from k8s6plan.metrics import Case
from k8s6plan.model import Fleet
from k8s6plan.terms import terms_of
from tests.strategies import load
from tests.test_costing import priced_fleets


def case_of(fleet: Fleet, design: str) -> Case:
    terms = terms_of(fleet)
    return Case(DESIGNS[design], terms.start, terms)


def vpcs(count: int, **connect: Any) -> dict[str, Any]:
    clusters = [{"name": f"c{n}", "provider": "aws", "region": "us-east-1"} for n in range(count)]
    return {"version": 1, "fleet": "f", "clusters": clusters, "connect": connect}


def reach(case: Case, limit: str) -> Reach:
    return next(found for found in case.reaches if found.limit.name == limit)


@pytest.mark.parametrize(
    ("design", "limit", "quota", "hard"),
    [
        ("full-mesh", "aws.vpc_peering_active_per_vpc", 52, 127),  # 51 by default, 126 at most
        ("flat-ipv6", "aws.nacl_rules_per_direction", 20, 40),  # 18 and 38 beside two denies
    ],
)
def test_breaking_points_of_one_region(design: str, limit: str, quota: int, hard: int) -> None:
    breaks = case_of(load(vpcs(4)), design).breaks
    assert breaks.quota is not None
    assert breaks.hard is not None
    assert (breaks.quota.limit.name, breaks.quota.clusters) == (limit, quota)
    assert (breaks.hard.limit.name, breaks.hard.clusters) == (limit, hard)


def test_ten_connections_on_a_private_gateway() -> None:
    clusters = [{"name": "cloud", "provider": "aws", "region": "us-east-1", "nodes": 1}]
    clusters += [{"name": f"c{n}", "provider": "on-prem", "site": f"s{n}"} for n in range(11)]
    case = case_of(load({"version": 1, "fleet": "f", "clusters": clusters}), "full-mesh")
    found = reach(case, "aws.s2s_vpn_connections_per_vgw")
    assert found.value == 11
    assert found.over == "quota"
    assert found.avoid.startswith("raise the quota to 11, or ")
    raised = {"limits": {"aws.s2s_vpn_connections_per_vgw": 12}}
    fleet = load({"version": 1, "fleet": "f", "clusters": clusters, **raised})
    found = reach(case_of(fleet, "full-mesh"), "aws.s2s_vpn_connections_per_vgw")
    assert (found.over, found.limit.marks) == ("no", ("yours",))


def test_the_sku_decides_which_gateway_limit_holds() -> None:
    clusters: list[dict[str, Any]] = [
        {"name": "hub", "provider": "azure", "region": "eastus", "nodes": 99}
    ]
    clusters += [{"name": f"c{n}", "provider": "on-prem", "site": f"s{n}"} for n in range(40)]
    data = {"version": 1, "fleet": "f", "clusters": clusters}
    case = case_of(load(data), "hub-and-spoke")
    assert reach(case, "azure.vpn_tunnels_vpngw1_3").over == "hard"
    larger = {**data, "assumptions": {"azure.vpn_gateway": "VpnGw4AZ"}}
    case = case_of(load(larger), "hub-and-spoke")
    assert reach(case, "azure.vpn_tunnels_vpngw4_5").over == "no"
    assert all(found.limit.key != "vpn_tunnels_vpngw1_3" for found in case.reaches)


def test_throughput_is_held_against_the_routed_peak() -> None:
    clusters = [
        {"name": "cloud", "provider": "azure", "region": "eastus", "nodes": 99},
        {"name": "one", "provider": "on-prem", "site": "s1"},
        {"name": "two", "provider": "on-prem", "site": "s2"},
    ]
    demands = [{"from": "one", "to": "two", "peak_mbps": 400}]
    fleet = load({"version": 1, "fleet": "f", "clusters": clusters, "demands": demands})
    # Through the hub it goes in and out again.
    found = reach(case_of(fleet, "hub-and-spoke"), "azure.vpn_gateway_mbps_VpnGw1AZ")
    assert found.value == 800
    assert found.over == "hard"
    idle = [r.limit.key for r in case_of(fleet, "full-mesh").reaches]
    assert "vpn_gateway_mbps_VpnGw1AZ" not in idle


def test_the_mesh_software_has_limits_of_its_own() -> None:
    clusters = [
        {"name": f"c{n}", "provider": "on-prem", "site": f"s{n}", "cni": "cilium"} for n in range(3)
    ]
    breaks = case_of(
        load({"version": 1, "fleet": "f", "clusters": clusters}), "overlay-mesh"
    ).breaks
    assert breaks.quota is not None
    assert breaks.hard is not None
    assert (breaks.quota.clusters, breaks.hard.clusters) == (256, 512)
    named = {"assumptions": {"overlay_software": "submariner"}}
    fleet = load({"version": 1, "fleet": "f", "clusters": clusters, **named})
    quota = case_of(fleet, "overlay-mesh").breaks.quota
    assert quota is not None
    assert (quota.limit.owner, quota.clusters) == ("submariner", 257)


def test_limits_are_those_of_the_data() -> None:
    found = {limit.name: limit for limit in rows("aws")}
    assert found["aws.vpc_peering_active_per_vpc"].default == 50
    assert found["aws.vpc_peering_active_per_vpc"].most == 125
    assert found["aws.nacl_rules_per_direction"].plus == 2
    assert found["aws.routes_per_route_table_propagated"].over(Decimal(101)) == "hard"
    checked = [limit for held in LimitBook().of("aws").values() for limit in held]
    assert len(checked) > 15
    assert all(limit.source and limit.as_of and limit.avoid for limit in checked)


@settings(max_examples=25)
@given(fleet=priced_fleets())
def test_breaking_points_are_where_a_scan_finds_them(fleet: Fleet) -> None:
    for design in ("hub-and-spoke", "full-mesh", "flat-ipv6"):
        case = case_of(fleet, design)
        scanned: dict[str, int] = {}
        for clusters in range(1, 61):
            for found in case.at(clusters).reaches:
                if found.over == "hard":
                    scanned.setdefault("hard", clusters)
                if found.over != "no":
                    scanned.setdefault("quota", clusters)
        for kind, held in (("quota", case.breaks.quota), ("hard", case.breaks.hard)):
            first = held.clusters if held is not None and held.clusters <= 60 else None
            assert first == scanned.get(kind), (design, kind)
