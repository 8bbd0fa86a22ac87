"""What can fail: gateways, tunnels, clusters, sites, regions, providers, and groups of a fleet.

1. A gateway that is not its site's last changes nothing, nor does a tunnel that is not its link's.
2. The last gateway of a site takes the site's tunnels; native links do not end at gateways.
3. A provider's managed hub is a gateway of its own name, and its loss takes all its links.
4. A cluster leaves its site's gateways up. A site takes its clusters and gateways.
5. A region, a provider or a group takes all that lies in it.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Hashable, Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Literal, NamedTuple

from k8s6plan.evaluation.failures._net import NOTHING, Damage, Link, Net, bits, is_one
from k8s6plan.fleet.model import ON_PREM

if TYPE_CHECKING:
    from k8s6plan.fleet.model import Fleet

Kind = Literal["gateway", "tunnel", "cluster", "site", "region", "provider", "group"]


class Component(NamedTuple):
    """Something that fails as a whole. ``damage`` is NOTHING where a twin takes over.

    ``site``: the vertex that has one gateway fewer then; None where it is no gateway of a site.
    """

    kind: Kind
    name: str
    damage: Damage
    site: int | None = None


@dataclass(frozen=True)
class Parts:
    """All the components of a net. ``single``: those but the tunnels."""

    net: Net
    single: tuple[Component, ...]

    @cached_property
    def count(self) -> int:
        """Components, each tunnel counted."""
        return len(self.single) + self.net.tunnel_links * self.net.tunnels_per_link

    def tunnels(self) -> Iterator[Component]:
        """Yield every tunnel, by the names of its ends."""
        count = self.net.tunnels_per_link
        for link in self.net.links():
            damage = Damage(links=frozenset((link,))) if count == 1 else NOTHING
            name = link_name(self.net, link)
            for number in range(1, count + 1):
                yield Component("tunnel", numbered(name, number, count), damage)

    @cached_property
    def bridges(self) -> tuple[Component, ...]:
        """The tunnels whose loss may cut something: the last of a link without a way round.

        Where the ends of a link share a neighbour, the way over it is left.
        """
        return tuple(
            Component("tunnel", link_name(self.net, link), Damage(links=frozenset((link,))))
            for link in sorted(self._bridges())
        )

    def _bridges(self) -> Iterator[Link]:
        net = self.net
        for own in net.linkages if net.tunnels_per_link == 1 else ():
            for others, there in net.within(own.tunnels):
                shared = own.carry & others.carry
                if shared.bit_count() > 2:  # more than the ends themselves
                    continue
                for one in bits(own.members):
                    for other in bits(there >> one + 1 << one + 1):
                        if not shared & ~(1 << one | 1 << other):
                            yield one, other

    @cached_property
    def known(self) -> dict[Damage, tuple[int, int]]:
        """(pairs cut off, surviving) of what one component does; harmless links are left out."""
        found = {NOTHING: self.net.lost(NOTHING)}
        for component in (*self.single, *self.bridges):
            if component.damage not in found:
                found[component.damage] = self.net.lost(component.damage)
        return found

    def twins(self) -> Iterator[tuple[Component, Component]]:
        """Yield the pairs of components that only together take anything: both of two."""
        net = self.net
        for vertex, count in enumerate(net.gateways):
            if count == 2 and net.tunnels(vertex):
                damage = Damage(cut=1 << vertex)
                one, other = (part._replace(damage=damage) for part in gateways(net, vertex))
                yield one, other
        for link in net.links() if net.tunnels_per_link == 2 else ():
            name, damage = link_name(net, link), Damage(links=frozenset((link,)))
            yield (
                Component("tunnel", numbered(name, 1, 2), damage),
                Component("tunnel", numbered(name, 2, 2), damage),
            )

    # --- what is alike ---------------------------------------------------------------------------

    @cached_property
    def marks(self) -> dict[int, Hashable]:
        """What sets vertices apart beyond their links: the regions, providers, groups they share.

        A region or provider with one vertex alone goes where that vertex goes.
        """
        found: dict[int, list[Hashable]] = defaultdict(list)
        for component in self.single:
            dead = component.damage.dead
            if component.kind in ("region", "provider"):
                key: Hashable = component.kind if is_one(dead) else component[:2]
            elif component.kind == "group":
                key = component[:2]
            else:
                continue
            for vertex in bits(dead):
                found[vertex].append(key)
            for vertex, cluster in sorted(component.damage.clusters):
                found[vertex].append((key, self.net.clusters[vertex].index(cluster)))
        return {vertex: tuple(keys) for vertex, keys in found.items()}

    @cached_property
    def like(self) -> list[int]:
        """For each vertex the lowest one that may change places with it.

        They are joined alike, and have as many clusters (of the same sets) and gateways, and the
        same marks.
        """
        first: dict[Hashable, int] = {}
        return [
            first.setdefault((own, held, many, self.marks.get(vertex)), vertex)
            for vertex, (own, held, many) in enumerate(
                zip(self.net.linkage_of, self.net.sets, self.net.gateways, strict=True)
            )
        ]

    def class_of(self, damage: Damage) -> Hashable:
        """Return what damages have in common that differ in nothing but names."""
        dead, cut = damage.dead, damage.cut
        if len(damage.links) == 1 and not (dead or cut or damage.clusters):
            ((one, other),) = damage.links
            return ("link", *sorted((self.like[one], self.like[other])))
        if len(damage.clusters) == 1 and not (dead or cut or damage.links):
            ((vertex, cluster),) = damage.clusters
            return "cluster", self.like[vertex], self.net.clusters[vertex].index(cluster)
        if damage.clusters or damage.links or (dead and cut):
            return damage
        for what, mask in (("dead", dead), ("cut", cut)):
            if is_one(mask):
                return what, self.like[mask.bit_length() - 1]
        return damage


def parts_of(net: Net, fleet: Fleet) -> Parts:
    """Return everything of ``net`` that can fail."""
    every = range(len(net.names))
    regions: dict[str, int] = defaultdict(int)
    providers: dict[str, int] = defaultdict(int)
    for vertex, (provider, region) in enumerate(net.places):
        if region is not None:
            regions[f"{provider}/{region}"] |= 1 << vertex
        if provider != ON_PREM:  # data centres of one's own have no provider in common
            providers[provider] |= 1 << vertex
    found = [component for vertex in every for component in gateways(net, vertex)]
    found += [
        Component("cluster", name, Damage(clusters=frozenset(((vertex, name),))))
        for vertex in every
        for name in net.clusters[vertex]
    ]
    found += [Component("site", net.names[v], Damage(dead=1 << v)) for v in bits(net.sites)]
    found += [Component("region", name, Damage(dead=regions[name])) for name in sorted(regions)]
    found += [
        Component("provider", name, Damage(dead=providers[name])) for name in sorted(providers)
    ]
    found += [
        Component("group", name, _group(net, fleet, fleet.risk_groups[name], regions))
        for name in sorted(fleet.risk_groups)
    ]
    return Parts(net, tuple(found))


def gateways(net: Net, vertex: int) -> Iterator[Component]:
    """Yield the gateways of a vertex that end a tunnel; a managed hub is one as a whole."""
    if not net.clusters[vertex]:
        yield Component("gateway", net.names[vertex], Damage(dead=1 << vertex))
    elif net.tunnels(vertex):
        count = net.gateways[vertex]
        damage = Damage(cut=1 << vertex) if count == 1 else NOTHING
        for number in range(1, count + 1):
            name = numbered(net.names[vertex], number, count)
            yield Component("gateway", name, damage, vertex)


def _group(net: Net, fleet: Fleet, members: tuple[str, ...], regions: dict[str, int]) -> Damage:
    """Return what a risk group takes: each member is a site, else a cluster, else a region."""
    dead = 0
    clusters = set()
    for member in members:
        if member in fleet.members:
            dead |= 1 << net.index[member]
        elif member in fleet.index:
            site = fleet.clusters[fleet.index[member]].site_name
            clusters.add((net.index[site], member))
        else:
            dead |= regions.get(member, 0)
    return Damage(dead=dead, clusters=frozenset(c for c in clusters if not dead >> c[0] & 1))


def link_name(net: Net, link: Link) -> str:
    """Return "berlin - virginia"; no site has a space in its name."""
    return " - ".join(net.names[vertex] for vertex in link)


def numbered(name: str, number: int, count: int) -> str:
    """Return the name of one of ``count`` like things; the bare name where it is alone."""
    return name if count == 1 else f"{name} ({number} of {count})"
