"""The addressing plan: free of overlaps, inside its pools, and stable through every edit."""

from __future__ import annotations

from collections.abc import Container, Iterator
from ipaddress import IPv4Network, IPv6Network, ip_network
from itertools import combinations
from typing import Any

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from k8s6plan.addressing.plan import Changes, make_plan
from k8s6plan.addressing.plan_file import Allocation, Held, Plan, from_yaml, to_yaml
from k8s6plan.addressing.space import ula
from k8s6plan.errors import InvalidPlan, Overlap, UnknownName
from k8s6plan.fleet.model import Fleet, Prefix
from tests.strategies import fleet_files, load

MARK = "Written by k8s6plan 0 plan"


def again(plan: Plan) -> Plan:
    """Return the plan as it comes back from its file."""
    return from_yaml(to_yaml(plan, MARK), "plan.yaml")


def entries(plan: Plan) -> Iterator[tuple[tuple[str, str, str], Allocation]]:
    """Yield ((owner, role, family), allocation) of all that a plan holds, tombstones included."""
    held: list[tuple[str, Held]] = [*plan.clusters.items(), *plan.tombstones.items()]
    for name, roles in held:
        for role, families in roles.items():
            for family, allocation in families.items():
                yield (name, role, family), allocation


def places(plan: Plan) -> dict[tuple[str, str, str], tuple[Prefix | None, IPv6Network | None]]:
    return {key: (a.prefix, a.layout) for key, a in entries(plan)}


def check_sound(plan: Plan, fleet: Fleet, kept: Container[tuple[str, str, str]] = ()) -> None:
    """Hold what every plan must: no overlap, inside pools or blocks.

    What was ``kept`` from an older plan stays where it is, whatever the pools have become since.
    """
    known = [(key, a.prefix) for key, a in entries(plan) if a.prefix is not None]
    for (one, mine), (other, yours) in combinations(known, 2):
        assert mine.version != yours.version or not mine.overlaps(yours), (one, other)
    for exclusion in fleet.exclude:
        for key, prefix in known:
            if key not in kept and prefix.version == exclusion.prefix.version:
                assert not prefix.overlaps(exclusion.prefix), (key, exclusion)
    pools: dict[str, tuple[Prefix, ...]] = {
        role: getattr(fleet.pools, role) for role in ("nodes", "pods", "services")
    }
    layouts: dict[str, list[IPv6Network]] = {}
    # A cluster that moved keeps its place in the block of the site that it came from.
    site_of = {
        name: site
        for site, blocks in plan.sites.items()
        for block in blocks.values()
        for name in block.clusters
    }
    for (name, role, family), allocation in entries(plan):
        if allocation.source == "pinned" or (name, role, family) in kept:
            continue
        place = allocation.prefix or allocation.layout
        assert place is not None
        assert allocation.grows_to <= place.prefixlen
        if family == "ipv4":
            assert any(subnet_of(place, pool) for pool in pools[role])
        elif not any(p.version == 6 for p in pools[role]):
            blocks = [b for of_site in plan.sites.values() for b in of_site.values()]
            parts = [b.clusters[name] for b in blocks if name in b.clusters]
            assert any(subnet_of(place, part) for part in parts)
        if allocation.layout is not None and name in site_of:
            layouts.setdefault(site_of[name], []).append(allocation.layout)
    for laid_out in layouts.values():
        assert not any(a.overlaps(b) for a, b in combinations(laid_out, 2))


def covers(wide: Prefix | None, prefix: Prefix | None) -> bool:
    """Say whether ``wide`` is ``prefix``, or what it was widened to in place."""
    return wide == prefix or (wide is not None and prefix is not None and subnet_of(prefix, wide))


def subnet_of(prefix: Prefix, other: Prefix) -> bool:
    return prefix.version == other.version and prefix.subnet_of(other)  # type: ignore[arg-type]


@pytest.mark.slow
@settings(max_examples=150, deadline=None)
@given(data=fleet_files(pins=True))
def test_plan_is_sound_and_the_plan_of_a_plan_is_the_plan(data: dict[str, Any]) -> None:
    fleet = load(data)
    plan, changes = make_plan(fleet)
    check_sound(plan, fleet)
    assert changes.added == tuple(sorted(c.name for c in fleet.clusters))
    second, changes = make_plan(fleet, again(plan))
    assert to_yaml(second, MARK) == to_yaml(plan, MARK)
    assert (changes.changed, changes.added, changes.tombstoned) == (0, (), ())


@settings(max_examples=60, deadline=None)
@given(data=fleet_files(), luck=st.randoms(use_true_random=False))
def test_after_a_renumbering_the_next_plan_changes_nothing(data: dict[str, Any], luck: Any) -> None:
    fleet = load(data)
    plan, _ = make_plan(fleet)
    names = sorted(plan.clusters)
    chosen = luck.sample(names, min(len(names), 2))
    renumbered, changes = make_plan(fleet, again(plan), renumber=chosen)
    check_sound(renumbered, fleet)
    assume(not changes.findings)  # what found no room beside the old may find it in its place
    third, changes = make_plan(fleet, again(renumbered))
    assert to_yaml(third, MARK) == to_yaml(renumbered, MARK)
    assert (changes.changed, changes.added) == (0, ())


@pytest.mark.parametrize(
    ("release", "ipv4", "ipv6", "short"),
    [("1.32", 12, 112, 2), ("1.33", 12, 112, 2), ("1.34", 11, 107, 0)],
)
def test_services_are_as_large_as_the_release_takes(
    release: str, ipv4: int, ipv6: int, short: int
) -> None:
    cluster = {"name": "a", "provider": "on-prem", "site": "x", "platform": "kubeadm"}
    data = {"version": 1, "fleet": "f", "ula_seed": "s", "kubernetes": release,
            "pools": {"services": ["172.64.0.0/10"]},
            "clusters": [{**cluster, "services": 1_500_000}]}  # fmt: skip
    plan, changes = make_plan(load(data))
    held = plan.clusters["a"]["services"]
    assert [held[family].place.prefixlen for family in ("ipv4", "ipv6")] == [ipv4, ipv6]
    assert len([one for one in changes.findings if "asks for 1,500,000" in one]) == short


def test_services_of_a_plan_stay_when_the_release_takes_larger_ones() -> None:
    cluster = {"name": "a", "provider": "on-prem", "site": "x", "platform": "kubeadm"}
    data = {"version": 1, "fleet": "f", "ula_seed": "s", "kubernetes": "1.33",
            "clusters": [{**cluster, "services": 100_000}]}  # fmt: skip
    plan, before = make_plan(load(data))
    assert "asks for 100,000, and its /112 (IPv6) has room for 65,534: " in before.findings[0]
    assert before.findings[0].endswith("its release uses no larger one")
    newer, changes = make_plan(load({**data, "kubernetes": "1.34"}), again(plan))
    held, was = (made.clusters["a"]["services"]["ipv6"] for made in (newer, plan))
    assert held.place == was.place
    assert not changes.widened
    assert changes.findings[0].endswith("it is fixed for the cluster's life")


@settings(max_examples=60, deadline=None)
@given(data=fleet_files(), order=st.randoms(use_true_random=False))
def test_order_of_the_file_decides_nothing(data: dict[str, Any], order: Any) -> None:
    plan, _ = make_plan(load(data))
    shuffled = list(data["clusters"])
    order.shuffle(shuffled)
    other, _ = make_plan(load({**data, "clusters": shuffled}))
    assert to_yaml(other, MARK) == to_yaml(plan, MARK)


@pytest.mark.slow
@settings(max_examples=120, deadline=None)
@given(first=fleet_files(), second=fleet_files(), third=fleet_files())
def test_nothing_moves_through_edits(
    first: dict[str, Any], second: dict[str, Any], third: dict[str, Any]
) -> None:
    """Clusters come, go, grow, and change their provider and site: what was handed out stays."""
    plan, _ = make_plan(load(first))
    for step in (second, third):
        fleet = load(step)
        before = places(plan)
        new, changes = make_plan(fleet, again(plan))
        after = places(new)
        assert changes.changed == 0
        for key, (prefix, layout) in before.items():
            assert covers(after[key][0], prefix)
            assert covers(after[key][1], layout)
            if (prefix, layout) != after[key]:
                assert any(w.startswith(f"{key[0]} ({key[1]})") for w in changes.widened)
        assert set(changes.tombstoned) == set(plan.clusters) - set(new.clusters)
        check_sound(new, fleet, before)
        plan = new


def small(*clusters: dict[str, Any], **top: Any) -> Fleet:
    full = [{"provider": "aws", "region": "r", **cluster} for cluster in clusters]
    return load({"version": 1, "fleet": "f", "ula_seed": "s", "clusters": full, **top})


def test_tombstone_gives_its_space_back_to_the_same_name_only() -> None:
    plan, _ = make_plan(small({"name": "a"}, {"name": "b"}))
    without, changes = make_plan(small({"name": "b"}, {"name": "c"}), again(plan))
    assert changes.tombstoned == ("a",)
    assert (changes.prefixes_added, changes.prefixes_tombstoned) == (6, 6)
    assert without.tombstones["a"] == plan.clusters["a"]
    back, changes = make_plan(small({"name": "b"}, {"name": "c"}, {"name": "a"}), again(without))
    assert changes.revived == ("a",)
    assert (changes.prefixes_added, changes.prefixes_tombstoned) == (0, 0)
    assert not back.tombstones
    assert places(back).items() >= places(plan).items()


def test_renamed_cluster_keeps_everything() -> None:
    plan, _ = make_plan(small({"name": "old"}, {"name": "b"}))
    renamed, changes = make_plan(
        small({"name": "new", "formerly": "old"}, {"name": "b"}), again(plan)
    )
    assert changes.renamed == ("new",)
    assert not changes.added
    assert not changes.tombstoned
    assert renamed.clusters["new"] == plan.clusters["old"]


def test_pins_and_exclusions_are_planned_around() -> None:
    pinned = {"name": "a", "addresses": {"pods": ["100.64.0.0/11"], "nodes": "external"}}
    fleet = small(pinned, {"name": "b"}, exclude=["100.96.0.0/12", "10.0.0.0/9"])
    plan, _ = make_plan(fleet)
    check_sound(plan, fleet)
    assert plan.clusters["a"]["pods"]["ipv4"].source == "pinned"
    assert "nodes" not in plan.clusters["a"]
    pods = plan.clusters["b"]["pods"]["ipv4"].prefix
    assert pods is not None
    assert subnet_of(pods, ip_network("100.112.0.0/12"))


def test_pools_shared_by_roles_are_handed_out_once() -> None:
    pools = {role: ["10.0.0.0/16"] for role in ("nodes", "pods", "services")}
    pools["pods"] = ["10.0.0.0/16", "10.0.128.0/17"][:1]
    fleet = small(*({"name": f"c{n}", "nodes": 3} for n in range(9)), pools=pools)
    check_sound(make_plan(fleet)[0], fleet)
    nested = {"nodes": ["10.0.0.0/16"], "pods": ["10.0.128.0/17"], "services": ["10.0.0.0/16"]}
    fleet = small(*({"name": f"c{n}", "nodes": 3} for n in range(9)), pools=nested)
    check_sound(make_plan(fleet)[0], fleet)


@pytest.mark.parametrize(
    ("cluster", "prefixlen", "mask"),
    [
        ({"nodes": 10}, 20, 24),
        ({"nodes": 256}, 16, 24),
        ({"nodes": 257}, 15, 24),
        ({"nodes": 100, "cni": "calico", "pods_per_node": 64}, 19, 26),
        ({"nodes": 100, "cni": "calico", "pods_per_node": 110}, 18, 26),
        ({"nodes": 4, "node_masks": {"ipv4": 25}}, 23, 25),
    ],
)
def test_pods_have_a_block_for_every_node(
    cluster: dict[str, Any], prefixlen: int, mask: int
) -> None:
    plan, _ = make_plan(small({"name": "a", **cluster}))
    pods = plan.clusters["a"]["pods"]["ipv4"]
    assert pods.prefix is not None
    assert (pods.prefix.prefixlen, pods.node_mask) == (prefixlen, mask)


def test_largest_pod_prefix_of_kubernetes_is_a_48_with_64_nodes() -> None:
    """65,536 nodes of a /64 each; one more would need a /47, which the masks do not allow."""
    cluster = {"name": "a", "provider": "x", "ipv6": "3ffe:100::/32", "nodes": 65_536}
    plan, _ = make_plan(small(cluster))
    prefix = plan.clusters["a"]["pods"]["ipv6"].prefix
    assert prefix is not None
    assert prefix.prefixlen == 48


def test_ula_is_a_hash_of_seed_and_site_in_the_range_of_the_provider() -> None:
    clusters = [
        {"name": "a", "provider": "aws", "ipv6": "ula"},
        {"name": "g", "provider": "gcp", "ipv6": "ula"},
        {"name": "d", "provider": "on-prem", "site": "dc", "ipv6": "ula"},
    ]
    plan, changes = make_plan(small(*clusters))
    blocks = {site: blocks["ula"].prefix for site, blocks in plan.sites.items()}
    for site, within in (("a", "fd80::/9"), ("g", "fd20::/20"), ("dc", "fd00::/8")):
        block = blocks[site]
        assert block is not None
        assert block.prefixlen == 48
        assert block.subnet_of(IPv6Network(within))
        assert block == ula.site_prefix("s", site, IPv6Network(within))
    assert not changes.new_seed
    other, changes = make_plan(load({"version": 1, "fleet": "f", "clusters": [clusters[2]]}))
    assert changes.new_seed
    assert (
        make_plan(load({"version": 1, "fleet": "f", "clusters": [clusters[2]]}), again(other))[
            0
        ].ula_seed
        == other.ula_seed
    )


def test_provider_block_is_a_layout_until_it_is_assigned() -> None:
    plan, _ = make_plan(small({"name": "a", "platform": "eks"}))
    block = plan.sites["a"]["provider"]
    pods = plan.clusters["a"]["pods"]["ipv6"]
    assert (block.prefix, block.length) == (None, 56)
    assert pods.prefix is None
    assert pods.layout is not None
    assert pods.layout.subnet_of(IPv6Network("::/56"))
    assert pods.node_mask == 80
    assert "ipv6" not in plan.clusters["a"]["services"]  # EKS picks it itself
    assert any("eks picks" in note for note in plan.notes)


def test_ipv4_that_does_not_fit_is_said_and_ipv6_fits() -> None:
    pools = {"pods": ["100.64.0.0/20"]}
    fleet = small({"name": "a"}, {"name": "b"}, {"name": "c"}, pools=pools, ipv6="ula")
    plan, changes = make_plan(fleet)
    assert "ipv4" not in plan.clusters["b"].get("pods", {})
    assert any(f.startswith("IPv4 does not fit: pods of 2 of 3") for f in changes.findings)
    assert any(f.endswith("; IPv6 fits") for f in changes.findings)


def test_overlapping_pins_are_refused_and_both_owners_named() -> None:
    pods = {"pods": ["10.1.0.0/16"]}
    with pytest.raises(Overlap, match=r"10\.1\.0\.0/16 is held by a \(pods\) and b \(pods\)"):
        make_plan(small({"name": "a", "addresses": pods}, {"name": "b", "addresses": pods}))


def test_equal_service_ranges_are_refused_only_where_services_are_routed() -> None:
    services = {"services": ["10.96.0.0/12"]}
    clusters = [{"name": "a", "addresses": services}, {"name": "b", "addresses": services}]
    make_plan(small(*clusters))
    with pytest.raises(Overlap, match=r"a \(services\) and b \(services\)"):
        make_plan(small(*clusters, assumptions={"services_routed": True}))


def test_plan_of_another_fleet_is_refused() -> None:
    plan, _ = make_plan(small({"name": "a"}))
    other = load({"version": 1, "fleet": "other", "clusters": []})
    with pytest.raises(InvalidPlan, match='is the plan of fleet "f", not of "other"'):
        make_plan(other, plan, old_file="plan.yaml")


@pytest.mark.parametrize(
    ("prefix", "why"),
    [
        ("ff00::/56", "is assigned by nobody; what is lies in 2000::/3 or fd00::/8"),
        ("fe80::/56", "is assigned by nobody"),
        ("::/56", "is assigned by nobody"),
        ("2001:db8::/56", "lies in 2001:db8::/32, documentation"),
    ],
)
def test_what_no_provider_assigns_is_not_entered(prefix: str, why: str) -> None:
    plan, _ = make_plan(small({"name": "a"}))
    with pytest.raises(InvalidPlan, match=f"site a: {prefix} {why}"):
        make_plan(small({"name": "a"}), plan, assign={"a": IPv6Network(prefix)})


def test_pin_against_the_plan_is_refused() -> None:
    plan, _ = make_plan(small({"name": "a"}))
    pinned = {"name": "a", "addresses": {"pods": ["100.70.0.0/16"]}}
    with pytest.raises(InvalidPlan, match="a plan never renumbers"):
        make_plan(small(pinned), plan, old_file="plan.yaml")


def test_pin_on_top_of_what_another_cluster_was_given_is_refused() -> None:
    plan, _ = make_plan(small({"name": "a"}))
    pods = plan.clusters["a"]["pods"]["ipv4"].prefix
    newcomer = {"name": "b", "addresses": {"pods": [str(pods)]}}
    with pytest.raises(Overlap, match=r"a \(pods\) and b \(pods\)"):
        make_plan(small({"name": "a"}, newcomer), plan, old_file="plan.yaml")
    with pytest.raises(Overlap, match=r"a \(pods, removed\) and b \(pods\)"):
        make_plan(small(newcomer), plan, old_file="plan.yaml")


def test_exclusion_on_top_of_the_plan_is_told_and_moves_nothing() -> None:
    plan, _ = make_plan(small({"name": "a"}))
    pods = str(plan.clusters["a"]["pods"]["ipv4"].prefix)
    after, changes = make_plan(
        small({"name": "a"}, exclude=[{"name": "lab", "prefix": pods}]), plan
    )
    assert places(after) == places(plan)
    assert changes.findings == (f"{pods} is held by a (pods) and lab (excluded)",)


def test_growth_promised_is_room_that_is_there() -> None:
    plan, _ = make_plan(small({"name": "a", "nodes": 20}, {"name": "b", "nodes": 3}))
    known = [(key, a) for key, a in entries(plan) if a.prefix is not None]
    for key, allocation in known:
        assert allocation.prefix is not None
        wide = allocation.prefix.supernet(new_prefix=allocation.grows_to)
        for other, held in known:
            if other != key and held.prefix is not None and held.prefix.version == wide.version:
                assert not wide.overlaps(held.prefix)


def test_leftmost_leaves_room_to_grow() -> None:
    fleet = small(*({"name": f"c{n}", "nodes": 10} for n in range(4)))
    for strategy, grows_to in (("leftmost", 12), ("rightmost", 20)):
        plan, _ = make_plan(fleet, strategy=strategy)  # type: ignore[arg-type]
        reach = [plan.clusters[f"c{n}"]["pods"]["ipv4"].grows_to for n in range(4)]
        assert min(reach) == grows_to


def test_every_address_in_the_file_is_quoted() -> None:
    plan, _ = make_plan(small({"name": "a"}, {"name": "b", "ipv6": "ula"}))
    for line in to_yaml(plan, MARK).splitlines():
        value = line.split(": ", 1)[-1].removeprefix("- ").strip()
        if value[:1] != '"' and not line.startswith("#"):
            with pytest.raises(ValueError, match=r"\d|'"):
                ip_network(value if not value.isdigit() else "x")


def test_rightmost_is_largest_first_without_gaps() -> None:
    """An oracle for dense allocation: sizes in falling order fill a pool from its start."""
    sizes = [3, 3, 200, 50, 9]
    fleet = small(*({"name": f"c{n}", "nodes": size} for n, size in enumerate(sizes)))
    plan, _ = make_plan(fleet, strategy="rightmost")
    pods = sorted(
        a.prefix
        for (_, role, family), a in entries(plan)
        if role == "pods" and family == "ipv4" and isinstance(a.prefix, IPv4Network)
    )
    at = int(IPv4Network("100.64.0.0/10").network_address)
    for prefix in pods:
        assert int(prefix.network_address) == at
        at += prefix.num_addresses


# --- growth -------------------------------------------------------------------------------------


def grown(before: dict[str, Any], after: dict[str, Any], **top: Any) -> tuple[Plan, Plan, Changes]:
    """Plan one cluster, change it, and plan again; b is there from the start."""
    old, _ = make_plan(small({"name": "a", **before}, {"name": "b"}, **top))
    new, changes = make_plan(small({"name": "a", **after}, {"name": "b"}, **top), again(old))
    assert changes.changed == 0
    return old, new, changes


def test_outgrown_prefix_is_widened_where_it_stands() -> None:
    old, new, changes = grown({"nodes": 10}, {"nodes": 40})
    was, now = (plan.clusters["a"]["pods"]["ipv4"].prefix for plan in (old, new))
    assert was is not None
    assert now == was.supernet(new_prefix=18)
    assert f"a (pods): {was} to {now}" in changes.widened
    assert new.clusters["b"] == {
        role: {f: new.clusters["b"][role][f] for f in held}
        for role, held in old.clusters["b"].items()
    }


def test_promise_to_grow_is_kept_to_its_last_bit() -> None:
    old, _ = make_plan(small({"name": "a", "nodes": 10}, {"name": "b", "nodes": 10}))
    reach = old.clusters["a"]["pods"]["ipv4"].grows_to
    nodes = 1 << 24 - reach
    new, changes = make_plan(
        small({"name": "a", "nodes": nodes}, {"name": "b", "nodes": 10}), again(old)
    )
    prefix = new.clusters["a"]["pods"]["ipv4"].prefix
    assert prefix is not None
    assert prefix.prefixlen == reach
    assert not changes.rebuilds


def test_what_cannot_be_widened_is_a_rebuild_or_a_second_prefix() -> None:
    tight = {"pools": {"pods": ["100.64.0.0/19"]}}
    _, new, changes = grown({"nodes": 8}, {"nodes": 30}, **tight)
    assert "that means a rebuild" in changes.rebuilds[0]
    assert changes.rebuilds[0] in changes.findings
    calico = {"cni": "calico", "pods_per_node": 64}
    wide = {"pools": {"pods": ["100.64.0.0/21", "100.96.0.0/19"]}}
    _, new, changes = grown({"nodes": 32, **calico}, {"nodes": 64, **calico}, **wide)
    pods = new.clusters["a"]["pods"]["ipv4"]
    assert len(changes.extended) == 1
    assert len(pods.also) == 1
    # A second run asks for no third prefix.
    third, changes = make_plan(
        small({"name": "a", "nodes": 64, **calico}, {"name": "b"}, **wide), again(new)
    )
    assert third.clusters == new.clusters
    assert not changes.extended


def test_reserve_keeps_room_from_others() -> None:
    pools = {"pools": {"pods": ["100.64.0.0/17"]}}
    clusters = [{"name": f"b{n}", "nodes": 8} for n in range(15)]
    kept = {"name": "a", "nodes": 8, "reserve": {"nodes": 16}}
    plan, changes = make_plan(small(kept, *clusters, **pools))
    pods = plan.clusters["a"]["pods"]["ipv4"]
    assert (pods.prefix.prefixlen, pods.reserved, pods.grows_to) == (21, 20, 20)  # type: ignore[union-attr]
    assert any("pods of 1 of 16" in finding for finding in changes.findings)
    again_planned, changes = make_plan(small(kept, *clusters, **pools), again(plan))
    assert places(again_planned) == places(plan)
    more, changes = make_plan(small({**kept, "nodes": 16}, *clusters, **pools), again(plan))
    assert more.clusters["a"]["pods"]["ipv4"].prefix == pods.prefix.supernet()  # type: ignore[union-attr]
    assert any(w.startswith("a (pods)") for w in changes.widened)


@pytest.mark.slow
@settings(max_examples=60, deadline=None)
@given(sizes=st.lists(st.integers(1, 300), min_size=1, max_size=6), data=st.data())
def test_growth_promised_is_growth_delivered(sizes: list[int], data: st.DataObject) -> None:
    """Any one cluster can grow to what its plan promises, whatever the others hold."""
    clusters = [{"name": f"c{n}", "nodes": size} for n, size in enumerate(sizes)]
    plan, _ = make_plan(small(*clusters))
    chosen = data.draw(st.integers(0, len(sizes) - 1))
    promised = plan.clusters[f"c{chosen}"]["pods"]["ipv4"].grows_to
    clusters[chosen] = {"name": f"c{chosen}", "nodes": 1 << 24 - promised}
    fleet = small(*clusters)
    new, changes = make_plan(fleet, again(plan))
    prefix = new.clusters[f"c{chosen}"]["pods"]["ipv4"].prefix
    assert prefix is not None
    assert prefix.prefixlen == promised
    assert not changes.rebuilds
    check_sound(new, fleet)


# --- release, assign, sites, embedding -----------------------------------------------------------


def test_released_tombstone_is_free_again() -> None:
    plan, _ = make_plan(small({"name": "a"}, {"name": "b", "ipv6": "ula"}))
    without, _ = make_plan(small({"name": "a"}), again(plan))
    freed, changes = make_plan(small({"name": "a"}), again(without), release=["b"])
    assert changes.released == ("b",)
    assert not freed.tombstones
    assert not [n for s in freed.sites.values() for b in s.values() for n in b.clusters if n == "b"]
    with pytest.raises(UnknownName, match='no tombstone of "a" to release; known: b'):
        make_plan(small({"name": "a"}), again(without), release=["a"])


def test_assigned_block_turns_layouts_into_addresses_where_they_stood() -> None:
    fleet = small({"name": "a"}, {"name": "b"})
    plan, _ = make_plan(fleet)
    block = IPv6Network("2600:1f18:1234:5600::/56")
    new, changes = make_plan(fleet, again(plan), assign={"a": block})
    assert changes.assigned == ("a",)
    for role in ("nodes", "pods", "services"):
        was = plan.clusters["a"][role]["ipv6"]
        now = new.clusters["a"][role]["ipv6"]
        assert was.layout is not None
        assert now.prefix is not None
        assert now.layout is None
        assert now.source == "assigned"
        offset = int(now.prefix.network_address) - int(block.network_address)
        assert offset == int(was.layout.network_address)
        assert now.prefix.prefixlen == was.layout.prefixlen
    assert new.clusters["b"] == plan.clusters["b"]
    assert make_plan(fleet, again(new), assign={"a": block})[1].assigned == ()
    at_once, _ = make_plan(fleet, assign={"a": block})
    assert at_once.clusters == new.clusters


@pytest.mark.parametrize(
    ("given_block", "says"),
    [
        ("2600:1f18:1234:5600::/60", "waits for a /56"),
        ("2600:1f18:9999:5600::/56", "has 2600:1f18:1234:5600::/56 already"),
    ],
)
def test_assignment_that_would_renumber_is_refused(given_block: str, says: str) -> None:
    fleet = small({"name": "a"}, {"name": "b"})
    plan, _ = make_plan(fleet, assign={"a": IPv6Network("2600:1f18:1234:5600::/56")})
    target = "b" if "60" in given_block.rsplit("/", 1)[1] else "a"
    with pytest.raises(InvalidPlan, match=says):
        make_plan(fleet, again(plan), assign={target: IPv6Network(given_block)})


def test_assignment_on_top_of_another_is_refused() -> None:
    fleet = small({"name": "a"}, {"name": "b"})
    block = IPv6Network("2600:1f18:1234:5600::/56")
    plan, _ = make_plan(fleet, assign={"a": block})
    with pytest.raises(Overlap, match="of site b shares addresses with"):
        make_plan(fleet, again(plan), assign={"b": block})
    with pytest.raises(UnknownName, match="neither a site nor a cluster"):
        make_plan(fleet, again(plan), assign={"c": block})


def test_site_of_several_clusters_is_one_route() -> None:
    shared = {"provider": "on-prem", "site": "dc", "region": None, "nodes": 10}
    fleet = small(*({"name": f"c{n}", **shared} for n in range(3)), {"name": "z"})
    plan, _ = make_plan(fleet)
    check_sound(plan, fleet)
    kept = plan.site_pools["dc"]["pods"]
    pods = [plan.clusters[f"c{n}"]["pods"]["ipv4"].prefix for n in range(3)]
    assert all(p is not None and subnet_of(p, kept) for p in pods)
    summary = plan.summaries["dc"]
    assert kept in summary.prefixes["ipv4"]
    assert summary.unsummarised["ipv4"] == 6
    assert len(summary.prefixes["ipv6"]) == 1
    # A fourth cluster takes what is left of the site's prefix, and the summary stays.
    more = small(*({"name": f"c{n}", **shared} for n in range(4)), {"name": "z"})
    new, _ = make_plan(more, again(plan))
    fourth = new.clusters["c3"]["pods"]["ipv4"].prefix
    assert fourth is not None
    assert subnet_of(fourth, kept)
    assert new.site_pools == plan.site_pools


def test_embedded_ipv4_keeps_lengths_and_masks_apart_by_96() -> None:
    fleet = small({"name": "a", "nodes": 20, "ipv6": "ula"}, ipv6_mapping="embed-ipv4")
    plan, _ = make_plan(fleet)
    four, six = (plan.clusters["a"]["pods"][f] for f in ("ipv4", "ipv6"))
    assert four.prefix is not None
    assert six.prefix is not None
    assert six.prefix.prefixlen == 96 + four.prefix.prefixlen
    assert six.node_mask == 96 + (four.node_mask or 0)
    low = int(six.prefix.network_address) & 0xFFFF_FFFF
    assert low == int(four.prefix.network_address)
    check_sound(plan, fleet)


# --- tunnels ------------------------------------------------------------------------------------


def apart_fleet(count: int, **connect: Any) -> Fleet:
    clusters = [{"name": f"c{n}", "provider": f"p{n}"} for n in range(count)]
    return small(*clusters, connect=connect)


def test_tunnels_have_prefixes_by_pair_and_index_that_never_move() -> None:
    plan, _ = make_plan(apart_fleet(3, tunnels_per_link=2), design="full-mesh")
    assert set(plan.tunnels) == {"c0 - c1", "c0 - c2", "c1 - c2"}
    inside = [p for held in plan.tunnels.values() for t in held for p in t.prefixes.values()]
    assert len(inside) == 12
    assert not any(a.version == b.version and a.overlaps(b) for a, b in combinations(inside, 2))
    reserved = [ip_network(f"169.254.{n}.0/30") for n in range(6)]
    for prefix in inside:
        assert prefix.prefixlen == (30 if prefix.version == 4 else 126)
        assert prefix not in reserved
    more, _ = make_plan(apart_fleet(5, tunnels_per_link=3), again(plan), design="full-mesh")
    assert len(more.tunnels) == 10
    for pair, held in plan.tunnels.items():
        assert more.tunnels[pair][:2] == held
    without, _ = make_plan(apart_fleet(5), again(more))
    assert without.tunnels == more.tunnels


def test_native_links_have_no_tunnel_addresses() -> None:
    fleet = small({"name": "a"}, {"name": "b"}, {"name": "c", "provider": "gcp"})
    plan, _ = make_plan(fleet, design="full-mesh")
    assert set(plan.tunnels) == {"a - c", "b - c"}


def test_too_many_tunnels_are_refused() -> None:
    with pytest.raises(UnknownName, match="20,100 tunnel links here"):
        make_plan(apart_fleet(201), design="full-mesh")


def test_embedded_ipv6_grows_with_its_ipv4() -> None:
    def fleet(nodes: int) -> Fleet:
        return small({"name": "a", "nodes": nodes, "ipv6": "ula"}, ipv6_mapping="embed-ipv4")

    plan, _ = make_plan(fleet(20))
    grown_plan, changes = make_plan(fleet(200), again(plan))
    four, six = (grown_plan.clusters["a"]["pods"][f].prefix for f in ("ipv4", "ipv6"))
    assert four is not None
    assert six is not None
    assert (four.prefixlen, six.prefixlen) == (16, 112)
    assert int(six.network_address) & 0xFFFF_FFFF == int(four.network_address)
    assert changes.changed == 0
    check_sound(grown_plan, fleet(200))


def test_allow_lists_stand_in_the_plan() -> None:
    plan, _ = make_plan(small({"name": "a", "ipv6": "ula"}, {"name": "b", "ipv6": "ula"}))
    assert [str(p) for p in plan.allow["a"]["ipv4"]] == ["10.0.0.0/8", "100.64.0.0/10"]
    assert plan.allow["a"]["ipv6"] == (plan.sites["b"]["ula"].clusters["b"],)
    assert f'- "{plan.allow["a"]["ipv6"][0]}"' in to_yaml(plan, MARK)
