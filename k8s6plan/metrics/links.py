"""How many links a design takes, of which kind, and where they end."""

from __future__ import annotations

from k8s6plan.designs import Design, LinkCount
from k8s6plan.metrics._measure import Measure, Metric
from k8s6plan.outline import Outline


def tunnels(design: Design, outline: Outline, count: LinkCount) -> Measure:
    """Logical tunnels: tunnel links x tunnels a link."""
    each = outline.tunnels_per_link
    note = f"{count.tunnel_links} links x {each}" if each > 1 and count.tunnel_links else ""
    return Measure(count.tunnel_links * each, "tunnels", note)


def peerings(design: Design, outline: Outline, count: LinkCount) -> Measure:
    """Links inside one provider that carry the traffic of their two ends only."""
    return Measure(count.peerings, "links")


def attachments(design: Design, outline: Outline, count: LinkCount) -> Measure:
    """Links inside one provider that carry transit."""
    return Measure(count.attachments, "links")


def gateways(design: Design, outline: Outline, count: LinkCount) -> Measure:
    """Gateways of the sites that end a tunnel."""
    return Measure(count.gateways, "gateways")


def busiest_gateway(design: Design, outline: Outline, count: LinkCount) -> Measure:
    """The most tunnels that one gateway ends."""
    return Measure(count.busiest, "tunnels")


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
