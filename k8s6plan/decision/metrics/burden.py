"""What a design asks of the people who run it: tables, lists, keys, and the next cluster."""

from __future__ import annotations

from decimal import Decimal

from k8s6plan import catalog
from k8s6plan.decision.metrics._measure import Case, Measure, Metric
from k8s6plan.topology.keys import keys_of


def routes(case: Case) -> Measure:
    """The fullest route table of a cluster, in the family that the design routes."""
    if case.topology.family == "ipv6":
        return Measure(min(1, case.outline.clusters), "routes", "the default route")
    whose = "other sites that share a set" if case.outline.divided else "other sites"
    return Measure(case.outline.routes, "routes", f"pod prefixes of {whose}, not summarised")


def firewall_entries(case: Case) -> Measure:
    """Most ingress allow prefixes of a cluster, merged, in the family that the design routes."""
    outline = case.outline
    if outline.divided:
        held = outline.allow_pools if case.topology.family == "ipv4" else outline.allow_prefixes
        return Measure(held, "entries", "prefixes of clusters in other sites that share a set")
    if case.topology.family == "ipv4":
        return Measure(outline.allow_pools, "entries", "the pools of nodes and pods, merged")
    if outline.owned:
        return Measure(outline.allow_prefixes, "entries", "one aggregate that the fleet owns")
    note = "prefixes of clusters in other sites; an aggregate of your own would make it one"
    return Measure(outline.allow_prefixes, "entries", note if outline.allow_prefixes > 1 else "")


def keys(case: Case) -> Measure:
    """Secrets to rotate: one a tunnel (IPsec) or one a gateway (WireGuard)."""
    if case.topology.family == "ipv6":
        return Measure(0, "keys", "application TLS is not counted")
    name = case.topology.encapsulation
    per = catalog.encapsulations()[name].key_per
    notes = {"gateway": "one a gateway", "tunnel": "one a tunnel", "none": f"{name} has none"}
    return Measure(keys_of(case.topology), "keys", notes[per])


def key_rotations(case: Case) -> Measure:
    """Replacements of a key in a year."""
    times = catalog.assumption("key_rotations_per_year", case.outline.assumptions)
    held = keys(case).value
    rotations = Decimal(str(held)) * Decimal(str(times))
    whole = rotations == rotations.to_integral_value()
    value = int(rotations) if whole else float(rotations)
    return Measure(value, "rotations/year", f"each key {times} times a year (an assumption)")


def links_added(case: Case) -> Measure:
    """Links that the next cluster brings, in a new provider, region and site."""
    note = "the gateways make them by themselves" if case.topology.software else ""
    if case.outline.divided and not note:
        note = "it is taken to be in the sets that most clusters are in"
    return Measure(case.count.links_added, "links", note)


def sites_touched(case: Case) -> Measure:
    """Existing sites whose links or firewall lists change for the next cluster."""
    touched = case.count.sites_touched
    note = "allow lists" if case.topology.family == "ipv6" and touched else ""
    if case.outline.divided:
        note = "links, or allow lists; it is taken to be in the sets that most clusters are in"
    return Measure(touched, "sites", note)


def edits(case: Case) -> Measure:
    """Edits of configuration for the next cluster: a link has two ends, a list is one edit."""
    count = case.count
    if case.outline.divided:
        links = 0 if case.topology.software else 2 * count.links_added
        note = "both ends of each link, its own allow list, and those of the sites of its sets"
        return Measure(links + 1 + count.lists_touched, "edits", note)
    if case.topology.software:
        return Measure(1, "edits", "its own gateway joins the mesh")
    if case.topology.family == "ipv6":
        lists = count.sites_touched
        return Measure(lists + 1, "edits", "its own allow list, and those of the sites touched")
    return Measure(2 * count.links_added, "edits", "both ends of each link")


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
    Metric("key_rotations_per_year", "Key rotations a year", "Work", "less", key_rotations),
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
    Metric("edits_for_next_cluster", "Edits for next cluster", "Work", "less", edits),
)
