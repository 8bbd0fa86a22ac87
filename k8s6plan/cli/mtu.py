"""``k8s6plan mtu``: what is left of a packet inside encapsulations, or along a design's paths."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from enum import StrEnum
from typing import TYPE_CHECKING, Annotated, Any

import typer

from k8s6plan.cli._common import Designs, FleetPath, progress, put, read_fleet, to_json

if TYPE_CHECKING:
    from k8s6plan.evaluation.mtu import Inside, LinkMtu, PathMtu
    from k8s6plan.fleet.model import Family, Fleet

HELP = """Find the MTU: inside encapsulations, or along the paths of a fleet's designs.

Without FLEET, what is left of an underlay inside one encapsulation, or several in each other.

Example: k8s6plan mtu --underlay 1400 --encapsulation wireguard --encapsulation vxlan --outer ipv6
"""
_UNDERLAY = 1500  # what the options stand for where none is given; any other is one option away


class Format(StrEnum):
    """The forms of the report."""

    table = "table"
    json = "json"


class Outer(StrEnum):
    """The families of an outer header."""

    ipv4 = "ipv4"
    ipv6 = "ipv6"


def mtu(
    fleet: FleetPath = None,
    *,
    design: Designs = None,
    encapsulation: Annotated[
        list[str] | None,
        typer.Option(
            "--encapsulation",
            "-e",
            help="Outermost first; may be repeated.  [default with FLEET: the fleet's]",
        ),
    ] = None,
    underlay: Annotated[
        int | None,
        typer.Option(
            "--underlay",
            min=68,
            max=65535,
            help="Bytes; with FLEET, of providers whose own is not known.  [default: 1500]",
        ),
    ] = None,
    outer: Annotated[
        list[Outer] | None,
        typer.Option("--outer", help="Of all outer headers, or of each.  [default: ipv4]"),
    ] = None,
    nat_t: Annotated[
        bool, typer.Option("--nat-t", help="A NAT lies under the outermost, which is IPsec.")
    ] = False,
    output_format: Annotated[Format, typer.Option("--format", "-f")] = Format.table,
    fail_on_findings: Annotated[
        bool, typer.Option("--fail-on-findings", help="End with 1 where IPv6 does not fit.")
    ] = False,
) -> None:
    """See HELP."""
    families: list[Family] = [family.value for family in outer or [Outer.ipv4]]
    names = encapsulation or []
    if fleet is None and names and not design:
        from k8s6plan.evaluation.mtu import inner_mtu

        answer = inner_mtu(underlay or _UNDERLAY, names, outer=families, nat_t=nat_t)
        data, lines, found = _answer_data(answer), _answer(answer), bool(answer.findings)
    else:
        from k8s6plan.evaluation.mtu import mtu_of
        from k8s6plan.topology.designs import wanted_designs
        from k8s6plan.topology.groups import outline_of

        described = read_fleet(fleet)
        with progress("measuring paths"):
            reports = [
                mtu_of(
                    name,
                    described,
                    encapsulations=names,
                    outer=families,
                    nat_t=nat_t,
                    underlay=underlay,
                )
                for name in wanted_designs(outline_of(described), design)
            ]
        data, lines = _fleet_data(described, reports), _fleet(described, reports)
        found = any(report.findings for report in reports)
    if output_format is Format.json:
        put(to_json(data, "mtu"), None, "mtu", force=False)
    else:
        put("".join(f"{line.rstrip()}\n" for line in lines), None, "mtu", force=False)
    if found and fail_on_findings:
        raise typer.Exit(1)


# --- one question --------------------------------------------------------------------------------


def _answer_data(answer: Inside) -> dict[str, Any]:
    return {
        "version": 1,
        "unit": "bytes",
        "underlay": answer.underlay,
        "layers": [layer._asdict() for layer in answer.layers],
        "mtu": answer.mtu,
        "mss": {family: answer.mss(family) for family in answer.carries},
        "overhead": answer.overhead_bytes,
        "overhead_share": round(answer.overhead_share, 4),
        "findings": list(answer.findings),
    }


def _answer(answer: Inside) -> Iterator[str]:
    yield f"underlay        {answer.underlay}"
    for layer in answer.layers:
        nat = ", NAT-T" if layer.nat_t else ""
        yield f"                {layer.encapsulation} over {_TITLES[layer.outer]}{nat}"
    yield f"inner MTU       {answer.mtu}"
    for family in answer.carries:
        yield f"MSS over {_TITLES[family]}   {answer.mss(family)}"
    yield f"overhead        {answer.overhead_bytes} ({answer.overhead_share:.1%} of a full packet)"
    yield from (f"warning: {finding}" for finding in answer.findings)


_TITLES = {"ipv4": "IPv4", "ipv6": "IPv6"}


# --- a fleet -------------------------------------------------------------------------------------


def _fleet_data(fleet: Fleet, reports: Sequence[PathMtu]) -> dict[str, Any]:
    return {
        "version": 1,
        "fleet": fleet.fleet,
        "unit": "bytes",
        "designs": {
            report.design: {
                "mtu": report.mtu,
                "mss": report.mss,
                "at_most": bool(report.unknown),
                "overhead_share": _share(report.overhead_share),
                "links": [_link_data(link) for link in report.links],
                "unknown": list(report.unknown),
                "findings": list(report.findings),
            }
            for report in reports
        },
    }


def _link_data(link: LinkMtu) -> dict[str, Any]:
    return {
        "kind": link.kind,
        "between": [link.one, link.other],
        "between_regions": link.between_regions,
        "links": link.links,
        "underlays": list(link.underlays),
        "mtu": link.mtu,
        "mss": link.mss,
        "overhead": link.overhead_bytes,
        "overhead_share": _share(link.overhead_share),
        "sources": list(link.sources),
    }


def _share(share: float | None) -> float | None:
    return None if share is None else round(share, 4)


def _fleet(fleet: Fleet, reports: Sequence[PathMtu]) -> Iterator[str]:
    yield f"{fleet.fleet}: the largest packets, in bytes"
    yield ""
    names = [link.name for report in reports for link in report.links]
    width = max(24, *map(len, names), *(len(report.design) for report in reports))
    yield _line(width, "", "LINKS", "MTU", "MSS IPv4", "MSS IPv6", "OVERHEAD")
    for report in reports:
        least = "unknown" if report.mtu is None else f"{report.mtu}{'*' * bool(report.unknown)}"
        segments = _segments(report.mss)
        total = sum(link.links for link in report.links)
        share = _percent(report.overhead_share)
        yield _line(width, report.design, f"{total:,}", least, *segments, share)
        for link in report.links:
            size = "unknown" if link.mtu is None else str(link.mtu)
            cells = (f"{link.links:,}", size, *_segments(link.mss), _percent(link.overhead_share))
            yield _line(width, f"  {link.name}", *cells)
    if any(report.unknown for report in reports):
        yield "* at most: a link of unknown MTU lies on some paths; --underlay says what to take"
    for report in reports:
        yield from (f"warning: {report.design}: {finding}" for finding in report.findings)


def _line(width: int, name: str, *cells: str) -> str:
    links, size, ipv4, ipv6, overhead = cells
    return f"{name:<{width + 2}} {links:>8} {size:>8} {ipv4:>8} {ipv6:>8} {overhead:>8}"


def _segments(mss: dict[Family, int]) -> tuple[str, str]:
    return str(mss.get("ipv4", "-")), str(mss.get("ipv6", "-"))


def _percent(share: float | None) -> str:
    return "-" if share is None else f"{share:.1%}"
