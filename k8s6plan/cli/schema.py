"""``k8s6plan schema``: the fleet file's JSON Schema."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from k8s6plan.cli._common import put
from k8s6plan.cli._options import Force

HELP = """Print the JSON Schema of the fleet file.

For editors that complete and check YAML.

Example: k8s6plan schema -o fleet.schema.json
"""


def schema(
    output: Annotated[
        Path | None, typer.Option("--output", "-o", help="Write here instead of to stdout.")
    ] = None,
    force: Force = False,
) -> None:
    """See HELP."""
    import json

    from k8s6plan.fleet.file import json_schema

    put(json.dumps(json_schema(), indent=2) + "\n", output, "schema", force=force)
