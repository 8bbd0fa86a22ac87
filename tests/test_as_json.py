"""The JSON of every command: values by type, records by their forms."""

from __future__ import annotations

import pkgutil
from collections.abc import Iterator
from dataclasses import dataclass, fields, is_dataclass
from decimal import Decimal
from importlib import import_module
from ipaddress import ip_network
from typing import NamedTuple

import pytest

import k8s6plan
from k8s6plan.decision.sweep import Point
from k8s6plan.views import as_json as forms
from k8s6plan.views.as_json import as_json, document, pick


class Inner(NamedTuple):
    share: float | None
    prefix: object = ip_network("2001:db8::/48")


@dataclass(frozen=True)
class Outer:
    name: str
    inner: Inner
    cost: Decimal | None = None
    marks: tuple[str, ...] = ()

    @property
    def twice(self) -> str:
        return self.name * 2


OUTER = Outer("a", Inner(0.12345), Decimal("1.005"))


def test_values_become_what_json_has() -> None:
    assert as_json({"a": (1, None, True), "b": {2}, "c": Decimal("2.50")}) == {
        "a": [1, None, True],
        "b": [2],
        "c": 2.5,
    }
    assert as_json([ip_network("10.0.0.0/8"), OUTER]) == [
        "10.0.0.0/8",
        {
            "name": "a",
            "inner": {"share": 0.12345, "prefix": "2001:db8::/48"},
            "cost": 1.005,
            "marks": [],
        },
    ]


@pytest.mark.parametrize(
    ("form", "made"),
    [
        ("twice name", {"twice": "aa", "name": "a"}),
        ("of=inner.share:2", {"of": 0.12}),
        ("both=name+twice", {"both": ["a", "aa"]}),
        ("x.one=name x.two=twice", {"x": {"one": "a", "two": "aa"}}),
        ("cost:2", {"cost": 1.0}),
        ("inner=inner.prefix:text", {"inner": "2001:db8::/48"}),
        ("any=marks:any some=name:any", {"any": False, "some": True}),
        ("marks!", {"marks": None}),
        ("marks? cost?", {"marks": [], "cost": 1.005}),
    ],
)
def test_a_form_names_the_keys(form: str, made: dict[str, object]) -> None:
    assert pick(OUTER, form) == made
    assert list(pick(OUTER, form)) == list(made)


def test_unknown_stays_unknown_or_is_left_out() -> None:
    unknown = Outer("a", Inner(None))
    assert pick(unknown, "cost:2 of=inner.share:3") == {"cost": None, "of": None}
    assert pick(unknown, "cost? of=inner.share.real?") == {}


def test_a_form_holds_in_its_command_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(forms.FORMS, "mine", {"Outer": "title=name", "Inner": lambda i: {"x": i}})
    monkeypatch.setattr(forms, "_form", forms._form.__wrapped__)
    assert document(OUTER, "mine") == {"version": 1, "title": "a"}
    assert set(document({"outer": OUTER}, "other")["outer"]) == {"name", "inner", "cost", "marks"}


def test_a_list_is_no_document() -> None:
    with pytest.raises(TypeError):
        document([1], "mine")


def classes() -> Iterator[type]:
    """Yield every record of the package."""
    for found in pkgutil.walk_packages(k8s6plan.__path__, "k8s6plan."):
        if found.name != "k8s6plan.__main__":
            for value in vars(import_module(found.name)).values():
                if isinstance(value, type) and (is_dataclass(value) or hasattr(value, "_fields")):
                    yield value


def test_every_form_is_that_of_a_record() -> None:
    known: dict[str, list[set[str]]] = {}
    for kind in classes():
        names = {each.name for each in fields(kind)} if is_dataclass(kind) else set()
        known.setdefault(kind.__name__, []).append({*names, *dir(kind)})
    for command, of_command in forms.FORMS.items():
        for name, form in of_command.items():
            assert name in known, (command, name)
            if isinstance(form, str):
                words = [word.rstrip("?!").partition(":")[0] for word in form.split()]
                paths = {word.rpartition("=")[2].split(".")[0].split("+")[0] for word in words}
                assert any(paths <= attributes for attributes in known[name]), (command, name)


@pytest.mark.parametrize("cost", ["5494.575", "11884.725", "0.005", "1.015", "-2.675"])
def test_money_is_rounded_as_money(cost: str) -> None:
    """Half a cent goes to the even one, as in CSV and text: not where a float happens to lie."""
    made = as_json(Point(Decimal(1), Decimal(cost), True, 1), "sweep")
    assert made == {"x": 1.0, "cost": float(f"{Decimal(cost):.2f}"), "complete": True, "tunnels": 1}
