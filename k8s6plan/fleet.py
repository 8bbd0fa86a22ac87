"""fleet.yaml -> Fleet, or every fault of the file at once, each with its line and the fix.

1. The text is read and bounded (``yaml_io``).
2. ``defaults`` are laid under each cluster, then pydantic checks every field.
3. The ``_check_...`` functions check what one field says of another: names that must exist, be
   unique, or agree.

Only when 2 or 3 finds a fault is the file composed again, to learn the lines.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any, NamedTuple

from pydantic import ValidationError
from pydantic_core import ErrorDetails, PydanticCustomError

from k8s6plan import catalog
from k8s6plan.errors import Fault, InvalidFleet, did_you_mean
from k8s6plan.model import (
    ON_PREM,
    Addresses,
    Cluster,
    Connect,
    Demand,
    Exclusion,
    Fleet,
    LimitOverride,
    NodeMasks,
    Pools,
    PriceOverride,
    Reserve,
    Selector,
    Site,
    parse_prefix,
    parse_selector,
)
from k8s6plan.yaml_io import Document, KeyPath, read_text

# Mappings inside a cluster to which a default adds keys instead of being replaced.
_MERGED = ("labels", "node_masks", "addresses", "reserve")
# What no two clusters can share, and `defaults` would give to all.
_OWN = ("name", "formerly")
# Top-level keys that a plan has and a fleet has not.
_OF_PLANS = frozenset(("summaries", "routes", "free", "tombstones"))


class Remark(NamedTuple):
    """What is wrong, and where in the file; ``other`` is the place of the second party.

    ``of_holder``: the message speaks of what holds the path, such as of a field that is missing.
    """

    path: KeyPath
    message: str
    other: KeyPath | None = None
    of_holder: bool = False


def load(path: Path) -> Fleet:
    """Return the fleet that the file at ``path`` describes.

    Raises:
        FileRefused: the file cannot be read.
        InvalidFleet: with all its faults.

    """
    return parse(read_text(path), str(path))


def parse(text: str, file: str) -> Fleet:
    """Return the fleet that ``text`` describes; ``file`` is its name in messages.

    Raises:
        InvalidFleet: with all its faults.

    """
    document = Document(text, file)
    data = document.data(InvalidFleet)
    if isinstance(data.get("clusters"), dict) and not _OF_PLANS.isdisjoint(data):
        message = "is a plan; name the fleet file that it was made from"
        raise InvalidFleet([Fault(file, 0, message)])
    merged = _with_defaults(data)
    fleet: Fleet | None = None
    remarks = list(_check_defaults(data))
    try:
        fleet = Fleet.model_validate(merged)
    except ValidationError as error:
        remarks.extend(_field_remarks(error, merged))
    for check in _CHECKS:
        remarks.extend(check(merged))
    if fleet is not None and not remarks:
        return fleet
    raise InvalidFleet({_fault(document, data, remark) for remark in remarks})


def json_schema() -> dict[str, Any]:
    """Return the JSON Schema of the fleet file, generated from the model."""
    schema = Fleet.model_json_schema(by_alias=True)
    # Any cluster field may stand in `defaults`; a cluster may leave out what they give.
    cluster = schema["$defs"]["Cluster"]
    partial = {key: value for key, value in cluster.items() if key != "required"}
    schema["$defs"]["ClusterDefaults"] = {**partial, "title": "ClusterDefaults"}
    schema["properties"]["defaults"] = {
        "$ref": "#/$defs/ClusterDefaults",
        "description": schema["properties"]["defaults"]["description"],
    }
    cluster["required"] = ["name"]
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "$comment": "Written by k8s6plan schema, from the model of the fleet file.",
        **schema,
        "title": "Fleet file of k8s6plan",
    }


def _fault(document: Document, data: Mapping[str, Any], remark: Remark) -> Fault:
    """Give a remark its line, the place in words, and the line of the second party."""
    path = _home(remark.path, data)
    message = _with_quotes(document, path, remark.message)
    if remark.other is not None:
        other = document.line_of(_home(remark.other, data))
        message += f" (see line {other})" if other != document.line_of(path) else ""
    place = path[:-1] if remark.of_holder else path
    return document.fault(path, _place(place, data) + message)


def _home(path: KeyPath, data: Mapping[str, Any]) -> KeyPath:
    """Return where a field of a cluster is written: in the cluster, or else in the defaults."""
    if len(path) < 3 or path[0] != "clusters":
        return path
    own, default = _at(data, path[:2]), data.get("defaults")
    for depth, step in enumerate(path[2:4]):
        if not isinstance(default, dict) or step not in default or not isinstance(own, dict):
            return path
        if step not in own:
            return ("defaults", *path[2:])
        if depth or step not in _MERGED:
            return path
        own, default = own[step], default[step]
    return path


def _with_quotes(document: Document, path: KeyPath, message: str) -> str:
    """Show the line with its quotes put in, where an unquoted address arrived as a number."""
    if not message.startswith("an address is expected"):
        return message
    line = document.line_of(path)
    shown, typed = document.quoted_line(line), document.scalar_at(path)
    if typed is not None:
        message += f", got {typed}"
        if f'"{typed}"' not in shown and typed not in ("true", "false"):
            bare = rf"(?<![\w.:]){re.escape(typed)}(?![\w.:])"
            shown = re.sub(bare, lambda found: f'"{found[0]}"', shown, count=1)
    if shown == document.line(line).strip():
        return f'{message}; write it like "10.0.0.0/16", or a list of such'
    return f"{message}; write: {shown}" + _unless_whole(typed)


def _unless_whole(typed: str | None) -> str:
    """Ask for the whole prefix where quotes alone do not make one."""
    try:
        if typed is not None:
            parse_prefix(typed)
    except PydanticCustomError as error:
        if error.type == "prefix":
            return ' (with the whole prefix, like "10.0.0.0/16")'
    return ""


def _place(path: KeyPath, data: Mapping[str, Any]) -> str:
    """Return the path in the user's words: `cluster prod-use1, nodes: `."""
    words: list[str] = []
    rest = path
    if len(path) > 1 and path[0] == "clusters" and isinstance(path[1], int):
        own = _at(data, path[:2])
        name = own.get("name") if isinstance(own, dict) else None
        words.append(f"cluster {_cut(name)}" if _is_text(name) else f"cluster {path[1] + 1}")
        rest = path[2:]
    dotted = ""
    for step in rest:
        if isinstance(step, int):
            dotted += f"[{step + 1}]"
        else:
            dotted += f".{step}" if dotted else step
    words += [dotted] if dotted else []
    return ", ".join(words) + ": " if words else ""


def _with_defaults(data: dict[str, Any]) -> dict[str, Any]:
    """Return ``data`` with the defaults laid under each cluster."""
    defaults, clusters = data.get("defaults"), data.get("clusters")
    if not isinstance(defaults, dict) or not isinstance(clusters, list) or not defaults:
        return data
    shared = {key: value for key, value in defaults.items() if key not in _OWN}
    merged = []
    for cluster in clusters:
        if not isinstance(cluster, dict):
            merged.append(cluster)
            continue
        full = {**shared, **cluster}
        for key in _MERGED:
            default, own = shared.get(key), cluster.get(key)
            if isinstance(default, dict) and isinstance(own, dict):
                full[key] = {**default, **own}
        merged.append(full)
    return {**data, "clusters": merged}


# --- faults of single fields -------------------------------------------------------------------

_NOUN_AT: Mapping[str, type] = {
    "clusters": Cluster,
    "defaults": Cluster,
    "sites": Site,
    "pools": Pools,
    "exclude": Exclusion,
    "connect": Connect,
    "demands": Demand,
    "node_masks": NodeMasks,
    "reserve": Reserve,
    "addresses": Addresses,
    "prices": PriceOverride,
    "limits": LimitOverride,
}
_BY_NAME = ("sites", "prices", "limits")  # what stands under them is a name, and then the fields

_KINDS = {
    "int_type": "a whole number",
    "int_parsing": "a whole number",
    "int_from_float": "a whole number",
    "decimal_type": "a number",
    "decimal_parsing": "a number",
    "float_type": "a number",
    "float_parsing": "a number",
    "finite_number": "a finite number",
    "bool_type": "true or false",
    "bool_parsing": "true or false",
    "string_type": "a text",
    "list_type": "a list",
    "tuple_type": "a list",
    "dict_type": "`key: value` lines",
    "model_type": "`key: value` lines",
}
# What the kinds alone would not say.
_WANTED: Mapping[KeyPath, str] = {
    ("clusters",): "a list, each cluster beginning with `- name:`",
    ("connect", "hubs"): "a whole number (how many), or a list of names like [prod-use1]",
}
_EXAMPLES = {
    "fleet": "fleet: my-fleet",
    "clusters": "clusters: [{name: prod-use1, provider: aws, region: us-east-1}]",
    "name": "name: prod-use1",
    "provider": "provider: aws",
    "from": "from: all",
    "to": "to: prod-use1",
    "prefix": 'prefix: "10.0.0.0/16"',
    "price": "price: 0.05",
}


def _check_defaults(data: Mapping[str, Any]) -> Iterator[Remark]:
    """Check the defaults for themselves: a fault there counts, whether a cluster uses it or not."""
    defaults = data.get("defaults")
    if not isinstance(defaults, dict) or not defaults:
        return
    for key in _OWN:
        if key in defaults:
            yield Remark(("defaults", key), f'each cluster has its own "{key}"; write it there')
    shared = {key: value for key, value in defaults.items() if key not in _OWN}
    try:
        Cluster.model_validate({"name": "x", "provider": "x", **shared})
    except ValidationError as error:
        yield from _field_remarks(error, {"defaults": shared}, ("defaults",))


def _field_remarks(
    error: ValidationError, data: dict[str, Any], top: KeyPath = ()
) -> Iterator[Remark]:
    """Return pydantic's findings as remarks: one a fault, however many branches a union has."""
    found: dict[KeyPath, list[ErrorDetails]] = {}
    for detail in error.errors(include_url=False):
        found.setdefault(_real_path((*top, *detail["loc"]), detail["type"], data), []).append(
            detail
        )
    inside = {path[:depth] for path in found for depth in range(len(path))}
    for path, details in found.items():
        value = _at(data, path)
        kind, last = details[0]["type"], details[0]["loc"][-1]
        if path in inside and all(detail["type"] in _KINDS for detail in details):
            continue  # the branch of a union that was not meant
        if kind in ("host_bits", "prefix", "address_type") and isinstance(value, list):
            yield from _list_remarks(path, value)
        elif kind in ("extra_forbidden", "missing") and last == path[-1]:
            if kind == "extra_forbidden" or "<<" not in (_at(data, path[:-1]) or ()):
                yield Remark(path, _say_field(kind, path), of_holder=True)
        elif kind == "invalid_key" or (last == "[key]" and kind == "string_type"):
            key = "a list" if str(last).startswith("(") else _short(path[-1])
            yield Remark(path, f"a key must be a text, got {key}", of_holder=True)
        else:
            yield Remark(path, _say(details, path, value))


def _real_path(loc: KeyPath, kind: str, data: Any) -> KeyPath:
    """Drop the steps that pydantic adds for the branches of a union: they are not in the file."""
    path: list[str | int] = []
    node = data
    for step in loc:
        if isinstance(node, dict):
            if step in node or (step == loc[-1] and kind in ("missing", "invalid_key")):
                node = node.get(step)
                path.append(step)
        elif isinstance(node, list) and isinstance(step, int) and step < len(node):
            node = node[step]
            path.append(step)
    return tuple(path)


def _at(data: Any, path: KeyPath) -> Any:
    for step in path:
        if isinstance(data, dict):
            data = data.get(step)
        elif isinstance(data, list) and isinstance(step, int) and step < len(data):
            data = data[step]
        else:
            return None
    return data


def _list_remarks(path: KeyPath, values: list[Any]) -> Iterator[Remark]:
    """One remark for each wrong prefix of a list; pydantic stopped at the first."""
    for index, value in enumerate(values):
        try:
            parse_prefix(value)
        except PydanticCustomError as error:
            message = error.message()
            if value == "external":
                message = '"external" stands alone, not in a list'
            yield Remark((*path, index), message)


def _say_field(kind: str, path: KeyPath) -> str:
    """Say what to do about a field that is unknown or missing."""
    name = str(path[-1])
    if kind == "missing":
        return f'"{name}" is missing; add it, like `{_EXAMPLES.get(name, f"{name}: ...")}`'
    if name == "<<":
        return "merge keys (<<) are not read; use `defaults:`, or write the fields out"
    return f'unknown field "{_cut(name)}"' + did_you_mean(name, _fields_at(path))


def _say(details: list[ErrorDetails], path: KeyPath, given: Any) -> str:
    """Return what pydantic found at one place in our words, with the fix."""
    # Of a union: the finding of the branch that was meant, else all that could stand there.
    meant = next((detail for detail in details if detail["type"] not in _KINDS), details[0])
    kind, context, shown = meant["type"], meant.get("ctx", {}), _short(given)
    if path[-1:] == ("coordinates",) or (len(path) > 1 and path[-2] == "coordinates"):
        return f"must be two numbers, [latitude, longitude], got {shown}"
    if path == ("version",):
        return f"this program reads version 1 of the format, got {shown}; write `version: 1`"
    if kind in _KINDS:
        kinds = list(dict.fromkeys(_KINDS[detail["type"]] for detail in details))
        wanted = _WANTED.get(path) or " or ".join([", ".join(kinds[:-1]), kinds[-1]][-len(kinds) :])
        return f"must be {wanted}, got {shown}" + _fix(kinds, given)
    ours = {
        "greater_than_equal": f"must be at least {context.get('ge')}, got {shown}",
        "less_than_equal": f"must be at most {context.get('le')}, got {shown}",
        "literal_error": f"must be {context.get('expected')}, got {shown}".replace("'", '"'),
        "string_pattern_mismatch": "a rate has a name like nodes_per_year",
    }
    message = ours.get(kind, meant["msg"])
    return message[0].lower() + message[1:]


def _fix(kinds: list[str], given: Any) -> str:
    """Show how the value that was given is written as one of ``kinds``."""
    if kinds == ["a text"] and isinstance(given, (int, float)):
        return f'; put it in quotes: "{_short(given)}"'
    if kinds == ["a whole number"] and isinstance(given, str) and given.isdecimal():
        return f"; take the quotes away: {_cut(given)}"
    if kinds == ["a list"] and isinstance(given, (str, int)):
        return f"; write [{_short(given)}]"
    return ""


def _is_text(value: object) -> bool:
    return isinstance(value, str) and value != ""


def _cut(value: object) -> str:
    text = str(value)
    return text if len(text) <= 80 else text[:77] + "..."


def _short(value: Any) -> str:
    """Return a value as the file may have it, in few words."""
    if value is None:
        return "nothing"
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, dict):
        return "`key: value` lines"
    if isinstance(value, (list, tuple)):
        return "a list"
    return f'"{_cut(value)}"' if isinstance(value, str) else _cut(value)


def _fields_at(path: KeyPath) -> list[str]:
    """Return the field names that are known where ``path`` ends."""
    noun: type = Fleet
    names = False
    for step in path[:-1]:
        if not names:
            noun = _NOUN_AT.get(str(step), noun)
        names = not names and step in _BY_NAME
    fields: dict[str, Any] = getattr(noun, "model_fields", {})
    return sorted(field.alias or name for name, field in fields.items())


# --- faults between fields ---------------------------------------------------------------------
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
                f'cluster {first[name] + 1} has the name "{_cut(name)}" already; rename one',
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
            message = f'"{_cut(hub)}" is neither a site nor a cluster'
            message += did_you_mean(hub, sorted(named))
            yield Remark(("connect", "hubs", index), message)


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
    clusters = [cluster for _, cluster in _clusters(data)]
    names = {cluster["name"] for cluster in clusters}
    labels = {
        (str(key), str(value).lower() if isinstance(value, bool) else str(value))
        for cluster in clusters
        if isinstance(cluster.get("labels"), dict)
        for key, value in cluster["labels"].items()
    }
    told = 0
    for index, demand in enumerate(demands):
        if not isinstance(demand, dict):
            continue
        path = ("demands", index)
        for end, inner in _ENDS.items():
            if inner in demand:  # the model's own word, which is none of the format
                message = f'unknown field "{inner}"; did you mean "{end}"?'
                yield Remark((*path, inner), message, of_holder=True)
            try:
                selector = parse_selector(demand.get(end))
            except PydanticCustomError:
                continue  # the field's own fault is told already
            why = _unmatched(selector, names, labels, hint=told < _MOST_HINTS)
            if why:
                told += 1
                yield Remark((*path, end), why)
        amounts = ("gb_per_month", "peak_mbps")
        # An unknown field is told already, and may be the amount that is meant.
        if {*demand} <= {*_ENDS, *amounts} and not any(demand.get(key) for key in amounts):
            yield Remark(path, "asks for nothing; give gb_per_month, peak_mbps or both")


_ENDS = {"from": "source", "to": "target"}


_MOST_HINTS = 20  # faults whose names are held against those of the fleet, which takes its time


def _unmatched(
    selector: Selector, names: set[str], labels: set[tuple[str, str]], *, hint: bool
) -> str | None:
    """Say why ``selector`` means no cluster, with the nearest name where a ``hint`` is wanted."""
    if selector.name is not None:
        wrong, what = selector.name, "is named"
        if wrong == "all" or wrong in names:
            return None
        known = names
    else:
        missing = ["=".join(label) for label in selector.labels if label not in labels]
        if not missing:
            return None
        wrong, what, known = missing[0], "has the label", {"=".join(label) for label in labels}
    message = f'no cluster {what} "{_cut(wrong)}"'
    return message + (did_you_mean(wrong, sorted(known)) if hint else "")


def _check_words(data: Mapping[str, Any]) -> Iterator[Remark]:
    """Names that must be rows of a table of ours: the encapsulation, the rules."""
    connect = data.get("connect")
    name = connect.get("encapsulation") if isinstance(connect, dict) else None
    known = sorted(catalog.encapsulations()) if isinstance(name, str) else []
    if isinstance(name, str) and name not in known:
        message = f'"{_cut(name)}" is in no row of the encapsulation table'
        yield Remark(("connect", "encapsulation"), message + did_you_mean(name, known))
    rules = data.get("rules")
    for rule in rules if isinstance(rules, dict) else ():
        if isinstance(rule, str) and rule not in catalog.rules():
            message = f'"{_cut(rule)}" is no rule of ours'
            message += did_you_mean(rule, sorted(catalog.rules()))
            yield Remark(("rules", rule), message, of_holder=True)
    assumptions = data.get("assumptions")
    routed = assumptions.get("services_routed") if isinstance(assumptions, dict) else None
    if routed is not None and not isinstance(routed, bool):
        message = f"must be true or false, got {_short(routed)}"
        yield Remark(("assumptions", "services_routed"), message)


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


_CHECKS: tuple[Callable[[Mapping[str, Any]], Iterator[Remark]], ...] = (
    _check_cluster_names,
    _check_places,
    _check_sites,
    _check_hubs,
    _check_demands,
    _check_words,
    _check_pools,
)
