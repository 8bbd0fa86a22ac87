"""Sweeps: crossings where a search finds them, swings where moving by hand does, and the forms."""

from __future__ import annotations

import csv
import io
import json
from decimal import Decimal
from itertools import combinations
from pathlib import Path

import pytest
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

from k8s6plan.decision.metrics import Case
from k8s6plan.decision.sweep import over_clusters, over_redundancy, over_traffic, swings
from k8s6plan.decision.terms import Terms, terms_of
from k8s6plan.fleet.model import Fleet
from k8s6plan.topology.designs import DESIGNS
from tests.conftest import Cli, Golden
from tests.strategies import priced_fleets

ROOT = Path(__file__).parent.parent
THREE = ROOT / "examples" / "three-clouds.yaml"
NAMES = ("hub-and-spoke", "full-mesh", "flat-ipv6", "overlay-mesh")
TINY = Decimal("0.000001")


def cost_at(fleet: Fleet, design: str, times: Decimal) -> Decimal:
    """Return the known cost with so many times the traffic, from a fleet that says so itself."""
    demands = tuple(
        demand.model_copy(update={"gb_per_month": demand.gb_per_month * times})
        for demand in fleet.demands
    )
    moved = fleet.model_copy(update={"demands": demands})
    terms = terms_of(moved)
    return Case(DESIGNS[design], terms.start, terms).bill.total() or Decimal(0)


@st.composite
def busy_fleets(draw: st.DrawFn) -> Fleet:
    """Return a fleet with something to say."""
    fleet = draw(priced_fleets())
    assume(fleet.demands)
    return fleet


@pytest.mark.slow
def test_designs_change_places_where_the_sweep_says() -> None:
    """Just before a crossing one is cheaper, just beyond it the other, and nowhere else."""
    crossings: list[object] = []

    @settings(max_examples=80, suppress_health_check=[HealthCheck.filter_too_much])
    @given(fleet=busy_fleets())
    def look(fleet: Fleet) -> None:
        terms = terms_of(fleet)
        most = Decimal(4)
        found = over_traffic(terms.start, NAMES, terms, most, steps=2)
        crossings.extend(found.crossings)
        for crossing in found.crossings:
            if not TINY < crossing.at < most - TINY:
                continue
            before, beyond = crossing.at - TINY, crossing.at + TINY
            gap = [
                cost_at(fleet, crossing.cheaper, at) - cost_at(fleet, crossing.than, at)
                for at in (before, beyond)
            ]
            assert gap[0] >= 0 >= gap[1]
            assert gap[0] != gap[1]
        costs = {
            name: [cost_at(fleet, name, Decimal(n) / 4) for n in range(1, 17)] for name in NAMES
        }
        for one, other in combinations(NAMES, 2):
            gaps = [here - there for here, there in zip(costs[one], costs[other], strict=True)]
            if min(gaps) < 0 < max(gaps):
                assert any({c.cheaper, c.than} == {one, other} for c in found.crossings)

    look()
    assert len(crossings) > 5  # else the fleets would say little


@pytest.mark.slow
@settings(max_examples=15)
@given(fleet=priced_fleets())
def test_designs_change_places_between_numbers_of_clusters(fleet: Fleet) -> None:
    terms = terms_of(fleet)
    found = over_clusters(terms.start, NAMES, terms, 20)
    costs = {
        name: [Case(DESIGNS[name], terms.growth.at(n), terms).bill.total() for n in range(1, 21)]
        for name in NAMES
        if terms.growth is not None
    }
    assert {name: [p.cost for p in points] for name, points in found.points.items()} == costs
    for crossing in found.crossings:
        index = int(crossing.at) - 1
        here, there = costs[crossing.cheaper][index], costs[crossing.than][index]
        assert here is not None
        assert there is not None
        assert here < there


def test_redundancy_is_swept_by_the_tunnel() -> None:
    terms = three_clouds()
    found = over_redundancy(terms.start, ["full-mesh"], terms, 4)
    assert [point.tunnels for point in found.points["full-mesh"]] == [43, 86, 129, 172]


def three_clouds() -> Terms:
    from k8s6plan.fleet.file import load

    return terms_of(load(THREE))


def test_swings_are_those_of_moving_a_price_by_hand() -> None:
    from k8s6plan.fleet.file import load
    from k8s6plan.fleet.model import PriceOverride

    fleet = load(THREE)
    terms = terms_of(fleet)
    case = Case(DESIGNS["full-mesh"], terms.start, terms)
    found = {swing.assumption: swing for swing in swings({"full-mesh": case}, most=99)}
    swing = found["price of aws.site_to_site_vpn_connection_hour"]
    price = Decimal("0.05") * Decimal("1.2")
    own = {"aws.site_to_site_vpn_connection_hour": PriceOverride(price=price)}
    moved = terms_of(fleet.model_copy(update={"prices": own}))
    dear = Case(DESIGNS["full-mesh"], moved.start, moved).bill.total()
    moved_costs = swing.costs["full-mesh"]
    more_traffic = found["traffic"].costs["full-mesh"]
    assert moved_costs is not None
    assert more_traffic is not None
    assert moved_costs[1] == dear
    assert more_traffic[1] == cost_at(fleet, "full-mesh", Decimal("1.2"))
    ranked = [swing.swing for swing in swings({"full-mesh": case})]
    assert len(ranked) == 5
    assert ranked == sorted(ranked, reverse=True)


@pytest.mark.slow
@pytest.mark.parametrize("over", ["clusters", "traffic", "redundancy"])
def test_what_a_sweep_prints(
    over: str, cli: Cli, golden: Golden, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(ROOT)
    result = cli("sweep", "examples/three-clouds.yaml", "--over", over)
    assert (result.code, result.err) == (0, "")
    golden(ROOT / "tests" / "golden" / "sweep" / f"{over}.txt", result.out)


@pytest.mark.slow
def test_json_and_csv_say_the_same(cli: Cli) -> None:
    data = json.loads(cli("sweep", THREE, "--to", "15", "-f", "json").out)
    assert set(data) == {
        *("version", "fleet", "axis", "currency", "designs", "break_even", "sensitivity"),
        *("overridden", "written_by"),
    }
    rows = list(csv.DictReader(io.StringIO(cli("sweep", THREE, "--to", "15", "-f", "csv").out)))
    assert rows.pop()["clusters"] == "written_by"
    assert len(rows) == 15 * len(data["designs"])
    for row in rows:
        point = data["designs"][row["design"]]["points"][int(row["clusters"]) - 1]
        cost = None if row["cost"] == "" else float(row["cost"])
        assert (cost, row["complete"]) == (point["cost"], str(point["complete"]).lower())


@pytest.mark.slow
def test_charts_are_ours_and_the_same_bytes(cli: Cli, tmp_path: Path) -> None:
    first, again, svg = tmp_path / "a.png", tmp_path / "b.png", tmp_path / "c.svg"
    for path in (first, again, svg, svg):
        result = cli("sweep", THREE, "--to", "12", "-d", "full-mesh", "-o", path)
        assert result.code == 0, result.err
    assert first.read_bytes() == again.read_bytes()
    assert first.read_bytes().startswith(b"\x89PNG")
    assert b"<svg" in svg.read_bytes()
    foreign = tmp_path / "d.png"
    foreign.write_bytes(b"\x89PNG of somebody else")
    assert cli("sweep", THREE, "--to", "3", "-o", foreign).code == 2


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (["--to", "0"], "--to"),
        (["--to", "99999999"], "at most 20,000 over clusters"),
        (["--over", "weather"], "'weather' is not one of"),
        (["-d", "fullmesh"], 'did you mean "full-mesh"'),
    ],
)
def test_bad_usage(arguments: list[str], says: str, cli: Cli) -> None:
    result = cli("sweep", THREE, *arguments)
    assert (result.code, result.out) == (2, "")
    assert says in result.err


def test_without_demands_there_is_no_traffic_to_sweep(cli: Cli) -> None:
    result = cli("sweep", ROOT / "examples" / "two-clusters.yaml", "--over", "traffic")
    assert result.code == 2
    assert "no demands" in result.err


def test_smaller_fleet_has_a_main_region_before_it_has_grown_to_that_of_the_whole() -> None:
    """The hub stands first, and lies elsewhere than most nodes of its provider."""
    rows = [
        {"name": "a", "provider": "gcp", "region": "asia-east1", "nodes": 50},
        {"name": "b", "provider": "gcp", "region": "us-central1", "nodes": 40},
        {"name": "c", "provider": "gcp", "region": "us-central1", "nodes": 40},
        {"name": "d", "provider": "aws", "region": "us-east-1", "nodes": 10},
    ]
    terms = terms_of(Fleet.model_validate({"fleet": "grows", "clusters": rows}))
    found = over_clusters(terms.start, ["managed-hub"], terms, 8)
    at = [terms.growth.at(n) for n in (1, 4)] if terms.growth else []
    assert [outline.main_regions["gcp"] for outline in at] == ["asia-east1", "us-central1"]
    assert next(point.tunnels for point in found.points["managed-hub"]) == 0
