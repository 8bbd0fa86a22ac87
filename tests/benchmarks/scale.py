"""What size costs: many clusters against few, and the answer against reading the question."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from tests.benchmarks._pairs import Pair, k8s6plan

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
    load = f"import pathlib, k8s6plan.fleet.file as fleet; fleet.load(pathlib.Path({str(path)!r}))"
    yield Pair("compare 10,000 clusters", k8s6plan("compare", str(path)), ("-c", load), bound=3.0)
    for command in ("latency", "mtu"):
        run = k8s6plan(command, str(path))
        yield Pair(f"{command} 10,000 clusters", run, ("-c", load), bound=3.0)


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
