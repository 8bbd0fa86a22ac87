"""What commands share: reading what is named, printing or writing the answer, progress."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager, suppress
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

import typer

from k8s6plan.cli._options import DEFAULT_FLEET
from k8s6plan.errors import printable

if TYPE_CHECKING:
    from k8s6plan.addressing.plan_file import Plan
    from k8s6plan.decision.terms import Terms
    from k8s6plan.errors import Fault
    from k8s6plan.fleet.model import Fleet


INTERRUPTED = 130  # the exit code of Ctrl-C, as shells have it

Form = TypeVar("Form", bound=StrEnum)


def form_of(output: Path | None, given: Form | None, usual: Form) -> Form:
    """Return the form of an answer: as given, or as ``output`` ends, else the usual one.

    Raises:
        typer.BadParameter: the two say different things.

    """
    ending = "" if output is None else output.suffix.lower().removeprefix(".")
    named = next((form for form in type(usual) if form.value == ending), None)
    if named is None:
        end_in(output, *(form.value for form in type(usual)))
    if given is not None and named not in (None, given):
        message = f"{output} ends in .{ending}, and --format says {given}; leave one out"
        raise typer.BadParameter(message, param_hint="--output")
    return given or named or usual


_PROMISES = {"csv", "dot", "html", "json", "md", "mmd", "pdf", "png", "svg", "xml", "yaml", "yml"}


def end_in(output: Path | None, *endings: str) -> None:
    """Refuse a file whose ending promises another form than the command writes.

    Raises:
        typer.BadParameter: it ends in none of ``endings``, and as files of another kind do.

    """
    ending = "" if output is None else output.suffix.lower().removeprefix(".")
    if ending in _PROMISES - set(endings):
        told = [f".{known}" for known in endings if known in _PROMISES]
        message = f"{output} ends in .{ending}, which is not written here; end it in "
        raise typer.BadParameter(message + " or ".join(told), param_hint="--output")


def keep_apart(output: Path | None, fleet: Path | None) -> None:
    """Refuse to write over the fleet file that is read, with --force too.

    Raises:
        FileRefused: they are one file.

    """
    from k8s6plan.errors import FileRefused

    path = fleet or DEFAULT_FLEET
    if output is not None and output.exists() and path.exists() and output.samefile(path):
        raise FileRefused(f"{output}: is the fleet file itself; name another file with -o")


def read_fleet(path: Path | None) -> Fleet:
    """Return the fleet of the file at ``path``, or of ./fleet.yaml."""
    from k8s6plan.fleet.file import load

    return load(path or DEFAULT_FLEET, warn)


def warn(fault: Fault) -> None:
    """Say what is to be known of a file, and is no fault."""
    say(f"warning: {fault}")


def ask(
    path: Path | None,
    connect: Mapping[str, int | None] | None = None,
    *,
    prices: Path | None = None,
    month_hours: int | None = None,
) -> Terms:
    """Return the terms of the fleet at ``path``, as options change it; warn of its overlaps."""
    from k8s6plan.decision.terms import terms_of
    from k8s6plan.fleet.file import load_book

    fleet = read_fleet(path)
    wanted = {key: value for key, value in (connect or {}).items() if value}
    if wanted:
        fleet = fleet.model_copy(update={"connect": fleet.connect.model_copy(update=wanted)})
    if month_hours is not None:
        assumed = {**fleet.assumptions, "month_hours": month_hours}
        fleet = fleet.model_copy(update={"assumptions": assumed})
    warn_of_overlaps(fleet, path)
    return terms_of(fleet, None if prices is None else load_book(prices))


def warn_of_overlaps(fleet: Fleet, path: Path | None) -> None:
    """Say each overlap of the fleet at ``path``."""
    from k8s6plan.fleet.overlaps import overlaps_of

    for conflict in overlaps_of(fleet):
        say(f"warning: {path or DEFAULT_FLEET}: {conflict}; see `k8s6plan check`")


def read_plan(path: Path, fleet: str | None = None) -> Plan:
    """Return the plan of the file at ``path``, which must be that of ``fleet`` where one is named.

    Raises:
        FileRefused: there is none, or it cannot be read.
        InvalidPlan: it is no plan of ours, or another fleet's.

    """
    from k8s6plan.addressing.plan_file import from_yaml
    from k8s6plan.errors import Fault, FileRefused, InvalidPlan
    from k8s6plan.io.documents import MAX_PLAN_BYTES, read_text

    if not path.exists():
        raise FileRefused(f"{path}: no such file; `k8s6plan plan -o {path}` writes one")
    held = from_yaml(read_text(path, most=MAX_PLAN_BYTES), str(path))
    say_if_unverified(held, path)
    if fleet is not None and held.fleet != fleet:
        message = f'is the plan of fleet "{held.fleet}", not of "{fleet}"; name its own'
        raise InvalidPlan([Fault(str(path), 0, message)])
    return held


def say_if_unverified(held: Plan, path: Path) -> None:
    """Say that a plan is of a format that nobody can verify."""
    if held.stamp is None:
        say(
            f"{path}: has no `state` line (an earlier format), so that what is lost or changed "
            f"cannot be seen; the next `k8s6plan plan -o {path}` writes one"
        )


def say(message: str) -> None:
    """Print one line for the person, apart from the data."""
    # A disk that is full, or a reader who left: nobody is there to be told so.
    with suppress(OSError):
        typer.echo(f"k8s6plan: {printable(message)}", err=True)


def to_json(data: object, command: str) -> str:
    """Return an answer of ``command`` as JSON text that carries our mark."""
    import json

    from k8s6plan.io.marks import mark
    from k8s6plan.views.as_json import document

    marked = {**document(data, command), "written_by": mark(command).removeprefix("Written by ")}
    return json.dumps(marked, indent=2, ensure_ascii=False) + "\n"


def show(data: object, lines: Iterable[str], wanted: str, command: str) -> None:
    """Print an answer: as JSON where that is ``wanted``, else its lines."""
    if wanted == "json":
        text = to_json(data, command)
    else:
        text = "".join(f"{printable(line.rstrip())}\n" for line in lines)
    put(text, None, command, force=False)


def put(text: str, output: Path | None, command: str, *, force: bool, backup: bool = False) -> None:
    """Print ``text``, or write it to ``output`` and say so; `-` is stdout, as elsewhere.

    ``backup``: what was there is kept.
    """
    if output is None or str(output) == "-":
        print_now(text, instead="; make room, or send it elsewhere with -o")
        return
    from k8s6plan.io.files import write

    write(output, text.encode(), command, force=force, backup=backup)
    say(f"wrote {output}")


def print_now(text: str, *, instead: str = "") -> bool:
    """Print ``text`` to stdout at once; False where nobody reads any more.

    ``instead``: what to do where stdout takes no more.

    Raises:
        FileRefused: stdout is closed, or takes no more (a full disk).

    """
    from k8s6plan.errors import FileRefused

    if sys.stdout is None:  # begun with `>&-`
        raise FileRefused("stdout: is closed; send it to a file or a pipe, or use -o")
    try:
        try:
            sys.stdout.write(text)
        except UnicodeEncodeError:  # a terminal that knows ASCII alone
            coding = sys.stdout.encoding
            sys.stdout.write(text.encode(coding, "replace").decode(coding))
        sys.stdout.flush()
    except BrokenPipeError:
        silence_stdout()  # `| head` has had enough: nothing is wrong
        return False
    except OSError as error:
        silence_stdout()
        message = f"stdout: cannot be written: {error.strerror}{instead}"
        raise FileRefused(message) from None
    return True


def silence_stdout() -> None:
    """Send what is left for stdout nowhere: Python would try once more at exit, and complain."""
    if sys.stdout is not None:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


@contextmanager
def progress(what: str) -> Iterator[None]:
    """Show on a terminal that we are at work, once it takes longer than a second."""
    if not sys.stderr.isatty():
        yield
        return
    from threading import Timer

    from rich.console import Console

    status = Console(stderr=True).status(what)
    timer = Timer(1.0, status.start)
    timer.daemon = True
    timer.start()
    try:
        yield
    finally:
        timer.cancel()
        status.stop()
