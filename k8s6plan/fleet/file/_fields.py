"""Faults of single fields: pydantic's findings in our words, with the fix."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from pydantic import ValidationError
from pydantic_core import ErrorDetails, PydanticCustomError

from k8s6plan.errors import did_you_mean
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
from k8s6plan.io.lines import KeyPath
from k8s6plan.io.remarks import KINDS, Remark, at, cut, real_path, said, short

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


_NO_PREFIX = ("host_bits", "prefix", "ambiguous", "address_type")
_NO_LIST = 'one prefix is expected, not a list; write it like "10.0.0.0/16"'


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
        found.setdefault(real_path((*top, *detail["loc"]), detail["type"], data), []).append(detail)
    inside = {path[:depth] for path in found for depth in range(len(path))}
    for path, details in found.items():
        value = at(data, path)
        kind, last = details[0]["type"], details[0]["loc"][-1]
        if path in inside and all(detail["type"] in KINDS for detail in details):
            continue  # the branch of a union that was not meant
        if kind in _NO_PREFIX and isinstance(value, list):
            # A list that stands for one address has nothing wrong in it but itself.
            yield from [*_list_remarks(path, value)] or [Remark(path, _NO_LIST)]
        elif kind in ("extra_forbidden", "missing") and last == path[-1]:
            if kind == "extra_forbidden" or "<<" not in (at(data, path[:-1]) or ()):
                yield Remark(path, _say_field(kind, path, noun), of_holder=True)
        elif kind == "invalid_key" or (last == "[key]" and kind == "string_type"):
            key = "a list" if str(last).startswith("(") else short(path[-1])
            yield Remark(path, f"a key must be a text, got {key}", of_holder=True)
        else:
            yield Remark(path, _say(details, path, value))


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
    shown = short(given)
    if path[-1:] == ("coordinates",) or (len(path) > 1 and path[-2] == "coordinates"):
        return f"must be two numbers, [latitude, longitude], got {shown}"
    if path == ("version",):
        return f"this program reads version 1 of the format, got {shown}; write `version: 1`"
    if any(detail["type"] == "string_pattern_mismatch" for detail in details):
        return "a rate has a name like nodes_per_year"
    return said(details, given, wanted=_WANTED.get(path, ""))


def _fields_at(path: KeyPath, noun: type) -> list[str]:
    """Return the field names that are known where ``path`` ends."""
    names = False
    for step in path[:-1]:
        if not names:
            noun = _NOUN_AT.get(str(step), noun)
        names = not names and step in _BY_NAME
    fields: dict[str, Any] = getattr(noun, "model_fields", {})
    return sorted(field.alias or name for name, field in fields.items())
