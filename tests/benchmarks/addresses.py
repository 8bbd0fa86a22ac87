"""The addressing plan at 10,000 clusters, and 65,536 subnets written out."""

from __future__ import annotations

import statistics
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

from k8s6plan.addressing.plan import make_plan
from k8s6plan.addressing.plan_file import to_yaml
from k8s6plan.fleet.file import parse
from k8s6plan.fleet.model import Fleet
from tests.benchmarks._pairs import ROOT, Pair, Result
from tests.benchmarks.scale import large_fleet

_RUN = "import sys; from k8s6plan.cli import main; sys.argv = {argv!r}; main()"
_READ_AND_WRITE = """
import pathlib
from k8s6plan.errors import InvalidPlan
from k8s6plan.fleet.file import load
from k8s6plan.io.documents import Document, dump, read_text
load(pathlib.Path({fleet!r}))
data = Document(read_text(pathlib.Path({plan!r})), "plan").data(InvalidPlan)
pathlib.Path({copy!r}).write_text(dump(data))
"""
_SUBNETS = "from ipaddress import ip_network; print(len({what}))"


def pairs(folder: Path) -> Iterator[Pair]:
    """Yield the pairs; ``folder`` is for what they need on disk."""
    large = folder / "ten-thousand.yaml"
    large.write_text(nodes_of_three(10_000), encoding="utf-8")
    grown = folder / "one-more.yaml"
    grown.write_text(nodes_of_three(10_001), encoding="utf-8")
    plan, copy = folder / "plan.yaml", folder / "copy.yaml"
    once(plan_command(large, plan, fresh=True))
    baseline = ("-c", _READ_AND_WRITE.format(fleet=str(large), plan=str(plan), copy=str(copy)))
    fresh = folder / "fresh.yaml"
    yield Pair("plan 10,000 clusters", plan_command(large, fresh, fresh=True), baseline, bound=3.0)
    # Every round begins with the old plan, or only the first would add anything.
    again = folder / "again.yaml"
    restore = f"import shutil; shutil.copyfile({str(plan)!r}, {str(again)!r}); "
    replan = ("-c", restore + plan_command(grown, again)[1])
    yield Pair("re-plan with one added", replan, baseline, bound=3.0)
    ours = _SUBNETS.format(
        what="list(__import__('k8s6plan.io.addresses').io.addresses"
        ".subnet_texts(ip_network('2600:1f18:1234::/48'), 64))"
    )
    theirs = _SUBNETS.format(
        what="[str(p) for p in ip_network('2600:1f18:1234::/48').subnets(new_prefix=64)]"
    )
    yield Pair("65,536 /64s, whole process", ("-c", ours), ("-c", theirs), bound=0.1)


def results() -> list[Result]:
    """Return how the cost of planning one cluster grows from 100 clusters to 10,000."""
    few, many = (parse(nodes_of_three(count), "f") for count in (100, 10_000))
    ratios = []
    for _ in range(5):
        dear, cheap = _per_cluster(many, 10_000), min(_per_cluster(few, 100) for _ in range(5))
        ratios.append(dear / cheap)
    ratio = statistics.median(ratios)
    name = "cost per cluster, 10,000 against 100"
    return [Result(name=name, wall=ratio, cpu=ratio, bound=1.5, seconds=_per_cluster(many, 1))]


def _per_cluster(fleet: Fleet, clusters: int) -> float:
    start = time.perf_counter()
    to_yaml(make_plan(fleet)[0], "Written by a benchmark")
    return (time.perf_counter() - start) / clusters


def nodes_of_three(clusters: int) -> str:
    """Return a fleet file of clusters with three nodes each."""
    lines = large_fleet(clusters).splitlines()
    return "\n".join("    nodes: 3" if "nodes:" in line else line for line in lines) + "\n"


def plan_command(fleet: Path, plan: Path, *, fresh: bool = False) -> tuple[str, str]:
    """Return the Python arguments that plan ``fleet``; ``fresh`` removes the plan first."""
    run = _RUN.format(argv=["k8s6plan", "plan", str(fleet), "-o", str(plan)])
    unlink = f"import pathlib; pathlib.Path({str(plan)!r}).unlink(missing_ok=True); "
    return "-c", (unlink if fresh else "") + run


def once(command: tuple[str, str]) -> None:
    """Run a command that makes what others need."""
    subprocess.run([sys.executable, *command], check=True, cwd=ROOT, stderr=subprocess.DEVNULL)
