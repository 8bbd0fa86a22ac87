"""The fast YAML library is young: it is held against PyYAML wherever the two must agree."""

from __future__ import annotations

from ipaddress import IPv4Network, IPv6Network
from pathlib import Path
from typing import Any

import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from k8s6plan.errors import InvalidFleet
from k8s6plan.io.documents import Document, dump

ROOT = Path(__file__).parent.parent
FILES = sorted(
    [*ROOT.glob("examples/*.yaml"), *ROOT.glob("k8s6plan/**/*.yaml"), *ROOT.glob("docs/**/*.yaml")]
)


def read(text: str) -> dict[str, Any]:
    return Document(text, "x.yaml").data(InvalidFleet)


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.name)
def test_our_files_read_the_same(path: Path) -> None:
    text = path.read_text()
    assert read(text) == yaml.safe_load(text)


def test_there_are_files_to_read() -> None:
    assert len(FILES) > 10


words = st.text(st.characters(codec="utf-8", exclude_categories=["Cc", "Cs"]), max_size=12)
addresses = st.one_of(
    st.tuples(st.integers(0, 2**32 - 1), st.integers(0, 32)).map(
        lambda t: str(IPv4Network(t, strict=False))
    ),
    st.tuples(st.integers(0, 2**128 - 1), st.integers(0, 128)).map(
        lambda t: str(IPv6Network(t, strict=False))
    ),
    st.sampled_from(["fd00::", "::", "::1", "2001:10:20:30:40:50:51:52", "12:30:45", "1e3", "~"]),
)
scalars = st.one_of(st.none(), st.booleans(), st.integers(-(2**40), 2**40), words, addresses)
trees = st.recursive(
    scalars,
    lambda inner: st.one_of(st.lists(inner, max_size=4), st.dictionaries(words, inner, max_size=4)),
    max_leaves=12,
)


@pytest.mark.slow
@settings(max_examples=300)
@given(data=st.dictionaries(words, trees, min_size=1, max_size=4))
def test_what_we_write_reads_back_in_both(data: dict[str, Any]) -> None:
    text = dump(data, header=("a comment",))
    assert read(text) == data
    assert yaml.safe_load(text) == data


@given(address=addresses.filter(lambda a: "/" in a))
def test_addresses_are_quoted_wherever_they_stand(address: str) -> None:
    text = dump({"a": address, "b": [address, {"c": address}], "d": {"e": [[address]]}})
    node = yaml.compose(text)
    styles = []

    def walk(part: Any) -> None:
        if isinstance(part, yaml.ScalarNode):
            if part.value == address:
                styles.append(part.style)
        else:
            for item in part.value:
                for child in item if isinstance(item, tuple) else (item,):
                    walk(child)

    walk(node)
    assert styles in (['"'] * 4, ["'"] * 4)


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("a: yes", "yes"),
        ("a: 2001:10:20:30:40:50:51:52", "2001:10:20:30:40:50:51:52"),
        ("a: 2026-11-23", "2026-11-23"),
        ("a: 0x10", 16),
        ("a: ~", None),
    ],
)
def test_scalars_are_those_of_yaml_1_2(text: str, value: object) -> None:
    assert read(text) == {"a": value}


def test_lines_lead_to_keys_and_items() -> None:
    document = Document("a: 1\nb:\n  - x\n  - c: 2\n", "x.yaml")
    assert document.line_of(("b", 1, "c")) == 4
    assert document.line_of(("b", 0)) == 3
    assert document.line_of(("b", 7)) == 2
    assert document.line_of(("nowhere",)) == 1
    assert document.scalar_at(("b", 1, "c")) == "2"


@pytest.mark.parametrize(
    ("line", "quoted"),
    [
        ("pods: [10.0.0.0/8, fd00::/8]", 'pods: ["10.0.0.0/8", "fd00::/8"]'),
        ("  - fd00::", '- "fd00::"'),
        ("a: fd00:: # the fd00:: range", 'a: "fd00::" # the fd00:: range'),
        ('a: "10.0.0.0/8"', 'a: "10.0.0.0/8"'),
        ("ipv6: 2001:db8::/32", 'ipv6: "2001:db8::/32"'),
    ],
)
def test_quotes_are_put_in(line: str, quoted: str) -> None:
    assert Document(line, "x.yaml").quoted_line(1) == quoted
