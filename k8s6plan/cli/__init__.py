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
from collections.abc import Iterable
from importlib import import_module
from typing import TYPE_CHECKING, Annotated

import typer

from k8s6plan import __version__
from k8s6plan.cli._common import say, silence_stdout
from k8s6plan.errors import K8s6planError

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
        made.command(command, help=module.HELP)(getattr(module, word))
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
    try:
        make_app(_wanted())()
    except K8s6planError as error:
        for line in error.lines:
            say(line)
        sys.exit(2)
    except OSError as error:
        silence_stdout()
        say(f"{error.filename or 'stdout'}: {error.strerror}")
        sys.exit(2)
