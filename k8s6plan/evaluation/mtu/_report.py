"""The MTU along the paths of a design.

Every link lies on the path of some two clusters, those at its own ends if no others, so the
smallest path MTU is the smallest of the links'; no pair needs to be looked at.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import NamedTuple

from k8s6plan import catalog
from k8s6plan.evaluation.mtu._links import INTERNET, LinkClass, links_of
from k8s6plan.evaluation.mtu._stack import Layer, inside, is_ipsec, mss, stack, wire_bytes
from k8s6plan.fleet.model import FAMILIES, Family
from k8s6plan.topology.joins import Topology


@dataclass(frozen=True)
class LinkMtu:
    """Links of one kind between two providers, and what they carry, in bytes; None: not known.

    ``one`` and ``other``: the providers, or "internet". ``underlays``: what the ends carry under a
    tunnel, and themselves else. ``overhead_bytes``: what a full packet grows by in a tunnel.
    ``mss``: the TCP segment to clamp to, by inner family; families that are not carried are absent.
    ``sources``: who says so. ``findings``: where IPv6 breaks.
    """

    kind: str
    one: str
    other: str
    between_regions: bool
    links: int
    underlays: tuple[int | None, int | None]
    mtu: int | None
    overhead_bytes: int | None
    mss: dict[Family, int]
    sources: tuple[str, ...]
    findings: tuple[str, ...]

    @property
    def overhead_share(self) -> float | None:
        """The part of a full packet on the wire that is not the packet inside."""
        if self.mtu is None or self.overhead_bytes is None:
            return None
        return self.overhead_bytes / (self.overhead_bytes + self.mtu)

    @property
    def name(self) -> str:
        """The link in words."""
        if self.kind in ("tunnel", "routed"):
            return f"{self.kind} {self.one} - {self.other}"
        return f"{self.kind} {self.one}" + (" between regions" if self.between_regions else "")


@dataclass(frozen=True)
class PathMtu:
    """What the paths of a design carry, in bytes.

    ``mtu``: the smallest path MTU over pairs of clusters in different sites, of the links that are
    known; None: of none. ``mss`` likewise, by the families that every link carries. ``unknown``
    names the links whose MTU is not known: with any, ``mtu`` and ``mss`` are "at most".
    """

    design: str
    links: tuple[LinkMtu, ...]
    mtu: int | None
    mss: dict[Family, int]
    overhead_share: float | None
    unknown: tuple[str, ...]
    findings: tuple[str, ...]


class _Carried(NamedTuple):
    """What one end of a tunnel carries inside, and under it."""

    mtu: int | None
    underlay: int | None
    source: str = ""
    findings: tuple[str, ...] = ()


def mtu_of(
    topology: Topology,
    *,
    encapsulations: Sequence[str] = (),
    outer: Family | Sequence[Family] = "ipv4",
    nat_t: bool = False,
    underlay: int | None = None,
) -> PathMtu:
    """Return the MTU of every kind of link of a topology, and the smallest over its paths.

    ``encapsulations``: of all tunnels, outermost first; where none is given, each has that of its
    join, or else of the fleet. ``outer`` and ``nat_t`` as for ``stack``; NAT-T is not asked of the
    former. ``underlay``: bytes under a tunnel, and to the internet, at a provider of which the
    catalogue does not know it.

    Raises:
        UnknownName: there is no such encapsulation.
        InvalidStack: the encapsulations do not fit into each other.

    """
    layers = stack(encapsulations or (topology.outline.encapsulation,), outer=outer, nat_t=nat_t)

    def inside_of(link: LinkClass) -> tuple[Layer, ...]:
        own = link.encapsulation and not encapsulations
        return stack((link.encapsulation,), outer=outer) if own else layers

    rows = tuple(
        _tunnel(link, count, inside_of(link), underlay)
        if link.kind == "tunnel"
        else _native(link, count, underlay)
        for link, count in sorted(links_of(topology).items())
    )
    known = [row for row in rows if row.mtu is not None]
    least = min(known, key=lambda row: row.mtu or 0, default=None)
    families = [family for family in FAMILIES if all(family in row.mss for row in known)]
    return PathMtu(
        design=topology.design.name,
        links=rows,
        mtu=None if least is None else least.mtu,
        mss={family: min(row.mss[family] for row in known) for family in families if known},
        overhead_share=max((row.overhead_share or 0.0 for row in known), default=None),
        unknown=tuple(row.name for row in rows if row.mtu is None),
        findings=tuple(finding for row in rows for finding in row.findings),
    )


def _native(link: LinkClass, count: int, underlay: int | None) -> LinkMtu:
    """Return what a peering, an attachment, or a site's way to the internet carries."""
    row = catalog.provider_mtu(link.one, link.kind)
    if link.kind == "peering" and link.between_regions:
        row = catalog.provider_mtu(link.one, "peering_between_regions") or row
    mtu = row.value if row else underlay if link.kind == "routed" else None
    end = _Carried(mtu, mtu, row.source if row else "")
    families: Sequence[Family] = ("ipv6",) if link.kind == "routed" else FAMILIES
    return _row(link, count, (end, end), families, overhead_bytes=0)


def _tunnel(link: LinkClass, count: int, layers: Sequence[Layer], underlay: int | None) -> LinkMtu:
    """Return what a tunnel carries: the less of what its two ends carry."""
    one, other = (_end(provider, layers, underlay) for provider in (link.one, link.other))
    carries = catalog.encapsulation_bytes(layers[-1].encapsulation).carries
    if one.mtu is None or other.mtu is None:
        return _row(link, count, (one, other), carries, overhead_bytes=0)
    mtu = min(one.mtu, other.mtu)
    overhead = wire_bytes(mtu, layers) - mtu
    most = _clamp(link, layers)
    return _row(link, count, (one, other), carries, overhead_bytes=overhead, most=most)


def _end(provider: str, layers: Sequence[Layer], underlay: int | None) -> _Carried:
    """Return what ``provider`` carries inside ``layers``.

    1. What it publishes for the inside of its own VPN, with the rest of the layers inside that.
    2. Else the formula over what it carries under a tunnel, or over ``underlay``.
    """
    below = catalog.provider_mtu(provider, "tunnel")
    under = below.value if below else underlay
    published = _published(provider, layers[0])
    if published is not None:
        left = inside(published.value, layers[1:])
        return _Carried(left.mtu, under, published.source, left.findings)
    if under is None:
        return _Carried(None, None)
    left = inside(under, layers)
    return _Carried(left.mtu, under, below.source if below else "", left.findings)


def _published(provider: str, layer: Layer) -> catalog.Figure[int] | None:
    name = f"inner_{layer.encapsulation}_{layer.outer}" + ("_nat_t" if layer.nat_t else "")
    figure = catalog.provider_mtu(provider, name)
    if figure is None and is_ipsec(layer.encapsulation):
        return catalog.provider_mtu(provider, "inner_ipsec")
    return figure


def _clamp(link: LinkClass, layers: Sequence[Layer]) -> int | None:
    """Return the largest TCP segment that a provider says to clamp an IPsec tunnel to."""
    if len(layers) > 1 or not is_ipsec(layers[0].encapsulation):
        return None
    rows = (catalog.provider_mtu(provider, "mss_ipsec") for provider in (link.one, link.other))
    return min((row.value for row in rows if row), default=None)


def _row(
    link: LinkClass,
    count: int,
    ends: tuple[_Carried, _Carried],
    families: Sequence[Family],
    *,
    overhead_bytes: int,
    most: int | None = None,
) -> LinkMtu:
    carried = [end.mtu for end in ends if end.mtu is not None]
    mtu = min(carried) if len(carried) == len(ends) else None
    segments: dict[Family, int] = {}
    findings: tuple[str, ...] = ()
    if mtu is not None:
        findings = inside(mtu, ()).findings if "ipv6" in families else ()
        for end in ends:
            findings = end.findings or findings
        for family in families:
            segment = mss(mtu, family)
            segments[family] = segment if most is None else min(segment, most)
    row = LinkMtu(
        kind=link.kind,
        one=link.one,
        other=link.other,
        between_regions=link.between_regions,
        links=count,
        underlays=(ends[0].underlay, None if link.other == INTERNET else ends[1].underlay),
        mtu=mtu,
        overhead_bytes=None if mtu is None else overhead_bytes,
        mss=segments,
        sources=tuple(dict.fromkeys(end.source for end in ends if end.source)),
        findings=(),
    )
    return replace(row, findings=tuple(f"{row.name}: {finding}" for finding in findings))
