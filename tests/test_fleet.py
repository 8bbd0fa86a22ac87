"""What a fleet file means: defaults, names, selectors, and the values that pydantic makes."""

from __future__ import annotations

from decimal import Decimal
from ipaddress import ip_network
from pathlib import Path
from typing import Any

import pytest
import yaml

from k8s6plan.fleet.file import json_schema, load, parse
from k8s6plan.fleet.model import Fleet, Selector

EXAMPLES = sorted((Path(__file__).parent.parent / "examples").glob("*.yaml"))


def fleet(text: str) -> Fleet:
    return parse("version: 1\nfleet: f\n" + text, "fleet.yaml")


def test_there_are_examples() -> None:
    assert len(EXAMPLES) >= 5


@pytest.mark.parametrize("path", EXAMPLES, ids=lambda path: path.stem)
def test_examples_load(path: Path) -> None:
    assert load(path).clusters


def test_defaults_lie_under_what_a_cluster_says() -> None:
    described = fleet(
        """
defaults:
  provider: on-prem
  nodes: 7
  labels: {env: prod, tier: web}
  node_masks: {ipv4: 26}
  addresses: {nodes: external}
clusters:
  - {name: a, site: x}
  - {name: b, site: x, nodes: 9, labels: {env: test}, addresses: {pods: "10.0.0.0/16"}}
"""
    )
    one, other = described.clusters
    assert (one.nodes, other.nodes) == (7, 9)
    assert other.labels == {"env": "test", "tier": "web"}
    assert one.external("nodes")
    assert other.external("nodes")
    assert other.pinned("pods") == (ip_network("10.0.0.0/16"),)
    assert one.node_masks.ipv4 == 26


def test_defaults_of_the_format() -> None:
    (cluster,) = fleet("clusters: [{name: a, provider: aws, region: r}]").clusters
    assert (cluster.nodes, cluster.pods_per_node, cluster.services) == (10, 110, 1000)
    assert cluster.site_name == "a"
    described = fleet("clusters: []")
    assert described.connect.hubs == 1
    assert described.connect.encapsulation == "ipsec-aes-gcm"
    assert [str(p) for p in described.pools.pods] == ["100.64.0.0/10"]


def test_ipv6_source_by_place() -> None:
    described = fleet(
        """
clusters:
  - {name: a, provider: aws, region: r}
  - {name: b, provider: on-prem, site: x}
  - {name: c, provider: aws, region: r, ipv6: "2a00:100::/48"}
"""
    )
    kinds = [described.ipv6_of(cluster) for cluster in described.clusters]
    assert kinds == ["provider", "ula", ip_network("2a00:100::/48")]


def test_fields_of_later_life_are_read() -> None:
    described = fleet(
        """
clusters: []
growth: {nodes_per_year: 20%, clusters_per_year: 0.5}
prices:
  aws.site_to_site_vpn_connection_hour: 0.045
  acme.gateway_month: {price: "40", unit: gateway-month, source: contract}
limits: {aws.vpc_peering_active_per_vpc: 125}
rules: {nearly-full: false}
assumptions: {month_hours: 720}
"""
    )
    assert described.growth == {
        "nodes_per_year": Decimal("0.2"),
        "clusters_per_year": Decimal("0.5"),
    }
    assert described.prices["aws.site_to_site_vpn_connection_hour"].price == Decimal("0.045")
    assert described.limits["aws.vpc_peering_active_per_vpc"].default == 125


@pytest.mark.parametrize(
    ("selector", "chosen"),
    [
        ("all", ["a", "b", "c"]),
        ("b", ["b"]),
        ("env=prod", ["a", "b"]),
        ("env=prod, tier=web", ["a"]),
    ],
)
def test_selectors(selector: str, chosen: list[str]) -> None:
    described = fleet(
        f"""
clusters:
  - {{name: a, provider: p, region: r, labels: {{env: prod, tier: web}}}}
  - {{name: b, provider: p, region: r, labels: {{env: prod}}}}
  - {{name: c, provider: p, region: r, labels: {{env: test, live: true}}}}
demands:
  - {{from: "{selector}", to: all, gb_per_month: 1}}
"""
    )
    names = [described.clusters[i].name for i in described.select(described.demands[0].source)]
    assert names == chosen
    assert described.select(Selector(None, (("live", "true"),))) == [2]


def test_a_cluster_stands_for_its_site_as_a_hub() -> None:
    from k8s6plan.topology.hubs import hub_sites

    text = "clusters: [{name: a, provider: on-prem, site: x}, {name: b, provider: p, region: r}]\n"
    assert hub_sites(fleet(text + "connect: {hubs: [a, b, x]}")) == ("x", "b")


def test_schema_knows_every_field_of_the_model() -> None:
    schema = json_schema()
    assert set(schema["properties"]) == set(Fleet.model_fields)
    demand: dict[str, Any] = schema["$defs"]["Demand"]["properties"]
    assert {"from", "to"} <= set(demand)
    assert schema["$defs"]["ClusterDefaults"].get("required") is None


def test_anchors_are_plain_yaml() -> None:
    text = "x: &n 4\nclusters: []\n"
    assert yaml.safe_load(text)["x"] == 4
    described = fleet("clusters:\n  - &one {name: a, provider: p, region: r}\nexclude: []\n")
    assert described.clusters[0].name == "a"


@pytest.mark.parametrize("hubs", [1, 2, ["a"], None])
def test_no_homes_are_fine_with_hubs_of_any_kind(hubs: int | list[str] | None) -> None:
    connect: dict[str, object] = {"homes": {}} if hubs is None else {"hubs": hubs, "homes": {}}
    assert (
        fleet(
            "clusters: [{name: a, provider: aws, region: us-east-1}]\n"
            + yaml.safe_dump({"connect": connect})
        ).homes
        == {}
    )
