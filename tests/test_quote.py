"""Bills of materials: the providers' worked examples to the cent, free amounts, tiers, faults."""

from __future__ import annotations

import json
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from k8s6plan.evaluation.cost.book import PriceBook
from k8s6plan.evaluation.cost.quote import quote, read_bom
from tests.conftest import Cli

AWS = {"provider": "aws", "region": "us-east-2"}
VPN = {**AWS, "item": "site_to_site_vpn_connection_hour", "quantity": 720}
OUT = {**AWS, "item": "internet_data_transfer_out_gb", "quantity": 500}


def total(*items: dict[str, Any]) -> Decimal:
    found = quote(read_bom(json.dumps(list(items)), "bom.json"), PriceBook())
    assert found.complete
    return found.total


@pytest.mark.parametrize(
    ("items", "cost"),
    [
        # The VPN page of AWS: one connection for 30 days, 500 GB out of which 100 are free.
        ([VPN, OUT], "72.00"),
        # Accelerated, to Europe: two accelerators besides, and a premium on 1,000 GB.
        (
            [
                {**VPN, "item": "accelerated_vpn.connection_hour"},
                {**AWS, "item": "accelerated_vpn.global_accelerator_hour", "quantity": 1440},
                {**AWS, "item": "accelerated_vpn.data_transfer_premium_gb", "quantity": 1000},
                OUT,
            ],
            "123.00",
        ),
        # Two VPCs on a transit gateway for an hour, with 1 GB.
        (
            [
                {**AWS, "item": "transit_gateway.attachment_hour", "quantity": 2},
                {**AWS, "item": "transit_gateway.data_processing_gb", "quantity": 1},
            ],
            "0.12",
        ),
        ([{**AWS, "item": "nat_gateway.hour", "quantity": 720}], "32.40"),
        ([{**AWS, "item": "NAT gateway hour", "quantity": 720}], "32.40"),
        ([{**OUT, "free_tier": False}], "45.00"),
        ([{**OUT, "free_tier": 300}], "18.00"),
        ([{**OUT, "unit_price": 0.5}], "250.00"),
        ([{**OUT, "unit_price": "0.5", "free_tier": True}], "200.00"),
        ([{"provider": "acme", "item": "fibre", "quantity": 3, "unit_price": "1.25"}], "3.75"),
        # The free 100 GB are an account's: the second item has none left.
        ([OUT, {**OUT, "region": "eu-west-1"}], "81.00"),
        # 10,240 GB at 0.09, and 9,660 at 0.085, beyond the free 100.
        ([{**OUT, "quantity": 20_000}], "1742.70"),
        # Azure: the first 100 GB are free, the next 10,235 at 0.087, 9,665 at 0.083.
        (
            [
                {
                    "provider": "azure",
                    "region": "eastus",
                    "item": "internet_egress_gb",
                    "quantity": 20_000,
                }
            ],
            "1692.64",
        ),
    ],
)
def test_worked_examples(items: list[dict[str, Any]], cost: str) -> None:
    assert total(*items).quantize(Decimal("0.01")) == Decimal(cost)


def test_quantities_and_prices_reach_to_the_bound_and_no_further(cli: Cli, tmp_path: Path) -> None:
    assert total({**OUT, "quantity": 1, "unit_price": 10**15}) == 10**15
    for field in ("quantity", "unit_price"):
        bom = tmp_path / "bom.json"
        bom.write_text(json.dumps([{**OUT, "quantity": 1, field: 10**15 + 1}]))
        result = cli("quote", bom)
        assert result.code == 2
        assert "at most 1,000,000,000,000,000" in result.err


def test_items_of_one_region_share_its_tiers() -> None:
    halves = total({**OUT, "quantity": 10_000}, {**OUT, "quantity": 10_000})
    assert halves == total({**OUT, "quantity": 20_000})


def test_the_documented_form(cli: Cli, tmp_path: Path) -> None:
    bom = tmp_path / "bom.yaml"
    bom.write_text(
        "- {provider: aws, item: site_to_site_vpn_connection_hour, region: us-east-2, "
        "quantity: 720}\n- {provider: on-prem, item: gateway_month, quantity: 2}\n"
    )
    result = cli("quote", bom, "--format", "json")
    assert result.code == 0
    data = json.loads(result.out)
    assert set(data) == {"version", "currency", "lines", "total", "complete", "written_by"}
    assert [line["cost"] for line in data["lines"]] == [36.0, None]
    assert (data["total"], data["complete"]) == (36.0, False)
    assert data["lines"][0]["source"]
    assert result.said == ["some prices are unknown: the total leaves them out"]
    text = cli("quote", bom).out
    assert text.endswith("Total: at least 36.00 USD\n")
    assert "one's own, 2 gateway-month: an input" in " ".join(text.split())
    bom.write_text(
        "- {provider: aws, item: nat_gateway.hour, region: us-gov-east-1, quantity: 2}\n"
    )
    text = " ".join(cli("quote", bom).out.split())
    assert "unknown aws us-gov-east-1: NAT gateway, 2 gateway-hour: " in text
    assert "; ;" not in text


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("[]", "holds no list of items"),
        ("items: 3", "holds no list of items"),
        ("- 1", "item 1: is no mapping"),
        ("- {provider: aws, item: nat_gateway.hour}", '"quantity" is missing'),
        ("- {provider: aws, item: x, quantity: 1}", 'aws has no item "x"'),
        ("- {provider: asw, item: x, quantity: 1}", 'did you mean "aws"'),
        (
            "- {provider: aws, item: nat_gateway.hour, quantity: -1}",
            "a number from 0 to at most 1,000,000,000,000,000",
        ),
        (
            "- {provider: aws, item: nat_gateway.hour, quantity: .nan}",
            "a number from 0 to at most 1,000,000,000,000,000",
        ),
        ("- {provider: aws, item: 5, quantity: 1}", '"item" must be a text'),
        ("- {provider: a, item: b, quantity: 1, price: 2}", 'unknown field "price"'),
        ("- {provider: aws, item: nat_gateway.hour, quantity: 1, free_tier: x}", '"free_tier"'),
    ],
)
def test_faults_are_told_with_their_item(text: str, says: str, cli: Cli, tmp_path: Path) -> None:
    bom = tmp_path / "bom.yaml"
    bom.write_text(text)
    result = cli("quote", bom)
    assert (result.code, result.out) == (2, "")
    assert says in result.err
    assert "Traceback" not in result.err


def test_all_faults_at_once_with_their_lines(cli: Cli, tmp_path: Path) -> None:
    bom = tmp_path / "bom.yaml"
    bom.write_text("- {provider: aws}\n\n- {provider: aws, item: y, quantity: 1}\n")
    lines = cli("quote", bom).said
    assert [line.split(": ")[0].rsplit(":", 1)[1] for line in lines] == ["1", "1", "3"]
