"""What tests of the command line share: running it in this process, and golden files."""

from __future__ import annotations

import gc
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pytest
from hypothesis import Phase, settings

from k8s6plan import __version__
from k8s6plan.cli import main

# A run must not depend on the machine's speed, nor on luck: the same examples every time. To look
# for more, `pytest --hypothesis-profile search`.
settings.register_profile("steady", deadline=None, derandomize=True)
settings.register_profile("search", deadline=None, max_examples=2000)
# A fault that is made on purpose need not be made small: `make mutants`.
settings.register_profile(
    "mutants", deadline=None, derandomize=True, phases=(Phase.explicit, Phase.generate)
)
settings.load_profile("steady")

Cli = Callable[..., "Result"]
Golden = Callable[[Path, str], None]


@dataclass(frozen=True)
class Result:
    """What a run of the program left: its exit code and its two streams."""

    code: int
    out: str
    err: str

    @property
    def said(self) -> list[str]:
        """The lines on stderr, without the name of the program."""
        return [line.removeprefix("k8s6plan: ") for line in self.err.splitlines()]


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption(
        "--rewrite", action="store_true", help="Rewrite the golden files with what comes out."
    )


@pytest.fixture
def cli(monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]) -> Cli:
    """Run the program with these arguments, as a shell would, but in this process."""

    def run(*arguments: object) -> Result:
        monkeypatch.setattr(sys, "argv", ["k8s6plan", *map(str, arguments)])
        capfd.readouterr()
        code = 0
        try:
            main()
        except SystemExit as end:
            code = end.code if isinstance(end.code, int) else 0 if end.code is None else 1
        finally:
            gc.enable()  # a run of the program does without
        out, err = capfd.readouterr()
        return Result(code, out, err)

    # What the person who runs the tests has set must not show in what is printed.
    for name in ("FORCE_COLOR", "NO_COLOR", "COLORTERM", "TTY_COMPATIBLE", "TTY_INTERACTIVE"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("COLUMNS", "80")
    return run


@pytest.fixture
def golden(request: pytest.FixtureRequest) -> Golden:
    """Hold a text against the golden file at a path, or rewrite the file (``--rewrite``)."""

    def hold(path: Path, text: str) -> None:
        text = text.replace(f"k8s6plan {__version__} ", "k8s6plan VERSION ")
        if request.config.getoption("--rewrite"):
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(text.encode())
        assert path.is_file(), f"{path.name} is missing; `pytest --rewrite` writes it"
        assert text == path.read_bytes().decode(), f"{path.name}; `pytest --rewrite` if it is right"

    return hold
