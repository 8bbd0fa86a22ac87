"""``kubectl get nodes -o json`` (or ``-o yaml``): one file, one cluster.

1. Nodes are counted; provider, region, platform and CNI are what most nodes show.
2. Pods: the prefixes of the nodes are gathered into the ranges that they come from. The range that
   the cluster was given may be larger, so they are marked as estimated.
3. Nodes: the prefix that spans their InternalIPs is pinned where it could be one network: IPv4
   from /16 to /28 (the sizes of a VPC), IPv6 from /56 to /64. A wider one is only told: pinning it
   would lock away what may be others'. A narrower one is widened to the /28 or /64, and IPv6 to
   a multiple of four, as networks are cut.
4. Services leave no trace on nodes.
"""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Any

from k8s6plan.fleet.importers import _signs, cluster_document
from k8s6plan.fleet.importers._account import account
from k8s6plan.fleet.importers._documents import is_json, parts
from k8s6plan.fleet.importers._found import (
    ClusterFound,
    Findings,
    PrefixFound,
    Source,
    Value,
    cluster_of_file,
    count,
    dig,
    plain,
    prefix_of,
    text_at,
    word,
)
from k8s6plan.fleet.importers._ranges import at_most, gathered, span
from k8s6plan.fleet.model import ADDRESS_BITS, FAMILIES, ON_PREM, Family, Prefix, family_of

TITLE = "kubectl get nodes"

_LISTS = ("List", "NodeList")
_NODE_PREFIXLENS: dict[Family, tuple[int, int]] = {"ipv4": (16, 28), "ipv6": (56, 64)}
_MASKS: dict[Family, tuple[int, int]] = {"ipv4": (8, 32), "ipv6": (16, 128)}
# Annotations of CNIs that hand out node prefixes themselves, past spec.podCIDRs.
_CILIUM = tuple(
    f"{start}{family}-pod-cidr"
    for start in ("network.cilium.io/", "io.cilium.network.")
    for family in FAMILIES
)
_YAML_NODE = re.compile(r"^(- |  )?kind: Node(List)?[ \t\r]*$", re.MULTILINE)
_OVN = "k8s.ovn.org/node-subnets"


def recognises(text: str) -> bool:
    """Say whether ``text`` looks like nodes of kubectl."""
    head = text[:20_000]
    if is_json(text):
        listed = '"items"' in text and any(f'"{kind}"' in text for kind in _LISTS)
        return listed or '"kind": "Node"' in head or '"kind":"Node"' in head
    return _YAML_NODE.search(text) is not None


def read(source: Source) -> Findings:
    """Return the cluster whose nodes ``source`` lists."""
    found = Findings()
    others: list[Any] = []
    nodes = list(_nodes(source, found, others))
    if not nodes:
        for item in others:
            _read_beside(source, item, found)
        if not found.remarks and not found.clusters:
            found.tell("unread", source, "no node in it")
        return found
    fields: dict[str, Value] = {"nodes": len(nodes)}
    name = _name(source, nodes, found)
    _places(source, nodes, fields, found)
    _software(source, nodes, fields, found)
    _pods_per_node(source, nodes, fields, found)
    prefixes = _pods(source, nodes, fields, found) + _node_network(source, nodes, found)
    found.clusters.append(ClusterFound(name, source.file, fields, tuple(prefixes)))
    for item in others:
        _read_beside(replace(source, cluster=name), item, found)
    return found


def _read_beside(source: Source, item: Any, found: Findings) -> None:
    """Read what is listed with the nodes; of what is of no known kind, exclude the prefixes."""
    what = plain(text_at(item, "kind")) or "no object"
    described = cluster_document.described(source, item, found)
    if described is not None:
        found.clusters.append(described)
        return
    found.tell("unread", source, f"{what}, not a node")
    account(replace(source, text=json.dumps(item)), found)


def _nodes(source: Source, found: Findings, others: list[Any]) -> Iterator[Any]:
    """Yield the nodes; what is listed with them goes into ``others``."""
    for part in parts(source, found):
        kind = text_at(part.data, "kind")
        items = [part.data] if kind == "Node" else dig(part.data, "items")
        if not isinstance(items, list) or (kind and kind not in (*_LISTS, "Node")):
            found.tell("unread", source, f"no list of nodes (kind {plain(kind) or 'unknown'})")
            continue
        for item in items:
            # The API's own NodeList does not repeat the kind on each item.
            if not isinstance(item, dict) or text_at(item, "kind") not in ("Node", ""):
                others.append(item)
                continue
            yield item


def _nodes_in_words(number: int) -> str:
    return f"{number} node{'s' * (number != 1)}"


def _node_name(node: Any) -> str:
    return plain(text_at(node, "metadata", "name")) or "without a name"


def _name(source: Source, nodes: list[Any], found: Findings) -> str:
    """Return the cluster's name: as given, else the file's, else what a label of its nodes says."""
    given = source.cluster or cluster_of_file(source.file)
    if given:
        return given
    marked = {_signs.cluster(node) for node in nodes}
    name = marked.pop() if len(marked) == 1 else ""
    if not name:
        name = "unnamed"
        message = f'nodes do not name their cluster; written as "{name}"; give it as NAME=FILE'
        found.tell("change", source, message)
    return name


def _settle(
    source: Source, values: list[str], what: str, found: Findings, *, loud: bool = True
) -> str:
    """Return what most nodes say; those that say something else are told."""
    tally = Counter(value for value in values if value)
    if not tally:
        return ""
    ranked = sorted(tally, key=lambda value: (-tally[value], value))
    if len(ranked) > 1 and loud:
        shown = ", ".join(f"{plain(value, 40)} ({tally[value]})" for value in ranked[:6])
        message = f"nodes differ in their {what}: {shown}; written as {plain(ranked[0], 40)}"
        found.tell("note", source, message)
    return ranked[0]


def _mended(source: Source, text: str, what: str, found: Findings) -> str:
    """Return ``text`` as a plain name, and tell where it had to be mended."""
    mended = word(text) or ""
    if mended != text:
        found.tell("note", source, f'{what} "{plain(text)}" is written as "{mended}"')
    return mended


def _places(source: Source, nodes: list[Any], fields: dict[str, Value], found: Findings) -> None:
    def settled(sign: Callable[[Any], str], what: str, *, loud: bool = True) -> str:
        text = _settle(source, [sign(node) for node in nodes], what, found, loud=loud)
        return _mended(source, text, what, found) if text else ""

    provider = settled(_signs.provider, "provider")
    if provider:
        fields["provider"] = provider
    region = settled(_signs.region, "region")
    if provider != ON_PREM:
        if region:
            fields["region"] = region
        return
    # On one's own ground both labels are one's own words; the wider one names the place.
    site = region or settled(_signs.zone, "zone", loud=False)
    if site:
        fields["site"] = site
        message = f'site "{site}" is the nodes\' label for their {"region" if region else "zone"}'
        found.tell("note", source, f"{message}; clusters of one site count as one network")


def _software(source: Source, nodes: list[Any], fields: dict[str, Value], found: Findings) -> None:
    platform = _settle(source, [_signs.platform(node) for node in nodes], "platform", found)
    if platform:
        fields["platform"] = platform
    marked = [_signs.cnis(node) for node in nodes]
    cni = _settle(source, [names[0] for names in marked if names], "CNI", found)
    if cni:
        fields["cni"] = cni
    if cni == "flannel" and any(set(names) >= _signs.CANAL for names in marked):
        message = "marks of Flannel and Calico both (Canal): written as flannel, whose rules count"
        found.tell("note", source, message)


def _pods_per_node(
    source: Source, nodes: list[Any], fields: dict[str, Value], found: Findings
) -> None:
    said = [
        text_at(node, "status", "allocatable", "pods")
        or text_at(node, "status", "capacity", "pods")
        for node in nodes
    ]
    tally = Counter(value for value in said if count(value, "pods_per_node"))
    if len(tally) == 1 and tally.total() == len(nodes):
        fields["pods_per_node"] = int(next(iter(tally)))
    elif tally:
        shown = ", ".join(f"{value} on {tally[value]}" for value in sorted(tally, key=int)[:8])
        message = f"pods a node differ ({shown} of {len(nodes)} nodes); pods_per_node is left out"
        found.tell("note", source, message)


# --- prefixes ----------------------------------------------------------------------------------


def _pod_prefixes(node: Any) -> tuple[str, list[str]]:
    """Return where the prefixes of a node's pods stand, and they themselves as text."""
    marks = _signs.notes(node)
    cilium = [text_at(marks, key) for key in _CILIUM if text_at(marks, key)]
    if cilium:
        return "Cilium's annotations", list(dict.fromkeys(cilium))
    listed = dig(node, "spec", "podCIDRs")
    if isinstance(listed, list) and listed:
        return "spec.podCIDRs", [value if isinstance(value, str) else "" for value in listed]
    if text_at(node, "spec", "podCIDR"):
        return "spec.podCIDR", [text_at(node, "spec", "podCIDR")]
    if text_at(marks, _OVN):
        try:
            subnets = dig(json.loads(text_at(marks, _OVN)), "default")
        except (ValueError, RecursionError):
            return _OVN, [""]
        given = subnets if isinstance(subnets, list) else [subnets]
        return _OVN, [value if isinstance(value, str) else "" for value in given]
    return "", []


def _pods(
    source: Source, nodes: list[Any], fields: dict[str, Value], found: Findings
) -> list[PrefixFound]:
    blocks: dict[Family, list[Prefix]] = {"ipv4": [], "ipv6": []}
    places = set()
    for index, node in enumerate(nodes):
        place, texts = _pod_prefixes(node)
        for text in texts:
            parsed = prefix_of(text) if "/" in text else None
            where = f"items[{index}] ({_node_name(node)}): {place}"
            if parsed is None:
                found.tell("unread", source, f'{where}: "{plain(text)}" is no prefix')
                continue
            if parsed[1]:
                found.tell("note", source, f"{where}: {parsed[1]}")
            places.add(place)
            blocks[family_of(parsed[0])].append(parsed[0])
    prefixes = []
    for family in FAMILIES:
        if not blocks[family]:
            continue
        ranges = gathered(blocks[family])
        shown = ", ".join(map(str, ranges[:8])) + (", ..." if len(ranges) > 8 else "")
        holds = f"{shown} holds" if len(ranges) == 1 else f"{len(ranges)} ranges ({shown}) hold"
        message = (
            f"pods: {holds} the {family} prefixes of {_nodes_in_words(len(blocks[family]))} "
            f"({', '.join(sorted(places))}); what the cluster was given may be larger"
        )
        found.tell("note", source, message)
        prefixes += [PrefixFound("pods", prefix, estimated=True) for prefix in ranges]
        _masks(source, family, blocks[family], fields, found)
    cni = str(fields.get("cni", ""))
    if cni == "cilium" and places & {"spec.podCIDRs", "spec.podCIDR"}:
        message = "pods: Cilium may hand out other prefixes than the nodes' own; "
        found.tell("note", source, message + "`kubectl get ciliumnodes` says which are in use")
    return prefixes


def _masks(
    source: Source,
    family: Family,
    blocks: list[Prefix],
    fields: dict[str, Value],
    found: Findings,
) -> None:
    tally = Counter(block.prefixlen for block in blocks)
    mask = min(tally)
    lowest, highest = _MASKS[family]
    if not lowest <= mask <= highest:
        found.tell("unread", source, f"a node mask of /{mask} ({family}) is none; left out")
        return
    fields[f"mask_{family}"] = mask
    if len(tally) > 1:
        shown = ", ".join(f"/{length} on {tally[length]}" for length in sorted(tally))
        message = f"{family} node masks differ ({shown}); written as the widest, /{mask}"
        found.tell("note", source, message)


def _node_network(source: Source, nodes: list[Any], found: Findings) -> list[PrefixFound]:
    held: dict[Family, list[Prefix]] = {"ipv4": [], "ipv6": []}
    for index, node in enumerate(nodes):
        addresses = dig(node, "status", "addresses")
        for address in addresses if isinstance(addresses, list) else ():
            if text_at(address, "type") != "InternalIP":
                continue
            text = text_at(address, "address")
            parsed = None if "/" in text else prefix_of(text)
            if parsed is None:
                where = f"items[{index}] ({_node_name(node)}): InternalIP"
                found.tell("unread", source, f'{where}: "{plain(text)}" is no address')
                continue
            held[family_of(parsed[0])].append(parsed[0])
    prefixes = []
    for family in FAMILIES:
        if not held[family]:
            continue
        shortest, longest = _NODE_PREFIXLENS[family]
        seen = span(held[family])
        nibble = seen.prefixlen - seen.prefixlen % 4 if family == "ipv6" else seen.prefixlen
        network = at_most(seen, min(nibble, longest))
        count_of = f"{len(held[family])} {family} address{'es' * (len(held[family]) != 1)}"
        said = f"nodes: {network} spans their {count_of}"
        if network.prefixlen < shortest:
            message = f"{said}: too wide to be one network, so it is not pinned; write what it is"
            found.tell("note", source, message)
            continue
        full = f"/{ADDRESS_BITS[family]}"
        seen_as = f" (widened from {seen})" if network != seen and full not in str(seen) else ""
        message = (
            f"{said}{seen_as}; seen, true size unknown: pinned, "
            "and to be replaced by the VPC or subnet if you know it"
        )
        found.tell("note", source, message)
        prefixes.append(PrefixFound("nodes", network, estimated=True))
    return prefixes
