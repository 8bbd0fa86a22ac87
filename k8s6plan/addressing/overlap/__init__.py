"""Out of overlaps: which clusters to renumber at the least cost, and how to translate the rest.

What overlaps, and whether it matters, is a fact of the fleet (``k8s6plan.fleet.overlaps``); here
is what to do about it.

- ``escape_of_fleet``, ``escape_of_plan``: whom to renumber, whom to translate (``escape``).
- ``held_by``: what a plan holds, as holdings among which overlaps are looked for.
- ``way_out`` makes a graph of the conflicts, ``cover`` finds its cheapest cover by HiGHS,
  ``translate`` gives each prefix that stays another one by NAT, or an IPv6 one.
"""

from k8s6plan.addressing.overlap.escape import Escape, escape_of_fleet, escape_of_plan, held_by
from k8s6plan.addressing.overlap.translate import SCHEME

__all__ = ["SCHEME", "Escape", "escape_of_fleet", "escape_of_plan", "held_by"]
