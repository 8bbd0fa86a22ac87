"""What is known of Kubernetes platforms and CNIs: masks, defaults, readiness for IPv6."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from typing import TYPE_CHECKING, Any, Literal, NamedTuple

from k8s6plan.catalog._files import Figure, load, provider_file

if TYPE_CHECKING:
    from k8s6plan.catalog.schema._tables import Platforms, Readiness


class NodeBlocks(NamedTuple):
    """How a cluster cuts its pods prefix into blocks for nodes, in one family.

    ``many``: a node takes further blocks as it needs them (Calico), else exactly one.
    ``source`` is where the mask comes from: the fleet file, or a row of the catalogue.
    """

    mask: int
    many: bool
    source: str


def _platforms() -> Platforms:
    found: Platforms = load("platforms.yaml")
    return found


@cache
def _trait(platform: str | None, cni: str | None, key: str) -> Mapping[str, Any] | None:
    """Return the row of ``key``: the CNI's where it has one, else the platform's."""
    known = _platforms()
    for table, name in ((known["cnis"], cni), (known["platforms"], platform)):
        rows: Mapping[str, Any] = table.get(name or "", {})
        if key in rows:
            row: Mapping[str, Any] = rows[key]
            return row
    return None


@cache
def node_blocks(
    platform: str | None, cni: str | None, provider: str, family: Literal["ipv4", "ipv6"]
) -> NodeBlocks:
    """Return the default node blocks: the CNI's, else the provider's, the platform's, Kubernetes'.

    IPv4 is a /24 a node and IPv6 a /64 where nothing else is known; on AWS a node takes a /80.
    """
    key = f"node_mask_{family}"
    file = provider_file(provider)
    row = (
        _trait(None, cni, key)
        or (file["ipv6"].get("node_mask_ipv6") if file and family == "ipv6" else None)
        or _trait(platform, None, key)
        or _trait("kubernetes", None, key)
        or {}
    )
    many = _trait(platform, cni, "blocks_per_node")
    return NodeBlocks(row["value"], many is not None and many["value"] == "many", row["source"])


@cache
def pods_inside_nodes(
    platform: str | None,
    cni: str | None,
    family: Literal["ipv4", "ipv6"],
    mode: str | None = None,
) -> bool:
    """Say whether pods take addresses out of their nodes' own prefix (EKS with its VPC CNI).

    ``mode``: how the CNI runs, where that is said; some modes decide it.
    """
    said = load("reachability.yaml")["modes"].get(mode, {}).get("inside_nodes")
    if said is not None:
        return bool(said)
    row = _trait(platform, cni, "pods_inside_nodes")
    return row is not None and bool(row["value"]) and family in row.get("families", ())


@cache
def has_own_ipam(platform: str | None, cni: str | None) -> bool:
    """Say whether pod addresses are handed out past kube-controller-manager and its limits."""
    row = _trait(platform, cni, "own_ipam")
    return row is not None and bool(row["value"])


@cache
def platform_figure(
    platform: str | None, key: str, release: str | None = None
) -> Figure[int] | None:
    """Return the figure ``key`` of ``platform``, else of Kubernetes itself; None: not known.

    ``release``: as it is in that release; None: as it is in one of them, the strictest.
    """
    own = own_figure(platform, None, key, release)
    return own or own_figure("kubernetes", None, key, release)


@cache
def own_figure(
    platform: str | None, cni: str | None, key: str, release: str | None = None
) -> Figure[int] | None:
    """Return the figure ``key`` of the CNI or the platform themselves; None: they have none."""
    row = _trait(platform, cni, key)
    if row is None:
        return None
    if release is None or "until" not in row or _place(release) <= _place(row["until"]):
        return Figure(row["value"], row["source"])
    return Figure(row["then"], row["source"]) if "then" in row else None


def _place(release: str) -> tuple[int, int]:
    """Return the place of "1.34" or "1.34.2" among the releases of Kubernetes."""
    major, minor, *_ = release.split(".")
    return int(major), int(minor)


@cache
def newest_release() -> str:
    """Return the newest release of Kubernetes that is known here."""
    row = _trait("kubernetes", None, "newest_release")
    return "" if row is None else str(row["value"])


@cache
def takes_service_cidrs(release: str) -> bool:
    """Say whether a cluster of ``release`` takes further service prefixes (ServiceCIDR)."""
    row = _trait("kubernetes", None, "service_cidrs_since")
    return row is not None and _place(release) >= _place(row["value"])


@cache
def dual_stack(platform: str | None) -> Figure[bool] | None:
    """Say whether ``platform`` gives pods and services both families; None: not known."""
    row = _trait(platform, None, "dual_stack")
    return None if row is None else Figure(row["value"], row["source"])


@cache
def needs_ipv4(platform: str | None) -> Figure[bool] | None:
    """Say whether ``platform`` has no pods without IPv4, which comes first; None: not known."""
    row = _trait(platform, None, "needs_ipv4")
    return None if row is None else Figure(row["value"], row["source"])


@cache
def default_source(giver: str, role: Literal["pods", "services"]) -> str | None:
    """Return who says what a platform or a CNI gives to clusters by default; None: nobody."""
    row = _trait(giver, giver, f"default_{role}")
    return None if row is None else str(row["source"])


@cache
def node_bits_max(
    platform: str | None, cni: str | None, family: Literal["ipv4", "ipv6"]
) -> Figure[int] | None:
    """Return how many bits may lie between pods prefix and node mask; None: as many as one likes.

    A CNI with an IPAM of its own has its own limit, or none; else the platform's counts.
    """
    key = f"node_bits_max_{family}"
    own = own_figure(None, cni, key)
    if own is not None or has_own_ipam(platform, cni):
        return own
    return platform_figure(platform, key)


@cache
def default_prefixes(role: Literal["pods", "services"]) -> dict[str, tuple[str, ...]]:
    """Return every prefix that some platform or CNI gives to clusters by default, and which do."""
    found: dict[str, list[str]] = {}
    for table in (_platforms()["platforms"], _platforms()["cnis"]):
        for name, rows in table.items():
            row = rows.get("default_pods") if role == "pods" else rows.get("default_services")
            for prefix in row["value"] if row is not None else ():
                found.setdefault(prefix, []).append(name)
    return {prefix: tuple(names) for prefix, names in found.items()}


@cache
def assigns_ipv6_services(platform: str | None) -> str | None:
    """Return who says that ``platform`` picks the IPv6 service prefix itself, else None."""
    row = _trait(platform, None, "services_ipv6_assigned")
    return str(row["source"]) if row is not None and row["value"] else None


@cache
def wants_private_services(platform: str | None) -> bool:
    """Say whether ``platform`` takes IPv4 services from RFC 1918 only."""
    row = _trait(platform, None, "services_private")
    return row is not None and bool(row["value"])


def readiness() -> list[Readiness]:
    """Return what is known of IPv6 and dual-stack, a row for each provider, release and CNI."""
    rows: list[Readiness] = load("ipv6_readiness.yaml")["readiness"]
    return rows
