"""YAML in and out: bounded, safe, fast, and with the line of every fault.

Reading takes two roads. The fast one (yaml-rs: YAML 1.2 scalars, duplicate keys and alias
bombs refused) gives plain data. Only when something is wrong is the text composed again with
PyYAML, which knows the line of every node. Nothing is ever constructed from a tag.
"""

from __future__ import annotations

import re
import stat
from collections.abc import Sequence
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

from k8s6plan.errors import Fault, FileRefused, InvalidInput

if TYPE_CHECKING:
    import yaml

MAX_BYTES = 10 * 1024 * 1024
MAX_ALIAS_EVENTS = 100_000  # nodes that aliases may stand for, all together

KeyPath = tuple[str | int, ...]

# A plain scalar that a reader would take for an address: "10.0.0.0/8", "fd00::", "2001:db8::/32".
_ADDRESS = r"(?:\d{1,3}(?:\.\d{1,3}){3}|[0-9a-fA-F]{0,4}(?::[0-9a-fA-F.]{0,15}){2,8})(?:/\d{1,3})?"
_PLAIN_ADDRESS_AT_END = re.compile(rf"(?<=[:-] )({_ADDRESS})$", re.MULTILINE)
_UNQUOTED_ADDRESS = re.compile(rf"(?<![\w\"':./-])({_ADDRESS})(?![\w\"':./-])")


def read_text(path: Path) -> str:
    """Return the text of ``path``.

    Raises:
        FileRefused: it is missing, no regular file, unreadable, larger than 10 MiB, or not UTF-8.

    """
    try:
        info = path.stat()
        if stat.S_ISDIR(info.st_mode):
            raise FileRefused(f"{path}: is a directory; name the YAML file in it")
        if info.st_size > MAX_BYTES:
            raise FileRefused(_too_large(path, info.st_size))
        # A pipe or a device has no size to check beforehand: never take more than the bound.
        with path.open("rb") as stream:
            raw = stream.read(MAX_BYTES + 1)
    except FileNotFoundError:
        raise FileRefused(
            f"{path}: no such file; `k8s6plan init` writes a starter fleet file"
        ) from None
    except PermissionError:
        raise FileRefused(f"{path}: permission denied; make it readable (chmod u+r)") from None
    except OSError as error:
        raise FileRefused(f"{path}: cannot be read: {error.strerror}") from None
    if len(raw) > MAX_BYTES:
        raise FileRefused(_too_large(path, len(raw)))
    try:
        return raw.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = raw.count(b"\n", 0, error.start) + 1
        raise FileRefused(f"{path}:{line}: not UTF-8 text (byte {error.start})") from None


def _too_large(path: Path, size: int) -> str:
    return (
        f"{path}: {size / 2**20:,.0f} MiB; a file of ours has at most {MAX_BYTES // 2**20} MiB, "
        "so this is not one (10,000 clusters take about 2 MiB)"
    )


class Document:
    """One YAML file: its text, its data, and the line of each part of it."""

    def __init__(self, text: str, file: str) -> None:
        self.text = text
        self.file = file

    def fault(self, path: KeyPath, message: str) -> Fault:
        """Return a fault at the part of the document that ``path`` leads to."""
        return Fault(self.file, self.line_of(path), message)

    def data(self, kind: type[InvalidInput]) -> dict[str, Any]:
        """Return the top-level mapping.

        Raises:
            InvalidInput: (as ``kind``) not YAML, several documents, duplicate keys, an alias bomb,
                nested too deep, or something else than a mapping on top.

        """
        import yaml_rs

        limits = yaml_rs.AliasLimits(max_total_replayed_events=MAX_ALIAS_EVENTS)
        try:
            data = yaml_rs.loads(self.text, parse_datetime=False, alias_limits=limits)
        except yaml_rs.YAMLDecodeError as error:
            raise kind(self._syntax_faults(str(error))) from None
        if isinstance(data, dict):
            return data
        raise kind(self._shape_faults(data))

    def line_of(self, path: KeyPath) -> int:
        """Return the line (from 1) of the deepest node on ``path`` that exists, else 0."""
        node = self._root
        if node is None:
            return 0
        line = node.start_mark.line + 1
        for step in path:
            found = _child(node, step)
            if found is None:
                break
            key, node = found
            line = (key or node).start_mark.line + 1
        return line

    def scalar_at(self, path: KeyPath) -> str | None:
        """Return the source text of the scalar at ``path``, as the user typed it."""
        node = self._root
        for step in path:
            found = None if node is None else _child(node, step)
            if found is None:
                return None
            node = found[1]
        return str(node.value) if node is not None and isinstance(node.value, str) else None

    def quoted_line(self, line: int) -> str:
        """Return the text of ``line`` with quotes put round every bare address in it."""
        lines = self.text.splitlines()
        text = lines[line - 1] if 0 < line <= len(lines) else ""
        code, hash_mark, comment = text.partition(" #")
        return (_UNQUOTED_ADDRESS.sub(r'"\1"', code) + hash_mark + comment).strip()

    @cached_property
    def _root(self) -> yaml.Node | None:
        import yaml

        try:
            node: yaml.Node | None = yaml.compose(self.text, Loader=_loader())
        except (yaml.YAMLError, RecursionError):
            return None
        return node

    def _syntax_faults(self, why: str) -> list[Fault]:
        import yaml

        if "alias" in why or "recursion" in why or "depth" in why:
            bomb = "alias" in why and "anchor" not in why
            what = "aliases stand for far too much (an alias bomb?)" if bomb else "nested too deep"
            if bomb or "recursion" in why or "depth" in why:
                return [Fault(self.file, 0, f"{what}; write the values out, plainly")]
        try:
            root = yaml.compose(self.text, Loader=_loader())
        except yaml.YAMLError as error:
            return [self._marked(error)]
        except RecursionError:
            return [Fault(self.file, 0, "nested too deep; write the values out, plainly")]
        doubles = [] if root is None else sorted(_duplicates(root))
        if doubles:
            return [
                Fault(
                    self.file,
                    again,
                    f'key "{key}" stands twice, in lines {first} and {again}; keep one of them',
                )
                for again, first, key in doubles
            ]
        return [Fault(self.file, 0, f"not valid YAML: {why.splitlines()[-1].strip()}")]

    def _marked(self, error: yaml.YAMLError) -> Fault:
        mark = getattr(error, "problem_mark", None) or getattr(error, "context_mark", None)
        problem = getattr(error, "problem", None) or getattr(error, "context", None) or str(error)
        line = mark.line + 1 if mark is not None else 0
        message = f"not valid YAML: {str(problem).strip()}"
        lines = self.text.splitlines()
        # The scanner may stop on the line after the one that misled it.
        for at in (line, line - 1):
            if 0 < at <= len(lines):
                quoted = self.quoted_line(at)
                if quoted != lines[at - 1].strip():
                    return Fault(
                        self.file, at, f"{message}; an address needs quotes here: {quoted}"
                    )
        if "another document" in message:
            message = "holds several YAML documents; keep one (no second `---`)"
        elif "\\t" in message:
            message = "a tab indents this line; YAML takes spaces only"
        return Fault(self.file, line, message)

    def _shape_faults(self, data: object) -> list[Fault]:
        import yaml

        try:
            yaml.compose(self.text, Loader=_loader())
        except yaml.YAMLError as error:
            return [self._marked(error)]
        if data is None:
            found = "is empty"
        else:
            found = f"has {'a list' if isinstance(data, list) else 'a single value'} on top"
        fix = "it needs `key: value` lines; `k8s6plan init` writes a starter fleet file"
        return [Fault(self.file, 0 if data is None else 1, f"{found}; {fix}")]


def _loader() -> Any:
    import yaml

    return getattr(yaml, "CSafeLoader", yaml.SafeLoader)


def _child(node: Any, step: str | int) -> tuple[Any, Any] | None:
    """Return (key node or None, value node) of one step down, or None where there is none."""
    if node.id == "mapping":
        for key, value in node.value:
            if key.value == str(step):
                return key, value
    elif node.id == "sequence" and isinstance(step, int) and step < len(node.value):
        return None, node.value[step]
    return None


def _duplicates(root: Any) -> set[tuple[int, int, str]]:
    """Return (line, first line, key) of every key that its mapping already has."""
    found, seen, todo = set(), set(), [root]
    while todo:
        node = todo.pop()
        if id(node) in seen or node.id == "scalar":
            continue
        seen.add(id(node))
        if node.id == "sequence":
            todo.extend(node.value)
            continue
        first: dict[str, int] = {}
        for key, value in node.value:
            name, line = str(key.value), key.start_mark.line + 1
            if name in first:
                found.add((line, first[name], name))
            first.setdefault(name, line)
            todo.append(value)
    return found


def dump(data: dict[str, Any], *, header: Sequence[str] = ()) -> str:
    """Return ``data`` as YAML text in the order given, with every address in quotes.

    ``header`` lines stand above it as comments. YAML 1.1 readers take a bare
    ``2001:10:20:30:40:50:51:52`` for a number and stumble over ``fd00::``, hence the quotes.
    """
    import yaml_rs

    body = yaml_rs.dumps(data).removeprefix("---\n")
    body = _PLAIN_ADDRESS_AT_END.sub(r'"\1"', body).replace(": ~\n", ": null\n")
    top = "".join(f"# {line}\n" if line else "#\n" for line in header)
    return top + body if body.endswith("\n") else top + body + "\n"
