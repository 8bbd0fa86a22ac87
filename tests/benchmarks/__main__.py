"""``python -m tests.benchmarks [WORD]``: every benchmark, or those whose name holds the word."""

from __future__ import annotations

import sys
import tempfile
from pathlib import Path

from tests.benchmarks import addresses, failures, overlaps, pictures, scale, startup
from tests.benchmarks._pairs import measure


def main(word: str = "") -> None:
    """Print one line for each benchmark as soon as it is known."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        for module in (startup, scale, addresses):
            for pair in module.pairs(folder):
                if word in pair.name:
                    print(measure(pair), flush=True)
        for result in scale.results(folder) if word in scale.EXPONENT else ():
            print(result, flush=True)
    for module_of_results in (addresses, failures, overlaps, pictures):
        for result in module_of_results.results():
            if word in result.name:
                print(result, flush=True)


main(*sys.argv[1:])
