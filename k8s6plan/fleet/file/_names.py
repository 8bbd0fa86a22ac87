"""Names in a fleet file: written as people write them, read as the data has them, once, here.

1. Providers, regions, platforms, CNIs and encapsulations that the data knows get its names; so do
   providers and regions inside other words (`risk_groups: {x: [AWS/us-east-1]}`).
2. One that it does not know keeps its first spelling in the file, whatever the case of the others.
3. Each such name is told once, with what it costs not to be known; `known: false` silences it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any

from k8s6plan import catalog
from k8s6plan.catalog import names
from k8s6plan.catalog.reachability import rows_for
from k8s6plan.fleet.model import ON_PREM
from k8s6plan.io.remarks import Remark, cut

# What comes of a name that is not in the data.
_COSTS: Mapping[str, str] = {
    "provider": "no prices, no limits, no peerings",
    "region": "no prices of its own, no place, no round-trip times",
    "platform": "none of a platform's rules, defaults and limits",
    "cni": "none of a CNI's rules, defaults and limits",
    "cni_mode": "read as if it were not said",
}
_OVERLAY = "pods are taken as an overlay all the same, which nobody outside reaches"  # a cni_mode
_FIELDS = tuple(_COSTS)  # the fields of a cluster that hold such names, the provider first


# --- read as the data has them -------------------------------------------------------------------


def named(data: dict[str, Any]) -> dict[str, Any]:
    """Return ``data`` of a fleet file with the names of the catalogue (rules 1 and 2)."""
    naming = _Naming()
    found = dict(data)
    defaults, clusters = data.get("defaults"), data.get("clusters")
    own = dict(defaults) if isinstance(defaults, dict) else {}
    if own:
        found["defaults"] = naming.cluster(own, _only_provider(own, clusters))
    given = found.get("defaults", {}).get("provider") if own else None
    if isinstance(clusters, list):
        found["clusters"] = [
            naming.cluster(cluster, given) if isinstance(cluster, dict) else cluster
            for cluster in clusters
        ]
    _name_sites(naming, found, given)
    connect = data.get("connect")
    if isinstance(connect, dict) and isinstance(connect.get("encapsulation"), str):
        name = names.name_of("encapsulation", connect["encapsulation"])
        found["connect"] = {**connect, "encapsulation": name or connect["encapsulation"]}
    _name_keys(found)
    return found


class _Naming:
    """Finds the names; ``_first``: the first spelling of each that the data does not know."""

    def __init__(self) -> None:
        self._first: dict[tuple[str, str], str] = {}
        self._known: dict[tuple[str, str], str] = {}
        self._changes: dict[tuple[tuple[str, str], ...], dict[str, str]] = {}

    def cluster(self, cluster: dict[str, Any], given: Any) -> dict[str, Any]:
        """Return a cluster with its names; its provider is ``given`` where it has none itself."""
        said = [(key, cluster[key]) for key in _FIELDS if isinstance(cluster.get(key), str)]
        at = (*said, ("given", given if isinstance(given, str) else ""))
        if at not in self._changes:  # most clusters of a fleet are like many others
            self._changes[at] = dict(self._changed(cluster, given))
        changed = self._changes[at]
        return {**cluster, **changed} if changed else cluster

    def _changed(self, cluster: dict[str, Any], given: Any) -> Iterator[tuple[str, str]]:
        """Yield (field, name) of each field of a cluster that is written otherwise."""
        provider = cluster.get("provider", given)
        for key in _FIELDS:
            text = cluster.get(key)
            if not isinstance(text, str):
                continue
            name = self.region(provider, text) if key == "region" else self._name(key, text)
            if key == "provider":
                provider = name
            if name != text:
                yield key, name

    def region(self, provider: Any, text: str) -> str:
        """Return the region that ``text`` means at ``provider``, which may be an alias."""
        owner = self._name("provider", provider) if isinstance(provider, str) else ""
        key = f"region of {owner}", text
        if key not in self._known:
            found = names.region_named(owner, text)
            self._known[key] = found or self._spelling(key[0], text)
        return self._known[key]

    def _name(self, kind: Any, text: str) -> str:
        key = kind, text
        if key not in self._known:
            self._known[key] = names.name_of(kind, text) or self._spelling(kind, text)
        return self._known[key]

    def _spelling(self, kind: str, text: str) -> str:
        return self._first.setdefault((kind, text.casefold()), text)


def _only_provider(defaults: Mapping[str, Any], clusters: Any) -> Any:
    """Return whose region the defaults name: their own provider, or that of all who take it."""
    if "provider" in defaults or not isinstance(clusters, list):
        return None
    takers = [c for c in clusters if isinstance(c, dict) and "region" not in c]
    found = {c.get("provider") for c in takers if isinstance(c.get("provider"), str)}
    known = {names.name_of("provider", str(name)) or name for name in found}
    return known.pop() if len(known) == 1 else None


def _name_sites(naming: _Naming, found: dict[str, Any], given: Any) -> None:
    """Name the regions that `sites` gives."""
    sites = found.get("sites")
    placed = {
        name: site
        for name, site in (sites.items() if isinstance(sites, dict) else ())
        if isinstance(site, dict) and isinstance(site.get("region"), str)
    }
    if not isinstance(sites, dict) or not placed:
        return
    clusters = found.get("clusters")
    owners: dict[Any, Any] = {}
    for cluster in clusters if isinstance(clusters, list) else ():
        if isinstance(cluster, dict):
            site = cluster.get("site") or cluster.get("name")
            if isinstance(site, str):
                owners.setdefault(site, cluster.get("provider", given))
    found["sites"] = sites | {
        name: {**site, "region": naming.region(owners.get(name), site["region"])}
        for name, site in placed.items()
    }


def _name_keys(found: dict[str, Any]) -> None:
    """Name the providers and regions that risk groups, availabilities and assumptions speak of."""
    groups = found.get("risk_groups")
    if isinstance(groups, dict):
        found["risk_groups"] = {
            name: [names.place_named(item) if isinstance(item, str) else item for item in members]
            if isinstance(members, list)
            else members
            for name, members in groups.items()
        }
    for key, rename in (("availability", _of_thing), ("assumptions", _of_sort)):
        rows = found.get(key)
        if isinstance(rows, dict):
            found[key] = _renamed(rows, rename)


def _of_thing(key: str) -> str:
    """Return the key of an availability: ``provider.AWS`` is provider.aws."""
    kind, dot, name = key.partition(".")
    if kind in ("provider", "transit", "region") and dot:
        return f"{kind}.{names.name_of('provider', name) or names.place_named(name)}"
    return key


def _of_sort(key: str) -> str:
    """Return the name of an assumption: ``AWS.vpn_gateway`` is aws.vpn_gateway."""
    provider, dot, item = key.partition(".")
    owner = names.name_of("provider", provider) if dot else None
    return key if owner is None else f"{owner}.{item}"


def _renamed(rows: dict[Any, Any], rename: Callable[[str], str]) -> dict[Any, Any]:
    """Return ``rows`` with other keys; a key that is there already is not written over."""
    found: dict[Any, Any] = {}
    for key, value in rows.items():
        other = rename(key) if isinstance(key, str) else key
        found[key if other != key and other in {*rows, *found} else other] = value
    return found


# --- what the data does not know -----------------------------------------------------------------


def unknown_names(merged: Mapping[str, Any]) -> Iterator[Remark]:
    """Yield each name of a cluster that the data does not know, once, at its first place."""
    told: set[tuple[str, tuple[Any, ...], str]] = set()
    for index, cluster in enumerate(merged["clusters"]):
        if cluster.get("known") is False:
            continue
        provider = cluster["provider"]
        for kind in _FIELDS:
            text = cluster.get(kind)
            key = kind, _scope(cluster, kind), text
            if text is None or key in told:
                continue
            told.add(key)
            message = (
                _of_region(provider, text)
                if kind == "region"
                else _of_name(kind, text) or (_of_mode(cluster) if kind == "cni_mode" else "")
            )
            if message:
                cost = _OVERLAY if text == "overlay" else _COSTS[kind]
                yield Remark(("clusters", index, kind), f"{message}: {cost}")


def _scope(cluster: Mapping[str, Any], kind: str) -> tuple[Any, ...]:
    """Return of what a name is one: a region of a provider, a mode of a platform and a CNI."""
    of = {"region": ("provider",), "cni_mode": ("platform", "cni")}.get(kind, ())
    return tuple(cluster.get(key) for key in of)


def _of_mode(cluster: Mapping[str, Any]) -> str:
    """Say which modes there are, where the table has none of the cluster's for its CNI."""
    platform, cni, mode = cluster.get("platform"), cluster.get("cni"), cluster["cni_mode"]
    modes = list(dict.fromkeys(row["mode"] for row in rows_for(platform, cni)))
    if mode in modes:
        return ""
    of = " with ".join(name for name in (platform, cni) if name) or "such clusters"
    return f'cni_mode "{mode}" is not known of {of} (known: {", ".join(modes)})'


def _of_name(kind: Any, text: str) -> str:
    if names.name_of(kind, text) is not None:
        return ""
    title = "CNI" if kind == "cni" else kind
    return f'{title} "{cut(text)}" is not known{_meant(names.near_name(kind, text))}'


def _of_region(provider: str, text: str) -> str:
    """Say what is wrong with a region: no cloud that we know has it, or another one has."""
    if provider == ON_PREM or not catalog.is_cloud(provider):
        return ""
    codes = names.region_codes(provider)
    other = names.whose_region(text)
    if text in codes or (not codes and other is None):
        return ""
    meant = _meant(names.near_region(provider, text))
    if other is not None:
        return f'region "{cut(text)}" is {other}\'s, and {provider} has none called so{meant}'
    return f'region "{cut(text)}" of {provider} is not known{meant}'


def _meant(name: str | None) -> str:
    return "" if name is None else f" (did you mean {name}?)"
