"""Writing: a file is written whole or not at all, and never over one that is not ours.

What we write carries a mark that names the command. A command overwrites only what it wrote
itself: `compare -o plan.yaml` must not destroy the lock of an addressing plan.
"""

from __future__ import annotations

import errno
import os
import re
import stat
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from itertools import takewhile
from pathlib import Path

from k8s6plan.errors import FileRefused

_HEAD, _TAIL = 64 * 1024, 4 * 1024
_LOCK_SECONDS = 60
# How pictures begin, and where in them the program is named.
_PICTURES = {
    b"\x89PNG": b"Software\0k8s6plan ",
    b"<?xml": b"<dc:title>k8s6plan ",
    b"<svg": b"<dc:title>k8s6plan ",
    b"%PDF": b"/Creator (k8s6plan ",
}


def is_ours(path: Path, command: str) -> bool:
    """Say whether ``command`` of ours, in any version, wrote the file at ``path``.

    The mark stands at the top or at the end. In the middle it is a quotation: a page that shows
    what we print belongs to its author.
    """
    with path.open("rb") as stream:
        head = stream.read(_HEAD)
        stream.seek(max(len(head), path.stat().st_size - _TAIL))
        text = head + stream.read(_TAIL)
    for start, named in _PICTURES.items():
        if command in ("diagram", "sweep") and text.startswith(start):
            chart = re.search(rb"k8s6plan [\d.]+ sweep", text) is not None
            return named in text and chart == (command == "sweep")
    lines = [line for line in text.decode("utf-8", "replace").splitlines() if line.strip()]
    comments = takewhile(lambda line: line.startswith("#"), lines)
    begin = r"^\W*(?:comment\W+|written_by\W+)?written[ _]by\W{1,6}"
    words = re.compile(rf"{begin}k8s6plan (?:[\d.]\S* )?{re.escape(command)}\b", re.IGNORECASE)
    return any(words.match(line) for line in (*comments, *lines[:3], *lines[-2:]))


def write(
    path: Path, content: bytes, command: str, *, force: bool = False, backup: bool = False
) -> None:
    """Write ``content`` to ``path`` in one step: afterwards there is the old file or the new one.

    ``backup``: what stands there is kept beside it, as ``<name>.backup``, unless nothing changes.

    Raises:
        FileRefused: the folder is missing, ``path`` is a directory or a file that ``command`` did
            not write (unless ``force``), or the disk does not take it.

    """
    try:
        if path.exists() and not stat.S_ISREG(path.stat().st_mode):
            if path.is_dir():
                raise FileRefused(f"{path}: is a directory; name a file in it")
            _write_stream(path, content)
            return
        if path.exists() and not force and path.stat().st_size and not is_ours(path, command):
            raise FileRefused(
                f"{path}: exists, and `k8s6plan {command}` did not write it; "
                "choose another name, or overwrite it with --force"
            )
        target = _target(path)
        if backup:
            _keep(target, content, command, force=force)
        _replace(target, content)
    except FileNotFoundError:
        raise FileRefused(f"{path}: there is no folder {path.parent}; make it first") from None
    except NotADirectoryError:
        raise FileRefused(f"{path}: {path.parent} is no folder") from None
    except OSError as error:
        raise FileRefused(f"{path}: {_reason(error)}") from None


def _keep(path: Path, content: bytes, command: str, *, force: bool) -> None:
    """Copy our file at ``path`` to its backup, if ``content`` is to replace it by another."""
    before = path.read_bytes() if path.exists() else b""
    if not before or before == content or not is_ours(path, command):
        return
    kept = backup_of(path)
    if kept.exists() and not force and not (kept.is_file() and is_ours(kept, command)):
        raise FileRefused(
            f"{kept}: exists, and is no backup of ours; move it, or overwrite it with --force"
        )
    _replace(kept, before, like=path)


def backup_of(path: Path) -> Path:
    """Return where the last version of the file at ``path`` is kept."""
    return path.with_name(f"{path.name}.backup")


def _target(path: Path) -> Path:
    """Return where ``path`` leads to; a link is followed, so that it stays a link.

    Raises:
        FileRefused: it leads back to itself. Python up to 3.12 raises there, later ones do not.

    """
    try:
        target = path.resolve()
    except RuntimeError:
        target = path
    if target.is_symlink():
        raise FileRefused(f"{path}: is a link that leads to itself; remove it")
    return target


@contextmanager
def locked(path: Path) -> Iterator[None]:
    """Keep other runs of ours away from ``path`` between reading and writing it.

    The lock is a file beside it, ``.<name>.lock``, which stays: to remove it would be a race. Of a
    link it stands beside what the link leads to, so that all who get there by any name share it.
    What runs that were killed have left half-written is removed: nobody else is at work.

    Raises:
        FileRefused: another run holds the lock for more than a minute, or the folder is missing.

    """
    from filelock import FileLock, Timeout

    try:
        if path.exists() and not path.is_file():
            lock = None  # a device or a pipe is nobody's plan
        elif not path.parent.is_dir():  # the lock would make it
            raise FileRefused(f"{path}: there is no folder {path.parent}; make it first")
        else:
            target = _target(path)
            lock = FileLock(target.parent / f".{target.name}.lock", timeout=_LOCK_SECONDS)
            lock.acquire()
            _clear(target)
            _clear(backup_of(target))
    except Timeout:
        raise FileRefused(f"{path}: another run is writing it; try again when it is done") from None
    except OSError as error:
        raise FileRefused(f"{path}: {_reason(error)}") from None
    try:
        yield
    finally:
        if lock is not None:
            lock.release()


def _clear(path: Path) -> None:
    """Remove the temporary files of ``path``, as `_replace` names them."""
    ours = re.compile(rf"\.{re.escape(path.name)}\.[a-z0-9_]{{8}}\.tmp")
    for left in path.parent.iterdir():
        if ours.fullmatch(left.name):
            with suppress(OSError):
                left.unlink()


def _write_stream(path: Path, content: bytes) -> None:
    """Write to a device or a pipe, which cannot be replaced."""
    rest = memoryview(content)
    with path.open("wb", buffering=0) as stream:
        while rest:  # a pipe may take it in parts
            rest = rest[stream.write(rest) :]


def _replace(path: Path, content: bytes, *, like: Path | None = None) -> None:
    """Write beside ``path``, read it back, then rename over it: a crash leaves the old file whole.

    The mode is that of the file that was there, or that of ``like``.
    """
    handle, name = tempfile.mkstemp(prefix=f".{path.name}.", suffix=".tmp", dir=path.parent)
    try:
        with os.fdopen(handle, "wb") as stream:
            os.fchmod(stream.fileno(), _mode(like or path))
            stream.write(content)
            stream.flush()
            os.fsync(stream.fileno())
        if Path(name).read_bytes() != content:
            raise FileRefused(f"{path}: does not read back as it was written; nothing was changed")
        Path(name).replace(path)
    except BaseException:  # Ctrl-C included: nothing half-written stays behind
        with suppress(OSError):
            Path(name).unlink()
        raise
    _sync_folder(path.parent)


def _mode(path: Path) -> int:
    """Return the mode of the file that is there, or what the umask leaves of 0666."""
    if path.exists():
        return stat.S_IMODE(path.stat().st_mode)
    umask = os.umask(0)
    os.umask(umask)
    return 0o666 & ~umask


def _sync_folder(folder: Path) -> None:
    """Make the rename last through a power cut, where the system lets us."""
    with suppress(OSError):
        handle = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)


def _reason(error: OSError) -> str:
    if error.errno == errno.ENOSPC:
        return "the disk is full; nothing was changed; make room and try again"
    return f"cannot be written: {error.strerror}; choose another place"
