"""The largest packet inside encapsulations, and along the paths of a topology."""

from __future__ import annotations

from k8s6plan.evaluation.mtu._links import LinkClass, links_of
from k8s6plan.evaluation.mtu._report import LinkMtu, PathMtu, mtu_of
from k8s6plan.evaluation.mtu._stack import Inside, Layer, inner_mtu, inside, mss, stack, wire_bytes

__all__ = [
    "Inside",
    "Layer",
    "LinkClass",
    "LinkMtu",
    "PathMtu",
    "inner_mtu",
    "inside",
    "links_of",
    "mss",
    "mtu_of",
    "stack",
    "wire_bytes",
]
