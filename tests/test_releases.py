"""What depends on the release of Kubernetes: service prefixes, their size and their number."""

from __future__ import annotations

import pytest

from k8s6plan import catalog
from k8s6plan.addressing.check import check_fleet
from k8s6plan.addressing.plan import make_plan
from k8s6plan.addressing.space import sizes
from k8s6plan.errors import InvalidFleet
from k8s6plan.fleet.file import parse
from k8s6plan.fleet.model import Fleet


def fleet(cluster: str, more: str = "") -> Fleet:
    head = f"version: 1\nfleet: f\nula_seed: s\n{more}"
    row = f"  - {{name: a, provider: on-prem, site: x, {cluster}}}\n"
    return parse(f"{head}clusters:\n{row}", "fleet.yaml")


def rules(described: Fleet) -> set[str]:
    return {finding.rule for finding in check_fleet(described) if finding.counts}


def test_the_fleet_says_it_for_clusters_that_do_not() -> None:
    assert fleet("nodes: 3", 'kubernetes: "1.33"\n').clusters[0].kubernetes == "1.33"
    own = fleet('kubernetes: "1.35.2"', 'kubernetes: "1.33"\n')
    assert own.clusters[0].kubernetes == "1.35.2"
    given = 'kubernetes: "1.33"\ndefaults: {kubernetes: "1.34"}\n'
    assert fleet("nodes: 3", given).clusters[0].kubernetes == "1.34"
    assert fleet("nodes: 3").clusters[0].kubernetes is None


@pytest.mark.parametrize("wrong", ["1.30", "v1", "1.34_1", '"1"', '"2.1"', "[1]"])
def test_a_release_is_written_in_quotes(wrong: str) -> None:
    with pytest.raises(InvalidFleet) as error:
        fleet("nodes: 3", f"kubernetes: {wrong}\n")
    (line,) = error.value.lines
    assert line.startswith("fleet.yaml:4: kubernetes: a release of Kubernetes is written in quotes")


@pytest.mark.parametrize(
    ("cluster", "release", "refused"),
    [
        ('platform: kubeadm, addresses: {services: "fd00:7:2::/64"}', "1.33", True),
        ('platform: kubeadm, addresses: {services: "fd00:7:2::/64"}', "1.34", False),
        ('platform: kubeadm, addresses: {services: "fd00:7:2::/64"}', None, False),
        ('platform: kubeadm, addresses: {services: "10.0.0.0/9"}', "1.33", True),
        ('platform: kubeadm, addresses: {services: "10.0.0.0/9"}', "1.34", False),
        ('platform: rke2, addresses: {services: "fd00:7:2::/64"}', "1.32.1", True),
        ('platform: rke2, addresses: {services: "fd00:7:2::/64"}', "1.35", False),
        ('platform: rke2, addresses: {services: "fd00:7:2::/60"}', "1.35", True),
        ('platform: aks, addresses: {services: "10.0.0.0/12"}', "1.35", True),
    ],
)
def test_large_service_prefixes_by_release(
    cluster: str, release: str | None, refused: bool
) -> None:
    more = "" if release is None else f'kubernetes: "{release}"\n'
    assert ("services-size" in rules(fleet(cluster, more))) is refused


@pytest.mark.parametrize(("release", "told"), [("1.32", True), ("1.33", False), (None, False)])
def test_a_second_service_prefix_is_a_service_cidr(release: str | None, told: bool) -> None:
    more = "" if release is None else f'kubernetes: "{release}"\n'
    described = fleet('addresses: {services: ["10.96.0.0/20", "10.97.0.0/20"]}', more)
    assert ("one-per-family" in rules(described)) is told


@pytest.mark.parametrize(
    ("release", "extended"), [("1.32", False), ("1.33", True), ("1.37", True), (None, False)]
)
def test_outgrown_services_get_a_second_prefix_where_it_is_said(
    release: str | None, extended: bool
) -> None:
    more = "" if release is None else f'kubernetes: "{release}"\n'
    old, _ = make_plan(fleet("services: 250", 'pools: {services: ["10.96.0.0/24"]}\n' + more))
    wider = 'pools: {services: ["10.96.0.0/24", "10.97.0.0/16"]}\n' + more
    new, changes = make_plan(fleet("services: 1000", wider), old)
    assert bool(changes.extended) is extended
    assert bool(changes.rebuilds) is not extended
    assert len(new.clusters["a"]["services"]["ipv4"].prefixes) == 1 + extended


def test_a_plan_promises_what_every_release_takes() -> None:
    for release, shortest in ((None, 12), ("1.33", 12), ("1.34", 0)):
        more = "" if release is None else f'kubernetes: "{release}"\n'
        (cluster,) = fleet("nodes: 3", more).clusters
        assert sizes.shortest_length(cluster, "services", "ipv4") == shortest


def test_releases_are_numbers() -> None:
    assert catalog.takes_service_cidrs("1.100")
    assert not catalog.takes_service_cidrs("1.4")
    assert catalog.takes_service_cidrs(catalog.newest_release())
