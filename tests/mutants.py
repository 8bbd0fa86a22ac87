"""Mutation testing of the core: ``make mutants``, of which docs/how-to/test-the-tests.md tells.

Cosmic Ray says what can be changed, changes one thing at a time in a copy of the project, and runs
the tests that concern the changed part (``[tool.mutants]`` in pyproject.toml). A mutant that no
test notices survives: the tests would not notice such a fault either.
"""

from __future__ import annotations

import argparse
import ast
import contextlib
import random
import shlex
import shutil
import subprocess
import sys
import tempfile
import time
import tomllib
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from itertools import groupby
from pathlib import Path
from queue import Queue
from typing import NamedTuple

from cosmic_ray.commands import init
from cosmic_ray.mutating import mutate_and_test
from cosmic_ray.work_db import WorkDB, use_db
from cosmic_ray.work_item import MutationSpec

ROOT = Path(__file__).resolve().parents[1]
# A mutant may need longer than the tests do without it, as it may loop for ever: then it is killed.
TIMES_AS_LONG, SECONDS_MORE = 3, 30
# Without its decorator a function breaks at once, or is merely slower.
NEEDLESS = "RemoveDecorator"


class Part(NamedTuple):
    """A part of the core: folders of its modules, and the tests that concern it."""

    name: str
    modules: tuple[str, ...]
    tests: tuple[str, ...]

    def files(self, wanted: Sequence[str]) -> list[Path]:
        """Return its modules; of those only what is ``wanted``, by its name or by their paths."""
        found = (path for module in self.modules for path in (ROOT / module).rglob("*.py"))
        return sorted(
            path
            for path in (path.relative_to(ROOT) for path in found)
            if not wanted
            or self.name in wanted
            or any(path.is_relative_to(word) for word in wanted)
        )

    def command(self, tree: Path) -> str:
        """Return what runs its tests in a copy of the project, up to the first that fails."""
        words = [sys.executable, *["-m", "pytest", "-x", "-q", "--tb=no", "-p", "no:cacheprovider"]]
        words += ["--hypothesis-profile=mutants", *self.tests]
        inside = f"cd {shlex.quote(str(tree))} && PYTHONPATH=$PWD exec {shlex.join(words)}"
        return shlex.join(["sh", "-c", inside])


class Tried(NamedTuple):
    """One mutant: what was changed where, and whether a test noticed."""

    where: str
    killed: bool
    diff: str


def parts() -> list[Part]:
    """Return the parts of the core, as pyproject.toml has them."""
    table = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["tool"]["mutants"]
    return [Part(name, (*row["modules"],), (*row["tests"],)) for name, row in table.items()]


def typed(source: str) -> list[tuple[tuple[int, int], tuple[int, int]]]:
    """Return from where to where types are said: to change one changes nothing that runs."""
    found: list[ast.expr | None] = []
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            found.append(node.returns)
        elif isinstance(node, ast.arg | ast.AnnAssign):
            found.append(node.annotation)
    return [
        ((kind.lineno, kind.col_offset), (kind.end_lineno or 0, kind.end_col_offset or 0))
        for kind in found
        if kind is not None
    ]


def places(files: Sequence[Path]) -> list[list[MutationSpec]]:
    """Return each place that can be changed, in order, with all that it can be changed into."""
    with (
        tempfile.TemporaryDirectory() as folder,
        use_db(str(Path(folder) / "session.sqlite"), WorkDB.Mode.create) as session,
    ):
        init(files, session, {})
        found = [mutation for item in session.work_items for mutation in item.mutations]
    types = {path: typed(path.read_text("utf-8")) for path in files}

    def place(mutation: MutationSpec) -> tuple[Path, tuple[int, int], tuple[int, int]]:
        return mutation.module_path, tuple(mutation.start_pos), tuple(mutation.end_pos)

    def matters(mutation: MutationSpec) -> bool:
        path, start, end = place(mutation)
        said = any(first <= start and end <= last for first, last in types[path])
        return not said and not mutation.operator_name.endswith(NEEDLESS)

    found = sorted(filter(matters, found), key=lambda m: (place(m), m.operator_name, m.occurrence))
    return [list(alike) for _, alike in groupby(found, place)]


def sampled(
    found: Sequence[Sequence[MutationSpec]], most: int | None, seed: int
) -> list[MutationSpec]:
    """Return one mutation at each place, of at most so many places; the same for the same seed."""
    chance = random.Random(seed)
    chosen = range(len(found))
    taken = chosen if most is None else sorted(chance.sample(chosen, min(most, len(found))))
    return [chance.choice(found[number]) for number in taken]


def copy_of_project(folder: Path) -> Path:
    """Copy what is under version control, or would be, and return where the copy is."""
    words = ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"]
    listed = subprocess.run(words, cwd=ROOT, check=True, capture_output=True).stdout
    for name in listed.decode().split("\0"):
        if name and (ROOT / name).is_file():
            (folder / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(ROOT / name, folder / name)
    return folder


def seconds_of(part: Part, tree: Path) -> float:
    """Return how long the tests of a part take on what is not changed; they must pass."""
    begun = time.monotonic()
    done = subprocess.run(shlex.split(part.command(tree)), check=False)
    if done.returncode:
        sys.exit(f"the tests of {part.name} fail before anything is changed")
    return time.monotonic() - begun


def tried(
    part: Part, mutations: Sequence[MutationSpec], trees: Queue[Path], seconds: float
) -> Iterator[Tried]:
    """Try each mutation in a copy that nobody else uses, and yield what came of it, in order."""

    def tell(mutation: MutationSpec) -> Tried:
        tree = trees.get()
        try:
            (path, (line, _)) = mutation.module_path, mutation.start_pos
            inside = MutationSpec(
                tree / path,
                mutation.operator_name,
                mutation.occurrence,
                mutation.start_pos,
                mutation.end_pos,
                mutation.operator_args,
            )
            limit = TIMES_AS_LONG * seconds + SECONDS_MORE
            result = mutate_and_test([inside], part.command(tree), limit)
            changed = [text for text in (result.diff or "").split("\n") if text[:1] in ("-", "+")]
            diff = "\n".join(text for text in changed if not text.startswith(("---", "+++")))
            return Tried(f"{path}:{line}", result.is_killed, diff)
        finally:
            trees.put(tree)

    with ThreadPoolExecutor(trees.qsize()) as pool:
        yield from pool.map(tell, mutations)


def main(words: Sequence[str] | None = None) -> None:
    """Try the mutants that the command line asks for, and print what share of them was killed."""
    parser = argparse.ArgumentParser(prog="python -m tests.mutants", description=__doc__)
    parser.add_argument("wanted", nargs="*", help="names of parts, or paths of modules; else all")
    parser.add_argument("--sample", default="40", help='places of each part to change, or "all"')
    parser.add_argument("--seed", type=int, default=1, help="another seed, other places")
    parser.add_argument("--jobs", type=int, default=2, help="how many are tried at once")
    asked = parser.parse_args(words)
    most = None if asked.sample == "all" else int(asked.sample)
    killed = total = 0
    with contextlib.chdir(ROOT), tempfile.TemporaryDirectory(prefix="mutants-") as folder:
        trees: Queue[Path] = Queue()
        for number in range(asked.jobs):
            trees.put(copy_of_project(Path(folder) / str(number)))
        for part in parts():
            files = part.files(asked.wanted)
            if not files:
                continue
            found = places(files)
            seconds = seconds_of(part, trees.queue[0])
            results = []
            for result in tried(part, sampled(found, most, asked.seed), trees, seconds):
                results.append(result)
                if not result.killed:
                    print(f"{result.where} survives\n{result.diff}\n", flush=True)
            dead = sum(result.killed for result in results)
            print(_share(part.name, dead, len(results)) + f", of {len(found)} places\n", flush=True)
            killed, total = killed + dead, total + len(results)
    print(_share("in all", killed, total))


def _share(name: str, killed: int, total: int) -> str:
    return f"{name}: {killed} of {total} killed ({killed / max(total, 1):.0%})"


if __name__ == "__main__":
    main()
