"""Growth: a smaller fleet is a beginning of it, a larger one has copies, and both are fleets."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

import pytest
from hypothesis import assume, given, settings

from k8s6plan.decision.metrics import Case
from k8s6plan.decision.terms import terms_of
from k8s6plan.fleet.model import Fleet
from k8s6plan.topology.designs import DESIGNS
from k8s6plan.topology.groups import outline_of, outline_of_count
from k8s6plan.topology.growth import CountGrowth, Growth, beginning
from k8s6plan.topology.hubs import hub_sites, main_regions_of
from tests.figures import figures
from tests.strategies import load, priced_fleets


def grown_by_hand(fleet: Fleet, clusters: int) -> Fleet:
    """Return a larger fleet as a file would have it: the fleet, and copies of its sites."""
    data = fleet.model_dump(mode="json", by_alias=True, exclude_defaults=True, exclude={"demands"})
    hubs, homes = _named(fleet), {k: list(v) for k, v in fleet.homes.items()}
    sites = data.setdefault("sites", {})
    order = [site for site in _order(fleet) for _ in fleet.members[site]]
    number, left = 1, clusters - len(fleet.clusters)
    while left:
        number += 1
        for site in dict.fromkeys(order):
            for cluster in fleet.members[site][:left]:
                copy = cluster.model_dump(mode="json", exclude_defaults=True)
                copy |= {"name": f"zz-{cluster.name}-{number}", "site": f"zz-{site}-{number}"}
                data["clusters"].append({k: v for k, v in copy.items() if v is not None})
                sites[copy["site"]] = {"gateways": fleet.site(site).gateways}
                if site in homes:
                    homes[copy["site"]] = homes[site]
                left -= 1
    data["connect"] = {**data.get("connect", {}), "hubs": hubs, "homes": homes}
    data["demands"] = [
        {
            "from": _end(demand.source),
            "to": _end(demand.target),
            "gb_per_month": str(demand.gb_per_month),
            "peak_mbps": str(demand.peak_mbps or 0),
            "per": demand.per,
        }
        for demand in fleet.demands
    ]
    return load({"version": 1, **data})


def _named(fleet: Fleet) -> list[str]:
    """Return the hubs in force, by name: a copy of a large hub would be one by its nodes."""
    if not isinstance(fleet.connect.hubs, int):
        return list(hub_sites(fleet))
    nodes = {site: sum(c.nodes for c in there) for site, there in fleet.members.items()}
    return sorted(hub_sites(fleet), key=lambda site: (-nodes[site], site))


def _order(fleet: Fleet) -> list[str]:
    """Return the sites in the order in which beginnings take them."""
    found: list[str] = []
    for clusters in range(1, len(fleet.clusters) + 1):
        there = beginning(fleet, clusters).members
        found += [site for site in there if site not in found]
    return found


def _end(selector: Any) -> Any:
    return selector.name or dict(selector.labels)


@pytest.mark.slow
@settings(max_examples=25, deadline=None)
@given(fleet=priced_fleets())
def test_a_grown_fleet_counts_and_costs_as_the_file_would(fleet: Fleet) -> None:
    growth, size = Growth(fleet), len(fleet.clusters)
    assume(size > 0)
    terms = terms_of(fleet)
    for clusters in {size + 1, size + size // 2, 2 * size, 2 * size + 1, 3 * size} - {size}:
        real_fleet = grown_by_hand(fleet, clusters)
        grown, real = growth.at(clusters), outline_of(real_fleet)
        for told in ("clusters", "sites", "pairs", "routes", "allow_pools", "allow_prefixes"):
            assert getattr(grown, told) == getattr(real, told), told
        assert (grown.nodes, grown.cnis) == (real.nodes, real.cnis)
        moved = main_regions_of(fleet) != main_regions_of(real_fleet)
        real_terms = terms_of(real_fleet)
        for design in DESIGNS.values():
            if design.of(grown).hubs and moved:  # named hubs decide it; growth moves nothing
                continue
            counted = [figures(design.of(outline).count) for outline in (grown, real)]
            assert counted[0] == counted[1], design.name
            found = Case(design, grown, terms).bill.total()
            assert found == Case(design, real, real_terms).bill.total(), design.name


@pytest.mark.slow
@settings(max_examples=25, deadline=None)
@given(fleet=priced_fleets())
def test_a_smaller_fleet_is_a_fleet(fleet: Fleet) -> None:
    growth, terms = Growth(fleet), terms_of(fleet)
    before: set[str] = set()
    for clusters in range(1, len(fleet.clusters)):
        less = beginning(fleet, clusters)
        names = {cluster.name for cluster in less.clusters}
        assert len(names) == clusters
        assert before < names
        before = names
        hubs = set(hub_sites(less))
        assert hubs <= set(hub_sites(fleet)) or len(less.members) < len(hub_sites(fleet))
        assert asdict(growth.at(clusters)) == asdict(outline_of(less))
        outline, terms_of_less = outline_of(less), terms_of(less)
        for design in DESIGNS.values():
            case = Case(design, growth.at(clusters), terms)
            file = Case(design, outline, terms_of_less)
            assert case.bill.total() == file.bill.total(), design.name


HUBS_APART: dict[str, Any] = {
    "version": 1,
    "fleet": "apart",
    "clusters": [
        {"name": "c0", "provider": "gcp", "region": "europe-west1", "site": "w", "nodes": 2},
        {"name": "c1", "provider": "gcp", "region": "us-central1", "nodes": 1},
        {"name": "c2", "provider": "aws", "region": "us-east-1", "nodes": 1},
    ],
    "connect": {"hubs": 2},
}
HUBS_OF_ONE_REGION: dict[str, Any] = {
    "version": 1,
    "fleet": "alike",
    "clusters": [
        {"name": "a0", "provider": "aws", "region": "us-east-1"},
        {"name": "b2", "provider": "azure", "region": "eastus"},
        {"name": "z1", "provider": "azure", "region": "eastus", "nodes": 40},
    ],
    "connect": {"hubs": 3},
    "demands": [{"from": "all", "to": "all", "gb_per_month": 10, "peak_mbps": 2000}],
}


@pytest.mark.parametrize("data", [HUBS_APART, HUBS_OF_ONE_REGION], ids=lambda d: str(d["fleet"]))
def test_a_beginning_has_a_hub_in_every_region_that_it_is_in(data: dict[str, Any]) -> None:
    fleet = load(data)
    for clusters in (1, 2):
        there = Growth(fleet).at(clusters)
        regions = {(group.provider, group.region) for group in there.groups}
        assert {(g.provider, g.region) for g in there.groups if g.region_hub} == regions
        assert set(there.main_regions) == {provider for provider, _ in regions}


def test_nodes_are_counted_and_not_spread() -> None:
    fleet = load(
        {
            "version": 1,
            "fleet": "f",
            "clusters": [
                {"name": "a", "provider": "digitalocean", "region": "fra1", "nodes": 3},
                {"name": "b", "provider": "aws", "region": "us-east-1", "nodes": 2},
            ],
        }
    )
    assert Growth(fleet).at(3).nodes == (("aws", 2), ("digitalocean", 6))
    assert Growth(fleet).at(4).nodes == (("aws", 4), ("digitalocean", 6))
    assert Growth(fleet).at(1).nodes == (("digitalocean", 3),)


def test_of_nothing_there_are_no_copies() -> None:
    fleet = load({"version": 1, "fleet": "none", "clusters": []})
    assert Growth(fleet).at(7).clusters == 0


def test_a_count_grows_as_a_count() -> None:
    growth = CountGrowth(5, hubs=2, tunnels_per_link=1)
    assert asdict(growth.start) == asdict(outline_of_count(5, hubs=2))
    assert asdict(growth.at(9)) == asdict(outline_of_count(9, hubs=2))
