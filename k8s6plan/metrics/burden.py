"""What a design asks of the people who run it: tables, lists, keys, and the next cluster."""

from __future__ import annotations

from k8s6plan import catalog
from k8s6plan.designs import Design, LinkCount
from k8s6plan.metrics._measure import Measure, Metric
from k8s6plan.outline import Outline


def routes(design: Design, outline: Outline, count: LinkCount) -> Measure:
    """The fullest route table of a cluster, in the family that the design routes."""
    if design.family == "ipv6":
        return Measure(min(1, outline.clusters), "routes", "the default route")
    return Measure(outline.routes, "routes", "pod prefixes of other sites, not summarised")


def firewall_entries(design: Design, outline: Outline, count: LinkCount) -> Measure:
    """Most ingress allow prefixes of a cluster, merged, in the family that the design routes."""
    if design.family == "ipv4":
        return Measure(outline.allow_pools, "entries", "the pools of nodes and pods, merged")
    if outline.owned:
        return Measure(outline.allow_prefixes, "entries", "one aggregate that the fleet owns")
    note = "prefixes of clusters in other sites; an aggregate of your own would make it one"
    return Measure(outline.allow_prefixes, "entries", note if outline.allow_prefixes > 1 else "")


def keys(design: Design, outline: Outline, count: LinkCount) -> Measure:
    """Secrets to rotate: one a tunnel (IPsec) or one a gateway (WireGuard)."""
    if design.family == "ipv6":
        return Measure(0, "keys", "application TLS is not counted")
    per = catalog.encapsulations()[outline.encapsulation].key_per
    if per == "gateway":
        return Measure(count.gateways, "keys", "one a gateway")
    if per == "none":
        return Measure(0, "keys", f"{outline.encapsulation} has none")
    return Measure(count.tunnel_links * outline.tunnels_per_link, "keys", "one a tunnel")


def links_added(design: Design, outline: Outline, count: LinkCount) -> Measure:
    """Links that the next cluster brings, in a new provider, region and site."""
    return Measure(count.links_added, "links")


def sites_touched(design: Design, outline: Outline, count: LinkCount) -> Measure:
    """Existing sites whose links or firewall lists change for the next cluster."""
    note = "allow lists" if design.family == "ipv6" and count.sites_touched else ""
    return Measure(count.sites_touched, "sites", note)


METRICS = (
    Metric("routes_per_cluster", "Routes per cluster", "Tables", "less", routes),
    Metric(
        "firewall_entries_per_cluster",
        "Firewall entries per cluster",
        "Tables",
        "less",
        firewall_entries,
    ),
    Metric("keys", "Keys to rotate", "Work", "less", keys),
    Metric(
        "links_added_by_next_cluster",
        "Links added by next cluster",
        "Work",
        "less",
        links_added,
    ),
    Metric(
        "sites_touched_by_next_cluster",
        "Sites touched by next cluster",
        "Work",
        "less",
        sites_touched,
    ),
)
