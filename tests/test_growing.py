"""Growing is one file and one line: each test adds something to a copy, and runs the tests of it.

What the guides of docs/how-to show is what is added here, word for word.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]

D2 = r'''"""D2: boxes and lines."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from k8s6plan.views.formats._graph import links_of

if TYPE_CHECKING:
    import networkx as nx


def write(graph: nx.Graph[str], mark: str, cost: str | None = None) -> str:
    """Return a D2 diagram; ``mark`` is a comment on its first line."""
    lines = [f"# {mark}", *(json.dumps(name) for name in sorted(graph))]
    for kind, one, other, text in links_of(graph):
        lines.append(f"{json.dumps(one)} -- {json.dumps(other)}: {text or kind}")
    return "\n".join(lines) + "\n"
'''


class Copy:
    """A copy of the project that may grow."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        for name in ("k8s6plan", "tests", "docs", "examples"):
            ignored = shutil.ignore_patterns("__pycache__", "node_modules", "benchmarks", "*.png")
            shutil.copytree(ROOT / name, folder / name, ignore=ignored)
        for name in ("pyproject.toml", "README.md", "Makefile"):
            shutil.copy(ROOT / name, folder)

    def add(self, path: str, text: str) -> None:
        """Add a file."""
        assert not (self.folder / path).exists()
        (self.folder / path).write_text(text, "utf-8")

    def insert(self, path: str, line: str, after: str) -> None:
        """Add a line to a file, below the one line that begins so."""
        file = self.folder / path
        lines = file.read_text("utf-8").splitlines(keepends=True)
        (at,) = (n for n, text in enumerate(lines) if text.startswith(after))
        file.write_text("".join([*lines[: at + 1], f"{line}\n", *lines[at + 1 :]]), "utf-8")

    def python(self, *words: str) -> str:
        """Run Python in the copy; return what it prints, on either stream."""
        surroundings = os.environ | {"PYTHONPATH": str(self.folder), "PYTHONDONTWRITEBYTECODE": "1"}
        done = subprocess.run(
            [sys.executable, *words],
            cwd=self.folder,
            env=surroundings,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            check=False,
        )
        assert done.returncode == 0, done.stdout
        return done.stdout

    def test(self, files: Sequence[str], *words: str) -> str:
        """Run tests of the copy, which must pass; return their names."""
        paths = [f"tests/{name}.py" for name in files]
        return self.python("-m", "pytest", "-p", "no:cacheprovider", "-p", "no:xdist", "-v",
                           *paths, *words)  # fmt: skip


@pytest.fixture
def copy(tmp_path: Path) -> Copy:
    return Copy(tmp_path)


def test_a_format_is_a_file_and_a_line(copy: Copy) -> None:
    copy.add("k8s6plan/views/formats/d2.py", D2)
    line = '        Format("d2", "D2", most_links=500),'
    copy.insert("k8s6plan/views/formats/__init__.py", line, '        Format("json"')
    written = "from docs.generate import command_page; print(command_page(), end='')"
    assert "(networkx) or .d2 (D2)" in " ".join(copy.python("-c", written).split())
    tests = copy.test(["test_diagram", "test_diagram_cli", "test_diagram_source"], "-k", "d2")
    assert "test_same_fleet_same_bytes[d2] PASSED" in tests
    assert "test_what_we_drew_is_overwritten_and_nothing_else[many-d2] PASSED" in tests
    assert tests.count("-d2] PASSED") + tests.count("[d2] PASSED") >= 8
