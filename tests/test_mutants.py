"""``make mutants``: what it changes, what it leaves alone, and that its choice stays the same."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.mutants import ROOT, Part, parts, places, sampled

SOURCE = """\
def share(part: int | None, whole: int = 2) -> int | str:
    rest: int | None = whole - 1
    return part or rest
"""


@pytest.fixture
def source(tmp_path: Path) -> Path:
    path = tmp_path / "share.py"
    path.write_text(SOURCE, "utf-8")
    return path


def test_types_are_left_alone(source: Path) -> None:
    changed = {spec.start_pos for place in places([source]) for spec in place}
    assert changed == {(1, 41), (2, 29), (2, 31), (3, 16)}


def test_a_sample_is_one_mutation_at_each_place_and_stays_the_same(source: Path) -> None:
    found = places([source])
    every = sampled(found, None, seed=1)
    assert [spec.start_pos for spec in every] == [place[0].start_pos for place in found]
    two = sampled(found, 2, seed=1)
    assert len(two) == 2
    assert two == sampled(places([source]), 2, seed=1)
    assert any(sampled(found, 2, seed=seed) != two for seed in range(2, 9))


@pytest.mark.parametrize("part", parts(), ids=lambda part: part.name)
def test_parts_and_their_tests_are_there(part: Part) -> None:
    assert part.files([])
    assert all((ROOT / module).is_dir() for module in part.modules)
    assert all((ROOT / test).is_file() for test in part.tests)
    assert part.files([part.name]) == part.files([])
    (first, *_) = part.files([])
    assert part.files([str(first)]) == [first]
    assert part.files(["elsewhere"]) == []
