"""Free space, overlaps and lengths, each against an oracle that goes another way."""

from __future__ import annotations

from ipaddress import IPv4Network, IPv6Network, ip_network
from itertools import combinations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from k8s6plan.addressing.space import ula
from k8s6plan.addressing.space.blocks import FreeSpace, bits_for, intervals
from k8s6plan.addressing.space.pools import summarise
from k8s6plan.addressing.space.strategy import STRATEGIES, Strategy, part_at
from k8s6plan.fleet import overlaps
from k8s6plan.fleet.model import Prefix
from k8s6plan.fleet.overlaps import Holding

# A tiny family of 8 bits: every address can be looked at.
BITS = 8
blocks = st.integers(0, 8).flatmap(
    lambda length: st.integers(0, (1 << length) - 1).map(
        lambda number: (number << BITS - length, length)
    )
)


def addresses(start: int, length: int) -> set[int]:
    return set(range(start, start + (1 << BITS - length)))


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


prefixes = st.one_of(
    st.tuples(st.integers(0, 255), st.integers(20, 32)).map(
        lambda t: ip_network(f"10.0.{t[0]}.{t[0]}/{t[1]}", strict=False)
    ),
    st.tuples(st.integers(0, 255), st.integers(40, 64)).map(
        lambda t: ip_network(f"fd00:0:{t[0]:x}:{t[0]:x}::/{t[1]}", strict=False)
    ),
)


def holding(prefix: Prefix, number: int, role: str = "pods") -> Holding:
    name = f"c{number}"
    kin = f"{role} of {name}"
    return Holding(prefix, f"{name} ({role})", name, name, role, kin)  # type: ignore[arg-type]


@settings(max_examples=300)
@given(given_prefixes=st.lists(prefixes, max_size=12))
def test_overlaps_are_those_that_every_pair_shows(given_prefixes: list[Prefix]) -> None:
    held = [holding(prefix, number) for number, prefix in enumerate(given_prefixes)]
    found = set()
    for conflict in overlaps.conflicts(held):
        both = {h.owner for h in (*conflict.outer, *conflict.inner)}
        found |= {frozenset(pair) for pair in combinations(sorted(both), 2)}
    brute = {
        frozenset((one.owner, other.owner))
        for one, other in combinations(held, 2)
        if one.prefix.version == other.prefix.version and one.prefix.overlaps(other.prefix)
    }
    # A conflict between groups names equal prefixes together, so it may name more, never fewer.
    assert brute <= found
    assert {owner for pair in found for owner in pair} == {o for pair in brute for o in pair}


def test_exact_duplicates_are_all_found() -> None:
    prefix = IPv4Network("10.0.0.0/24")
    (conflict,) = overlaps.conflicts([holding(prefix, number) for number in range(100)])
    assert len(conflict.clusters) == 100
    assert str(conflict) == (
        "10.0.0.0/24 is held by c0 (pods), c1 (pods), c10 (pods), c11 (pods) and 96 more"
    )


@pytest.mark.parametrize("same_site", [True, False])
def test_nodes_of_one_site_may_share(same_site: bool) -> None:
    prefix = IPv4Network("10.0.0.0/24")
    held = [
        Holding(prefix, name, name, site, "nodes", f"nodes of site {site}")
        for name, site in (("a", "s"), ("b", "s" if same_site else "t"))
    ]
    assert len(overlaps.conflicts(held)) == (0 if same_site else 1)


def test_services_are_apart_from_other_overlaps() -> None:
    prefix = IPv4Network("10.96.0.0/16")
    services = [holding(prefix, number, "services") for number in range(3)]
    (conflict,) = overlaps.conflicts(services)
    assert conflict.services_only
    pods = holding(IPv4Network("10.96.1.0/24"), 3)
    assert [c.services_only for c in overlaps.conflicts([*services, pods])] == [True, False]


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
