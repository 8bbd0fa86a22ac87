"""JSON and YAML text, of one document or several, as plain data with the lines of its parts."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from k8s6plan.errors import Fault, InvalidInput
from k8s6plan.fleet.importers._found import Findings, Source, plain
from k8s6plan.io.documents import Document
from k8s6plan.io.lines import KeyPath

MOST_DOCUMENTS = 1000
_MARKER = re.compile(r"^(---(?=\s|$)|\.\.\.\s*$)", re.MULTILINE)


@dataclass(frozen=True)
class Part:
    """One document of a source."""

    data: Any
    line_of: Callable[[KeyPath], int]


def is_json(text: str) -> bool:
    """Say whether ``text`` begins as JSON does."""
    return text.lstrip()[:1] in ("{", "[")


def parts(source: Source, found: Findings) -> list[Part]:
    """Return the documents of ``source``; what is no JSON and no YAML goes into ``found``."""
    if is_json(source.text):
        return _json(source, found)
    return _yaml(source, found)


def inner(text: str, source: Source, found: Findings, offset: int) -> list[Part]:
    """Return the documents of YAML that is quoted in another document, ``offset`` lines down."""
    return _yaml(Source(source.file, text, source.cluster), found, offset)


def _json(source: Source, found: Findings) -> list[Part]:
    try:
        data = json.loads(source.text)
    except json.JSONDecodeError as error:
        why = f"no valid JSON: {error.msg}"
        if error.msg == "Extra data":
            why += "; give each cluster a file of its own"
        found.tell("refused", source, why, error.lineno)
    except (RecursionError, ValueError):  # a ValueError beside that: a number without end
        found.tell("refused", source, "no JSON of ours: nested too deep, or a number too long")
    else:
        return [Part(data, lambda _: 0)]
    return []


def _yaml(source: Source, found: Findings, offset: int = 0) -> list[Part]:
    read = []
    pieces = _pieces(source.text)
    for at, text in pieces[:MOST_DOCUMENTS]:
        if not any(line.strip() and line[:1] != "#" for line in text.splitlines()):
            continue
        document = Document(text, source.file)
        try:
            data = document.data(InvalidInput)
        except InvalidInput as error:
            for fault in error.faults:
                line = fault.line + at + offset if fault.line else at + offset + 1
                found.tell("refused", source, _reason(fault), line)
            continue
        read.append(Part(data, _lines(document, at + offset)))
    if len(pieces) > MOST_DOCUMENTS:
        at = pieces[MOST_DOCUMENTS][0] + offset + 1
        found.tell("unread", source, f"more than {MOST_DOCUMENTS} documents: the rest", at)
    return read


def _lines(document: Document, offset: int) -> Callable[[KeyPath], int]:
    return lambda path: document.line_of(path) + offset


def _reason(fault: Fault) -> str:
    # The advice there is for those who write a fleet file.
    return plain(fault.message.split("; it needs")[0], 200)


def _pieces(text: str) -> list[tuple[int, str]]:
    """Return (lines above it, text) of each document. A marker is always one, even in a block."""
    pieces = []
    start = 0
    lines_above = 0
    for marker in _MARKER.finditer(text):
        pieces.append((lines_above, text[start : marker.start()]))
        lines_above += text.count("\n", start, marker.start())
        start = marker.end()  # what follows `---` on its line belongs to the document
    pieces.append((lines_above, text[start:]))
    return pieces
