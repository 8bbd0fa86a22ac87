"""The nouns: a fleet as its file describes it. Frozen, and free of what can be derived.

The classes are the fleet file's format as well (`k8s6plan schema` prints it as JSON Schema), so
each field carries its description and its default here and nowhere else.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from decimal import Decimal
from functools import cached_property
from ipaddress import (
    AddressValueError,
    IPv4Network,
    IPv6Network,
    NetmaskValueError,
    ip_network,
)
from typing import Annotated, Any, Literal, NamedTuple

from pydantic import (
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    PlainValidator,
    WithJsonSchema,
)
from pydantic_core import PydanticCustomError

Family = Literal["ipv4", "ipv6"]
Role = Literal["nodes", "pods", "services"]
Prefix = IPv4Network | IPv6Network

FAMILIES: tuple[Family, Family] = ("ipv4", "ipv6")
ROLES: tuple[Role, Role, Role] = ("nodes", "pods", "services")
ADDRESS_BITS: Mapping[Family, int] = {"ipv4": 32, "ipv6": 128}
ON_PREM = "on-prem"

_LABEL = re.compile(r"[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?")
_WORD = re.compile(r"[A-Za-z0-9]([A-Za-z0-9._/-]{0,126}[A-Za-z0-9])?")


def family_of(prefix: Prefix) -> Family:
    """Return the address family of ``prefix``."""
    return "ipv4" if prefix.version == 4 else "ipv6"


def parse_prefix(value: object) -> Prefix:
    """Return ``value`` ("10.0.0.0/8", "fd00::/48", a bare address) as a network.

    Raises:
        PydanticCustomError: no text (an unquoted address may reach us as a number), no prefix, or
            bits set right of the prefix length; the message holds the corrected form.

    """
    if isinstance(value, (IPv4Network, IPv6Network)):
        return value
    if value is None:
        raise PydanticCustomError(
            "address_type",
            'nothing stands here; write a prefix like "10.0.0.0/16", or leave it out',
        )
    if not isinstance(value, str):
        raise PydanticCustomError("address_type", "an address is expected, in quotes")
    try:
        return ip_network(value)
    except (AddressValueError, NetmaskValueError, ValueError):
        pass
    try:
        network = ip_network(value, strict=False)
    except ValueError:
        raise PydanticCustomError(
            "prefix",
            '"{given}" is no prefix; write it like "10.0.0.0/16" or "fd00:1::/48"',
            {"given": value},
        ) from None
    raise PydanticCustomError(
        "host_bits",
        '"{given}" has host bits set; the prefix is "{right}"',
        {"given": value, "right": str(network)},
    )


def _parse_label(value: object) -> object:
    if isinstance(value, str) and not _LABEL.fullmatch(value):
        raise PydanticCustomError(
            "label",
            '"{given}" is no RFC 1123 label; use at most 63 of a-z, 0-9 and "-", '
            "beginning and ending with a letter or digit",
            {"given": value},
        )
    if value == "all":
        raise PydanticCustomError("label", '"all" means every cluster; choose another name')
    return value


def _parse_word(value: object) -> object:
    if isinstance(value, str) and not _WORD.fullmatch(value):
        raise PydanticCustomError(
            "word",
            '"{given}" is no plain name; use letters, digits and ". _ - /"',
            {"given": value},
        )
    return value


def _parse_addresses(value: object) -> object:
    """A single prefix stands for a list of one; `external` is kept as it is."""
    if isinstance(value, (list, tuple)):
        return tuple(parse_prefix(item) for item in value)
    if value == "external":
        return value
    if isinstance(value, str) and re.fullmatch(r"[a-z_-]+", value):
        raise PydanticCustomError(
            "word",
            '"{given}" is neither "external" nor a prefix like "10.0.0.0/16"',
            {"given": value},
        )
    return (parse_prefix(value),)


def _parse_ipv6(value: object) -> object:
    if value in ("provider", "ula"):
        return value
    if isinstance(value, str) and re.fullmatch(r"[a-z_-]+", value):
        raise PydanticCustomError(
            "ipv6",
            '"{given}" is neither "provider", "ula" nor an IPv6 prefix like "2001:db8::/32"',
            {"given": value},
        )
    prefix = parse_prefix(value)
    if prefix.version != 6:
        raise PydanticCustomError(
            "family",
            '"{given}" is an IPv4 prefix where an IPv6 one is expected',
            {"given": str(prefix)},
        )
    return prefix


def _parse_decimal(value: object) -> object:
    """Numbers become Decimal by their text, so that 0.1 stays 0.1."""
    if isinstance(value, float):
        return str(value)
    if isinstance(value, bool):
        raise PydanticCustomError(
            "number", "must be a number, got {given}", {"given": str(value).lower()}
        )
    return value


def _parse_rate(value: object) -> object:
    """A rate of growth a year: "20%" or 0.2."""
    text = str(value) if isinstance(value, (str, int, float)) else ""
    try:
        number = Decimal(text.removesuffix("%"))
    except ArithmeticError:
        raise PydanticCustomError(
            "rate", "a rate is written like 20% or 0.2, for each year"
        ) from None
    return number / 100 if text.endswith("%") else number


def _parse_free_text(value: object) -> object:
    """Any text on one line: it is printed in messages and sheets."""
    if isinstance(value, str) and not value.isprintable():
        raise PydanticCustomError(
            "text", "holds a line break or a control character; write it on one line, without"
        )
    return value


def _parse_labels(value: object) -> object:
    if not isinstance(value, dict):
        return value
    plain = (str, int, float, bool)
    return {
        str(key): str(item).lower() if isinstance(item, bool) else str(item)
        for key, item in value.items()
        if isinstance(item, plain)
    } | {str(key): item for key, item in value.items() if not isinstance(item, plain)}


class Selector(NamedTuple):
    """Which clusters one end of a demand means: `all`, one name, or labels that must match."""

    name: str | None
    labels: tuple[tuple[str, str], ...] = ()

    def __str__(self) -> str:
        return self.name or ",".join(f"{key}={value}" for key, value in self.labels)


def parse_selector(value: object) -> Selector:
    """Return one end of a demand: a name, `all`, "env=prod,tier=web", or a mapping of labels.

    Raises:
        PydanticCustomError: it is none of these.

    """
    if isinstance(value, Selector):
        return value
    if isinstance(value, dict):
        pairs = [(str(key), str(item)) for key, item in value.items()]
    elif isinstance(value, str) and "=" in value:
        pairs = [(key.strip(), item.strip()) for key, _, item in _split_pairs(value)]
    elif isinstance(value, str) and value:
        return Selector(value)
    else:
        pairs = []
    if not pairs or any(not key or not item for key, item in pairs):
        raise PydanticCustomError(
            "selector",
            'a demand\'s end is a cluster name, "all", or labels like "env=prod,tier=web"',
        )
    return Selector(None, tuple(sorted(pairs)))


def _split_pairs(text: str) -> list[tuple[str, str, str]]:
    return [part.partition("=") for part in text.split(",")]


_PREFIX_SCHEMA = {
    "type": "string",
    "title": "Prefix",
    "examples": ["10.0.0.0/16", "fd00:1::/48"],
}
_SELECTOR_SCHEMA = {
    "title": "Selector",
    "description": 'A cluster name, "all", or labels: "env=prod,tier=web".',
    "anyOf": [
        {"type": "string"},
        {"type": "object", "additionalProperties": {"type": "string"}},
    ],
}
_NUMBER_SCHEMA = {"anyOf": [{"type": "number", "minimum": 0}, {"type": "string"}]}
_PREFIX_LIST_SCHEMA = {"type": "array", "items": _PREFIX_SCHEMA}

PrefixField = Annotated[Prefix, PlainValidator(parse_prefix), WithJsonSchema(_PREFIX_SCHEMA)]
Label = Annotated[str, BeforeValidator(_parse_label)]
Word = Annotated[str, BeforeValidator(_parse_word)]
FreeText = Annotated[str, BeforeValidator(_parse_free_text)]
Count = Annotated[int, Field(strict=True, ge=1, le=10_000_000)]
Amount = Annotated[
    Decimal, BeforeValidator(_parse_decimal), Field(ge=0), WithJsonSchema(_NUMBER_SCHEMA)
]
Rate = Annotated[
    Decimal,
    BeforeValidator(_parse_rate),
    WithJsonSchema({"anyOf": [{"type": "number"}, {"type": "string", "pattern": "%$"}]}),
]
SelectorField = Annotated[
    Selector, PlainValidator(parse_selector), WithJsonSchema(_SELECTOR_SCHEMA)
]
PinnedField = Annotated[
    tuple[Prefix, ...] | Literal["external"],
    PlainValidator(_parse_addresses),
    WithJsonSchema({"anyOf": [_PREFIX_LIST_SCHEMA, _PREFIX_SCHEMA, {"const": "external"}]}),
]
Ipv6Field = Annotated[
    Literal["provider", "ula"] | IPv6Network,
    PlainValidator(_parse_ipv6),
    WithJsonSchema({"anyOf": [{"enum": ["provider", "ula"]}, _PREFIX_SCHEMA]}),
]


class Noun(BaseModel):
    """What all parts of the fleet file share: an unknown field is a fault, nothing changes."""

    model_config = ConfigDict(extra="forbid", frozen=True, populate_by_name=True)


class NodeMasks(Noun):
    """The prefix length that one node takes out of the pods' prefix."""

    ipv4: Annotated[int, Field(strict=True, ge=8, le=32)] | None = Field(
        None, description="Prefix length of a node's IPv4 block."
    )
    ipv6: Annotated[int, Field(strict=True, ge=16, le=128)] | None = Field(
        None, description="Prefix length of a node's IPv6 block."
    )


class Reserve(Noun):
    """Figures up to which a cluster must be able to grow without moving."""

    nodes: Count | None = Field(
        None, description="Nodes that its prefixes must be able to hold without moving."
    )
    services: Count | None = Field(
        None, description="Services that its prefix must be able to hold without moving."
    )


class Addresses(Noun):
    """Prefixes that a cluster has already; `external` = not ours to plan."""

    nodes: PinnedField = Field(
        default_factory=tuple, description="One prefix or several, of either family."
    )
    pods: PinnedField = Field(
        default_factory=tuple, description="One prefix or several, of either family."
    )
    services: PinnedField = Field(
        default_factory=tuple, description="One prefix or several, of either family."
    )


class Cluster(Noun):
    """One Kubernetes cluster. Its name is its identity."""

    name: Label = Field(description="RFC 1123 label, unique; the cluster's identity.")
    formerly: Label | None = Field(None, description="The name before a renaming.")
    provider: Word = Field(description="aws, gcp, azure, on-prem, or any other name.")
    region: Word | None = Field(None, description="The place, in the provider's words.")
    site: Word | None = Field(
        None, description="The VPC or data centre; on a cloud a site of its own by default."
    )
    platform: Word | None = Field(None, description="eks, gke, aks, kubeadm, k3s, ...")
    cni: Word | None = Field(None, description="cilium, calico, ...")
    nodes: Count = Field(10, description="At peak.")
    pods_per_node: Count = Field(110, description="At peak.")
    services: Count = Field(1000, description="At peak.")
    reserve: Reserve = Field(
        Reserve(), description="Room to keep: the nodes and services it may grow to in place."
    )
    node_masks: NodeMasks = Field(
        NodeMasks(),
        description="The block that a node takes out of the pods prefix; by default the CNI's, "
        "the platform's or the provider's.",
    )
    labels: Annotated[dict[str, str], BeforeValidator(_parse_labels)] = Field(
        default_factory=dict, description="Free; demands select by them."
    )
    addresses: Addresses = Field(
        default_factory=Addresses, description="Prefixes that the cluster has already."
    )
    ipv6: Ipv6Field | None = Field(None, description="As the fleet's, for this cluster alone.")

    @property
    def site_name(self) -> str:
        """The site that the cluster sits in: its own where the file names none."""
        return self.site or self.name

    def pinned(self, role: Role) -> tuple[Prefix, ...]:
        """Return the prefixes of ``role`` that the cluster has already."""
        held: tuple[Prefix, ...] | str = getattr(self.addresses, role)
        return () if isinstance(held, str) else held

    def external(self, role: Role) -> bool:
        """Say whether the addresses of ``role`` are somebody else's to plan."""
        return bool(getattr(self.addresses, role) == "external")


class Site(Noun):
    """What belongs to a site rather than to a cluster."""

    gateways: Count = Field(1, description="Gateways that end the site's tunnels.")
    coordinates: tuple[float, float] | None = Field(None, description="Latitude, longitude.")
    region: Word | None = Field(None, description="For an on-prem site: the region it lies in.")


class Pools(Noun):
    """Prefixes that may be handed out, by role; the family shows from the prefix."""

    nodes: tuple[PrefixField, ...] = Field((ip_network("10.0.0.0/8"),), description="For nodes.")
    pods: tuple[PrefixField, ...] = Field((ip_network("100.64.0.0/10"),), description="For pods.")
    services: tuple[PrefixField, ...] = Field(
        (ip_network("172.20.0.0/14"),), description="For services."
    )
    tunnels: tuple[PrefixField, ...] = Field(
        (ip_network("169.254.0.0/16"),), description="For the inside of tunnels."
    )


class Exclusion(Noun):
    """A prefix in use elsewhere: never handed out."""

    prefix: PrefixField = Field(description="Never handed out.")
    name: FreeText = Field("excluded", description="Whose it is; stands in messages.")


def _parse_exclusion(value: object) -> object:
    return value if isinstance(value, (dict, Exclusion)) else {"prefix": value}


class Connect(Noun):
    """How sites are to be joined, for every design alike."""

    hubs: Count | tuple[Word, ...] = Field(
        1, description="Sites or clusters by name, or how many: then those with most nodes."
    )
    tunnels_per_link: Annotated[int, Field(strict=True, ge=1, le=64)] = Field(
        1, description="2 = redundant."
    )
    same_provider: Literal["native", "tunnel"] = Field(
        "native", description="native: peering or transit inside one cloud provider, no VPN."
    )
    encapsulation: str = Field("ipsec-aes-gcm", description="A name of the encapsulation table.")


class Demand(Noun):
    """Directed traffic between clusters."""

    source: SelectorField = Field(alias="from")
    target: SelectorField = Field(alias="to")
    gb_per_month: Amount = Field(Decimal(0), description="Volume, in 10^9 bytes.")
    peak_mbps: Amount | None = Field(None, description="Highest rate, in 10^6 bits a second.")


class PriceOverride(Noun):
    """A price of the user's own in place of a row of the catalogue."""

    price: Amount = Field(description="Per unit.")
    unit: str | None = Field(None, description="What is paid for.")
    currency: str | None = Field(None, description="Of the price.")
    source: str | None = Field(None, description="Where the figure comes from.")
    as_of: str | None = Field(None, description="The day on which it was so.")


class LimitOverride(Noun):
    """A quota that the user has raised in place of a row of the catalogue."""

    default: Count | None = Field(None, description="The quota in force.")
    max: Count | None = Field(None, description="What it can be raised to.")
    source: str | None = Field(None, description="Where the figure comes from.")


def _parse_price(value: object) -> object:
    return value if isinstance(value, (dict, PriceOverride)) else {"price": value}


def _parse_limit(value: object) -> object:
    return value if isinstance(value, (dict, LimitOverride)) else {"default": value}


Scalar = str | int | float | bool


class Fleet(Noun):
    """All the clusters being planned, and how they are to be joined and addressed."""

    version: Literal[1] = Field(1, description="Of this format.")
    fleet: Word = Field(description="The fleet's name.")
    # Kept for the schema only: `fleet.load` has merged the defaults into the clusters by then.
    defaults: dict[str, Any] = Field(
        default_factory=dict, description="Any cluster field, for clusters that do not set it."
    )
    clusters: tuple[Cluster, ...] = Field(description="The clusters, in any order.")
    sites: dict[str, Site] = Field(
        default_factory=dict, description="What belongs to a site, by the site's name."
    )
    ipv6: Ipv6Field | None = Field(
        None, description='"provider" (default on a cloud), "ula" (default elsewhere), or a prefix.'
    )
    ipv6_mapping: Literal["embed-ipv4"] | None = Field(
        None, description="embed-ipv4: pods' IPv6 prefixes hold their IPv4 ones (96 + length)."
    )
    ula_seed: FreeText | None = Field(None, description="Makes ULA prefixes reproducible.")
    pools: Pools = Field(Pools(), description="What may be handed out.")
    exclude: tuple[Annotated[Exclusion, BeforeValidator(_parse_exclusion)], ...] = Field(
        (), description="What is in use elsewhere: a prefix, or a prefix with a name."
    )
    connect: Connect = Field(Connect(), description="How sites are joined.")
    demands: tuple[Demand, ...] = Field((), description="Who sends to whom.")
    growth: dict[
        Annotated[str, Field(pattern=r"^[a-z]+(_[a-z]+)*_per_year$")],
        Rate,
    ] = Field(default_factory=dict, description="Rates a year, such as nodes_per_year: 20%.")
    prices: dict[str, Annotated[PriceOverride, BeforeValidator(_parse_price)]] = Field(
        default_factory=dict, description="Own prices, by row of the catalogue."
    )
    limits: dict[str, Annotated[LimitOverride, BeforeValidator(_parse_limit)]] = Field(
        default_factory=dict, description="Raised quotas, by row of the catalogue."
    )
    rules: dict[str, bool] = Field(
        default_factory=dict, description="Rules of `check`, by name: false switches one off."
    )
    assumptions: dict[str, Scalar] = Field(
        default_factory=dict,
        description="services_routed: true makes equal service prefixes an overlap; other names "
        "are kept.",
    )

    @property
    def services_routed(self) -> bool:
        """Say whether services of one cluster are reached from others."""
        return self.assumptions.get("services_routed") is True

    @cached_property
    def members(self) -> dict[str, tuple[Cluster, ...]]:
        """The clusters of each site, sites by name, clusters by name."""
        found: dict[str, list[Cluster]] = {}
        for cluster in sorted(self.clusters, key=lambda cluster: cluster.name):
            found.setdefault(cluster.site_name, []).append(cluster)
        return {name: tuple(found[name]) for name in sorted(found)}

    @cached_property
    def index(self) -> dict[str, int]:
        """The place of each cluster in ``clusters``, by name."""
        return {cluster.name: index for index, cluster in enumerate(self.clusters)}

    def site(self, name: str) -> Site:
        """Return what the file says of site ``name``, else the defaults."""
        return self.sites.get(name) or _PLAIN_SITE

    def ipv6_of(self, cluster: Cluster) -> Literal["provider", "ula"] | IPv6Network:
        """Return where the IPv6 prefix of ``cluster`` comes from."""
        own = cluster.ipv6 or self.ipv6
        return own or ("ula" if cluster.provider == ON_PREM else "provider")

    def region_of(self, site: str) -> tuple[str, str | None]:
        """Return (provider, region) of ``site``; the region is None where none is known."""
        first = self.members[site][0]
        return first.provider, first.region or self.site(site).region


_PLAIN_SITE = Site()
