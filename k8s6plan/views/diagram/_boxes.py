"""The frames and boxes of one column, from the top down. The right column mirrors the left."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Literal

from k8s6plan.views.diagram._columns import (
    DETAIL_PAD,
    DETAIL_ROW,
    PROVIDER_GAP,
    PROVIDER_PAD,
    PROVIDER_TITLE,
    REGION_GAP,
    REGION_PAD,
    REGION_TITLE,
    SITE_TITLE,
    Provider,
    Region,
    Spacing,
    Vertex,
    stack_height,
)
from k8s6plan.views.diagram._parts import Box, ClusterBox, Frame, Label, VertexBox
from k8s6plan.views.diagram._text import shorten, widest, width_of

FRAME_PAD = PROVIDER_PAD + REGION_PAD  # from the edge of a provider's frame to the sites in it

# Sizes of text in points, all else in inches.
_PROVIDER_PT, _REGION_PT, _SITE_PT, _DETAIL_PT = 10.5, 8.5, 8.5, 7.0
_MARK_PT, _MARK_WIDTH, _MARK_PAD, _MARK_HEIGHT, _MARK_INSET = 7.0, 0.36, 0.14, 0.14, 0.1
_TRANSIT_WIDTH, _TRANSIT_HEIGHT = 0.42, 0.18
_BESIDE_PT, _BESIDE_WIDTH, _BESIDE_HEIGHT = 6.0, 0.22, 0.14  # a managed hub beside a site's box
_MARK_ROOM = _TRANSIT_WIDTH + 2 * _MARK_INSET  # titles keep clear of marks and managed hubs
_TEXT_PAD, _TITLE_INSET = 0.1, 0.09
_NARROWEST_NAME, _WIDEST_NAME, _GROUP_WIDTH = 0.9, 2.3, 2.1
_ROUNDING = 1e-6  # or a name that fits exactly would be shortened


def column_width(providers: Sequence[Provider], spacing: Spacing) -> float:
    """Return the width of the site boxes of a column: that of what is widest, within bounds."""
    wanted = [0.0]
    for provider in providers:
        titles = [width_of(provider.title, _PROVIDER_PT, bold=True) + _MARK_ROOM]
        for region in provider.regions:
            titles.append(width_of(region.name or "", _REGION_PT) + _MARK_ROOM)
        for site in provider.sites:
            if site.kind == "group":
                titles.append(_GROUP_WIDTH)
            if site.title is not None:
                titles.append(width_of(site.title, _SITE_PT) + _TITLE_INSET + _MARK_ROOM)
            name = widest((_name(site, c.name) for c in site.clusters), spacing.cluster_pt)
            lines = widest((line for each in site.clusters for line in each.lines), _DETAIL_PT)
            cluster = min(max(name, lines, _NARROWEST_NAME), _WIDEST_NAME) + 2 * _TEXT_PAD
            gaps = (site.across - 1) * spacing.cluster_gap
            wanted.append(site.across * cluster + gaps + 2 * site.pad(spacing))
        wanted.append(min(max(titles), _WIDEST_NAME) + _ROUNDING)
    return max(wanted)


def _name(site: Vertex, cluster: str) -> str:
    """Return what stands in a cluster's box: its name, and where it is if no frame says so."""
    return f"{cluster}, {site.place}" if site.place else cluster


@dataclass(frozen=True)
class Column:
    """A column of ``providers``; ``left`` and ``width`` are those of its site boxes.

    ``port_right``: lines arrive at their right edge, as the open space lies there. Titles stand
    on the other side; marks and managed hubs on this one.
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
        """How far below its top the ports of the sites are, on the mean."""
        ports = [
            part.port[1]
            for part in self.parts(0.0)
            if isinstance(part, VertexBox) and part.kind != "transit"
        ]
        return sum(ports) / len(ports) if ports else 0.0

    def parts(self, top: float) -> Iterator[Frame | VertexBox]:
        """Yield its frames and boxes, a frame before what is in it."""
        for provider in self.providers:
            height = provider.height(self.spacing)
            inner = top
            if provider.framed:
                box = Box(self.left - FRAME_PAD, top, self.width + 2 * FRAME_PAD, height)
                label = self._title(
                    provider.title, top + 0.04, PROVIDER_TITLE - 0.1, _PROVIDER_PT, bold=True
                )
                yield Frame("provider", provider.name, box, label)
                if provider.transit:
                    yield self._transit(provider.transit, label.room)
                inner += PROVIDER_TITLE
            for region in provider.regions:
                yield from self._region(region, inner)
                inner += region.height(self.spacing) + REGION_GAP
            top += height + PROVIDER_GAP

    def _region(self, region: Region, top: float) -> Iterator[Frame | VertexBox]:
        if region.name is not None:
            width = self.width + 2 * REGION_PAD
            box = Box(self.left - REGION_PAD, top, width, region.height(self.spacing))
            label = self._title(
                region.name, top + 0.03, REGION_TITLE - 0.1, _REGION_PT, tone="quiet"
            )
            yield Frame("region", region.name, box, label)
            if region.transit:
                yield self._transit(region.transit, label.room)
            top += REGION_TITLE
        for site in region.sites:
            placed = self._site(site, top)
            yield placed
            if site.transit:
                yield self._beside(site.transit, placed.box)
            top += site.height(self.spacing) + self.spacing.site_gap

    def _title(
        self,
        text: str,
        top: float,
        height: float,
        size_pt: float,
        *,
        inset: float = 0.0,
        bold: bool = False,
        tone: Literal["plain", "quiet"] = "plain",
    ) -> Label:
        width = self.width - _MARK_ROOM - inset
        left = self.left + (inset if self.port_right else _MARK_ROOM)
        return Label(
            shorten(text, width, size_pt, bold=bold),
            Box(left, top, width, height),
            size_pt,
            "left" if self.port_right else "right",
            bold=bold,
            tone=tone,
        )

    def _transit(self, transit: Vertex, title: Box) -> VertexBox:
        """Return the box of a managed hub, beside the title of its region."""
        left = self.left + (self.width - _TRANSIT_WIDTH if self.port_right else 0.0)
        top = title.middle[1] - _TRANSIT_HEIGHT / 2
        box = Box(left, top, _TRANSIT_WIDTH, _TRANSIT_HEIGHT)
        label = Label(transit.title or "", box, _MARK_PT + 0.5, "center", bold=True)
        return VertexBox(transit.name, "transit", box, self._port(box), label)

    def _beside(self, transit: Vertex, site: Box) -> VertexBox:
        """Return the box of a managed hub in a region without a frame: between site and space."""
        left = site.right + 0.015 if self.port_right else site.left - _BESIDE_WIDTH - 0.015
        top = site.middle[1] - _BESIDE_HEIGHT / 2
        box = Box(left, top, _BESIDE_WIDTH, _BESIDE_HEIGHT)
        label = Label(transit.title or "", box, _BESIDE_PT, "center", bold=True)
        return VertexBox(transit.name, "transit", box, self._port(box), label)

    def _port(self, box: Box) -> tuple[float, float]:
        return (box.right if self.port_right else box.left, box.middle[1])

    def _site(self, site: Vertex, top: float) -> VertexBox:
        box = Box(self.left, top, self.width, site.height(self.spacing))
        label = mark = None
        if site.title is not None:
            label = self._title(
                site.title,
                top + 0.03,
                SITE_TITLE - 0.06,
                _SITE_PT,
                inset=_TITLE_INSET,
                bold=site.kind == "group",
            )
        if site.mark:
            width = max(_MARK_WIDTH, width_of(site.mark, _MARK_PT, bold=True) + _MARK_PAD)
            left = box.right - _MARK_INSET - width if self.port_right else box.left + _MARK_INSET
            room = Box(left, top - self.spacing.mark_above, width, _MARK_HEIGHT)
            mark = Label(site.mark, room, _MARK_PT, "center", bold=True, tone="inverse")
        return VertexBox(
            site.name,
            site.kind,
            box,
            self._port(box),
            label,
            tuple(self._clusters(site, box)),
            mark,
            tuple(self._lines(site, box)),
        )

    def _lines(self, group: Vertex, box: Box) -> Iterator[Label]:
        """Yield what a group holds, under its name."""
        width = box.width - 2 * _TITLE_INSET
        for index, line in enumerate(group.lines):
            top = box.top + SITE_TITLE + DETAIL_PAD / 2 + index * DETAIL_ROW
            room = Box(box.left + _TITLE_INSET, top, width, DETAIL_ROW)
            text = shorten(line, width, _DETAIL_PT + 0.5)
            align: Literal["left", "right"] = "left" if self.port_right else "right"
            yield Label(text, room, _DETAIL_PT + 0.5, align, tone="quiet")

    def _clusters(self, site: Vertex, box: Box) -> Iterator[ClusterBox]:
        """Yield the boxes of a site's clusters by name, row by row."""
        spacing, across, pad = self.spacing, site.across, site.pad(self.spacing)
        gaps = (across - 1) * spacing.cluster_gap
        width = (box.width - 2 * pad - gaps) / across
        height = site.cluster_height(spacing)
        top = box.top + (pad if site.title is None else SITE_TITLE)
        for index, cluster in enumerate(site.clusters):
            row, column = divmod(index, across)
            own = Box(
                box.left + pad + column * (width + spacing.cluster_gap),
                top + row * (height + spacing.cluster_gap),
                width,
                height,
            )
            room = Box(own.left + _TEXT_PAD / 2, own.top, own.width - _TEXT_PAD, spacing.cluster)
            name = shorten(_name(site, cluster.name), room.width, spacing.cluster_pt)
            rows = []
            for number, line in enumerate(cluster.lines):
                below = room.bottom + number * DETAIL_ROW - DETAIL_PAD / 2
                place = Box(room.left, below, room.width, DETAIL_ROW)
                text = shorten(line, place.width, _DETAIL_PT)
                rows.append(Label(text, place, _DETAIL_PT, "center", tone="quiet"))
            label = Label(name, room, spacing.cluster_pt, "center")
            yield ClusterBox(cluster.name, own, label, tuple(rows))
