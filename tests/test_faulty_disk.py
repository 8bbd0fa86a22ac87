"""A plan file on a disk that is full, breaks or lies: nothing torn, lost or half-written."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.tools import need

HERE = Path(__file__).parent


@pytest.mark.slow
@pytest.mark.skipif(sys.platform != "linux", reason="how a library is preloaded is Linux's way")
def test_no_fault_of_the_disk_tears_a_plan(tmp_path: Path) -> None:
    compiler = shutil.which("cc")
    need(found=compiler is not None, what="cc")
    shim, folder = tmp_path / "faulty_disk.so", tmp_path / "plans"
    folder.mkdir()
    words = [
        compiler or "",
        "-shared",
        "-fPIC",
        "-o",
        str(shim),
        str(HERE / "faulty_disk.c"),
        "-ldl",
    ]
    subprocess.run(words, check=True)
    done = subprocess.run(
        [sys.executable, "-m", "tests.faulty_disk", folder],
        cwd=HERE.parent,
        env={**os.environ, "LD_PRELOAD": str(shim)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    told = json.loads(done.stdout)
    # Writes, renames and reads of the plan and its backup, each of them; a lie is read back.
    assert told["full"]["refused"] >= 8
    assert told["broken"]["refused"] >= 20
    assert told["lying"]["refused"] == 2
