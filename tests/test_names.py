"""Names in every spelling that people use, names that no table knows, and `k8s6plan list`."""

from __future__ import annotations

import csv
import json
from pathlib import Path

import pytest

from k8s6plan.catalog import names, provider_names
from k8s6plan.catalog.regions import regions_of
from k8s6plan.errors import Fault, InvalidFleet
from k8s6plan.fleet.file import parse
from k8s6plan.fleet.model import Cluster, Fleet
from tests.conftest import Cli

HEAD = "version: 1\nfleet: f\n"


def fleet(text: str) -> Fleet:
    return parse(HEAD + text, "fleet.yaml")


def told(text: str) -> list[Fault]:
    found: list[Fault] = []
    parse(HEAD + text, "fleet.yaml", found.append)
    return found


def cluster(fields: str) -> Cluster:
    (only,) = fleet(f"clusters:\n  - {{name: a, {fields}}}\n").clusters
    return only


@pytest.mark.parametrize(
    ("kind", "text", "name"),
    [
        ("provider", "AWS", "aws"),
        ("provider", "Amazon", "aws"),
        ("provider", "google", "gcp"),
        ("provider", "gke", "gcp"),
        ("provider", "GCP", "gcp"),
        ("provider", "Microsoft Azure", "azure"),
        ("provider", "onprem", "on-prem"),
        ("provider", "On-Premises", "on-prem"),
        ("provider", "bare_metal", "on-prem"),
        ("provider", "Google Cloud Platform", "gcp"),
        ("provider", "google-cloud-platform", "gcp"),
        ("provider", "GoogleCloudPlatform", "gcp"),
        ("provider", "gcloud", "gcp"),
        ("provider", "Amazon Web Services", "aws"),
        ("provider", "acme", None),
        ("platform", "GKE Autopilot", "gke"),
        ("platform", "EKS Auto Mode", "eks"),
        ("platform", "AKS Automatic", "aks"),
        ("cni", "Dataplane V2", "cilium"),
        ("cni", "Azure CNI Overlay", "azure-cni"),
        ("cni", "azure-cni-overlay", "azure-cni"),
        ("cni", "kubenet", "kubenet"),
        ("platform", "AKS", "aks"),
        ("platform", "OpenShift", "openshift"),
        ("platform", "ocp", "openshift"),
        ("platform", "openshfit", None),
        ("cni", "OVNKubernetes", "ovn-kubernetes"),
        ("cni", "Cilium", "cilium"),
        ("cni", "Cilum", None),
        ("encapsulation", "WireGuard", "wireguard"),
        ("encapsulation", "IPsec", "ipsec-aes-gcm"),
    ],
)
def test_a_name_in_any_spelling(kind: names.Kind, text: str, name: str | None) -> None:
    assert names.name_of(kind, text) == name


@pytest.mark.parametrize("kind", names.KINDS)
def test_every_name_means_itself(kind: names.Kind) -> None:
    assert {name: names.name_of(kind, name.upper()) for name in names.rows(kind)} == {
        name: name for name in names.rows(kind)
    }


@pytest.mark.parametrize(
    ("provider", "text", "region"),
    [
        ("azure", "West Europe", "westeurope"),
        ("azure", "WestEurope", "westeurope"),
        ("aws", "US-East-1", "us-east-1"),
        ("aws", "US East (N. Virginia)", "us-east-1"),
        ("aws", "us-east1", None),
        ("aws", "useast1", None),
        ("gcp", "us-east1", "us-east1"),
        ("gcp", "us-east-1", None),
        ("digitalocean", "FRA1", "fra1"),
        ("acme", "us-east-1", None),
    ],
)
def test_a_region_by_its_code_or_its_shown_name(
    provider: str, text: str, region: str | None
) -> None:
    assert names.region_named(provider, text) == region


@pytest.mark.parametrize("provider", provider_names())
def test_every_region_means_itself_whatever_others_are_shown_as(provider: str) -> None:
    codes = names.region_codes(provider)
    assert {names.region_named(provider, code.upper()) for code in codes} == codes
    for code, place in regions_of(provider).items():
        assert names.region_named(provider, place.name) in {code, None}


def test_the_fleet_file_is_read_by_the_names_of_the_data() -> None:
    described = fleet(
        """
defaults: {provider: Azure, region: West Europe, platform: AKS}
clusters:
  - {name: a}
  - {name: b, provider: google, region: Europe-West4, platform: GKE}
  - {name: c, provider: ONPREM, region: null, site: fra, platform: OCP, cni: OVNKubernetes}
sites: {fra: {region: Hesse}}
connect: {encapsulation: WG}
risk_groups: {power: [Google/Europe-West4, fra]}
availability: {provider.Google: 99.9%, region.google/europe-west4: 99.99%}
assumptions: {AWS.vpn_connection: standard, mine: 3}
"""
    )
    assert [(one.provider, one.region, one.platform, one.cni) for one in described.clusters] == [
        ("azure", "westeurope", "aks", None),
        ("gcp", "europe-west4", "gke", None),
        ("on-prem", None, "openshift", "ovn-kubernetes"),
    ]
    assert described.sites["fra"].region == "Hesse"
    assert described.connect.encapsulation == "wireguard"
    assert described.risk_groups == {"power": ("gcp/europe-west4", "fra")}
    assert set(described.availability) == {"provider.gcp", "region.gcp/europe-west4"}
    assert set(described.assumptions) == {"aws.vpn_connection", "mine"}


def test_defaults_may_name_a_region_of_the_provider_that_all_clusters_have() -> None:
    text = "defaults: {region: West Europe}\nclusters:\n  - {name: a, provider: Azure}\n"
    assert fleet(text).clusters[0].region == "westeurope"


def test_one_unknown_provider_in_two_cases_is_one() -> None:
    described = fleet(
        "clusters:\n  - {name: a, provider: Acme, region: R1}\n"
        "  - {name: b, provider: acme, region: r1}\n"
    )
    assert {(one.provider, one.region) for one in described.clusters} == {("Acme", "R1")}


def test_prices_limits_and_discounts_take_any_spelling() -> None:
    from k8s6plan.catalog.prices import own_key

    assert own_key("AWS.nat_gateway.hour@US-East-1") == own_key("aws.nat_gateway.hour@us-east-1")
    assert own_key("amazon.nat_gateway.hour") == own_key("aws.nat_gateway.hour")
    assert own_key("google") == own_key("gcp")
    described = fleet(
        "clusters: []\nprices: {Google.cloud_nat.nat_ip_hour: 1}\n"
        "limits: {Amazon.vpc_peering_active_per_vpc: 125}\n"
    )
    assert list(described.prices) == ["Google.cloud_nat.nat_ip_hour"]


def test_a_price_of_an_unknown_provider_is_one_message(cli: Cli, tmp_path: Path) -> None:
    path = tmp_path / "fleet.yaml"
    path.write_text(HEAD + "clusters: []\nprices: {awz.nat_gateway.hour: 1}\n")
    for command in ("compare", "plan", "check", "capacity", "failures", "latency", "mtu"):
        result = cli(command, path)
        assert result.code == 2
        (line,) = result.said
        assert line.startswith(f'{path}:4: prices: "awz.nat_gateway.hour" is no row')
        assert 'did you mean "aws.nat_gateway.hour"?' in line


def test_importers_write_the_names_of_the_data() -> None:
    from k8s6plan.fleet.importers import Source, import_fleet

    table = (
        "cluster,role,prefix,provider,region\n"
        "shop,pods,10.1.0.0/16,Amazon Web Services,EU-West-1\n"
        "till,pods,10.2.0.0/16,Azure,West Europe\n"
        "core,pods,10.3.0.0/16,On Premises,\n"
    )
    made = import_fleet([Source("a.csv", table)], mark="m")
    described = parse(made.text.replace("CHANGE-ME-core", "fra"), "fleet.yaml")
    assert {one.name: (one.provider, one.region) for one in described.clusters} == {
        "core": ("on-prem", None),
        "shop": ("aws", "eu-west-1"),
        "till": ("azure", "westeurope"),
    }


# --- names that no table knows -------------------------------------------------------------------


def test_an_unknown_name_is_told_once_with_its_line() -> None:
    found = told(
        """clusters:
  - {name: a, provider: awz, region: r}
  - {name: b, provider: awz, region: s}
  - {name: c, provider: on-prem, site: x, platform: openshfit, cni: Cilum}
"""
    )
    assert [str(fault) for fault in found] == [
        'fleet.yaml:4: provider "awz" is not known (did you mean aws?): no prices, no limits, no '
        "peerings",
        'fleet.yaml:6: CNI "Cilum" is not known (did you mean cilium?): none of a CNI\'s rules, '
        "defaults and limits",
        'fleet.yaml:6: platform "openshfit" is not known (did you mean openshift?): none of a '
        "platform's rules, defaults and limits",
    ]


def test_a_region_of_another_provider_is_told() -> None:
    found = told(
        "clusters:\n  - {name: a, provider: aws, region: us-east1}\n"
        "  - {name: b, provider: aws, region: us-east-11}\n"
    )
    assert [fault.message.partition(":")[0] for fault in found] == [
        'region "us-east1" is gcp\'s, and aws has none called so (did you mean us-east-1?)',
        'region "us-east-11" of aws is not known (did you mean us-east-1?)',
    ]


def test_a_name_from_the_defaults_is_told_there() -> None:
    (fault,) = told(
        "defaults:\n  nodes: 3\n  platform: talos-linux\n"
        "clusters:\n  - {name: a, provider: on-prem, site: x}\n"
    )
    assert fault.line == 5


def test_known_false_silences_it_for_its_cluster_alone() -> None:
    text = "clusters:\n  - {name: a, provider: acme, region: r, known: false}\n"
    assert told(text) == []
    (fault,) = told(text + "  - {name: b, provider: acme, region: r}\n")
    assert fault.line == 5


def test_regions_of_unknown_and_own_places_are_nobody_elses_to_know() -> None:
    assert told("clusters:\n  - {name: a, provider: on-prem, site: x, region: us-east-1}\n") == []


def test_every_command_that_reads_a_fleet_says_so(cli: Cli, tmp_path: Path) -> None:
    path = tmp_path / "fleet.yaml"
    path.write_text(HEAD + "clusters:\n  - {name: a, provider: awz, region: r}\n")
    plan = tmp_path / "plan.yaml"
    commands: list[list[object]] = [
        ["compare", path],
        ["plan", path, "-o", plan],
        ["check", path],
        ["capacity", path],
        ["failures", path],
        ["latency", path],
        ["mtu", path],
        ["allow", plan, "--fleet", path],
        ["diagram", path, "-o", tmp_path / "x.svg"],
        ["sweep", path],
        ["report", path, "-o", tmp_path / "x.html"],
    ]
    for command in commands:
        result = cli(*command)
        warnings = [line for line in result.said if "is not known" in line]
        assert warnings == [
            f'warning: {path}:4: provider "awz" is not known (did you mean aws?): no prices, no '
            "limits, no peerings"
        ], command


def test_lines_are_found_without_reading_on() -> None:
    from k8s6plan.io.documents import Document

    text = "a: 1\nb:\n  - {c: 2}\n  - c: 3\n    d: [4, 5]\nlast: &x {y: 1}\nagain: *x\n"
    document = Document(text, "f")
    paths = [("b", 1, "d", 1), ("a",), ("last", "y"), ("again", "y"), ("nowhere",)]
    assert document.lines_of(paths) == {path: document.line_of(path) for path in paths}
    assert document.lines_of([]) == {}


# --- k8s6plan list -------------------------------------------------------------------------------


KINDS = ("providers", "regions", "platforms", "cnis", "designs", "encapsulations")


@pytest.mark.parametrize("kind", KINDS)
def test_list_says_the_same_in_every_form(kind: str, cli: Cli) -> None:
    rows = json.loads(cli("list", kind, "--format", "json").out)[kind]
    assert len(rows) >= 5
    written = list(csv.reader(cli("list", kind, "-f", "csv").out.splitlines()))
    assert written[0] == list(rows[0])
    assert len(written) == len(rows) + 2
    assert cli("list", kind).out.count("\n") == len(rows) + 1
    assert cli("list", kind, "-f", "md").out.count("\n") == len(rows) + 3


def test_list_regions_of_one_provider_by_any_of_its_names(cli: Cli) -> None:
    result = cli("list", "regions", "--provider", "Microsoft")
    assert "westeurope" in result.out
    assert "us-east-1" not in result.out
    assert cli("list", "regions", "--provider", "awz").code == 2
    assert cli("list", "cnis", "--provider", "aws").code == 2


def test_options_take_any_spelling(cli: Cli) -> None:
    assert (
        cli("prices", "AWS", "--region", "US-East-1").out
        == cli("prices", "aws", "--region", "us-east-1").out
    )
    assert cli("limits", "Google").out == cli("limits", "gcp").out
    assert cli("mtu", "-e", "WireGuard").out == cli("mtu", "-e", "wireguard").out


AT = "provider: aws, region: eu-west-1"

# --- as providers show them ----------------------------------------------------------------------


@pytest.mark.parametrize(
    ("provider", "text", "code"),
    [
        ("azure", "(Europe) West Europe", "westeurope"),
        ("azure", "(US) East US 2", "eastus2"),
        ("azure", "(Asia Pacific) Australia East", "australiaeast"),
        ("azure", "West Europe", "westeurope"),
        ("aws", "US East (N. Virginia)", "us-east-1"),
        ("aws", "N. Virginia", "us-east-1"),
        ("aws", "Europe (Ireland)", "eu-west-1"),
        ("aws", "EU (Ireland)", "eu-west-1"),
        ("aws", "eu-west-1 (Ireland)", "eu-west-1"),
        ("aws", "US East", None),
        ("aws", "(Mars) Olympus", None),
        ("gcp", "europe-west4 (Netherlands)", "europe-west4"),
    ],
)
def test_regions_as_their_provider_shows_them(provider: str, text: str, code: str | None) -> None:
    assert names.region_named(provider, text) == code
    assert cluster(f'provider: {provider}, region: "{text}"').region == (code or text)


@pytest.mark.parametrize(
    ("provider", "text", "near"),
    [
        ("gcp", "eu-west-4", "europe-west4"),
        ("gcp", "us-east-1", "us-east1"),
        ("aws", "us-east1", "us-east-1"),
        ("aws", "europe-west-1", "eu-west-1"),
    ],
)
def test_a_region_as_another_provider_writes_it(provider: str, text: str, near: str) -> None:
    (fault,) = told(f"clusters: [{{name: a, provider: {provider}, region: {text}}}]\n")
    assert f"did you mean {near}?" in fault.message


@pytest.mark.parametrize(
    "name", ["Acme Web (Services)", "São Paulo & Co.", "(Mars) Olympus", "It's [one]: new"]
)
@pytest.mark.parametrize("field", ["region", "platform", "cni", "provider"])
def test_an_unknown_name_is_told_and_not_refused(field: str, name: str) -> None:
    fields = {"provider": "aws", "region": "eu-west-1", field: name}
    row = ", ".join(f'{key}: "{value}"' for key, value in fields.items())
    (fault,) = told(f"clusters: [{{name: a, {row}}}]\n")
    assert f'"{name}"' in fault.message
    assert "is not known" in fault.message


@pytest.mark.parametrize("name", ["", "a\\tb", "<b>", "=cmd", "a`b", "()", "a|b"])
def test_what_can_be_no_name_is_refused(name: str) -> None:
    with pytest.raises(InvalidFleet, match="is no name; use letters"):
        told(f'clusters: [{{name: a, provider: "{name}"}}]\n')


@pytest.mark.parametrize(
    ("text", "release"),
    [
        ("v1.33.4", "1.33.4"),
        ("1.33.4-gke.100", "1.33.4"),
        ("1.35.0+k3s1", "1.35.0"),
        ("v1.34.1-eks-113cf36", "1.34.1"),
        ("1.35", "1.35"),
    ],
)
def test_releases_as_kubectl_prints_them(text: str, release: str) -> None:
    assert cluster(f'{AT}, kubernetes: "{text}"').kubernetes == release
    whole = fleet(f'kubernetes: "{text}"\nclusters: [{{name: a, {AT}}}]\n')
    assert whole.clusters[0].kubernetes == release


def test_a_price_of_a_misspelt_provider_is_that_of_the_nearest_in_any_case() -> None:
    rows = f"clusters: [{{name: a, {AT}}}]\nprices: {{AWZ.nat_gateway.hour: 1}}\n"
    with pytest.raises(InvalidFleet, match=r'did you mean "aws\.nat_gateway\.hour"'):
        told(rows)
