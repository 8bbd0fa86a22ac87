"""The price book: which row is found, what the user puts in its place, and what is shown."""

from __future__ import annotations

import json
from decimal import Decimal
from pathlib import Path

import pytest

from k8s6plan.catalog.prices import marks_of, plain, rows
from k8s6plan.decision.metrics import METRICS
from k8s6plan.errors import UnknownName
from k8s6plan.evaluation.cost.book import PriceBook
from k8s6plan.fleet.file import load_book
from k8s6plan.fleet.model import PriceOverride
from tests.conftest import Cli, Golden

ROOT = Path(__file__).parent.parent
THREE = ROOT / "examples" / "three-clouds.yaml"
BAD = Path(__file__).parent / "bad" / "books"


@pytest.mark.parametrize(
    ("asked", "price"),
    [
        (("aws", "inter_region_transfer_gb", "us-east-1", "us-east-2"), "0.01"),
        (("aws", "inter_region_transfer_gb", "us-east-1", "eu-west-1"), "0.02"),
        (("aws", "nat_gateway.hour", "eu-west-1"), "0.048"),
        (("gcp", "cloud_vpn_tunnel_hour", "us-east4"), "0.055"),
        (("gcp", "inter_region_gib", "us-east4", "us-central1"), "0.02"),
        (("azure", "vnet_peering_global_gb", "brazilsouth"), "0.16"),
        (("azure", "vpn_gateway_hour", "eastus", None, "VpnGw1AZ"), "0.21"),
        (("aws", "ec2_on_demand_linux_hour", "us-east-1", None, "t3.medium"), "0.0416"),
    ],
)
def test_the_row_that_holds_is_found(asked: tuple[str, ...], price: str) -> None:
    found = PriceBook().find(*asked)
    assert [tier.price for tier in found.tiers] == [Decimal(price)]


def test_what_is_not_known_says_so() -> None:
    found = PriceBook().find("aws", "nat_gateway.hour", "mars-1")
    assert not found.known
    assert found.note == "no price is known in mars-1"
    with pytest.raises(UnknownName, match=r'did you mean "nat_gateway\.hour"'):
        PriceBook().find("aws", "nat_gatway.hour", "us-east-1")


def test_marks_tell_age_and_confidence() -> None:
    assert marks_of("2026-10-16", "high") == ()
    assert marks_of("2025-05-23", "high") == ()
    assert marks_of("2025-04-30", "medium") == ("old", "medium")
    assert marks_of("undated", "low") == ("undated", "low")
    assert marks_of("2026", "unverified") == ("unverified",)
    assert marks_of("2024", "high") == ("old",)


def test_the_more_exact_row_of_ones_own_wins() -> None:
    own = {
        "aws.nat_gateway.hour": PriceOverride(price=Decimal(1)),
        "aws.nat_gateway.hour@eu-west-1": PriceOverride(price=Decimal(2)),
        "aws.ec2_on_demand_linux_hour.t3.medium": PriceOverride(price=Decimal(3)),
    }
    book = PriceBook(own)
    prices = [
        book.find("aws", "nat_gateway.hour", "us-east-1"),
        book.find("aws", "nat_gateway.hour", "eu-west-1"),
        book.find("aws", "ec2_on_demand_linux_hour", "sa-east-1", None, "t3.medium"),
    ]
    assert [price.tiers[0].price for price in prices] == [1, 2, 3]
    assert not book.find("aws", "ec2_on_demand_linux_hour", "sa-east-1", None, "t3.large").known


BOOK = """
version: 1
book: contract of 2026
currency: EUR
rates: {USD: "0.9"}
discounts: {aws: 10%, aws.nat_gateway.hour: 50%}
prices:
  on-prem.gateway_month: {price: 55, currency: EUR, as_of: "2026-06-01"}
"""


@pytest.mark.slow
def test_a_price_book_has_a_currency_discounts_and_rows(tmp_path: Path, cli: Cli) -> None:
    path = tmp_path / "book.yaml"
    path.write_text(BOOK)
    book = PriceBook(file=load_book(path))
    nat = book.find("aws", "nat_gateway.hour", "us-east-1")
    assert nat.tiers[0].price == Decimal("0.0225")
    assert nat.yours == "less 50 %"
    vpn = book.find("aws", "site_to_site_vpn_connection_hour", "us-east-1")
    assert vpn.tiers[0].price == Decimal("0.045")
    assert book.in_currency(Decimal(10), "USD") == 9
    assert book.in_currency(Decimal(10), "GBP") is None
    data = json.loads(cli("compare", THREE, "--prices", path, "-f", "json").out)
    assert data["currency"] == "EUR"
    discounts = ["aws less 10 %", "aws.nat_gateway.hour less 50 %"]
    assert data["overridden"] == ["on-prem.gateway_month", *discounts]
    assert data["designs"]["full-mesh"]["cost_per_month"]["unit"] == "EUR/month"
    plain_book = tmp_path / "plain.yaml"
    plain_book.write_text(BOOK.replace("discounts: {aws: 10%, aws.nat_gateway.hour: 50%}\n", ""))
    full = json.loads(cli("compare", THREE, "--prices", plain_book, "-f", "json").out)
    assert full["overridden"] == ["on-prem.gateway_month"]
    dear, cheap = (
        found["designs"]["full-mesh"]["cost_per_month"]["value"] for found in (full, data)
    )
    assert cheap < dear
    shown = cli("compare", THREE, "--prices", path, "--explain", "cost", "-d", "full-mesh").out
    assert "contract of 2026" in " ".join(shown.split())
    assert "[yours]" in shown


@pytest.mark.parametrize("path", sorted(BAD.glob("*.yaml")), ids=lambda path: path.stem)
def test_a_bad_price_book_is_told(
    path: Path, cli: Cli, golden: Golden, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(BAD)
    result = cli("compare", THREE, "--prices", path.name)
    assert (result.code, result.out) == (2, "")
    golden(path.with_suffix(".txt"), result.err)


def test_there_are_bad_price_books() -> None:
    assert len(list(BAD.glob("*.yaml"))) > 1


def test_every_row_is_shown_with_its_source(cli: Cli) -> None:
    data = json.loads(cli("prices", "-f", "json").out)
    assert len(data["prices"]) == len(list(rows()))
    for row in data["prices"]:
        assert row["source"], row["item"]
        assert row["as_of"], row["item"]
    result = cli("prices", "aws", "--region", "eu-west-1", "--item", "nat")
    assert result.code == 0
    assert "aws.nat_gateway.hour in eu-west-1: 0.048 USD per gateway-hour" in " ".join(
        result.out.split()
    )
    assert cli("prices", "asw").code == 2
    assert cli("prices", "aws", "--item", "zeppelin").code == 2


def test_limits_and_readiness_are_shown_with_their_sources(cli: Cli) -> None:
    data = json.loads(cli("limits", "-f", "json").out)
    assert {row["owner"] for row in data["limits"]} >= {"aws", "azure", "gcp", "cilium"}
    for row in data["limits"]:
        assert row["source"], row["limit"]
    assert sum(row["checked"] for row in data["limits"]) > 40
    text = cli("limits", "cilium").out
    assert "cilium.cilium_max_connected_clusters" in text
    ready = json.loads(cli("limits", "--ipv6", "-f", "json").out)["readiness"]
    assert {row["group"] for row in ready} >= {"kubernetes", "provider", "platform", "cni"}
    assert "EKS" in cli("limits", "--ipv6").out or "eks" in cli("limits", "--ipv6").out
    assert cli("limits", "nobody").code == 2


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["aws", "--region", "us-eest-1"], 'aws has no region "us-eest-1"; did you mean "us-'),
        (["gcp", "--region", "us-east-1"], 'gcp has no region "us-east-1"; did you mean "us-'),
        (["--region", "nosuch"], 'no provider has region "nosuch"'),
    ],
)
def test_a_region_that_nobody_has_is_told(arguments: list[str], said: str, cli: Cli) -> None:
    result = cli("prices", *arguments)
    assert (result.code, result.out) == (2, "")
    assert said in result.err
    assert cli("prices", "on-prem", "--region", "anywhere").code == 0  # one's own places


def test_names_are_compared_without_their_signs() -> None:
    assert plain("NAT-Gateway.Hour") == plain("nat_gateway hour") == "nat_gateway_hour"


# --- since the last review -----------------------------------------------------------------------


@pytest.mark.slow
def test_what_changed_since_figures_were_kept(cli: Cli, tmp_path: Path) -> None:
    base = tmp_path / "base.json"
    result = cli("compare", THREE, "--save", base)
    assert result.code == 0
    assert result.said == [f"wrote {base}"]
    same = cli("compare", THREE, "--compare-to", base, "--fail-on-increase")
    assert (same.code, same.out) == (0, f"nothing changed since {base}\n")
    more = cli("compare", THREE, "--tunnels-per-link", "4", "--compare-to", base)
    assert more.code == 0
    assert "full-mesh: tunnels: 86 -> 172 (+86)  (grew)" in more.out
    failed = cli(
        "compare", THREE, "--tunnels-per-link", "4", "--compare-to", base, "--fail-on-increase"
    )
    assert failed.code == 1
    fewer = ("compare", THREE, "--tunnels-per-link", "1", "--compare-to", base)
    less = cli(*fewer, "--fail-on-increase", "-d", "full-mesh")
    assert less.code == 0
    assert "full-mesh: tunnels: 86 -> 43 (-43)\n" in less.out
    # Fewer tunnels at a hub have more to carry each: that is an increase too.
    fuller = cli(*fewer, "--fail-on-increase", "-d", "hub-and-spoke")
    assert fuller.code == 1
    assert "hub-and-spoke: limits exceeded: 0 -> 2 (+2)  (grew)" in fuller.out


def test_redundant_is_a_change_where_there_was_one_tunnel(cli: Cli, tmp_path: Path) -> None:
    base, fleet = tmp_path / "base.json", ROOT / "examples" / "three-clusters.yaml"
    assert cli("compare", fleet, "--save", base).code == 0
    data = json.loads(cli("compare", fleet, "--redundant", "--compare-to", base, "-f", "json").out)
    tunnels = {c["design"]: c for c in data["changes"] if c["metric"] == "tunnels"}
    assert set(tunnels) >= {"hub-and-spoke", "full-mesh"}
    for change in tunnels.values():
        assert change["after"] == 2 * change["before"] > 0
        assert change["grew"] is True


@pytest.mark.parametrize(
    "text", ["", "[]", "{}", '{"designs": 3}', "not json", '{"designs": {"a": 1}}']
)
def test_a_base_that_is_none_is_told(text: str, cli: Cli, tmp_path: Path) -> None:
    base = tmp_path / "base.json"
    base.write_text(text)
    result = cli("compare", THREE, "--compare-to", base)
    assert (result.code, result.out) == (2, "")
    assert "`k8s6plan compare --save`" in result.err


@pytest.mark.parametrize(
    "metric", ["cost", "limits", "tunnels", "feasible", "busiest_gateway_tunnels"]
)
def test_the_lines_behind_a_figure(metric: str, cli: Cli, golden: Golden) -> None:
    result = cli("compare", THREE, "--explain", metric, "-d", "hub-and-spoke", "-d", "flat-ipv6")
    assert result.code == 0
    golden(ROOT / "tests" / "golden" / "explain" / f"{metric}.txt", result.out)
    data = json.loads(cli("compare", THREE, "--explain", metric, "-f", "json").out)
    for design in data["designs"].values():
        for line in design["lines"]:
            assert {"quantity", "unit", "source", "as_of", "confidence"} <= set(line)


@pytest.mark.parametrize("metric", METRICS)
def test_every_figure_can_be_explained(metric: str, cli: Cli) -> None:
    fleet = ROOT / "examples" / "three-clusters.yaml"
    for form in ("table", "json", "csv", "md"):
        result = cli("compare", fleet, "--explain", metric, "-f", form)
        assert (result.code, result.err) == (0, "")
        words = (metric, METRICS[metric].title, "design,part,")
        assert any(word in result.out for word in words)


def test_the_lines_of_the_cost_add_up_to_it(cli: Cli) -> None:
    data = json.loads(cli("compare", THREE, "--explain", "cost", "-f", "json").out)
    for column in data["designs"].values():
        known = sum(line["cost"] for line in column["lines"] if line["cost"] is not None)
        assert known == pytest.approx(column["value"], abs=0.005)
        assert column["at_least"] == any(line["cost"] is None for line in column["lines"])


def test_an_unknown_metric_offers_the_nearest(cli: Cli) -> None:
    result = cli("compare", THREE, "--explain", "tunels")
    assert result.code == 2
    assert 'did you mean "tunnels"' in result.err
