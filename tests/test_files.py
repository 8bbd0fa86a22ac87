"""Files that cannot be read or written: one message, exit code 2, and the old file is whole."""

from __future__ import annotations

import errno
import io
import os
import shutil
import signal
import subprocess
import sys
import threading
from pathlib import Path
from typing import Any

import pytest

from k8s6plan.errors import FileRefused
from k8s6plan.io import files
from k8s6plan.io.documents import MAX_BYTES, read_text
from k8s6plan.io.files import is_ours, locked, write
from k8s6plan.io.marks import mark
from tests.conftest import Cli

EXAMPLE = Path(__file__).parent.parent / "examples" / "two-clusters.yaml"
FULL = Path("/dev/full")
needs_full = pytest.mark.skipif(not FULL.exists(), reason="this system has no /dev/full")


@pytest.fixture(autouse=True)
def _in_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    shutil.copy(EXAMPLE, "fleet.yaml")


def left() -> set[str]:
    """Return the files of the folder, but for the locks, which stay."""
    return {path.name for path in Path().iterdir() if not path.name.endswith(".lock")}


def program(*arguments: str, before: str = "") -> list[str]:
    """Return the command that runs the program in a process of its own, after ``before``."""
    code = f"import sys\n{before}\nfrom k8s6plan.cli import main\nmain()"
    return [sys.executable, "-c", code, *arguments]


def environment(**more: str) -> dict[str, str]:
    root = str(EXAMPLE.parents[1])
    return {**os.environ, "PYTHONPATH": root, "COLUMNS": "80", **more}


# --- reading -------------------------------------------------------------------------------------


def test_a_huge_file_is_refused_before_it_is_read(cli: Cli) -> None:
    with Path("big.yaml").open("wb") as stream:
        stream.truncate(300 * 2**20)
    for command in ("compare", "plan", "check"):
        result = cli(command, "big.yaml")
        assert result.code == 2
        assert result.said == [
            "big.yaml: 300 MiB; a file of ours has at most 10 MiB, so this is not one "
            "(10,000 clusters take about 2 MiB)"
        ]


def test_a_device_without_end_is_read_to_the_bound() -> None:
    with pytest.raises(FileRefused, match="at most 10 MiB"):
        read_text(Path("/dev/zero"))


def test_the_bound_itself_is_fine() -> None:
    path = Path("x.yaml")
    path.write_bytes(b"#" * MAX_BYTES)
    assert len(read_text(path)) == MAX_BYTES
    path.write_bytes(b"#" * (MAX_BYTES + 1))
    with pytest.raises(FileRefused):
        read_text(path)


def test_a_pipe_is_read() -> None:
    os.mkfifo("pipe")
    writer = threading.Thread(target=Path("pipe").write_bytes, args=(EXAMPLE.read_bytes(),))
    writer.start()
    assert read_text(Path("pipe")) == EXAMPLE.read_text()
    writer.join()


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (
            ["compare", "nope.yaml"],
            "nope.yaml: no such file; check the name (`k8s6plan init` writes a starter fleet file)",
        ),
        (["check", "."], ".: is a directory; name the YAML file in it"),
        (["compare", ""], ".: is a directory; name the YAML file in it"),
        (["plan", "fleet.yaml/x"], "fleet.yaml/x: cannot be read: Not a directory"),
        (["plan", "x" * 300], f"{'x' * 300}: cannot be read: File name too long"),
    ],
)
def test_what_cannot_be_read(arguments: list[str], said: str, cli: Cli) -> None:
    result = cli(*arguments)
    assert (result.code, result.out, result.said) == (2, "", [said])


@pytest.mark.skipif(os.geteuid() == 0, reason="root may read everything")
def test_an_unreadable_file(cli: Cli) -> None:
    Path("fleet.yaml").chmod(0)
    result = cli("compare")
    assert result.said == ["fleet.yaml: permission denied; make it readable (chmod u+r)"]
    assert result.code == 2


def test_a_refusal_of_the_system(cli: Cli, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: object, **__: object) -> None:
        raise PermissionError(errno.EACCES, "Permission denied")

    monkeypatch.setattr(Path, "open", refuse)
    result = cli("compare")
    assert result.said == ["fleet.yaml: permission denied; make it readable (chmod u+r)"]
    assert result.code == 2


def test_no_fleet_and_no_fleet_yaml(cli: Cli) -> None:
    Path("fleet.yaml").unlink()
    for command in (["compare"], ["plan"], ["check"], ["diagram", "-o", "x.png"]):
        result = cli(*command)
        assert result.code == 2
        assert result.err.startswith("k8s6plan: fleet.yaml: no such file; ")


# --- writing -------------------------------------------------------------------------------------


ENDINGS = {"compare": "md", "plan": "yaml", "diagram": "svg", "schema": "json"}


@pytest.mark.slow
@pytest.mark.parametrize("command", ENDINGS)
def test_where_nothing_can_be_written(command: str, cli: Cli) -> None:
    end = ENDINGS[command]
    Path(f"folder.{end}").mkdir()
    fleet = [] if command == "schema" else ["fleet.yaml"]
    for output, why in (
        (f"none/x.{end}", f"none/x.{end}: there is no folder none; make it first"),
        (f"folder.{end}", f"folder.{end}: is a directory; name a file in it"),
    ):
        result = cli(command, *fleet, "-o", output)
        assert (result.code, result.out, result.said) == (2, "", [why])
    assert left() == {"fleet.yaml", f"folder.{end}"}  # no folder made on the way


@pytest.mark.parametrize("command", ENDINGS)
def test_a_file_of_another_is_left_alone(command: str, cli: Cli) -> None:
    other = Path(f"notes.{ENDINGS[command]}")
    other.write_text("mine: all mine\n")
    fleet = [] if command == "schema" else ["fleet.yaml"]
    result = cli(command, *fleet, "-o", other)
    assert result.code == 2
    assert result.said == [
        f"{other}: exists, and `k8s6plan {command}` did not write it; "
        "choose another name, or overwrite it with --force"
    ]
    assert other.read_text() == "mine: all mine\n"
    assert cli(command, *fleet, "-o", other, "--force").code == 0
    written = other.read_bytes()
    assert written != b"mine: all mine\n"
    assert cli(command, *fleet, "-o", other).code == 0  # now it is its own
    assert other.read_bytes() == written


@pytest.mark.slow
def test_each_command_knows_its_own_files_only(cli: Cli) -> None:
    runs = {
        "compare": [["compare", "-f", form] for form in ("table", "json", "md", "csv")],
        "plan": [["plan"]],
        "schema": [["schema"]],
    }
    for writer, variants in runs.items():
        for variant in variants:
            path = Path("out")
            assert cli(*variant, "-o", path).code == 0
            before = path.read_bytes()
            for command in ("compare", "plan", "schema", "diagram"):
                assert is_ours(path, command) == (command == writer), (variant, command)
            for command in {"compare", "plan", "schema"} - {writer}:
                assert cli(command, "-o", path).code == 2
            assert path.read_bytes() == before
            path.unlink()


def test_init_overwrites_nothing(cli: Cli) -> None:
    result = cli("init", "fleet.yaml")
    assert result.said == ["fleet.yaml: exists; choose another name, or overwrite it with --force"]
    assert result.code == 2
    assert Path("fleet.yaml").read_bytes() == EXAMPLE.read_bytes()
    assert cli("init", "fleet.yaml", "--force").code == 0
    assert cli("compare").code == 0


def test_a_page_that_quotes_a_sheet_is_its_authors() -> None:
    line = mark("compare")
    path = Path("page.md")
    for text in (
        f"# How to\n\nIt ends with\n\n```\n{line}\n```\n\nas you see.\n\nBye.\n",
        f"a\nb\nc\n<!-- {line} -->\nd\ne\nf\n",
        f"I have {line}\n",
        "Written by me\n",
    ):
        path.write_text(text)
        assert not is_ours(path, "compare"), text
    for text in (
        f"# {line}. More\nx: 1\n",
        f"# a remark of the user's\n# and one more\n#\n# again\n# {line}\nx: 1\n",
        f"<!-- {line} -->\n# Title\n",
        "a sheet\n" * 10 + f"\n{line}\n",
        f"# {line.replace('k8s6plan ', 'k8s6plan 9.9.')}\r\nx: 1\r\n",
    ):
        path.write_bytes(text.encode())
        assert is_ours(path, "compare"), text
        assert not is_ours(path, "plan"), text


@needs_full
@pytest.mark.parametrize("command", ["compare", "plan", "schema"])
def test_a_full_device(command: str, cli: Cli) -> None:
    result = cli(command, "-o", FULL)
    assert result.code == 2
    assert result.said == [
        "/dev/full: the disk is full; nothing was changed; make room and try again"
    ]


@pytest.mark.slow
@needs_full
@pytest.mark.parametrize("arguments", [["compare", "-f", "json"], ["plan"], ["check"], ["schema"]])
@pytest.mark.parametrize("unbuffered", ["", "1"])
def test_a_full_stdout(arguments: list[str], unbuffered: str) -> None:
    if arguments == ["check"]:
        Path("fleet.yaml").write_text(OVERLAPPING)
    with FULL.open("wb") as full:
        run = subprocess.run(
            program(*arguments),
            stdout=full,
            stderr=subprocess.PIPE,
            text=True,
            check=False,
            env=environment(PYTHONUNBUFFERED=unbuffered),
        )
    assert run.returncode == 2
    assert run.stderr.splitlines()[-1] == (
        "k8s6plan: stdout: cannot be written: No space left on device; make room, "
        "or send it elsewhere with -o"
    )
    assert "Traceback" not in run.stderr
    assert "Exception ignored" not in run.stderr


OVERLAPPING = """version: 1
fleet: f
clusters:
  - {name: a, provider: p, region: r, addresses: {pods: "10.4.0.0/16"}}
  - {name: b, provider: p, region: q, addresses: {pods: "10.4.0.0/17"}}
"""


@pytest.mark.parametrize("step", ["fsync", "fchmod"])
def test_a_disk_that_fills_up_leaves_the_old_file(
    step: str, cli: Cli, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert cli("plan", "-o", "plan.yaml").code == 0
    before = Path("plan.yaml").read_bytes()
    with Path("fleet.yaml").open("a") as stream:
        stream.write("exclude: ['10.1.0.0/16']\n")

    def full(*_: object) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    for output in ("plan.yaml", "new.yaml"):
        with monkeypatch.context() as patch:
            patch.setattr(os, step, full)
            result = cli("plan", "-o", output)
        assert result.code == 2
        assert result.said == [
            f"{output}: the disk is full; nothing was changed; make room and try again"
        ]
    assert Path("plan.yaml").read_bytes() == before
    assert left() == {"fleet.yaml", "plan.yaml"}


def test_a_write_that_stops_half_way_leaves_the_old_file(monkeypatch: pytest.MonkeyPatch) -> None:
    path = Path("plan.yaml")
    write(path, f"# {mark('plan')}\nold\n".encode(), "plan")
    before = path.read_bytes()

    def stop(*_: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(os, "fsync", stop)
    with pytest.raises(KeyboardInterrupt):
        write(path, b"new", "plan")
    assert path.read_bytes() == before
    assert left() == {"fleet.yaml", "plan.yaml"}


@pytest.mark.slow
def test_ctrl_c_in_the_middle_of_a_write() -> None:
    assert (
        subprocess.run(
            program("plan", "-o", "plan.yaml"), env=environment(), check=False
        ).returncode
        == 0
    )
    before = Path("plan.yaml").read_bytes()
    # The write stands still where the new bytes are in the temporary file and not yet in place.
    pause = (
        "import os, signal, time\n"
        "signal.signal(signal.SIGINT, signal.default_int_handler)\n"
        "def pause(handle):\n"
        "    os.write(1, b'half way')\n"
        "    time.sleep(60)\n"
        "os.fsync = pause"
    )
    command = program("plan", "-o", "plan.yaml", before=pause)
    with subprocess.Popen(
        command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, env=environment()
    ) as run:
        assert run.stdout is not None
        assert run.stdout.read(8) == b"half way"
        assert len(left()) == 3  # the temporary file is there
        run.send_signal(signal.SIGINT)
        _, err = run.communicate(timeout=30)
    assert run.returncode == 130
    assert b"Traceback" not in err
    assert Path("plan.yaml").read_bytes() == before
    assert left() == {"fleet.yaml", "plan.yaml"}


@pytest.mark.slow
@pytest.mark.parametrize("arguments", [["compare", "-f", "json"], ["plan"], ["schema"]])
def test_a_reader_who_leaves_early(arguments: list[str]) -> None:
    with subprocess.Popen(
        program(*arguments), stdout=subprocess.PIPE, stderr=subprocess.PIPE, env=environment()
    ) as run:
        assert run.stdout is not None
        assert run.stderr is not None
        run.stdout.close()  # before the program has written anything
        err = run.stderr.read().decode()
        assert run.wait(timeout=30) == 0
    assert "Traceback" not in err
    assert "BrokenPipe" not in err


def test_a_stdout_that_is_closed(cli: Cli, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "stdout", None)
    result = cli("schema")
    assert result.code == 2
    assert result.said == ["stdout: is closed; send it to a file or a pipe, or use -o"]


def test_a_pipe_takes_more_than_it_holds() -> None:
    os.mkfifo("pipe")
    content = b"x" * 1_000_000
    writer = threading.Thread(target=write, args=(Path("pipe"), content, "plan"))
    writer.start()
    assert Path("pipe").read_bytes() == content
    writer.join()


def test_a_pipe_that_takes_it_in_parts(monkeypatch: pytest.MonkeyPatch) -> None:
    taken: list[bytes] = []

    class Slow(io.RawIOBase):
        def write(self, data: Any) -> int:
            taken.append(bytes(data[:7]))
            return len(taken[-1])

    os.mkfifo("pipe")
    monkeypatch.setattr(Path, "open", lambda *_, **__: Slow())
    write(Path("pipe"), b"more than seven bytes", "plan")
    assert b"".join(taken) == b"more than seven bytes"


def test_a_link_is_followed_and_stays() -> None:
    Path("folder").mkdir()
    Path("link.yaml").symlink_to("folder/plan.yaml")
    write(Path("link.yaml"), b"x", "plan")
    assert Path("link.yaml").is_symlink()
    assert Path("folder/plan.yaml").read_bytes() == b"x"
    Path("loop").symlink_to("loop")
    with pytest.raises(FileRefused, match="loop: "):
        write(Path("loop"), b"x", "plan")


def test_a_file_keeps_its_mode_and_a_new_one_has_the_umask() -> None:
    path = Path("plan.yaml")
    old = os.umask(0o027)
    try:
        write(path, b"x", "plan")
        assert path.stat().st_mode & 0o777 == 0o640
        path.chmod(0o600)
        write(path, b"y", "plan", force=True)
        assert path.stat().st_mode & 0o777 == 0o600
    finally:
        os.umask(old)


def test_the_lock_makes_no_folder_and_names_what_is_wrong() -> None:
    with pytest.raises(FileRefused, match="there is no folder"), locked(Path("none/plan.yaml")):
        pytest.fail("it must not come so far")
    assert not Path("none").exists()
    with pytest.raises(FileRefused, match="too long"), locked(Path("x" * 300)):
        pytest.fail("it must not come so far")


def test_a_lock_that_another_holds(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(files, "_LOCK_SECONDS", 0.1)
    path = Path("plan.yaml")
    with (
        locked(path),
        pytest.raises(FileRefused, match="another run is writing it"),
        locked(path),
    ):
        pytest.fail("it must not come so far")
