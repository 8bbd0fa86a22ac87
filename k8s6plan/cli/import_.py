"""``k8s6plan import``: a fleet file from what people have."""

from __future__ import annotations

import sys
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, BinaryIO

import typer

from k8s6plan.cli._common import end_in, progress, put, say
from k8s6plan.cli._options import Force

if TYPE_CHECKING:
    from k8s6plan.fleet.importers import Remark, Source

HELP = """Make a fleet file out of what you have.

Reads the output of kubectl, kubeadm, documents of clusters (Cluster API, eksctl, kOps, OpenShift,
Talos, k3s, RKE2, GKE, EKS, AKS and others), CSV, NetBox exports and Markdown tables.

Example: k8s6plan import prod-use1.json prod-euw1.json prefixes.csv -o fleet.yaml
"""

_BYTE_ORDER_MARKS = (b"\xff\xfe", b"\xfe\xff")


class Format(StrEnum):
    """The kinds of files that can be read."""

    auto = "auto"
    kubectl = "kubectl"
    kubeadm = "kubeadm"
    document = "document"
    csv = "csv"
    netbox = "netbox"
    markdown = "markdown"


def import_(
    files: Annotated[
        list[str],
        typer.Argument(
            metavar="[NAME=]FILE...",
            help="What you have; - is stdin. NAME is the cluster's, else the file names it.",
        ),
    ],
    fleet: Annotated[
        str, typer.Option("--fleet", metavar="NAME", help="The fleet's name.")
    ] = "imported",
    source_format: Annotated[
        Format, typer.Option("--format", "-f", help="The kind of all files.")
    ] = Format.auto,
    output: Annotated[
        Path | None, typer.Option("--output", "-o", help="Write here instead of to stdout.")
    ] = None,
    force: Force = False,
) -> None:
    """See HELP."""
    from k8s6plan.errors import FileRefused
    from k8s6plan.fleet.importers import import_fleet
    from k8s6plan.io.marks import mark
    from k8s6plan.io.words import number

    end_in(output, "yaml", "yml")
    if output is not None and output.is_file() and not force:
        raise FileRefused(f"{output}: exists; choose another name, or overwrite it with --force")
    with progress("reading"):
        sources, unread = _read_all(files)
        imported = import_fleet(
            sources,
            mark=mark("import"),
            fleet=fleet,
            source_format=None if source_format is Format.auto else source_format.value,
            unread=unread,
        )
    for remark in imported.remarks:
        say(f"change: {remark}" if remark.kind == "change" else str(remark))
    put(imported.text, output, "import", force=force)
    counted = [number(imported.clusters, "cluster"), number(imported.exclusions, "exclusion")]
    next_step = f"; next: k8s6plan check {output}" if output else ""
    say(f"{', '.join(counted)}, {len(imported.remarks)} remarks{next_step}")


def _read_all(files: list[str]) -> tuple[list[Source], list[Remark]]:
    from k8s6plan.fleet.importers import STDIN, Remark, Source

    sources, unread = [], []
    names = [_named(given) for given in files]
    if sum(path == "-" for _, path in names) > 1:
        raise typer.BadParameter("stdin (-) can be read once only", param_hint="FILE")
    for cluster, path in names:
        shown = STDIN if path == "-" else path
        text = _text(_raw(path))
        if isinstance(text, str):
            sources.append(Source(shown, text, cluster))
        else:
            unread.append(Remark("unread", shown, text.line, text.message))
    return sources, unread


def _named(given: str) -> tuple[str | None, str]:
    """Return (cluster or None, path) of ``NAME=FILE``; a path that is there is one whole."""
    name, equals, path = given.partition("=")
    if not equals or not name or not path or Path(given).exists():
        return None, given
    return name, path


def _raw(path: str) -> bytes:
    """Return the bytes of a file or of stdin, at most one more than we take."""
    from k8s6plan.errors import FileRefused

    try:
        if path == "-":
            return _bounded(sys.stdin.buffer)
        with Path(path).open("rb") as stream:
            return _bounded(stream)
    except FileNotFoundError:
        raise FileRefused(f"{path}: no such file") from None
    except IsADirectoryError:
        raise FileRefused(f"{path}: is a directory; name the files in it") from None
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or "no proper name of a file"
        raise FileRefused(f"{path}: cannot be read: {reason}") from None


def _bounded(stream: BinaryIO) -> bytes:
    from k8s6plan.io.documents import MAX_BYTES

    return stream.read(MAX_BYTES + 1)


class _Unreadable:
    def __init__(self, line: int, message: str) -> None:
        self.line, self.message = line, message


def _text(raw: bytes) -> str | _Unreadable:
    from k8s6plan.io.documents import MAX_BYTES

    if len(raw) > MAX_BYTES:
        return _Unreadable(
            0,
            f"larger than {MAX_BYTES // 2**20} MiB; of nodes leave out the images: "
            "kubectl get nodes -o json | jq 'del(.items[].status.images)'",
        )
    # PowerShell writes UTF-16 where its user says `> file`.
    encoding = "utf-16" if raw.startswith(_BYTE_ORDER_MARKS) else "utf-8-sig"
    try:
        return raw.decode(encoding)
    except UnicodeDecodeError as error:
        line = raw.count(b"\n", 0, error.start) + 1
        return _Unreadable(line, f"not UTF-8 text (byte {error.start}); save it as UTF-8")
