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
