"""Findings of all sources -> the data of one fleet file, and what must be told of it.

1. Names become RFC 1123 labels; sources that mean one name speak of one cluster.
2. A register's row belongs to a cluster if the register calls it one, if another source knows the
   cluster, or if some row gives that name a prefix for pods. All other rows are exclusions.
3. Of two sources that contradict each other the first counts: nodes as they run, before kubeadm's
   configuration, before registers; among equals the order of the command line. Both are told.
4. Prefixes are never dropped for a contradiction, since both may be in use. One that lies inside
   another of the same cluster and role is part of it.
5. A role of which nothing is known is ``external`` in a cluster that runs: it has addresses, and a
   plan must not hand it new ones.
6. Places: see ``_places``. Exclusions: see ``_exclude``.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from k8s6plan import catalog
from k8s6plan.catalog import names
from k8s6plan.fleet.importers._exclude import Pin, exclusions
from k8s6plan.fleet.importers._found import (
    ClusterFound,
    Findings,
    Kind,
    PrefixFound,
    Remark,
    RowFound,
    Value,
    label,
    plain,
    word,
)
from k8s6plan.fleet.importers._places import settle_places
from k8s6plan.fleet.importers._ranges import Nest
from k8s6plan.fleet.model import ROLES, Family, Prefix, Role

_ORDER = ("name", "provider", "region", "site", "platform", "cni", "nodes", "pods_per_node")
_WORDS = ("provider", "region", "site", "platform", "cni")
_KINDS: dict[str, names.Kind] = {"provider": "provider", "platform": "platform", "cni": "cni"}


class Where(NamedTuple):
    """The place of a prefix in a source."""

    file: str
    line: int = 0

    def __str__(self) -> str:
        return f"{self.file}:{self.line}" if self.line else self.file


Held = tuple[PrefixFound, Where]


@dataclass
class Gathered:
    """All that the sources say of one cluster. ``said``: field -> [(value, source)], by rank."""

    name: str
    running: bool = False
    said: dict[str, list[tuple[Value, str]]] = field(default_factory=dict)
    prefixes: list[Held] = field(default_factory=list)
    written: dict[str, str] = field(default_factory=dict)  # each name as written -> its source


def merge(found: Sequence[Findings], fleet: str) -> tuple[dict[str, Any], list[Remark]]:
    """Return the data of a fleet file that holds ``found``, and the remarks of the merging."""
    merging = _Merging()
    for cluster in (cluster for findings in found for cluster in findings.clusters):
        merging.take_cluster(cluster)
    left = merging.take_rows([row for findings in found for row in findings.rows])
    clusters = [merging.settled(merging.clusters[name]) for name in sorted(merging.clusters)]
    settle_places(clusters, merging.places, merging.tell)
    pins = merging.pins()
    data: dict[str, Any] = {"version": 1, "fleet": fleet, "clusters": list(map(_row, clusters))}
    excluded = exclusions(left, pins, merging.remarks)
    if excluded:
        data["exclude"] = excluded
    return data, merging.remarks


def _row(cluster: dict[str, Any]) -> dict[str, Any]:
    """Return the fields of a cluster in the order in which a person reads them."""
    return dict(sorted(cluster.items(), key=lambda item: _place(item[0])))


def _place(key: str) -> int:
    late = (*_ORDER, "services", "node_masks", "addresses")
    return late.index(key)


class _Merging:
    def __init__(self) -> None:
        self.clusters: dict[str, Gathered] = {}
        self.remarks: list[Remark] = []
        self.places: dict[str, str] = {}  # cluster -> the source to name in remarks

    def tell(self, kind: Kind, file: str, message: str, line: int = 0) -> None:
        """Add a remark."""
        self.remarks.append(Remark(kind, file, line, message))

    # 1 ---------------------------------------------------------------------------------------

    def gathered(self, name: str, file: str, line: int = 0) -> Gathered:
        """Return the cluster that ``name`` means, told where the name had to be mended."""
        mended = label(name) or "unnamed"
        cluster = self.clusters.setdefault(mended, Gathered(mended))
        self.places.setdefault(mended, file)
        if name not in cluster.written:
            if name != mended:
                message = f'"{plain(name, 80)}" is no RFC 1123 label; written as "{mended}"'
                self.tell("note", file, f"cluster {message}", line)
            for other, where in cluster.written.items():
                if mended not in (other, name):
                    message = f'"{plain(name, 80)}" and "{plain(other, 80)}" ({plain(where, 60)})'
                    self.tell("note", file, f"{message} are taken for one cluster", line)
            cluster.written[name] = file
        return cluster

    def take_cluster(self, found: ClusterFound) -> None:
        """Take in what a source says of a running cluster."""
        cluster = self.gathered(found.name, found.file)
        cluster.running = True
        if "nodes" in found.fields and cluster.said.get("nodes"):
            other = plain(cluster.said["nodes"][0][1], 60)
            message = f"its nodes are listed in {other} too; two clusters need NAME=FILE each"
            self.tell("note", found.file, f"cluster {cluster.name}: {message}")
        self._take_fields(cluster, found.fields, found.file)
        cluster.prefixes += [(prefix, Where(found.file)) for prefix in found.prefixes]

    def _take_fields(self, cluster: Gathered, fields: Any, file: str, line: int = 0) -> None:
        for key in sorted(fields):
            value = fields[key]
            if key in _WORDS:
                value = _known(key, str(value))
                mended = word(str(value))
                if mended != value and (mended, file) not in cluster.said.get(key, ()):
                    shown = f'"{mended}"' if mended else "nothing"
                    message = f'{key} "{plain(str(value), 80)}" is written as {shown}'
                    self.tell("note", file, f"cluster {cluster.name}: {message}", line)
                value = mended
            said = cluster.said.setdefault(key, [])
            if value is not None and (value, file) not in said:
                said.append((value, file))

    # 2 ---------------------------------------------------------------------------------------

    def take_rows(self, rows: Sequence[RowFound]) -> list[RowFound]:
        """Take in the rows of known clusters, and return the others."""
        known = set(self.clusters)
        for row in rows:
            certain = row.sure and (row.role is not None or row.prefix is None)
            if row.cluster and (certain or row.role == "pods"):
                known.add(label(row.cluster) or "")
        left = []
        for row in rows:
            named = label(row.cluster) if row.cluster else None
            if row.cluster and named in known and (row.role or row.prefix is None):
                cluster = self.gathered(row.cluster, row.file, row.line)
                self._take_fields(cluster, row.fields, row.file, row.line)
                if row.prefix is not None and row.role is not None:
                    place = Where(row.file, row.line)
                    cluster.prefixes.append((PrefixFound(row.role, row.prefix), place))
                continue
            if row.prefix is None:
                continue
            left.append(row)
            why = _half_known(row, named in known)
            if why:
                self.tell("note", row.file, f"{row.prefix}: {why}; excluded", row.line)
        return left

    # 3 ---------------------------------------------------------------------------------------

    def settled(self, cluster: Gathered) -> dict[str, Any]:
        """Return the fields of ``cluster`` as the fleet file holds them, but for its place."""
        fields: dict[str, Any] = {"name": cluster.name}
        masks: dict[Family, Value] = {}
        for key in sorted(cluster.said):
            said = cluster.said[key]
            if not said:
                continue
            value, first = said[0]
            others = [f"{there} says {other}" for other, there in said if other != value]
            if others:
                message = f"{first} says {value}, {', '.join(others[:4])}; written as {value}"
                name = key.replace("mask_", "node mask ")
                self._tell_of(cluster, "note", f"contradiction in {name}: {plain(message, 300)}")
            if key.startswith("mask_"):
                masks["ipv4" if key.endswith("4") else "ipv6"] = value
            else:
                fields[key] = value
        masks = {f: mask for f, mask in masks.items() if self._takes(cluster, fields, f, mask)}
        if masks:
            fields["node_masks"] = masks
        addresses = dict(self._addresses(cluster))
        if addresses:
            fields["addresses"] = addresses
        return fields

    def _takes(
        self, cluster: Gathered, fields: dict[str, Any], family: Family, mask: Value
    ) -> bool:
        """Say whether nodes take blocks of the mask that Kubernetes gives them."""
        cni, provider = fields.get("cni"), fields.get("provider", "")
        if not catalog.node_blocks(fields.get("platform"), cni, provider, family).many:
            return True
        # Calico takes smaller blocks out of its own pools, whatever the node's prefix says.
        message = f"node mask /{mask} ({family}) is left out: {cni} hands out blocks of its own; "
        self._tell_of(cluster, "note", message + "`kubectl get ippools` says of which size")
        return False

    def _tell_of(self, cluster: Gathered, kind: Kind, message: str) -> None:
        self.tell(kind, self.places[cluster.name], f"cluster {cluster.name}: {message}")

    # 4 and 5 ---------------------------------------------------------------------------------

    def _addresses(self, cluster: Gathered) -> Iterator[tuple[str, Any]]:
        missing = []
        for role in ROLES:
            held = [(p, where) for p, where in cluster.prefixes if p.role == role]
            kept = self._kept(cluster, role, held)
            if kept:
                yield role, [str(prefix) for prefix in kept]
            elif cluster.running:
                missing.append(role)
                yield role, "external"
        if missing:
            shown = " and ".join(missing)
            message = f"no prefix for {shown} was found; written as external (not ours to plan)"
            self._tell_of(cluster, "note", f"{message}, to be replaced by what is in use")

    def _kept(self, cluster: Gathered, role: Role, held: list[Held]) -> list[Prefix]:
        """Return the prefixes that hold all of ``held``; contradictions are told."""
        kept: dict[Prefix, Held] = {}
        nest = Nest()
        for found, where in sorted(held, key=lambda item: _size(item[0])):
            wider = nest.around(found.prefix)
            if wider is None:
                nest.add(found.prefix)
                kept[found.prefix] = found, where
            elif not found.estimated and wider != found.prefix:
                message = f"{found.prefix} ({where}) lies inside {wider} ({kept[wider][1]})"
                self._tell_of(cluster, "note", f"{role}: {plain(message, 300)}; the wider is kept")
        for version in (4, 6):
            mine = [held for prefix, held in kept.items() if prefix.version == version]
            if len({where.file for _, where in mine}) > 1:
                shown = ", ".join(f"{where} says {f.prefix}" for f, where in mine[:6])
                message = f"contradiction in {role}: {plain(shown, 300)}; all are kept"
                self._tell_of(cluster, "note", message)
        return sorted(kept, key=lambda prefix: (prefix.version, prefix))

    def pins(self) -> list[Pin]:
        """Return all that clusters hold."""
        return [
            (found.prefix, name, found.role)
            for name in sorted(self.clusters)
            for found, _ in self.clusters[name].prefixes
        ]


def _known(key: str, text: str) -> str:
    """Return a name as the data has it; of a region that is settled with its provider."""
    return names.name_of(_KINDS[key], text) or text if key in _KINDS else text


def _half_known(row: RowFound, known: bool) -> str:
    """Return what a row lacks that looks as if it were a cluster's, "" for any other row."""
    if row.cluster and (row.sure or known) and row.role is None:
        return f'of cluster "{plain(row.cluster, 60)}", but neither pods, nodes nor services'
    if row.role == "pods" and not row.cluster:
        return "for pods, but of which cluster is not plain"
    return ""


def _size(found: PrefixFound) -> tuple[int, int, int, bool]:
    prefix = found.prefix
    return prefix.version, prefix.prefixlen, int(prefix.network_address), found.estimated
