"""Limits are met where the arithmetic says, and designs break where a scan finds it."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given, settings

from k8s6plan.decision.metrics import Case
from k8s6plan.decision.terms import terms_of
from k8s6plan.evaluation.cost import Costs
from k8s6plan.evaluation.limits import (
    Limit,
    LimitBook,
    Reach,
    amount,
    find_breaks,
    reaches_of,
    rows,
)
from k8s6plan.evaluation.limits._measures import readings
from k8s6plan.evaluation.limits._reading import Ground
from k8s6plan.fleet.model import Fleet
from k8s6plan.topology.designs import DESIGNS
from k8s6plan.topology.groups import outline_of
from tests.oracle_costs import CLOUDS
from tests.oracle_limits import Count
from tests.strategies import for_each_design, load, priced_fleets


def case_of(fleet: Fleet, design: str) -> Case:
    terms = terms_of(fleet)
    return Case(DESIGNS[design], terms.start, terms)


def vpcs(count: int, **connect: Any) -> dict[str, Any]:
    clusters = [{"name": f"c{n}", "provider": "aws", "region": "us-east-1"} for n in range(count)]
    return {"version": 1, "fleet": "f", "clusters": clusters, "connect": connect}


def reach(case: Case, limit: str) -> Reach:
    return next(found for found in case.reaches if found.limit.name == limit)


def met(found: Reach) -> tuple[float, str]:
    """Return what is reached, and what that exceeds."""
    return float(found.value), found.over


@pytest.mark.parametrize(
    ("design", "quota", "hard"),
    [
        # 51 by default, 126 at most.
        (
            "full-mesh",
            ("vpc_peering_active_per_vpc", 52),
            ("vpc_peering_active_per_vpc", 127),
        ),
        # 60 rules by default, of all groups of an interface 1,000: each other cluster is one.
        (
            "flat-ipv6",
            ("sg_rules_per_direction_per_family", 62),
            ("sg_rules_times_groups", 1002),
        ),
    ],
)
def test_breaking_points_of_one_region(
    design: str, quota: tuple[str, int], hard: tuple[str, int]
) -> None:
    breaks = case_of(load(vpcs(4)), design).breaks
    assert breaks.quota is not None
    assert breaks.hard is not None
    assert (breaks.quota.limit.key, breaks.quota.clusters) == quota
    assert (breaks.hard.limit.key, breaks.hard.clusters) == hard


def test_ten_connections_on_a_private_gateway() -> None:
    clusters = [{"name": "cloud", "provider": "aws", "region": "us-east-1", "nodes": 1}]
    clusters += [{"name": f"c{n}", "provider": "on-prem", "site": f"s{n}"} for n in range(11)]
    case = case_of(load({"version": 1, "fleet": "f", "clusters": clusters}), "full-mesh")
    found = reach(case, "aws.s2s_vpn_connections_per_vgw")
    assert found.value == 11
    assert found.over == "quota"
    assert found.avoid.startswith("raise the quota to 11 connections, or ")
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


def test_a_tunnel_has_what_its_link_carries() -> None:
    clusters = [{"name": "hub", "provider": "aws", "region": "us-east-1", "nodes": 99}]
    clusters += [{"name": f"p{n}", "provider": "on-prem", "site": f"s{n}"} for n in range(9)]
    data: dict[str, Any] = {"version": 1, "fleet": "f", "clusters": clusters}
    data["demands"] = [{"from": "p0", "to": "hub", "peak_mbps": 3000}]
    for design in ("hub-and-spoke", "full-mesh", "managed-hub", "as-demanded"):
        found = reach(case_of(load(data), design), "aws.s2s_vpn_tunnel_bandwidth_standard")
        assert met(found) == (3, "hard"), design
        found = reach(case_of(load(data), design), "aws.s2s_vpn_tunnel_pps")
        assert met(found) == (375_000, "hard"), design
    data["connect"] = {"tunnels_per_link": 3}
    found = reach(case_of(load(data), "managed-hub"), "aws.s2s_vpn_tunnel_bandwidth_standard")
    assert met(found) == (1, "no")


def test_a_tunnel_has_no_share_in_the_links_beside_it() -> None:
    clusters = [{"name": "hub", "provider": "aws", "region": "us-east-1", "nodes": 99}]
    clusters += [{"name": f"p{n}", "provider": "on-prem", "site": f"s{n}"} for n in range(9)]
    demands = [{"from": "hub", "to": "all", "peak_mbps": 1000}]
    fleet = load({"version": 1, "fleet": "f", "clusters": clusters, "demands": demands})
    for design in ("hub-and-spoke", "full-mesh", "managed-hub", "as-demanded"):
        found = reach(case_of(fleet, design), "aws.s2s_vpn_tunnel_bandwidth_standard")
        assert met(found) == (1, "no"), design
    found = reach(case_of(fleet, "full-mesh"), "aws.s2s_vpn_vgw_aggregate_aws_to_onprem")
    assert met(found) == (9, "hard")


def test_a_tunnel_of_google_counts_both_ways_together() -> None:
    clusters = [
        {"name": "cloud", "provider": "gcp", "region": "us-east1"},
        {"name": "dc", "provider": "on-prem", "site": "dc"},
    ]
    demands = [
        {"from": "cloud", "to": "dc", "peak_mbps": 2000},
        {"from": "dc", "to": "cloud", "peak_mbps": 1500},
    ]
    fleet = load({"version": 1, "fleet": "f", "clusters": clusters, "demands": demands})
    for design in ("full-mesh", "managed-hub"):
        found = reach(case_of(fleet, design), "gcp.ha_vpn_tunnel_gbps")
        assert met(found) == (3.5, "hard"), design


def test_of_two_private_gateways_one_is_a_transit_gateway() -> None:
    clusters = [
        {"name": f"{region}-{n}", "provider": "aws", "region": region}
        for region in ("us-east-1", "us-west-2")
        for n in range(3)
    ]
    connect = {"same_provider": "tunnel", "tunnels_per_link": 2}
    case = case_of(
        load({"version": 1, "fleet": "f", "clusters": clusters, "connect": connect}), "full-mesh"
    )
    # In the east the first ends all its five on transit, so that two gateways are left there; the
    # last in the west has all five on its own.
    assert reach(case, "aws.s2s_vpn_vgws_per_region").value == 3
    assert reach(case, "aws.s2s_vpn_connections_per_vgw").value == 5
    # East: 3 sites, and 9 + 3 connections; west: 2 sites and 3.
    assert reach(case, "aws.tgw_attachments").value == 15
    east = [c for c in clusters if c["region"] == "us-east-1"]
    one = [*east[:1], *[c for c in clusters if c not in east][:1]]
    case = case_of(
        load({"version": 1, "fleet": "f", "clusters": one, "connect": connect}), "full-mesh"
    )
    assert reach(case, "aws.s2s_vpn_vgws_per_region").value == 1
    assert reach(case, "aws.s2s_vpn_vgws_per_region").where == "aws us-west-2"
    assert reach(case, "aws.tgw_attachments").where == "aws us-east-1"


def branches(count: int, *regions: str) -> list[dict[str, Any]]:
    clusters: list[dict[str, Any]] = [
        {"name": f"{region}-{n}", "provider": "azure", "region": region}
        for region in regions
        for n in range(2)
    ]
    return clusters + [
        {"name": f"p{n}", "provider": "on-prem", "site": f"s{n}"} for n in range(count)
    ]


def test_hubs_of_a_virtual_wan_count_as_its_connections_do() -> None:
    fleet = load(
        {"version": 1, "fleet": "f", "clusters": branches(1, "eastus", "westus", "uksouth")}
    )
    assert reach(case_of(fleet, "managed-hub"), "azure.vwan_vnet_connections_per_hub").value == 5


def test_a_virtual_wan_has_limits_of_its_links_and_its_router() -> None:
    demands = [
        {"from": "p0", "to": "eastus-0", "peak_mbps": 1100},
        {"from": "eastus-0", "to": "westus-1", "peak_mbps": 30_000},
        {"from": "westus-1", "to": "eastus-1", "peak_mbps": 21_000},
        {"from": "eastus-1", "to": "p1", "peak_mbps": 9000},
    ]
    data = {"version": 1, "fleet": "f", "clusters": branches(2, "eastus", "westus")}
    case = case_of(load({**data, "demands": demands}), "managed-hub")
    found = reach(case, "azure.vwan_hub_router")  # what goes to branches is the gateway's
    assert met(found) == (51, "hard")
    found = reach(case, "azure.vwan_throughput_per_connection")
    assert met(found) == (18, "hard")
    # One tunnel of the two has 1 Gbps, whatever the other has.
    case = case_of(load({**data, "demands": demands[:1]}), "managed-hub")
    assert reach(case, "azure.vwan_throughput_per_connection").over == "hard"
    redundant = {**data, "demands": demands[:1], "connect": {"tunnels_per_link": 2}}
    case = case_of(load(redundant), "managed-hub")
    assert reach(case, "azure.vwan_throughput_per_connection").over == "no"


def test_google_counts_what_other_regions_of_its_transit_learn() -> None:
    clusters = [
        {"name": "hub", "provider": "gcp", "region": "us-east1", "nodes": 99},
        {"name": "far", "provider": "gcp", "region": "europe-west1"},
        *({"name": f"p{n}", "provider": "on-prem", "site": f"s{n}"} for n in range(251)),
    ]
    fleet = load({"version": 1, "fleet": "f", "clusters": clusters})
    for design in ("hub-and-spoke", "managed-hub"):
        case = case_of(fleet, design)
        found = reach(case, "gcp.unique_learned_prefixes_other_regions")
        assert met(found) == (251, "quota"), design
        assert found.where == "gcp europe-west1", design
        assert reach(case, "gcp.unique_learned_prefixes_own_region").value == 251
    # Peered networks do not learn of each other by tunnels.
    case = case_of(fleet, "full-mesh")
    assert reach(case, "gcp.unique_learned_prefixes_own_region").value == 251


def test_customer_gateways_are_those_of_the_whole_region() -> None:
    clusters: list[dict[str, Any]] = [
        {"name": f"a{n}", "provider": "aws", "region": "us-east-1", "labels": {"to": f"p{n}"}}
        for n in range(3)
    ]
    clusters += [{"name": f"p{n}", "provider": "on-prem", "site": f"s{n}"} for n in range(3)]
    data = {
        "version": 1,
        "fleet": "f",
        "clusters": clusters,
        "sites": {"s2": {"gateways": 2}},
        "demands": [
            *({"from": f"a{n}", "to": f"p{n}", "gb_per_month": 1} for n in range(3)),
            {"from": "a0", "to": "p2", "gb_per_month": 1},
        ],
    }
    # Three sites, the last with two gateways, to each of which one of two connections goes.
    found = reach(case_of(load(data), "as-demanded"), "aws.s2s_vpn_customer_gateways_per_region")
    assert met(found) == (4, "no")
    assert found.where == "aws us-east-1"


def test_transit_without_attachments_has_routes_too() -> None:
    clusters = [{"name": "hub", "provider": "aws", "region": "us-east-1", "nodes": 99}]
    clusters += [{"name": f"p{n}", "provider": "on-prem", "site": f"s{n}"} for n in range(9)]
    fleet = load({"version": 1, "fleet": "f", "clusters": clusters})
    # Beside a managed hub the data centres have tunnels of their own to each other.
    for design, told in (("hub-and-spoke", 9), ("managed-hub", 1)):
        case = case_of(fleet, design)
        assert reach(case, "aws.tgw_routes_total").value == 10, design
        assert reach(case, "aws.s2s_vpn_routes_tgw_to_cgw").value == told, design
        # Each data centre tells of itself only.
        assert reach(case, "aws.s2s_vpn_routes_cgw_to_tgw").value == 1, design


def test_a_finding_says_how_much_of_what_and_the_way_out() -> None:
    case = case_of(load(vpcs(64)), "flat-ipv6")
    found = reach(case, "aws.sg_rules_per_direction_per_family")
    assert found.short == (
        "63 rules of aws: Rules of a security group, each way and family (60 rules by default), "
        "each site in aws us-east-1"
    )
    assert found.avoid.startswith("raise the quota to 63 rules")
    fixed = reach(case, "aws.sg_rules_times_groups").limit
    assert fixed.short.endswith("(1,000 rules, fixed)")
    assert [amount(Decimal(n), "entries") for n in (1, 2)] == ["1 entry", "2 entries"]
    assert amount(Decimal(1), "Gbps") == "1 Gbps"
    assert amount(Decimal("1.25"), "Gbps") == "1.25 Gbps"


def test_limits_are_those_of_the_data() -> None:
    found = {limit.name: limit for limit in rows("aws")}
    assert found["aws.vpc_peering_active_per_vpc"].default == 50
    assert found["aws.vpc_peering_active_per_vpc"].most == 125
    # A network ACL is optional: allow lists are rules of security groups.
    assert found["aws.nacl_rules_per_direction"].measure == ""
    assert found["aws.routes_per_route_table_propagated"].over(Decimal(101)) == "hard"
    checked = [limit for held in LimitBook().of("aws").values() for limit in held]
    assert len(checked) > 15
    assert all(limit.source and limit.as_of and limit.avoid for limit in checked)


@pytest.mark.slow
@settings(max_examples=25)
@given(fleet=priced_fleets())
def test_breaking_points_are_where_a_scan_finds_them(fleet: Fleet) -> None:
    terms = terms_of(fleet)
    for design in DESIGNS:
        case = Case(DESIGNS[design], terms.start, terms)
        scanned: dict[str, int] = {}
        for clusters in range(1, 61):
            over = {found.over for found in case.at(clusters).reaches}
            if over - {"no"}:
                scanned.setdefault("quota", clusters)
            if "hard" in over:
                scanned["hard"] = clusters
                break  # what comes after the first is not asked for
        size, now = terms.start.clusters, {found.over for found in case.reaches}
        for kind, held, told in (
            ("quota", case.breaks.quota, {"quota", "hard"}),
            ("hard", case.breaks.hard, {"hard"}),
        ):
            if scanned.get(kind, size) < size and not now & told:
                continue  # a smaller fleet exceeds what this one keeps: no break that lies ahead
            first = held.clusters if held is not None and held.clusters <= 60 else None
            assert first == scanned.get(kind), (design, kind)


class OneLimit:
    """What is reached into one limit, at sizes that were all asked for before."""

    def __init__(self, limit: Limit, at: dict[int, tuple[Reach, ...]]) -> None:
        self.limit = limit
        self.alone = {
            n: [reach for reach in found if reach.limit == limit] for n, found in at.items()
        }

    def __call__(self, clusters: int, measures: frozenset[str] | None) -> list[Reach]:
        assert measures is None or measures == {self.limit.measure}
        return self.alone[clusters]


@pytest.mark.slow
@settings(max_examples=25)
@given(fleet=priced_fleets(crowded=True))
def test_each_limit_breaks_where_asking_every_size_finds_it(fleet: Fleet) -> None:
    terms, size, most = terms_of(fleet), len(fleet.clusters), 40
    for design in DESIGNS.values():
        case = Case(design, terms.start, terms)
        at = {clusters: case.at(clusters).reaches for clusters in range(1, most + 1)}
        broken = {reach.limit for found in at.values() for reach in found if reach.over != "no"}
        for limit in sorted(broken, key=lambda limit: limit.name):
            probe = OneLimit(limit, at)
            breaks = find_breaks(probe, size, most)
            for told, found in (({"quota", "hard"}, breaks.quota), ({"hard"}, breaks.hard)):
                over = [n for n in at if any(r.over in told for r in probe.alone[n])]
                ahead = size in over
                straight = next((n for n in over if ahead or n > size), None)
                assert straight == (None if found is None else found.clusters), (design.name, limit)
                assert found is None or found.reach in probe.alone[found.clusters]


@settings(max_examples=25)
@given(fleet=priced_fleets(crowded=True))
def test_what_is_asked_for_is_what_is_found(fleet: Fleet) -> None:
    terms = terms_of(fleet)
    for design in DESIGNS.values():
        case = Case(design, terms.start, terms)
        for measure in {reach.limit.measure for reach in case.reaches}:
            costs = Costs(case.topology, terms.book)
            asked = reaches_of(case.topology, costs, terms.limits, frozenset({measure}))
            whole = [reach for reach in case.reaches if reach.limit.measure == measure]
            assert [reach for reach in asked if reach.limit.measure == measure] == whole


# --- the oracle ----------------------------------------------------------------------------------


def read(fleet: Fleet, design: str) -> dict[tuple[str, str], Decimal]:
    """Return the largest value of each measure of each cloud, by (owner, measure), above zero."""
    case = case_of(fleet, design)
    most: dict[tuple[str, str], Decimal] = {}
    for found in readings(Ground(case.topology, case.costs)):
        if found.owner in CLOUDS and found.value and found.measure != "entries":
            key = (found.owner, found.measure)
            most[key] = max(most.get(key, Decimal(0)), Decimal(found.value))
    return most


@pytest.mark.slow
@settings(max_examples=200)
@given(fleet=priced_fleets(crowded=True))
@for_each_design
def test_every_measure_is_what_a_walk_of_the_graph_counts(design: str, fleet: Fleet) -> None:
    outline = outline_of(fleet)
    order = {group: number for number, group in enumerate(outline.groups)}
    rank = {site: order[group] for site, group in outline.group_of.items()}
    assert read(fleet, design) == pytest.approx(Count(fleet, design, rank).found())


def test_a_figure_that_was_divided_is_held_as_what_it_was() -> None:
    senders = [
        {"name": f"c{n}", "provider": "azure", "region": "westeurope", "site": "hub",
         "labels": {"of": "it"}}
        for n in range(3)
    ]  # fmt: skip
    fleet = load(
        {
            "version": 1,
            "fleet": "f",
            "clusters": [*senders, {"name": "dc", "provider": "on-prem", "site": "dc"}],
            "demands": [{"from": {"of": "it"}, "to": "dc", "peak_mbps": 650, "per": "total"}],
        }
    )
    found = {reach.limit.key: reach for reach in case_of(fleet, "full-mesh").reaches}
    reach = found["vpn_gateway_mbps_VpnGw1AZ"]
    assert (reach.value, reach.over) == (Decimal(650), "no")


def test_a_break_is_found_where_a_float_does_not_show_it() -> None:
    limit = next(row for row in rows("azure") if row.key == "vpn_gateway_mbps_VpnGw1AZ")
    hair = Decimal("1e-24")

    def probe(clusters: int, measures: frozenset[str] | None) -> list[Reach]:
        assert measures is None or limit.measure in measures
        return [Reach(limit, Decimal(650) + (hair if clusters > 700 else -1), "there")]

    found = find_breaks(probe, 5, 20_000)
    assert found.hard is not None
    assert found.hard.clusters == 701
