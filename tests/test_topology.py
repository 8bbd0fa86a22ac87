"""A topology is the same however finely its sites are classed, and its ways are the shortest."""

from __future__ import annotations

from itertools import permutations

import networkx as nx
from hypothesis import given, settings

from k8s6plan.evaluation.cost import Costs
from k8s6plan.evaluation.cost.book import PriceBook
from k8s6plan.evaluation.limits import LimitBook, reaches_of
from k8s6plan.fleet.model import Fleet
from k8s6plan.topology.designs import DESIGNS
from k8s6plan.topology.groups import outline_of
from k8s6plan.topology.joins import Topology
from tests.figures import figures
from tests.oracle_graphs import graph_of
from tests.strategies import for_each_design, homed_fleets, priced_fleets


def derived(topology: Topology) -> dict[str, object]:
    """Return what cost and limits make of a topology."""
    costs = Costs(topology, PriceBook())
    reaches = reaches_of(topology, costs, LimitBook())
    return {
        **figures(topology.count),
        "bill": [(line.price, line.place, line.quantity, line.cost) for line in costs.bill.lines],
        "reaches": {(reach.limit.name, reach.value) for reach in reaches},
    }


@settings(max_examples=60, deadline=None)
@given(fleet=priced_fleets(crowded=True))
@for_each_design
def test_finer_classes_come_to_the_same(design: str, fleet: Fleet) -> None:
    outline = outline_of(fleet)
    coarse = DESIGNS[design].of(outline)
    fine = DESIGNS[design].of(outline, apart=lambda group: group)
    assert len(fine.classes) == len(outline.groups)
    assert derived(coarse) == derived(fine)


@settings(max_examples=60, deadline=None)
@given(fleet=homed_fleets())
@for_each_design
def test_ways_are_the_shortest_over_carriers(design: str, fleet: Fleet) -> None:
    outline = outline_of(fleet)
    topology, graph = DESIGNS[design].of(outline), graph_of(design, fleet)
    class_of = {site: topology.class_of[group] for site, group in outline.group_of.items()}
    carriers = {site for site, sites in class_of.items() if topology.carries(sites)}
    carriers |= set(map(str, topology.hubs))
    for one, other in permutations(fleet.members, 2):
        way = topology.ways.between(class_of[one], class_of[other])
        if topology.routed:
            assert way == (1, ((),))
            continue
        over = graph.subgraph({one, other} | carriers)
        if not nx.has_path(over, one, other):
            assert way is None
            continue
        paths = list(nx.all_shortest_paths(over, one, other))
        assert way is not None
        assert (way.hops, len(way.chains)) == (len(paths[0]) - 1, len(paths))
