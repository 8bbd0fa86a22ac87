"""The tables that belong to no provider, and what a platform or a CNI decides."""

from __future__ import annotations

from typing import Annotated, Literal, NotRequired

from pydantic import AfterValidator, Field

from k8s6plan.catalog.schema._values import (
    Addresses,
    Bits,
    Byte,
    Bytes,
    Codes,
    Families,
    Family,
    Figure,
    Length,
    Length4,
    Name,
    Names,
    Prefix,
    Prefixes,
    Release,
    Row,
    Shape,
    Text,
    Texts,
    VersionedLength,
    VersionedLength4,
    YesNo,
    fault,
)

# --- assumptions, rules, special prefixes, ICMPv6, readiness -------------------------------------


class AssumptionFields(Row):
    """``least`` and ``most`` bound a number; ``one_of`` are the words that it can be."""

    value: bool | int | str
    unit: Text
    says: Text
    least: NotRequired[int]
    most: NotRequired[int]
    one_of: NotRequired[list[Text]]


def _bounded(row: AssumptionFields) -> AssumptionFields:
    value = row["value"]
    if isinstance(value, bool):
        return row
    if isinstance(value, int):
        if not row.get("least", value + 1) <= value <= row.get("most", value - 1):
            raise fault("a number needs its least and its most, and lies between them")
    elif value not in row.get("one_of", []):
        raise fault("a word needs one_of, the words that it can be, and is one of them")
    return row


Assumption = Annotated[AssumptionFields, AfterValidator(_bounded)]


class Assumptions(Shape):
    """assumptions.yaml."""

    assumptions: dict[Name, Assumption]


class Rule(Row):
    """A rule of `check`: what it says, and how grave breaking it is."""

    says: Text
    severity: Literal["error", "warning", "note"]


class Rules(Shape):
    """rules.yaml."""

    rules: dict[Name, Rule]


class SpecialPrefix(Row):
    """A range that no cluster may take its prefix from; ``use`` says why not."""

    prefix: Prefix
    name: Text
    use: Text


class SpecialPrefixes(Shape):
    """special_prefixes.yaml."""

    special_prefixes: list[SpecialPrefix]


class IcmpType(Row):
    """ICMPv6 messages that must pass a filter, in transit or from the local link."""

    type: Byte
    codes: Codes
    name: Text
    where: Literal["transit", "link"]
    why: Text


class IcmpTypes(Shape):
    """icmpv6.yaml."""

    icmpv6: list[IcmpType]


class ReadinessFields(Row):
    """What works with IPv6, since which release or month where a source has it."""

    subject: Name
    group: Literal["kubernetes", "provider", "platform", "cni", "mesh", "registry"]
    what: Text
    state: Literal["yes", "no", "partly", "preview", "unverified"]
    since: Text | None


def _says_when(row: ReadinessFields) -> ReadinessFields:
    if row["state"] == "partly" and "note" not in row:
        raise fault("what works partly says when, in its note")
    return row


Readiness = Annotated[ReadinessFields, AfterValidator(_says_when)]


class ReadinessRows(Shape):
    """ipv6_readiness.yaml."""

    readiness: list[Readiness]


# --- encapsulations and latencies ----------------------------------------------------------------


class EncapsulationFields(Row):
    """``overhead_bytes`` by outer family; IPsec has its three ingredients instead."""

    title: Text
    aliases: NotRequired[Texts]
    encrypted: bool
    key_per: Literal["tunnel", "gateway", "none"]
    carries: Families
    overhead_bytes: NotRequired[dict[Family, Bytes]]
    iv_bytes: NotRequired[Bytes]
    icv_bytes: NotRequired[Bytes]
    align_bytes: NotRequired[Bytes]


def _adds(row: EncapsulationFields) -> EncapsulationFields:
    ingredients = {"iv_bytes", "icv_bytes", "align_bytes"}.intersection(row)
    if len(ingredients) != (0 if "overhead_bytes" in row else 3):
        raise fault("has overhead_bytes, or else iv_bytes, icv_bytes and align_bytes")
    return row


Encapsulation = Annotated[EncapsulationFields, AfterValidator(_adds)]


class Headers(Shape):
    """The bytes of each header that an encapsulation may add, and of TCP's own."""

    ipv4: Bytes
    ipv6: Bytes
    nat_t: Bytes
    esp: Bytes
    trailer: Bytes
    tcp: Bytes


class LeastMtu(Shape):
    """The smallest MTU that every link must carry."""

    ipv4: Bytes
    ipv6: Bytes


class Encapsulations(Shape):
    """encapsulations.yaml."""

    headers: Headers
    least_mtu: LeastMtu
    encapsulations: dict[Name, Encapsulation]


Milliseconds = Figure[Annotated[float, Field(gt=0)], Literal["ms"]]


class Estimate(Shape):
    """How a round-trip time is estimated where none was measured."""

    ms_per_100_km: Milliseconds
    near_ms: Milliseconds


class Latency(Shape):
    """latency.yaml."""

    estimate: Estimate


# --- reachability --------------------------------------------------------------------------------


class Mode(Shape):
    """How a CNI runs: what that means for pods, and what else it is called."""

    says: Text
    aliases: NotRequired[Texts]
    inside_nodes: NotRequired[bool]


class ReachFields(Row):
    """Whether pods are reached from outside: reachability.yaml says at its top what each key means.

    A no of any kind says ``why``.
    """

    platforms: NotRequired[Names]
    cnis: NotRequired[Names]
    mode: Name
    usual: NotRequired[Literal[True]]
    ipv4: bool
    ipv6: bool
    inside: bool
    why: NotRequired[Text]


def _says_why(row: ReachFields) -> ReachFields:
    if not all((row["ipv4"], row["ipv6"], row["inside"])) and "why" not in row:
        raise fault("where pods are not reached it says why")
    return row


ReachRow = Annotated[ReachFields, AfterValidator(_says_why)]


class Reachability(Shape):
    """reachability.yaml."""

    modes: dict[Name, Mode]
    reachability: list[ReachRow]


# --- platforms and CNIs --------------------------------------------------------------------------


class PodsInsideNodes(YesNo):
    """Pods take addresses of the nodes' own subnets, in ``families``."""

    families: NotRequired[Families]


class NodeSigns(Row):
    """By what a platform or a CNI is known on a node; all but ``versions`` are beginnings.

    ``marks`` are labels or annotations. ``before``: other CNIs that count less, where several have
    left marks. ``cluster_labels`` hold the name of the node's cluster.
    """

    labels: NotRequired[Texts]
    versions: NotRequired[Texts]
    annotations: NotRequired[Texts]
    marks: NotRequired[Texts]
    before: NotRequired[Names]
    cluster_labels: NotRequired[Texts]


class PlatformFields(Shape, total=False):
    """A platform or a CNI: platforms.yaml says at its top what each key means."""

    aliases: Texts
    node_mask_ipv4: Length4
    node_mask_ipv6: Length
    node_mask_shortest_ipv4: Length4
    node_mask_shortest_ipv6: Length
    blocks_per_node: Figure[Literal["one", "many"], Literal["blocks"]]
    own_ipam: YesNo
    node_bits_max_ipv4: Bits
    node_bits_max_ipv6: Bits
    pod_addresses_min: Addresses
    service_addresses_min: Addresses
    service_prefixlen_shortest_ipv4: VersionedLength4
    service_prefixlen_shortest_ipv6: VersionedLength
    service_prefixlen_longest_ipv4: Length4
    service_prefixlen_longest_ipv6: Length
    service_prefixlen_usable_ipv4: VersionedLength4
    service_prefixlen_usable_ipv6: VersionedLength
    service_cidrs_since: Release
    newest_release: Release
    services_ipv6_assigned: YesNo
    services_private: YesNo
    pods_inside_nodes: PodsInsideNodes
    default_pods: Prefixes
    default_services: Prefixes
    dual_stack: YesNo
    needs_ipv4: YesNo
    signs: NodeSigns


class Platform(PlatformFields):
    """A platform or a CNI, by its title."""

    title: Text


class Platforms(Shape):
    """platforms.yaml."""

    platforms: dict[Name, Platform]
    cnis: dict[Name, Platform]


# --- documents that are imported -----------------------------------------------------------------

Paths = dict[Name, Texts]


class DocumentKind(Row):
    """By what a document that describes a cluster is known, and at which paths it says what.

    ``only``: where something stands at a path, one of these words is among it, or the prefixes are
    for something else.
    """

    title: Text
    group: NotRequired[Text]
    kind: NotRequired[Name]
    keys: NotRequired[Texts]
    name: NotRequired[Texts]
    fields: NotRequired[dict[Name, Name]]
    words: NotRequired[Paths]
    counts: NotRequired[Paths]
    prefixes: NotRequired[dict[Literal["nodes", "pods", "services"], Texts]]
    masks: NotRequired[dict[Family, Texts]]
    seen: NotRequired[bool]
    only: NotRequired[Paths]


class DocumentKinds(Shape):
    """documents.yaml. ``words``: a word of the documents -> ours."""

    kinds: list[DocumentKind]
    words: dict[Name, Name]
