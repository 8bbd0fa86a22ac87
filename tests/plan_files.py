"""Plan files as tests need them."""

from __future__ import annotations

import re


def unsealed(text: str) -> str:
    """Return a plan without its line and sums, as it was written before there were such.

    Such a plan may be changed by hand, and is read all the same.
    """
    return re.sub(r"(?m)^state: .*\n", "", text[: text.index("\nsums:\n") + 1])
