"""The values that fields hold: prefixes, names, selectors, rates, and how text becomes one."""

from __future__ import annotations

import re
from collections.abc import Mapping
from contextlib import suppress
from decimal import Decimal
from ipaddress import IPv4Network, IPv6Network, ip_network
from typing import Annotated, Literal, NamedTuple

from pydantic import (
    BeforeValidator,
    Field,
    PlainValidator,
    WithJsonSchema,
)
from pydantic_core import PydanticCustomError

from k8s6plan.io.addresses import parse_network, why_ambiguous

Family = Literal["ipv4", "ipv6"]
Role = Literal["nodes", "pods", "services"]
Prefix = IPv4Network | IPv6Network

FAMILIES: tuple[Family, Family] = ("ipv4", "ipv6")
ROLES: tuple[Role, Role, Role] = ("nodes", "pods", "services")
ADDRESS_BITS: Mapping[Family, int] = {"ipv4": 32, "ipv6": 128}
ON_PREM = "on-prem"

_LABEL = re.compile(r"[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?")
# As `kubectl version` prints it too: v1.33.4, 1.33.4-gke.100, 1.35.0+k3s1.
_RELEASE = re.compile(r"v?(1\.\d{1,3}(?:\.\d{1,3})?)(?:[-+][0-9A-Za-z.+-]{1,64})?", re.ASCII)
# What a provider shows has spaces and brackets, as in "US East (N. Virginia)".
_NAME = re.compile(r"(?=[(\[]*[^\W_])[\w .,:'&+()\[\]/-]{1,128}")
_WORD = re.compile(r"[A-Za-z0-9]([A-Za-z0-9._/-]{0,126}[A-Za-z0-9])?")


def family_of(prefix: Prefix) -> Family:
    """Return the address family of ``prefix``."""
    return "ipv4" if prefix.version == 4 else "ipv6"


def parse_prefix(value: object) -> Prefix:
    """Return ``value`` ("10.0.0.0/8", "fd00::/48") as a network.

    Raises:
        PydanticCustomError: no text (an unquoted address may reach us as a number), no prefix, one
            without a length, with a zone or a mask, or with bits set right of its length; the
            message holds the corrected form.

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
    with suppress(ValueError):
        return parse_network(value)
    try:
        network = ip_network(value, strict=False)
    except ValueError:
        raise PydanticCustomError(
            "prefix",
            '"{given}" is no prefix; write it like "10.0.0.0/16" or "fd00:1::/48"',
            {"given": value},
        ) from None
    ambiguous = why_ambiguous(value)
    if ambiguous is not None:
        raise PydanticCustomError("ambiguous", "{why}", {"why": ambiguous})
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


def why_no_label(value: object) -> str | None:
    """Return what is wrong with a cluster's name, or None."""
    try:
        _parse_label(value)
    except PydanticCustomError as error:
        return error.message()
    return None


def why_no_prefix(value: object) -> str | None:
    """Return what is wrong with a prefix, with the corrected form, or None."""
    try:
        parse_prefix(value)
    except PydanticCustomError as error:
        return error.message()
    return None


# Where no machine can have an address, in any network.
_NOBODYS = {
    "0.0.0.0/8": "this network",
    "127.0.0.0/8": "loopback",
    "224.0.0.0/4": "multicast",
    "::/8": "loopback, mapped and translated addresses",
    "fe80::/9": "link-local addresses",
    "ff00::/8": "multicast",
}
# Nobody holds more: the largest allocations of the registries are a /8 and a /13.
_SHORTEST: dict[int, int] = {4: 8, 6: 12}


def parse_pool(value: object) -> Prefix:
    """Return a prefix out of which machines get addresses.

    Raises:
        PydanticCustomError: it is no prefix, is more than anybody holds, or no machine can have its
            addresses.

    """
    prefix = parse_prefix(value)
    said, most = {"given": str(prefix)}, _SHORTEST[prefix.version]
    if prefix.prefixlen < most:
        raise PydanticCustomError(
            "pool",
            '"{given}" is more than anybody holds; name your own, of /{most} or longer',
            {**said, "most": most},
        )
    for text, what in _NOBODYS.items():
        other = ip_network(text)
        if prefix.version == other.version and prefix.overlaps(other):
            raise PydanticCustomError(
                "pool",
                '"{given}" lies in {range}, {what}, which no machine can have; name another',
                {**said, "range": text, "what": what},
            )
    return prefix


def _parse_word(value: object) -> object:
    if isinstance(value, str) and not _WORD.fullmatch(value):
        raise PydanticCustomError(
            "word",
            '"{given}" is no plain name; use letters, digits and ". _ - /"',
            {"given": value},
        )
    return value


def _parse_name(value: object) -> object:
    """A name of a provider, or of what it sells: one that no table knows is told, not refused."""
    if isinstance(value, str) and not _NAME.fullmatch(value):
        raise PydanticCustomError(
            "name",
            '"{given}" is no name; use letters, digits, spaces and ". , : _ - / & + ( ) [ ]"',
            {"given": value},
        )
    return value


def _parse_release(value: object) -> object:
    """A release of Kubernetes, without what its distribution adds to it.

    YAML reads a bare 1.30 as the number 1.3.
    """
    found = _RELEASE.fullmatch(value) if isinstance(value, str) else None
    if found is not None:
        return found[1]
    raise PydanticCustomError(
        "release", 'a release of Kubernetes is written in quotes, like "1.35" or "1.35.2"'
    )


def is_release(value: object) -> bool:
    """Say whether ``value`` is a release of Kubernetes."""
    return isinstance(value, str) and _RELEASE.fullmatch(value) is not None


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
    return parse_pool(value)


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


def parse_share(value: object) -> object:
    """Return an availability as a share of time: "99.95%" or 0.9995.

    Raises:
        PydanticCustomError: it is no number, or not between 0.01 (1%) and 1 (100%). What is less is
            a slip, and of the rarest nothing would be left in a float.

    """
    if isinstance(value, Decimal):
        return value
    text = str(value) if isinstance(value, (str, int, float)) else ""
    try:
        number = Decimal(text.removesuffix("%"))
        share = number / 100 if text.endswith("%") else number
        right = Decimal("0.01") <= share <= 1
    except ArithmeticError:
        share, right = Decimal(0), False
    if right and not isinstance(value, bool):
        return share
    raise PydanticCustomError(
        "share",
        "an availability is written like 99.95% or 0.9995, from 0.01 to 1{hint}",
        {"hint": f"; write {text}%" if not text.endswith("%") and _is_percent(text) else ""},
    )


def _is_percent(text: str) -> bool:
    try:
        return 1 < Decimal(text) <= 100
    except ArithmeticError:
        return False


def parse_free_text(value: object) -> object:
    """Any text on one line: it is printed in messages and sheets."""
    if isinstance(value, str) and not value.isprintable():
        raise PydanticCustomError(
            "text", "holds a line break or a control character; write it on one line, without"
        )
    return value


def parse_labels(value: object) -> object:
    """Return labels as text: YAML reads `live: true` and `tier: 1` as other things."""
    if not isinstance(value, dict):
        return value
    return {key: _as_label(item) for key, item in value.items()}


def _as_label(item: object) -> object:
    if isinstance(item, bool):
        return str(item).lower()
    return str(item) if isinstance(item, int | float) else item


class Selector(NamedTuple):
    """Which clusters one end of a demand means: `all`, one name, or labels that must match."""

    name: str | None
    labels: tuple[tuple[str, str], ...] = ()

    @property
    def one(self) -> bool:
        """Say whether it names one cluster."""
        return self.name not in (None, "all")

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
        pairs = [(str(key), str(_as_label(item))) for key, item in value.items()]
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
SELECTOR_SCHEMA = {
    "title": "Selector",
    "description": 'A cluster name, "all", or labels: "env=prod,tier=web".',
    "anyOf": [
        {"type": "string"},
        {"type": "object", "additionalProperties": {"type": "string"}},
    ],
}
_NUMBER_SCHEMA = {
    "anyOf": [{"type": "number", "minimum": 0, "maximum": 10**15}, {"type": "string"}]
}
_PREFIX_LIST_SCHEMA = {"type": "array", "items": _PREFIX_SCHEMA}

PrefixField = Annotated[Prefix, PlainValidator(parse_prefix), WithJsonSchema(_PREFIX_SCHEMA)]
PoolField = Annotated[Prefix, PlainValidator(parse_pool), WithJsonSchema(_PREFIX_SCHEMA)]
Label = Annotated[str, BeforeValidator(_parse_label)]
Word = Annotated[str, BeforeValidator(_parse_word)]
Name = Annotated[str, BeforeValidator(_parse_name)]
FreeText = Annotated[str, BeforeValidator(parse_free_text)]
Release = Annotated[
    str,
    BeforeValidator(_parse_release),
    WithJsonSchema({"type": "string", "pattern": r"^v?1\.\d{1,3}(\.\d{1,3})?([-+].*)?$"}),
]
Count = Annotated[int, Field(strict=True, ge=1, le=10_000_000)]
Amount = Annotated[
    Decimal, BeforeValidator(_parse_decimal), Field(ge=0, le=10**15), WithJsonSchema(_NUMBER_SCHEMA)
]
Rate = Annotated[
    Decimal,
    BeforeValidator(_parse_rate),
    WithJsonSchema({"anyOf": [{"type": "number"}, {"type": "string", "pattern": "%$"}]}),
]
Share = Annotated[
    Decimal,
    BeforeValidator(parse_share),
    WithJsonSchema({"anyOf": [{"type": "number"}, {"type": "string", "pattern": "%$"}]}),
]
SelectorField = Annotated[Selector, PlainValidator(parse_selector), WithJsonSchema(SELECTOR_SCHEMA)]
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
