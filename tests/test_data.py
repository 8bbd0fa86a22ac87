"""The figures of the data files: they add up, and agree with what others publish.

That every row is whole is what tests/test_schema.py holds.
"""

from __future__ import annotations

from ipaddress import ip_network
from itertools import combinations
from pathlib import Path
from typing import Any

import pytest
import yaml
import yaml_rs

from k8s6plan.catalog import names
from tests.shipped import data_of

ROOT = Path(__file__).parent.parent
DATA = ROOT / "k8s6plan" / "catalog" / "data"
DATA_FILES = sorted(DATA.rglob("*.yaml"))
PROVIDER_FILES = sorted((DATA / "providers").glob("*.yaml"))
EXAMPLE_FILES = sorted((ROOT / "examples").glob("*.yaml"))


def _name(path: Path) -> str:
    return str(path.relative_to(ROOT))


def _load(path: Path) -> Any:
    return data_of(path)


def test_the_files_are_there() -> None:
    assert {"special_prefixes.yaml", "encapsulations.yaml", "platforms.yaml"} <= {
        path.name for path in DATA_FILES
    }
    assert {path.stem for path in PROVIDER_FILES} >= {
        "aws",
        "azure",
        "digitalocean",
        "gcp",
        "hetzner",
        "oci",
        "on-prem",
    }
    assert EXAMPLE_FILES


@pytest.mark.parametrize("path", DATA_FILES + EXAMPLE_FILES, ids=_name)
def test_every_reader_reads_the_same(path: Path) -> None:
    """A bare address, a doubled key or a date without quotes would be read in two ways."""
    text = path.read_text("utf-8")
    assert yaml_rs.loads(text, parse_datetime=False) == yaml.safe_load(text)


@pytest.mark.parametrize("path", DATA_FILES + EXAMPLE_FILES, ids=_name)
def test_addresses_are_quoted(path: Path) -> None:
    nodes = [yaml.compose(path.read_text("utf-8"), Loader=yaml.SafeLoader)]
    while nodes:
        node = nodes.pop()
        if isinstance(node, yaml.ScalarNode):
            bare = node.style is None and _is_prefix(str(node.value))
            assert not bare, f"line {node.start_mark.line + 1}: {node.value}"
        elif isinstance(node, yaml.SequenceNode):
            nodes.extend(node.value)
        elif isinstance(node, yaml.MappingNode):
            nodes.extend(part for pair in node.value for part in pair)


def _is_prefix(text: str) -> bool:
    if not ("." in text or ":" in text):
        return False
    try:
        ip_network(text, strict=False)
    except ValueError:
        return False
    return True


# --- special prefixes


def _special_rows() -> list[dict[str, Any]]:
    rows = _load(DATA / "special_prefixes.yaml")["special_prefixes"]
    assert isinstance(rows, list)
    return rows


def test_special_prefixes_are_sorted_and_apart() -> None:
    networks = [ip_network(row["prefix"]) for row in _special_rows()]
    keys = [(net.version, int(net.network_address), net.prefixlen) for net in networks]
    assert keys == sorted(keys)
    for one, other in combinations(networks, 2):
        assert one.version != other.version or not one.overlaps(other), f"{one} and {other}"


@pytest.mark.parametrize(
    "address",
    [
        "0.0.0.1",
        "127.0.0.1",
        "169.254.169.254",
        "192.0.2.1",
        "198.19.0.1",
        "224.0.0.1",
        "255.255.255.255",
        "::",
        "::1",
        "::ffff:10.0.0.1",
        "64:ff9b::1",
        "100::1",
        "2001::1",
        "2001:db8::1",
        "2002::1",
        "3fff::1",
        "5f00::1",
        "fc00::1",
        "fe80::1",
        "fec0::1",
        "ff02::1",
    ],
)
def test_special_prefixes_cover(address: str) -> None:
    at = ip_network(address)
    found = [ip_network(row["prefix"]) for row in _special_rows()]
    assert any(net.version == at.version and net.overlaps(at) for net in found)


@pytest.mark.parametrize(
    "prefix",
    [
        "10.0.0.0/8",
        "100.64.0.0/10",
        "172.16.0.0/12",
        "192.168.0.0/16",
        "34.118.224.0/20",
        "fd00::/8",
        "2600::/12",
        "2620:0:860::/46",
    ],
)
def test_special_prefixes_leave_free_what_clusters_use(prefix: str) -> None:
    used = ip_network(prefix)
    for row in _special_rows():
        special = ip_network(row["prefix"])
        assert special.version != used.version or not special.overlaps(used), row["prefix"]


# --- encapsulations

UNDERLAYS = (1280, 1400, 1460, 1500, 8500, 8896, 9001)

# name, outer family, NAT-T: inner MTU over each of UNDERLAYS
IPSEC_INNER_MTU = {
    ("ipsec-aes-gcm", "ipv4", False): (1226, 1346, 1406, 1446, 8446, 8842, 8946),
    ("ipsec-aes-gcm", "ipv4", True): (1218, 1338, 1398, 1438, 8438, 8834, 8938),
    ("ipsec-aes-gcm", "ipv6", False): (1206, 1326, 1386, 1426, 8426, 8822, 8926),
    ("ipsec-aes-gcm", "ipv6", True): (1198, 1318, 1378, 1418, 8418, 8814, 8918),
    ("ipsec-aes-cbc-sha1", "ipv4", False): (1214, 1342, 1390, 1438, 8430, 8830, 8942),
    ("ipsec-aes-cbc-sha1", "ipv4", True): (1214, 1326, 1390, 1422, 8430, 8830, 8926),
    ("ipsec-aes-cbc-sha1", "ipv6", False): (1198, 1310, 1374, 1422, 8414, 8814, 8910),
    ("ipsec-aes-cbc-sha1", "ipv6", True): (1182, 1310, 1374, 1406, 8414, 8798, 8910),
    ("ipsec-aes-cbc-sha256", "ipv4", False): (1214, 1326, 1390, 1438, 8430, 8830, 8926),
    ("ipsec-aes-cbc-sha256", "ipv4", True): (1198, 1326, 1390, 1422, 8430, 8814, 8926),
    ("ipsec-aes-cbc-sha256", "ipv6", False): (1198, 1310, 1374, 1406, 8414, 8814, 8910),
    ("ipsec-aes-cbc-sha256", "ipv6", True): (1182, 1310, 1358, 1406, 8398, 8798, 8910),
    ("ipsec-aes-cbc-sha384", "ipv4", False): (1198, 1326, 1390, 1422, 8430, 8814, 8926),
    ("ipsec-aes-cbc-sha384", "ipv4", True): (1198, 1310, 1374, 1422, 8414, 8814, 8910),
    ("ipsec-aes-cbc-sha384", "ipv6", False): (1182, 1310, 1358, 1406, 8398, 8798, 8910),
    ("ipsec-aes-cbc-sha384", "ipv6", True): (1182, 1294, 1358, 1390, 8398, 8798, 8894),
    ("ipsec-aes-cbc-sha512", "ipv4", False): (1198, 1310, 1374, 1422, 8414, 8814, 8910),
    ("ipsec-aes-cbc-sha512", "ipv4", True): (1182, 1310, 1374, 1406, 8414, 8798, 8910),
    ("ipsec-aes-cbc-sha512", "ipv6", False): (1182, 1294, 1358, 1390, 8398, 8798, 8894),
    ("ipsec-aes-cbc-sha512", "ipv6", True): (1166, 1294, 1342, 1390, 8382, 8782, 8894),
}

# What the providers publish: (name, outer family, NAT-T, underlay, inner MTU).
# AWS: awsdocs/aws-site-to-site-vpn-user-guide doc_source/your-cgw.md @ab01e94, 2023-06-15.
# Google: docs.cloud.google.com/network-connectivity/docs/vpn/concepts/mtu-considerations, 2026.
# Google's CBC figures for IPv6 gateways are a flat 20 less than for IPv4, not the formula's.
PUBLISHED_INNER_MTU = [
    ("ipsec-aes-gcm", "ipv4", False, 1500, 1446),
    ("ipsec-aes-gcm", "ipv4", True, 1500, 1438),
    ("ipsec-aes-cbc-sha256", "ipv4", False, 1500, 1438),
    ("ipsec-aes-cbc-sha256", "ipv4", True, 1500, 1422),
    ("ipsec-aes-cbc-sha384", "ipv4", False, 1500, 1422),
    ("ipsec-aes-cbc-sha384", "ipv4", True, 1500, 1422),
    ("ipsec-aes-cbc-sha512", "ipv4", False, 1500, 1422),
    ("ipsec-aes-cbc-sha512", "ipv4", True, 1500, 1406),
    ("ipsec-aes-gcm", "ipv4", False, 1460, 1406),
    ("ipsec-aes-gcm", "ipv6", False, 1460, 1386),
    ("ipsec-aes-cbc-sha1", "ipv4", False, 1460, 1390),
    ("ipsec-aes-cbc-sha256", "ipv4", False, 1460, 1390),
    ("ipsec-aes-cbc-sha512", "ipv4", False, 1460, 1374),
]

# tigera/docs calico/networking/configuring/mtu.mdx @f2a2762: (name, outer family, underlay, MTU)
CALICO_INNER_MTU = [
    (name, family, underlay, underlay - overhead)
    for underlay in (1460, 1500, 9000, 9001)
    for name, family, overhead in [
        ("ipip", "ipv4", 20),
        ("vxlan", "ipv4", 50),
        ("vxlan", "ipv6", 70),
        ("wireguard", "ipv4", 60),
        ("wireguard", "ipv6", 80),
    ]
]


def _encapsulations() -> dict[str, dict[str, Any]]:
    found = _load(DATA / "encapsulations.yaml")["encapsulations"]
    assert isinstance(found, dict)
    return found


def _ipsec_inner_mtu(name: str, outer: str, nat_t: bool, underlay: int) -> int:
    data = _load(DATA / "encapsulations.yaml")
    head = {key: row["value"] for key, row in data["headers"].items()}
    row = data["encapsulations"][name]
    iv, icv, align = (row[key]["value"] for key in ("iv_bytes", "icv_bytes", "align_bytes"))
    room = underlay - head[outer] - (head["nat_t"] if nat_t else 0) - head["esp"] - iv - icv
    return int(room // align * align - head["trailer"])


@pytest.mark.parametrize(("name", "outer", "nat_t"), IPSEC_INNER_MTU)
def test_ipsec_ingredients_give_the_inner_mtu(name: str, outer: str, nat_t: bool) -> None:
    computed = tuple(_ipsec_inner_mtu(name, outer, nat_t, underlay) for underlay in UNDERLAYS)
    assert computed == IPSEC_INNER_MTU[name, outer, nat_t]


@pytest.mark.parametrize(("name", "outer", "nat_t", "underlay", "inner"), PUBLISHED_INNER_MTU)
def test_ipsec_agrees_with_what_providers_publish(
    name: str, outer: str, nat_t: bool, underlay: int, inner: int
) -> None:
    assert _ipsec_inner_mtu(name, outer, nat_t, underlay) == inner


@pytest.mark.parametrize(("name", "outer", "underlay", "inner"), CALICO_INNER_MTU)
def test_plain_overheads_agree_with_calico(
    name: str, outer: str, underlay: int, inner: int
) -> None:
    assert underlay - _encapsulations()[name]["overhead_bytes"][outer]["value"] == inner


@pytest.mark.parametrize(
    ("name", "ipv4", "ipv6"),
    [
        ("wireguard", 60, 80),
        ("vxlan", 50, 70),
        ("geneve", 50, 70),
        ("gre", 24, 44),
        ("gre-key", 28, 48),
        ("ipip", 20, None),
        ("6in4", 20, None),
        ("ip6tnl", None, 40),
    ],
)
def test_plain_overheads(name: str, ipv4: int | None, ipv6: int | None) -> None:
    overheads = _encapsulations()[name]["overhead_bytes"]
    expected = {"ipv4": ipv4, "ipv6": ipv6}
    assert {family: row["value"] for family, row in overheads.items()} == {
        family: value for family, value in expected.items() if value is not None
    }
    for row in overheads.values():
        # The note is the sum in words: "IPv4 20 + UDP 8 + ..., without ...".
        terms = row["note"].partition(",")[0].split(" + ")
        assert sum(int(term.split()[-1]) for term in terms) == row["value"], row["note"]


def test_encryption_goes_with_keys() -> None:
    for name, row in _encapsulations().items():
        secret = name.startswith("ipsec-") or name == "wireguard"
        assert row["encrypted"] is secret, name
        assert row["key_per"] == (
            "tunnel" if name.startswith("ipsec-") else "gateway" if secret else "none"
        ), name


# --- platforms and providers


@pytest.mark.parametrize(
    ("kind", "name", "key", "value"),
    [
        ("platforms", "kubernetes", "node_mask_ipv4", 24),
        ("platforms", "kubernetes", "node_mask_ipv6", 64),
        ("platforms", "kubernetes", "node_bits_max_ipv6", 16),
        ("platforms", "kubeadm", "node_bits_max_ipv4", 16),
        ("platforms", "eks", "node_mask_ipv6", 80),
        ("platforms", "gke", "node_mask_ipv6", 112),
        ("platforms", "aks", "node_mask_ipv4", 24),
        ("platforms", "openshift", "node_mask_ipv4", 23),
        ("cnis", "cilium", "node_mask_ipv6", 120),
        ("cnis", "calico", "node_mask_ipv4", 26),
        ("cnis", "calico", "node_mask_ipv6", 122),
        ("cnis", "calico", "blocks_per_node", "many"),
        ("cnis", "flannel", "node_mask_ipv6", 64),
        ("cnis", "aws-vpc-cni", "pods_inside_nodes", True),
    ],
)
def test_platform_rows(kind: str, name: str, key: str, value: object) -> None:
    assert _load(DATA / "platforms.yaml")[kind][name][key]["value"] == value


def test_default_prefixes_fit_their_node_masks() -> None:
    data = _load(DATA / "platforms.yaml")
    entries = {**data["platforms"], **data["cnis"]}
    for name, entry in entries.items():
        for prefix in map(ip_network, entry.get("default_pods", {"value": []})["value"]):
            mask = entry.get(f"node_mask_ipv{prefix.version}")
            assert mask is None or prefix.prefixlen < mask["value"], name


def test_only_on_prem_is_no_cloud() -> None:
    kinds = {path.stem: _load(path)["kind"] for path in PROVIDER_FILES}
    assert [name for name, kind in kinds.items() if kind != "cloud"] == ["on-prem"]


def test_provider_ipv6() -> None:
    found = {path.stem: _load(path)["ipv6"] for path in PROVIDER_FILES}
    assert found["aws"]["assigned_prefixlen"]["value"] == 56
    assert found["aws"]["node_mask_ipv6"]["value"] == 80
    for name, aggregate in (("aws", "fd80::/9"), ("gcp", "fd20::/20")):
        ula = ip_network(found[name]["ula_range"]["value"])
        assert ula == ip_network(aggregate)
        assert ula.subnet_of(ip_network("fd00::/8"))  # type: ignore[arg-type]
    assert found["azure"]["subnet_prefixlen"]["value"] == 64
    for name, rows in found.items():
        if {"assigned_prefixlen", "subnet_prefixlen"} <= set(rows):
            assert rows["assigned_prefixlen"]["value"] < rows["subnet_prefixlen"]["value"], name


# --- signs


@pytest.mark.parametrize("key", ["provider_ids", "labels"])
def test_no_two_providers_are_known_by_one_sign(key: str) -> None:
    starts = [
        (start, path.stem)
        for path in PROVIDER_FILES
        for start in _load(path).get("signs", {}).get(key, [])
    ]
    assert len(starts) >= 5
    for (one, owner), (other, rival) in combinations(starts, 2):
        assert owner == rival or not (one.startswith(other) or other.startswith(one)), one


@pytest.mark.parametrize("kind", names.KINDS)
def test_no_two_of_a_kind_are_called_alike(kind: names.Kind) -> None:
    words = {
        (names.fold(word), name)
        for name, row in names.rows(kind).items()
        for word in (name, row.get("title", name), *row.get("aliases", ()))
    }
    assert len(dict(words)) == len(words) > len(names.rows(kind))
