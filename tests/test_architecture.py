"""Holds the house together: who may import whom, and where each library may be used.

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

Check = Callable[[str, str], list[str]]

PACKAGE = "k8s6plan"
ROOT = Path(__file__).resolve().parents[1]

# A file imports only from the lines above its own; files of one line never import each other.
DIRECTION = [
    {"errors"},
    {"io.documents", "io.files", "io.addresses"},
    {"fleet.model"},
    {"catalog"},
    {"catalog.prices", "catalog.regions", "catalog.tariffs"},
    {"fleet.file", "addressing.plan_file", "addressing.space.rfc6052"},
    {"fleet.demands", "fleet.importers"},
    {"topology.groups"},
    {"topology.designs", "addressing", "topology.growth"},
    {"addressing.allow", "topology.traffic"},
    {"topology.ends", "topology.routes", "evaluation.cost.book"},
    {"evaluation.cost", "addressing.plan"},
    {
        "addressing.capacity",
        "addressing.check",
        "addressing.diff",
        "evaluation.failures",
        "evaluation.latency",
        "evaluation.limits",
        "addressing.lookup",
        "evaluation.mtu",
        "evaluation.cost.quote",
    },
    {"decision.terms"},
    {"decision.metrics"},
    {"decision.compare", "decision.hubs"},
    {"decision.explain", "decision.baseline", "decision.sweep"},
    {"views.words"},
    {"views.sheet"},
    {"views.lines"},
    {"views.diagram", "exporters"},
    {"views.report"},
    {"cli"},
    {"__main__"},
]
LEVEL = {unit: level for level, units in enumerate(DIRECTION) for unit in units}
# Files that only these may import, whatever the direction says.
RESERVED = {"io.files": {"cli"}}
# Folders that hold one file per thing: the things do not import each other. What two of them
# share stands in a file whose name begins with an underscore.
ONE_FILE_PER_THING = {"topology.designs", "decision.metrics", "exporters", "fleet.importers"}

# Where each library may be used.
BORDERS = {
    "pydantic": {"fleet.model", "catalog", "fleet.file"},
    "pydantic_core": {"fleet.model", "catalog", "fleet.file"},
    "netaddr": {"addressing"},
    "numpy": {"decision.hubs"},
    "highspy": {"decision.hubs"},
    "jinja2": {"views.report"},
    "markupsafe": {"views.report"},
    "matplotlib": {"views.diagram"},
    "mpl_toolkits": {"views.diagram"},
    "typer": {"cli"},
    "click": {"cli"},
    "rich": {"cli", "views.sheet", "views.lines"},
    "yaml": {"io.documents"},
    "yaml_rs": {"io.documents"},
}
MAY_PRINT_AND_EXIT = {"cli", "views.sheet", "views.lines"}
PRINT_AND_EXIT = {
    *("print", "input", "exit", "quit", "SystemExit"),
    *("sys.exit", "sys.stdout", "sys.stderr", "os._exit", "os.abort"),
}

# What `import k8s6plan.cli` must leave alone, so that --help stays instant.
HEAVY = {
    *("networkx", "matplotlib", "pydantic", "netaddr", "numpy", "highspy", "yaml", "rich.table"),
    "jinja2",
}


def unit_of(module: str) -> str:
    """Return the file or folder of the package that a module lies in; "" is its __init__."""
    parts = module.removeprefix(PACKAGE).lstrip(".").split(".")
    longer = (".".join(parts[:end]) for end in range(len(parts), 0, -1))
    return next((unit for unit in longer if unit in LEVEL), parts[0])


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


def internal(name: str) -> str:
    """Return the unit that an imported name lies in; "" where it is none of the package's."""
    if not name.startswith(f"{PACKAGE}."):
        return ""
    unit = unit_of(name)
    return "" if unit.startswith("__") else unit  # `from k8s6plan import __version__` is no unit


def direction_faults(source: str, module: str) -> list[str]:
    """Say which imports of a module go against the direction."""
    here = unit_of(module)
    wing = any(unit.startswith(f"{here}.") for unit in LEVEL)
    if here and here not in LEVEL and not wing:
        return [f"{module} has no place in DIRECTION"]
    faults = []
    for line, name in imports(source):
        there = internal(name)
        if name.startswith("."):
            fault = "a relative name: write it whole"
        elif not there or there == here:
            continue
        elif there not in LEVEL:
            fault = "which has no place in DIRECTION"
        elif not here:
            fault = "but the package itself imports nothing"
        elif here not in RESERVED.get(there, {here}):
            fault = f"which is for {', '.join(sorted(RESERVED[there]))} only"
        elif here not in LEVEL:
            fault = "but a wing itself imports nothing"
        elif LEVEL[there] == LEVEL[here]:
            fault = "its sibling"
        elif LEVEL[there] > LEVEL[here]:
            fault = "which comes after it"
        else:
            continue
        faults.append(f"{module}:{line} imports {name}, {fault}")
    return faults


def folder_faults(source: str, module: str) -> list[str]:
    """Say which things of a one-file-per-thing folder import each other, or their list."""
    folder = unit_of(module)
    thing = module.removeprefix(f"{PACKAGE}.{folder}").lstrip(".").split(".")[0]
    if folder not in ONE_FILE_PER_THING or not thing:
        return []
    faults = []
    for line, name in imports(source):
        other = name.removeprefix(f"{PACKAGE}.{folder}").lstrip(".").split(".")[0]
        if internal(name) == folder and other != thing and not other.startswith("_"):
            faults.append(f"{module}:{line} imports {name}, a thing beside it")
    return faults


def border_faults(source: str, module: str) -> list[str]:
    """Say which libraries a module uses outside their border."""
    faults = []
    for line, name in imports(source):
        inside = BORDERS.get(name.split(".")[0])
        if inside is not None and unit_of(module) not in inside:
            faults.append(f"{module}:{line} imports {name}, for {', '.join(sorted(inside))} only")
    return faults


def output_faults(source: str, module: str) -> list[str]:
    """Say where a module prints or exits though only the command line may."""
    if unit_of(module) in MAY_PRINT_AND_EXIT:
        return []
    used: list[tuple[int, str]] = []
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Name | ast.Attribute):
            used.append((node.lineno, ast.unparse(node)))
        elif isinstance(node, ast.ImportFrom):
            used += [(node.lineno, f"{node.module}.{alias.name}") for alias in node.names]
    return [f"{module}:{line} uses {name}" for line, name in used if name in PRINT_AND_EXIT]


CHECKS: list[Check] = [direction_faults, folder_faults, border_faults, output_faults]


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


@pytest.mark.parametrize("check", CHECKS)
def test_package_keeps_to_it(check: Check) -> None:
    faults = [fault for module, text in sources().items() for fault in check(text, module)]
    assert faults == []


WRONG = [
    (
        direction_faults,
        "k8s6plan.fleet.model",
        "from k8s6plan.fleet.file import load",
        "comes after it",
    ),
    (
        direction_faults,
        "k8s6plan.addressing.plan",
        "import k8s6plan.decision.metrics",
        "comes after it",
    ),
    (
        direction_faults,
        "k8s6plan.addressing.plan",
        "import k8s6plan.decision.metrics.cost",
        "comes after it",
    ),
    (direction_faults, "k8s6plan.errors", "import k8s6plan.io.documents", "comes after it"),
    (direction_faults, "k8s6plan.fleet.model", "def f():\n  import k8s6plan.cli", "comes after it"),
    (
        direction_faults,
        "k8s6plan.fleet.file",
        "if X:\n  from k8s6plan.addressing.plan import Plan",
        "after",
    ),
    (
        direction_faults,
        "k8s6plan.fleet.model",
        "import_module('k8s6plan.addressing.plan')",
        "comes after it",
    ),
    (
        direction_faults,
        "k8s6plan.fleet.model",
        "importlib.import_module('k8s6plan.addressing.plan')",
        "after",
    ),
    (
        direction_faults,
        "k8s6plan.fleet.file",
        "from k8s6plan.addressing.plan_file import rows",
        "its sibling",
    ),
    (
        direction_faults,
        "k8s6plan.topology.designs.full_mesh",
        "import k8s6plan.addressing",
        "its sibling",
    ),
    (
        direction_faults,
        "k8s6plan.topology.designs",
        "from k8s6plan.addressing import Plan",
        "its sibling",
    ),
    (
        direction_faults,
        "k8s6plan.addressing.plan",
        "from k8s6plan.io.files import write",
        "for cli only",
    ),
    (direction_faults, "k8s6plan.addressing.plan", "from . import model", "a relative name"),
    (direction_faults, "k8s6plan.addressing.plan", "from k8s6plan.elsewhere import x", "no place"),
    (direction_faults, "k8s6plan.elsewhere", "", "no place"),
    (direction_faults, "k8s6plan", "from k8s6plan.errors import Fault", "imports nothing"),
    (
        folder_faults,
        "k8s6plan.topology.designs.a",
        "from k8s6plan.topology.designs.b import build",
        "beside it",
    ),
    (
        folder_faults,
        "k8s6plan.topology.designs.a",
        "from k8s6plan.topology.designs import b",
        "beside it",
    ),
    (folder_faults, "k8s6plan.decision.metrics.a", "import k8s6plan.decision.metrics", "beside it"),
    (
        border_faults,
        "k8s6plan.addressing.plan",
        "import pydantic",
        "for catalog, fleet.file, fleet.model only",
    ),
    (
        border_faults,
        "k8s6plan.addressing.plan",
        "def f():\n  import netaddr",
        "for addressing only",
    ),
    (border_faults, "k8s6plan.cli", "import matplotlib.pyplot as plt", "for views.diagram only"),
    (
        border_faults,
        "k8s6plan.decision.compare",
        "from rich.table import Table",
        "for cli, views.lines, views.sheet only",
    ),
    (border_faults, "k8s6plan.decision.compare", "import typer", "for cli only"),
    (border_faults, "k8s6plan.fleet.file", "import yaml", "for io.documents only"),
    (border_faults, "k8s6plan.catalog", "from yaml_rs import loads", "for io.documents only"),
    (
        output_faults,
        "k8s6plan.decision.compare",
        "def f():\n  print(1)",
        "k8s6plan.decision.compare:2 uses print",
    ),
    (output_faults, "k8s6plan.decision.compare", "show = print", "uses print"),
    (output_faults, "k8s6plan.addressing.plan", "import sys\nsys.exit(1)", "uses sys.exit"),
    (output_faults, "k8s6plan.addressing.plan", "from sys import exit as leave", "uses sys.exit"),
    (output_faults, "k8s6plan.addressing.plan", "raise SystemExit", "uses SystemExit"),
    (output_faults, "k8s6plan.addressing.plan", "sys.stdout.write('x')", "uses sys.stdout"),
]


@pytest.mark.parametrize(("check", "module", "source", "fault"), WRONG)
def test_wrong_example_is_found(check: Check, module: str, source: str, fault: str) -> None:
    faults = check(source, module)
    assert len(faults) == 1
    assert fault in faults[0]


RIGHT = [
    ("k8s6plan.fleet.file", "import ipaddress\nfrom pydantic import BaseModel"),
    (
        "k8s6plan.fleet.file",
        "from k8s6plan.fleet.model import Fleet\nfrom k8s6plan.errors import Fault",
    ),
    ("k8s6plan.addressing.plan", "from k8s6plan import __version__"),
    ("k8s6plan.topology.designs", "from k8s6plan.topology.designs import full_mesh, hub_and_spoke"),
    ("k8s6plan.topology.designs.full_mesh", "from k8s6plan.topology.designs._links import kind"),
    ("k8s6plan.addressing.space", "from k8s6plan.addressing.pools import take\nimport netaddr"),
    ("k8s6plan.cli", "import sys, typer\nimport k8s6plan.io.files\nprint(1)\nsys.exit(1)"),
    ("k8s6plan.cli.compare", "from rich.table import Table\nprint(1)"),
    ("k8s6plan.__main__", "from k8s6plan.cli import main\nmain()"),
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
