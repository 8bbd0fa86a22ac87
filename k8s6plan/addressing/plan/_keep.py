"""What is there already: the old plan, tombstones, pins, and prefixes that were assigned."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from ipaddress import IPv6Network

from k8s6plan import catalog
from k8s6plan.addressing.plan._state import State
from k8s6plan.addressing.plan_file import Allocation, Held, SiteBlock
from k8s6plan.addressing.space import sizes
from k8s6plan.addressing.space.pools import block_of, lies_in
from k8s6plan.errors import Fault, InvalidPlan, Overlap, UnknownName, did_you_mean
from k8s6plan.fleet import overlaps
from k8s6plan.fleet.model import FAMILIES, ROLES, Cluster, Role, family_of

_ASSIGNED = (IPv6Network("2000::/3"), IPv6Network("fd00::/8"))  # RFC 4291 s2.5.4; RFC 4193 s3


def keep(state: State, release: Iterable[str]) -> None:
    """Carry the old plan over: names, new names, tombstones; ``release`` opens the graves named.

    Raises:
        UnknownName: a name in ``release`` that has no tombstone.
        InvalidPlan: a cluster is renamed to a name that still has a tombstone: one of the two would
            be lost when the cluster goes.

    """
    wrong: list[Fault] = []
    old = state.old
    state.seed = state.fleet.ula_seed or old.ula_seed
    state.site_pools = {site: dict(pools) for site, pools in old.site_pools.items()}
    state.sites = {
        site: {source: replace(b, clusters=dict(b.clusters)) for source, b in blocks.items()}
        for site, blocks in old.sites.items()
    }
    names = set(state.fleet.index)
    left, graves = dict(old.clusters), dict(old.tombstones)
    for cluster in sorted(state.fleet.clusters, key=lambda cluster: cluster.name):
        key = cluster.name
        former = cluster.formerly
        if key not in left and former in left and former not in names:
            if cluster.name in graves:
                wrong.append(Fault(state.old_file, 0, _still_buried(cluster, former)))
            key = former
            state.renamed.append(cluster.name)
            _rename_block(state, former, cluster.name)
        found = left.pop(key, None)
        if found is None and cluster.name in graves:
            found = graves.pop(cluster.name)
            state.revived.append(cluster.name)
        state.held[cluster.name] = {role: dict(f) for role, f in (found or {}).items()}
    if wrong:
        raise InvalidPlan(wrong)
    graves |= {name: held for name, held in left.items() if held}
    for name in dict.fromkeys(release):
        if name not in graves:
            raise UnknownName(
                f'no tombstone of "{name}" to release' + did_you_mean(name, sorted(graves))
            )
        del graves[name]
        _drop_block(state, name)
        state.released.append(name)
    state.tombstones = {name: graves[name] for name in sorted(graves)}


def _still_buried(cluster: Cluster, former: str) -> str:
    return (
        f"{cluster.name} was {former} formerly, and the plan has a tombstone of another "
        f"{cluster.name}; free that first with `k8s6plan plan --release`, under the old name, or "
        "choose another name"
    )


def renumber(state: State, names: Iterable[str]) -> None:
    """Forget what the clusters named hold, so that they are planned anew; all others stay.

    A block that a provider assigned goes as well, where nobody else has a part of it.

    Raises:
        UnknownName: there is no such cluster.

    """
    for name in dict.fromkeys(names):
        if name not in state.held:
            raise UnknownName(
                f'no cluster "{name}" to renumber' + did_you_mean(name, sorted(state.held))
            )
        state.renumbered[name] = state.held[name]
        state.held[name] = {}
        _drop_block(state, name)
        blocks = state.sites.get(state.cluster(name).site_name, {})
        if "provider" in blocks and not blocks["provider"].clusters:
            del blocks["provider"]


def _rename_block(state: State, former: str, name: str) -> None:
    for blocks in state.sites.values():
        for block in blocks.values():
            if former in block.clusters:
                block.clusters[name] = block.clusters.pop(former)


def _drop_block(state: State, name: str) -> None:
    for blocks in state.sites.values():
        for block in blocks.values():
            block.clusters.pop(name, None)


def pin(state: State) -> None:
    """Enter what the fleet file pins.

    Raises:
        InvalidPlan: a pin contradicts the old plan, which never renumbers.
        Overlap: a pin lies on top of what another cluster was given.

    """
    wrong: list[Fault] = []
    for cluster in state.fleet.clusters:
        if not cluster.addresses.model_fields_set:  # nearly always, and worth the short cut
            continue
        for role in ROLES:
            for family in FAMILIES:
                prefixes = [p for p in cluster.pinned(role) if family_of(p) == family]
                if not prefixes:
                    continue
                was = state.held[cluster.name].get(role, {}).get(family)
                if was is not None and was.prefix not in prefixes:
                    wrong.append(Fault(state.old_file, 0, _contradiction(cluster, role, was)))
                    continue
                first = prefixes[0] if was is None or was.prefix is None else was.prefix
                # What it got beside its first prefix stays, unless that was the file's own doing.
                more = () if was is None or was.source == "pinned" else was.also
                mask = sizes.node_blocks(cluster, family).mask if role == "pods" else None
                state.held[cluster.name].setdefault(role, {})[family] = Allocation(
                    prefix=first,
                    grows_to=first.prefixlen,
                    source="pinned",
                    node_mask=mask,
                    also=tuple(p for p in dict.fromkeys([*prefixes, *more]) if p != first),
                )
    if wrong:
        raise InvalidPlan(wrong)
    # What a run of ours has planned does not overlap; only the fleet file can bring that about.
    stated = state.fleet.exclude or any(c.addresses.model_fields_set for c in state.fleet.clusters)
    if stated and (state.old.clusters or state.old.tombstones):
        _check_against_old(state)


def _contradiction(cluster: Cluster, role: Role, was: Allocation) -> str:
    if was.prefix is None:
        return (
            f"{cluster.name} ({role}) waits in the plan for the prefix of its provider; enter that "
            f"with `--assign {cluster.site_name}=PREFIX` instead of a pin"
        )
    return (
        f"{cluster.name} ({role}) holds {was.prefix} in the plan, and the fleet file "
        f"pins {', '.join(map(str, cluster.pinned(role)))}; a plan never renumbers by itself: pin "
        f"what the plan says, plan it anew with --renumber {cluster.name}, or give it a new name"
    )


def _check_against_old(state: State) -> None:
    """Refuse a pin on top of what another cluster holds; an exclusion there is only told."""
    held = [pin.holding() for pin in overlaps.pins_of(state.fleet) if pin.role is None]
    for cluster in state.fleet.clusters:
        for role, families in state.held[cluster.name].items():
            for allocation in families.values():
                held += [overlaps.Pin(p, cluster, role).holding() for p in allocation.prefixes]
    held += _holdings_of_the_dead(state.tombstones)
    routed = state.fleet.services_routed
    found = [c for c in overlaps.conflicts(held, services_routed=routed) if not c.harmless]
    between = [str(c) for c in found if len(c.clusters) > 1]
    if between:
        raise Overlap(*between, f"{state.old_file} never renumbers; pin another prefix")
    state.clashes = [str(conflict) for conflict in found]


def _holdings_of_the_dead(tombstones: Mapping[str, Held]) -> list[overlaps.Holding]:
    return [
        overlaps.Holding(prefix, f"{name} ({role}, removed)", name, None, role, f"{role} of {name}")
        for name, roles in tombstones.items()
        for role, families in roles.items()
        for allocation in families.values()
        for prefix in allocation.prefixes
    ]


def assign(state: State, given: Mapping[str, IPv6Network]) -> None:
    """Turn layouts into addresses: ``given`` says which prefix a provider gave to a site.

    A name is a site's, or a cluster's for its site. Everything keeps its place in the block.

    Raises:
        UnknownName: no site or cluster has that name.
        InvalidPlan: the site waits for no prefix, has another, or wants another length.
        Overlap: the prefix shares addresses with what the plan holds already.

    """
    wrong: list[Fault] = []
    for name, prefix in given.items():
        site = name
        if name not in state.fleet.members:
            if name not in state.fleet.index:
                known = sorted({*state.fleet.members, *state.fleet.index})
                raise UnknownName(
                    f'"{name}" is neither a site nor a cluster' + did_you_mean(name, known)
                )
            site = state.cluster(name).site_name
        fault = _cannot_assign(site, state.sites.get(site, {}).get("provider"), prefix)
        if fault is None:
            _assign_site(state, site, prefix)
        elif fault:
            wrong.append(Fault(state.old_file, 0, fault))
    if wrong:
        raise InvalidPlan(wrong)


def _cannot_assign(site: str, block: SiteBlock | None, prefix: IPv6Network) -> str | None:
    """Return why not, "" where it is assigned so already, None where it can be."""
    never = _never_assigned(prefix)
    if never is not None:
        return f"site {site}: {prefix} {never}"
    if block is None:
        return f"site {site} waits for no prefix of its provider"
    if block.prefix == prefix:
        return ""
    if block.prefix is not None:
        return f"site {site} has {block.prefix} already; a plan never renumbers"
    if block.length != prefix.prefixlen:
        return f"site {site} waits for a /{block.length}, and {prefix} is none"
    return None


def _never_assigned(prefix: IPv6Network) -> str | None:
    """Return why no provider can have assigned ``prefix``, or None: what is entered stays."""
    if not any(lies_in(prefix, within) for within in _ASSIGNED):
        return f"is assigned by nobody; what is lies in {' or '.join(map(str, _ASSIGNED))}"
    special = (row for row in catalog.special_prefixes() if ":" in row.prefix)
    for row in special:
        if prefix.overlaps(IPv6Network(row.prefix)):
            return f"lies in {row.prefix}, {row.name}: {row.use}"
    return None


def _assign_site(state: State, site: str, prefix: IPv6Network) -> None:
    block = state.sites[site]["provider"]
    base = int(prefix.network_address)

    def shifted(place: IPv6Network) -> IPv6Network:
        return IPv6Network((base + int(place.network_address), place.prefixlen))

    others = [
        (name, p)
        for name, held in (*state.held.items(), *state.tombstones.items())
        for families in held.values()
        for allocation in families.values()
        for p in allocation.prefixes
    ]
    others += [(e.name, e.prefix) for e in state.fleet.exclude]
    others += [
        (f"the tunnel {pair}", p)
        for pair, tunnels in state.old.tunnels.items()
        for tunnel in tunnels
        for p in tunnel.prefixes.values()
    ]
    others += [
        (f"site {other}", b.prefix)
        for other, blocks in state.sites.items()
        for b in blocks.values()
        if b.prefix is not None
    ]
    clashes = [
        f"{prefix} of site {site} shares addresses with {p} of {name}"
        for name, p in others
        if p.version == 6 and p.overlaps(prefix)
    ]
    if clashes:
        raise Overlap(*clashes)
    state.sites[site]["provider"] = SiteBlock(
        block.length, prefix, {name: shifted(part) for name, part in block.clusters.items()}
    )
    for name in block.clusters:
        held = state.held.get(name)
        if held is None:
            held = {role: dict(f) for role, f in state.tombstones.get(name, {}).items()}
            state.tombstones[name] = held
        for families in held.values():
            laid = families.get("ipv6")
            if laid is not None and laid.layout is not None:
                place = shifted(laid.layout)
                families["ipv6"] = laid._replace(prefix=place, layout=None, source="assigned")
                state.taken("ipv6").add(*block_of(place))
    state.assigned.append(site)
