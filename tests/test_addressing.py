"""Free space, overlaps and lengths, each against an oracle that goes another way."""

from __future__ import annotations

from ipaddress import IPv4Network, IPv6Network

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from k8s6plan.addressing.space import ula
from k8s6plan.addressing.space.blocks import bits_for, intervals
from k8s6plan.addressing.space.free import FreeSpace
from k8s6plan.addressing.space.pools import summarise
from k8s6plan.addressing.space.strategy import STRATEGIES, Strategy, part_at
from k8s6plan.fleet.model import Prefix
from tests.strategies import prefixes

# A tiny family of 8 bits: every address can be looked at.
BITS = 8
blocks = st.integers(0, 8).flatmap(
    lambda length: st.integers(0, (1 << length) - 1).map(
        lambda number: (number << BITS - length, length)
    )
)


def addresses(start: int, length: int) -> set[int]:
    return set(range(start, start + (1 << BITS - length)))


@pytest.mark.slow
@settings(max_examples=400)
@given(
    used=st.lists(blocks, max_size=6),
    wanted=st.lists(st.integers(0, 8), max_size=12),
    strategy=st.sampled_from(STRATEGIES),
)
def test_space_hands_out_what_is_free_once(
    used: list[tuple[int, int]], wanted: list[int], strategy: Strategy
) -> None:
    space = FreeSpace((0, 0), intervals(used, BITS), BITS, strategy)
    free = set(range(256)).difference(*(addresses(*block) for block in used))
    for length in wanted:
        start = space.take(length)
        fits = [at for at in range(0, 256, 1 << BITS - length) if addresses(at, length) <= free]
        assert (start is None) == (not fits)
        if start is not None:
            assert addresses(start, length) <= free
            free -= addresses(start, length)
            wide = space.grows_to(start, length)
            more = addresses(start & -(1 << BITS - wide), wide) - addresses(start, length)
            assert more <= free
        assert space.free_addresses() == len(free)


def test_space_takes_the_smallest_block_that_holds_it() -> None:
    space = FreeSpace((0, 0), intervals([(64, 3)], BITS), BITS)  # free: 0-63, 96-127, 128-255
    assert space.take(3) == 96
    assert space.take(2) == 0
    assert space.take(1) == 128
    assert space.take(8) is None


@pytest.mark.parametrize(
    ("strategy", "bits", "first"),
    [
        # RFC 3531 s3.1 to 3.3, as far as the orders are worked out there.
        ("leftmost", 8, [0b00000000, 0b10000000, 0b01000000, 0b11000000, 0b00100000, 0b10100000]),
        ("rightmost", 8, [0b00000000, 0b00000001, 0b00000010, 0b00000011, 0b00000100]),
        (
            "centermost",
            8,
            [0, 8, 16, 24, 4, 12, 20, 28, 32, 40, 48, 56, 36],
        ),
        ("leftmost", 3, [0, 4, 2, 6, 1, 5, 3, 7]),
        ("centermost", 3, [0, 2, 4, 6, 1, 3, 5, 7]),
    ],
)
def test_strategies_hand_out_in_the_order_of_rfc_3531(
    strategy: Strategy, bits: int, first: list[int]
) -> None:
    assert [part_at(turn, bits, strategy) for turn in range(len(first))] == first
    assert sorted(part_at(t, bits, strategy) for t in range(1 << bits)) == list(range(1 << bits))
    space = FreeSpace((0, 0), [], BITS, strategy)
    taken = [space.take(bits) for _ in first]
    assert taken == [part << BITS - bits for part in first]


@pytest.mark.parametrize(("count", "bits"), [(0, 0), (1, 0), (2, 1), (3, 2), (256, 8), (257, 9)])
def test_bits_tell_things_apart(count: int, bits: int) -> None:
    assert bits_for(count) == bits


@given(held=st.lists(prefixes, max_size=8))
def test_summaries_hold_the_same_addresses_in_fewest_prefixes(held: list[Prefix]) -> None:
    from ipaddress import collapse_addresses

    four = sorted(collapse_addresses(p for p in held if isinstance(p, IPv4Network)))
    six = sorted(collapse_addresses(p for p in held if isinstance(p, IPv6Network)))
    assert summarise(held) == [*four, *six]


def test_ula_prefixes_differ_by_seed_site_and_attempt() -> None:
    within = IPv6Network("fd00::/8")
    made = {
        ula.site_prefix(seed, site, within, attempt)
        for seed in ("a", "b")
        for site in ("x", "y")
        for attempt in (0, 1)
    }
    assert len(made) == 8
    # Part of the format: `printf "seed\0site" | sha256sum` begins with 2cbdc19207.
    assert str(ula.site_prefix("seed", "site", within)) == "fd2c:bdc1:9207::/48"
    assert len({ula.new_seed() for _ in range(10)}) == 10
