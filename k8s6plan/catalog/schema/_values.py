"""What stands in a row: texts, dates, prefixes, numbers, each with what is wrong of another."""

from __future__ import annotations

import re
from collections.abc import Sequence
from ipaddress import ip_network
from typing import Annotated, Any, Generic, Literal, NotRequired, TypeVar

from pydantic import (
    AfterValidator,
    BeforeValidator,
    ConfigDict,
    Discriminator,
    Field,
    Tag,
    with_config,
)
from pydantic_core import PydanticCustomError
from typing_extensions import TypedDict

from k8s6plan.errors import did_you_mean
from k8s6plan.io.remarks import short

Value = TypeVar("Value")
Unit = TypeVar("Unit")


def fault(says: str) -> PydanticCustomError:
    """Return what a check of a value or a row raises."""
    return PydanticCustomError("data", "{says}", {"says": says})


def like(pattern: str, says: str) -> AfterValidator:
    """Return the check that a text matches ``pattern`` as a whole."""

    def check(text: str) -> str:
        if not re.fullmatch(pattern, text):
            raise fault(f'{says}, got "{text}"')
        return text

    return AfterValidator(check)


def among(names: Sequence[str], what: str) -> BeforeValidator:
    """Return the check that a value is one of many ``names``; a short list needs none."""

    def check(value: object) -> object:
        if value not in names:
            raise fault(f"{short(value)} is no {what}{did_you_mean(str(value), names)}")
        return value

    return BeforeValidator(check)


def _source(text: str) -> str:
    if re.search(r"(^|\s)[/~]|^file:|stored copy", text):
        raise fault("names a place of one machine; say where any reader can look it up")
    return text


def _prefix(text: str) -> str:
    try:
        ip_network(text)
    except ValueError as error:
        raise fault(f"is no prefix: {error}") from None
    return text


def _pattern(text: str) -> str:
    try:
        groups = re.compile(text).groups
    except re.error as error:
        raise fault(f"is no regular expression: {error}") from None
    if groups != 1:
        raise fault("needs one group, ( ), around what it finds")
    return text


def _amount(value: Any) -> Any:
    whole = isinstance(value, int) and not isinstance(value, bool) and value >= 0
    decimal = isinstance(value, str) and re.fullmatch(r"\d+(\.\d+)?", value)
    if not (value is None or whole or decimal):
        raise fault('must be a whole number, a decimal in quotes like "1.25", or null')
    return value


def sort_of(value: object) -> str:
    """Return the tag of the branch of a union that ``value`` is meant for."""
    return "list" if isinstance(value, list) else "dict" if isinstance(value, dict) else "word"


Text = Annotated[str, like(r"(?s).*\S.*", "must say something")]
Name = Annotated[str, like(r"[\w.-]+", "must be a name of letters, digits, dots and dashes")]
Source = Annotated[Text, AfterValidator(_source)]
Date = Annotated[
    str, like(r"\d{4}(-\d\d(-\d\d)?)?|undated", 'must be like "2026-11-22", "2026" or "undated"')
]
Confidence = Literal["high", "medium", "low", "unverified"]
Version = Annotated[str, like(r"1\.\d{1,3}", 'must be a release like "1.34"')]
DecimalText = Annotated[str, like(r"\d+(\.\d+)?", 'must be a decimal like "0.05"')]
Prefix = Annotated[str, AfterValidator(_prefix)]
Pattern = Annotated[str, AfterValidator(_pattern)]
Family = Literal["ipv4", "ipv6"]
Families = Annotated[list[Family], Field(min_length=1)]
Positive = Annotated[int, Field(gt=0)]
Byte = Annotated[int, Field(ge=0, le=255)]
PrefixLength = Annotated[int, Field(ge=1, le=128)]
PrefixLength4 = Annotated[int, Field(ge=1, le=32)]
Amount = Annotated[Any, AfterValidator(_amount)]
Texts = Annotated[list[Text], Field(min_length=1)]
Names = Annotated[list[Name], Field(min_length=1)]
# All there are, or a list.
All = Annotated[str, like("all", 'must be "all", or a list')]
Places = Annotated[
    Annotated[All, Tag("word")] | Annotated[list[Name], Field(min_length=1), Tag("list")],
    Discriminator(sort_of),
]
Codes = Annotated[
    Annotated[All, Tag("word")] | Annotated[list[Byte], Field(min_length=1), Tag("list")],
    Discriminator(sort_of),
]


@with_config(ConfigDict(extra="forbid", strict=True))
class Shape(TypedDict):
    """A mapping that has the keys of its type and no others."""


class Row(Shape):
    """A statement: where it comes from, and what else is to be known of it."""

    source: Source
    as_of: Date
    confidence: Confidence
    note: NotRequired[Text]


class Figure(Row, Generic[Value, Unit]):
    """A figure, and what it counts."""

    value: Value
    unit: Unit


class Versioned(Figure[Value, Unit], Generic[Value, Unit]):
    """A figure of some releases of Kubernetes: up to ``until``, and then another, or none."""

    until: NotRequired[Version]
    then: NotRequired[Value]


Bytes = Figure[Positive, Literal["bytes"]]
Bits = Figure[Positive, Literal["bits"]]
Addresses = Figure[Positive, Literal["addresses"]]
Length = Figure[PrefixLength, Literal["prefix length"]]
Length4 = Figure[PrefixLength4, Literal["prefix length"]]
VersionedLength = Versioned[PrefixLength, Literal["prefix length"]]
VersionedLength4 = Versioned[PrefixLength4, Literal["prefix length"]]
Release = Figure[Version, Literal["release"]]
YesNo = Figure[bool, Literal["yes or no"]]
OnePrefix = Figure[Prefix, Literal["prefix"]]
Prefixes = Figure[Annotated[list[Prefix], Field(min_length=1)], Literal["prefixes"]]
Carried = Figure[Families, Literal["families"]]
Word = Figure[Text, Text]
Count = Figure[Positive, Text]
Share = Figure[DecimalText | None, Literal["share of time"]]
