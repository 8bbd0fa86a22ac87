"""Documents that describe one cluster, of the kinds in the catalogue: one reader for all of them.

Documents of one source that name no cluster, or the same, speak of one. A document of no such kind
is told. What is no prefix, or has host bits set, is told and never rewritten.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from k8s6plan.catalog import documents
from k8s6plan.fleet.importers._documents import is_json, parts
from k8s6plan.fleet.importers._found import (
    ClusterFound,
    Findings,
    PrefixFound,
    Source,
    Value,
    cluster_of_file,
    count,
    not_a_network,
    plain,
    prefix_of,
    text_at,
)
from k8s6plan.fleet.importers._ranges import gathered
from k8s6plan.fleet.model import FAMILIES, Prefix, family_of

if TYPE_CHECKING:
    from k8s6plan.catalog.schema._tables import DocumentKind

TITLE = "cluster document"

_ARN = re.compile(r"arn:[^:]*:eks:([^:]+):")
_MASKS = {"ipv4": range(8, 33), "ipv6": range(16, 129)}
_LOOKS_YAML = re.compile(r"\A(?:[ \t\r]*(?:#[^\n]*)?\n)*(?:---|[\w.\"'-]+:(?:\s|$))")


def recognises(text: str) -> bool:
    """Say whether a document of one of the kinds is in ``text``."""
    if not (is_json(text) or _LOOKS_YAML.match(text)):
        return False
    if not any(_marked(kind, text) for kind in documents.kinds()):
        return False
    silent = Findings()
    given = parts(Source("", text), silent)
    return any(_kind_of(item) is not None for part in given for item in _items(part.data))


def read(source: Source) -> Findings:
    """Return the clusters that the documents of ``source`` describe."""
    found = Findings()
    told: set[str] = set()
    for part in parts(source, found):
        for item in _items(part.data):
            cluster = described(source, item, found)
            if cluster is not None:
                found.clusters.append(cluster)
                continue
            named = plain(text_at(item, "kind")) or "unknown"
            if named not in told:
                told.add(named)
                message = f"kind {named}: nothing that a fleet file takes"
                found.tell("note", source, message, part.line_of(("kind",)))
    if not found.clusters and not found.remarks:
        found.tell("unread", source, "no document that describes a cluster")
    _check_names(source, found)
    return found


def described(source: Source, item: Any, found: Findings) -> ClusterFound | None:
    """Return the cluster that a document describes; None where it is of no kind that we know."""
    kind = _kind_of(item)
    return None if kind is None else _read(source, kind, item, found)


def _check_names(source: Source, found: Findings) -> None:
    """Refuse what would make two clusters one: of one name in two regions."""
    regions: dict[str, dict[Value, None]] = {}
    for cluster in found.clusters:
        if "region" in cluster.fields:
            regions.setdefault(cluster.name, {})[cluster.fields["region"]] = None
    for name, held in regions.items():
        if len(held) > 1:
            shown = ", ".join(plain(str(region)) for region in held)
            message = f"{plain(name)}: clusters of one name in {shown}; give each a file and a name"
            found.tell("refused", source, f"{message}, as NAME=FILE")


def _marked(kind: DocumentKind, text: str) -> bool:
    return all(key.split(".")[-1] in text for key in (*kind.get("keys", []), kind.get("kind", "")))


def _items(data: Any) -> Iterator[Any]:
    resources = list(_resources(data))
    if resources:
        yield from resources
        return
    listed = data.get("items") if isinstance(data, dict) else data
    if isinstance(listed, list):
        yield from listed
    else:
        yield data


def _resources(data: Any) -> Iterator[Any]:
    """Return the resources of a Terraform state, or of ``terraform show -json``, as documents.

    They hold keys and passwords; only what a path of a kind names is read of them.
    """
    if text_at(data, "terraform_version"):
        for start in ("values.root_module", "planned_values.root_module"):
            for module in _at(data, start):
                yield from _of_module(module)
        for resource in _at(data, "resources"):
            for values in _at(resource, "instances.attributes"):
                yield _as_document(resource, values)


def _of_module(module: Any) -> Iterator[Any]:
    for resource in _at(module, "resources"):
        for values in _at(resource, "values"):
            yield _as_document(resource, values)
    for child in _at(module, "child_modules"):
        yield from _of_module(child)


def _as_document(resource: Any, values: Any) -> Any:
    return {"apiVersion": "terraform/", "kind": text_at(resource, "type"), "values": values}


def _kind_of(data: Any) -> DocumentKind | None:
    for kind in documents.kinds():
        if kind.get("keys", []):
            known = all(any(True for _ in _at(data, key)) for key in kind.get("keys", []))
        else:
            group = text_at(data, "apiVersion").startswith(kind.get("group", ""))
            known = group and text_at(data, "kind") == kind.get("kind", "")
        if known:
            return kind
    return None


def _at(data: Any, path: str) -> Iterator[Any]:
    """Return what stands at ``path``; a list on the way stands for all of its items."""
    if isinstance(data, list):
        for item in data:
            yield from _at(item, path)
    elif not path:
        yield data
    elif isinstance(data, dict):
        step, _, rest = path.partition(".")
        if step == "{}":
            yield from map(str, data)
        elif data.get(step) is not None:
            yield from _at(data[step], rest)


def _read(source: Source, kind: DocumentKind, data: Any, found: Findings) -> ClusterFound:
    fields: dict[str, Value] = dict(kind.get("fields", {}))
    for key, paths in kind.get("words", {}).items():
        text = next((v for path in paths for v in _at(data, path) if isinstance(v, str)), "")
        if key == "region":
            text = _region(text)
        if text:
            fields[key] = documents.word_of(text)
    for key, paths in kind.get("counts", {}).items():
        texts = [str(value) for path in paths for value in _at(data, path)]
        total = sum(int(text) for text in texts if count(text, key))
        if total:
            fields[key] = total
    prefixes: list[PrefixFound] = []
    for role, paths in kind.get("prefixes", {}).items() if _is_meant(kind, data) else ():
        held = {p: None for path in paths for p in _prefixes(source, data, path, found)}
        if kind.get("seen"):
            for family in FAMILIES:
                blocks = [prefix for prefix in held if family_of(prefix) == family]
                ranges = gathered(blocks) if blocks else []
                prefixes += [PrefixFound(role, prefix, estimated=True) for prefix in ranges]
            if held:
                message = f"{role}: blocks of single nodes: seen, true size unknown"
                found.tell("note", source, message)
        else:
            prefixes += [PrefixFound(role, prefix) for prefix in held]
    fields.update(_node_masks(kind, data, prefixes))
    name, own = _name(source, kind, data, found)
    return ClusterFound(name, source.file, fields, tuple(prefixes), own)


def _is_meant(kind: DocumentKind, data: Any) -> bool:
    """Say whether the prefixes have the roles of their paths, where a document says for what."""
    for path, words in kind.get("only", {}).items():
        said = [value for given in _at(data, path) for value in _listed(given)]
        if said and not set(said) & set(words):
            return False
    return True


def _listed(value: Any) -> list[str]:
    return [str(one) for one in value] if isinstance(value, list) else [str(value)]


def _node_masks(kind: DocumentKind, data: Any, prefixes: list[PrefixFound]) -> dict[str, Value]:
    result: dict[str, Value] = {}
    families = {family_of(item.prefix) for item in prefixes if item.role == "pods"}
    for family, paths in kind.get("masks", {}).items():
        masks = [str(value) for path in paths for value in _at(data, path)]
        lengths = [int(m) for m in masks if m.isdecimal() and int(m) in _MASKS[family]]
        # One path may hold the masks of both families, in the order of their prefixes.
        shared = list(kind.get("masks", {}).values()).count(paths) > 1
        if shared:
            fits = range(33) if family == "ipv4" else range(33, 129)
            lengths = [length for length in lengths if length in fits]
        if lengths and family in families:
            result[f"mask_{family}"] = min(lengths)
    return result


def _region(text: str) -> str:
    """Return the region in an ARN, or of a zone such as europe-west4-a."""
    arn = _ARN.match(text)
    return arn[1] if arn else re.sub(r"(?<=\d)-[a-z]$", "", text)


def _name(source: Source, kind: DocumentKind, data: Any, found: Findings) -> tuple[str, str]:
    """Return the name of a cluster, and that which the document itself gives it; "" for none."""
    own = next(
        (v for path in kind.get("name", []) for v in _at(data, path) if isinstance(v, str)), ""
    )
    if source.cluster and own:
        others = {c.own for c in found.clusters if c.own} - {own}
        if others:
            both = f"{plain(own)} and {plain(min(others))}"
            message = f"describes {both}, which cannot both be {plain(source.cluster)}"
            found.tell("refused", source, f"{message}; give each a file of its own")
    name = source.cluster or own or cluster_of_file(source.file)
    if name:
        return name, own
    message = f'{kind["title"]}: no name in it; written as "unnamed"; give it as NAME=FILE'
    found.tell("change", source, message)
    return "unnamed", own


def _prefixes(source: Source, data: Any, path: str, found: Findings) -> Iterator[Prefix]:
    for value in _at(data, path):
        pieces = value.split(",") if isinstance(value, str) else [str(value)]
        for piece in filter(None, (piece.strip() for piece in pieces)):
            if piece.startswith("!"):
                continue  # what is left out of the others
            parsed = prefix_of(piece) if "/" in piece else None
            if parsed is None:
                found.tell("refused", source, f'{path}: "{plain(piece)}" is no prefix')
            elif parsed[1]:
                message = f"{path}: {not_a_network(piece, parsed[0])}"
                found.tell("refused", source, message)
            else:
                yield parsed[0]
