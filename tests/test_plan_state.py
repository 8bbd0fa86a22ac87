"""A plan is a state file: what is cut off, changed or merged is seen, named, and repaired."""

from __future__ import annotations

import os
import re
import shutil
import stat
import subprocess
from collections.abc import Iterator
from ipaddress import IPv6Network
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from k8s6plan.addressing.plan import make_plan
from k8s6plan.addressing.plan_file import Plan, from_yaml, to_yaml, verify
from k8s6plan.errors import InvalidPlan, Overlap
from k8s6plan.fleet.file import load as load_file
from k8s6plan.io.documents import Document, dump
from k8s6plan.io.files import backup_of, locked
from tests.conftest import Cli
from tests.plan_files import unsealed
from tests.strategies import load

ROOT = Path(__file__).resolve().parents[1]
EXAMPLE = ROOT / "examples" / "two-clusters.yaml"
MARK = "Written by k8s6plan 0 plan"
FLEET = "version: 1\nfleet: f\nula_seed: s\nclusters:\n"
CLUSTER = "  - {{name: {}, provider: p, region: {}, ipv6: ula, known: false}}\n"


def fleet_text(*names: str) -> str:
    return FLEET + "".join(CLUSTER.format(name, f"r{name}".replace('"', "")) for name in names)


def text_of(example: str) -> str:
    return to_yaml(make_plan(load_file(ROOT / "examples" / f"{example}.yaml"))[0], MARK)


@pytest.fixture(autouse=True)
def _in_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    Path("fleet.yaml").write_text(fleet_text("a", "b"))


def refused(text: str) -> str:
    with pytest.raises(InvalidPlan) as error:
        from_yaml(text, "plan.yaml")
    return str(error.value)


# --- what is not whole ---------------------------------------------------------------------------


@pytest.mark.slow
@pytest.mark.parametrize("example", ["two-clusters", "three-clouds"])
def test_a_plan_cut_off_after_any_line_is_refused(example: str) -> None:
    text = text_of(example)
    lines = text.splitlines(keepends=True)
    from_yaml(text, "plan.yaml")
    for count in range(len(lines)):
        refused("".join(lines[:count]))


def places_of_digits(text: str) -> Iterator[int]:
    """Yield where the digits stand, but for those in comments."""
    for found in re.finditer(r"[0-9]", text):
        line = text.rfind("\n", 0, found.start()) + 1
        if text[line] != "#":
            yield found.start()


@pytest.mark.slow
@pytest.mark.parametrize(("example", "every"), [("two-clusters", 1), ("three-clouds", 13)])
def test_a_plan_with_one_digit_changed_is_refused(example: str, every: int) -> None:
    text = text_of(example)
    places = list(places_of_digits(text))
    assert len(places) > 400
    for at in places[::every]:
        refused(f"{text[:at]}{(int(text[at]) + 1) % 10}{text[at + 1 :]}")


def test_what_is_wrong_has_its_name_and_its_line() -> None:
    text = text_of("two-clusters")
    moved = text.replace('prefix: "10.128.0.0/27"', 'prefix: "10.129.0.0/27"', 1)
    line = moved[: moved.index("  virginia:")].count("\n") + 1
    assert refused(moved) == (
        f"plan.yaml:{line}: cluster virginia is not as it was written; take the file from version "
        "control or its backup, or plan it anew with `k8s6plan plan -o plan.yaml "
        "--renumber virginia`"
    )
    length = text.index("length: ", text.index("sites:"))
    wrong_site = f"{text[:length]}length: 1{text[length + 8 :]}"
    assert "site berlin is not as it was written" in refused(wrong_site)
    assert '"summaries" holds is not as it was written' in refused(
        text.replace('      - "10.0.0.0/27"', '      - "10.0.0.0/26"', 1)
    )
    assert 'is cut off: "sums"' in refused(text[: text.index("sums:")])
    assert '"state" is missing' in refused(re.sub(r"(?m)^state: .*\n", "", text))
    assert "belongs to another plan" in refused(text.replace("{serial: 1,", "{serial: 2,"))
    extra = text.replace("clusters:\n  berlin:", "clusters:\n  bonn: {}\n  berlin:", 1)
    assert "cluster bonn was not written by k8s6plan, or a merge brought it here" in refused(extra)


def test_comments_and_line_ends_are_the_users() -> None:
    text = text_of("two-clusters")
    from_yaml(
        "# ours\n" + text.replace("\n", "\r\n").replace("sums:", "sums:  # sums"), "plan.yaml"
    )


@pytest.mark.parametrize("command", ["plan", "check", "map", "allow", "diff", "capacity"])
def test_every_command_that_reads_a_plan_verifies_it(command: str, cli: Cli) -> None:
    plan = Path("plan.yaml")
    assert cli("plan", "-o", plan).code == 0
    text = plan.read_text()
    plan.write_text(text.replace('"10.0.0.0/28"', '"10.0.1.0/28"', 1))
    arguments: dict[str, list[object]] = {
        "plan": ["-o", plan],
        "check": [plan],
        "map": ["10.0.0.1", "--plan", plan],
        "allow": ["--plan", plan],
        "diff": [plan, plan],
        "capacity": ["--plan", plan],
    }
    result = cli(command, *arguments[command])
    assert (result.code, result.out) == (2, "")
    assert "cluster a is not as it was written" in result.err


def test_an_empty_plan_is_not_planned_anew_in_silence(cli: Cli) -> None:
    Path("plan.yaml").touch()
    result = cli("plan", "-o", "plan.yaml")
    assert (result.code, result.out) == (2, "")
    assert result.said == [
        "plan.yaml: is empty; if a plan stood here, take it from version control or "
        "plan.yaml.backup, else remove the file"
    ]
    assert Path("plan.yaml").read_bytes() == b""


# --- one line of plans ---------------------------------------------------------------------------


def test_serial_counts_changes_and_the_lineage_stays(cli: Cli) -> None:
    plan = Path("plan.yaml")
    stamps = []
    for names in (("a", "b"), ("a", "b"), ("a", "b", "c"), ("a", "b", "c"), ("a", "c")):
        Path("fleet.yaml").write_text(fleet_text(*names))
        assert cli("plan", "-o", plan).code == 0
        stamp = from_yaml(plan.read_text(), "plan.yaml").stamp
        assert stamp is not None
        stamps.append((stamp.serial, stamp.lineage))
    assert [serial for serial, _ in stamps] == [1, 1, 2, 2, 3]
    assert len({lineage for _, lineage in stamps}) == 1
    Path("other.yaml").write_text(fleet_text("a", "x"))
    assert cli("plan", "other.yaml", "-o", "other.plan.yaml").code == 0
    other = from_yaml(Path("other.plan.yaml").read_text(), "").stamp
    assert other is not None
    assert other.lineage != stamps[0][1]


def test_the_line_counts_the_allocations(cli: Cli) -> None:
    assert cli("plan", "-o", "plan.yaml").code == 0
    (line,) = re.findall(r"(?m)^state: .*$", Path("plan.yaml").read_text())
    assert "serial: 1" in line
    assert "allocations: 12" in line


def test_a_plan_of_the_earlier_format_is_read_and_gets_its_line(cli: Cli) -> None:
    plan = Path("plan.yaml")
    assert cli("plan", "-o", plan).code == 0
    whole = plan.read_text()
    plan.write_text(unsealed(whole))
    result = cli("check", plan)
    assert result.code == 0
    assert "plan.yaml: has no `state` line (an earlier format)" in result.err
    assert cli("plan", "-o", plan).code == 0
    assert plan.read_text() == whole


def test_a_plan_of_the_earlier_format_that_is_cut_off_is_refused_where_it_shows() -> None:
    lines = unsealed(text_of("two-clusters")).splitlines(keepends=True)
    last = lines.index("free:\n")
    for count in range(last):
        refused("".join(lines[:count]))


# --- repair --------------------------------------------------------------------------------------


def test_one_cluster_is_planned_anew_and_no_other_moves(cli: Cli) -> None:
    plan = Path("plan.yaml")
    assert cli("plan", "-o", plan).code == 0
    before = from_yaml(plan.read_text(), "")
    result = cli("plan", "-o", plan, "--renumber", "a")
    assert result.code == 0
    assert "6 existing prefixes changed, 6 added" in result.err
    assert "1 cluster renumbered (a)" in result.err
    after = from_yaml(plan.read_text(), "")
    assert prefixes(after, "b") == prefixes(before, "b")
    assert not prefixes(after, "a") & prefixes(before, "a")


def test_a_damaged_cluster_is_planned_anew_and_the_backup_stays_whole(cli: Cli) -> None:
    plan = Path("plan.yaml")
    assert cli("plan", "-o", plan).code == 0
    Path("fleet.yaml").write_text(fleet_text("a", "b", "c"))
    assert cli("plan", "-o", plan).code == 0
    backup = Path("plan.yaml.backup").read_bytes()
    before = from_yaml(plan.read_text(), "")
    text = plan.read_text()
    at = text.index("  a:\n")
    plan.write_text(
        text[:at] + text[at:].replace("source: planned", "source: [x", 1).replace("[x", "x", 1)
    )
    text = plan.read_text()
    plan.write_text(text.replace("summarised: ", "summarised: 1"))  # that is made anew as well
    assert cli("plan", "-o", plan).code == 2
    assert cli("plan", "-o", plan, "--renumber", "b").code == 2  # another one does not help
    result = cli("plan", "-o", plan, "--renumber", "a")
    assert result.code == 0
    after = from_yaml(plan.read_text(), "")
    for name in ("b", "c"):
        assert prefixes(after, name) == prefixes(before, name)
    assert len(prefixes(after, "a")) == 6
    assert Path("plan.yaml.backup").read_bytes() == backup


def prefixes(plan: Plan, name: str) -> set[str]:
    return {
        str(prefix)
        for families in plan.clusters[name].values()
        for allocation in families.values()
        for prefix in allocation.prefixes
    }


def test_who_is_to_be_renumbered_must_be_there(cli: Cli) -> None:
    assert cli("plan", "-o", "plan.yaml").code == 0
    result = cli("plan", "-o", "plan.yaml", "--renumber", "aa")
    assert result.code == 2
    assert 'no cluster "aa" to renumber; ' in result.err


def test_an_assigned_prefix_that_was_wrong_can_be_entered_again() -> None:
    fleet = load(
        {"version": 1, "fleet": "f", "clusters": [{"name": "a", "provider": "aws", "region": "r"}]}
    )

    wrong, right = (IPv6Network(f"2600:1f18:{n}:5600::/56") for n in (1, 2))
    plan, _ = make_plan(fleet, make_plan(fleet)[0], assign={"a": wrong})
    with pytest.raises(InvalidPlan):
        make_plan(fleet, plan, assign={"a": right})
    plan, changes = make_plan(fleet, plan, renumber=["a"], assign={"a": right})
    assert changes.renumbered == ("a",)
    assert plan.sites["a"]["provider"].prefix == right


def test_an_address_held_twice_is_repaired_by_renumbering_one() -> None:
    fleet = load(
        {
            "version": 1,
            "fleet": "f",
            "ula_seed": "s",
            "clusters": [
                {"name": n, "provider": "p", "region": n, "ipv6": "ula"} for n in ("a", "b")
            ],
        }
    )
    plan, _ = make_plan(fleet)
    twice = Plan(**{**vars(plan), "clusters": {**plan.clusters, "b": plan.clusters["a"]}})
    old = from_yaml(to_yaml(twice, MARK), "plan.yaml")
    with pytest.raises(Overlap, match="--renumber NAME"):
        make_plan(fleet, old)
    after, _ = make_plan(fleet, old, renumber=["b"])
    assert after.clusters["a"] == plan.clusters["a"]
    assert not prefixes(after, "a") & prefixes(after, "b")


# --- writing -------------------------------------------------------------------------------------


def test_the_last_plan_is_kept_as_a_backup(cli: Cli) -> None:
    plan, backup = Path("plan.yaml"), Path("plan.yaml.backup")
    assert cli("plan", "-o", plan).code == 0
    assert not backup.exists()
    first = plan.read_bytes()
    plan.chmod(0o600)
    Path("fleet.yaml").write_text(fleet_text("a", "b", "c"))
    for _ in range(2):  # a run that changes nothing keeps the backup as well
        assert cli("plan", "-o", plan).code == 0
        assert backup.read_bytes() == first
        assert stat.S_IMODE(backup.stat().st_mode) == 0o600


def test_a_backup_of_another_is_left_alone(cli: Cli) -> None:
    assert cli("plan", "-o", "plan.yaml").code == 0
    before = Path("plan.yaml").read_bytes()
    Path("plan.yaml.backup").write_text("mine\n")
    Path("fleet.yaml").write_text(fleet_text("a", "b", "c"))
    result = cli("plan", "-o", "plan.yaml")
    assert result.code == 2
    assert result.said == [
        f"{Path('plan.yaml.backup').resolve()}: exists, and is no backup of ours; move it, or "
        "overwrite it with --force"
    ]
    assert Path("plan.yaml").read_bytes() == before
    assert Path("plan.yaml.backup").read_text() == "mine\n"


def test_a_link_is_locked_where_it_leads(cli: Cli) -> None:
    Path("real").mkdir()
    link = Path("link.yaml")
    link.symlink_to("real/plan.yaml")
    assert cli("plan", "-o", link).code == 0
    assert link.is_symlink()
    assert Path("real/.plan.yaml.lock").exists()
    assert not Path(".link.yaml.lock").exists()
    with locked(link):
        from filelock import FileLock, Timeout

        with pytest.raises(Timeout):
            FileLock("real/.plan.yaml.lock", timeout=0).acquire()


def test_what_killed_runs_left_is_cleared(cli: Cli) -> None:
    left = [Path(".plan.yaml.abcd1234.tmp"), Path(".plan.yaml.backup.abcd_234.tmp")]
    others = [
        Path(".plan.yaml.x.abcd1234.tmp"),
        Path(".plan.yaml.tmp"),
        Path("plan.yaml.abcd1234.tmp"),
    ]
    for path in (*left, *others):
        path.touch()
    assert cli("plan", "-o", "plan.yaml").code == 0
    assert not any(path.exists() for path in left)
    assert all(path.exists() for path in others)


def test_what_does_not_read_back_is_not_written(cli: Cli, monkeypatch: pytest.MonkeyPatch) -> None:
    assert cli("plan", "-o", "plan.yaml").code == 0
    before = Path("plan.yaml").read_bytes()
    Path("fleet.yaml").write_text(fleet_text("a", "b", "c"))
    real = to_yaml

    def blind(plan: Plan, written_by: str) -> str:
        return real(plan, written_by).replace("10.0.0.0/28", "10.0.0.16/28")

    monkeypatch.setattr("k8s6plan.addressing.plan_file.to_yaml", blind)
    result = cli("plan", "-o", "plan.yaml")
    assert result.code == 2
    assert "cluster a is not as it was written" in result.err
    assert "nothing was written; please report it" in result.err
    assert Path("plan.yaml").read_bytes() == before


def test_a_disk_that_gives_back_something_else_is_told(
    cli: Cli, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert cli("plan", "-o", "plan.yaml").code == 0
    before = Path("plan.yaml").read_bytes()
    Path("fleet.yaml").write_text(fleet_text("a", "b", "c"))
    real = Path.read_bytes

    def forgetful(path: Path) -> bytes:
        return real(path)[:-1] if path.name.endswith(".tmp") else real(path)

    with monkeypatch.context() as patch:
        patch.setattr(Path, "read_bytes", forgetful)
        result = cli("plan", "-o", "plan.yaml")
    assert result.code == 2
    assert "does not read back as it was written; nothing was changed" in result.err
    assert Path("plan.yaml").read_bytes() == before
    assert not list(Path().glob(".*.tmp"))


NUMBERS = ["0b1", "0o17", "0x1f", "1-000", "1e3", "010", "0", "00", "1", "true", "null", "on", "y"]


def test_names_that_look_like_numbers_stay_names(cli: Cli) -> None:
    Path("fleet.yaml").write_text(fleet_text(*(f'"{name}"' for name in NUMBERS)))
    assert cli("plan", "-o", "plan.yaml").code == 0
    first = Path("plan.yaml").read_bytes()
    assert set(from_yaml(first.decode(), "").clusters) == set(NUMBERS)
    assert cli("plan", "-o", "plan.yaml").code == 0
    assert Path("plan.yaml").read_bytes() == first


@given(text=st.text("0123456789abefoxXOBE_+-.:nulT~", max_size=12))
def test_texts_come_back_as_texts(text: str) -> None:
    """Whatever our reader would take for a number, a truth or a day is in quotes."""
    data = {"k": text, text or "e": [text, {text or "e": text}]}
    assert Document(dump(data), "").data(InvalidPlan) == data


@given(
    data=st.recursive(
        st.integers(-(10**9), 10**9) | st.booleans() | st.none() | st.floats(0, 100),
        lambda inner: (
            st.lists(inner, min_size=1, max_size=3)
            | st.dictionaries(
                st.text("abc0_", min_size=1, max_size=4), inner, min_size=1, max_size=3
            )
        ),
        max_leaves=6,
    )
)
def test_figures_come_back_as_figures(data: object) -> None:
    assert Document(dump({"k": data}), "").data(InvalidPlan) == {"k": data}


def test_a_text_that_is_whole_is_verified() -> None:
    text = text_of("two-clusters")
    verify(text)
    with pytest.raises(InvalidPlan, match="please report it"):
        verify(text.replace('"10.0.0.0/27"', '"10.0.0.0/26"', 1))


# --- merges --------------------------------------------------------------------------------------


def git(*arguments: str) -> subprocess.CompletedProcess[str]:
    env = {
        f"GIT_{role}_{key}": value
        for role in ("AUTHOR", "COMMITTER")
        for key, value in {"NAME": "a", "EMAIL": "a@example.org"}.items()
    }
    git_ = shutil.which("git") or ""
    return subprocess.run(
        [git_, *arguments],
        capture_output=True,
        text=True,
        check=False,
        env={**os.environ, **env, "GIT_CONFIG_GLOBAL": os.devnull, "GIT_CONFIG_NOSYSTEM": "1"},
    )


@pytest.fixture
def branches(cli: Cli) -> None:
    """Two branches of one plan, of which each adds a cluster: both give it the same prefixes."""
    git("init", "-q", "-b", "main")
    Path(".gitignore").write_text(".*.lock\n*.backup\n")
    names = [f"c{number:02d}" for number in range(0, 60, 2)]  # far apart: nothing else conflicts
    Path("fleet.yaml").write_text(fleet_text(*names))
    assert cli("plan", "-o", "plan.yaml").code == 0
    git("add", ".")
    git("commit", "-qm", "one")
    for branch, name in (("one", "c03"), ("other", "c51")):
        git("checkout", "-qb", branch, "main")
        Path("fleet.yaml").write_text(fleet_text(*sorted([*names, name])))
        assert cli("plan", "-o", "plan.yaml").code == 0
        git("commit", "-qam", branch)
    git("checkout", "-q", "one")


@pytest.mark.skipif(shutil.which("git") is None, reason="needs git")
@pytest.mark.slow
@pytest.mark.usefixtures("branches")
@pytest.mark.parametrize("side", ["none", "ours", "theirs"])
def test_two_branches_that_add_a_cluster_each_conflict(side: str, cli: Cli) -> None:
    merge = git("merge", "other", *([] if side == "none" else ["-X", side]))
    if side == "none":
        assert merge.returncode != 0
        assert "CONFLICT (content): Merge conflict in plan.yaml" in merge.stdout
    # Whoever settles it by choosing a side has a file that nobody reads as a plan.
    result = cli("plan", "-o", "plan.yaml")
    assert result.code == 2
    assert re.search("merge", result.err)
    # The way out: the plan of the branch that is merged into, and one run.
    git("checkout", "--ours" if side == "none" else "HEAD~1", "--", "plan.yaml")
    names = sorted([*(f"c{number:02d}" for number in range(0, 60, 2)), "c03", "c51"])
    Path("fleet.yaml").write_text(fleet_text(*names))
    result = cli("plan", "-o", "plan.yaml")
    assert result.code == 0
    assert "1 cluster added (c51)" in result.err


def test_the_backup_stands_beside_the_plan() -> None:
    assert backup_of(Path("x/plan.yaml")) == Path("x/plan.yaml.backup")
