"""Where each cluster lies, so that the fleet file keeps its rules: a site lies in one place.

1. A region is called by its provider's code. A register's place of a cloud cluster is its region,
   not its network; if the region is known already, it is told and left out.
2. Clusters of one site share provider and region; one that does not gets a site of its own.
3. What is needed and unknown is written as CHANGE-ME.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from k8s6plan import catalog
from k8s6plan.catalog import names
from k8s6plan.fleet.importers._found import Kind
from k8s6plan.fleet.model import ON_PREM

CHANGE = "CHANGE-ME"
_PROVIDERS = "aws, gcp, azure, ... with a region, or on-prem with a site"

Tell = Callable[[Kind, str, str], None]


def settle_places(clusters: list[dict[str, Any]], files: Mapping[str, str], tell: Tell) -> None:
    """Complete provider, region and site of all ``clusters``, which are sorted by name."""

    def say(kind: Kind, cluster: dict[str, Any], message: str) -> None:
        tell(kind, files[cluster["name"]], f"cluster {cluster['name']}: {message}")

    for cluster in clusters:
        if "region" in cluster:
            cluster["region"] = _region(cluster, cluster["region"])
        _in_cloud(cluster, say)
    taken = {cluster["site"] for cluster in clusters if "site" in cluster}
    taken |= {cluster["name"] for cluster in clusters}
    _share(clusters, say)
    for cluster in clusters:
        _complete(cluster, say)
    _part(clusters, taken, say)


Say = Callable[[Kind, dict[str, Any], str], None]


def _in_cloud(cluster: dict[str, Any], say: Say) -> None:
    provider = cluster.get("provider")
    if provider is None or not catalog.is_cloud(provider) or "site" not in cluster:
        return
    place = _region(cluster, cluster.pop("site"))
    if "region" not in cluster:
        cluster["region"] = place
        say("note", cluster, f'the place "{place}" is taken for the region on {provider}')
    elif place != cluster["region"]:
        say("note", cluster, f'the place "{place}" is left out: a site on {provider} is a VPC')


def _region(cluster: dict[str, Any], text: str) -> str:
    """Return the region that ``text`` means at the cluster's provider, else ``text``."""
    return names.region_named(cluster.get("provider", ""), text) or text


def _share(clusters: list[dict[str, Any]], say: Say) -> None:
    """Let clusters of one site learn provider and region from each other."""
    for field in ("provider", "region"):
        known: dict[tuple[str, str], str] = {}
        for cluster in clusters:
            if "site" in cluster and field in cluster:
                known.setdefault(_kin(cluster, field), cluster[field])
        for cluster in clusters:
            if "site" in cluster and field not in cluster and _kin(cluster, field) in known:
                cluster[field] = known[_kin(cluster, field)]
                message = f"{field} {cluster[field]}, as others in site {cluster['site']}"
                say("note", cluster, message)


def _kin(cluster: dict[str, Any], field: str) -> tuple[str, str]:
    return cluster["site"], cluster.get("provider", "") if field == "region" else ""


def _complete(cluster: dict[str, Any], say: Say) -> None:
    known = "provider" in cluster
    if not known:
        cluster["provider"] = CHANGE
        say("change", cluster, f"provider is unknown; write it ({_PROVIDERS})")
    provider = cluster["provider"]
    if provider == ON_PREM:
        if "site" not in cluster:
            cluster["site"] = f"{CHANGE}-{cluster['name']}"
            say("change", cluster, "site is unknown; write the data centre that it stands in")
    elif "region" not in cluster and (catalog.is_cloud(provider) or "site" not in cluster):
        cluster["region"] = CHANGE
        if known:
            say("change", cluster, f"region is unknown; write it, in the words of {provider}")


def _part(clusters: list[dict[str, Any]], taken: set[str], say: Say) -> None:
    """Give clusters that name one site, but lie in different places, sites of their own."""
    homes: dict[str, tuple[str, str | None]] = {}
    moved: dict[tuple[str, str, str | None], str] = {}
    # A site that is named comes before one that only bears its cluster's name.
    for cluster in sorted(clusters, key=lambda c: ("site" not in c, c["name"])):
        site = cluster.get("site", cluster["name"])
        place = (cluster["provider"], cluster.get("region"))
        named = "site" in cluster
        if site not in homes:
            homes[site] = place
            continue
        if named and homes[site] == place:
            continue
        key = (site, *place) if named else (site, "", cluster["name"])
        if key not in moved:
            parts = [site, *filter(None, place)] if named else [site, "network"]
            moved[key] = _free("-".join(parts)[:110].strip("._/-"), taken)
        cluster["site"] = moved[key]
        if named:
            why = f'site "{site}" holds clusters elsewhere ({" ".join(filter(None, homes[site]))})'
        else:
            why = f'a site of other clusters is named "{site}" as well'
        say("note", cluster, f'{why}; its site is written as "{moved[key]}"')


def _free(name: str, taken: set[str]) -> str:
    found, number = name, 2
    while found in taken:
        found, number = f"{name}-{number}", number + 1
    taken.add(found)
    return found
