"""``k8s6plan map``: who owns an address, and its counterpart in the other family."""

from __future__ import annotations

import sys
from collections.abc import Iterable, Iterator
from ipaddress import IPv6Network
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from k8s6plan.cli._common import print_now, read_plan, say
from k8s6plan.cli._options import TableFormat

if TYPE_CHECKING:
    from k8s6plan.addressing.lookup import Answer, Lookup

HELP = """Say who owns an address or a prefix.

And its counterpart in the other family. Without an address, or with "-", they are read from
stdin, one a line, and each is answered at once with one line. Ends with 1 where one is
nobody's, with 2 where a line is no address.

Example: k8s6plan map 100.64.3.7 fd00:1::/64 --plan plan.yaml
"""

DEFAULT_PLAN = Path("plan.yaml")

PlanPath = Annotated[Path, typer.Option("--plan", "-p", help="The plan file.")]


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
    from k8s6plan.views.owners import owner_cells, owner_line, owner_table, owner_widths

    held = read_plan(plan)
    asking = _Asking(Lookup(held, [_translator(text) for text in nat64 or ()]))
    answers = asking.answers(_sources(asked))
    lines: Iterable[str]
    if output_format is TableFormat.json:
        lines = (_json_line(*answer) for answer in answers)
    elif "-" in asked:
        # Lines that answer a stream are for other programs too, which want no heading.
        widths = owner_widths(held)
        lines = (owner_line(owner_cells(*answer), widths) for answer in answers)
    else:
        lines = owner_table([owner_cells(*answer) for answer in answers])
    for line in lines:
        if not print_now(f"{line}\n"):
            break  # `| head` has had enough
    if asking.code:
        raise typer.Exit(asking.code)


def _translator(text: str) -> IPv6Network:
    from k8s6plan.addressing.lookup import rfc6052

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


class _Asking:
    """Answers one query after the other; ``code`` is the exit code by what it has answered."""

    def __init__(self, lookup: Lookup) -> None:
        self.lookup = lookup
        self.code = 0

    def answers(self, sources: Iterable[tuple[str, str]]) -> Iterator[tuple[Answer, str | None]]:
        """Yield each answer, and why there is none; say what is wrong with a query."""
        from k8s6plan.addressing.lookup import Answer

        for place, text in sources:
            error = None
            try:
                answer = self.lookup.find(text)
            except ValueError as fault:
                error, answer = str(fault), Answer(text)
                say(f"{place}: {error}")
                self.code = 2
            if answer.warning is not None:
                say(f"{place}: warning: {answer.warning}")
            if not answer.owners:
                self.code = max(self.code, 1)
            yield answer, error


def _json_line(answer: Answer, error: str | None) -> str:
    import json

    from k8s6plan.views.as_json import as_json

    failed = {"address": answer.query, "error": error}
    return json.dumps(as_json(answer if error is None else failed, "map"), ensure_ascii=False)
