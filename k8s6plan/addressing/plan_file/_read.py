"""A plan out of its file, or every fault of the file at once, each with its line."""

from __future__ import annotations

import re
from collections.abc import Iterable
from ipaddress import IPv6Network
from typing import Any, cast

from k8s6plan.addressing.plan_file._records import (
    SOURCES,
    Allocation,
    BlockSource,
    Held,
    Plan,
    SiteBlock,
    Source,
    Tunnel,
)
from k8s6plan.addressing.plan_file._state import Stamp, Verification
from k8s6plan.errors import Fault, InvalidPlan
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
from k8s6plan.io.addresses import parse_network
from k8s6plan.io.documents import Document, read_again
from k8s6plan.io.lines import KeyPath

_NO_ROLE = f'"{{}}" is none of {", ".join(ROLES)}'
_BLOCK_SOURCE = re.compile(r"ula|provider|owned(-[1-9]\d*)?")


def looks_like_plan(text: str) -> bool:
    """Say whether ``text`` is a plan rather than a fleet file, by its mark or by what it holds."""
    if re.match(r"# Written by k8s6plan \S+ plan\b", text):
        return True
    try:
        data = Document(text, "").data(InvalidPlan)
    except InvalidPlan:
        return False
    return isinstance(data.get("clusters"), dict) and ("free" in data or "state" in data)


def from_yaml(text: str, file: str, *, but: Iterable[str] = ()) -> Plan:
    """Return the plan that ``text`` holds, verified whole; ``file`` is its name in messages.

    ``but``: clusters that are to be planned anew; where these are not as they were written, they
    are left out.

    Raises:
        InvalidPlan: with every fault of the file.

    """
    document = Document(text, file)
    data = document.data(InvalidPlan)
    reader = _Reader(document)
    verification = Verification(document, data, frozenset(but))
    stamp = _verified(verification, reader)
    if data.get("version") != 1:
        found = f"version {data['version']}" if "version" in data else "no version"
        reader.fault(("version",), f"has {found}; this program reads plans of version 1")
    if not isinstance(data.get("clusters"), dict):
        reader.fault(("clusters",), "is no plan: its clusters do not stand by name")
    reader.raise_faults()
    seed = data.get("ula_seed")
    clusters, tombstones = (reader.clusters(data, top) for top in ("clusters", "tombstones"))
    sites = [_Site(reader, name, given) for name, given in reader.items(data, ("sites",))]
    plan = Plan(
        fleet=str(data.get("fleet")),
        ula_seed=None if seed is None else str(seed),
        clusters=clusters,
        members={site.name: site.members for site in sites},
        site_pools={site.name: site.pools for site in sites if site.pools},
        sites={site.name: site.blocks for site in sites if site.blocks},
        tombstones=tombstones,
        tunnels=reader.tunnels(data),
        stamp=stamp,
    )
    for name in sorted({*clusters} & {*tombstones}):
        reader.fault(("tombstones", name), f"{name} stands among the clusters as well; keep one")
    reader.raise_faults()
    reader.faults += verification.faults_of_an_older_file()
    reader.raise_faults()
    return plan


def verify(text: str) -> None:
    """Hold a plan that is to be written against its own line and sums, as any reader will.

    The sums are of what was to be written, so whatever comes back otherwise is found.

    Raises:
        InvalidPlan: with every part that does not read back as it was made.

    """
    faults = Verification(Document(text, ""), read_again(text), frozenset()).faults()
    if faults:
        raise InvalidPlan([*faults, Fault("", 0, "nothing was written; please report it")])


def _verified(verification: Verification, reader: _Reader) -> Stamp | None:
    """Return the stamp of a plan file, and take out of it what need not be right.

    Its faults go to ``reader``.
    """
    reader.faults += verification.faults()
    if reader.faults:
        return None
    data, stamp = verification.data, verification.stamp()
    for key, name in verification.damaged:
        data[key].pop(name, None)
        for site in _mappings(data.get("sites")) if key == "clusters" else ():
            for block in _mappings(site.get("ipv6")):
                if isinstance(block.get("clusters"), dict):
                    block["clusters"].pop(name, None)
    return stamp


def _mappings(data: Any) -> list[dict[str, Any]]:
    """Return the values of a mapping that are mappings themselves."""
    held = data.values() if isinstance(data, dict) else ()
    return [value for value in held if isinstance(value, dict)]


class _Reader:
    """Reads the parts of a plan file and keeps the faults, so that all are told at once."""

    def __init__(self, document: Document) -> None:
        self.document = document
        self.faults: list[Fault] = []

    def raise_faults(self) -> None:
        """Refuse the file if anything is wrong with it so far."""
        if self.faults:
            raise InvalidPlan(self.faults)

    def fault(self, path: KeyPath, message: str) -> None:
        self.faults.append(self.document.fault(path, message))

    def items(self, data: dict[str, Any], path: KeyPath) -> Iterable[tuple[str, Any]]:
        """Return the items of the mapping that stands in ``data`` by the last key of ``path``."""
        return self.mapping(data.get(str(path[-1])), path).items()

    def mapping(self, data: Any, path: KeyPath) -> dict[str, Any]:
        if data is None or isinstance(data, dict):
            return data or {}
        self.fault(path, f'"{path[-1]}" must be `key: value` lines')
        return {}

    def listed(self, data: Any, path: KeyPath, of: str) -> list[Any]:
        if data is None or isinstance(data, list):
            return data or []
        self.fault(path, f'"{path[-1]}" must be a list of {of}')
        return []

    def length(self, value: Any, path: KeyPath, family: Family) -> int | None:
        """Return a prefix length; None where there is none, and a fault where it is wrong."""
        most = ADDRESS_BITS[family]
        if isinstance(value, int) and not isinstance(value, bool) and 0 <= value <= most:
            return value
        self.fault(path, f'"{path[-1]}" must be a prefix length, 0 to {most}')
        return None

    def prefix(self, value: Any, path: KeyPath, family: Family) -> Prefix | None:
        """Return a prefix; None where there is none, and a fault where it is wrong."""
        if value is None:
            return None
        try:
            prefix = parse_network(value) if isinstance(value, str) else None
        except ValueError:
            prefix = None
        if prefix is None:
            self.fault(path, why_no_prefix(value) or "is no prefix")
        elif family_of(prefix) != family:
            self.fault(path, f'"{value}" is no {family} prefix')
        else:
            return prefix
        return None

    def ipv6(self, value: Any, path: KeyPath) -> IPv6Network | None:
        return cast("IPv6Network | None", self.prefix(value, path, "ipv6"))

    def clusters(self, data: dict[str, Any], top: str) -> dict[str, Held]:
        found: dict[str, Held] = {}
        for name, roles in self.items(data, (top,)):
            wrong = why_no_label(name)  # names are printed: nothing but a label may stand there
            if wrong is not None:
                self.fault((top, name), wrong)
            held: dict[Role, dict[Family, Allocation]] = {}
            for role, families in self.mapping(roles, (top, name)).items():
                path: KeyPath = (top, name, role)
                if role not in ROLES:
                    self.fault(path, _NO_ROLE.format(role))
                    continue
                for family, given in self.mapping(families, path).items():
                    place = (*path, family)
                    if family not in FAMILIES:
                        self.fault(place, f'"{family}" is neither ipv4 nor ipv6')
                        continue
                    allocation = self.allocation(self.mapping(given, place), place, family)
                    if allocation is not None:
                        held.setdefault(role, {})[family] = allocation
            found[str(name)] = held
        return found

    def allocation(self, data: dict[str, Any], path: KeyPath, family: Family) -> Allocation | None:
        before = len(self.faults)
        prefix = self.prefix(data.get("prefix"), (*path, "prefix"), family)
        layout = self.prefix(data.get("layout"), (*path, "layout"), family)
        listed = self.listed(data.get("also"), (*path, "also"), "prefixes")
        also = [self.prefix(item, (*path, "also", n), family) for n, item in enumerate(listed)]
        grows_to = self.length(data.get("grows_to"), (*path, "grows_to"), family)
        mask, reserved = (
            None if data.get(key) is None else self.length(data[key], (*path, key), family)
            for key in ("node_mask", "reserved")
        )
        source = data.get("source")
        if source not in SOURCES:
            self.fault((*path, "source"), f'"source" must be one of {", ".join(SOURCES)}')
        routed = data.get("routed", True)
        if not isinstance(routed, bool):
            self.fault((*path, "routed"), '"routed" must be true or false')
        if prefix is None and layout is None and len(self.faults) == before:
            self.fault(path, "holds neither a prefix nor a layout")
        if len(self.faults) > before or grows_to is None:
            return None
        return Allocation(
            prefix=prefix,
            grows_to=grows_to,
            source=cast("Source", source),
            node_mask=mask,
            layout=layout if isinstance(layout, IPv6Network) else None,
            reserved=reserved,
            also=tuple(item for item in also if item is not None),
            routed=routed,
        )

    def tunnels(self, data: dict[str, Any]) -> dict[str, tuple[Tunnel, ...]]:
        found: dict[str, tuple[Tunnel, ...]] = {}
        for pair, given in self.items(data, ("tunnels",)):
            held = []
            for index, item in enumerate(given if isinstance(given, list) else []):
                path: KeyPath = ("tunnels", pair, index)
                texts = self.mapping(item, path)
                read = {f: self.prefix(texts.get(f), (*path, f), f) for f in FAMILIES}
                held.append(Tunnel({f: prefix for f, prefix in read.items() if prefix is not None}))
            found[str(pair)] = tuple(held)
        return found


class _Site:
    """What a plan says of one site."""

    def __init__(self, reader: _Reader, name: str, given: Any) -> None:
        path: KeyPath = ("sites", name)
        data = reader.mapping(given, path)
        self.name = str(name)
        names = reader.listed(data.get("clusters"), (*path, "clusters"), "names")
        self.members = tuple(map(str, names))
        self.pools: dict[Role, Prefix] = {}
        for role, text in reader.mapping(data.get("ipv4"), path).items():
            place: KeyPath = (*path, "ipv4", role)
            prefix = reader.prefix(text, place, "ipv4")
            if role not in ROLES:
                reader.fault(place, _NO_ROLE.format(role))
            elif prefix is not None:
                self.pools[role] = prefix
        self.blocks: dict[BlockSource, SiteBlock] = {}
        for source, block in reader.items(data, (*path, "ipv6")):
            self._read_block(reader, source, block, (*path, "ipv6", source))

    def _read_block(self, reader: _Reader, source: str, given: Any, path: KeyPath) -> None:
        block = reader.mapping(given, path)
        prefix = reader.ipv6(block.get("prefix"), (*path, "prefix"))
        length = block.get("length")
        if not _BLOCK_SOURCE.fullmatch(str(source)) or not isinstance(length, int):
            reader.fault(path, "is no block: it needs a known source and a length")
            return
        parts = {
            str(name): part
            for name, text in reader.items(block, (*path, "clusters"))
            if (part := reader.ipv6(text, (*path, "clusters", name))) is not None
        }
        self.blocks[source] = SiteBlock(length, prefix, parts)
