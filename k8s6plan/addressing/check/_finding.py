"""What the rules share: the finding, and how they walk over what a cluster has pinned."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Literal

from k8s6plan import catalog
from k8s6plan.fleet.model import FAMILIES, ROLES, Cluster, Family, Prefix, Role, family_of

Severity = Literal["error", "warning", "note"]
_ORDER = ("error", "warning", "note")


@dataclass(frozen=True)
class Finding:
    """One rule broken. Errors and warnings count; a note says what could not be judged."""

    rule: str
    severity: Severity
    message: str
    source: str

    def __str__(self) -> str:
        return f"{self.severity}: {self.message} [{self.rule}]"

    @property
    def counts(self) -> bool:
        """Say whether it makes `check` end with exit code 1."""
        return self.severity != "note"


def finding(
    rule: str, message: str, severity: Severity | None = None, source: str | None = None
) -> Finding:
    """Return a finding; ``source`` stands for the rule's own where a figure has a better one."""
    row = catalog.rules()[rule]
    return Finding(rule, severity or row.severity, message, source or row.source)


def in_order(found: Iterable[Finding], rules: dict[str, bool]) -> list[Finding]:
    """Return the findings whose rule is not switched off, each once, gravest first."""
    kept = {one for one in found if rules.get(one.rule, True)}
    return sorted(kept, key=lambda f: (_ORDER.index(f.severity), f.rule, f.message))


def pinned(cluster: Cluster) -> Iterator[tuple[Role, Family, list[Prefix]]]:
    """Yield what the file pins for ``cluster``, by role and family."""
    for role in ROLES:
        for family in FAMILIES:
            prefixes = [p for p in cluster.pinned(role) if family_of(p) == family]
            if prefixes:
                yield role, family, prefixes


def listed(names: Iterable[str], show: int = 4) -> str:
    """Return names as words: "a and b", "a, b and c", "a, b, c, d and 3 more"."""
    every = list(names)
    if len(every) > show:
        return f"{', '.join(every[:show])} and {len(every) - show:,} more"
    return " and ".join([", ".join(every[:-1]), every[-1]] if len(every) > 1 else every)
