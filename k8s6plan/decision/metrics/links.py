"""How many links a design takes, of which kind, and where they end."""

from __future__ import annotations

from k8s6plan.decision.metrics._measure import Case, Measure, Metric


def tunnels(case: Case) -> Measure:
    """Logical tunnels: tunnel links x tunnels a link."""
    links, each = case.count.tunnel_links, case.outline.tunnels_per_link
    note = f"{links} links x {each}" if each > 1 and links else ""
    if links and case.topology.remark:
        note = f"{case.topology.remark}; {note}" if note else case.topology.remark
    return Measure(links * each, "tunnels", note)


def peerings(case: Case) -> Measure:
    """Links inside one provider that carry the traffic of their two ends only."""
    return Measure(case.count.peerings, "links")


def attachments(case: Case) -> Measure:
    """Links inside one provider that carry transit."""
    return Measure(case.count.attachments, "links")


def gateways(case: Case) -> Measure:
    """Gateways of the sites that end a tunnel."""
    return Measure(case.count.gateways, "gateways")


def busiest_gateway(case: Case) -> Measure:
    """The most tunnels that one gateway ends."""
    return Measure(case.count.busiest, "tunnels")


METRICS = (
    Metric("tunnels", "Tunnels", "Links", "less", tunnels),
    Metric("peerings", "Peerings", "Links", "less", peerings),
    Metric("attachments", "Attachments", "Links", "less", attachments),
    Metric("gateways", "Gateways", "Links", "less", gateways),
    Metric(
        "busiest_gateway_tunnels",
        "Tunnels on busiest gateway",
        "Links",
        "less",
        busiest_gateway,
    ),
)
