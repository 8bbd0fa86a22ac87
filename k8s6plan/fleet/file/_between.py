"""Faults between fields: names that must exist, be unique, or agree."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any

from pydantic_core import PydanticCustomError

from k8s6plan import catalog
from k8s6plan.catalog import names, prices
from k8s6plan.catalog.tariffs import tariff
from k8s6plan.errors import did_you_mean
from k8s6plan.fleet.file._book import limit_remarks, price_remarks
from k8s6plan.fleet.file._selectors import Selectable
from k8s6plan.fleet.file._sets import set_remarks
from k8s6plan.fleet.model import ON_PREM, parse_prefix
from k8s6plan.io.remarks import Remark, cut, short

# They read the merged data as it is, so that they still speak when a field elsewhere is wrong.


def _clusters(data: Mapping[str, Any]) -> list[tuple[int, dict[str, Any]]]:
    """Return (index, cluster) of every cluster that has at least a name."""
    clusters = data.get("clusters")
    if not isinstance(clusters, list):
        return []
    return [
        (index, cluster)
        for index, cluster in enumerate(clusters)
        if isinstance(cluster, dict) and isinstance(cluster.get("name"), str)
    ]


def _site_of(cluster: Mapping[str, Any]) -> str:
    site = cluster.get("site")
    return site if isinstance(site, str) and site else str(cluster["name"])


def _check_cluster_names(data: Mapping[str, Any]) -> Iterator[Remark]:
    """Names are unique, and `formerly` names nobody who is still here."""
    first: dict[str, int] = {}
    for index, cluster in _clusters(data):
        name = cluster["name"]
        if name in first:
            yield Remark(
                ("clusters", index, "name"),
                f'cluster {first[name] + 1} has the name "{cut(name)}" already; rename one',
                ("clusters", first[name], "name"),
            )
        first.setdefault(name, index)
    claimed: dict[str, int] = {}
    for index, cluster in _clusters(data):
        former = cluster.get("formerly")
        if not isinstance(former, str):
            continue
        path = ("clusters", index, "formerly")
        if former == cluster["name"]:
            yield Remark(path, f'"{former}" is its name now; leave `formerly` out')
        elif former in first:
            message = f'"{former}" is still the name of cluster {first[former] + 1}; '
            message += "a former name belongs to nobody else"
            yield Remark(path, message, ("clusters", first[former], "name"))
        if former in claimed:
            message = f'cluster {claimed[former] + 1} was formerly "{former}" as well; '
            message += "only one can be"
            yield Remark(path, message, ("clusters", claimed[former], "formerly"))
        claimed.setdefault(former, index)


def _check_places(data: Mapping[str, Any]) -> Iterator[Remark]:
    """On-prem clusters name a site, others a region; a site lies in one place."""
    first: dict[str, tuple[int, dict[str, Any]]] = {}
    sites = data.get("sites")
    for index, cluster in _clusters(data):
        provider = cluster.get("provider")
        if not isinstance(provider, str):
            continue
        path = ("clusters", index, "provider")
        if provider == ON_PREM and cluster.get("site") is None:
            message = "an on-prem cluster needs `site:`, the data centre that it stands in"
            yield Remark(path, message)
            continue
        name = _site_of(cluster)
        in_site = sites.get(name) if isinstance(sites, dict) else None
        has_region = cluster.get("region") or (isinstance(in_site, dict) and in_site.get("region"))
        needs_region = catalog.is_cloud(provider) or cluster.get("site") is None
        if needs_region and not has_region and provider != ON_PREM:
            message = f"a cluster on {provider} needs `region:`, in the provider's words"
            yield Remark(path, message)
        at, other = first.setdefault(name, (index, cluster))
        if other["name"] == cluster["name"]:
            continue  # itself, or a name that stands twice
        for field in ("provider", "region"):
            here, there = cluster.get(field), other.get(field)
            if here != there:
                yield Remark(
                    ("clusters", index, field),
                    f'site "{name}" holds {other["name"]} ({field} {there or "not given"}) and '
                    f"{cluster['name']} ({field} {here or 'not given'}); a site lies in one place",
                    ("clusters", at, field),
                )
                break  # another provider means another region as well


def _check_sites(data: Mapping[str, Any]) -> Iterator[Remark]:
    """Every site that `sites` describes has a cluster, and lies on the Earth."""
    sites = data.get("sites")
    if not isinstance(sites, dict):
        return
    known = {_site_of(cluster) for _, cluster in _clusters(data)}
    for name, site in sites.items():
        if isinstance(name, str) and name not in known:
            message = f'no cluster lies in a site "{name}"' + did_you_mean(name, sorted(known))
            yield Remark(("sites", name), message, of_holder=True)
        place = site.get("coordinates") if isinstance(site, dict) else None
        if isinstance(place, list) and len(place) == 2:
            for value, bound, what in zip(place, (90, 180), ("latitude", "longitude"), strict=True):
                if isinstance(value, (int, float)) and not -bound <= value <= bound:
                    message = f"{what} {value} is not within {-bound} and {bound}"
                    yield Remark(("sites", name, "coordinates"), f"{message}; write [lat, lon]")


def _check_hubs(data: Mapping[str, Any]) -> Iterator[Remark]:
    """Every hub is a site, or a cluster that stands for its site."""
    connect = data.get("connect")
    hubs = connect.get("hubs") if isinstance(connect, dict) else None
    if not isinstance(hubs, list):
        return
    if not hubs:
        yield Remark(("connect", "hubs"), "the list is empty; name a hub, or write how many")
    named = _names(data)
    for index, hub in enumerate(hubs):
        if isinstance(hub, str) and hub not in named:
            message = f'"{cut(hub)}" is neither a site nor a cluster'
            message += did_you_mean(hub, sorted(named))
            yield Remark(("connect", "hubs", index), message)


def _check_homes(data: Mapping[str, Any]) -> Iterator[Remark]:
    """Homes are hubs that `connect.hubs` names, and belong to sites that are none."""
    connect = data.get("connect")
    homes = connect.get("homes") if isinstance(connect, dict) else None
    if not isinstance(connect, dict) or not isinstance(homes, dict):
        return
    hubs = connect.get("hubs")
    if not isinstance(hubs, list):
        if homes:
            yield Remark(("connect", "homes"), "homes are hubs by name: name them in connect.hubs")
        return
    site_of = {cluster["name"]: _site_of(cluster) for _, cluster in _clusters(data)}
    sites = set(site_of.values())
    hub_names = {hub for hub in hubs if isinstance(hub, str)}
    hub_sites = {site_of.get(hub, hub) for hub in hub_names if hub not in sites} | hub_names
    for site, named in homes.items():
        path = ("connect", "homes", site)
        if isinstance(site, str) and site not in sites:
            message = f'there is no site "{cut(site)}"' + did_you_mean(site, sorted(sites))
            yield Remark(path, message, of_holder=True)
        elif site in hub_sites:
            yield Remark(path, f'"{site}" is a hub, and needs no home', of_holder=True)
        if named == []:
            yield Remark(path, "the list is empty; name a hub, or leave the site out")
        for index, home in enumerate(named if isinstance(named, list) else ()):
            if isinstance(home, str) and home not in hub_sites:
                message = f'"{cut(home)}" is none of the hubs'
                message += did_you_mean(home, sorted(hub_names))
                yield Remark((*path, index), message)


def _names(data: Mapping[str, Any]) -> set[str]:
    found = set()
    for _, cluster in _clusters(data):
        found.add(cluster["name"])
        if isinstance(cluster.get("site"), str):
            found.add(cluster["site"])
    return found


def _check_demands(data: Mapping[str, Any]) -> Iterator[Remark]:
    """Both ends of a demand mean at least one cluster, and it asks for something."""
    demands = data.get("demands")
    if not isinstance(demands, list):
        return
    known = Selectable(cluster for _, cluster in _clusters(data))
    for index, demand in enumerate(demands):
        if not isinstance(demand, dict):
            continue
        path = ("demands", index)
        for end, inner in _ENDS.items():
            if inner in demand:  # the model's own word, which is none of the format
                message = f'unknown field "{inner}"; did you mean "{end}"?'
                yield Remark((*path, inner), message, of_holder=True)
            why = known.why_nobody(demand.get(end))
            if why:
                yield Remark((*path, end), why)
        amounts = ("gb_per_month", "peak_mbps")
        # An unknown field is told already, and may be the amount that is meant.
        if {*demand} <= {*_ENDS, *amounts, "per"} and not any(demand.get(key) for key in amounts):
            yield Remark(path, "asks for nothing; give gb_per_month, peak_mbps or both")


_ENDS = {"from": "source", "to": "target"}


def _check_sets(data: Mapping[str, Any]) -> Iterator[Remark]:
    """Whoever is in a cluster set exists; no demand is between two that share none."""
    if data.get("cluster_sets"):
        known = Selectable(cluster for _, cluster in _clusters(data))
        yield from set_remarks(data["cluster_sets"], known)


def _check_words(data: Mapping[str, Any]) -> Iterator[Remark]:
    """Names that must be rows of a table of ours: the encapsulation, the rules."""
    connect = data.get("connect")
    name = connect.get("encapsulation") if isinstance(connect, dict) else None
    known = sorted(catalog.encapsulations()) if isinstance(name, str) else []
    if isinstance(name, str) and name not in known:
        message = f'"{cut(name)}" is in no row of the encapsulation table'
        yield Remark(("connect", "encapsulation"), message + did_you_mean(name, known))
    rules = data.get("rules")
    for rule in rules if isinstance(rules, dict) else ():
        if isinstance(rule, str) and rule not in catalog.rules():
            message = f'"{cut(rule)}" is no rule of ours'
            message += did_you_mean(rule, sorted(catalog.rules()))
            yield Remark(("rules", rule), message, of_holder=True)


def _check_assumptions(data: Mapping[str, Any]) -> Iterator[Remark]:
    """An assumption of ours has a value that it can have; one that looks like ours is named so."""
    assumptions = data.get("assumptions")
    if not isinstance(assumptions, dict):
        return
    known = catalog.assumptions()
    sorts = [f"{p}.{name}" for p in catalog.provider_names() for name in tariff(p).variants]
    for name, value in assumptions.items():
        path = ("assumptions", str(name))
        if name in known:
            wanted = _wanted(known[name], value)
            if wanted:
                yield Remark(path, f"must be {wanted}, got {short(value)}")
        elif name in sorts and not isinstance(value, str):
            yield Remark(path, f"must be the name of a sort, got {short(value)}")
        elif name not in sorts:
            near = did_you_mean(str(name), [*known, *sorts])
            if near.startswith("; did"):  # other names are kept for whoever reads them
                yield Remark(path, f'"{cut(name)}" is no assumption of ours{near}', of_holder=True)


def _wanted(row: Mapping[str, Any], value: object) -> str:
    """Return what an assumption can be, where ``value`` is not; else nothing."""
    if "one_of" in row:
        choices = [str(choice) for choice in row["one_of"]]
        return "" if value in choices else ", ".join(choices[:-1]) + f" or {choices[-1]}"
    if isinstance(row["value"], bool):
        return "" if isinstance(value, bool) else "true or false"
    number = isinstance(value, (int, float)) and not isinstance(value, bool)
    if number and row["least"] <= float(str(value)) <= row["most"]:
        return ""
    return f"a number from {row['least']} to {row['most']}"


def _check_rows(data: Mapping[str, Any]) -> Iterator[Remark]:
    """Prices and limits of the user's own stand in place of rows that there are."""
    yield from price_remarks(data.get("prices"), ("prices",))
    yield from _places_of_prices(data)
    yield from limit_remarks(data.get("limits"))


def _places_of_prices(data: Mapping[str, Any]) -> Iterator[Remark]:
    """A price of one region is of one that there is: of the provider's, or of the fleet's."""
    rows = data.get("prices")
    for name in rows if isinstance(rows, dict) else ():
        if not isinstance(name, str) or "@" not in name:
            continue
        provider, region = prices.owner_of(name), name.partition("@")[2]
        lies_in = (c.get("region") for _, c in _clusters(data) if c.get("provider") == provider)
        used = {str(place) for place in lies_in if place is not None}
        known = {*names.region_codes(provider), *used}
        lies = names.region_named(provider, region) or region
        if catalog.is_cloud(provider) and lies not in known:
            message = f'{provider} has no region "{cut(region)}", and no cluster lies in it'
            message += did_you_mean(region, sorted(used or known), show=3)
            yield Remark(("prices", name), message, of_holder=True)


def _check_pools(data: Mapping[str, Any]) -> Iterator[Remark]:
    """Prefixes of one pool do not share addresses: they would be handed out twice."""
    pools = data.get("pools")
    for role, given in sorted(pools.items(), key=str) if isinstance(pools, dict) else ():
        if not isinstance(given, list):
            continue
        held: list[tuple[int, int, int, int]] = []  # family, first address, length, index
        for index, value in enumerate(given):
            try:
                prefix = parse_prefix(value)
            except PydanticCustomError:
                continue
            held.append((prefix.version, int(prefix.network_address), prefix.prefixlen, index))
        # Sorted by address, a prefix that shares addresses with an earlier one lies in its reach.
        reach: dict[int, tuple[int, int]] = {}
        for family, start, length, index in sorted(held):
            size = 1 << ((32 if family == 4 else 128) - length)
            end, holder = reach.get(family, (-1, index))
            if start < end:
                early, late = sorted((index, holder))
                message = f"{given[holder]} and {given[index]} share addresses; keep the larger one"
                yield Remark(("pools", role, late), message, ("pools", role, early))
            else:
                reach[family] = (start + size, index)


def _check_risk_groups(data: Mapping[str, Any]) -> Iterator[Remark]:
    """Every member of a risk group is a site, a cluster, or a region like aws/us-east-1."""
    groups = data.get("risk_groups")
    if not isinstance(groups, dict):
        return
    known = _regions(data)
    for _, cluster in _clusters(data):
        known |= {cluster["name"], _site_of(cluster)}
    for group, members in groups.items():
        if members == []:
            message = "names nothing that fails together; list sites, clusters or regions"
            yield Remark(("risk_groups", group), message)
        for index, name in enumerate(members if isinstance(members, list) else ()):
            if isinstance(name, str) and name not in known:
                message = f'no site, cluster or region is named "{cut(name)}"'
                message += did_you_mean(name, sorted(known))
                yield Remark(("risk_groups", group, index), message)


def _regions(data: Mapping[str, Any]) -> set[str]:
    """Return the regions of a fleet, each as provider/region."""
    sites = data.get("sites")
    found = set()
    for _, cluster in _clusters(data):
        described = sites.get(_site_of(cluster)) if isinstance(sites, dict) else None
        region = cluster.get("region")
        if region is None and isinstance(described, dict):
            region = described.get("region")
        if isinstance(region, str):
            found.add(f"{cluster.get('provider')}/{region}")
    return found


def _check_availability(data: Mapping[str, Any]) -> Iterator[Remark]:
    """An availability is of a kind of thing, or of one by its name or its provider's."""
    given = data.get("availability")
    if not isinstance(given, dict):
        return
    clusters = [cluster for _, cluster in _clusters(data)]
    providers = {str(cluster.get("provider")) for cluster in clusters}
    sites = {_site_of(cluster) for cluster in clusters} | providers
    groups = data.get("risk_groups")
    known = {
        "gateway": sites,
        "tunnel": sites,
        "underlay": sites,
        "transit": providers,
        "site": sites,
        "region": _regions(data) | providers,
        "provider": providers,
        "group": {*map(str, groups)} if isinstance(groups, dict) else set(),
    }
    for key in given:
        if not isinstance(key, str):
            continue
        kind, dot, name = key.partition(".")
        path = ("availability", key)
        if kind not in known:
            message = f'nothing of the kind "{cut(kind)}" can fail'
            message += did_you_mean(kind, sorted(known))
            yield Remark(path, message, of_holder=True)
        elif dot and name not in known[kind]:
            message = f'no {kind} is known by "{cut(name)}"' + did_you_mean(
                name, sorted(known[kind])
            )
            yield Remark(path, message, of_holder=True)


CHECKS: tuple[Callable[[Mapping[str, Any]], Iterator[Remark]], ...] = (
    _check_cluster_names,
    _check_places,
    _check_sites,
    _check_hubs,
    _check_homes,
    _check_demands,
    _check_sets,
    _check_words,
    _check_rows,
    _check_assumptions,
    _check_pools,
    _check_risk_groups,
    _check_availability,
)
