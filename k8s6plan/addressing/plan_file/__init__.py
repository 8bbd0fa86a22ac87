"""The plan: who holds which prefix, and the YAML file that keeps it.

The file is the lock of the addressing plan: what stands in it stays as it is. ``docs/reference/
plan-file.md`` describes every key.

- ``Plan`` and its parts (``Allocation``, ``SiteBlock``, ``Tunnel``, ``SiteSummary``) are records.
- ``to_yaml`` writes one, ``from_yaml`` reads one back, or tells all faults of the file.
- ``Stamp`` tells one plan of a line of plans from the next; what is read is verified by it.
- ``verify`` holds a text that is to be written against its own sums.
- ``looks_like_plan`` tells a plan from a fleet file, ``is_layout`` a place from an address.
"""

from k8s6plan.addressing.plan_file._read import from_yaml, looks_like_plan, verify
from k8s6plan.addressing.plan_file._records import (
    Allocation,
    BlockSource,
    Held,
    Plan,
    SiteBlock,
    SiteSummary,
    Source,
    Tunnel,
    assigned_to,
    is_layout,
)
from k8s6plan.addressing.plan_file._state import Stamp
from k8s6plan.addressing.plan_file._write import to_yaml

__all__ = [
    "Allocation",
    "BlockSource",
    "Held",
    "Plan",
    "SiteBlock",
    "SiteSummary",
    "Source",
    "Stamp",
    "Tunnel",
    "assigned_to",
    "from_yaml",
    "is_layout",
    "looks_like_plan",
    "to_yaml",
    "verify",
]
