"""``python -m tests.benchmarks.failures``: single failures of 1,000 clusters, against networkx.

The baseline removes one component after another from the graph, and counts the pairs that are left
by connected components. It takes minutes for all of them, so it is timed on some, picked evenly,
and multiplied. Both run in this process; on those some they must agree. The graph of the baseline
is made before, ours has the topology alone.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any

import networkx as nx

from k8s6plan.evaluation.failures._components import parts_of
from k8s6plan.evaluation.failures._losses import single
from k8s6plan.evaluation.failures._net import net_of
from k8s6plan.fleet.file import parse
from k8s6plan.fleet.model import Fleet
from k8s6plan.topology.designs import DESIGNS
from k8s6plan.topology.graph import expand
from k8s6plan.topology.groups import outline_of
from tests.benchmarks._pairs import Result

CLUSTERS = 1_000
SAMPLE = 20
BOUND = 0.1


def results() -> list[Result]:
    """Return one result for each design with links that can fail."""
    fleet = parse(_apart(CLUSTERS), "f")
    return [measure(fleet, design) for design in ("hub-and-spoke", "full-mesh")]


def measure(fleet: Fleet, design: str) -> Result:
    """Time ours on all sites, theirs on some of them; the ratio is for as many.

    Raises:
        RuntimeError: they do not agree: the time of a wrong answer says nothing.
    """
    graph, topology = expand(DESIGNS[design], fleet), DESIGNS[design].of(outline_of(fleet))
    some = sorted(graph)[:: CLUSTERS // SAMPLE]
    (wall, cpu), losses = _timed(lambda: single(parts_of(net_of(topology, fleet), fleet)))
    (their_wall, their_cpu), lost = _timed(lambda: {site: _removed(graph, site) for site in some})
    ours = {x.fails[0]: x.pairs_lost for x in losses.worst if x.kinds == ("site",)}
    if any(ours[site] != pairs for site, pairs in lost.items()):
        message = f"{design}: the two do not agree"
        raise RuntimeError(message)
    times = CLUSTERS / len(some)
    return Result(
        name=f"all {losses.count:,} failures of {CLUSTERS:,} sites, {design}, against sites alone",
        wall=wall / (their_wall * times),
        cpu=cpu / (their_cpu * times),
        bound=BOUND,
        seconds=wall,
    )


def _removed(graph: nx.Graph[str], site: str) -> int:
    """Return the pairs that the loss of a site cuts off; one cluster a site."""
    left = graph.copy()
    left.remove_node(site)
    count = left.number_of_nodes()
    inside = sum(len(part) * (len(part) - 1) for part in nx.connected_components(left))
    return (count * (count - 1) - inside) // 2


def _timed(work: Callable[[], Any]) -> tuple[tuple[float, float], Any]:
    wall, cpu = time.perf_counter(), time.process_time()
    answer = work()
    return (time.perf_counter() - wall, time.process_time() - cpu), answer


def _apart(clusters: int) -> str:
    lines = [f"  - {{name: c{n:04}, provider: p{n:04}, region: r}}" for n in range(clusters)]
    return "\n".join(["version: 1", "fleet: apart", "clusters:", *lines]) + "\n"


if __name__ == "__main__":
    for result in results():
        print(result, flush=True)
