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
from k8s6plan.fleet.importers._found import plain
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
}
_ROLE_WORDS: dict[str, Role] = {
    **dict.fromkeys(("pod", "pods"), "pods"),
    **dict.fromkeys(("service", "services", "svc", "svcs", "clusterip"), "services"),
    **dict.fromkeys(("node", "nodes", "worker", "workers"), "nodes"),
}
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


def columns_of(header: Sequence[str]) -> Columns:
    """Return what the columns under ``header`` hold."""
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
