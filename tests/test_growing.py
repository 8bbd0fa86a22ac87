"""Growing is one file and one line: each test adds something to a copy, and runs the tests of it.

What the guides of docs/how-to show is what is added here, word for word.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Callable, Sequence
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]

pytestmark = pytest.mark.slow

D2 = r'''"""D2: boxes and lines."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from k8s6plan.views.formats._graph import links_of

if TYPE_CHECKING:
    import networkx as nx


def write(graph: nx.Graph[str], mark: str, cost: str | None = None) -> str:
    """Return a D2 diagram; ``mark`` is a comment on its first line."""
    lines = [f"# {mark}", *(json.dumps(name) for name in sorted(graph))]
    for kind, one, other, text in links_of(graph):
        lines.append(f"{json.dumps(one)} -- {json.dumps(other)}: {text or kind}")
    return "\n".join(lines) + "\n"
'''


class Copy:
    """A copy of the project that may grow."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        for name in ("k8s6plan", "tests", "docs", "examples"):
            ignored = shutil.ignore_patterns("__pycache__", "node_modules", "benchmarks", "*.png")
            shutil.copytree(ROOT / name, folder / name, ignore=ignored)
        for name in ("pyproject.toml", "README.md", "Makefile"):
            shutil.copy(ROOT / name, folder)

    def add(self, path: str, text: str) -> None:
        """Add a file."""
        assert not (self.folder / path).exists()
        (self.folder / path).write_text(text, "utf-8")

    def insert(self, path: str, line: str, after: str) -> None:
        """Add a line to a file, below the one line that begins so."""
        file = self.folder / path
        lines = file.read_text("utf-8").splitlines(keepends=True)
        (at,) = (n for n, text in enumerate(lines) if text.startswith(after))
        file.write_text("".join([*lines[: at + 1], f"{line}\n", *lines[at + 1 :]]), "utf-8")

    def change(self, path: str, how: Callable[[str], str]) -> None:
        """Change a file, which must then be another."""
        file = self.folder / path
        before = file.read_text("utf-8")
        assert how(before) != before
        file.write_text(how(before), "utf-8")

    def python(self, *words: str) -> str:
        """Run Python in the copy; return what it prints, on either stream."""
        surroundings = os.environ | {"PYTHONPATH": str(self.folder), "PYTHONDONTWRITEBYTECODE": "1"}
        done = subprocess.run(
            [sys.executable, *words],
            cwd=self.folder,
            env=surroundings,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            check=False,
        )
        assert done.returncode == 0, done.stdout
        return done.stdout

    def test(self, files: Sequence[str], *words: str) -> str:
        """Run tests of the copy, which must pass; return their names."""
        paths = [f"tests/{name}.py" for name in files]
        return self.python("-m", "pytest", "-p", "no:cacheprovider", "-p", "no:xdist", "-v",
                           *paths, *words)  # fmt: skip


@pytest.fixture
def copy(tmp_path: Path) -> Copy:
    return Copy(tmp_path)


def test_a_format_is_a_file_and_a_line(copy: Copy) -> None:
    copy.add("k8s6plan/views/formats/d2.py", D2)
    line = '        Format("d2", "D2", most_links=500),'
    copy.insert("k8s6plan/views/formats/__init__.py", line, '        Format("json"')
    written = "from docs.generate import command_page; print(command_page(), end='')"
    assert "(networkx) or .d2 (D2)" in " ".join(copy.python("-c", written).split())
    tests = copy.test(["test_diagram", "test_diagram_cli", "test_diagram_source"], "-k", "d2")
    assert "test_same_fleet_same_bytes[d2] PASSED" in tests
    assert "test_what_we_drew_is_overwritten_and_nothing_else[many-d2] PASSED" in tests
    assert tests.count("-d2] PASSED") + tests.count("[d2] PASSED") >= 8


PROVIDER_HUBS = '''"""Provider hubs: one in each provider, joined to its sites; the hubs meshed."""

from k8s6plan.topology.joins import ATTACHMENT, Design, Draft


def join(draft: Draft) -> None:
    """Mesh one hub a provider, and join every other site to the hub of its provider."""
    sites = draft.classes("region_hub", "main")
    hubs = [site for site in sites if site.first.region_hub and site.first.main]
    draft.mesh(hubs, native=ATTACHMENT)
    for site in sites:
        if site not in hubs:
            own = [hub for hub in hubs if hub.provider == site.provider]
            draft.star([site], own, native=ATTACHMENT)
    draft.carry(hubs)


PROVIDER_HUBS = Design(
    name="provider-hubs",
    title="Provider hubs",
    asks="ask for a hub in each provider, whose failure cuts off all other sites there",
    join=join,
)
'''
ORACLE = """

def provider_hubs(fleet: Fleet) -> nx.Graph[str]:
    mains = set(main_regions_of(fleet).values())
    hubs = {
        hub
        for hub, key in zip(region_hub_sites(fleet), fleet.regions, strict=True)
        if key in mains
    }
    graph = site_graph(fleet, hubs)
    for one, other in combinations(graph.nodes, 2):
        same = graph.nodes[one]["provider"] == graph.nodes[other]["provider"]
        if {one, other} <= hubs or (same and {one, other} & hubs):
            join(graph, fleet, one, other, "attachment")
    return graph


BUILD["provider-hubs"] = provider_hubs
"""


def test_a_design_is_a_file_and_a_line(copy: Copy) -> None:
    copy.add("k8s6plan/topology/designs/provider_hubs.py", PROVIDER_HUBS)
    face = "k8s6plan/topology/designs/__init__.py"
    line = "from k8s6plan.topology.designs.provider_hubs import PROVIDER_HUBS"
    copy.insert(face, line, "from k8s6plan.topology.designs.overlay_mesh")
    copy.insert(face, "        PROVIDER_HUBS,", "        OPTIMIZED,")
    copy.change("tests/oracle_graphs.py", lambda text: text + ORACLE)
    shown = copy.python("-m", "k8s6plan", "compare", "examples/three-clouds.yaml", "--full")
    assert "provider-hubs" in shown
    copy.python(
        *("-m", "k8s6plan", "diagram", "examples/three-clouds.yaml"),
        *("--design", "provider-hubs", "-o", "hubs.svg"),
    )
    tests = copy.test(["test_designs"], "-k", "random_fleets or next_cluster")
    assert tests.count("PASSED") >= 2


TUNNELS_PER_SITE = '''"""How many tunnels a site has to look after."""

from __future__ import annotations

from k8s6plan.decision.metrics._measure import Case, Measure, Metric


def tunnels_per_site(case: Case) -> Measure:
    """Tunnels that a site ends, the mean over all sites."""
    sites = case.outline.sites
    if not sites:
        return Measure(None, "tunnels", "there are no sites")
    ends = 2 * case.count.tunnel_links * case.outline.tunnels_per_link
    return Measure(ends / sites, "tunnels")


METRICS = (Metric("tunnels_per_site", "Tunnels per site", "Links", "less", tunnels_per_site),)
'''


def test_a_metric_is_a_file_and_a_line(copy: Copy) -> None:
    copy.add("k8s6plan/decision/metrics/per_site.py", TUNNELS_PER_SITE)
    face = "k8s6plan/decision/metrics/__init__.py"
    copy.change(face, lambda text: text.replace(" import burden,", " import burden, per_site,"))
    copy.insert(face, "        *per_site.METRICS,", "        *links.METRICS,")
    shown = copy.python("-m", "k8s6plan", "compare", "-n", "10")
    assert "Tunnels per site" in shown
    data = json.loads(copy.python("-m", "k8s6plan", "compare", "-n", "10", "--format", "json"))
    assert data["designs"]["full-mesh"]["tunnels_per_site"]["value"] == 9
    rewritten = copy.test(["test_cli"], "-k", "test_compare_prints", "--rewrite")
    assert "PASSED" in rewritten
    assert "PASSED" in copy.test(["test_cli"], "-k", "test_compare_prints")


NODES = {
    "kind": "NodeList",
    "items": [
        {
            "kind": "Node",
            "metadata": {"name": "n1", "labels": {"topology.kubernetes.io/region": "ch-gva-2"}},
            "spec": {"providerID": "exoscale://1f2e", "podCIDRs": ["10.1.0.0/24"]},
        }
    ],
}
EXOSCALE = """
version: 1
fleet: lake
clusters:
  - {name: geneva, provider: exoscale, region: ch-gva-2, nodes: 3}
  - {name: zurich, provider: exoscale, region: ch-dk-2, nodes: 3}
"""


def test_a_provider_is_a_file(copy: Copy) -> None:
    guide = (ROOT / "docs/how-to/add-a-provider.md").read_text("utf-8")
    data = guide.partition("```yaml\n")[2].partition("```")[0]
    copy.add("k8s6plan/catalog/data/providers/exoscale.yaml", data)
    copy.add("nodes.json", json.dumps(NODES))
    copy.python("-m", "k8s6plan", "import", "nodes.json", "-o", "found.yaml")
    assert "provider: exoscale" in (copy.folder / "found.yaml").read_text("utf-8")
    copy.add("fleet.yaml", EXOSCALE)
    shown = copy.python("-m", "k8s6plan", "compare", "fleet.yaml", "--explain", "cost")
    assert "exoscale.gateway_vm_month" in shown
    written = "from docs.generate import providers_page; print(providers_page(), end='')"
    assert "exoscale" in copy.python("-c", written)
    which = "exoscale or list_of_what_has_passed"
    copy.test(["test_schema"], "-k", which, "--rewrite")
    assert "PASSED" in copy.test(["test_schema"], "-k", which)
    assert "PASSED" in copy.test(["test_data"], "-k", "exoscale or sign")
