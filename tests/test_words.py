"""Numbers in words: plurals, shares, quantities, names."""

from __future__ import annotations

from decimal import Decimal

import pytest

from k8s6plan.io.words import amount, listed, number, percent, plain


def test_numbers_of_things() -> None:
    assert [number(count, "tunnel") for count in (0, 1, 2, 1225)] == [
        "0 tunnels",
        "1 tunnel",
        "2 tunnels",
        "1,225 tunnels",
    ]
    assert number(1, "entry", "entries") == "1 entry"
    assert number(2, "entry", "entries") == "2 entries"


@pytest.mark.parametrize(
    ("share", "places", "text"),
    [
        (0.0, 0, "0%"),
        (0.0004, 0, "<1%"),
        (0.01, 0, "1%"),
        (0.125, 1, "12.5%"),
        (0.0004, 1, "<0.1%"),
        (0.99, 0, "99%"),
        (0.999, 0, ">99%"),
        (0.9999, 1, ">99.9%"),
        (1.0, 0, "100%"),
    ],
)
def test_a_share_is_nothing_or_all_only_where_it_is(share: float, places: int, text: str) -> None:
    assert percent(share, places) == text


@pytest.mark.parametrize(
    ("quantity", "rounded", "whole"),
    [
        ("14600.000", "14,600", "14600"),
        ("0.0500", "0.05", "0.05"),
        ("1.23456", "1.235", "1.23456"),
        ("0.0000165", "0.0000165", "0.0000165"),
        ("0", "0", "0"),
        ("1E+3", "1,000", "1000"),
    ],
)
def test_quantities_have_no_needless_noughts(quantity: str, rounded: str, whole: str) -> None:
    assert amount(Decimal(quantity)) == rounded
    assert plain(Decimal(quantity)) == whole


def test_of_many_names_the_first_are_listed() -> None:
    names = [f"c{at}" for at in range(1003)]
    assert listed(names[:3], 3) == "c0, c1, c2"
    assert listed(names, 3) == "c0, c1, c2 and 1,000 more"
    assert listed([], 3) == ""
