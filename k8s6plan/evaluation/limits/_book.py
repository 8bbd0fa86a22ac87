"""The limits in force: the rows that ship, and the quotas that the user has raised."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from typing import TYPE_CHECKING

from k8s6plan.catalog.limits import Limit, rows
from k8s6plan.catalog.prices import own_key, plain

if TYPE_CHECKING:
    from k8s6plan.fleet.model import LimitOverride


class LimitBook:
    """All limits in force for one run."""

    def __init__(self, overrides: Mapping[str, LimitOverride] | None = None) -> None:
        """Lay the user's quotas over what ships."""
        self._own = {own_key(name): row for name, row in (overrides or {}).items()}
        self._held: dict[str, dict[str, list[Limit]]] = {}

    def of(self, owner: str) -> dict[str, list[Limit]]:
        """Return the limits of a provider or a software, by what they bound."""
        if owner not in self._held:
            held: dict[str, list[Limit]] = {}
            for limit in rows(owner, measured=True):
                held.setdefault(limit.measure, []).append(self._overridden(limit))
            self._held[owner] = held
        return self._held[owner]

    def _overridden(self, limit: Limit) -> Limit:
        row = self._own.get(plain(limit.name))
        if row is None:
            return limit
        where = "the fleet file"
        return limit._replace(
            default=limit.default if row.default is None else Decimal(row.default),
            most=limit.most if row.max is None else Decimal(row.max),
            source=row.source or where,
            confidence="yours",
            yours=where,
        )
