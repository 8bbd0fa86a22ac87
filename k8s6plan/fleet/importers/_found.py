"""What importers hand over, and the words of others mended so that a fleet file may hold them.

An importer is a pure function from one source to ``Findings``. It decides nothing between
sources: which of two says the truth, and what a cluster still lacks, is for ``_merge``.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass, field
from ipaddress import ip_address, ip_network, summarize_address_range
from pathlib import PurePath
from typing import Any, Literal

from k8s6plan.errors import Fault
from k8s6plan.fleet.model import Prefix, Role

Kind = Literal["change", "unread", "note", "refused"]
Value = str | int

STDIN = "stdin"
MOST_SHOWN = 120  # characters of somebody else's text in one line of ours

# Files are often named after what they hold rather than after the cluster.
_STEM_ENDINGS = re.compile(
    r"[-._](nodes?|kubeadm(-config)?|clusterconfiguration|prefixes)$", re.IGNORECASE
)
_NO_NAME = re.compile(
    r"(nodes?|kubeadm(-config)?|clusterconfiguration|cluster|config|stdin)?", re.IGNORECASE
)
_LENGTHS = {"nodes": 10_000_000, "pods_per_node": 10_000_000, "services": 10_000_000}


@dataclass(frozen=True)
class Source:
    """One file: its name in messages, its text, and the cluster's name if the user gave one."""

    file: str
    text: str
    cluster: str | None = None


@dataclass(frozen=True)
class Remark:
    """What the user must know of one place in one source.

    ``change``: a value that must be changed by hand; ``unread``: something that is not in the
    fleet file; ``note``: something that was mended, assumed or decided; ``refused``: something
    without which no fleet file is made.
    """

    kind: Kind
    file: str
    line: int
    message: str

    def __str__(self) -> str:
        return str(Fault(plain(self.file, 300), self.line, self.message))


@dataclass(frozen=True)
class PrefixFound:
    """A prefix of a cluster. ``estimated``: what was seen of it; it may well be larger."""

    role: Role
    prefix: Prefix
    estimated: bool = False


@dataclass(frozen=True)
class ClusterFound:
    """What one source says of one cluster that exists. ``name`` is as the source writes it.

    ``own``: the name that a document gives it itself, whatever it is to be called.
    """

    name: str
    file: str
    fields: Mapping[str, Value] = field(default_factory=dict)
    prefixes: tuple[PrefixFound, ...] = ()
    own: str = ""


@dataclass(frozen=True)
class RowFound:
    """One prefix of a register, or without a prefix what it says of a cluster.

    ``cluster``: the name that the row may mean; ``sure``: the register calls it a cluster itself.
    """

    file: str
    line: int
    prefix: Prefix | None
    name: str
    cluster: str | None = None
    role: Role | None = None
    sure: bool = False
    fields: Mapping[str, Value] = field(default_factory=dict)


@dataclass
class Findings:
    """What one source holds."""

    clusters: list[ClusterFound] = field(default_factory=list)
    rows: list[RowFound] = field(default_factory=list)
    remarks: list[Remark] = field(default_factory=list)

    def tell(self, kind: Kind, source: Source, message: str, line: int = 0) -> None:
        """Add a remark about ``source``."""
        self.remarks.append(Remark(kind, source.file, line, message))


def dig(data: Any, *path: str) -> Any:
    """Return what lies at ``path`` in nested mappings, or None."""
    for step in path:
        if not isinstance(data, dict):
            return None
        data = data.get(step)
    return data


def text_at(data: Any, *path: str) -> str:
    """Return the text or number at ``path`` as text; "" where there is none."""
    value = dig(data, *path)
    if isinstance(value, str):
        return value.strip()
    return str(value) if isinstance(value, int) and not isinstance(value, bool) else ""


def lines_of(text: str) -> list[str]:
    """Return the lines of ``text`` as editors count them: a line separator in a cell ends none."""
    return re.split(r"\r\n|\n|\r", text)


def plain(text: str, most: int = MOST_SHOWN) -> str:
    """Return ``text`` on one line, free of what does not print, and not too long."""
    shown = " ".join("".join(c if c.isprintable() else " " for c in text).split())
    return shown if len(shown) <= most else shown[: most - 3] + "..."


def label(text: str) -> str | None:
    """Return ``text`` as an RFC 1123 label; None where nothing is left of it."""
    ascii_only = unicodedata.normalize("NFKD", text).encode("ascii", "ignore").decode()
    mended = re.sub(r"[^a-z0-9]+", "-", ascii_only.lower()).strip("-")[:63].strip("-")
    # `all` means every cluster in a fleet file.
    return "cluster-all" if mended == "all" else mended or None


def word(text: str) -> str | None:
    """Return ``text`` as a plain name (of a site, a region); None where nothing is left of it."""
    ascii_only = unicodedata.normalize("NFKD", text).encode("ascii", "ignore").decode()
    mended = re.sub(r"[^A-Za-z0-9._/-]+", "-", ascii_only).strip("._/-")[:100].strip("._/-")
    return mended or None


def count(text: str, what: str) -> int | None:
    """Return ``text`` as the number of ``what`` if a fleet file takes it."""
    if not re.fullmatch(r"[0-9]{1,8}", text, re.ASCII):
        return None
    number = int(text)
    return number if 1 <= number <= _LENGTHS[what] else None


def prefix_of(text: str) -> tuple[Prefix, str] | None:
    """Return the prefix that ``text`` means, and the mending of it ("" if it needed none).

    None where it is no prefix at all.
    """
    given = text.strip()
    if "%" in given or not given:  # a zone ("fe80::1%eth0") has no meaning elsewhere
        return None
    try:
        network = ip_network(given, strict=False)
    except ValueError:
        return None
    try:
        ip_network(given)
    except ValueError:
        return network, f'"{plain(given)}" has host bits set; written as "{network}"'
    return network, ""


def not_a_network(text: str, network: Prefix) -> str:
    """Return what to say of ``text``, a prefix that begins inside ``network``: two may be meant."""
    return f'"{plain(text)}" has host bits set; write the network that it means, such as {network}'


def prefixes_of_range(text: str) -> list[Prefix] | None:
    """Return the prefixes that make up a range ("10.0.0.0-10.0.0.255"); None where it is none."""
    first, dash, last = text.partition("-")
    if not dash or "%" in text:
        return None
    try:
        return list(summarize_address_range(ip_address(first), ip_address(last)))
    except (TypeError, ValueError):  # of two families, the wrong way round, no addresses
        return None


def cluster_of_file(file: str) -> str | None:
    """Return the cluster that a file's name stands for, or None where it stands for none.

    ``prod-use1.json`` and ``prod-use1-nodes.json`` mean prod-use1; ``prod-use1/nodes.json`` does
    too, since nodes is no cluster's name.
    """
    path = PurePath(file)
    stem = _STEM_ENDINGS.sub("", path.name.split(".json")[0].removesuffix(path.suffix))
    if not _NO_NAME.fullmatch(stem):
        return stem
    parent = path.parent.name
    return None if _NO_NAME.fullmatch(parent) or parent in (".", "..") else parent
