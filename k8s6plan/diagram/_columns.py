"""Which sites stand together, how high that makes each provider, and in which column it stands."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from math import ceil, sqrt
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import networkx as nx

# All in inches.
SITE_TITLE = 0.25
REGION_TITLE, REGION_PAD, REGION_GAP = 0.28, 0.11, 0.14
PROVIDER_TITLE, PROVIDER_PAD, PROVIDER_GAP = 0.34, 0.14, 0.25

_SPLIT_FROM = 1.5  # a provider so much taller than all others together fills both columns
_CUT_REGION = 1.0  # as much unevenness of the columns is better than a region in two pieces


@dataclass(frozen=True)
class Spacing:
    """How closely clusters are packed."""

    cluster_pt: float
    cluster: float  # height of a cluster's box
    cluster_gap: float
    site_pad: float
    site_gap: float


ROOMY = Spacing(cluster_pt=9, cluster=0.25, cluster_gap=0.06, site_pad=0.08, site_gap=0.15)
DENSE = Spacing(cluster_pt=8, cluster=0.2, cluster_gap=0.04, site_pad=0.06, site_gap=0.11)
ROOMY_SITES = 24  # with more of them, a page fits a screen only when they stand close


@dataclass(frozen=True)
class Site:
    """A site as the graph's vertex tells it."""

    name: str
    clusters: tuple[str, ...]
    hub: bool

    @property
    def titled(self) -> bool:
        """Whether the site has a name beside that of its only cluster."""
        return self.clusters != (self.name,)

    @property
    def across(self) -> int:
        """Clusters side by side: one up to ten clusters, then so that the box grows both ways."""
        return max(1, ceil(sqrt(len(self.clusters) / 10)))

    def height(self, spacing: Spacing) -> float:
        """Return the height of its box."""
        rows = ceil(len(self.clusters) / self.across)
        title = SITE_TITLE if self.titled else spacing.site_pad
        gaps = max(0, rows - 1) * spacing.cluster_gap
        return title + rows * spacing.cluster + gaps + spacing.site_pad


@dataclass(frozen=True)
class Region:
    """The sites of one region; ``name`` is None where no region is known: no frame then."""

    name: str | None
    sites: tuple[Site, ...]

    def height(self, spacing: Spacing) -> float:
        """Return the height of its frame."""
        gaps = (len(self.sites) - 1) * spacing.site_gap
        frame = 0.0 if self.name is None else REGION_TITLE + REGION_PAD
        return frame + sum(site.height(spacing) for site in self.sites) + gaps


@dataclass(frozen=True)
class Provider:
    """The regions of one provider; ``part`` is "1 of 2" where it fills two frames."""

    name: str
    regions: tuple[Region, ...]
    part: str = ""

    @property
    def title(self) -> str:
        """What stands over its frame."""
        return f"{self.name} ({self.part})" if self.part else self.name

    @property
    def sites(self) -> Iterator[Site]:
        """Its sites, from the top down."""
        return (site for region in self.regions for site in region.sites)

    def height(self, spacing: Spacing) -> float:
        """Return the height of its frame."""
        gaps = (len(self.regions) - 1) * REGION_GAP
        regions = sum(region.height(spacing) for region in self.regions)
        return PROVIDER_TITLE + regions + gaps + PROVIDER_PAD


def providers_of(graph: nx.Graph[str]) -> list[Provider]:
    """Return the providers of ``graph`` by name, with their regions and sites by name."""
    found: dict[str, dict[str | None, list[Site]]] = {}
    for name in sorted(graph.nodes):
        data = graph.nodes[name]
        if data["kind"] == "site":
            site = Site(name, tuple(sorted(data["clusters"])), data["hub"])
            found.setdefault(data["provider"], {}).setdefault(data["region"], []).append(site)
    return [
        Provider(
            provider,
            tuple(
                Region(name, tuple(regions[name]))
                for name in sorted(regions, key=lambda name: (name is None, name or ""))
            ),
        )
        for provider, regions in sorted(found.items())
    ]


def stack_height(column: Sequence[Provider], spacing: Spacing) -> float:
    """Return the height of a column."""
    gaps = max(0, len(column) - 1) * PROVIDER_GAP
    return sum(provider.height(spacing) for provider in column) + gaps


def columns(
    providers: Sequence[Provider], spacing: Spacing
) -> tuple[list[Provider], list[Provider]]:
    """Return the left and the right column, as alike in height as whole providers allow.

    1. A provider much taller than all others together is split over both.
    2. The others go, tallest first, each to the column that is shorter then.
    3. Within a column they stand by name.
    """
    falling = sorted(providers, key=lambda provider: (-provider.height(spacing), provider.name))
    left: list[Provider] = []
    right: list[Provider] = []
    if falling:
        rest = stack_height(falling[1:], spacing)
        if falling[0].height(spacing) > _SPLIT_FROM * rest and len(list(falling[0].sites)) > 1:
            first, second = _split(falling.pop(0), rest, spacing)
            left, right = [first], [second]
    for provider in falling:
        min(left, right, key=lambda column: stack_height(column, spacing)).append(provider)
    return sorted(left, key=_by_name), sorted(right, key=_by_name)


def _by_name(provider: Provider) -> str:
    return provider.name


def _split(provider: Provider, rest: float, spacing: Spacing) -> tuple[Provider, Provider]:
    """Cut ``provider`` in two so that the columns come out alike, if it can be between regions.

    ``rest`` is the height of the other providers, which fill up the shorter column.
    """
    sites = [(region.name, site) for region in provider.regions for site in region.sites]

    def halves(cut: int) -> tuple[Provider, Provider]:
        return part(sites[:cut], "1 of 2"), part(sites[cut:], "2 of 2")

    def part(chosen: Sequence[tuple[str | None, Site]], which: str) -> Provider:
        held: dict[str | None, list[Site]] = {}
        for region, site in chosen:
            held.setdefault(region, []).append(site)
        return Provider(
            provider.name, tuple(Region(name, tuple(held[name])) for name in held), which
        )

    def cost(cut: int) -> float:
        first, second = halves(cut)
        through_region = sites[cut - 1][0] == sites[cut][0] is not None
        taller = max(first.height(spacing), second.height(spacing) + rest)
        return taller + (_CUT_REGION if through_region else 0.0)

    return halves(min(range(1, len(sites)), key=cost))
