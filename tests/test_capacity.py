"""Capacity: months against a simulation month by month, room against handing out for real."""

from __future__ import annotations

import json
from decimal import Decimal, localcontext
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from typer.testing import CliRunner

from k8s6plan.addressing.capacity import Capacity, measure
from k8s6plan.addressing.capacity.further import Parts
from k8s6plan.addressing.capacity.needs import (
    MOST_MONTHS,
    Need,
    months_until_full,
    pool_full_after,
)
from k8s6plan.addressing.plan import make_plan
from k8s6plan.addressing.space.blocks import intervals
from k8s6plan.addressing.space.free import FreeSpace
from k8s6plan.cli import app
from tests.strategies import fleets, load

rates = st.sampled_from(["0", "0.01", "0.05", "0.2", "0.5", "1", "3"]).map(Decimal)


def grown(count: int, rate: Decimal, months: int) -> Decimal:
    """Return ``count`` after so many months, to 60 digits; what is a hair above a whole is it."""
    with localcontext() as context:
        context.prec = 60
        exact = count * (1 + rate) ** (Decimal(months) / 12)
        return exact.quantize(Decimal("1e-30"))


@pytest.mark.slow
@settings(max_examples=300)
@given(count=st.integers(1, 3000), room=st.integers(0, 9000), rate=rates)
def test_months_are_those_of_a_simulation(count: int, room: int, rate: Decimal) -> None:
    simulated = next((m for m in range(MOST_MONTHS + 1) if grown(count, rate, m) > room), None)
    assert months_until_full(count, room, rate) == simulated


def test_months_to_the_day() -> None:
    # 100 nodes that double each year are 200 after 12 months: full, and over in the 13th.
    assert months_until_full(100, 200, Decimal(1)) == 13
    assert months_until_full(100, 199, Decimal(1)) == 12
    assert months_until_full(100, 99, Decimal(0)) == 0
    assert months_until_full(100, 100, Decimal(0)) is None
    assert months_until_full(1, 2**64, Decimal("0.2")) is None


needs = st.builds(
    Need,
    count=st.integers(1, 40),
    per=st.integers(1, 3),
    units=st.sampled_from([8, 16, 64]),
    size=st.sampled_from([1, 256]),
    rate=rates,
    spare=st.integers(0, 5),
)


@pytest.mark.slow
@settings(max_examples=200)
@given(free=st.integers(0, 60_000), given_needs=st.lists(needs, max_size=5))
def test_pool_is_spent_when_a_simulation_spends_it(free: int, given_needs: list[Need]) -> None:
    left = free
    units = [need.units for need in given_needs]
    simulated = None
    for month in range(MOST_MONTHS + 1):
        for number, need in enumerate(given_needs):
            taken = grown(need.count, need.rate, month)
            # A node more than fits wants a block more: compare whole nodes that fit.
            while left >= 0 and taken > max(0, (units[number] - need.spare) // need.per):
                left -= units[number] * need.size
                units[number] *= 2
        if left < 0:
            simulated = month
            break
    assert pool_full_after(free, given_needs) == simulated


blocks = st.integers(0, 5).flatmap(
    lambda length: st.integers(0, (1 << length) - 1).map(lambda n: (n << 8 - length, length))
)


@pytest.mark.slow
@settings(max_examples=200)
@given(used=st.lists(blocks, max_size=4), one=st.integers(1, 8), other=st.integers(1, 8))
def test_what_fits_is_what_can_be_handed_out(
    used: list[tuple[int, int]], one: int, other: int
) -> None:
    taken = intervals(used, 8)
    lengths = {"pods": min(one, other), "services": max(one, other)}
    fits, role = Parts({"pods": [(0, 0)], "services": [(0, 0)]}, taken, 8).fitting(lengths)

    def all_fit(owners: int) -> bool:
        space = FreeSpace((0, 0), taken, 8)
        wanted = [lengths["pods"]] * owners + [lengths["services"]] * owners
        return all(space.take(length) is not None for length in wanted)

    assert all_fit(fits)
    assert not all_fit(fits + 1)
    assert role in lengths


def test_roles_take_from_their_own_pools_first() -> None:
    pools = {"pods": [(0, 1)], "services": [(0, 2), (128, 2)]}
    parts = Parts(pools, [], 8)
    # Pods have 64 addresses for themselves and 64 to share; services 64 and the shared ones.
    assert parts.fitting({"pods": 3, "services": 8}) == (4, "pods")
    # Of 16 addresses each: 4 pods and 4 services by themselves, 2 and 2 out of what they share.
    assert parts.fitting({"pods": 4, "services": 4}) == (6, "services")
    assert Parts({"pods": []}, [], 8).fitting({"pods": 4}) == (0, "pods")


# --- fleets --------------------------------------------------------------------------------------


def report(*clusters: dict[str, Any], **top: Any) -> Capacity:
    full = [{"provider": "x", "region": "r", **cluster} for cluster in clusters]
    fleet = load({"version": 1, "fleet": "f", "ula_seed": "s", "clusters": full, **top})
    return measure(fleet, make_plan(fleet)[0], start=(2026, 11))


def room(found: Capacity, cluster: str, role: str, family: str = "ipv4") -> Any:
    (one,) = [r for r in found.clusters if (r.cluster, r.role, r.family) == (cluster, role, family)]
    return one


GROWTH = {"growth": {"nodes_per_year": "20%"}}


def test_pods_are_counted_by_the_blocks_of_nodes() -> None:
    found = report({"name": "a", "nodes": 60, "addresses": {"pods": ["10.0.0.0/18"]}}, **GROWTH)
    pods = room(found, "a", "pods")
    assert (pods.unit, pods.total, pods.used, pods.free, pods.largest_free) == (24, 64, 60, 4, 22)
    assert pods.full == "2027-04"  # 60 * 1.2^(5/12) = 64.7; a month before, 63.8
    assert pods.full_widened == "2027-04"  # pinned: it promises nothing
    nodes = room(found, "a", "nodes")
    assert (nodes.total, nodes.used) == (128, 65)  # five addresses are the subnet's own


@pytest.mark.parametrize(("release", "total"), [("1.33", 2**16), ("1.34", 2**20)])
def test_of_services_that_counts_which_the_release_uses(release: str, total: int) -> None:
    cluster = {
        "name": "a",
        "kubernetes": release,
        "services": 60_000,
        "addresses": {"services": ["fd00:96::/108"]},
    }
    services = room(report(cluster), "a", "services", "ipv6")
    assert services.total == total


def test_calico_takes_as_many_blocks_as_pods_fill() -> None:
    cluster = {
        "name": "a",
        "cni": "calico",
        "nodes": 10,
        "pods_per_node": 110,
        "addresses": {"pods": ["10.0.0.0/18"]},
    }
    pods = room(report(cluster), "a", "pods")
    assert (pods.unit, pods.total, pods.used, pods.full) == (26, 256, 20, None)
    del cluster["pods_per_node"]  # then a block each is all that is certain
    assert room(report(cluster), "a", "pods").used == 10


def test_nothing_is_said_of_services_that_nobody_stated() -> None:
    pinned = {"name": "a", "addresses": {"services": ["10.0.0.0/24"]}}
    assert not [r for r in report(pinned).clusters if r.role == "services" and r.family == "ipv4"]
    stated = report({**pinned, "services": 100}, growth={"services_per_year": "100%"})
    services = room(stated, "a", "services")
    assert (services.total, services.used, services.full) == (256, 102, "2028-04")


def test_clusters_of_a_site_fill_their_nodes_prefix_together() -> None:
    clusters = [
        {
            "name": name,
            "provider": "on-prem",
            "region": None,
            "site": "dc",
            "nodes": 60,
            "addresses": {"nodes": ["10.0.0.0/25"]},
        }
        for name in ("a", "b")
    ]
    found = report(*clusters, **GROWTH)
    assert room(found, "a", "nodes").used == room(found, "b", "nodes").used == 125
    site = next(s for s in found.sites if (s.name, s.family) == ("dc", "ipv4"))
    # 120 * 1.2^(1/12) = 121.8, and a month later 123.7: more than the 123 that fit.
    assert site.full == room(found, "a", "nodes").full == "2027-01"
    assert next(p for p in found.pools if p.roles == ("nodes",)).used == 128


def test_pool_counts_used_reserved_and_free() -> None:
    found = report(
        {"name": "a", "nodes": 16},
        pools={"pods": ["10.0.0.0/16"]},
        exclude=["10.0.128.0/17", "10.0.192.0/18"],
        **GROWTH,
    )
    pool = next(p for p in found.pools if p.roles == ("pods",))
    assert (pool.total, pool.used, pool.reserved, pool.free) == (65536, 4096, 32768, 28672)
    assert pool.largest_free == 18
    # From 16 blocks to 32, 64 and 128, which fills the free 28672; 16 * 1.2^(137/12) = 128.3.
    assert pool.full == "2038-04"


def test_a_tombstone_keeps_the_room_of_its_cluster_too() -> None:
    def fleet(*names: str) -> Any:
        clusters = [
            {"name": n, "provider": "x", "region": "r", "nodes": 16, "reserve": {"nodes": 64}}
            for n in names
        ]
        pools = {"pods": ["10.0.0.0/16"]}
        return load(
            {"version": 1, "fleet": "f", "ula_seed": "s", "clusters": clusters, "pools": pools}
        )

    old, _ = make_plan(fleet("a", "b"))
    plan, _ = make_plan(fleet("a"), old, old_file="p")
    found = measure(fleet("a"), plan, start=(2026, 11))
    pool = next(p for p in found.pools if p.roles == ("pods",))
    # Each has 16 blocks of 256 addresses, and as many as 64 are kept for it, dead or alive.
    assert (pool.used, pool.reserved, pool.free) == (4096, 2 * 16384 - 4096, 65536 - 2 * 16384)
    assert plan.free["pods"][0]["free_percent"] == 100 * pool.free / pool.total


def test_further_clusters_fit_until_a_pool_ends() -> None:
    found = report({"name": "a", "nodes": 16}, pools={"pods": ["10.0.0.0/16"]})
    ten, hundred, thousand = found.further
    assert (ten.nodes, ten.ipv4, ten.ipv6, ten.limited_by) == (10, 15, None, "ipv4 pods")
    assert (hundred.clusters, thousand.clusters) == (1, 0)
    owned = report({"name": "a", "nodes": 16}, ipv6="2a00:100::/56")
    assert owned.further[0].ipv6 is not None
    assert "pods a node" in found.like


@pytest.mark.slow
@settings(max_examples=60, deadline=None)
@given(fleet=fleets())
def test_sums_add_up(fleet: Any) -> None:
    found = measure(fleet, make_plan(fleet)[0], start=(2026, 1))
    for space in (*found.pools, *found.sites):
        assert space.used + space.reserved + space.free == space.total
        assert min(space.used, space.reserved, space.free) >= 0
    for one in found.clusters:
        assert one.used + one.free == one.total
        assert (one.full_widened or "9999") >= (one.full or "9999")
        assert one.full is None or one.free == 0 or one.full >= "2026-01"


# --- command -------------------------------------------------------------------------------------


def run(*arguments: str) -> Any:
    return CliRunner().invoke(app, ["capacity", *arguments])


@pytest.mark.parametrize("example", ["three-clouds", "wikimedia"])
def test_table_is_narrow_and_the_same_each_time(example: str) -> None:
    path = f"examples/{example}.yaml"
    first, again = run(path, "--from", "2026-11"), run(path, "--from", "2026-11")
    assert first.exit_code == 0
    assert first.stdout == again.stdout
    assert max(map(len, first.stdout.splitlines())) <= 80
    data = json.loads(run(path, "--from", "2026-11", "--format", "json", "--size", "7").stdout)
    assert data["from"] == "2026-11"
    assert {"pools", "sites", "clusters", "further_clusters"} <= set(data)
    assert [size["nodes"] for size in data["further_clusters"]["sizes"]] == [7]


def test_plan_file_is_read(tmp_path: Any) -> None:
    plan = tmp_path / "plan.yaml"
    made = CliRunner().invoke(app, ["plan", "examples/three-clouds.yaml", "-o", str(plan)])
    assert made.exit_code == 0
    with_plan = run("examples/three-clouds.yaml", "--from", "2026-11", "--plan", str(plan))
    assert with_plan.stdout == run("examples/three-clouds.yaml", "--from", "2026-11").stdout


def test_month_must_be_one() -> None:
    assert run("examples/three-clouds.yaml", "--from", "2026-13").exit_code == 2
