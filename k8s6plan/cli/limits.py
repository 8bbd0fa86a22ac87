"""``k8s6plan limits``: quotas and limits, and who is ready for IPv6, with sources."""

from __future__ import annotations

from enum import StrEnum
from typing import TYPE_CHECKING, Annotated, Any

import typer

from k8s6plan.cli._common import put, to_json

if TYPE_CHECKING:
    from k8s6plan.evaluation.limits import Limit

HELP = """Show quotas and limits of providers and software, or their readiness for IPv6.

Example: k8s6plan limits aws
"""


class Format(StrEnum):
    """The forms of a table."""

    table = "table"
    json = "json"


def limits(
    owner: Annotated[
        str | None,
        typer.Argument(
            metavar="PROVIDER", help="A provider, or software such as cilium.  [default: all]"
        ),
    ] = None,
    *,
    ipv6: Annotated[
        bool, typer.Option("--ipv6", help="Readiness for IPv6 and dual-stack instead.")
    ] = False,
    output_format: Annotated[Format, typer.Option("--format", "-f")] = Format.table,
) -> None:
    """See HELP."""
    if ipv6:
        _readiness(owner, output_format)
        return
    from k8s6plan.evaluation.limits import owners, rows

    names = _chosen(owner, list(owners()))
    found = [limit for name in names for limit in rows(name)]
    if output_format is Format.json:
        text = to_json({"version": 1, "limits": [_to_json(limit) for limit in found]}, "limits")
    else:
        from k8s6plan.views.lines import row_text

        lines: list[str] = []
        for limit in found:
            lines += row_text(_head(limit), _below(limit), limit.marks)
        text = "\n".join(lines) + "\n"
    put(text, None, "limits", force=False)


def _chosen(owner: str | None, known: list[str]) -> list[str]:
    from k8s6plan.errors import did_you_mean

    if owner is not None and owner not in known:
        raise typer.BadParameter(
            f'nothing is known of "{owner}"' + did_you_mean(owner, known), param_hint="PROVIDER"
        )
    return known if owner is None else [owner]


def _head(limit: Limit) -> str:
    default = "no figure published" if limit.default is None else f"{limit.default:,f}"
    most = ""
    if limit.most is not None and limit.most != limit.default:
        most = f", at most {limit.most:,f}"
    kind = "can be raised" if limit.raisable else "fixed"
    return f"{limit.name}: {limit.title}: {default} {limit.unit}{most} ({kind})"


def _below(limit: Limit) -> str:
    parts = [limit.note, limit.source, limit.as_of, limit.confidence]
    return "; ".join(part for part in parts if part)


def _to_json(limit: Limit) -> dict[str, Any]:
    return {
        "owner": limit.owner,
        "limit": limit.key,
        "title": limit.title,
        "default": None if limit.default is None else float(limit.default),
        "max": None if limit.most is None else float(limit.most),
        "adjustable": limit.adjustable,
        "unit": limit.unit,
        "checked": bool(limit.measure),
        "avoid": limit.avoid,
        "source": limit.source,
        "as_of": limit.as_of,
        "confidence": limit.confidence,
        "marks": list(limit.marks),
        "note": limit.note,
    }


def _readiness(owner: str | None, output_format: Format) -> None:
    """Print who is ready for IPv6."""
    from k8s6plan import catalog
    from k8s6plan.catalog.prices import marks_of

    rows = catalog.readiness()
    subjects = list(dict.fromkeys(str(row["subject"]) for row in rows))
    groups = list(dict.fromkeys(str(row["group"]) for row in rows))
    names = _chosen(owner, [*subjects, *groups])
    found = [row for row in rows if row["subject"] in names or row["group"] in names]
    if output_format is Format.json:
        text = to_json({"version": 1, "readiness": found}, "limits")
    else:
        from k8s6plan.views.lines import row_text

        lines: list[str] = []
        group = ""
        for row in found:
            if row["group"] != group:
                group = row["group"]
                lines += ["", f"{group}:"] if lines else [f"{group}:"]
            since = f", since {row['since']}" if row.get("since") else ""
            below = [row.get("note"), row["source"], row["as_of"], row["confidence"]]
            lines += row_text(
                f"  {row['subject']}: {row['what']}: {row['state']}{since}",
                "; ".join(str(part) for part in below if part),
                marks_of(str(row["as_of"]), str(row["confidence"])),
            )
        text = "\n".join(lines) + "\n"
    put(text, None, "limits", force=False)
