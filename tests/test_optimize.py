"""Hub placement: against brute force, published optima, and the graphs that come out."""

from __future__ import annotations

import csv
import json
import os
import random
from collections.abc import Iterator, Mapping, Sequence
from decimal import Decimal
from itertools import combinations, product
from math import inf
from pathlib import Path
from typing import Any

import networkx as nx
import numpy as np
import pytest
import yaml
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

from k8s6plan.decision.hubs import (
    Placement,
    Progress,
    Wish,
    choose_hubs,
    hub_median,
    p_center,
    p_median,
    read_instance,
    value_of,
)
from k8s6plan.decision.hubs._branch import solve
from k8s6plan.decision.hubs._center import solve_center
from k8s6plan.decision.hubs._exact import with_hubs
from k8s6plan.decision.hubs._money import Money
from k8s6plan.decision.hubs._problem import Gateways, Problem
from k8s6plan.decision.hubs._question import Ground
from k8s6plan.decision.hubs._traffic import traffic_by_site
from k8s6plan.decision.metrics import Case
from k8s6plan.decision.terms import terms_of
from k8s6plan.errors import InvalidInstance, NoPlacement
from k8s6plan.fleet.file import parse
from k8s6plan.fleet.model import Fleet
from k8s6plan.topology.designs import design_named
from k8s6plan.topology.groups import outline_of
from k8s6plan.topology.growth import beginning
from k8s6plan.topology.hubs import hub_sites, region_hub_sites
from tests.conftest import Cli
from tests.oracle_graphs import graph_of
from tests.strategies import fleets, load, priced_fleets

INSTANCES = Path(__file__).parent / "instances"
OPTIMA = list(csv.DictReader((INSTANCES / "optima.csv").read_text("utf-8").splitlines()))
SMALL = [row for row in OPTIMA if int(row["n"]) <= 14]
FURTHER = Path(os.environ.get("K8S6PLAN_ORLIB", INSTANCES))


def path_of(name: str) -> Path:
    """Return the file of an instance: ours, or in the folder that K8S6PLAN_ORLIB names."""
    own = INSTANCES / f"{name}.txt"
    return own if own.exists() else FURTHER / own.name


def text_of(name: str) -> str:
    return path_of(name).read_text("utf-8")


PRESENT = [row for row in OPTIMA if path_of(row["instance"]).exists()]


def test_the_instances_are_there() -> None:
    assert {"pmed1", "pmed5", "twins"} <= {row["instance"] for row in PRESENT}


# --- published optima ----------------------------------------------------------------------------


@pytest.mark.slow
@pytest.mark.parametrize("row", PRESENT, ids=lambda row: row["instance"])
def test_the_published_optimum_is_found_and_proved(row: dict[str, str]) -> None:
    given_ = read_instance(text_of(row["instance"]), row["instance"])
    assert (len(given_.distances), given_.hubs) == (int(row["n"]), int(row["p"]))
    median = p_median(given_.distances, np.ones(len(given_.distances)), given_.hubs)
    assert (median.value, median.bound, median.gap) == (int(row["p_median"]), median.value, 0.0)
    assert median.proved
    center = p_center(given_.distances, given_.hubs)
    assert (center.value, center.bound, center.proved) == (int(row["p_center"]), center.value, True)
    for placement, weigh in ((median, sum), (center, max)):
        nearest = given_.distances[:, list(placement.hubs)].min(axis=1)
        assert weigh(nearest) == placement.value
        assert len(set(placement.hubs)) == given_.hubs


@pytest.mark.parametrize("row", SMALL, ids=lambda row: row["instance"])
def test_the_optima_of_our_own_instances_are_those_of_brute_force(row: dict[str, str]) -> None:
    distances = read_instance(text_of(row["instance"]), row["instance"]).distances
    sets = list(combinations(range(len(distances)), int(row["p"])))
    nearest = [distances[:, list(hubs)].min(axis=1) for hubs in sets]
    assert min(map(sum, nearest)) == int(row["p_median"])
    assert min(map(max, nearest)) == int(row["p_center"])


def test_shortest_paths_are_those_of_networkx() -> None:
    import networkx as nx

    text = text_of("pmed1")
    graph: nx.Graph[int] = nx.Graph()
    for line in text.splitlines()[1:]:
        if line.strip():
            one, other, cost = map(int, line.split())
            graph.add_edge(one, other, weight=cost)  # a repeated link takes its last cost
    found = read_instance(text, "pmed1").distances
    for place, lengths in nx.all_pairs_dijkstra_path_length(graph):
        for other, length in lengths.items():
            assert found[place - 1, other - 1] == length


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "does not begin with"),
        ("3 1 1\n1 2 x\n", '"x" is no whole number'),
        ("3 2 1\n1 2 5\n", "2 links are 6 numbers, got 3"),
        ("3 1 9\n1 2 5\n", "3 places and 9 hubs"),
        ("3 1 1\n1 7 5\n", "the link 1 7 5"),
        ("3 1 1\n1 2 -5\n", "the link 1 2 -5"),
        ("3 1 1\n1 2 5\n", "no path joins the places 1 and 3"),
    ],
)
def test_a_bad_instance_is_told(text: str, message: str) -> None:
    with pytest.raises(InvalidInstance, match=message):
        read_instance(text, "bad.txt")


@pytest.mark.parametrize(
    ("distances", "weights", "p"),
    [
        ([[0.0, 1.0]], [1.0], 1),
        ([[0.0, 1.0], [1.0, 0.0]], [1.0], 1),
        ([[0.0, 1.0], [1.0, 0.0]], [1.0, -1.0], 1),
        ([[0.0, 1.0], [1.0, 0.0]], [1.0, 1.0], 3),
        ([[0.0, inf], [1.0, 0.0]], [1.0, 1.0], 1),
        ([[1.0, 1.0], [1.0, 0.0]], [1.0, 1.0], 1),
    ],
)
def test_a_matrix_that_is_none_is_refused(distances: Any, weights: Any, p: int) -> None:
    with pytest.raises(NoPlacement):
        p_median(np.array(distances), np.array(weights), p)


# --- brute force ---------------------------------------------------------------------------------


def spokes_of(problem: Problem, hubs: tuple[int, ...]) -> list[int]:
    return [site for site in range(problem.sites) if site not in hubs]


def homings(problem: Problem, hubs: tuple[int, ...]) -> Iterator[dict[int, tuple[int, ...]]]:
    """Yield every way to home the spokes on ``hubs`` within all limits, one after the other."""
    sets = [
        homes
        for homes in combinations(hubs, problem.homing)
        if problem.groups is None or len({problem.groups[j] for j in homes}) == problem.homing
    ]
    spokes = spokes_of(problem, hubs)
    for picks in product(sets, repeat=len(spokes)):
        homes = dict(zip(spokes, picks, strict=True))
        if fits(problem, hubs, homes):
            yield homes


def fits(problem: Problem, hubs: tuple[int, ...], homes: dict[int, tuple[int, ...]]) -> bool:
    if problem.gateways is None:
        return True
    links = [*combinations(hubs, 2), *((site, hub) for site, on in homes.items() for hub in on)]
    load = [0] * problem.sites
    for one, other in links:
        for end in (one, other):
            load[end] += int(problem.gateways.ends[one, other])
    return all(tunnels <= room for tunnels, room in zip(load, problem.gateways.room, strict=True))


def price(
    problem: Problem, hubs: tuple[int, ...], homes: dict[int, tuple[int, ...]], *, center: bool
) -> float:
    paid = [float(problem.costs[site, hub]) for site, on in homes.items() for hub in on]
    if center:
        return max(paid, default=0.0)
    mesh = problem.mesh_costs
    between = 0.0 if mesh is None else sum(float(mesh[pair]) for pair in combinations(hubs, 2))
    return sum(float(problem.hub_costs[hub]) for hub in hubs) + between + sum(paid)


def least(problem: Problem, *, center: bool) -> float:
    return min(
        (
            price(problem, hubs, homes, center=center)
            for size in range(problem.fewest, problem.most + 1)
            for hubs in combinations(range(problem.sites), size)
            for homes in homings(problem, hubs)
        ),
        default=inf,
    )


@st.composite
def problems(draw: st.DrawFn) -> Problem:
    count = draw(st.integers(1, 5))
    whole = draw(st.booleans())
    unit = 1.0 if whole else 0.37
    places = st.integers(0, 12)

    def matrix(*, symmetric: bool) -> Any:
        found = np.array([[draw(places) * unit for _ in range(count)] for _ in range(count)])
        found = found + found.T if symmetric else found
        np.fill_diagonal(found, 0.0)
        return found

    homing = draw(st.sampled_from([1, 1, 2]))
    fewest = draw(st.integers(1, count))
    gateways = None
    if draw(st.booleans()):
        providers = [draw(st.integers(0, 2)) for _ in range(count)]
        tunnels = draw(st.integers(1, 2))
        native = [[a == b and a > 0 for b in providers] for a in providers]
        ends = np.where(np.array(native) | np.eye(count, dtype=bool), 0, tunnels)
        room = np.array([draw(st.integers(1, 5)) for _ in range(count)])
        gateways = Gateways(room, ends)
    groups = np.array([draw(st.integers(0, 2)) for _ in range(count)])
    return Problem(
        costs=matrix(symmetric=False),
        hub_costs=np.array([draw(st.integers(0, 9)) * unit for _ in range(count)]),
        mesh_costs=matrix(symmetric=True) if draw(st.booleans()) else None,
        fewest=fewest,
        most=draw(st.integers(fewest, count)),
        homing=homing,
        groups=groups if homing == 2 and draw(st.booleans()) else None,
        gateways=gateways,
    )


@settings(max_examples=150, suppress_health_check=[HealthCheck.too_slow])
@given(problem=problems(), center=st.booleans())
def test_no_choice_is_better_than_ours(problem: Problem, center: bool) -> None:
    best = least(problem, center=center)
    found = (solve_center if center else solve)(problem)
    if found is None:
        assert best == inf
        return
    hubs = found.hubs
    homes = {site: found.assignment[site] for site in spokes_of(problem, hubs)}
    assert problem.fewest <= len(hubs) <= problem.most
    assert homes in list(homings_unsorted(problem, hubs, homes))
    assert price(problem, hubs, homes, center=center) == pytest.approx(found.value)
    assert found.value == pytest.approx(best, rel=1e-5)
    assert found.proved
    assert found.bound == pytest.approx(found.value)


def homings_unsorted(
    problem: Problem, hubs: tuple[int, ...], homes: dict[int, tuple[int, ...]]
) -> Iterator[dict[int, tuple[int, ...]]]:
    """Yield ``homes`` if they are a way to home: the nearest stands first, whatever its number."""
    for way in homings(problem, hubs):
        if {site: tuple(sorted(on)) for site, on in homes.items()} == way:
            yield homes
            return


@settings(max_examples=25)
@given(seed=st.integers(0, 10_000), p=st.integers(1, 5))
def test_larger_ones_agree_with_every_set_tried(seed: int, p: int) -> None:
    dice = random.Random(seed)  # noqa: S311
    places = [(dice.randint(0, 50), dice.randint(0, 50)) for _ in range(14)]
    distances = np.array([[abs(a - c) + abs(b - d) for c, d in places] for a, b in places], float)
    weights = np.array([float(dice.randint(0, 9)) for _ in places])
    found = p_median(distances, weights, p)
    tried = [
        float((distances[:, list(hubs)].min(axis=1) * weights).sum())
        for hubs in combinations(range(14), p)
    ]
    assert found.value == min(tried)
    assert found.proved


def test_without_time_the_bound_holds_and_nothing_is_proved() -> None:
    dice = np.random.default_rng(3)
    places = dice.random((120, 2))
    distances = np.sqrt(((places[:, None] - places) ** 2).sum(axis=2))
    told: list[Progress] = []
    hurried = p_median(distances, np.ones(120), 7, time_limit=0.0, watch=told.append)
    best = p_median(distances, np.ones(120), 7)
    assert best.proved
    assert hurried.bound <= best.value <= hurried.value
    assert not hurried.proved
    assert hurried.gap == (hurried.value - hurried.bound) / hurried.value
    assert told[-1].hubs == hurried.hubs


def test_the_answer_is_the_same_every_time() -> None:
    given_ = read_instance(text_of("pmed2"), "pmed2")
    found: set[Placement] = {p_median(given_.distances, np.ones(100), 10) for _ in range(2)}
    assert len(found) == 1


# --- traffic between pairs -----------------------------------------------------------------------

FACTORS = [(1.0, 1.0, 1.0), (3.0, 0.75, 2.0), (1.0, 0.2, 1.0)]


def least_of_pairs(
    distances: Any,
    flows: Any,
    sizes: range,
    factors: tuple[float, ...],
    prices: Any,
    *,
    single: bool,
) -> float:
    """Return the least cost over all sets of hubs and, with single homes, over all homes."""
    collection, transfer, distribution = factors
    places = range(len(distances))

    def way(i: int, j: int, k: int, m: int) -> float:
        return float(
            collection * distances[i, k]
            + transfer * distances[k, m]
            + distribution * distances[m, j]
        )

    def cost(hubs: tuple[int, ...]) -> float:
        if not single:
            return sum(
                float(flows[i, j]) * min(way(i, j, k, m) for k in hubs for m in hubs)
                for i in places
                for j in places
            )
        options = [(site,) if site in hubs else hubs for site in places]
        return min(
            sum(float(flows[i, j]) * way(i, j, homes[i], homes[j]) for i in places for j in places)
            for homes in product(*options)
        )

    return min(
        cost(hubs) + float(prices[list(hubs)].sum())
        for size in sizes
        for hubs in combinations(places, size)
    )


@settings(max_examples=60)
@given(
    seed=st.integers(0, 10_000),
    count=st.integers(1, 5),
    factors=st.sampled_from(FACTORS),
    single=st.booleans(),
    best_number=st.booleans(),
)
def test_hubs_for_pairs_agree_with_brute_force(
    seed: int, count: int, factors: tuple[float, ...], single: bool, best_number: bool
) -> None:
    dice = np.random.default_rng(seed)
    places = dice.random((count, 2))
    distances = np.sqrt(((places[:, None] - places) ** 2).sum(axis=2))
    flows = dice.integers(0, 9, (count, count)).astype(float)
    prices = dice.random(count) * 5
    p = None if best_number else int(dice.integers(1, count + 1))
    sizes = range(1, count + 1) if p is None else range(p, p + 1)
    found = hub_median(
        distances,
        flows,
        p,
        allocation="single" if single else "multiple",
        collection=factors[0],
        transfer=factors[1],
        distribution=factors[2],
        hub_costs=prices,
    )
    best = least_of_pairs(distances, flows, sizes, factors, prices, single=single)
    assert found.value == pytest.approx(best, rel=1e-5, abs=1e-9)
    assert found.proved


def test_hubs_for_pairs_stopped_early_have_a_bound() -> None:
    dice = np.random.default_rng(1)
    places = dice.random((30, 2))
    distances = np.sqrt(((places[:, None] - places) ** 2).sum(axis=2))
    flows = dice.random((30, 30))
    hurried = hub_median(distances, flows, 4, allocation="multiple", time_limit=0.0)
    best = hub_median(distances, flows, 4, allocation="multiple")
    assert best.proved
    assert not hurried.proved
    assert hurried.bound <= best.value <= hurried.value


# --- fleets --------------------------------------------------------------------------------------


def distance(one: str, other: str) -> float:
    """A distance without rhyme, the same in each run."""
    dice = random.Random("-".join(sorted((one, other))))  # noqa: S311
    return 0.0 if one == other else dice.randint(1, 200) / 2


MONEY = Money(
    currency="USD",
    hub=lambda site: Decimal(len(site) * 40 + ord(site[-1])),
    link=lambda one, other: Decimal(int(distance(one, other) * 10)),
    gb=lambda one, other: Decimal("0.05"),  # noqa: ARG005
)


@st.composite
def wishes(draw: st.DrawFn) -> Wish:
    homing = draw(st.integers(1, 2))
    return Wish(
        objective=draw(st.sampled_from(["latency", "worst-latency", "cost"])),
        hubs=draw(st.sampled_from([None, 1, 2, 3])),
        homing=homing,
        across_providers=homing == 2 and draw(st.booleans()),
        max_tunnels=draw(st.sampled_from([None, None, 3, 8])),
    )


def optimized_graph(
    fleet: Fleet, hubs: Sequence[str], homes: Mapping[str, Sequence[str]]
) -> nx.Graph[str]:
    """Return the graph of chosen hubs and homes, built by hand."""
    given = {site: tuple(on) for site, on in homes.items() if site not in hubs}
    return graph_of("optimized", with_hubs(fleet, hubs, given))


@settings(max_examples=120, suppress_health_check=[HealthCheck.too_slow])
@given(fleet=fleets(), wish=wishes())
def test_a_choice_keeps_its_limits_and_beats_the_built_in_hubs(fleet: Fleet, wish: Wish) -> None:
    assume(fleet.clusters)
    try:
        choice = choose_hubs(fleet, wish, distance=distance, money=MONEY)
    except NoPlacement:
        assume(False)
    graph = optimized_graph(fleet, choice.hubs, choice.assignment)
    assert wish.hubs is None or len(choice.hubs) == wish.hubs
    for site, data in graph.nodes(data=True):
        tunnels = sum(link["tunnels"] for _, _, link in graph.edges(site, data=True))
        assert wish.max_tunnels is None or tunnels <= wish.max_tunnels * data["gateways"]
        if site not in choice.hubs:
            assert len(graph[site]) == wish.homing
            assert set(graph[site]) <= set(choice.hubs)
            assert set(graph[site]) == set(choice.assignment[site])
            if wish.across_providers:
                assert len({graph.nodes[home]["provider"] for home in graph[site]}) == 2
    for hubs in {*built_in(fleet), tuple(choice.hubs)}:
        if wish.hubs is None or len(hubs) == wish.hubs:
            other = value_of(fleet, wish, hubs, distance=distance, money=MONEY)
            assert other is None or choice.value <= other + 1e-6 * other + 0.01
    for constraint in choice.constraints:
        assert constraint.cost >= 0


def built_in(fleet: Fleet) -> list[tuple[str, ...]]:
    """Return the hubs of the designs: as the file has them, the largest, one for each region."""
    counts = [
        fleet.model_copy(update={"connect": fleet.connect.model_copy(update={"hubs": count})})
        for count in (1, 2, 3)
    ]
    chosen = [hub_sites(fleet), region_hub_sites(fleet), *map(hub_sites, counts)]
    return [tuple(sorted(hubs)) for hubs in chosen]


@given(fleet=fleets())
def test_traffic_is_that_of_every_pair(fleet: Fleet) -> None:
    expected = dict.fromkeys(fleet.members, Decimal(0))
    for demand in fleet.demands:
        for one, other in product(fleet.clusters, repeat=2):
            apart = one.site_name != other.site_name
            if apart and matches(demand.source, one) and matches(demand.target, other):
                for end in (one, other):
                    expected[end.site_name] += demand.gb_per_month
    assert traffic_by_site(fleet) == {site: float(gb) for site, gb in expected.items()}


def matches(selector: Any, cluster: Any) -> bool:
    if selector.name is not None:
        return selector.name in ("all", cluster.name)
    return all(cluster.labels.get(key) == value for key, value in selector.labels)


# --- the command line ----------------------------------------------------------------------------

FLEET = """
version: 1
fleet: shop
sites:
  frankfurt: {gateways: 2, coordinates: [50.11, 8.68]}
  prod-use1: {coordinates: [39.04, -77.49]}
  prod-euw1: {coordinates: [53.35, -6.26]}
  prod-aps1: {coordinates: [19.08, 72.88]}
  ml-usc1: {coordinates: [41.26, -95.86]}
  prod-weu: {coordinates: [52.37, 4.90]}
clusters:
  - {name: prod-use1, provider: aws, region: us-east-1}
  - {name: prod-euw1, provider: aws, region: eu-west-1}
  - {name: prod-aps1, provider: aws, region: ap-south-1}
  - {name: ml-usc1, provider: gcp, region: us-central1}
  - {name: prod-weu, provider: azure, region: westeurope}
  - {name: core-fra, provider: on-prem, site: frankfurt}
connect: {hubs: [prod-use1, core-fra], tunnels_per_link: 2}
demands:
  - {from: all, to: core-fra, gb_per_month: 900, per: pair}
prices:
  aws.transit_gateway.attachment_hour: "0.05"
  aws.transit_gateway.peering: "0.05"
  aws.transit_gateway.data_processing_gb: "0.02"
  gcp.network_connectivity_center.vpc_spoke_hour: "0.1"
  gcp.network_connectivity_center.hybrid_spoke_hour: "0.075"
  gcp.network_connectivity_center.data_gib: "0.02"
  on-prem.gateway_month: 100
  on-prem.egress_gb: "0.01"
"""


@pytest.fixture
def shop(tmp_path: Path) -> Path:
    path = tmp_path / "fleet.yaml"
    path.write_text(FLEET, "utf-8")
    return path


@pytest.mark.slow
@pytest.mark.parametrize("objective", ["latency", "worst-latency", "cost"])
@pytest.mark.parametrize("limits", [[], ["--hubs", "3", "--homing", "2", "--across-providers"]])
def test_the_block_can_be_pasted(shop: Path, cli: Cli, objective: str, limits: list[str]) -> None:
    done = cli("optimize", shop, "--objective", objective, *limits, "--format", "yaml")
    assert done.code == 0, done.err
    data = yaml.safe_load(FLEET) | yaml.safe_load(done.out)
    fleet = parse(yaml.safe_dump(data), "pasted.yaml")
    told = json.loads(
        cli("optimize", shop, "--objective", objective, *limits, "--format", "json").out
    )
    assert list(fleet.connect.hubs) == told["hubs"]  # type: ignore[arg-type]
    assert fleet.connect.tunnels_per_link == 2
    homes = fleet.homes or told["assignment"]
    assert {site: list(on) for site, on in homes.items()} == told["assignment"]
    assert told["proved"] is True
    assert told["bound"] == told["value"]
    assert [c["name"] for c in told["constraints"] if c["name"] != "hubs"] == (
        ["across-providers", "homing"] if limits else []
    )
    assert told["value"] <= told["present"]["value"] or limits


def column(fleet: Fleet, design: str) -> float:
    """Return the cost that compare has for a design, with nothing unknown."""
    terms = terms_of(fleet)
    total, complete = Case(design_named(design), terms.start, terms).total
    assert complete
    return float(total or 0)


@pytest.mark.slow
@pytest.mark.parametrize("hubs", ["1", "2", "3", "best"])
@pytest.mark.parametrize("demand", ["core-fra", "all"])
def test_money_is_that_of_compare(shop: Path, cli: Cli, hubs: str, demand: str) -> None:
    shop.write_text(FLEET.replace("to: core-fra", f"to: {demand}"), "utf-8")
    told = json.loads(
        cli("optimize", shop, "--objective", "cost", "--hubs", hubs, "-f", "json").out
    )
    data = yaml.safe_load(shop.read_text("utf-8")) | {"connect": told["connect"]}
    pasted = parse(yaml.safe_dump(data), "pasted.yaml")
    assert told["value"] == round(column(pasted, "optimized"), 2)
    assert told["at_least"] is False
    assert told["bound"] <= told["value"]
    if hubs == "1":  # each site alone, with all others on it
        each = [column(with_hubs(pasted, (site,), {}), "hub-and-spoke") for site in pasted.members]
        assert told["proved"]
        assert told["value"] == round(min(each), 2)
    if hubs == "best":
        assert told["value"] <= column(parse(shop.read_text("utf-8"), "f"), "regional-hubs") + 0.01


def every_choice(fleet: Fleet, hubs: int, homing: int) -> Iterator[Fleet]:
    """Yield the fleet with every choice of hubs and homes."""
    sites = list(fleet.members)
    for chosen in combinations(sites, hubs):
        spokes = [site for site in sites if site not in chosen]
        for homes in product(combinations(chosen, homing), repeat=len(spokes)):
            yield with_hubs(fleet, chosen, dict(zip(spokes, homes, strict=True)))


@settings(
    max_examples=30,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.filter_too_much],
    deadline=None,
)
@given(fleet=priced_fleets(), number=st.integers(0, 11))
def test_no_bill_is_below_the_answer_nor_below_the_bound(fleet: Fleet, number: int) -> None:
    small = beginning(fleet, 4)
    fleet = Fleet.model_construct(**{**dict(small), "prices": parse(FLEET, "shop").prices})
    sites = len(fleet.members)
    assume(sites > 1)
    hubs = 1 + number % (sites - 1)
    homing = 1 + (number // 3) % min(2, hubs)
    wish = Wish(objective="cost", hubs=hubs, homing=homing)
    ground = Ground(fleet, distance, None)
    try:
        choice = choose_hubs(fleet, wish, distance=distance)
        least, off = ground.floor(wish)
        under = solve(least)
    except NoPlacement:
        assume(False)
    cheapest = min(
        Case(design_named("optimized"), outline_of(other), terms_of(other)).total[0] or 0
        for other in every_choice(fleet, hubs, homing)
    )
    assert under is not None
    assert under.bound - off <= float(cheapest) + 1e-6
    assert choice.proved
    assert choice.value == round(float(cheapest), 2)


@pytest.mark.slow
def test_many_choices_are_searched_and_the_bound_is_told(shop: Path, cli: Cli) -> None:
    more = [
        f"  - {{name: more-{n}, provider: aws, region: {region}, nodes: {n + 1}}}\n"
        for n, region in enumerate(["us-east-1", "eu-west-1", "ap-south-1"] * 3)
    ]
    text = FLEET.replace("connect:", "".join(more) + "connect:").replace("to: core-fra", "to: all")
    shop.write_text(text, "utf-8")
    done = cli("optimize", shop, "--objective", "cost", "--hubs", "3", "-f", "json")
    told = json.loads(done.out)
    assert told["proved"] is False
    assert 0 < told["bound"] < told["value"] <= told["present"]["value"] or told["present"] is None
    fleet = parse(text, "f")
    block = {site: tuple(homes) for site, homes in told["connect"].get("homes", {}).items()}
    assert told["value"] == round(column(with_hubs(fleet, told["hubs"], block), "optimized"), 2)
    three = fleet.connect.model_copy(update={"hubs": 3})
    largest = hub_sites(Fleet.model_construct(**{**dict(fleet), "connect": three}))
    other = value_of(fleet, Wish(objective="cost", hubs=3), largest)
    assert other is None or told["value"] <= other


@pytest.mark.slow
def test_text_says_what_limits_cost(shop: Path, cli: Cli) -> None:
    done = cli("optimize", shop, "--hubs", "3", "--homing", "2", "--across-providers",
               "--objective", "cost")  # fmt: skip
    assert done.code == 0
    assert "proved, no other choice is better" in done.out
    assert "Surviving the loss of a provider costs" in done.out
    assert "Having 3 hubs costs" in done.out
    assert "\nconnect:\n  hubs:\n" in done.out
    assert done.err == ""


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["--hubs", "many"], "neither a number"),
        (["--hubs", "9"], "9 hubs among 6 sites; choose 1 to 6"),
        (["--across-providers"], "add --homing 2"),
        (["--homing", "2", "--hubs", "1"], "two homes need two hubs"),
        (["--max-tunnels-per-gateway", "1"], "at most 1 tunnels on a gateway"),
        (["--instance", "x.txt"], "an instance has places and links alone"),
    ],
)
def test_wishes_that_cannot_be(shop: Path, cli: Cli, arguments: list[str], said: str) -> None:
    done = cli("optimize", shop, *arguments)
    assert done.code == 2
    assert said in " ".join(done.err.replace("│", " ").split())
    assert done.out == ""


def test_a_site_without_a_place_is_named(tmp_path: Path, cli: Cli) -> None:
    path = tmp_path / "fleet.yaml"
    path.write_text(FLEET.replace(", coordinates: [50.11, 8.68]", ""), "utf-8")
    done = cli("optimize", path)
    assert (done.code, done.out) == (2, "")
    assert done.said == [
        "frankfurt: nobody says where it lies; give it a place like "
        "`sites: {frankfurt: {coordinates: [50.11, 8.68]}}`"
    ]


def test_a_price_that_is_not_known_is_asked_for(tmp_path: Path, cli: Cli) -> None:
    path = tmp_path / "fleet.yaml"
    path.write_text(FLEET.replace("  on-prem.gateway_month: 100\n", ""), "utf-8")
    done = cli("optimize", path, "--objective", "cost")
    assert (done.code, done.out) == (2, "")
    assert done.said == [
        "the price on-prem.gateway_month is not known, and unknown is not zero",
        'write it in the fleet file, like `prices: {"on-prem.gateway_month": "0.05"}`',
    ]


def test_one_site_is_its_own_hub(cli: Cli, tmp_path: Path) -> None:
    data = {
        "version": 1,
        "fleet": "one",
        "sites": {"here": {"coordinates": [50.0, 8.0]}},
        "clusters": [{"name": "a", "provider": "on-prem", "site": "here"}],
    }
    path = tmp_path / "fleet.yaml"
    path.write_text(yaml.safe_dump(data), "utf-8")
    assert load(data).members
    told = json.loads(cli("optimize", path, "--format", "json").out)
    assert (told["hubs"], told["value"], told["assignment"]) == (["here"], 0.0, {})


@pytest.mark.parametrize("objective", ["latency", "worst-latency"])
def test_an_instance_is_solved(cli: Cli, objective: str) -> None:
    path = INSTANCES / "pmed1.txt"
    told = json.loads(
        cli("optimize", "--instance", path, "--objective", objective, "--format", "json").out
    )
    value = {"latency": 5819, "worst-latency": 127}[objective]
    assert (told["value"], told["bound"], told["gap"], told["proved"]) == (value, value, 0, True)
    assert len(told["hubs"]) == 5
    text = cli("optimize", "--instance", path, "--objective", objective, "--hubs", "5").out
    assert f"Value         {value:,}: " in text
    assert "Gap           0.0000%" in text


def test_stopped_by_hand_the_best_so_far_is_told(
    shop: Path, cli: Cli, monkeypatch: pytest.MonkeyPatch
) -> None:
    def stopped(*_: object, watch: Any, **__: object) -> None:
        watch(Progress(12.5, 11.0, (0, 2)))
        raise KeyboardInterrupt

    monkeypatch.setattr("k8s6plan.decision.hubs.choose_hubs", stopped)
    done = cli("optimize", shop)
    assert (done.code, done.out) == (130, "")
    assert done.said == [
        "stopped; best so far 12.5, none can be below 11",
        "its hubs: frankfurt, prod-aps1",
    ]
