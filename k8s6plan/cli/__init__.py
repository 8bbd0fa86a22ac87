"""The command line: parse, call one function, print or write. Nothing else prints or exits.

Each command is a file here. What a command needs is imported when it runs, so that ``--help`` is
instant.
"""

from __future__ import annotations

import sys
from typing import Annotated

import typer

from k8s6plan import __version__
from k8s6plan.cli import (
    allow,
    capacity,
    check,
    compare,
    diagram,
    diff,
    import_,
    init,
    map_,
    plan,
    schema,
    subnets,
)
from k8s6plan.cli._common import say, silence_stdout
from k8s6plan.errors import K8s6planError

app = typer.Typer(
    name="k8s6plan",
    help="Compare ways to join many Kubernetes clusters, and plan their addresses.",
    no_args_is_help=True,
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)
app.command("compare", help=compare.HELP)(compare.compare)
app.command("plan", help=plan.HELP)(plan.plan)
app.command("diagram", help=diagram.HELP)(diagram.diagram)
app.command("check", help=check.HELP)(check.check)
app.command("diff", help=diff.HELP)(diff.diff)
app.command("capacity", help=capacity.HELP)(capacity.capacity)
app.command("subnets", help=subnets.HELP)(subnets.subnets)
app.command("allow", help=allow.HELP)(allow.allow)
app.command("map", help=map_.HELP)(map_.map_)
app.command("init", help=init.HELP)(init.init)
app.command("schema", help=schema.HELP)(schema.schema)
app.command("import", help=import_.HELP)(import_.import_)


def _version(wanted: bool) -> None:
    if wanted:
        typer.echo(f"k8s6plan {__version__}")
        raise typer.Exit


@app.callback()
def _root(
    version: Annotated[
        bool,
        typer.Option(
            "--version", callback=_version, is_eager=True, help="Print the version and stop."
        ),
    ] = False,
) -> None:
    """Hold the options that every command shares."""


def main() -> None:
    """Run the command line. Exit codes: 0 fine, 1 findings, 2 bad usage or input, 130 Ctrl-C."""
    try:
        app()
    except K8s6planError as error:
        for line in error.lines:
            say(line)
        sys.exit(2)
    except OSError as error:
        silence_stdout()
        say(f"{error.filename or 'stdout'}: {error.strerror}")
        sys.exit(2)
