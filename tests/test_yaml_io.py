"""The fast YAML library is young: it is held against PyYAML wherever the two must agree."""

from __future__ import annotations

import random
import re
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
DOCUMENTS = 20_000
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


# --- two libraries on documents that nobody wrote ------------------------------------------------

ODD = (
    *(
        "010",
        "1.10",
        "0x1f",
        "0o17",
        "0b1",
        "1_000",
        "1e3",
        "+1",
        ".5",
        "5.",
        "-0",
        "00",
        "0x",
        "1e",
    ),
    *("0o8", "e1", "+", "-", "--", "1,000", "1.0", "100%", "9" * 20, "1e400", ".inf", "-.inf"),
    *("yes", "No", "~", "null", "Null", "true", "TRUE", "2026-11-27", "12:30:45", "1.2.3.4", "="),
    *("10.0.0.0/8", "fd00::/8", "::", "a b", "a#b", "a #b", "a: b", "a:b", "env=prod", "a,b", "é"),
    *(
        "'y'",
        '"a\\tb"',
        '"\\u00e9"',
        '"x"',
        " x",
        "x ",
        "- a",
        "[",
        "{",
        '"',
        "?",
        "*a",
        "&a x",
        "<<",
    ),
    *("!x", "!!str 1", "|", ">", "%x", "@x", "`x", "...", "\u00a0x", "\U0001f600"),
)


class Core(yaml.CSafeLoader if hasattr(yaml, "CSafeLoader") else yaml.SafeLoader):  # type: ignore[misc]
    """PyYAML with the scalars of YAML 1.2, as its core schema writes them down."""

    yaml_implicit_resolvers: dict[str, Any] = {}  # noqa: RUF012  as the class above has it


for kind, pattern in {
    "null": r"(?:~|null|Null|NULL|)$",
    "bool": r"(?:true|True|TRUE|false|False|FALSE)$",
    "int": r"(?:[-+]?[0-9]+|0o[0-7]+|0x[0-9a-fA-F]+)$",
    "float": r"(?:[-+]?(?:\.[0-9]+|[0-9]+(?:\.[0-9]*)?)(?:[eE][-+]?[0-9]+)?"
    r"|[-+]?\.(?:inf|Inf|INF))$",
}.items():
    Core.add_implicit_resolver(f"tag:yaml.org,2002:{kind}", re.compile(pattern), None)


def _int(loader: yaml.SafeLoader, node: yaml.ScalarNode) -> int:
    text = str(loader.construct_scalar(node))
    return int(text, {"0x": 16, "0o": 8}.get(text[:2].lower(), 10))


def _float(loader: yaml.SafeLoader, node: yaml.ScalarNode) -> float:
    return float(str(loader.construct_scalar(node)).lower().replace(".inf", "inf"))


Core.add_constructor("tag:yaml.org,2002:int", _int)
Core.add_constructor("tag:yaml.org,2002:float", _float)


def document(luck: random.Random, indent: int = 0) -> str:
    """Return a document of which no writer would think: about half are valid."""
    lines, pick = [], luck.choice
    for number in range(luck.randint(1, 4)):
        key = f"{' ' * indent}{pick(ODD) if luck.random() < 0.05 else f'k{number}'}:"
        match luck.randrange(7 if indent < 4 else 5):
            case 0:
                lines.append(f"{key} [{', '.join(luck.choices(ODD, k=luck.randrange(3)))}]")
            case 1:
                pairs = (f"{name}: {pick(ODD)}" for name in "xyz"[: luck.randrange(3)])
                lines.append(f"{key} {{{', '.join(pairs)}}}")
            case 2:
                lines += [key, *(f"{' ' * indent}- {pick(ODD)}" for _ in range(2))]
            case 5 | 6:
                lines += [key, document(luck, indent + 2).rstrip("\n")]
            case _:
                lines.append(f"{key} {pick(ODD)}")
    return "\n".join(lines) + "\n"


def known(ours: object, theirs: object) -> bool:
    """Say whether two values are the same, or differ as we know that they do."""
    if isinstance(ours, dict) and isinstance(theirs, dict):
        return len(ours) == len(theirs) and all(map(known, ours.items(), theirs.items()))
    if isinstance(ours, list | tuple) and isinstance(theirs, list | tuple):
        return len(ours) == len(theirs) and all(map(known, ours, theirs))
    # Numbers of YAML 1.1: a place that takes a text refuses them, so that none is changed unseen.
    numbers = {"0b1": 1, "1_000": 1000}
    if isinstance(theirs, str) and theirs in numbers:
        return ours == numbers[theirs]
    # A block text of no lines.
    return (type(ours), ours) == (type(theirs), theirs) or (ours, theirs) == ("\n", "")


def test_two_libraries_agree_on_documents_that_nobody_wrote() -> None:
    luck = random.Random(1)  # noqa: S311  the same documents every time
    agreed = 0
    for _ in range(DOCUMENTS):
        text = document(luck)
        try:
            ours = read(text)
            theirs = yaml.load(text, Core)  # noqa: S506  a safe loader
        except (InvalidFleet, yaml.YAMLError):
            continue
        assert known(ours, theirs), (text, ours, theirs)
        agreed += 1
    assert agreed > DOCUMENTS / 10
