"""Every kind of change between two plans, and its grade."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from k8s6plan.addressing.diff import Change, compare_plans
from k8s6plan.addressing.plan import make_plan
from k8s6plan.addressing.plan_file import Plan, from_yaml, to_yaml
from k8s6plan.fleet.model import Fleet
from tests.plan_files import unsealed
from tests.strategies import load

MARK = "Written by k8s6plan 0 plan"


def fleet(*clusters: dict[str, Any]) -> Fleet:
    full = [{"provider": "x", "region": "r", "ipv6": "ula", **cluster} for cluster in clusters]
    return load({"version": 1, "fleet": "f", "ula_seed": "s", "clusters": full})


def plan(*clusters: dict[str, Any], old: Plan | None = None, release: tuple[str, ...] = ()) -> Plan:
    return make_plan(fleet(*clusters), old, release=release)[0]


def edited(start: Plan, edit: Callable[[str], str]) -> Plan:
    """Return the plan after somebody edited its file by hand."""
    before = unsealed(to_yaml(start, MARK))
    after = edit(before)
    assert after != before
    return from_yaml(after, "plan.yaml")


BASE = plan({"name": "a"}, {"name": "b"})
PODS = str(BASE.clusters["a"]["pods"]["ipv4"].prefix)
NODES = str(BASE.clusters["a"]["nodes"]["ipv4"].prefix)
SERVICES = str(BASE.clusters["a"]["services"]["ipv4"].prefix)


def grades(changes: list[Change]) -> list[tuple[str, str]]:
    return [(change.grade, change.cluster) for change in changes]


@pytest.mark.parametrize(
    ("prefix", "other", "grade", "says"),
    [
        (PODS, "100.127.0.0/20", "rebuild", f"pods move from {PODS} to 100.127.0.0/20"),
        (PODS, PODS.replace("/20", "/19"), "rebuild", "pods widen from"),
        (SERVICES, "172.23.252.0/22", "rebuild", "services move from"),
        (NODES, "10.255.0.0/28", "disruptive", "nodes move from"),
        (NODES, NODES.replace("/28", "/27"), "free", "nodes widen from"),
        ("node_mask: 24", "node_mask: 25", "rebuild", "node mask /24 becomes /25"),
    ],
)
def test_moved_prefixes(prefix: str, other: str, grade: str, says: str) -> None:
    after = edited(BASE, lambda text: text.replace(prefix, other, 1))
    (change,) = compare_plans(BASE, after)
    assert (change.grade, change.cluster) == (grade, "a")
    assert says in str(change)


def test_nothing_changed_is_nothing() -> None:
    assert compare_plans(BASE, BASE) == []
    assert compare_plans(BASE, from_yaml(to_yaml(BASE, MARK), "plan.yaml")) == []


def test_clusters_that_come_and_go_are_free() -> None:
    gone = plan({"name": "b"}, {"name": "c"}, old=BASE)
    assert grades(compare_plans(BASE, gone)) == [("free", "a"), ("free", "c")]
    back = plan({"name": "a"}, {"name": "b"}, {"name": "c"}, old=gone)
    (change,) = compare_plans(gone, back)
    assert change.what == "is back from its tombstone"
    freed = plan({"name": "b"}, {"name": "c"}, old=gone, release=("a",))
    (change,) = compare_plans(gone, freed)
    assert change.what == "is released"


def test_renaming_is_free() -> None:
    renamed = plan({"name": "z", "formerly": "a"}, {"name": "b"}, old=BASE)
    (change,) = compare_plans(BASE, renamed)
    assert str(change) == "free: z: was a; the prefixes are the same"


def test_growth_in_place_is_a_rebuild_for_pods() -> None:
    grown = plan({"name": "a", "nodes": 60}, {"name": "b"}, old=BASE)
    found = compare_plans(BASE, grown)
    assert ("rebuild", "a") in grades(found)
    assert any("pods widen" in change.what for change in found)
    assert {change.cluster for change in found} == {"a"}


def test_family_lost_and_gained() -> None:
    single = edited(BASE, lambda text: drop(text, "  a:", "pods", "ipv6"))
    (lost,) = compare_plans(BASE, single)
    assert lost.grade == "rebuild"
    (gained,) = compare_plans(single, BASE)
    assert gained.grade == "disruptive"
    assert "second family" in gained.why


def drop(text: str, cluster: str, role: str, family: str) -> str:
    """Cut the lines of one allocation out of a plan file."""
    lines = text.splitlines()
    at = lines.index(f"    {role}:", lines.index(cluster))
    start = lines.index(f"      {family}:", at)
    end = start + 1
    while lines[end].startswith("        "):
        end += 1
    return "\n".join(lines[:start] + lines[end:]) + "\n"


# --- reachability --------------------------------------------------------------------------------

CILIUM = {"name": "a", "platform": "kubeadm", "cni": "cilium"}


def between(before: dict[str, Any], after: dict[str, Any]) -> list[Change]:
    """Return what changes between two fleets of one cluster and a neighbour."""
    old, new = fleet(before, {"name": "b"}), fleet(after, {"name": "b"})
    first = make_plan(old)[0]
    return compare_plans(first, make_plan(new, first)[0], (old, new))


@pytest.mark.parametrize(
    ("before", "after", "grade", "ways"),
    [
        ({"cni_mode": "native"}, {"cni_mode": "overlay"}, "disruptive", {"IPv4", "IPv6"}),
        ({"cni_mode": "overlay"}, {"cni_mode": "native"}, "free", {"IPv4", "IPv6"}),
        ({}, {"pods_routed": False}, "disruptive", {"IPv4", "IPv6", "gateways"}),
    ],
)
def test_a_mode_that_changes_who_is_reached_is_told(
    before: dict[str, Any], after: dict[str, Any], grade: str, ways: set[str]
) -> None:
    (change,) = between({**CILIUM, **before}, {**CILIUM, **after})
    said = "are no longer reached by" if grade == "disruptive" else "are reached by"
    assert (change.grade, change.cluster) == (grade, "a")
    assert change.what.startswith(f"pods {said} ")
    assert {way for way in ("IPv4", "IPv6", "gateways") if way in change.what} == ways
    assert "translated" in change.why or "pods_routed" in change.why or "overlay" in change.why


def test_a_platform_that_changes_who_is_reached_is_told_after_a_renaming_too() -> None:
    gke = {"name": "a", "provider": "gcp", "platform": "gke"}
    aks = {"name": "z", "formerly": "a", "provider": "azure", "platform": "aks"}
    found = between(gke, aks)
    lost = [change for change in found if "no longer reached by IPv4" in change.what]
    assert [(change.cluster, change.grade) for change in lost] == [("z", "disruptive")]
    assert "pods are an overlay" in lost[0].why


def test_a_mode_that_changes_nothing_is_not_told() -> None:
    assert between(CILIUM, {**CILIUM, "cni_mode": "native"}) == []


def test_plans_alone_say_whose_pods_nobody_reaches() -> None:
    open_, hidden = fleet({"name": "a"}), fleet({"name": "a", "pods_routed": False})
    first = make_plan(open_)[0]
    second = make_plan(hidden, first)[0]
    (lost,) = compare_plans(first, second)
    assert str(lost).startswith("disruptive: a: pods are no longer reached from outside; ")
    (gained,) = compare_plans(second, make_plan(open_, second)[0])
    assert (gained.grade, gained.what) == ("free", "pods are reached from outside from now on")
