"""Runs of `plan -o` on a disk that fails at one access after the other.

    LD_PRELOAD=faulty_disk.so python -m tests.faulty_disk FOLDER

Each run is a fork of this process, which has imported the program already. Whatever the disk does,
the plan is the one before or the one after, the run says which by its exit code, nothing
half-written stays, and the next run comes to the same plan as if nothing had been.
"""

from __future__ import annotations

import errno
import json
import os
import shutil
import sys
from pathlib import Path
from typing import NamedTuple

from k8s6plan.addressing.plan_file import from_yaml
from tests.storm import fleets_in, start

KINDS = {"full": errno.ENOSPC, "broken": errno.EIO, "lying": 0}
ENOUGH = 12  # runs that end well in a row: there are no more accesses


class Ended(NamedTuple):
    """What a run left: its exit code, and the plan."""

    code: int
    plan: bytes


def run(fleet: Path, plan: Path, *, at: int = 0, number: int = 0) -> Ended:
    """Plan once; access ``at`` to the disk fails as ``number`` says, 0: none."""
    if at:
        os.environ.update(FAULT_AT=str(at), FAULT_ERRNO=str(number), FAULT_FOLDER=str(plan.parent))
    child = start(fleet, plan)
    for name in ("FAULT_AT", "FAULT_ERRNO", "FAULT_FOLDER"):
        os.environ.pop(name, None)
    _, status = os.waitpid(child, 0)
    return Ended(os.waitstatus_to_exitcode(status), plan.read_bytes() if plan.exists() else b"")


def refuse(what: str) -> None:
    """End, for something is as it must never be."""
    raise SystemExit(what)


def tries(folder: Path, kind: str) -> dict[str, int]:
    """Let each access fail in turn, until a run needs no more of them, and return the counts."""
    disk, kept = folder / "disk", folder / "kept"
    for path in (disk, kept):
        path.mkdir()
    plan = disk / "plan.yaml"
    fleets = fleets_in(folder)
    first = run(fleets[0], plan)
    shutil.copytree(disk, kept, dirs_exist_ok=True)
    second = run(fleets[1], plan)
    if first.code or second.code or first.plan == second.plan:
        refuse("the runs without a fault do not do what they should")
    told = {"refused": 0, "ended": 0}
    at = well = 0
    while well < ENOUGH:
        at += 1
        where = f"{kind} at access {at}"
        shutil.rmtree(disk)
        shutil.copytree(kept, disk)
        code, found = run(fleets[1], plan, at=at, number=KINDS[kind])
        if code not in (0, 2):
            refuse(f"{where}: ended with {code}")
        if found != (first.plan if code else second.plan):
            refuse(f"{where}: ended with {code}, and the plan is another")
        told["refused" if code else "ended"] += 1
        from_yaml(found.decode(), plan.name)
        backup = disk / "plan.yaml.backup"
        if backup.exists() and backup.read_bytes() != first.plan:
            refuse(f"{where}: the backup is not the plan before")
        if code and list(disk.glob(".*.tmp")):
            refuse(f"{where}: half of a file is left")
        after = run(fleets[1], plan)
        if after.code or after.plan != second.plan:
            refuse(f"{where}: the next run ends with {after.code}, or with another plan")
        well = 0 if code else well + 1
    return told


if __name__ == "__main__":
    base = Path(sys.argv[1]).resolve()
    found = {}
    for name in KINDS:
        (base / name).mkdir()
        found[name] = tries(base / name, name)
    sys.stdout.write(json.dumps(found) + "\n")
