"""Plain tables: a row is a line, however long, and nothing in it is markup."""

from __future__ import annotations

import pytest

from k8s6plan.views.tables import Column, facts, rows_of

COLUMNS = [Column("NAME", 6), Column("COST", 8, right=True), Column("NOTE")]


def test_columns_are_as_wide_as_asked_or_needed() -> None:
    assert rows_of(COLUMNS, [("a", "1", "x"), ("b", "1,000,000", "")]) == [
        "NAME        COST NOTE",
        "a              1 x",
        "b      1,000,000",
    ]


def test_gap_and_indent() -> None:
    assert rows_of([Column("A"), Column("B")], [("x", "y")], gap=2, indent=2) == [
        "  A  B",
        "  x  y",
    ]


@pytest.mark.parametrize("columns", ["20", "80", "160"])
def test_a_row_is_one_line_in_any_terminal(columns: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", columns)
    monkeypatch.setenv("FORCE_COLOR", "1")
    long = "word " * 100
    assert rows_of([Column("A"), Column("B")], [(long, "[bold]b[/]")])[1] == f"{long} [bold]b[/]"


def test_wide_characters_take_two_columns() -> None:
    assert rows_of([Column("A"), Column("B")], [("端末", "x"), ("abcd", "y")]) == [
        "A    B",
        "端末 x",
        "abcd y",
    ]


def test_facts_stand_in_one_column() -> None:
    assert facts([("Hubs", "a"), ("On one, two", "b")], 8) == ["Hubs    a", "On one, two  b"]
