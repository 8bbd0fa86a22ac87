"""Random fleets for property tests: shared providers, regions and sites, pins, demands, hubs."""

from __future__ import annotations

import inspect
import json
from collections.abc import Callable
from functools import wraps
from ipaddress import ip_network
from itertools import product
from typing import Any, Concatenate, ParamSpec

from hypothesis import note
from hypothesis import strategies as st

from k8s6plan.fleet.file import parse
from k8s6plan.fleet.model import Fleet
from k8s6plan.topology.designs import DESIGNS

P = ParamSpec("P")

REGIONS = {
    "aws": ["us-east-1", "us-east-2", "ap-south-1"],
    "gcp": ["us-central1", "europe-west1"],
    "azure": ["eastus", "uksouth"],
    "elsewhere": ["here", "there"],
}
PROVIDERS = ("aws", "gcp", "azure", "on-prem", "elsewhere")

# Strategies are made once, and what is drawn often is drawn together: to draw a fleet takes longer
# than to test what most properties say of it.
_KINDS = st.sampled_from(
    list(product(PROVIDERS, ("east", "west"), ("prod", "test"), (None, None, "calico", "cilium")))
)
_NODES = st.integers(1, 5)
_SITES = st.sampled_from([(named, number) for named in (False, True) for number in (0, 1)])
_GATEWAYS = st.sampled_from(list(product((1, 2, 3), (False, True))))
_LINKS = st.sampled_from(list(product((1, 2, 3), ("native", "tunnel"))))
_DEMANDS = st.sampled_from([0, 0, 0, 0, 1, 2, 3, 4])
_GB = st.integers(1, 1000)


@st.composite
def fleet_files(draw: st.DrawFn, *, most: int = 9, pins: bool = False) -> dict[str, Any]:
    """Return the data of a valid fleet file with up to ``most`` clusters.

    ``pins``: some clusters have pods prefixes already, inside the pool, that do not overlap.
    """
    count = draw(st.integers(0, most))
    site_places: dict[str, tuple[str, str | None]] = {}
    clusters: list[dict[str, Any]] = []
    for number in range(count):
        provider, region, env, cni = draw(_KINDS)
        cluster: dict[str, Any] = {
            "name": f"c{number}",
            "provider": provider,
            "nodes": draw(_NODES),
            "labels": {"env": env},
        }
        if provider != "on-prem":
            cluster["region"] = region
        if cni is not None:
            cluster["cni"] = cni
        if pins and draw(st.booleans()):
            cluster["addresses"] = {"pods": [f"100.{90 + number}.0.0/16", f"fd00:{number}::/64"]}
        named_site, site = draw(_SITES)
        if provider == "on-prem" or named_site:
            cluster["site"] = f"{provider}-{region}-{site}"
            site_places[cluster["site"]] = (provider, region)
        clusters.append(cluster)
    sites: dict[str, dict[str, Any]] = {}
    for name in sorted(site_places):
        gateways, campus = draw(_GATEWAYS)
        sites[name] = {"gateways": gateways}
        if site_places[name][0] == "on-prem" and campus:
            sites[name]["region"] = "campus"
    names: list[str] = [c["name"] for c in clusters] + sorted(site_places)
    hubs: int | list[str] = draw(st.integers(1, 4))
    named: bool = draw(st.booleans())
    if names and named:
        hubs = draw(st.lists(st.sampled_from(names), min_size=1, max_size=4, unique=True))
    ends = [c["name"] for c in clusters] + ["all"]
    ends += sorted({f"env={c['labels']['env']}" for c in clusters})
    demands: list[dict[str, Any]] = []
    if clusters:
        pairs = st.sampled_from(list(product(ends, ends)))
        for _ in range(draw(_DEMANDS)):
            source, target = draw(pairs)
            demands.append({"from": source, "to": target, "gb_per_month": draw(_GB)})
    tunnels_per_link, same_provider = draw(_LINKS)
    return {
        "version": 1,
        "fleet": "random",
        "ula_seed": "random",
        "clusters": clusters,
        "sites": sites,
        "connect": {
            "hubs": hubs,
            "tunnels_per_link": tunnels_per_link,
            "same_provider": same_provider,
        },
        "demands": demands,
        **draw(_SOURCES),
    }


_NETWORKS = ("10.0.0.0/10", "100.64.0.0/14", "100.64.3.0/24", "172.20.0.0/24", "2a00:100::/41")
_IPV6 = (None, "ula", "provider", "2a00:100::/40", "2a00:200::/52")
_POOLS: tuple[dict[str, list[str]] | None, ...] = (
    None,
    {"nodes": ["10.0.0.0/24"], "pods": ["100.64.0.0/10"], "services": ["10.0.0.0/20"]},  # narrow
    {"nodes": ["100.64.0.0/10"], "services": ["100.64.0.0/12", "fd12::/48"]},  # shared
)


def _addresses(
    ipv6: str | None, pools: dict[str, list[str]] | None, exclude: list[str]
) -> dict[str, Any]:
    found: dict[str, Any] = {"exclude": exclude}
    if ipv6 is not None:
        found["ipv6"] = ipv6
    if pools is not None:
        found["pools"] = pools
    return found


# Where addresses come from: the kind of IPv6, narrow or shared pools, exclusions.
_SOURCES = st.builds(
    _addresses,
    st.sampled_from(_IPV6),
    st.sampled_from(_POOLS),
    st.lists(st.sampled_from(_NETWORKS), max_size=3, unique=True),
)


def load(data: dict[str, Any]) -> Fleet:
    """Return the fleet of a file with this data, read as any other file is: JSON is YAML too."""
    return parse(json.dumps(data), "random.yaml")


def fleets(*, most: int = 9) -> st.SearchStrategy[Fleet]:
    """Return random fleets."""
    return fleet_files(most=most).map(load)


def for_each_design(test: Callable[Concatenate[str, P], None]) -> Callable[P, None]:
    """Hold a property, that takes a design first, for all of them on each example that is drawn.

    It stands below ``@given``: a fleet is then drawn once, and not once for each design.
    """

    @wraps(test)
    def held(*args: P.args, **kwargs: P.kwargs) -> None:
        for design in DESIGNS:
            note(f"design={design!r}")
            test(design, *args, **kwargs)

    _, *others = inspect.signature(test).parameters.values()
    vars(held)["__signature__"] = inspect.Signature(others)
    return held


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


# Made once, and what is drawn often is drawn together: as above.
_PLACES = {name: [(name, region) for region in regions] for name, regions in REGIONS.items()}
_PLACES["on-prem"] = [("on-prem", "")]
# Each provider as often as another, the clouds twice as often; regions of one alike.
_EVERYWHERE = st.sampled_from([*_PLACES, "aws", "gcp", "azure"]).flatmap(
    {name: st.sampled_from(places) for name, places in _PLACES.items()}.__getitem__
)
_ONE_CLOUD = {
    cloud: st.sampled_from([*_PLACES[cloud], *_PLACES["on-prem"] * len(_PLACES[cloud])])
    for cloud in ("aws", "gcp", "azure")
}
_CROWDS = st.sampled_from(
    [_EVERYWHERE, _ONE_CLOUD["aws"], _ONE_CLOUD["aws"], _ONE_CLOUD["gcp"], _ONE_CLOUD["azure"]]
)
_PRICED_KINDS = st.sampled_from(list(product(range(1, 6), ("prod", "test"), (True, False))))
_PODS = st.sampled_from([0, 0, 0, 1, 3])
_PRICED_SITES = {
    crowded: st.sampled_from([*range(5 if crowded else 2)]) for crowded in (False, True)
}
_PLATFORMS = st.sampled_from(["aks", "kubeadm"])
_PRICED_GATEWAYS = st.integers(1, 2)
_VOLUMES = st.sampled_from(list(product((1, 99, 1000, 15_000, 200_000), (0, 30, 700))))
_PRICED_LINKS = st.sampled_from(
    list(product((1, 2, 3), ("native", "native", "tunnel"), ("ipv4", "ipv4", "dual-stack")))
)


@st.composite
def priced_fleets(draw: st.DrawFn, *, crowded: bool = False) -> Fleet:
    """Return a random fleet of up to eight clusters in regions that have prices.

    ``crowded``: often of one cloud and data centres only, so that many sites are alike, and some
    clusters have prefixes of pods already, one or several.
    """
    somewhere = draw(_CROWDS) if crowded else _EVERYWHERE
    clusters: list[dict[str, Any]] = []
    places: set[str] = set()
    for number in range(draw(st.integers(1, 8))):
        provider, region = draw(somewhere)
        nodes, env, named = draw(_PRICED_KINDS)
        cluster: dict[str, Any] = {
            "name": f"c{number}",
            "provider": provider,
            "nodes": nodes,
            "labels": {"env": env},
            "platform": draw(_PLATFORMS) if provider == "azure" else "kubeadm",
        }
        if region:
            cluster["region"] = region
        pods = draw(_PODS) if crowded else 0
        if pods:
            cluster["addresses"] = {"pods": [f"10.{number}.{part}.0/24" for part in range(pods)]}
        if provider == "on-prem" or named:
            cluster["site"] = f"{provider}-{region or None}-{draw(_PRICED_SITES[crowded])}"
            places.add(cluster["site"])
        clusters.append(cluster)
    ends = [cluster["name"] for cluster in clusters] + ["all"]
    ends += sorted({f"env={c['labels']['env']}" for c in clusters})
    pairs = st.sampled_from(list(product(ends, ends)))
    demands = []
    for _ in range(draw(st.integers(0, 4))):
        (source, target), (volume, peak) = draw(pairs), draw(_VOLUMES)
        demands.append({"from": source, "to": target, "gb_per_month": volume, "peak_mbps": peak})
    hubs: int | list[str] = draw(st.integers(1, 3))
    homes: dict[str, list[str]] = {}
    if draw(st.booleans()):
        everywhere = sorted({cluster.get("site", cluster["name"]) for cluster in clusters})
        hubs = draw(st.lists(st.sampled_from(everywhere), min_size=1, max_size=3, unique=True))
        some = st.lists(st.sampled_from(hubs), min_size=1, max_size=2, unique=True)
        for site in everywhere:
            if site not in hubs and draw(st.booleans()):
                homes[site] = draw(some)
    tunnels_per_link, same_provider, carries = draw(_PRICED_LINKS)
    return load(
        {
            "version": 1,
            "fleet": "random",
            "clusters": clusters,
            "sites": {name: {"gateways": draw(_PRICED_GATEWAYS)} for name in sorted(places)},
            "connect": {
                "hubs": hubs,
                "homes": homes,
                "tunnels_per_link": tunnels_per_link,
                "same_provider": same_provider,
                "carries": carries,
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
