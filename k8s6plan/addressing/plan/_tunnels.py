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
    pools = {family: _pools(state, family) for family in FAMILIES}
    graph = expand(chosen, state.fleet)
    found = dict(kept)
    for one, other, data in sorted(graph.edges(data=True), key=lambda edge: sorted(edge[:2])):
        pair = SEPARATOR.join(sorted((one, other)))
        tunnels = list(kept.get(pair, ()))
        while len(tunnels) < data["tunnels"]:
            inside: dict[Family, Prefix] = {}
            for family in FAMILIES:
                prefix = pools[family].take("tunnels", LENGTHS[family])
                if prefix is None or not state.taken(family).add(*block_of(prefix)):
                    state.misses[family, "tunnels"].append(f"{pair} needs a /{LENGTHS[family]}")
                else:
                    inside[family] = prefix
            tunnels.append(Tunnel(inside))
        if tunnels:
            found[pair] = tuple(tunnels)
    return {pair: found[pair] for pair in sorted(found)}


def _pools(state: State, family: Family) -> Pools:
    prefixes: list[Prefix] = list(state.fleet.pools.tunnels)
    if family == "ipv6" and all(p.version == 4 for p in prefixes) and state.seed is not None:
        # A /64 of its own, beside those of the sites.
        site = ula.site_prefix(state.seed, "(tunnels)", IPv6Network("fd00::/8"))
        prefixes.append(IPv6Network((int(site.network_address), 64)))
    space = state.outer(family)
    for reserved in map(ip_network, catalog.reserved_in_tunnels()):
        if family_of(reserved) == family:
            space.remove(*block_of(reserved))
    return Pools(family, {"tunnels": prefixes}, space, "rightmost")
