"""Allow lists: as many entries as `compare` counts, all senders inside, nobody else's space."""

from __future__ import annotations

import json
from collections.abc import Iterator
from ipaddress import IPv4Network, IPv6Network, ip_network
from pathlib import Path
from typing import Any

import netaddr
import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st
from typer.testing import CliRunner

from k8s6plan import catalog
from k8s6plan.addressing.allow import (
    AllowList,
    Others,
    allow_lists,
    allow_prefixes,
    strangers,
    undeclared,
)
from k8s6plan.addressing.plan import make_plan
from k8s6plan.addressing.plan_file import Plan, from_yaml, to_yaml
from k8s6plan.cli import app
from k8s6plan.errors import FileRefused
from k8s6plan.fleet.model import Cluster, Fleet, Prefix
from k8s6plan.topology.designs import DESIGNS
from k8s6plan.topology.groups import outline_of
from tests.strategies import fleet_files, fleets, load

MESH, FLAT = DESIGNS["full-mesh"], DESIGNS["flat-ipv6"]
ROUTED = ("nodes", "pods")


def fleet_of(*clusters: dict[str, Any], **top: Any) -> Fleet:
    full = [{"provider": f"p{n}", "region": "r", **c} for n, c in enumerate(clusters)]
    return load({"version": 1, "fleet": "f", "ula_seed": "s", "clusters": full, **top})


def lists_of(fleet: Fleet, design: Any = FLAT) -> dict[str, AllowList]:
    return allow_lists(fleet, make_plan(fleet)[0], design)


def texts(allowed: AllowList) -> list[str]:
    return [str(prefix) for prefix in allowed.prefixes]


def hears(fleet: Fleet, sender: Cluster, receiver: Cluster) -> bool:
    """Say whether a demand, or the lack of any, lets one cluster send to another."""
    if sender.site_name == receiver.site_name:
        return False
    return not fleet.demands or any(
        all(
            selector.name in ("all", cluster.name)
            if selector.name
            else dict(selector.labels).items() <= cluster.labels.items()
            for selector, cluster in ((demand.source, sender), (demand.target, receiver))
        )
        for demand in fleet.demands
    )


def prefixes_of(plan: Plan, cluster: Cluster, version: int) -> Iterator[Prefix]:
    """Yield all from which a cluster sends."""
    for role in ROUTED:
        for allocation in plan.clusters[cluster.name].get(role, {}).values():  # type: ignore[call-overload]
            yield from (p for p in allocation.prefixes if p.version == version)


# --- what must hold for every fleet --------------------------------------------------------------


@pytest.mark.slow
@settings(max_examples=150, deadline=None)
@given(fleet=fleets())
def test_fullest_list_is_what_compare_counts(fleet: Fleet) -> None:
    outline = outline_of(fleet)
    plan, _ = make_plan(fleet)
    for design in DESIGNS.values():
        lists = allow_lists(fleet, plan, design)
        counted = outline.allow_pools if design.family == "ipv4" else outline.allow_prefixes
        assert max((len(one.entries) for one in lists.values()), default=0) == counted
        for one in lists.values():
            assert one.family == design.family
            assert [e.prefix for e in one.entries] == [*one.prefixes, *(None for _ in one.missing)]
            assert len(set(one.prefixes)) == len(one.prefixes)


@settings(max_examples=60, deadline=None)
@given(data=fleet_files(pins=True))
def test_with_pins_no_list_is_longer_than_compare_counts(data: dict[str, Any]) -> None:
    """Shorter it may be: `compare` does not see that a block lies in an aggregate of others."""
    fleet = load(data)
    outline, (plan, _) = outline_of(fleet), make_plan(fleet)
    assert all(
        len(a.entries) <= outline.allow_pools for a in allow_lists(fleet, plan, MESH).values()
    )
    lists = allow_lists(fleet, plan, FLAT)
    assert all(len(allowed.entries) <= outline.allow_prefixes for allowed in lists.values())


@pytest.mark.slow
@settings(max_examples=150, deadline=None)
@given(data=fleet_files(pins=True), seed=st.booleans())
def test_senders_are_let_in_and_others_kept_out(data: dict[str, Any], seed: bool) -> None:
    """Sets of netaddr as the oracle: senders inside, and of flat lists nothing but senders."""
    if seed:
        data["ipv6"] = "ula"
    fleet = load(data)
    plan, _ = make_plan(fleet)
    for design, version in ((MESH, 4), (FLAT, 6)):
        lists = allow_lists(fleet, plan, design)
        assert list(lists) == sorted(c.name for c in fleet.clusters)
        for receiver in fleet.clusters:
            allowed = lists[receiver.name]
            inside = netaddr.IPSet(str(prefix) for prefix in allowed.prefixes)
            senders = [c for c in fleet.clusters if hears(fleet, c, receiver)]
            assert bool(allowed.entries) == bool(senders)
            for sender in senders:
                for prefix in prefixes_of(plan, sender, version):
                    assert netaddr.IPSet([str(prefix)]) <= inside
            if version == 4 or not isinstance(fleet.ipv6_of(receiver), str):
                continue
            for other in fleet.clusters:
                if other not in senders:
                    for prefix in prefixes_of(plan, other, version):
                        assert (netaddr.IPSet([str(prefix)]) & inside).size == 0


@pytest.mark.slow
@settings(max_examples=60, deadline=None)
@given(data=fleet_files(pins=True))
def test_same_input_same_lists_whatever_the_order(data: dict[str, Any]) -> None:
    fleet = load(data)
    plan, _ = make_plan(fleet)
    turned = load(data | {"clusters": data["clusters"][::-1], "demands": data["demands"][::-1]})
    for design in (MESH, FLAT):
        one, other = (allow_lists(f, again(plan), design) for f in (fleet, turned))
        assert {n: list(a.entries) for n, a in one.items()} == {
            n: list(a.entries) for n, a in other.items()
        }


def again(plan: Plan) -> Plan:
    return from_yaml(to_yaml(plan, "Written by k8s6plan 0 plan"), "plan.yaml")


# --- tunnels -------------------------------------------------------------------------------------


def test_pools_merged_and_shared() -> None:
    halves = {"pods": ["10.0.0.0/9", "10.128.0.0/9"], "nodes": ["10.64.0.0/16", "172.16.0.0/16"]}
    lists = lists_of(fleet_of(*({"name": f"c{n}"} for n in range(4)), pools=halves), MESH)
    assert texts(lists["c0"]) == ["10.0.0.0/8", "172.16.0.0/16"]
    assert [e.of for e in lists["c0"].entries] == ["pool of nodes, pool of pods", "pool of nodes"]
    assert lists["c0"].entries is lists["c3"].entries


def test_pins_outside_the_pools_are_let_in() -> None:
    pin = {"name": "a", "addresses": {"pods": ["192.168.0.0/16"], "nodes": ["10.5.0.0/16"]}}
    lists = lists_of(fleet_of(pin, {"name": "b"}, {"name": "c"}), MESH)
    assert [(str(e.prefix), e.of) for e in lists["b"].entries] == [
        ("10.0.0.0/8", "pool of nodes"),
        ("100.64.0.0/10", "pool of pods"),
        ("192.168.0.0/16", "a pods"),
    ]


@pytest.mark.parametrize(
    ("prefix", "top"),
    [
        ("192.168.0.0/16", {}),
        ("198.19.0.0/16", {}),
        ("240.0.0.0/8", {}),
        ("203.0.112.0/24", {}),
        ("2600:1f18:1:5600::/56", {}),
        ("fd01::/48", {}),
        ("203.0.112.0/22", {"pools": {"nodes": ["203.0.112.0/20"], "pods": ["10.0.0.0/8"]}}),
        ("2a0a:100::/36", {"ipv6": "2a0a:100::/32"}),
    ],
)
def test_what_a_site_is_given_is_let_in(prefix: str, top: dict[str, Any]) -> None:
    pin = {"name": "a", "addresses": {"nodes": [prefix]}}
    assert strangers(fleet_of(pin, {"name": "b"}, **top)) == []


@pytest.mark.parametrize(
    "prefix",
    [
        *("8.0.0.0/7", "10.0.0.0/7", "203.0.112.0/23", "0.0.0.0/0"),
        *("::/0", "fc00::/7", "fd00::/8", "2000::/3", "2600:1f18::/32", "fd01::/47"),
    ],
)
@pytest.mark.parametrize("role", ["nodes", "pods"])
def test_a_pin_of_more_than_a_site_is_given_is_a_stranger(prefix: str, role: str) -> None:
    fleet = fleet_of({"name": "a", "addresses": {role: [prefix]}}, {"name": "b"})
    assert [(s.cluster, s.role, str(s.prefix)) for s in strangers(fleet)] == [("a", role, prefix)]
    plan, changes = make_plan(fleet)
    assert plan.allow == {}  # the plan file has no list either
    assert any(f"no allow lists: {prefix} of a ({role})" in line for line in changes.findings)


@pytest.mark.parametrize(
    ("prefix", "routed", "top"),
    [
        ("192.168.0.0/16", False, {}),
        ("fd01::/48", False, {}),
        ("203.0.112.0/24", True, {}),
        ("2600:1f18:1:5600::/56", True, {}),
        ("10.5.0.0/16", None, {}),  # the default pool of nodes
        ("203.0.112.0/24", None, {"pools": {"nodes": ["203.0.112.0/20"]}}),
        ("2a0a:100::/48", None, {"ipv6": "2a0a:100::/32"}),
    ],
)
def test_pins_that_nothing_declares_are_known(
    prefix: str, routed: bool | None, top: dict[str, Any]
) -> None:
    fleet = fleet_of({"name": "a", "addresses": {"nodes": [prefix]}}, {"name": "b"}, **top)
    expected = [] if routed is None else [(prefix, routed)]
    assert [(str(pin.prefix), pin.is_routed) for pin in undeclared(fleet)] == expected


def test_pods_that_are_hidden_open_no_list() -> None:
    hidden = {"name": "a", "addresses": {"pods": ["8.0.0.0/7"]}, "pods_routed": False}
    assert undeclared(fleet_of(hidden, {"name": "b"})) == []


def test_services_open_no_list() -> None:
    assert strangers(fleet_of({"name": "a", "addresses": {"services": ["8.0.0.0/7"]}})) == []


def test_what_an_older_plan_holds_outside_of_the_pools_of_today_is_let_in() -> None:
    clusters = [{"name": "a"}, {"name": "b"}, {"name": "c"}]
    before, _ = make_plan(fleet_of(*clusters, pools={"pods": ["10.128.0.0/9"]}))
    after = fleet_of(*clusters, pools={"pods": ["100.64.0.0/10"], "nodes": ["10.0.0.0/9"]})
    plan, _ = make_plan(after, before)
    inside = netaddr.IPSet(texts(allow_lists(after, plan, MESH)["a"]))
    for cluster in after.clusters[1:]:
        for prefix in prefixes_of(plan, cluster, 4):
            assert netaddr.IPSet([str(prefix)]) <= inside


def test_one_sender_is_let_in_by_its_own_prefixes() -> None:
    clusters = [{"name": f"c{n}"} for n in range(6)]
    fleet = fleet_of(*clusters, demands=[{"from": "c0", "to": "c1", "gb_per_month": 1}])
    plan, _ = make_plan(fleet)
    lists = allow_lists(fleet, plan, MESH)
    own = [plan.clusters["c0"][role]["ipv4"].prefix for role in ROUTED]  # type: ignore[index]
    assert list(lists["c1"].prefixes) == sorted(own)  # type: ignore[type-var]
    assert [e.of for e in lists["c1"].entries] == ["c0 nodes", "c0 pods"]
    assert not lists["c0"].entries  # nobody sends to it
    assert not lists["c2"].entries


def test_two_clusters_without_demands_get_the_pools() -> None:
    """As short as their own prefixes, and they stay when a third cluster comes."""
    lists = lists_of(fleet_of({"name": "a"}, {"name": "b"}), MESH)
    assert texts(lists["a"]) == ["10.0.0.0/8", "100.64.0.0/10"]


def test_one_site_lets_nobody_in() -> None:
    one_site = [{"name": n, "provider": "on-prem", "site": "s"} for n in "ab"]
    fleet = fleet_of(*one_site)
    for design in (MESH, FLAT):
        assert all(not allowed.entries for allowed in lists_of(fleet, design).values())


# --- flat IPv6 -----------------------------------------------------------------------------------


def test_flat_lets_in_the_blocks_of_other_sites() -> None:
    near = [{"name": n, "provider": "on-prem", "site": "s"} for n in "ab"]
    fleet = fleet_of(*near, {"name": "c", "ipv6": "ula"})
    plan, _ = make_plan(fleet)
    lists = allow_lists(fleet, plan, FLAT)
    blocks = {
        name: part
        for of_site in plan.sites.values()
        for block in of_site.values()
        for name, part in block.clusters.items()
    }
    assert list(lists["a"].prefixes) == [blocks["c"]]
    assert lists["a"] is lists["b"]
    assert list(lists["c"].prefixes) == sorted([blocks["a"], blocks["b"]])
    services = plan.clusters["c"]["nodes"]["ipv6"].prefix
    assert isinstance(services, IPv6Network)
    assert services.subnet_of(blocks["c"])


def test_flat_says_what_is_not_assigned_yet_and_counts_it() -> None:
    coming = [{"name": name, "provider": "aws"} for name in "bc"]
    fleet = fleet_of({"name": "a", "ipv6": "ula"}, *coming)
    lists = lists_of(fleet)
    assert (len(lists["a"].entries), len(lists["a"].prefixes)) == (2, 0)
    assert [(e.of, e.why) for e in lists["a"].missing] == [
        ("b", "IPv6 not assigned yet (layout ::/60)"),
        ("c", "IPv6 not assigned yet (layout ::/60)"),
    ]
    assert len(lists["b"].prefixes) == 1
    plan, _ = make_plan(fleet)
    block = IPv6Network("2600:1f18:1234:5600::/56")
    assigned, _ = make_plan(fleet, again(plan), assign={"b": block})
    lists = allow_lists(fleet, assigned, FLAT)
    assert texts(lists["a"]) == ["2600:1f18:1234:5600::/60"]
    assert len(lists["a"].entries) == 2


def test_aggregate_of_the_fleet_is_one_entry() -> None:
    clusters = [{"name": f"c{n}"} for n in range(5)]
    lists = lists_of(fleet_of(*clusters, ipv6="2a00:100::/40"))
    assert [(str(e.prefix), e.of) for e in lists["c0"].entries] == [
        ("2a00:100::/40", "aggregate of the fleet")
    ]
    demands = [{"from": "c1", "to": "c0", "gb_per_month": 1}]
    fleet = fleet_of(*clusters, ipv6="2a00:100::/40", demands=demands)
    (entry,) = lists_of(fleet)["c0"].entries
    assert entry.of == "c1"
    assert isinstance(entry.prefix, IPv6Network)
    assert entry.prefix.prefixlen > 40


def test_what_lies_outside_of_the_aggregate_is_an_entry_of_its_own() -> None:
    clusters = [{"name": f"c{n}"} for n in range(3)]
    before, _ = make_plan(fleet_of(*clusters[:1], ipv6="ula"))
    fleet = fleet_of(*clusters, ipv6="2a00:100::/40")
    plan, _ = make_plan(fleet, before)
    allowed = allow_lists(fleet, plan, FLAT)["c2"]
    assert [e.of for e in allowed.entries] == ["aggregate of the fleet", "c0"]
    for prefix in prefixes_of(plan, fleet.clusters[0], 6):
        assert any(netaddr.IPNetwork(str(prefix)) in netaddr.IPNetwork(t) for t in texts(allowed))


def test_services_never_send() -> None:
    """Of what is pinned, too: the services of `a` stand outside of every entry."""
    pins = {"nodes": ["fd00::/64"], "pods": ["fd00:0:0:8::/64"], "services": ["fd00:0:0:4::/112"]}
    allowed = lists_of(fleet_of({"name": "a", "addresses": pins}, {"name": "b"}))["b"]
    assert [(str(e.prefix), e.of) for e in allowed.entries] == [
        ("fd00::/64", "a nodes"),
        ("fd00:0:0:8::/64", "a pods"),
    ]


def test_prefix_inside_another_is_left_out_once_it_is_let_in() -> None:
    vpc = {"provider": "aws", "site": "vpc", "platform": "eks"}
    one = {"name": "a", **vpc, "addresses": {"nodes": ["10.0.0.0/16"], "pods": ["10.0.64.0/18"]}}
    two = {"name": "b", **vpc, "addresses": {"nodes": ["10.0.0.0/16"], "pods": ["10.0.128.0/18"]}}
    demands = [{"from": "all", "to": "c", "gb_per_month": 1}]
    allowed = lists_of(fleet_of(one, two, {"name": "c"}, demands=demands), MESH)["c"]
    assert [(str(e.prefix), e.of) for e in allowed.entries] == [("10.0.0.0/16", "a nodes, b nodes")]


def test_neighbours_are_not_joined() -> None:
    """Each entry keeps its owner, and stays when the other one goes."""
    pods = [["10.0.0.0/17"], ["10.0.128.0/17"]]
    clusters = [{"name": n, "addresses": {"pods": p}} for n, p in zip("ab", pods, strict=True)]
    demands = [{"from": "all", "to": "c", "gb_per_month": 1}]
    pools = {"nodes": [f"10.{n}.0.0/24" for n in range(1, 20, 2)], "pods": ["100.64.0.0/10"]}
    allowed = lists_of(fleet_of(*clusters, {"name": "c"}, demands=demands, pools=pools), MESH)["c"]
    assert {"a pods", "b pods"} <= {e.of for e in allowed.entries}


def test_external_addresses_are_told() -> None:
    nodes = {"name": "a", "addresses": {"nodes": "external"}, "ipv6": "ula"}
    both = {"name": "b", "addresses": {"nodes": "external", "pods": "external"}}
    fleet = fleet_of(nodes, both, {"name": "c"}, {"name": "d"})
    flat = lists_of(fleet)["c"]
    assert flat.unlisted == ("a nodes", "b nodes", "b pods")
    assert [(e.of, e.why) for e in flat.missing[:1]] == [
        ("b", "its addresses are not ours to plan")
    ]
    assert lists_of(fleet, MESH)["c"].unlisted == ("a nodes", "b nodes", "b pods")
    assert lists_of(fleet, MESH)["a"].unlisted == ("b nodes", "b pods")
    outline = outline_of(fleet)
    assert outline.allow_prefixes == max(len(a.entries) for a in lists_of(fleet).values())


def test_cluster_that_the_plan_does_not_know_is_told() -> None:
    plan, _ = make_plan(fleet_of({"name": "a", "ipv6": "ula"}))
    fleet = fleet_of({"name": "a", "ipv6": "ula"}, {"name": "b", "ipv6": "ula"})
    (entry,) = allow_lists(fleet, plan, FLAT)["a"].entries
    assert (entry.of, entry.why) == ("b", "no IPv6 prefix in the plan")


# --- the cost ------------------------------------------------------------------------------------


@pytest.mark.slow
def test_lists_of_many_sites_share_their_entries() -> None:
    """2,000 sites would have four million entries; they cost 2,000 and a view each."""
    fleet = fleet_of(*({"name": f"c{n}", "ipv6": "ula"} for n in range(2000)))
    plan, _ = make_plan(fleet)
    lists = allow_prefixes(fleet, plan, FLAT)
    assert len(lists["c0"]["ipv6"]) == 1999
    views = [lists[name]["ipv6"] for name in ("c0", "c7")]
    assert all(isinstance(view, Others) for view in views)
    assert len({id(view._items) for view in views if isinstance(view, Others)}) == 1
    everybody = {*views[0], *views[1]}
    assert len(everybody) == 2000
    assert len({id(of["ipv4"]) for of in allow_prefixes(fleet, plan, MESH).values()}) == 1


@given(count=st.integers(0, 12), data=st.data())
def test_view_is_the_tuple_without_what_it_leaves_out(count: int, data: st.DataObject) -> None:
    items = tuple(range(count))
    left_out = sorted(data.draw(st.sets(st.integers(0, max(0, count - 1)), max_size=count)))
    left_out = [index for index in left_out if index < count]
    wanted = [item for item in items if item not in left_out]
    view = Others.of(items, left_out)
    assert (len(view), list(view), list(view[:3])) == (len(wanted), wanted, wanted[:3])
    assert [view[index] for index in range(len(view))] == wanted
    assert [view[-1 - index] for index in range(len(view))] == wanted[::-1]
    with pytest.raises(IndexError):
        view[len(wanted)]


# --- ICMPv6 --------------------------------------------------------------------------------------


def test_icmpv6_is_that_of_rfc_4890() -> None:
    rows = catalog.icmpv6_types()
    codes = {row.type: row.codes for row in rows if row.where == "transit"}
    assert codes == {1: (), 2: (), 3: (0,), 4: (1, 2), 128: (), 129: ()}
    link = {row.type: row.codes for row in rows if row.where == "link"}
    assert link == dict.fromkeys((130, 131, 132, 133, 134, 135, 136, 143), ())
    assert [row.type for row in rows] == sorted(row.type for row in rows)
    for row in rows:
        section = "s4.3.1" if row.where == "transit" else "s4.4.1"
        assert row.source.startswith(f"RFC 4890 {section}")
        assert row.name
        assert row.why


def test_icmpv6_rows_have_a_date_and_a_confidence() -> None:
    path = Path(catalog.__file__).parent / "data" / "icmpv6.yaml"
    for row in yaml.safe_load(path.read_text("utf-8"))["icmpv6"]:
        keys = {"type", "codes", "name", "where", "why", "source", "as_of", "confidence"}
        assert set(row) == keys
        assert isinstance(row["as_of"], str)
        assert row["confidence"] in ("high", "medium", "low", "unverified")


# --- the command ---------------------------------------------------------------------------------

FLEET = """
version: 1
fleet: f
ula_seed: s
clusters:
  - {name: a, provider: on-prem, site: s}
  - {name: b, provider: on-prem, site: s}
  - {name: c, provider: aws, region: r}
"""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "fleet.yaml").write_text(FLEET, "utf-8")
    plan, _ = make_plan(load(yaml.safe_load(FLEET)))
    text = to_yaml(plan, "Written by k8s6plan 0 plan")
    (tmp_path / "plan.yaml").write_text(text, "utf-8")
    return tmp_path


def run(folder: Path, *arguments: str) -> tuple[int, str, Any]:
    paths = ["--fleet", str(folder / "fleet.yaml"), "--plan", str(folder / "plan.yaml")]
    done = CliRunner().invoke(app, ["allow", *arguments, *paths])
    return done.exit_code, done.stdout, done.exception


def test_text_ends_every_list_with_a_denial(folder: Path) -> None:
    code, text, _ = run(folder)
    assert code == 0
    assert text.startswith("# Written by k8s6plan ")
    lists = text.split("\n\n")[1:]
    heads = [of.splitlines()[0] for of in lists]
    assert heads == [
        "# a, b, c: IPv4 in (hub-and-spoke, full-mesh, regional-hubs, managed-hub, overlay-mesh, "
        "as-demanded, optimized): 2 entries",
        "# a, b: IPv6 in (flat-ipv6): 1 entry (1 not known yet)",
        "# c: IPv6 in (flat-ipv6): 2 entries",
    ]
    assert all(of.rstrip().endswith("\ndeny everything else") for of in lists)
    assert [("icmpv6" in of) for of in lists] == [False, True, True]
    assert "# c: IPv6 not assigned yet (layout ::/60)" in lists[1]
    assert "allow icmpv6 type 4 code 1,2 " in lists[2]
    assert "allow icmpv6 type 135 from the link" in lists[2]
    assert run(folder)[1] == text


def test_json_and_yaml_hold_the_same(folder: Path) -> None:
    found = json.loads(run(folder, "-f", "json")[1])
    assert found.pop("written_by").endswith(" allow")
    assert yaml.safe_load(run(folder, "-f", "yaml")[1]) == found
    assert list(found["designs"]) == list(DESIGNS)
    flat = found["designs"]["flat-ipv6"]
    assert flat["family"] == "ipv6"
    assert [row["type"] for row in flat["icmpv6"]][:3] == [1, 2, 3]
    lists = flat["clusters"]
    assert lists["a"] == {
        "entries": 1,
        "allow": [],
        "missing": [{"from": "c", "why": "IPv6 not assigned yet (layout ::/60)"}],
        "otherwise": "deny",
    }
    assert [row["from"] for row in lists["c"]["allow"]] == ["a", "b"]
    for row in lists["c"]["allow"]:
        assert ip_network(row["prefix"]).version == 6
    mesh = found["designs"]["full-mesh"]["clusters"]["a"]["allow"]
    assert [IPv4Network(row["prefix"]) for row in mesh] == [
        IPv4Network("10.0.0.0/8"),
        IPv4Network("100.64.0.0/10"),
    ]


def test_addresses_in_yaml_are_quoted(folder: Path) -> None:
    for line in run(folder, "-f", "yaml")[1].splitlines():
        _, _, value = line.partition("prefix: ")
        assert not value or value[0] == value[-1] == '"'


def test_clusters_and_designs_are_chosen_by_name(folder: Path) -> None:
    found = json.loads(run(folder, "c", "a", "c", "-d", "full-mesh", "-f", "json")[1])
    assert list(found["designs"]) == ["full-mesh"]
    assert list(found["designs"]["full-mesh"]["clusters"]) == ["a", "c"]
    assert 'no cluster is named "x"; known: a, b, c' in str(run(folder, "x")[2])
    assert "no design is named" in str(run(folder, "-d", "star")[2])


def test_plan_of_another_fleet_is_refused(folder: Path) -> None:
    other = FLEET.replace("fleet: f", "fleet: g")
    (folder / "fleet.yaml").write_text(other, "utf-8")
    assert 'is the plan of fleet "f", not of "g"' in str(run(folder)[2])


def test_lists_that_nobody_reads_are_refused(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("k8s6plan.cli.allow._MOST_ENTRIES", 2)
    assert run(folder)[0] == 2
    assert run(folder, "a", "-d", "full-mesh")[0] == 0


def test_lists_that_admit_more_than_the_fleet_holds_are_refused(folder: Path) -> None:
    """One cluster's slip of the pen opens the lists of all others; its own has only its peers."""
    fleet, plan = folder / "fleet.yaml", folder / "plan.yaml"
    line = "  - {name: d, provider: aws, region: r, addresses: {nodes: ['8.0.0.0/7', '::/0']}}\n"
    fleet.write_text(FLEET + line, "utf-8")
    text = to_yaml(make_plan(load(yaml.safe_load(FLEET + line)))[0], "Written by k8s6plan 0 plan")
    plan.write_text(text, "utf-8")
    code, out, error = run(folder, "a")
    assert (code, out) == (1, "")  # the program makes 2 of it
    assert isinstance(error, FileRefused)
    assert [message.split(" lies in")[0].split(": ")[1] for message in error.lines] == [
        "8.0.0.0/7 of d (nodes)",
        "::/0 of d (nodes)",
    ]
    assert all("or write them with --force" in message for message in error.lines)
    code, out, _ = run(folder, "a", "--force")
    assert code == 0
    assert "allow 8.0.0.0/7 " in out
    assert "allow ::/0 " in out
    assert run(folder, "d", "-d", "flat-ipv6")[0] == 0  # it lets in the others, who are no more
