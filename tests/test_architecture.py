"""Holds the house together: where each library may be used, and who may print.

Who may import whom is said in pyproject.toml, and held by import-linter (`make lint`).

The source is read as text (ast), so that an import counts wherever it stands: at the top, in a
function, or under TYPE_CHECKING. Each check is a function from source to faults, and is itself
tested on a small wrong example.
"""

from __future__ import annotations

import ast
import json
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from k8s6plan import catalog
from k8s6plan.catalog.signs import platform_names

Check = Callable[[str, str], list[str]]

PACKAGE = "k8s6plan"
ROOT = Path(__file__).resolve().parents[1]

# Where each library may be used.
BORDERS = {
    "pydantic": {"fleet", "catalog"},
    "pydantic_core": {"fleet", "catalog"},
    "netaddr": {"addressing"},
    "numpy": {"decision", "io"},
    "highspy": {"io"},
    "yaml": {"io"},
    "yaml_rs": {"io"},
}
MAY_PRINT_AND_EXIT = {"cli", "__main__"}
MAY_ASK_THE_TERMINAL = {"views"}  # how wide it is, and whether it shows colours
PRINT_AND_EXIT = {
    *("print", "input", "exit", "quit", "SystemExit"),
    *("sys.exit", "sys.stdout", "sys.stderr", "os._exit", "os.abort"),
}

# On-prem is no provider but one's own ground; "kubernetes" and "kubeadm" are words of their own.
NAMED_IN_DATA = {*catalog.provider_names(), *platform_names()}
NAMED_IN_DATA -= {"on-prem", "kubernetes", "kubeadm"}

# What `import k8s6plan.cli` must leave alone, so that --help stays instant.
HEAVY = {
    *("networkx", "matplotlib", "pydantic", "netaddr", "numpy", "highspy", "yaml", "rich.table"),
    "jinja2",
}


def wing_of(module: str) -> str:
    """Return the wing of the package that a module lies in; "" is its __init__."""
    return module.removeprefix(PACKAGE).lstrip(".").split(".")[0]


def imports(source: str) -> Iterator[tuple[int, str]]:
    """Yield the line and the full name of everything imported, in any place of the source.

    ``from a import b`` yields ``a.b``, whether b is a module or a name in one. The name of a
    relative import begins with its dots.
    """
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Import):
            for alias in node.names:
                yield node.lineno, alias.name
        elif isinstance(node, ast.ImportFrom):
            for alias in node.names:
                yield node.lineno, f"{'.' * node.level}{node.module or ''}.{alias.name}"
        elif isinstance(node, ast.Call):
            function = node.func
            name = function.attr if isinstance(function, ast.Attribute) else ast.unparse(function)
            if name in {"import_module", "__import__"}:
                for argument in node.args[:1]:
                    if isinstance(argument, ast.Constant) and isinstance(argument.value, str):
                        yield node.lineno, argument.value


def border_faults(source: str, module: str) -> list[str]:
    """Say which libraries a module uses outside their border."""
    faults = []
    for line, name in imports(source):
        inside = BORDERS.get(name.split(".")[0])
        if inside is not None and wing_of(module) not in inside:
            faults.append(f"{module}:{line} imports {name}, for {', '.join(sorted(inside))} only")
    return faults


def output_faults(source: str, module: str) -> list[str]:
    """Say where a module prints or exits though only the command line may."""
    if wing_of(module) in MAY_PRINT_AND_EXIT:
        return []
    used: list[tuple[int, str]] = []
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Name | ast.Attribute):
            used.append((node.lineno, ast.unparse(node)))
        elif isinstance(node, ast.ImportFrom):
            used += [(node.lineno, f"{node.module}.{alias.name}") for alias in node.names]
    wanted = PRINT_AND_EXIT
    if wing_of(module) in MAY_ASK_THE_TERMINAL:
        wanted = PRINT_AND_EXIT - {"sys.stdout"}
    return [f"{module}:{line} uses {name}" for line, name in used if name in wanted]


def name_faults(source: str, module: str) -> list[str]:
    """Say where the code names a provider or a platform: what is true of one is a row of data."""
    return [
        f"{module}:{node.lineno} names {node.value}"
        for node in ast.walk(ast.parse(source))
        if isinstance(node, ast.Constant) and node.value in NAMED_IN_DATA
    ]


CHECKS: list[Check] = [border_faults, output_faults, name_faults]


def sources() -> dict[str, str]:
    """Return the text of every module of the package, by its full name."""
    texts = {}
    for path in sorted((ROOT / PACKAGE).rglob("*.py")):
        parts = path.relative_to(ROOT).with_suffix("").parts
        module = ".".join(parts[:-1] if path.stem == "__init__" else parts)
        texts[module] = path.read_text(encoding="utf-8")
    return texts


def test_sources_are_found() -> None:
    assert {"k8s6plan", "k8s6plan.__main__", "k8s6plan.errors"} <= sources().keys()


@pytest.mark.slow
@pytest.mark.parametrize("check", CHECKS)
def test_package_keeps_to_it(check: Check) -> None:
    faults = [fault for module, text in sources().items() for fault in check(text, module)]
    assert faults == []


WRONG = [
    (border_faults, "k8s6plan.addressing.plan", "import pydantic", "for catalog, fleet only"),
    (border_faults, "k8s6plan.views", "def f():\n  import netaddr", "for addressing only"),
    (border_faults, "k8s6plan.fleet.file", "import yaml", "for io only"),
    (border_faults, "k8s6plan.catalog", "from yaml_rs import loads", "for io only"),
    (border_faults, "k8s6plan.fleet", "import_module('highspy')", "for io only"),
    (output_faults, "k8s6plan.views", "def f():\n  print(1)", "k8s6plan.views:2 uses print"),
    (output_faults, "k8s6plan.decision", "show = print", "uses print"),
    (output_faults, "k8s6plan.addressing", "import sys\nsys.exit(1)", "uses sys.exit"),
    (output_faults, "k8s6plan.addressing", "from sys import exit as leave", "uses sys.exit"),
    (output_faults, "k8s6plan.addressing", "raise SystemExit", "uses SystemExit"),
    (output_faults, "k8s6plan.addressing", "sys.stdout.write('x')", "uses sys.stdout"),
    (name_faults, "k8s6plan.topology", "a.provider == 'aws'", "k8s6plan.topology:1 names aws"),
    (name_faults, "k8s6plan.addressing", "x = {'eks': 1}", "names eks"),
]


@pytest.mark.parametrize(("check", "module", "source", "fault"), WRONG)
def test_wrong_example_is_found(check: Check, module: str, source: str, fault: str) -> None:
    faults = check(source, module)
    assert len(faults) == 1
    assert fault in faults[0]


RIGHT = [
    ("k8s6plan.fleet.file", "import ipaddress\nfrom pydantic import BaseModel"),
    ("k8s6plan.addressing.space", "import netaddr"),
    ("k8s6plan.cli", "import sys, typer\nprint(1)\nsys.exit(1)"),
    ("k8s6plan.addressing.plan", "fingerprint(1); table.print(); self.exit"),
]


@pytest.mark.parametrize(("module", "source"), RIGHT)
def test_right_example_passes(module: str, source: str) -> None:
    assert [fault for check in CHECKS for fault in check(source, module)] == []


def loaded_by(statement: str) -> set[str]:
    """Return the heavy modules that a fresh Python has loaded after the statement."""
    program = f"{statement}\nimport json, sys\nprint(json.dumps(list(sys.modules)))"
    done = subprocess.run(
        [sys.executable, "-c", program], cwd=ROOT, check=True, capture_output=True, text=True
    )
    return HEAVY & set(json.loads(done.stdout))


def test_command_line_starts_light() -> None:
    assert loaded_by("import k8s6plan.cli") == set()


def test_heavy_modules_are_seen() -> None:
    assert loaded_by("import yaml, rich.table") == {"yaml", "rich.table"}
