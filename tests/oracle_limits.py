"""What limits bound, counted on the graph: the oracle that the measures of limits are held to.

It knows nothing of groups, closed forms or classes. It walks the graph that a design builds, vertex
by vertex and demand by demand, and takes its shortest paths from networkx. What stands on transit,
and which path of equals traffic takes, it has from the walk that prices.
"""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Iterable, Iterator
from decimal import Decimal
from functools import cached_property
from itertools import pairwise

import networkx as nx

from k8s6plan.fleet.model import Fleet
from tests.oracle_costs import CLOUDS, Walk
from tests.oracle_graphs import seen_by, sets_of

PACKET_BYTES = Decimal(1000)


class Count(Walk):
    """One fleet under one design, counted by walking.

    ``rank``: of two sites of one region with as many tunnels inside their provider the one of lower
    rank has the transit gateway; the rules leave open which.
    """

    def __init__(self, fleet: Fleet, design: str, rank: dict[str, int]) -> None:
        super().__init__(fleet, design)
        self.rank = rank
        self.sites = [v for v, d in self.graph.nodes(data=True) if d["kind"] == "site"]
        self.hubs = [v for v, d in self.graph.nodes(data=True) if d["kind"] == "transit"]
        self.on_link: dict[tuple[str, str], Decimal] = defaultdict(Decimal)
        self.through: dict[str, Decimal] = defaultdict(Decimal)
        if design not in ("flat-ipv6", "overlay-mesh"):
            self.move()

    def found(self) -> dict[tuple[str, str], Decimal]:
        """Return the largest value of each measure of each cloud, by (owner, measure), above 0."""
        most: dict[tuple[str, str], Decimal] = {}
        for owner, measure, value in self.all() if self.on_graph else ():
            if owner in CLOUDS and value:
                key = (owner, measure)
                most[key] = max(most.get(key, Decimal(0)), Decimal(value))
        return most

    @property
    def on_graph(self) -> bool:
        """Say whether the design has links of a provider's own."""
        return self.design not in ("flat-ipv6", "overlay-mesh")

    def all(self) -> Iterator[tuple[str, str, Decimal | int]]:
        for site in self.sites:
            owner = self.place(site)[0]
            for measure, value in self.of_site(site):
                yield owner, measure, value
        for hub in self.hubs:
            owner = self.place(hub)[0]
            for measure, value in self.of_hub(hub):
                yield owner, measure, value
        for provider, region in sorted({self.place(v) for v in (*self.sites, *self.hubs)}):
            if provider in CLOUDS:
                for measure, value in self.of_region(provider, region):
                    yield provider, measure, value
        for provider in CLOUDS:
            sites = [s for s in self.sites if self.place(s)[0] == provider and self.attached(s)]
            yield provider, "attached_sites", len(sites)

    # --- routing ---------------------------------------------------------------------------------

    def prefixes(self, site: str) -> int:
        """Return the IPv4 pod prefixes of a site: those pinned, else one a cluster."""
        clusters = [c for c in self.fleet.clusters if c.site_name == site]
        pinned = [[p for p in c.pinned("pods") if p.version == 4] for c in clusters]
        return sum(len(found) or 1 for found in pinned)

    @cached_property
    def tables(self) -> dict[str, dict[str, set[str]]]:
        """Return at each vertex, for each neighbour, the sites whose shortest path begins there."""
        found: dict[str, dict[str, set[str]]] = defaultdict(lambda: defaultdict(set))
        away = dict(nx.all_pairs_shortest_path_length(self.graph))
        seen = seen_by(self.design, self.fleet) if self.fleet.divided else {}
        for vertex in self.graph:
            for neighbour in self.graph[vertex]:
                for site in self.sites:
                    if site == vertex or site not in away[vertex]:
                        continue
                    if seen and not self.own_sets[site] & seen[vertex]:
                        continue
                    if away[neighbour][site] == away[vertex][site] - 1:
                        found[vertex][neighbour].add(site)
        if self.design == "as-demanded":  # who is not joined does not meet
            found = defaultdict(dict)
            for vertex in self.graph:
                found[vertex] = {neighbour: {neighbour} for neighbour in self.graph[vertex]}
        return found

    @cached_property
    def own_sets(self) -> dict[str, set[str]]:
        """The cluster sets of each site."""
        found: dict[str, set[str]] = defaultdict(set)
        for cluster in self.fleet.clusters:
            found[cluster.site_name] |= sets_of(self.fleet, cluster)
        return found

    def sum(self, sites: Iterable[str]) -> int:
        return sum(self.prefixes(site) for site in set(sites))

    def reached(self, vertex: str, neighbours: Iterable[str]) -> set[str]:
        return {site for n in neighbours for site in self.tables[vertex][n]}

    def told(self, vertex: str, neighbours: Iterable[str]) -> int:
        return max((self.sum(self.tables[vertex][n]) for n in neighbours), default=0)

    def sent(self, vertex: str, neighbours: Iterable[str]) -> int:
        return max((self.sum(self.tables[n][vertex]) for n in neighbours), default=0)

    def relayed(self, site: str) -> set[str]:
        """Return the sites that some shortest path reaches by two attachments or more."""
        found = set()
        for other in self.sites:
            if not self.own_sets[site] & self.own_sets[other]:
                continue
            if other != site and nx.has_path(self.graph, site, other):
                for path in nx.all_shortest_paths(self.graph, site, other):
                    kinds = {self.graph.edges[leg]["kind"] for leg in pairwise(path)}
                    if kinds == {"attachment"} and len(path) > 2:
                        found.add(other)
        return found

    # --- where tunnels end -----------------------------------------------------------------------

    @cached_property
    def one_sided(self) -> dict[str, set[str]]:
        """Return the tunnels that a site ends on transit for want of it at the other end."""
        found: dict[str, set[str]] = defaultdict(set)
        inside = self.between_own_gateways()
        for edge in inside.edges:
            first, last = sorted(
                edge, key=lambda v: (self.place(v)[1], -inside.degree[v], self.rank[v], v)
            )
            found[first].add(last)
        return found

    def ends(self, site: str) -> tuple[list[str], list[str]]:
        """Return the other ends of the tunnels on a site's own gateway, and of those on transit."""
        tunnels = self.links(site, "tunnel")
        if self.on_transit(site):
            return [], tunnels
        one_sided = self.one_sided[site]
        return [t for t in tunnels if t not in one_sided], [t for t in tunnels if t in one_sided]

    def attached(self, site: str) -> bool:
        """Say whether a site is attached to transit for more than the other side of a tunnel."""
        tunnels = self.links(site, "tunnel")
        return bool(self.links(site, "attachment") or (tunnels and self.on_transit(site)))

    # --- measures --------------------------------------------------------------------------------

    def of_site(self, site: str) -> Iterator[tuple[str, Decimal | int]]:
        peers, attached = self.links(site, "peering"), self.links(site, "attachment")
        tunnels, gateways = self.links(site, "tunnel"), self.graph.nodes[site]["gateways"]
        own, transit = self.ends(site)
        yield "site_peerings", len(peers)
        yield "site_links", len(peers) + len(attached)
        if peers:
            clusters = [len(self.graph.nodes[v]["clusters"]) for v in (site, *peers)]
            yield "peering_ranges", 3 * sum(clusters)
        yield "table_routes", self.sum(self.reached(site, (*peers, *attached, *transit)))
        if self.design != "managed-hub":
            yield "relayed_routes", self.sum(self.relayed(site))
        if not tunnels:
            return
        yield "site_tunnels", math.ceil(len(tunnels) * self.r / gateways)
        yield "site_sold_tunnels", 2 * self.pairs * len(tunnels)
        yield "site_gateways", gateways
        learned, told = self.sum(self.reached(site, tunnels)), self.told(site, tunnels)
        yield "learned_prefixes", learned * self.families
        yield "peered_prefixes", learned * self.families if peers else 0
        yield "link_told", told * self.families
        yield "gateway_told", told * self.families
        yield "transit_told", self.told(site, transit)
        yield "transit_sent", self.sent(site, transit)
        yield "own_pairs", math.ceil(len(own) * self.pairs * self.families / gateways)
        yield "own_prefixes", self.sum(self.reached(site, own))
        yield "own_told", self.told(site, own)
        yield "own_sent", self.sent(site, own)
        yield from self.of_tunnels(site)
        out = [self.on_link[site, n] for n in own]
        both = [self.on_link[site, n] + self.on_link[n, site] for n in tunnels]
        # A link's tunnels lie one after the other on the gateways: the first has most of them.
        share = Decimal(math.ceil(self.r / gateways)) / self.r
        yield "gateway_mbps", max(sum(both) / gateways, max(both) * share)
        if own:
            yield "own_gateway_out_mbps", max(sum(out) / gateways, max(out) * share)

    def of_tunnels(self, vertex: str) -> Iterator[tuple[str, Decimal]]:
        ends = [
            (self.on_link[vertex, n] / self.r, self.on_link[n, vertex] / self.r)
            for n in self.links(vertex, "tunnel")
        ]
        yield "tunnel_mbps", max(max(end) for end in ends)
        yield "tunnel_both_mbps", max(sum(end, Decimal(0)) for end in ends)
        for measure, most in (
            ("tunnel_pps", max(max(end) for end in ends)),
            ("tunnel_both_pps", max(sum(end, Decimal(0)) for end in ends)),
        ):
            yield measure, most * 1_000_000 / (8 * PACKET_BYTES)

    def of_hub(self, hub: str) -> Iterator[tuple[str, Decimal | int]]:
        tunnels = self.links(hub, "tunnel")
        yield "hub_router_mbps", self.through[hub]
        if tunnels:
            yield "hub_pairs", len(tunnels) * self.pairs * self.families
            yield "site_sold_tunnels", 2 * self.pairs * len(tunnels)
            yield "learned_prefixes", self.sum(self.reached(hub, tunnels)) * self.families
            yield "link_told", self.told(hub, tunnels) * self.families
            yield "transit_told", self.told(hub, tunnels)
            yield "transit_sent", self.sent(hub, tunnels)
            yield "hub_mbps", sum(self.on_link[hub, n] + self.on_link[n, hub] for n in tunnels)
            yield from self.of_tunnels(hub)
            yield (
                "hub_pair_mbps",
                2
                * max(
                    self.on_link[link] / self.r for n in tunnels for link in ((hub, n), (n, hub))
                ),
            )

    def of_region(self, provider: str, region: str) -> Iterator[tuple[str, int]]:
        sites = [v for v in self.sites if self.place(v) == (provider, region)]
        hubs = [v for v in self.hubs if self.place(v) == (provider, region)]
        sold, tunnels = self.pairs * self.families, {v: self.links(v, "tunnel") for v in self.graph}
        yield "region_pairs", sum(len(tunnels[v]) * sold for v in (*sites, *hubs))
        with_gateway = [v for v in sites if self.ends(v)[0]]
        yield "region_own_gateways", sum(self.graph.nodes[v]["gateways"] for v in with_gateway)
        met = [other for v in (*sites, *hubs) for other in tunnels[v]]
        yield (
            "region_remotes",
            sum(
                min(self.graph.nodes[other]["gateways"], met.count(other) * self.pairs)
                for other in set(met)
            ),
        )
        apart = self.regions_apart(provider, region)
        yield "transit_peerings", len(apart)
        attachments = len(apart)
        for v in sites:
            transit = self.ends(v)[1]
            attachments += bool(self.attached(v) or transit) + len(transit) * sold
        attachments += sum(len(tunnels[v]) * sold for v in hubs)
        yield "transit_attachments", attachments
        known = self.sum(self.known(sites, hubs)) * self.families
        yield "transit_routes", known
        if self.design == "managed-hub" and self.hubs:  # where none is used, none has a limit
            yield "hub_routes", known
            there = [v for v in self.hubs if self.place(v)[0] == provider]
            yield "hub_sites", sum(map(self.attached, sites)) + (len(there) if hubs else 0)
        if apart:
            yield "far_prefixes", self.sum(self.learned_in(provider, apart)) * self.families

    def regions_apart(self, provider: str, region: str) -> set[str]:
        """Return the other regions of a provider to which an attachment leads from this one."""
        found = set()
        for one, other, data in self.graph.edges(data=True):
            places = {self.place(one), self.place(other)}
            if data["kind"] == "attachment" and (provider, region) in places and len(places) == 2:
                found |= {name for _, name in places - {(provider, region)}}
        return found

    def known(self, sites: list[str], hubs: list[str]) -> set[str]:
        """Return the sites that the transit of a region has routes to."""
        found: set[str] = set()
        for v in sites:
            attached, transit = self.links(v, "attachment"), self.ends(v)[1]
            if attached or transit:
                found |= {v} | self.reached(v, (*attached, *transit))
        for hub in hubs:
            found |= self.reached(hub, self.graph[hub])
        return found

    def learned_in(self, provider: str, regions: set[str]) -> set[str]:
        """Return the sites that tunnels on transit in these regions lead to."""
        found: set[str] = set()
        for v in (*self.sites, *self.hubs):
            if self.place(v)[0] == provider and self.place(v)[1] in regions and self.on_transit(v):
                found |= self.reached(v, self.links(v, "tunnel"))
        return found

    # --- traffic ---------------------------------------------------------------------------------

    def carry(self, path: list[str], gb: Decimal, mbps: Decimal) -> None:
        del gb  # only peaks count
        kinds = [self.graph.edges[leg]["kind"] for leg in pairwise(path)]
        for (one, other), kind in zip(pairwise(path), kinds, strict=True):
            if kind == "tunnel":
                self.on_link[one, other] += mbps
        if kinds and set(kinds) == {"attachment"}:
            for hub in set(path) & set(self.hubs):
                self.through[hub] += mbps
