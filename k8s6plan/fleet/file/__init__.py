"""fleet.yaml -> Fleet, or every fault of the file at once, each with its line and the fix.

1. The text is read and bounded (``yaml_io``).
2. Names are read as the data has them (``_names``), and ``defaults`` are laid under each cluster;
   then pydantic checks every field.
3. ``_between`` checks what one field says of another: names that must exist, be unique, or agree.
4. A name that the data does not know is no fault, but it is told, as is a demand that can be read
   in two ways.

Only when 2 or 3 finds a fault is the file composed again, to learn the lines.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

from pydantic import ValidationError
from pydantic_core import PydanticCustomError

from k8s6plan.errors import Fault, InvalidFleet
from k8s6plan.fleet.file._between import CHECKS
from k8s6plan.fleet.file._book import load_book
from k8s6plan.fleet.file._demands import unclear_demands
from k8s6plan.fleet.file._fields import OWN, check_defaults, field_remarks
from k8s6plan.fleet.file._names import named, unknown_names
from k8s6plan.fleet.file._numbers import changed_numbers
from k8s6plan.fleet.file._sets import crossing_demands, to_know_of_sets
from k8s6plan.fleet.model import Fleet, is_release, parse_prefix
from k8s6plan.io.documents import Document, read_text
from k8s6plan.io.lines import KeyPath
from k8s6plan.io.remarks import Remark, at, cut, is_text

# Mappings inside a cluster to which a default adds keys instead of being replaced.
_MERGED = ("labels", "node_masks", "addresses", "reserve")
# Top-level keys that a plan has and a fleet has not.
_OF_PLANS = frozenset(("summaries", "routes", "free", "tombstones"))

Tell = Callable[[Fault], None]  # takes what is to be known of a file that is no fault

NO_FLEET = "`k8s6plan init` writes a starter fleet file"  # what helps who has none


def load(path: Path, tell: Tell | None = None) -> Fleet:
    """Return the fleet that the file at ``path`` describes; ``tell`` takes what is to be known.

    Raises:
        FileRefused: the file cannot be read.
        InvalidFleet: with all its faults.

    """
    return parse(read_text(path, otherwise=NO_FLEET), str(path), tell)


def parse(text: str, file: str, tell: Tell | None = None) -> Fleet:
    """Return the fleet that ``text`` describes; ``file`` is its name in messages.

    ``tell`` takes what is to be known and is no fault: names that are in none of our tables.

    Raises:
        InvalidFleet: with all its faults.

    """
    document = Document(text, file)
    data = document.data(InvalidFleet)
    if isinstance(data.get("clusters"), dict) and not _OF_PLANS.isdisjoint(data):
        message = "is a plan; name the fleet file that it was made from"
        raise InvalidFleet([Fault(file, 0, message)])
    if isinstance(data.get("written_by"), str) and not isinstance(data.get("clusters"), list):
        message = f"was written by {cut(data['written_by'])}; name the fleet file that it tells of"
        raise InvalidFleet([Fault(file, 0, message)])
    data = named(data)
    merged = _with_defaults(data)
    fleet: Fleet | None = None
    remarks = list(check_defaults(data))
    try:
        fleet = Fleet.model_validate(merged)
    except ValidationError as error:
        remarks.extend(field_remarks(error, merged))
    for check in CHECKS:
        remarks.extend(check(merged))
    remarks.extend(changed_numbers(document, data))
    if fleet is not None and not remarks:
        remarks.extend(crossing_demands(fleet))
    if fleet is None or remarks:
        raise InvalidFleet({_fault(document, data, remark) for remark in remarks})
    if tell is not None:
        remarks = [*unknown_names(merged), *unclear_demands(fleet), *to_know_of_sets(fleet)]
        _tell(document, data, remarks, tell)
    return fleet


def _tell(
    document: Document, data: Mapping[str, Any], remarks: Sequence[Remark], tell: Tell
) -> None:
    """Tell what is no fault, by lines."""
    found = [(_home(remark.path, data), remark.message) for remark in remarks]
    lines = document.lines_of([path for path, _ in found])
    for fault in sorted(Fault(document.file, lines[path], message) for path, message in found):
        tell(fault)


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
    message = _as_typed(document, path, _with_quotes(document, path, remark.message))
    if remark.other is not None:
        other = document.line_of(_home(remark.other, data))
        message += f" (see line {other})" if other != document.line_of(path) else ""
    place = path[:-1] if remark.of_holder else path
    return document.fault(path, _place(place, data) + message)


def _home(path: KeyPath, data: Mapping[str, Any]) -> KeyPath:
    """Return where a field of a cluster is written: in the cluster, or else in the defaults."""
    if len(path) < 3 or path[0] != "clusters":
        return path
    own, default = at(data, path[:2]), data.get("defaults")
    for depth, step in enumerate(path[2:4]):
        if not isinstance(default, dict) or step not in default or not isinstance(own, dict):
            return path
        if step not in own:
            return ("defaults", *path[2:])
        if depth or step not in _MERGED:
            return path
        own, default = own[step], default[step]
    return path


def _as_typed(document: Document, path: KeyPath, message: str) -> str:
    """Show a number that stands for a text as it was typed: `010`, which is read as 10."""
    head, asked, _ = message.partition("; put it in quotes: ")
    typed = document.scalar_at(path) if asked and " is read as " not in head else None
    return message if typed is None else f'{head}{asked}"{cut(typed)}"'


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
        if error.type in ("prefix", "ambiguous"):
            return ' (with the whole prefix, like "10.0.0.0/16")'
    return ""


def _place(path: KeyPath, data: Mapping[str, Any]) -> str:
    """Return the path in the user's words: `cluster prod-use1, nodes: `."""
    words: list[str] = []
    rest = path
    if len(path) > 1 and path[0] == "clusters" and isinstance(path[1], int):
        own = at(data, path[:2])
        name = own.get("name") if isinstance(own, dict) else None
        words.append(f"cluster {cut(name)}" if is_text(name) else f"cluster {path[1] + 1}")
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
    if is_release(data.get("kubernetes")):  # another value is told of the fleet's own field
        defaults = {"kubernetes": data["kubernetes"], **(defaults or {})}
    if not isinstance(defaults, dict) or not isinstance(clusters, list) or not defaults:
        return data
    shared = {key: value for key, value in defaults.items() if key not in OWN}
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


__all__ = ["CHECKS", "NO_FLEET", "json_schema", "load", "load_book", "parse"]
