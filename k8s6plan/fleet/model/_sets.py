"""Cluster sets as the fleet file has them."""

from __future__ import annotations

from typing import Annotated

from pydantic import PlainValidator, WithJsonSchema
from pydantic_core import PydanticCustomError

from k8s6plan.fleet.model._values import SELECTOR_SCHEMA, Selector, parse_selector


def parse_members(value: object) -> tuple[Selector, ...]:
    """Return who is in a set: what one selector means, or each of a list of them.

    Raises:
        PydanticCustomError: it is neither, or the list is empty.

    """
    listed = isinstance(value, (list, tuple)) and not isinstance(value, Selector)
    given = list(value) if isinstance(value, (list, tuple)) and listed else [value]
    try:
        found = tuple(parse_selector(one) for one in given)
    except PydanticCustomError:
        found = ()
    if not found:
        raise PydanticCustomError(
            "cluster_set",
            'a set is a cluster name, "all", labels like "env=prod,tier=web", or a list of such',
        )
    return found


SetField = Annotated[
    tuple[Selector, ...],
    PlainValidator(parse_members),
    WithJsonSchema(
        {"anyOf": [SELECTOR_SCHEMA, {"type": "array", "minItems": 1, "items": SELECTOR_SCHEMA}]}
    ),
]
