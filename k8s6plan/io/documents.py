"""YAML in and out: bounded, safe, fast, and with the line of every fault.

Reading takes two roads. The fast one (yaml-rs: YAML 1.2 scalars, duplicate keys and alias
bombs refused) gives plain data. Only when something is wrong is the text composed again with
PyYAML, which knows the line of every node. Nothing is ever constructed from a tag.
"""

from __future__ import annotations

import re
import stat
from collections.abc import Iterator, Sequence
from contextlib import suppress
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

from k8s6plan.errors import Fault, FileRefused, InvalidFleet, InvalidInput
from k8s6plan.io.lines import KeyPath, lines_in

if TYPE_CHECKING:
    import yaml

MAX_BYTES = 10 * 1024 * 1024
MAX_PLAN_BYTES = 128 * 1024 * 1024  # a plan says much more of a cluster than a fleet file
MAX_ALIAS_EVENTS = 100_000  # nodes that aliases may stand for, all together

# A plain scalar that a reader would take for an address: "10.0.0.0/8", "fd00::", "2001:db8::/32".
_ADDRESS = r"(?:\d{1,3}(?:\.\d{1,3}){3}|[0-9a-fA-F]{0,4}(?::[0-9a-fA-F.]{0,15}){2,8})(?:/\d{1,3})?"
# One that a reader would take for a number or a day, where the writer wrote a text: "0b1", "0x1f",
# "1_000", "2026-11-27". Of numbers it writes none so.
_DAY = r"\d{4}-\d{1,2}-\d{1,2}(?:[Tt ].*)?"
_AS_NUMBER = rf"(?:[+-]?(?:0[bBoOxX]\w+|(?=[0-9.eE+-]*_)[0-9_.eE+-]+)|{_DAY})"
_PLAIN_AT_END = rf"(?m)(?<=[:-] )(?=[0-9a-fA-F:._+-])({_ADDRESS}|{_AS_NUMBER})$"
_PLAIN_KEY = rf"(?m)^((?: *)(?:- )*)(?=[0-9._+-])({_AS_NUMBER})(?=:$|: )"
_UNQUOTED_ADDRESS = rf"(?<![\w\"':./-])({_ADDRESS})(?![\w\"':./-])"

# What YAML does not allow in a text. A NUL would end it without a word.
_CONTROL = "[^\t\n\r\x20-\x7e\x85\xa0-\ud7ff\ue000-\ufefe\uff00-\ufffd\U00010000-\U0010ffff]"
_ASCII_CONTROL = "[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]"  # the same, of a text without anything else
_SPACES = dict.fromkeys(map(ord, "\t\x85\u2028\u2029"), " ")
_TAG = r"(?<![^\s\[{,:-])![^\s,\]}]*"
_PLAIN_TAGS = frozenset(("str", "int", "float", "bool", "null", "seq", "map"))
_TAG_PREFIX = "tag:yaml.org,2002:"
_LONG_NUMBER = r"(?<!\w)[+-]?[0-9][\w.]{999,}(?!\w)"
_LONG_LINE = 1000

_CONFLICT = r"(?m)^(<{7}|={7}|>{7})( .*)?\r?$"
_PLACE = r"YAML parse error at line (\d+), column (\d+)"
_TOO_DEEP = "nested too deep; write the values out, plainly"
# What the fast reader says, and what to do about it.
_SYNTAX_FIXES = (
    ("tabs disallowed", "a tab indents this line; YAML takes spaces only"),
    ("unclosed bracket", "not valid YAML: {reason}; close it"),
    ("unclosed quote", "not valid YAML: {reason}; close it"),
    (
        "mapping values are not allowed",
        "not valid YAML: {reason}; put the value in quotes, or mend the indentation",
    ),
    (
        "unknown anchor",
        "not valid YAML: this alias (*name) has no anchor (&name) above it; write the value out",
    ),
    ("unexpected character", "not valid YAML: {reason}; put the value in quotes"),
)
_MOST_UNQUOTED = 50  # lines with bare addresses that one run tells


def read_text(path: Path, *, most: int = MAX_BYTES, otherwise: str = "") -> str:
    """Return the text of ``path``. ``otherwise``: what helps where there is no such file.

    Raises:
        FileRefused: it is missing, no regular file, unreadable, not UTF-8, or larger than ``most``
            bytes.

    """
    try:
        info = path.stat()
        if stat.S_ISDIR(info.st_mode):
            raise FileRefused(f"{path}: is a directory; name the YAML file in it")
        if info.st_size > most:
            raise FileRefused(_too_large(path, info.st_size, most))
        # A pipe or a device has no size to check beforehand: never take more than the bound.
        with path.open("rb") as stream:
            raw = stream.read(most + 1)
    except FileNotFoundError:
        help_ = f" ({otherwise})" if otherwise else ""
        raise FileRefused(f"{path}: no such file; check the name{help_}") from None
    except PermissionError:
        raise FileRefused(f"{path}: permission denied; make it readable (chmod u+r)") from None
    except OSError as error:
        raise FileRefused(f"{path}: cannot be read: {error.strerror}") from None
    if len(raw) > most:
        raise FileRefused(_too_large(path, len(raw), most))
    try:
        return raw.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = raw.count(b"\n", 0, error.start) + 1
        raise FileRefused(
            f"{path}:{line}: not UTF-8 text (byte {error.start + 1} of the file); save it as UTF-8"
        ) from None


def _too_large(path: Path, size: int, most: int) -> str:
    return (
        f"{path}: {size / 2**20:,.0f} MiB; a file of ours has at most {most // 2**20} MiB, "
        "so this is not one (10,000 clusters take about 2 MiB)"
    )


def read_again(text: str) -> Any:
    """Return the data of a text that has passed before, byte by byte the same: no check is made."""
    import yaml_rs

    return yaml_rs.loads(text, parse_datetime=False)


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
                nested too deep, a tag, or something else than a mapping on top.

        """
        import yaml_rs

        control = re.search(_ASCII_CONTROL if self.text.isascii() else _CONTROL, self.text)
        if control is not None:
            raise kind(self._control_faults(control.start()))
        # Before anything makes a number of it, which takes minutes.
        if len(max(self.text.split("\n"), key=len)) > _LONG_LINE and (
            long := self._number_faults()
        ):
            raise kind(long)
        limits = yaml_rs.AliasLimits(max_total_replayed_events=MAX_ALIAS_EVENTS)
        try:
            data = yaml_rs.loads(self.text, parse_datetime=False, alias_limits=limits)
        except yaml_rs.YAMLDecodeError as error:
            raise kind(self._syntax_faults(str(error))) from None
        except ValueError:  # a number of more digits than Python reads
            data = None
        except TypeError:  # a key that is a mapping, and holds a list
            raise kind(self._key_faults()) from None
        # Most files hold no "!" at all, and the search is over.
        faults = self._tag_faults() if "!" in self.text and re.search(_TAG, self.text) else []
        if isinstance(data, dict) and not faults:
            return data
        raise kind(faults or self._shape_faults(data, kind))

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

    def lines_of(self, paths: Sequence[KeyPath]) -> dict[KeyPath, int]:
        """Return the line of each of ``paths``, as line_of does.

        The text is read no further than to the last of them, and no nodes are made: of a file with
        thousands of clusters the first few lines are found at once.
        """
        import yaml

        wanted = set(paths)
        found: dict[KeyPath, int] = {}
        if wanted:
            with suppress(yaml.YAMLError, RecursionError):
                for path, line in lines_in(yaml.parse(self.text, Loader=_loader())):
                    if path in wanted:
                        found.setdefault(path, line)
                        if len(found) == len(wanted):
                            break
        return {path: found[path] if path in found else self.line_of(path) for path in paths}

    def scalar_at(self, path: KeyPath) -> str | None:
        """Return the source text of the scalar at ``path``, as the user typed it."""
        node = self._root
        for step in path:
            found = None if node is None else _child(node, step)
            if found is None:
                return None
            node = found[1]
        return str(node.value) if node is not None and isinstance(node.value, str) else None

    def line(self, number: int) -> str:
        """Return the text of line ``number``, from 1; of a line that is not there, nothing."""
        lines = self.text.splitlines()
        return lines[number - 1] if 0 < number <= len(lines) else ""

    def quoted_line(self, line: int) -> str:
        """Return the text of ``line`` with quotes put round every bare address in it."""
        return _quoted(self.line(line)).strip()

    @cached_property
    def _root(self) -> yaml.Node | None:
        """The text as nodes with their lines; None where not even PyYAML can read it.

        What the fast reader takes may be a syntax error for PyYAML: `[fd00::, a]`, a tab, a rare
        line break. With quotes and spaces in their place the lines are the same.
        """
        import yaml

        mended = "\n".join(map(_quoted, self.text.translate(_SPACES).split("\n")))
        for text in (self.text, mended):
            try:
                node: yaml.Node | None = yaml.compose(text, Loader=_loader())
            except (yaml.YAMLError, RecursionError):
                continue
            return node
        return None

    def _control_faults(self, at: int) -> list[Fault]:
        line = self.text.count("\n", 0, at) + 1
        name = f"U+{ord(self.text[at]):04X}"
        return [Fault(self.file, line, f"holds a control character ({name}); remove it")]

    def _key_faults(self) -> list[Fault]:
        """Return a fault for each key that is no word but a mapping or a list."""
        import yaml

        nodes, faults = [self._root], []
        while nodes:
            node = nodes.pop()
            if isinstance(node, yaml.SequenceNode):
                nodes.extend(node.value)
            elif isinstance(node, yaml.MappingNode):
                nodes.extend(value for _, value in node.value)
                lines = [k.start_mark.line + 1 for k, _ in node.value if not _is_scalar(k)]
                message = "a key is a mapping or a list; write a word before the colon"
                faults += [Fault(self.file, line, message) for line in lines]
        return faults or [Fault(self.file, 0, "a key is a mapping or a list; write a word")]

    def _number_faults(self) -> list[Fault]:
        """Return a fault for each number that is longer than any figure of a fleet."""
        return [
            Fault(self.file, number, "holds a number of a thousand digits; write a smaller one")
            for number, line in enumerate(self.text.split("\n"), 1)
            if len(line) > _LONG_LINE and re.search(_LONG_NUMBER, line)
        ]

    def _tag_faults(self) -> list[Fault]:
        """Return a fault for each tag (`!name`): they are for programs that make objects."""
        import yaml

        faults = []
        with suppress(yaml.YAMLError):  # what stands before a syntax error has been looked at
            for event in yaml.parse(self.text, Loader=_loader()):
                tag = str(getattr(event, "tag", None) or "!")
                name = tag.removeprefix(_TAG_PREFIX)
                if tag == "!" or name in _PLAIN_TAGS:
                    continue
                shown = tag if name == tag else f"!!{name}"
                message = f"the tag {shown} is not read; remove it"
                faults.append(Fault(self.file, _line_of_event(event), message))
        return faults

    def _syntax_faults(self, why: str) -> list[Fault]:
        reason = why.splitlines()[-1].strip() if why else "nobody says why"
        place = re.match(_PLACE, why)
        line = int(place[1]) if place else 0
        if why.startswith("alias replay limit"):
            message = "aliases stand for far too much (an alias bomb?); write the values out"
            return [Fault(self.file, self._first_alias(), message)]
        if "recursion limit" in reason:
            return [Fault(self.file, line, _TOO_DEEP)]
        if reason.startswith("duplicate mapping key"):
            return self._double_faults() or [Fault(self.file, line, f"not valid YAML: {reason}")]
        conflict = re.search(_CONFLICT, self.text)
        if conflict is not None:
            line = self.text.count("\n", 0, conflict.start()) + 1
            return [Fault(self.file, line, "a merge conflict is left here; settle it")]
        if "tag" in reason.lower():
            faults = self._tag_faults()
            if faults:
                return faults
        return [*self._address_faults(line, reason)] or [Fault(self.file, line, _advice(reason))]

    def _double_faults(self) -> list[Fault]:
        root = self._root
        faults = []
        for again, first, key in () if root is None else sorted(_duplicates(root)):
            where = f"in line {again}" if first == again else f"in lines {first} and {again}"
            message = f'key "{key}" stands twice, {where}; keep one of them'
            faults.append(Fault(self.file, again, message))
        return faults

    def _address_faults(self, line: int, reason: str) -> Iterator[Fault]:
        """Yield a fault for each bare address at which the reader stops, in one line after another.

        The line gets its quotes and the text is read again, until something else is wrong.
        """
        import yaml_rs

        lines = self.text.split("\n")
        for _ in range(_MOST_UNQUOTED):
            # The reader may stop on the line after the one that misled it.
            for at in (line, line - 1):
                bare = lines[at - 1] if 0 < at <= len(lines) else ""
                if _quoted(bare) != bare:
                    break
            else:
                return
            lines[at - 1] = _quoted(bare)
            message = f"not valid YAML: {reason}; an address needs quotes here"
            yield Fault(self.file, at, f"{message}: {lines[at - 1].strip()}")
            try:
                yaml_rs.loads("\n".join(lines), parse_datetime=False)
            except yaml_rs.YAMLDecodeError as error:
                place = re.match(_PLACE, str(error))
                line, reason = int(place[1]) if place else 0, str(error).splitlines()[-1].strip()
            except ValueError:
                return
            else:
                return

    def _first_alias(self) -> int:
        import yaml

        with suppress(yaml.YAMLError):
            for event in yaml.parse(self.text, Loader=_loader()):
                if isinstance(event, yaml.AliasEvent):
                    return _line_of_event(event)
        return 0

    def _shape_faults(self, data: object, kind: type[InvalidInput]) -> list[Fault]:
        import yaml

        if isinstance(data, list):
            try:
                yaml.compose(self.text, Loader=_loader())
            except yaml.composer.ComposerError as error:
                mark = error.problem_mark
                message = "holds several YAML documents; keep one (no second `---`)"
                return [Fault(self.file, 0 if mark is None else mark.line + 1, message)]
            except (yaml.YAMLError, RecursionError):
                pass  # it has no line then
        if data is None:
            found = "is empty"
        else:
            found = f"has {'a list' if isinstance(data, list) else 'a single value'} on top"
        fix = "it needs `key: value` lines"
        if kind is InvalidFleet:
            fix += "; `k8s6plan init` writes a starter fleet file"
        return [Fault(self.file, 0 if data is None else 1, f"{found}; {fix}")]


def _quoted(line: str) -> str:
    """Return ``line`` with quotes put round every bare address in it, outside its comment."""
    code, hash_mark, comment = line.partition(" #")
    return re.sub(_UNQUOTED_ADDRESS, r'"\1"', code) + hash_mark + comment


def _advice(reason: str) -> str:
    """Return a syntax fault in the reader's words, and what to do about it."""
    for words, advice in _SYNTAX_FIXES:
        if words in reason:
            return advice.format(reason=reason)
    return f"not valid YAML: {reason}; mend this line or the one above it"


def _line_of_event(event: Any) -> int:
    return int(event.start_mark.line) + 1


def _loader() -> Any:
    import yaml

    return getattr(yaml, "CSafeLoader", yaml.SafeLoader)


def _is_scalar(node: yaml.Node) -> bool:
    import yaml

    return isinstance(node, yaml.ScalarNode)


def _child(node: Any, step: str | int) -> tuple[Any, Any] | None:
    """Return (key node or None, value node) of one step down, or None where there is none."""
    if node.id == "mapping":
        for key, value in node.value:
            # A key that is no text is spelled another way here: True is `true`.
            if key.value == (step if isinstance(step, str) else str(step).lower()):
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
    ``2001:10:20:30:40:50:51:52`` for a number and stumble over ``fd00::``, hence the quotes; so do
    ours with ``0b1``.
    """
    import yaml_rs

    body = yaml_rs.dumps(data).removeprefix("---\n")
    body = re.sub(_PLAIN_KEY, r'\1"\2"', body)
    body = re.sub(_PLAIN_AT_END, r'"\1"', body).replace(": ~\n", ": null\n")
    top = "".join(f"# {line}\n" if line else "#\n" for line in header)
    return top + body if body.endswith("\n") else top + body + "\n"
