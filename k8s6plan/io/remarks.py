"""What is wrong in a file, before it has its line; and pydantic's findings in our words."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

from k8s6plan.io.lines import KeyPath

# What could not be read as the kind of value that stands there.
KINDS = {
    "int_type": "a whole number",
    "int_parsing": "a whole number",
    "int_from_float": "a whole number",
    "decimal_type": "a number",
    "decimal_parsing": "a number",
    "float_type": "a number",
    "float_parsing": "a number",
    "finite_number": "a finite number",
    "bool_type": "true or false",
    "bool_parsing": "true or false",
    "string_type": "a text",
    "list_type": "a list",
    "tuple_type": "a list",
    "dict_type": "`key: value` lines",
    "model_type": "`key: value` lines",
}


class Remark(NamedTuple):
    """What is wrong, and where in the file; ``other`` is the place of the second party.

    ``of_holder``: the message speaks of what holds the path, such as of a field that is missing.
    """

    path: KeyPath
    message: str
    other: KeyPath | None = None
    of_holder: bool = False


def at(data: Any, path: KeyPath) -> Any:
    """Return what stands in ``data`` at ``path``; None where nothing does."""
    for step in path:
        if isinstance(data, dict):
            data = data.get(step)
        elif isinstance(data, list) and isinstance(step, int) and step < len(data):
            data = data[step]
        else:
            return None
    return data


def is_text(value: object) -> bool:
    """Say whether ``value`` is a text, and has some."""
    return isinstance(value, str) and value != ""


def cut(value: object) -> str:
    """Return a value as text that a line has room for: 80 characters at most."""
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


def real_path(loc: KeyPath, kind: str, data: Any) -> KeyPath:
    """Drop the steps that pydantic adds for the branches of a union: they are not in the file."""
    path: list[str | int] = []
    node = data
    for step in loc:
        if isinstance(node, dict):
            if step in node or (step == loc[-1] and kind in ("missing", "invalid_key")):
                node = node.get(step)
                path.append(step)
        elif isinstance(node, list) and isinstance(step, int) and step < len(node):
            node = node[step]
            path.append(step)
    return tuple(path)


def said(details: Sequence[Mapping[str, Any]], given: Any, *, wanted: str = "") -> str:
    """Return what pydantic found at one place in our words, with the fix.

    ``details``: pydantic's ErrorDetails, of all branches of a union; ``wanted``: what should stand
    there, if the kinds alone would not say it.
    """
    # Of a union: the finding of the branch that was meant, else all that could stand there.
    meant = next((detail for detail in details if detail["type"] not in KINDS), details[0])
    kind, context, shown = meant["type"], meant.get("ctx", {}), short(given)
    if kind in KINDS:
        kinds = list(dict.fromkeys(KINDS[detail["type"]] for detail in details))
        wanted = wanted or " or ".join([", ".join(kinds[:-1]), kinds[-1]][-len(kinds) :])
        return f"must be {wanted}, got {shown}" + _fix(kinds, given)
    ours = {
        "greater_than": f"must be more than {context.get('gt')}, got {shown}",
        "greater_than_equal": f"must be at least {context.get('ge')}, got {shown}",
        "less_than_equal": f"must be at most {context.get('le')}, got {shown}",
        "literal_error": f"must be {context.get('expected')}, got {shown}".replace("'", '"'),
        "too_short": "holds nothing",
    }
    message = str(ours.get(kind, meant["msg"]))
    return message[0].lower() + message[1:]


def _fix(kinds: list[str], given: Any) -> str:
    """Show how the value that was given is written as one of ``kinds``."""
    if kinds == ["a text"] and isinstance(given, (int, float)):
        return f'; put it in quotes: "{short(given)}"'
    if kinds == ["a whole number"] and isinstance(given, str) and given.isdecimal():
        return f"; take the quotes away: {cut(given)}"
    if kinds == ["a list"] and isinstance(given, (str, int)):
        return f"; write [{short(given)}]"
    return ""
