"""The plan as records: who holds which prefix, for which role, and what is kept for whom."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from ipaddress import IPv6Network
from typing import Any, Literal, NamedTuple, get_args

from k8s6plan.addressing.plan_file._state import Stamp
from k8s6plan.fleet.model import Family, Prefix, Role

Source = Literal["planned", "pinned", "assigned"]
BlockSource = str  # "ula", "provider" or "owned"; of further aggregates "owned-2", "owned-3", ...
SOURCES: tuple[Source, ...] = get_args(Source)


class Allocation(NamedTuple):
    """A prefix that one cluster holds for one role.

    ``prefix`` is None while the provider has not assigned the site's IPv6 prefix; then ``layout``
    is the place inside the coming block, counted from ``::``. ``node_mask`` is for pods only.
    ``grows_to`` is the length to which the prefix can be widened where it stands, ``reserved`` the
    length of the room that is kept for it on purpose. ``also`` holds further prefixes for the same
    role and family: pinned ones, or what a cluster got when it had outgrown the first.
    ``routed`` is false of pods that nobody outside reaches: others may hold the same prefix.
    """

    prefix: Prefix | None
    grows_to: int
    source: Source
    node_mask: int | None = None
    layout: IPv6Network | None = None
    reserved: int | None = None
    also: tuple[Prefix, ...] = ()
    routed: bool = True

    @property
    def prefixes(self) -> tuple[Prefix, ...]:
        """All prefixes that are known."""
        return self.also if self.prefix is None else (self.prefix, *self.also)

    @property
    def room(self) -> Prefix | None:
        """Its prefix with what is reserved for it round it."""
        prefix, reserved = self.prefix, self.reserved
        if prefix is None or reserved is None or reserved >= prefix.prefixlen:
            return prefix
        return prefix.supernet(new_prefix=reserved)

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


def assigned_to(sites: Mapping[str, Mapping[BlockSource, SiteBlock]]) -> dict[str, IPv6Network]:
    """Return what the providers have assigned to sites."""
    blocks = {site: of_site.get("provider") for site, of_site in sites.items()}
    return {site: b.prefix for site, b in blocks.items() if b is not None and b.prefix is not None}


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
    ``stamp`` is that of the file that it was read from, or of the plan that it was made of; None
    where there is none, and of files from before there were such.
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
    stamp: Stamp | None = field(default=None, compare=False)


def is_layout(block: IPv6Network) -> bool:
    """Say whether ``block`` is a place inside a coming block, counted from ``::``."""
    return int(block.network_address) >> 80 == 0
