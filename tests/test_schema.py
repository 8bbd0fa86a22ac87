"""The data files against their schema: any layout gives the same, and every fault is told once."""

from __future__ import annotations

import csv
import json
import random
import re
import shutil
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from copy import deepcopy
from hashlib import sha256
from pathlib import Path
from typing import Any

import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from k8s6plan.catalog import _files
from k8s6plan.catalog.schema import faults_of, matrix_faults
from k8s6plan.errors import InvalidInput
from k8s6plan.io.documents import Document
from tests.conftest import Cli, Golden

ROOT = Path(__file__).parent.parent
FILES = sorted(path.relative_to(_files.DATA).as_posix() for path in _files.DATA.rglob("*.yaml"))
TABLES = sorted(path.relative_to(_files.DATA).as_posix() for path in _files.DATA.rglob("*.csv"))

# The same on libyaml, which is faster; not every build of PyYAML has it.
_DUMPER = getattr(yaml, "CSafeDumper", yaml.SafeDumper)


def text_of(file: str) -> str:
    return (_files.DATA / file).read_text("utf-8")


def data_of(text: str, file: str) -> dict[str, Any]:
    return Document(text, file).data(InvalidInput)


def said_of(text: str, file: str) -> list[str]:
    document = Document(text, file)
    return [str(fault) for fault in faults_of(document, document.data(InvalidInput))]


def table_faults(text: str, file: str) -> list[str]:
    (_, *columns), *rows = csv.reader(text.splitlines())
    return list(map(str, matrix_faults(file, columns, rows)))


# --- what ships ----------------------------------------------------------------------------------


@pytest.mark.parametrize("file", FILES)
def test_every_file_passes(file: str) -> None:
    assert said_of(text_of(file), file) == []


def test_the_list_of_what_has_passed_is_current(golden: Golden) -> None:
    """What has not passed must not be named in it: the program would not look at it again."""
    for file in FILES:
        assert said_of(text_of(file), file) == []
    for file in TABLES:
        assert table_faults(text_of(file), file) == []
    files = [*FILES, *TABLES]
    sums = (sha256((_files.DATA / file).read_bytes()).hexdigest() for file in files)
    lines = [f"{total}  {file}\n" for total, file in zip(sums, files, strict=True)]
    golden(_files.SUMS, "".join(lines))


# --- any layout ----------------------------------------------------------------------------------


def shuffled(data: Any, luck: random.Random) -> Any:
    """Return the same data with the keys of every mapping in another order."""
    if isinstance(data, dict):
        keys = list(data)
        luck.shuffle(keys)
        return {key: shuffled(data[key], luck) for key in keys}
    return [shuffled(part, luck) for part in data] if isinstance(data, list) else data


def commented(text: str, luck: random.Random) -> str:
    """Put comments behind lines, and blank lines between them."""
    lines = []
    for line in text.splitlines():
        lines.append(line + luck.choice(("", "  # why: [this, that]", " # x")))
        lines += luck.choice(([], [], [""], ["    # a line of its own"]))
    return "\n".join(lines) + "\n"


def dump(data: Any, **layout: Any) -> str:
    text: str = yaml.dump(data, Dumper=_DUMPER, **layout)
    return text


Style = Callable[[Any, random.Random], str]
STYLES: dict[str, Style] = {
    "four spaces": lambda data, _: dump(data, indent=4, width=2**20, sort_keys=False),
    "eight spaces": lambda data, _: dump(data, indent=8, width=60, sort_keys=False),
    "flow": lambda data, _: dump(data, default_flow_style=True, width=80, sort_keys=False),
    "leaves in flow": lambda data, _: dump(data, default_flow_style=None, sort_keys=False),
    "json": lambda data, _: json.dumps(data, indent=3),
    "any order": lambda data, luck: dump(shuffled(data, luck), indent=3, sort_keys=False),
    "comments": lambda data, luck: commented(dump(data, width=2**20, sort_keys=False), luck),
    "documents": lambda data, _: "%YAML 1.2\n---\n" + dump(data, explicit_end=True),
}


@pytest.mark.parametrize("file", FILES)
@given(style=st.sampled_from(sorted(STYLES)), luck=st.randoms(use_true_random=False))
@settings(max_examples=6)
def test_any_layout_gives_the_same(file: str, style: str, luck: random.Random) -> None:
    """Also the keys of one mapping may come in any order: no figure hangs on it."""
    data = data_of(text_of(file), file)
    text = STYLES[style](data, luck)
    assert data_of(text, file) == data
    assert said_of(text, file) == []


def forget() -> None:
    """Forget everything that functions of the program have kept."""
    for name, module in list(sys.modules.items()):
        for held in list(vars(module).values()) if name.partition(".")[0] == "k8s6plan" else ():
            if hasattr(held, "cache_clear"):
                held.cache_clear()


@contextmanager
def data_in(folder: Path) -> Iterator[None]:
    """Let the program read its data from another folder."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(_files, "DATA", folder)
        patch.setattr(_files, "SUMS", folder / "SHA256SUMS")
        forget()
        yield
    forget()


def answers(cli: Cli) -> list[object]:
    """Return what hangs on the data; the rows of a table may come in another order."""
    three = ROOT / "examples" / "three-clouds.yaml"
    said: list[object] = [cli("compare", three, "--full").out, cli("failures", three).out]
    for table, key in (("prices", "prices"), ("limits", "limits")):
        rows = json.loads(cli(table, "--format", "json").out)[key]
        said.append(sorted(json.dumps(row, sort_keys=True) for row in rows))
    assert all(said)
    return said


@pytest.mark.parametrize("style", ["four spaces", "any order", "comments"])
def test_the_program_says_the_same_of_any_layout(style: str, tmp_path: Path, cli: Cli) -> None:
    before = answers(cli)
    shutil.copytree(_files.DATA, tmp_path, dirs_exist_ok=True)
    (tmp_path / "SHA256SUMS").unlink()
    for file in FILES:
        luck = random.Random(file)  # noqa: S311  the same one in every run
        text = STYLES[style](data_of(text_of(file), file), luck)
        (tmp_path / file).write_text(text, "utf-8")
    with data_in(tmp_path):
        assert answers(cli) == before


# --- every fault ---------------------------------------------------------------------------------


def rows_of(data: Any, path: tuple[str | int, ...] = ()) -> Iterator[tuple[str | int, ...]]:
    """Yield the way to every row: to whatever says where it comes from."""
    if isinstance(data, dict):
        if {"source", "as_of", "confidence"} <= set(data):
            yield path
        for key, part in data.items():
            yield from rows_of(part, (*path, key))
    elif isinstance(data, list):
        for number, part in enumerate(data):
            yield from rows_of(part, (*path, number))


def at(data: Any, path: tuple[str | int, ...]) -> Any:
    for step in path:
        data = data[step]
    return data


def dotted(path: tuple[str | int, ...]) -> str:
    steps = (f"[{step + 1}]" if isinstance(step, int) else f".{step}" for step in path)
    return "".join(steps).removeprefix(".")


# What is done to a row, and what is said of it, where the field stands in front: {} is the row.
SPOILT: dict[str, tuple[Callable[[dict[str, Any]], object], str]] = {
    "no source": (lambda row: row.pop("source"), '{}"source" is missing'),
    "no date": (lambda row: row.pop("as_of"), '{}"as_of" is missing'),
    "no confidence": (lambda row: row.pop("confidence"), '{}"confidence" is missing'),
    "unknown key": (
        lambda row: row.update(surce="x"),
        '{}unknown field "surce"; mend its name, or remove it',
    ),
    "misspelt key": (
        lambda row: row.update(confidense=row.pop("confidence")),
        '{}unknown field "confidense"; did you mean "confidence"?',
    ),
    "empty source": (lambda row: row.update(source=" "), '{.source}must say something, got " "'),
    "local source": (
        lambda row: row.update(source="see /srv/notes.txt"),
        "{.source}names a place of one machine; say where any reader can look it up",
    ),
    "date of a reader": (
        lambda row: row.update(as_of=2026),
        '{.as_of}must be a text, got 2026; put it in quotes: "2026"',
    ),
    "date in words": (
        lambda row: row.update(as_of="May 2026"),
        '{.as_of}must be like "2026-11-22", "2026" or "undated", got "May 2026"',
    ),
    "too sure": (
        lambda row: row.update(confidence="very"),
        '{.confidence}must be "high", "medium", "low" or "unverified", got "very"',
    ),
    "note": (lambda row: row.update(note=["x"]), "{.note}must be a text, got a list"),
}


@pytest.mark.parametrize("file", FILES)
@given(data=st.data())
@settings(max_examples=8)
def test_a_fault_of_any_row_is_told_once(file: str, data: st.DataObject) -> None:
    whole = deepcopy(data_of(text_of(file), file))
    path = data.draw(st.sampled_from(list(rows_of(whole))))
    spoil, says = SPOILT[data.draw(st.sampled_from(sorted(SPOILT)))]
    spoil(at(whole, path))
    field, _, message = re.fullmatch(r"\{\.?(\w*)(\})(.*)", says, re.DOTALL).groups()  # type: ignore[union-attr]
    place = dotted((*path, field) if field else path)
    (said,) = said_of(dump(whole, sort_keys=False), file)
    at_line, _, rest = said.removeprefix(f"{file}:").partition(": ")
    assert at_line.isdecimal()
    assert rest == (f"{place}: {message}" if place else message)


# What is done to a file: all of it at once, each the first time that it stands there.
CHANGES: list[tuple[str, list[tuple[str, str]]]] = [
    (
        "providers/digitalocean.yaml",
        [
            ("    value: 1000\n    unit: GiB\n", '    value: "1000"\n'),
            ('price: "0.01"', "price: 0.01"),
            ("unit: gateway-month", "unit: gateway a month"),
            ("currency: USD", "currency: dollars"),
            ("native_links: true", "native_links: yes"),
            ("    peering:\n", "    peerings:\n"),
            ("ipv6:\n  owned:", "ipv6:\n  subnet_prefixln: {}\n  alone: 3\n  owned:"),
        ],
    ),
    (
        "reachability.yaml",
        [
            ("    mode: pod-subnet\n    ipv4: true", "    mode: pod-net\n    ipv4: true"),
            ("platforms: [gke]", "platforms: [gkee]"),
            ("    mode: kubenet\n", "    mode: kubenet\n    usual: true\n"),
        ],
    ),
    # Each row is whole, and one part of the file does not fit another.
    (
        "providers/digitalocean.yaml",
        [
            ("name: digitalocean", "name: vultr"),
            ("  nat64: [nat64_gateway_month]", "  nat64: [nat64_gatway_month]"),
            ("  gateway: [gateway_month]", "  gateway: [{item: gateway_month, variant: size}]"),
            ("  peering: []", "  peering: [{item: vpc_peering, share: zone_share}]"),
            ("_gib: droplet_traffic_gib_month", "_gib: droplet_traffic"),
        ],
    ),
    ("providers/azure.yaml", [("of: vpn_gateway", "of: gateway")]),
    ("platforms.yaml", [("  kubernetes:\n", "  upstream:\n")]),
    # Each field is whole, and the row contradicts itself.
    (
        "providers/aws.yaml",
        [
            ("    default: 5\n    max: null", "    default: 5\n    max: 4"),
            ("    max: 50\n    adjustable: true", "    max: 50\n    adjustable: false"),
            ("    default: 200\n", "    default: many\n"),
            ("measure: own_pairs", "measure: own_pair"),
            ("    unchecked: no design is built of these\n", ""),
            ("        note: these regions have price lists of their own\n", ""),
            ("      - regions: [us-east-1, us-east-2]\n", "      - variant: x\n"),
            ('        price: "0.05"', "        price: null"),
            ('{up_to: "51200"', '{up_to: "5120"'),
            ("{up_to: null, price", '{up_to: "1", price'),
            ("  routed:\n    value", "  rooted:\n    value"),
            ('value: "fd80::/9"', 'value: "fd80::1/9"'),
        ],
    ),
    ("encapsulations.yaml", [("    iv_bytes:", "    # iv_bytes:")]),
    (
        "assumptions.yaml",
        [
            ("    value: 730", "    value: 0"),
            ("value: auto", "value: maybe"),
            ("    least: 20\n", ""),
        ],
    ),
    ("icmpv6.yaml", [("codes: all", "codes: none"), ("codes: [0]", 'codes: ["0"]')]),
]


def test_what_is_said_of_each_fault(golden: Golden) -> None:
    said = []
    for file, changes in CHANGES:
        text = text_of(file)
        for old, new in changes:
            assert old in text, old
            text = text.replace(old, new, 1)
        for fault in said_of(text, file):
            number, _, message = fault.removeprefix(f"{file}:").partition(": ")
            # The line as it stands there: its number moves with every row that is added above.
            said += [f"{file}: {message}", f"    | {text.splitlines()[int(number) - 1].strip()}"]
    golden(Path(__file__).parent / "golden" / "data-faults.txt", "\n".join(said) + "\n")


def test_what_is_said_of_a_table_of_times() -> None:
    text = "from/to,a,b\na,1,2.5\nbb,-1\nb,,fast\n"
    assert table_faults(text, "rtt/x.csv") == [
        'rtt/x.csv:3: "bb" is no column; did you mean "b"?',
        "rtt/x.csv:3: has 1 cells for 2 columns",
        'rtt/x.csv:3: bb, a: must be a number of milliseconds, or empty, got "-1"',
        'rtt/x.csv:4: b, b: must be a number of milliseconds, or empty, got "fast"',
    ]
    assert table_faults("from/to,a,a\n", "rtt/x.csv") == [
        "rtt/x.csv:1: names a column twice; keep one"
    ]


def test_a_file_that_is_changed_is_looked_at_again(tmp_path: Path, cli: Cli) -> None:
    """What is not the file that passed is held against the schema, in every run."""
    shutil.copytree(_files.DATA, tmp_path, dirs_exist_ok=True)
    path = tmp_path / "providers" / "hetzner.yaml"
    path.write_text(
        path.read_text("utf-8").replace("confidence: high", "confidence: hihg"), "utf-8"
    )
    with data_in(tmp_path):
        assert cli("prices", "aws").code == 0
        done = cli("prices", "hetzner")
    assert (done.code, done.out) == (2, "")
    wanted = 'must be "high", "medium", "low" or "unverified", got "hihg"'
    lines = [n for n, line in enumerate(path.read_text("utf-8").splitlines(), 1) if "hihg" in line]
    assert done.said == [
        f"providers/hetzner.yaml:{line}: {row}.confidence: {wanted}"
        for line, row in zip(lines, ("signs", "prices.ipv6.rows[1]"), strict=True)
    ]
