"""``k8s6plan diagram``: options that go together, and those that do not."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from xml.etree import ElementTree

import pytest

from k8s6plan.views.formats import TEXTS
from tests.conftest import Cli
from tests.plan_files import unsealed

Svg = Callable[..., tuple[set[str], list[str]]]
ROOT = Path(__file__).resolve().parents[1]
CLOUDS = ROOT / "examples" / "three-clouds.yaml"
WIKIMEDIA = ROOT / "examples" / "wikimedia.yaml"
PINNED = """version: 1
fleet: pinned
clusters:
  - {name: a, provider: p, region: r, addresses: {pods: "10.4.0.0/16"}}
  - {name: b, provider: p, region: q, addresses: {pods: "10.4.0.0/17"}}
"""
BOOK = """version: 1
book: contract
currency: EUR
rates: {USD: "0.5"}
"""


@pytest.fixture
def svg(cli: Cli, tmp_path: Path) -> Svg:
    """Draw with these arguments, and return the texts of the SVG and what was said."""

    def run(*arguments: object) -> tuple[set[str], list[str]]:
        path = tmp_path / "picture.svg"
        result = cli("diagram", *arguments, "-o", path, "--force")
        assert (result.code, result.out) == (0, ""), result.err
        assert result.said[-1] == f"wrote {path}"
        root = ElementTree.fromstring(path.read_bytes())  # noqa: S314  our own text
        texts = root.iter("{http://www.w3.org/2000/svg}text")
        return {"".join(text.itertext()) for text in texts}, result.said[:-1]

    return run


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (["--highlight", "ml-usc1", "--fail", "aws"], "--highlight and --fail exclude each other"),
        (["--label", "colour"], '"colour" is none of prefixes'),
        (["--prices", "none.yaml"], "none.yaml: no such file"),
        (["--plan", "plan.yaml"], "goes with --label prefixes"),
        (["--collapse", "city"], "'city' is not one of"),
        (["--theme", "grey"], "'grey' is not one of"),
        (["--fail", "aws/us-east-9"], 'did you mean "aws/us-east-1"?'),
        (["--highlight", "ml-usc"], 'did you mean "ml-usc1"?'),
        (["-d", "hub-and-spokes"], 'did you mean "hub-and-spoke"?'),
        (["--label", "prefixes", "--plan", "none.yaml"], "none.yaml: no such file"),
    ],
)
def test_bad_usage(arguments: list[str], says: str, cli: Cli, tmp_path: Path) -> None:
    path = tmp_path / "picture.svg"
    result = cli("diagram", CLOUDS, *arguments, "-o", path)
    assert (result.code, result.out) == (2, "")
    assert says in " ".join(result.err.replace("│", " ").split())
    assert not path.exists()


@pytest.mark.parametrize("ending", TEXTS)
@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (["--compare"], "more than one design"),
        (["-d", "full-mesh", "-d", "flat-ipv6"], "more than one design"),
        (["--fail", "aws"], "--fail"),
        (["--highlight", "ml-usc1"], "--highlight"),
        (["--label", "prefixes"], "--label"),
    ],
)
def test_texts_have_no_place_for_some(
    ending: str, arguments: list[str], says: str, cli: Cli, tmp_path: Path
) -> None:
    result = cli("diagram", CLOUDS, *arguments, "-o", tmp_path / f"x.{ending}")
    assert result.code == 2
    said = " ".join(result.err.replace("│", " ").split())
    assert f"a .{ending} file has no place for {says}" in said


@pytest.mark.slow
def test_a_sheet_has_all_designs_or_those_named(svg: Svg) -> None:
    texts, _ = svg(CLOUDS, "--compare")
    assert {"three-clouds", "Hub and spoke", "Full mesh", "Regional hubs", "Flat IPv6"} <= texts
    texts, _ = svg(CLOUDS, "-d", "full-mesh", "-d", "flat-ipv6")
    assert {"three-clouds", "Full mesh", "Flat IPv6"} <= texts
    assert "Hub and spoke" not in texts
    texts, _ = svg(CLOUDS, "--compare", "-d", "flat-ipv6")
    assert "three-clouds: Flat IPv6" in texts


def test_prefixes_are_those_of_the_plan(svg: Svg, cli: Cli, tmp_path: Path) -> None:
    plan = tmp_path / "plan.yaml"
    assert cli("plan", CLOUDS, "-o", plan).code == 0
    made, _ = svg(CLOUDS, "--label", "prefixes")
    read, _ = svg(CLOUDS, "--label", "prefixes", "--plan", plan)
    assert made == read
    assert sum(text.startswith("pods ") for text in read) >= 12
    moved = unsealed(plan.read_text()).replace("100.64.0.0/17", "100.65.0.0/17")
    plan.write_text(moved)
    texts, _ = svg(CLOUDS, "--label", "prefixes", "--plan", plan)
    assert "pods 100.65.0.0/17" in texts
    plain, _ = svg(CLOUDS)
    assert not any(text.startswith("pods ") for text in plain)
    result = cli("diagram", WIKIMEDIA, "--label", "prefixes", "--plan", plan, "-o", "x.svg")
    assert result.code == 2
    assert 'is the plan of fleet "three-clouds", not of "wikimedia"' in result.err


def test_pins_that_overlap_are_shown_as_they_are(svg: Svg, tmp_path: Path) -> None:
    fleet = tmp_path / "fleet.yaml"
    fleet.write_text(PINNED)
    texts, said = svg(fleet, "--label", "prefixes")
    assert {"pods 10.4.0.0/16", "pods 10.4.0.0/17"} <= texts
    assert said[-1] == "no plan can be made of pins that overlap: only the pins are shown"


def test_a_seed_that_is_not_kept_shows_no_ula(svg: Svg, tmp_path: Path) -> None:
    fleet = tmp_path / "fleet.yaml"
    fleet.write_text("version: 1\nfleet: f\nclusters:\n  - {name: a, provider: on-prem, site: s}\n")
    texts, said = svg(fleet, "--label", "prefixes")
    assert not any("fd" in text for text in texts if text.startswith("pods "))
    assert any("ULA prefixes are left out" in line for line in said)
    assert svg(fleet, "--label", "prefixes") == (texts, said)


def test_cost_and_traffic_stand_on_links(svg: Svg) -> None:
    # AWS: a connection of two tunnels, 36.50; Google: two tunnels of 0.05 an hour, 73.
    texts, _ = svg(CLOUDS, "-d", "full-mesh", "--label", "cost,traffic")
    assert {"110 USD", "640 USD", "6,000 GB, 500 Mbps"} <= texts
    assert "at least 7,051 USD a month" in texts
    cost, _ = svg(CLOUDS, "-d", "full-mesh", "--label", "cost")
    assert not any(text.endswith("Mbps") for text in cost)
    traffic, _ = svg(CLOUDS, "-d", "full-mesh", "--label", "traffic")
    assert not any(text.endswith(" USD") for text in traffic)


@pytest.mark.slow
def test_the_title_has_the_cost_of_the_sheet(svg: Svg, cli: Cli, tmp_path: Path) -> None:
    book = tmp_path / "book.yaml"
    book.write_text(BOOK)
    currencies = []
    for options in ([], ["--prices", book]):
        sheet = json.loads(cli("compare", CLOUDS, *options, "-f", "json").out)
        texts, _ = svg(CLOUDS, "--compare", *options)
        for column in sheet["designs"].values():
            cost = column["cost_per_month"]
            least = "at least " if cost["at_least"] else ""
            assert f"{least}{cost['value']:,.0f} {sheet['currency']} a month" in texts
        currencies.append(sheet["currency"])
    assert currencies == ["USD", "EUR"]


def test_a_cost_that_is_unknown_is_told_so(svg: Svg, tmp_path: Path) -> None:
    texts, _ = svg(WIKIMEDIA, "--label", "cost,traffic")
    assert {"cost unknown", "no fixed cost"} <= texts
    assert not any(text == "0 USD" in text for text in texts)
    assert any("no demands, so the load of links is unknown" in text for text in texts)
    free = tmp_path / "fleet.yaml"
    free.write_text(
        "{version: 1, fleet: f, clusters: [{name: a, provider: aws, region: us-east-1}, "
        "{name: b, provider: gcp, region: us-central1}]}"
    )
    texts, _ = svg(free, "-d", "full-mesh")
    assert "110 USD a month, without traffic" in texts


def test_what_is_down_and_dark_is_drawn(svg: Svg, tmp_path: Path) -> None:
    texts, _ = svg(CLOUDS, "-d", "hub-and-spoke", "--fail", "aws/eu-west-1", "--theme", "dark")
    assert {"down", "cut off"} <= texts
    assert "#12171f" in (tmp_path / "picture.svg").read_text()


def test_json_holds_the_whole_graph(cli: Cli, tmp_path: Path) -> None:
    path = tmp_path / "graph.json"
    assert cli("diagram", CLOUDS, "-o", path).code == 0
    data = json.loads(path.read_text())
    assert (len(data["nodes"]), len(data["edges"])) == (11, 55)
