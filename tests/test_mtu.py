"""MTU: the published tables row by row, a packet built by hand, and every design's links."""

from __future__ import annotations

import json
from collections import Counter
from itertools import combinations, pairwise
from pathlib import Path
from typing import Any

import networkx as nx
import pytest
from hypothesis import given
from hypothesis import strategies as st

from k8s6plan import catalog
from k8s6plan.decision.metrics.distance import measure_of_mtu
from k8s6plan.errors import InvalidStack, UnknownName
from k8s6plan.evaluation.mtu import (
    Layer,
    LinkClass,
    PathMtu,
    inner_mtu,
    links_of,
    mss,
    wire_bytes,
)
from k8s6plan.evaluation.mtu import mtu_of as mtu_of_topology
from k8s6plan.fleet.file import load
from k8s6plan.fleet.model import Family, Fleet
from k8s6plan.topology.designs import DESIGNS
from k8s6plan.topology.groups import outline_of
from tests.conftest import Cli, Golden
from tests.oracle_graphs import graph_of
from tests.shipped import data_of
from tests.strategies import fleets, for_each_design

ROOT = Path(__file__).parents[1]
DATA = ROOT / "k8s6plan" / "catalog" / "data"
THREE_CLOUDS = ROOT / "examples" / "three-clouds.yaml"
FOUR = ("-d", "hub-and-spoke", "-d", "full-mesh", "-d", "regional-hubs", "-d", "flat-ipv6")

# --- the tables of the providers ------------------------------------------------------------------

SUITES = {
    "gcm": "ipsec-aes-gcm",
    "sha1": "ipsec-aes-cbc-sha1",
    "sha256": "ipsec-aes-cbc-sha256",
    "sha384": "ipsec-aes-cbc-sha384",
    "sha512": "ipsec-aes-cbc-sha512",
}

# awsdocs/aws-site-to-site-vpn-user-guide doc_source/your-cgw.md @ab01e94, 2023-06-15:
# (suite, NAT-T, MTU, MSS over IPv4, MSS over IPv6), over 1500 bytes and IPv4.
AWS_ROWS = [
    ("gcm", False, 1446, 1406, 1386),
    ("gcm", True, 1438, 1398, 1378),
    ("sha256", False, 1438, 1398, 1378),
    ("sha256", True, 1422, 1382, 1362),
    ("sha384", False, 1422, 1382, 1362),
    ("sha384", True, 1422, 1382, 1362),
    ("sha512", False, 1422, 1382, 1362),
    ("sha512", True, 1406, 1366, 1346),
]

# docs.cloud.google.com/network-connectivity/docs/vpn/concepts/mtu-considerations, 2026:
# (suite, outer, payload MTU, formula), over 1460 bytes. Google takes a flat 20 off for IPv6.
GOOGLE_ROWS: list[tuple[str, Family, int, int]] = [
    ("gcm", "ipv4", 1406, 1406),
    ("gcm", "ipv6", 1386, 1386),
    ("sha256", "ipv4", 1390, 1390),
    ("sha256", "ipv6", 1370, 1374),
    ("sha1", "ipv4", 1390, 1390),
    ("sha1", "ipv6", 1370, 1374),
    ("sha512", "ipv4", 1374, 1374),
    ("sha512", "ipv6", 1354, 1358),
]


@pytest.mark.parametrize(("suite", "nat_t", "mtu", "mss_ipv4", "mss_ipv6"), AWS_ROWS)
def test_aws_table(suite: str, nat_t: bool, mtu: int, mss_ipv4: int, mss_ipv6: int) -> None:
    name = SUITES[suite]
    found = inner_mtu(1500, [name], nat_t=nat_t)
    assert (found.mtu, found.mss("ipv4"), found.mss("ipv6")) == (mtu, mss_ipv4, mss_ipv6)
    row = catalog.provider_mtu("aws", f"inner_{name}_ipv4" + "_nat_t" * nat_t)
    assert row is not None
    assert row.value == mtu


@pytest.mark.parametrize(("suite", "outer", "published", "formula"), GOOGLE_ROWS)
def test_google_table(suite: str, outer: Family, published: int, formula: int) -> None:
    name = SUITES[suite]
    assert inner_mtu(1460, [name], outer=outer).mtu == formula
    row = catalog.provider_mtu("gcp", f"inner_{name}_{outer}")
    assert row is not None
    assert row.value == published


@pytest.mark.parametrize("provider", ["aws", "gcp", "azure"])
def test_what_is_published_is_all_in_the_tables(provider: str) -> None:
    """And what differs from the formula says so, in its note."""
    rows = data_of(DATA / "providers" / f"{provider}.yaml")["mtu"]
    published = {key for key in rows if key.startswith("inner_")}
    aws = {f"inner_{SUITES[row[0]]}_ipv4" + "_nat_t" * row[1] for row in AWS_ROWS}
    google = {f"inner_{SUITES[row[0]]}_{row[1]}" for row in GOOGLE_ROWS}
    assert published == {"aws": aws, "gcp": google, "azure": {"inner_ipsec"}}[provider]
    for suite, outer, value, formula in GOOGLE_ROWS if provider == "gcp" else ():
        note = rows[f"inner_{SUITES[suite]}_{outer}"].get("note", "")
        assert (f"the formula gives {formula}" in note) is (value != formula)


@pytest.mark.parametrize(
    ("underlay", "expected"),
    [(1500, (1446, 1438, 1426, 1418)), (9001, (8946, 8938, 8926, 8918))],
)
def test_aes_gcm(underlay: int, expected: tuple[int, ...]) -> None:
    outers: tuple[Family, Family] = ("ipv4", "ipv6")
    found = [
        inner_mtu(underlay, ["ipsec-aes-gcm"], outer=outer, nat_t=nat_t).mtu
        for outer in outers
        for nat_t in (False, True)
    ]
    assert tuple(found) == expected


@pytest.mark.parametrize(
    ("underlay", "layers", "outer", "expected", "breaks"),
    [
        (1500, ["wireguard"], ["ipv4"], 1440, False),
        (1500, ["wireguard"], ["ipv6"], 1420, False),
        (1500, ["wireguard", "vxlan"], ["ipv4"], 1390, False),
        (1500, ["wireguard", "vxlan"], ["ipv6"], 1350, False),
        (1400, ["wireguard", "vxlan"], ["ipv4"], 1290, False),
        (1400, ["wireguard", "vxlan"], ["ipv6"], 1250, True),
        (1406, ["vxlan"], ["ipv6"], 1336, False),
        (1446, ["wireguard", "vxlan"], ["ipv6"], 1296, False),
        (1460, ["ipsec-aes-gcm", "vxlan"], ["ipv4", "ipv6"], 1336, False),
        (1460, ["ipsec-aes-gcm", "wireguard"], ["ipv6", "ipv6"], 1306, False),
        (1460, ["ipsec-aes-gcm", "wireguard", "vxlan"], ["ipv4", "ipv6", "ipv6"], 1256, True),
        (1500, ["ipsec-aes-gcm", "wireguard"], ["ipv4", "ipv4"], 1386, False),
        (8500, ["vxlan"], ["ipv4"], 8450, False),
        (8500, ["wireguard"], ["ipv4"], 8440, False),
    ],
)
def test_stacks(
    underlay: int, layers: list[str], outer: list[Family], expected: int, breaks: bool
) -> None:
    found = inner_mtu(underlay, layers, outer=outer)
    assert found.mtu == expected
    assert bool(found.findings) is breaks
    assert found.overhead_bytes == underlay - expected  # nothing is lost to padding in these
    assert found.overhead_share == pytest.approx(1 - expected / underlay)


# --- an oracle: the packet, built -----------------------------------------------------------------

PLAIN = {
    ("wireguard", "ipv4"): 60,
    ("wireguard", "ipv6"): 80,
    ("vxlan", "ipv4"): 50,
    ("vxlan", "ipv6"): 70,
    ("geneve", "ipv4"): 50,
    ("geneve", "ipv6"): 70,
    ("gre", "ipv4"): 24,
    ("gre", "ipv6"): 44,
    ("ip6tnl", "ipv6"): 40,
}
BLOCKS = {  # block, initialisation vector, check value
    "ipsec-aes-gcm": (4, 8, 16),
    "ipsec-aes-cbc-sha1": (16, 16, 12),
    "ipsec-aes-cbc-sha256": (16, 16, 16),
    "ipsec-aes-cbc-sha384": (16, 16, 24),
    "ipsec-aes-cbc-sha512": (16, 16, 32),
}
LAYERS = st.one_of(
    st.sampled_from(sorted(PLAIN)).map(lambda key: Layer(key[0], key[1])),  # type: ignore[arg-type]
    st.builds(
        Layer, st.sampled_from(sorted(BLOCKS)), st.sampled_from(["ipv4", "ipv6"]), st.just(False)
    ),
)


def built(packet: int, layer: Layer) -> int:
    """Return the bytes of a packet once it is wrapped, header by header."""
    if layer.encapsulation not in BLOCKS:
        return packet + PLAIN[layer.encapsulation, layer.outer]
    block, vector, check = BLOCKS[layer.encapsulation]
    secret = packet + 1 + 1  # pad length, next header
    while secret % block:
        secret += 1
    udp = 8 if layer.nat_t else 0
    return (20 if layer.outer == "ipv4" else 40) + udp + 4 + 4 + vector + secret + check


@given(st.integers(700, 9500), st.lists(LAYERS, min_size=1, max_size=3), st.booleans())
def test_the_largest_packet_fits_and_one_byte_more_does_not(
    underlay: int, layers: list[Layer], nat_t: bool
) -> None:
    nat_t = nat_t and layers[0].encapsulation in BLOCKS
    found = inner_mtu(
        underlay,
        [layer.encapsulation for layer in layers],
        outer=[layer.outer for layer in layers],
        nat_t=nat_t,
    )
    wrapped = [layers[0]._replace(nat_t=nat_t), *layers[1:]]

    def on_the_wire(packet: int) -> int:
        for layer in reversed(wrapped):
            packet = built(packet, layer)
        return packet

    assert on_the_wire(found.mtu) <= underlay < on_the_wire(found.mtu + 1)
    assert wire_bytes(found.mtu, wrapped) == on_the_wire(found.mtu)
    assert found.overhead_bytes == on_the_wire(found.mtu) - found.mtu


@given(st.integers(1280, 9001), st.lists(LAYERS, max_size=3))
def test_ipv6_below_1280_is_always_a_finding(underlay: int, layers: list[Layer]) -> None:
    found = inner_mtu(
        underlay,
        [layer.encapsulation for layer in layers],
        outer=[layer.outer for layer in layers],
    )
    steps = [underlay]
    for layer in layers:
        steps.append(inner_mtu(steps[-1], [layer.encapsulation], outer=layer.outer).mtu)
    carries_ipv6 = [layer.outer == "ipv6" for layer in layers] + ["ipv6" in found.carries]
    broken = [mtu for mtu, ipv6 in zip(steps, carries_ipv6, strict=True) if ipv6 and mtu < 1280]
    assert len(found.findings) == len(broken)
    assert all(str(mtu) in text for mtu, text in zip(broken, found.findings, strict=True))


# --- what cannot be -------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("layers", "outer", "nat_t", "says"),
    [
        (["ipip"], "ipv6", False, "ipip has no IPv6 header outside; take IPv4"),
        (["ip6tnl"], "ipv4", False, "ip6tnl has no IPv4 header outside; take IPv6"),
        (["wireguard"], "ipv4", True, "NAT-T is for IPsec"),
        (["vxlan", "ipsec-aes-gcm"], "ipv4", True, "NAT-T is for IPsec"),
        (["6in4", "vxlan"], "ipv4", False, "6in4 carries no IPv4, which vxlan has outside"),
        (["vxlan"], ["ipv4", "ipv6"], False, "1 encapsulations and 2 outer families"),
        (["wireguard"] * 25, "ipv4", False, "an underlay of 1500 bytes is too small"),
    ],
)
def test_impossible_stacks(layers: list[str], outer: Any, nat_t: bool, says: str) -> None:
    with pytest.raises(InvalidStack, match=says):
        inner_mtu(1500, layers, outer=outer, nat_t=nat_t)


def test_unknown_encapsulation() -> None:
    with pytest.raises(
        UnknownName, match='no encapsulation is named "vxlam"; did you mean "vxlan"'
    ):
        inner_mtu(1500, ["vxlam"], nat_t=True)


def test_what_is_not_carried_has_no_segment() -> None:
    assert inner_mtu(1500, ["6in4"]).mss("ipv4") is None
    assert inner_mtu(1500, ["6in4"]).mss("ipv6") == 1420
    assert inner_mtu(1280, ["ipip"]).findings == ()  # IPv4 alone, so 1260 bytes are enough
    assert mss(1500, "ipv4") == 1460


# --- fleets ---------------------------------------------------------------------------------------


def mtu_of(design: str, fleet: Fleet, **options: Any) -> PathMtu:
    return mtu_of_topology(DESIGNS[design].of(outline_of(fleet)), **options)


def links_of_graph(graph: nx.Graph[str]) -> Counter[LinkClass]:
    """Count the edges of a graph, one by one."""
    found: Counter[LinkClass] = Counter()
    for one, other, data in graph.edges(data=True):
        ends = [graph.nodes[vertex] for vertex in (one, other)]
        if data["kind"] == "routed":
            (site,) = (end for end in ends if end["kind"] != "underlay")
            found[LinkClass("routed", site["provider"], "internet")] += 1
            continue
        first, second = sorted((end["provider"], end["region"] or "") for end in ends)
        apart = data["kind"] == "peering" and (first != second or not first[1])
        own = "wireguard" if graph.graph["design"] == "overlay-mesh" else ""
        found[LinkClass(data["kind"], first[0], second[0], apart, own)] += 1
    return found


@pytest.mark.slow
@given(fleets())
@for_each_design
def test_links_agree_with_the_graph(design: str, fleet: Fleet) -> None:
    found = links_of(DESIGNS[design].of(outline_of(fleet)))
    assert found == links_of_graph(graph_of(design, fleet))


def path_mtus(graph: nx.Graph[str], report: PathMtu) -> list[int]:
    """Return the MTU of the path of each pair of sites, link by link."""
    sizes = {(link.kind, link.one, link.other, link.between_regions): link for link in report.links}
    ends = {
        vertex: (data.get("provider"), data.get("region")) for vertex, data in graph.nodes.items()
    }

    def size(one: str, other: str) -> int:
        kind = graph.edges[one, other]["kind"]
        if kind == "routed":
            provider = ends[one][0] or ends[other][0]
            link = sizes[kind, str(provider), "internet", False]
        else:
            first, second = sorted((str(ends[one][0]), str(ends[other][0])))
            apart = kind == "peering" and (ends[one] != ends[other] or not ends[one][1])
            link = sizes[kind, first, second, apart]
        assert link.mtu is not None
        return link.mtu

    sites = [vertex for vertex, data in graph.nodes.items() if data["kind"] == "site"]
    return [
        min(size(a, b) for a, b in pairwise(path))
        for one, other in combinations(sites, 2)
        if nx.has_path(graph, one, other)
        for path in [nx.shortest_path(graph, one, other)]
    ]


@pytest.mark.slow
@given(fleets(), st.sampled_from(["ipsec-aes-gcm", "wireguard"]))
@for_each_design
def test_smallest_path_mtu_is_that_of_some_pair(
    design: str, fleet: Fleet, encapsulation: str
) -> None:
    graph = graph_of(design, fleet)
    report = mtu_of(design, fleet, encapsulations=[encapsulation], underlay=1492)
    pairs = path_mtus(graph, report)
    if pairs:
        assert report.mtu == min(pairs)
        assert not report.unknown


def by_name(report: PathMtu) -> dict[str, int | None]:
    return {link.name: link.mtu for link in report.links}


def test_three_clouds() -> None:
    fleet = load(THREE_CLOUDS)
    assert by_name(mtu_of("full-mesh", fleet)) == {
        "peering aws": 9001,
        "peering aws between regions": 8500,
        "peering azure": 1400,
        "peering azure between regions": 1400,
        "peering gcp": 1460,
        "peering gcp between regions": 1460,
        "tunnel aws - azure": 1400,
        "tunnel aws - gcp": 1406,
        "tunnel aws - on-prem": 1446,
        "tunnel azure - gcp": 1400,
        "tunnel azure - on-prem": 1400,
        "tunnel gcp - on-prem": 1406,
    }
    flat = mtu_of("flat-ipv6", fleet)
    assert (flat.mtu, flat.mss) == (1400, {"ipv6": 1340})
    wireguard = by_name(mtu_of("full-mesh", fleet, encapsulations=["wireguard"]))
    assert wireguard["tunnel aws - azure"] == 1340  # Calico publishes the same for AKS
    assert wireguard["tunnel gcp - on-prem"] == 1400


def test_published_figures_come_before_the_formula() -> None:
    fleet = load(THREE_CLOUDS)
    found = by_name(
        mtu_of("full-mesh", fleet, encapsulations=["ipsec-aes-cbc-sha256"], outer="ipv6")
    )
    assert found["tunnel gcp - on-prem"] == 1370
    assert found["tunnel aws - on-prem"] == 1406  # AWS publishes none for IPv6 outside


def test_azure_says_what_to_clamp_to() -> None:
    rows = {link.name: link for link in mtu_of("full-mesh", load(THREE_CLOUDS)).links}
    assert rows["tunnel azure - on-prem"].mss == {"ipv4": 1350, "ipv6": 1340}
    assert rows["tunnel aws - on-prem"].mss == {"ipv4": 1406, "ipv6": 1386}
    stacked = mtu_of("full-mesh", load(THREE_CLOUDS), encapsulations=["ipsec-aes-gcm", "gre"])
    assert {link.name: link.mss["ipv4"] for link in stacked.links}["tunnel azure - on-prem"] == 1336


def two(*providers: str, encapsulation: str = "wireguard") -> Fleet:
    return Fleet.model_validate(
        {
            "fleet": "two",
            "clusters": [
                {"name": f"c{n}", "provider": provider, "region": "r", "site": f"s{n}"}
                for n, provider in enumerate(providers)
            ],
            "connect": {"encapsulation": encapsulation},
            "demands": [{"from": "all", "to": "all", "gb_per_month": 1}],
        }
    )


def test_unknown_underlay_is_unknown() -> None:
    report = mtu_of("full-mesh", two("hetzner", "aws", "on-prem"))
    assert by_name(report)["tunnel aws - hetzner"] is None
    assert report.mtu == 1440
    told = measure_of_mtu(report)
    assert (told.value, told.unit) == (1440, "bytes")
    assert told.note == "at most; unknown: tunnel aws - hetzner, tunnel hetzner - on-prem"
    assert measure_of_mtu(mtu_of("full-mesh", two("hetzner", "aws"))).value is None
    assert mtu_of("full-mesh", two("hetzner", "aws"), underlay=1450).mtu == 1390


def test_findings_name_the_link() -> None:
    fleet = two("azure", "on-prem")
    report = mtu_of("full-mesh", fleet, encapsulations=["wireguard", "vxlan"], outer="ipv6")
    says = (
        "tunnel azure - on-prem: 1250 bytes are left inside vxlan over wireguard, "
        "and IPv6 needs 1280"
    )
    assert report.findings == (says,)
    assert says in measure_of_mtu(report).note
    routed = mtu_of("flat-ipv6", two("nobody", "on-prem"), underlay=1200)
    assert routed.findings == (
        "routed nobody - internet: 1200 bytes are left, and IPv6 needs 1280",
    )


def test_nothing_to_join() -> None:
    assert (
        measure_of_mtu(mtu_of("full-mesh", two("aws"))).note
        == "no two clusters lie in different sites"
    )


@pytest.mark.slow
@pytest.mark.parametrize("design", DESIGNS)
def test_ten_thousand_sites_need_no_graph(design: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(nx, "Graph", None)
    fleet = two(*["aws", "gcp", "on-prem", "azure"] * 2500)
    assert mtu_of(design, fleet).mtu is not None


def test_gateways_that_mesh_themselves_have_an_encapsulation_of_their_own() -> None:
    """Nothing that a provider publishes of its VPN holds for them, and they need no NAT-T."""
    fleet = two("aws", "azure", encapsulation="ipsec-aes-gcm")
    assert by_name(mtu_of("overlay-mesh", fleet)) == {"tunnel aws - azure": 1340}
    assert mtu_of("overlay-mesh", fleet, nat_t=True) == mtu_of("overlay-mesh", fleet)
    assert mtu_of("overlay-mesh", fleet, outer="ipv6").mtu == 1320
    asked = mtu_of("overlay-mesh", fleet, encapsulations=["ipsec-aes-gcm"])
    assert asked.mtu == mtu_of("full-mesh", fleet).mtu == 1400


def test_managed_hubs_end_attachments_and_tunnels() -> None:
    clusters = [
        {"name": "a", "provider": "aws", "region": "us-east-1"},
        {"name": "b", "provider": "on-prem", "site": "b"},
    ]
    report = mtu_of("managed-hub", Fleet.model_validate({"fleet": "f", "clusters": clusters}))
    assert by_name(report) == {"attachment aws": 8500, "tunnel aws - on-prem": 1446}
    assert report.mtu == 1446


# --- the command ----------------------------------------------------------------------------------

QUESTION = ("mtu", "--underlay", "1400", "-e", "wireguard", "-e", "vxlan", "--outer", "ipv6")


@pytest.mark.parametrize("form", ["table", "json"])
def test_mtu_of_a_fleet(cli: Cli, golden: Golden, form: str) -> None:
    result = cli("mtu", THREE_CLOUDS, "--format", form, *FOUR)
    assert (result.code, result.err) == (0, "")
    golden(ROOT / "tests" / "golden" / "mtu" / f"three-clouds.{form}.txt", result.out)


@pytest.mark.parametrize("form", ["table", "json"])
def test_mtu_of_a_stack(cli: Cli, golden: Golden, form: str) -> None:
    result = cli(*QUESTION, "--format", form)
    assert (result.code, result.err) == (0, "")
    golden(ROOT / "tests" / "golden" / "mtu" / f"stack.{form}.txt", result.out)


def test_every_key_of_the_json_is_documented(cli: Cli) -> None:
    text = (ROOT / "docs" / "reference" / "encapsulations.md").read_text("utf-8")
    one = json.loads(cli(*QUESTION, "-f", "json").out)
    data = json.loads(cli("mtu", THREE_CLOUDS, "-f", "json").out)
    report = data["designs"]["full-mesh"]
    parts = [one, *one["layers"], one["mss"], data, report, *report["links"]]
    assert {key for part in parts for key in part if f"`{key}`" not in text} == set()


def test_findings_can_fail(cli: Cli) -> None:
    assert cli(*QUESTION, "--fail-on-findings").code == 1
    assert cli("mtu", "-e", "wireguard", "--fail-on-findings").code == 0
    azure = ("mtu", THREE_CLOUDS, "-e", "wireguard", "-e", "vxlan", "--outer", "ipv6")
    result = cli(*azure, "-d", "full-mesh", "--fail-on-findings")
    assert result.code == 1
    assert result.out.count("warning: full-mesh: tunnel ") == 3  # those that end in Azure


def test_a_question_needs_no_options(cli: Cli) -> None:
    result = cli("mtu", "--encapsulation", "ipsec-aes-gcm", "--nat-t", "-f", "json")
    data = json.loads(result.out)
    assert (data["underlay"], data["mtu"], data["mss"]) == (
        1500,
        1438,
        {"ipv4": 1398, "ipv6": 1378},
    )


@pytest.mark.parametrize(
    ("words", "says"),
    [
        (("-e", "wiregard"), 'no encapsulation is named "wiregard"; did you mean "wireguard"?'),
        (("-e", "wireguard", "--nat-t"), "NAT-T is for IPsec"),
        (("-e", "wireguard", "--underlay", "100"), "is too small for wireguard: 40 bytes are left"),
        (("-d", "full-mesh", "no-such-fleet.yaml"), "no-such-fleet.yaml"),
        ((str(THREE_CLOUDS), "-d", "mesh"), 'no design is named "mesh"'),
    ],
)
def test_bad_usage_is_one_line(cli: Cli, words: tuple[str, ...], says: str) -> None:
    result = cli("mtu", *words)
    assert (result.code, result.out) == (2, "")
    assert len(result.said) == 1
    assert says in result.said[0]
