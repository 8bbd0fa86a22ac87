"""The data that ships with the package: every figure a row with unit, source, date, confidence.

Files lie in ``data/``; each is read when it is first asked for, and once. A new provider, platform
or encapsulation is a row there, and no code.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from decimal import Decimal
from functools import cache
from pathlib import Path
from typing import Any, Literal, NamedTuple

from k8s6plan.errors import InvalidInput
from k8s6plan.yaml_io import Document

_DATA = Path(__file__).with_name("data")


class Encapsulation(NamedTuple):
    """A row of the encapsulation table, as far as comparing needs it."""

    name: str
    encrypted: bool
    key_per: Literal["tunnel", "gateway", "none"]


class EncapsulationBytes(NamedTuple):
    """What an encapsulation adds to a packet, in bytes.

    ``carries``: the families of the packet inside. ``fixed``: the sum by outer family, empty for
    IPsec, which has ``iv``, ``icv`` and ``align`` instead (0 for the others).
    """

    carries: tuple[Literal["ipv4", "ipv6"], ...]
    fixed: dict[Literal["ipv4", "ipv6"], int]
    iv: int
    icv: int
    align: int


class Rule(NamedTuple):
    """A rule of `check`: what it says, how grave breaking it is, and who says so."""

    name: str
    says: str
    severity: Literal["error", "warning", "note"]
    source: str


class Figure(NamedTuple):
    """A figure of the catalogue, and who says so."""

    value: Any
    source: str


class SpecialPrefix(NamedTuple):
    """A range that no cluster may take its prefix from."""

    prefix: str
    name: str
    use: str
    source: str


class IcmpType(NamedTuple):
    """ICMPv6 messages that must pass a filter. ``codes`` empty: all of them.

    ``where``: in transit from anywhere, or only ever from the local link.
    """

    type: int
    codes: tuple[int, ...]
    name: str
    where: Literal["transit", "link"]
    why: str
    source: str


class NodeBlocks(NamedTuple):
    """How a cluster cuts its pods prefix into blocks for nodes, in one family.

    ``many``: a node takes further blocks as it needs them (Calico), else exactly one.
    ``source`` is where the mask comes from: the fleet file, or a row of the catalogue.
    """

    mask: int
    many: bool
    source: str


def _read(*path: str) -> dict[str, Any]:
    """Return the data of one shipped file."""
    text = _DATA.joinpath(*path).read_text("utf-8")
    return Document(text, "/".join(path)).data(InvalidInput)


@cache
def provider_names() -> tuple[str, ...]:
    """Return the names of the providers that the catalogue knows."""
    return tuple(sorted(file.stem for file in (_DATA / "providers").glob("*.yaml")))


# A provider's file is mostly prices and limits, of which a run needs a few: its parts are read
# when they are asked for. tests/test_data.py holds the parts against the whole.
_LARGE = ("areas", "tariff", "prices", "limits", "mtu")


@cache
def _parts(name: str) -> dict[str, str]:
    """Return the text of each top-level key of a provider's file."""
    if name not in provider_names():
        return {}
    text = (_DATA / "providers" / f"{name}.yaml").read_text("utf-8")
    chunks = re.split(r"(?m)^(?=[a-z]\w*:)", text)
    return {chunk.partition(":")[0]: chunk for chunk in chunks}


@cache
def _provider(name: str) -> dict[str, Any]:
    """Return what is known of a provider, without its prices and limits."""
    small = [chunk for key, chunk in _parts(name).items() if key not in _LARGE]
    return _parsed("".join(small), name)


@cache
def _part(name: str, key: str) -> dict[str, Any]:
    """Return one large part of what is known of a provider."""
    return dict(_parsed(_parts(name).get(key, ""), name).get(key, {}))


@cache
def _entries(name: str, key: str) -> dict[str, str]:
    """Return the text of each entry of a large part, by its name."""
    chunks = re.split(r"(?m)^  (?=[\w.]+:$)", _parts(name).get(key, ""))[1:]
    return {chunk.partition(":\n")[0]: chunk for chunk in chunks}


def _parsed(text: str, name: str) -> dict[str, Any]:
    return Document(text, f"providers/{name}.yaml").data(InvalidInput) if text else {}


def is_cloud(provider: str) -> bool:
    """Say whether ``provider`` is a cloud that the catalogue knows."""
    return bool(_provider(provider).get("kind") == "cloud")


@cache
def has_native_links(provider: str) -> bool:
    """Say whether two sites of ``provider`` can be joined by its own peering or transit."""
    return bool(_provider(provider).get("native_links", False))


@cache
def has_managed_hubs(provider: str) -> bool:
    """Say whether ``provider`` sells transit of its own, which joins the sites of a region."""
    row = _provider(provider).get("managed_hubs")
    return row is not None and bool(row["value"])


def price_names(provider: str) -> tuple[str, ...]:
    """Return the priced items of ``provider``; one that nobody knows has those of on-prem."""
    if provider == "general":
        return tuple(_read("general.yaml")["prices"])
    return tuple(_entries(_known_or_own(provider), "prices"))


@cache
def price_item(provider: str, item: str) -> dict[str, Any]:
    """Return one priced item of ``provider``: title, unit, currency and rows."""
    if provider == "general":
        return dict(_read("general.yaml")["prices"][item])
    name = _known_or_own(provider)
    return dict(_parsed(_entries(name, "prices")[item], name)[item])


@cache
def tariff(provider: str) -> dict[str, Any]:
    """Return which items ``provider`` bills for what; of an unknown one, those of on-prem."""
    if provider == "general":
        return dict(_read("general.yaml")["tariff"])
    return _part(_known_or_own(provider), "tariff")


def _known_or_own(provider: str) -> str:
    return provider if provider in provider_names() else "on-prem"


@cache
def limit_rows(owner: str, *, measured: bool = False) -> dict[str, Any]:
    """Return the limits of a provider or a software, by key; ``measured``: only those checked."""
    if owner in software_names():
        return dict(_software()[owner].get("limits", {}))
    found = {}
    for key, text in _entries(owner, "limits").items():
        if not measured or "\n    measure: " in text:
            found[key] = _parsed(text, owner)[key]
    return found


def has_limits(provider: str) -> bool:
    """Say whether any limit of ``provider`` is known."""
    return bool(_entries(provider, "limits"))


@cache
def _software() -> dict[str, Any]:
    return _read("software.yaml")


@cache
def software_names() -> tuple[str, ...]:
    """Return the software of which limits are known."""
    return tuple(_software())


@cache
def readiness() -> list[dict[str, Any]]:
    """Return what is known of IPv6 and dual-stack, a row for each provider, release and CNI."""
    return list(_read("ipv6_readiness.yaml")["readiness"])


@cache
def included_per_node(provider: str) -> dict[str, int]:
    """Return what each node includes of an item in a month, in the item's unit."""
    allowances = _provider(provider).get("allowances", {})
    named = tariff(provider).get("included_per_node", {})
    return {item: int(allowances[key]["value"]) for item, key in named.items()}


@cache
def carries(provider: str, what: str) -> Figure | None:
    """Return the families that tunnels or managed hubs of ``provider`` carry; None: not known."""
    row = tariff(provider).get(f"{what.replace(' ', '_')}_carry")
    return None if row is None else Figure(row["value"], str(row["source"]))


@cache
def areas(provider: str) -> dict[str, frozenset[str]]:
    """Return the regions of each area that the prices of ``provider`` name."""
    rows = _part(provider, "areas")
    return {name: frozenset(regions) for name, regions in rows.items()}


@cache
def book_date() -> str:
    """Return the day to which the price book that ships was brought."""
    return str(_read("general.yaml")["book"]["as_of"])


@cache
def assumptions() -> dict[str, Any]:
    """Return the rows of the assumptions that a fleet file can set, by name."""
    return dict(_read("assumptions.yaml")["assumptions"])


def assumption(name: str, own: Mapping[str, Any]) -> Any:
    """Return an assumption: the fleet file's ``own`` where it has one, else the default."""
    return own[name] if name in own else assumptions()[name]["value"]


@cache
def encapsulations() -> dict[str, Encapsulation]:
    """Return the encapsulation table by name."""
    rows = _read("encapsulations.yaml")["encapsulations"]
    return {
        name: Encapsulation(name, bool(row["encrypted"]), row["key_per"])
        for name, row in rows.items()
    }


@cache
def rules() -> dict[str, Rule]:
    """Return the rules of `check` by name."""
    rows = _read("rules.yaml")["rules"]
    return {
        name: Rule(name, row["says"], row["severity"], row["source"]) for name, row in rows.items()
    }


@cache
def special_prefixes() -> tuple[SpecialPrefix, ...]:
    """Return the ranges that no cluster may take its prefix from."""
    rows = _read("special_prefixes.yaml")["special_prefixes"]
    return tuple(
        SpecialPrefix(row["prefix"], row["name"], row["use"], row["source"]) for row in rows
    )


@cache
def icmpv6_types() -> tuple[IcmpType, ...]:
    """Return the ICMPv6 messages that must pass a filter, by type (RFC 4890)."""
    return tuple(
        IcmpType(
            row["type"],
            () if row["codes"] == "all" else tuple(row["codes"]),
            row["name"],
            row["where"],
            row["why"],
            row["source"],
        )
        for row in _read("icmpv6.yaml")["icmpv6"]
    )


@cache
def _platforms() -> dict[str, Any]:
    return _read("platforms.yaml")


@cache
def _trait(platform: str | None, cni: str | None, key: str) -> dict[str, Any] | None:
    """Return the row of ``key``: the CNI's where it has one, else the platform's."""
    for table, name in (("cnis", cni), ("platforms", platform)):
        row = _platforms()[table].get(name or "", {}).get(key)
        if row is not None:
            return dict(row) if isinstance(row, dict) else {"value": row}
    return None


@cache
def node_blocks(
    platform: str | None, cni: str | None, provider: str, family: Literal["ipv4", "ipv6"]
) -> NodeBlocks:
    """Return the default node blocks: the CNI's, else the provider's, the platform's, Kubernetes'.

    IPv4 is a /24 a node and IPv6 a /64 where nothing else is known; on AWS a node takes a /80.
    """
    key = f"node_mask_{family}"
    row = (
        _trait(None, cni, key)
        or (_provider(provider).get("ipv6", {}).get(key) if family == "ipv6" else None)
        or _trait(platform, None, key)
        or _platforms()["platforms"]["kubernetes"][key]
    )
    many = _trait(platform, cni, "blocks_per_node")
    return NodeBlocks(
        int(str(row["value"]).lstrip("/")),
        many is not None and many["value"] == "many",
        str(row.get("source", "")),
    )


@cache
def pods_inside_nodes(
    platform: str | None, cni: str | None, family: Literal["ipv4", "ipv6"]
) -> bool:
    """Say whether pods take addresses out of their nodes' own prefix (EKS with its VPC CNI)."""
    row = _trait(platform, cni, "pods_inside_nodes")
    return row is not None and bool(row["value"]) and family in row.get("families", ())


@cache
def has_own_ipam(platform: str | None, cni: str | None) -> bool:
    """Say whether pod addresses are handed out past kube-controller-manager and its limits."""
    row = _trait(platform, cni, "own_ipam")
    return row is not None and bool(row["value"])


@cache
def platform_figure(platform: str | None, key: str) -> Figure | None:
    """Return the figure ``key`` of ``platform``, else of Kubernetes itself; None: not known."""
    row = _trait(platform, None, key) or _trait("kubernetes", None, key)
    return None if row is None else Figure(row["value"], str(row["source"]))


@cache
def own_figure(platform: str | None, cni: str | None, key: str) -> Figure | None:
    """Return the figure ``key`` of the CNI or the platform themselves; None: they have none."""
    row = _trait(platform, cni, key)
    return None if row is None else Figure(row["value"], str(row["source"]))


@cache
def node_bits_max(
    platform: str | None, cni: str | None, family: Literal["ipv4", "ipv6"]
) -> Figure | None:
    """Return how many bits may lie between pods prefix and node mask; None: as many as one likes.

    A CNI with an IPAM of its own has its own limit, or none; else the platform's counts.
    """
    key = f"node_bits_max_{family}"
    row = _trait(None, cni, key)
    if row is not None:
        return Figure(row["value"], str(row["source"]))
    return None if has_own_ipam(platform, cni) else platform_figure(platform, key)


@cache
def default_prefixes(role: Literal["pods", "services"]) -> dict[str, tuple[str, ...]]:
    """Return every prefix that some platform or CNI gives to clusters by default, and which do."""
    found: dict[str, list[str]] = {}
    for table in ("platforms", "cnis"):
        for name, rows in _platforms()[table].items():
            for prefix in rows.get(f"default_{role}", {"value": ()})["value"]:
                found.setdefault(prefix, []).append(name)
    return {prefix: tuple(names) for prefix, names in found.items()}


@cache
def provider_figure(provider: str, family: Literal["ipv4", "ipv6"], key: str) -> Figure | None:
    """Return the figure ``key`` of ``provider`` for one family; None: not known."""
    row = _provider(provider).get(family, {}).get(key)
    return None if row is None else Figure(row["value"], str(row["source"]))


@cache
def _availability() -> dict[str, dict[str, Any]]:
    rows: dict[str, dict[str, Any]] = _read("availability.yaml")["availability"]
    return rows


@cache
def availability(provider: str, what: str) -> Figure | None:
    """Return the share of time that ``provider`` promises for ``what``; None: nobody says.

    ``what``: gateway, transit (a managed hub), or region. The value is a Decimal.
    """
    row = _availability().get(provider, {}).get(what)
    if row is None or row["value"] is None:
        return None
    return Figure(Decimal(row["value"]), str(row["source"]))


@cache
def assigns_ipv6_services(platform: str | None) -> str | None:
    """Return who says that ``platform`` picks the IPv6 service prefix itself, else None."""
    row = _trait(platform, None, "services_ipv6_assigned")
    return str(row["source"]) if row is not None and row["value"] else None


@cache
def why_not_flat(platform: str | None) -> str | None:
    """Return why pods of ``platform`` cannot be flat IPv6, or None where they can."""
    row = _platforms()["platforms"].get(platform or "", {}).get("flat_ipv6")
    if not isinstance(row, dict) or row.get("possible", row.get("value", True)):
        return None
    return str(row["why"])


@cache
def reserved_in_tunnels() -> tuple[str, ...]:
    """Return the prefixes that some provider refuses inside a tunnel."""
    rows = (_provider(name).get("tunnels", {}).get("reserved") for name in provider_names())
    return tuple(prefix for row in rows if row for prefix in row["value"])


def ula_range(provider: str) -> str:
    """Return the range that ULA prefixes must come from at ``provider`` (RFC 4193: fd00::/8)."""
    row = _provider(provider).get("ipv6", {}).get("ula_range")
    return str(row["value"]) if row else "fd00::/8"


def assigned_prefixlen(provider: str) -> int:
    """Return the length of the IPv6 prefix that ``provider`` assigns to a VPC; /56 by default."""
    row = _provider(provider).get("ipv6", {}).get("assigned_prefixlen")
    return int(str(row["value"]).lstrip("/")) if row else 56


# --- latency and MTU ---------------------------------------------------------------------------


@cache
def latency_figure(section: Literal["estimate", "files"], key: str) -> Figure:
    """Return a figure of ``data/latency.yaml``."""
    row = _read("latency.yaml")[section][key]
    return Figure(row["value"], str(row["source"]))


@cache
def header_bytes() -> dict[str, int]:
    """Return the bytes of each header that an encapsulation may add, and of TCP's own."""
    return {
        name: int(row["value"]) for name, row in _read("encapsulations.yaml")["headers"].items()
    }


@cache
def least_mtu(family: Literal["ipv4", "ipv6"]) -> int:
    """Return the smallest MTU, in bytes, that every link must carry in ``family``."""
    return int(_read("encapsulations.yaml")["least_mtu"][family]["value"])


@cache
def encapsulation_bytes(name: str) -> EncapsulationBytes:
    """Return what the encapsulation ``name`` adds to a packet.

    Raises:
        KeyError: the table has no such row.

    """
    row = _read("encapsulations.yaml")["encapsulations"][name]
    fixed = {family: int(entry["value"]) for family, entry in row.get("overhead_bytes", {}).items()}
    iv, icv, align = (
        int(row[key]["value"]) if key in row else 0
        for key in ("iv_bytes", "icv_bytes", "align_bytes")
    )
    return EncapsulationBytes(tuple(row["carries"]), fixed, iv, icv, align)


@cache
def provider_mtu(provider: str, key: str) -> Figure | None:
    """Return the row ``key`` of the MTUs of ``provider``, in bytes; None: not known."""
    row = _part(provider, "mtu").get(key)
    return None if row is None else Figure(int(row["value"]), str(row["source"]))
