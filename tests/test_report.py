"""The report: the same figures as elsewhere, safe with any name, the same bytes every time."""

from __future__ import annotations

import json
import re
import xml.etree.ElementTree as ET
from decimal import Decimal
from functools import cache
from pathlib import Path
from typing import Any

import html5lib
import pytest

from k8s6plan.decision.metrics import METRICS, Case
from k8s6plan.decision.sweep import grid, over_clusters, turns
from k8s6plan.decision.terms import terms_of
from k8s6plan.errors import K8s6planError
from k8s6plan.fleet.file import load
from k8s6plan.fleet.model import Fleet
from k8s6plan.topology.designs import DESIGNS
from k8s6plan.topology.graph import expand
from k8s6plan.views.diagram import picture_of
from k8s6plan.views.report import Report, _picture, markdown, page, to_json
from k8s6plan.views.report._chart import chart
from k8s6plan.views.words import cell
from tests.conftest import Cli
from tests.reports import (
    EVIL,
    MARK,
    QUOTE,
    THREE,
    fleet_of,
    gathered,
    hostile_report,
    page_at,
    report_at,
)

ROOT = Path(__file__).resolve().parents[1]
EXAMPLES = sorted((ROOT / "examples").glob("*.yaml"))
CLOUDS = ROOT / "examples" / "three-clouds.yaml"
HTML = "{http://www.w3.org/1999/xhtml}"

pytestmark = pytest.mark.xdist_group("report")  # which are made once, by one worker


@pytest.fixture
def clouds() -> Report:
    return report_at(CLOUDS)


@pytest.fixture
def clouds_page() -> str:
    return page_at(CLOUDS)


@cache
def parsed(text: str) -> ET.Element:
    """Return the tree of a page; a fault of HTML fails the test."""
    parser = html5lib.HTMLParser(strict=True, tree=html5lib.getTreeBuilder("etree"))
    tree: ET.Element = parser.parse(text)
    return tree


def data_of(text: str) -> dict[str, Any]:
    """Return the data that the script of a page reads."""
    found = re.search(r'<script type="application/json" id="data">(.*?)</script>', text, re.DOTALL)
    assert found
    return dict(json.loads(found[1]))


def table_of(tree: ET.Element) -> dict[str, dict[str, str]]:
    """Return the decision table of a page: by design and metric, what the cell says."""
    table = next(e for e in tree.iter(f"{HTML}table") if e.get("id") == "table")
    heads = [e for e in table.iter(f"{HTML}th") if e.get("data-design")]
    names = {e.get("data-design"): (e.text or "").strip() for e in heads}
    found: dict[str, dict[str, str]] = {name: {} for name in names.values()}
    for row in table.iter(f"{HTML}tr"):
        for td in row.iter(f"{HTML}td"):
            found[names[td.get("data-design")]][row.get("data-row", "")] = "".join(td.itertext())
    return found


# --- the figures ---------------------------------------------------------------------------------


@pytest.mark.slow
@pytest.mark.parametrize("path", EXAMPLES, ids=lambda path: path.stem)
def test_json_holds_what_compare_prints(path: Path, cli: Cli) -> None:
    printed = json.loads(cli("compare", path, "--full", "--format", "json").out)
    printed.pop("written_by")
    assert to_json(report_at(path))["comparison"] == printed


@pytest.mark.slow
def test_page_shows_what_compare_prints(cli: Cli, clouds_page: str) -> None:
    shown = table_of(parsed(clouds_page))
    printed = json.loads(cli("compare", CLOUDS, "--full", "--format", "json").out)["designs"]
    assert list(shown) == list(printed)
    for name, column in printed.items():
        for key, text in shown[name].items():
            value = column[key]["value"]
            if value is None:
                assert text in ("unknown", "none")
            elif isinstance(value, bool):
                assert text == ("yes" if value else "no")
            elif isinstance(value, str):
                assert text == value
            else:
                assert text.startswith("≥") is column[key]["at_least"]
                close = 0.5 if METRICS[key].money else 0.005
                assert float(re.sub(r"[≥, ]", "", text)) == pytest.approx(value, abs=close)


def test_cost_lines_add_up_to_what_the_page_says(clouds: Report) -> None:
    data = to_json(clouds)
    for name, lines in data["costs"].items():
        known = [line["cost"] for line in lines if line["cost"] is not None]
        measure = data["comparison"]["designs"][name]["cost_per_month"]
        assert sum(known) == pytest.approx(measure["value"], abs=0.01)
        assert (len(known) < len(lines)) is measure["at_least"]
        assert all(line["source"] or line["cost"] is None for line in lines)


def test_stops_are_the_sheet_at_that_size_and_traffic(clouds: Report) -> None:
    """Each stop against a fleet that says so itself, by another way through the program."""
    fleet = clouds.fleet
    for times in (Decimal(0), Decimal("0.5"), Decimal(5)):
        demands = tuple(
            d.model_copy(update={"gb_per_month": d.gb_per_month * times}) for d in fleet.demands
        )
        terms = terms_of(fleet.model_copy(update={"demands": demands}))
        for clusters in (3, 12, 40):
            stop = clouds.grid.at(clusters, times)
            for name in clouds.designs:
                case = Case(DESIGNS[name], terms.start, terms).at(clusters)
                for key in clouds.grid.rows:
                    assert stop.table[name][key] == METRICS[key].measure(case), (name, key)


def test_page_embeds_the_stops(clouds: Report, clouds_page: str) -> None:
    data = data_of(clouds_page)
    assert len(data["stops"]) == len(data["clusters"]) * len(data["times"])
    for number, stop in enumerate(clouds.grid.stops):
        for place, key in enumerate(data["rows"]):
            texts, best = data["pool"][data["stops"][number][place]]
            assert texts == [cell(stop.table[name][key]) for name in clouds.designs]
            assert [clouds.designs[i] for i in best] == list(stop.best[key])
    size, times = data["start"]
    assert data["clusters"][size] == 12
    assert data["times"][times] == "1"
    start = data["stops"][size * len(data["times"]) + times]
    texts, best = data["pool"][start[data["rows"].index("tunnels")]]
    tunnels = [clouds.comparison.table[name]["tunnels"].value for name in clouds.designs]
    assert texts == [str(number) for number in tunnels]


def test_turns_are_where_every_size_was_looked_at() -> None:
    terms = terms_of(load(THREE))
    swept = over_clusters(terms.start, (), terms, 100)
    sheet = grid(swept.cases)
    found = {(cheaper, than, at) for cheaper, than, at in turns(swept.cases, sheet)}
    known = {(c.cheaper, c.than, int(c.at)) for c in swept.crossings}
    assert found <= known
    # Where two turn once between two stops, nothing is missed.
    once = [
        (a, b) for a, b, _ in known if sum((x, y) in ((a, b), (b, a)) for x, y, _ in known) == 1
    ]
    assert {(a, b) for a, b, _ in found} >= set(once)


# --- names ---------------------------------------------------------------------------------------


def test_any_name_is_text_and_nothing_else() -> None:
    text = page(hostile_report(), MARK)
    tree = parsed(text)
    assert [e.get("type") for e in tree.iter(f"{HTML}script")] == ["application/json", None]
    assert list(tree.iter(f"{HTML}img")) == []
    for element in tree.iter():
        assert [name for name in element.attrib if name.lower().startswith("on")] == []
        assert "style" not in element.attrib
    said = " ".join(tree.itertext())
    assert EVIL in said
    assert QUOTE in said
    # In the data of the script no tag can end or begin.
    raw = text.split('id="data">')[1].split("</script>")[0]
    assert "<" not in raw
    assert EVIL in {row[1] for row in data_of(text)["prefixes"]}


def test_markdown_keeps_names_as_text() -> None:
    text = markdown(hostile_report(), MARK)
    body = text.split("-->", 1)[1]
    assert re.findall(r"(?<!\\)<(?:script|img)", body) == []
    assert "\\<script" in body


def test_fleet_file_refuses_such_names(cli: Cli, tmp_path: Path) -> None:
    fleet = tmp_path / "fleet.yaml"
    fleet.write_text(THREE.read_text("utf-8").replace("fleet: ", f"fleet: '{EVIL}' #"), "utf-8")
    result = cli("report", fleet, "-o", tmp_path / "report.html")
    assert result.code == 2
    assert not (tmp_path / "report.html").exists()


@pytest.mark.slow
def test_sources_become_links_to_the_web_only() -> None:
    fleet = load(CLOUDS)
    row = fleet.model_validate(
        {
            **fleet.model_dump(by_alias=True, include={"fleet"}),
            "clusters": [{"name": "a", "provider": "aws", "region": "us-east-1"},
                         {"name": "b", "provider": "gcp", "region": "us-east1"}],
            "prices": {"aws.site_to_site_vpn_connection_hour": {
                "price": "1", "source": "javascript:alert(1) x.example.com/a\"><b>"}},
        }
    )  # fmt: skip
    tree = parsed(page(gathered(row), MARK))
    links = {e.get("href", "") for e in tree.iter(f"{HTML}a")}
    assert all(link.startswith(("#", "https://")) for link in links)
    assert "https://x.example.com/a" in links


# --- the page ------------------------------------------------------------------------------------


@pytest.mark.slow
@pytest.mark.parametrize("path", EXAMPLES, ids=lambda path: path.stem)
def test_page_is_valid_small_and_the_same_every_time(path: Path) -> None:
    text = page_at(path)
    assert len(text.encode()) < 500_000
    assert text == page(gathered(load(path)), MARK)
    tree = parsed(text)
    ids = [e.get("id") for e in tree.iter() if e.get("id")]
    assert len(ids) == len(set(ids))
    for element in tree.iter():
        named = f"{element.get('aria-labelledby', '')} {element.get('aria-describedby', '')}"
        named += f" {element.get('aria-controls', '')} {element.get('for', '')}"
        assert set(named.split()) <= set(ids)
    anchors = {(e.get("href") or "")[1:] for e in tree.iter(f"{HTML}a")
               if (e.get("href") or "").startswith("#")}  # fmt: skip
    assert anchors <= set(ids)


def test_page_asks_no_network(clouds_page: str) -> None:
    tree = parsed(clouds_page)
    policy = next(e for e in tree.iter(f"{HTML}meta") if e.get("http-equiv"))
    assert (policy.get("content") or "").startswith("default-src 'none'; img-src data:; ")
    assert "unsafe" not in (policy.get("content") or "")
    for element in tree.iter():
        assert element.get("src") is None
        if element.tag == f"{HTML}link":
            assert element.get("href") == "data:,"
    style = next(tree.iter(f"{HTML}style")).text or ""
    assert not re.search(r"url\(|@import", style)


def test_every_design_has_its_picture_and_every_cluster_a_box(
    clouds: Report, clouds_page: str
) -> None:
    tree = parsed(clouds_page)
    panels = [e for e in tree.iter(f"{HTML}div") if e.get("role") == "tabpanel"]
    assert len(panels) == len(clouds.designs)
    names = {cluster.name for cluster in clouds.fleet.clusters}
    for name, panel in zip(clouds.designs, panels, strict=True):
        held = " ".join(e.get("data-clusters") or "" for e in panel.iter()).split()
        assert sorted(held) == sorted(names)
        ends = [e for e in panel.iter() if e.get("data-ends")]
        graph = expand(DESIGNS[name], clouds.fleet)
        assert len(ends) == graph.number_of_edges()


def test_unknown_is_never_zero_on_the_page(cli: Cli, tmp_path: Path) -> None:
    """A fleet of a provider without any price: no cost is told, and none is nought."""
    fleet = tmp_path / "fleet.yaml"
    fleet.write_text(
        "version: 1\nfleet: far\nula_seed: far\nclusters:\n"
        "  - {name: a, provider: moon, region: x}\n  - {name: b, provider: mars, region: y}\n",
        "utf-8",
    )
    output = tmp_path / "report.html"
    assert cli("report", fleet, "-d", "full-mesh", "-o", output).code == 0
    text = output.read_text("utf-8")
    tree = parsed(text)
    assert table_of(tree)["full-mesh"]["cost_per_month"] == "unknown"
    costs = [e for e in tree.iter(f"{HTML}span") if e.get("class") == "total"]
    assert [e.text for e in costs] == ["unknown"]
    assert "There is no cost to draw" in text
    assert "Tunnels by clusters" in text
    data = data_of(text)
    row = data["rows"].index("cost_per_month")
    said = {data["pool"][stop[row]][0][0] for stop, n in zip(data["stops"], data["clusters"],
            strict=True) if n > 1}  # fmt: skip
    assert said == {"unknown"}


@pytest.mark.slow
def test_own_rows_are_told(cli: Cli, tmp_path: Path) -> None:
    fleet = tmp_path / "fleet.yaml"
    own = "prices:\n  aws.site_to_site_vpn_connection_hour: 0.04\nassumptions: {month_hours: 700}\n"
    fleet.write_text(THREE.read_text("utf-8") + own, "utf-8")
    for ending in ("html", "md", "json"):
        assert cli("report", fleet, "-o", tmp_path / f"r.{ending}").code == 0
    text = (tmp_path / "r.html").read_text("utf-8")
    assert "A month has 700 hours" in text
    assert "Rows of yours: aws.site_to_site_vpn_connection_hour" in text
    assert "month\\_hours: 700 hours" in (tmp_path / "r.md").read_text("utf-8")
    data = json.loads((tmp_path / "r.json").read_text("utf-8"))
    assert next(a for a in data["assumptions"] if a["name"] == "month_hours")["yours"] is True
    rows = {row["row"]: row for row in data["price_rows"]}
    assert rows["aws.site_to_site_vpn_connection_hour"]["marks"] == ["yours"]


@pytest.mark.slow
def test_seed_of_one_run_is_not_told(cli: Cli, tmp_path: Path) -> None:
    """Without a seed in the file each run makes another: the page must not show any."""
    fleet = tmp_path / "fleet.yaml"
    text = THREE.read_text("utf-8").replace("ipv6: provider", "ipv6: ula")
    assert "ula_seed" not in text
    fleet.write_text(text, "utf-8")
    one, other = tmp_path / "one.html", tmp_path / "other.html"
    assert cli("report", fleet, "-o", one).code == cli("report", fleet, "-o", other).code == 0
    assert one.read_bytes() == other.read_bytes()
    assert "needs ula_seed" in one.read_text("utf-8")
    plan = tmp_path / "plan.yaml"
    assert cli("plan", fleet, "-o", plan).code == 0
    assert cli("report", fleet, "--plan", plan, "-o", one).code == 0
    assert "needs ula_seed" not in one.read_text("utf-8")
    assert re.search(r"<code>fd[0-9a-f:]+/\d+</code>", one.read_text("utf-8"))


def test_every_prefix_of_the_plan_is_searched(clouds: Report, clouds_page: str, cli: Cli,
                                              tmp_path: Path) -> None:  # fmt: skip
    plan = tmp_path / "plan.yaml"
    assert cli("plan", CLOUDS, "-o", plan).code == 0
    known = {row[0]: row for row in data_of(clouds_page)["prefixes"]}
    held = [row for row in clouds.addresses.held if row.prefix is not None]
    assert len(held) > 40
    for row in held:
        assert row.prefix in known
        answer = json.loads(cli("map", row.prefix, "--plan", plan, "--format", "json").out)
        assert (row.cluster, row.role) in {(o["cluster"], o["role"]) for o in answer["owners"]}


def test_pins_that_overlap_are_shown_as_they_are(cli: Cli, tmp_path: Path) -> None:
    fleet, output = tmp_path / "fleet.yaml", tmp_path / "report.html"
    fleet.write_text(
        "version: 1\nfleet: two\nclusters:\n"
        '  - {name: a, provider: p, region: r, addresses: {pods: "10.4.0.0/16"}}\n'
        '  - {name: b, provider: p, region: q, addresses: {pods: "10.4.0.0/17"}}\n',
        "utf-8",
    )
    result = cli("report", fleet, "-o", output)
    assert result.code == 0
    assert "warning" in result.err
    text = output.read_text("utf-8")
    assert "No plan can be made of pins that overlap" in text
    assert "10.4.0.0/17" in text


# --- large fleets --------------------------------------------------------------------------------


@pytest.mark.slow
def test_large_fleet_has_a_usable_page() -> None:
    found = gathered(fleet_of(1000))
    text = page(found, MARK)
    assert len(text.encode()) < 2_000_000
    tree = parsed(text)
    rows = next(e for e in tree.iter(f"{HTML}table") if e.get("id") == "plan").iter(f"{HTML}tr")
    assert len(list(rows)) == 301
    said = " ".join(tree.itertext())
    assert "The table lists the first 300 of 1,000 clusters" in said
    assert all(remark in said for remark in found.remarks)
    assert len(found.remarks) == 2
    known = [row for row in found.addresses.rows if row.prefix is not None]
    assert len(data_of(text)["prefixes"]) == len(known) > 2000
    pictures = [e for e in tree.iter() if e.get("class") == "picture"]
    assert len(pictures) == len(found.designs)
    assert all(len(list(picture.iter())) < 1000 for picture in pictures)


# --- the command ---------------------------------------------------------------------------------


@pytest.mark.slow
@pytest.mark.parametrize("ending", ["html", "md", "json"])
def test_files_of_others_stay(ending: str, cli: Cli, tmp_path: Path) -> None:
    path = tmp_path / f"report.{ending}"
    path.write_text("mine\n", "utf-8")
    result = cli("report", THREE, "-o", path)
    assert result.code == 2
    assert path.read_text("utf-8") == "mine\n"
    assert cli("report", THREE, "-o", path, "--force").code == 0
    written = path.read_bytes()
    found = report_at(THREE)
    if ending == "json":
        marked = {**to_json(found), "written_by": MARK.removeprefix("Written by ")}
        assert json.loads(written) == marked
    else:
        assert written.decode() == {"html": page, "md": markdown}[ending](found, MARK)
    assert cli("report", THREE, "-o", path).code == 0  # ours by its mark
    assert path.read_bytes() == written
    assert cli("compare", THREE, "-o", path).code == 2  # and the report's alone


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (["-o", "report.pdf"], '"report.pdf" ends in none of .html, .md, .json'),
        (["-o", "r.html", "-d", "full-mash"], 'did you mean "full-mesh"?'),
        (["-o", "r.html", "--plan", "none.yaml"], "none.yaml: no such file"),
        (["-o", "no/where.html"], "there is no folder no"),
    ],
)
def test_bad_usage(arguments: list[str], says: str, cli: Cli) -> None:
    result = cli("report", THREE, *arguments)
    assert result.code == 2
    assert says in " ".join(result.err.replace("│", " ").split())


def test_plan_of_another_fleet_is_refused(cli: Cli, tmp_path: Path) -> None:
    plan = tmp_path / "plan.yaml"
    assert cli("plan", THREE, "-o", plan).code == 0
    result = cli("report", CLOUDS, "--plan", plan, "-o", tmp_path / "r.html")
    assert result.code == 2
    assert 'not of "three-clouds"' in result.err


@pytest.mark.slow
def test_design_and_prices_are_those_of_the_options(cli: Cli, tmp_path: Path) -> None:
    book, output = tmp_path / "book.yaml", tmp_path / "r.json"
    book.write_text("book: contract\ncurrency: EUR\nrates: {USD: 0.9}\n", "utf-8")
    result = cli("report", CLOUDS, "-d", "full-mesh", "-d", "flat-ipv6", "--prices", book,
                 "--month-hours", 720, "-o", output)  # fmt: skip
    assert result.code == 0, result.err
    found = json.loads(output.read_text("utf-8"))["comparison"]
    assert list(found["designs"]) == ["full-mesh", "flat-ipv6"]
    assert found["currency"] == "EUR"


# --- charts --------------------------------------------------------------------------------------


def places(path: str) -> list[tuple[float, float]]:
    return [(float(x), float(y)) for x, y in re.findall(r"([\d.]+),([\d.]+)", path)]


def test_chart_puts_values_where_its_ticks_say() -> None:
    found = chart({"a": [(0, 0), (5, 50), (10, 100)]}, key="k", title="t", labels=("x", "y"))
    assert found
    at = {tick.label: tick.at for tick in found.y_ticks}
    (x0, y0), (x1, y1), (x2, y2) = places(found.curves[0].path)
    assert y0 == at["0"]
    assert y2 == at["100"]
    assert y1 == pytest.approx((y0 + y2) / 2, abs=0.1)
    assert x1 == pytest.approx((x0 + x2) / 2, abs=0.1)


def test_logarithmic_chart_has_no_place_for_nothing() -> None:
    found = chart(
        {"a": [(1, 1), (2, 1000)], "b": [(1, 1), (2, 2)], "c": [(1, 0), (2, 0)]},
        key="k", title="t", labels=("x", "y"),
    )  # fmt: skip
    assert found
    assert found.logarithmic
    assert found.zero == ("c",)
    assert [curve.name for curve in found.curves] == ["a", "b"]
    at = {tick.label: tick.at for tick in found.y_ticks}
    (_, low), (_, high) = places(found.curves[0].path)
    assert (low, high) == (at["1"], at["1,000"])
    assert at["10"] - at["100"] == pytest.approx(at["1"] - at["10"], abs=0.2)


def test_unknown_has_no_line() -> None:
    found = chart({"a": [(1, None), (2, None)], "b": [(1, 1), (2, 2)]}, key="k", title="t",
                  labels=("x", "y"))  # fmt: skip
    assert found
    assert [curve.name for curve in found.curves] == ["b"]
    for nothing in (None, 0.0):
        points = {"a": [(1.0, nothing), (2.0, nothing)]}
        assert chart(points, key="k", title="t", labels=("x", "y")) is None


def test_a_design_too_large_to_draw_is_told_and_the_others_are_drawn(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    drawn = picture_of

    def draw(fleet: Fleet, design: str, *more: Any) -> Any:
        if design == "full-mesh":
            raise K8s6planError("full-mesh joins <all> of it")
        return drawn(fleet, design, *more)

    monkeypatch.setattr(_picture, "picture_of", draw)
    text = page(gathered(load(THREE)), MARK)
    assert "No picture: full-mesh joins &lt;all&gt; of it." in text
    svgs = list(parsed(text).iter("{http://www.w3.org/2000/svg}svg"))
    assert sum("picture" in (svg.get("class") or "") for svg in svgs) == 5
