"""No prefix of a source is lost: one that no reader took, and that no remark names, is excluded."""

from __future__ import annotations

import re

from k8s6plan.fleet.importers._documents import is_json
from k8s6plan.fleet.importers._found import Findings, RowFound, Source, plain, prefix_of
from k8s6plan.fleet.importers._ranges import Nest

_PREFIX = re.compile(
    r"(?:(?<![0-9.])[0-9]{1,3}(?:\.[0-9]{1,3}){3}"
    r"|(?<![0-9A-Za-z:.])(?=[0-9a-fA-F]{0,4}:)[0-9a-fA-F:]{2,45})/[0-9]{1,3}(?![0-9]|\.[0-9])"
)
_ESCAPED = re.compile(r"\\[nrtbf]")  # of JSON


def account(source: Source, found: Findings) -> None:
    """Add to ``found`` an exclusion for each prefix in ``source`` that is not accounted for.

    Only of sources that gave something: what is refused is named as a whole.
    """
    if not (found.clusters or found.rows):
        return
    taken = Nest(item.prefix for cluster in found.clusters for item in cluster.prefixes)
    for row in found.rows:
        if row.prefix is not None:
            taken.add(row.prefix)
    told = {text for remark in found.remarks for text in _PREFIX.findall(remark.message)}
    text = source.text
    if is_json(text):
        text = _ESCAPED.sub(" ", text.replace("\\/", "/"))
    for match in _PREFIX.finditer(text):
        parsed = prefix_of(match[0])
        if parsed is None or not parsed[0].prefixlen or match[0] in told:
            continue
        prefix = parsed[0]
        if taken.around(prefix) is not None:
            continue
        taken.add(prefix)
        line = text.count("\n", 0, match.start()) + 1
        what = f"{match[0]}, an address in {prefix}" if parsed[1] else str(prefix)
        message = f"{what}: its role was not understood; taken for in use by others"
        found.tell("note", source, message, line)
        name = plain(f"{source.file}, line {line}")
        found.rows.append(RowFound(source.file, line, prefix, name))
