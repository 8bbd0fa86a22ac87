"""What money must never do: count the unknown as nothing, go below nothing, or change its unit."""

from __future__ import annotations

import json
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from tests.conftest import Cli
from tests.strategies import load
from tests.test_costing import bill

TWO = "examples/two-clusters.yaml"
VPN = "aws.site_to_site_vpn_connection_hour"
HEAD = "version: 1\nfleet: f\n"
CLUSTERS = """clusters:
  - {name: a, provider: aws, region: us-east-1}
  - {name: b, provider: on-prem, site: dc}
"""


def file(tmp_path: Path, text: str, name: str = "fleet.yaml") -> Path:
    path = tmp_path / name
    path.write_text(text)
    return path


# --- sensitivity ----------------------------------------------------------------------------------


def test_an_unknown_cost_is_not_the_cheapest(cli: Cli) -> None:
    data = json.loads(cli("sweep", TWO, "--to", "4", "-f", "json").out)
    unknown = [n for n, d in data["designs"].items() if d["points"][-1]["cost"] is None]
    assert unknown == ["flat-ipv6"]
    for swing in data["sensitivity"]:
        assert swing["costs"]["flat-ipv6"] is None
        assert swing["cheapest"] == [None, None]  # the others are known in part only


def test_the_cheapest_is_named_where_its_cost_is_whole(cli: Cli, tmp_path: Path) -> None:
    fleet = file(
        tmp_path,
        HEAD + CLUSTERS + "prices: {on-prem.gateway_month: 10, on-prem.egress_gb: 0}\n"
        "demands: [{from: a, to: b, gb_per_month: 1000}]\n",
    )
    args = ("-d", "full-mesh", "-d", "hub-and-spoke", "-f", "json")
    data = json.loads(cli("sweep", fleet, "--to", "4", *args).out)
    assert data["sensitivity"]
    for swing in data["sensitivity"]:
        assert all(name in ("full-mesh", "hub-and-spoke") for name in swing["cheapest"])


# --- since figures were kept ----------------------------------------------------------------------


def test_a_cost_that_is_known_no_more_has_grown(cli: Cli, tmp_path: Path) -> None:
    known = "prices: {on-prem.gateway_month: 500}\n"
    base = tmp_path / "base.json"
    cli("compare", file(tmp_path, HEAD + CLUSTERS + known), "-d", "full-mesh", "--save", base)
    without = file(tmp_path, HEAD + CLUSTERS, "without.yaml")
    args = ("-d", "full-mesh", "--compare-to", base)
    result = cli("compare", without, *args, "--fail-on-increase")
    assert result.code == 1
    assert "full-mesh: cost a month: 536.5 -> at least 36.5  (grew: not known whole any more)" in (
        result.out
    )
    data = json.loads(cli("compare", without, *args, "-f", "json").out)
    (change,) = (c for c in data["changes"] if c["metric"] == "cost_per_month")
    assert (change["grew"], change["before_at_least"], change["after_at_least"]) == (
        True,
        False,
        True,
    )


def test_figures_in_another_currency_are_not_compared(cli: Cli, tmp_path: Path) -> None:
    base = tmp_path / "base.json"
    cli("compare", TWO, "--save", base)
    book = file(tmp_path, "version: 1\nbook: yen\ncurrency: JPY\nrates: {USD: 150}\n", "yen.yaml")
    result = cli("compare", TWO, "--prices", book, "--compare-to", base, "--fail-on-increase")
    assert (result.code, result.out) == (2, "")
    assert "USD" in result.err
    assert "JPY" in result.err


@pytest.mark.parametrize("value", ["abc", True, [1]])
def test_a_kept_cost_is_a_number(value: object, cli: Cli, tmp_path: Path) -> None:
    base = tmp_path / "base.json"
    cli("compare", TWO, "--save", base)
    data = json.loads(base.read_text())
    data["designs"]["full-mesh"]["cost_per_month"]["value"] = value
    base.write_text(json.dumps(data))
    assert cli("compare", TWO, "--compare-to", base).code == 2


# --- free amounts ---------------------------------------------------------------------------------


def test_a_free_amount_that_another_region_used_up_is_not_paid_back() -> None:
    item = "aws.internet_data_transfer_out_gb"
    sites = ("eu-west-1", "us-east-1")
    data: dict[str, Any] = {
        "version": 1,
        "fleet": "free",
        "clusters": [
            *({"name": region, "provider": "aws", "region": region} for region in sites),
            {"name": "dc", "provider": "on-prem", "site": "dc"},
        ],
        "demands": [{"from": region, "to": "dc", "gb_per_month": 1000} for region in sites],
        "prices": {f"{item}@us-east-1": {"price": 0.05, "free": 10}},
    }
    (line,) = (
        line
        for line in bill(load(data), "full-mesh").lines
        if line.price.item == "internet_data_transfer_out_gb" and line.region == "us-east-1"
    )
    assert all(step.quantity > 0 for step in line.steps)
    assert line.cost == Decimal(50)


def test_a_quoted_free_tier_that_is_used_up_is_not_paid_back(cli: Cli, tmp_path: Path) -> None:
    same = "provider: aws, item: internet_data_transfer_out_gb, region: us-east-1, quantity: 100"
    items = f"- {{{same}}}\n- {{{same}, free_tier: 50}}\n"
    bom = file(tmp_path, items, "bom.yaml")
    data = json.loads(cli("quote", bom, "-f", "json").out)
    assert [line["cost"] for line in data["lines"]] == [0.0, 9.0]


# --- what a user writes ---------------------------------------------------------------------------


@pytest.mark.parametrize("unit", ["hour", "connection-month", "GB", "bananas"])
def test_a_price_in_another_unit_than_its_row_is_refused(
    unit: str, cli: Cli, tmp_path: Path
) -> None:
    fleet = file(tmp_path, HEAD + CLUSTERS + f"prices: {{{VPN}: {{price: 1, unit: {unit}}}}}\n")
    result = cli("compare", fleet)
    assert (result.code, result.out) == (2, "")
    assert f'"{unit}"' in result.err
    assert "connection-hour" in result.err
    assert f"{fleet}:6:" in result.err


def test_a_price_by_another_measure_of_traffic_is_converted() -> None:
    data = {
        "version": 1,
        "fleet": "gib",
        "clusters": [
            {"name": "a", "provider": "aws", "region": "us-east-1"},
            {"name": "b", "provider": "on-prem", "site": "dc"},
        ],
        "demands": [{"from": "a", "to": "b", "gb_per_month": 1000}],
    }
    name = "aws.internet_data_transfer_out_gb"
    costs = []
    for row in ({"price": 1, "free": 0}, {"price": 1000, "unit": "TB", "free": 0}):
        lines = bill(load({**data, "prices": {name: row}}), "full-mesh").lines
        costs += [line.cost for line in lines if line.price.name == name]
    assert costs == [Decimal(1000), Decimal(1000)]


@pytest.mark.parametrize(
    "text",
    [
        f"prices: {{{VPN}: 1e27}}\n",
        "demands: [{from: a, to: b, gb_per_month: 1e300}]\n",
        "demands: [{from: a, to: b, gb_per_month: 1, peak_mbps: 1e300}]\n",
    ],
)
def test_figures_beyond_all_measure_are_refused(text: str, cli: Cli, tmp_path: Path) -> None:
    result = cli("compare", file(tmp_path, HEAD + CLUSTERS + text))
    assert (result.code, result.out) == (2, "")
    assert "at most" in result.err


def test_a_quantity_beyond_all_measure_is_refused(cli: Cli, tmp_path: Path) -> None:
    item = "{provider: aws, item: nat_gateway.hour, region: us-east-1, quantity: 1e300}"
    result = cli("quote", file(tmp_path, f"- {item}\n", "bom.yaml"))
    assert (result.code, result.out) == (2, "")
    assert "at most" in result.err


def test_a_rate_of_nothing_is_refused(cli: Cli, tmp_path: Path) -> None:
    book = file(tmp_path, "version: 1\nbook: b\ncurrency: JPY\nrates: {USD: 0}\n", "book.yaml")
    result = cli("compare", TWO, "--prices", book)
    assert (result.code, result.out) == (2, "")
    assert f"{book}:4:" in result.err


def test_a_row_that_stands_twice_by_two_spellings_is_told(cli: Cli, tmp_path: Path) -> None:
    rows = f"prices:\n  {VPN}: 1\n  aws.site-to-site.vpn-connection-hour: 2\n"
    result = cli("compare", file(tmp_path, HEAD + CLUSTERS + rows))
    assert result.code == 2
    assert f"{VPN}" in result.err


def test_a_region_that_no_provider_has_is_told(cli: Cli, tmp_path: Path) -> None:
    rows = f'prices: {{"{VPN}@us-esat-1": 1}}\n'
    result = cli("compare", file(tmp_path, HEAD + CLUSTERS + rows))
    assert result.code == 2
    assert "us-east-1" in result.err


# --- what the sheet says --------------------------------------------------------------------------


def test_a_design_that_cannot_join_every_cluster_is_not_the_cheapest(
    cli: Cli, tmp_path: Path
) -> None:
    fleet = file(
        tmp_path,
        HEAD + "clusters:\n"
        "  - {name: a, provider: azure, region: eastus, platform: aks}\n"
        "  - {name: b, provider: azure, region: westus2, platform: aks}\n"
        "prices: {general.application_tls_gb: 0}\n",
    )
    data = json.loads(cli("compare", fleet, "-f", "json").out)
    assert data["designs"]["flat-ipv6"]["feasible"]["value"] is False
    for key in ("cost_per_month", "baseline_per_month", "usage_per_month"):
        assert "flat-ipv6" not in data["best"][key]


def test_the_sheet_names_the_rows_that_are_not_the_books(cli: Cli, tmp_path: Path) -> None:
    fleet = file(tmp_path, HEAD + CLUSTERS + f"prices: {{{VPN}: 0.04}}\n")
    book = file(tmp_path, "version: 1\nbook: b\ndiscounts: {aws: 50%}\n", "book.yaml")
    for command in ("compare", "sweep"):
        result = cli(command, fleet, "--prices", book)
        assert VPN in result.out
        assert "aws less 50 %" in result.out
    data = json.loads(cli("compare", fleet, "--prices", book, "-f", "json").out)
    assert data["overridden"] == [VPN, "aws less 50 %"]


def test_what_building_takes_is_told_where_the_file_says_so(cli: Cli, tmp_path: Path) -> None:
    work = "work: {usd_per_hour: 100, tunnel: {build: 2}, gateway: {build: 3}}\n"
    fleet = file(tmp_path, HEAD + CLUSTERS + work)
    data = json.loads(cli("compare", fleet, "-f", "json").out)
    measure = data["designs"]["full-mesh"]["build_once"]
    assert (measure["value"], measure["unit"]) == (800.0, "USD")  # 1 tunnel, 2 gateways
    assert "Work to build, once" in cli("compare", fleet).out
    assert "Work to build, once" not in cli("compare", TWO).out
