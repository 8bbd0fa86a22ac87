"""Whether pods are reached from outside: the table, what a cluster says itself, and who asks."""

from __future__ import annotations

from pathlib import Path

import pytest

from k8s6plan.catalog.reachability import cni_modes, reach, reachability, rows_for
from k8s6plan.decision.compare import compare
from k8s6plan.errors import Fault
from k8s6plan.fleet.file import load, parse
from k8s6plan.fleet.model import Fleet
from k8s6plan.fleet.reach import off_the_internet, reach_of, unreached
from k8s6plan.topology.designs import DESIGNS
from k8s6plan.topology.groups import outline_of
from tests.conftest import Cli

OTHER = "  - {name: other, provider: gcp, region: europe-west4, platform: gke}\n"


def fleet(*clusters: str, more: str = "") -> Fleet:
    rows = "".join(f"  - {{name: {chr(97 + n)}, {fields}}}\n" for n, fields in enumerate(clusters))
    return parse(f"version: 1\nfleet: f\nula_seed: s\n{more}clusters:\n{rows}", "fleet.yaml")


def feasible(described: Fleet) -> dict[str, bool]:
    table = compare(outline_of(described), list(DESIGNS)).table
    return {name: bool(row["feasible"].value) for name, row in table.items()}


def why(described: Fleet, design: str) -> str:
    return compare(outline_of(described), [design]).table[design]["feasible"].note


AWS = "provider: aws, region: eu-west-1, platform: eks"
GCP = "provider: gcp, region: europe-west4, platform: gke"
AKS = "provider: azure, region: westeurope, platform: aks"
VM = "provider: aws, region: eu-west-1"
VNET = "provider: azure, region: westeurope"
PREM = "provider: on-prem, site: fra, ipv6: provider"
DO = "provider: digitalocean, region: fra1"
IPV4_DESIGNS = ("hub-and-spoke", "full-mesh", "regional-hubs", "managed-hub", "overlay-mesh")


# --- the table -----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("fields", "ipv4", "ipv6", "inside"),
    [
        (AKS, False, False, False),
        (f"{AKS}, cni: cilium", False, False, False),
        (f"{AKS}, cni_mode: Azure CNI Overlay", False, False, False),
        (f"{AKS}, cni_mode: pod-subnet", True, False, True),
        (f"{AKS}, cni_mode: Node Subnet", True, False, True),
        (f"{AKS}, cni: calico, cni_mode: kubenet", False, False, False),
        (AWS, True, True, True),
        (f"{AWS}, cni: cilium", True, True, True),
        (f"{AWS}, cni: cilium, cni_mode: overlay", False, False, True),
        (GCP, True, True, True),
        (f"{PREM}, platform: openshift", False, False, True),
        (f"{PREM}, platform: openshift, cni_mode: bgp", True, True, True),
        (f"{PREM}, platform: k3s", False, False, True),
        (f"{PREM}, platform: k3s, cni: cilium, cni_mode: native", True, True, True),
        (f"{PREM}, platform: rke2", False, False, True),
        (f"{PREM}, cni: flannel", False, False, True),
        (f"{PREM}, cni: flannel, cni_mode: host-gw", True, True, True),
        (f"{PREM}, cni: calico", True, True, True),
        (f"{PREM}, cni: calico, cni_mode: IPIP", False, False, True),
        (f"{PREM}, cni: calico, cni_mode: BGP", True, True, True),
        (f"{PREM}, cni: cilium", True, True, True),
        (f"{PREM}, cni: cilium, cni_mode: vxlan", False, False, True),
        (f"{PREM}, cni: cilium, cni_mode: native routing", True, True, True),
        (f"{PREM}, platform: kubeadm", True, True, True),
        (PREM, True, True, True),
        ("provider: aws, region: eu-west-1, platform: kops", False, True, True),
        ("provider: aws, region: eu-west-1, platform: kops, cni_mode: eni", True, True, True),
        (f"{DO}, platform: doks", True, False, True),
        ("provider: oci, region: eu-frankfurt-1, platform: oke", True, True, True),
        # an overlay is one on every platform, whatever runs
        (f"{VM}, platform: kubeadm, cni_mode: overlay", False, False, True),
        (f"{VM}, cni_mode: overlay", False, False, True),
        (f"{VM}, platform: kubeadm, cni: weave, cni_mode: overlay", False, False, True),
        (f"{AWS}, cni: aws-vpc-cni, cni_mode: overlay", False, False, True),
        (f"{GCP}, cni_mode: overlay", False, False, True),
        (f"{VNET}, cni_mode: overlay", False, False, True),
        (f"{VNET}, cni: azure-cni, cni_mode: overlay", False, False, False),
        (f"{VNET}, cni: azure-cni", False, False, False),
        # what is not known of a platform is as it is there by default
        (f"{PREM}, platform: openshift, cni: openshift-sdn", False, False, True),
        (f"{PREM}, platform: k3s, cni: weave", False, False, True),
        (f"{AKS}, cni: azure-cni-overlay", False, False, False),
        (f"{AKS}, cni: kubenet", False, False, False),
        (f"{AKS}, cni: kubenet, cni_mode: overlay", False, False, False),
        (f"{AKS}, cni: none", False, False, False),
        (f"{AKS}, cni: aws-vpc-cni", False, False, False),
        (f"{AKS}, cni: kube-router", False, False, False),
        (f"{AKS}, cni: flannel", False, False, True),
        (f"{AKS}, cni: antrea, cni_mode: native", False, False, True),
        (f"{AWS}, cni: flannel", False, False, True),
        (f"{AKS}, cni: cilium, cni_mode: native", False, False, False),
        (f"{AKS}, cni_mode: overlai", False, False, False),
        (f"{AWS}, cni_mode: pod-subnet", True, True, True),
        (f"{VM}, platform: kubeadm, cni: aws-vpc-cni", True, True, True),
        (f"{VM}, platform: k3s, cni: aws-vpc-cni", True, True, True),
        ("provider: oci, region: eu-frankfurt-1, platform: oke, cni: flannel", False, False, True),
    ],
)
def test_the_table(fields: str, ipv4: bool, ipv6: bool, inside: bool) -> None:
    described = fleet(fields.replace("Azure CNI Overlay", '"Azure CNI Overlay"'))
    (cluster,) = described.clusters
    assert (
        reach_of(described, cluster, "ipv4").reached,
        reach_of(described, cluster, "ipv6").reached,
        reach_of(described, cluster, "ipv4", inside=True).reached,
    ) == (ipv4, ipv6, inside)


def test_every_row_can_be_had_and_says_who_says_so() -> None:
    rows = reachability()
    assert len(rows) >= 25
    for row in rows:
        for platform in row.get("platforms", [None]):
            for cni in row.get("cnis", ["weave"]):
                assert row["mode"] in cni_modes()
                found = reach(platform, cni, row["mode"], "ipv4")
                assert found is not None
                assert found.source
                assert found.reached or found.why


def test_a_platform_of_the_table_has_one_usual_mode() -> None:
    for row in reachability():
        for platform in row.get("platforms", []):
            usual = [one for one in rows_for(platform, None) if one.get("usual")]
            assert len(usual) == 1, platform


# --- what a cluster says itself ------------------------------------------------------------------


def test_pods_routed_counts_before_the_table() -> None:
    shown = fleet(f"{AKS}, pods_routed: true", f"{GCP}, pods_routed: false")
    one, other = shown.clusters
    assert reach_of(shown, one, "ipv4").reached
    assert not reach_of(shown, other, "ipv6").reached
    assert "pods_routed" in why(shown, "full-mesh")


@pytest.mark.parametrize(
    ("pins", "family", "reached"),
    [
        ('pods: "10.0.0.0/16"', "ipv6", False),
        ('pods: "10.0.0.0/16"', "ipv4", True),
        ('pods: "2a05:d018::/64"', "ipv4", False),
        ('services: "172.20.0.0/16"', "ipv6", False),
        ('nodes: "10.0.0.0/16"', "ipv6", True),
    ],
)
def test_eks_has_one_family_for_its_life(pins: str, family: str, reached: bool) -> None:
    described = fleet(f"{AWS}, addresses: {{{pins}}}")
    (cluster,) = described.clusters
    found = reach_of(described, cluster, family)  # type: ignore[arg-type]
    assert found.reached is reached
    assert reached or "one family for its life" in found.why


def test_an_eks_cluster_with_ipv4_pods_is_not_flat() -> None:
    described = fleet(f'{AWS}, addresses: {{pods: "10.0.0.0/16"}}', GCP)
    assert feasible(described)["flat-ipv6"] is False
    assert feasible(described)["full-mesh"] is True


# --- who asks: designs ---------------------------------------------------------------------------


def test_aks_overlay_is_in_no_design() -> None:
    found = feasible(fleet(AKS, GCP))
    assert not any(found.values())
    assert "`cni_mode: pod-subnet`" in why(fleet(AKS, GCP), "full-mesh")


def test_aks_pod_subnet_is_in_all_but_flat_ipv6() -> None:
    found = feasible(fleet(f"{AKS}, cni_mode: pod-subnet", GCP))
    assert [name for name in IPV4_DESIGNS if not found[name]] == []
    assert found["flat-ipv6"] is False


@pytest.mark.parametrize(
    "cni",
    ["flannel", "ovn-kubernetes", "cilium, cni_mode: overlay", "calico, cni_mode: overlay"],
)
def test_an_overlay_of_ones_own_is_joined_by_gateways_inside_it_alone(cni: str) -> None:
    found = feasible(fleet(f"{PREM}, cni: {cni}", GCP))
    assert {name for name, fits in found.items() if fits} == {"overlay-mesh"}
    name = cni.partition(",")[0]
    routed = feasible(fleet(f"{PREM}, cni: {name}, cni_mode: native", GCP))
    assert routed["full-mesh"]
    assert routed["flat-ipv6"]


@pytest.mark.parametrize("cni", ["cilium", "calico"])
def test_what_a_cni_can_both_ways_is_taken_as_routed_and_said(cni: str) -> None:
    described = fleet(f"{PREM}, cni: {cni}", GCP)
    for design in ("full-mesh", "flat-ipv6"):
        assert feasible(described)[design]
        assert why(described, design).startswith(f"a: taken to be routed, as {cni} can")
    assert why(described, "overlay-mesh") == ""
    assert why(fleet(f"{PREM}, cni: {cni}, cni_mode: native", GCP), "full-mesh") == ""
    assert why(fleet(f"{PREM}, cni: {cni}, pods_routed: true", GCP), "full-mesh") == ""


@pytest.mark.parametrize(
    ("fields", "what"),
    [
        (VM, "how their CNI runs"),
        (f"{VM}, platform: kubeadm", "how their CNI runs"),
        (f"{VM}, platform: kubeadm, cni: weave", "how weave runs there"),
        (f"{VM}, platform: kubeadm, cni_mode: pod-subnet", "how their CNI runs"),
        (f"{VM}, cni: calico, cni_mode: pod-subnet", ""),
    ],
)
def test_where_nothing_is_known_the_sheet_says_what_it_took(fields: str, what: str) -> None:
    described = fleet(fields, GCP)
    said = f"as nothing is known of {what};" if what else "as calico can;"
    for design in ("full-mesh", "flat-ipv6"):
        assert feasible(described)[design]
        assert why(described, design).startswith(f"a: taken to be routed, {said}")
    assert why(described, "overlay-mesh") == ""
    for more in ("cni_mode: native", "pods_routed: true"):
        alone = fields.partition(", cni_mode")[0]
        assert why(fleet(f"{alone}, {more}", GCP), "full-mesh") == ""


def test_an_overlay_that_is_routed_all_the_same_is_joined() -> None:
    described = fleet(f"{VM}, platform: kubeadm, cni_mode: overlay, pods_routed: true", GCP)
    assert feasible(described)["full-mesh"]
    assert feasible(described)["flat-ipv6"]


def test_what_is_assumed_of_a_mode_that_is_none_there_is_said() -> None:
    described = fleet(f"{AKS}, cni: cilium, cni_mode: native", GCP)
    assert "overlay is assumed; say `cni_mode: pod-subnet`" in why(described, "full-mesh")


def test_an_aggregate_of_ones_own_reaches_nobody_at_digitalocean() -> None:
    owned = 'ipv6: "2a0a:100::/32"\n'
    described = fleet(f"{DO}, platform: kubeadm", GCP, more=owned)
    assert "digitalocean takes no IPv6 prefix of one's own" in why(described, "flat-ipv6")
    assert feasible(described)["full-mesh"]
    assert feasible(fleet(f"{DO}, platform: kubeadm", GCP))["flat-ipv6"]


def test_one_site_has_no_outside() -> None:
    one = fleet(f"{PREM}, cni: flannel", f"{PREM}, cni: flannel")
    assert unreached(one, "ipv4") == ()
    assert all(feasible(one).values()) or not feasible(one)["as-demanded"]


def test_who_only_sends_need_not_be_reached_by_ipv4() -> None:
    shop = "provider: on-prem, site: s{}, platform: k3s, ipv6: provider"
    demand = "demands: [{{from: {}, to: {}, gb_per_month: 1}}]\n"
    clusters = (GCP, shop.format(1), shop.format(2))
    sends = feasible(fleet(*clusters, more=demand.format("b", "a")))
    assert sends["hub-and-spoke"]
    assert sends["as-demanded"]
    assert not sends["flat-ipv6"]
    hears = fleet(*clusters, more=demand.format("a", "b"))
    assert not feasible(hears)["hub-and-spoke"]
    assert why(hears, "hub-and-spoke").startswith("b: pods are an overlay")
    everyone = "demands: [{from: b, to: all, gb_per_month: 1, per: pair}]\n"
    assert not feasible(fleet(*clusters, more=everyone))["full-mesh"]


def test_many_clusters_are_not_all_named() -> None:
    many = fleet(*[f"{AKS}"] * 20)
    (said,) = unreached(many, "ipv4")
    assert said.startswith("a, b, c, d, e, f, g, h and 12 more: pods are an overlay")


# --- ULA -----------------------------------------------------------------------------------------

ULA = "provider: on-prem, site: fra, platform: kubeadm"


@pytest.mark.parametrize(
    ("clusters", "sites"),
    [
        ((ULA, GCP), "a"),
        ((ULA, ULA.replace("fra", "ber")), "ber, fra"),
        ((f"{AWS}, ipv6: ula", GCP), "a"),
        ((f'{AWS}, ipv6: "fd80:1::/40"', GCP), "a"),
        ((f"{AWS}, ipv6: ula", AWS.replace("eu-west-1", "us-east-1") + ", ipv6: ula"), ""),
        ((ULA, f"{ULA}, nodes: 3"), ""),
        ((f'{ULA}, addresses: {{pods: "2620:0:861::/64"}}', GCP), ""),
        ((f'{ULA}, addresses: {{pods: "fd00:1::/64"}}', GCP), "a"),
        ((f"{ULA}, addresses: {{pods: external}}", GCP), ""),
        ((f"{ULA}, ipv6: provider", GCP), ""),
    ],
)
def test_ula_does_not_cross_the_internet(clusters: tuple[str, ...], sites: str) -> None:
    described = fleet(*clusters)
    said = off_the_internet(described)
    named = {"a": "fra" if "on-prem" in clusters[0] else "a"}.get(sites, sites)
    assert [one.partition(":")[0] for one in said] == ([named] if named else [])
    assert feasible(described)["flat-ipv6"] is not bool(sites)
    assert not sites or "RFC 4193" in why(described, "flat-ipv6")


DROPLETS = f"{DO}, platform: kubeadm, ipv6: ula"


def test_ula_does_not_cross_a_peering_that_carries_no_ipv6() -> None:
    described = fleet(DROPLETS, DROPLETS.replace("fra1", "nyc1"))
    assert not feasible(described)["flat-ipv6"]
    assert "RFC 4193" in why(described, "flat-ipv6")
    assert feasible(described)["full-mesh"]


def test_a_provider_that_assigns_ula_is_told_across_networks_alone() -> None:
    assert "what gcp assigns to a VPC is ULA" in why(fleet(GCP, AWS), "flat-ipv6")
    assert why(fleet(GCP, AWS), "full-mesh") == ""
    assert why(fleet(GCP, GCP), "flat-ipv6") == ""
    owned = fleet(f'{GCP}, ipv6: "2a0a:100::/40"', AWS)
    assert "ULA" not in why(owned, "flat-ipv6")


def test_ula_that_a_provider_assigned_is_found(cli: Cli, tmp_path: Path) -> None:
    described, plan = tmp_path / "fleet.yaml", tmp_path / "plan.yaml"
    rows = f"  - {{name: a, {AWS}}}\n  - {{name: b, {GCP}}}\n"
    described.write_text(f"version: 1\nfleet: f\nula_seed: s\nclusters:\n{rows}")
    assert cli("plan", described, "-o", plan).code == 0
    assert cli("check", plan).code == 0
    assigned = cli("plan", described, "-o", plan, "--assign", "b=fd20::/48")
    assert "b: ULA is not routed on the internet" in assigned.err
    checked = cli("check", plan)
    assert checked.code == 1
    assert "fd20::/48 of site b is ULA" in checked.out
    allowed = cli("allow", "--fleet", described, "--plan", plan, "-d", "flat-ipv6")
    assert "b: ULA is not routed on the internet" in allowed.err
    quiet = cli("allow", "--fleet", described, "--plan", plan, "-d", "full-mesh")
    assert "ULA" not in quiet.err


def test_pods_that_are_pinned_to_assigned_ula_are_found(cli: Cli, tmp_path: Path) -> None:
    path = tmp_path / "fleet.yaml"
    pin = 'addresses: {pods: "fd20:0:0:8::/96"}'
    rows = f"  - {{name: a, {AWS}}}\n  - {{name: b, {GCP}, {pin}}}\n"
    path.write_text(f"version: 1\nfleet: f\nclusters:\n{rows}")
    assert "[ula-assigned]" in cli("check", path).out
    path.write_text(path.read_text().replace(AWS, GCP.replace("west4", "west1")))
    assert "[ula-assigned]" not in cli("check", path).out


def test_tunnels_between_clouds_make_networks_of_one_provider_strangers() -> None:
    two = (f"{AWS}, ipv6: ula", AWS.replace("eu-west-1", "us-east-1") + ", ipv6: ula")
    assert off_the_internet(fleet(*two, more="connect: {same_provider: tunnel}\n"))


def test_the_starter_file_can_be_flat(cli: Cli, tmp_path: Path) -> None:
    path = tmp_path / "fleet.yaml"
    assert cli("init", path).code == 0
    assert feasible(load(path))["flat-ipv6"]


# --- the names of modes --------------------------------------------------------------------------


def test_a_mode_that_nobody_knows_is_told() -> None:
    found: list[Fault] = []
    text = (
        "version: 1\nfleet: f\nclusters:\n"
        f"  - {{name: a, {PREM}, cni: cilium, cni_mode: overlai}}\n"
        f"  - {{name: b, {AWS}, cni_mode: pod-subnet}}\n"
        f"  - {{name: c, {AWS}, cni: aws-vpc-cni, cni_mode: overlay}}\n"
        f"  - {{name: d, {VM}, cni_mode: kubenet}}\n"
    )
    parse(text, "fleet.yaml", found.append)
    assert [fault.message.partition(":")[0] for fault in found] == [
        'cni_mode "overlai" is not known (did you mean overlay?)',
        'cni_mode "pod-subnet" is not known of eks (known',
        'cni_mode "overlay" is not known of eks with aws-vpc-cni (known',
        'cni_mode "kubenet" is not known of such clusters (known',
    ]
    costs = [fault.message.rpartition(": ")[2] for fault in found]
    assert costs[:2] == ["read as if it were not said"] * 2
    assert costs[2].startswith("pods are taken as an overlay")
