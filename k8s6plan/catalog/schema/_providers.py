"""A provider's file: its network, its prices, what it bills for what, its limits."""

from __future__ import annotations

from decimal import Decimal
from itertools import pairwise
from typing import Annotated, Literal, NotRequired, get_args

from pydantic import AfterValidator, Discriminator, Field, Tag

from k8s6plan.catalog.schema._values import (
    Amount,
    Bits,
    Bytes,
    Carried,
    Count,
    DecimalText,
    Figure,
    Length,
    Length4,
    Name,
    Names,
    OnePrefix,
    Pattern,
    Places,
    Positive,
    Prefixes,
    Row,
    Shape,
    Share,
    Source,
    Text,
    Texts,
    Word,
    YesNo,
    among,
    fault,
    like,
    sort_of,
)

# --- prices --------------------------------------------------------------------------------------


class Tier(Shape):
    """What a unit costs up to a cumulative quantity in a month; null: beyond."""

    up_to: DecimalText | None
    price: DecimalText


def _ascending(tiers: list[Tier]) -> list[Tier]:
    bounds = [tier["up_to"] for tier in tiers]
    if not bounds or bounds[-1] is not None or None in bounds[:-1]:
        raise fault("the last tier, and no other, is without end: `up_to: null`")
    if any(Decimal(low or 0) >= Decimal(high or 0) for low, high in pairwise(["0", *bounds[:-1]])):
        raise fault("each tier ends beyond the one before it")
    return tiers


class PriceFields(Row):
    """A price, in some regions or all, to some or all, of one variant or of what has none."""

    variant: NotRequired[Text]
    regions: NotRequired[Places]
    to: NotRequired[Names]
    price: NotRequired[DecimalText | None]
    tiers: NotRequired[Annotated[list[Tier], AfterValidator(_ascending)]]
    by_region: NotRequired[Annotated[dict[Name, DecimalText], Field(min_length=1)]]


def _priced(row: PriceFields) -> PriceFields:
    if sum(key in row for key in ("price", "tiers", "by_region")) != 1:
        raise fault("has one of price, tiers and by_region")
    if ("regions" in row) == ("by_region" in row):
        raise fault("says where it holds: in regions (`regions: all`), or by_region")
    if "price" in row and row["price"] is None and row["confidence"] != "unverified":
        raise fault("a price that nobody knows (null) is unverified")
    if row["confidence"] == "unverified" and "note" not in row:
        raise fault("what is unverified says why, in its note")
    return row


PriceRow = Annotated[PriceFields, AfterValidator(_priced)]


class Free(Shape):
    """A quantity that costs nothing each month, once an account or once a region."""

    quantity: DecimalText
    scope: Literal["account", "region"]


class PriceItem(Shape):
    """An item of a price list; of its rows the first that matches wins."""

    title: Text
    unit: Annotated[
        str, like(r"[\w-]+-(hour|month)|GB|GiB|TB|TiB", "must be like gateway-hour, disk-month, GB")
    ]
    currency: Annotated[str, like(r"[A-Z]{3}", "must be a currency like USD")]
    rows: Annotated[list[PriceRow], Field(min_length=1)]
    note: NotRequired[Text]
    free: NotRequired[Free]


# --- tariffs -------------------------------------------------------------------------------------


class EntryFields(Shape):
    """An item that is billed, where more is to be said than its name (evaluation/cost)."""

    item: Name
    variant: NotRequired[Name]
    times: NotRequired[Positive]
    beyond: NotRequired[Positive]
    per_family: NotRequired[Literal[True]]
    share: NotRequired[Name]
    unit_mbps: NotRequired[Positive]


Billed = list[
    Annotated[
        Annotated[Name, Tag("word")] | Annotated[EntryFields, Tag("dict")], Discriminator(sort_of)
    ]
]
# By kind of link, by where its two ends lie, by end.
Traffic = dict[
    Literal["tunnel", "peering", "attachment", "managed", "routed"],
    dict[
        Literal["region", "provider", "internet"],
        dict[Literal["out", "in", "hub_out", "hub_in"], Billed],
    ],
]


class Tariff(Shape, total=False):
    """Which items are billed for what a design needs: docs/explanation/costing.md has each."""

    source: Source
    variants: dict[Name, Word]
    included_per_node: dict[Name, Name]
    own_gateway_carries: Carried
    tunnels_carry: Carried
    managed_hubs_carry: Carried
    one_side_on_transit: YesNo
    tunnel: Billed
    tunnel_pair: Billed
    gateway: Billed
    transit_tunnel: Billed
    transit_tunnel_pair: Billed
    transit_gateway: Billed
    transit_site: Billed
    transit_peering: Billed
    transit_in: Billed
    inside_tunnel_pair: Billed
    peering: Billed
    managed_hub: Billed
    managed_site: Billed
    managed_peering: Billed
    managed_tunnel: Billed
    managed_tunnel_pair: Billed
    managed_gateway: Billed
    managed_in: Billed
    software_gateway: Billed
    nat64: Billed
    nat64_gb: Billed
    filter: Billed
    firewall: Billed
    firewall_gb: Billed
    ipv6: Billed
    application_tls: Billed
    traffic: Traffic


class Book(Shape):
    """The day to which the rows of price were brought."""

    as_of: Annotated[str, like(r"\d{4}-\d\d-\d\d", 'must be a day like "2026-11-22"')]


class General(Shape):
    """general.yaml: what belongs to no provider."""

    book: Book
    tariff: Tariff
    prices: dict[Name, PriceItem]


# --- limits --------------------------------------------------------------------------------------

# What a limit can bound: docs/explanation/limits.md explains each.
Measure = Literal[
    "attached_sites",
    "entries",
    "far_prefixes",
    "gateway_mbps",
    "gateway_told",
    "hub_mbps",
    "hub_pair_mbps",
    "hub_pairs",
    "hub_router_mbps",
    "hub_routes",
    "hub_sites",
    "learned_prefixes",
    "link_told",
    "mesh_clusters",
    "mesh_clusters_on_eni",
    "own_gateway_out_mbps",
    "own_pairs",
    "own_prefixes",
    "own_sent",
    "own_told",
    "peered_prefixes",
    "peering_ranges",
    "region_own_gateways",
    "region_pairs",
    "region_remotes",
    "relayed_routes",
    "site_gateways",
    "site_links",
    "site_peerings",
    "site_sold_tunnels",
    "site_tunnels",
    "table_routes",
    "transit_attachments",
    "transit_peerings",
    "transit_routes",
    "transit_sent",
    "transit_told",
    "tunnel_both_mbps",
    "tunnel_both_pps",
    "tunnel_mbps",
    "tunnel_pps",
]


class Variants(Shape):
    """A limit of some sorts of a thing only: ``of`` names the choice among the tariff's."""

    of: Name
    are: Texts


class LimitFields(Row):
    """``default`` holds unless it is raised, to ``max`` at most; null: nobody says.

    ``measure`` is what of a design it bounds; ``unchecked`` says why it bounds nothing of one.
    """

    title: Text
    default: Amount
    max: Amount
    adjustable: bool | Text
    unit: Text
    avoid: Text
    measure: NotRequired[Annotated[Measure, among(get_args(Measure), "measure")]]
    unchecked: NotRequired[Text]
    variants: NotRequired[Variants]


def _raised(row: LimitFields) -> LimitFields:
    if row["confidence"] == "unverified":
        raise fault("a limit that nobody vouches for would rule designs out; leave it away")
    if ("measure" in row) == ("unchecked" in row):
        raise fault("has a measure, or else says why it is unchecked")
    if row["default"] is not None and row["max"] is not None:
        low, high = Decimal(row["default"]), Decimal(row["max"])
        if low > high:
            raise fault("its max is below its default")
        if low < high and row["adjustable"] is False:
            raise fault("its max is above its default, and yet it is not adjustable")
    return row


Limit = Annotated[LimitFields, AfterValidator(_raised)]


class Software(Shape):
    """Software that bounds something: an entry of software.yaml."""

    title: Text
    limits: dict[Name, Limit]


# --- the network ---------------------------------------------------------------------------------


class Ipv4(Shape, total=False):
    """What a provider's network does with IPv4."""

    subnet_prefixlen: Length4
    subnet_prefixlen_shortest: Length4
    subnet_prefixlen_longest: Length4
    subnet_prefixlen_step: Bits
    private_blocks: Prefixes
    secondary_ranges: Prefixes


class Ipv6(Shape, total=False):
    """What a provider's network does with IPv6."""

    assigned_prefixlen: Length
    owned_prefixlen_shortest: Length
    owned_prefixlen_longest: Length
    ula_range: OnePrefix
    subnet_prefixlen: Length
    subnet_prefixlen_shortest: Length
    subnet_prefixlen_longest: Length
    subnet_prefixlen_step: Bits
    services_range: OnePrefix
    node_prefixlen: Length
    node_mask_ipv6: Length
    alone: YesNo
    owned: YesNo
    assigned_is_ula: YesNo
    native: YesNo


class Tunnels(Shape, total=False):
    """What a provider asks of the addresses inside a tunnel."""

    inside_prefixlen_ipv4: Length4
    inside_prefixlen_ipv6: Length
    reserved: Prefixes


# Of a kind of link, or inside IPsec, of one encapsulation where the provider has it.
MtuKey = Annotated[
    str,
    like(
        r"vpc|peering|peering_between_regions|attachment|tunnel|routed|mss_ipsec"
        r"|inner_ipsec(-[a-z0-9-]+_ipv[46](_nat_t)?)?",
        "is an MTU that nothing asks for; see docs/explanation/mtu.md",
    ),
]


class Signs(Row):
    """By what a provider is known in what is imported.

    ``provider_ids``: how spec.providerID of its nodes begins; ``region_in_provider_id`` finds their
    region in it. ``labels``: how labels begin that only its nodes have.
    """

    provider_ids: NotRequired[Texts]
    region_in_provider_id: NotRequired[Pattern]
    labels: NotRequired[Texts]


class Place(Shape):
    """Where a region lies, in degrees: north and east are positive."""

    name: Text
    city: Text
    latitude: Annotated[float, Field(ge=-90, le=90)]
    longitude: Annotated[float, Field(ge=-180, le=180)]


class Regions(Row):
    """The regions of which the place is known; ``codes``: others that there are."""

    places: dict[Name, Place]
    codes: NotRequired[Names]


class Availability(Shape, total=False):
    """What a provider promises as a share of time, in its service level agreements; null: nothing.

    A promise is what is paid back when it is broken, not what is measured. ``gateway``: one VPN
    gateway of a site, as the provider's end of its tunnels. ``transit``: a managed hub. ``region``:
    all zones of a region at once, as the agreement of its machines has it. Nobody promises anything
    for the internet between two gateways, for a VPC, or for all regions at once.
    """

    gateway: Share
    transit: Share
    region: Share


class Provider(Row):
    """providers/*.yaml. ``aliases``: what else people call it (catalog/names.py)."""

    name: Name
    title: Text
    aliases: NotRequired[Texts]
    kind: Literal["cloud", "on-prem"]
    native_links: bool
    native_note: Text
    signs: NotRequired[Signs]
    managed_hubs: NotRequired[YesNo]
    tariff: Tariff
    ipv4: NotRequired[Ipv4]
    ipv6: Ipv6
    tunnels: NotRequired[Tunnels]
    areas: NotRequired[dict[Name, Names]]
    prices: Annotated[dict[Name, PriceItem], Field(min_length=1)]
    allowances: NotRequired[dict[Name, Count]]
    limits: NotRequired[dict[Name, Limit]]
    mtu: NotRequired[dict[MtuKey, Bytes]]
    regions: NotRequired[Regions]
    rtt: NotRequired[Figure[Text, Literal["ms"]]]
    availability: NotRequired[Availability]
