"""The nouns: a fleet as its file describes it. Frozen, and free of what can be derived.

The classes are the fleet file's format as well (`k8s6plan schema` prints it as JSON Schema), so
each field carries its description and its default here and nowhere else.
"""

from __future__ import annotations

from decimal import Decimal
from functools import cached_property
from ipaddress import IPv6Network, ip_network
from typing import Annotated, Any, Literal

from pydantic import BeforeValidator, Field

from k8s6plan.fleet.model._noun import Noun
from k8s6plan.fleet.model._own import (
    Hours,
    LimitOverride,
    PriceOverride,
    Work,
    parse_limit,
    parse_price,
)
from k8s6plan.fleet.model._sets import SetField
from k8s6plan.fleet.model._traffic import Per, Traffic, parts, sharers
from k8s6plan.fleet.model._values import (
    ADDRESS_BITS,
    FAMILIES,
    ON_PREM,
    ROLES,
    Amount,
    Count,
    Family,
    FreeText,
    Ipv6Field,
    Label,
    Name,
    PinnedField,
    PoolField,
    Prefix,
    PrefixField,
    Rate,
    Release,
    Role,
    Selector,
    SelectorField,
    Share,
    Word,
    family_of,
    is_release,
    parse_free_text,
    parse_labels,
    parse_prefix,
    parse_selector,
    why_no_label,
    why_no_prefix,
)
from k8s6plan.fleet.sets import ONE_SET, Sets, are_divided, share


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
    provider: Name = Field(
        description="aws, gcp, azure, on-prem, or any other name. Case does not count, here and "
        "below, and other names for them are read too: `k8s6plan list providers`."
    )
    region: Name | None = Field(None, description="The place, in the provider's words.")
    site: Word | None = Field(
        None, description="The VPC or data centre; on a cloud a site of its own by default."
    )
    platform: Name | None = Field(None, description="eks, gke, aks, kubeadm, k3s, ...")
    cni: Name | None = Field(None, description="cilium, calico, ...")
    kubernetes: Release | None = Field(
        None,
        description="Its release, in quotes, where a rule depends on it; by default the fleet's. "
        "Where none is said, `check` takes the newest that is known, and `plan` promises what "
        "every release takes.",
    )
    cni_mode: Name | None = Field(
        None,
        description="How the CNI runs: overlay, native, pod-subnet, node-subnet, ...; by default "
        "as usual for platform and CNI, as is a mode that they do not have. It decides whether "
        "pods are reached from outside; overlay is an overlay on every platform.",
    )
    pods_routed: bool | None = Field(
        None,
        strict=True,
        description="Whether pods are reached from outside their cluster, whatever the table says.",
    )
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
    labels: Annotated[dict[FreeText, FreeText], BeforeValidator(parse_labels)] = Field(
        default_factory=dict, description="Free; demands select by them."
    )
    addresses: Addresses = Field(
        default_factory=Addresses, description="Prefixes that the cluster has already."
    )
    known: bool = Field(
        True,
        strict=True,
        description="false: its provider, region, platform and CNI need not be in the tables, and "
        "no warning says that they are not.",
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

    gateways: Annotated[Count, Field(le=256)] = Field(1, description="They end the tunnels.")
    coordinates: tuple[float, float] | None = Field(None, description="Latitude, longitude.")
    region: Name | None = Field(None, description="For an on-prem site: the region it lies in.")


class Pools(Noun):
    """Prefixes that may be handed out, by role; the family shows from the prefix."""

    nodes: tuple[PoolField, ...] = Field((ip_network("10.0.0.0/8"),), description="For nodes.")
    pods: tuple[PoolField, ...] = Field((ip_network("100.64.0.0/10"),), description="For pods.")
    services: tuple[PoolField, ...] = Field(
        (ip_network("172.20.0.0/14"),), description="For services."
    )
    tunnels: tuple[PoolField, ...] = Field(
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
    homes: dict[Word, tuple[Word, ...]] = Field(
        default_factory=dict,
        description="The hubs that each site is joined to; a site without an entry: to all. "
        "`k8s6plan optimize` writes them.",
    )
    tunnels_per_link: Annotated[int, Field(strict=True, ge=1, le=64)] = Field(
        1, description="2 = redundant."
    )
    same_provider: Literal["native", "tunnel"] = Field(
        "native", description="native: peering or transit inside one cloud provider, no VPN."
    )
    encapsulation: str = Field("ipsec-aes-gcm", description="A name of the encapsulation table.")
    carries: Literal["ipv4", "ipv6", "dual-stack"] = Field(
        "ipv4", description="Families inside tunnels, where a provider sells each by itself."
    )


class Demand(Noun):
    """Directed traffic between clusters. No cluster sends to itself."""

    source: SelectorField = Field(alias="from")
    target: SelectorField = Field(alias="to")
    gb_per_month: Amount = Field(Decimal(0), description="Volume, in 10^9 bytes.")
    peak_mbps: Amount | None = Field(None, description="Highest rate, in 10^6 bits a second.")
    per: Per = Field(
        "pair",
        description="What both figures hold for: each pair of a sender and a receiver, each "
        "sender, each receiver, or all together. Must be said where an end means many clusters.",
    )


Scalar = str | int | float | bool
RegionKey = tuple[str, str]  # (provider, region), or ("", site) for a site of no known region


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
    kubernetes: Release | None = Field(
        None, description="The release of Kubernetes of clusters that do not say their own."
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
    cluster_sets: dict[FreeText, SetField] = Field(
        default_factory=dict,
        description="Who must reach whom: sets by name, each with who is in it. Clusters that "
        "share a set reach each other, others must not; one may be in several. Without it all are "
        "one set.",
    )
    risk_groups: dict[FreeText, tuple[Name, ...]] = Field(
        default_factory=dict,
        description="What fails together, by a name of yours: sites, clusters, or regions like "
        "aws/us-east-1. A name of both a site and a cluster is the site.",
    )
    availability: dict[str, Share] = Field(
        default_factory=dict,
        description="Own availabilities, like tunnel: 99.9%, or for one thing "
        "gateway.frankfurt: 99.99%.",
    )
    growth: dict[
        Annotated[str, Field(pattern=r"^[a-z]+(_[a-z]+)*_per_year$")],
        Rate,
    ] = Field(default_factory=dict, description="Rates a year, such as nodes_per_year: 20%.")
    prices: dict[str, Annotated[PriceOverride, BeforeValidator(parse_price)]] = Field(
        default_factory=dict, description="Own prices, by row of the catalogue."
    )
    limits: dict[str, Annotated[LimitOverride, BeforeValidator(parse_limit)]] = Field(
        default_factory=dict, description="Raised quotas, by row of the catalogue."
    )
    work: Work | None = Field(None, description="What work costs; off unless it is written here.")
    rules: dict[str, bool] = Field(
        default_factory=dict, description="Rules of `check`, by name: false switches one off."
    )
    assumptions: dict[FreeText, Annotated[Scalar, BeforeValidator(parse_free_text)]] = Field(
        default_factory=dict,
        description="What figures assume, by name: docs/reference/assumptions.md. Other names are "
        "kept.",
    )

    def __copy__(self) -> Fleet:
        """Return a copy that works out anew what is derived: it may get other fields."""
        return Fleet.model_construct(self.model_fields_set, **dict(self))

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
    def regions(self) -> dict[RegionKey, tuple[str, ...]]:
        """The sites of each region: same provider and region, or the site itself."""
        found: dict[RegionKey, list[str]] = {}
        for site in self.members:
            provider, region = self.region_of(site)
            found.setdefault((provider, region) if region else ("", site), []).append(site)
        return {key: tuple(found[key]) for key in sorted(found)}

    @cached_property
    def index(self) -> dict[str, int]:
        """The place of each cluster in ``clusters``, by name."""
        return {cluster.name: index for index, cluster in enumerate(self.clusters)}

    @cached_property
    def selected(self) -> dict[Selector, list[int]]:
        """The places in ``clusters`` of those that each end of a demand means."""
        ends = {end: None for demand in self.demands for end in (demand.source, demand.target)}
        return {end: self.select(end) for end in ends}

    @cached_property
    def sets(self) -> tuple[Sets, ...]:
        """The sets that each cluster is in, by number as the file has them."""
        if not self.cluster_sets:
            return (ONE_SET,) * len(self.clusters)
        found: list[list[int]] = [[] for _ in self.clusters]
        for number, members in enumerate(self.cluster_sets.values()):
            for index in {index for selector in members for index in self.select(selector)}:
                found[index].append(number)
        return tuple(map(tuple, found))

    @cached_property
    def divided(self) -> bool:
        """Say whether the sets keep some cluster from another: else all are as one set."""
        return bool(self.cluster_sets) and are_divided(set(self.sets))

    def may_talk(self, one: str, other: str) -> bool:
        """Say whether two clusters share a set."""
        return share(*(self.sets[self.index[name]] for name in (one, other)))

    @cached_property
    def traffic(self) -> tuple[Traffic, ...]:
        """The demands, in parts of which each pair of clusters carries as much."""
        chosen = self.selected
        return tuple(
            part
            for number, demand in enumerate(self.demands)
            for part in parts(number, demand, chosen[demand.source], chosen[demand.target])
        )

    @cached_property
    def homes(self) -> dict[str, tuple[str, ...]]:
        """`connect.homes` by sites; a cluster stands for its site."""
        site_of = {cluster.name: cluster.site_name for cluster in self.clusters}

        def site(name: str) -> str:
            return name if name in self.members else site_of[name]

        return {
            site(name): tuple(dict.fromkeys(site(home) for home in homes))
            for name, homes in sorted(self.connect.homes.items())
        }

    def select(self, selector: Selector) -> list[int]:
        """Return the places in ``clusters`` of those that ``selector`` means."""
        if selector.name == "all":
            return list(range(len(self.clusters)))
        if selector.name is not None:
            index = self.index.get(selector.name)
            return [] if index is None else [index]
        wanted = set(selector.labels)
        return [i for i, cluster in enumerate(self.clusters) if wanted <= cluster.labels.items()]

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


__all__ = [
    "ADDRESS_BITS",
    "FAMILIES",
    "ON_PREM",
    "ROLES",
    "Addresses",
    "Cluster",
    "Connect",
    "Demand",
    "Exclusion",
    "Family",
    "Fleet",
    "Hours",
    "LimitOverride",
    "NodeMasks",
    "Per",
    "Pools",
    "Prefix",
    "PrefixField",
    "PriceOverride",
    "RegionKey",
    "Reserve",
    "Role",
    "Selector",
    "Site",
    "Traffic",
    "Work",
    "family_of",
    "is_release",
    "parse_prefix",
    "parse_selector",
    "sharers",
    "why_no_label",
    "why_no_prefix",
]
