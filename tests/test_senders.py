"""Routes and allow lists, counted again cluster by cluster."""

from __future__ import annotations

from ipaddress import IPv4Network, IPv6Network, collapse_addresses
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from k8s6plan.fleet import demands as senders
from k8s6plan.fleet.model import Cluster, Fleet, Selector
from k8s6plan.topology.groups import outline_of
from tests.strategies import fleet_files, load


def hears(fleet: Fleet, sender: Cluster, receiver: Cluster) -> bool:
    """Say whether a demand, or the lack of any, lets one cluster send to another."""
    if sender.site_name == receiver.site_name:
        return False
    return not fleet.demands or any(
        matches(demand.source, sender) and matches(demand.target, receiver)
        for demand in fleet.demands
    )


def matches(selector: Selector, cluster: Cluster) -> bool:
    if selector.name:
        return selector.name in ("all", cluster.name)
    return dict(selector.labels).items() <= cluster.labels.items()


@pytest.mark.slow
@settings(max_examples=200, deadline=None)
@given(data=fleet_files(), owners=st.lists(st.sampled_from(["", "a", "b"]), max_size=9))
def test_allow_lists_are_those_of_the_fullest_cluster(
    data: dict[str, Any], owners: list[str]
) -> None:
    data.pop("ipv6", None)
    data.pop("pools", None)
    aggregates = {"a": "2001:db8:a000::/36", "b": "2001:db8:b000::/36"}
    for cluster, owner in zip(data["clusters"], owners, strict=False):
        if owner:
            cluster["ipv6"] = aggregates[owner]
    fleet = load(data)
    most_ipv6 = most_ipv4 = 0
    for receiver in fleet.clusters:
        heard = [c for c in fleet.clusters if hears(fleet, c, receiver)]
        own = {c.ipv6 for c in heard if c.ipv6 is not None}
        most_ipv6 = max(most_ipv6, len(own) + sum(c.ipv6 is None for c in heard))
        most_ipv4 = max(most_ipv4, min(2, 2 * len(heard)))
    outline = outline_of(fleet)
    assert outline.allow_prefixes == most_ipv6
    assert outline.allow_pools == most_ipv4


def fleet_with(*clusters: dict[str, Any], **top: Any) -> Fleet:
    full = [{"provider": f"p{n}", "region": "r", **c} for n, c in enumerate(clusters)]
    return load({"version": 1, "fleet": "f", "clusters": full, **top})


def test_pinned_prefixes_count_as_they_are() -> None:
    many = {"name": "a", "addresses": {"pods": ["10.1.0.0/16", "10.2.0.0/16"]}}
    fleet = fleet_with(many, {"name": "b"}, {"name": "c"})
    assert senders.fullest_table(fleet) == 3  # b and c see two of a's and one of each other
    pods = {"pods": ["2001:db8::/64", "2001:db8:1::/64"], "nodes": "external"}
    fleet = fleet_with({"name": "a", "addresses": pods}, {"name": "b"})
    assert senders.most_prefixes(fleet) == 2


def test_pools_are_merged_with_pins_outside_them() -> None:
    inside = {"name": "a", "addresses": {"pods": ["100.64.0.0/16"]}}
    outside = {"name": "a", "addresses": {"pods": ["192.168.0.0/16"]}}
    assert senders.most_pools(fleet_with(inside, {"name": "b"}, {"name": "c"})) == 2
    assert senders.most_pools(fleet_with(outside, {"name": "b"}, {"name": "c"})) == 3
    halves = {"pods": ["10.0.0.0/9", "10.128.0.0/9"], "nodes": ["10.0.0.0/8"]}
    fleet = fleet_with({"name": "a"}, {"name": "b"}, pools=halves)
    assert senders.most_pools(fleet) == 1
    merged = collapse_addresses(map(IPv4Network, (*halves["pods"], *halves["nodes"])))
    assert len(list(merged)) == 1


def test_owned_aggregate_needs_all_clusters_inside() -> None:
    aggregate = "2001:db8::/32"
    fleet = fleet_with({"name": "a"}, {"name": "b"}, ipv6=aggregate)
    assert senders.share_aggregate(fleet)
    assert senders.most_prefixes(fleet) == 1
    astray = {"name": "b", "addresses": {"pods": ["2001:dead::/64"]}}
    fleet = fleet_with({"name": "a"}, astray, ipv6=aggregate)
    assert not senders.share_aggregate(fleet)
    assert not IPv6Network("2001:dead::/64").subnet_of(IPv6Network(aggregate))


def test_demands_narrow_both_lists() -> None:
    clusters = [{"name": f"c{n}"} for n in range(6)]
    one = [{"from": "c0", "to": "c1", "gb_per_month": 1}]
    fleet = fleet_with(*clusters, demands=one)
    assert (senders.most_prefixes(fleet), senders.most_pools(fleet)) == (1, 2)
    none = [{"from": "c0", "to": "c0", "gb_per_month": 1}]
    assert senders.most_prefixes(fleet_with(*clusters, demands=none)) == 0


def test_what_is_shared_or_kept_apart_is_counted_as_it_is_listed() -> None:
    pools = {"nodes": ["fd00:1::/32"], "pods": ["fd00:2::/32"]}
    assert senders.most_prefixes(fleet_with({"name": "a"}, {"name": "b"}, pools=pools)) == 2
    nodes = {"provider": "on-prem", "region": None, "site": "dc"}
    shared = [{"name": n, **nodes, "addresses": {"nodes": ["fd00::/64"]}} for n in ("a", "b")]
    # One node prefix of the site, and a block for the pods of each cluster.
    assert senders.most_prefixes(fleet_with(*shared, {"name": "c"})) == 3
    astray = {"name": "b", "addresses": {"pods": ["2001:dead::/64"]}}
    fleet = fleet_with({"name": "a"}, astray, {"name": "c"}, ipv6="2001:db8::/32")
    assert senders.most_prefixes(fleet) == 2
