"""Each rule of `check`: broken, kept, switched off."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import yaml

from k8s6plan import catalog
from k8s6plan.addressing.check import Finding, check_fleet, check_plan
from k8s6plan.addressing.plan import make_plan
from k8s6plan.addressing.plan_file import from_yaml, to_yaml
from tests.plan_files import unsealed
from tests.strategies import load


def found(*clusters: dict[str, Any], **top: Any) -> list[Finding]:
    full = [{"provider": "x", "region": "r", **cluster} for cluster in clusters]
    return check_fleet(load({"version": 1, "fleet": "f", "clusters": full, **top}))


def pinned(name: str, **addresses: Any) -> dict[str, Any]:
    return {"name": name, "addresses": {"nodes": "external", **addresses}}


# rule, severity, clusters, the rest of the fleet, what the message must say
BROKEN: list[tuple[str, str, list[dict[str, Any]], dict[str, Any], str]] = [
    (
        "overlap",
        "error",
        [pinned("a", pods=["10.0.0.0/14"]), pinned("b", pods=["10.1.0.0/16"])],
        {},
        "10.1.0.0/16 of b (pods) lies inside 10.0.0.0/14 of a (pods)",
    ),
    (
        "overlap",
        "error",
        [pinned("a", pods=["10.0.0.0/16"])],
        {"exclude": [{"name": "office", "prefix": "10.0.3.0/24"}]},
        "10.0.3.0/24 of office (excluded) lies inside 10.0.0.0/16 of a (pods)",
    ),
    (
        "equal-services",
        "warning",
        [pinned("a", services=["10.97.0.0/16"]), pinned("b", services=["10.97.0.0/16"])],
        {},
        "10.97.0.0/16 is held by a (services) and b (services)",
    ),
    (
        "outside-pool",
        "warning",
        [pinned("a", pods=["192.168.0.0/16"])],
        {"pools": {"pods": ["10.0.0.0/8"]}},
        "192.168.0.0/16 of a (pods) lies in no pool of pods (10.0.0.0/8)",
    ),
    (
        "opens-lists",
        "error",
        [pinned("a", nodes=["8.0.0.0/7"])],
        {},
        "8.0.0.0/7 of a (nodes) lies in no pool or aggregate of the fleet, and is more than the "
        "/24 that one site is given; every other cluster would let all of it in",
    ),
    (
        "opens-lists",
        "error",
        [pinned("a", pods=["fc00::/7"])],
        {},
        "fc00::/7 of a (pods) lies in no pool or aggregate of the fleet, and is more than the /48",
    ),
    (
        "undeclared",
        "note",
        [pinned("a", pods=["192.168.0.0/16"]), pinned("b", nodes=["198.51.99.0/24"])],
        {},
        "2 pinned prefixes lie in no pool or aggregate of the fleet (1 routed on the internet): "
        "198.51.99.0/24 of b (nodes) and 192.168.0.0/16 of a (pods); the allow lists",
    ),
    (
        "too-small",
        "error",
        [{**pinned("a", pods=["10.0.0.0/22"]), "nodes": 5}],
        {},
        "has 4 blocks of /24, and 5 nodes need one each",
    ),
    (
        "too-small",
        "error",
        [{**pinned("a", pods=["10.0.0.0/25"]), "nodes": 1}],
        {},
        "holds no /24, which one node takes",
    ),
    (
        "too-small",
        "error",
        [{**pinned("a", pods=["10.0.0.0/24"]), "nodes": 3, "pods_per_node": 110, "cni": "calico"}],
        {},
        "has 4 blocks of /26; 3 nodes with 110 pods each need 6",
    ),
    (
        "too-small",
        "error",
        [{**pinned("a", pods=["10.0.0.0/16"]), "nodes": 3, "pods_per_node": 300}],
        {},
        "a node of a takes a /24, 256 addresses, and 300 pods are asked for",
    ),
    (
        "too-small",
        "error",
        [{"name": "a", "nodes": 20, "addresses": {"nodes": ["10.0.0.0/28"]}}],
        {},
        "has 16 addresses, and 25 are needed",
    ),
    (
        "too-small",
        "error",
        [{**pinned("a", services=["10.0.0.0/24"]), "services": 500}],
        {},
        "has room for 254 services, and 500 are asked for",
    ),
    (
        "nearly-full",
        "warning",
        [{**pinned("a", pods=["10.0.0.0/18"]), "nodes": 243, "cni": "calico"}],
        {},
        "243 of 256 blocks of /26 are taken (95%), one a node; 13 more nodes fit",
    ),
    (
        "nearly-full",
        "warning",
        [{**pinned("a", pods=["10.0.0.0/18"]), "nodes": 255, "cni": "calico"}],
        {},
        "255 of 256 blocks of /26 are taken (>99%), one a node; 1 more node fits",
    ),
    (
        "mask-distance",
        "error",
        [pinned("a", pods=["fd00::/44"])],
        {},
        "node mask /64 is 20 bits longer, and 16 is the most; take a /48",
    ),
    (
        "special-purpose",
        "error",
        [pinned("a", pods=["2001:db8:1::/48"])],
        {},
        "lies in 2001:db8::/32",
    ),
    ("special-purpose", "error", [pinned("a", pods=["127.0.0.0/16"])], {}, "lies in 127.0.0.0/8"),
    (
        "special-purpose",
        "error",
        [{"name": "a"}],
        {"ipv6": "3fff::/32"},
        "3fff::/32 of ipv6 lies in 3fff::/20",
    ),
    (
        "services-size",
        "error",
        [pinned("a", services=["10.0.0.0/11"])],
        {"kubernetes": "1.33"},
        "larger than the /12 that kube-apiserver 1.33 takes",
    ),
    (
        "services-size",
        "error",
        [{**pinned("a", services=["fd00::/64"]), "kubernetes": "1.33.4", "platform": "kubeadm"}],
        {"kubernetes": "1.35"},
        "larger than the /108 that kubeadm 1.33.4 takes",
    ),
    (
        "services-size",
        "error",
        [pinned("a", services=["fd00::/63"])],
        {"kubernetes": "1.34"},
        "larger than the /64 that kube-apiserver 1.34 takes",
    ),
    (
        "one-per-family",
        "warning",
        [pinned("a", pods=["10.0.0.0/16", "10.2.0.0/16"])],
        {},
        "a (pods) has 2 ipv4 prefixes",
    ),
    (
        "one-per-family",
        "warning",
        [pinned("a", services=["10.0.0.0/16", "10.2.0.0/16"])],
        {"kubernetes": "1.32"},
        "a (services) has 2 ipv4 prefixes",
    ),
    (
        "default-kept",
        "error",
        [
            {**pinned("a", pods=["fd00::/104"]), "cni": "cilium"},
            {**pinned("b", pods=["fd00::/104"]), "cni": "cilium"},
        ],
        {},
        "a and b both kept the default fd00::/104 of cilium; renumber all but one",
    ),
    (
        "default-kept",
        "warning",
        [
            {**pinned(n, services=["10.0.0.0/16"]), "provider": "azure", "platform": "aks"}
            for n in "abc"
        ],
        {},
        "a, b and c kept the default 10.0.0.0/16 of aks; harmless while",
    ),
    (
        "default-kept",
        "note",
        [
            {**pinned(n, services=["fd00:5e4f:ce::/108"]), "provider": "aws", "platform": "kops"}
            for n in "ab"
        ],
        {},
        "of kops, which cannot be changed; do not route it",
    ),
    (
        "default-kept",
        "error",
        [pinned("a", pods=["10.244.0.0/16"]), pinned("b", pods=["10.244.0.0/16"])],
        {},
        "a and b both hold 10.244.0.0/16, the default of aks, flannel and kubeadm",
    ),
    (
        "mask-distance",
        "error",
        [{**pinned("a", pods=["fd00:1::/64"]), "cni": "cilium"}],
        {},
        "node mask /120 is 56 bits longer, and 16 is the most; take a /104, or a node mask of /80",
    ),
    (
        "mask-distance",
        "error",
        [{**pinned("a", pods=["10.0.0.0/7"]), "platform": "kubeadm"}],
        {},
        "node mask /24 is 17 bits longer",
    ),
    (
        "node-mask",
        "error",
        [{**pinned("a"), "cni": "calico", "node_masks": {"ipv4": 18}}],
        {},
        "a states node blocks of /18 (ipv4), and calico takes /20 to /32",
    ),
    (
        "services-size",
        "error",
        [{**pinned("a", services=["10.0.0.0/12"]), "provider": "azure", "platform": "aks"}],
        {},
        "larger than the /13 that aks takes",
    ),
    (
        "services-size",
        "error",
        [{**pinned("a", services=["10.0.0.0/25"]), "provider": "aws", "platform": "eks"}],
        {},
        "smaller than the /24 that eks takes",
    ),
    (
        "services-usable",
        "note",
        [pinned("a", services=["fd00::/108"])],
        {"kubernetes": "1.33"},
        "Kubernetes 1.33 uses only its first /112, 65,536 addresses",
    ),
    (
        "services-usable",
        "warning",
        [{**pinned("a", services=["fd00::/108"]), "services": 70000}],
        {"kubernetes": "1.32"},
        "65,536 addresses, and 70,000 services are asked for",
    ),
    (
        "minimum-size",
        "error",
        [{**pinned("a", services=["10.0.0.0/29"]), "platform": "kubeadm"}],
        {},
        "has 8 addresses, and kubeadm takes 10 at least",
    ),
    (
        "minimum-size",
        "error",
        [{**pinned("a", pods=["fd00::/125"]), "platform": "kubeadm"}],
        {},
        "has 8 addresses, and kubeadm takes 14 at least",
    ),
    (
        "primary-family",
        "error",
        [pinned("a", pods=["10.0.0.0/16", "fd00::/64"], services=["fd01::/112", "10.1.0.0/16"])],
        {},
        "a names IPv4 first for pods and IPv6 first for services",
    ),
    (
        "single-stack",
        "error",
        [
            {
                **pinned("a", pods=["10.0.0.0/16", "fd80::/64"]),
                "provider": "aws",
                "platform": "eks",
            }
        ],
        {},
        "a has pods of both families, and eks is single-stack",
    ),
    (
        "no-ipv6-only",
        "warning",
        [{**pinned("a", pods=["fd00::/64"]), "provider": "azure", "platform": "aks"}],
        {},
        "a (pods) names IPv6 alone, and aks has no IPv6 without IPv4",
    ),
    (
        "no-ipv6-only",
        "warning",
        [
            {
                **pinned("a", pods=["fd00::/64", "10.0.0.0/16"]),
                "provider": "azure",
                "platform": "aks",
            }
        ],
        {},
        "a (pods) names IPv6 first, and aks takes IPv4 first",
    ),
    (
        "services-assigned",
        "error",
        [{**pinned("a", services=["2a00:1::/112"]), "provider": "aws", "platform": "eks"}],
        {},
        "eks picks this prefix itself, out of fc00::/7",
    ),
    (
        "services-assigned",
        "error",
        [{**pinned("a", services=["fd00:1::/108"]), "provider": "aws", "platform": "kops"}],
        {},
        "kops picks this prefix itself, out of fd00:5e4f:ce::/108",
    ),
    (
        "services-private",
        "error",
        [{**pinned("a", services=["100.64.0.0/16"]), "provider": "aws", "platform": "eks"}],
        {},
        "eks takes services from RFC 1918 only",
    ),
    (
        "subnet-size",
        "error",
        [{"name": "a", "provider": "aws", "addresses": {"nodes": ["10.0.0.0/14"]}}],
        {},
        "10.0.0.0/14 of a (nodes): aws takes /16 to /28",
    ),
    (
        "subnet-size",
        "error",
        [{"name": "a", "provider": "aws", "addresses": {"nodes": ["2600:1f18::/58"]}}],
        {},
        "aws takes /44 to /64 in steps of 4",
    ),
    (
        "subnet-size",
        "error",
        [{"name": "a", "provider": "azure", "addresses": {"nodes": ["fd00::/80", "10.0.0.0/16"]}}],
        {},
        "fd00::/80 of a (nodes): azure takes /64",
    ),
    (
        "subnet-size",
        "note",
        [{"name": "a", "provider": "gcp", "addresses": {"nodes": ["fd20::/48"]}}],
        {},
        "gcp cuts this into subnets of /64",
    ),
    (
        "vpc-secondary",
        "warning",
        [
            {
                "name": "a",
                "provider": "aws",
                "addresses": {"nodes": ["10.0.0.0/16", "172.16.0.0/16"]},
            }
        ],
        {},
        "a VPC that begins with 10.0.0.0/16 takes no further prefix out of 172.16.0.0/12",
    ),
    (
        "ula-range",
        "error",
        [{"name": "a", "provider": "aws", "addresses": {"nodes": ["fd00:1::/64"]}}],
        {},
        "aws takes ULA prefixes from fd80::/9 only",
    ),
    (
        "ula-range",
        "note",
        [{**pinned("a", pods=["fd00:1::/64"]), "provider": "gcp"}],
        {},
        "gcp takes ULA prefixes from fd20::/20 only, unless its pods are an overlay",
    ),
    (
        "ula-range",
        "error",
        [{"name": "a", "provider": "aws"}, {"name": "b", "provider": "aws"}, {"name": "c"}],
        {"ipv6": "fd00:1::/32"},
        "fd00:1::/32 (ipv6) is for a and b too, and aws takes ULA",
    ),
    (
        "ula-assigned",
        "warning",
        [
            {**pinned("a", pods=["fd20:0:0:8::/96"]), "provider": "gcp", "platform": "gke"},
            {"name": "b", "provider": "aws"},
        ],
        {},
        "a: ULA is not routed on the internet (RFC 4193), which lies between 2 networks",
    ),
    (
        "fits",
        "error",
        [{"name": "a"}, {"name": "b"}],
        {"pools": {"pods": ["100.64.0.0/20"]}},
        "IPv4 does not fit: pods of 1 of 2 clusters (first: b needs a /20)",
    ),
]


@pytest.mark.parametrize(("rule", "severity", "clusters", "top", "says"), BROKEN)
def test_broken_rule_is_found_and_can_be_switched_off(
    rule: str, severity: str, clusters: list[dict[str, Any]], top: dict[str, Any], says: str
) -> None:
    hits = [f for f in found(*clusters, **top) if f.rule == rule]
    assert any(says in f.message and f.severity == severity for f in hits), hits
    assert all(f.source for f in hits)
    assert not [f for f in found(*clusters, **top, rules={rule: False}) if f.rule == rule]


def test_every_rule_is_broken_above() -> None:
    assert {case[0] for case in BROKEN} == set(catalog.rules())


KEPT: list[tuple[list[dict[str, Any]], dict[str, Any]]] = [
    ([pinned("a", pods=["10.0.0.0/16"]), pinned("b", pods=["10.1.0.0/16"])], {}),
    # 16 bits apart is the most that is allowed.
    ([{**pinned("a", pods=["fd00::/48"]), "nodes": 100}], {}),
    # Calico's IPAM knows no such limit.
    ([{**pinned("a", pods=["fd00::/64"]), "cni": "calico", "nodes": 9}], {}),
    # Pods of EKS live in their VPC.
    (
        [
            {
                "name": "a",
                "provider": "aws",
                "platform": "eks",
                "addresses": {"nodes": ["10.0.0.0/16"], "pods": ["10.0.64.0/18"]},
            }
        ],
        {},
    ),
    # Two clusters of one site share its node prefix.
    (
        [
            {
                "name": n,
                "site": "dc",
                "provider": "on-prem",
                "addresses": {"nodes": ["10.0.0.0/16"]},
            }
            for n in ("a", "b")
        ],
        {},
    ),
    # Overlays of Cilium and Calico on AWS are none of the VPC's business.
    ([{**pinned("a", pods=["fd00:1::/104"]), "provider": "aws", "cni": "cilium"}], {}),
    # Cilium's /120 a node, 16 bits below its pool; and what AWS, Google and Azure take.
    ([{**pinned("a", pods=["fd00:1::/104"]), "cni": "cilium"}], {}),
    (
        [{"name": "a", "provider": "aws", "addresses": {"nodes": ["fd80:1::/56", "10.0.0.0/16"]}}],
        {},
    ),
    ([{"name": "a", "provider": "gcp", "addresses": {"nodes": ["fd20:1::/64"]}}], {}),
    ([{"name": "a", "provider": "azure", "addresses": {"nodes": ["10.0.0.0/8", "fd00::/64"]}}], {}),
    # EKS in IPv6, with the service prefix that it was given; IPv4 out of a secondary prefix.
    (
        [
            {
                **pinned("a", pods=["2600:1f18::/56"], services=["fd30:3087:b6c2::/108"]),
                "provider": "aws",
                "platform": "eks",
            }
        ],
        {},
    ),
    (
        [
            {
                "name": "a",
                "provider": "aws",
                "platform": "eks",
                "addresses": {
                    "nodes": ["10.0.0.0/16", "100.64.0.0/16"],
                    "pods": ["100.64.0.0/16"],
                    "services": ["172.20.0.0/16"],
                },
            }
        ],
        {},
    ),
    # The same family first for pods and for services; only one cluster with a default.
    (
        [
            {
                **pinned("a", pods=["fd01::/48", "10.128.0.0/14"], services=["fd02::/112"]),
                "platform": "openshift",
            }
        ],
        {},
    ),
    # Chosen, though it is somebody's default: no default was kept, and nothing overlaps.
    ([{**pinned("a", pods=["192.168.0.0/16"]), "cni": "cilium"}], {}),
    # kubeadm's smallest.
    (
        [
            {
                **pinned("a", pods=["fd00::/60"], services=["10.0.0.0/28"]),
                "platform": "kubeadm",
            }
        ],
        {},
    ),
    # No pools are named, so nothing is outside them.
    ([pinned("a", pods=["192.168.0.0/16"])], {}),
]


@pytest.mark.parametrize(("clusters", "top"), KEPT)
def test_kept_rules_find_nothing(clusters: list[dict[str, Any]], top: dict[str, Any]) -> None:
    for cluster in clusters:
        if cluster.get("provider") == "on-prem":
            cluster["region"] = None
    assert [f for f in found(*clusters, **top) if f.counts] == []


def test_eks_pods_overlap_another_sites_nodes() -> None:
    eks = {"provider": "aws", "platform": "eks"}
    clusters = [
        {"name": "a", **eks, "addresses": {"pods": ["10.0.0.0/16"]}},
        {"name": "b", **eks, "addresses": {"nodes": ["10.0.0.0/20"]}},
    ]
    assert [f.rule for f in found(*clusters) if f.severity == "error"] == ["overlap"]


def test_one_fault_is_one_finding() -> None:
    kept = [{**pinned(n, pods=["fd00::/104"]), "cni": "cilium"} for n in "ab"]
    assert [f.rule for f in found(*kept) if f.counts] == ["default-kept"]
    chosen = [
        {**pinned(n, pods=["10.244.0.0/16"]), "cni": "calico", "platform": "rke2"} for n in "ab"
    ]
    assert [f.rule for f in found(*chosen)] == ["overlap"]


def test_rules_are_whole_rows() -> None:
    text = (Path(catalog.__file__).parent / "data" / "rules.yaml").read_text("utf-8")
    rows = yaml.safe_load(text)["rules"]
    assert set(rows) == set(catalog.rules())
    for name, row in rows.items():
        assert set(row) == {"says", "severity", "source", "as_of", "confidence"}, name
        assert all(isinstance(value, str) and value for value in row.values()), name
        assert row["severity"] in ("error", "warning", "note"), name
        assert row["confidence"] in ("high", "medium", "low", "unverified"), name


def test_defaults_are_not_held_against_a_fleet() -> None:
    notes = found(pinned("a", services=["10.0.0.0/24"]), pinned("b", services=["10.1.0.0/24"]))
    assert [(f.rule, f.severity) for f in notes] == [("too-small", "note")]
    assert "254 in 10.0.0.0/24 of a and 254 in 10.1.0.0/24 of b" in notes[0].message
    assert "which the file does not state" in notes[0].message
    assert not notes[0].counts
    calico = found({**pinned("a", pods=["10.0.0.0/24"]), "cni": "calico", "nodes": 3})
    assert [f.message for f in calico if "pods_per_node is 110" in f.message]


def test_plan_is_checked_as_well() -> None:
    fleet = load(
        {
            "version": 1,
            "fleet": "f",
            "ula_seed": "s",
            "clusters": [{"name": n, "provider": "x", "region": "r"} for n in ("a", "b")],
        }
    )
    plan, _ = make_plan(fleet)
    assert check_plan(plan) == []
    text = unsealed(to_yaml(plan, "Written by k8s6plan 0 plan"))
    taken = str(plan.clusters["a"]["pods"]["ipv4"].prefix)
    mine = str(plan.clusters["b"]["pods"]["ipv4"].prefix)
    broken = from_yaml(text.replace(mine, taken), "plan.yaml")
    (finding,) = check_plan(broken)
    assert finding.message == f"{taken} is held by a (pods) and b (pods); renumber one of them"
    special = from_yaml(text.replace(mine, "127.0.0.0/20"), "plan.yaml")
    assert [f.rule for f in check_plan(special)] == ["special-purpose"]


@pytest.mark.parametrize(
    "clusters",
    [
        [
            {
                "name": "a",
                "provider": "aws",
                "platform": "eks",
                "addresses": {"nodes": ["10.0.0.0/16"], "pods": ["10.0.64.0/18"]},
            }
        ],
        [
            {
                "name": n,
                "provider": "on-prem",
                "site": "dc",
                "addresses": {"nodes": ["10.0.0.0/16"]},
            }
            for n in ("a", "b")
        ],
    ],
)
def test_what_is_no_overlap_in_the_fleet_is_none_in_its_plan(
    clusters: list[dict[str, Any]],
) -> None:
    regions = [{"region": "r", **c} if c["provider"] == "aws" else c for c in clusters]
    plan, _ = make_plan(load({"version": 1, "fleet": "f", "clusters": regions}))
    text = to_yaml(plan, "Written by k8s6plan 0 plan")
    assert check_plan(from_yaml(text, "plan.yaml")) == []
