"""Reading the files of ``data/``: each when it is first asked for, and once."""

from __future__ import annotations

import re
from functools import cache
from pathlib import Path
from typing import Any, NamedTuple

from k8s6plan.errors import InvalidInput
from k8s6plan.io.documents import Document

_DATA = Path(__file__).parent / "data"


class Figure(NamedTuple):
    """A figure of the catalogue, and who says so."""

    value: Any
    source: str


def read(*path: str) -> dict[str, Any]:
    """Return the data of one shipped file."""
    text = _DATA.joinpath(*path).read_text("utf-8")
    return Document(text, "/".join(path)).data(InvalidInput)


@cache
def provider_names() -> tuple[str, ...]:
    """Return the names of the providers that the catalogue knows."""
    return tuple(sorted(file.stem for file in (_DATA / "providers").glob("*.yaml")))


# A provider's file is mostly prices and limits, of which a run needs a few: its parts are read
# when they are asked for. tests/test_data.py holds the parts against the whole.
_LARGE = ("areas", "tariff", "prices", "limits", "mtu")


@cache
def _parts(name: str) -> dict[str, str]:
    """Return the text of each top-level key of a provider's file."""
    if name not in provider_names():
        return {}
    text = (_DATA / "providers" / f"{name}.yaml").read_text("utf-8")
    chunks = re.split(r"(?m)^(?=[a-z]\w*:)", text)
    return {chunk.partition(":")[0]: chunk for chunk in chunks}


@cache
def provider_data(name: str) -> dict[str, Any]:
    """Return what is known of a provider, without its prices and limits."""
    small = [chunk for key, chunk in _parts(name).items() if key not in _LARGE]
    return parsed("".join(small), name)


@cache
def provider_part(name: str, key: str) -> dict[str, Any]:
    """Return one large part of what is known of a provider."""
    return dict(parsed(_parts(name).get(key, ""), name).get(key, {}))


@cache
def entries(name: str, key: str) -> dict[str, str]:
    """Return the text of each entry of a large part, by its name."""
    chunks = re.split(r"(?m)^  (?=[\w.]+:$)", _parts(name).get(key, ""))[1:]
    return {chunk.partition(":\n")[0]: chunk for chunk in chunks}


def parsed(text: str, name: str) -> dict[str, Any]:
    """Return the data in a part of a provider's file."""
    return Document(text, f"providers/{name}.yaml").data(InvalidInput) if text else {}
