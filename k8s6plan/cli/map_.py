"""``k8s6plan map``: who owns an address, and its counterpart in the other family."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Iterable, Iterator
from ipaddress import IPv6Network
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from k8s6plan.cli._common import read_plan, say
from k8s6plan.cli._options import TableFormat

if TYPE_CHECKING:
    from k8s6plan.addressing.lookup import Answer

HELP = """Say who owns an address or a prefix.

And its counterpart in the other family. Without an address, or with "-", they are read from
stdin, one a line, and each is answered at once with one line. Ends with 1 where one is
nobody's, with 2 where a line is no address.

Example: k8s6plan map 100.64.3.7 fd00:1::/64 --plan plan.yaml
"""

DEFAULT_PLAN = Path("plan.yaml")

PlanPath = Annotated[Path, typer.Option("--plan", "-p", help="The plan file.")]
Source = Iterable[tuple[str, str]]  # where a query stands, and the query


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
        TableFormat, typer.Option("--format", "-f", help="json: one object a line.")
    ] = TableFormat.table,
) -> None:
    """See HELP."""
    asked = addresses or ["-"]
    # A closed stdin is None.
    if "-" in asked and (sys.stdin is None or (not addresses and sys.stdin.isatty())):
        raise typer.BadParameter("name an address, or pipe them in, one a line")
    from k8s6plan.addressing.lookup import Lookup
    from k8s6plan.views.owners import owner_cells, owner_line, owner_widths

    held = read_plan(plan)
    lookup = Lookup(held, [_translator(text) for text in nat64 or ()])
    if output_format is TableFormat.json:

        def tell(answer: Answer, error: str | None) -> bool:
            return _write(_json_line(answer, error))

    elif "-" in asked:
        # Lines that answer a stream are for other programs too, which want no heading.
        widths = owner_widths(held)

        def tell(answer: Answer, error: str | None) -> bool:
            return _write(owner_line(owner_cells(answer, error), widths))

    else:
        raise typer.Exit(_answer_table(lookup.find, _sources(asked)))
    code = _answer_all(lookup.find, _sources(asked), tell)
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
    from k8s6plan.views.owners import owner_cells, owner_table

    rows: list[tuple[str, ...]] = []

    def keep(answer: Answer, error: str | None) -> bool:
        rows.append(owner_cells(answer, error))
        return True

    code = _answer_all(find, sources, keep)
    for line in owner_table(rows):
        if not _write(line):
            break  # `| head` has had enough
    return code


def _json_line(answer: Answer, error: str | None) -> str:
    import json

    from k8s6plan.views.as_json import as_json

    failed = {"address": answer.query, "error": error}
    return json.dumps(as_json(answer if error is None else failed, "map"), ensure_ascii=False)


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
