"""Addresses inside the tunnels of one design: a /30 and a /126 each, by pair and index.

The lengths are those that AWS asks for, which every other gateway takes as well.
"""

from __future__ import annotations

from ipaddress import IPv6Network, ip_network

from k8s6plan import catalog
from k8s6plan.addressing.plan._state import State
from k8s6plan.addressing.plan_file import Tunnel
from k8s6plan.addressing.space import ula
from k8s6plan.addressing.space.pools import Pools, block_of
from k8s6plan.errors import UnknownName
from k8s6plan.fleet.model import FAMILIES, Family, Prefix, family_of
from k8s6plan.topology.designs import design_named
from k8s6plan.topology.graph import expand
from k8s6plan.topology.groups import outline_of

LENGTHS: dict[Family, int] = {"ipv4": 30, "ipv6": 126}
MOST_LINKS = 20_000
SEPARATOR = " - "  # no site has a space in its name


def plan_tunnels(state: State, design: str) -> dict[str, tuple[Tunnel, ...]]:
    """Return the tunnels' addresses by pair; what the old plan holds stays.

    Raises:
        UnknownName: there is no such design, or it has more than 20,000 tunnel links.

    """
    chosen = design_named(design)
    links = chosen.of(outline_of(state.fleet)).count.tunnel_links
    if links > MOST_LINKS:
        raise UnknownName(
            f"{design} has {links:,} tunnel links here, and a plan holds {MOST_LINKS:,} at most; "
            "choose a design with fewer"
        )
    sites = state.fleet.members
    kept = {
        pair: tunnels
        for pair, tunnels in state.old.tunnels.items()
        if all(site in sites for site in pair.split(SEPARATOR))
    }
    pools = {family: _pools(state, family, kept) for family in FAMILIES}
    graph = expand(chosen, state.fleet)
    found = dict(kept)
    for one, other, data in sorted(graph.edges(data=True), key=lambda edge: sorted(edge[:2])):
        pair = SEPARATOR.join(sorted((one, other)))
        tunnels = list(kept.get(pair, ()))
        while len(tunnels) < data["tunnels"]:
            inside = {family: pools[family].take("tunnels", LENGTHS[family]) for family in FAMILIES}
            for family in FAMILIES:
                if inside[family] is None:
                    state.misses[family, "tunnels"].append(f"{pair} needs a /{LENGTHS[family]}")
            tunnels.append(Tunnel({f: p for f, p in inside.items() if p is not None}))
        if tunnels:
            found[pair] = tuple(tunnels)
    return {pair: found[pair] for pair in sorted(found)}


def _pools(state: State, family: Family, kept: dict[str, tuple[Tunnel, ...]]) -> Pools:
    prefixes: list[Prefix] = list(state.fleet.pools.tunnels)
    if family == "ipv6" and all(p.version == 4 for p in prefixes) and state.seed is not None:
        # A /64 of its own, beside those of the sites.
        site = ula.site_prefix(state.seed, "(tunnels)", IPv6Network("fd00::/8"))
        prefixes.append(IPv6Network((int(site.network_address), 64)))
    used = [
        block_of(t.prefixes[family]) for ts in kept.values() for t in ts if family in t.prefixes
    ]
    used += [block_of(e.prefix) for e in state.fleet.exclude if family_of(e.prefix) == family]
    reserved = [ip_network(text) for text in catalog.reserved_in_tunnels()]
    used += [block_of(p) for p in reserved if family_of(p) == family]
    return Pools(family, {"tunnels": prefixes}, used, "rightmost")
