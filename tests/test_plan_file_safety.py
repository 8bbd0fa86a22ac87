"""A plan survives a kill at any moment, and two runs at once lose nothing."""

from __future__ import annotations

import json
import random
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
import yaml

from k8s6plan.addressing.plan_file import from_yaml

pytestmark = pytest.mark.slow

ROOT = Path(__file__).resolve().parents[1]

CLUSTER = "  - {{name: c{number:03d}, provider: p, region: r, ipv6: ula}}\n"


def fleet_file(folder: Path, name: str, numbers: range) -> Path:
    path = folder / name
    clusters = "".join(CLUSTER.format(number=number) for number in numbers)
    path.write_text(f"version: 1\nfleet: f\nula_seed: s\nclusters:\n{clusters}")
    return path


def start(fleet: Path, plan: Path) -> subprocess.Popen[bytes]:
    return subprocess.Popen(
        [sys.executable, "-m", "k8s6plan", "plan", str(fleet), "-o", str(plan)],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
    )


def finish(run: subprocess.Popen[bytes]) -> int:
    run.communicate(timeout=60)
    return run.returncode


def test_kill_at_any_moment_leaves_a_whole_plan(tmp_path: Path) -> None:
    plan = tmp_path / "plan.yaml"
    small, large = (
        fleet_file(tmp_path, "a.yaml", range(40)),
        fleet_file(tmp_path, "b.yaml", range(400)),
    )
    begun = time.monotonic()
    assert finish(start(large, plan)) == 0
    whole = time.monotonic() - begun
    chance = random.Random(1)  # noqa: S311  when to kill, the same in every run
    plan.unlink()
    assert finish(start(small, plan)) == 0
    for _ in range(12):
        before = plan.read_bytes()
        run = start(large, plan)
        time.sleep(chance.uniform(0.3, 1.0) * whole)
        run.send_signal(signal.SIGKILL)
        run.communicate()
        after = plan.read_bytes()
        held = from_yaml(after.decode(), "plan.yaml")
        assert after == before or len(held.clusters) == 400
        plan.write_bytes(before)
    # What a killed run has left behind hinders nobody.
    assert finish(start(large, plan)) == 0
    assert len(from_yaml(plan.read_text(), "plan.yaml").clusters) == 400


def test_two_runs_at_once_keep_every_allocation(tmp_path: Path) -> None:
    """Each run adds clusters of its own; what the other removed stands as a tombstone."""
    plan = tmp_path / "plan.yaml"
    fleets = [fleet_file(tmp_path, f"{n}.yaml", range(n * 10, n * 10 + 10)) for n in range(4)]
    runs = [start(fleet, plan) for fleet in fleets]
    assert [finish(run) for run in runs] == [0, 0, 0, 0]
    data = yaml.safe_load(plan.read_text())
    assert len(data["clusters"]) == 10
    assert len(data["tombstones"]) == 30


@pytest.mark.parametrize("writers", [2, 8])
def test_a_storm_of_kills_loses_nothing(writers: int, tmp_path: Path) -> None:
    """200 runs killed at any moment, others at work: nothing torn, lost, or handed out twice."""
    done = subprocess.run(
        [sys.executable, "-m", "tests.storm", str(tmp_path), "--writers", str(writers)],
        capture_output=True,
        text=True,
        check=False,
        cwd=ROOT,
        timeout=500,
    )
    assert done.returncode == 0, done.stderr
    told = json.loads(done.stdout)
    assert told["killed"] >= 200
    assert told["ended"] >= 40
    assert told["clusters"] > 30
