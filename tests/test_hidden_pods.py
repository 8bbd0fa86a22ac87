"""Pods that nobody outside their cluster reaches: overlaps, the plan, and allow lists."""

from __future__ import annotations

import re

import pytest

from k8s6plan.addressing.allow import allow_lists
from k8s6plan.addressing.check import check_fleet, check_plan
from k8s6plan.addressing.plan import make_plan
from k8s6plan.addressing.plan_file import from_yaml, to_yaml
from k8s6plan.errors import InvalidPlan
from k8s6plan.fleet import demands
from k8s6plan.fleet.overlaps import conflicts_of, overlaps_of
from k8s6plan.fleet.reach import hides_pods
from k8s6plan.topology.designs import DESIGNS
from tests.test_reach import AKS, AWS, GCP, PREM, fleet

EQUAL = 'addresses: {pods: "100.64.0.0/16"}'


def test_equal_prefixes_of_pods_that_are_not_routed_are_no_conflict() -> None:
    routed = fleet(f"{AWS}, {EQUAL}", f"{AWS}, {EQUAL}")
    assert len(overlaps_of(routed)) == 1
    apart = fleet(f"{AWS}, {EQUAL}, pods_routed: false", f"{AWS}, {EQUAL}, pods_routed: false")
    assert overlaps_of(apart) == []
    assert len(conflicts_of(apart)) == 1
    assert [one for one in check_fleet(apart) if one.rule in ("overlap", "equal-services")] == []
    plan, _ = make_plan(apart)
    assert {str(held["pods"]["ipv4"].prefix) for held in plan.clusters.values()} == {
        "100.64.0.0/16"
    }


def test_one_side_that_is_routed_is_enough_for_a_conflict() -> None:
    hidden = f"{AWS}, {EQUAL}, pods_routed: false"
    assert len(overlaps_of(fleet(hidden, f"{AWS}, {EQUAL}"))) == 1
    nodes = 'addresses: {nodes: "100.64.0.0/16"}'
    assert len(overlaps_of(fleet(hidden, f"{AWS}, {nodes}"))) == 1


def test_a_cluster_cannot_use_an_address_twice_though_it_is_hidden() -> None:
    twice = 'pods_routed: false, addresses: {pods: "10.1.0.0/16", services: "10.1.0.0/20"}'
    assert len(overlaps_of(fleet(f"{PREM}, {twice}"))) == 1


def test_aks_overlay_may_have_one_prefix_everywhere_as_microsoft_advises() -> None:
    aks = f'{AKS}, addresses: {{pods: "10.244.0.0/16"}}'
    assert overlaps_of(fleet(aks, aks)) == []
    subnet = f"{aks}, cni_mode: pod-subnet"
    assert len(overlaps_of(fleet(subnet, subnet))) == 1


def test_a_hidden_pod_sends_from_its_node() -> None:
    described = fleet(f"{AWS}, pods_routed: false", GCP, GCP)
    one, other, _ = described.clusters
    assert hides_pods(one)
    assert demands.sending_roles(one) == ("nodes",)
    assert demands.pod_prefixes(one) == 1
    assert len(demands.sources(described, one, 4)) == 1
    assert len(demands.sources(described, other, 4)) == 2
    narrow = fleet(
        f"{AWS}, pods_routed: false",
        GCP,
        more="demands: [{from: a, to: b, gb_per_month: 1}]\n",
    )
    lists = allow_lists(narrow, make_plan(narrow)[0], DESIGNS["full-mesh"])
    assert [entry.of for entry in lists["b"].entries] == ["a nodes"]


def test_the_plan_notes_whose_pods_nobody_reaches() -> None:
    plan, _ = make_plan(fleet(AKS, GCP))
    assert any(note.startswith("a: pods are an overlay") for note in plan.notes)


def test_pods_of_the_nodes_subnet_share_its_prefix() -> None:
    one = 'addresses: {nodes: "10.1.0.0/16", pods: "10.1.0.0/16"}'
    assert overlaps_of(fleet(f"{AKS}, cni_mode: node-subnet, {one}")) == []
    assert len(overlaps_of(fleet(f"{AKS}, cni_mode: pod-subnet, {one}"))) == 1
    assert overlaps_of(fleet(f"{AWS}, {one}")) == []
    assert len(overlaps_of(fleet(f"{AWS}, cni: cilium, cni_mode: overlay, {one}"))) == 1


def test_a_plan_with_equal_hidden_prefixes_is_sound_and_says_why() -> None:
    apart = fleet(f"{AWS}, {EQUAL}, pods_routed: false", f"{AWS}, {EQUAL}, pods_routed: false")
    plan, _ = make_plan(apart)
    text = to_yaml(plan, "m")
    assert text.count("routed: false") == 4  # pods of two clusters, in two families
    read = from_yaml(text, "plan.yaml")
    assert read.clusters == plan.clusters
    assert [one for one in check_plan(read) if one.rule == "overlap"] == []
    routed = fleet(f"{AWS}, {EQUAL}", f"{AWS}, pods_routed: true")
    again, _ = make_plan(routed, make_plan(fleet(f"{AWS}, {EQUAL}, pods_routed: false", AWS))[0])
    assert "routed: false" not in to_yaml(again, "m")


def test_what_routed_holds_in_a_plan_is_looked_at() -> None:
    plan, _ = make_plan(fleet(f"{AWS}, pods_routed: false", GCP))
    text = to_yaml(plan, "m").replace("routed: false", "routed: perhaps").partition("\nsums:")[0]
    text = re.sub(r"(?m)^state:.*\n", "", text) + "\n"  # as if it had never had sums
    with pytest.raises(InvalidPlan) as error:
        from_yaml(text, "plan.yaml")
    assert any('"routed" must be true or false' in line for line in error.value.lines)
