"""What size costs: many clusters against few, and the answer against reading the question."""

from __future__ import annotations

import math
import statistics
from collections.abc import Iterator
from pathlib import Path

from tests.benchmarks._pairs import Pair, Result, k8s6plan, run
from tests.benchmarks.fleets import unlike_fleet
from tests.benchmarks.startup import IMPORTS

CLUSTERS = 10_000
CLUSTERS_PER_SITE = 4
PLACES = [
    ("aws", "us-east-1"),
    ("aws", "eu-west-1"),
    ("aws", "ap-southeast-2"),
    ("gcp", "us-central1"),
    ("gcp", "europe-west4"),
    ("gcp", "asia-southeast1"),
    ("azure", "eastus"),
    ("azure", "westeurope"),
    ("azure", "southeastasia"),
    ("own-hardware", "berlin"),
    ("own-hardware", "lisbon"),
]
SIZES = (100, 300, 1000, 3000, 10_000)  # between which the exponent of growth is fitted
EXPONENT = "compare, exponent of growth from 100 to 10,000 unlike clusters"
MOST_EXPONENT = 1.1
ROUNDS = 5


def pairs(folder: Path) -> Iterator[Pair]:
    """Yield the pairs; ``folder`` is for what they need on disk."""
    yield Pair(
        "compare -n 100000",
        k8s6plan("compare", "-n", "100000"),
        k8s6plan("compare", "-n", "10"),
        bound=1.15,
    )
    path = folder / "large.yaml"
    path.write_text(large_fleet(), encoding="utf-8")
    yield Pair("compare 10,000 clusters", k8s6plan("compare", str(path)), load(path), bound=3.0)
    yield from _unlike(folder)


def _unlike(folder: Path) -> Iterator[Pair]:
    """Yield commands for unlike clusters with demands."""
    hundred, thousand, many = (_written(folder, clusters) for clusters in (100, 1000, CLUSTERS))
    run = k8s6plan("compare", str(hundred))
    yield Pair("compare 100 unlike clusters", run, IMPORTS, bound=2.0, rounds=ROUNDS)
    for path, clusters, most_mb in ((thousand, "1,000", 300), (many, "10,000", 1000)):
        yield Pair(
            f"compare {clusters} unlike clusters",
            k8s6plan("compare", str(path)),
            load(path),
            bound=4.0,
            bound_mb=most_mb,
            rounds=ROUNDS,
        )
    for command in ("plan", "mtu", "latency"):
        run = k8s6plan(command, str(many))
        name = f"{command} 10,000 unlike clusters"
        yield Pair(name, run, load(many), bound=2.5, rounds=ROUNDS)
    # 25 times the bare imports are 10 s, where these take 0.4 s.
    for path, clusters, bound in ((hundred, "100", 25.0), (_written(folder, 2800), "2,800", 250.0)):
        run = k8s6plan("report", str(path), "-o", str(folder / "report.html"), "--force")
        yield Pair(f"report {clusters} unlike clusters", run, IMPORTS, bound=bound, rounds=1)


def results(folder: Path) -> list[Result]:
    """Return the exponent by which the cost of comparing grows with the number of clusters.

    1 is a cost in proportion. What starting takes at any size is left out: it would hide growth.
    """
    paths = {clusters: _written(folder, clusters) for clusters in SIZES}
    found = []
    for _ in range(ROUNDS):
        bare = run(IMPORTS)
        timings = {size: run(k8s6plan("compare", str(path))) for size, path in paths.items()}
        found.append(
            [
                _exponent({size: taken.wall - bare.wall for size, taken in timings.items()}),
                _exponent({size: taken.cpu - bare.cpu for size, taken in timings.items()}),
                timings[CLUSTERS].wall,
            ]
        )
    wall, cpu, seconds = map(statistics.median, zip(*found, strict=True))
    return [Result(name=EXPONENT, wall=wall, cpu=cpu, bound=MOST_EXPONENT, seconds=seconds)]


def _exponent(seconds: dict[int, float]) -> float:
    """Return the slope of a line through these, both axes being logarithms: least squares."""
    sizes, taken = zip(*((math.log(n), math.log(s)) for n, s in seconds.items()), strict=True)
    return statistics.linear_regression(sizes, taken).slope


def load(path: Path) -> tuple[str, str]:
    """Return the arguments to Python that read and validate a fleet file, and do no more."""
    code = f"import pathlib, k8s6plan.fleet.file as fleet; fleet.load(pathlib.Path({str(path)!r}))"
    return "-c", code


def _written(folder: Path, clusters: int) -> Path:
    path = folder / f"unlike-{clusters}.yaml"
    if not path.exists():
        path.write_text(unlike_fleet(clusters), encoding="utf-8")
    return path


def large_fleet(clusters: int = CLUSTERS) -> str:
    """Return a fleet file of many clusters, four to a site, in several providers and regions."""
    lines = ["version: 1", "fleet: large", "clusters:"]
    for number in range(clusters):
        site = number // CLUSTERS_PER_SITE
        provider, region = PLACES[site % len(PLACES)]
        lines += [
            f"  - name: cluster-{number:05}",
            f"    provider: {provider}",
            f"    region: {region}",
            f"    site: site-{site:04}",
            f"    nodes: {5 + number % 40}",
            f"    labels: {{team: team-{number % 25}}}",
        ]
    return "\n".join(lines) + "\n"
