"""Holds the documentation to the program: commands, outputs, links, names, figures.

Each check is a function from text to faults, and is itself tested on a small wrong example.
``python docs/generate.py --console`` rewrites what a changed program says.
"""

from __future__ import annotations

import doctest
import json
import re
import shutil
import struct
from collections.abc import Iterable, Iterator
from functools import cache
from pathlib import Path
from typing import Any

import pytest
import yaml
from typer.main import get_command
from typer.testing import CliRunner

from docs import console, generate
from k8s6plan import catalog
from k8s6plan.catalog import prices
from k8s6plan.cli import app
from k8s6plan.decision.compare import compare
from k8s6plan.decision.metrics import METRICS
from k8s6plan.evaluation import limits
from k8s6plan.evaluation.cost._bill import WORDS
from k8s6plan.fleet.file import json_schema
from k8s6plan.fleet.file import load as load_fleet
from k8s6plan.fleet.model.book import PriceBook
from k8s6plan.topology.designs import DESIGNS, wanted_designs
from k8s6plan.topology.groups import outline_of, outline_of_count
from k8s6plan.views.report import to_json
from tests.reports import report_at

ROOT = Path(__file__).resolve().parents[1]
DOCUMENTS = console.documents()
REFERENCE = ROOT / "docs" / "reference"
EXAMPLES = sorted((ROOT / "examples").glob("*.yaml"))

_FENCE = re.compile(r"^```(\w*)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
_LINK = re.compile(r"!?\[[^\]]*\]\(([^)\s]+)\)")
_HEADING = re.compile(r"^#+ (.+)$", re.MULTILINE)
_CODE = re.compile(r"`([^`\n]+)`")
# A folder of one machine, in a text that is for all of them.
_MACHINE = re.compile(r"(?<![\w.])/(?:root|home|work|Users|mnt)/\w+|\.\./[s]hared\b")


def name_of(path: Path) -> str:
    return path.relative_to(ROOT).as_posix()


def read(path: Path) -> str:
    return path.read_text("utf-8")


def prose(text: str) -> str:
    """Return a document without its code blocks."""
    return _FENCE.sub("", text)


# --- the checks ----------------------------------------------------------------------------------


def slug(heading: str) -> str:
    """Return the anchor that a heading gets."""
    plain = re.sub(r"[^\w\- ]", "", heading.replace("`", "").lower())
    return plain.strip().replace(" ", "-")


def broken_links(text: str, path: Path) -> list[str]:
    """Return the relative links of a document that lead nowhere."""
    faults = []
    for link in _LINK.findall(prose(text)):
        if re.match(r"[a-z]+:", link):
            continue
        target, _, anchor = link.partition("#")
        there = (path.parent / target).resolve() if target else path
        if not there.exists():
            faults.append(f"{link}: no such file")
        elif anchor:
            known = {slug(heading) for heading in _HEADING.findall(prose(read(there)))}
            if anchor not in known:
                faults.append(f"{link}: no such heading")
    return faults


def unmentioned(names: Iterable[str], text: str) -> list[str]:
    """Return the names that stand nowhere in ``text`` as code."""
    said = set(_CODE.findall(text))
    said |= {word for block in _FENCE.findall(text) for word in re.split(r"[\s,|=<>]+", block[1])}
    return sorted(set(names) - said)


def unknown_targets(text: str, makefile: str) -> list[str]:
    """Return what a document makes and the Makefile does not know."""
    known = set(re.findall(r"^([a-z-]+):", makefile, re.MULTILINE))
    shown = [block for language, block in _FENCE.findall(text) if language == "sh"]
    shown += _CODE.findall(prose(text))
    made = re.findall(r"\bmake ([a-z][a-z-]*)", "\n".join(shown))
    return sorted(set(made) - known)


def unknown_commands(text: str) -> list[str]:
    """Return the commands of ours that a document shows without running, and that do not exist."""
    known = set(commands())
    shown = "\n".join(block for language, block in _FENCE.findall(text) if language == "sh")
    named = re.findall(r"k8s6plan ([a-z]\w*)", shown + "\n".join(_CODE.findall(prose(text))))
    return sorted(set(named) - known)


def machine_paths(text: str) -> list[str]:
    """Return the paths that are of one machine."""
    return _MACHINE.findall(text)


def documented_keys(text: str) -> set[str]:
    """Return the names in the first column of the tables of a document."""
    rows = re.findall(r"^\| (`[^|]+) \|", text, re.MULTILINE)
    return {name for row in rows for name in _CODE.findall(row)}


def keys_of(data: Any, names: set[str]) -> Iterator[str]:
    """Yield every key in ``data`` that is no name of the user's."""
    if isinstance(data, dict):
        for key, value in data.items():
            if key not in names:
                yield str(key)
            yield from keys_of(value, names)
    elif isinstance(data, list):
        for item in data:
            yield from keys_of(item, names)


@cache
def commands() -> dict[str, Any]:
    return dict(getattr(get_command(app), "commands", {}))


def run(*words: str | Path) -> str:
    """Return what a command prints to stdout; it must not fail."""
    done = CliRunner().invoke(app, [str(word) for word in words])
    assert done.exit_code == 0, done.output
    return str(done.stdout)


# --- documents -----------------------------------------------------------------------------------


def test_documents_are_found() -> None:
    names = {name_of(path) for path in DOCUMENTS}
    assert {"README.md", "docs/index.md", "docs/tutorial.md", "docs/changelog.md"} <= names
    assert {"docs/how-to/add-a-design.md", "docs/decisions/0005-marks.md"} <= names
    assert EXAMPLES


@pytest.mark.slow
@pytest.mark.parametrize(
    "path", [path for path in DOCUMENTS if console.commands(read(path))], ids=name_of
)
def test_commands_print_what_the_document_shows(path: Path) -> None:
    text = read(path)
    assert console.refreshed(text) == text, "run: python docs/generate.py --console"


def test_console_blocks_are_found() -> None:
    shown = [command for path in DOCUMENTS for command in console.commands(read(path))]
    ours = {command.split()[1] for command in shown if command.startswith("k8s6plan ")}
    assert {"init", "compare", "plan", "diagram", "check", "sweep", "quote"} <= ours


@pytest.mark.parametrize("path", DOCUMENTS, ids=name_of)
def test_links_lead_somewhere(path: Path) -> None:
    assert broken_links(read(path), path) == []


@pytest.mark.slow
@pytest.mark.parametrize("path", DOCUMENTS, ids=name_of)
def test_what_is_shown_exists(path: Path) -> None:
    assert unknown_commands(read(path)) == []
    assert unknown_targets(read(path), read(ROOT / "Makefile")) == []


def test_index_leads_to_every_document() -> None:
    index = ROOT / "docs" / "index.md"
    linked = {(index.parent / link.split("#")[0]).resolve() for link in _LINK.findall(read(index))}
    missing = {name_of(path) for path in DOCUMENTS if path not in linked}
    assert missing == {"README.md", "docs/index.md"}


def test_no_file_has_paths_of_a_machine() -> None:
    folders = ("k8s6plan", "docs", "examples", "tests", ".ci")
    files = [path for folder in folders for path in sorted((ROOT / folder).rglob("*"))]
    files += [path for path in ROOT.glob("*") if path.name not in ("requirements.lock", ".git")]
    texts = {".py", ".md", ".yaml", ".json", ".toml", ".txt", ".sh", ""}
    ours = [path for path in files if "node_modules" not in path.parts]  # that is others' text
    read_files = [path for path in ours if path.is_file() and path.suffix in texts]
    assert len(read_files) > 100
    found = {
        name_of(path): machine_paths(path.read_text("utf-8", "replace")) for path in read_files
    }
    assert {name: paths for name, paths in found.items() if paths} == {}


def test_changelog_begins_with_unreleased_and_names_every_command() -> None:
    text = read(ROOT / "docs" / "changelog.md")
    assert re.findall(r"^## (.+)$", text, re.MULTILINE)[0] == "Unreleased"
    assert unmentioned([f"k8s6plan {name}" for name in commands()], text) == []


def is_session(block: str) -> bool:
    """Say whether a Python block is typed line by line; else it shows a piece of the code."""
    return block.startswith(">>> ")


def wrong_answers(text: str, name: str) -> str:
    """Return what the Python sessions of a document say otherwise than it shows, "" for nothing.

    They run in this process and in the current folder, one after the other, as one session.
    """
    blocks = [block for kind, block in _FENCE.findall(text) if kind == "python"]
    session = "\n".join(filter(is_session, blocks))
    said: list[str] = []
    test = doctest.DocTestParser().get_doctest(session, {}, name, name, 0)
    doctest.DocTestRunner(verbose=False).run(test, out=said.append)
    return "".join(said)


SESSIONS = [path for path in DOCUMENTS if "```python\n>>> " in read(path)]


@pytest.mark.slow
@pytest.mark.parametrize("path", SESSIONS, ids=name_of)
def test_python_sessions_say_what_the_document_shows(
    path: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    shutil.copytree(ROOT / "examples", tmp_path / "examples")
    monkeypatch.chdir(tmp_path)
    assert wrong_answers(read(path), name_of(path)) == ""


def test_python_sessions_are_found() -> None:
    assert [name_of(path) for path in SESSIONS] == ["docs/how-to/use-it-from-python.md"]


@pytest.mark.slow
@pytest.mark.parametrize("path", DOCUMENTS, ids=name_of)
def test_python_blocks_stand_in_the_code(path: Path) -> None:
    files = [*sorted((ROOT / "k8s6plan").rglob("*.py")), ROOT / "tests" / "test_growing.py"]
    source = "".join(read(file) for file in files)
    for language, block in _FENCE.findall(read(path)):
        assert language != "python" or is_session(block) or block in source


def test_named_tests_exist() -> None:
    named = re.findall(r"`(test_\w+)`", read(ROOT / "docs/how-to/add-a-design.md"))
    source = read(ROOT / "tests" / "test_designs.py")
    assert named
    assert [name for name in named if f"def {name}(" not in source] == []


# --- the reference -------------------------------------------------------------------------------


@pytest.mark.slow
def test_generated_files_are_current(tmp_path: Path) -> None:
    generate.write(tmp_path)
    pages = sorted((tmp_path / "reference").glob("*.md"))
    assert len(pages) > 5
    for page in pages:
        assert read(page).startswith("<!-- Generated by `make docs`")
        assert read(page) == read(REFERENCE / page.name), "run: make docs"
    written = {path.name for path in REFERENCE.glob("*.md")} - {page.name for page in pages}
    assert written == {"plan-file.md", "compare-json.md", "money-json.md", "optimize-json.md",
                       "report-json.md"}  # fmt: skip
    drawn, kept = (
        {path.name: picture_size(path) for path in (folder / generate.PICTURES).glob("*")}
        for folder in (tmp_path, ROOT / "docs")
    )
    views = [name for name in drawn if name.startswith(generate.VIEW)]
    usual = [wanted_designs(outline_of(load_fleet(path))) for path in EXAMPLES]
    assert len(drawn) - len(views) == sum(map(len, usual)) > 20
    assert drawn == kept, "run: make docs"


def test_pictures_are_small_and_shown() -> None:
    paths = sorted((ROOT / "docs" / generate.PICTURES).glob("*"))
    assert [path.name for path in paths if path.stat().st_size > 300_000] == []
    text = "".join(read(path) for path in DOCUMENTS)
    assert [path.name for path in paths if f"/{path.name})" not in text] == []


def picture_size(path: Path) -> tuple[int, int]:
    """Return width and height of a PNG: its bytes differ by version, its layout does not."""
    head = path.read_bytes()[:24]
    assert head.startswith(b"\x89PNG")
    width, height = struct.unpack(">II", head[16:24])
    return width, height


@pytest.mark.parametrize("page", ["reference/metrics.md", "explanation/counting.md"])
def test_every_metric_is_explained(page: str) -> None:
    assert unmentioned(METRICS, read(ROOT / "docs" / page)) == []


def test_every_design_is_explained() -> None:
    assert unmentioned(DESIGNS, read(REFERENCE / "designs.md")) == []
    headings = _HEADING.findall(read(ROOT / "docs/explanation/counting.md"))
    assert {design.title for design in DESIGNS.values()} <= set(headings)


def test_every_command_and_option_is_named() -> None:
    text = read(REFERENCE / "command-line.md")
    options = {opt for command in commands().values() for param in command.params
               for opt in param.opts if opt.startswith("-")}  # fmt: skip
    assert {"--design", "--output"} <= options
    assert unmentioned(options, text) == []
    headings = _HEADING.findall(text)
    assert {f"k8s6plan {name}" for name in commands()} <= set(headings)


def test_every_field_of_the_fleet_file_has_a_meaning() -> None:
    text = read(REFERENCE / "fleet-file.md")
    schema = json_schema()
    nouns = [schema, *schema["$defs"].values()]
    fields = {name for noun in nouns for name in noun.get("properties", ())}
    assert {"clusters", "hubs", "from"} <= fields
    assert fields <= documented_keys(text)
    empty = re.findall(r"^\| `(\w+)` \|.*\|\s*\|$", text, re.MULTILINE)
    assert empty == [], "say what it means, in the model or in docs/generate.py"


def test_every_rule_is_listed() -> None:
    assert set(catalog.rules()) <= documented_keys(read(REFERENCE / "check-rules.md"))


def test_every_price_limit_and_assumption_is_listed() -> None:
    priced = documented_keys(read(REFERENCE / "prices.md"))
    names = (*catalog.provider_names(), prices.GENERAL)
    assert {row.name.split(".", 1)[1] for name in names for row in prices.rows(name)} <= priced
    held = documented_keys(read(REFERENCE / "limits.md"))
    assert {limit.name for owner in limits.owners() for limit in limits.rows(owner)} <= held
    assert set(catalog.assumptions()) <= documented_keys(read(REFERENCE / "assumptions.md"))


def test_every_driver_and_measure_is_explained() -> None:
    explained = documented_keys(read(ROOT / "docs/explanation/costing.md"))
    assert set(WORDS) <= explained
    measures = {limit.measure for owner in limits.owners() for limit in limits.rows(owner)} - {""}
    assert len(measures) > 15
    assert measures <= documented_keys(read(ROOT / "docs/explanation/limits.md"))


def test_every_field_of_a_price_book_has_a_meaning() -> None:
    section = section_of(read(REFERENCE / "fleet-file.md"), "The price book")
    assert documented_keys(section) == set(PriceBook.model_fields)


def test_every_row_of_the_tables_is_listed() -> None:
    providers = read(REFERENCE / "providers-and-platforms.md")
    assert set(catalog.provider_names()) <= documented_keys(providers)
    encapsulations = read(REFERENCE / "encapsulations.md")
    assert set(catalog.encapsulations()) <= documented_keys(encapsulations)


# The parts of a plan whose keys are names of the user's.
_BY_NAME = ("clusters", "sites", "tombstones", "tunnels")

FLEET = """
version: 1
fleet: keys
ula_seed: keys
clusters:
  - {name: one, provider: on-prem, site: here, cni: calico, nodes: 20, reserve: {nodes: 400}}
  - {name: two, provider: on-prem, site: here, cni: calico, pods_routed: false}
  - {name: three, provider: aws, region: r, platform: eks, addresses: {pods: ["10.9.0.0/16",
     "10.11.0.0/16"], nodes: ["10.8.0.0/16"]}}
  - {name: four, provider: gcp, region: r, ipv6: "2a00:100::/40"}
"""


def plans_of(folder: Path) -> list[dict[str, Any]]:
    """Return plans that together have every key: of the examples, and of one fleet's life."""
    found = [yaml.safe_load(run("plan", path)) for path in EXAMPLES]
    fleet, plan = folder / "fleet.yaml", folder / "plan.yaml"
    fleet.write_text(FLEET, "utf-8")
    run("plan", fleet, "-o", plan)
    found.append(yaml.safe_load(read(plan)))
    fleet.write_text(re.sub(r".*name: four.*\n", "", FLEET), "utf-8")
    given = "three=2600:1f18:1234:5600::/56"
    run("plan", fleet, "-o", plan, "--assign", given, "--design", "full-mesh")
    return [*found, yaml.safe_load(read(plan))]


def test_every_key_of_the_plan_is_documented(tmp_path: Path) -> None:
    plans = plans_of(tmp_path)
    names = {name for plan in plans for top in _BY_NAME for name in plan.get(top, ())}
    report = json.loads(run("plan", EXAMPLES[0], "--format", "json"))
    found = {key for plan in plans for key in keys_of(plan, names)} | set(report)
    text = read(REFERENCE / "plan-file.md")
    assert unmentioned(found, text) == []
    assert documented_keys(text) - found == set(), "documented, and in no plan"


# Thirteen networks on AWS in a full mesh with as many elsewhere: more VPN connections on a virtual
# private gateway than its quota. One row of price is the user's own.
CROWD = """
version: 1
fleet: crowd
defaults: {platform: kubeadm}
prices: {on-prem.gateway_month: 200}
demands: [{from: "side=here", to: "side=there", gb_per_month: 10}]
clusters:
""" + "".join(
    f"  - {{name: aws-{n}, provider: aws, region: us-east-1, labels: {{side: here}}}}\n"
    f"  - {{name: own-{n}, provider: on-prem, site: hall-{n}, labels: {{side: there}}}}\n"
    for n in range(13)
)

BOM = """
- {provider: aws, item: internet_data_transfer_out_gb, region: us-east-1, quantity: 500}
"""


@pytest.fixture
def crowd(tmp_path: Path) -> Path:
    """Return a folder with a fleet that exceeds a quota, figures kept before, and a bill."""
    fleet = tmp_path / "fleet.yaml"
    fleet.write_text(CROWD.replace("side=there", "side=here"), "utf-8")
    run("compare", fleet, "--save", tmp_path / "base.json")
    fleet.write_text(CROWD, "utf-8")
    (tmp_path / "bom.yaml").write_text(BOM, "utf-8")
    return tmp_path


def test_every_key_of_the_json_of_compare_is_documented(crowd: Path) -> None:
    found = json.loads(run("compare", crowd / "fleet.yaml", "--format", "json"))
    assert found["limits"]["full-mesh"]
    keys = set(keys_of(found, {*DESIGNS, *METRICS}))
    text = read(REFERENCE / "compare-json.md")
    assert unmentioned(keys, text) == []
    assert documented_keys(text) - keys == set()


@pytest.mark.slow
@pytest.mark.xdist_group("report")
def test_every_key_of_the_json_of_report_is_documented(crowd: Path, tmp_path: Path) -> None:
    """Its own keys; those of compare and explain are held by their own pages."""
    run("report", crowd / "fleet.yaml", "-o", tmp_path / "report.json")
    of_crowd = json.loads((tmp_path / "report.json").read_text("utf-8"))
    keys: set[str] = set()
    for found in (of_crowd, to_json(report_at(EXAMPLES[0]))):
        told = {**found, "comparison": None, "costs": None}
        keys |= set(keys_of(told, {*DESIGNS}))
    text = read(REFERENCE / "report-json.md")
    assert unmentioned(keys - {"ipv4", "ipv6"}, text) == []
    assert documented_keys(text) - keys == set()


def test_every_key_of_the_json_of_failures_is_documented() -> None:
    found = json.loads(run("failures", EXAMPLES[0], "--depth", "2", "--format", "json"))
    keys = set(keys_of(found, {*DESIGNS}))
    text = read(ROOT / "docs/explanation/failures.md")
    assert unmentioned(keys, text) == []
    assert documented_keys(text) - keys == set()


MONEY = {
    "Explain": ["compare", "fleet.yaml", "--explain", "cost"],
    "Changes": ["compare", "fleet.yaml", "--compare-to", "base.json"],
    "Sweep": ["sweep", "fleet.yaml", "--to", "30"],
    "Quote": ["quote", "bom.yaml"],
    "Prices": ["prices"],
    "Limits": ["limits"],
    "Readiness": ["limits", "--ipv6"],
}
GIVEN = {"provider", "item", "region", "quantity"}  # fields that a quote gives back


def section_of(text: str, heading: str) -> str:
    return text.split(f"\n## {heading}\n", 1)[1].split("\n## ", 1)[0]


@pytest.mark.slow
@pytest.mark.parametrize("heading", MONEY)
def test_every_key_of_the_json_of_money_is_documented(heading: str, crowd: Path) -> None:
    words = [crowd / word if "." in word else word for word in MONEY[heading]]
    keys = set(keys_of(json.loads(run(*words, "--format", "json")), {*DESIGNS}))
    section = section_of(read(REFERENCE / "money-json.md"), heading)
    assert unmentioned(keys - GIVEN, section) == []
    assert documented_keys(section) <= keys


TWICE = """
version: 1
fleet: twice
clusters:
  - {name: one, provider: on-prem, site: here, addresses: {pods: ["10.1.0.0/18"]}}
  - {name: two, provider: on-prem, site: there, addresses: {pods: ["10.1.0.0/18"]}}
"""


def test_every_key_of_the_json_of_check_is_documented(tmp_path: Path) -> None:
    fleet = tmp_path / "fleet.yaml"
    fleet.write_text(TWICE, "utf-8")
    done = CliRunner().invoke(app, ["check", str(fleet), "--nat", "--format", "json"])
    assert done.exit_code == 1, done.output
    keys = set(keys_of(json.loads(done.stdout), set()))
    assert {"rule", "message"} <= keys
    assert unmentioned(keys, read(REFERENCE / "check-rules.md")) == []


# --- figures in sentences ------------------------------------------------------------------------


def figures() -> list[tuple[str, str]]:
    """Return (document, words that it must hold), with the program's own figures in them."""

    def tunnels(sites: int) -> int:
        count = compare(outline_of_count(sites), ["full-mesh"])
        return int(count.table["full-mesh"]["tunnels"].value or 0)

    fleet = load_fleet(ROOT / "examples/wikimedia.yaml")
    largest = max(fleet.clusters, key=lambda cluster: cluster.nodes)
    addresses = largest.pinned("pods")[0].num_addresses
    sheet = compare(outline_of(fleet))
    mesh = compare(outline_of_count(5)).table["full-mesh"]
    wikimedia = "docs/explanation/wikimedia.md"
    return [
        ("README.md", f"{tunnels(10):,} at ten sites, {tunnels(50):,} at fifty"),
        (wikimedia, f"`{largest.name}` has {largest.nodes} nodes and a /18"),
        (wikimedia, f"which has {addresses // 64} blocks"),
        (wikimedia, f"{addresses:,} addresses, {addresses // largest.nodes} a node at 243 nodes"),
        (wikimedia, f"With nine sites it would have been {tunnels(sheet.clusters)}"),
        (wikimedia, "a single tunnel" * (sheet.table["full-mesh"]["tunnels"].value == 1)),
        ("docs/explanation/first-look.md", "ten links" * (mesh["tunnels"].value == 10)),
        ("docs/changelog.md", f"in {len(METRICS)} metrics"),
    ]


@pytest.mark.parametrize(("document", "words"), figures())
def test_figures_in_sentences_are_the_programs(document: str, words: str) -> None:
    assert words
    assert words in read(ROOT / document)


# --- the checks can fail -------------------------------------------------------------------------


def test_wrong_output_is_found() -> None:
    right = console.refreshed("```console\n$ k8s6plan --version\n```\n")
    assert right.count("k8s6plan ") == 2
    assert console.refreshed(right) == right
    wrong = right.replace("k8s6plan 0", "k8s6plan 9")
    assert wrong != right
    assert console.refreshed(wrong) == right


def test_wrong_sessions_are_found() -> None:
    right = "```python\n>>> a = 2\n```\ntext\n```python\n>>> a + 1\n3\n```\n"
    assert wrong_answers(right, "x") == ""
    assert "Expected:\n    4\nGot:\n    3" in wrong_answers(right.replace("3", "4"), "x")
    assert "NameError" in wrong_answers(right.replace("a =", "b ="), "x")


def test_shortened_output_is_kept_short() -> None:
    block = (
        '<!-- keep: "Links".."Peerings"; "Feasible" -->\n```console\n$ k8s6plan compare -n 3\n```\n'
    )
    lines = console.refreshed(block).splitlines()
    assert lines[3:] == ["...", "Links", *lines[5:7], "...", lines[8], "...", "```"]
    assert [line.split()[0] for line in (*lines[5:7], lines[8])] == [
        "Tunnels",
        "Peerings",
        "Feasible",
    ]


@pytest.mark.parametrize(
    "block",
    [
        "```console\n$ k8s6plan compare nowhere.yaml\n```\n",
        "```console\n$ curl example.org\n```\n",
        '<!-- keep: "no such line" -->\n```console\n$ k8s6plan --version\n```\n',
        "<!-- keep: no quotes -->\n```console\n$ k8s6plan --version\n```\n",
        "<!-- insert: fleet.yaml here -->\n```yaml\na: 1\n```\n",
    ],
)
def test_block_that_cannot_run_is_found(block: str) -> None:
    with pytest.raises(ValueError, match=r"ends with|may not run|no output|no range|write it like"):
        console.refreshed(block)


def test_broken_links_are_found() -> None:
    here = ROOT / "docs" / "index.md"
    text = "[a](nowhere.md) [b](tutorial.md#nowhere) [c](tutorial.md#plan) [d](https://x.org/y)"
    assert broken_links(text, here) == [
        "nowhere.md: no such file",
        "tutorial.md#nowhere: no such heading",
    ]


def test_missing_names_are_found() -> None:
    assert unmentioned(["one", "two", "three"], "`one` and two\n```text\n--x three\n```\n") == [
        "two"
    ]
    assert documented_keys("| `a`, `b` | c |\n| d | `e` |\n") == {"a", "b"}
    assert set(keys_of({"a": [{"b": 1}], "mine": {"c": 2}}, {"mine"})) == {"a", "b", "c"}


def test_unknown_targets_and_commands_are_found() -> None:
    text = "```sh\nmake demo\nmake coffee\nk8s6plan plan; k8s6plan brew\n```\n"
    assert unknown_targets(text, "demo: x\n\tdo\n") == ["coffee"]
    assert unknown_commands(text) == ["brew"]


@pytest.mark.parametrize(
    "wrong", ["see /ro" + "ot/x", '"/ho' + 'me/me/x"', "../sha" + "red/design"]
)
def test_machine_paths_are_found(wrong: str) -> None:
    assert machine_paths(wrong)


@pytest.mark.parametrize("right", ["https://x.org/home/y", "docs/work/x", "how-to/shared"])
def test_other_paths_are_left_alone(right: str) -> None:
    assert machine_paths(right) == []
