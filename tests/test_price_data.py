"""The price book, the limits and the IPv6 readiness table: figures, and that every row can win."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from decimal import Decimal
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from tests.shipped import data_of

DATA = Path(__file__).parent.parent / "k8s6plan" / "catalog" / "data"
PROVIDERS = sorted(path.stem for path in (DATA / "providers").glob("*.yaml"))
BOOKS = [*PROVIDERS, "general"]  # every file that has prices
ELSEWHERE = "elsewhere"  # a region that no row names


@cache
def load(name: str) -> dict[str, Any]:
    path = DATA / f"{name}.yaml"
    path = path if path.exists() else DATA / "providers" / f"{name}.yaml"
    data = data_of(path)
    assert isinstance(data, dict)
    return data


def items(book: str) -> dict[str, dict[str, Any]]:
    return dict(load(book).get("prices", {}))


def all_rows() -> Iterator[tuple[str, str, dict[str, Any]]]:
    for book in BOOKS:
        for key, item in items(book).items():
            for row in item["rows"]:
                yield book, key, row


# --- regions and areas

# The regions that the providers name themselves; the areas hold no others.
REGIONS = {
    "aws": """us-east-1 us-east-2 us-west-1 us-west-2 ca-central-1 ca-west-1 mx-central-1 sa-east-1
        eu-west-1 eu-west-2 eu-west-3 eu-central-1 eu-central-2 eu-north-1 eu-south-1 eu-south-2
        ap-northeast-1 ap-northeast-2 ap-northeast-3 ap-east-1 ap-east-2 ap-southeast-1
        ap-southeast-2 ap-southeast-3 ap-southeast-4 ap-southeast-5 ap-southeast-6 ap-southeast-7
        ap-south-1 ap-south-2 me-south-1 me-central-1 il-central-1 af-south-1
        us-gov-west-1 us-gov-east-1 cn-north-1 cn-northwest-1""",
    "azure": """eastus eastus2 westus westus2 westus3 centralus northcentralus southcentralus
        westcentralus canadacentral canadaeast mexicocentral chilecentral brazilsouth
        brazilsoutheast northeurope westeurope uksouth ukwest francecentral francesouth
        germanywestcentral germanynorth switzerlandnorth switzerlandwest norwayeast norwaywest
        swedencentral swedensouth polandcentral italynorth spaincentral austriaeast belgiumcentral
        denmarkeast eastasia southeastasia japaneast japanwest australiaeast australiasoutheast
        australiacentral australiacentral2 centralindia southindia westindia jioindiawest
        jioindiacentral koreacentral koreasouth taiwannorth newzealandnorth indonesiacentral
        malaysiawest uaenorth uaecentral qatarcentral israelcentral southafricanorth
        southafricawest usgovvirginia usgovarizona usgovtexas usgoviowa usdodcentral usdodeast
        chinanorth chinanorth2 chinanorth3 chinaeast chinaeast2 chinaeast3""",
    "gcp": """us-central1 us-east1 us-east4 us-east5 us-west1 us-west2 us-west3 us-west4 us-south1
        northamerica-northeast1 northamerica-northeast2 northamerica-south1 southamerica-east1
        southamerica-west1 europe-west1 europe-west2 europe-west3 europe-west4 europe-west6
        europe-west8 europe-west9 europe-west10 europe-west12 europe-north1 europe-north2
        europe-central2 europe-southwest1 asia-east1 asia-east2 asia-northeast1 asia-northeast2
        asia-northeast3 asia-south1 asia-south2 asia-southeast1 asia-southeast2 asia-southeast3
        australia-southeast1 australia-southeast2 me-west1 me-central1 me-central2 africa-south1""",
}


def areas(book: str) -> dict[str, list[str]]:
    found = load(book).get("areas", {})
    assert isinstance(found, dict)
    return found


def regions_of(book: str) -> set[str]:
    """Return the regions of a provider: its own list, or else those that its areas name."""
    named = {region for area in areas(book).values() for region in area}
    return set(REGIONS[book].split()) if book in REGIONS else named


@pytest.mark.parametrize("book", BOOKS)
def test_areas_name_regions(book: str) -> None:
    known = regions_of(book)
    for name, members in areas(book).items():
        assert members, name
        assert len(set(members)) == len(members), name
        assert set(members) <= known, name
        assert name not in known | {"all"}, name


@pytest.mark.parametrize(
    ("book", "names"),
    [
        ("azure", ("zone1", "zone2", "zone3", "government", "china")),
        (
            "azure",
            (
                "north-america",
                "europe",
                "asia",
                "oceania",
                "south-america",
                "middle-east-africa",
                "government",
                "china",
            ),
        ),
        (
            "gcp",
            (
                "northern-america",
                "europe",
                "asia",
                "south-america",
                "oceania",
                "indonesia",
                "middle-east",
                "africa",
            ),
        ),
    ],
)
def test_areas_part_the_world(book: str, names: tuple[str, ...]) -> None:
    """Each region lies in exactly one area of a partition, or it would have two prices or none."""
    members = Counter(region for name in names for region in areas(book)[name])
    assert set(members) == regions_of(book)
    assert set(members.values()) == {1}


# --- items and rows

UNIT_WORDS = """
    connection-hour accelerator-hour concentrator-hour association-hour attachment-hour
    peering-hour gateway-hour address-hour edge-hour port-hour endpoint-hour instance-hour
    tunnel-hour router-hour VM-hour spoke-hour circuit-hour hub-hour scale-unit-hour unit-hour
    OCPU-hour GB-hour VCN-hour server-hour firewall-hour rule-hour
    GB-month GiB-month server-month address-month gateway-month Mbps-month cross-connect-month
    disk-month GB GiB TB machine-month gateway-month
    disk-month"""


@pytest.mark.parametrize("book", BOOKS)
def test_units_are_words_that_we_know(book: str) -> None:
    """One that is misspelt would be taken for another thing; a new one is added above."""
    for key, item in items(book).items():
        assert item["unit"] in UNIT_WORDS.split(), key


@pytest.mark.parametrize("book", BOOKS)
def test_a_book_has_one_currency(book: str) -> None:
    assert len({item["currency"] for item in items(book).values()}) == 1


def test_rows_name_known_regions() -> None:
    for book, key, row in all_rows():
        known = regions_of(book) | set(areas(book))
        where = row.get("regions", list(row.get("by_region", ())))
        assert where == "all" or (isinstance(where, list) and where), key
        assert where == "all" or set(where) <= known, f"{book} {key}: {set(where) - known}"
        assert set(row.get("to", ())) <= known, f"{book} {key}"


IPV6_ADDRESSES = {("aws", "ipv6_address"), ("gcp", "external_ipv6"), ("azure", "public_ipv6")}


def test_nothing_unverified_ships_as_known() -> None:
    """An unverified row is unknown; IPv6 addresses alone ship as free."""
    for book, key, row in all_rows():
        if row["confidence"] == "unverified":
            assert row["price"] == ("0" if (book, key) in IPV6_ADDRESSES else None), key


def test_what_nobody_can_open_again_or_is_derived_is_not_called_high() -> None:
    """Notes and bills without a name are low; what follows from other rows is medium at most."""
    unnamed = (
        "a bill",
        "a korean document",
        "a public engineering note",
        "public study notes",
        "unit tests of a",
    )
    for book, key, row in all_rows():
        source = row["source"].lower()
        if source.startswith(unnamed):
            assert row["confidence"] == "low", (book, key, source)
        if row.get("note", "").startswith("derived"):
            assert row["confidence"] in ("medium", "low"), (book, key)


def test_no_row_is_doubled() -> None:
    seen: Counter[tuple[str, ...]] = Counter()
    for book, key, row in all_rows():
        where = row.get("regions", list(row.get("by_region", ())))
        for region in [where] if where == "all" else where:
            for to in row.get("to", ("",)):
                seen[book, key, str(row.get("variant")), region, to] += 1
    assert [at for at, count in seen.items() if count > 1] == []


def matches(book: str, row: dict[str, Any], region: str, to: str, variant: str | None) -> bool:
    """Say whether a row holds: this is how the price book is read, first match first."""

    def within(names: object, place: str) -> bool:
        groups = areas(book)
        return names == "all" or (
            isinstance(names, list)
            and any(place == name or place in groups.get(name, ()) for name in names)
        )

    where = row.get("regions", list(row.get("by_region", ())))
    return (
        row.get("variant") == variant
        and within(where, region)
        and ("to" not in row or within(row["to"], to))
    )


@pytest.mark.parametrize("book", BOOKS)
def test_every_row_can_win(book: str) -> None:
    """A row that an earlier one always hides is a mistake in the order."""
    places = sorted(regions_of(book) | {ELSEWHERE})
    for key, item in items(book).items():
        for at, row in enumerate(item["rows"]):
            rivals = item["rows"][:at]
            variant = row.get("variant")
            ends = places if any("to" in each for each in item["rows"]) else [ELSEWHERE]
            assert any(
                matches(book, row, region, to, variant)
                and not any(matches(book, rival, region, to, variant) for rival in rivals)
                for region in places
                for to in ends
            ), f"{key}, row {at + 1}"


# --- what the figures are


def price(book: str, key: str, region: str, to: str = ELSEWHERE, variant: str | None = None) -> str:
    for row in items(book)[key]["rows"]:
        if matches(book, row, region, to, variant):
            if "by_region" in row:
                return str(row["by_region"][region])
            if "tiers" in row:
                return " ".join(str(tier["price"]) for tier in row["tiers"])
            return str(row["price"])
    return "absent"


SPOT_CHECKS = [
    ("aws", "site_to_site_vpn_connection_hour", "us-east-1", "", None, "0.05"),
    ("aws", "site_to_site_vpn_connection_hour", "eu-central-1", "", None, "0.05"),
    ("aws", "site_to_site_vpn_connection_hour", "cn-north-1", "", None, "None"),
    ("aws", "transit_gateway.attachment_hour", "ap-south-1", "", None, "0.07"),
    ("aws", "transit_gateway.attachment_hour", "sa-east-1", "", None, "absent"),
    ("aws", "transit_gateway.data_processing_gb", "us-east-2", "", None, "0.02"),
    ("aws", "inter_region_transfer_gb", "us-east-1", "us-east-2", None, "0.01"),
    ("aws", "inter_region_transfer_gb", "us-east-1", "eu-west-1", None, "0.02"),
    ("aws", "inter_region_transfer_gb", "sa-east-1", "us-east-1", None, "0.138"),
    ("aws", "internet_data_transfer_out_gb", "eu-west-1", "", None, "0.09 0.085 0.07 0.05"),
    ("aws", "internet_data_transfer_out_gb", "af-south-1", "", None, "0.154 0.147 0.126 0.112"),
    ("aws", "nat_gateway.hour", "eu-west-1", "", None, "0.048"),
    ("aws", "public_ipv4_hour", "ap-east-1", "", None, "0.005"),
    ("aws", "ipv6_address", "us-east-1", "", None, "0"),
    ("aws", "ec2_on_demand_linux_hour", "us-east-1", "", "t3.medium", "0.0416"),
    ("gcp", "cloud_vpn_tunnel_hour", "us-central1", "", None, "0.05"),
    ("gcp", "cloud_vpn_tunnel_hour", "me-central2", "", None, "0.08"),
    ("gcp", "inter_region_gib", "us-central1", "us-east4", None, "0.02"),
    ("gcp", "inter_region_gib", "europe-north1", "asia-southeast1", None, "0.08"),
    ("gcp", "inter_region_gib", "southamerica-east1", "southamerica-west1", None, "0.14"),
    ("gcp", "internet_egress_premium_gib", "us-central1", "", None, "0.12 0.11 0.08"),
    ("gcp", "internet_egress_premium_gib", "europe-west1", "", None, "0.12 0.11 0.085"),
    ("gcp", "gce_on_demand_linux_hour", "us-central1", "", "e2-medium", "0.03350571"),
    ("azure", "vpn_gateway_hour", "eastus", "", "VpnGw1AZ", "0.21"),
    ("azure", "vpn_gateway_hour", "uksouth", "", "VpnGw5AZ", "4.02"),
    ("azure", "vpn_s2s_tunnel", "eastus", "", None, "0.015"),
    ("azure", "vnet_peering_global_gb", "westeurope", "", None, "0.035"),
    ("azure", "vnet_peering_global_gb", "japaneast", "", None, "0.09"),
    ("azure", "vnet_peering_global_gb", "brazilsouth", "", None, "0.16"),
    ("azure", "internet_egress_gb", "westeurope", "", None, "0.087 0.083 0.07 0.05"),
    ("azure", "virtual_wan.standard_hub_hour", "westeurope", "", None, "0.25"),
    ("azure", "inter_region_egress_gb", "eastus", "westus", None, "0.02"),
    ("azure", "inter_region_egress_gb", "eastus", "japaneast", None, "0.05"),
    ("aws", "ec2_on_demand_linux_hour", "eu-central-1", "", "t3.medium", "0.048"),
    ("aws", "network_firewall.endpoint_hour", "us-east-1", "", None, "0.395"),
    ("gcp", "inter_region_gib", "us-central1", "europe-west1", None, "0.05"),
    ("gcp", "pd_balanced_gib_month", "us-central1", "", None, "0.1"),
    ("azure", "vpn_gateway_hour", "westeurope", "", "VpnGw2AZ", "0.54"),
    ("azure", "internet_egress_gb", "japaneast", "", None, "0.12 0.085 0.082 0.08"),
    ("azure", "azure_firewall.hour", "eastus", "", "Standard", "1.25"),
    ("oci", "outbound_data_transfer_gb", "eu-frankfurt-1", "", None, "0.0085"),
    ("digitalocean", "egress_overage_gib", "ams3", "", None, "0.01"),
    ("hetzner", "traffic_overage_tb", "fsn1", "", None, "1.0"),
    ("on-prem", "ip_transit_mbps_month", "berlin", "", None, "None"),
    ("general", "application_tls_gb", "anywhere", "", None, "None"),
    # of the second round of prices
    ("aws", "site_to_site_vpn_connection_hour", "ap-northeast-1", "", None, "0.048"),
    ("aws", "site_to_site_vpn_connection_hour", "ap-northeast-3", "", None, "0.048"),
    ("aws", "transit_gateway.attachment_hour", "eu-west-1", "", None, "0.05"),
    ("aws", "transit_gateway.attachment_hour", "ap-northeast-3", "", None, "0.07"),
    ("aws", "transit_gateway.peering", "ap-southeast-7", "", None, "0.06"),
    ("aws", "transit_gateway.peering", "sa-east-1", "", None, "absent"),
    ("aws", "transit_gateway.data_processing_gb", "sa-east-1", "", None, "0.02"),
    ("aws", "transit_gateway.data_processing_gb", "cn-north-1", "", None, "None"),
    ("aws", "internet_data_transfer_out_gb", "ap-southeast-3", "", None, "0.132 0.10 0.095 0.09"),
    ("aws", "internet_data_transfer_out_gb", "me-central-1", "", None, "0.11 0.085 0.077 0.055"),
    ("gcp", "internet_egress_premium_gib", "asia-northeast1", "", None, "0.12 0.085"),
    ("gcp", "internet_egress_premium_gib", "asia-northeast3", "", None, "0.19 0.15"),
    ("gcp", "internet_egress_premium_gib.to_china", "asia-northeast3", "", None, "0.23 0.20"),
    ("gcp", "network_connectivity_center.vpc_spoke_hour", "us-east1", "", None, "0.10"),
    ("azure", "internet_egress_gb", "chilecentral", "", None, "0.087 0.083 0.07 0.05"),
    ("azure", "internet_egress_gb", "qatarcentral", "", None, "0.12 0.085 0.082 0.08"),
    ("azure", "internet_egress_gb", "brazilsouth", "", None, "0.181 0.175 0.17 0.16"),
    ("azure", "inter_region_egress_gb", "westeurope", "eastus", None, "0.05"),
    ("azure", "inter_region_egress_gb", "japaneast", "westeurope", None, "0.08"),
    ("azure", "inter_region_egress_gb", "brazilsouth", "eastus", None, "0.16"),
]


@pytest.mark.parametrize(("book", "key", "region", "to", "variant", "expected"), SPOT_CHECKS)
def test_spot_checks(
    book: str, key: str, region: str, to: str, variant: str | None, expected: str
) -> None:
    assert price(book, key, region, to or ELSEWHERE, variant) == expected


def test_a_month_of_an_aws_vpn_connection() -> None:
    hourly = Decimal(price("aws", "site_to_site_vpn_connection_hour", "us-east-1"))
    assert hourly * 730 == Decimal("36.50")


WANTED_ITEMS = {
    "aws": """site_to_site_vpn_connection_hour accelerated_vpn.connection_hour
        accelerated_vpn.global_accelerator_hour accelerated_vpn.data_transfer_premium_gb
        vpn_large_bandwidth_connection_hour vpn_concentrator client_vpn.endpoint_association_hour
        client_vpn.connection_hour transit_gateway.attachment_hour
        transit_gateway.data_processing_gb transit_gateway.peering vpc_peering.connection_hour
        vpc_peering.same_az_gb vpc_peering.cross_az_gb inter_region_transfer_gb
        internet_data_transfer_out_gb cross_az_gb nat_gateway.hour nat_gateway.gb public_ipv4_hour
        ipv6_address egress_only_internet_gateway ipam_advanced_active_ip_hour
        cloud_wan.vpc_attachment_hour cloud_wan.connect_attachment_hour
        cloud_wan.data_processing_gb cloud_wan.core_network_edge_hour direct_connect.port_hour
        direct_connect.data_out_gb privatelink_interface.endpoint_az_hour privatelink_interface.gb
        ec2_on_demand_linux_hour ebs_gp3_gb_month filter_rules network_firewall.endpoint_hour
        network_firewall.gb""",
    "gcp": """cloud_vpn_tunnel_hour vpn_gateway_external_ip cloud_router cloud_nat.vm_hour
        cloud_nat.data_gib cloud_nat.nat_ip_hour external_ipv4_hour.in_use_standard_vm
        external_ipv4_hour.in_use_spot_vm external_ipv4_hour.reserved_unused external_ipv6
        inter_zone_gib inter_region_gib internet_egress_premium_gib internet_egress_standard_gib
        network_connectivity_center.vpc_spoke_hour network_connectivity_center.hybrid_spoke_hour
        network_connectivity_center.data_gib vpc_network_peering dedicated_interconnect
        gce_on_demand_linux_hour filter_rules ngfw_standard_gib pd_balanced_gib_month""",
    "azure": """vpn_gateway_hour vpn_s2s_tunnel vpn_p2s_connection_hour vnet_to_vnet_vpn_egress_gb
        vnet_peering_regional_gb vnet_peering_global_gb virtual_wan.standard_hub_hour
        virtual_wan.hub_data_processing_gb virtual_wan.s2s_scale_unit_hour
        virtual_wan.s2s_connection_unit_hour virtual_wan.p2s_scale_unit_hour
        virtual_wan.p2s_connection_hour virtual_wan.er_scale_unit_hour
        virtual_wan.routing_infrastructure_unit_hour nat_gateway.hour nat_gateway.gb
        public_ipv4_standard_static_hour public_ipv6 availability_zone_transfer_gb
        internet_egress_gb inter_region_egress_gb vm_on_demand_linux_hour filter_rules
        azure_firewall.hour azure_firewall.gb managed_disk_month
        virtual_wan.vnet_connection_gb""",
    "oci": """outbound_data_transfer_gb site_to_site_vpn_hour drg_hour nat_gateway.hour
        public_ipv4_hour fastconnect_port_hour compute.ocpu_hour compute.memory_gb_hour""",
    "digitalocean": "egress_overage_gib vpc_peering nat_gateway_month",
    "hetzner": "server_month traffic_overage_tb primary_ipv4_month ipv6",
    "on-prem": "ip_transit_mbps_month cross_connect_month gateway_month egress_gb",
    "general": "application_tls_gb",
}


@pytest.mark.parametrize("book", WANTED_ITEMS)
def test_no_item_is_missing(book: str) -> None:
    assert set(WANTED_ITEMS[book].split()) - set(items(book)) == set()


@pytest.mark.parametrize(
    ("book", "key", "value"),
    [
        ("azure", "vpn_tunnels_per_gateway", 10),
        ("gcp", "cloud_nat_vms_billed", 32),
        ("digitalocean", "droplet_traffic_gib_month", 1000),
        ("hetzner", "server_traffic_tb_month", 20),
    ],
)
def test_what_a_price_includes(book: str, key: str, value: int) -> None:
    assert load(book)["allowances"][key]["value"] == value


# --- limits

LIMIT_UNIT_WORDS = """
    VPCs VNets subnets prefixes routes tables peerings entries rules groups interfaces NAU gateways
    connections tunnels Mbps Gbps pps concentrators attachments peers segments edges routers
    instances spokes addresses pods nodes services containers clusters characters"""


def all_limits() -> Iterator[tuple[str, str, dict[str, Any]]]:
    for provider in PROVIDERS:
        for key, row in load(provider).get("limits", {}).items():
            yield provider, key, row
    for software, entry in load("software").items():
        for key, row in entry["limits"].items():
            yield software, key, row


def test_units_of_limits_are_words_that_we_know() -> None:
    for owner, key, row in all_limits():
        assert row["unit"] in LIMIT_UNIT_WORDS.split(), f"{owner} {key}"


LIMITS = [
    ("aws", "s2s_vpn_connections_per_vgw", 10, None),
    ("aws", "s2s_vpn_connections_per_region", 50, None),
    ("aws", "s2s_vpn_tunnels_per_connection", 2, 2),
    ("aws", "s2s_vpn_tunnel_bandwidth_standard", "1.25", "1.25"),
    ("aws", "s2s_vpn_tunnel_pps", 140000, None),
    ("aws", "vpc_peering_active_per_vpc", 50, 125),
    ("aws", "routes_per_route_table_static", 500, 1000),
    ("aws", "routes_per_route_table_propagated", 100, 100),
    ("aws", "tgw_attachments", 5000, None),
    ("aws", "tgw_routes_total", 10000, None),
    ("aws", "tgw_peering_attachments", 50, None),
    ("aws", "nacl_rules_per_direction", 20, 40),
    ("aws", "sg_rules_per_direction_per_family", 60, None),
    ("aws", "security_groups_per_eni", 5, 16),
    ("aws", "sg_rules_times_groups", 1000, 1000),
    ("gcp", "vpc_peerings_per_network", 25, None),
    ("gcp", "bgp_peers_per_cloud_router", 128, 128),
    ("gcp", "unique_learned_prefixes_own_region", 250, None),
    ("gcp", "ha_vpn_tunnel_pps", 250000, 250000),
    ("gcp", "ha_vpn_tunnels_gateways", None, None),
    ("gcp", "ncc_active_vpc_spokes_per_hub", 250, 1000),
    ("gcp", "ncc_tunnels_per_hybrid_spoke", 8, 8),
    ("azure", "vpn_tunnels_basic", 10, 10),
    ("azure", "vpn_tunnels_vpngw1_3", 30, 30),
    ("azure", "vpn_tunnels_vpngw4_5", 100, 100),
    ("azure", "vpn_gateway_mbps_VpnGw1AZ", 650, 650),
    ("azure", "vpn_gateway_mbps_VpnGw2AZ", 1000, 1250),
    ("azure", "vpn_gateway_mbps_VpnGw5AZ", 10000, 10000),
    ("azure", "vnet_peerings_per_vnet", 500, 1000),
    ("azure", "vwan_vpn_connections_per_hub", 1000, 1000),
    ("azure", "nsg_rules", 1000, 1000),
    ("cilium", "cilium_max_connected_clusters", 255, 511),
    ("cilium", "cilium_cluster_ids_with_eni", 127, 255),
    ("submariner", "submariner_globalnet_clusters", 256, None),
    ("kubeslice", "kubeslice_clusters_per_slice", 16, 32),
    ("kubernetes", "nodes_per_cluster", 5000, None),
]


def test_limits_are_these() -> None:
    found = {(owner, key): (row["default"], row["max"]) for owner, key, row in all_limits()}
    assert {(owner, key): found[owner, key] for owner, key, _, _ in LIMITS} == {
        (owner, key): (default, most) for owner, key, default, most in LIMITS
    }


def test_globalnet_has_as_many_clusters_as_its_range_has_room_for() -> None:
    rows = load("software")["submariner"]["limits"]
    size = rows["submariner_globalnet_cluster_size"]["default"]
    assert rows["submariner_globalnet_clusters"]["default"] * size == 2**24  # 242.0.0.0/8


def test_every_gateway_that_has_a_price_has_its_limits() -> None:
    sold = {row["variant"] for row in items("azure")["vpn_gateway_hour"]["rows"]}
    limits = load("azure")["limits"]
    assert all(f"vpn_gateway_mbps_{variant}" in limits for variant in sold)


# --- readiness


def readiness() -> list[dict[str, Any]]:
    return list(load("ipv6_readiness")["readiness"])


def test_readiness_tells_each_fact_once() -> None:
    told = Counter((row["subject"], row["what"]) for row in readiness())
    assert [fact for fact, count in told.items() if count > 1] == []
    groups: dict[str, str] = {}
    for row in readiness():
        assert groups.setdefault(row["subject"], row["group"]) == row["group"], row["subject"]


@pytest.mark.parametrize(
    ("subject", "what", "state", "since"),
    [
        ("kubernetes", "dual-stack clusters", "yes", "1.23"),
        ("kubernetes", "clusters of IPv6 alone", "yes", "1.23"),
        ("eks", "both families for pods and services", "no", None),
        ("gke", "clusters of IPv6 alone", "yes", "1.37.1-gke.3020000"),
        ("aks", "clusters of IPv6 alone", "no", None),
        ("aks", "dual-stack clusters", "partly", None),
        ("aws", "IPv6 inside a VPN on a virtual private gateway", "no", None),
        ("azure", "IPv6 in Virtual WAN", "no", None),
        ("submariner", "IPv6 with Globalnet", "no", None),
        ("openshift", "a wider cluster network for a running cluster", "yes", "4.13"),
        (
            "gcp",
            "internet paths that carry full-sized IPv6 packets or answer Packet Too Big",
            "partly",
            None,
        ),
    ],
)
def test_readiness_is_this(subject: str, what: str, state: str, since: str | None) -> None:
    (row,) = [row for row in readiness() if (row["subject"], row["what"]) == (subject, what)]
    assert (row["state"], row["since"]) == (state, since)
