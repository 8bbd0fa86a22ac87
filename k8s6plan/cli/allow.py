"""``k8s6plan allow``: who may talk to whom, as prefixes that an edge lets in."""

from __future__ import annotations

from collections.abc import Iterable
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from k8s6plan.cli._common import progress, put, read_fleet, read_plan, say, to_json
from k8s6plan.cli._options import DEFAULT_FLEET, Designs
from k8s6plan.cli.map_ import DEFAULT_PLAN, PlanPath

if TYPE_CHECKING:
    from k8s6plan.addressing.allow import AllowList, Pin
    from k8s6plan.fleet.model import Family, Fleet

HELP = """Write the allow list of each cluster.

The prefixes that its edge lets in, and no others. One list for each family that a design
routes. Without a cluster, the lists of all of them.

Example: k8s6plan allow prod-use1 --plan plan.yaml --design flat-ipv6
"""

# Lists of N sites have N-1 entries each, so those of a large fleet are asked for by name.
_MOST_ENTRIES = 1_000_000


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
    force: Annotated[
        bool, typer.Option("--force", help="Write lists that admit more than the fleet holds too.")
    ] = False,
) -> None:
    """See HELP."""
    from k8s6plan.addressing.allow import allow_lists, strangers
    from k8s6plan.addressing.plan_file import assigned_to
    from k8s6plan.fleet.reach import assigned_ula
    from k8s6plan.io.documents import dump
    from k8s6plan.io.marks import mark
    from k8s6plan.topology.designs import DESIGNS, design_named
    from k8s6plan.views.allow import allow_data, allow_lines
    from k8s6plan.views.as_json import document

    designs = [design_named(name) for name in dict.fromkeys(design or DESIGNS)]
    described = read_fleet(fleet)
    held = read_plan(plan, described.fleet)
    names = _chosen(clusters, described)
    with progress("writing allow lists"):
        lists: dict[Family, dict[str, AllowList]] = {}
        for one in designs:  # the list hangs on the family alone
            if one.family not in lists:
                found = allow_lists(described, held, one)
                lists[one.family] = {name: found[name] for name in names}
        _check_size(lists)
        if "ipv6" in lists:
            for told in assigned_ula(described, assigned_to(held.sites)):
                say(f"{plan}: {told}")
        if not force:
            _check_strangers(strangers(described), lists, fleet)
        if output_format is Format.text:
            lines = [f"# {mark('allow')}", *allow_lines(designs, lists)]
            text = "".join(f"{line}\n" for line in lines)
        elif output_format is Format.json:
            text = to_json(allow_data(described.fleet, designs, lists), "allow")
        else:
            data = document(allow_data(described.fleet, designs, lists), "allow")
            text = dump(data, header=(mark("allow"),))
    put(text, None, "allow", force=False)


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


def _check_strangers(
    found: list[Pin], lists: dict[Family, dict[str, AllowList]], fleet: Path
) -> None:
    """Refuse lists that let in more than the fleet holds.

    Raises:
        FileRefused: with the pins that do, and how many lists have each.

    """
    from k8s6plan.addressing.allow import admitted
    from k8s6plan.errors import FileRefused
    from k8s6plan.io.words import number

    having = dict.fromkeys(found, 0)
    for of_family in lists.values() if found else ():
        for allowed in of_family.values():
            for one in admitted(found, allowed.prefixes):
                having[one] += 1
    wrong = [
        f"{fleet}: {one} (in {number(lists_with, 'list')}), or write them with --force"
        for one, lists_with in having.items()
        if lists_with
    ]
    if wrong:
        raise FileRefused(*wrong)


def _check_size(lists: dict[Family, dict[str, AllowList]]) -> None:
    """Refuse to write more than anybody reads."""
    entries = sum(len(one.entries) for of_family in lists.values() for one in of_family.values())
    if entries > _MOST_ENTRIES:
        raise typer.BadParameter(
            f"these lists have {entries:,} entries; name the clusters whose lists you want, "
            "or one --design",
            param_hint="CLUSTER",
        )
