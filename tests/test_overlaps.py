"""Which overlaps matter: one rule, and everyone who asks gives the same answer."""

from __future__ import annotations

import json
from collections.abc import Callable
from ipaddress import IPv4Network
from itertools import combinations
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from k8s6plan.addressing.check import check_fleet
from k8s6plan.addressing.plan import make_plan
from k8s6plan.decision.terms import terms_of
from k8s6plan.errors import Overlap
from k8s6plan.fleet import overlaps
from k8s6plan.fleet.file import load as load_file
from k8s6plan.fleet.model import Fleet, Prefix
from k8s6plan.fleet.overlaps import Conflict, Holding, overlaps_between_sites, overlaps_of
from k8s6plan.topology.groups import outline_of
from k8s6plan.topology.growth import Growth, beginning
from k8s6plan.views.report import report_of
from tests.conftest import Cli
from tests.strategies import load, prefixes


def holding(prefix: Prefix, number: int, role: str = "pods") -> Holding:
    name = f"c{number}"
    kin = f"{role} of {name}"
    return Holding(prefix, f"{name} ({role})", name, name, role, kin)  # type: ignore[arg-type]


def conflicts(held: list[Holding], *, services_routed: bool = False) -> list[Conflict]:
    return overlaps.conflicts(held, services_routed=services_routed)


@settings(max_examples=300)
@given(given_prefixes=st.lists(prefixes, max_size=12))
def test_overlaps_are_those_that_every_pair_shows(given_prefixes: list[Prefix]) -> None:
    held = [holding(prefix, number) for number, prefix in enumerate(given_prefixes)]
    found = set()
    for conflict in conflicts(held):
        both = {h.owner for h in conflict.holdings}
        found |= {frozenset(pair) for pair in combinations(sorted(both), 2)}
    brute = {
        frozenset((one.owner, other.owner))
        for one, other in combinations(held, 2)
        if one.prefix.version == other.prefix.version and one.prefix.overlaps(other.prefix)
    }
    # A conflict between groups names equal prefixes together, so it may name more, never fewer.
    assert brute <= found
    assert {owner for pair in found for owner in pair} == {o for pair in brute for o in pair}


def test_exact_duplicates_are_all_found() -> None:
    prefix = IPv4Network("10.0.0.0/24")
    (conflict,) = conflicts([holding(prefix, number) for number in range(100)])
    assert len(conflict.clusters) == 100
    assert str(conflict) == (
        "10.0.0.0/24 is held by c0 (pods), c1 (pods), c10 (pods), c11 (pods) and 96 more"
    )


@pytest.mark.parametrize("same_site", [True, False])
def test_nodes_of_one_site_may_share(same_site: bool) -> None:
    prefix = IPv4Network("10.0.0.0/24")
    held = [
        Holding(prefix, name, name, site, "nodes", f"nodes of site {site}")
        for name, site in (("a", "s"), ("b", "s" if same_site else "t"))
    ]
    assert len(conflicts(held)) == (0 if same_site else 1)


def test_services_are_apart_from_other_overlaps() -> None:
    prefix = IPv4Network("10.96.0.0/16")
    services = [holding(prefix, number, "services") for number in range(3)]
    (conflict,) = conflicts(services)
    assert conflict.harmless
    assert not conflict.between_sites
    pods = holding(IPv4Network("10.96.1.0/24"), 3)
    assert [c.harmless for c in conflicts([*services, pods])] == [True, False]
    found = conflicts([*services, pods], services_routed=True)
    assert [c.harmless for c in found] == [False, False]
    assert [c.between_sites for c in found] == [True, True]


# --- of a fleet: the rule against every pair -----------------------------------------------------

PREFIXES = ["10.0.0.0/8", "10.1.0.0/16", "10.1.2.0/24", "10.2.0.0/16", "fd00::/48", "fd00::/64"]


@st.composite
def pinned_fleets(draw: st.DrawFn) -> Fleet:
    clusters = []
    for number in range(draw(st.integers(0, 5))):
        chosen = st.lists(st.sampled_from(PREFIXES), unique=True, max_size=2)
        clusters.append(
            {
                "name": f"c{number}",
                "provider": "on-prem",
                "site": draw(st.sampled_from("stu")),
                # Pods of EKS with its own CNI live in their nodes' prefix.
                "platform": draw(st.sampled_from(["eks", "kubeadm"])),
                "cni": draw(st.sampled_from(["aws-vpc-cni", "cilium"])),
                "addresses": {role: draw(chosen) for role in ("nodes", "pods", "services")},
            }
        )
    return load(
        {
            "version": 1,
            "fleet": "f",
            "clusters": clusters,
            "exclude": draw(st.lists(st.sampled_from(PREFIXES), max_size=2)),
            "assumptions": {"services_routed": draw(st.booleans())},
        }
    )


@settings(max_examples=300)
@given(fleet=pinned_fleets())
def test_a_fleet_overlaps_where_a_pair_of_its_prefixes_does(fleet: Fleet) -> None:
    held = [pin.holding() for pin in overlaps.pins_of(fleet)]

    def harm(one: Holding, other: Holding) -> bool:
        services = one.role == other.role == "services" and not fleet.services_routed
        touching = one.prefix.version == other.prefix.version and one.prefix.overlaps(other.prefix)
        return touching and one.kin != other.kin and not services

    def apart(one: Holding, other: Holding) -> bool:
        routed = fleet.services_routed or "services" not in (one.role, other.role)
        return routed and None not in (one.site, other.site) and one.site != other.site

    pairs = [(one, other) for one, other in combinations(held, 2) if harm(one, other)]
    found = overlaps_of(fleet)
    assert {h.cluster for c in found for h in c.holdings} >= {h.cluster for p in pairs for h in p}
    assert bool(found) == bool(pairs)
    for family, words in overlaps_between_sites(fleet).items():
        version = 4 if family == "ipv4" else 6
        wanted = [p for p in pairs if p[0].prefix.version == version and apart(*p)]
        assert bool(words) >= bool(wanted)
        assert list(words) == [str(c) for c in found if c.between_sites and c.family == family]


@settings(max_examples=100)
@given(fleet=pinned_fleets())
def test_check_plan_and_compare_are_of_one_mind(fleet: Fleet) -> None:
    wrong = bool(overlaps_of(fleet))
    rules = ("overlap", "default-kept")
    assert wrong == any(f.rule in rules and f.severity == "error" for f in check_fleet(fleet))
    try:
        make_plan(fleet)
    except Overlap:
        assert wrong
    else:
        assert not wrong
    outline = outline_of(fleet)
    assert {"ipv4": outline.conflicts_ipv4, "ipv6": outline.conflicts_ipv6} == (
        overlaps_between_sites(fleet)
    )


# --- the fact reaches everyone -------------------------------------------------------------------

OVERLAP = """\
version: 1
fleet: overlap
clusters:
  - {name: a, provider: aws, region: us-east-1, addresses: {pods: 10.4.0.0/16}}
  - {name: b, provider: gcp, region: us-central1, addresses: {pods: 10.4.0.0/16}}
  - {name: c, provider: azure, region: eastus}
"""
SERVICES = """\
version: 1
fleet: services
clusters:
  - {name: a, provider: aws, region: us-east-1, addresses: {services: 10.100.0.0/16}}
  - {name: b, provider: gcp, region: us-central1, addresses: {services: 10.100.0.0/16}}
assumptions: {services_routed: true}
"""
HELD = "10.4.0.0/16 is held by a (pods) and b (pods)"


@pytest.fixture
def file(tmp_path: Path) -> Callable[[str], Path]:
    def write(text: str) -> Path:
        path = tmp_path / "fleet.yaml"
        path.write_text(text, encoding="utf-8")
        return path

    return write


def feasible(sheet: dict[str, Any], design: str) -> bool:
    return bool(sheet["designs"][design]["feasible"]["value"])


def test_every_size_of_a_report_knows_the_overlap(file: Callable[[str], Path]) -> None:
    terms = terms_of(load_file(file(OVERLAP)))
    stops = report_of(terms.start, ["full-mesh"], terms).grid.stops
    able = {stop.clusters: stop.table["full-mesh"]["feasible"].value for stop in stops}
    assert able.keys() >= {1, 2, 3, 10}
    # The first two that are there are a and b.
    assert {size for size, value in able.items() if value} == {1}


def test_a_picture_tells_of_the_overlap_and_its_file(
    cli: Cli, file: Callable[[str], Path], tmp_path: Path
) -> None:
    path, out = file(OVERLAP), tmp_path / "o.svg"
    done = cli("diagram", path, "-o", out)
    assert done.said[0] == f"warning: {path}: {HELD}; see `k8s6plan check`"
    assert f"Some clusters cannot be joined this way: {HELD}." in out.read_text(encoding="utf-8")


def test_routed_services_that_are_equal_cannot_be_joined(
    cli: Cli, file: Callable[[str], Path]
) -> None:
    path = file(SERVICES)
    held = "10.100.0.0/16 is held by a (services) and b (services)"
    done = cli("compare", path, "--format", "json")
    assert done.said == [f"warning: {path}: {held}; see `k8s6plan check`"]
    sheet = json.loads(done.out)
    assert not feasible(sheet, "full-mesh")
    assert sheet["designs"]["full-mesh"]["feasible"]["note"] == held
    assert feasible(sheet, "flat-ipv6")
    assert cli("check", path).code == 1
    assert cli("plan", path).code == 2
    apart = file(SERVICES.replace("true", "false"))
    done = cli("compare", apart, "--format", "json")
    assert done.said == []
    assert feasible(json.loads(done.out), "full-mesh")


def test_a_pin_on_routed_services_of_the_plan_is_refused() -> None:
    def fleet(routed: bool, **addresses: Any) -> Fleet:
        places = {"provider": "x", "region": "r"}
        clusters = [{"name": "a", **places}, {"name": "b", **places, "addresses": addresses}]
        assumed = {"services_routed": routed}
        return load({"version": 1, "fleet": "f", "clusters": clusters, "assumptions": assumed})

    for routed in (False, True):
        old, _ = make_plan(fleet(routed, services="10.9.0.0/24"))
        taken = old.clusters["a"]["services"]["ipv4"].prefix
        pinned = fleet(routed, services=["10.9.0.0/24", str(taken)])
        if routed:
            with pytest.raises(Overlap, match=r"held by a \(services\) and b \(services\)"):
                make_plan(pinned, old, old_file="plan.yaml")
        else:
            make_plan(pinned, old, old_file="plan.yaml")


def test_growth_keeps_the_overlaps_of_the_clusters_that_are_there() -> None:
    pods = ["10.1.0.0/16", "10.2.0.0/16", "10.1.5.0/24", "10.3.0.0/16", "10.2.0.0/16"]
    clusters = [
        {"name": f"c{n}", "provider": "x", "region": f"r{n}", "addresses": {"pods": prefix}}
        for n, prefix in enumerate(pods)
    ]
    fleet = load({"version": 1, "fleet": "f", "clusters": clusters})
    growth = Growth(fleet)
    for size in range(1, 12):
        there = [c.name for c in beginning(fleet, size).clusters]
        known = growth.at(size).conflicts_ipv4
        assert bool([w for w in known if "c2 (pods) lies" in w]) == ({"c0", "c2"} <= {*there})
        assert bool([w for w in known if "c1 (pods) and c4" in w]) == ({"c1", "c4"} <= {*there})
    assert len(growth.at(1_000).conflicts_ipv4) == 2
