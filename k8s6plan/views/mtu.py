"""Packet sizes as lines of text: inside a stack of encapsulations, and along a design's paths."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING

from k8s6plan.io.words import percent
from k8s6plan.views.tables import Column, facts, rows_of
from k8s6plan.views.words import FAMILY

if TYPE_CHECKING:
    from k8s6plan.evaluation.mtu import Inside, PathMtu
    from k8s6plan.fleet.model import Family, Fleet

_WORDS = 16  # characters before a figure


def inside_lines(answer: Inside) -> Iterator[str]:
    """Yield what is left inside a stack of encapsulations."""
    yield from facts(_inside(answer), _WORDS)
    yield from (f"warning: {finding}" for finding in answer.findings)


def _inside(answer: Inside) -> Iterator[tuple[str, str]]:
    yield "underlay", str(answer.underlay)
    for layer in answer.layers:
        nat = ", NAT-T" if layer.nat_t else ""
        yield "", f"{layer.encapsulation} over {FAMILY[layer.outer]}{nat}"
    yield "inner MTU", str(answer.mtu)
    for family in answer.carries:
        yield f"MSS over {FAMILY[family]}", str(answer.mss(family))
    share = percent(answer.overhead_share, 1)
    yield "overhead", f"{answer.overhead_bytes} ({share} of a full packet)"


def path_lines(fleet: Fleet, reports: Sequence[PathMtu]) -> Iterator[str]:
    """Yield the packet sizes of every design, link by link."""
    yield f"{fleet.fleet}: the largest packets, in bytes"
    yield ""
    titles = ("LINKS", "MTU", "MSS IPv4", "MSS IPv6", "OVERHEAD")
    columns = [Column("", 26), *(Column(title, 8, right=True) for title in titles)]
    yield from rows_of(columns, _rows(reports))
    if any(report.unknown for report in reports):
        yield "* at most: a link of unknown MTU lies on some paths; --underlay says what to take"
    for report in reports:
        yield from (f"warning: {report.design}: {finding}" for finding in report.findings)


def _rows(reports: Sequence[PathMtu]) -> Iterator[tuple[str, ...]]:
    for report in reports:
        links = sum(link.links for link in report.links)
        star = "*" if report.unknown else ""
        yield (report.design, *_cells(links, report.mtu, report.mss, report.overhead_share, star))
        for link in report.links:
            cells = _cells(link.links, link.mtu, link.mss, link.overhead_share)
            yield (f"  {link.name}", *cells)


def _cells(
    links: int, mtu: int | None, mss: Mapping[Family, int], overhead: float | None, star: str = ""
) -> tuple[str, ...]:
    size = "unknown" if mtu is None else f"{mtu}{star}"
    segments = (str(mss.get(family, "-")) for family in FAMILY)
    return f"{links:,}", size, *segments, "-" if overhead is None else percent(overhead, 1)
