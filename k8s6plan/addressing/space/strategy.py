"""The order in which equal parts of a block are handed out (RFC 3531).

Parts are numbered from 0. ``rightmost`` counts up, so parts lie side by side (dense).
``leftmost`` counts with its bits mirrored, so each new part stands in the middle of the widest
gap and all can be widened in place for as long as possible. ``centermost`` begins with the bits
in the middle, which keeps both the number of parts and their size open.
"""

from __future__ import annotations

from typing import Literal

Strategy = Literal["leftmost", "centermost", "rightmost"]
STRATEGIES: tuple[Strategy, ...] = ("leftmost", "centermost", "rightmost")


def part_at(turn: int, bits: int, strategy: Strategy) -> int:
    """Return the number of the part that is handed out in ``turn`` (from 0) of 2**bits parts.

    RFC 3531 s3.1 to 3.3: bit i of the turn becomes bit order[i] of the part.
    """
    return sum(1 << place for i, place in enumerate(_order(bits, strategy)) if turn >> i & 1)


def _order(bits: int, strategy: Strategy) -> list[int]:
    """Return the places (0 = rightmost bit) in the order in which they begin to count."""
    if strategy == "rightmost":
        return list(range(bits))
    if strategy == "leftmost":
        return list(range(bits - 1, -1, -1))
    # The middle bit, of an even number the one right of the middle; then left, right, left, ...
    middle = (bits - 1) // 2
    around = [middle]
    for step in range(1, bits):
        around += [middle + step, middle - step]
    return [place for place in around if 0 <= place < bits]
