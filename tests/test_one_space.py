"""Whatever a prefix is cut from, it is handed out once: nested aggregates, pools, pins, tunnels."""

from __future__ import annotations

from collections.abc import Iterator
from ipaddress import IPv6Network, ip_network
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from k8s6plan.addressing.plan import make_plan
from k8s6plan.addressing.plan_file import Plan, from_yaml, to_yaml
from k8s6plan.addressing.space.free import FreeSpace, Space, Taken
from k8s6plan.errors import InvalidPlan, Overlap
from k8s6plan.fleet.model import Fleet, Prefix
from tests.strategies import load

MARK = "Written by k8s6plan 0 plan"

# Inside each other, so close together that they cross wherever a space does not know of another.
AGGREGATES = ("2a0a:100::/32", "2a0a:100::/36", "2a0a:100::/40", "2a0a:100:800::/44", "fd00::/44")
POOLS: tuple[dict[str, list[str]], ...] = (
    {},
    {"pods": ["2a0a:100::/38", "100.64.0.0/10"]},
    {"nodes": ["fd00::/40", "10.0.0.0/8"], "tunnels": ["10.0.0.0/16", "2a0a:100::/56"]},
    {"nodes": ["10.0.0.0/24"], "pods": ["10.0.0.0/12"], "tunnels": ["10.0.0.0/20"]},
)
EXCLUDED = ("2a0a:100::/48", "2a0a:100:0:100::/56", "fd00::/47", "10.0.0.0/26", "100.64.0.0/12")
PINS = ("2a0a:100:0:80::/64", "2a0a:100:1::/60", "2a0a:100:800::/64", "fd00::/64", "10.0.0.0/27")

_CLUSTERS = st.fixed_dictionaries(
    {
        "provider": st.sampled_from(["p", "aws", "on-prem"]),
        "ipv6": st.sampled_from([None, "ula", "provider", *AGGREGATES]),
        "nodes": st.sampled_from([3, 30, 300]),
        "shared": st.booleans(),
    }
)


@st.composite
def files(draw: st.DrawFn) -> list[dict[str, Any]]:
    """Draw what a fleet file says in three turns, of which each keeps what the last one planned."""
    names = [f"c{number}" for number in range(6)]
    kinds = {name: draw(_CLUSTERS) for name in names}
    top: dict[str, Any] = {"pools": draw(st.sampled_from(POOLS))}
    whole = draw(st.sampled_from([None, *AGGREGATES]))
    if whole is not None:
        top["ipv6"] = whole
    turns = []
    for _ in range(3):
        chosen = draw(st.lists(st.sampled_from(names), min_size=1, max_size=6, unique=True))
        grown = draw(st.sampled_from([1, 1, 8]))
        clusters = [_cluster(name, kinds[name], grown) for name in chosen]
        pin = draw(st.sampled_from([None, *PINS]))
        if pin is not None:
            clusters[0]["addresses"] = {"nodes": [pin]}
        exclude = draw(st.lists(st.sampled_from(EXCLUDED), max_size=2, unique=True))
        turns.append({**top, "clusters": clusters, "exclude": exclude})
    return turns


def _cluster(name: str, kind: dict[str, Any], grown: int) -> dict[str, Any]:
    site = f"{kind['provider']}-site" if kind["shared"] else f"of-{name}"
    cluster: dict[str, Any] = {
        "name": name,
        "provider": kind["provider"],
        "nodes": kind["nodes"] * grown,
        "site": site,
    }
    if kind["provider"] != "on-prem":
        cluster["region"] = "r"
    if kind["ipv6"] is not None:
        cluster["ipv6"] = kind["ipv6"]
    return cluster


def held(plan: Plan) -> Iterator[tuple[str, str, Prefix]]:
    """Yield (owner, source, prefix) of all that is held, tombstones and tunnels included."""
    for clusters in (plan.clusters, plan.tombstones):
        for name, roles in clusters.items():
            for role, families in roles.items():
                for allocation in families.values():
                    for prefix in allocation.prefixes:
                        yield f"{name} {role}", allocation.source, prefix
    for pair, tunnels in plan.tunnels.items():
        for tunnel in tunnels:
            for prefix in tunnel.prefixes.values():
                yield pair, "planned", prefix


def check(plan: Plan, fleet: Fleet, before: set[Prefix]) -> None:
    every = list(held(plan))
    for at, (one, _, mine) in enumerate(every):
        for other, _, yours in every[:at]:
            apart = mine.version != yours.version or not mine.overlaps(yours)
            assert apart, f"{mine} of {one}, {yours} of {other}"
    for owner, source, prefix in every:
        if source == "planned" and prefix not in before:
            was = [p for p in before if p.version == prefix.version and prefix.overlaps(p)]
            for excluded in (e.prefix for e in fleet.exclude):
                told = excluded.version != prefix.version or any(excluded.overlaps(p) for p in was)
                assert told or not prefix.overlaps(excluded), (owner, prefix, excluded)
    for name, roles in plan.clusters.items():
        cluster = fleet.clusters[fleet.index[name]]
        wanted = fleet.ipv6_of(cluster)
        for role, families in roles.items():
            allocation = families.get("ipv6")
            place = None if allocation is None else allocation.prefix
            if allocation is None or not isinstance(place, IPv6Network) or place in before:
                continue
            if allocation.source == "planned" and isinstance(wanted, IPv6Network):
                pools = [p for p in getattr(fleet.pools, role) if isinstance(p, IPv6Network)]
                assert any(place.subnet_of(around) for around in (*pools, wanted))


@pytest.mark.slow
@settings(max_examples=150)
@given(turns=files(), design=st.sampled_from([None, None, "full-mesh"]))
def test_no_address_is_handed_out_twice(turns: list[dict[str, Any]], design: str | None) -> None:
    plan: Plan | None = None
    for turn in turns:
        fleet = load({"version": 1, "fleet": "f", "ula_seed": "s", **turn})
        before = set() if plan is None else {prefix for *_, prefix in held(plan)}
        old = None if plan is None else from_yaml(to_yaml(plan, MARK), "plan.yaml")
        fault = ""
        try:
            made = make_plan(fleet, old, design=design)
        except (Overlap, InvalidPlan) as error:
            made, fault = None, str(error)
        # A pin on top of what is held is the file's fault; a defect of ours never is.
        assert "report it" not in fault
        if made is None:
            return
        plan, changes = made
        assert changes.changed == 0
        check(plan, fleet, before)


def fleet_of(*clusters: dict[str, Any], **top: Any) -> Fleet:
    full = [{"provider": "p", "region": "r", **cluster} for cluster in clusters]
    return load({"version": 1, "fleet": "f", "ula_seed": "s", "clusters": full, **top})


def test_an_aggregate_inside_another_is_one_space_with_it() -> None:
    fleet = fleet_of({"name": "a"}, {"name": "b", "ipv6": AGGREGATES[1]}, ipv6=AGGREGATES[0])
    plan, _ = make_plan(fleet)
    check(plan, fleet, set())
    assert {b["owned"].prefix for b in plan.sites.values()} == {
        ip_network("2a0a:100::/52"),
        ip_network("2a0a:100:800::/52"),
    }


def test_clusters_of_one_site_have_a_block_of_each_aggregate() -> None:
    one, other = "2a0a:100::/40", "2a0b:200::/40"
    clusters = ({"name": "a", "site": "s", "ipv6": one}, {"name": "b", "site": "s", "ipv6": other})
    fleet = fleet_of(*clusters)
    plan, _ = make_plan(fleet)
    check(plan, fleet, set())
    assert set(plan.sites["s"]) == {"owned", "owned-2"}
    assert make_plan(fleet, from_yaml(to_yaml(plan, MARK), "plan.yaml"))[0] == plan


def test_tunnels_and_pods_of_one_pool_are_apart() -> None:
    pools = {"nodes": ["10.0.0.0/24"], "pods": ["10.0.0.0/12"], "tunnels": ["10.0.0.0/20"]}
    fleet = fleet_of({"name": "a"}, {"name": "b", "region": "s"}, pools=pools)
    plan, _ = make_plan(fleet, design="full-mesh")
    assert plan.tunnels
    check(plan, fleet, set())
    again, _ = make_plan(fleet_of({"name": "a"}, {"name": "b"}, {"name": "c"}, pools=pools), plan)
    check(again, fleet_of({"name": "a"}, {"name": "b"}, {"name": "c"}, pools=pools), set())


def test_nothing_grows_onto_what_is_pinned_into_its_room() -> None:
    small = {"name": "a", "nodes": 3, "reserve": {"nodes": 200}, "ipv6": "ula"}
    plan, _ = make_plan(fleet_of(small))
    pods = plan.clusters["a"]["pods"]
    for family in ("ipv4", "ipv6"):
        place = pods[family].prefix
        assert place is not None
        beside = f"{place.broadcast_address + 1}/{place.prefixlen}"
        pinned = {"name": "b", "addresses": {"pods": [beside]}}
        grown = fleet_of({**small, "nodes": 200}, pinned)
        after, changes = make_plan(grown, plan)
        check(after, grown, set())
        assert after.clusters["a"]["pods"][family].prefix == place
        assert any(f"a (pods) has outgrown {place}" in line for line in changes.rebuilds)


def test_a_plan_that_holds_an_address_twice_is_told_and_not_carried_on() -> None:
    fleet = fleet_of({"name": "a"}, {"name": "b"})
    plan, _ = make_plan(fleet)
    wrong = {**plan.clusters, "b": plan.clusters["a"]}
    with pytest.raises(Overlap, match=r"is held by a \(nodes\) and b \(nodes\)(.|\n)*holds this"):
        make_plan(
            fleet,
            from_yaml(to_yaml(plan.__class__(**{**vars(plan), "clusters": wrong}), MARK), "p"),
        )


@pytest.mark.parametrize("blind", [(Space, "claim"), (FreeSpace, "claim")])
def test_an_allocator_that_forgets_is_found_out(
    blind: tuple[type, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """The sweep after the plan asks nobody who had a part in making it."""
    monkeypatch.setattr(*blind, lambda *_: True)
    monkeypatch.setattr(Taken, "add", lambda *_: True)
    with pytest.raises(Overlap, match=r"a \((nodes|pods).*\n(.|\n)*report it"):
        make_plan(fleet_of({"name": "a"}, {"name": "b"}), strategy="rightmost")


def test_a_name_with_a_tombstone_is_not_taken_by_renaming() -> None:
    plan, _ = make_plan(fleet_of({"name": "a"}, {"name": "b"}))
    without, _ = make_plan(fleet_of({"name": "b"}), plan)
    assert set(without.tombstones) == {"a"}
    with pytest.raises(InvalidPlan, match="a was b formerly, and the plan has a tombstone"):
        make_plan(fleet_of({"name": "a", "formerly": "b"}), without)


def test_a_second_prefix_stays_when_the_first_is_pinned() -> None:
    pools = {"nodes": ["10.0.0.0/24"]}
    two = ({"name": "a", "nodes": 3}, {"name": "b", "nodes": 3})
    plan, _ = make_plan(fleet_of(*two, pools=pools), strategy="rightmost")
    grown, changes = make_plan(fleet_of({**two[0], "nodes": 20}, two[1], pools=pools), plan)
    assert changes.extended
    nodes = grown.clusters["a"]["nodes"]["ipv4"]
    pinned = {**two[0], "nodes": 20, "addresses": {"nodes": [str(nodes.prefix)]}}
    after, changes = make_plan(fleet_of(pinned, two[1], pools=pools), grown)
    assert after.clusters["a"]["nodes"]["ipv4"].also == nodes.also
    assert changes.changed == 0


@pytest.mark.parametrize(
    "top",
    [
        {"exclude": ["fd00::/8"]},
        {"exclude": ["fc00::/7"]},
        {"exclude": ["::/0"]},
        {"exclude": ["fd00::/9", "fd80::/10", "fdc0::/11", "fde0::/12"]},
    ],
)
def test_ula_prefixes_that_are_taken_are_told(top: dict[str, Any]) -> None:
    plan, changes = make_plan(fleet_of({"name": "a", "ipv6": "ula"}, **top))
    if len(top["exclude"]) > 1:  # the hash finds what is left, or the first that is free
        block = plan.sites["a"]["ula"].prefix
        assert block is not None
        assert block.subnet_of(IPv6Network("fdf0::/12"))
    else:
        assert any(
            line.startswith("IPv6 does not fit: block from ula") for line in changes.findings
        )


def test_a_pin_of_all_ula_leaves_none() -> None:
    pinned = {"name": "a", "ipv6": "provider", "addresses": {"pods": ["fc00::/7"]}}
    _, changes = make_plan(fleet_of(pinned, {"name": "b", "ipv6": "ula"}))
    assert any(line.startswith("IPv6 does not fit: block from ula") for line in changes.findings)


def test_a_block_that_the_provider_has_not_is_told() -> None:
    """129 nodes of a /64 each are a /56 of pods, and all that Azure assigns is a /56."""
    aks = {"name": "a", "provider": "azure", "platform": "aks", "nodes": 129}
    plan, changes = make_plan(fleet_of(aks))
    assert changes.findings == (
        "IPv6 does not fit: block from provider of 1 of 1 clusters (first: a needs a /55)",
    )
    assert "ipv6" not in plan.clusters["a"]["pods"]
    plan, changes = make_plan(fleet_of({**aks, "nodes": 128}))
    assert changes.findings == ()


def test_what_is_reserved_is_filled_and_outgrown() -> None:
    small = {"name": "a", "nodes": 10, "reserve": {"nodes": 100}, "ipv6": "ula"}
    plan, _ = make_plan(fleet_of(small))
    assert plan.clusters["a"]["pods"]["ipv4"].reserved == 17
    for nodes, length in ((100, 17), (1000, 14)):
        fleet = fleet_of({**small, "nodes": nodes})
        old = from_yaml(to_yaml(plan, MARK), "plan.yaml")
        plan, changes = make_plan(fleet, old)
        pods = plan.clusters["a"]["pods"]["ipv4"]
        assert pods.prefix is not None
        assert (pods.prefix.prefixlen, pods.reserved, changes.rebuilds) == (length, None, ())
        check(plan, fleet, set())
