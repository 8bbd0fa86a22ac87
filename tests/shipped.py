"""The data files as PyYAML reads them: another reader than the program's own."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import Any

import yaml

# The same constructors on libyaml, eight times as fast; not every build of PyYAML has it.
_LOADER = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


@cache
def data_of(path: Path) -> Any:
    """Return what a data file says; each is read once, so nobody may change what is returned."""
    return yaml.load(path.read_text("utf-8"), Loader=_LOADER)  # noqa: S506  it is a safe one
