"""`k8s6plan import`: samples in the shape of the real tools, faults, and that all of it loads.

Each folder of ``tests/imports`` is a case: ``args`` is the command line, ``fleet.yaml`` what must
be written, ``stderr.txt`` what must be said. ``REWRITE=1 pytest tests/test_importers.py`` writes
both anew.
"""

from __future__ import annotations

import io
import json
import os
import re
import sys
import tempfile
from ipaddress import IPv4Network, IPv6Network, collapse_addresses, ip_network
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from k8s6plan import __version__
from k8s6plan.addressing.plan_file import looks_like_plan
from k8s6plan.cli import main
from k8s6plan.errors import K8s6planError, UnknownName
from k8s6plan.fleet.file import load, parse
from k8s6plan.fleet.importers import IMPORTERS, Imported, Source, detect, import_fleet
from k8s6plan.fleet.importers._columns import columns_of, named_in, role_of
from k8s6plan.fleet.importers._found import cluster_of_file, label, plain, prefix_of, word
from k8s6plan.fleet.importers._ranges import Nest, gathered, span
from k8s6plan.fleet.model import Fleet, Prefix
from tests.conftest import Cli

FOLDER = Path(__file__).parent / "imports"
CASES = sorted(path.parent for path in FOLDER.glob("*/args"))
NOT_INPUT = {"args", "fleet.yaml", "stderr.txt"}
FILES = sorted(p for case in CASES for p in case.iterdir() if p.name not in NOT_INPUT)


def run(
    words: list[str], monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> tuple[int, str, str]:
    monkeypatch.setattr(sys, "argv", ["k8s6plan", "import", *words])
    with pytest.raises(SystemExit) as left:
        main()
    said = capsys.readouterr()
    return int(left.value.code or 0), said.out, said.err


def made(*files: tuple[str, str], source_format: str | None = None) -> Imported:
    sources = [Source(name, text) for name, text in files]
    return import_fleet(sources, mark="mark", source_format=source_format)


def attempted(files: list[tuple[str, str]]) -> tuple[Imported | None, str]:
    """Return what was made of ``files``, or else the last line of the refusal."""
    try:
        return made(*files), ""
    except K8s6planError as error:
        return None, error.lines[-1]


def fleet_of(*files: tuple[str, str]) -> Fleet:
    return parse(made(*files).text, "fleet.yaml")


def told(imported: Imported) -> str:
    return "\n".join(map(str, imported.remarks))


def node(**parts: Any) -> dict[str, Any]:
    spec: dict[str, Any] = {"podCIDRs": parts.get("pods", [])}
    if "provider" in parts:
        spec["providerID"] = parts["provider"]
    addresses = [{"type": "InternalIP", "address": ip} for ip in parts.get("ips", [])]
    return {
        "kind": "Node",
        "metadata": {
            "name": "n",
            "labels": parts.get("labels", {}),
            "annotations": parts.get("annotations", {}),
        },
        "spec": spec,
        "status": {
            "addresses": addresses,
            "allocatable": {"pods": parts.get("max_pods", "110")},
            "nodeInfo": {"kubeletVersion": parts.get("version", "v1.34.0")},
        },
    }


def listed(*nodes: Any) -> str:
    return json.dumps({"apiVersion": "v1", "kind": "List", "items": list(nodes)})


def one(*nodes: Any) -> Any:
    (cluster,) = fleet_of(("c.json", listed(*nodes))).clusters
    return cluster


# --- samples -------------------------------------------------------------------------------------


def test_there_are_samples() -> None:
    assert len(CASES) >= 11
    assert {detect(path.read_text()) for path in FILES} == set(IMPORTERS)


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_sample_becomes_its_fleet_file(
    case: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.chdir(case)
    code, out, err = run((case / "args").read_text().split(), monkeypatch, capsys)
    assert code == 0
    out = out.replace(f"k8s6plan {__version__}", "k8s6plan VERSION")
    if os.environ.get("REWRITE"):
        (case / "fleet.yaml").write_text(out)
        (case / "stderr.txt").write_text(err)
    assert out == (case / "fleet.yaml").read_text()
    assert err == (case / "stderr.txt").read_text()
    assert load(case / "fleet.yaml").fleet
    assert not looks_like_plan(out)


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_every_remark_stands_in_the_file_too(case: Path) -> None:
    text = (case / "fleet.yaml").read_text()
    lines = (case / "stderr.txt").read_text().splitlines()[:-1]
    for line in lines:
        assert line.removeprefix("k8s6plan: ").removeprefix("change: ") in text


@pytest.mark.parametrize("path", FILES, ids=lambda path: f"{path.parent.name}-{path.name}")
def test_every_address_of_a_sample_is_written_or_told(path: Path) -> None:
    """No prefix of a register may vanish: each is in the file, inside a pin, or in a remark."""
    text = path.read_text()
    imported, _ = attempted([(path.name, text)])
    if (path.suffix == ".json" and "results" not in text) or imported is None:
        return  # addresses of nodes are summarised
    shown = "".join(text.split("```")[::2])  # a block of code is told as a whole
    for token in re.split(r"[\s`|,;~\"<>]+", shown):
        parsed = prefix_of(token) if "/" in token else None
        if parsed is not None:
            assert token in imported.text or f'"{parsed[0]}"' in imported.text


# --- kubectl -------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("parts", "provider", "place"),
    [
        ({"provider": "aws:///eu-west-1c/i-1"}, "aws", "eu-west-1"),
        ({"provider": "aws:///us-gov-west-1a/i-1"}, "aws", "us-gov-west-1"),
        ({"provider": "aws:///us-east-1-bos-1a/i-1"}, "aws", "us-east-1"),
        ({"provider": "gce://p/europe-west4-b/x"}, "gcp", "europe-west4"),
        ({"provider": "azure:///subscriptions/x"}, "azure", "CHANGE-ME"),
        ({"provider": "hcloud://1234"}, "hetzner", "CHANGE-ME"),
        ({"provider": "ocid1.instance.oc1.iad.x"}, "oci", "CHANGE-ME"),
        ({"provider": "openstack:///1"}, "openstack", "CHANGE-ME"),
        ({"labels": {"cloud.google.com/gke-nodepool": "p"}}, "gcp", "CHANGE-ME"),
        (
            {
                "provider": "azure:///x",
                "labels": {"failure-domain.beta.kubernetes.io/region": "westeurope"},
            },
            "azure",
            "westeurope",
        ),
    ],
)
def test_provider_and_region(parts: dict[str, Any], provider: str, place: str) -> None:
    cluster = one(node(**parts))
    assert (cluster.provider, cluster.region) == (provider, place)


def test_machines_of_ones_own_need_a_site() -> None:
    assert one(node()).site == "CHANGE-ME-c"
    assert one(node(labels={"topology.kubernetes.io/zone": "hall 2"})).site == "hall-2"
    imported = made(("c.json", listed(node())))
    assert "# to be changed" in imported.text
    assert any(remark.kind == "change" for remark in imported.remarks)


@pytest.mark.parametrize(
    ("parts", "platform"),
    [
        ({"labels": {"eks.amazonaws.com/nodegroup": "x"}}, "eks"),
        ({"version": "v1.33.3-eks-3abbec1"}, "eks"),
        ({"labels": {"cloud.google.com/gke-nodepool": "x"}}, "gke"),
        ({"version": "v1.33.4-gke.1134000"}, "gke"),
        ({"labels": {"kubernetes.azure.com/cluster": "x"}}, "aks"),
        ({"labels": {"kubernetes.azure.com/managed": "false"}}, None),
        ({"version": "v1.33.4+k3s1"}, "k3s"),
        ({"version": "v1.33.4+rke2r1"}, "rke2"),
        ({"labels": {"node.openshift.io/os_id": "rhel"}}, "openshift"),
        ({"annotations": {"kubeadm.alpha.kubernetes.io/cri-socket": "x"}}, "kubeadm"),
        ({"labels": {"kops.k8s.io/instancegroup": "x"}}, "kops"),
        ({}, None),
    ],
)
def test_platform(parts: dict[str, Any], platform: str | None) -> None:
    assert one(node(**parts)).platform == platform


@pytest.mark.parametrize(
    ("key", "cni"),
    [
        ("projectcalico.org/IPv4Address", "calico"),
        ("io.cilium.network.ipv4-cilium-host", "cilium"),
        ("network.cilium.io/ipv4-pod-cidr", "cilium"),
        ("flannel.alpha.coreos.com/backend-type", "flannel"),
        ("k8s.ovn.org/node-chassis-id", "ovn-kubernetes"),
        ("example.com/x", None),
    ],
)
def test_cni(key: str, cni: str | None) -> None:
    assert one(node(annotations={key: "10.1.2.0/24"})).cni == cni


def test_pods_per_node_only_where_all_agree() -> None:
    assert one(node(max_pods="58"), node(max_pods="58")).pods_per_node == 58
    imported = made(("c.json", listed(node(max_pods="58"), node(max_pods="29"))))
    assert "pods_per_node:" not in imported.text
    assert "58 on 1" in told(imported)


def test_nodes_in_one_network_are_pinned_and_wider_ones_told() -> None:
    near = one(node(ips=["10.1.4.5", "fd00:1::5"]), node(ips=["10.1.9.5", "fd00:1::6"]))
    assert list(map(str, near.addresses.nodes)) == ["10.1.0.0/20", "fd00:1::/64"]
    alone = one(node(ips=["10.1.4.5"]))
    assert list(map(str, alone.addresses.nodes)) == ["10.1.4.0/28"]
    pair = one(node(ips=["2a05:1:2:7f00::1"]), node(ips=["2a05:1:2:7f01::1"]))
    assert list(map(str, pair.addresses.nodes)) == ["2a05:1:2:7f00::/60"]
    far = made(("c.json", listed(node(ips=["10.1.4.5"]), node(ips=["10.200.9.5"]))))
    assert "nodes: external" in far.text
    assert "10.0.0.0/8 spans" in told(far)


def test_calico_takes_blocks_of_its_own() -> None:
    marks = {"projectcalico.org/IPv4Address": "10.0.0.1/24"}
    imported = made(("c.json", listed(node(pods=["10.1.0.0/24"], annotations=marks))))
    assert "node_masks" not in imported.text
    assert "ippools" in told(imported)


def test_older_and_unusual_lists() -> None:
    single = json.dumps({**node(pods=[]), "spec": {"podCIDR": "10.5.0.0/24"}})
    (cluster,) = fleet_of(("c.json", single)).clusters
    assert list(map(str, cluster.addresses.pods)) == ["10.5.0.0/24"]
    as_yaml = yaml.safe_dump({"kind": "List", "items": [node(pods=["10.5.0.0/24"])]})
    (cluster,) = fleet_of(("c.yaml", as_yaml)).clusters
    assert cluster.nodes == 1


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ('{"kind": "List", "items": []}', "no node in it"),
        ('{"kind": "List", "items": [3, null, "x"]}', "no object, not a node"),
        ('{"kind": "List", "items": [', "no valid JSON"),
        ('{"kind": "List", "items": []} {"kind": "List"}', "a file of its own"),
        ('{"kind": "PodList", "items": [{"kind": "Pod"}], "x": "List"}', "kind PodList"),
        ('{"kind": "List", "items": 7}', "no list of nodes"),
        ("[" * 200_000, "nested too deep"),
        ('{"kind": "List", "items": [' + "9" * 5000 + "]}", "a number too long"),
        ("NAME   STATUS   ROLES\nn1     Ready    <none>\n", "kubectl get nodes -o json"),
        ("", "is empty"),
        ("hello", "is of no kind that we know"),
    ],
)
def test_what_is_no_list_of_nodes_is_told(text: str, why: str) -> None:
    with pytest.raises(K8s6planError) as refused:
        made(("c.json", text), source_format="kubectl" if text[:1] in "{[" and text else None)
    assert why in str(refused.value)
    assert refused.value.lines[-1].endswith("could be read; no fleet file was made")


# --- kubeadm -------------------------------------------------------------------------------------

KUBEADM = "kind: ClusterConfiguration\napiVersion: kubeadm.k8s.io/v1beta4\n"


def test_kubeadm_node_masks_in_both_forms() -> None:
    networking = "networking: {podSubnet: 'fd00:1::/48', serviceSubnet: 'fd00:2::/112'}\n"
    as_map = "controllerManager: {extraArgs: {node-cidr-mask-size: '64'}}\n"
    as_list = "controllerManager:\n  extraArgs:\n  - {name: node-cidr-mask-size, value: '64'}\n"
    for arguments in (as_map, as_list):
        (cluster,) = fleet_of(("c.yaml", KUBEADM + networking + arguments)).clusters
        assert (cluster.node_masks.ipv4, cluster.node_masks.ipv6) == (None, 64)
        assert (cluster.name, cluster.platform) == ("c", "kubeadm")


def test_kubeadm_faults_have_their_line() -> None:
    text = KUBEADM + "networking:\n  podSubnet: 10.0.0.0/33,10.1.2.3/16\n"
    imported = made(("c.yaml", text + "controllerManager: {extraArgs: {node-cidr-mask-size: 9x}}"))
    assert 'c.yaml:4: pods: podSubnet: "10.0.0.0/33" is no prefix' in told(imported)
    assert '"10.1.2.3/16" has host bits set; written as "10.1.0.0/16"' in told(imported)
    assert 'c.yaml:5: node-cidr-mask-size "9x" is no node mask' in told(imported)


def test_lines_count_through_documents_and_config_maps() -> None:
    inner = "    kind: ClusterConfiguration\n    networking:\n      podSubnet: 10.0.0.0/33\n"
    text = f"# first\n---\nkind: ConfigMap\ndata:\n  ClusterConfiguration: |\n{inner}"
    assert "c.yaml:8: pods: podSubnet" in told(made(("c.yaml", text)))


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("kind: ConfigMap\ndata: {other: ClusterConfiguration}\n", "without ClusterConfiguration"),
        ("kind: ClusterConfiguration\na: [\n", "not valid YAML"),
        ("kind: ClusterConfiguration\nkind: x\n", "stands twice"),
        ("- kind: ClusterConfiguration\n", "has a list on top"),
        ("kind: ClusterStatus # ClusterConfiguration\n", "no ClusterConfiguration in it"),
        ("kind: ConfigMap\ndata:\n  ClusterConfiguration: |\n    a: [\n", "not valid YAML"),
    ],
)
def test_what_is_no_kubeadm_configuration_is_told(text: str, why: str) -> None:
    with pytest.raises(K8s6planError, match=why):
        made(("c.yaml", text), source_format="kubeadm")


# --- registers -----------------------------------------------------------------------------------


@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|"])
def test_delimiters(delimiter: str) -> None:
    rows = [["Subnet", "Name", "Type"], ["10.1.0.0/16", "office", "LAN"]]
    text = "\n".join(delimiter.join(row) for row in rows)
    (excluded,) = fleet_of(("x.csv", text)).exclude
    assert (str(excluded.prefix), excluded.name) == ("10.1.0.0/16", "office")


@pytest.mark.parametrize(
    ("header", "prefixes", "others"),
    [
        (["CIDR", "Network", "Role"], [(0, None)], {"name", "role"}),
        (["Network", "Name"], [(0, None)], {"name"}),
        (["IPv4 prefix", "IPv6 prefix", "site"], [(0, None), (1, None)], {"site"}),
        (["clusterName", "podCIDR", "serviceCIDR"], [(1, "pods"), (2, "services")], {"cluster"}),
        (["Cluster", "Node subnet"], [(1, "nodes")], {"cluster"}),
        (["Name", "Contact"], [], {"name"}),
    ],
)
def test_columns(header: list[str], prefixes: list[Any], others: set[str]) -> None:
    columns = columns_of(header)
    assert list(columns.prefixes) == prefixes
    assert columns.others.keys() == others


@pytest.mark.parametrize(
    ("text", "name", "role"),
    [
        ("prod-use1 pods", "prod-use1", "pods"),
        ("prod-use1-pod-cidr", "prod-use1", "pods"),
        ("Pods of prod-use1 (IPv6)", "prod-use1", "pods"),
        ("k8s prod_a node network", "prod_a", "nodes"),
        ("svc-prod", "prod", "services"),
        ("pods and services of a", "a", None),
        ("Office printers", None, None),
        ("Kubernetes pods", None, "pods"),
    ],
)
def test_names_and_roles_in_descriptions(text: str, name: str | None, role: str | None) -> None:
    assert (named_in(text), role_of(text)) == (name, role)


def test_a_row_is_a_clusters_only_with_evidence() -> None:
    text = "prefix,name,role\n10.1.0.0/16,dns,services\n10.2.0.0/16,prod,services\n"
    assert fleet_of(("x.csv", text)).clusters == ()
    with_pods = text + "10.3.0.0/16,prod,pods\n"
    (cluster,) = fleet_of(("x.csv", with_pods)).clusters
    assert (cluster.name, str(cluster.addresses.services[0])) == ("prod", "10.2.0.0/16")
    kubectl = ("dns.json", listed(node(provider="aws:///eu-west-1a/i")))
    fleet = fleet_of(("x.csv", text), kubectl)
    assert [str(p) for p in fleet.clusters[0].addresses.services] == ["10.1.0.0/16"]


def test_exclusions_keep_clear_of_pins() -> None:
    text = (
        "prefix,cluster,role,name\n10.1.0.0/16,a,pods,\n10.0.0.0/8,,,all of it\n"
        "10.1.0.0/16,,,again\n10.1.2.0/24,,,part\n10.9.0.0/16,,,x\n10.9.0.0/16,,,y\n::/0,,,any\n"
    )
    imported = made(("x.csv", text))
    fleet = parse(imported.text, "fleet.yaml")
    assert [str(e.prefix) for e in fleet.exclude] == ["10.1.2.0/24", "10.9.0.0/16"]
    for line in (3, 4, 5, 7, 8):
        assert f"x.csv:{line}: " in told(imported)


def test_subnets_of_a_nodes_network_are_not_excluded() -> None:
    text = "prefix,cluster,role,name\n10.1.0.0/16,a,nodes,\n10.1.2.0/24,,,bastions\n"
    imported = made(("x.csv", text))
    assert imported.exclusions == 0
    assert "x.csv:3: 10.1.2.0/24" in told(imported)


@pytest.mark.parametrize(
    ("cell", "prefixes"),
    [
        ("10.2.0.0 - 10.2.0.255", ["10.2.0.0/24"]),
        ("10.2.0.0\u201310.2.0.2", ["10.2.0.0/31", "10.2.0.2/32"]),
        ("fd00::-fd00::ff", ["fd00::/120"]),
        ("`10.2.0.0/24`, fd00::/64", ["10.2.0.0/24", "fd00::/64"]),
        ("10.2.0.0/24 (old)", ["10.2.0.0/24"]),
        ("10.2.0.0/255.255.255.0", ["10.2.0.0/24"]),
        ("FD00:0:0::/64", ["fd00::/64"]),
        ("10.2.0.5", ["10.2.0.5/32"]),
    ],
)
def test_what_a_cell_may_hold(cell: str, prefixes: list[str]) -> None:
    fleet = fleet_of(("x.csv", f'prefix;name\n"{cell}";x\n'))
    assert [str(e.prefix) for e in fleet.exclude] == prefixes


@pytest.mark.parametrize(
    "cell", ["10.0.0.0/33", "10.0.0.256", "10.0.9.0-10.0.1.0", "fe80::1%eth0", "dynamic", "::1::"]
)
def test_what_is_no_prefix_is_told_with_its_line(cell: str) -> None:
    imported = made(("x.csv", f"prefix;name\n10.9.0.0/16;ok\n{cell};x\n"))
    assert imported.exclusions == 1
    assert "x.csv:3: " in told(imported)
    assert cell in told(imported)


def test_a_mask_may_stand_in_a_column_of_its_own() -> None:
    fleet = fleet_of(("x.csv", "network,mask,name\n10.1.0.0,255.255.0.0,a\n10.2.0.0,/16,b\n"))
    assert [str(e.prefix) for e in fleet.exclude] == ["10.1.0.0/16", "10.2.0.0/16"]


def test_an_open_quote_costs_one_line() -> None:
    rows = "\n".join(f"10.{n}.0.0/16,x{n}" for n in range(1, 200))
    imported = made(("x.csv", f'prefix,name\n"10.0.0.0/16,open\n{rows}\n'))
    assert imported.exclusions == 200
    assert "x.csv:2: a quote is not closed" in told(imported)


def test_netbox_page_without_the_rest_is_told() -> None:
    data = {"count": 3, "next": None, "results": [{"prefix": "10.1.0.0/16"}, 7]}
    imported = made(("x.json", json.dumps(data)))
    assert "2 of 3" in told(imported)
    assert "results[1]: not a prefix" in told(imported)


def test_netbox_before_4_2_has_sites() -> None:
    item = {
        "prefix": "10.1.0.0/16",
        "site": {"slug": "ber"},
        "role": {"slug": "k8s-pods"},
        "description": "Pods of core",
        "status": {"value": "active"},
    }
    (cluster,) = fleet_of(("x.json", json.dumps({"results": [item]}))).clusters
    assert (cluster.name, cluster.site) == ("core", "ber")


# --- merging -------------------------------------------------------------------------------------


def test_sources_of_one_cluster_are_merged() -> None:
    nodes = ("a-nodes.json", listed(node(pods=["10.244.3.0/24"], provider="gce://p/us-east1-b/x")))
    config = KUBEADM + "clusterName: A\nnetworking: {podSubnet: 10.244.0.0/16}\n"
    for order in ([nodes, ("k.yaml", config)], [("k.yaml", config), nodes]):
        imported = made(*order)
        (cluster,) = parse(imported.text, "f").clusters
        assert list(map(str, cluster.addresses.pods)) == ["10.244.0.0/16"]
        assert "contradiction" not in told(imported)


def test_contradictions_name_both_sources() -> None:
    nodes = ("a.json", listed(node(pods=["10.42.3.0/24"], provider="gce://p/us-east1-b/x")))
    config = KUBEADM + "clusterName: a\nnetworking: {podSubnet: 10.244.0.0/16}\n"
    table = "cluster,pods,services,region\na,10.244.0.0/17,10.96.0.0/12,us-west1\n"
    imported = made(nodes, ("k.yaml", config), ("t.csv", table))
    said = told(imported)
    assert "contradiction in pods: k.yaml says 10.244.0.0/16, a.json says 10.42.3.0/24" in said
    assert "10.244.0.0/17 (t.csv:2) lies inside 10.244.0.0/16 (k.yaml)" in said
    assert "contradiction in region: a.json says us-east1, t.csv says us-west1" in said
    (cluster,) = parse(imported.text, "f").clusters
    assert list(map(str, cluster.addresses.pods)) == ["10.42.3.0/24", "10.244.0.0/16"]


def test_unknown_roles_of_running_clusters_are_not_planned() -> None:
    (running,) = fleet_of(("a.json", listed(node()))).clusters
    assert running.external("services")
    (listed_only,) = fleet_of(("t.csv", "cluster,pods\na,10.1.0.0/16\n")).clusters
    assert not listed_only.external("services")


def test_two_names_that_become_one_are_told() -> None:
    table = "cluster,pods\nProd_A,10.1.0.0/16\nprod a,10.2.0.0/16\nall,10.3.0.0/16\n"
    imported = made(("t.csv", table))
    assert [c.name for c in parse(imported.text, "f").clusters] == ["cluster-all", "prod-a"]
    assert 't.csv:3: "prod a" and "Prod_A" (t.csv) are taken for one cluster' in told(imported)


@pytest.mark.parametrize(
    ("file", "name"),
    [
        ("prod-use1.json", "prod-use1"),
        ("clusters/prod-use1.nodes.json", "prod-use1"),
        ("prod-use1/nodes.json", "prod-use1"),
        ("prod-use1-kubeadm-config.yaml", "prod-use1"),
        ("v1.33.json", "v1.33"),
        ("nodes.json", None),
        ("stdin", None),
    ],
)
def test_files_name_clusters(file: str, name: str | None) -> None:
    assert cluster_of_file(file) == name


# --- small parts ---------------------------------------------------------------------------------

FEW_V4 = st.lists(
    st.tuples(st.integers(0, 2**32 - 1), st.integers(8, 32)).map(
        lambda t: IPv4Network(t, strict=False)
    ),
    min_size=1,
    max_size=12,
)
FEW_V6 = st.lists(
    st.tuples(st.integers(0, 2**128 - 1), st.integers(16, 128)).map(
        lambda t: IPv6Network(t, strict=False)
    ),
    min_size=1,
    max_size=12,
)


@given(blocks=FEW_V4 | FEW_V6)
def test_ranges_hold_their_blocks_and_lie_apart(blocks: list[Prefix]) -> None:
    ranges = gathered(blocks)
    for block in blocks:
        assert sum(block.subnet_of(held) for held in ranges) == 1  # type: ignore[arg-type]
    for first, second in pairwise(ranges):
        assert not first.overlaps(second)
    whole = span(blocks)
    assert all(block.subnet_of(whole) for block in blocks)  # type: ignore[arg-type]
    if whole.prefixlen < whole.max_prefixlen:
        for half in whole.subnets():
            assert not all(block.subnet_of(half) for block in blocks)  # type: ignore[arg-type]


@given(held=FEW_V4, asked=FEW_V4)
def test_nest_knows_what_lies_around_and_inside(
    held: list[IPv4Network], asked: list[IPv4Network]
) -> None:
    nest = Nest(held)
    for prefix in asked + held:
        around = [outer for outer in held if prefix.subnet_of(outer)]
        widest = min(around, key=lambda outer: outer.prefixlen, default=None)
        assert nest.around(prefix) == widest
        if not around:
            assert nest.inside(prefix) == any(inner.subnet_of(prefix) for inner in held)


def test_ranges_of_real_clusters() -> None:
    def ranges(*blocks: str) -> list[str]:
        return [str(r) for r in gathered([ip_network(b) for b in blocks])]

    assert ranges("10.244.0.0/24", "10.244.200.0/24") == ["10.244.0.0/16"]
    assert ranges("10.8.0.0/24", "10.96.4.0/24") == ["10.8.0.0/24", "10.96.4.0/24"]
    assert ranges("fd42::/64", "fd42:0:0:7::/64") == ["fd42::/61"]
    many = [f"10.{128 + n // 256}.{n % 256}.0/24" for n in range(0, 1024, 8)]
    assert ranges(*many) == ["10.128.0.0/14"]
    assert ranges("2600:1:2:3:a::/112", "2600:1:2:3:b::/112") == ["2600:1:2:3:a::/79"]


@pytest.mark.slow
@given(text=st.text(max_size=200))
def test_names_are_mended_once_and_for_all(text: str) -> None:
    for mend in (label, word):
        mended = mend(text)
        assert mended is None or mend(mended) == mended
    assert len(plain(text, 50)) <= 50
    assert plain(text).isprintable()


# --- whatever is written loads -------------------------------------------------------------------

rubbish = st.text(max_size=12) | st.sampled_from(["", "all", "10.0.0.0/8", "CHANGE-ME", "a\nb: c"])
cidrs = st.sampled_from(
    (
        *("10.244.0.0/24", "10.244.9.0/24", "10.1.2.3/8", "fd00:1::/64", "fd00:1::5/112"),
        *("0.0.0.0/0", "fd00:2::/127", "100.64.0.0/10", "172.20.0.0/16", "nonsense", "", "::/0"),
    )
)
names = st.sampled_from(["a", "A", "b", "fra", "Prod_1", "all", "-", "x" * 80, "\u00fc", ""])
places = st.sampled_from(["fra", "us-east-1", "a", "b", "", "Hall 2", "CHANGE-ME", "\u2603"])
providers = st.sampled_from(["aws", "AWS", "gcp", "on-prem", "On Prem", "acme cloud", "", "\u2603"])


@st.composite
def node_files(draw: st.DrawFn) -> tuple[str, str]:
    def marks() -> dict[str, Any]:
        keys = st.sampled_from(
            (
                *("topology.kubernetes.io/region", "topology.kubernetes.io/zone", "k3s.io/x"),
                *("projectcalico.org/x", "eks.amazonaws.com/x", "k8s.ovn.org/node-subnets"),
            )
        )
        return draw(st.dictionaries(keys, places | rubbish | cidrs, max_size=3))

    identity = st.sampled_from(
        ["aws:///eu-west-1a/i", "gce://p/z/x", "x://", "k3s://a", "\u2603://"]
    )
    nodes: list[Any] = draw(st.lists(st.none() | st.integers() | rubbish, max_size=1))
    for _ in range(draw(st.integers(0, 3))):
        item = node(
            labels=marks(),
            annotations=marks(),
            pods=draw(st.lists(cidrs | st.none(), max_size=2)),
            ips=draw(st.lists(st.sampled_from(["10.1.2.3", "10.9.9.9", "fd00::1", "x"]))),
            max_pods=draw(st.sampled_from(["110", "0", "-1", "1e9", 58, None])),
            provider=draw(identity),
        )
        nodes.append(item)
    return f"{draw(names)}.json", listed(*nodes)


@st.composite
def kubeadm_files(draw: st.DrawFn) -> tuple[str, str]:
    config = {
        "kind": "ClusterConfiguration",
        "clusterName": draw(names),
        "networking": {
            "podSubnet": ",".join(draw(st.lists(cidrs, max_size=3))),
            "serviceSubnet": draw(cidrs | st.integers()),
        },
        "controllerManager": {
            "extraArgs": draw(
                st.just({"node-cidr-mask-size-ipv4": "26", "cluster-cidr": "10.0.0.0/9"})
                | st.just([{"name": "node-cidr-mask-size", "value": "500"}])
                | rubbish
            )
        },
    }
    return f"{draw(names)}.yaml", yaml.safe_dump(config)


@st.composite
def table_files(draw: st.DrawFn) -> tuple[str, str]:
    header = ["prefix", "cluster", "name", "role", "site", "region", "provider", "pods", "nodes"]
    roles = st.sampled_from(["pods", "nodes", "services", "LAN", ""])
    row = st.tuples(
        *(cidrs, names, names | rubbish, roles, places, places, providers, cidrs),
        cidrs | st.sampled_from(["12", "0", "99999999999"]),
    )
    rows = draw(st.lists(row, max_size=6))
    joined = [header, *([cell.replace("\n", " ") for cell in one_row] for one_row in rows)]
    if draw(st.booleans()):
        lines = ["| " + " | ".join(cells) + " |" for cells in joined]
        lines.insert(1, "|---" * len(header) + "|")
        return "t.md", "\n".join(lines)
    return "t.csv", "\n".join(draw(st.sampled_from([";", "\t"])).join(cells) for cells in joined)


@pytest.mark.slow
@settings(max_examples=300, deadline=None)
@given(files=st.lists(node_files() | kubeadm_files() | table_files(), min_size=1, max_size=4))
def test_whatever_is_written_loads(files: list[tuple[str, str]]) -> None:
    imported, refused = attempted(files)
    if imported is None:
        assert refused.endswith("could be read; no fleet file was made")
        return
    fleet = parse(imported.text, "fleet.yaml")
    assert (len(fleet.clusters), len(fleet.exclude)) == (imported.clusters, imported.exclusions)
    assert made(*files).text == imported.text
    for line in imported.text.splitlines():
        code = line.partition("#")[0].strip().removeprefix("- ")
        assert prefix_of(code) is None or "/" not in code, "an address without quotes"
    # Nothing that a cluster holds may lie in two of its prefixes of one role.
    for cluster in fleet.clusters:
        for role in ("nodes", "pods", "services"):
            for version in (4, 6):
                held: list[Any] = [p for p in cluster.pinned(role) if p.version == version]
                sizes = [network.num_addresses for network in held]
                assert sum(n.num_addresses for n in collapse_addresses(held)) == sum(sizes)


@settings(max_examples=300, deadline=None)
@given(text=st.text(max_size=300), kind=st.sampled_from([None, *IMPORTERS]))
def test_rubbish_is_refused_or_loads(text: str, kind: str | None) -> None:
    try:
        imported = made(("x", text), source_format=kind)
    except K8s6planError:
        return
    parse(imported.text, "fleet.yaml")


# --- the command ---------------------------------------------------------------------------------


def test_an_existing_file_is_not_overwritten(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "a.json").write_text(listed(node()))
    words = ["a.json", "-o", "fleet.yaml", "--fleet", "mine"]
    assert run(words, monkeypatch, capsys)[0] == 0
    assert load(tmp_path / "fleet.yaml").fleet == "mine"
    code, _, err = run(words, monkeypatch, capsys)
    assert (code, "exists" in err) == (2, True)
    assert run([*words, "--force"], monkeypatch, capsys)[0] == 0


def test_stdin_is_read_and_named(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    stream = io.TextIOWrapper(io.BytesIO(listed(node()).encode()))
    monkeypatch.setattr(sys, "stdin", stream)
    code, out, _ = run(["prod=-"], monkeypatch, capsys)
    assert code == 0
    assert "name: prod\n" in out


@pytest.mark.parametrize(
    ("content", "why"),
    [
        (b"\xff\xfe" + listed(node()).encode("utf-16-le"), ""),
        (b"prefix,name\n10.0.0.0/8,caf\xe9\n", "a.json:2: not UTF-8 text"),
        (b"[" * (10 * 2**20 + 1), "larger than 10 MiB"),
    ],
)
def test_bytes_that_are_no_plain_text(
    content: bytes,
    why: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "a.json").write_bytes(content)
    code, _, err = run(["a.json"], monkeypatch, capsys)
    assert code == (2 if why else 0)
    assert why in err


@pytest.mark.parametrize(
    ("words", "why"),
    [
        (["nowhere.json"], "nowhere.json: no such file"),
        (["."], "is a directory"),
        (["-", "-"], "once only"),
        (["a.json", "--format", "excel"], "excel"),
        (["a.json", "--fleet", "my fleet"], 'write "my-fleet"'),
        (["a.json", "--format", "csv"], "JSON without a list of results"),
    ],
)
def test_bad_usage(
    words: list[str],
    why: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "a.json").write_text(listed(node()))
    code, _, err = run(words, monkeypatch, capsys)
    assert code == 2
    assert why in err


def test_an_unknown_importer_is_refused() -> None:
    with pytest.raises(UnknownName, match="did you mean"):
        made(("a", "x"), source_format="kubectll")


@pytest.mark.slow
def test_a_register_of_a_hundred_thousand_rows() -> None:
    rows = "".join(f"10.{n >> 8 & 255}.{n & 255}.{n >> 16 << 4}/28,r{n}\n" for n in range(100_000))
    imported = made(("x.csv", "prefix,name\n" + rows))
    assert imported.exclusions == 100_000
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "fleet.yaml"
        path.write_text(imported.text)
        assert len(load(path).exclude) == 100_000


# --- nothing is lost in silence ------------------------------------------------------------------


@pytest.mark.parametrize("cell", ["10.195.208.0/18", "FD00:0:0::1/64", "10.2.0.9/24"])
def test_no_prefix_is_changed_into_another(cell: str) -> None:
    with pytest.raises(K8s6planError) as refused:
        made(("x.csv", f"prefix,name\n10.9.0.0/16,ok\n{cell},x\n"))
    assert refused.value.lines[0].startswith(f'x.csv:3: "{cell}" has host bits set')


def test_one_source_of_no_known_kind_refuses_all() -> None:
    with pytest.raises(K8s6planError) as refused:
        made(("x.csv", "prefix,name\n10.9.0.0/16,ok\n"), ("y.tfvars", 'vpc_cidr = "10.1.0.0/16"\n'))
    assert refused.value.lines[0].startswith("y.tfvars: is of no kind that we know")


@pytest.mark.parametrize(
    "text",
    [
        "apiVersion: v1\nspec:\n  podCIDR: 10.1.0.0/16\n  network:\n  - 10.2.0.0/16\n",
        "network: 10.1.0.0/16,10.2.0.0/16\nother: x\n",
        "fleet: t\nclusters:\n- {name: a, provider: aws, prefix: 10.1.0.0/16}\n",
    ],
)
def test_a_mapping_is_no_table(text: str) -> None:
    assert detect(text) is None


def test_a_prefix_without_a_role_is_excluded_by_its_line() -> None:
    text = (
        "apiVersion: kops.k8s.io/v1alpha2\nkind: Cluster\nmetadata: {name: a}\nspec:\n"
        "  cloudProvider: aws\n  networkCIDR: 172.21.0.0/16\n"
        "  nonMasqueradeCIDR: 100.64.0.0/10\n  subnets: [{cidr: 172.21.32.0/19}]\n"
    )
    fleet = fleet_of(("k.yaml", text))
    assert [(e.name, str(e.prefix)) for e in fleet.exclude] == [("k.yaml, line 7", "100.64.0.0/10")]
    (cluster,) = fleet.clusters
    assert list(map(str, cluster.addresses.nodes)) == ["172.21.0.0/16"]


@pytest.mark.parametrize("free", ["Free", "(unallocated)", "available", "frei", "Libre", "vrij"])
def test_free_rows_are_neither_clusters_nor_exclusions(free: str) -> None:
    table = (
        "| Cluster | Secondary CIDR | Pod IPs |\n|---|---|--:|\n"
        f"| hub-a | 100.72.0.0/16 | 65,536 |\n| {free} | 100.74.0.0/15 | 131,072 |\n"
    )
    imported = made(("t.md", table))
    assert "100.74.0.0/15 is free" in told(imported)
    fleet = parse(imported.text, "fleet.yaml")
    assert [(c.name, list(map(str, c.addresses.pods))) for c in fleet.clusters] == [
        ("hub-a", ["100.72.0.0/16"])
    ]
    assert not fleet.exclude


def test_columns_of_any_title_count_by_their_cells() -> None:
    table = (
        "| Umgebung | Knotennetz | Pod CIDR |\n|---|---|---|\n"
        "| Nord | 10.3.0.0/16 | 10.4.0.0/16 |\n\n"
        "## Retired\n\n| Former owner | Pod CIDR |\n|---|---|\n| Alt | 10.5.0.0/16 |\n"
    )
    fleet = fleet_of(("t.md", table))
    assert [c.name for c in fleet.clusters] == ["nord"]
    assert [str(e.prefix) for e in fleet.exclude] == ["10.3.0.0/16", "10.5.0.0/16"]


def test_counts_are_no_names() -> None:
    table = "| VPC | CIDR | Addresses |\n|---|---|---|\n| live | 10.41.0.0/20 | 4,096 |\n"
    (excluded,) = fleet_of(("t.md", table)).exclude
    assert (excluded.name, str(excluded.prefix)) == ("live", "10.41.0.0/20")


@pytest.mark.parametrize("state", [False, True])
def test_no_secret_of_terraform_leaves_the_reader(state: bool) -> None:
    values = {
        "name": "web",
        "location": "europe-west4",
        "cluster_ipv4_cidr": "10.16.0.0/14",
        "master_auth": [{"client_key": "SECRET-KEY"}],
    }
    tunnel = {"tunnel1_preshared_key": "SECRET-PSK", "local_ipv4_network_cidr": "10.77.0.0/16"}
    held = {"google_container_cluster": values, "aws_vpn_connection": tunnel}
    if state:
        listed_ = [{"type": t, "instances": [{"attributes": v}]} for t, v in held.items()]
        data: Any = {"version": 4, "terraform_version": "1.9.0", "resources": listed_}
    else:
        root = {
            "child_modules": [{"resources": [{"type": t, "values": v} for t, v in held.items()]}]
        }
        data = {"terraform_version": "1.9.0", "values": {"root_module": root}}
    imported = made(("t.json", json.dumps(data)))
    fleet = parse(imported.text, "fleet.yaml")
    assert [c.name for c in fleet.clusters] == ["web"]
    assert [str(e.prefix) for e in fleet.exclude] == ["10.77.0.0/16"]
    assert "SECRET" not in imported.text + told(imported)


@pytest.mark.parametrize(
    ("text", "pods", "services"),
    [
        (
            "apiVersion: cluster.x-k8s.io/v1beta1\nkind: Cluster\nmetadata: {name: e}\nspec:\n"
            "  clusterNetwork:\n    pods: {cidrBlocks: [10.8.0.0/16]}\n"
            "    services: {cidrBlocks: [10.9.0.0/16]}",
            ["10.8.0.0/16"],
            ["10.9.0.0/16"],
        ),
        (
            "apiVersion: core.gardener.cloud/v1beta1\nkind: Shoot\nmetadata: {name: e}\n"
            "spec: {networking: {pods: 10.8.0.0/16, services: 10.9.0.0/16, type: calico}}",
            ["10.8.0.0/16"],
            ["10.9.0.0/16"],
        ),
        (
            "machine: {type: worker}\ncluster:\n  clusterName: e\n"
            "  network: {podSubnets: [10.8.0.0/16], serviceSubnets: [10.9.0.0/16]}",
            ["10.8.0.0/16"],
            ["10.9.0.0/16"],
        ),
        (
            "kube_pods_subnet: 10.8.0.0/18\nkube_service_addresses: 10.9.0.0/18",
            ["10.8.0.0/18"],
            ["10.9.0.0/18"],
        ),
        (
            "kind: Cluster\napiVersion: kind.x-k8s.io/v1alpha4\n"
            "networking: {podSubnet: '10.8.0.0/16,fd08::/56', serviceSubnet: 10.9.0.0/16}",
            ["10.8.0.0/16", "fd08::/56"],
            ["10.9.0.0/16"],
        ),
        (
            "kind: List\nitems:\n"
            "- {apiVersion: crd.projectcalico.org/v1, kind: IPPool, spec: {cidr: 10.8.0.0/16}}\n"
            "- {apiVersion: networking.k8s.io/v1, kind: ServiceCIDR, spec: {cidrs: [10.9.0.0/16]}}",
            ["10.8.0.0/16"],
            ["10.9.0.0/16"],
        ),
        (
            "name: e\nlocation: westeurope\nagentPoolProfiles: [{count: 3}]\n"
            "networkProfile: {podCidrs: [10.8.0.0/16], serviceCidrs: [10.9.0.0/16]}",
            ["10.8.0.0/16"],
            ["10.9.0.0/16"],
        ),
        (
            "cluster: {name: e}\nipam: {operator: {clusterPoolIPv4PodCIDRList: [10.8.0.0/16]}}",
            ["10.8.0.0/16"],
            [],
        ),
        (
            "cluster-cidr: 10.8.0.0/16\nservice-cidr: 10.9.0.0/16\ncni: cilium",
            ["10.8.0.0/16"],
            ["10.9.0.0/16"],
        ),
    ],
)
def test_each_kind_of_document_gives_its_prefixes(
    text: str, pods: list[str], services: list[str]
) -> None:
    found = IMPORTERS["document"].read(Source("e.yaml", text + "\n"))
    assert detect(text + "\n") == "document"
    held = [item for cluster in found.clusters for item in cluster.prefixes]
    assert [str(item.prefix) for item in held if item.role == "pods"] == pods
    assert [str(item.prefix) for item in held if item.role == "services"] == services
    assert {cluster.name for cluster in found.clusters} == {"e"}


@pytest.mark.parametrize(
    "text",
    [
        "\n" * 5000 + "[",  # what is looked for before the first key
        "# a\n\n" * 5000 + "nothing",
        "kind: Cluster\nserviceSubnet: 10.96.0.0/12\nprint: " + "aa:" * 60_000,  # no prefix in it
        "kind: Cluster\nprint: " + ":" * 100_000 + "\npodSubnet: fd00::/56\n",
    ],
)
def test_no_text_takes_for_ever(text: str, cli: Cli, tmp_path: Path) -> None:
    for name in ("a.yaml", "a.md", "a.csv"):
        file = tmp_path / name
        file.write_text(text, "utf-8")
        assert cli("import", file).code in (0, 2)


NODE = {
    "apiVersion": "v1", "kind": "Node", "metadata": {"name": "n1"},
    "spec": {"podCIDR": "10.1.0.0/24", "providerID": "aws:///eu-west-1a/i-1"},
    "status": {"addresses": [{"type": "InternalIP", "address": "10.0.0.5"}]},
}  # fmt: skip
KIND = "apiVersion: kind.x-k8s.io/v1alpha4\nkind: Cluster\nname: k\n"
CAPI = """apiVersion: cluster.x-k8s.io/v1beta1
kind: Cluster
metadata: {name: NAME}
spec: {clusterNetwork: {pods: {cidrBlocks: ["PREFIX"]}}}
"""


def eks(name: str, region: str, services: str) -> dict[str, Any]:
    network = {"serviceIpv4Cidr": services}
    arn = f"arn:aws:eks:{region}:1:cluster/{name}"
    return {"cluster": {"name": name, "arn": arn, "kubernetesNetworkConfig": network}}


@pytest.mark.parametrize(
    ("name", "text", "prefixes"),
    [
        (
            "nodes.json",
            json.dumps({"apiVersion": "v1", "kind": "List", "items": [
                NODE,
                {"apiVersion": "crd.projectcalico.org/v1", "kind": "IPPool",
                 "metadata": {"name": "d"}, "spec": {"cidr": "10.1.0.0/16"}},
                {"apiVersion": "networking.k8s.io/v1", "kind": "ServiceCIDR",
                 "metadata": {"name": "kubernetes"}, "spec": {"cidrs": ["10.96.0.0/12"]}},
                {"apiVersion": "x/v1", "kind": "Odd", "spec": {"range": "10.7.0.0/16"}},
            ]}),
            ["10.1.0.0/16", "10.96.0.0/12", "10.7.0.0/16"],
        ),
        (
            "register.md",
            "| cluster | pods |\n|---|---|\n| a | 10.4.0.0/16 |\n\nIn use: 10.200.0.0/16. And "
            "2001:db8:5::/48.\n",
            ["10.4.0.0/16", "10.200.0.0/16", "2001:db8:5::/48"],
        ),
        (
            "kind.yaml",
            KIND + "networking: {podSubnet: 10.3.0.0/16}\nnodes: [{extra: 10.77.3.4/16}]\n",
            ["10.3.0.0/16", "10.77.0.0/16"],
        ),
        (
            "eks.json",
            json.dumps({**eks("a", "us-west-2", "10.100.0.0/16"), "v": "vpc\n10.62.0.0/16",
                        "w": "vpc:10.63.0.0/16", "x": "net-10.65.0.0/16", "y": "@10.61.0.0/16",
                        "z": "https://10.66.0.0/16/"}).replace("@10.61.0.0/", "10.61.0.0\\/"),
            [f"10.{n}.0.0/16" for n in (100, 61, 62, 63, 65, 66)],
        ),
        (
            "pool.yaml",
            "apiVersion: projectcalico.org/v3\nkind: IPPool\nmetadata: {name: lb}\n"
            "spec: {cidr: 203.0.113.0/24, allowedUses: [LoadBalancer]}\n",
            ["203.0.113.0/24"],
        ),
    ],
)  # fmt: skip
def test_no_prefix_of_a_file_is_lost(
    name: str, text: str, prefixes: list[str], cli: Cli, tmp_path: Path
) -> None:
    (tmp_path / name).write_text(text, "utf-8")
    result = cli("import", tmp_path / name)
    assert result.code == 0, result.err
    data = yaml.safe_load(result.out)
    excluded = {row["prefix"] for row in data.get("exclude", ())}
    pinned = {
        prefix
        for cluster in data["clusters"]
        for held in cluster.get("addresses", {}).values()
        if isinstance(held, list)
        for prefix in held
    }
    assert {*prefixes} <= excluded | pinned
    if name == "pool.yaml":
        assert "203.0.113.0/24" in excluded


@pytest.mark.parametrize(
    ("given", "text", "says"),
    [
        ("x=FILE", CAPI.replace("NAME", "one").replace("PREFIX", "10.1.0.0/16") + "---\n"
         + CAPI.replace("NAME", "two").replace("PREFIX", "10.3.0.0/16"), "cannot both be x"),
        ("FILE", json.dumps([eks("prod", "eu-west-1", "172.20.0.0/16"),
                             eks("prod", "us-east-1", "10.100.0.0/16")]),
         "prod: clusters of one name in eu-west-1, us-east-1"),
        ("FILE", f"{KIND}networking: {{podSubnet: 10.3.0.0/16}}\n---\n{KIND}networking: {{a: \"b",
         "unclosed"),
        ("FILE", '{"apiVersion": "kind.x-k8s.io/v1alpha4",', "is of no kind"),
    ],
)  # fmt: skip
def test_what_would_be_two_things_or_half_a_thing_is_refused(
    given: str, text: str, says: str, cli: Cli, tmp_path: Path
) -> None:
    file = tmp_path / "a.yaml"
    file.write_text(text, "utf-8")
    result = cli("import", given.replace("FILE", str(file)), "-o", tmp_path / "fleet.yaml")
    assert result.code == 2
    assert says in result.err
    assert not (tmp_path / "fleet.yaml").exists()
