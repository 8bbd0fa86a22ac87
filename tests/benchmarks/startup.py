"""How long one waits for the small commands, against the least that a program like this needs."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from tests.benchmarks._pairs import Pair, k8s6plan

TWO_COMMANDS = """\
import typer

app = typer.Typer()


@app.command()
def one() -> None:
    pass


@app.command()
def two() -> None:
    pass


app()
"""
IMPORTS = ("-c", "import typer, rich.table, pydantic, networkx")


def pairs(folder: Path) -> Iterator[Pair]:
    """Yield the pairs; ``folder`` is for what they need on disk."""
    two_commands = folder / "two_commands.py"
    two_commands.write_text(TWO_COMMANDS, encoding="utf-8")
    yield Pair("--help", k8s6plan("--help"), (str(two_commands), "--help"), bound=1.3)
    yield Pair(
        "compare three-clouds",
        k8s6plan("compare", "examples/three-clouds.yaml"),
        IMPORTS,
        bound=1.4,
    )
    yield Pair("compare -n 50", k8s6plan("compare", "-n", "50"), IMPORTS, bound=0.9)
