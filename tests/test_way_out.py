"""The way out of overlaps: against every set of clusters there is, and by worked examples."""

from __future__ import annotations

import json
from ipaddress import IPv4Network, IPv6Network, ip_network
from itertools import combinations
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from typer.testing import CliRunner

from k8s6plan.addressing.overlap import escape_of_fleet, escape_of_plan
from k8s6plan.addressing.overlap.cover import MOST_NODES, bits, cheapest_cover
from k8s6plan.addressing.overlap.translate import TRANSLATORS, translations
from k8s6plan.addressing.overlap.way_out import WayOut, cheapest_way_out
from k8s6plan.addressing.plan import make_plan
from k8s6plan.addressing.plan_file import from_yaml, to_yaml
from k8s6plan.cli import app
from k8s6plan.fleet import overlaps
from k8s6plan.fleet.model import Prefix
from k8s6plan.fleet.overlaps import Conflict, Holding
from tests.plan_files import unsealed
from tests.strategies import load

# --- the cover -----------------------------------------------------------------------------------


@st.composite
def graphs(draw: st.DrawFn, most: int = 12) -> tuple[list[int], list[int]]:
    count = draw(st.integers(1, most))
    pairs = list(combinations(range(count), 2))
    edges = draw(st.lists(st.sampled_from(pairs), unique=True)) if pairs else []
    neighbours = [0] * count
    for one, other in edges:
        neighbours[one] |= 1 << other
        neighbours[other] |= 1 << one
    weights = draw(st.lists(st.integers(0, 9), min_size=count, max_size=count))
    return neighbours, weights


def is_cover(vertices: int, neighbours: list[int]) -> bool:
    return all(vertices >> v & 1 or not near & ~vertices for v, near in enumerate(neighbours))


def weigh(vertices: int, weights: list[int]) -> int:
    return sum(weights[v] for v in bits(vertices))


@pytest.mark.slow
@settings(max_examples=300, deadline=None)
@given(graph=graphs(), most_nodes=st.sampled_from([MOST_NODES, 1]))
def test_cover_is_the_cheapest_of_all(graph: tuple[list[int], list[int]], most_nodes: int) -> None:
    neighbours, weights = graph
    covers = (v for v in range(1 << len(weights)) if is_cover(v, neighbours))
    # Of equal cost the fewest, and of these the one whose last vertex comes first.
    best = min((weigh(vertices, weights), vertices.bit_count(), vertices) for vertices in covers)
    found = cheapest_cover(neighbours, weights, most_nodes=most_nodes)
    assert is_cover(found.vertices, neighbours)
    assert weigh(found.vertices, weights) == found.cost
    assert found.bound <= best[0] <= found.cost <= 2 * found.bound
    if most_nodes == MOST_NODES:
        assert (found.cost, found.vertices.bit_count(), found.vertices) == best
        assert found.cost == found.bound


def test_ties_are_broken_across_the_vertices_that_one_solution_decides_on() -> None:
    count = 45  # an odd ring of equals: no rule applies, and every cover has one double place
    neighbours = [1 << (v - 1) % count | 1 << (v + 1) % count for v in range(count)]
    rings = [
        sum(1 << (double + step) % count for step in (0, *range(1, count, 2)))
        for double in range(count)
    ]
    assert all(is_cover(ring, neighbours) for ring in rings)
    found = cheapest_cover(neighbours, [3] * count)
    assert found == (min(rings), 3 * 23, 3 * 23)


def test_cover_of_a_large_tangle_keeps_its_bound() -> None:
    count = 300
    neighbours = [0] * count
    for one in range(count):
        for step in (1, 7, 31, 112):  # no clique, no leaf: nothing to reduce
            other = (one + step) % count
            neighbours[one] |= 1 << other
            neighbours[other] |= 1 << one
    found = cheapest_cover(neighbours, [1] * count, most_nodes=1)
    assert is_cover(found.vertices, neighbours)
    assert found.bound <= found.cost <= 2 * found.bound


# --- whom to renumber ----------------------------------------------------------------------------


def holding(name: str, prefix: str, role: str = "pods") -> Holding:
    kin = f"{role} of {name}"
    return Holding(ip_network(prefix), f"{name} ({role})", name, name, role, kin)  # type: ignore[arg-type]


def conflicts(*held: Holding) -> list[Conflict]:
    return overlaps.conflicts(held, services_routed=False)


EXCLUDED = Holding(IPv4Network("10.9.0.0/16"), "office (excluded)", None, None, None, "excluded")

nested = st.builds(
    lambda number, length: str(ip_network(f"10.{number}.0.0/{length}", strict=False)),
    st.integers(0, 15),
    st.integers(11, 18),
)


def overlap(one: Holding, other: Holding) -> bool:
    """Say by `ipaddress` whether two holdings are in conflict."""
    services = one.role == other.role == "services" and one.cluster != other.cluster
    return one.kin != other.kin and not services and one.prefix.overlaps(other.prefix)


@pytest.mark.slow
@settings(max_examples=200, deadline=None)
@given(
    given_prefixes=st.lists(
        st.tuples(st.integers(0, 7), nested, st.sampled_from(["pods", "services"])), max_size=14
    ),
    nodes=st.lists(st.integers(1, 5), min_size=8, max_size=8),
    keep=st.sets(st.sampled_from(["c0", "c1", "c2"])),
    excluded=st.booleans(),
)
def test_way_out_is_the_cheapest_of_all(
    given_prefixes: list[tuple[int, str, str]], nodes: list[int], keep: set[str], excluded: bool
) -> None:
    held = [holding(f"c{n}", prefix, role) for n, prefix, role in given_prefixes]
    held += [EXCLUDED] * excluded
    found = [c for c in conflicts(*held) if not c.harmless]
    costs = {f"c{n}": cost for n, cost in enumerate(nodes)}
    out = cheapest_way_out(found, costs, keep=keep)
    pairs = [(a, b) for a, b in combinations(held, 2) if overlap(a, b)]

    def left(gone: set[str]) -> list[tuple[Holding, Holding]]:
        return [(a, b) for a, b in pairs if a.cluster not in gone and b.cluster not in gone]

    movable = sorted({h.cluster for pair in pairs for h in pair if h.cluster} - keep)
    unavoidable = len(left(set(movable)))
    sets = [set(s) for size in range(len(movable) + 1) for s in combinations(movable, size)]
    good = [s for s in sets if len(left(s)) == unavoidable]
    best = min((sum(costs[n] for n in s), len(s), sorted(s, reverse=True)) for s in good)
    assert not set(out.renumber) & keep
    assert (out.nodes, len(out.renumber), sorted(out.renumber, reverse=True)) == best
    assert out.exact
    assert bool(out.left) == bool(unavoidable)


def ways(*held: Holding, nodes: dict[str, int] | None = None, **options: Any) -> WayOut:
    return cheapest_way_out(conflicts(*held), nodes or {}, **options)


def test_the_smaller_of_two_is_renumbered() -> None:
    held = [holding("big", "10.0.0.0/16"), holding("small", "10.0.0.0/16")]
    assert ways(*held, nodes={"big": 200, "small": 5}).renumber == ("small",)
    assert ways(*held, nodes={"big": 5, "small": 5}).renumber == ("big",)  # then by name


def test_one_in_the_middle_is_cheaper_than_many_round_it() -> None:
    held = [holding("wide", "10.0.0.0/8"), *(holding(f"c{n}", f"10.{n}.0.0/16") for n in range(9))]
    few = dict.fromkeys((f"c{n}" for n in range(9)), 5)
    assert ways(*held, nodes={"wide": 40, **few}).renumber == ("wide",)
    assert ways(*held, nodes={"wide": 46, **few}).renumber == tuple(sorted(few))


def test_of_a_thousand_equals_the_dearest_stays() -> None:
    names = [f"c{n:04}" for n in range(1000)]
    nodes = dict.fromkeys(names, 10) | {"c0500": 11}
    out = ways(*(holding(name, "fd00::/104") for name in names), nodes=nodes)
    assert set(names) - set(out.renumber) == {"c0500"}
    assert out.exact


def test_who_overlaps_an_exclusion_or_itself_always_moves() -> None:
    held = [holding("a", "10.9.1.0/24"), EXCLUDED]
    held += [holding("b", "10.1.0.0/16"), holding("b", "10.1.2.0/24", "services")]
    assert ways(*held).renumber == ("a", "b")
    kept = ways(*held, keep=["a"])
    assert kept.renumber == ("b",)
    assert [str(c) for c in kept.left] == [
        "10.9.1.0/24 of a (pods) lies inside 10.9.0.0/16 of office (excluded)"
    ]


# --- translations --------------------------------------------------------------------------------


def test_translations_are_apart_and_free() -> None:
    names = ["a", "b", "c"]
    held = [holding(name, "10.0.0.0/16") for name in names]
    used: list[Prefix] = [IPv4Network("100.64.0.0/16"), *(h.prefix for h in held)]
    pools = [IPv4Network("100.64.0.0/12")]
    found = translations(conflicts(*held), in_use=used, pools=pools)
    assert [t.owner for t in found] == ["a (pods)", "b (pods)", "c (pods)"]
    made: list[Any] = [t.nat for t in found]
    assert all(nat.prefixlen == 16 for nat in made)
    assert not any(a.overlaps(b) for a, b in combinations([*made, *pools], 2))
    assert not any(t.via6.overlaps(o.via6) for t, o in combinations(found, 2) if t.via6 and o.via6)
    # Part of the format: a's /96 from `printf a | sha256sum` (ca978112ca1b...), then the address.
    assert str(found[0].via6) == "64:ff9b:1:ca97:81:12ca:a00:0/112"


@given(name=st.text("abc-9", min_size=1, max_size=8), number=st.integers(0, 255))
def test_via6_holds_the_address_as_rfc_6052_has_it(name: str, number: int) -> None:
    prefix = f"10.{number}.0.0/16"
    found = translations(
        conflicts(holding(name, prefix), holding("other", prefix)), in_use=(), pools=()
    )
    for one in found:
        assert isinstance(one.via6, IPv6Network)
        assert one.via6.subnet_of(TRANSLATORS)
        bare = int(one.via6.network_address)
        assert bare & 0xFFFFFFFF == int(IPv4Network(prefix).network_address)
        assert bare >> 56 & 0xFF == 0  # bits 64 to 71
        assert one.via6.prefixlen == 96 + 16


def test_pools_are_used_where_the_shared_space_is_full_or_a_pool() -> None:
    held = [holding("a", "10.0.0.0/16"), holding("b", "10.0.0.0/16")]
    pools = [ip_network("100.64.0.0/10"), ip_network("100.64.0.0/12")]
    found = translations(conflicts(*held), in_use=[], pools=pools)
    assert [str(t.nat) for t in found] == ["100.64.0.0/16", "100.65.0.0/16"]
    wide = [holding("a", "10.0.0.0/8"), holding("b", "10.0.0.0/8")]
    found = translations(conflicts(*wide), in_use=[], pools=[])
    assert [t.nat for t in found] == [None, None]
    assert all("no free prefix for NAT" in str(t) for t in found)


# --- fleets and plans ----------------------------------------------------------------------------


def fleet(*pods: list[str], **top: Any) -> Any:
    clusters = [
        {
            "name": name,
            "provider": "x",
            "region": "r",
            "nodes": 10 * (number + 1),
            "addresses": {"pods": prefixes, "nodes": "external"},
        }
        for number, (name, prefixes) in enumerate(zip("abcdef", pods, strict=False))
    ]
    return load({"version": 1, "fleet": "f", "clusters": clusters, **top})


def test_escape_of_a_fleet() -> None:
    described = fleet(["10.0.0.0/16"], ["10.0.0.0/16", "fd00::/64"], ["fd00::/64"])
    escape = escape_of_fleet(described)
    assert escape is not None
    assert (escape.way_out.renumber, escape.way_out.nodes) == (("b",), 20)
    assert escape.translations == ()
    kept = escape_of_fleet(described, keep=["b"])
    assert kept is not None
    assert kept.way_out.renumber == ("a", "c")
    every = escape_of_fleet(described, keep=["a", "b", "c"])
    assert every is not None
    assert every.way_out.renumber == ()
    assert [t.via6 is None for t in every.translations] == [False, False, True, True]
    assert escape_of_fleet(fleet(["10.0.0.0/16"], ["10.1.0.0/16"])) is None


def test_escape_of_a_plan_releases_tombstones_first() -> None:
    described = fleet(["10.0.0.0/16"], ["10.1.0.0/16"], ula_seed="s")
    plan, _ = make_plan(described)
    later, _ = make_plan(fleet(["10.0.0.0/16"], ula_seed="s"), plan, old_file="p")
    text = unsealed(to_yaml(later, "Written by k8s6plan 0 plan"))
    text = text.replace("10.1.0.0/16", "10.0.0.0/16")
    escape = escape_of_plan(from_yaml(text, "p"))
    assert escape is not None
    assert escape.way_out.renumber == ("b",)
    assert escape.removed == {"b"}


@pytest.mark.parametrize("routed", [True, False])
def test_equal_services_count_only_where_they_are_routed(routed: bool) -> None:
    clusters = [
        {"name": n, "provider": "x", "region": "r", "addresses": {"services": ["10.5.0.0/16"]}}
        for n in "ab"
    ]
    described = load(
        {
            "version": 1,
            "fleet": "f",
            "clusters": clusters,
            "assumptions": {"services_routed": routed},
        }
    )
    escape = escape_of_fleet(described, translate=True)
    assert (escape is not None) == routed
    assert escape is None or len(escape.translations) == 2


# --- command -------------------------------------------------------------------------------------


@pytest.fixture
def fleet_file(tmp_path: Path) -> str:
    path = tmp_path / "fleet.yaml"
    clusters = "".join(
        f"  - {{name: {name}, provider: x, region: r, nodes: {nodes}, "
        'addresses: {nodes: external, pods: ["10.0.0.0/16"]}}\n'
        for name, nodes in (("a", 3), ("b", 200), ("c", 9))
    )
    path.write_text(f"version: 1\nfleet: f\nclusters:\n{clusters}", "utf-8")
    return str(path)


def check(*arguments: str) -> Any:
    return CliRunner().invoke(app, ["check", *arguments])


def test_check_prints_the_way_out_after_the_findings(fleet_file: str) -> None:
    done = check(fleet_file)
    assert done.exit_code == 1
    last = "Renumber a, c (12 nodes in all) and no overlap is left; fewer cannot do."
    assert done.stdout.splitlines()[-1] == last
    kept = check(fleet_file, "--keep", "a", "--keep", "c").stdout
    assert "Renumber b (200 nodes in all) and 1 overlap is left between kept clusters" in kept
    assert "  10.0.0.0/16 of c (pods): by NAT as 100.65.0.0/16, or by IPv6 as 64:ff9b:1:" in kept
    assert "of b (pods): by" not in kept
    nat = check(fleet_file, "--nat").stdout
    assert "Renumber" not in nat
    assert nat.count(": by NAT as ") == 3
    assert check(fleet_file, "--keep", "d").exit_code == 2


def test_check_has_the_way_out_as_json(fleet_file: str) -> None:
    data = json.loads(check(fleet_file, "--format", "json", "--nat").stdout)
    out = data["way_out"]
    assert (out["renumber"], out["nodes"], out["exact"], out["bound"]) == (["a", "c"], 12, True, 12)
    assert [row["nat"] for row in data["nat"]] == [f"100.{n}.0.0/16" for n in (64, 65, 66)]
    assert "RFC 6052" in data["via6_scheme"]


def test_who_switched_the_rule_off_hears_of_no_way_out(fleet_file: str) -> None:
    path = Path(fleet_file)
    path.write_text(path.read_text("utf-8") + "rules: {overlap: false}\n", "utf-8")
    done = check(fleet_file)
    assert done.exit_code == 0
    assert done.stdout == ""
