"""What people have -> a fleet file. A new source is a file here and a line in ``IMPORTERS``.

Pure functions: texts in, one text and remarks out. Nothing is read from disk, and nothing printed.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from k8s6plan.errors import K8s6planError, UnknownName, did_you_mean
from k8s6plan.fleet.importers import (
    cluster_document,
    kubeadm,
    kubectl_nodes,
    markdown_table,
    prefix_table,
)
from k8s6plan.fleet.importers._account import account
from k8s6plan.fleet.importers._found import STDIN, Findings, Kind, Remark, Source, plain, word
from k8s6plan.fleet.importers._merge import merge
from k8s6plan.fleet.importers._write import fleet_text

DEFAULT_FLEET_NAME = "imported"


@dataclass(frozen=True)
class Importer:
    """One kind of source: how to know it, and how to read it."""

    title: str
    recognises: Callable[[str], bool]
    read: Callable[[Source], Findings]


# In the order in which they are asked, and in which they are believed.
IMPORTERS: dict[str, Importer] = {
    "kubectl": Importer(kubectl_nodes.TITLE, kubectl_nodes.recognises, kubectl_nodes.read),
    "kubeadm": Importer(kubeadm.TITLE, kubeadm.recognises, kubeadm.read),
    "document": Importer(
        cluster_document.TITLE, cluster_document.recognises, cluster_document.read
    ),
    "netbox": Importer(
        prefix_table.TITLE_NETBOX, prefix_table.recognises_netbox, prefix_table.read
    ),
    "markdown": Importer(markdown_table.TITLE, markdown_table.recognises, markdown_table.read),
    "csv": Importer(prefix_table.TITLE, prefix_table.recognises, prefix_table.read),
}
_BELIEF = {name: rank for rank, name in enumerate(("kubectl", "kubeadm", "document"))}


@dataclass(frozen=True)
class Imported:
    """The fleet file, and what was told on the way."""

    text: str
    remarks: tuple[Remark, ...]
    clusters: int
    exclusions: int


def detect(text: str) -> str | None:
    """Return the name of the importer that reads ``text``, or None where none does."""
    return next((name for name, it in IMPORTERS.items() if it.recognises(text)), None)


def import_fleet(
    sources: Sequence[Source],
    *,
    mark: str,
    fleet: str = DEFAULT_FLEET_NAME,
    source_format: str | None = None,
    unread: Sequence[Remark] = (),
) -> Imported:
    """Return one fleet file made of ``sources``.

    ``source_format`` is the importer for all of them; each is looked at where it is None.
    ``unread`` are remarks on files that could not even be opened as text.

    Raises:
        K8s6planError: a source is of no kind that we know, or a prefix in it has host bits set;
            nothing at all could be read (its lines say why), the importer is unknown,
            ``fleet`` is no plain name, or the file would be too large.

    """
    if word(fleet) != fleet:
        raise K8s6planError(f'--fleet "{plain(fleet)}" is no plain name; write "{word(fleet)}"')
    if source_format is not None and source_format not in IMPORTERS:
        known = list(IMPORTERS)
        raise UnknownName(
            f'no format is named "{source_format}"' + did_you_mean(source_format, known)
        )
    found: list[tuple[int, Findings]] = []
    made_from = []
    for source in sources:
        kind = source_format or detect(source.text)
        if kind is None:
            findings = Findings()
            findings.tell("refused", source, _unknown(source.text))
        else:
            findings = IMPORTERS[kind].read(source)
            named = f", as {plain(source.cluster)}" if source.cluster else ""
            if findings.clusters or findings.rows:
                made_from.append(f"{plain(source.file)} ({IMPORTERS[kind].title}{named})")
            if kind != "kubectl":  # what nodes show of pods is gathered there, and judged
                account(source, findings)
        found.append((_BELIEF.get(kind or "", len(_BELIEF)), findings))
    told = [*unread, *(remark for _, findings in found for remark in findings.remarks)]
    refused = [str(remark) for remark in told if remark.kind == "refused"]
    if refused:
        raise K8s6planError(*refused, "not all could be read; no fleet file was made")
    data, remarks = merge([f for _, f in sorted(found, key=lambda pair: pair[0])], fleet)
    told = list(dict.fromkeys([*told, *remarks]))
    if not data["clusters"] and not data.get("exclude"):
        lines = [str(remark) for remark in told]
        raise K8s6planError(*lines, "nothing could be read; no fleet file was made")
    text = fleet_text(data, told, made_from, mark)
    return Imported(text, tuple(told), len(data["clusters"]), len(data.get("exclude", ())))


def _unknown(text: str) -> str:
    if not text.strip():
        return "is empty"
    if "\t" not in text and text.lstrip()[:4] == "NAME":
        return "is kubectl's table for people; ask for JSON: kubectl get nodes -o json"
    known = ", ".join(importer.title for importer in IMPORTERS.values())
    return f"is of no kind that we know ({known}); name it with --format"


__all__ = ["IMPORTERS", "STDIN", "Imported", "Kind", "Remark", "Source", "detect", "import_fleet"]
