"""The frames and boxes of one column, from the top down."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from k8s6plan.diagram._columns import (
    PROVIDER_GAP,
    PROVIDER_PAD,
    PROVIDER_TITLE,
    REGION_GAP,
    REGION_PAD,
    REGION_TITLE,
    SITE_TITLE,
    Provider,
    Region,
    Site,
    Spacing,
    stack_height,
)
from k8s6plan.diagram._parts import Box, ClusterBox, Frame, Label, SiteBox
from k8s6plan.diagram._text import shorten, widest, width_of

FRAME_PAD = PROVIDER_PAD + REGION_PAD  # from the edge of a provider's frame to the sites in it

# Sizes of text in points, all else in inches.
_PROVIDER_PT, _REGION_PT, _SITE_PT = 10.5, 8.5, 8.5
_MARK_PT, _MARK_WIDTH, _MARK_HEIGHT, _MARK_INSET, _MARK_ABOVE = 7.0, 0.36, 0.14, 0.1, 0.085
_MARK_ROOM = _MARK_WIDTH + 2 * _MARK_INSET  # titles keep clear of it, in every design
_TEXT_PAD, _TITLE_INSET = 0.1, 0.09
_NARROWEST_NAME, _WIDEST_NAME = 0.9, 2.3


def column_width(providers: Sequence[Provider], spacing: Spacing) -> float:
    """Return the width of the site boxes of a column: that of what is widest, within bounds."""
    wanted = [0.0]
    for provider in providers:
        titles = [width_of(provider.title, _PROVIDER_PT, bold=True) + _MARK_ROOM]
        for region in provider.regions:
            titles.append(width_of(region.name or "", _REGION_PT) + _MARK_ROOM)
        for site in provider.sites:
            if site.titled:
                titles.append(width_of(site.name, _SITE_PT) + _TITLE_INSET + _MARK_ROOM)
            name = widest(site.clusters, spacing.cluster_pt)
            cluster = min(max(name, _NARROWEST_NAME), _WIDEST_NAME) + 2 * _TEXT_PAD
            gaps = (site.across - 1) * spacing.cluster_gap
            wanted.append(site.across * cluster + gaps + 2 * spacing.site_pad)
        wanted.append(min(max(titles), _WIDEST_NAME))
    return max(wanted)


@dataclass(frozen=True)
class Column:
    """A column of ``providers``; ``left`` and ``width`` are those of its site boxes.

    ``port_right``: lines arrive at their right edge, as the open space lies there.
    """

    providers: Sequence[Provider]
    left: float
    width: float
    port_right: bool
    spacing: Spacing

    @property
    def height(self) -> float:
        """Its height."""
        return stack_height(self.providers, self.spacing)

    @property
    def mean_port(self) -> float:
        """How far below its top the ports are, on the mean."""
        ports = [part.port[1] for part in self.parts(0.0) if isinstance(part, SiteBox)]
        return sum(ports) / len(ports) if ports else 0.0

    def parts(self, top: float) -> Iterator[Frame | SiteBox]:
        """Yield its frames and site boxes, a frame before what is in it."""
        for provider in self.providers:
            height = provider.height(self.spacing)
            box = Box(self.left - FRAME_PAD, top, self.width + 2 * FRAME_PAD, height)
            room = Box(self.left, top + 0.04, self.width - _MARK_ROOM, PROVIDER_TITLE - 0.1)
            text = shorten(provider.title, room.width, _PROVIDER_PT, bold=True)
            label = Label(text, room, _PROVIDER_PT, bold=True)
            yield Frame("provider", provider.name, box, label)
            inner = top + PROVIDER_TITLE
            for region in provider.regions:
                yield from self._region(region, inner)
                inner += region.height(self.spacing) + REGION_GAP
            top += height + PROVIDER_GAP

    def _region(self, region: Region, top: float) -> Iterator[Frame | SiteBox]:
        if region.name is not None:
            width = self.width + 2 * REGION_PAD
            box = Box(self.left - REGION_PAD, top, width, region.height(self.spacing))
            room = Box(self.left, top + 0.03, self.width - _MARK_ROOM, REGION_TITLE - 0.1)
            label = Label(
                shorten(region.name, room.width, _REGION_PT), room, _REGION_PT, tone="quiet"
            )
            yield Frame("region", region.name, box, label)
            top += REGION_TITLE
        for site in region.sites:
            yield self._site(site, top)
            top += site.height(self.spacing) + self.spacing.site_gap

    def _site(self, site: Site, top: float) -> SiteBox:
        box = Box(self.left, top, self.width, site.height(self.spacing))
        label = mark = None
        if site.titled:
            width = box.width - _TITLE_INSET - _MARK_ROOM
            room = Box(box.left + _TITLE_INSET, top + 0.03, width, SITE_TITLE - 0.06)
            label = Label(shorten(site.name, room.width, _SITE_PT), room, _SITE_PT)
        if site.hub:
            left = box.right - _MARK_INSET - _MARK_WIDTH
            room = Box(left, top - _MARK_ABOVE, _MARK_WIDTH, _MARK_HEIGHT)
            mark = Label("hub", room, _MARK_PT, "center", bold=True, tone="inverse")
        port = (box.right if self.port_right else box.left, box.middle[1])
        return SiteBox(site.name, box, label, tuple(self._clusters(site, box)), mark, port)

    def _clusters(self, site: Site, box: Box) -> Iterator[ClusterBox]:
        """Yield the boxes of a site's clusters by name, row by row."""
        spacing, across = self.spacing, site.across
        gaps = (across - 1) * spacing.cluster_gap
        width = (box.width - 2 * spacing.site_pad - gaps) / across
        top = box.top + (SITE_TITLE if site.titled else spacing.site_pad)
        for index, name in enumerate(site.clusters):
            row, column = divmod(index, across)
            own = Box(
                box.left + spacing.site_pad + column * (width + spacing.cluster_gap),
                top + row * (spacing.cluster + spacing.cluster_gap),
                width,
                spacing.cluster,
            )
            room = Box(own.left + _TEXT_PAD / 2, own.top, own.width - _TEXT_PAD, own.height)
            text = shorten(name, room.width, spacing.cluster_pt)
            yield ClusterBox(name, own, Label(text, room, spacing.cluster_pt, "center"))
