"""What holds for every command: forms of an answer, streams that are closed, words of ours."""

from __future__ import annotations

import csv
import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
import yaml

from k8s6plan import cli as program
from k8s6plan.views.tables import csv_of
from tests.conftest import Cli

ROOT = Path(__file__).parent.parent
TWO, THREE = (ROOT / "examples" / f"{name}.yaml" for name in ("two-clusters", "three-clouds"))


# --- forms ---------------------------------------------------------------------------------------


def rows(text: str) -> list[list[str]]:
    return list(csv.reader(text.splitlines()))


@pytest.mark.parametrize("name", ["a.csv", "a.json", "a.md", "a.txt", "a.CSV"])
def test_the_ending_decides(name: str, tmp_path: Path, cli: Cli) -> None:
    path = tmp_path / name
    assert cli("compare", TWO, "-o", path).code == 0
    text = path.read_text("utf-8")
    form = {".csv": "csv", ".json": "json", ".md": "md", ".txt": "table"}[path.suffix.lower()]
    asked = cli("compare", TWO, "--format", form).out
    assert text.splitlines()[3:20] == asked.splitlines()[3:20] or form == "table"
    assert text.startswith({"csv": "metric,", "json": "{", "md": "<!--", "table": "two-"}[form])


def test_an_ending_and_a_form_may_not_differ(tmp_path: Path, cli: Cli) -> None:
    found = cli("compare", TWO, "-o", tmp_path / "a.csv", "-f", "md")
    assert found.code == 2
    assert "a.csv ends in .csv, and --format says md; leave one out" in found.err
    assert not list(tmp_path.iterdir())
    assert cli("compare", TWO, "-o", tmp_path / "a.csv", "-f", "csv").code == 0


def test_a_dash_is_stdout(tmp_path: Path, cli: Cli, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    assert "two-clusters" in cli("compare", TWO, "-o", "-").out
    assert not list(tmp_path.iterdir())


def test_lines_as_csv_are_those_of_json(cli: Cli) -> None:
    head, *lines, last = rows(cli("compare", THREE, "--explain", "cost", "-f", "csv").out)
    data = json.loads(cli("compare", THREE, "--explain", "cost", "-f", "json").out)
    assert head[:4] == ["design", "part", "quantity", "unit"]
    assert last[0] == "written_by"
    told = [
        (name, line["item"]) for name, column in data["designs"].items() for line in column["lines"]
    ]
    assert [(line[0], line[head.index("row")]) for line in lines] == told
    known = [float(line[6]) for line in lines if line[0] == "hub-and-spoke" and line[6]]
    assert sum(known) == pytest.approx(data["designs"]["hub-and-spoke"]["value"], abs=0.01)


def test_lines_as_markdown_are_a_table_a_design(cli: Cli) -> None:
    text = cli("compare", THREE, "--explain", "limits", "-f", "md").out
    data = json.loads(cli("compare", THREE, "--explain", "limits", "-f", "json").out)
    assert [line for line in text.splitlines() if line.startswith("## ")]
    lines = sum(len(column["lines"]) for column in data["designs"].values())
    tables = sum(bool(column["lines"]) for column in data["designs"].values())
    assert sum(line.startswith("|") for line in text.splitlines()) == lines + 2 * tables


def test_changes_in_every_form(tmp_path: Path, cli: Cli) -> None:
    base = tmp_path / "base.json"
    cli("compare", TWO, "--save", base)
    found = json.loads(cli("compare", THREE, "--compare-to", base, "-f", "json").out)["changes"]
    _, *lines, last = rows(cli("compare", THREE, "--compare-to", base, "-f", "csv").out)
    assert [line[:2] for line in lines] == [[c["design"], c["metric"]] for c in found]
    assert last[0] == "written_by"
    text = cli("compare", THREE, "--compare-to", base, "-f", "md").out
    assert sum(line.startswith("- ") for line in text.splitlines()) == len(found)


def test_a_cell_is_no_formula() -> None:
    cells = ["=1+1", "+cmd", "-2+3", "@sum", "\tx", "-5", "+1.5", "a=b", ""]
    text = csv_of(["a", "b"], [[cell, "-"] for cell in cells], "mark")
    assert [row[0] for row in rows(text)] == [
        *("a", "'=1+1", "'+cmd", "'-2+3", "'@sum", "'\tx", "-5", "+1.5", "a=b", "", "written_by")
    ]


# --- words ---------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("options", "said"),
    [
        (["-n", "-1"], "must be at least 0"),
        (["-n", "1" + "0" * 30], "must be at most 10000000"),
        (["-n", "x"], "is no whole number"),
        (["-n", "3", "--tunnels-per-link", "65"], "must be at most 64"),
        (["-n", "3", "--format", "yaml"], "'yaml' is not one of 'table', 'json', 'md', 'csv'"),
    ],
)
def test_options_are_refused_in_plain_words(options: list[str], said: str, cli: Cli) -> None:
    found = cli("compare", *options)
    assert found.code == 2
    assert said in found.err
    assert "Input should" not in found.err
    assert "Value error" not in found.err


def test_a_file_of_ours_that_is_no_fleet_is_one_fault(tmp_path: Path, cli: Cli) -> None:
    base = tmp_path / "base.json"
    cli("compare", TWO, "--save", base)
    found = cli("check", base)
    assert found.code == 2
    (line,) = found.said
    assert line.startswith(f"{base}: was written by k8s6plan")
    assert line.endswith("compare; name the fleet file that it tells of")


def test_a_key_is_a_word(tmp_path: Path, cli: Cli) -> None:
    fleet = tmp_path / "fleet.yaml"
    fleet.write_text("fleet: x\n? {a: [1]}\n: 2\nclusters: []\n", "utf-8")
    found = cli("compare", fleet)
    assert found.code == 2
    assert found.said == [f"{fleet}:2: a key is a mapping or a list; write a word before the colon"]


def test_what_nobody_foresaw_is_one_line(cli: Cli, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(*_: object) -> None:
        raise ZeroDivisionError("by nothing\x1b[31m")

    monkeypatch.setattr("k8s6plan.fleet.file.load", broken)
    found = cli("compare", TWO)
    assert found.code == 2
    (line,) = found.said
    assert line.startswith("a fault of this program, not of your input: ZeroDivisionError: by")
    assert "\x1b" not in line
    assert program.TRACEBACK in line
    monkeypatch.setenv(program.TRACEBACK, "1")
    with pytest.raises(ZeroDivisionError):
        cli("compare", TWO)


# --- streams and surroundings --------------------------------------------------------------------


def run(command: str, folder: Path, **more: str) -> subprocess.CompletedProcess[str]:
    """Run the program from a shell, so that the shell can close its streams."""
    surroundings = os.environ | {"PYTHONPATH": str(ROOT), "PYTHON": sys.executable} | more
    return subprocess.run(
        ["/bin/sh", "-c", f'exec "$PYTHON" -m k8s6plan {command}'],
        cwd=folder, env=surroundings, capture_output=True, text=True, check=False,
    )  # fmt: skip


@pytest.mark.slow
@pytest.mark.parametrize(
    "command", ["compare", "sweep --to 5", "failures", "plan", "check", "diagram -o a.svg"]
)
def test_a_closed_stderr_changes_no_exit_code(command: str, tmp_path: Path) -> None:
    open_, closed = (run(f"{command} {TWO} --force {end}" if "-o" in command else
                         f"{command} {TWO} {end}", tmp_path) for end in ("", "2>&-"))  # fmt: skip
    assert closed.returncode == open_.returncode == 0
    assert closed.stdout == open_.stdout


def test_a_closed_stdout_is_told(tmp_path: Path) -> None:
    found = run(f"compare {TWO} >&-", tmp_path)
    assert found.returncode == 2
    assert "stdout: is closed" in found.stderr


@pytest.mark.slow
def test_settings_for_other_pictures_change_none_of_ours(tmp_path: Path) -> None:
    plain, set_ = tmp_path / "plain", tmp_path / "set"
    plain.mkdir()
    set_.mkdir()
    (set_ / "matplotlibrc").write_bytes(b"lines.linewidth: 9\nfont.size: [\n\xff\xfe")
    for folder, more in ((plain, {}), (set_, {"MPLBACKEND": "module://nowhere.at_all"})):
        for command in (f"diagram {TWO} -o a.svg", f"sweep {TWO} --to 3 -o b.svg"):
            found = run(command, folder, **more)
            assert found.returncode == 0, found.stderr
            assert "matplotlib" not in found.stderr
    for name in ("a.svg", "b.svg"):
        assert (plain / name).read_bytes() == (set_ / name).read_bytes()


def test_ctrl_c_is_quiet_from_the_first_moment() -> None:
    code = """
import sys
class Impatient:
    def find_spec(self, name, *_):
        if name == "k8s6plan.cli":
            raise KeyboardInterrupt
sys.meta_path.insert(0, Impatient())
from k8s6plan.__main__ import run
run()
"""
    words = [sys.executable, "-c", code]
    surroundings = os.environ | {"PYTHONPATH": str(ROOT)}
    found = subprocess.run(words, env=surroundings, capture_output=True, text=True, check=False)
    assert (found.returncode, found.stdout, found.stderr) == (130, "", "")


@pytest.mark.parametrize(
    ("command", "says"),
    [
        ("compare fleet.yaml -o a.png", "ends in .png, which is not written here"),
        ("compare fleet.yaml --save a.yaml", "ends in .yaml, which is not written here"),
        ("plan fleet.yaml -o a.json", "end it in .yaml or .yml"),
        ("plan fleet.yaml -o fleet.yaml --force", "is the fleet file itself"),
        ("plan -o ./fleet.yaml --force", "is the fleet file itself"),
        ("plan fleet.yaml -o link.yaml --force", "is the fleet file itself"),
        ("report fleet.json -o fleet.json --force", "is the fleet file itself"),
        ("sweep fleet.json -o fleet.json --force", "is the fleet file itself"),
        ("diagram fleet.json -o fleet.json --force", "is the fleet file itself"),
        ("compare fleet.json --save fleet.json --force", "is the fleet file itself"),
    ],
)
def test_nothing_is_written_where_something_else_belongs(
    command: str, says: str, tmp_path: Path
) -> None:
    fleet = tmp_path / "fleet.yaml"
    fleet.write_bytes(TWO.read_bytes())
    (tmp_path / "link.yaml").symlink_to(fleet)
    (tmp_path / "fleet.json").write_text(json.dumps(yaml.safe_load(TWO.read_bytes())))  # is YAML
    before = sorted(tmp_path.iterdir())
    found = run(command, tmp_path)
    assert found.returncode == 2
    assert says in " ".join(found.stderr.split())
    assert sorted(tmp_path.iterdir()) == before
    assert fleet.read_bytes() == TWO.read_bytes()
