"""kubeadm's ``ClusterConfiguration``, as a file or as the ConfigMap ``kubeadm-config``.

Read are the networking section, the node masks and ranges among the extra arguments (as a mapping,
or from v1beta4 on as a list of name and value), and ``maxPods`` of a KubeletConfiguration that
stands in the same file. One file may describe one cluster.
"""

from __future__ import annotations

import re
from typing import Any

from k8s6plan.fleet.importers._documents import Part, inner, parts
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
)
from k8s6plan.fleet.model import Family, Prefix, Role, family_of
from k8s6plan.io.lines import KeyPath

TITLE = "kubeadm ClusterConfiguration"

_KIND = "ClusterConfiguration"
_DEFAULT_NAME = "kubernetes"
_MASKS: dict[Family, tuple[int, int]] = {"ipv4": (8, 32), "ipv6": (16, 128)}


def recognises(text: str) -> bool:
    """Say whether ``text`` looks like kubeadm's configuration, or a ConfigMap that holds it."""
    return _KIND in text and ("kind:" in text or '"kind"' in text)


def read(source: Source) -> Findings:
    """Return the cluster that ``source`` configures."""
    found = Findings()
    configured = []
    max_pods: list[tuple[int, int]] = []
    for part in _unwrapped(source, parts(source, found), found):
        kind = text_at(part.data, "kind")
        if kind == _KIND:
            configured.append(part)
        elif kind == "KubeletConfiguration" and count(text_at(part.data, "maxPods"), "nodes"):
            max_pods.append((part.line_of(("maxPods",)), int(text_at(part.data, "maxPods"))))
        else:
            message = f"kind {plain(kind) or 'unknown'}: nothing that a fleet file takes"
            found.tell("note", source, message, part.line_of(("kind",)))
    for part in configured[1:]:
        message = "a second ClusterConfiguration; give each cluster a file of its own"
        found.tell("unread", source, message, part.line_of(("kind",)))
    if configured:
        cluster = _Reader(source, configured[0], found).cluster()
        if max_pods:
            fields = {**cluster.fields, "pods_per_node": max_pods[0][1]}
            cluster = ClusterFound(cluster.name, cluster.file, fields, cluster.prefixes)
        found.clusters.append(cluster)
    elif not any(remark.kind == "unread" for remark in found.remarks):
        found.tell("unread", source, "no ClusterConfiguration in it")
    return found


def _unwrapped(source: Source, given: list[Part], found: Findings) -> list[Part]:
    """Return the documents of ``given``, those inside a ConfigMap or a list of them included."""
    result: list[Part] = []
    for part in given:
        items = dig(part.data, "items")
        if text_at(part.data, "kind") == "ConfigMap":
            result += _from_map(source, part.data, (), part, found)
        elif text_at(part.data, "kind").endswith("List") and isinstance(items, list):
            for index, item in enumerate(items):
                if dig(item, "data", _KIND):
                    result += _from_map(source, item, ("items", index), part, found)
        else:
            result.append(part)
    return result


def _from_map(source: Source, data: Any, path: KeyPath, part: Part, found: Findings) -> list[Part]:
    line = part.line_of((*path, "data", _KIND))
    text = dig(data, "data", _KIND)
    if not isinstance(text, str):
        found.tell("unread", source, f"a ConfigMap without {_KIND} in its data", line)
        return []
    return inner(text, source, found, line)


class _Reader:
    """Reads one ClusterConfiguration."""

    def __init__(self, source: Source, part: Part, found: Findings) -> None:
        self.source, self.part, self.found = source, part, found
        self.data = part.data

    def cluster(self) -> ClusterFound:
        """Return the cluster, with what could not be read told."""
        pods = self._subnets("pods", ("networking", "podSubnet"))
        services = self._subnets("services", ("networking", "serviceSubnet"))
        self._override("controllerManager", "cluster-cidr", "pods", pods)
        self._override("controllerManager", "service-cluster-ip-range", "services", services)
        self._override("apiServer", "service-cluster-ip-range", "services", services)
        if not pods:
            self._tell(
                "note", "pods: no podSubnet; nothing says which prefix pods take", "networking"
            )
        if not services:
            self._tell(
                "note", "services: no serviceSubnet; kubeadm then takes 10.96.0.0/12", "networking"
            )
        fields: dict[str, Value] = {"platform": "kubeadm", **self._masks(pods)}
        prefixes = [PrefixFound("pods", prefix) for prefix in pods]
        prefixes += [PrefixFound("services", prefix) for prefix in services]
        return ClusterFound(self._name(), self.source.file, fields, tuple(prefixes))

    def _tell(self, kind: Any, message: str, *path: str) -> None:
        self.found.tell(kind, self.source, message, self.part.line_of(path))

    def _name(self) -> str:
        own = text_at(self.data, "clusterName")
        if self.source.cluster:
            return self.source.cluster
        if own and own != _DEFAULT_NAME:
            return own
        of_file = cluster_of_file(self.source.file)
        why = f'clusterName is "{own}", as everywhere' if own else "no clusterName"
        if of_file:
            self._tell("note", f'{why}; named "{plain(of_file)}" after the file', "clusterName")
            return of_file
        message = f'{why}; written as "unnamed"; give the name as NAME=FILE'
        self._tell("change", message, "clusterName")
        return "unnamed"

    def _subnets(self, role: Role, path: tuple[str, ...]) -> list[Prefix]:
        text = text_at(self.data, *path)
        if not text:
            if dig(self.data, *path):
                self._tell("unread", f"{role}: {path[-1]} is no text", *path)
            return []
        return self._listed(text, f"{role}: {path[-1]}", path)

    def _listed(self, text: str, what: str, path: tuple[str, ...]) -> list[Prefix]:
        result = []
        for piece in filter(None, (piece.strip() for piece in text.split(","))):
            parsed = prefix_of(piece)
            if parsed is None:
                self._tell("unread", f'{what}: "{plain(piece)}" is no prefix', *path)
                continue
            if parsed[1]:
                self._tell("note", f"{what}: {parsed[1]}", *path)
            result.append(parsed[0])
        return result

    def _arguments(self, component: str) -> dict[str, str]:
        """Return the extra arguments of a component, by name, in either form."""
        given = dig(self.data, component, "extraArgs")
        if isinstance(given, dict):
            return {str(name): text_at(given, name) for name in given}
        if isinstance(given, list):
            return {text_at(item, "name"): text_at(item, "value") for item in given}
        return {}

    def _override(self, component: str, flag: str, role: Role, held: list[Prefix]) -> None:
        """Let a range among the extra arguments count, as it does for the component."""
        text = self._arguments(component).get(flag, "")
        path = (component, "extraArgs", flag)
        listed = self._listed(text, f"{component}, {flag}", path) if text else []
        if not listed or listed == held:
            return
        if held:
            shown = ", ".join(map(str, held))
            message = f"{role}: {flag} of the {component} counts, not {shown} of networking"
            self._tell("note", message, *path)
        held[:] = listed

    def _masks(self, pods: list[Prefix]) -> dict[str, Value]:
        arguments = self._arguments("controllerManager")
        masks: dict[str, Value] = {}
        only: Family = "ipv6" if {family_of(prefix) for prefix in pods} == {"ipv6"} else "ipv4"
        flags: dict[str, Family] = {
            "node-cidr-mask-size": only,
            "node-cidr-mask-size-ipv4": "ipv4",
            "node-cidr-mask-size-ipv6": "ipv6",
        }
        for flag, family in flags.items():
            text = arguments.get(flag, "")
            if flag not in arguments:
                continue
            lowest, highest = _MASKS[family]
            if re.fullmatch("[0-9]{1,3}", text) and lowest <= int(text) <= highest:
                masks[f"mask_{family}"] = int(text)
                continue
            message = f'{flag} "{plain(text)}" is no node mask ({lowest} to {highest})'
            self._tell("unread", message, "controllerManager", "extraArgs", flag)
        if arguments.get("allocate-node-cidrs") == "false":
            message = "allocate-node-cidrs is false: the CNI cuts the pods' prefix, not Kubernetes"
            self._tell("note", message, "controllerManager", "extraArgs")
        return masks
