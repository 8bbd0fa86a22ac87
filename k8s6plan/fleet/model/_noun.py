"""What all parts of the fleet file share."""

from __future__ import annotations

from pydantic import BaseModel, ConfigDict


class Noun(BaseModel):
    """What all parts of the fleet file share: an unknown field is a fault, nothing changes."""

    model_config = ConfigDict(extra="forbid", frozen=True, populate_by_name=True)
