"""``k8s6plan map``: who owns an address, and its counterpart in the other family."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Iterable, Iterator, Sequence
from enum import StrEnum
from ipaddress import IPv6Network
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from k8s6plan.cli._common import read_plan, say

if TYPE_CHECKING:
    from k8s6plan.addressing.lookup import Answer, Owner
    from k8s6plan.addressing.plan_file import Plan

HELP = """Say who owns an address or a prefix.

And its counterpart in the other family. Without an address, or with "-", they are read from
stdin, one a line, and each is answered at once with one line. Ends with 1 where one is
nobody's, with 2 where a line is no address.

Example: k8s6plan map 100.64.3.7 fd00:1::/64 --plan plan.yaml
"""

DEFAULT_PLAN = Path("plan.yaml")
_COLUMNS = ("ADDRESS", "CLUSTER", "ROLE", "SITE", "PREFIX", "NODE BLOCK", "COUNTERPART", "NOTE")
_MOST_NAMES = 3  # owners of one prefix that a line of the table names

PlanPath = Annotated[Path, typer.Option("--plan", "-p", help="The plan file.")]
Source = Iterable[tuple[str, str]]  # where a query stands, and the query


class Format(StrEnum):
    """The forms of the answers. JSON is one object a line."""

    table = "table"
    json = "json"


def map_(
    addresses: Annotated[
        list[str] | None,
        typer.Argument(metavar="ADDRESS", help='Addresses or prefixes; "-" reads stdin.'),
    ] = None,
    *,
    plan: PlanPath = DEFAULT_PLAN,
    nat64: Annotated[
        list[str] | None,
        typer.Option(
            "--nat64",
            metavar="PREFIX",
            help="A translator's prefix besides 64:ff9b::/96; may be repeated.",
        ),
    ] = None,
    output_format: Annotated[
        Format, typer.Option("--format", "-f", help="json: one object a line.")
    ] = Format.table,
) -> None:
    """See HELP."""
    asked = addresses or ["-"]
    # A closed stdin is None.
    if "-" in asked and (sys.stdin is None or (not addresses and sys.stdin.isatty())):
        raise typer.BadParameter("name an address, or pipe them in, one a line")
    from k8s6plan.addressing.lookup import Lookup

    lookup = Lookup(held := read_plan(plan), [_translator(text) for text in nat64 or ()])
    if output_format is Format.json:
        code = _answer_all(
            lookup.find, _sources(asked), lambda *answer: _write(_json_line(*answer))
        )
    elif "-" in asked:
        # Lines that answer a stream are for other programs too, which want no heading.
        widths = _widths(held)
        code = _answer_all(
            lookup.find, _sources(asked), lambda *answer: _write(_row(_cells(*answer), widths))
        )
    else:
        code = _answer_table(lookup.find, _sources(asked))
    if code:
        raise typer.Exit(code)


def _translator(text: str) -> IPv6Network:
    from k8s6plan.addressing.space import rfc6052

    try:
        prefix = IPv6Network(text)
    except ValueError:
        raise typer.BadParameter(f"{text} is no IPv6 prefix", param_hint="--nat64") from None
    why = rfc6052.why_no_prefix(prefix)
    if why is not None:
        raise typer.BadParameter(why, param_hint="--nat64")
    return prefix


def _sources(addresses: Iterable[str]) -> Iterator[tuple[str, str]]:
    """Yield each query with its place; blank lines of stdin are no queries."""
    for number, address in enumerate(addresses, 1):
        if address != "-":
            yield f"argument {number}", address.strip()
            continue
        for line_number, line in enumerate(sys.stdin.buffer, 1):
            text = line.decode("utf-8", "replace").strip()
            if text:
                yield f"stdin:{line_number}", text


def _answer_all(
    find: Callable[[str], Answer], sources: Source, tell: Callable[[Answer, str | None], bool]
) -> int:
    """Answer one query after the other while somebody reads, and return the exit code."""
    from k8s6plan.addressing.lookup import Answer

    code = 0
    for place, text in sources:
        error = None
        try:
            answer = find(text)
        except ValueError as fault:
            error = str(fault)
            answer = Answer(text)
            say(f"{place}: {error}")
            code = 2
        if answer.warning is not None:
            say(f"{place}: warning: {answer.warning}")
        if not answer.owners:
            code = max(code, 1)
        if not tell(answer, error):
            break
    return code


def _answer_table(find: Callable[[str], Answer], sources: Source) -> int:
    """Answer queries that are all there, in columns as wide as they need to be."""
    rows: list[Sequence[str]] = [_COLUMNS]

    def keep(answer: Answer, error: str | None) -> bool:
        rows.append(_cells(answer, error))
        return True

    code = _answer_all(find, sources, keep)
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    for row in rows:
        if not _write(_row(row, widths)):
            break  # `| head` has had enough
    return code


def _write(line: str) -> bool:
    """Print one line at once; False where nobody reads any more.

    Raises:
        FileRefused: stdout takes no more (a full disk).

    """
    from k8s6plan.errors import FileRefused

    try:
        sys.stdout.write(line + "\n")
        sys.stdout.flush()
    except BrokenPipeError:
        # Python would complain at exit otherwise.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return False
    except OSError as error:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        raise FileRefused(f"stdout: cannot be written: {error.strerror}") from None
    return True


# --- forms ---------------------------------------------------------------------------------------


def _json_line(answer: Answer, error: str | None) -> str:
    import json

    if error is not None:
        return json.dumps({"address": answer.query, "error": error}, ensure_ascii=False)
    data: dict[str, Any] = {
        "address": answer.query,
        "owners": [owner._asdict() for owner in answer.owners],
    }
    if answer.node_block is not None:
        number, prefix = answer.node_block
        data["node_block"] = {"number": number, "prefix": prefix}
    data["counterpart"] = answer.counterpart
    given = (answer.carries, answer.note or answer.why_none, answer.warning)
    optional = zip(("carries", "note", "warning"), given, strict=True)
    data |= {key: value for key, value in optional if value is not None}
    return json.dumps(data, ensure_ascii=False)


def _widths(plan: Plan) -> list[int]:
    """Return widths for answers that are not known yet, by the names and families of the plan."""
    names = (*plan.clusters, *plan.tombstones)
    sites = (*plan.members, *plan.sites)
    return [
        len("255.255.255.255"),
        max(map(len, ("nobody", *names))),
        len("services"),
        max(map(len, ("-", *sites))),
        len("255.255.255.255/32"),
        len("255 255.255.255.255/32"),
        len("no counterpart"),
        0,
    ]


def _row(cells: Iterable[str], widths: Iterable[int]) -> str:
    return "  ".join(cell.ljust(n) for cell, n in zip(cells, widths, strict=True)).rstrip()


def _cells(answer: Answer, error: str | None) -> tuple[str, ...]:
    """Return the columns of one answer."""
    if error is not None:
        return (answer.query, *"-" * 6, error)
    note = answer.note or ""
    owners = answer.owners
    if not owners:
        return (answer.query, "nobody", *"-" * 5, note)
    block = answer.node_block
    return (
        answer.query,
        _listed(owner.cluster or "-" for owner in owners),
        _listed(_role(owner) for owner in owners),
        _listed(owner.site or "-" for owner in owners),
        owners[0].prefix,
        "-" if block is None else f"{block[0]} {block[1]}",
        answer.counterpart or answer.why_none or "-",
        note,
    )


def _role(owner: Owner) -> str:
    if owner.state == "held":
        return owner.role or "-"
    return f"{owner.role}, {owner.state}" if owner.role else owner.state


def _listed(names: Iterable[str]) -> str:
    """Return the names, each once; of many the first few and how many more."""
    once = list(dict.fromkeys(names))
    more = len(once) - _MOST_NAMES
    return "+".join(once[:_MOST_NAMES]) + (f"+{more} more" if more > 0 else "")
