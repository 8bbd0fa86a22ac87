"""``k8s6plan plan``: the addressing plan."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import asdict
from enum import StrEnum
from ipaddress import IPv6Network
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from k8s6plan.cli._common import (
    end_in,
    keep_apart,
    progress,
    put,
    read_fleet,
    say,
    say_if_unverified,
    to_json,
)
from k8s6plan.cli._options import DEFAULT_FLEET, FleetPath, Force, complete_design

if TYPE_CHECKING:
    from k8s6plan.addressing.plan import Changes
    from k8s6plan.addressing.plan_file import Plan

HELP = """Make the addressing plan, dual-stack. With -o, a plan that is there is kept as it is.

Example: k8s6plan plan fleet.yaml -o plan.yaml
"""


class Format(StrEnum):
    """The forms of the result on stdout."""

    yaml = "yaml"
    json = "json"


class Placement(StrEnum):
    """The strategies of RFC 3531."""

    leftmost = "leftmost"
    centermost = "centermost"
    rightmost = "rightmost"


def plan(
    fleet: FleetPath = None,
    *,
    output: Annotated[
        Path | None,
        typer.Option("--output", "-o", help="The plan file; without it the plan goes to stdout."),
    ] = None,
    output_format: Annotated[
        Format, typer.Option("--format", "-f", help="json: print what changed, as JSON.")
    ] = Format.yaml,
    strategy: Annotated[
        Placement,
        typer.Option("--strategy", help="Where new prefixes go: with gaps to grow, or dense."),
    ] = Placement.leftmost,
    release: Annotated[
        list[str] | None,
        typer.Option("--release", metavar="NAME", help="Free the space of a removed cluster."),
    ] = None,
    renumber: Annotated[
        list[str] | None,
        typer.Option("--renumber", metavar="NAME", help="Plan this cluster anew; all others stay."),
    ] = None,
    assign: Annotated[
        list[str] | None,
        typer.Option(
            "--assign",
            metavar="NAME=PREFIX|FILE",
            help="The IPv6 prefix that a provider gave to a site or cluster, or a file of them.",
        ),
    ] = None,
    design: Annotated[
        str | None,
        typer.Option(
            "--design",
            "-d",
            help="Give the tunnels of this design addresses as well.",
            autocompletion=complete_design,
        ),
    ] = None,
    force: Force = False,
) -> None:
    """See HELP."""
    from contextlib import nullcontext

    from k8s6plan.addressing.plan import make_plan
    from k8s6plan.addressing.plan_file import to_yaml, verify
    from k8s6plan.errors import Overlap
    from k8s6plan.io.files import is_ours, locked
    from k8s6plan.io.marks import mark

    if output is not None and str(output) == "-":
        output = None  # stdout, as elsewhere
    end_in(output, "yaml", "yml")
    keep_apart(output, fleet)
    described = read_fleet(fleet)
    given = _assignments(assign or [])
    if output is not None and output.is_file() and not is_ours(output, "plan"):
        # Refuses what is somebody else's before anything is made.
        _old(output, renumber or (), force=force)
    with nullcontext() if output is None else locked(output):
        with progress("planning addresses"):
            old = _old(output, renumber or (), force=force)
            if old is not None and output is not None:
                say_if_unverified(old, output)
            try:
                made, changes = make_plan(
                    described,
                    old,
                    old_file=str(output or ""),
                    strategy=strategy.value,
                    release=release or (),
                    renumber=renumber or (),
                    assign=given,
                    design=design,
                )
            except Overlap as error:
                raise Overlap(*(f"{fleet or DEFAULT_FLEET}: {e}" for e in error.lines)) from None
            text = to_yaml(made, mark("plan"))
            verify(text)
        if output is not None:
            # What is damaged must not take the place of a backup that is whole.
            keep = not renumber or _is_whole(output)
            put(text, output, "plan", force=force, backup=keep)
    if output_format is Format.json:
        put(to_json({"fleet": made.fleet, **asdict(changes)}, "plan"), None, "plan", force=force)
    elif output is None:
        put(text, None, "plan", force=force)
    _tell(made, changes, output)


def _old(output: Path | None, renumber: Iterable[str], *, force: bool) -> Plan | None:
    """Return the plan that is there already: the lock.

    Raises:
        FileRefused: it is no plan of ours, or is empty.
        InvalidPlan: it is damaged, elsewhere than in the clusters to ``renumber``.

    """
    from k8s6plan.addressing.plan_file import from_yaml, looks_like_plan
    from k8s6plan.errors import FileRefused
    from k8s6plan.io.documents import MAX_PLAN_BYTES, read_text
    from k8s6plan.io.files import backup_of

    if output is None or not output.is_file():
        return None
    if output.stat().st_size == 0 and not force:
        raise FileRefused(
            f"{output}: is empty; if a plan stood here, take it from version control or "
            f"{backup_of(output).name}, else remove the file"
        )
    text = read_text(output, most=MAX_PLAN_BYTES)
    # A plan that has lost its mark is a lock all the same: --force must not renumber anybody.
    if looks_like_plan(text):
        return from_yaml(text, str(output), but=renumber)
    if force:
        return None
    raise FileRefused(
        f"{output}: exists, and `k8s6plan plan` did not write it; "
        "choose another name, or overwrite it with --force"
    )


def _is_whole(output: Path) -> bool:
    """Say whether there is no plan yet, or one that is as it was written."""
    from k8s6plan.addressing.plan_file import from_yaml
    from k8s6plan.errors import InvalidPlan
    from k8s6plan.io.documents import MAX_PLAN_BYTES, read_text

    try:
        if output.is_file():
            from_yaml(read_text(output, most=MAX_PLAN_BYTES), str(output))
    except InvalidPlan:
        return False
    return True


def _assignments(given: list[str]) -> dict[str, IPv6Network]:
    """Return the prefixes by name, out of `NAME=PREFIX` and files of `NAME: PREFIX` lines."""
    from k8s6plan.errors import InvalidFleet
    from k8s6plan.fleet.model import why_no_prefix
    from k8s6plan.io.addresses import parse_network
    from k8s6plan.io.documents import Document, read_text

    found: dict[str, IPv6Network] = {}
    for text in given:
        name, equals, prefix = text.partition("=")
        pairs = {name: prefix}
        if not equals:
            path = Path(text)
            pairs = Document(read_text(path), text).data(InvalidFleet)
        for key, value in pairs.items():
            wrong = why_no_prefix(value)
            network = None if wrong is not None else parse_network(value)
            if not isinstance(network, IPv6Network):
                message = wrong or f'"{value}" is no IPv6 prefix'
                message = f"{key}: {message}; write NAME=2600:1f18:1234:5600::/56"
                raise typer.BadParameter(message, param_hint="--assign")
            found[str(key)] = network
    return found


def _tell(made: Plan, changes: Changes, output: Path | None) -> None:
    """Say what the run did, and what it could not do."""
    from k8s6plan.io.words import number

    counts = (
        f"{changes.changed} existing prefixes changed, {changes.prefixes_added:,} added, "
        f"{changes.prefixes_tombstoned:,} tombstoned"
    )
    parts = [counts]
    for names, word in (
        (changes.added, "added"),
        (changes.tombstoned, "tombstoned"),
        (changes.revived, "back from their tombstones"),
        (changes.renamed, "renamed"),
        (changes.renumbered, "renumbered"),
        (changes.released, "released"),
    ):
        if names or word in ("added", "tombstoned"):
            shown = f" ({', '.join(names[:5])}{', ...' if len(names) > 5 else ''})" if names else ""
            parts.append(f"{number(len(names), 'cluster')} {word}{shown}")
    say("; ".join(parts))
    for site in changes.assigned:
        say(f"site {site} is assigned; nothing moved")
    for grown in (*changes.widened, *changes.extended):
        say(f"grown: {grown}")
    if changes.widened:
        say("a cluster that runs may not take that: `k8s6plan diff OLD NEW` grades it")
    if changes.new_seed:
        where = f"kept in {output}" if output else "lost unless you save this plan with -o"
        say(f"made a ULA seed, {where}; `ula_seed: {made.ula_seed}` in the fleet file fixes it")
    for finding in changes.findings:
        say(finding)
