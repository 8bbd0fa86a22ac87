"""Fleet files for benchmarks: clusters that are unlike, as those of real fleets are.

Clusters of one place differ in what they run on, in how many nodes they have, in labels, and in
the prefixes that they have already. What each is like is drawn, the same in every run.
"""

from __future__ import annotations

from random import Random

from k8s6plan.catalog.regions import regions_of

PLACES_OF = {"aws": 22, "gcp": 18, "azure": 14, "on-prem": 6}  # 60
PLATFORMS = {
    "aws": ("eks", "eks", "kops", "openshift"),
    "gcp": ("gke", "gke", "kubeadm"),
    "azure": ("aks", "kubeadm"),
    "on-prem": ("kubeadm", "k3s", "rke2"),
}
TIERS = ("web", "web", "web", "data", "batch")
ENVS = ("prod", "prod", "staging")
CLUSTERS_PER_SITE = 8  # on premises; in a cloud each cluster is a site of its own
# Wide enough that 10,000 clusters can be planned.
HEAD = f"""\
version: 1
fleet: unlike
ula_seed: "a benchmark"
pools:
  pods: [{", ".join(f"{n}.0.0.0/8" for n in range(32, 64))}]
  services: [{", ".join(f"{n}.0.0.0/8" for n in range(20, 24))}]
defaults: {{services: 200}}
clusters:
"""
# Each holds for every pair of clusters that it means.
DEMANDS = """\
demands:
  - {from: "tier=web", to: "tier=data,env=prod", gb_per_month: 40, peak_mbps: 3, per: pair}
  - {from: "tier=data", to: "tier=batch", gb_per_month: 25, peak_mbps: 1, per: pair}
  - {from: "env=staging", to: "tier=batch,env=staging", gb_per_month: 4, per: pair}
"""


def places() -> list[tuple[str, str]]:
    """Return 60 places: provider and region."""
    found: list[tuple[str, str]] = []
    for provider, count in PLACES_OF.items():
        known = sorted(regions_of(provider)) or [f"town-{number}" for number in range(count)]
        found += [(provider, region) for region in known[:count]]
    return found


def unlike_fleet(clusters: int) -> str:
    """Return a fleet file of unlike clusters in 60 places, with three demands by label."""
    draw, where = Random(clusters), places()
    lines = []
    pinned = 0
    for number in range(clusters):
        provider, region = draw.choice(where)
        lines += [
            f"  - name: cluster-{number:05}",
            f"    provider: {provider}",
            f"    region: {region}",
            f"    platform: {draw.choice(PLATFORMS[provider])}",
            f"    nodes: {draw.randint(3, 100)}",
            f"    labels: {{tier: {draw.choice(TIERS)}, env: {draw.choice(ENVS)}}}",
        ]
        if provider == "on-prem":
            lines.append(f"    site: {region}-{number // (60 * CLUSTERS_PER_SITE)}")
        if draw.random() < 1 / 3:
            count = draw.randint(1, 3)
            lines.append(f"    addresses: {{pods: [{_prefixes(pinned, count)}]}}")
            pinned += count
    return HEAD + "\n".join(lines) + "\n" + DEMANDS


def _prefixes(first: int, count: int) -> str:
    """Return /24s that no other cluster has."""
    numbers = range(first, first + count)
    return ", ".join(f'"10.{n >> 8}.{n & 255}.0/24"' for n in numbers)
