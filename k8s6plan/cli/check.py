"""``k8s6plan check``: findings on the addresses of a fleet or a plan, and the way out."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from k8s6plan.cli._common import DEFAULT_FLEET, progress, put, say, to_json

if TYPE_CHECKING:
    from k8s6plan.addressing.check import Escape, Finding

HELP = """Check the addresses of a fleet or a plan.

Finds overlaps, prefixes outside the pools, too small, or not as the platform takes them. Says
which clusters to renumber, so that no overlap is left, at the least cost in nodes. Ends with 1
where an error or a warning is found.

Example: k8s6plan check fleet.yaml --keep prod-eu
"""


class Format(StrEnum):
    """The forms of the findings."""

    text = "text"
    json = "json"


def check(
    file: Annotated[
        Path | None,
        typer.Argument(
            metavar="FLEET|PLAN", help="A fleet file, or a plan of ours.  [default: fleet.yaml]"
        ),
    ] = None,
    *,
    keep: Annotated[
        list[str] | None,
        typer.Option(
            "--keep", metavar="CLUSTER", help="May not be renumbered; may be given repeatedly."
        ),
    ] = None,
    nat: Annotated[
        bool, typer.Option("--nat", help="Translations in place of renumbering, for all overlaps.")
    ] = False,
    output_format: Annotated[Format, typer.Option("--format", "-f")] = Format.text,
) -> None:
    """See HELP."""
    from k8s6plan.addressing.check import check_fleet, check_plan, overlap
    from k8s6plan.addressing.plan_file import from_yaml, looks_like_plan
    from k8s6plan.fleet.file import NO_FLEET, parse
    from k8s6plan.io.documents import MAX_BYTES, MAX_PLAN_BYTES, read_text
    from k8s6plan.io.files import is_ours

    path = file or DEFAULT_FLEET
    a_plan = path.is_file() and is_ours(path, "plan")
    text = read_text(path, most=MAX_PLAN_BYTES if a_plan else MAX_BYTES, otherwise=NO_FLEET)
    kept = keep or []
    with progress("checking addresses"):
        if looks_like_plan(text):
            plan = from_yaml(text, str(path))
            _check_names(kept, plan.clusters)
            name, findings = plan.fleet, check_plan(plan)
            escape = overlap.escape_of_plan(plan, keep=kept, translate=nat)
        else:
            fleet = parse(text, str(path))
            _check_names(kept, fleet.index)
            name, findings = fleet.fleet, check_fleet(fleet)
            escape = overlap.escape_of_fleet(fleet, keep=kept, translate=nat)
    if not any(f.rule in ("overlap", "default-kept") and f.severity == "error" for f in findings):
        escape = None  # none, or the fleet does not want to hear of them
    if output_format is Format.json:
        report = {"version": 1, "fleet": name, **_report(findings, escape)}
        put(to_json(report, "check"), None, "check", force=False)
    else:
        lines = [*map(str, findings), *_way_out(escape, kept, nat=nat)]
        put("".join(f"{line}\n" for line in lines), None, "check", force=False)
    counted = [finding for finding in findings if finding.counts]
    errors = sum(finding.severity == "error" for finding in counted)
    notes = len(findings) - len(counted)
    counts = {"error": errors, "warning": len(counted) - errors, "note": notes}
    words = (f"{number} {word}" + "s" * (number != 1) for word, number in counts.items())
    say(f"{path}: {', '.join(words)}")
    if counted:
        raise typer.Exit(1)


def _check_names(kept: list[str], known: Iterable[str]) -> None:
    unknown = sorted(set(kept) - set(known))
    if unknown:
        raise typer.BadParameter(f'no cluster is called "{unknown[0]}"', param_hint="--keep")


def _report(findings: list[Finding], escape: Escape | None) -> dict[str, Any]:
    rows = [
        {"rule": f.rule, "severity": f.severity, "message": f.message, "source": f.source}
        for f in findings
    ]
    if escape is None:
        return {"findings": rows, "way_out": None, "nat": []}
    from k8s6plan.addressing.overlap.translate import SCHEME

    found = escape.way_out
    return {
        "findings": rows,
        "way_out": {
            "renumber": [name for name in found.renumber if name not in escape.removed],
            "release": [name for name in found.renumber if name in escape.removed],
            "nodes": None if escape.names_weigh else found.nodes,
            "exact": found.exact,
            "bound": None if escape.names_weigh else found.bound,
            "left": [str(conflict) for conflict in found.left],
        },
        "nat": [
            {
                "owner": t.owner,
                "prefix": str(t.prefix),
                "nat": None if t.nat is None else str(t.nat),
                "via6": None if t.via6 is None else str(t.via6),
            }
            for t in escape.translations
        ],
        "via6_scheme": SCHEME,
    }


def _way_out(escape: Escape | None, kept: list[str], *, nat: bool) -> Iterator[str]:
    """Yield the way out as sentences, one a line."""
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
    nodes = (
        "" if escape.names_weigh else f" ({found.nodes:,} node{'s' * (found.nodes != 1)} in all)"
    )
    parts = []
    if live:
        parts.append(f"renumber {_names(live)}{nodes}")
    if gone:
        parts.append(f"release {_names(gone)} (`k8s6plan plan --release`)")
    action = " and ".join(parts)
    left = len(found.left)
    if not action:
        return f"Nothing can be renumbered: {_count(left)} left between kept clusters."
    outcome = f"{_count(left)} left between kept clusters" if left else "no overlap is left"
    if found.exact:
        limit = " with these kept" if kept else ""
        proof = f"fewer cannot do{limit}"
    else:
        proof = f"whatever way, at least {found.bound:,} nodes must be renumbered"
    return f"{action[0].upper()}{action[1:]} and {outcome}; {proof}."


def _count(number: int) -> str:
    return f"{number:,} overlap{' is' if number == 1 else 's are'}"


def _names(names: list[str], show: int = 20) -> str:
    more = f" and {len(names) - show:,} more (--format json names all)" if len(names) > show else ""
    return ", ".join(names[:show]) + more
