"""Bad input gets one clear message a fault, all faults of a file at once, and exit code 2.

Each case is ``bad/<case>.yaml`` with the exact stderr in ``bad/<case>.txt``. A new case is a new
YAML file; ``pytest --rewrite`` writes its text, which is then read with care.
"""

from __future__ import annotations

import copy
import difflib
import re
from pathlib import Path
from typing import Any

import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from k8s6plan.errors import Fault, InvalidFleet, K8s6planError, did_you_mean, printable
from k8s6plan.fleet.file import load, parse
from tests.conftest import Cli, Golden

BAD = Path(__file__).parent / "bad"
FLEETS = sorted(BAD.glob("*.yaml"))
PLANS = sorted((BAD / "plans").glob("*.yaml"))
EXAMPLES = Path(__file__).parent.parent / "examples"

# Pinned prefixes that overlap are no fault of the file: each command answers in its own way.
OVERLAP = "overlapping-pins"
# `check` takes plans too, and knows them by clusters that stand by name.
NOT_FOR_CHECK = ("clusters-as-mapping", "plan-for-a-fleet")
HEAD = "version: 1\nfleet: shop\n"
CLUSTER = "clusters:\n  - {name: a, provider: aws, region: us-east-1}\n"


def name(path: Path) -> str:
    return path.stem


@pytest.fixture(autouse=True)
def _in_bad(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(BAD)


@pytest.fixture
def faulty() -> list[Path]:
    return [path for path in FLEETS if path.stem != OVERLAP]


def test_there_are_cases_and_each_has_its_message() -> None:
    assert len(FLEETS) >= 45
    assert len(PLANS) >= 5
    for folder, cases in ((BAD, FLEETS), (BAD / "plans", PLANS)):
        assert {path.stem for path in folder.glob("*.txt")} == {path.stem for path in cases}


@pytest.mark.slow
@pytest.mark.parametrize("path", [p for p in FLEETS if p.stem != OVERLAP], ids=name)
def test_a_bad_fleet_is_told(path: Path, cli: Cli, golden: Golden) -> None:
    result = cli("compare", path.name)
    golden(path.with_suffix(".txt"), result.err)
    assert result.code == 2
    assert result.out == ""
    assert result.said
    for line in result.err.splitlines():
        assert line.startswith(f"k8s6plan: {path.name}:")
        assert line.isprintable()
    faults = [re.match(r"k8s6plan: [^:]+:(\d+)?", line) for line in result.err.splitlines()]
    lines = [int(fault[1] or 0) for fault in faults if fault]
    assert lines == sorted(lines)
    assert max(lines) <= path.read_bytes().count(b"\n") + 1


@pytest.mark.slow
@pytest.mark.parametrize("path", [p for p in FLEETS if p.stem != OVERLAP], ids=name)
def test_every_command_says_the_same(path: Path, cli: Cli, tmp_path: Path) -> None:
    expected = cli("compare", path.name)
    plan, picture = str(tmp_path / "plan.yaml"), str(tmp_path / "picture.svg")
    commands = [("plan",), ("plan", "-o", plan), ("diagram", "-o", picture)]
    if path.stem not in NOT_FOR_CHECK:
        commands.append(("check",))
    for command in commands:
        assert cli(*command, path.name) == expected, command
    assert [file.name for file in tmp_path.iterdir() if not file.name.startswith(".")] == []


@pytest.mark.parametrize("path", PLANS, ids=name)
def test_a_bad_plan_is_told(path: Path, cli: Cli, golden: Golden) -> None:
    result = cli("check", f"plans/{path.name}")
    golden(path.with_suffix(".txt"), result.err)
    assert (result.code, result.out) == (2, "")
    assert all(line.startswith(f"plans/{path.name}:") for line in result.said)


def test_no_message_speaks_of_the_libraries(faulty: list[Path]) -> None:
    """Nothing of Python, pydantic or the YAML readers shows: they are not the user's matter."""
    strange = re.compile(
        r"pydantic|Traceback|object at|<class|Input should|Value error|function-|None\b|True\b"
        r"|False\b|NoneType|[\[({]'\w"
    )
    for path in faulty:
        assert not strange.search(path.with_suffix(".txt").read_text()), path.stem


@pytest.mark.slow
def test_overlapping_pins(cli: Cli, golden: Golden, tmp_path: Path) -> None:
    said = []
    for code, command, *options in (
        (2, "plan"),
        (2, "plan", "-o", tmp_path / "plan.yaml"),
        (1, "check"),
        (0, "compare"),
        (0, "diagram", "-o", tmp_path / "picture.svg"),
    ):
        result = cli(command, f"{OVERLAP}.yaml", *options)
        assert result.code == code, command
        # In one line, both owners and both prefixes: as a finding on stdout, or else on stderr.
        stream = result.out if command == "check" else result.err
        assert any(
            all(word in line for word in ("10.4.0.0/16 of a", "10.4.128.0/17 of b"))
            for line in stream.splitlines()
        )
        if command in ("plan", "compare"):
            said.append(result.err)
    assert not (tmp_path / "plan.yaml").exists()
    assert said[0] == said[1]
    golden(BAD / f"{OVERLAP}.txt", "".join(said[1:]))


# --- what is odd, and yet right ------------------------------------------------------------------


@pytest.mark.parametrize(
    "text",
    [
        "\ufeff" + HEAD + CLUSTER,
        (HEAD + CLUSTER).replace("\n", "\r\n"),
        "---\n" + HEAD + CLUSTER + "...\n",
        HEAD + "clusters:\n  - &one {name: a, provider: &p aws, region: r}\n"
        "  - {name: b, provider: *p, region: r}\n",
        "# !important [brackets: fd00::\n" + HEAD + CLUSTER,
        HEAD + CLUSTER + "ula_seed: !!str 5\n",
        HEAD + CLUSTER + "ipv6: 2001:db8::/32\n",
        '{"version": 1, "fleet": "shop", "clusters": []}',
        HEAD + "clusters: []\n",
    ],
    ids=["bom", "crlf", "markers", "anchors", "comment", "tag", "bare", "json", "none"],
)
def test_what_is_odd_is_read(text: str, tmp_path: Path, cli: Cli) -> None:
    path = tmp_path / "fleet.yaml"
    path.write_bytes(text.encode())
    assert load(path).fleet == "shop"
    assert cli("compare", path).code == 0


def test_a_tag_runs_nothing(tmp_path: Path, cli: Cli) -> None:
    path, trace = tmp_path / "fleet.yaml", tmp_path / "trace"
    for tag in ("!!python/object/apply:os.system", "!!python/object/new:os.system"):
        path.write_text(f'{HEAD}{CLUSTER}ula_seed: {tag} ["touch {trace}"]\n')
        for command in ("compare", "plan", "check"):
            assert cli(command, path).code == 2
    assert not trace.exists()


def test_crlf_leaves_the_lines_where_they_are(tmp_path: Path, cli: Cli) -> None:
    text = (BAD / "several-faults.yaml").read_bytes().replace(b"\n", b"\r\n")
    path = tmp_path / "several-faults.yaml"
    path.write_bytes(text)
    said = [line.removeprefix(f"{tmp_path}/") for line in cli("compare", path).said]
    assert said == cli("compare", "several-faults.yaml").said


# --- all faults, each once -----------------------------------------------------------------------


def test_a_fault_in_the_defaults_is_told_once() -> None:
    clusters = "".join(f"  - {{name: c{i}, provider: aws, region: r}}\n" for i in range(50))
    text = f"{HEAD}defaults: {{nodes: many, addresses: {{pods: ten}}}}\nclusters:\n{clusters}"
    with pytest.raises(InvalidFleet) as caught:
        parse(text, "f")
    assert [fault.line for fault in caught.value.faults] == [3, 3]


@pytest.mark.slow
def test_thousands_of_faults_are_told_in_seconds() -> None:
    clusters = "".join(
        f"  - {{name: prod-cluster-{i:04}, provider: aws, region: r}}\n" for i in range(5000)
    )
    demands = "".join(f"  - {{from: prd-clstr-{i}, to: all, peak_mbps: 1}}\n" for i in range(500))
    with pytest.raises(InvalidFleet) as caught:
        parse(f"{HEAD}clusters:\n{clusters}demands:\n{demands}", "f")
    assert len(caught.value.faults) == 500
    assert "did you mean" in str(caught.value.faults[0])


def test_faults_come_by_line() -> None:
    faults = [Fault("f", 10, "b"), Fault("f", 9, "c"), Fault("f", 10, "a"), Fault("f", 0, "d")]
    assert [str(fault) for fault in InvalidFleet(faults).faults] == [
        "f: d",
        "f:9: c",
        "f:10: a",
        "f:10: b",
    ]


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("plain", "plain"),
        ("é ok", "é ok"),
        ("a\x1b[31mb", r"a\x1b[31mb"),
        ("a\nb\tc\x07\x00", r"a\nb\tc\x07\x00"),
        ("\u202eabc\u2028\x9b", r"\u202eabc\u2028\x9b"),
        ("\ud800", r"\ud800"),
    ],
)
def test_nothing_steers_the_terminal(text: str, shown: str) -> None:
    assert printable(text) == shown


def test_the_name_of_a_file_does_not_steer_the_terminal_either(cli: Cli) -> None:
    assert cli("compare", "a\x1b[31m.yaml").err.startswith(r"k8s6plan: a\x1b[31m.yaml: no such")


@pytest.mark.parametrize("count", [3, 3000])
def test_the_nearest_name_is_offered(count: int) -> None:
    known = [f"cluster-{i}-of-{j}" for i in range(count) for j in ("aws", "gcp")]
    assert did_you_mean("clusterr-2-of-gpc", known) == '; did you mean "cluster-2-of-gcp"?'
    assert did_you_mean("x" * 100_000, known[:1]) == "; known: cluster-0-of-aws"


def test_few_names_are_compared_letter_by_letter(monkeypatch: pytest.MonkeyPatch) -> None:
    """Difflib takes a tenth of a second for thousands of names."""
    seen: list[int] = []

    def count(_: str, names: list[str], **__: object) -> list[str]:
        seen.append(len(names))
        return []

    monkeypatch.setattr(difflib, "get_close_matches", count)
    did_you_mean("x", [f"cluster-{i}" for i in range(5000)])
    did_you_mean("x", ["a", "b"])
    assert seen == [30, 2]


# --- any file ------------------------------------------------------------------------------------

odd = st.sampled_from(
    [
        *(None, True, 0, -1, 1.5, float("nan"), float("inf"), 10**30),
        *("", "x", "all", "a\nb", "\x1b[31m", "a=b", "x" * 5000, "é"),
        *("10.0.0.1/8", "fd00::/8", "external"),
        *([], [1], [None], {}, {"a": {"b": [1]}}, {1: 2}, {None: 1}, {"<<": 1}),
    ]
)
BASES = [yaml.safe_load(path.read_text()) for path in sorted(EXAMPLES.glob("t*.yaml"))]


def places(data: Any) -> list[tuple[Any, Any]]:
    """Return (container, key) of every part of ``data``."""
    keys = list(data) if isinstance(data, dict) else range(len(data))
    found = [(data, key) for key in keys]
    for key in keys:
        if isinstance(data[key], (dict, list)):
            found += places(data[key])
    return found


@pytest.mark.slow
@settings(max_examples=150, deadline=None)
@given(draw=st.data())
def test_no_file_makes_it_fall_over(draw: st.DataObject) -> None:
    data = copy.deepcopy(draw.draw(st.sampled_from(BASES)))
    for _ in range(draw.draw(st.integers(1, 3))):
        container, key = draw.draw(st.sampled_from(places(data) or [({}, "x")]))
        container[key] = copy.deepcopy(draw.draw(odd))
    text = yaml.safe_dump(data, allow_unicode=True, sort_keys=False)
    at = draw.draw(st.integers(0, len(text)))
    text = text[:at] + draw.draw(st.sampled_from(["", "", "\t", "'", "[", "*a ", "\0"])) + text[at:]
    lines: tuple[str, ...] = ()
    try:
        parse(text, "f")
    except K8s6planError as error:
        lines = error.lines
    for line in lines:
        assert line.startswith("f:")
        assert "Input should" not in line
