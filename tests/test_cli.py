"""The command line: help, usage, colours, widths, formats, and the same bytes every time."""

from __future__ import annotations

import csv
import io
import json
import os
import pty
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import jsonschema
import pytest
import yaml
from typer.main import get_command

from k8s6plan import __version__
from k8s6plan.addressing.plan_file import from_yaml
from k8s6plan.catalog import rules
from k8s6plan.cli import app
from k8s6plan.decision.metrics import METRICS
from k8s6plan.fleet.file import load
from k8s6plan.topology.designs import DESIGNS, wanted_designs
from k8s6plan.topology.groups import outline_of_count
from tests.conftest import Cli, Golden

ROOT = Path(__file__).resolve().parents[1]
EXAMPLES = sorted((ROOT / "examples").glob("*.yaml"))
GOLDEN = Path(__file__).parent / "golden"
SCHEMA = ROOT / "k8s6plan" / "fleet" / "fleet.schema.json"
COMMANDS = sorted(get_command(app).commands)  # type: ignore[attr-defined]
FORMATS = ("table", "md", "json", "csv")
THREE = "examples/three-clouds.yaml"
ESCAPE = "\x1b"


@pytest.fixture(autouse=True)
def _in_root(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(ROOT)


def environment(**more: str) -> dict[str, str]:
    return {**os.environ, "PYTHONPATH": str(ROOT), "COLUMNS": "80", **more}


# --- help and usage ------------------------------------------------------------------------------


def test_the_commands_are_there() -> None:
    wanted = {"compare", "plan", "diagram", "check", "diff", "init", "schema"}
    assert wanted <= set(COMMANDS)


@pytest.mark.parametrize("command", COMMANDS)
def test_help_shows_an_example(command: str, cli: Cli) -> None:
    for flag in ("--help", "-h"):
        result = cli(command, flag)
        assert (result.code, result.err) == (0, "")
        assert f"Example: k8s6plan {command} " in " ".join(result.out.split())
        assert ESCAPE not in result.out
        assert max(map(len, result.out.splitlines())) <= 80


def test_the_help_of_all_names_every_command(cli: Cli) -> None:
    result = cli("--help")
    assert result.code == 0
    assert set(re.findall(r"^  ([a-z]+) ", result.out, re.MULTILINE)) >= set(COMMANDS)


def test_version(cli: Cli) -> None:
    result = cli("--version")
    assert (result.code, result.out, result.err) == (0, f"k8s6plan {__version__}\n", "")


def test_no_arguments_show_the_help_and_are_bad_usage(cli: Cli) -> None:
    result = cli()
    assert result.code == 2
    assert "Commands:" in result.out + result.err


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (["compre"], "No such command 'compre'"),
        (["compare", "--dessign", "x"], "No such option"),
        (["compare", "-n", "-1"], "'-n': must be at least 0"),
        (["compare", "-n", "many"], "'-n'"),
        (["compare", "-n", "3", THREE], "a fleet file and -n exclude each other"),
        (["compare", "-n", "3", "--redundant", "--tunnels-per-link", "3"], "--redundant means 2"),
        (["compare", "-n", "3", "--hubs", "0"], "--hubs"),
        (["compare", "-n", "3", "-f", "xml"], "'xml' is not one of"),
        (["compare", THREE, THREE], "unexpected extra argument"),
        (["plan", THREE, "-f", "xml"], "'xml' is not one of"),
        (["check", THREE, "-f", "xml"], "'xml' is not one of"),
        (["diagram", THREE], "Missing option '--output' / '-o'"),
        (["diagram", THREE, "-o", "x.jpg"], '"x.jpg" ends in none of .png, .svg'),
        (["diagram", THREE, "-o", "x"], '"x" ends in none of .png, .svg'),
        (["plan", THREE, "--assign", "frankfurt=10.0.0.0/8"], "is no IPv6 prefix"),
        (["diff", "a"], "Missing argument 'NEW'"),
        (["limits", "azur"], 'nothing is known of "azur"; did you mean "azure"?\n'),
        (["limits", "nosuch"], 'nothing is known of "nosuch"; known: aws, azure, gcp, '),
        (["limits", "--ipv6", "submarine"], '"submarine"; did you mean "submariner"?\n'),
        (["limits", "aws", "gcp"], "Got unexpected extra argument(s) (gcp)\n"),
        (["limits", "-f", "xml"], "'xml' is not one of 'table', 'json'"),
    ],
)
def test_bad_usage(arguments: list[str], says: str, cli: Cli) -> None:
    result = cli(*arguments)
    assert (result.code, result.out) == (2, "")
    assert says in result.err
    assert result.err.startswith("Usage: ")
    assert "Traceback" not in result.err


@pytest.mark.parametrize(
    "arguments",
    [
        ["compare", "-n", "3", "-d"],
        ["compare", THREE, "-d"],
        ["diagram", THREE, "-o", "x.svg", "-d"],
    ],
)
def test_an_unknown_design_gets_the_nearest(arguments: list[str], cli: Cli, tmp_path: Path) -> None:
    arguments = [str(tmp_path / a) if a == "x.svg" else a for a in arguments]
    result = cli(*arguments, "full-mehs")
    assert result.code == 2
    assert result.said == ['no design is named "full-mehs"; did you mean "full-mesh"?']
    result = cli(*arguments, "zzz")
    assert result.said == [f'no design is named "zzz"; known: {", ".join(sorted(DESIGNS))}']


def test_a_plan_of_another_fleet_is_refused(cli: Cli, tmp_path: Path) -> None:
    path = tmp_path / "plan.yaml"
    assert cli("plan", "examples/two-clusters.yaml", "-o", path).code == 0
    before = path.read_bytes()
    for force in ([], ["--force"]):
        result = cli("plan", THREE, "-o", path, *force)
        assert result.code == 2
        assert result.said[0].startswith(
            f'{path}: is the plan of fleet "two-clusters", not of "three-clouds"; '
        )
    assert path.read_bytes() == before


def test_a_fleet_given_as_the_plan_is_refused(cli: Cli, tmp_path: Path) -> None:
    fleet = tmp_path / "fleet.yaml"
    fleet.write_bytes(Path(THREE).read_bytes())
    result = cli("diff", fleet, fleet)
    assert result.code == 2
    assert "is no plan: its clusters do not stand by name" in result.err
    result = cli("plan", fleet, "-o", fleet)
    assert result.code == 2
    assert "is the fleet file itself" in result.err
    assert fleet.read_bytes() == Path(THREE).read_bytes()


# --- colours and widths --------------------------------------------------------------------------


@pytest.mark.parametrize("command", ["compare", "plan", "check"])
def test_what_is_piped_has_no_escape_codes(command: str, cli: Cli) -> None:
    result = cli(command, "examples/wikimedia.yaml")
    assert result.out
    assert ESCAPE not in result.out + result.err
    assert not [line for line in result.out.splitlines() if line != line.rstrip()]


@pytest.mark.slow
def test_a_terminal_has_colours_and_no_color_takes_them_away(
    cli: Cli, monkeypatch: pytest.MonkeyPatch
) -> None:
    plain = cli("compare", THREE).out
    monkeypatch.setenv("FORCE_COLOR", "1")
    monkeypatch.setenv("TERM", "xterm-256color")
    coloured = cli("compare", THREE).out
    assert f"{ESCAPE}[1;32m" in coloured  # bold green: the best of a row
    monkeypatch.setenv("NO_COLOR", "1")
    without = cli("compare", THREE).out
    assert "32m" not in without
    bare = re.sub(r"\x1b\[[0-9;]*m", "", coloured)
    assert [line.rstrip() for line in bare.splitlines()] == plain.splitlines()


def test_a_real_terminal_has_colours() -> None:
    master, terminal = pty.openpty()
    variables = environment(TERM="xterm-256color")
    variables = {k: v for k, v in variables.items() if k not in ("NO_COLOR", "FORCE_COLOR")}
    command = [sys.executable, "-m", "k8s6plan", "compare", "-n", "5"]
    with subprocess.Popen(command, stdout=terminal, env=variables) as run:
        os.close(terminal)
        shown = b""
        while True:
            try:
                part = os.read(master, 4096)
            except OSError:  # the other end is closed
                break
            if not part:
                break
            shown += part
        assert run.wait(timeout=30) == 0
    os.close(master)
    assert b"\x1b[" in shown
    assert b"hub-and-spoke" in shown


@pytest.mark.slow
@pytest.mark.parametrize("columns", [80, 160])
@pytest.mark.parametrize("path", EXAMPLES, ids=lambda path: path.stem)
def test_no_line_of_a_sheet_is_wider_than_the_terminal(
    columns: int, path: Path, cli: Cli, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COLUMNS", str(columns))
    lines = cli("compare", path).out.splitlines()
    assert max(map(len, lines)) <= columns


def test_three_designs_and_more_stand_side_by_side_at_80_columns(cli: Cli) -> None:
    lines = cli("compare", THREE).out.splitlines()
    heads = [
        line.split() for line in lines if set(line.split()) and set(line.split()) <= {*DESIGNS}
    ]
    assert [name for head in heads for name in head] == [*USUAL, "as-demanded"]
    assert len(heads[0]) >= 3


def test_findings_are_one_a_line_however_narrow(cli: Cli, monkeypatch: pytest.MonkeyPatch) -> None:
    wide = cli("check", "examples/wikimedia.yaml")
    monkeypatch.setenv("COLUMNS", "30")
    narrow = cli("check", "examples/wikimedia.yaml")
    assert narrow == wide
    data = json.loads(cli("check", "examples/wikimedia.yaml", "-f", "json").out)
    found = [line for line in wide.out.splitlines() if re.match(r"(error|warning|note): ", line)]
    assert len(found) == len(data["findings"]) > 0
    assert max(map(len, found)) > 80


# --- formats -------------------------------------------------------------------------------------

MEASURE = {"value", "unit", "note", "at_least"}
LIMIT = {"limit", "title", "value", "default", "max", "unit", "exceeds", "where", "avoid"}
LIMIT |= {"source", "as_of", "confidence"}
ROWS = [key for key, metric in METRICS.items() if not metric.full]
USUAL = wanted_designs(outline_of_count(2))


def documented(page: str, section: str = "") -> set[str]:
    """Return the keys in the first column of the tables of a page of the reference."""
    text = (ROOT / "docs" / "reference" / page).read_text()
    text = text.split(section, 1)[1] if section else text
    return {
        key
        for row in re.findall(r"^\| (`.+?) \|", text, re.MULTILINE)
        for key in re.findall(r"`([a-z0-9_]+)`", row)
    }


@pytest.mark.parametrize("arguments", [[THREE], ["-n", "0"], ["-n", "1"], ["-n", "7"]])
def test_the_json_of_compare_is_as_documented(arguments: list[str], cli: Cli) -> None:
    data = json.loads(cli("compare", *arguments, "-f", "json").out)
    assert set(data) == documented("compare-json.md") - MEASURE - (LIMIT - {"limit"}) - {"limit"}
    assert data["version"] == 1
    assert list(data["designs"]) == ([*USUAL, "as-demanded"] if THREE in arguments else USUAL)
    assert list(data["limits"]) == list(data["designs"])
    for column in data["designs"].values():
        assert list(column) == ROWS
        for measure in column.values():
            assert set(measure) == MEASURE
            assert isinstance(measure["unit"], str)
            assert isinstance(measure["note"], str)
            assert measure["value"] is not None or measure["note"]  # unknown says why
    assert list(data["best"]) == ROWS


def test_the_json_of_check_is_as_documented(cli: Cli) -> None:
    keys = documented("check-rules.md", "## JSON")
    for path in EXAMPLES:
        data = json.loads(cli("check", path, "-f", "json").out)
        assert {"version", "fleet", "findings", "written_by"} <= set(data) <= keys
        assert data["fleet"] == load(path).fleet
        for finding in data["findings"]:
            assert set(finding) == {"rule", "severity", "message", "source"}
            assert finding["rule"] in rules()
            assert finding["severity"] in ("error", "warning", "note")


def test_the_json_of_plan_is_as_documented(cli: Cli, tmp_path: Path) -> None:
    keys = documented("plan-file.md", "## What a run did")
    for output in ([], ["-o", tmp_path / "plan.yaml"]):
        data = json.loads(cli("plan", THREE, "-f", "json", *output).out)
        assert {"version", "fleet", "changed", "added", "tombstoned", "written_by"} <= set(data)
        assert set(data) <= keys
        assert data["changed"] == 0
        assert data["added"] == sorted(cluster.name for cluster in load(Path(THREE)).clusters)


def test_the_csv_of_compare_says_what_the_json_says(cli: Cli) -> None:
    rows = list(csv.DictReader(io.StringIO(cli("compare", THREE, "-f", "csv").out)))
    data = json.loads(cli("compare", THREE, "-f", "json").out)
    *rows, last = rows
    assert last["metric"] == "written_by"
    assert [row["metric"] for row in rows] == ROWS
    for row in rows:
        for design in data["designs"]:
            value = data["designs"][design][row["metric"]]["value"]
            if isinstance(value, float):
                assert float(row[design]) == value
                continue
            text = str(value).lower() if isinstance(value, bool) else str(value)
            assert row[design] == ("" if value is None else text)


def test_the_markdown_of_compare_is_one_table(cli: Cli) -> None:
    text = cli("compare", THREE, "-f", "md").out
    rows = [line for line in text.splitlines() if line.startswith("|")]
    # A bar that is escaped does not end a cell.
    cells = [re.split(r"(?<!\\)\|", row)[1:-1] for row in rows]
    assert {len(row) for row in cells} == {2 + len(USUAL)}
    assert [cell.strip() for cell in cells[0][1:]] == [*USUAL, "as-demanded"]
    assert [row[0].strip() for row in cells[2:]] == [
        f"{METRICS[key].title}, USD" if METRICS[key].money else METRICS[key].title
        for key in ROWS
        if not METRICS[key].of_work
    ]
    assert any("**" in cell for row in cells for cell in row)


@pytest.mark.slow
@pytest.mark.parametrize("form", FORMATS)
def test_what_is_written_is_what_is_printed(form: str, cli: Cli, tmp_path: Path) -> None:
    path = tmp_path / "sheet"
    result = cli("compare", THREE, "-f", form, "-o", path)
    assert (result.code, result.out, result.said) == (0, "", [f"wrote {path}"])
    if form != "table":  # which is as wide as the terminal, or as a page
        assert path.read_text() == cli("compare", THREE, "-f", form).out


# --- the same bytes ------------------------------------------------------------------------------


@pytest.mark.slow
@pytest.mark.parametrize(
    "arguments",
    [
        ["compare", THREE, "-f", "json"],
        ["plan", THREE],
        ["check", "examples/wikimedia.yaml", "-f", "json"],
        ["compare", "tests/bad/several-faults.yaml"],
    ],
    ids=lambda arguments: arguments[0],
)
def test_the_same_input_gives_the_same_bytes(arguments: list[str]) -> None:
    """Sets come in another order with another seed of the hash; the output must not."""
    runs = [
        subprocess.run(
            [sys.executable, "-m", "k8s6plan", *arguments],
            capture_output=True,
            env=environment(PYTHONHASHSEED=seed),
            check=False,
        )
        for seed in ("1", "4242")
    ]
    assert runs[0].stdout + runs[0].stderr
    assert (runs[0].stdout, runs[0].stderr) == (runs[1].stdout, runs[1].stderr)


@pytest.mark.parametrize("path", EXAMPLES, ids=lambda path: path.stem)
def test_a_second_plan_changes_nothing(path: Path, cli: Cli, tmp_path: Path) -> None:
    plan = tmp_path / "plan.yaml"
    assert cli("plan", path, "-o", plan).code == 0
    before = plan.read_bytes()
    assert from_yaml(before.decode(), "plan").fleet == load(path).fleet
    result = cli("plan", path, "-o", plan)
    assert result.code == 0
    assert result.said[1].startswith("0 existing prefixes changed")
    assert plan.read_bytes() == before
    data = json.loads(cli("plan", path, "-o", plan, "-f", "json").out)
    assert (data["changed"], data["added"], data["tombstoned"]) == (0, [], [])


# --- golden outputs ------------------------------------------------------------------------------


def test_there_are_golden_files_and_no_others() -> None:
    wanted = {f"compare/{path.stem}.{form}" for path in EXAMPLES for form in FORMATS}
    wanted |= {"check/wikimedia.txt", "check/wikimedia.stderr"}
    wanted |= {f"failures/{path.stem}.{form}" for path in EXAMPLES for form in ("table", "json")}
    folders = (GOLDEN / "compare", GOLDEN / "check", GOLDEN / "failures")
    found = {p.relative_to(GOLDEN).as_posix() for folder in folders for p in folder.glob("*")}
    assert len(EXAMPLES) >= 5
    assert found == wanted


@pytest.mark.slow
@pytest.mark.parametrize("form", FORMATS)
@pytest.mark.parametrize("path", EXAMPLES, ids=lambda path: path.stem)
def test_compare_prints(path: Path, form: str, cli: Cli, golden: Golden) -> None:
    result = cli("compare", f"examples/{path.name}", "-f", form)
    assert (result.code, result.err) == (0, "")
    golden(GOLDEN / "compare" / f"{path.stem}.{form}", result.out)


def test_check_prints(cli: Cli, golden: Golden) -> None:
    result = cli("check", "examples/wikimedia.yaml")
    assert result.code == 1
    golden(GOLDEN / "check" / "wikimedia.txt", result.out)
    golden(GOLDEN / "check" / "wikimedia.stderr", result.err)


# --- starter and schema --------------------------------------------------------------------------


def test_what_init_writes_is_a_fleet_for_every_command(
    cli: Cli, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    result = cli("init")
    assert (result.code, result.out) == (0, "")
    assert result.said == ["wrote fleet.yaml; next: k8s6plan compare fleet.yaml"]
    assert load(Path("fleet.yaml")).clusters
    assert cli("compare").code == 0
    assert cli("plan", "-o", "plan.yaml").code == 0
    assert cli("check").code in (0, 1)
    assert cli("check", "plan.yaml").code == 0
    assert cli("init").code == 2


def read_schema() -> dict[str, Any]:
    return dict(json.loads(SCHEMA.read_text()))


def test_schema_prints_the_committed_file(cli: Cli) -> None:
    result = cli("schema")
    assert result.code == 0
    assert result.out == SCHEMA.read_text(), "run `make schema`"


@pytest.mark.parametrize(
    "path", [*EXAMPLES, ROOT / "k8s6plan" / "fleet" / "starter.yaml"], ids=lambda p: p.stem
)
def test_the_schema_takes_what_the_program_takes(path: Path) -> None:
    validator = jsonschema.Draft202012Validator(read_schema())
    validator.check_schema(read_schema())
    assert list(validator.iter_errors(yaml.safe_load(path.read_text()))) == []


@pytest.mark.parametrize(
    "case", ["unknown-key-in-cluster", "unknown-key-on-top", "zero-nodes", "version-2", "zero-hubs"]
)
def test_the_schema_refuses_what_the_program_refuses(case: str) -> None:
    data = yaml.safe_load((ROOT / "tests" / "bad" / f"{case}.yaml").read_text())
    assert not jsonschema.Draft202012Validator(read_schema()).is_valid(data)
