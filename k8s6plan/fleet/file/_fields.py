"""Faults of single fields: pydantic's findings in our words, with the fix."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from pydantic import ValidationError
from pydantic_core import ErrorDetails, PydanticCustomError

from k8s6plan.errors import did_you_mean
from k8s6plan.fleet.file._remark import Remark, at, cut, short
from k8s6plan.fleet.model import (
    Addresses,
    Cluster,
    Connect,
    Demand,
    Exclusion,
    Fleet,
    Hours,
    LimitOverride,
    NodeMasks,
    Pools,
    PriceOverride,
    Reserve,
    Site,
    Work,
    parse_prefix,
)
from k8s6plan.io.documents import KeyPath

# What no two clusters can share, and `defaults` would give to all.
OWN = ("name", "formerly")

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
    "work": Work,
    **dict.fromkeys(("tunnel", "peering", "firewall_entry", "gateway"), Hours),
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
    "book": "book: contract of 2026",
    "usd_per_hour": "usd_per_hour: 90",
}


def check_defaults(data: Mapping[str, Any]) -> Iterator[Remark]:
    """Check the defaults for themselves: a fault there counts, whether a cluster uses it or not."""
    defaults = data.get("defaults")
    if not isinstance(defaults, dict) or not defaults:
        return
    for key in OWN:
        if key in defaults:
            yield Remark(("defaults", key), f'each cluster has its own "{key}"; write it there')
    shared = {key: value for key, value in defaults.items() if key not in OWN}
    try:
        Cluster.model_validate({"name": "x", "provider": "x", **shared})
    except ValidationError as error:
        yield from field_remarks(error, {"defaults": shared}, ("defaults",))


def field_remarks(
    error: ValidationError, data: dict[str, Any], top: KeyPath = (), *, noun: type = Fleet
) -> Iterator[Remark]:
    """Return pydantic's findings as remarks: one a fault, however many branches a union has.

    ``noun`` is what the whole file describes.
    """
    found: dict[KeyPath, list[ErrorDetails]] = {}
    for detail in error.errors(include_url=False):
        found.setdefault(_real_path((*top, *detail["loc"]), detail["type"], data), []).append(
            detail
        )
    inside = {path[:depth] for path in found for depth in range(len(path))}
    for path, details in found.items():
        value = at(data, path)
        kind, last = details[0]["type"], details[0]["loc"][-1]
        if path in inside and all(detail["type"] in _KINDS for detail in details):
            continue  # the branch of a union that was not meant
        if kind in ("host_bits", "prefix", "address_type") and isinstance(value, list):
            yield from _list_remarks(path, value)
        elif kind in ("extra_forbidden", "missing") and last == path[-1]:
            if kind == "extra_forbidden" or "<<" not in (at(data, path[:-1]) or ()):
                yield Remark(path, _say_field(kind, path, noun), of_holder=True)
        elif kind == "invalid_key" or (last == "[key]" and kind == "string_type"):
            key = "a list" if str(last).startswith("(") else short(path[-1])
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


def _say_field(kind: str, path: KeyPath, noun: type) -> str:
    """Say what to do about a field that is unknown or missing."""
    name = str(path[-1])
    if kind == "missing":
        return f'"{name}" is missing; add it, like `{_EXAMPLES.get(name, f"{name}: ...")}`'
    if name == "<<":
        return "merge keys (<<) are not read; use `defaults:`, or write the fields out"
    return f'unknown field "{cut(name)}"' + did_you_mean(name, _fields_at(path, noun))


def _say(details: list[ErrorDetails], path: KeyPath, given: Any) -> str:
    """Return what pydantic found at one place in our words, with the fix."""
    # Of a union: the finding of the branch that was meant, else all that could stand there.
    meant = next((detail for detail in details if detail["type"] not in _KINDS), details[0])
    kind, context, shown = meant["type"], meant.get("ctx", {}), short(given)
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
        return f'; put it in quotes: "{short(given)}"'
    if kinds == ["a whole number"] and isinstance(given, str) and given.isdecimal():
        return f"; take the quotes away: {cut(given)}"
    if kinds == ["a list"] and isinstance(given, (str, int)):
        return f"; write [{short(given)}]"
    return ""


def _fields_at(path: KeyPath, noun: type) -> list[str]:
    """Return the field names that are known where ``path`` ends."""
    names = False
    for step in path[:-1]:
        if not names:
            noun = _NOUN_AT.get(str(step), noun)
        names = not names and step in _BY_NAME
    fields: dict[str, Any] = getattr(noun, "model_fields", {})
    return sorted(field.alias or name for name, field in fields.items())
