"""The largest packet inside encapsulations, and along the paths of a design."""

from __future__ import annotations

from k8s6plan.evaluation.mtu._links import SHORT_ROADS, Link, Links, links_of
from k8s6plan.evaluation.mtu._report import LinkMtu, PathMtu, Told, measure, mtu_of, mtus
from k8s6plan.evaluation.mtu._stack import Inside, Layer, inner_mtu, inside, mss, stack, wire_bytes

__all__ = [
    "SHORT_ROADS",
    "Inside",
    "Layer",
    "Link",
    "LinkMtu",
    "Links",
    "PathMtu",
    "Told",
    "inner_mtu",
    "inside",
    "links_of",
    "measure",
    "mss",
    "mtu_of",
    "mtus",
    "stack",
    "wire_bytes",
]
