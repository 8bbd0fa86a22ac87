"""The addressing plan for a reader: who holds which prefix, and what is still to come."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from ipaddress import IPv6Network
from typing import NamedTuple

from k8s6plan.addressing.lookup import claims_of
from k8s6plan.addressing.plan import make_plan
from k8s6plan.addressing.plan_file import Plan
from k8s6plan.errors import Overlap
from k8s6plan.fleet.model import FAMILIES, ROLES, Family, Fleet, Prefix, Role, family_of
from k8s6plan.io.addresses import prefix_text

_ULA = IPv6Network("fc00::/7")


class Row(NamedTuple):
    """A prefix and its owner. ``prefix`` None: it is not known yet, and ``note`` says why.

    ``cluster`` None: the site keeps it for its clusters; ``role`` None: for any role. ``state``:
    held; removed (a tombstone keeps it); reserved (room to grow into).
    """

    cluster: str | None
    site: str | None
    role: Role | None
    family: Family
    prefix: str | None
    state: str
    note: str = ""


@dataclass(frozen=True)
class Addresses:
    """The plan as rows. ``origin``: where it comes from, in words. ``remarks``: what is left out.

    ``held``: what each cluster holds, by cluster and role; ``rows``: also what is kept free for
    somebody, which an address can lie in.
    """

    origin: str
    remarks: tuple[str, ...]
    held: tuple[Row, ...]
    rows: tuple[Row, ...]


def addresses_of(fleet: Fleet, plan: Plan | None = None) -> Addresses:
    """Return the addresses of ``plan``; without one those of a plan made now, which locks nothing.

    Prefixes out of a ULA seed that would be made for this run alone are left out: the next run has
    others. Where pins overlap there can be no plan, and the pins alone are told.
    """
    if plan is not None:
        return _of_plan(plan, "the plan file", ())
    try:
        made, changes = make_plan(fleet)
    except Overlap:
        held = tuple(_pins(fleet))
        why = "No plan can be made of pins that overlap; k8s6plan check says what to renumber."
        return Addresses("the pins of the fleet file", (why,), held, held)
    if not changes.new_seed:
        return _of_plan(made, "a plan made for this report, which locks nothing", ())
    why = "ULA prefixes are not told: they need ula_seed in the fleet file, or --plan."
    found = _of_plan(made, "a plan made for this report, which locks nothing", (why,))
    pinned = {str(p) for c in fleet.clusters for role in ROLES for p in c.pinned(role)}
    held = tuple(_seedless(row, pinned) for row in found.held)
    rows = tuple(row for row in found.rows if not _unsure(row, pinned))
    return Addresses(found.origin, found.remarks, held, rows)


def _unsure(row: Row, pinned: set[str]) -> bool:
    """Say whether a prefix comes out of a seed that is lost afterwards."""
    if row.prefix is None or row.family != "ipv6" or row.prefix in pinned:
        return False
    return IPv6Network(row.prefix).subnet_of(_ULA)


def _seedless(row: Row, pinned: set[str]) -> Row:
    return row._replace(prefix=None, note="needs ula_seed") if _unsure(row, pinned) else row


def _of_plan(plan: Plan, origin: str, remarks: tuple[str, ...]) -> Addresses:
    held = tuple(_held(plan))
    known = [
        Row(
            owner.cluster,
            owner.site,
            owner.role,
            family_of(claim.prefix),
            owner.prefix,
            owner.state,
        )
        for claim in claims_of(plan)
        for owner in (claim.owner,)
    ]
    return Addresses(origin, remarks, held, tuple(sorted(set(known), key=_place)))


def _place(row: Row) -> tuple[str, ...]:
    return (row.cluster or "", row.site or "", row.role or "", row.family, row.prefix or "")


def _held(plan: Plan) -> Iterator[Row]:
    site_of = {name: site for site, names in plan.members.items() for name in names}
    for name, held in sorted(plan.clusters.items()):
        for role in ROLES:
            for family in FAMILIES:
                allocation = held.get(role, {}).get(family)
                if allocation is None:
                    continue
                site = site_of.get(name)
                for prefix in allocation.prefixes:
                    text = prefix_text(prefix)
                    yield Row(name, site, role, family, text, "held", allocation.source)
                if allocation.prefix is None:
                    yield Row(name, site, role, family, None, "held", "not assigned yet")


def _pins(fleet: Fleet) -> Iterator[Row]:
    for cluster in sorted(fleet.clusters, key=lambda cluster: cluster.name):
        for role in ROLES:
            prefixes: tuple[Prefix, ...] = cluster.pinned(role)
            for prefix in prefixes:
                text, family = prefix_text(prefix), family_of(prefix)
                yield Row(cluster.name, cluster.site_name, role, family, text, "held", "pinned")
