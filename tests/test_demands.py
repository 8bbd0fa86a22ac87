"""What a demand says of many pairs, against the pairs one by one."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterator
from decimal import Decimal
from fractions import Fraction
from itertools import product
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from k8s6plan.decision.hubs._traffic import traffic_ways
from k8s6plan.fleet.model import Fleet
from k8s6plan.topology.designs import DESIGNS
from k8s6plan.topology.groups import outline_of
from k8s6plan.topology.growth import Growth
from k8s6plan.topology.traffic import volumes
from tests.conftest import Cli
from tests.strategies import priced_fleets
from tests.test_growth import grown_by_hand

PER = ("pair", "sender", "receiver", "total")


@st.composite
def fleets(draw: st.DrawFn) -> Fleet:
    """Draw a fleet whose demands hold for whatever a demand can hold for."""
    fleet: Fleet = draw(priced_fleets())
    said = [d.model_copy(update={"per": draw(st.sampled_from(PER))}) for d in fleet.demands]
    return fleet.model_copy(update={"demands": tuple(said)})


def pairs_of(fleet: Fleet) -> Iterator[tuple[int, str, str, Fraction, Fraction]]:
    """Yield (demand, site, other site, GB, Mbps) of every pair of two clusters, exactly."""
    clusters = fleet.clusters
    for number, demand in enumerate(fleet.demands):
        senders, receivers = fleet.select(demand.source), fleet.select(demand.target)
        pairs = [(one, other) for one, other in product(senders, receivers) if one != other]
        sent, heard = (Counter(pair[end] for pair in pairs) for end in (0, 1))
        for one, other in pairs:
            among = {"pair": 1, "sender": sent[one], "receiver": heard[other], "total": len(pairs)}
            yield (
                number,
                clusters[one].site_name,
                clusters[other].site_name,
                Fraction(demand.gb_per_month) / among[demand.per],
                Fraction(demand.peak_mbps or 0) / among[demand.per],
            )


def near(decimal: Decimal, fraction: Fraction) -> bool:
    """Say whether a figure is right: thirds have no end as decimals."""
    return abs(Fraction(decimal) - fraction) <= abs(fraction) / 10**20


@given(fleets())
@settings(max_examples=150)
def test_each_pair_carries_its_part(fleet: Fleet) -> None:
    outline = outline_of(fleet)
    gb, mbps, ways = (defaultdict[Any, Fraction](Fraction) for _ in range(3))
    topology = DESIGNS["full-mesh"].of(outline)
    class_of = {site: topology.class_of[group] for site, group in outline.group_of.items()}
    across = 0
    for _, one, other, volume, peak in pairs_of(fleet):
        if one != other:
            across += 1
            gb[class_of[one], class_of[other]] += volume
            mbps[class_of[one], class_of[other]] += peak
            ways[one, "out"] += volume
            ways[other, "in"] += volume
    found = {(one, other): volume for one, other, volume in volumes(topology)}
    assert {pair for pair, volume in gb.items() if volume} <= set(found)
    for pair, carried in found.items():
        assert near(carried.gb_per_month, gb[pair])
        assert near(carried.peak_mbps, mbps[pair])
    assert outline.exchange.pairs == across
    assert near(outline.exchange.gb_per_month, sum(gb.values(), Fraction()))
    for site, both in traffic_ways(fleet).items():
        assert both == pytest.approx((float(ways[site, "out"]), float(ways[site, "in"])))


@given(fleets(), st.integers(1, 30))
@settings(max_examples=100)
def test_a_figure_holds_at_every_size(fleet: Fleet, more: int) -> None:
    """What is said in total stays the total of a larger fleet, and so on."""
    size = len(fleet.clusters) + more
    grown = Growth(fleet).at(size)
    by_hand = outline_of(grown_by_hand(fleet, size))
    assert grown.sharers == by_hand.sharers
    assert grown.exchange.pairs == by_hand.exchange.pairs
    assert near(grown.exchange.gb_per_month, Fraction(by_hand.exchange.gb_per_month))


FLEET = """
version: 1
fleet: shop
clusters:
  - {name: web, provider: aws, region: eu-west-1, labels: {env: prod}}
  - {name: api, provider: gcp, region: europe-west1, labels: {env: prod}}
  - {name: core, provider: azure, region: westeurope}
"""


@pytest.mark.parametrize(
    ("demand", "total", "pairs"),
    [
        ("{from: web, to: core, gb_per_month: 900}", "900", 1),
        ("{from: 'env=prod', to: core, gb_per_month: 900, per: pair}", "1,800", 2),
        ("{from: 'env=prod', to: core, gb_per_month: 900, per: sender}", "1,800", 2),
        ("{from: 'env=prod', to: core, gb_per_month: 900, per: receiver}", "900", 2),
        ("{from: 'env=prod', to: core, gb_per_month: 900, per: total}", "900", 2),
        ("{from: all, to: all, gb_per_month: 900, per: pair}", "5,400", 6),
        ("{from: all, to: all, gb_per_month: 900, per: sender}", "2,700", 6),
        ("{from: all, to: all, gb_per_month: 900, per: total}", "900", 6),
        ("{from: 'env=prod', to: all, gb_per_month: 900, per: receiver}", "2,700", 4),
    ],
)
def test_the_heading_says_what_all_of_it_is(
    demand: str, total: str, pairs: int, tmp_path: Path, cli: Cli
) -> None:
    fleet = tmp_path / "fleet.yaml"
    fleet.write_text(f"{FLEET}demands: [{demand}]\n", "utf-8")
    said = f"{total} GB a month: 1 demand, {pairs} pair{'s' * (pairs > 1)}"
    for command in ("compare", "failures", "latency", "sweep", "optimize"):
        assert cli(command, fleet).out.splitlines()[1] == said
    assert said in cli("compare", fleet, "--format", "md").out


def test_what_can_be_read_in_two_ways_is_told(tmp_path: Path, cli: Cli) -> None:
    fleet = tmp_path / "fleet.yaml"
    lines = [
        "{from: 'env=prod', to: core, gb_per_month: 900}",
        "{from: web, to: core, gb_per_month: 5}",
    ]
    lines += [
        "{from: all, to: all, peak_mbps: 20}",
        "{from: web, to: all, gb_per_month: 7, per: pair}",
    ]
    fleet.write_text(FLEET + "demands:\n" + "".join(f"  - {line}\n" for line in lines), "utf-8")
    ways = "(or `per: sender`, `per: receiver`)"
    assert cli("compare", fleet).said == [
        f"warning: {fleet}:9: 900 GB a month from env=prod to core is read as of each of 2 pairs, "
        f"1,800 in all; write `per: pair` if so, or `per: total` for 900 in all {ways}",
        f"warning: {fleet}:11: 20 Mbps from all to all is read as of each of 6 pairs, "
        f"120 in all; write `per: pair` if so, or `per: total` for 20 in all {ways}",
    ]


def test_per_is_one_of_four_words(tmp_path: Path, cli: Cli) -> None:
    fleet = tmp_path / "fleet.yaml"
    fleet.write_text(
        FLEET + "demands: [{from: all, to: all, gb_per_month: 9, per: each}]\n", "utf-8"
    )
    found = cli("compare", fleet)
    assert found.code == 2
    assert 'must be "pair", "sender", "receiver" or "total", got "each"' in found.err
