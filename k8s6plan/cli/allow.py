"""``k8s6plan allow``: who may talk to whom, as prefixes that an edge lets in."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from k8s6plan.cli._common import (
    DEFAULT_FLEET,
    Designs,
    progress,
    put,
    read_fleet,
    read_plan,
    to_json,
)
from k8s6plan.cli.map_ import DEFAULT_PLAN, PlanPath
from k8s6plan.io.addresses import prefix_text

if TYPE_CHECKING:
    from k8s6plan.addressing.allow import AllowList
    from k8s6plan.addressing.plan_file import Plan
    from k8s6plan.catalog import IcmpType
    from k8s6plan.fleet.model import Family, Fleet
    from k8s6plan.topology.designs import Design

HELP = """Write the allow list of each cluster.

The prefixes that its edge lets in, and no others. One list for each family that a design
routes. Without a cluster, the lists of all of them.

Example: k8s6plan allow prod-use1 --plan plan.yaml --design flat-ipv6
"""

# Lists of N sites have N-1 entries each, so those of a large fleet are asked for by name.
_MOST_ENTRIES = 1_000_000
_ICMPV6_WIDTH = len("allow icmpv6 type 143 from the link")
_TITLES: dict[Family, str] = {"ipv4": "IPv4", "ipv6": "IPv6"}


class Format(StrEnum):
    """The forms of the lists."""

    text = "text"
    json = "json"
    yaml = "yaml"


def allow(
    clusters: Annotated[
        list[str] | None,
        typer.Argument(metavar="CLUSTER", help="Whose lists.  [default: all]"),
    ] = None,
    *,
    fleet: Annotated[Path, typer.Option("--fleet", help="The fleet file.")] = DEFAULT_FLEET,
    plan: PlanPath = DEFAULT_PLAN,
    design: Designs = None,
    output_format: Annotated[Format, typer.Option("--format", "-f")] = Format.text,
) -> None:
    """See HELP."""
    from k8s6plan.addressing.allow import allow_lists
    from k8s6plan.io.files import mark
    from k8s6plan.topology.designs import DESIGNS, design_named

    designs = [design_named(name) for name in dict.fromkeys(design or DESIGNS)]
    described, held = read_fleet(fleet), read_plan(plan)
    _check_plan(held, plan, described)
    names = _chosen(clusters, described)
    with progress("writing allow lists"):
        lists: dict[Family, dict[str, AllowList]] = {}
        for one in designs:  # the list hangs on the family alone
            if one.family not in lists:
                found = allow_lists(described, held, one)
                lists[one.family] = {name: found[name] for name in names}
        _check_size(lists)
        if output_format is Format.text:
            text = "".join(f"{line}\n" for line in _text(designs, lists, mark("allow")))
        elif output_format is Format.json:
            text = to_json(_data(described.fleet, designs, lists), "allow")
        else:
            from k8s6plan.io.documents import dump

            text = dump(_data(described.fleet, designs, lists), header=(mark("allow"),))
    put(text, None, "allow", force=False)


def _check_plan(plan: Plan, path: Path, fleet: Fleet) -> None:
    """Refuse the plan of another fleet.

    Raises:
        InvalidPlan: it is one.

    """
    from k8s6plan.errors import Fault, InvalidPlan

    if plan.fleet != fleet.fleet:
        message = f'is the plan of fleet "{plan.fleet}", not of "{fleet.fleet}"'
        raise InvalidPlan([Fault(str(path), 0, message)])


def _chosen(names: Iterable[str] | None, fleet: Fleet) -> list[str]:
    """Return the clusters that are asked for, by name.

    Raises:
        UnknownName: one of them is not in the fleet.

    """
    from k8s6plan.errors import UnknownName, did_you_mean

    known = sorted(fleet.index)
    wrong = [name for name in names or () if name not in fleet.index]
    if wrong:
        raise UnknownName(
            *(f'no cluster is named "{name}"' + did_you_mean(name, known) for name in wrong)
        )
    return sorted(set(names)) if names else known


def _check_size(lists: dict[Family, dict[str, AllowList]]) -> None:
    """Refuse to write more than anybody reads."""
    entries = sum(len(one.entries) for of_family in lists.values() for one in of_family.values())
    if entries > _MOST_ENTRIES:
        raise typer.BadParameter(
            f"these lists have {entries:,} entries; name the clusters whose lists you want, "
            "or one --design",
            param_hint="CLUSTER",
        )


# --- text ----------------------------------------------------------------------------------------


def _text(
    designs: Iterable[Design], lists: dict[Family, dict[str, AllowList]], written_by: str
) -> Iterator[str]:
    yield f"# {written_by}"
    for family, of_family in lists.items():
        titles = ", ".join(design.name for design in designs if design.family == family)
        alike: dict[tuple[int, tuple[str, ...]], list[str]] = {}
        for name, allowed in of_family.items():
            alike.setdefault((id(allowed.entries), allowed.unlisted), []).append(name)
        for names in alike.values():
            yield ""
            yield from _list(names, of_family[names[0]], titles)


def _list(names: list[str], allowed: AllowList, titles: str) -> Iterator[str]:
    entries = len(allowed.entries)
    count = f"{entries:,} entr{'y' if entries == 1 else 'ies'}"
    if allowed.missing:
        count += f" ({len(allowed.missing):,} not known yet)"
    yield f"# {', '.join(names)}: {_TITLES[allowed.family]} in ({titles}): {count}"
    if not entries:
        yield "# no cluster of another site sends here"
    texts = [prefix_text(prefix) for prefix in allowed.prefixes]
    width = max(map(len, texts), default=0)
    for entry, text in zip(allowed.entries, texts, strict=False):  # those with a prefix come first
        yield f"allow {text:{width}}  # {entry.of}"
    for entry in allowed.missing:
        yield f"# {entry.of}: {entry.why}"
    for what in allowed.unlisted:
        yield f"# {what}: not ours to plan, and in no list"
    if allowed.family == "ipv6":
        for row in _icmpv6():
            where = "" if row.where == "transit" else " from the link"
            codes = f" code {','.join(map(str, row.codes))}" if row.codes else ""
            rule = f"allow icmpv6 type {row.type}{codes}{where}"
            yield f"{rule:{_ICMPV6_WIDTH}}  # {row.name} ({row.source.partition(';')[0]})"
    yield "deny everything else"


# --- data ----------------------------------------------------------------------------------------


def _data(
    fleet: str, designs: Iterable[Design], lists: dict[Family, dict[str, AllowList]]
) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for design in designs:
        data: dict[str, Any] = {"family": design.family}
        if design.family == "ipv6":
            data["icmpv6"] = [_icmpv6_row(row) for row in _icmpv6()]
        of_family = lists[design.family]
        data["clusters"] = {name: _list_data(allowed) for name, allowed in of_family.items()}
        found[design.name] = data
    return {"version": 1, "fleet": fleet, "designs": found}


def _list_data(allowed: AllowList) -> dict[str, Any]:
    data: dict[str, Any] = {
        "entries": len(allowed.entries),
        "allow": [
            {"prefix": prefix_text(entry.prefix), "from": entry.of}
            for entry in allowed.entries
            if entry.prefix is not None
        ],
    }
    if allowed.missing:
        data["missing"] = [{"from": entry.of, "why": entry.why} for entry in allowed.missing]
    if allowed.unlisted:
        data["unlisted"] = list(allowed.unlisted)
    data["otherwise"] = "deny"
    return data


def _icmpv6() -> tuple[IcmpType, ...]:
    from k8s6plan import catalog

    return catalog.icmpv6_types()


def _icmpv6_row(row: IcmpType) -> dict[str, Any]:
    return {
        "type": row.type,
        "codes": list(row.codes) or "all",
        "name": row.name,
        "from": "anywhere" if row.where == "transit" else "link",
        "why": row.why,
        "source": row.source,
    }
