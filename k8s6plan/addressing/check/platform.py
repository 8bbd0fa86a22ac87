"""What platforms and providers ask of prefixes. Each figure is a row of the catalogue.

Rules `primary-family`, `single-stack`, `no-ipv6-only`, `services-assigned`, `services-private`,
`subnet-size`, `vpc-secondary` and `ula-range`.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from ipaddress import IPv6Network, ip_network

from k8s6plan import catalog
from k8s6plan.addressing.check._finding import Finding, Severity, finding, listed, pinned
from k8s6plan.addressing.space.pools import lies_in
from k8s6plan.fleet.model import Cluster, Family, Fleet, Prefix, family_of
from k8s6plan.fleet.reach import pods_inside_nodes

_ULA = IPv6Network("fd00::/8")
_NAMES = {"ipv4": "IPv4", "ipv6": "IPv6"}


def of_fleet(fleet: Fleet) -> Iterator[Finding]:
    """Yield the findings on what the fleet file pins on each platform."""
    for cluster in fleet.clusters:
        for check in (
            _primary_family,
            _single_stack,
            _no_ipv6_only,
            _services_assigned,
            _services_private,
            _subnet_size,
            _vpc_secondary,
            _ula_pinned,
        ):
            yield from check(cluster)
    yield from _ula_owned(fleet)


def _primary_family(cluster: Cluster) -> Iterator[Finding]:
    """Where both families are pinned for both roles, their order is the file's statement."""
    orders = {
        role: tuple(dict.fromkeys(family_of(p) for p in cluster.pinned(role)))
        for role in ("pods", "services")
    }
    pods, services = orders["pods"], orders["services"]
    if len(pods) == len(services) == 2 and pods != services:
        yield finding(
            "primary-family",
            f"{cluster.name} names {_NAMES[pods[0]]} first for pods and {_NAMES[services[0]]} "
            "first for services; the first is the primary family, and must be the same",
        )


def _single_stack(cluster: Cluster) -> Iterator[Finding]:
    dual = catalog.dual_stack(cluster.platform)
    if dual is None or dual.value:
        return
    pods = {family_of(p) for p in cluster.pinned("pods")}
    services = {family_of(p) for p in cluster.pinned("services")}
    if len(pods | services) == 2:
        what = "pods" if len(pods) == 2 else "services" if len(services) == 2 else None
        both = f"{what} of both families" if what else "pods of one family and services of another"
        yield finding(
            "single-stack",
            f"{cluster.name} has {both}, and {cluster.platform} is single-stack: one family for "
            "pods and services, for the cluster's life",
            source=dual.source,
        )


def _no_ipv6_only(cluster: Cluster) -> Iterator[Finding]:
    """AKS has no pods without IPv4, and Azure no nodes; and with AKS, IPv4 comes first."""
    alone = catalog.runs_ipv6_alone(cluster.provider)
    if alone is None or alone.value:
        return
    needed = catalog.needs_ipv4(cluster.platform)
    managed = needed is not None and needed.value
    for role in ("nodes", "pods", "services") if managed else ("nodes",):
        families = [family_of(p) for p in cluster.pinned(role)]
        if families and "ipv4" not in families:
            whose = cluster.platform or cluster.provider
            yield finding(
                "no-ipv6-only",
                f"{cluster.name} ({role}) names IPv6 alone, and {whose} has no IPv6 without IPv4; "
                "name its IPv4 prefix too",
                source=alone.source,
            )
        elif managed and role != "nodes" and families and families[0] != "ipv4":
            yield finding(
                "no-ipv6-only",
                f"{cluster.name} ({role}) names IPv6 first, and {cluster.platform} takes IPv4 "
                "first",
                source=alone.source,
            )


def _services_assigned(cluster: Cluster) -> Iterator[Finding]:
    """A prefix that was read back is fine; one that the platform cannot have picked is not."""
    source = catalog.assigns_ipv6_services(cluster.platform)
    if source is None:
        return
    picks = [
        ip_network(text)
        for text, givers in catalog.default_prefixes("services").items()
        if cluster.platform in givers and ":" in text
    ]
    given = catalog.services_range(cluster.provider)
    if not picks and given is not None:
        picks = [ip_network(given)]
    for prefix in cluster.pinned("services"):
        if prefix.version == 6 and picks and not any(lies_in(prefix, p) for p in picks):
            yield finding(
                "services-assigned",
                f"{prefix} of {cluster.name} (services): {cluster.platform} picks this prefix "
                f"itself, out of {listed(map(str, picks))}; leave it out, or pin what it picked",
                source=source,
            )


def _services_private(cluster: Cluster) -> Iterator[Finding]:
    private = catalog.private_blocks(cluster.provider)
    if private is None or not catalog.wants_private_services(cluster.platform):
        return
    blocks = [ip_network(text) for text in private.value]
    for prefix in cluster.pinned("services"):
        if prefix.version == 4 and not any(lies_in(prefix, block) for block in blocks):
            yield finding(
                "services-private",
                f"{prefix} of {cluster.name} (services): {cluster.platform} takes services from "
                f"RFC 1918 only ({', '.join(private.value)})",
            )


def _subnet_size(cluster: Cluster) -> Iterator[Finding]:
    for role, family, prefixes in pinned(cluster):
        if role == "nodes":
            for prefix in prefixes:
                yield from _length(cluster, family, prefix)


def _length(cluster: Cluster, family: Family, prefix: Prefix) -> Iterator[Finding]:
    exact, shortest, longest, step = (
        catalog.provider_length(cluster.provider, family, f"subnet_prefixlen{key}")
        for key in ("", "_shortest", "_longest", "_step")
    )
    what = f"{prefix} of {cluster.name} (nodes)"
    if shortest is not None and longest is not None:
        off = step is not None and (prefix.prefixlen - shortest.value) % step.value
        if off or not shortest.value <= prefix.prefixlen <= longest.value:
            steps = f" in steps of {step.value}" if step is not None else ""
            yield finding(
                "subnet-size",
                f"{what}: {cluster.provider} takes /{shortest.value} to /{longest.value}{steps}",
                source=shortest.source,
            )
    elif exact is not None and prefix.prefixlen != exact.value:
        longer = prefix.prefixlen > exact.value
        says = "takes" if longer else "cuts this into subnets of"
        severity: Severity = "error" if longer else "note"
        message = f"{what}: {cluster.provider} {says} /{exact.value}"
        yield finding("subnet-size", message, severity, source=exact.source)


def _vpc_secondary(cluster: Cluster) -> Iterator[Finding]:
    """The first IPv4 prefix of the nodes stands for the VPC's first."""
    private = catalog.private_blocks(cluster.provider)
    if private is None:
        return
    blocks = [ip_network(text) for text in private.value]
    within = pods_inside_nodes(cluster, "ipv4")
    of_nodes = [p for p in cluster.pinned("nodes") if p.version == 4]
    if not of_nodes:
        return
    first, *more = of_nodes
    of_role = [("nodes", p) for p in more]
    of_role += [("pods", p) for p in cluster.pinned("pods") if within and p.version == 4]
    home = next((b for b in blocks if lies_in(first, b)), None)
    for role, prefix in of_role:
        block = next((b for b in blocks if lies_in(prefix, b)), None)
        if home is not None and block is not None and block != home:
            yield finding(
                "vpc-secondary",
                f"{prefix} of {cluster.name} ({role}): a VPC that begins with {first} takes no "
                f"further prefix out of {block}; take one inside {home} or 100.64.0.0/10",
                source=private.source,
            )


def _ula_pinned(cluster: Cluster) -> Iterator[Finding]:
    """Nodes, and pods where they live among the nodes; with pods of unknown kind a note."""
    ours = ip_network(catalog.ula_range(cluster.provider))
    if ours == _ULA:
        return
    within = pods_inside_nodes(cluster, "ipv6")
    known = cluster.platform is not None or cluster.cni is not None
    for role, family, prefixes in pinned(cluster):
        if family != "ipv6" or role == "services" or (role == "pods" and known and not within):
            continue  # an overlay's pods are none of the provider's business
        for prefix in prefixes:
            if lies_in(prefix, _ULA) and not lies_in(prefix, ours):
                sure = role == "nodes" or within
                unless = "" if sure else ", unless its pods are an overlay"
                yield finding(
                    "ula-range",
                    f"{prefix} of {cluster.name} ({role}): {cluster.provider} takes ULA prefixes "
                    f"from {ours} only{unless}",
                    None if sure else "note",
                )


def _ula_owned(fleet: Fleet) -> Iterator[Finding]:
    """The same for `ipv6: <prefix>`, out of which the plan would take VPC prefixes."""
    given: dict[tuple[IPv6Network, str], list[str]] = defaultdict(list)
    for cluster in fleet.clusters:
        owned = fleet.ipv6_of(cluster)
        if isinstance(owned, IPv6Network) and lies_in(owned, _ULA):
            given[owned, cluster.provider].append(cluster.name)
    for (owned, provider), names in given.items():
        ours = ip_network(catalog.ula_range(provider))
        if not lies_in(owned, ours):
            yield finding(
                "ula-range",
                f"{owned} (ipv6) is for {listed(names)} too, and {provider} takes ULA prefixes "
                f"from {ours} only",
            )
