"""What is wrong in a fleet file, before it has its line."""

from __future__ import annotations

from typing import Any, NamedTuple

from k8s6plan.io.documents import KeyPath


class Remark(NamedTuple):
    """What is wrong, and where in the file; ``other`` is the place of the second party.

    ``of_holder``: the message speaks of what holds the path, such as of a field that is missing.
    """

    path: KeyPath
    message: str
    other: KeyPath | None = None
    of_holder: bool = False


def at(data: Any, path: KeyPath) -> Any:
    for step in path:
        if isinstance(data, dict):
            data = data.get(step)
        elif isinstance(data, list) and isinstance(step, int) and step < len(data):
            data = data[step]
        else:
            return None
    return data


def is_text(value: object) -> bool:
    return isinstance(value, str) and value != ""


def cut(value: object) -> str:
    text = str(value)
    return text if len(text) <= 80 else text[:77] + "..."


def short(value: Any) -> str:
    """Return a value as the file may have it, in few words."""
    if value is None:
        return "nothing"
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, dict):
        return "`key: value` lines"
    if isinstance(value, (list, tuple)):
        return "a list"
    return f'"{cut(value)}"' if isinstance(value, str) else cut(value)
