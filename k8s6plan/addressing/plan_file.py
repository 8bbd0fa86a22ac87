"""The plan: who holds which prefix, and the YAML file that keeps it.

The file is the lock of the addressing plan: what stands in it stays as it is. ``docs/reference/
plan-file.md`` describes every key.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from ipaddress import IPv6Network
from typing import Any, Literal, NamedTuple, cast

from k8s6plan.errors import InvalidPlan
from k8s6plan.fleet.model import (
    ADDRESS_BITS,
    FAMILIES,
    ROLES,
    Family,
    Prefix,
    Role,
    family_of,
    why_no_label,
    why_no_prefix,
)
from k8s6plan.io.addresses import parse_network, prefix_text
from k8s6plan.io.documents import Document, KeyPath, dump

Source = Literal["planned", "pinned", "assigned"]
BlockSource = Literal["ula", "provider", "owned"]
_SOURCES = ("planned", "pinned", "assigned")
_BLOCK_SOURCES = ("ula", "provider", "owned")


class Allocation(NamedTuple):
    """A prefix that one cluster holds for one role.

    ``prefix`` is None while the provider has not assigned the site's IPv6 prefix; then ``layout``
    is the place inside the coming block, counted from ``::``. ``node_mask`` is for pods only.
    ``grows_to`` is the length to which the prefix can be widened where it stands, ``reserved`` the
    length of the room that is kept for it on purpose. ``also`` holds further prefixes for the same
    role and family: pinned ones, or what a cluster got when it had outgrown the first.
    """

    prefix: Prefix | None
    grows_to: int
    source: Source
    node_mask: int | None = None
    layout: IPv6Network | None = None
    reserved: int | None = None
    also: tuple[Prefix, ...] = ()

    @property
    def prefixes(self) -> tuple[Prefix, ...]:
        """All prefixes that are known."""
        return self.also if self.prefix is None else (self.prefix, *self.also)

    @property
    def place(self) -> Prefix:
        """Its prefix, or its place in the block that is still to come."""
        place = self.prefix or self.layout
        assert place is not None  # noqa: S101  from_yaml refuses an allocation without either
        return place


@dataclass(frozen=True)
class SiteBlock:
    """The IPv6 block of a site; ``prefix`` None: the provider assigns one of ``length`` later.

    ``clusters``: the part that each cluster may fill, counted from ``::`` while ``prefix`` is None.
    Removed clusters keep theirs until they are released.
    """

    length: int
    prefix: IPv6Network | None
    clusters: dict[str, IPv6Network] = field(default_factory=dict)


@dataclass(frozen=True)
class Tunnel:
    """The prefixes inside one tunnel, one a family."""

    prefixes: Mapping[Family, Prefix]


@dataclass(frozen=True)
class SiteSummary:
    """The fewest prefixes that stand for a site, and how many routes it takes without them."""

    prefixes: Mapping[Family, tuple[Prefix, ...]]
    unsummarised: Mapping[Family, int]


Held = Mapping[Role, Mapping[Family, Allocation]]


@dataclass(frozen=True)
class Plan:
    """All allocations of a fleet, by cluster, role and family.

    ``members`` says which clusters share a site, ``sites`` holds the sites' IPv6 blocks, and
    ``tombstones`` keep the space of removed clusters. ``tunnels`` holds the prefixes inside the
    tunnels of a design, by pair of sites.
    ``summaries``, ``allow``, ``free`` and ``notes`` are for the reader, and made anew every time.
    """

    fleet: str
    ula_seed: str | None
    clusters: Mapping[str, Held]
    members: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    site_pools: Mapping[str, Mapping[Role, Prefix]] = field(default_factory=dict)
    sites: Mapping[str, Mapping[BlockSource, SiteBlock]] = field(default_factory=dict)
    tombstones: Mapping[str, Held] = field(default_factory=dict)
    tunnels: Mapping[str, tuple[Tunnel, ...]] = field(default_factory=dict)
    summaries: Mapping[str, SiteSummary] = field(default_factory=dict)
    allow: Mapping[str, Mapping[Family, tuple[Prefix, ...]]] = field(default_factory=dict)
    free: Mapping[str, list[dict[str, Any]]] = field(default_factory=dict)
    notes: tuple[str, ...] = ()


def is_layout(block: IPv6Network) -> bool:
    """Say whether ``block`` is a place inside a coming block, counted from ``::``."""
    return int(block.network_address) >> 80 == 0


def to_yaml(plan: Plan, written_by: str) -> str:
    """Return the plan as YAML. Same plan, same bytes."""
    data: dict[str, Any] = {"version": 1, "fleet": plan.fleet}
    if plan.ula_seed is not None:
        data["ula_seed"] = plan.ula_seed
    if plan.notes:
        data["notes"] = list(plan.notes)
    data["clusters"] = {name: _held(plan.clusters[name]) for name in sorted(plan.clusters)}
    data["sites"] = {site: _site(plan, site) for site in sorted({*plan.members, *plan.sites})}
    data["tunnels"] = {
        pair: [{f: prefix_text(t.prefixes[f]) for f in FAMILIES if f in t.prefixes} for t in held]
        for pair, held in sorted(plan.tunnels.items())
    }
    data["summaries"] = {site: _summary(plan.summaries[site]) for site in sorted(plan.summaries)}
    data["routes"] = _routes(plan)
    data["allow"] = {
        name: {f: [prefix_text(p) for p in plan.allow[name][f]] for f in FAMILIES if f in lists}
        for name, lists in sorted(plan.allow.items())
    }
    data["free"] = {role: list(free) for role, free in plan.free.items()}
    data["tombstones"] = {name: _held(plan.tombstones[name]) for name in sorted(plan.tombstones)}
    header = (
        f"{written_by}. The addressing plan of {plan.fleet}, and its lock:",
        "keep it beside the fleet file and under version control. The next",
        "`k8s6plan plan -o` of this file changes nothing that stands here.",
    )
    kept = {key: value for key, value in data.items() if value or key == "clusters"}
    return dump(kept, header=header)


def _summary(summary: SiteSummary) -> dict[str, Any]:
    return {
        f: [prefix_text(p) for p in summary.prefixes[f]] for f in FAMILIES if f in summary.prefixes
    }


def _routes(plan: Plan) -> dict[str, Any]:
    """Return how many routes a peer needs for the whole fleet, with and without summarising."""
    return {
        family: {
            "summarised": sum(len(s.prefixes.get(family, ())) for s in plan.summaries.values()),
            "unsummarised": sum(s.unsummarised.get(family, 0) for s in plan.summaries.values()),
        }
        for family in FAMILIES
        if any(family in summary.prefixes for summary in plan.summaries.values())
    }


def _site(plan: Plan, site: str) -> dict[str, Any]:
    data: dict[str, Any] = {"clusters": list(plan.members.get(site, ()))}
    blocks = {
        source: {
            "prefix": _text(block.prefix),
            "length": block.length,
            "clusters": {
                name: prefix_text(block.clusters[name]) for name in sorted(block.clusters)
            },
        }
        for source, block in sorted(plan.sites.get(site, {}).items())
    }
    pools = plan.site_pools.get(site, {})
    if pools:
        data["ipv4"] = {role: str(pools[role]) for role in ROLES if role in pools}
    if blocks:
        data["ipv6"] = blocks
    return data


def _held(held: Held) -> dict[str, Any]:
    return {
        role: {f: _allocation(held[role][f]) for f in FAMILIES if f in held[role]}
        for role in ROLES
        if role in held
    }


def _allocation(allocation: Allocation) -> dict[str, Any]:
    data: dict[str, Any] = {"prefix": _text(allocation.prefix)}
    if allocation.layout is not None:
        data["layout"] = prefix_text(allocation.layout)
    if allocation.node_mask is not None:
        data["node_mask"] = allocation.node_mask
    data["grows_to"] = allocation.grows_to
    if allocation.reserved is not None:
        data["reserved"] = allocation.reserved
    data["source"] = allocation.source
    if allocation.also:
        data["also"] = [prefix_text(prefix) for prefix in allocation.also]
    return data


def _text(prefix: Prefix | None) -> str | None:
    return None if prefix is None else prefix_text(prefix)


def looks_like_plan(text: str) -> bool:
    """Say whether ``text`` is a plan rather than a fleet file, by its mark or by what it holds."""
    if re.match(r"# Written by k8s6plan \S+ plan\b", text):
        return True
    try:
        data = Document(text, "").data(InvalidPlan)
    except InvalidPlan:
        return False
    return isinstance(data.get("clusters"), dict) and "free" in data


def from_yaml(text: str, file: str) -> Plan:
    """Return the plan that ``text`` holds; ``file`` is its name in messages.

    Raises:
        InvalidPlan: with every fault of the file.

    """
    document = Document(text, file)
    data = document.data(InvalidPlan)
    reader = _Reader(document)
    if data.get("version") != 1:
        found = f"version {data['version']}" if "version" in data else "no version"
        reader.fault(("version",), f"has {found}; this program reads plans of version 1")
    if not isinstance(data.get("clusters"), dict):
        reader.fault(("clusters",), "is no plan: its clusters do not stand by name")
    if reader.faults:
        raise InvalidPlan(reader.faults)
    seed = data.get("ula_seed")
    plan = Plan(
        fleet=str(data.get("fleet")),
        ula_seed=None if seed is None else str(seed),
        clusters=reader.clusters(data, "clusters"),
        members=reader.members(data),
        site_pools=reader.site_pools(data),
        sites=reader.sites(data),
        tombstones=reader.clusters(data, "tombstones"),
        tunnels=reader.tunnels(data),
    )
    if reader.faults:
        raise InvalidPlan(reader.faults)
    return plan


class _Reader:
    """Reads the parts of a plan file and keeps the faults, so that all are told at once."""

    def __init__(self, document: Document) -> None:
        self.document = document
        self.faults: list[Any] = []

    def fault(self, path: KeyPath, message: str) -> None:
        self.faults.append(self.document.fault(path, message))

    def mapping(self, data: Any, path: KeyPath) -> dict[str, Any]:
        if data is None or isinstance(data, dict):
            return data or {}
        self.fault(path, f'"{path[-1]}" must be `key: value` lines')
        return {}

    def name(self, name: object, path: KeyPath) -> None:
        """Names are printed: nothing but a label may stand there."""
        wrong = why_no_label(name)
        if wrong is not None:
            self.fault(path, wrong)

    def length(self, value: Any, path: KeyPath, family: Family) -> int | None:
        """Return a prefix length; None, and a fault, where it is none."""
        if isinstance(value, bool) or not isinstance(value, int):
            value = -1
        if 0 <= value <= ADDRESS_BITS[family]:
            return int(value)
        most = ADDRESS_BITS[family]
        self.fault(path, f'"{path[-1]}" must be a prefix length, 0 to {most}')
        return None

    def clusters(self, data: dict[str, Any], top: str) -> dict[str, Held]:
        found: dict[str, Held] = {}
        for name, roles in self.mapping(data.get(top), (top,)).items():
            self.name(name, (top, name))
            held: dict[Role, dict[Family, Allocation]] = {}
            for role, families in self.mapping(roles, (top, name)).items():
                if role not in ROLES:
                    self.fault((top, name, role), f'"{role}" is none of {", ".join(ROLES)}')
                    continue
                for family, given in self.mapping(families, (top, name, role)).items():
                    path = (top, name, role, family)
                    if family not in FAMILIES:
                        self.fault(path, f'"{family}" is neither ipv4 nor ipv6')
                        continue
                    allocation = self.allocation(self.mapping(given, path), path, family)
                    if allocation is not None:
                        held.setdefault(role, {})[family] = allocation
            found[str(name)] = held
        return found

    def allocation(self, data: dict[str, Any], path: KeyPath, family: Family) -> Allocation | None:
        before = len(self.faults)
        prefix = self.prefix(data.get("prefix"), (*path, "prefix"), family)
        layout = self.prefix(data.get("layout"), (*path, "layout"), family)
        listed = data.get("also") or []
        if not isinstance(listed, list):
            self.fault((*path, "also"), '"also" must be a list of prefixes')
            listed = []
        also = [
            self.prefix(item, (*path, "also", index), family) for index, item in enumerate(listed)
        ]
        grows_to = self.length(data.get("grows_to"), (*path, "grows_to"), family)
        mask, reserved = (
            None if data.get(key) is None else self.length(data[key], (*path, key), family)
            for key in ("node_mask", "reserved")
        )
        source = data.get("source")
        if source not in _SOURCES:
            self.fault((*path, "source"), f'"source" must be one of {", ".join(_SOURCES)}')
        if prefix is None and layout is None and len(self.faults) == before:
            self.fault(path, "holds neither a prefix nor a layout")
        if len(self.faults) > before or grows_to is None:
            return None
        return Allocation(
            prefix=prefix,
            grows_to=grows_to,
            source=source,  # type: ignore[arg-type]
            node_mask=mask,
            layout=layout if isinstance(layout, IPv6Network) else None,
            reserved=reserved,
            also=tuple(item for item in also if item is not None),
        )

    def prefix(self, value: Any, path: KeyPath, family: Family) -> Prefix | None:
        if value is None:
            return None
        wrong = None if isinstance(value, str) else why_no_prefix(value)
        try:
            prefix = parse_network(value) if wrong is None else None
        except ValueError:
            prefix, wrong = None, why_no_prefix(value)
        if prefix is None:
            self.fault(path, wrong or "is no prefix")
            return None
        if family_of(prefix) != family:
            self.fault(path, f'"{value}" is no {family} prefix')
            return None
        return prefix

    def tunnels(self, data: dict[str, Any]) -> dict[str, tuple[Tunnel, ...]]:
        found: dict[str, tuple[Tunnel, ...]] = {}
        for pair, given in self.mapping(data.get("tunnels"), ("tunnels",)).items():
            held = []
            for index, item in enumerate(given if isinstance(given, list) else []):
                path: KeyPath = ("tunnels", pair, index)
                prefixes: dict[Family, Prefix] = {}
                for family in FAMILIES:
                    text = self.mapping(item, path).get(family)
                    prefix = self.prefix(text, (*path, family), family)
                    if prefix is not None:
                        prefixes[family] = prefix
                held.append(Tunnel(prefixes))
            found[str(pair)] = tuple(held)
        return found

    def members(self, data: dict[str, Any]) -> dict[str, tuple[str, ...]]:
        found: dict[str, tuple[str, ...]] = {}
        for site, given in self.mapping(data.get("sites"), ("sites",)).items():
            names = self.mapping(given, ("sites", site)).get("clusters") or []
            if not isinstance(names, list):
                self.fault(("sites", site, "clusters"), '"clusters" must be a list of names')
                continue
            found[str(site)] = tuple(map(str, names))
        return found

    def site_pools(self, data: dict[str, Any]) -> dict[str, dict[Role, Prefix]]:
        found: dict[str, dict[Role, Prefix]] = {}
        for site, given in self.mapping(data.get("sites"), ("sites",)).items():
            pools = self.mapping(self.mapping(given, ("sites", site)).get("ipv4"), ("sites", site))
            for role, text in pools.items():
                path: KeyPath = ("sites", site, "ipv4", role)
                prefix = self.prefix(text, path, "ipv4")
                if role not in ROLES:
                    self.fault(path, f'"{role}" is none of {", ".join(ROLES)}')
                elif prefix is not None:
                    found.setdefault(str(site), {})[role] = prefix
        return found

    def sites(self, data: dict[str, Any]) -> dict[str, dict[BlockSource, SiteBlock]]:
        found: dict[str, dict[BlockSource, SiteBlock]] = {}
        for site, families in self.mapping(data.get("sites"), ("sites",)).items():
            blocks = self.mapping(families, ("sites", site)).get("ipv6")
            path: KeyPath = ("sites", site, "ipv6")
            for source, given in self.mapping(blocks, path).items():
                block = self.mapping(given, (*path, source))
                prefix = self.prefix(block.get("prefix"), (*path, source, "prefix"), "ipv6")
                length = block.get("length")
                if source not in _BLOCK_SOURCES or not isinstance(length, int):
                    self.fault((*path, source), "is no block: it needs a known source and a length")
                elif prefix is None or isinstance(prefix, IPv6Network):
                    parts = self.parts(block.get("clusters"), (*path, source, "clusters"))
                    found.setdefault(str(site), {})[cast("BlockSource", source)] = SiteBlock(
                        length, prefix, parts
                    )
        return found

    def parts(self, data: Any, path: KeyPath) -> dict[str, IPv6Network]:
        found: dict[str, IPv6Network] = {}
        for name, text in self.mapping(data, path).items():
            prefix = self.prefix(text, (*path, name), "ipv6")
            if isinstance(prefix, IPv6Network):
                found[str(name)] = prefix
        return found
