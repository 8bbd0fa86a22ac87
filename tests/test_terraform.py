"""Terraform's cidrsubnets as an oracle for dense allocation, where terraform is installed."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from k8s6plan.addressing.space.free import Space
from k8s6plan.addressing.space.pools import Pools
from k8s6plan.fleet.model import ADDRESS_BITS, family_of, parse_prefix

TERRAFORM = shutil.which("terraform") or ""
pytestmark = pytest.mark.skipif(not TERRAFORM, reason="needs terraform")


def cidrsubnets(folder: Path, prefix: str, bits: list[int]) -> list[str]:
    """Return what terraform makes of ``cidrsubnets(prefix, bits...)``."""
    call = f'jsonencode(cidrsubnets("{prefix}", {", ".join(map(str, bits))}))\n'
    (folder / "none.tfrc").touch()
    run = subprocess.run(
        [TERRAFORM, "console"],
        input=call,
        capture_output=True,
        text=True,
        cwd=folder,
        check=True,
        env={
            **os.environ,
            "TF_CLI_CONFIG_FILE": str(folder / "none.tfrc"),
            "CHECKPOINT_DISABLE": "1",
        },
    )
    found: list[str] = json.loads(json.loads(run.stdout))
    return found


@pytest.mark.parametrize("prefix", ["100.64.0.0/10", "fd12:3456::/32"])
@settings(
    max_examples=8,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(bits=st.lists(st.integers(3, 16), min_size=1, max_size=7))
def test_rightmost_is_cidrsubnets_of_the_largest_first(
    tmp_path: Path, prefix: str, bits: list[int]
) -> None:
    pool = parse_prefix(prefix)
    family = family_of(pool)
    pools = Pools(family, {"pods": [pool]}, Space(ADDRESS_BITS[family], []), "rightmost")
    ours = [str(pools.take("pods", pool.prefixlen + more)) for more in sorted(bits)]
    assert ours == cidrsubnets(tmp_path, prefix, sorted(bits))
