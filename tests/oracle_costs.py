"""Another pricer, written against the graph: the oracle that the cost engine is held to.

It knows nothing of groups, drivers or tariffs. It walks the graph that a design builds, vertex by
vertex and pair by pair, with each provider's billing rules written out by hand, and finds its
prices in the data files by itself.
"""

from __future__ import annotations

import math
from collections import Counter, defaultdict
from collections.abc import Iterator
from decimal import Decimal
from functools import cache
from itertools import pairwise
from pathlib import Path
from typing import Any

import networkx as nx

from k8s6plan.fleet.model import Fleet
from tests.oracle_graphs import graph_of
from tests.shipped import data_of

DATA = Path(__file__).resolve().parents[1] / "k8s6plan" / "catalog" / "data"
CLOUDS = ("aws", "azure", "gcp")
HOURS = Decimal(730)
GIB = Decimal(10**9) / Decimal(2**30)
# provider, item, variant, region, destination
Key = tuple[str, str, str, str, str]


def book(provider: str) -> dict[str, Any]:
    data: dict[str, Any] = data_of(DATA / "providers" / f"{provider}.yaml")
    return data


@cache
def tiers_of(key: Key) -> tuple[list[tuple[Decimal | None, Decimal]], Decimal] | None:
    """Return (tiers, free amount) of the first row that matches; None where it is unknown."""
    provider, item, variant, region, to = key
    if provider not in CLOUDS or item.startswith("unknown"):
        return None
    data = book(provider)
    entry = data["prices"][item]

    def covers(places: Any, place: str) -> bool:
        areas = data.get("areas", {})
        return places in (None, "all") or any(
            p == place or place in areas.get(p, ()) for p in places
        )

    for row in entry["rows"]:
        if str(row.get("variant", "")) != variant or not covers(row.get("to"), to):
            continue
        if "by_region" in row:
            if region in row["by_region"]:
                return [(None, Decimal(row["by_region"][region]))], Decimal(0)
            continue
        if not covers(row.get("regions"), region):
            continue
        free = Decimal(entry.get("free", {}).get("quantity", 0))
        if row.get("tiers"):
            found = [(t["up_to"], Decimal(t["price"])) for t in row["tiers"]]
            return [(None if u is None else Decimal(u), p) for u, p in found], free
        return None if row.get("price") is None else ([(None, Decimal(row["price"]))], free)
    return None


class Walk:
    """One fleet under one design, priced by walking."""

    def __init__(self, fleet: Fleet, design: str) -> None:
        self.fleet, self.design = fleet, design
        self.graph = graph_of(design, fleet)
        self.r = fleet.connect.tunnels_per_link
        self.pairs = math.ceil(self.r / 2)
        self.families = 2 if fleet.connect.carries == "dual-stack" else 1
        self.hours: Counter[Key] = Counter()  # things that are paid by the hour or the month
        self.gb: dict[Key, Decimal] = defaultdict(Decimal)
        self.peaks: dict[str, Decimal] = defaultdict(Decimal)

    # --- what things are -------------------------------------------------------------------------

    def place(self, vertex: str) -> tuple[str, str]:
        data = self.graph.nodes[vertex]
        return data["provider"], data["region"] or ""

    def key(self, vertex: str, item: str, *, variant: str = "", to: str = "") -> Key:
        provider, region = self.place(vertex)
        return (provider, item, variant, region, to)

    def links(self, vertex: str, kind: str) -> list[str]:
        return [v for v in self.graph[vertex] if self.graph.edges[vertex, v]["kind"] == kind]

    def carries(self, vertex: str) -> bool:
        hubs = self.design in ("hub-and-spoke", "regional-hubs", "optimized")
        return hubs and bool(self.graph.nodes[vertex].get("hub"))

    def on_transit(self, vertex: str) -> bool:
        """Say whether tunnels of a vertex end on transit rather than on its own gateway."""
        if self.graph.nodes[vertex]["kind"] == "transit":
            return True
        aws_ipv6 = self.place(vertex)[0] == "aws" and self.fleet.connect.carries != "ipv4"
        return self.design != "overlay-mesh" and (self.carries(vertex) or aws_ipv6)

    # --- without traffic -------------------------------------------------------------------------

    def stand(self) -> None:
        for vertex, data in self.graph.nodes(data=True):
            if data["kind"] == "site":
                self.flat_site(vertex) if self.design == "flat-ipv6" else self.site(vertex)
            elif data["kind"] == "transit":
                self.managed_hub(vertex)
        regions = set()
        for one, other, data in self.graph.edges(data=True):
            if data["kind"] != "attachment":
                continue
            provider, region = self.place(one)
            if provider and self.place(other)[1] != region:
                regions.add((provider, *sorted((region, self.place(other)[1]))))
        for provider, one, other in regions:
            if provider == "aws":
                for region in (one, other):
                    self.hours["aws", "transit_gateway.peering", "", region, ""] += 1
        self.inside_aws()

    def flat_site(self, site: str) -> None:
        provider = self.place(site)[0]
        item = {"aws": "ipv6_address", "azure": "public_ipv6", "gcp": "external_ipv6"}.get(provider)
        self.hours[self.key(site, item or "unknown uplink")] += 1
        platforms = {c.name: c.platform for c in self.fleet.clusters}
        flat = [platforms[c] != "aks" for c in self.graph.nodes[site]["clusters"]]
        if any(flat) and "aks" in platforms.values():
            if provider == "aws":
                self.hours[self.key(site, "nat_gateway.hour")] += 1
                self.hours[self.key(site, "public_ipv4_hour")] += 1
            elif provider == "gcp":
                self.hours[self.key(site, "cloud_nat.vm_hour")] += 32
                self.hours[self.key(site, "cloud_nat.nat_ip_hour")] += 1
            else:
                self.hours[self.key(site, "unknown nat64")] += 1

    def site(self, site: str) -> None:
        provider, gateways = self.place(site)[0], self.graph.nodes[site]["gateways"]
        tunnels, attached = len(self.links(site, "tunnel")), self.links(site, "attachment")
        transit = tunnels > 0 and self.on_transit(site)
        if self.design == "overlay-mesh":
            if tunnels:
                self.machine(site, gateways)
            return
        ends_vpn = tunnels or (self.carries(site) and attached)
        if provider == "aws":
            sold = tunnels * self.pairs * self.families
            self.hours[self.key(site, "site_to_site_vpn_connection_hour")] += sold
            self.hours[self.key(site, "transit_gateway.attachment_hour")] += sold * transit
            if attached or transit:
                self.hours[self.key(site, "transit_gateway.attachment_hour")] += 1
        elif provider == "azure" and ends_vpn:
            self.hours[self.key(site, "vpn_gateway_hour", variant="VpnGw1AZ")] += gateways
            self.hours[self.key(site, "public_ipv4_standard_static_hour")] += gateways
            more = max(0, tunnels * self.r - 10 * gateways)
            self.hours[self.key(site, "vpn_s2s_tunnel")] += more
        elif provider == "gcp":
            self.hours[self.key(site, "cloud_vpn_tunnel_hour")] += 2 * tunnels * self.pairs
            if transit:
                spokes = tunnels * self.pairs
                self.hours[self.key(site, "network_connectivity_center.hybrid_spoke_hour")] += (
                    spokes
                )
            if attached or transit:
                self.hours[self.key(site, "network_connectivity_center.vpc_spoke_hour")] += 1
        elif provider not in CLOUDS and ends_vpn:
            self.hours[self.key(site, "unknown gateway")] += gateways

    def machine(self, site: str, gateways: int) -> None:
        provider = self.place(site)[0]
        if provider == "aws":
            self.hours[self.key(site, "ec2_on_demand_linux_hour", variant="t3.medium")] += gateways
            self.hours[self.key(site, "ebs_gp3_gb_month")] += 20 * gateways
            self.hours[self.key(site, "public_ipv4_hour")] += gateways
        elif provider == "azure":
            self.hours[self.key(site, "vm_on_demand_linux_hour", variant="B2s")] += gateways
            self.hours[self.key(site, "standard_ssd_e4_month")] += gateways
            self.hours[self.key(site, "public_ipv4_standard_static_hour")] += gateways
        elif provider == "gcp":
            self.hours[self.key(site, "gce_on_demand_linux_hour", variant="e2-medium")] += gateways
            self.hours[self.key(site, "pd_balanced_gib_month")] += 20 * gateways
            self.hours[self.key(site, "external_ipv4_hour.in_use_standard_vm")] += gateways
        else:
            self.hours[self.key(site, "unknown machine")] += gateways

    def managed_hub(self, hub: str) -> None:
        provider, tunnels = self.place(hub)[0], len(self.links(hub, "tunnel"))
        sold = tunnels * self.pairs
        if provider == "aws":
            self.hours[self.key(hub, "site_to_site_vpn_connection_hour")] += sold * self.families
            self.hours[self.key(hub, "transit_gateway.attachment_hour")] += sold * self.families
        elif provider == "azure":
            self.hours[self.key(hub, "virtual_wan.standard_hub_hour")] += 1
            self.hours[self.key(hub, "virtual_wan.s2s_connection_unit_hour")] += sold
            if tunnels:
                units = max(1, math.ceil(self.peaks[hub] / 500))
                self.hours[self.key(hub, "virtual_wan.s2s_scale_unit_hour")] += units
        elif provider == "gcp":
            self.hours[self.key(hub, "cloud_vpn_tunnel_hour")] += 2 * sold
            self.hours[self.key(hub, "network_connectivity_center.hybrid_spoke_hour")] += sold

    def between_own_gateways(self) -> nx.Graph[str]:
        """Return the tunnels inside AWS that no transit gateway ends yet."""
        if self.design == "overlay-mesh":
            return nx.Graph()
        return nx.Graph(
            (one, other)
            for one, other, data in self.graph.edges(data=True)
            if data["kind"] == "tunnel"
            and self.place(one)[0] == self.place(other)[0] == "aws"
            and not (self.on_transit(one) or self.on_transit(other))
        )

    def sides_are_told(self) -> bool:
        """Say whether the rules tell how many sites are such a side, whichever of equals is one.

        Two equals of one region that meet and have the same neighbours may change places.
        """
        inside = self.between_own_gateways()
        return all(
            self.place(one)[1] != self.place(other)[1]
            or inside.degree[one] != inside.degree[other]
            or {*inside[one], one} == {*inside[other], other}
            for one, other in inside.edges
        )

    def inside_aws(self) -> None:
        """Between two own gateways of AWS one side is a transit gateway: by region, by links."""
        sides: dict[str, int] = defaultdict(int)
        inside = self.between_own_gateways()
        for one, other in inside.edges:
            first = min((one, other), key=lambda v: (self.place(v)[1], -inside.degree[v], v))
            sides[first] += 1
        for site, links in sides.items():
            attachments = 1 + links * self.pairs
            self.hours[self.key(site, "transit_gateway.attachment_hour")] += attachments

    # --- traffic ---------------------------------------------------------------------------------

    def move(self) -> None:
        sites = {c.name: c.site_name for c in self.fleet.clusters}
        for demand in self.fleet.demands:
            for source in self.selected(demand.source):
                for target in self.selected(demand.target):
                    one, other = sites[source], sites[target]
                    if one != other:
                        path = self.path(one, other)
                        self.carry(path, demand.gb_per_month, demand.peak_mbps or Decimal(0))

    def selected(self, selector: Any) -> list[str]:
        clusters = self.fleet.clusters
        if selector.name == "all":
            return [c.name for c in clusters]
        if selector.name:
            return [selector.name]
        return [c.name for c in clusters if set(selector.labels) <= set(c.labels.items())]

    def path(self, one: str, other: str) -> list[str]:
        """Return the shortest path, of these the cheapest, of these the first by name."""
        if self.design == "flat-ipv6":
            return [one, other]
        if self.design == "as-demanded":
            return [one, other] if self.graph.has_edge(one, other) else []
        found = list(nx.all_shortest_paths(self.graph, one, other))
        return min(found, key=lambda path: (*self.list_price(path), path))

    def list_price(self, path: list[str]) -> tuple[int, Decimal]:
        unknown, total = 0, Decimal(0)
        for key, factor in self.needs(path):
            held = tiers_of(key)
            if held is None:
                unknown += 1
            else:
                total += factor * next((price for _, price in held[0] if price), Decimal(0))
        return unknown, total

    def carry(self, path: list[str], gb: Decimal, mbps: Decimal) -> None:
        for key, factor in self.needs(path) if path and gb else ():
            self.gb[key] += factor * gb
        for one, other in pairwise(path) if self.design != "flat-ipv6" else ():
            if self.graph.edges[one, other]["kind"] == "tunnel":
                self.peaks[one] += mbps
                self.peaks[other] += mbps

    def needs(self, path: list[str]) -> Iterator[tuple[Key, Decimal]]:
        """Yield what a gigabyte on a path needs: (item, units of it)."""
        inside = None  # the provider whose transit the traffic is in
        for one, other in pairwise(path):
            flat = self.design == "flat-ipv6"
            kind = "routed" if flat else self.graph.edges[one, other]["kind"]
            yield from self.leg(one, other, kind)
            if kind == "attachment" or (kind == "tunnel" and self.on_transit(one)):
                if inside != self.place(one)[0]:
                    yield from self.enter(one)
                inside = self.place(one)[0]
            if kind != "attachment":
                inside = None
                if kind == "tunnel" and self.on_transit(other):
                    yield from self.enter(other)
                    inside = self.place(other)[0]
            if kind == "tunnel" and self.design != "overlay-mesh":
                both = self.place(one)[0] == self.place(other)[0] == "aws"
                if both and not self.on_transit(one) and not self.on_transit(other):
                    first = min((one, other), key=lambda v: self.place(v)[1])
                    yield self.key(first, "transit_gateway.data_processing_gb"), Decimal(1)
        if self.design == "flat-ipv6" and path:
            platforms = {c.name: c.platform for c in self.fleet.clusters}
            flat_ends = [
                v
                for v in (path[0], path[-1])
                if all(platforms[c] != "aks" for c in self.graph.nodes[v]["clusters"])
            ]
            if len(flat_ends) == 1:
                end = flat_ends[0]
                provider = self.place(end)[0]
                if provider == "aws":
                    yield self.key(end, "nat_gateway.gb"), Decimal(1)
                elif provider == "gcp":
                    yield self.key(end, "cloud_nat.data_gib"), GIB
                elif provider == "azure":
                    yield self.key(end, "unknown nat64"), Decimal(1)
            yield ("general", "tls", "", "", ""), Decimal(1)

    def enter(self, vertex: str) -> Iterator[tuple[Key, Decimal]]:
        """Yield the processing of what enters a provider's transit."""
        provider = self.place(vertex)[0]
        if provider == "aws":
            yield self.key(vertex, "transit_gateway.data_processing_gb"), Decimal(1)
        elif provider == "gcp":
            yield self.key(vertex, "network_connectivity_center.data_gib"), GIB
        elif provider == "azure" and self.design == "managed-hub":
            yield self.key(vertex, "virtual_wan.hub_data_processing_gb"), Decimal(1)

    def leg(self, one: str, other: str, kind: str) -> Iterator[tuple[Key, Decimal]]:
        (provider, here), (there_provider, there) = self.place(one), self.place(other)
        same = provider == there_provider
        near = same and here == there and here != ""
        rule = {"aws": self.aws, "azure": self.azure, "gcp": self.gcp}.get(provider)
        if rule is not None:
            yield from rule(one, other, kind, same=same, near=near)
        else:  # on premises and elsewhere nothing is known, and only the sender is asked
            yield (
                (provider, "unknown egress", "", here, there if same and not near else ""),
                Decimal(1),
            )

    def aws(self, one: str, other: str, kind: str, *, same: bool, near: bool) -> Any:
        if not same:
            yield self.key(one, "internet_data_transfer_out_gb"), Decimal(1)
        elif near and kind in ("tunnel", "routed"):
            yield self.key(one, "cross_az_gb"), Decimal(1)
            yield self.key(other, "cross_az_gb"), Decimal(1)
        elif near and kind == "peering":
            yield self.key(one, "vpc_peering.cross_az_gb"), Decimal(1)
            yield self.key(other, "vpc_peering.cross_az_gb"), Decimal(1)
        elif not near:
            to = self.place(other)[1]
            yield self.key(one, "inter_region_transfer_gb", to=to), Decimal(1)

    def azure(self, one: str, other: str, kind: str, *, same: bool, near: bool) -> Any:
        to = self.place(other)[1]
        managed = self.design == "managed-hub"
        hubs = [v for v in (one, other) if self.graph.nodes[v]["kind"] == "transit"]
        if not same:
            yield self.key(one, "internet_egress_gb"), Decimal(1)
        elif kind == "tunnel" and not near:
            yield self.key(one, "vnet_to_vnet_vpn_egress_gb", to=to), Decimal(1)
        elif kind == "routed" and not near:
            yield self.key(one, "inter_region_egress_gb", to=to), Decimal(1)
        elif kind == "attachment" and managed:
            if len(hubs) == 2:
                yield self.key(one, "inter_region_egress_gb", to=to), Decimal(1)
            else:
                site = one if one not in hubs else other
                yield self.key(site, "vnet_peering_regional_gb"), Decimal(1)
        elif kind in ("peering", "attachment"):
            item = "vnet_peering_regional_gb" if near else "vnet_peering_global_gb"
            yield self.key(one, item, to="" if near else to), Decimal(1)
            yield self.key(other, item), Decimal(1)

    def gcp(self, one: str, other: str, _: str, *, same: bool, near: bool) -> Any:
        hub = self.graph.nodes[one]["kind"] == "transit"
        if not same:
            yield self.key(one, "internet_egress_premium_gib"), GIB
        elif near:
            if not hub:  # a managed hub passes on what the site has paid for
                yield self.key(one, "inter_zone_gib"), GIB
        else:
            yield self.key(one, "inter_region_gib", to=self.place(other)[1]), GIB

    # --- the sum ---------------------------------------------------------------------------------

    def total(self) -> tuple[Decimal, bool]:
        """Return (what is known of the sum, whether all of it is)."""
        self.move()
        self.stand()
        total, complete = Decimal(0), True
        for key, things in self.hours.items():
            if not things:
                continue
            held = tiers_of(key)
            if held is None:
                complete = False
                continue
            unit = book(key[0])["prices"][key[1]]["unit"]
            total += things * held[0][0][1] * (HOURS if unit.endswith("-hour") else 1)
        free_used: dict[tuple[str, ...], Decimal] = defaultdict(Decimal)
        billed: dict[tuple[str, ...], Decimal] = defaultdict(Decimal)
        for key in sorted(self.gb):
            volume = self.gb[key]
            held = tiers_of(key)
            if held is None:
                complete = False
                continue
            tiers, free = held
            taken = min(volume, free - free_used[key[:2]])
            free_used[key[:2]] += taken
            volume -= taken
            place = (key[0], key[1], key[3])
            for bound, price in tiers:
                room = (
                    volume if bound is None else min(volume, max(Decimal(0), bound - billed[place]))
                )
                total += room * price
                billed[place] += room
                volume -= room
        return total, complete


def priced(fleet: Fleet, design: str) -> tuple[Decimal, bool]:
    """Return (what is known of the monthly cost in USD, whether all of it is)."""
    return Walk(fleet, design).total()
