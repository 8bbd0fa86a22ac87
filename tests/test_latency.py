"""Round-trip times: the data, the distance, and every path against a search by brute force."""

from __future__ import annotations

import csv
import json
from collections.abc import Iterator
from decimal import Decimal
from itertools import combinations, pairwise, permutations
from math import acos, cos, inf, isinf, radians, sin
from pathlib import Path
from statistics import fmean, median, quantiles
from typing import Any

import networkx as nx
import pytest
from hypothesis import given
from hypothesis import strategies as st

from k8s6plan.catalog.regions import measured_ms, regions_of
from k8s6plan.decision.metrics.distance import measures_of_latency
from k8s6plan.evaluation.latency import (
    Latency,
    Location,
    distance_km,
    place_of,
    rtt_ms,
    site_places,
    survey,
)
from k8s6plan.evaluation.latency import latency_of as latency_of_topology
from k8s6plan.fleet.file import load
from k8s6plan.fleet.model import Demand, Fleet
from k8s6plan.topology.designs import DESIGNS, Design
from k8s6plan.topology.graph import UNDERLAY
from k8s6plan.topology.groups import SiteKey, outline_of, parted
from k8s6plan.topology.joins import ATTACHMENT, PEERING, TUNNEL, Draft, ManagedHub, Vertex
from tests.conftest import Cli, Golden
from tests.oracle_graphs import graph_of
from tests.strategies import fleet_files, for_each_design
from tests.strategies import load as fleet_of

ROOT = Path(__file__).parents[1]
DATA = ROOT / "k8s6plan" / "catalog" / "data"
THREE_CLOUDS = ROOT / "examples" / "three-clouds.yaml"
FOUR = ("-d", "hub-and-spoke", "-d", "full-mesh", "-d", "regional-hubs", "-d", "flat-ipv6")
MATRICES = ("aws", "azure")


# --- data -----------------------------------------------------------------------------------------


def matrix(provider: str) -> dict[tuple[str, str], float]:
    """Return the cells of a file as they stand, in both directions."""
    with (DATA / "rtt" / f"{provider}.csv").open(newline="") as file:
        _, *columns = next(rows := csv.reader(file))
        return {
            (source, target): float(cell)
            for source, *cells in rows
            for target, cell in zip(columns, cells, strict=True)
            if cell
        }


def test_regions_are_those_of_the_source() -> None:
    count = {name: len(regions_of(name)) for name in ("aws", "azure", "gcp")}
    assert count == {"aws": 38, "azure": 72, "gcp": 42}


@pytest.mark.parametrize(
    ("provider", "region", "latitude", "longitude"),
    [
        ("gcp", "africa-south1", -26.2, 28.0),
        ("azure", "southafricanorth", -26.2, 28.0),
        ("aws", "ap-southeast-2", -33.9, 151.2),
        ("aws", "sa-east-1", -23.6, -46.6),
        ("azure", "westus2", 47.2, -119.9),
    ],
)
def test_hemispheres(provider: str, region: str, latitude: float, longitude: float) -> None:
    place = place_of(provider, region)
    assert place is not None
    assert (round(place.latitude, 1), round(place.longitude, 1)) == (latitude, longitude)


@pytest.mark.parametrize(("provider", "count"), [("aws", 18), ("azure", 51)])
def test_matrices_name_known_regions(provider: str, count: int) -> None:
    named = {region for pair in matrix(provider) for region in pair}
    assert len(named) == count
    assert named <= regions_of(provider).keys()


@pytest.mark.parametrize(("provider", "bound"), [("aws", 5), ("azure", 6)])
def test_directions_differ_by_no_more_than_the_data_say(provider: str, bound: float) -> None:
    cells = matrix(provider)
    gaps = [abs(ms - cells[b, a]) for (a, b), ms in cells.items() if (b, a) in cells]
    assert 0 < max(gaps) <= bound
    assert all(ms > 0 for ms in cells.values())
    note = (DATA / "providers" / f"{provider}.yaml").read_text("utf-8")
    assert f"differ by {bound} ms" in " ".join(note.split())


@pytest.mark.parametrize("provider", MATRICES)
def test_no_measured_time_is_faster_than_light_in_fibre(provider: str) -> None:
    for (one, other), ms in measured_ms(provider).items():
        here, there = place_of(provider, one), place_of(provider, other)
        assert here is not None
        assert there is not None
        assert ms > distance_km(here, there) / 100


def calibration(provider: str) -> list[float]:
    """Return milliseconds for each 100 km, over pairs of regions 300 km apart or more."""
    found = []
    for (one, other), ms in matrix(provider).items():
        here, there = place_of(provider, one), place_of(provider, other)
        assert here is not None
        assert there is not None
        if (km := distance_km(here, there)) >= 300:
            found.append(100 * ms / km)
    return found


@pytest.mark.parametrize(("provider", "pairs"), [("aws", 306), ("azure", 2325)])
def test_estimate_is_calibrated_on_the_matrices(provider: str, pairs: int) -> None:
    ratios = calibration(provider)
    assert len(ratios) == pairs
    assert median(ratios) == pytest.approx(1.7, abs=0.015)
    tenths = quantiles(ratios, n=10)
    assert tenths[0] == pytest.approx(1.35, abs=0.02)
    assert tenths[-1] == pytest.approx(2.65, abs=0.03)


def test_measured_times_are_no_metric() -> None:
    """A hub may be faster than the direct path: by how much stands in docs/explanation."""
    worst = {}
    for provider in MATRICES:
        ms = measured_ms(provider)
        named = sorted({region for pair in ms for region in pair})
        worst[provider] = min(
            (ms[a, b] + ms[b, c]) / ms[a, c]
            for a, b, c in permutations(named, 3)
            if {(a, b), (b, c), (a, c)} <= ms.keys()
        )
    assert worst == {"aws": pytest.approx(0.92, abs=0.01), "azure": pytest.approx(0.29, abs=0.01)}


# --- two places -----------------------------------------------------------------------------------


def test_rtt_between_regions_is_the_mean_of_both_directions() -> None:
    cells = matrix("aws")
    found = rtt_ms(place_of("aws", "us-east-1"), place_of("aws", "eu-west-1"))
    assert found is not None
    assert found.measured
    assert found.ms == (cells["us-east-1", "eu-west-1"] + cells["eu-west-1", "us-east-1"]) / 2
    assert "cloudping" in found.source


def test_rtt_measured_one_way_is_that_way() -> None:
    assert ("westindia", "centralindia") not in matrix("azure")
    found = rtt_ms(place_of("azure", "westindia"), place_of("azure", "centralindia"))
    assert found is not None
    assert (found.ms, found.measured) == (5, True)


@pytest.mark.parametrize(
    ("provider", "region", "ms", "measured"),
    [
        ("aws", "us-east-1", 5.27, True),  # the matrix has it
        ("aws", "ca-west-1", 2, False),
        ("azure", "westeurope", 2, False),  # in the matrix, but not with itself
        ("gcp", "europe-west1", 2, False),
    ],
)
def test_rtt_within_a_region(provider: str, region: str, ms: float, measured: bool) -> None:
    place = place_of(provider, region)
    found = rtt_ms(place, place)
    assert found is not None
    assert (found.ms, found.measured) == (ms, measured)


def test_rtt_across_providers_is_an_estimate() -> None:
    here, there = place_of("aws", "eu-central-1"), place_of("gcp", "us-central1")
    found = rtt_ms(here, there)
    assert here is not None
    assert there is not None
    assert found is not None
    assert not found.measured
    assert found.ms == pytest.approx(0.017 * distance_km(here, there))
    same_city = rtt_ms(here, place_of("gcp", "europe-west3"))
    assert same_city is not None
    assert same_city.ms == 2  # never zero


def test_unknown_place_has_no_rtt() -> None:
    assert place_of("aws", "eu-moon-1") is None
    assert place_of("hetzner", "fsn1") is None
    assert place_of("on-prem", None) is None
    assert rtt_ms(place_of("aws", "us-east-1"), None) is None
    assert rtt_ms(None, None) is None


def by_cosines(one: Location, other: Location) -> float:
    """The same distance by the spherical law of cosines: another formula, worse near zero."""
    north, south = radians(one.latitude), radians(other.latitude)
    turn = radians(one.longitude - other.longitude)
    cosine = sin(north) * sin(south) + cos(north) * cos(south) * cos(turn)
    return 6371.0088 * acos(max(-1.0, min(1.0, cosine)))


POINTS = st.builds(Location, st.floats(-90, 90), st.floats(-180, 180))


@given(POINTS, POINTS)
def test_distance_agrees_with_another_formula(one: Location, other: Location) -> None:
    assert distance_km(one, other) == pytest.approx(by_cosines(one, other), abs=0.5)
    assert distance_km(one, other) == pytest.approx(distance_km(other, one))


@given(POINTS, POINTS, POINTS)
def test_estimates_are_a_metric(one: Location, middle: Location, other: Location) -> None:
    straight, first, second = rtt_ms(one, other), rtt_ms(one, middle), rtt_ms(middle, other)
    assert straight is not None
    assert first is not None
    assert second is not None
    assert straight.ms <= first.ms + second.ms + 1e-9


def test_distance_of_known_cities() -> None:
    new_york, london = Location(40.71, -74.01), Location(51.51, -0.13)
    assert distance_km(new_york, london) == pytest.approx(5570, rel=0.005)


def test_coordinates_of_the_file_win() -> None:
    fleet = small(
        [{"name": "a", "provider": "aws", "region": "us-east-1"}],
        {"a": {"coordinates": [50.0, 8.0]}},
    )
    assert site_places(fleet) == {"a": Location(50.0, 8.0)}


# --- an oracle by brute force ---------------------------------------------------------------------


def small(clusters: list[dict[str, Any]], sites: dict[str, Any] | None = None) -> Fleet:
    return Fleet.model_validate({"fleet": "small", "clusters": clusters, "sites": sites or {}})


def ms_of(one: Location | None, other: Location | None) -> float:
    found = rtt_ms(one, other)
    return inf if found is None else found.ms


def simple_paths(graph: nx.Graph[str], here: str, there: str) -> Iterator[list[str]]:
    """Yield every path that traffic may take, the underlay left out."""
    carriers = {v for v, data in graph.nodes(data=True) if data["kind"] != "site" or data["hub"]}
    for path in nx.all_simple_paths(graph.subgraph(carriers | {here, there}), here, there):
        kinds = {graph.edges[link]["kind"] for link in pairwise(path)}
        if path[1:-1] == [UNDERLAY]:
            yield [here, there]
        elif len(path) == 2 or (kinds <= {"tunnel", "attachment"} and UNDERLAY not in path):
            yield path


def best_path(
    graph: nx.Graph[str], places: dict[str, Location | None], here: str, there: str
) -> tuple[float, list[str]] | None:
    """Return the time and the middle of the best path: fewest links, least time, names."""
    ranked = []
    for path in simple_paths(graph, here, there):
        legs = [ms_of(places[a], places[b]) for a, b in pairwise(path)]
        ranked.append((len(legs), round(sum(legs), 6), path[1:-1]))
    if not ranked:
        return None
    _, ms, middle = min(ranked)
    return ms, middle


def places_of(graph: nx.Graph[str], fleet: Fleet) -> dict[str, Location | None]:
    found = site_places(fleet)
    for vertex, data in graph.nodes(data=True):
        if data["kind"] == "transit":
            found[vertex] = place_of(data["provider"], data["region"])
    return found


def nearest_rank(values: list[float]) -> float:
    ranked = sorted(values)
    return ranked[-(-95 * len(ranked) // 100) - 1]


def hold(report: Latency, graph: nx.Graph[str], fleet: Fleet) -> None:
    """Hold a report against every pair of clusters, one by one."""
    places = places_of(graph, fleet)
    site_of = {cluster.name: cluster.site_name for cluster in fleet.clusters}
    paths = {
        frozenset(pair): best_path(graph, places, *pair) for pair in combinations(fleet.members, 2)
    }
    pairs = [
        (one, other, paths[frozenset((site_of[one], site_of[other]))])
        for one, other in combinations(sorted(site_of), 2)
        if site_of[one] != site_of[other]
    ]
    assert report.pairs == len(pairs)
    assert report.unjoined == sum(path is None for _, _, path in pairs)
    assert report.unknown == sum(path is not None and isinf(path[0]) for _, _, path in pairs)
    known = [(one, other, path) for one, other, path in pairs if path and not isinf(path[0])]
    assert report.known == len(known)
    if not known:
        assert (report.ms, report.stretch_mean, report.worst) == (None, None, ())
        return
    times = [path[0] for _, _, path in known]
    straight = [ms_of(places[site_of[one]], places[site_of[other]]) for one, other, _ in known]
    ratios = [ms / direct for ms, direct in zip(times, straight, strict=True)]
    assert report.ms is not None
    assert report.ms.mean == pytest.approx(fmean(times), abs=1e-5)
    assert report.ms.p95 == pytest.approx(nearest_rank(times), abs=1e-5)
    assert report.ms.worst == pytest.approx(max(times), abs=1e-5)
    assert report.stretch_mean == pytest.approx(fmean(ratios), abs=1e-5)
    assert report.stretch_max == pytest.approx(max(ratios), abs=1e-5)
    slowest = [(a, b) for a, b, path in known if path[0] == pytest.approx(max(times), abs=1e-5)]
    assert (report.worst[0].one, report.worst[0].other) in slowest
    path = paths[frozenset((site_of[report.worst[0].one], site_of[report.worst[0].other]))]
    assert path is not None
    first, _ = sorted((site_of[report.worst[0].one], site_of[report.worst[0].other]))
    forward = first == site_of[report.worst[0].one]
    assert list(report.worst[0].via) == (path[1] if forward else path[1][::-1])
    hold_demands(report, paths, site_of, fleet)


def hold_demands(
    report: Latency,
    paths: dict[frozenset[str], tuple[float, list[str]] | None],
    site_of: dict[str, str],
    fleet: Fleet,
) -> None:
    heard: list[tuple[float, Decimal]] = []
    volume = Decimal(0)
    for demand in fleet.demands:
        for one in fleet.select(demand.source):
            for other in fleet.select(demand.target):
                here, there = (site_of[fleet.clusters[index].name] for index in (one, other))
                if here == there:
                    continue
                volume += demand.gb_per_month
                path = paths[frozenset((here, there))]
                if path and not isinf(path[0]):
                    heard.append((path[0], demand.gb_per_month))
    assert report.demand_gb == volume
    assert report.known_gb == sum(gb for _, gb in heard)
    if not heard:
        assert report.by_demand is None
        return
    assert report.by_demand is not None
    mean = sum(ms * float(gb) for ms, gb in heard) / sum(float(gb) for _, gb in heard)
    assert report.by_demand.mean == pytest.approx(mean, abs=1e-5)
    each = [ms for ms, gb in heard for _ in range(int(gb))]  # whole GB in these fleets
    assert report.by_demand.p95 == pytest.approx(nearest_rank(each), abs=1e-5)
    assert report.by_demand.worst == pytest.approx(max(each), abs=1e-5)


REGIONS = {
    "aws": ["us-east-1", "us-west-2", "eu-central-1", "ca-west-1", "nowhere-1"],
    "gcp": ["us-central1", "europe-west3", "africa-south1"],
    "azure": ["eastus", "westindia", "jioindiawest", "indonesiacentral"],
    "elsewhere": ["fsn1"],
}


@st.composite
def placed_fleets(draw: st.DrawFn, *, most: int = 7) -> Fleet:
    """Return random fleets in real regions, and in data centres with coordinates or without."""
    data = draw(fleet_files(most=most))
    east_west = {
        (provider, side): draw(st.sampled_from(names))
        for provider, names in REGIONS.items()
        for side in ("east", "west")
    }
    for cluster in data["clusters"]:
        if "region" in cluster:
            cluster["region"] = east_west[cluster["provider"], cluster["region"]]
    for site in data["sites"].values():
        if draw(st.booleans()):
            point = st.sampled_from([[50.11, 8.68], [1.35, 103.82], [-33.9, 151.2], [39.0, -77.5]])
            site["coordinates"] = draw(point)
    for demand in data["demands"]:
        demand["gb_per_month"] = draw(st.integers(1, 20))
    return fleet_of(data)


def latency_of(design: str, fleet: Fleet, *, show: int = 1) -> Latency:
    outline = outline_of(fleet)
    return latency_of_topology(DESIGNS[design].of(outline), survey(fleet, outline), show=show)


@pytest.mark.slow
@given(placed_fleets())
@for_each_design
def test_every_design_agrees_with_brute_force(design: str, fleet: Fleet) -> None:
    hold(latency_of(design, fleet), graph_of(design, fleet), fleet)


JOINS = st.sampled_from([None, None, TUNNEL, PEERING, ATTACHMENT])


@st.composite
def any_joins(draw: st.DrawFn) -> tuple[Design, nx.Graph[str], Fleet]:
    """Return a fleet whose sites, each by itself, are joined as no design of ours does it.

    Some sites carry for others, and so do some managed hubs; or all are routed.
    """
    fleet = draw(placed_fleets(most=5))
    sites = list(fleet.members)
    carrying = {site: draw(st.booleans()) for site in sites}
    regions = draw(st.lists(st.sampled_from(REGIONS["aws"]), max_size=2, unique=True))
    hubs = [ManagedHub("aws", region) for region in sorted(regions)]
    names = [*sites, *map(str, hubs)]
    joins = {pair: draw(JOINS) for pair in combinations(names, 2)}
    routed = draw(st.booleans())
    graph: nx.Graph[str] = nx.Graph(design="any", fleet=fleet.fleet)
    for site in sites:
        graph.add_node(site, kind="site", hub=carrying[site])
    for hub in hubs:
        graph.add_node(str(hub), kind="transit", provider="aws", region=hub.region)
    graph.add_edges_from((*pair, {"kind": join.kind}) for pair, join in joins.items() if join)
    if routed:
        graph.add_node(UNDERLAY, kind="underlay")
        graph.add_edges_from(((site, UNDERLAY) for site in sites), kind="routed")

    def join_all(draft: Draft) -> None:
        name_of: dict[SiteKey, str] = {
            group: site for site, group in draft.outline.group_of.items()
        }
        vertices: dict[str, Vertex] = {
            name_of[sites.groups[0]]: sites
            for sites in draft.classes(by=lambda group: name_of[group])
        }
        vertices |= {str(hub): hub for hub in hubs}
        for (one, other), join in joins.items():
            if join:
                draft.join(vertices[one], vertices[other], join)
        draft.carry(vertices[name] for name in sorted(names) if carrying.get(name, True))
        if routed:
            draft.route()

    return Design("any", "Any", "", join_all), graph, fleet


@pytest.mark.slow
@given(any_joins())
def test_any_joins_agree_with_brute_force(drawn: tuple[Design, nx.Graph[str], Fleet]) -> None:
    design, graph, fleet = drawn
    each = parted(outline_of(fleet), lambda site: site)
    hold(latency_of_topology(design.of(each), survey(fleet, each)), graph, fleet)


@given(placed_fleets())
def test_direct_designs_have_no_detour(fleet: Fleet) -> None:
    mesh, flat = latency_of("full-mesh", fleet), latency_of("flat-ipv6", fleet)
    assert mesh.ms == flat.ms
    assert mesh.stretch_max in (None, 1.0)
    assert mesh.known + mesh.unknown == mesh.pairs


@given(st.lists(POINTS, min_size=2, max_size=6), st.integers(1, 3), st.sampled_from(list(DESIGNS)))
def test_estimated_paths_are_never_shorter_than_direct(
    points: list[Location], hubs: int, design: str
) -> None:
    fleet = spread_out([(p.latitude, p.longitude) for p in points], hubs=hubs)
    report = latency_of(design, fleet, show=100)
    assert report.measured == report.unknown == 0
    assert all(pair.stretch >= 1 - 1e-12 for pair in report.worst)


@pytest.mark.slow
@given(placed_fleets(), st.randoms())
def test_order_of_clusters_does_not_matter(fleet: Fleet, random: Any) -> None:
    shuffled = list(fleet.clusters)
    random.shuffle(shuffled)
    other = fleet.model_copy(update={"clusters": tuple(shuffled)})
    for design in DESIGNS:
        assert latency_of(design, fleet, show=5) == latency_of(design, other, show=5)


# --- managed hubs, and pairs without a path -------------------------------------------------------


def test_managed_hubs_lie_in_their_regions() -> None:
    fleet = small(
        [
            {"name": "a", "provider": "aws", "region": "us-east-1"},
            {"name": "b", "provider": "aws", "region": "us-east-1"},
            {"name": "c", "provider": "aws", "region": "eu-west-1"},
        ]
    )
    report = latency_of("managed-hub", fleet, show=9)
    ms = measured_ms("aws")
    east, west = ms["us-east-1", "us-east-1"], ms["eu-west-1", "eu-west-1"]
    across = ms["us-east-1", "eu-west-1"]
    far, near = report.worst
    assert (far.one, far.other, far.alike, far.measured) == ("a", "c", 2, True)
    assert far.ms == pytest.approx(east + across + west)
    assert far.via == ("(aws us-east-1)", "(aws eu-west-1)")
    assert (near.one, near.other, near.ms) == ("a", "b", 2 * east)


def test_pairs_without_a_path_are_counted() -> None:
    """A tunnel from a to b and one from b to c: b is no hub, and carries nobody's traffic."""
    fleet = spread_out([(0, 0), (0, 10), (0, 20)])
    one, two, three = fleet.members
    demands = [{"from": one, "to": two}, {"from": two, "to": three}]
    fleet = fleet.model_copy(update={"demands": tuple(map(Demand.model_validate, demands))})
    report = latency_of("as-demanded", fleet)
    assert (report.pairs, report.estimated, report.unjoined) == (3, 2, 1)
    assert measures_of_latency(report).mean.note == (
        "estimate for 2 of 3 pairs; no path for 1 of 3 pairs"
    )


# --- large fleets ---------------------------------------------------------------------------------


def spread_out(points: list[tuple[float, float]], *, hubs: int = 1) -> Fleet:
    names = [f"c{number:05d}" for number in range(len(points))]
    return Fleet.model_validate(
        {
            "fleet": "spread-out",
            "clusters": [{"name": name, "provider": "on-prem", "site": name} for name in names],
            "sites": {
                name: {"coordinates": point} for name, point in zip(names, points, strict=True)
            },
            "connect": {"hubs": hubs},
            "demands": [{"from": "all", "to": "all", "gb_per_month": 1}],
        }
    )


def lattice(count: int) -> list[tuple[float, float]]:
    """Return points of a band around the northern half of Earth, none of them equal."""
    return [(20 + 40 * (n * 0.618034 % 1), -170 + 340 * n / count) for n in range(count)]


@pytest.mark.slow
@pytest.mark.parametrize("design", DESIGNS)
def test_many_places_are_taken_together(design: str) -> None:
    """As good as pair by pair, since a cell of the grid is small beside the distances."""
    points = lattice(600)
    fleet = spread_out(points, hubs=2)
    report = latency_of(design, fleet)
    assert "degrees" in report.note
    assert report.note in measures_of_latency(report).mean.note
    assert report.estimated == report.pairs == 600 * 599 // 2
    assert report.ms is not None
    if design not in ("hub-and-spoke", "optimized"):  # nothing is direct there
        places = [Location(*point) for point in points]
        times = [ms_of(one, other) for one, other in combinations(places, 2)]
        assert report.ms.mean == pytest.approx(fmean(times), rel=0.01)
        assert report.ms.p95 == pytest.approx(nearest_rank(times), rel=0.03)


def test_few_places_stay_as_they_are() -> None:
    for count in (500, 501):
        fleet = spread_out(lattice(count))
        assert (survey(fleet, outline_of(fleet)).grid > 0) == (count > 500)


@pytest.mark.slow
@pytest.mark.parametrize("design", DESIGNS)
def test_ten_thousand_sites_need_no_graph(design: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(nx, "Graph", None)
    wanted = ["us-east-1", "eu-west-1", "ap-south-1"]
    fleet = small(
        [
            {"name": f"c{n}", "provider": "aws", "region": wanted[n % 3], "labels": {"n": n % 2}}
            for n in range(10_000)
        ]
    )
    everybody = Demand.model_validate({"from": "all", "to": "all", "peak_mbps": 1})
    report = latency_of(design, fleet.model_copy(update={"demands": (everybody,)}))
    assert report.measured == report.pairs == 10_000 * 9_999 // 2
    assert report.ms is not None


# --- the command and the sheet --------------------------------------------------------------------


def test_measures_say_of_how_many_pairs_they_speak() -> None:
    told = measures_of_latency(latency_of("hub-and-spoke", load(THREE_CLOUDS)))
    assert {told.mean.note, told.p95.note, told.stretch.note} == {"estimate for 59 of 65 pairs"}
    assert told.worst.note == "ml-usc1 - prod-eus; estimate for 59 of 65 pairs"


def test_unknown_is_not_zero() -> None:
    fleet = small([{"name": name, "provider": "on-prem", "site": name} for name in "ab"])
    report = latency_of("full-mesh", fleet)
    assert report.unplaced == ("a", "b")
    told = measures_of_latency(report)
    assert {measure.value for measure in told} == {None}
    assert told.stretch.note == "unknown for 1 of 1 pairs"


def test_nothing_to_join() -> None:
    report = latency_of("full-mesh", small([{"name": "a", "provider": "aws", "region": "x"}]))
    assert report.pairs == 0
    told = measures_of_latency(report)
    assert told.mean.note == "no two clusters lie in different sites"


def test_unknown_design(cli: Cli) -> None:
    result = cli("latency", THREE_CLOUDS, "-d", "hub-and-spoken")
    assert (result.code, result.out) == (2, "")
    assert 'did you mean "hub-and-spoke"' in result.said[0]


@pytest.mark.parametrize("form", ["table", "json"])
def test_latency_command(cli: Cli, golden: Golden, form: str) -> None:
    result = cli("latency", THREE_CLOUDS, "--pairs", 2, "--format", form, *FOUR)
    assert (result.code, result.err) == (0, "")
    golden(ROOT / "tests" / "golden" / "latency" / f"three-clouds.{form}.txt", result.out)
    if form == "json":
        assert json.loads(result.out)["designs"]["full-mesh"]["stretch"] == {"mean": 1, "max": 1}


def test_every_key_of_the_json_is_documented(cli: Cli) -> None:
    data = json.loads(cli("latency", THREE_CLOUDS, "--format", "json").out)
    text = (ROOT / "docs" / "reference" / "latency.md").read_text("utf-8")
    report = data.pop("designs")["hub-and-spoke"]
    parts = [data, report, report["by_demand"], report["rtt"], report["stretch"]]
    keys = {key for part in [*parts, *report["worst_pairs"]] for key in part}
    assert {key for key in keys if f"`{key}`" not in text} == set()


def test_latency_command_names_unknown_places(cli: Cli, tmp_path: Path) -> None:
    file = tmp_path / "fleet.yaml"
    clusters = "".join(f"  - {{name: c{n}, provider: on-prem, site: s{n}}}\n" for n in range(7))
    file.write_text(f"version: 1\nfleet: dark\nclusters:\n{clusters}")
    result = cli("latency", file, "-d", "full-mesh", "-d", "full-mesh")
    assert result.code == 0
    assert "full-mesh      unknown unknown unknown" in result.out
    assert result.out.count("full-mesh") == 2
    assert "Unknown place: s0, s1, s2, s3, s4 and 2 more." in result.out


def test_latency_command_refuses_an_unknown_design(cli: Cli) -> None:
    result = cli("latency", THREE_CLOUDS, "-d", "mesh")
    assert result.code == 2
    assert result.said == ['no design is named "mesh"; did you mean "full-mesh"?']
