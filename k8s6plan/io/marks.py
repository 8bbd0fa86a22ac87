"""The mark by which the program knows again what it wrote."""

from __future__ import annotations

from k8s6plan import __version__


def mark(command: str) -> str:
    """Return the words by which we know a file again that ``command`` wrote."""
    return f"Written by k8s6plan {__version__} {command}"
