"""Mermaid, Graphviz and JSON: what they hold, how names are escaped, how they are known again."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
from pathlib import Path
from typing import Any

import networkx as nx
import pytest

from k8s6plan.decision.terms import terms_of
from k8s6plan.errors import K8s6planError
from k8s6plan.fleet.model import Fleet
from k8s6plan.io.files import is_ours
from k8s6plan.io.marks import mark
from k8s6plan.topology.designs import DESIGNS
from k8s6plan.topology.graph import UNDERLAY, expand
from k8s6plan.views.diagram import Collapse, Told, View, draw
from k8s6plan.views.formats import FORMATS, TEXTS, text_file
from tests.conftest import Cli
from tests.strategies import apart
from tests.test_diagram import EXAMPLES, made
from tests.test_diagram_views import with_transits
from tests.tools import need

CLOUDS = EXAMPLES["three-clouds"]
FLEETS = {**EXAMPLES, "none": made(0), "one": made(1), "many": made(300), "apart": apart(90)}
MARK = mark("diagram")
GRAPHVIZ = shutil.which("dot") or ""
NODE = shutil.which("node") or ""
MERMAID = Path(__file__).parent / "mermaid"
LEVELS: tuple[Collapse, ...] = ("none", "region", "provider")
ODD = '<b>&"$x_1$\\alpha;#35;\\"end'


def odd_graph(design: str) -> nx.Graph[str]:
    """Return a graph whose every name is full of what means something to Mermaid or DOT."""
    graph = expand(DESIGNS[design], CLOUDS)
    names = {name: f"{ODD} {name}" for name in graph if name != UNDERLAY}
    graph = nx.relabel_nodes(graph, names)
    graph.graph["fleet"] = ODD
    for data in graph.nodes.values():
        if data["kind"] == "site":
            data["clusters"] = tuple(f"{ODD} {cluster}" for cluster in data["clusters"])
            data["provider"], data["region"] = f"{ODD} p", f"{ODD} r"
    return graph


def text_of(fleet: Fleet, design: str, fmt: Any, **view: Any) -> str:
    return draw(fleet, design, fmt=fmt, view=View(**view), mark=MARK).decode()


# --- Mermaid -----------------------------------------------------------------------------------


@pytest.mark.parametrize("design", DESIGNS)
@pytest.mark.parametrize("name", EXAMPLES)
def test_mermaid_holds_every_cluster_and_link(name: str, design: str) -> None:
    fleet, graph = EXAMPLES[name], expand(DESIGNS[design], EXAMPLES[name])
    text = text_of(fleet, design, "mmd")
    for cluster in fleet.clusters:
        assert re.search(rf'["/>]{re.escape(cluster.name)}["<]', text)
    links = re.findall(r"^  n\d+ (?:---|-\.-|===)(?:\|x\d+\|)? n\d+$", text, re.MULTILINE)
    assert len(links) == len(set(links)) == graph.number_of_edges()
    styled = re.findall(r"^  linkStyle ([\d,]+) ", text, re.MULTILINE)
    numbers = sorted(int(number) for held in styled for number in held.split(","))
    assert numbers == list(range(len(links)))
    opened, closed = (
        text.count("\n  subgraph ") + text.count("\n    subgraph "),
        text.count("end\n"),
    )
    assert opened == closed


@pytest.mark.parametrize("name", FLEETS)
@pytest.mark.parametrize("design", DESIGNS)
def test_mermaid_keeps_to_its_bounds(name: str, design: str) -> None:
    text = text_of(FLEETS[name], design, "mmd")
    assert len(re.findall(r" (?:---|-\.-|===)", text)) <= 500  # more, and mermaid refuses it
    assert len(text) < 50_000


def test_names_cannot_leave_their_quotes_in_mermaid() -> None:
    for design in DESIGNS:
        text = text_file("mmd").write(odd_graph(design), MARK)
        head, body = text.split("\n---\nflowchart", 1)
        assert json.loads(head.split("title: ", 1)[1]) == f"{ODD}: {DESIGNS[design].title}"
        for line in body.splitlines():
            for quoted in re.findall(r'\["(.*)"\]', line):
                assert re.fullmatch(r"(?:[A-Za-z0-9 ._/,:()-]|#\d+;|<br/>)*", quoted), line
            assert line.count('"') in (0, 2), line


# --- Graphviz ----------------------------------------------------------------------------------

TOKEN = re.compile(r'"((?:[^"\\]|\\.)*)"')


@pytest.mark.parametrize("design", DESIGNS)
@pytest.mark.parametrize("name", EXAMPLES)
def test_dot_holds_every_cluster_and_link(name: str, design: str) -> None:
    fleet, graph = EXAMPLES[name], expand(DESIGNS[design], EXAMPLES[name])
    text = text_of(fleet, design, "dot")
    edges = re.findall(r'^  "(.+)" -- "(.+)" \[style=(\w+), ', text, re.MULTILINE)
    assert {(frozenset(edge[:2])) for edge in edges} == {frozenset(edge) for edge in graph.edges}
    assert len(edges) == graph.number_of_edges()
    for vertex in graph:
        assert f'\n      "{vertex}" [label=' in text or f'\n  "{vertex}" [label=' in text
    assert text.count("{") == text.count("}")


def test_names_cannot_leave_their_quotes_in_dot() -> None:
    for design in DESIGNS:
        text = text_file("dot").write(odd_graph(design), MARK)
        rest = TOKEN.sub("", text)
        assert '"' not in rest
        assert "alpha" not in rest
        names = {found.replace('\\"', '"').replace("\\\\", "\\") for found in TOKEN.findall(text)}
        assert f"{ODD} ml-usc1" in names


@pytest.mark.parametrize("design", DESIGNS)
def test_graphviz_draws_odd_names_and_large_fleets(design: str) -> None:
    need(found=bool(GRAPHVIZ), what="Graphviz")
    for text in (
        text_file("dot").write(odd_graph(design), MARK),
        text_of(made(300), design, "dot"),
    ):
        done = subprocess.run(
            [GRAPHVIZ, "-Tsvg"], input=text, capture_output=True, text=True, check=False
        )
        assert (done.returncode, done.stderr) == (0, "")


# --- what those programs say -------------------------------------------------------------------


def written(folder: Path, fmt: Any) -> list[Path]:
    """Write each fleet in each design and each collapse, and names that mean something there."""
    found = []
    for name, fleet in FLEETS.items():
        for design in DESIGNS:
            for level in LEVELS if name in EXAMPLES else ("auto",):
                path = folder / f"{name}-{design}-{level}.{fmt}"
                told = Told(terms=terms_of(fleet))
                picture = draw(
                    fleet, design, fmt=fmt, view=View(collapse=level), told=told, mark=MARK
                )
                path.write_bytes(picture)
                found.append(path)
    for design in DESIGNS:
        path = folder / f"odd-{design}.{fmt}"
        path.write_text(text_file(fmt).write(odd_graph(design), MARK, ODD))
        found.append(path)
    return found


def parsed_by(*command: object) -> tuple[int, str]:
    """Run a program, and return its exit code and what it said."""
    words = [str(word) for word in command]
    done = subprocess.run(words, capture_output=True, text=True, check=False)
    return done.returncode, done.stderr


def test_the_cost_stands_in_the_title() -> None:
    told = Told(terms=terms_of(CLOUDS))
    drawn = {
        fmt: draw(CLOUDS, "full-mesh", fmt=fmt, told=told, mark=MARK).decode() for fmt in TEXTS
    }
    cost = "at least 7,051 USD a month"
    assert f'title: "three-clouds: Full mesh, {cost}"' in drawn["mmd"]
    assert re.search(rf"accDescr: .*{cost}$", drawn["mmd"], re.MULTILINE)
    assert f"\\n{cost}\\n" in drawn["dot"]
    assert json.loads(drawn["json"])["graph"] == {"design": "full-mesh", "fleet": "three-clouds"}


@pytest.mark.slow
def test_mermaid_itself_parses_every_file(tmp_path: Path) -> None:
    need(found=bool(NODE), what="node")
    need(found=(MERMAID / "node_modules").is_dir(), what="mermaid (npm ci --prefix tests/mermaid)")
    paths = written(tmp_path, "mmd")
    assert len(paths) > len(DESIGNS) * (len(EXAMPLES) * len(LEVELS))
    assert parsed_by(NODE, MERMAID / "parse.mjs", *paths) == (0, "")


@pytest.mark.slow
@pytest.mark.parametrize(
    ("wrong", "says"),
    [
        (("---|", "---|["), "Parse error"),
        (('["aws"]', '["aws]'), "error"),
        (("flowchart LR", "pie"), "Parsing failed"),
    ],
)
def test_mermaid_refuses_what_is_wrong(wrong: tuple[str, str], says: str, tmp_path: Path) -> None:
    need(found=bool(NODE), what="node")
    need(found=(MERMAID / "node_modules").is_dir(), what="mermaid (npm ci --prefix tests/mermaid)")
    text = text_of(CLOUDS, "full-mesh", "mmd")
    assert wrong[0] in text
    path = tmp_path / "wrong.mmd"
    path.write_text(text.replace(*wrong, 1))
    code, said = parsed_by(NODE, MERMAID / "parse.mjs", path)
    assert code == 1
    assert says in said


@pytest.mark.slow
def test_graphviz_draws_every_file(tmp_path: Path) -> None:
    need(found=bool(GRAPHVIZ), what="Graphviz")
    for path in written(tmp_path, "dot"):  # one by one: given many, it can end in a double free
        assert parsed_by(GRAPHVIZ, "-Tsvg", path) == (0, ""), path.name
    wrong = tmp_path / "wrong.dot"
    wrong.write_text(text_of(CLOUDS, "full-mesh", "dot").replace(" -- ", " -> ", 1))
    assert parsed_by(GRAPHVIZ, "-Tsvg", wrong)[0] != 0


def test_the_lock_of_mermaid_names_no_registry() -> None:
    lock = json.loads((MERMAID / "package-lock.json").read_text())
    wanted = json.loads((MERMAID / "package.json").read_text())["dependencies"]
    assert lock["packages"][""]["dependencies"] == wanted
    held = {name: row for name, row in lock["packages"].items() if name}
    assert all("integrity" in row and "resolved" not in row for row in held.values())


# --- JSON --------------------------------------------------------------------------------------


@pytest.mark.parametrize("design", DESIGNS)
def test_networkx_reads_its_json_back(design: str) -> None:
    data = json.loads(text_of(made(80), design, "json"))
    assert data.pop("written_by") == MARK.removeprefix("Written by ")
    graph, wanted = nx.node_link_graph(data), expand(DESIGNS[design], made(80))
    for vertex in graph.nodes.values():
        if "clusters" in vertex:
            vertex["clusters"] = tuple(vertex["clusters"])
    remarks = graph.graph.pop("remarks", [])
    assert all(remark.startswith("Some clusters cannot be joined this way: ") for remark in remarks)
    assert graph.graph == wanted.graph
    assert graph.nodes == wanted.nodes
    assert nx.utils.graphs_equal(graph, wanted)


@pytest.mark.slow
def test_boxes_of_two_providers_are_two_whatever_they_are_called() -> None:
    rows = [
        {"name": "a", "provider": "Acme", "region": "Cloud East", "known": False},
        {"name": "b", "provider": "Acme Cloud", "region": "East", "known": False},
    ]
    fleet = Fleet.model_validate({"fleet": "f", "ula_seed": "s", "clusters": rows})
    data = json.loads(text_of(fleet, "full-mesh", "json", collapse="region"))
    assert len(data["nodes"]) == 2


def test_json_is_whole_unless_it_is_asked_to_collapse() -> None:
    assert len(json.loads(text_of(made(80), "hub-and-spoke", "json"))["nodes"]) == 80
    data = json.loads(text_of(made(80), "full-mesh", "json", collapse="region"))
    assert len(data["nodes"]) == 8
    assert data["edges"][0]["bundle"] == {"peering": [100, 0]}
    assert data["graph"]["level"] == "region"
    with pytest.raises(K8s6planError, match="draw a design with hubs, or part of the fleet"):
        text_of(apart(1200), "full-mesh", "json")


def test_managed_hubs_are_in_every_text() -> None:
    graph = with_transits(CLOUDS)
    assert text_file("mmd").write(graph, MARK).count('["managed hub"]') == 6
    assert text_file("dot").write(graph, MARK).count('label="managed hub"') == 6
    nodes = json.loads(text_file("json").write(graph, MARK))["nodes"]
    assert sum(node["kind"] == "transit" for node in nodes) == 6


# --- files -------------------------------------------------------------------------------------


@pytest.mark.slow
@pytest.mark.parametrize("ending", FORMATS)
@pytest.mark.parametrize("name", ["three-clouds", "many"])
def test_what_we_drew_is_overwritten_and_nothing_else(
    name: str, ending: str, cli: Cli, tmp_path: Path
) -> None:
    fleet = tmp_path / "fleet.yaml"
    clusters = [
        {"name": f"c{n}", "provider": "aws", "region": f"r{n % 9}", "known": False}
        for n in range(90)
    ]
    text = json.dumps({"version": 1, "fleet": "many", "clusters": clusters})
    fleet.write_text(text if name == "many" else Path("examples/three-clouds.yaml").read_text())
    path = tmp_path / f"picture.{ending}"
    for _ in range(2):
        result = cli("diagram", fleet, "-d", "full-mesh", "-o", path)
        assert (result.code, result.said) == (0, [f"wrote {path}"])
    assert is_ours(path, "diagram")
    assert not is_ours(path, "plan")
    foreign = path.read_bytes().replace(b"k8s6plan", b"somebody")
    path.write_bytes(foreign)
    assert cli("diagram", fleet, "-o", path).code == 2
    assert path.read_bytes() == foreign
