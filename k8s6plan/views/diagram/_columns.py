"""Which sites stand together, how high that makes each provider, and in which column it stands."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from math import ceil, sqrt
from typing import TYPE_CHECKING, Any

from k8s6plan.views.diagram._parts import VertexKind

if TYPE_CHECKING:
    import networkx as nx

# All in inches.
SITE_TITLE = 0.25
REGION_TITLE, REGION_PAD, REGION_GAP = 0.28, 0.11, 0.14
PROVIDER_TITLE, PROVIDER_PAD, PROVIDER_GAP = 0.34, 0.14, 0.25
DETAIL_ROW, DETAIL_PAD = 0.135, 0.05

_SPLIT_FROM = 1.5  # a provider so much taller than all others together fills both columns
_FEW_LONE = 4  # so many providers of one site each may have a frame each in a large picture
_CUT_REGION = 1.0  # as much unevenness of the columns is better than a region in two pieces


@dataclass(frozen=True)
class Spacing:
    """How closely clusters are packed. ``bare``: a cluster alone in its site is the site's box."""

    cluster_pt: float
    cluster: float  # height of a cluster's box
    cluster_gap: float
    site_pad: float
    site_gap: float
    mark_above: float  # how far a hub's mark stands out of its box
    bare: bool = False


ROOMY = Spacing(9, cluster=0.25, cluster_gap=0.06, site_pad=0.08, site_gap=0.15, mark_above=0.085)
DENSE = Spacing(8, cluster=0.2, cluster_gap=0.04, site_pad=0.06, site_gap=0.11, mark_above=0.085)
TIGHT = Spacing(
    7.5, cluster=0.17, cluster_gap=0.03, site_pad=0.05, site_gap=0.11, mark_above=0.11, bare=True
)
# With more sites than these, a page fits a screen only where they stand close.
_ROOMY_SITES, _DENSE_SITES = 24, 48


def spacing_for(sites: int) -> Spacing:
    """Return how closely the clusters of so many sites stand."""
    return ROOMY if sites <= _ROOMY_SITES else DENSE if sites <= _DENSE_SITES else TIGHT


@dataclass(frozen=True)
class Cluster:
    """A cluster, and the lines that stand under its name."""

    name: str
    lines: tuple[str, ...] = ()


@dataclass(frozen=True)
class Vertex:
    """A vertex as the graph tells it.

    ``title``: its name, where it is shown beside the clusters'. ``mark``: the word that tells a
    hub, or "". ``lines``: what a group holds. ``place``: where a site is, if no frame says so;
    ``transit``: the managed hub there.
    """

    name: str
    kind: VertexKind
    title: str | None
    clusters: tuple[Cluster, ...] = ()
    mark: str = ""
    lines: tuple[str, ...] = ()
    place: str = ""
    transit: Vertex | None = None

    @property
    def across(self) -> int:
        """Clusters side by side: one up to ten clusters, then so that the box grows both ways."""
        return max(1, ceil(sqrt(len(self.clusters) / 10)))

    def pad(self, spacing: Spacing) -> float:
        """Return the space round its clusters."""
        return 0.0 if spacing.bare and self.title is None else spacing.site_pad

    def cluster_height(self, spacing: Spacing) -> float:
        """Return the height of the boxes of its clusters."""
        rows = max((len(cluster.lines) for cluster in self.clusters), default=0)
        return spacing.cluster + (rows * DETAIL_ROW + DETAIL_PAD if rows else 0.0)

    def height(self, spacing: Spacing) -> float:
        """Return the height of its box."""
        pad = self.pad(spacing)
        title = SITE_TITLE if self.title is not None else pad
        if self.kind == "group":
            return title + len(self.lines) * DETAIL_ROW + 2 * DETAIL_PAD
        rows = ceil(len(self.clusters) / self.across)
        gaps = max(0, rows - 1) * spacing.cluster_gap
        return title + rows * self.cluster_height(spacing) + gaps + pad


@dataclass(frozen=True)
class Region:
    """The sites of one region; ``name`` is None where no region is known: no frame then.

    ``transit``: the provider's managed hub there, which stands beside the name.
    """

    name: str | None
    sites: tuple[Vertex, ...]
    transit: Vertex | None = None

    def height(self, spacing: Spacing) -> float:
        """Return the height of its frame."""
        gaps = max(0, len(self.sites) - 1) * spacing.site_gap
        frame = 0.0 if self.name is None else REGION_TITLE + REGION_PAD
        return frame + sum(site.height(spacing) for site in self.sites) + gaps


@dataclass(frozen=True)
class Provider:
    """The regions of one provider; ``part`` is "1 of 2" where it fills two frames.

    ``transit``: a managed hub of the provider in no region. ``framed``: not where the whole
    provider is one box.
    """

    name: str
    regions: tuple[Region, ...]
    part: str = ""
    transit: Vertex | None = None
    framed: bool = True

    @property
    def title(self) -> str:
        """What stands over its frame."""
        return f"{self.name} ({self.part})" if self.part else self.name

    @property
    def sites(self) -> Iterator[Vertex]:
        """Its sites, from the top down."""
        return (site for region in self.regions for site in region.sites)

    def height(self, spacing: Spacing) -> float:
        """Return the height of its frame."""
        gaps = max(0, len(self.regions) - 1) * REGION_GAP
        regions = sum(region.height(spacing) for region in self.regions)
        return regions + gaps + (PROVIDER_TITLE + PROVIDER_PAD if self.framed else 0.0)


def providers_of(
    graph: nx.Graph[str], prefixes: Mapping[str, Sequence[str]] | None = None
) -> list[Provider]:
    """Return the providers of ``graph`` by name, with their regions and sites by name.

    ``prefixes``: the lines that stand under the names of clusters.
    """
    sites: dict[str, dict[str | None, list[Vertex]]] = {}
    transits: dict[tuple[str, str | None], Vertex] = {}
    for name in sorted(graph.nodes):
        data = graph.nodes[name]
        if data["kind"] == "underlay":
            continue
        vertex = _vertex(name, data, prefixes or {})
        # A group is the region; its frame would say the same once more.
        region = None if vertex.kind == "group" else data["region"]
        regions = sites.setdefault(data["provider"], {})
        if vertex.kind == "transit":
            transits[data["provider"], region] = vertex
            if region is not None:
                regions.setdefault(region, [])
        else:
            regions.setdefault(region, []).append(vertex)
    framed = graph.graph.get("level") != "provider"
    return [
        Provider(
            provider,
            tuple(
                Region(name, tuple(regions[name]), transits.get((provider, name)) if name else None)
                for name in sorted(regions, key=lambda name: (name is None, name or ""))
            ),
            transit=transits.get((provider, None)),
            framed=framed,
        )
        for provider, regions in sorted(sites.items())
    ]


def _vertex(name: str, data: Mapping[str, Any], prefixes: Mapping[str, Sequence[str]]) -> Vertex:
    if data["kind"] == "transit":
        return Vertex(name, "transit", "hub")
    if data["kind"] == "group":
        hubs = data["hubs"]
        mark = "" if not hubs else "hub" if hubs == 1 else f"{hubs:,} hubs"
        return Vertex(name, "group", data["title"], mark=mark, lines=tuple(data["lines"]))
    clusters = tuple(
        Cluster(cluster, tuple(prefixes.get(cluster, ()))) for cluster in sorted(data["clusters"])
    )
    title = None if [cluster.name for cluster in clusters] == [name] else name
    return Vertex(name, "site", title, clusters, "hub" if data["hub"] else "")


def with_lone_together(providers: Sequence[Provider], spacing: Spacing) -> list[Provider]:
    """Return ``providers``, those of one site in one frame where a frame for each is too much.

    Each of these sites says itself where it is.
    """
    lone = [provider for provider in providers if provider.framed and _is_lone(provider)]
    if not spacing.bare or len(lone) <= _FEW_LONE:
        return list(providers)
    sites = []
    for provider in lone:
        region = next(region for region in provider.regions if region.sites)
        place = f"{provider.name} {region.name or ''}".rstrip()
        transit = region.transit or provider.transit
        sites.append(replace(region.sites[0], place=place, transit=transit))
    together = Provider("one site each", (Region(None, tuple(sites)),))
    return [*(provider for provider in providers if provider not in lone), together]


def _is_lone(provider: Provider) -> bool:
    return len(list(provider.sites)) == 1 and len(provider.regions) == 1


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
    empty = tuple(region for region in provider.regions if not region.sites)
    transits = {region.name: region.transit for region in provider.regions}

    def halves(cut: int) -> tuple[Provider, Provider]:
        first = regions(sites[:cut], set())
        second = regions(sites[cut:], {region.name for region in first})
        return (
            replace(provider, regions=first, part="1 of 2"),
            replace(provider, regions=(*second, *empty), part="2 of 2", transit=None),
        )

    def regions(
        chosen: Sequence[tuple[str | None, Vertex]], begun: Collection[str | None]
    ) -> tuple[Region, ...]:
        held: dict[str | None, list[Vertex]] = {}
        for region, site in chosen:
            held.setdefault(region, []).append(site)
        return tuple(
            Region(name, tuple(held[name]), None if name in begun else transits[name])
            for name in held
        )

    def cost(cut: int) -> float:
        first, second = halves(cut)
        through_region = sites[cut - 1][0] == sites[cut][0] is not None
        taller = max(first.height(spacing), second.height(spacing) + rest)
        return taller + (_CUT_REGION if through_region else 0.0)

    return halves(min(range(1, len(sites)), key=cost))
