"""What is true of providers, platforms, software, packets, places and prices.

Every figure is a row of ``data/``, with unit, source, date and confidence; a file is read when it
is first asked for, whole, and held against its ``schema`` unless it is known to have passed. No
figure stands in code, and a new provider, platform or encapsulation is a row and no code.

Here: facts of providers, platforms and packets, and the small tables. In modules of their own:
``prices`` (the rows of the price book, and their names), ``tariffs`` (what is billed for what),
``limits`` (quotas, and what cannot be raised), ``regions`` (places and measured times) and
``signs`` (by what something is known where it is imported).
"""

from __future__ import annotations

from k8s6plan.catalog._files import Figure, provider_names
from k8s6plan.catalog.packets import (
    Encapsulation,
    EncapsulationBytes,
    encapsulation_bytes,
    encapsulations,
    header_bytes,
    least_mtu,
)
from k8s6plan.catalog.platforms import (
    NodeBlocks,
    assigns_ipv6_services,
    default_prefixes,
    default_source,
    dual_stack,
    has_own_ipam,
    needs_ipv4,
    newest_release,
    node_bits_max,
    node_blocks,
    own_figure,
    platform_figure,
    pods_inside_nodes,
    readiness,
    takes_service_cidrs,
    wants_private_services,
)
from k8s6plan.catalog.providers import (
    areas,
    assigned_prefixlen,
    assigns_ula,
    availability,
    has_managed_hubs,
    has_native_links,
    is_cloud,
    native_links_carry_ipv6,
    private_blocks,
    provider_length,
    provider_mtu,
    reserved_in_tunnels,
    runs_ipv6_alone,
    services_range,
    takes_owned_ipv6,
    ula_range,
)
from k8s6plan.catalog.tables import (
    IcmpType,
    Rule,
    SpecialPrefix,
    assumed,
    assumption,
    assumptions,
    book_date,
    icmpv6_types,
    rules,
    special_prefixes,
)

__all__ = [
    "Encapsulation",
    "EncapsulationBytes",
    "Figure",
    "IcmpType",
    "NodeBlocks",
    "Rule",
    "SpecialPrefix",
    "areas",
    "assigned_prefixlen",
    "assigns_ipv6_services",
    "assigns_ula",
    "assumed",
    "assumption",
    "assumptions",
    "availability",
    "book_date",
    "default_prefixes",
    "default_source",
    "dual_stack",
    "encapsulation_bytes",
    "encapsulations",
    "has_managed_hubs",
    "has_native_links",
    "has_own_ipam",
    "header_bytes",
    "icmpv6_types",
    "is_cloud",
    "least_mtu",
    "native_links_carry_ipv6",
    "needs_ipv4",
    "newest_release",
    "node_bits_max",
    "node_blocks",
    "own_figure",
    "platform_figure",
    "pods_inside_nodes",
    "private_blocks",
    "provider_length",
    "provider_mtu",
    "provider_names",
    "readiness",
    "reserved_in_tunnels",
    "rules",
    "runs_ipv6_alone",
    "services_range",
    "special_prefixes",
    "takes_owned_ipv6",
    "takes_service_cidrs",
    "ula_range",
    "wants_private_services",
]
