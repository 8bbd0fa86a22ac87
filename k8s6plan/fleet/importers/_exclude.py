"""What a register holds beside clusters becomes `exclude`: a plan keeps off it.

1. Equal prefixes are one exclusion, by the first name; the other names are told.
2. A prefix that holds a cluster's own is left out, since both cannot be: the register lists a
   whole and its parts, and what counts are the parts. So is the prefix of all addresses.
3. A prefix inside the network of a cluster's nodes is left out as a subnet of it: nobody else can
   be given it. Inside pods' or services' prefixes it stays, since strangers there are an overlap.
"""

from __future__ import annotations

from collections.abc import Sequence

from k8s6plan.fleet.importers._found import Kind, Remark, RowFound, plain
from k8s6plan.fleet.importers._ranges import Nest
from k8s6plan.fleet.model import Prefix, Role

Pin = tuple[Prefix, str, Role]  # a prefix of a cluster, and what for


def exclusions(
    rows: Sequence[RowFound], pins: Sequence[Pin], remarks: list[Remark]
) -> list[dict[str, str]]:
    """Return the exclusions of ``rows`` by address; what is left out goes into ``remarks``."""
    holders = {prefix: (cluster, role) for prefix, cluster, role in reversed(pins)}
    held = Nest(holders)
    named: dict[Prefix, str] = {}
    for row in rows:
        prefix = row.prefix
        if prefix is None:
            continue
        said = _judged(row, prefix, held, holders, named)
        if said:
            remarks.append(Remark(said[0], row.file, row.line, plain(said[1], 400)))
    ordered = sorted(named, key=lambda p: (p.version, int(p.network_address), p.prefixlen))
    return [{"name": named[prefix], "prefix": str(prefix)} for prefix in ordered]


def _judged(
    row: RowFound,
    prefix: Prefix,
    held: Nest,
    holders: dict[Prefix, tuple[str, Role]],
    named: dict[Prefix, str],
) -> tuple[Kind, str] | None:
    """Put the row into ``named``, or say why not; or say what is odd about it."""
    outer = prefix if prefix in holders else held.around(prefix)
    text = f'{prefix} of "{row.name}"'
    if prefix.prefixlen == 0:
        return "unread", f"{text} is every address; not excluded"
    if outer == prefix:
        cluster, role = holders[prefix]
        return "note", f"{text} is held by {cluster} ({role}) already; not excluded"
    if outer is None and held.inside(prefix):
        advice = "exclude by hand what else in it is in use"
        return "unread", f"{text} holds prefixes of clusters; not excluded, so {advice}"
    if prefix in named:
        same = named[prefix] == row.name
        return None if same else ("note", f'{text} is listed already, as "{named[prefix]}"')
    where = ""
    if outer is not None:
        cluster, role = holders[outer]
        where = f"{text} lies inside {outer} of {cluster} ({role})"
        if role == "nodes":
            return "note", f"{where}, which keeps others off it; not excluded"
    named[prefix] = row.name
    return ("note", f"{where}; excluded, and `check` will call it an overlap") if where else None
