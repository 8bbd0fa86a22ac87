"""The one door to matplotlib: it draws as it is made, whatever a user has set elsewhere."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping
from contextlib import chdir, contextmanager
from functools import cache
from pathlib import Path
from typing import Any


@contextmanager
def canvas(settings: Mapping[Any, object]) -> Iterator[None]:
    """Hold matplotlib to its defaults, and to ``settings``, named as in a matplotlibrc."""
    _import()
    from matplotlib import rc_context, rcdefaults, rcParams

    with rc_context():
        rcdefaults()
        rcParams.update(settings)
        yield


@cache
def _import() -> None:
    """Import matplotlib where it finds no matplotlibrc and no backend: broken ones break it."""
    before = {name: os.environ.pop(name, None) for name in ("MATPLOTLIBRC", "MPLBACKEND")}
    os.environ["MATPLOTLIBRC"] = os.devnull
    try:
        with chdir(Path(__file__).parent):  # the working folder's comes before all others
            import matplotlib  # noqa: F401
    finally:
        del os.environ["MATPLOTLIBRC"]
        os.environ.update({name: value for name, value in before.items() if value is not None})
