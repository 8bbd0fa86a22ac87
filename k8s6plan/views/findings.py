"""Findings on addresses, and the way out of overlaps, as sentences, one a line."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING

from k8s6plan.io.words import listed, number

if TYPE_CHECKING:
    from k8s6plan.addressing.check import Finding
    from k8s6plan.addressing.overlap import Escape

_SHOWN = 20  # clusters to renumber


def finding_data(
    fleet: str, findings: Iterable[Finding], escape: Escape | None
) -> dict[str, object]:
    """Return the findings and the way out for JSON; no ``escape``: there is nothing to get out of.

    Where the nodes of clusters are not known, nor is what the way out costs.
    """
    found = {"fleet": fleet, "findings": findings}
    if escape is None:
        return {**found, "way_out": None, "nat": ()}
    from k8s6plan.addressing.overlap import SCHEME

    way_out, known = escape.way_out, not escape.names_weigh
    return {
        **found,
        "way_out": {
            "renumber": [name for name in way_out.renumber if name not in escape.removed],
            "release": [name for name in way_out.renumber if name in escape.removed],
            "nodes": way_out.nodes if known else None,
            "exact": way_out.exact,
            "bound": way_out.bound if known else None,
            "left": [str(conflict) for conflict in way_out.left],
        },
        "nat": escape.translations,
        "via6_scheme": SCHEME,
    }


def finding_lines(
    findings: Iterable[Finding], escape: Escape | None, kept: list[str], *, nat: bool
) -> Iterator[str]:
    """Yield the findings and the way out; ``nat``: by translation alone."""
    yield from map(str, findings)
    if escape is None:
        return
    if not nat:
        yield _renumbering(escape, kept)
    if escape.translations:
        what = "what overlaps" if nat else "what stays"
        yield (
            f"Translate {what}, both ends of an overlap, and add the NAT prefixes to `exclude`, "
            "so that no plan hands them out:"
        )
        yield from (f"  {translation}" for translation in escape.translations)
    elif nat or escape.way_out.left:
        yield "No translation helps: a cluster overlaps itself, or a network outside the fleet."


def _renumbering(escape: Escape, kept: list[str]) -> str:
    found = escape.way_out
    live = [name for name in found.renumber if name not in escape.removed]
    gone = [name for name in found.renumber if name in escape.removed]
    nodes = "" if escape.names_weigh else f" ({number(found.nodes, 'node')} in all)"
    parts = []
    if live:
        parts.append(f"renumber {_names(live)}{nodes}")
    if gone:
        parts.append(f"release {_names(gone)} (`k8s6plan plan --release`)")
    action = " and ".join(parts)
    left = number(len(found.left), "overlap is", "overlaps are")
    if not action:
        return f"Nothing can be renumbered: {left} left between kept clusters."
    outcome = f"{left} left between kept clusters" if found.left else "no overlap is left"
    if found.exact:
        limit = " with these kept" if kept else ""
        proof = f"fewer cannot do{limit}"
    else:
        proof = f"whatever way, at least {found.bound:,} nodes must be renumbered"
    return f"{action[0].upper()}{action[1:]} and {outcome}; {proof}."


def _names(names: list[str]) -> str:
    all_of_them = " (--format json names all)" if len(names) > _SHOWN else ""
    return listed(names, _SHOWN) + all_of_them
