"""What one part of a data file says of another: names that must be there."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from k8s6plan.catalog._files import load
from k8s6plan.errors import did_you_mean
from k8s6plan.io.lines import KeyPath
from k8s6plan.io.remarks import Remark

_OF_KUBERNETES = ("node_mask_ipv4", "node_mask_ipv6", "newest_release", "service_cidrs_since")


def disagreements(file: str, data: dict[str, Any]) -> Iterator[Remark]:
    """Yield what does not fit together in a file whose rows are whole.

    1. A provider is called as its file is.
    2. A tariff bills items of the price list, in sorts that it names, by shares that are assumed.
    3. What nodes include is an item of the price list, and an allowance.
    4. A limit of some sorts of a thing names a choice of the tariff.
    5. Kubernetes itself has what holds where nothing else is known, and its releases.
    6. Rows of reachability are of platforms, CNIs and modes that there are, and one is usual.
    """
    if file.startswith("providers/"):
        stem = file.removeprefix("providers/").removesuffix(".yaml")
        if data["name"] != stem:  # 1
            yield Remark(("name",), f"must be {stem}, as the file is called")
    if "tariff" in data:
        yield from _of_tariff(data)
    if "reachability" in data:
        yield from _of_reachability(data)
    for key in _OF_KUBERNETES if "platforms" in data else ():  # 5
        if key not in data["platforms"].get("kubernetes", {}):
            path = ("platforms", "kubernetes", key)
            yield Remark(path, f'"{key}" is missing', of_holder=True)


def _of_reachability(data: dict[str, Any]) -> Iterator[Remark]:  # 6
    known = load("platforms.yaml")
    platforms, cnis, modes = (list(part) for part in (*known.values(), data["modes"]))
    usual: set[tuple[str, str]] = set()
    for number, row in enumerate(data["reachability"]):
        path = ("reachability", number)
        for key, names in (("platforms", platforms), ("cnis", cnis)):
            for at, name in enumerate(row.get(key, ())):
                yield from _named(name, names, f"name under {key}", (*path, key, at))
        yield from _named(row["mode"], modes, "mode", (*path, "mode"))
        cnis_of = row.get("cnis", ())
        kinds = {(one, cni) for one in row.get("platforms", ("",)) for cni in ("", *cnis_of)}
        if row.get("usual"):
            kinds = kinds if "platforms" in row else {kind for kind in kinds if kind[1]}
            for one, cni in sorted(kinds & usual):
                message = f"is a second usual row of {' with '.join(filter(None, (one, cni)))}"
                yield Remark(path, message)
            usual |= kinds


def _of_tariff(data: dict[str, Any]) -> Iterator[Remark]:
    tariff, prices = data["tariff"], list(data["prices"])
    sorts = list(tariff.get("variants", {}))
    for path, given in _entries(tariff, ("tariff",)):  # 2
        entry = {"item": given} if isinstance(given, str) else given
        yield from _named(entry["item"], prices, "item of the price list", path)
        if "variant" in entry:
            yield from _named(entry["variant"], sorts, "sort under variants", path)
        if "share" in entry:
            known = list(load("assumptions.yaml")["assumptions"])
            yield from _named(entry["share"], known, "assumption", path)
    for item, allowance in tariff.get("included_per_node", {}).items():  # 3
        path = ("tariff", "included_per_node", item)
        yield from _named(item, prices, "item of the price list", path)
        yield from _named(allowance, list(data.get("allowances", {})), "allowance", path)
    for key, limit in data.get("limits", {}).items():  # 4
        if "variants" in limit:
            path = ("limits", key, "variants", "of")
            yield from _named(limit["variants"]["of"], sorts, "sort under variants", path)


def _entries(part: Any, path: KeyPath) -> Iterator[tuple[KeyPath, Any]]:
    """Yield what is billed by each list of a tariff, also by those of its traffic."""
    if isinstance(part, list):
        yield from (((*path, number), entry) for number, entry in enumerate(part))
    elif isinstance(part, dict) and "value" not in part:
        for key, inner in part.items():
            if key not in ("variants", "included_per_node"):
                yield from _entries(inner, (*path, key))


def _named(name: Any, known: Sequence[str], what: str, path: KeyPath) -> Iterator[Remark]:
    if name not in known:
        yield Remark(path, f'"{name}" is no {what}{did_you_mean(str(name), known, show=4)}')
