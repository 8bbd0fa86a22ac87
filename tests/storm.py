"""Runs of `plan -o` on one plan file, several at once, of which many are killed at any moment.

    python -m tests.storm FOLDER --writers 8 --kills 200

Each run is a fork of this process, which has imported the program already: a run takes some tens
of milliseconds so, and a kill hits its work and not Python's. After every round the plan must be
whole, hold all that it held before, give no address to two, and have what each run got that ended
well.
"""

from __future__ import annotations

import argparse
import json
import os
import random
import signal
import sys
import time
from itertools import pairwise
from pathlib import Path

from k8s6plan.addressing.plan import make_plan
from k8s6plan.addressing.plan_file import from_yaml, to_yaml
from k8s6plan.cli import main
from k8s6plan.fleet.file import load
from k8s6plan.fleet.model import Prefix

CLUSTER = "  - {{name: {name}, provider: p, region: {name}, ipv6: ula, known: false}}\n"
SHARES = 16  # fleets, each with clusters of its own and some that others have too
SIZE = 6

Held = dict[str, frozenset[Prefix]]


def fleets_in(folder: Path) -> list[Path]:
    """Write fleets of which no two have the same clusters, and return their files."""
    files = []
    for share in range(SHARES):
        numbers = range(share * SIZE // 2, share * SIZE // 2 + SIZE)
        text = "".join(CLUSTER.format(name=f"c{number:03d}") for number in numbers)
        files.append(folder / f"fleet-{share}.yaml")
        files[-1].write_text(f"version: 1\nfleet: f\nula_seed: s\nclusters:\n{text}", "utf-8")
    return files


def start(fleet: Path, plan: Path) -> int:
    """Begin one run, and return its process."""
    child = os.fork()
    if child:
        return child
    code = 1
    try:
        nowhere = os.open(os.devnull, os.O_WRONLY)
        os.dup2(nowhere, 1)
        os.dup2(nowhere, 2)
        sys.argv = ["k8s6plan", "plan", str(fleet), "-o", str(plan)]
        main()
        code = 0
    except SystemExit as ended:
        code = ended.code if isinstance(ended.code, int) else 0 if ended.code is None else 1
    finally:
        os._exit(code)


def held_in(plan: Path) -> Held:
    """Return what each cluster holds, removed ones included; the file is verified on the way."""
    if not plan.exists():
        return {}
    made = from_yaml(plan.read_text("utf-8"), plan.name)
    return {
        name: frozenset(
            prefix
            for families in roles.values()
            for allocation in families.values()
            for prefix in allocation.prefixes
        )
        for clusters in (made.clusters, made.tombstones)
        for name, roles in clusters.items()
    }


def check(held: Held, before: Held, got: list[Path]) -> None:
    """Refuse what must never be."""
    for name, prefixes in before.items():
        if held.get(name) != prefixes:
            raise SystemExit(f"{name} held {prefixes}, and now {held.get(name)}")
    for fleet in got:
        for line in fleet.read_text("utf-8").splitlines():
            name = line.partition("name: ")[2].partition(",")[0]
            if name and name not in held:
                raise SystemExit(f"{name} of {fleet.name} is lost, and its run ended well")
    every = sorted(
        (prefix.version, int(prefix[0]), int(prefix[-1]), name)
        for name, prefixes in held.items()
        for prefix in prefixes
    )
    for (version, _, end, one), (next_version, begin, _, other) in pairwise(every):
        if version == next_version and begin <= end:
            raise SystemExit(f"{one} and {other} share addresses")


def storm(folder: Path, writers: int, kills: int, seed: int) -> dict[str, int]:
    """Run until so many runs have been killed, and return how many did what."""
    plan, fleets = folder / "plan.yaml", fleets_in(folder)
    from_yaml(to_yaml(make_plan(load(fleets[0]))[0], ""), "")  # imports what runs import
    chance = random.Random(seed)  # noqa: S311  when to kill whom
    begun = time.monotonic()
    os.waitpid(start(fleets[0], plan), 0)
    whole = (time.monotonic() - begun) * writers
    told = {"rounds": 0, "killed": 0, "ended": 0}
    before = held_in(plan)
    while told["killed"] < kills:
        runs = {start(fleet, plan): fleet for fleet in chance.choices(fleets, k=writers)}
        doomed = chance.sample(sorted(runs), k=max(1, writers // 2))
        for number, child in enumerate(doomed):
            time.sleep(chance.uniform(0, whole) / len(doomed) * (0.5 + number % 2))
            os.kill(child, signal.SIGKILL)
        got = []
        for child, fleet in runs.items():
            _, status = os.waitpid(child, 0)
            if os.WIFSIGNALED(status):
                told["killed"] += 1
            elif os.WEXITSTATUS(status):
                raise SystemExit(f"a run of {fleet.name} ended with {os.WEXITSTATUS(status)}")
            else:
                told["ended"] += 1
                got.append(fleet)
        held = held_in(plan)
        check(held, before, got)
        before = held
        told["rounds"] += 1
    os.waitpid(start(fleets[0], plan), 0)
    left = sorted(path.name for path in folder.glob(".*.tmp"))
    if left:
        raise SystemExit(f"left over: {', '.join(left)}")
    return {**told, "clusters": len(before)}


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--writers", type=int, default=2)
    parser.add_argument("--kills", type=int, default=200)
    parser.add_argument("--seed", type=int, default=1)
    chosen = parser.parse_args()
    told = storm(chosen.folder, chosen.writers, chosen.kills, chosen.seed)
    sys.stdout.write(json.dumps(told) + "\n")
