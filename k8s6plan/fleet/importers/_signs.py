"""By which marks on a node its provider, region, platform and CNI are known."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from k8s6plan.fleet.importers._found import dig, text_at
from k8s6plan.fleet.model import ON_PREM

# What stands before `://` in spec.providerID. Schemes that are not here name the provider.
_SCHEMES = {
    "aws": "aws",
    "gce": "gcp",
    "azure": "azure",
    "digitalocean": "digitalocean",
    "hcloud": "hetzner",
    "hrobot": "hetzner",
    "oci": "oci",
    **dict.fromkeys(
        ("k3s", "rke2", "kind", "vsphere", "metal3", "baremetalhost", "proxmox", "nutanix"), ON_PREM
    ),
    **dict.fromkeys(("harvester", "kubevirt", "talos", "tinkerbell", "minikube"), ON_PREM),
}
# Labels that only one provider puts on nodes, for nodes without a providerID.
_PROVIDER_LABELS = {
    "eks.amazonaws.com/": "aws",
    "topology.k8s.aws/": "aws",
    "cloud.google.com/gke-": "gcp",
    "kubernetes.azure.com/cluster": "azure",
    "kubernetes.azure.com/agentpool": "azure",
}
_REGION_LABELS = ("topology.kubernetes.io/region", "failure-domain.beta.kubernetes.io/region")
_ZONE_LABELS = ("topology.kubernetes.io/zone", "failure-domain.beta.kubernetes.io/zone")
_AWS_ZONE = re.compile(r"aws://[^/]*/([a-z]{2}(?:-[a-z]+)+-\d+)")
_GCE_ZONE = re.compile(r"gce://[^/]*/([a-z]+-[a-z]+\d+)-[a-z]/")

# In this order: a managed platform may be built with the tools below it.
_PLATFORM_LABELS = (
    ("eks.amazonaws.com/", "eks"),
    ("cloud.google.com/gke-", "gke"),
    ("kubernetes.azure.com/cluster", "aks"),
    ("kubernetes.azure.com/agentpool", "aks"),
    ("node.openshift.io/", "openshift"),
    ("kops.k8s.io/", "kops"),
)
_PLATFORM_VERSIONS = (
    ("-eks-", "eks"),
    ("-gke.", "gke"),
    ("+k3s", "k3s"),
    ("+rke2", "rke2"),
)
_PLATFORM_ANNOTATIONS = (
    ("k3s.io/", "k3s"),
    ("rke2.io/", "rke2"),
    ("kubeadm.alpha.kubernetes.io/", "kubeadm"),
)
# Flannel before Calico: where both are, it is Canal, and Flannel hands out the addresses.
_CNI_MARKS = (
    ("flannel.alpha.coreos.com/", "flannel"),
    ("io.cilium.", "cilium"),
    ("io.cilium/", "cilium"),
    ("network.cilium.io/", "cilium"),
    ("projectcalico.org/", "calico"),
    ("k8s.ovn.org/", "ovn-kubernetes"),
    ("node.antrea.io/", "antrea"),
    ("kube-router.io/", "kube-router"),
)
CANAL = frozenset({"flannel", "calico"})


def labels(node: Any) -> Mapping[str, Any]:
    """Return the labels of ``node``."""
    found = dig(node, "metadata", "labels")
    return found if isinstance(found, dict) else {}


def notes(node: Any) -> Mapping[str, Any]:
    """Return the annotations of ``node``."""
    found = dig(node, "metadata", "annotations")
    return found if isinstance(found, dict) else {}


def provider(node: Any) -> str:
    """Return the provider of ``node``: by its providerID, else its labels, else on-prem.

    A cloud's controller gives every node a providerID; a node without one runs on nobody's cloud,
    or on a cloud that does not know of it.
    """
    identity = text_at(node, "spec", "providerID")
    if identity.startswith("ocid1."):  # the one cloud that writes no scheme
        return "oci"
    scheme = identity.partition("://")[0] if "://" in identity else ""
    if scheme:
        return _SCHEMES.get(scheme, scheme)
    for start, name in _PROVIDER_LABELS.items():
        if _has(labels(node), start):
            return name
    return ON_PREM


def region(node: Any) -> str:
    """Return the region of ``node``, "" where none shows."""
    for key in _REGION_LABELS:
        if text_at(labels(node), key):
            return text_at(labels(node), key)
    identity = text_at(node, "spec", "providerID")
    match = _AWS_ZONE.match(identity) or _GCE_ZONE.match(identity)
    return match[1] if match else ""


def zone(node: Any) -> str:
    """Return the zone of ``node``, "" where none shows."""
    return next((z for z in (text_at(labels(node), key) for key in _ZONE_LABELS) if z), "")


def platform(node: Any) -> str:
    """Return the platform of ``node``, "" where none shows."""
    for start, name in _PLATFORM_LABELS:
        if _has(labels(node), start):
            return name
    version = text_at(node, "status", "nodeInfo", "kubeletVersion")
    for part, name in _PLATFORM_VERSIONS:
        if part in version:
            return name
    for start, name in _PLATFORM_ANNOTATIONS:
        if _has(notes(node), start):
            return name
    return ""


def cnis(node: Any) -> list[str]:
    """Return the CNIs that have left a mark on ``node``, the one that counts first."""
    marks = {**labels(node), **notes(node)}
    return list(dict.fromkeys(name for start, name in _CNI_MARKS if _has(marks, start)))


def _has(marks: Mapping[str, Any], start: str) -> bool:
    return any(str(key).startswith(start) for key in marks)
