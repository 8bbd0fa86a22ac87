"""The decision sheet: the definitions' third column, the marks, the sentences."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from k8s6plan.decision.compare import Comparison, compare
from k8s6plan.decision.metrics import METRICS, Value
from k8s6plan.fleet.file import load as load_file
from k8s6plan.topology.groups import outline_of, outline_of_count
from tests.strategies import load

EXAMPLES = Path(__file__).parent.parent / "examples"
MESH, HUB, REGIONAL, FLAT = "full-mesh", "hub-and-spoke", "regional-hubs", "flat-ipv6"
MANAGED, OVERLAY, DEMANDED = "managed-hub", "overlay-mesh", "as-demanded"


def values(comparison: Comparison, metric: str) -> tuple[Value, Value, Value]:
    """Return the metric for full mesh, hub-and-spoke and flat IPv6, as definitions order them."""
    return tuple(comparison.table[design][metric].value for design in (MESH, HUB, FLAT))  # type: ignore[return-value]


@pytest.mark.parametrize("n", [2, 3, 10, 50])
def test_metrics_are_those_of_the_definitions(n: int) -> None:
    sheet = compare(outline_of_count(n))
    pairs, links = n * (n - 1) // 2, n - 1
    expected: dict[str, tuple[Value, Value, Value]] = {
        "tunnels": (pairs, n - 1, 0),
        "peerings": (0, 0, 0),
        "attachments": (0, 0, 0),
        "gateways": (n, n, 0),
        "busiest_gateway_tunnels": (n - 1, n - 1, 0),
        "routes_per_cluster": (n - 1, n - 1, 1),
        "firewall_entries_per_cluster": (2, 2, n - 1),
        "keys": (pairs, n - 1, 0),
        "key_rotations_per_year": (pairs, n - 1, 0),
        "edits_for_next_cluster": (2 * n, 2, n + 1),
        # Nothing is known of providers without names.
        "cost_per_month": (None, None, None),
        "baseline_per_month": (None, None, None),
        "usage_per_month": (None, None, None),
        "build_once": (None, None, None),
        "limits_exceeded": (None, None, None),
        "first_quota_at": (None, None, None),
        "first_limit_at": (None, None, None),
        "links_added_by_next_cluster": (n, 1, 0),
        "sites_touched_by_next_cluster": (n, 1, n),
        "mean_hops": (1.0, 2 - links / pairs, 1.0),
        "max_hops": (1, 1 if n == 2 else 2, 1),
        "encrypted": ("all", "all", "none"),
        "feasible": (True, True, True),
    }
    assert set(expected) == {key for key, metric in METRICS.items() if not metric.full}
    for metric, wanted in expected.items():
        found = values(sheet, metric)
        assert found == (wanted if None in wanted else pytest.approx(wanted)), metric


@pytest.mark.parametrize("n", [0, 1])
def test_without_pairs_hops_are_unknown_and_say_why(n: int) -> None:
    sheet = compare(outline_of_count(n))
    for design in sheet.table:
        for metric in ("mean_hops", "max_hops", "encrypted"):
            measure = sheet.table[design][metric]
            assert measure.value is None
            assert measure.note
        assert sheet.best["mean_hops"] == ()
    assert values(sheet, "tunnels") == (0, 0, 0)


def test_redundancy_multiplies_tunnels_and_keys_and_not_links() -> None:
    once, twice = (compare(outline_of_count(9, tunnels_per_link=r)) for r in (1, 2))
    for metric in ("tunnels", "keys", "busiest_gateway_tunnels"):
        assert values(twice, metric)[:2] == tuple(2 * v for v in values(once, metric)[:2])  # type: ignore[operator]
    assert values(twice, "links_added_by_next_cluster") == values(
        once, "links_added_by_next_cluster"
    )


@pytest.mark.parametrize(
    ("encapsulation", "keys", "encrypted"),
    [("ipsec-aes-gcm", 6, "all"), ("wireguard", 4, "all"), ("vxlan", 0, "none")],
)
def test_keys_and_encryption_follow_the_encapsulation(
    encapsulation: str, keys: int, encrypted: str
) -> None:
    sheet = compare(outline_of_count(4, encapsulation=encapsulation))
    assert sheet.table[MESH]["keys"].value == keys
    assert sheet.table[MESH]["encrypted"].value == encrypted


def test_nothing_is_best_where_no_design_joins_every_cluster() -> None:
    pods = {"pods": ["10.4.0.0/16", "fd00:4::/64"]}
    clusters = [
        {"name": name, "provider": "x", "region": name, "addresses": pods} for name in ("a", "b")
    ]
    sheet = compare(outline_of(load({"version": 1, "fleet": "f", "clusters": clusters})))
    assert not any(column["feasible"].value for column in sheet.table.values())
    assert sheet.best["feasible"] == ()
    assert FLAT in sheet.best["tunnels"]  # a nought is a value


def test_ties_for_best_are_all_marked() -> None:
    sheet = compare(outline_of_count(10))
    assert sheet.best["max_hops"] == (MESH, FLAT, REGIONAL, MANAGED, OVERLAY)
    assert sheet.best["tunnels"] == (FLAT,)
    assert sheet.best["encrypted"] == (HUB, MESH, REGIONAL, MANAGED, OVERLAY)
    assert sheet.best["sites_touched_by_next_cluster"] == (OVERLAY,)


def test_wikimedia_is_one_tunnel_or_none() -> None:
    sheet = compare(outline_of(load_file(EXAMPLES / "wikimedia.yaml")))
    assert (sheet.clusters, sheet.sites) == (9, 2)
    assert values(sheet, "tunnels") == (1, 1, 0)
    assert values(sheet, "routes_per_cluster") == (5, 5, 1)
    assert values(sheet, "firewall_entries_per_cluster")[2] == 1
    assert values(sheet, "sites_touched_by_next_cluster") == (2, 1, 0)
    assert sheet.advice[-1].startswith("Look at flat-ipv6 first")


def test_three_clouds_by_hand() -> None:
    """Eleven sites: 4 AWS, 3 Google, 3 Azure, 1 on-prem; two tunnels a link; hub on AWS."""
    sheet = compare(outline_of(load_file(EXAMPLES / "three-clouds.yaml")))
    assert values(sheet, "peerings") == (6 + 3 + 3, 0, 0)
    assert values(sheet, "tunnels") == (2 * (55 - 12), 2 * (10 - 3), 0)
    assert values(sheet, "attachments") == (0, 3, 0)
    assert sheet.table[FLAT]["feasible"].value is False
    assert "prod-eus, prod-weu, stg-weu" in sheet.table[FLAT]["feasible"].note
    assert FLAT not in sheet.advice[-1].split(":")[0]


def clusters(count: int, **fields: Any) -> list[dict[str, Any]]:
    return [{"name": f"c{n}", "provider": f"p{n}", "region": "r", **fields} for n in range(count)]


@pytest.mark.parametrize(
    ("fleet", "first"),
    [
        ({"clusters": clusters(4)}, MESH),
        ({"clusters": clusters(9)}, HUB),
        ({"clusters": clusters(9), "ipv6": "2a00:100::/32"}, FLAT),
        (
            {
                "clusters": clusters(9, platform="aks", cni_mode="pod-subnet"),
                "ipv6": "2a00:100::/32",
            },
            HUB,
        ),
    ],
)
def test_first_look_follows_its_rules(fleet: dict[str, Any], first: str) -> None:
    sheet = compare(outline_of(load({"version": 1, "fleet": "f", **fleet})))
    assert sheet.advice[-1].startswith(f"Look at {first} first")


def test_only_the_designs_asked_for_once_each() -> None:
    assert list(compare(outline_of_count(3), [FLAT, MESH, FLAT]).table) == [FLAT, MESH]


def test_widest_gap_is_named_with_both_ends() -> None:
    sheet = compare(outline_of_count(50), [MESH, HUB])
    assert "They differ most in links added by next cluster: 50 with full-mesh, 1 with " in (
        " ".join(sheet.advice)
    )
