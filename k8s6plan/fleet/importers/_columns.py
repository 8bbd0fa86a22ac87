"""Registers: which column holds what, and what words say, for CSV, NetBox and Markdown alike.

Columns are known by common words in the header. A column may belong to one role ("Pod CIDR"). A
word such as "network" is a name where another column holds the prefix.
"""

from __future__ import annotations

import html
import re
from collections.abc import Sequence
from dataclasses import dataclass, field

from k8s6plan.catalog import names, signs
from k8s6plan.fleet.importers._found import plain, prefix_of
from k8s6plan.fleet.model import Role

_STRONG = ("prefix", "prefixes", "cidr", "cidrs", "ip prefix", "network prefix", "ip cidr")
# Words for a prefix, or for a network's name where another column holds its prefix.
_WEAK = (
    *("network", "networks", "subnet", "subnets", "range", "ip range", "address range", "block"),
    *("ip", "ips", "address", "addresses", "ip network", "ip subnet", "ip block", "net"),
)
_MEANINGS: dict[str, str] = {
    **dict.fromkeys(_STRONG, "prefix"),
    **dict.fromkeys(_WEAK, "weak"),
    **dict.fromkeys(("cluster", "clusters", "k8s cluster", "kubernetes cluster"), "cluster"),
    **dict.fromkeys(("cluster name", "cf cluster", "kubernetes"), "cluster"),
    **dict.fromkeys(("name", "label", "title", "network name", "subnet name"), "name"),
    **dict.fromkeys(("description", "descr", "purpose", "use", "usage", "used by"), "text"),
    **dict.fromkeys(("used for", "comment", "comments", "note", "notes", "owner"), "text"),
    **dict.fromkeys(("role", "type", "kind", "function", "prefix role"), "role"),
    **dict.fromkeys(("site", "location", "datacenter", "data center", "data centre"), "site"),
    **dict.fromkeys(("dc", "scope", "datacentre"), "site"),
    **dict.fromkeys(("region", "cloud region"), "region"),
    **dict.fromkeys(("provider", "cloud", "cloud provider"), "provider"),
    "tenant": "tenant",
    "status": "status",
    "vrf": "vrf",
    **dict.fromkeys(("mask", "netmask", "subnet mask", "prefix length", "prefixlen"), "mask"),
    **dict.fromkeys(("node count", "number of nodes", "nodes count"), "count nodes"),
    **dict.fromkeys(("pods per node", "max pods", "max pods per node"), "count pods_per_node"),
}
_FAMILY = frozenset({"ipv4", "ipv6", "v4", "v6", "ip4", "ip6"})
_FILLING = _FAMILY | {
    *("cidr", "cidrs", "prefix", "prefixes", "subnet", "subnets", "network", "networks", "net"),
    *("range", "ranges", "ip", "ips", "address", "addresses", "block", "cluster", "k8s", "kube"),
    *("kubernetes", "of", "for", "the", "in", "and", "dual", "stack", "pool"),
    *("or", "physical"),
}
_ROLE_WORDS: dict[str, Role] = {
    **dict.fromkeys(("pod", "pods"), "pods"),
    **dict.fromkeys(("service", "services", "svc", "svcs", "clusterip"), "services"),
    **dict.fromkeys(("node", "nodes", "worker", "workers"), "nodes"),
}
# What registers write in place of a name where a prefix is nobody's.
_FREE = frozenset(
    {
        *("free", "unallocated", "unassigned", "available", "unused", "spare", "vacant"),
        *("frei", "verf\u00fcgbar", "nicht vergeben", "libre", "disponible", "non allou\u00e9"),
        *("libero", "disponibile", "livre", "dispon\u00edvel", "vrij", "beschikbaar", "wolny"),
        *(
            "ledig",
            "vapaa",
            "voln\u00fd",
            "\u0441\u0432\u043e\u0431\u043e\u0434\u043d\u043e",
            "\u7a7a\u304d",
            "\u7a7a\u95f2",
        ),
    }
)
_RETIRED = frozenset({"retired", "former", "decommissioned", "deprecated", "obsolete"})
_KUBERNETES = frozenset({"k8s", "kube", "pod", "pods"})
NOTHING = frozenset({"", "-", "--", "\u2013", "\u2014", "n/a", "na", "none", "null", "nil"})


@dataclass(frozen=True)
class Columns:
    """What each column of a table holds. ``prefixes``: (column, role or None)."""

    prefixes: tuple[tuple[int, Role | None], ...]
    others: dict[str, tuple[int, ...]] = field(default_factory=dict)
    unused: tuple[str, ...] = ()
    width: int = 0


def words_of(text: str) -> list[str]:
    """Return the words of ``text`` in lower case; "podCIDR" has two."""
    parted = re.sub(r"(?<=[a-z])(?=[A-Z])", " ", html.unescape(text))
    return re.findall(r"[a-z0-9]+", parted.lower())


def role_of(text: str) -> Role | None:
    """Return the role that ``text`` speaks of, if it is one only."""
    roles = {_ROLE_WORDS[word] for word in words_of(text) if word in _ROLE_WORDS}
    return roles.pop() if len(roles) == 1 else None


def speaks_of_kubernetes(text: str) -> bool:
    """Say whether ``text`` names Kubernetes, its pods, or one of its platforms."""
    return not _KUBERNETES.union(signs.platform_names()).isdisjoint(words_of(text))


def provider_of(text: str) -> str | None:
    """Return the provider that ``text`` names, if we know it by that name."""
    return names.name_of("provider", text)


def columns_of(header: Sequence[str], rows: Sequence[Sequence[str]] = ()) -> Columns:
    """Return what the columns under ``header`` hold, by their titles and by their cells."""
    by_title = _by_title(header)
    return _by_cells(header, by_title, rows) if rows else by_title


def _by_cells(header: Sequence[str], titled: Columns, rows: Sequence[Sequence[str]]) -> Columns:
    """Return ``titled``, with the columns that hold prefixes or counts under other titles.

    A column of prefixes counts whatever its title is. A column titled with a role that holds
    counts only ("Pod IPs") says what the one column of prefixes beside it is for.
    """
    cells = [
        [row[index].strip() for row in rows if index < len(row) and row[index].strip()]
        for index in range(len(header))
    ]
    named = {index for index, _ in titled.prefixes}
    counts = {index for index, column in enumerate(cells) if column and all(map(is_count, column))}
    prefixes = [(i, role) for i, role in titled.prefixes if i not in counts or role != "pods"]
    said = [role for i, role in titled.prefixes if i in counts and role == "pods"]
    reference = {("prefix", "flat"), ("master", "subnet")}  # of NetBox and phpIPAM: no rows' own
    for index, column in enumerate(cells):
        elsewhere = index in named or tuple(words_of(header[index])) in reference
        if not elsewhere and any(map(is_prefix, column)):
            prefixes.append((index, None))
    if said and len(prefixes) == 1 and prefixes[0][1] is None:
        prefixes = [(prefixes[0][0], said[0])]
    held = {index for index, _ in prefixes}
    others = {
        meaning: tuple(
            i for i in indexes if i not in held and not (meaning == "name" and i in counts)
        )
        for meaning, indexes in titled.others.items()
    }
    first = next(
        (i for i, column in enumerate(cells) if column and i not in held and i not in counts), None
    )
    known = {i for indexes in others.values() for i in indexes}
    if first is not None and first not in known:
        # A table with columns for roles has one row a cluster, and its first column names it.
        roles = any(role for _, role in prefixes) and not others.get("cluster")
        meaning = "cluster" if roles and not others.get("name") else "name"
        if not (meaning == "name" and (others.get("name") or others.get("text"))):
            others[meaning] = (first,)
    used = held | {i for indexes in others.values() for i in indexes}
    unused = tuple(
        plain(title, 40) for i, title in enumerate(header) if title.strip() and i not in used
    )
    return Columns(tuple(sorted(prefixes, key=lambda item: item[0])), others, unused, len(header))


def is_count(cell: str) -> bool:
    """Say whether ``cell`` is a number, with or without marks between its thousands."""
    return re.fullmatch(r"[0-9]+|[0-9]{1,3}(?:[,.'\u00a0 ][0-9]{3})+", cell) is not None


def is_prefix(cell: str) -> bool:
    """Say whether a word of ``cell`` is a prefix with its length."""
    return any("/" in token and prefix_of(token) for token in re.split(r"[\s,;()`]+", cell))


def is_free(*cells: str) -> bool:
    """Say whether one of ``cells`` says that the prefix is nobody's."""
    return any(cell.strip().lower().strip("()[]<>*_- ") in _FREE for cell in cells)


def is_retired(*texts: str) -> bool:
    """Say whether one of ``texts`` says that what is listed is in use no more."""
    return any(_RETIRED.intersection(words_of(text)) for text in texts)


def _by_title(header: Sequence[str]) -> Columns:
    found: dict[str, list[int]] = {}
    prefixes: list[tuple[int, Role | None]] = []
    unused = []
    for index, title in enumerate(header):
        meaning = _meaning(words_of(title))
        if meaning == "prefix":
            prefixes.append((index, None))
        elif meaning in _ROLE_WORDS:
            prefixes.append((index, _ROLE_WORDS[meaning]))
        elif meaning:
            found.setdefault(meaning, []).append(index)
        elif title.strip():
            unused.append(plain(title, 40))
    weak = found.pop("weak", [])
    if prefixes and weak:
        found.setdefault("name", []).extend(weak)
    elif not prefixes:
        prefixes = [(index, None) for index in weak]
    others = {meaning: tuple(indexes) for meaning, indexes in found.items()}
    return Columns(tuple(prefixes), others, tuple(unused), len(header))


def _meaning(words: list[str]) -> str:
    known = _MEANINGS.get(" ".join(words), "")
    if known or not words:
        return known
    if words == ["cluster", "cidr"]:  # as kube-controller-manager calls the pods' prefix
        return "pods"
    roles = {_ROLE_WORDS[word] for word in words if word in _ROLE_WORDS}
    if any(word not in _FILLING and word not in _ROLE_WORDS for word in words) or len(roles) > 1:
        return ""
    if roles:
        return roles.pop()
    return "prefix" if _FAMILY.intersection(words) else ""


_TAIL = re.compile(
    r"(?i)[-_.](?:(?:k8s|kube|kubernetes)[-_.])?(?:pods?|nodes?|services?|svcs?|workers?)"
    r"(?:[-_.]?(?:cidrs?|subnets?|prefix(?:es)?|range|net(?:work)?|ip|ipv4|ipv6|v4|v6))*$"
)
_HEAD = re.compile(r"(?i)^(?:pods?|nodes?|services?|svcs?|workers?)[-_.]")


def named_in(text: str) -> str | None:
    """Return the one word of ``text`` that may be a cluster's name, if there is just one."""
    left = []
    for token in re.split(r"[\s,:;()\[\]|]+", text):
        word = _HEAD.sub("", _TAIL.sub("", token))
        parts = words_of(word)
        if parts and not all(part in _FILLING or part in _ROLE_WORDS for part in parts):
            left.append(word)
    return left[0] if len(left) == 1 else None
