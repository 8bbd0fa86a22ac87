"""Allow lists: rules for a reader, and the same as data."""

from __future__ import annotations

from collections.abc import Hashable, Iterable, Iterator, Mapping
from typing import TYPE_CHECKING

from k8s6plan import catalog
from k8s6plan.io.addresses import prefix_text
from k8s6plan.io.words import number
from k8s6plan.views.words import FAMILY

if TYPE_CHECKING:
    from k8s6plan.addressing.allow import AllowList
    from k8s6plan.fleet.model import Family
    from k8s6plan.topology.designs import Design

Lists = Mapping["Family", Mapping[str, "AllowList"]]

_ICMPV6_WIDTH = len("allow icmpv6 type 143 from the link")


def allow_data(fleet: str, designs: Iterable[Design], lists: Lists) -> dict[str, object]:
    """Return the lists by design and cluster; those of IPv6 with the ICMPv6 that must pass."""
    found = {}
    for design in designs:
        icmpv6 = {"icmpv6": catalog.icmpv6_types()} if design.family == "ipv6" else {}
        found[design.name] = {
            "family": design.family, **icmpv6, "clusters": lists[design.family]
        }  # fmt: skip
    return {"fleet": fleet, "designs": found}


def allow_lines(designs: Iterable[Design], lists: Lists) -> Iterator[str]:
    """Yield the rules of each cluster; clusters with the same rules share them."""
    for family, of_family in lists.items():
        titles = ", ".join(design.name for design in designs if design.family == family)
        alike: dict[tuple[Hashable, tuple[str, ...]], list[str]] = {}
        for name, allowed in of_family.items():
            # A view of what all sites send equals itself alone: entries are not compared by one.
            alike.setdefault((allowed.entries, allowed.unlisted), []).append(name)
        for names in alike.values():
            yield ""
            yield from _list(names, of_family[names[0]], titles)


def _list(names: list[str], allowed: AllowList, titles: str) -> Iterator[str]:
    entries = len(allowed.entries)
    count = number(entries, "entry", "entries")
    if allowed.missing:
        count += f" ({len(allowed.missing):,} not known yet)"
    yield f"# {', '.join(names)}: {FAMILY[allowed.family]} in ({titles}): {count}"
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
        for row in catalog.icmpv6_types():
            where = "" if row.where == "transit" else " from the link"
            codes = f" code {','.join(map(str, row.codes))}" if row.codes else ""
            rule = f"allow icmpv6 type {row.type}{codes}{where}"
            yield f"{rule:{_ICMPV6_WIDTH}}  # {row.name} ({row.source.partition(';')[0]})"
    yield "deny everything else"
