"""A price book of the user's own, as its file describes it. Read only where one is named."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import BeforeValidator, Field

from k8s6plan.fleet.model._noun import Noun
from k8s6plan.fleet.model._own import PriceOverride, parse_price
from k8s6plan.fleet.model._values import Amount, FreeText, Rate, Word


class PriceBook(Noun):
    """Prices of the user's own, in a file of their own: a contract, a currency, a newer list."""

    version: Literal[1] = Field(1, description="Of this format.")
    book: FreeText = Field(description="What it is called; stands beside each of its rows.")
    currency: Word = Field("USD", description="Of every total.")
    rates: dict[str, Amount] = Field(
        default_factory=dict, description="What one unit of another currency is worth in it."
    )
    discounts: dict[str, Rate] = Field(
        default_factory=dict, description="By provider or row: what is taken off, like 12%."
    )
    prices: dict[str, Annotated[PriceOverride, BeforeValidator(parse_price)]] = Field(
        default_factory=dict, description="Rows, by provider.item or provider.item@region."
    )
