"""Programs that some tests need and a developer's machine may lack."""

from __future__ import annotations

import os

import pytest


def need(*, found: bool, what: str) -> None:
    """Skip the test where ``what`` is missing; in CI (``K8S6PLAN_ALL_TOOLS=1``) it fails."""
    if found:
        return
    if os.environ.get("K8S6PLAN_ALL_TOOLS") == "1":
        pytest.fail(f"{what} is missing, and K8S6PLAN_ALL_TOOLS asks for it")
    pytest.skip(f"{what} is missing")
