"""The line of each thing in a YAML text, read off the events of a parser as they come."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

KeyPath = tuple[str | int, ...]


def lines_in(events: Iterable[Any]) -> Iterator[tuple[KeyPath, int]]:
    """Yield each path of the first document and the line where it begins, in order.

    What an alias stands for has no lines of its own.
    """
    import yaml

    begun = iter(events)
    for event in begun:
        if not isinstance(event, yaml.StreamStartEvent | yaml.DocumentStartEvent):
            yield from _below(event, begun, ())
            return


def _below(event: Any, events: Iterator[Any], path: KeyPath) -> Iterator[tuple[KeyPath, int]]:
    """Yield what lies in the node that ``event`` begins; its key or item has been told."""
    import yaml

    if isinstance(event, yaml.SequenceStartEvent):
        index = 0
        while not isinstance(item := next(events), yaml.SequenceEndEvent):
            yield (*path, index), item.start_mark.line + 1
            yield from _below(item, events, (*path, index))
            index += 1
    elif isinstance(event, yaml.MappingStartEvent):
        while not isinstance(key := next(events), yaml.MappingEndEvent):
            step = str(getattr(key, "value", ""))
            yield (*path, step), key.start_mark.line + 1
            yield from _below(key, events, (*path, step))
            yield from _below(next(events), events, (*path, step))
