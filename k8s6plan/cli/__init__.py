"""The command line: parse, call one function, print or write. Nothing else prints or exits.

Each command is a file here: ``HELP`` and a function, both of the command's name. A run imports the
file of its own command only, and what that needs when it runs: a comparison is over in the time
that the other commands take to be described.

``_options`` has what several commands take, ``_common`` what they do alike: read a fleet or a
plan, ``show`` an answer as JSON or as lines, ``put`` a text to stdout or into a file, ``say``
something to the person on stderr. What an answer looks like is for ``views``.
"""

from __future__ import annotations

import gc
import os
import sys
import traceback
from collections.abc import Iterable
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer
from typer.core import TyperCommand

from k8s6plan import __version__
from k8s6plan.cli._common import INTERRUPTED, say, silence_stdout
from k8s6plan.errors import K8s6planError

TRACEBACK = "K8S6PLAN_TRACEBACK"  # set: a fault of the program shows where it is

COMMANDS = (
    *(
        "compare",
        "sweep",
        "prices",
        "limits",
        "quote",
        "plan",
        "diagram",
        "report",
        "check",
        "diff",
    ),
    *("capacity", "failures", "latency", "mtu", "optimize", "subnets", "allow", "map", "init"),
    *("schema", "list", "import"),
)


# How the library says what is wrong with an option, and how we do.
_PLAINLY = (
    ("Input should be a valid integer, unable to parse string as an integer", "is no whole number"),
    ("Input should be a valid number, unable to parse string as a number", "is no number"),
    ("Input should be greater than or equal to", "must be at least"),
    ("Input should be less than or equal to", "must be at most"),
    ("Value error, ", ""),
)


class _Command(TyperCommand):
    """A command that says in plain words what is wrong with an option."""

    def parse_args(self, ctx: Any, args: list[str]) -> list[str]:
        """Read the command line.

        Raises:
            typer.BadParameter: in plain words.

        """
        try:
            return super().parse_args(ctx, args)
        except typer.BadParameter as error:
            for theirs, ours in _PLAINLY:
                error.message = error.message.replace(theirs, ours)
            raise


def make_app(commands: Iterable[str] = COMMANDS) -> typer.Typer:
    """Return the program with these commands; all of them where none is named."""
    made = typer.Typer(
        name="k8s6plan",
        help="Compare ways to join many Kubernetes clusters, and plan their addresses.",
        no_args_is_help=True,
        rich_markup_mode=None,
        pretty_exceptions_enable=False,
        context_settings={"help_option_names": ["-h", "--help"]},
    )
    made.callback()(_root)
    for command in commands:
        word = f"{command}_" if command in ("import", "list", "map") else command  # words of Python
        module = import_module(f"k8s6plan.cli.{word}")
        made.command(command, help=module.HELP, cls=_Command)(getattr(module, word))
    return made


def _version(wanted: bool) -> None:
    if wanted:
        typer.echo(f"k8s6plan {__version__}")
        raise typer.Exit


def _root(
    version: Annotated[
        bool,
        typer.Option(
            "--version", callback=_version, is_eager=True, help="Print the version and stop."
        ),
    ] = False,
) -> None:
    """Hold the options that every command shares."""


def _wanted() -> Iterable[str]:
    """Return the one command that this run names first; all, for help and for the shell."""
    first = sys.argv[1] if len(sys.argv) > 1 else ""
    completing = any(name.startswith("_K8S6PLAN_") for name in os.environ)
    return (first,) if first in COMMANDS and not completing else COMMANDS


if TYPE_CHECKING:
    app: typer.Typer


def __getattr__(name: str) -> object:
    """Make ``app``, the program with all its commands, for those who ask for it."""
    if name == "app":
        return make_app()
    raise AttributeError(name)


def main() -> None:
    """Run the command line. Exit codes: 0 fine, 1 findings, 2 bad usage or input, 130 Ctrl-C."""
    # A run is over in moments, and what it makes lives to its end: nothing for the collector.
    gc.disable()
    _open_streams()
    try:
        make_app(_wanted())()
    except KeyboardInterrupt:
        sys.exit(INTERRUPTED)
    except K8s6planError as error:
        for line in error.lines:
            say(line)
        sys.exit(2)
    except OSError as error:
        silence_stdout()
        say(f"{error.filename or 'stdout'}: {error.strerror}")
        sys.exit(2)
    except Exception as error:
        if os.environ.get(TRACEBACK):
            raise
        say(_unforeseen(error))
        sys.exit(2)


def _open_streams() -> None:
    """Open what the shell has closed (`2>&-`): else a file of ours would take its place.

    A closed stdout stays None, and is told where something is to be printed.
    """
    opened = os.open(os.devnull, os.O_RDWR)
    while opened <= 2:  # stdin, stdout, stderr
        opened = os.open(os.devnull, os.O_RDWR)
    os.close(opened)
    if sys.stderr is None:
        sys.stderr = open(os.devnull, "w", encoding="utf-8")  # noqa: SIM115, PTH123


def _unforeseen(error: Exception) -> str:
    """Say in one line what nobody foresaw, and how to report it."""
    steps = traceback.extract_tb(error.__traceback__)
    ours = [step for step in steps if "k8s6plan" in step.filename] or steps
    where = f"{Path(ours[-1].filename).name}, line {ours[-1].lineno}"
    return (
        f"a fault of this program, not of your input: {type(error).__name__}: {error} ({where}). "
        f"Please report it with the command and its files; {TRACEBACK}=1 shows more"
    )
