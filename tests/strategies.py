"""Random fleets for property tests: shared providers, regions and sites, pins, demands, hubs."""

from __future__ import annotations

from ipaddress import ip_network
from typing import Any

import yaml
from hypothesis import strategies as st

from k8s6plan.fleet.file import parse
from k8s6plan.fleet.model import Fleet

REGIONS = {
    "aws": ["us-east-1", "us-east-2", "ap-south-1"],
    "gcp": ["us-central1", "europe-west1"],
    "azure": ["eastus", "uksouth"],
    "elsewhere": ["here", "there"],
}
PROVIDERS = ("aws", "gcp", "azure", "on-prem", "elsewhere")


@st.composite
def fleet_files(draw: st.DrawFn, *, most: int = 9, pins: bool = False) -> dict[str, Any]:
    """Return the data of a valid fleet file with up to ``most`` clusters.

    ``pins``: some clusters have pods prefixes already, inside the pool, that do not overlap.
    """
    count = draw(st.integers(0, most))
    site_places: dict[str, tuple[str, str | None]] = {}
    clusters: list[dict[str, Any]] = []
    for number in range(count):
        provider = draw(st.sampled_from(PROVIDERS))
        region = draw(st.sampled_from(["east", "west"]))
        cluster: dict[str, Any] = {
            "name": f"c{number}",
            "provider": provider,
            "nodes": draw(st.integers(1, 5)),
            "labels": {"env": draw(st.sampled_from(["prod", "test"]))},
        }
        if provider != "on-prem":
            cluster["region"] = region
        if draw(st.booleans()):
            cluster["cni"] = draw(st.sampled_from(["calico", "cilium"]))
        if pins and draw(st.booleans()):
            cluster["addresses"] = {"pods": [f"100.{90 + number}.0.0/16", f"fd00:{number}::/64"]}
        if provider == "on-prem" or draw(st.booleans()):
            cluster["site"] = f"{provider}-{region}-{draw(st.integers(0, 1))}"
            site_places[cluster["site"]] = (provider, region)
        clusters.append(cluster)
    sites: dict[str, dict[str, Any]] = {}
    for name in sorted(site_places):
        sites[name] = {"gateways": draw(st.integers(1, 3))}
        if site_places[name][0] == "on-prem" and draw(st.booleans()):
            sites[name]["region"] = "campus"
    names: list[str] = [c["name"] for c in clusters] + sorted(site_places)
    hubs: int | list[str] = draw(st.integers(1, 4))
    named: bool = draw(st.booleans())
    if names and named:
        hubs = draw(st.lists(st.sampled_from(names), min_size=1, max_size=4, unique=True))
    ends = [c["name"] for c in clusters] + ["all"]
    ends += sorted({f"env={c['labels']['env']}" for c in clusters})
    demands: list[dict[str, Any]] = []
    demanding: bool = draw(st.booleans())
    if clusters and demanding:
        for _ in range(draw(st.integers(1, 4))):
            demands.append(
                {
                    "from": draw(st.sampled_from(ends)),
                    "to": draw(st.sampled_from(ends)),
                    "gb_per_month": draw(st.integers(1, 1000)),
                }
            )
    return {
        "version": 1,
        "fleet": "random",
        "ula_seed": "random",
        "clusters": clusters,
        "sites": sites,
        "connect": {
            "hubs": hubs,
            "tunnels_per_link": draw(st.integers(1, 3)),
            "same_provider": draw(st.sampled_from(["native", "tunnel"])),
        },
        "demands": demands,
        **draw(address_sources()),
    }


@st.composite
def address_sources(draw: st.DrawFn) -> dict[str, Any]:
    """Return where addresses come from: the kind of IPv6, exclusions, narrow or shared pools."""
    found: dict[str, Any] = {}
    ipv6 = draw(st.sampled_from([None, "ula", "provider", "2a00:100::/40", "2a00:200::/52"]))
    if ipv6 is not None:
        found["ipv6"] = ipv6
    networks = ["10.0.0.0/10", "100.64.0.0/14", "100.64.3.0/24", "172.20.0.0/24", "2a00:100::/41"]
    found["exclude"] = draw(st.lists(st.sampled_from(networks), max_size=3, unique=True))
    narrow = {"nodes": ["10.0.0.0/24"], "pods": ["100.64.0.0/10"], "services": ["10.0.0.0/20"]}
    shared = {"nodes": ["100.64.0.0/10"], "services": ["100.64.0.0/12", "fd12::/48"]}
    pools = draw(st.sampled_from([None, narrow, shared]))
    if pools is not None:
        found["pools"] = pools
    return found


def load(data: dict[str, Any]) -> Fleet:
    """Return the fleet of a file with this data, read as any other file is."""
    return parse(yaml.safe_dump(data, sort_keys=False), "random.yaml")


def fleets(*, most: int = 9) -> st.SearchStrategy[Fleet]:
    """Return random fleets."""
    return fleet_files(most=most).map(load)


def apart(count: int, *, hubs: int = 1, tunnels_per_link: int = 1) -> Fleet:
    """Return what ``-n`` stands for, as a fleet: every cluster with a provider of its own."""
    return Fleet.model_validate(
        {
            "fleet": "apart",
            "clusters": [
                {"name": f"c{n:03d}", "provider": f"p{n:03d}", "region": "r"} for n in range(count)
            ],
            "connect": {"hubs": hubs, "tunnels_per_link": tunnels_per_link},
        }
    )


@st.composite
def priced_fleets(draw: st.DrawFn, *, crowded: bool = False) -> Fleet:
    """Return a random fleet of up to eight clusters in regions that have prices.

    ``crowded``: often of one cloud and data centres only, so that many sites are alike, and some
    clusters have prefixes of pods already, one or several.
    """
    clouds = [[cloud] for cloud in ("aws", "aws", "gcp", "azure")]
    providers = [*REGIONS, "on-prem", "aws", "gcp", "azure"]
    if crowded:
        providers = draw(st.sampled_from([providers, *([*cloud, "on-prem"] for cloud in clouds)]))
    clusters: list[dict[str, Any]] = []
    places: dict[str, tuple[str, str | None]] = {}
    for number in range(draw(st.integers(1, 8))):
        provider = draw(st.sampled_from(providers))
        region = None if provider == "on-prem" else draw(st.sampled_from(REGIONS[provider]))
        cluster: dict[str, Any] = {
            "name": f"c{number}",
            "provider": provider,
            "nodes": draw(st.integers(1, 5)),
            "labels": {"env": draw(st.sampled_from(["prod", "test"]))},
        }
        if region is not None:
            cluster["region"] = region
        pods = draw(st.sampled_from([0, 0, 0, 1, 3])) if crowded else 0
        if pods:
            cluster["addresses"] = {"pods": [f"10.{number}.{part}.0/24" for part in range(pods)]}
        platform = {"azure": ["aks", "kubeadm"]}.get(provider, ["kubeadm"])
        cluster["platform"] = draw(st.sampled_from(platform))
        if provider == "on-prem" or draw(st.booleans()):
            few = st.integers(0, 4 if crowded else 1)
            cluster["site"] = f"{provider}-{region}-{draw(few)}"
            places[cluster["site"]] = (provider, region)
        clusters.append(cluster)
    names = [cluster["name"] for cluster in clusters]
    ends = [*names, "all", *sorted({f"env={c['labels']['env']}" for c in clusters})]
    demands = [
        {
            "from": draw(st.sampled_from(ends)),
            "to": draw(st.sampled_from(ends)),
            "gb_per_month": draw(st.sampled_from([1, 99, 1000, 15_000, 200_000])),
            "peak_mbps": draw(st.sampled_from([0, 30, 700])),
        }
        for _ in range(draw(st.integers(0, 4)))
    ]
    hubs: int | list[str] = draw(st.integers(1, 3))
    homes: dict[str, list[str]] = {}
    if draw(st.booleans()):
        everywhere = sorted({cluster.get("site", cluster["name"]) for cluster in clusters})
        hubs = draw(st.lists(st.sampled_from(everywhere), min_size=1, max_size=3, unique=True))
        for site in everywhere:
            if site not in hubs and draw(st.booleans()):
                some = st.lists(st.sampled_from(hubs), min_size=1, max_size=2, unique=True)
                homes[site] = draw(some)
    return load(
        {
            "version": 1,
            "fleet": "random",
            "clusters": clusters,
            "sites": {name: {"gateways": draw(st.integers(1, 2))} for name in sorted(places)},
            "connect": {
                "hubs": hubs,
                "homes": homes,
                "tunnels_per_link": draw(st.integers(1, 3)),
                "same_provider": draw(st.sampled_from(["native", "native", "tunnel"])),
                "carries": draw(st.sampled_from(["ipv4", "ipv4", "dual-stack"])),
            },
            "demands": demands,
        }
    )


@st.composite
def homed_fleets(draw: st.DrawFn) -> Fleet:
    """Return a fleet whose file says on which of its hubs each other site is."""
    names = [f"c{n}" for n in range(draw(st.integers(2, 8)))]
    clusters = [
        {
            "name": name,
            "provider": draw(st.sampled_from(["aws", "gcp", f"p-{name}"])),
            "region": draw(st.sampled_from(["r", "r", "s", "t"])),
        }
        for name in names
    ]
    hubs = draw(st.lists(st.sampled_from(names), min_size=1, max_size=4, unique=True))
    homes = {
        name: draw(st.lists(st.sampled_from(hubs), min_size=1, max_size=2, unique=True))
        for name in names
        if name not in hubs and draw(st.booleans())
    }
    connect = {"hubs": hubs, "homes": homes, "tunnels_per_link": draw(st.integers(1, 2))}
    return load({"version": 1, "fleet": "homed", "clusters": clusters, "connect": connect})


# Prefixes of both families, so close together that many overlap.
prefixes = st.one_of(
    st.tuples(st.integers(0, 255), st.integers(20, 32)).map(
        lambda t: ip_network(f"10.0.{t[0]}.{t[0]}/{t[1]}", strict=False)
    ),
    st.tuples(st.integers(0, 255), st.integers(40, 64)).map(
        lambda t: ip_network(f"fd00:0:{t[0]:x}:{t[0]:x}::/{t[1]}", strict=False)
    ),
)
