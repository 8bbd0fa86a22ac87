"""The kinds of documents that describe one cluster, and what stands where in each."""

from __future__ import annotations

from typing import TYPE_CHECKING

from k8s6plan.catalog._files import load

if TYPE_CHECKING:
    from k8s6plan.catalog.schema._tables import DocumentKind, DocumentKinds

_FILE = "documents.yaml"


def kinds() -> list[DocumentKind]:
    """Return all kinds, in the order in which they are asked."""
    found: DocumentKinds = load(_FILE)
    return found["kinds"]


def word_of(text: str) -> str:
    """Return our word for ``text``, a word of a document; ``text`` itself where we have none."""
    found: DocumentKinds = load(_FILE)
    return found["words"].get(text.lower(), text)
