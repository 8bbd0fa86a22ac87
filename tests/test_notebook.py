"""The way in from Python: names, lazy imports, results as records, as rows and as frames."""

from __future__ import annotations

import inspect
import json
import subprocess
import sys
import types
from collections.abc import Callable, Iterable
from decimal import Decimal
from pathlib import Path
from typing import Any, cast

import pytest

import k8s6plan
from k8s6plan.views import notebook
from tests.conftest import Cli

ROOT = Path(__file__).resolve().parents[1]
CLOUDS = ROOT / "examples" / "three-clouds.yaml"
OVERLAP = """version: 1
fleet: overlap
clusters:
  - {name: a, provider: aws, region: us-east-1, addresses: {pods: "10.4.0.0/16"}}
  - {name: b, provider: gcp, region: us-east1, addresses: {pods: "10.4.0.0/16"}}
  - {name: c, provider: azure, region: eastus}
"""


@pytest.fixture(scope="module")
def fleet() -> k8s6plan.Fleet:
    return k8s6plan.load(CLOUDS)


@pytest.fixture(scope="module")
def sheet(fleet: k8s6plan.Fleet) -> k8s6plan.DecisionSheet:
    return k8s6plan.compare(fleet)


@pytest.fixture
def pandas(monkeypatch: pytest.MonkeyPatch) -> type:
    """Stand a frame that keeps what it is made of in for pandas."""

    class DataFrame(list[dict[str, object]]):
        pass

    stand_in = types.ModuleType("pandas")
    stand_in.DataFrame = DataFrame  # type: ignore[attr-defined]
    monkeypatch.setitem(sys.modules, "pandas", stand_in)
    return DataFrame


# --- names ---------------------------------------------------------------------------------------


def test_every_name_is_there_and_documented() -> None:
    assert k8s6plan.__all__ == sorted(["__version__", *notebook.__all__])
    assert dir(k8s6plan) == k8s6plan.__all__
    for name in notebook.__all__:
        assert getattr(k8s6plan, name) is getattr(notebook, name)
        assert inspect.getdoc(getattr(k8s6plan, name)), name


def test_no_other_name_is() -> None:
    with pytest.raises(AttributeError, match="no attribute 'compares'"):
        k8s6plan.compares  # noqa: B018


def test_names_have_types() -> None:
    for name in ("compare", "draw", "load", "plan", "report"):
        hints = inspect.signature(getattr(k8s6plan, name))
        assert "Any" not in str(hints)
        assert hints.return_annotation is not inspect.Signature.empty


def test_importing_is_light() -> None:
    program = "import k8s6plan, sys; print([m for m in sys.modules if m.startswith('k8s6plan')])"
    done = subprocess.run(
        [sys.executable, "-c", program], cwd=ROOT, check=True, capture_output=True, text=True
    )
    assert done.stdout == "['k8s6plan']\n"


# --- the decision sheet --------------------------------------------------------------------------


@pytest.mark.slow
def test_compare_says_what_the_command_says(sheet: k8s6plan.DecisionSheet, cli: Cli) -> None:
    printed = json.loads(cli("compare", CLOUDS, "-f", "json").out)
    del printed["written_by"]
    assert sheet.to_json() == printed
    assert str(sheet).startswith("three-clouds: 12 clusters in 11 sites\n")
    rows = sheet.rows()
    assert [row["design"] for row in rows] == list(sheet.designs) == list(printed["designs"])
    for row in rows:
        column = printed["designs"][row.pop("design")]
        assert row == {key: measure["value"] for key, measure in column.items()}


def test_what_is_shown_is_short(fleet: k8s6plan.Fleet, sheet: k8s6plan.DecisionSheet) -> None:
    assert repr(sheet) == str(sheet)
    assert repr(k8s6plan.draw(fleet, fmt="mmd")) == "Drawing(fmt='mmd')"
    assert len(repr(k8s6plan.plan(fleet))) < 1000
    assert sheet._repr_markdown_().startswith("<!-- Written by k8s6plan ")


def test_figures_are_typed(sheet: k8s6plan.DecisionSheet) -> None:
    assert sheet.value("full-mesh", "tunnels") == 86
    assert isinstance(sheet.value("full-mesh", "cost_per_month"), Decimal)
    assert sheet.measure("full-mesh", "cost_per_month").unit == "USD/month"
    assert set(sheet.metrics) == set(sheet.rows()[0]) - {"design"}
    assert sheet.advice == sheet.comparison.advice


@pytest.mark.parametrize(
    ("ask", "says"),
    [
        (lambda s: s.value("fullmesh", "tunnels"), 'did you mean "full-mesh"'),
        (lambda s: s.value("full-mesh", "tunnel"), 'did you mean "tunnels"'),
        (lambda s: s.lines("costs"), 'no metric "costs"'),
    ],
)
def test_unknown_names_are_refused(
    ask: Callable[[k8s6plan.DecisionSheet], object], says: str, sheet: k8s6plan.DecisionSheet
) -> None:
    with pytest.raises(k8s6plan.K8s6planError, match=says):
        ask(sheet)


def test_lines_add_up_to_the_figure(sheet: k8s6plan.DecisionSheet) -> None:
    lines = sheet.lines()
    assert lines.metric == "cost_per_month"
    costs = [row["cost"] for row in lines.rows() if row["design"] == "hub-and-spoke"]
    known = [Decimal(str(cost)) for cost in costs if cost is not None]
    assert len(known) > 5
    assert round(sum(known), 2) == sheet.value("hub-and-spoke", "cost_per_month")
    assert {"title", "quantity", "unit", "source", "as_of"} <= set(lines.rows()[0])


def test_designs_and_prices_can_be_chosen(fleet: k8s6plan.Fleet, tmp_path: Path) -> None:
    book = tmp_path / "book.yaml"
    book.write_text('version: 1\nbook: contract\ncurrency: EUR\nrates: {USD: "0.5"}\n')
    dear = k8s6plan.compare(fleet, ["full-mesh"])
    cheap = k8s6plan.compare(fleet, ["full-mesh"], prices=book)
    assert cheap.designs == ("full-mesh",)
    costs = [each.value("full-mesh", "cost_per_month") for each in (dear, cheap)]
    assert float(costs[0]) == pytest.approx(2 * float(costs[1]), abs=0.1)  # type: ignore[arg-type]


def test_overlaps_are_known(tmp_path: Path) -> None:
    path = tmp_path / "overlap.yaml"
    path.write_text(OVERLAP)
    overlap = k8s6plan.load(path)
    assert k8s6plan.compare(overlap).value("full-mesh", "feasible") is False
    with pytest.raises(k8s6plan.K8s6planError, match=r"10\.4\.0\.0/16"):
        k8s6plan.plan(overlap)


STRANGE = """version: 1
fleet: strange
clusters:
  - {name: a, provider: awz, region: us-east-1}
  - {name: b, provider: gcp, region: us-east1}
  - {name: c, provider: azure, region: eastus}
demands:
  - {from: all, to: all, gb_per_month: 5}
"""


def test_what_the_commands_warn_of_is_warned_of(tmp_path: Path, cli: Cli) -> None:
    path = tmp_path / "strange.yaml"
    path.write_text(STRANGE)
    with pytest.warns(k8s6plan.K8s6planWarning) as caught:
        k8s6plan.load(path)
    lines = [str(one.message) for one in caught]
    assert [line.split(": ")[0] for line in lines] == [f"{path}:4", f"{path}:8"]
    assert "did you mean aws?" in lines[0]
    assert "write `per: pair` if so" in lines[1]
    assert [one.filename for one in caught] == [__file__] * 2
    said = [line for line in cli("compare", path).said if line.startswith("warning: ")]
    assert said == [f"warning: {line}" for line in lines]


# --- frames --------------------------------------------------------------------------------------


def test_a_frame_is_made_of_the_rows(
    sheet: k8s6plan.DecisionSheet, fleet: k8s6plan.Fleet, pandas: type
) -> None:
    for result in (sheet, sheet.lines(), k8s6plan.plan(fleet)):
        frame = result.to_frame()
        assert isinstance(frame, pandas)
        assert list(cast(Iterable[object], frame)) == result.rows()
        assert len({tuple(row) for row in result.rows()}) == 1, "all rows have the same keys"


def test_without_pandas_the_error_says_what_to_do(
    sheet: k8s6plan.DecisionSheet, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "pandas", None)
    with pytest.raises(ImportError, match=r"needs pandas: install it, or take rows\(\)"):
        sheet.to_frame()


def test_pandas_itself_takes_the_rows(sheet: k8s6plan.DecisionSheet) -> None:
    pytest.importorskip("pandas")
    frame = sheet.to_frame()
    assert list(frame["design"]) == list(sheet.designs)
    assert frame.set_index("design").loc["full-mesh", "tunnels"] == 86


# --- plans, drawings, reports --------------------------------------------------------------------


def test_a_plan_keeps_what_it_has_handed_out(fleet: k8s6plan.Fleet, tmp_path: Path) -> None:
    first = k8s6plan.plan(fleet)
    path = tmp_path / "plan.yaml"
    path.write_text(first.to_yaml(), "utf-8")
    again = k8s6plan.plan(fleet, path)
    assert again.changes.prefixes_added == again.changes.changed == 0
    assert again.rows() == first.rows()
    rows = [row for row in first.rows() if row["cluster"] == "prod-euw1"]
    assert {row["role"] for row in rows} == {"nodes", "pods", "services"}


def test_the_command_takes_the_plan_for_its_own(
    fleet: k8s6plan.Fleet, cli: Cli, tmp_path: Path
) -> None:
    path = tmp_path / "plan.yaml"
    path.write_text(k8s6plan.plan(fleet).to_yaml(), "utf-8")
    done = cli("plan", CLOUDS, "-o", path)
    assert done.code == 0
    assert "0 existing prefixes changed, 0 added" in done.err


@pytest.mark.parametrize(("fmt", "shows"), [("svg", "_repr_svg_"), ("png", "_repr_png_")])
def test_a_notebook_shows_a_drawing(fmt: str, shows: str, fleet: k8s6plan.Fleet) -> None:
    drawn = k8s6plan.draw(fleet, "hub-and-spoke", fmt=fmt, highlight="ml-usc1")
    shown: Any = {name: getattr(drawn, name)() for name in ("_repr_svg_", "_repr_png_")}
    content = shown.pop(shows)
    assert (content.encode() if isinstance(content, str) else content) == drawn.content
    assert set(shown.values()) == {None}


def test_a_drawing_is_that_of_the_command(fleet: k8s6plan.Fleet, cli: Cli, tmp_path: Path) -> None:
    for fmt in ("svg", "mmd"):
        path = tmp_path / f"x.{fmt}"
        assert cli("diagram", CLOUDS, "-d", "regional-hubs", "-o", path).code == 0
        assert k8s6plan.draw(fleet, "regional-hubs", fmt=fmt).content == path.read_bytes()
    with pytest.raises(k8s6plan.K8s6planError, match='no format is called "sgv"'):
        k8s6plan.draw(fleet, fmt="sgv")


@pytest.mark.slow
def test_a_report_is_that_of_the_command(cli: Cli, tmp_path: Path) -> None:
    path = ROOT / "examples" / "two-clusters.yaml"
    made = k8s6plan.report(k8s6plan.load(path))
    texts = {"html": made.to_html(), "md": made.to_markdown()}
    for ending, text in texts.items():
        written = tmp_path / f"x.{ending}"
        assert cli("report", path, "-o", written).code == 0
        assert written.read_text("utf-8") == text
    assert made.to_json()["fleet"] == "two-clusters"
